"""`opsatlas label wave`: the waves of a set of labels, and closing them."""

from __future__ import annotations

from typing import Annotated

import typer

from opsatlas.cli.label.options import ByOption, JsonOption, NameArgument
from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

app = typer.Typer(no_args_is_help=True, help="Waves of documents: list them, close one.")


@app.command("list")
def list_waves(
    name: NameArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """List the waves, and how far each coder is."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.labels import waves_table, waves_values
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        if as_json:
            out().print_json(data=waves_values(labels))
        else:
            out().print(waves_table(labels))


@app.command()
@writes
def close(
    name: NameArgument,
    wave: Annotated[str, typer.Argument(metavar="WAVE", help="The wave.")],
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Close it though somebody is not done.")
    ] = False,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Close a wave for good: coding ends, its labels can be seen."""
    from labels.waves import close_wave
    from opsatlas.cli.console import out
    from opsatlas.labelling.opening import change_labels, who

    with change_labels(name, workspace) as labels:
        close_wave(labels, wave, coder=who(by), unfinished=unfinished)
    out().print(f"The wave '{wave}' is closed. See the agreement: opsatlas label agree {name}")
