"""`opsatlas insights`: what is known of histories, made and shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import check_choice
from opsatlas.cli import completing
from opsatlas.cli.console import say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import Table, spaced
from reports.tables import as_json as records

if TYPE_CHECKING:
    from insights.history.history import History
    from opsatlas.pipeline import Pipeline

Parts = list[Table | str]
OfSnapshotOption = Annotated[
    str | None,
    typer.Option(
        "--snapshot",
        "-s",
        metavar="SNAPSHOT",
        autocompletion=completing.snapshots,
        help="Only of this snapshot. Default: of all that [history] names.",
    ),
]


def build(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Tell the histories of tools, as far as that is not done.

    What goes in must be there: the snapshots and, where the study asks for one, the taxonomy.
    """
    from opsatlas.histories import check_history, make_histories
    from opsatlas.steps import make_snapshots

    pipeline = open_study(None, workspace)
    check_history(pipeline)
    make_snapshots(pipeline)
    folders = make_histories(pipeline)
    if as_json:
        show(data=[str(folder) for folder in folders], json=True)
        return
    for folder in folders:
        say(f"{folder.name}: {folder}")


def show_history(
    snapshot: OfSnapshotOption = None,
    stage: Annotated[
        str | None,
        typer.Option(
            metavar="STAGE",
            help="List all tools of a stage (emerging, growing, peak, declining, dormant, dead, "
            "unknown), or of all. Default: counts, and who came to its stage in the last year.",
        ),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show where the tools stand, and why: stages of each and of all."""
    from reports.history.lives import STAGES
    from reports.history.tables import stages_parts, stages_tables

    if stage is not None:
        check_choice(stage, [*STAGES, "all"], "stage")
    histories = _histories(open_study(None, workspace), snapshot)
    if as_json:
        _show_json(histories, partial(stages_tables, stage=stage))
        return
    _show_parts(histories, partial(stages_parts, stage=stage))


def growth(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how the ecosystem grows, and how unequally it is spread."""
    from reports.history.tables import growth_parts, growth_tables

    _show(workspace, snapshot, growth_parts, growth_tables, as_json=as_json)


def survival(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how long tools last, by several definitions of their end."""
    from opsatlas.histories import history_settings
    from reports.history.lasting import survival_parts, survival_tables

    pipeline = open_study(None, workspace)
    histories = _histories(pipeline, snapshot)
    if as_json:
        _show_json(histories, survival_tables)
        return
    _show_parts(histories, partial(survival_parts, ends=history_settings(pipeline).ends))


def shares(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show which clouds, languages and practices the tools are for."""
    from reports.history.tables import shares_parts, shares_tables

    _show(workspace, snapshot, shares_parts, shares_tables, as_json=as_json)


def together(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show which tools owners name together as topics of a repository."""
    from reports.history.tables import pairs_table, together_parts

    def tables(history: History) -> list[Table]:
        return [pairs_table(history)]

    _show(workspace, snapshot, together_parts, tables, as_json=as_json)


def stack(
    have: Annotated[str, typer.Option(metavar="TOOLS", help="Tools that you have: dvc,mlflow.")],
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what goes with some tools, from category to category.

    Each step says on how many owners it rests; it ends where these are too few. What has ended is
    left out. It says what is had together, not what is good.
    """
    from opsatlas.histories import walk_stack
    from reports.history.stack import stack_parts, stack_values

    names = tuple(dict.fromkeys(each.strip().lower() for each in have.split(",") if each.strip()))
    found = walk_stack(open_study(None, workspace), names, snapshot)
    show(*spaced(stack_parts(found)), data=stack_values(found), json=as_json)


def _histories(pipeline: Pipeline, snapshot: str | None) -> list[History]:
    from opsatlas.histories import built_histories

    return built_histories(pipeline, snapshot)


def _show(
    workspace: Path | None,
    snapshot: str | None,
    parts_of: Callable[[History], Parts],
    tables_of: Callable[[History], list[Table]],
    *,
    as_json: bool,
) -> None:
    """Show of each history what a reader wants; as JSON, all that is known of it."""
    histories = _histories(open_study(None, workspace), snapshot)
    if as_json:
        _show_json(histories, tables_of)
    else:
        _show_parts(histories, parts_of)


def _show_parts(histories: list[History], parts_of: Callable[[History], Parts]) -> None:
    heads = [f"Snapshot {history.snapshot}" for history in histories]
    for place, (head, history) in enumerate(zip(heads, histories, strict=True)):
        first, *rest = parts_of(history)
        show(*[""] * bool(place), *spaced([f"{head}: {first}", *rest]))


def _show_json(histories: list[History], tables_of: Callable[[History], list[Table]]) -> None:
    """Show tables by snapshot and name."""
    data = {
        history.snapshot: {table.name: records(table) for table in tables_of(history)}
        for history in histories
    }
    show(data=data, json=True)
