"""Which study, in which workspace, and by whom: where every command that needs them begins."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.visible import restored, visible
from opsatlas.cli.advice import work_in
from opsatlas.cli.console import TerminalProgress
from opsatlas.workspace import STUDY_FILE, open_workspace

if TYPE_CHECKING:
    from artifacts.progress import Progress
    from opsatlas.pipeline import Pipeline
    from opsatlas.study import Study

ORIGIN = "# The study that was run here last. Relative paths in it are meant from: "


def open_study(
    study: str | None, workspace: Path | None, *, progress: Progress | None = None
) -> Pipeline:
    """Return the pipeline of a study, ready to run.

    Parameters
    ----------
    study
        A study file or the name of a shipped one; it is remembered in the workspace. None: the one
        that the workspace remembers.
    workspace
        The folder given with ``-w``. None: for a study that is given, ``atlas-NAME`` in the
        current folder; else the nearest parent folder with a ``study.toml``.
    progress
        None: as the terminal shows it.

    Raises
    ------
    ConfigError
        If the study file cannot be used.
    InputError
        If there is no workspace, or no study in it.
    """
    from opsatlas.pipeline import Pipeline
    from opsatlas.study import find_study, read_study

    progress = progress or TerminalProgress()
    if study is None:
        folder = open_workspace(workspace)
        remembered = folder / STUDY_FILE
        if not remembered.exists():
            raise InputError(
                "The workspace has no study yet.",
                where=str(remembered),
                fix="name the study once: `opsatlas run mlops`, or `opsatlas run FILE` with one of "
                "yours (`opsatlas init` writes one)",
            )
        return Pipeline(folder, read_study(remembered), _origin(remembered), progress)
    path = find_study(study)
    settings = read_study(path)
    workspace = work_in(workspace or Path(f"atlas-{settings.study.name}"))
    folder = open_workspace(workspace, create=True)
    remembered = folder / STUDY_FILE
    if path.resolve() != remembered.resolve():
        _remember(path, remembered)
    return Pipeline(folder, settings, _origin(remembered), progress)


def _remember(path: Path, remembered: Path) -> None:
    """Copy a study file into its workspace, with where it is from, unless it is there just so."""
    from artifacts.files import write_text
    from artifacts.locks import writing
    from artifacts.notation import read_toml

    _, text = read_toml(path, what="The study file")
    copy = f"{ORIGIN}{visible(path.resolve().as_posix())}\n{text}"
    if not remembered.exists() or remembered.read_text(encoding="utf-8") != copy:
        with writing(remembered):  # whoever is at work here is so by the study that is there
            write_text(remembered, copy)


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


def _origin(remembered: Path) -> Path:
    """Return the path that a study's relative paths are meant from."""
    first = remembered.read_text(encoding="utf-8").split("\n", 1)[0]
    return Path(restored(first.removeprefix(ORIGIN))) if first.startswith(ORIGIN) else remembered


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
