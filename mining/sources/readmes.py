"""README texts from folders or JSONL, joined to the repositories of a draft."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.encodings import encoding_of
from artifacts.errors import InputError
from artifacts.files import storage_errors
from artifacts.hashing import hash_bytes, hash_value
from artifacts.manifest import Counts
from artifacts.progress import Progress, SilentProgress
from artifacts.tables import TableBuilder
from artifacts.visible import storable
from mining.columns import README_COLUMNS, ColumnMap, FieldError
from mining.commits import held
from mining.drafts import (
    Draft,
    ImportSummary,
    SourceFile,
    SourceRecord,
    few,
    import_options,
    open_draft,
    source_files,
)
from mining.merging import NAMED_BY, Merged, best_of_each, name_index
from mining.reading import ZERO_BYTE, FileFormat, InputFile, Reject, Rejects, input_files
from mining.records import records
from mining.tables import SCHEMAS, TableRow, full_name_of, repo_key
from mining.values import clean

READMES = "readmes"
MAX_README_CHARACTERS = 1_000_000
"""Longer texts are cut here and marked `truncated`; GitHub's API stops at 1 MB as well."""
MAX_README_BYTES = 1 << 26
"""A larger file is none that people read."""

_SUFFIX_RANK = {".md": 0, ".markdown": 1, ".rst": 2, ".adoc": 3, ".org": 4, ".txt": 5, "": 6}
_LFS_POINTER = re.compile(
    r"\ufeff?\s*version https?://(git-lfs|hawser)\.github\.com/spec/v\d\s"
    r"(.*\n)*?oid \w+:[0-9a-f]+"
)
LFS_REASON = "what is there is a pointer of Git LFS, not its text"


@dataclass
class _ReadmeIntake:
    """The READMEs that were read, and what became of the rest."""

    options: Mapping[str, Any]
    file_format: FileFormat | None
    candidates: TableBuilder = field(default_factory=lambda: TableBuilder(SCHEMAS[READMES]))
    files: list[SourceFile] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    n_read: int = 0
    n_unmatched: int = 0
    replaced: list[str] = field(default_factory=list)

    def refuse(self, file: str, row: int | None, field: str | None, reason: str) -> None:
        self.rejects.items.append(Reject(storable(file), row, field, storable(reason)))

    def pass_over(self, file: str, reason: str) -> None:
        """Refuse a file, or a folder, that was met."""
        self.n_read += 1
        self.refuse(file, None, None, reason)


@dataclass
class ReadmePlace:
    """A repository's folder, OWNER/NAME, or an owner's that is not looked into.

    Attributes
    ----------
    readmes
        In order.
    outside
        Links that lead out of the folder of READMEs: they are not followed.
    """

    folder: Path
    readmes: list[Path] = field(default_factory=list)
    outside: list[Path] = field(default_factory=list)


