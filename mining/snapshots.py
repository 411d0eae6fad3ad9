"""Snapshots: what was mined, dated; open as drafts, then sealed and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_value
from artifacts.manifest import FILE_NAME, Manifest, joint_hash
from artifacts.tables import (
    MOST_TEXT_BYTES,
    content_hash,
    in_equal_pieces,
    iter_rows,
    read_aside,
    read_table,
)
from mining.commits import (
    changed_files,
    file_at,
    filling,
    is_there,
    manifest_at,
    read_state,
    steadily,
)
from mining.drafts import DRAFT, KIND, SEALED, Parent, SourceRecord, parent_in, sources_in
from mining.tables import CLOCKS, SCHEMAS, TableRow

FOLDER = "snapshots"
_ID = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Snapshot:
    """A snapshot on disk: its folder and its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Return the id, ``DATE.SOURCE``."""
        return self.manifest.name

    @property
    def is_sealed(self) -> bool:
        """Tell whether the snapshot is closed for good."""
        return bool(self.manifest.facts.get("state") == SEALED)

    @property
    def sources(self) -> list[SourceRecord]:
        """Return the records of its imports, in order; those of its parent are not among them."""
        return sources_in(self.manifest)

    @property
    def parent(self) -> Parent | None:
        """Return the sealed snapshot that it extends, as that was then."""
        return parent_in(self.manifest)

    @property
    def inherited(self) -> list[SourceRecord]:
        """Return the records of the imports that the rows of its parent come from."""
        return [] if self.parent is None else self.parent.sources

    @property
    def rows(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        return {name: counts.kept for name, counts in self.manifest.counts.items()}


@dataclass(frozen=True)
class Verification:
    """What a check of a snapshot found.

    Parameters
    ----------
    n_files
        How many files were checked, the manifest among them.
    problems
        One sentence for each file that is not as it was sealed.
    """

    n_files: int
    problems: tuple[str, ...]


def check_id(snapshot_id: str) -> str:
    """Return ``snapshot_id``; raise `InputError` unless it is ``DATE.SOURCE``."""
    match = _ID.fullmatch(snapshot_id)
    try:
        if match:
            date.fromisoformat(match.group(1))
            return snapshot_id
    except ValueError:
        pass
    raise InputError(
        f"{snapshot_id!r} is not a snapshot id.",
        fix="write DATE.SOURCE, such as 2023-01-18.topics (a real day; a-z, 0-9, - and _)",
    )


def snapshot_folder(workspace: Path, snapshot_id: str) -> Path:
    """Return where the workspace keeps, or would keep, the snapshot."""
    return workspace / FOLDER / check_id(snapshot_id)


def open_snapshot(folder: Path) -> Snapshot:
    """Return the snapshot in ``folder``; raise `ArtifactError` if it is missing or damaged."""
    if not is_there(folder):
        raise ArtifactError(
            f"There is no snapshot {folder.name}.",
            where=str(folder),
            fix="see `opsatlas snapshot list`",
        )
    manifest = read_state(folder)
    if manifest.kind != KIND or manifest.facts.get("state") not in {DRAFT, SEALED}:
        raise ArtifactError("The folder holds no snapshot.", where=str(folder))
    return Snapshot(folder, manifest)


def refuse_changed(snapshot: Snapshot) -> None:
    """Raise `ArtifactError` if files of a sealed snapshot are not those that were sealed."""
    if changed := changed_files(snapshot.folder, snapshot.manifest):
        raise ArtifactError(
            f"Snapshot {snapshot.id} was changed after it was sealed: {', '.join(changed)}.",
            where=str(snapshot.folder),
            fix="restore the files, or import them into a snapshot of another id",
        )


def list_snapshots(workspace: Path) -> list[Snapshot]:
    """Return the snapshots of a workspace, by id."""
    folders = sorted((workspace / FOLDER).glob("[!.]*/"))
    return [open_snapshot(folder) for folder in folders if is_there(folder)]


def load_table(folder: Path, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a table of the snapshot in ``folder``; one that it lacks is empty.

    Parameters
    ----------
    columns
        Those that are wanted, in this order; None: all.

    Raises
    ------
    InputError
        If no snapshot has tables of this name.
    ArtifactError
        If the table is missing though the manifest names it, or damaged.
    """
    if name not in SCHEMAS:
        raise InputError(
            f"There is no table {name!r}.", fix=f"choose one of {', '.join(sorted(SCHEMAS))}"
        )
    file, schema = f"{name}.parquet", SCHEMAS[name]
    open_snapshot(folder)
    wanted = None if columns is None else list(columns)

    def read(manifest: Manifest) -> pa.Table:
        if file not in manifest.files:
            return schema.empty_table().select(wanted or schema.names)
        return read_table(file_at(folder, file), schema, older=True, columns=wanted)

    return steadily(folder, read)


