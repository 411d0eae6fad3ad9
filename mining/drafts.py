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
from pydantic import BaseModel, ConfigDict, Field

from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_bytes, hash_value
from artifacts.manifest import Counts, Manifest, joint_hash, package_versions
from artifacts.tables import content_hash, read_table, table_from_rows, to_bytes
from mining.commits import commit, filling, is_there, read_state
from mining.merging import Merged, merge_keyed, merge_repositories, name_index, relinked
from mining.reading import FileFormat, InputFile, Rejects
from mining.tables import CLOCKS, LATER, SCHEMAS, TableRow

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


@dataclass
class Draft:
    """A draft in memory: its tables as rows, ready to be added to and then committed.

    Attributes
    ----------
    opened
        The manifest that was read; None: there was no such draft.
    differing
        By table, how many of what was added had other values in the draft already.
    """

    folder: Path
    manifest: Manifest
    rows: dict[str, list[TableRow]] = field(default_factory=dict)
    opened: Manifest | None = None
    differing: dict[str, int] = field(default_factory=dict)
    started_at_s: float = field(default_factory=time.perf_counter)

    @property
    def sources(self) -> list[SourceRecord]:
        """Return the records of the imports that are in the draft."""
        return sources_in(self.manifest)

    def add(self, table: str, rows: Iterable[TableRow]) -> Merged:
        """Merge ``rows`` among themselves, then into the draft; return the first of the two."""
        merge = merge_repositories if table == "repositories" else partial(merge_keyed, table)
        own = merge(rows)
        existing = self.rows.get(table, [])
        self.rows[table] = own.rows
        if existing:
            joined = merge(own.rows, existing=existing)
            self.rows[table], self.differing[table] = joined.rows, joined.n_contradicting
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
        self._relink()
        tables = {name: _table(name, rows) for name, rows in self.rows.items() if rows}
        contents = {f"{name}.parquet": to_bytes(table) for name, table in tables.items()}
        if rejected:
            contents[REJECTS_FILE] = rejected
        rows_now = {name: table.num_rows for name, table in tables.items()}
        manifest = self._manifest_of(sources, tables, contents, rows_now)
        with filling(self.folder):
            if _there(self.folder) != self.opened:
                raise ArtifactError(
                    f"Snapshot {self.folder.name} was changed while this import was under way.",
                    where=str(self.folder),
                    fix="nothing was written; run the import again",
                )
            commit(self.folder, contents, manifest)
        return rows_now

    def _manifest_of(
        self,
        sources: Sequence[SourceRecord],
        tables: Mapping[str, pa.Table],
        contents: Mapping[str, bytes],
        rows_now: Mapping[str, int],
    ) -> Manifest:
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
                "counts": _total_counts(every, rows_now),
                "files": {name: hash_bytes(data) for name, data in sorted(contents.items())},
                "content_hash": joint_hash(
                    {name: content_hash(t, leave_out=CLOCKS) for name, t in sorted(tables.items())}
                ),
            }
        )

    def _relink(self) -> None:
        """Point rows that came before their repository, or before its renaming, to its key."""
        index = name_index(self.rows.get("repositories", []))
        for name, rows in self.rows.items():
            if name != "repositories":
                linked = list(relinked(rows, index))
                if any(new is not old for new, old in zip(linked, rows, strict=True)):
                    self.rows[name] = merge_keyed(name, linked).rows

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
    return Draft(folder, manifest, _rows_in(folder, manifest), opened=manifest)


def begin_draft(folder: Path, parent_folder: Path, parent: Parent, rejected: bytes) -> None:
    """Write a new draft with the rows of a sealed snapshot; the caller holds its lock."""
    draft = _opened(folder)
    facts = {**draft.manifest.facts, "parent": parent.model_dump(mode="json")}
    draft.manifest = draft.manifest.model_copy(update={"facts": facts})
    draft.rows = _rows_in(parent_folder, read_state(parent_folder))
    draft._write([], rejected)


def sources_in(manifest: Manifest) -> list[SourceRecord]:
    """Return the records of the imports of a snapshot, in order, without those of its parent."""
    return [SourceRecord.model_validate(s) for s in manifest.facts.get("sources", [])]


def parent_in(manifest: Manifest) -> Parent | None:
    """Return what a snapshot was extended from, if it was."""
    told = manifest.facts.get("parent")
    return None if told is None else Parent.model_validate(told)


def _rows_in(folder: Path, manifest: Manifest) -> dict[str, list[TableRow]]:
    names = [name for name in SCHEMAS if f"{name}.parquet" in manifest.files]
    return {
        name: read_table(folder / f"{name}.parquet", SCHEMAS[name], older=True).to_pylist()
        for name in names
    }


def _there(folder: Path) -> Manifest | None:
    return read_state(folder) if is_there(folder) else None


def refuse_number_clash(draft: Draft, record: SourceRecord, rows: Sequence[TableRow]) -> None:
    """Refuse rows numbered by us where the draft has other issues of the same repositories."""
    if any(source.same_input(record) for source in draft.sources):
        return
    known = {row["repo_key"] for row in draft.rows.get("issues", [])}
    clash = sorted({row["repo_key"] for row in rows} & known)
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


def _table(name: str, rows: Sequence[TableRow]) -> pa.Table:
    """Return rows as the table that is written."""
    table = table_from_rows(rows, SCHEMAS[name])
    empty = [column for column in LATER.get(name, ()) if table[column].null_count == len(rows)]
    return table.drop_columns(empty) if empty else table


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
