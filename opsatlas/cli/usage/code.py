"""`opsatlas usage find`, `fetch` and `scan`: whose code, where it is, and what it uses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, number, texts

if TYPE_CHECKING:
    from mining.dependents.claims import FoundDependents
    from mining.dependents.planning import FindPlan

PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only tell what would be asked, and how long.")
]


def find(
    plan: PlanOption = False, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Find repositories that may depend on the study's frameworks, in the sources that it names.

    What each source says is kept beside the others. An interrupted search goes on where it stopped.
    """
    from opsatlas.usages import find_candidates, plan_candidates

    pipeline = open_study(None, workspace)
    if plan:
        _show_plan(plan_candidates(pipeline), as_json=as_json)
    else:
        _show_found(find_candidates(pipeline), as_json=as_json)


def scan(
    code: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of clones, or of plain copies, as owner/name; or one of them. In place of "
            "those that the study names. Repeatable.",
        ),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Scan dependents' code for uses of the study's frameworks, and count them.

    Nothing of the code is run. Projects that were scanned before an interruption are not again.
    """
    from opsatlas.usages import built_usage, make_usage, make_usages, unread_counts
    from reports.usage.tables import dependents_table

    pipeline = open_study(None, workspace)
    made = make_usages(pipeline, code or ())
    make_usage(pipeline)
    unread = [{"reason": reason, "files": n} for reason, n in unread_counts(made).items()]
    tables = [dependents_table(built_usage(pipeline))]
    if unread:
        columns = [*texts("reason"), number("files", "files")]
        tables.append(Table.of(columns, unread, name="unread", caption="What could not be read"))
    show(*tables, json=as_json)


def _show_plan(plan: FindPlan, *, as_json: bool) -> None:
    rows = [
        {**vars(each), "minutes_most": each.minutes[1], "framework": each.framework or "all"}
        for each in plan.sources
    ]
    columns = (
        *texts("source", "framework"),
        number("fewest", "requests at least"),
        number("most", "at most"),
        number("minutes_most", "minutes at most", 1),
        Column("because", "because"),
    )
    fewest, most = plan.requests
    head = f"between {fewest:,} and {most:,} requests; at most {plan.minutes[1]:,.0f} minutes"
    data = {"requests": plan.requests, "minutes": plan.minutes, "sources": rows}
    show(Table.of(columns, rows), head, data=data, json=as_json)


def _show_found(found: FoundDependents, *, as_json: bool) -> None:
    """Show what each source gave, and how many there may be that none of them names."""
    rows = [{**row, "framework": row["framework"] or "all"} for row in found.sources.to_pylist()]
    columns = (
        *texts("source", "framework", "status"),
        number("found", "found"),
        number("headline", "of"),
        Column("reason", "reason"),
    )
    say(f"✓ {found.candidates.num_rows:,} repositories are candidates")
    show(Table.of(columns, rows, name="sources"), json=as_json)
