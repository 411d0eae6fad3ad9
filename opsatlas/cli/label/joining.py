"""`opsatlas label merge`, `copy` and `check`: files of labels as wholes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opsatlas.cli.label.options import JsonOption, NameArgument
from opsatlas.workspace import WorkspaceOption


def merge(
    name: NameArgument,
    other: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Copies of it, as .sqlite files.")
    ],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take everything from copies of a set of labels into it.

    Nothing is lost, and conflicts are told. The copies stay as they are. Joining twice changes
    nothing.
    """
    from labels.joining import join
    from opsatlas.cli.console import out
    from opsatlas.cli.views.labels import joined_report, joined_values
    from opsatlas.labelling.opening import change_labels

    with change_labels(name, workspace) as labels:
        joined = join(labels, other)
        if as_json:
            out().print_json(data=joined_values(joined, labels))
        else:
            out().print(joined_report(joined, labels))


def copy(
    name: NameArgument,
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write, ending in .sqlite.")
    ],
    workspace: WorkspaceOption = None,
) -> None:
    """Write a copy of a set of labels, to code elsewhere and merge."""
    from opsatlas.cli.console import out
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        labels.store.copy(target)
    out().print(
        f"{target} is a whole copy. Bring it back with: opsatlas label merge {name} {target}"
    )


def check(name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Check that no event is missing or other than it was written."""
    from labels.label_set import refuse_damaged
    from opsatlas.cli.console import out
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        refuse_damaged(labels.store)
        out().print(f"{len(labels.store.all_events()):,} events, each as it was written.")
