"""The files that a study names for a snapshot, imported into it, and the snapshot sealed."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
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
    import_options,
    source_files,
)
from mining.reading import FileFormat, input_files
from mining.sources import github_search, readmes, tabular
from mining.sources.readmes import readme_places

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """Files of one kind that go into a snapshot.

    Attributes
    ----------
    kind
        What is in them: ``github-search``, ``repositories``, ``issues`` or ``readmes``.
    columns, constants
        Source column by target, and text by target that the files do not say.
    """

    kind: str
    files: Sequence[Path]
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    file_format: FileFormat = field(default_factory=FileFormat)

    def identity(self) -> dict[str, Any]:
        """Return the identity that their import will have (`SourceRecord.identity`).

        Raises
        ------
        InputError
            If a file is missing, empty, or a folder where none is allowed.
        """
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
        importers: dict[str, Callable[..., ImportSummary]] = {
            "repositories": tabular.import_repositories,
            "issues": tabular.import_issues,
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


def import_sources(folder: Path, sources: Sequence[FileSource], *, progress: Progress) -> None:
    """Import what the snapshot in ``folder`` does not hold yet, in this order, and seal it.

    Raises
    ------
    InputError
        If it was made of other files, or no row of the files can be used.
    """
    with filling(folder):
        done = _n_imported(folder, [source.identity() for source in sources])
        _log.info("snapshot %s holds %d of %d sources", folder.name, done, len(sources))
        for source in sources[done:]:
            try:
                summary = source.add_to(folder, progress)
            except NothingKeptError as error:
                if done or not error.rejects.items or any(error.draft.rows.values()):
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


def _n_imported(folder: Path, expected: Sequence[dict[str, object]]) -> int:
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
    if is_whole and imported == expected[: len(imported)]:
        return len(imported)
    state = "is sealed and was" if snapshot.is_sealed else "is a draft and was"
    raise InputError(
        f"Snapshot {snapshot.id} {state} made of other files than the study names.",
        where=str(folder),
        fix="give the study's sources a new snapshot id, or remove the folder if it was made "
        "by mistake",
    )


def _folder_file(folder: Path) -> SourceFile:
    with storage_errors(folder):
        hashes = {
            path.relative_to(folder).as_posix(): hash_file(path)
            for place in readme_places(folder)
            for path in place.readmes
        }
    return SourceFile(name=storable(folder.name), sha256=hash_value(hashes), n_bytes=0)
