"""`opsatlas insights`: what is known of histories, made and shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import InputError
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
        say(f"The history of {folder.name} is in {folder}")


def show_history(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show where the tools stand, and why: stages of each and of all."""
    from reports.history.tables import stages_parts

    _show(workspace, snapshot, stages_parts, as_json=as_json)


def tool(
    name: Annotated[str, typer.Argument(help="Tool: owner/name, or its name alone.")],
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one tool: its stage, life and health, and what goes with it."""
    from reports.history.lives import tool_parts, tool_values

    found = []
    lost: InputError | None = None
    for history in _histories(open_study(None, workspace), snapshot):
        try:
            found.append((history, tool_parts(history, name)))
        except InputError as error:
            lost = lost or error
    if not found and lost is not None:
        raise lost
    if as_json:
        show(data={each.snapshot: tool_values(each, name) for each, _ in found}, json=True)
        return
    for history, parts in found:
        show(f"In {history.snapshot}:", *parts)


def growth(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how the ecosystem grows, and how unequally it is spread."""
    from reports.history.tables import growth_parts

    _show(workspace, snapshot, growth_parts, as_json=as_json)


def survival(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how long tools last, by several definitions of their end."""
    from reports.history.lasting import survival_parts

    _show(workspace, snapshot, survival_parts, as_json=as_json)


def shares(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show which clouds, languages and practices the tools are for."""
    from reports.history.tables import shares_parts

    _show(workspace, snapshot, shares_parts, as_json=as_json)


def together(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show which tools are used together, by distinct owners."""
    from reports.history.tables import together_parts

    _show(workspace, snapshot, together_parts, as_json=as_json)


def stack(
    have: Annotated[str, typer.Option(metavar="TOOLS", help="Tools that you have: dvc,mlflow.")],
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what those who use some tools use, category by category.

    Each step says on how many owners it rests; it ends where these are too few. What has ended is
    left out. It says what is used together, not what is good.
    """
    from opsatlas.histories import walk_stack
    from reports.history.stack import stack_parts, stack_values

    names = tuple(dict.fromkeys(each.strip().lower() for each in have.split(",") if each.strip()))
    found = walk_stack(open_study(None, workspace), names, snapshot)
    show(*stack_parts(found), data=stack_values(found), json=as_json)


def _histories(pipeline: Pipeline, snapshot: str | None) -> list[History]:
    from opsatlas.histories import built_histories

    return built_histories(pipeline, snapshot)


def _show(
    workspace: Path | None,
    snapshot: str | None,
    parts_of: Callable[[History], Parts],
    *,
    as_json: bool,
) -> None:
    """Show the same parts of each history; as JSON, their tables by snapshot and name."""
    histories = _histories(open_study(None, workspace), snapshot)
    made = {history.snapshot: parts_of(history) for history in histories}
    if as_json:
        show(data={each: _values(parts) for each, parts in made.items()}, json=True)
        return
    show(*spaced(part for parts in made.values() for part in parts))


def _values(parts: Parts) -> dict[str, object]:
    return {part.name: records(part) for part in parts if isinstance(part, Table)}
