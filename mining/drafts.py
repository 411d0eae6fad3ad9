"""Drafts: snapshots that imports still fill. Every import enters whole or not at all."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_value
from artifacts.manifest import Counts, Manifest, joint_hash, package_versions
from artifacts.tables import content_hash, gathered, in_equal_pieces, read_aside, write_parquet
from mining.commits import committing, file_at, filling, is_there, read_state
from mining.merging import NAMED_BY, Merged, merge_keyed, merge_repositories, name_index, relinked
from mining.reading import FileFormat, InputFile, Rejects
from mining.tables import CLOCKS, KEYS, LATER, SCHEMAS, TableRow

KIND = "snapshot"
DRAFT = "draft"
SEALED = "sealed"
REJECTS_FILE = "rejects.jsonl"
_SHOWN = 3


class SourceFile(BaseModel):
    """A file that went into a snapshot."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str
    n_bytes: int


class SourceRecord(BaseModel):
    """What one import read, kept and dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    options: dict[str, Any] = Field(default_factory=dict)
    files: list[SourceFile]
    counts: dict[str, Counts]
    n_rejected: int = 0
    ignored_columns: list[str] = Field(default_factory=list)
    facts: dict[str, Any] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)

    def same_input(self, other: SourceRecord) -> bool:
        """Tell whether the other record is of the same command, options and files."""
        return self.identity() == other.identity()

    def identity(self) -> dict[str, Any]:
        """Return what the import's outcome depends on."""
        files = sorted((file.name, file.sha256) for file in self.files)
        return {"command": self.command, "options": self.options, "files": files}


class Parent(BaseModel):
    """The sealed snapshot that another was extended from.

    Attributes
    ----------
    sources
        The imports that its rows come from, those of its own parents first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    snapshot: str
    content_hash: str
    sources: list[SourceRecord]


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, and how many rows each table of the draft has now."""

    snapshot_id: str
    source: SourceRecord
    rows_now: dict[str, int]
    wall_time_s: float


@dataclass(frozen=True)
class _Written:
    """What a commit has written so far: hashes of files and of tables' contents, and rows."""

    files: dict[str, str] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


