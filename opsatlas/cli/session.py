"""Which study, in which workspace, and by whom: where every command that needs them begins."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from opsatlas.cli.advice import work_in
from opsatlas.cli.console import TerminalProgress

if TYPE_CHECKING:
    from artifacts.progress import Progress
    from opsatlas.pipeline import Pipeline
    from opsatlas.study import Study


def open_study(
    study: str | None, workspace: Path | None, *, progress: Progress | None = None
) -> Pipeline:
    """Return the pipeline of a study as `opsatlas.workspace.open_study` does.

    Parameters
    ----------
    progress
        None: as the terminal shows it.
    """
    from opsatlas import workspace as library

    pipeline = library.open_study(study, workspace, progress or TerminalProgress())
    if study is not None and workspace is None:
        work_in(pipeline.workspace)
    return pipeline


def study_of(study: str | None, workspace: Path | None) -> tuple[Study, Path]:
    """Return a study and the path that its own are meant from; nothing is written.

    Raises
    ------
    ConfigError, InputError
        As `open_study`.
    """
    from opsatlas.study import find_study, read_study

    if study is None:
        pipeline = open_study(None, workspace)
        return pipeline.study, pipeline.study_path
    path = find_study(study)
    return read_study(path), path


def person(by: str | None) -> str:
    """Return who is at work: as given, else as git knows them, else the user of the system.

    Raises
    ------
    InputError
        If nobody is known.
    """
    if by is not None:
        return by
    command = ["git", "config", "user.name"]
    try:
        asked = subprocess.run(command, capture_output=True, check=False, timeout=5)
        if name := asked.stdout.decode("utf-8", "replace").strip():
            return name
    except (OSError, subprocess.TimeoutExpired):
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError("Nobody is known to decide this.", fix="say who: --by NAME") from None
