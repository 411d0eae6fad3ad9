"""The files that a study names for a snapshot, imported into it, and the snapshot sealed."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.errors import ArtifactError, InputError
from artifacts.files import storage_errors
from artifacts.hashing import hash_file, hash_value
from artifacts.progress import Progress
from artifacts.visible import storable
from mining import snapshots
from mining.commits import filling, is_there
from mining.drafts import (
    REJECTS_FILE,
    ImportSummary,
    NothingKeptError,
    SourceFile,
    SourceRecord,
    few,
    import_options,
    source_files,
)
from mining.extending import extend
from mining.reading import FileFormat, input_files
from mining.snapshots import Snapshot
from mining.sources import git, github_search, readmes, tabular
from mining.sources.readmes import readme_places

Identity = dict[str, Any]
"""Of an import: what its outcome depends on (`SourceRecord.identity`)."""
KINDS = ("github-search", "repositories", "issues", "readmes", "histories", "git")
"""What files can be imported as."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """Files of one kind that go into a snapshot.

    Attributes
    ----------
    kind
        What is in them: one of `KINDS`.
    columns, constants
        Source column by target, and text by target that the files do not say.
    observed_at, with_truck_factor
        Of clones: up to when they show their origins, and whether the truck factor is wanted.
    """

    kind: str
    files: Sequence[Path]
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    file_format: FileFormat = field(default_factory=FileFormat)
    observed_at: datetime | None = None
    with_truck_factor: bool = False

    def __post_init__(self) -> None:
        if self.kind != git.GIT and (self.observed_at is not None or self.with_truck_factor):
            raise InputError(
                f"observed_at and truck_factor are told of clones, not of {self.kind}.",
                where=", ".join(map(str, self.files)),
                fix="set them where kind = 'git'; what else is known of histories is a table of "
                "the kind histories",
            )

    def identity(self) -> Identity:
        """Return the identity that their import will have (`SourceRecord.identity`).

        Raises
        ------
        InputError
            If a file is missing, empty, or a folder where none is allowed.
        """
        if self.kind == git.GIT:
            options = git.git_options(self.observed_at, with_truck_factor=self.with_truck_factor)
            clones = git.clone_files(self.files)
            return SourceRecord(
                command=git.GIT, options=options, files=clones, counts={}
            ).identity()
        folders = sorted({f for f in self.files if self.kind == "readmes" and f.is_dir()})
        files = [_folder_file(folder) for folder in folders]
        files += source_files(input_files([path for path in self.files if path not in folders]))
        options = import_options(self.columns, self.constants, self.file_format)
        return SourceRecord(command=self.kind, options=options, files=files, counts={}).identity()

    def add_to(self, folder: Path, progress: Progress) -> ImportSummary:
        """Import the files into the draft in ``folder``."""
        progress.say(f"importing {self.kind} into {folder.name}")
        if self.kind == "github-search":
            return github_search.import_github_search(
                self.files, folder, file_format=self.file_format, progress=progress
            )
        if self.kind == git.GIT:
            return git.import_git(
                self.files,
                folder,
                observed_at=self.observed_at,
                with_truck_factor=self.with_truck_factor,
                progress=progress,
            )
        importers: dict[str, Callable[..., ImportSummary]] = {
            "repositories": tabular.import_repositories,
            "issues": tabular.import_issues,
            "histories": tabular.import_histories,
            "readmes": readmes.import_readmes,
        }
        return importers[self.kind](
            self.files,
            folder,
            columns=self.columns,
            constants=self.constants,
            file_format=self.file_format,
            progress=progress,
        )


def import_sources(
    folder: Path,
    sources: Sequence[FileSource],
    *,
    progress: Progress,
    extends: Path | None = None,
    rebuild: bool = False,
) -> None:
    """Import what the snapshot in ``folder`` does not hold yet, in this order, and seal it.

    Parameters
    ----------
    extends
        Folder of the sealed snapshot that it begins with; None: with nothing.
    rebuild
        Whether a snapshot that was made of other files is made again of these. The old one
        stays until the new one is complete.

    Raises
    ------
    InputError
        If it was made of other files, or no row of the files can be used.
    ArtifactError
        If it is to extend what it does not; or to be rebuilt, and some of its rows come from no
        file.
    """
    expected = [source.identity() for source in sources]
    with filling(folder):
        if not rebuild or not is_there(folder) or _is_of(folder, expected, extends):
            _fill(folder, sources, expected, extends, progress)
            return
        _refuse_to_rebuild(snapshots.open_snapshot(folder))
        with storage_errors(folder), _anew(folder) as fresh:
            _fill(fresh, sources, expected, extends, progress)


def _fill(
    folder: Path,
    sources: Sequence[FileSource],
    expected: Sequence[Identity],
    extends: Path | None,
    progress: Progress,
) -> None:
    if extends is not None:
        extend(extends, folder)
    done = _n_imported(folder, expected, extends)
    _log.info("snapshot %s holds %d of %d sources", folder.name, done, len(sources))
    for source in sources[done:]:
        try:
            summary = source.add_to(folder, progress)
        except NothingKeptError as error:
            if done or not error.rejects.items or error.draft.rows_now():
                raise
            error.draft.commit(error.record, error.rejects)
            raise InputError(
                f"Snapshot {folder.name} is empty: {error.what}",
                where=str(folder / REJECTS_FILE),
                fix="see there what is wrong with each row, and correct the files",
            ) from error
        for note in summary.source.notes:
            progress.say(note)
    snapshots.seal(folder)


def _n_imported(folder: Path, expected: Sequence[Identity], extends: Path | None) -> int:
    """Return how many of the expected imports, in order, the snapshot in ``folder`` holds."""
    if not is_there(folder):
        return 0
    snapshot = snapshots.open_snapshot(folder)
    if not any(snapshot.rows.values()):  # a draft that lists nothing but rejects
        with storage_errors(folder):
            shutil.rmtree(folder)
        return 0
    imported = [source.identity() for source in snapshot.sources]
    is_whole = len(imported) == len(expected) or not snapshot.is_sealed
    is_begun = extends is not None or snapshot.parent is None
    if is_whole and is_begun and imported == expected[: len(imported)]:
        return len(imported)
    state = "is sealed and was" if snapshot.is_sealed else "is a draft and was"
    differences = list(_differences(imported, expected))
    if not is_begun:
        differences.append(f"the snapshot extends {_parent_name(snapshot)}, the study's does not")
    told = "".join(f"\n    {difference}" for difference in differences)
    raise InputError(
        f"Snapshot {snapshot.id} {state} made of other files than the study names.{told}",
        where=str(folder),
        fix=_ways_on(snapshot, is_begun and all(each in expected for each in imported)),
    )


def _ways_on(snapshot: Snapshot, only_more: bool) -> str:
    """Return what can be done where a snapshot was made of other files."""
    if only_more and snapshot.is_sealed:
        first = (
            f"let it grow: give the added [[sources]] a new snapshot id and extends = "
            f'"{snapshot.id}", and name the new id where the study means it'
        )
    else:
        first = "give the study's sources a new snapshot id"
    if not _is_of_files(snapshot):
        return first
    return f"{first}; or have it made anew of its files: opsatlas run --rebuild {snapshot.id}"


def _differences(imported: Sequence[Identity], expected: Sequence[Identity]) -> Iterator[str]:
    """Yield in sentences how the imports of a snapshot differ from those of the study."""
    gone = [each for each in imported if each not in expected]
    new = [each for each in expected if each not in imported]
    for each in new:
        names = [name for name, _ in each["files"]]
        told = f"{each['command']} ({few(names)})"
        alike = [
            one
            for one in gone
            if one["command"] == each["command"] and [name for name, _ in one["files"]] == names
        ]
        if not alike:
            yield f"the study also names {told}"
            continue
        gone.remove(alike[0])
        before = dict(alike[0]["files"])
        if changed := [name for name, sha256 in each["files"] if before[name] != sha256]:
            yield f"other content than was imported: {few(changed)}"
        if alike[0]["options"] != each["options"]:
            yield f"columns, constants or the like are others: {told}"
    for each in gone:
        yield f"the study does not name {each['command']} ({few([n for n, _ in each['files']])})"
    if not gone and not new:
        yield "the study names the same in another order"


def _is_of(folder: Path, expected: Sequence[Identity], extends: Path | None) -> bool:
    """Tell whether a snapshot is of these imports, or a draft with the first of them."""
    snapshot = snapshots.open_snapshot(folder)
    imported = [source.identity() for source in snapshot.sources]
    wanted = expected if snapshot.is_sealed else expected[: len(imported)]
    parent = snapshot.parent
    if extends is None or parent is None:
        return imported == wanted and extends is None and parent is None
    there = snapshots.open_snapshot(extends)
    is_same = (parent.snapshot, parent.content_hash) == (there.id, there.manifest.content_hash)
    return imported == wanted and is_same


def _is_of_files(snapshot: Snapshot) -> bool:
    return all(source.command in KINDS for source in snapshot.sources)


def _refuse_to_rebuild(snapshot: Snapshot) -> None:
    """Refuse to rebuild a snapshot that was mined, or that another snapshot extends."""
    if not _is_of_files(snapshot):
        raise ArtifactError(
            f"Snapshot {snapshot.id} was mined: it cannot be made anew of files.",
            where=str(snapshot.folder),
            fix=f"extend it: opsatlas snapshot extend {snapshot.id} --into DATE.SOURCE",
        )
    for other in snapshots.list_snapshots(snapshot.folder.parent.parent):
        if other.parent is not None and other.parent.snapshot == snapshot.id:
            raise ArtifactError(
                f"Snapshot {other.id} extends {snapshot.id}, as that is now.",
                where=str(other.folder),
                fix=f"give the study's sources of {snapshot.id} a new snapshot id; or remove "
                f"{other.id} first, if it can be made again",
            )


@contextmanager
def _anew(folder: Path) -> Iterator[Path]:
    """Let a snapshot be made beside its place, and move it there once it is complete.

    What a killed process leaves is removed with other leftovers (`artifacts.files`). If it was
    killed between the two moves, the next run makes the snapshot again: its files are there.
    """
    building = folder.parent / f".{folder.name}.building"
    try:
        yield building / folder.name
        try:
            folder.rename(building / "before")
            (building / folder.name).rename(folder)
        except BaseException:
            if not folder.exists():
                (building / "before").rename(folder)
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _parent_name(snapshot: Snapshot) -> str:
    return "none" if snapshot.parent is None else snapshot.parent.snapshot


def _folder_file(folder: Path) -> SourceFile:
    with storage_errors(folder):
        hashes = {
            path.relative_to(folder).as_posix(): hash_file(path)
            for place in readme_places(folder)
            for path in place.readmes
        }
    return SourceFile(name=storable(folder.name), sha256=hash_value(hashes), n_bytes=0)
