"""README texts from folders or JSONL, joined to the repositories of a draft."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.files import storage_errors
from artifacts.hashing import hash_bytes, hash_value
from artifacts.manifest import Counts, Dropped
from artifacts.progress import Progress, SilentProgress
from mining.columns import README_COLUMNS, ColumnMap, FieldError
from mining.drafts import ImportSummary, SourceFile, SourceRecord, open_draft, source_files
from mining.merging import Merged, name_index
from mining.reading import InputFile, Reject, Rejects, input_files
from mining.records import records
from mining.tables import Row, full_name_of, repo_key
from mining.values import clean

READMES = "readmes"
MAX_README_CHARACTERS = 1_000_000
"""Longer texts are cut here and marked `truncated`; GitHub's API stops at 1 MB as well."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SUFFIX_RANK = {".md": 0, ".markdown": 1, ".rst": 2, ".adoc": 3, ".org": 4, ".txt": 5, "": 6}


@dataclass
class _Found:
    """The READMEs that were read, and what became of the rest."""

    candidates: list[Row] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    n_read: int = 0
    n_unmatched: int = 0
    replaced: list[str] = field(default_factory=list)

    def refuse(self, file: str, row: int | None, field: str | None, reason: str) -> None:
        self.rejects.items.append(Reject(file, row, field, reason))


