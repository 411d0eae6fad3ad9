"""`opsatlas label list`, `show` and `log`: the sets of labels, one of them, and its events."""

from __future__ import annotations

from typing import Annotated

import typer

from artifacts.visible import visible
from opsatlas.cli.label.options import JsonOption, NameArgument
from opsatlas.workspace import WorkspaceOption


def list_sets(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the sets of labels of the workspace."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.labels import sets_table, sets_values
    from opsatlas.labelling.opening import label_sets

    found = label_sets(workspace)
    if as_json:
        out().print_json(data=sets_values(found))
    else:
        out().print(sets_table(found))


def show(
    name: NameArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show a set of labels, and what to do next.

    How it was drawn, its waves and coders, and what waits. Nothing of what coders said is shown.
    """
    from opsatlas.cli.console import out
    from opsatlas.cli.views.labels import set_report, set_values
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        if as_json:
            out().print_json(data=set_values(labels))
        else:
            out().print(set_report(labels))


def log(
    name: NameArgument,
    coder: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what this coder did.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print every event as a JSON line, in their order.

    What other coders decided in a wave that is still open is left out.
    """
    from opsatlas.cli.views.labels import log_lines
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        for line in log_lines(labels, coder):
            typer.echo(visible(line))