@held
def import_readmes(
    sources: Sequence[Path],
    draft_folder: Path,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    fetched_at: datetime | None = None,
    file_format: FileFormat | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import READMEs of repositories that the draft already has; others are listed as rejects.

    A repository keeps one README: `README.md` goes before other formats. Bytes that are not UTF-8
    become U+FFFD, and texts above `MAX_README_CHARACTERS` are cut; both are noted.

    Parameters
    ----------
    sources
        Folders that hold `owner/name/README.*`, and tables with `full_name` and `text`.
    draft_folder
        Folder of the draft.
    columns, constants
        In tables, the source column, or the text of every row, by target.
    fetched_at
        When the READMEs were fetched.
    file_format
        How tables are to be read; what it does not say is found out.
    progress
        Where to report to.

    Raises
    ------
    InputError
        If a source holds no READMEs at all or none that can be used, or the draft no repositories.
    ArtifactError
        If the snapshot is sealed.
    """
    draft = open_draft(draft_folder)
    index = _repositories_of(draft)
    intake = _ReadmeIntake(import_options(columns, constants, file_format), file_format)
    with (progress or SilentProgress()).task("Reading READMEs", None, unit="READMEs") as task:
        for row in _all_rows(sources, intake):
            intake.n_read += 1
            task.advance()
            _join(row, index, intake, fetched_at)
    merged = draft.add(READMES, best_of_each(READMES, intake.candidates.finish(), _rank).table)
    return draft.commit(_record(intake, merged), intake.rejects, allow_empty=False)


def _repositories_of(draft: Draft) -> dict[str, str]:
    index = name_index(draft.table("repositories", NAMED_BY))
    if not index:
        raise InputError(
            "The draft has no repositories to join READMEs to.",
            where=str(draft.folder),
            fix="import the repositories first",
        )
    return index


def is_readme_name(name: str) -> bool:
    """Tell whether a file of this name is a README."""
    return name.lower().split(".")[0] == "readme"


def readme_rank(path: str) -> tuple[int, int, str]:
    """Return the place of a README among those of one folder: by format, then length of name."""
    return (_SUFFIX_RANK.get(Path(path).suffix.lower(), len(_SUFFIX_RANK)), len(path), path)


def is_lfs_pointer(text: str) -> bool:
    """Tell whether a text only says where Git LFS keeps the file."""
    return _LFS_POINTER.match(text) is not None


def git_blob_sha(data: bytes) -> str:
    """Return the SHA-1 that git, and so GitHub, gives a file of these bytes."""
    header = f"blob {len(data)}\0".encode()
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()


def _all_rows(sources: Sequence[Path], intake: _ReadmeIntake) -> Iterator[TableRow]:
    folders = sorted({source for source in sources if source.is_dir()})
    tables = input_files([source for source in sources if not source.is_dir()], intake.file_format)
    for folder in folders:
        yield from _folder_rows(folder, intake)
    for file in tables:
        told = intake.options
        mapping = ColumnMap(README_COLUMNS, told.get("columns", {}), told.get("constants", {}))
        yield from _table_rows(file, mapping, intake)
    intake.files.extend(source_files(tables))


def readme_places(folder: Path) -> list[ReadmePlace]:
    """Return the repositories below ``folder`` (OWNER/NAME), each with its READMEs, in order."""
    with storage_errors(folder):
        root = folder.resolve()
        places = []
        for owner in sorted(path for path in folder.iterdir() if path.is_dir()):
            if not _is_within(owner, root):
                places.append(ReadmePlace(owner, outside=[owner]))
                continue
            for repository in sorted(path for path in owner.iterdir() if path.is_dir()):
                place = ReadmePlace(repository)
                within = _is_within(repository, root)
                met = sorted(filter(_is_readme, repository.iterdir())) if within else [repository]
                for path in met:
                    (place.readmes if _is_within(path, root) else place.outside).append(path)
                places.append(place)
        return places


def _is_within(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


def _folder_rows(folder: Path, intake: _ReadmeIntake) -> Iterator[TableRow]:
    """Yield the READMEs below ``folder``, by owner, name and file."""
    hashes: dict[str, str] = {}
    n_bytes = 0
    for place in readme_places(folder):
        name = place.folder.relative_to(folder).as_posix()
        for path in place.outside:
            label = path.relative_to(folder).as_posix()
            intake.pass_over(label, "a link that leads out of the folder: it is not followed")
        if not place.readmes and not place.outside:
            intake.pass_over(name, "there is no README here")
        for path in place.readmes:
            label = f"{name}/{path.name}"
            try:
                if path.stat().st_size > MAX_README_BYTES:
                    intake.pass_over(label, f"it has more than {MAX_README_BYTES >> 20} MiB")
                    continue
                data = path.read_bytes()
            except OSError as error:
                intake.pass_over(label, f"cannot be read: {error.strerror}")
                continue
            hashes[label] = hash_bytes(data)
            n_bytes += len(data)
            text = _text_of(data, label, intake)
            if "\0" in text:
                intake.pass_over(label, ZERO_BYTE)
                continue
            yield {
                "file": label,
                "row": None,
                "full_name": name,
                "path": storable(path.name),
                "sha": git_blob_sha(data),
                "text": text,
            }
    if not hashes:
        raise InputError(
            "No README was found in the folder.",
            where=str(folder),
            fix="arrange the files as OWNER/NAME/README.md; links that leave it are not followed",
        )
    name = storable(folder.name)
    intake.files.append(SourceFile(name=name, sha256=hash_value(hashes), n_bytes=n_bytes))


def _table_rows(file: InputFile, mapping: ColumnMap, intake: _ReadmeIntake) -> Iterator[TableRow]:
    for number, raw in records(file, intake.rejects):
        try:
            row = mapping.row(raw)
            for target in ("full_name", "text"):
                if target not in row:
                    raise FieldError(target, "the value is missing")
        except FieldError as error:
            intake.n_read += 1
            intake.rejects.add(file, number, error.reason, column=error.field)
            continue
        yield {**row, "file": file.label, "row": number}
    if mapping.seen or not intake.rejects.name(file):
        mapping.check(str(file.path), required=("full_name", "text"), command=READMES)


def _is_readme(path: Path) -> bool:
    return path.is_file() and is_readme_name(path.name)


def _text_of(data: bytes, label: str, intake: _ReadmeIntake) -> str:
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        intake.replaced.append(storable(label))
        return data.decode(encoding, "replace")


def _join(
    row: TableRow, index: dict[str, str], intake: _ReadmeIntake, fetched_at: datetime | None
) -> None:
    """Keep the README if the draft has its repository, else list it."""
    file, number = row.pop("file"), row.pop("row")
    try:
        name = full_name_of(row.pop("full_name"))
    except InputError as error:
        intake.refuse(file, number, "full_name", error.what)
        return
    key = index.get(name.lower())
    if key is None:
        intake.n_unmatched += 1
        intake.refuse(file, number, "full_name", f"{name} is not in the draft ({repo_key(name)})")
        return
    text = clean(row["text"])
    if is_lfs_pointer(text):
        intake.refuse(file, number, "text", LFS_REASON)
        return
    row.setdefault("fetched_at", fetched_at)
    intake.candidates.add(
        {
            **row,
            "repo_key": key,
            "text": text[:MAX_README_CHARACTERS],
            "truncated": len(text) > MAX_README_CHARACTERS,
        }
    )


def _rank(row: TableRow) -> tuple[Any, ...]:
    """Order a repository's READMEs: best format, then shortest name (README.md, README.zh.md)."""
    return (readme_rank(row.get("path") or ""), row["text"])


def _record(intake: _ReadmeIntake, merged: Merged) -> SourceRecord:
    n_kept, n_candidates = merged.n_rows, intake.candidates.n_rows
    reasons = {
        "the repository is not in the draft (rejects.jsonl)": intake.n_unmatched,
        "another README of the same repository": n_candidates - n_kept,
        "could not be read (rejects.jsonl)": intake.n_read - intake.n_unmatched - n_candidates,
    }
    cut = merged.table["repo_key"].filter(merged.table["truncated"]).to_pylist()
    notes = []
    if cut:
        notes.append(
            f"READMEs cut at {MAX_README_CHARACTERS:,} characters ({len(cut):,}): {few(cut)}."
        )
    if intake.replaced:
        notes.append(f"READMEs with bytes that are not UTF-8, now U+FFFD: {few(intake.replaced)}.")
    return SourceRecord(
        command=READMES,
        options=dict(intake.options),
        files=intake.files,
        counts={READMES: Counts.of(intake.n_read, n_kept, reasons)},
        n_rejected=len(intake.rejects.items),
        facts={"unmatched": intake.n_unmatched, "truncated": len(cut)},
        notes=[*notes, *intake.rejects.notes()],
    )
