"""`opsatlas usage find`, `fetch`, `scan`, `surface`: whose code, and what is looked for in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import out, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, bounded, for_data, number, texts

if TYPE_CHECKING:
    from insights.usage.coverage import Coverage
    from mining.code.fetch import FetchOutcome
    from mining.code.planning import FetchPlan
    from mining.dependents.claims import FoundDependents
    from mining.dependents.planning import FindPlan

GIB = 1 << 30
PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only tell what would be asked, and how long.")
]


def find(
    plan: PlanOption = False, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Find repositories that may depend on the study's frameworks.

    In the sources that the study names; what each says is kept beside the others, and tells how
    many all of them miss. An interrupted search goes on where it stopped.
    """
    from opsatlas.dependents import find_candidates, plan_candidates

    pipeline = open_study(None, workspace)
    if plan:
        _show_find_plan(plan_candidates(pipeline), as_json=as_json)
    else:
        _show_found(find_candidates(pipeline), as_json=as_json)


def fetch(
    plan: PlanOption = False,
    projects: Annotated[
        int | None, typer.Option(min=1, help="With --plan: for so many projects.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read what was fetched; fetch what is damaged again.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Fetch dependents' code from GitHub, each project at one commit.

    Relevant files only; what was fetched is not fetched again, and projects with a clone on this
    machine are left out. Reads the token from GITHUB_TOKEN, else from GH_TOKEN.
    """
    from opsatlas.dependents import fetch_candidates, plan_code

    pipeline = open_study(None, workspace)
    if plan:
        _show_fetch_plan(plan_code(pipeline, projects), as_json=as_json)
    else:
        _show_fetched(fetch_candidates(pipeline, verify=verify), as_json=as_json)


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
    """Scan dependents' code for uses of frameworks, and count these.

    Nothing of the code is run. What was scanned before an interruption is not scanned again.
    """
    from opsatlas.steps import make_snapshots, make_texts
    from opsatlas.usages import built_usage, make_usage, make_usages, unread_counts
    from reports.usage.tables import dependents_table

    pipeline = open_study(None, workspace)
    made = make_usages(pipeline, code or ())
    if pipeline.study.themes is not None:
        make_snapshots(pipeline)
        make_texts(pipeline, "themes")
    make_usage(pipeline)
    unread = [{"reason": reason, "files": n} for reason, n in unread_counts(made).items()]
    usage = built_usage(pipeline)
    roles = [usage.dependents.counts(name) for name in usage.dependents.frameworks]
    tables = [dependents_table(usage)]
    if unread:
        columns = [*texts("reason"), number("files", "files")]
        tables.append(Table.of(columns, unread, name="unread", caption="What could not be read"))
    show(*tables, data={"dependents": roles, "unread": unread}, json=as_json)


def surface(
    package: Annotated[
        str,
        typer.Argument(
            metavar="PACKAGE",
            help="Path of a wheel or folder; or an installed distribution: name, or name==version.",
        ),
    ],
) -> None:
    """Draft a framework file from what a package makes public.

    Nothing of it is run. Every symbol has the code other: a person sorts them. Needs griffe: pip
    install griffelib.
    """
    from usage.surface import draft_framework

    out().print(draft_framework(package), end="", soft_wrap=True)


def _show_find_plan(plan: FindPlan, *, as_json: bool) -> None:
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
    from insights.usage.coverage import coverage_of

    rows = [{**row, "framework": row["framework"] or "all"} for row in found.sources.to_pylist()]
    columns = (
        *texts("source", "framework", "status"),
        number("found", "found"),
        number("headline", "of"),
        Column("reason", "reason"),
    )
    claimed = {name for names in found.candidates["frameworks"].to_pylist() for name in names}
    coverages = [coverage_of(found.claims, name) for name in sorted(claimed)]
    head = f"{found.candidates.num_rows:,} repositories are candidates"
    end = "" if found.is_finished else "\nnot all sources were asked: the same command goes on"
    tables = [Table.of(columns, rows, name="sources")]
    if coverages:
        tables.append(_coverage_table(coverages))
    data = {
        "candidates": found.candidates.num_rows,
        "is_finished": found.is_finished,
        "sources": found.sources.to_pylist(),
        "coverage": coverages,
    }
    show(head + end, *tables, data=data, json=as_json)


def _coverage_table(coverages: list[Coverage]) -> Table:
    columns = (
        *texts("framework"),
        number("found", "found"),
        bounded("total", "estimated (95 %)", 0, 0),
        Column("method", "method"),
        *for_data("sources", "share"),
        Column("notes", "notes", form="; ".join),
    )
    rows = [vars(each) for each in coverages]
    return Table.of(columns, rows, name="coverage", caption="How many there may be in all")


def _show_fetch_plan(plan: FetchPlan, *, as_json: bool) -> None:
    from mining.github.limits import duration

    rows = [vars(group) for group in plan.groups]
    columns = (*texts("what", "resource"), number("requests", "requests"))
    lines = (
        f"{plan.projects:,} projects: {plan.requests:,} requests, about "
        f"{plan.bytes_down / GIB:,.1f} GiB down, {plan.bytes_kept / GIB:,.1f} GiB kept",
        f"about {duration(plan.hours * 3600)}: GitHub's limits take "
        f"{duration(plan.quota_hours * 3600)}, the transfer {duration(plan.transfer_hours * 3600)}",
    )
    data = {**vars(plan), "requests": plan.requests, "hours": plan.hours}
    show(Table.of(columns, rows), *lines, data=data, json=as_json)


def _show_fetched(outcome: FetchOutcome, *, as_json: bool) -> None:
    """Show what became of the candidates; each reason for code that is not there."""
    rows = [{"reason": reason, "projects": n} for reason, n in outcome.reasons.items()]
    columns = [*texts("reason"), number("projects", "projects")]
    told = ", ".join(f"{n:,} {status}" for status, n in outcome.statuses.items())
    asked = ", ".join(f"{name} {n:,}" for name, n in sorted(outcome.asked.items())) or "none"
    head = f"code of projects: {told}; {outcome.n_fetched:,} fetched now; requests: {asked}"
    tables = [Table.of(columns, rows, caption="Why there is no code")] if rows else []
    show(head, *tables, data=vars(outcome), json=as_json)
