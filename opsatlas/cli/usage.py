"""`opsatlas usage`: how dependents use frameworks, and what users ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import show
from opsatlas.cli.options import JsonOption, WorkspaceOption, writes
from opsatlas.cli.root import Group
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, bounded, for_data, number, percent, texts

if TYPE_CHECKING:
    from insights.usage.evaluation import Score

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="How dependents use frameworks, and what users ask for.",
)


@app.command()
def evaluate(
    truth: Annotated[
        Path, typer.Option(help="CSV of uses that people found, one row for each line and symbol.")
    ],
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="CSV of symbols and their features: judges features, too."),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Judge the uses that were found by uses that people found in the same code.

    A use is right if the truth has its project, path, line and symbol. All projects that were
    scanned count: what is found where the truth has nothing is wrong.
    """
