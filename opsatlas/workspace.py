"""The workspace: the folder that holds everything of one study."""

from __future__ import annotations

from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import storage_errors

STUDY_FILE = "study.toml"


def open_workspace(path: Path | None, *, create: bool = False) -> Path:
    """Return the workspace folder that a command works in.

    Parameters
    ----------
    path
        The folder given with ``-w``; None searches the current folder and its parents.
    create
        Make the given folder if it is not there yet.

    Raises
    ------
    InputError
        If there is no such folder, or none with a study file above the current one.
    """
    if path is None:
        return _nearest_workspace(Path.cwd())
    if path.is_dir():
        return path
    if path.exists():
        raise InputError("The workspace is not a folder.", where=str(path))
    if not create:
        raise InputError(
            "There is no such workspace.", where=str(path), fix="check the folder given with -w"
        )
    with storage_errors(path):
        path.mkdir(parents=True)
    return path


def _nearest_workspace(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / STUDY_FILE).is_file():
            return folder
    raise InputError(
        f"No {STUDY_FILE} was found here or in any parent folder.",
        where=str(start),
        fix="name the workspace with -w, or change into it",
    )