class RowsBeside:
    """The rows of a table by repository, for who goes through another table in the order of keys.

    Parameters
    ----------
    folder
        Of the snapshot.
    name
        Of a table that is sorted by repository, as all are but `disappearances`.
    columns
        Those that are wanted beside ``repo_key``; None: all.
    """

    def __init__(self, folder: Path, name: str, columns: Sequence[str] | None = None) -> None:
        wanted = None if columns is None else ("repo_key", *columns)
        rows = rows_in(folder, name, wanted)
        self._groups = groupby(rows, key=itemgetter("repo_key"))
        self._group = next(self._groups, None)

    def of(self, repo_key: str) -> list[TableRow]:
        """Return the rows of a repository whose key is after those that were asked for before."""
        while self._group is not None and self._group[0] < repo_key:
            self._group = next(self._groups, None)
        if self._group is None or self._group[0] != repo_key:
            return []
        return list(self._group[1])


def rows_in(folder: Path, name: str, columns: Sequence[str] | None = None) -> Iterator[TableRow]:
    """Yield the rows of a table of a sealed snapshot, few at a time; one that it lacks has none.

    Parameters and errors as of `load_table`.
    """
    if f"{name}.parquet" in open_snapshot(folder).manifest.files:
        path = folder / f"{name}.parquet"
        yield from iter_rows(path, SCHEMAS[name], older=True, columns=columns)


def seal(folder: Path) -> Snapshot:
    """Close a draft for good; sealing a sealed snapshot changes nothing.

    Raises
    ------
    ArtifactError
        If the draft is empty, or its files are not those that the imports wrote.
    """
    open_snapshot(folder)  # nothing is made where there is none
    with filling(folder):
        return _sealed(open_snapshot(folder))


def _sealed(snapshot: Snapshot) -> Snapshot:
    folder = snapshot.folder
    if snapshot.is_sealed:
        return snapshot
    if not any(snapshot.rows.values()):
        raise ArtifactError(
            f"Snapshot {snapshot.id} is empty.", where=str(folder), fix="import something first"
        )
    changed = changed_files(folder, snapshot.manifest)
    if changed:
        raise ArtifactError(
            f"The draft was changed outside opsatlas: {', '.join(changed)}.",
            where=str(folder),
            fix="remove what does not belong, or import again into a new draft",
        )
    manifest = snapshot.manifest
    facts = {**manifest.facts, "state": SEALED}
    sealed = manifest.model_copy(update={"facts": facts, "content_hash": _content_hash(folder)})
    facts["seal"] = _seal_hash(sealed)
    sealed.write(folder)
    return Snapshot(folder, sealed)


def verify(folder: Path) -> Verification:
    """Compare every file of a snapshot with what its manifest says; nothing is changed.

    In a sealed snapshot the manifest itself is checked too.
    """
    open_snapshot(folder)
    return steadily(folder, lambda manifest: _verified(Snapshot(folder, manifest)))


def _verified(snapshot: Snapshot) -> Verification:
    folder, manifest = snapshot.folder, snapshot.manifest
    problems = []
    for name in changed_files(folder, manifest):
        if name not in manifest.files:
            problems.append(f"{name} was added")
        elif file_at(folder, name).exists():
            problems.append(f"{name} was changed")
        else:
            problems.append(f"{name} is missing")
    text = manifest_at(folder).read_bytes()
    expected = (manifest.model_dump_json(indent=2) + "\n").encode()
    broken_seal = snapshot.is_sealed and manifest.facts.get("seal") != _seal_hash(manifest)
    if text != expected or broken_seal:
        problems.append(f"{FILE_NAME} was changed")
    elif snapshot.is_sealed and not problems and _content_hash(folder) != manifest.content_hash:
        problems.append("the content hash does not fit the tables")
    return Verification(len(manifest.files) + 1, tuple(problems))


def _content_hash(folder: Path) -> str:
    """Return the joint hash of the tables, fetch times left out."""
    names = [name for name in sorted(SCHEMAS) if (folder / f"{name}.parquet").exists()]
    return joint_hash({name: _table_hash(folder / f"{name}.parquet") for name in names})


def _table_hash(path: Path) -> str:
    table = in_equal_pieces(read_aside(path), large_bytes=MOST_TEXT_BYTES)
    return content_hash(table, leave_out=CLOCKS)


def _seal_hash(manifest: Manifest) -> str:
    """Return the hash of the manifest without its seal."""
    document: dict[str, Any] = manifest.model_dump(mode="json")
    document["facts"].pop("seal", None)
    return hash_value(document)
