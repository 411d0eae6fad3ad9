"""Where a set of labels is, and who is at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from artifacts.locks import writing
from labels.history.store import SUFFIX, refuse_missing
from labels.label_set import FOLDER, LabelSet, label_path
from labels.records import check_coder, nearest_name
from opsatlas.workspace import open_workspace


def path_of(name: str, workspace: Path | None) -> Path:
    """Return the file of a set of labels: a .sqlite file as given, or a name in the workspace."""
    return label_path(name, lambda: open_workspace(workspace))


def open_labels(name: str, workspace: Path | None, *, read_only: bool = False) -> LabelSet:
    """Open a set of labels by its name in the workspace, or by its file."""
    return LabelSet.open(path_of(name, workspace), read_only=read_only)


@contextmanager
def change_labels(name: str, workspace: Path | None) -> Iterator[LabelSet]:
    """Open a set of labels to change more than a coder does: one at a time, while coders code."""
    path = path_of(name, workspace)
    refuse_missing(path)
    with writing(path), LabelSet.open(path) as labels:
        yield labels


def label_sets(workspace: Path | None) -> list[Path]:
    """Return the files of the sets of labels in the workspace, by name."""
    return sorted((open_workspace(workspace) / FOLDER).glob(f"[!.]*{SUFFIX}"))


def who(by: str | None) -> str:
    """Return who is at work, as a coder's name: as given, else as git or the system knows them."""
    if by is not None:
        return check_coder(by)
    from opsatlas.decisions import person

    return nearest_name(person(None))