@dataclass
class Draft:
    """A draft: its tables as they are on disk, and those that were added to since, to be committed.

    A table is read when it is asked for, and its rows are Python's objects only few at a time.

    Attributes
    ----------
    opened
        The manifest that was read; None: there was no such draft.
    stored_in
        The folder whose tables it begins with; None: with none.
    differing
        By table, how many of what was added had other values in the draft already.
    """

    folder: Path
    manifest: Manifest
    opened: Manifest | None = None
    stored_in: Path | None = None
    differing: dict[str, int] = field(default_factory=dict)
    started_at_s: float = field(default_factory=time.perf_counter)
    _tables: dict[str, pa.Table | None] = field(init=False)

    def __post_init__(self) -> None:
        stored = {} if self.stored_in is None else read_state(self.stored_in).files
        self._tables = {name: None for name in SCHEMAS if f"{name}.parquet" in stored}

    @property
    def sources(self) -> list[SourceRecord]:
        """Return the records of the imports that are in the draft."""
        return sources_in(self.manifest)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table with what was added to it, or some of its columns; one not there is empty.

        Raises
        ------
        ArtifactError
            If its file is missing or damaged.
        """
        table, wanted = self._tables.get(name), SCHEMAS[name]
        if columns is not None:
            wanted = pa.schema([wanted.field(column) for column in columns])
        if table is not None:
            return table.select(wanted.names)
        if name not in self._tables or self.stored_in is None:
            return wanted.empty_table()
        path = file_at(self.stored_in, f"{name}.parquet")
        stored = read_aside(path, SCHEMAS[name], older=True, columns=columns)
        return stored.cast(wanted)  # its lists are named otherwise

    def put(self, name: str, table: pa.Table) -> None:
        """Let a table be another."""
        self._tables[name] = table

    def rows_now(self) -> dict[str, int]:
        """Return how many rows each table has that has any."""
        n_rows = {name: self.table(name, KEYS[name]).num_rows for name in self._tables}
        return {name: n for name, n in n_rows.items() if n}

    def add(self, name: str, rows: Iterable[TableRow] | pa.Table) -> Merged:
        """Merge ``rows`` among themselves, then into the draft; return the first of the two."""
        merge = merge_repositories if name == "repositories" else partial(merge_keyed, name)
        own = merge(rows if isinstance(rows, pa.Table) else gathered(rows, SCHEMAS[name]))
        existing = self.table(name)
        self.put(name, own.table)
        if existing.num_rows:
            joined = merge(own.table, existing=existing)
            self.put(name, joined.table)
            self.differing[name] = joined.n_contradicting
        return own

    def commit(
        self,
        record: SourceRecord,
        rejects: Rejects,
        *,
        allow_empty: bool = True,
        advice: str | None = None,
    ) -> ImportSummary:
        """Write the draft with one import more: whole, or the disk stays as it was.

        Raises
        ------
        NothingKeptError
            If no row of the import can be used, unless ``allow_empty``; with ``advice``.
        ArtifactError
            If it was sealed or filled by another since it was opened, without its lock.
        """
        if not allow_empty and not any(counts.kept for counts in record.counts.values()):
            raise NothingKeptError(self, record, rejects, advice)
        notes = [
            f"{n:,} {table} differ from those of an earlier import; the later updated one was "
            "kept; where no time tells, that of this import."
            for table, n in self.differing.items()
            if n
        ]
        record = record.model_copy(update={"notes": [*record.notes, *notes]})
        sources = [s for s in self.sources if not s.same_input(record)] + [record]
        rows_now = self._write(sources, self._rejects_with(record, rejects))
        wall_time_s = time.perf_counter() - self.started_at_s
        return ImportSummary(self.manifest.name, record, rows_now, wall_time_s)

    def _write(self, sources: Sequence[SourceRecord], rejected: bytes) -> dict[str, int]:
        """Write all rows, as filled by these sources; return how many each table has."""
        with filling(self.folder):
            if _there(self.folder) != self.opened:
                raise ArtifactError(
                    f"Snapshot {self.folder.name} was changed while this import was under way.",
                    where=str(self.folder),
                    fix="nothing was written; run the import again",
                )
            self._relink()
            written = _Written()
            with committing(self.folder) as staging:
                for name in self._tables:
                    table = _as_written(name, self.table(name))
                    if not table.num_rows:
                        continue
                    file = f"{name}.parquet"
                    written.files[file] = staging.write(file, partial(write_parquet, table))
                    written.contents[name] = (
                        written.files[file]
                        if set(CLOCKS).isdisjoint(table.column_names)
                        else content_hash(table, leave_out=CLOCKS)
                    )
                    written.rows[name] = table.num_rows
                if rejected:
                    hashed = staging.write(REJECTS_FILE, lambda file: file.write(rejected))
                    written.files[REJECTS_FILE] = hashed
                staging.decide(self._manifest_of(sources, written))
        return written.rows

    def _manifest_of(self, sources: Sequence[SourceRecord], written: _Written) -> Manifest:
        """Return the manifest of a draft that these sources filled."""
        parent = parent_in(self.manifest)
        every = [*(parent.sources if parent else ()), *sources]
        own = [source.identity() for source in sources]
        return self.manifest.model_copy(
            update={
                "packages": package_versions("pyarrow"),
                "facts": {
                    **self.manifest.facts,
                    "state": DRAFT,
                    "sources": [s.model_dump(mode="json") for s in sources],
                },
                "inputs": {file.name: file.sha256 for s in every for file in s.files},
                "key": hash_value([parent.content_hash, own] if parent else own),
                "notes": list(dict.fromkeys(note for s in every for note in s.notes)),
                "counts": _total_counts(every, written.rows),
                "files": dict(sorted(written.files.items())),
                "content_hash": joint_hash(dict(sorted(written.contents.items()))),
            }
        )

    def _relink(self) -> None:
        """Point rows that came before their repository, or before its renaming, to its key."""
        index = name_index(self.table("repositories", NAMED_BY))
        for name in self._tables:
            if name != "repositories":
                repo_keys = relinked(self.table(name, ["repo_key"])["repo_key"], index)
                if repo_keys is not None:
                    table = self.table(name)
                    field = SCHEMAS[name].field("repo_key")
                    at = table.schema.get_field_index("repo_key")
                    self.put(name, merge_keyed(name, table.set_column(at, field, repo_keys)).table)

    def _rejects_with(self, record: SourceRecord, rejects: Rejects) -> bytes:
        """Return the rejects file: what an earlier run of the same import rejected is replaced.

        What an import into the parent rejected stays, though its file may have the same name.
        """
        own = [source for source in self.sources if source.command == record.command]
        names = {f.name for source in own for f in source.files} & {f.name for f in record.files}
        path = self.folder / REJECTS_FILE
        earlier = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        entries = [
            entry
            for entry in map(json.loads, earlier)
            if entry["command"] != record.command or entry["file"] not in names
        ]
        entries.extend({"command": record.command, **vars(item)} for item in rejects.items)
        entries.sort(key=lambda e: (e["command"], e["file"], e["row"] or 0, e["reason"]))
        return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries).encode()


class NothingKeptError(InputError):
    """No row of an import can be used; the draft is as it was."""

    def __init__(
        self, draft: Draft, record: SourceRecord, rejects: Rejects, advice: str | None
    ) -> None:
        self.draft, self.record, self.rejects = draft, record, rejects
        dropped = [drop for counts in record.counts.values() for drop in counts.dropped]
        # No list of rejects is written: the first of them are told here.
        told = [drop for drop in dropped if REJECTS_FILE not in drop.reason]
        lines = [f"{drop.count:,} dropped: {drop.reason}" for drop in told]
        lines += [item.sentence() for item in rejects.items[:_SHOWN]]
        if len(rejects.items) > _SHOWN:
            lines.append(f"and {len(rejects.items) - _SHOWN:,} more")
        names = [file.name for file in record.files]
        super().__init__(
            "\n    ".join(["No row can be used, so nothing is imported.", *lines]),
            where=few(names, _SHOWN),
            fix=advice or "correct the files",
        )


def open_draft(folder: Path) -> Draft:
    """Return the draft in ``folder``, a new one if there is none.

    Whoever fills it holds its lock until it is committed (`mining.commits`).

    Raises
    ------
    ArtifactError
        If the snapshot is sealed or damaged.
    """
    with filling(folder):
        return _opened(folder)


def _opened(folder: Path) -> Draft:
    manifest = _there(folder)
    if manifest is None:
        if folder.exists() and any(folder.iterdir()):
            raise ArtifactError(
                "The folder holds files but no manifest.json.",
                where=str(folder),
                fix="if it was a snapshot, restore that file from a backup; else choose another id",
            )
        return Draft(folder, Manifest(kind=KIND, name=folder.name, facts={"state": DRAFT}))
    if manifest.facts.get("state") == SEALED:
        raise ArtifactError(
            f"Snapshot {folder.name} is sealed: nothing can be added to it.",
            where=str(folder),
            fix="extend it into a new one, and import there: opsatlas snapshot extend "
            f"{folder.name} --into DATE.SOURCE",
        )
    return Draft(folder, manifest, opened=manifest, stored_in=folder)


def begin_draft(folder: Path, parent_folder: Path, parent: Parent, rejected: bytes) -> None:
    """Write a new draft with the rows of a sealed snapshot; the caller holds its lock."""
    manifest = _opened(folder).manifest
    facts = {**manifest.facts, "parent": parent.model_dump(mode="json")}
    manifest = manifest.model_copy(update={"facts": facts})
    Draft(folder, manifest, stored_in=parent_folder)._write([], rejected)


def sources_in(manifest: Manifest) -> list[SourceRecord]:
    """Return the records of the imports of a snapshot, in order, without those of its parent."""
    return [SourceRecord.model_validate(s) for s in manifest.facts.get("sources", [])]


def parent_in(manifest: Manifest) -> Parent | None:
    """Return what a snapshot was extended from, if it was."""
    told = manifest.facts.get("parent")
    return None if told is None else Parent.model_validate(told)


def _there(folder: Path) -> Manifest | None:
    return read_state(folder) if is_there(folder) else None


def refuse_number_clash(draft: Draft, record: SourceRecord, rows: pa.Table) -> None:
    """Refuse rows numbered by us where the draft has other issues of the same repositories."""
    if any(source.same_input(record) for source in draft.sources):
        return
    known = draft.table("issues", ["repo_key"])["repo_key"]
    keys = rows["repo_key"].unique()
    clash = sorted(keys.filter(pc.is_in(keys, value_set=known)).to_pylist())
    if clash:
        raise InputError(
            "The files have no issue numbers, and the draft already has issues of "
            f"{clash[0]}: made-up numbers would mix them.",
            fix="use a snapshot of its own; or, if a column does hold the numbers, say which: "
            "--column number=COLUMN",
        )


def import_options(
    columns: Mapping[str, str] | None,
    constants: Mapping[str, str] | None,
    file_format: FileFormat | None,
) -> dict[str, Any]:
    """Return how the manifest remembers what was told of files beside their names."""
    told = {"columns": dict(columns or {}), "constants": dict(constants or {})}
    given = {name: value for name, value in told.items() if value}
    return given | (file_format.options() if file_format else {})


def source_files(files: Sequence[InputFile]) -> list[SourceFile]:
    """Return how the manifest remembers the files."""
    return [SourceFile(name=f.label, sha256=f.sha256, n_bytes=f.n_bytes) for f in files]


def few(names: Sequence[str], most: int = 5) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _as_written(name: str, table: pa.Table) -> pa.Table:
    """Return a table as it is written: in equal pieces, without later columns that are empty."""
    later = LATER.get(name, ())
    empty = [column for column in later if table[column].null_count == table.num_rows]
    return in_equal_pieces(table.drop_columns(empty))


def _total_counts(
    sources: Sequence[SourceRecord], rows_now: Mapping[str, int]
) -> dict[str, Counts]:
    totals = {}
    for table, kept in rows_now.items():
        counts = [source.counts[table] for source in sources if table in source.counts]
        dropped: Counter[str] = Counter()
        for count in counts:
            dropped.update({drop.reason: drop.count for drop in count.dropped})
        read = sum(count.read for count in counts)
        joined = read - kept - dropped.total()
        if joined > 0:
            dropped["joined with a row of another import"] = joined
        totals[table] = Counts.of(read, kept, dict(sorted(dropped.items())))
    return totals
