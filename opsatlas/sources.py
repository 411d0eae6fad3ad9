"""The files that a study names, imported into the snapshots that it names for them, and sealed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.files import storage_errors
from mining import snapshots
from mining.commits import is_there
from mining.drafts import REJECTS_FILE, NothingKeptError
from opsatlas.study import Source, resolve_all

if TYPE_CHECKING:
    from mining.drafts import ImportSummary
    from opsatlas.pipeline import Pipeline


def import_sources(pipeline: Pipeline, snapshot_id: str, sources: Sequence[Source]) -> None:
    """Import what a snapshot does not hold yet of its sources, in their order, and seal it.

    Raises
    ------
    InputError
        If it was made of other files, or no row of the files can be used.
    """
    folder = snapshots.snapshot_folder(pipeline.workspace, snapshot_id)
    expected = [_identity(pipeline, source) for source in sources]
    done = _imported(folder, expected)
    for source in sources[done:]:
        try:
            summary = _import(pipeline, source, folder)
        except NothingKeptError as error:
            if done or not error.rejects.items or any(error.draft.rows.values()):
                raise
            error.draft.commit(error.record, error.rejects)
            raise InputError(
                f"Snapshot {snapshot_id} is empty: {error.what}",
                where=str(folder / REJECTS_FILE),
                fix="see there what is wrong with each row, and correct the files",
            ) from error
        for note in summary.source.notes:
            pipeline.progress.say(note)
    snapshots.seal(folder)


def _imported(folder: Path, expected: Sequence[dict[str, object]]) -> int:
    """Return how many of the expected imports, in order, the snapshot in ``folder`` holds."""
    if not is_there(folder):
        return 0
    there = snapshots.open_snapshot(folder)
    if not any(there.rows.values()):  # a draft that lists nothing but rejects
        with storage_errors(folder):
            shutil.rmtree(folder)
        return 0
    found = [source.identity() for source in there.sources]
    is_whole = len(found) == len(expected) or not there.is_sealed
    if is_whole and found == expected[: len(found)]:
        return len(found)
    state = "is sealed and was" if there.is_sealed else "is a draft and was"
    raise InputError(
        f"Snapshot {there.id} {state} made of other files than the study names.",
        where=str(folder),
        fix="give the study's sources a new snapshot id, or remove the folder if it was made "
        "by mistake",
    )


def _import(pipeline: Pipeline, source: Source, folder: Path) -> ImportSummary:
    from mining.sources import github_search, readmes, tabular

    files, file_format = _files(pipeline, source), source.file_format
    pipeline.progress.say(f"importing {source.kind} into {source.snapshot}")
    if source.kind == "github-search":
        return github_search.import_github_search(
            files, folder, file_format=file_format, progress=pipeline.progress
        )
    importers: dict[str, Callable[..., ImportSummary]] = {
        "repositories": tabular.import_repositories,
        "issues": tabular.import_issues,
        "readmes": readmes.import_readmes,
    }
    return importers[source.kind](
        files,
        folder,
        columns=source.columns,
        constants=source.constants,
        file_format=file_format,
        allow_empty=False,
        progress=pipeline.progress,
    )


def _identity(pipeline: Pipeline, source: Source) -> dict[str, object]:
    from mining.sources.readmes import import_identity

    return import_identity(
        source.kind,
        _files(pipeline, source),
        columns=source.columns,
        constants=source.constants,
        file_format=source.file_format,
    )


def _files(pipeline: Pipeline, source: Source) -> list[Path]:
    return resolve_all(source.files, pipeline.study_path)