def import_readmes(
    sources: Sequence[Path],
    draft_folder: Path,
    *,
    fetched_at: datetime | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import READMEs of repositories that the draft already has; others are listed as rejects.

    A repository keeps one README: `README.md` goes before other formats. Bytes that are not UTF-8
    become U+FFFD, and texts above `MAX_README_CHARACTERS` are cut; both are noted.

    Parameters
    ----------
    sources
        Folders that hold `owner/name/README.*`, and JSONL, CSV or Parquet files with `full_name`
        and `text`.
    draft_folder
        Folder of the draft.
    fetched_at
        When the READMEs were fetched.
    progress
        Where to report to.

    Raises
    ------
    InputError
        If a source holds no READMEs at all, or the draft no repositories.
    ArtifactError
        If the snapshot is sealed.
    """
    draft = open_draft(draft_folder)
    index = name_index(draft.rows.get("repositories", []))
    if not index:
        raise InputError(
            "The draft has no repositories to join READMEs to.",
            where=str(draft_folder),
            fix="import the repositories first",
        )
    found = _Found()
    with (progress or SilentProgress()).task("Reading READMEs", None, unit="READMEs") as task:
        for row in _all_rows(sources, found):
            found.n_read += 1
            task.advance()
            _join(row, index, found, fetched_at)
    chosen = _best_of_each(found.candidates)
    merged = draft.add(READMES, chosen)
    return draft.commit(_record(found, merged), found.rejects)


def is_readme_name(name: str) -> bool:
    """Tell whether a file of this name is a README."""
    return name.lower().split(".")[0] == "readme"


def readme_rank(path: str) -> tuple[int, int, str]:
    """Return the place of a README among those of one folder: by format, then length of name."""
    return (_SUFFIX_RANK.get(Path(path).suffix.lower(), len(_SUFFIX_RANK)), len(path), path)


def git_blob_sha(data: bytes) -> str:
    """Return the SHA-1 that git, and so GitHub, gives a file of these bytes."""
    header = f"blob {len(data)}\0".encode()
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()


def _all_rows(sources: Sequence[Path], found: _Found) -> Iterator[Row]:
    folders = sorted({source for source in sources if source.is_dir()})
    tables = input_files([source for source in sources if not source.is_dir()])
    for folder in folders:
        yield from _folder_rows(folder, found)
    for file in tables:
        yield from _table_rows(file, found)
    found.files.extend(source_files(tables))


def readme_paths(folder: Path) -> list[tuple[Path, list[Path]]]:
    """Return the repositories below ``folder`` (OWNER/NAME), each with its READMEs, in order."""
    with storage_errors(folder):
        repositories = sorted(path for path in folder.glob("*/*") if path.is_dir())
        return [(each, sorted(p for p in each.iterdir() if _is_readme(p))) for each in repositories]


def _folder_rows(folder: Path, found: _Found) -> Iterator[Row]:
    """Yield the READMEs below ``folder``, by owner, name and file."""
    hashes: dict[str, str] = {}
    n_bytes = 0
    for repository, paths in readme_paths(folder):
        name = repository.relative_to(folder).as_posix()
        if not paths:
            found.n_read += 1
            found.refuse(name, None, None, "there is no README here")
        for path in paths:
            label = f"{name}/{path.name}"
            try:
                data = path.read_bytes()
            except OSError as error:
                found.n_read += 1
                found.refuse(label, None, None, f"cannot be read: {error.strerror}")
                continue
            hashes[label] = hash_bytes(data)
            n_bytes += len(data)
            yield {
                "file": label,
                "row": None,
                "full_name": name,
                "path": path.name,
                "sha": git_blob_sha(data),
                "text": _text_of(data, label, found),
            }
    if not hashes:
        raise InputError(
            "No README was found in the folder.",
            where=str(folder),
            fix="arrange the files as OWNER/NAME/README.md",
        )
    found.files.append(SourceFile(name=folder.name, sha256=hash_value(hashes), n_bytes=n_bytes))


def _table_rows(file: InputFile, found: _Found) -> Iterator[Row]:
    mapping = ColumnMap(README_COLUMNS)
    for number, raw in records(file, found.rejects):
        try:
            row = mapping.row(raw)
            for target in ("full_name", "text"):
                if target not in row:
                    raise FieldError(target, "the value is missing")
        except FieldError as error:
            found.n_read += 1
            found.rejects.add(file, number, error.reason, column=error.field)
            continue
        yield {**row, "file": file.label, "row": number}
    if mapping.seen or not found.rejects.name(file):
        mapping.check(str(file.path), required=("full_name", "text"))


def _is_readme(path: Path) -> bool:
    return path.is_file() and is_readme_name(path.name)


def _text_of(data: bytes, label: str, found: _Found) -> str:
    encoding = "utf-16" if data.startswith(_UTF16_MARKS) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        found.replaced.append(label)
        return data.decode(encoding, "replace")


def _join(row: Row, index: dict[str, str], found: _Found, fetched_at: datetime | None) -> None:
    """Keep the README if the draft has its repository, else list it."""
    file, number = row.pop("file"), row.pop("row")
    try:
        name = full_name_of(row.pop("full_name"))
    except InputError as error:
        found.refuse(file, number, "full_name", error.what)
        return
    key = index.get(name.lower())
    if key is None:
        found.n_unmatched += 1
        found.refuse(file, number, "full_name", f"{name} is not in the draft ({repo_key(name)})")
        return
    text = clean(row["text"])
    row.setdefault("fetched_at", fetched_at)
    found.candidates.append(
        {
            **row,
            "repo_key": key,
            "text": text[:MAX_README_CHARACTERS],
            "truncated": len(text) > MAX_README_CHARACTERS,
        }
    )


def _best_of_each(candidates: Sequence[Row]) -> list[Row]:
    """Return one README a repository: best format, then shortest name (README.md, README.zh.md)."""

    def rank(row: Row) -> tuple[Any, ...]:
        return (readme_rank(row.get("path") or ""), row["text"])

    best: dict[str, Row] = {}
    for row in sorted(candidates, key=rank):
        best.setdefault(row["repo_key"], row)
    return list(best.values())


def _record(found: _Found, merged: Merged) -> SourceRecord:
    n_kept = len(merged.rows)
    reasons = {
        "the repository is not in the draft (rejects.jsonl)": found.n_unmatched,
        "another README of the same repository": len(found.candidates) - n_kept,
        "could not be read (rejects.jsonl)": (
            found.n_read - found.n_unmatched - len(found.candidates)
        ),
    }
    cut = sorted(row["repo_key"] for row in merged.rows if row["truncated"])
    notes = []
    if cut:
        notes.append(
            f"READMEs cut at {MAX_README_CHARACTERS:,} characters ({len(cut):,}): {_few(cut)}."
        )
    if found.replaced:
        notes.append(f"READMEs with bytes that are not UTF-8, now U+FFFD: {_few(found.replaced)}.")
    dropped = [Dropped(reason=reason, count=n) for reason, n in reasons.items() if n]
    return SourceRecord(
        command=READMES,
        files=found.files,
        counts={READMES: Counts(read=found.n_read, kept=n_kept, dropped=dropped)},
        n_rejected=len(found.rejects.items),
        facts={"unmatched": found.n_unmatched, "truncated": len(cut)},
        notes=[*notes, *found.rejects.notes()],
    )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
