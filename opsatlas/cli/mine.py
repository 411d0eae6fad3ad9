"""`opsatlas mine`: from a study's topics and frameworks to a sealed snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsatlas.cli import completing
from opsatlas.cli.console import TerminalProgress, say, show
from opsatlas.cli.doctor import show_checks
from opsatlas.cli.options import JsonOption, StudyArgument, WorkspaceOption
from opsatlas.cli.session import open_study, study_of
from reports.tables import Column, Table, number, texts

if TYPE_CHECKING:
    from mining.github.planning import RequestPlan
    from mining.github.requests import Resource
    from mining.github.run import MiningOutcome
    from mining.snapshots import Snapshot

RESOURCES: dict[Resource, str] = {"search": "search", "core": "REST", "graphql": "GraphQL"}
BYTES_A_MB = 1_000_000

NewSnapshotOption = Annotated[
    str | None,
    typer.Option(
        "--snapshot", "-s", metavar="SNAPSHOT", help="Snapshot to make. Default: today's."
    ),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Rebuild what can be known of a past day."),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        metavar="SNAPSHOT",
        autocompletion=completing.snapshots,
        help="Mined snapshot to carry over from: only what changed is asked.",
    ),
]
UnlabelledOption = Annotated[
    bool,
    typer.Option("--include-unlabelled", help="Also issues with no label, to be classified."),
]
AcceptOption = Annotated[
    bool,
    typer.Option(
        "--accept-unknown", help="Seal, however much GitHub did not tell; the manifest names it."
    ),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Only ask a little of all, and tell what works.")
]
PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only tell what would be asked, and how long.")
]
ReplayOption = Annotated[
    bool, typer.Option("--replay", help="Rebuild from the raw answers, without a network.")
]


def mine(
    study: StudyArgument = None,
    snapshot: NewSnapshotOption = None,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    include_unlabelled: UnlabelledOption = False,
    accept_unknown: AcceptOption = False,
    check: CheckOption = False,
    plan: PlanOption = False,
    replay: ReplayOption = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Mine GitHub's repositories and feature requests into a snapshot.

    Reads the token from GITHUB_TOKEN, else from GH_TOKEN. An interrupted mining goes on where it
    stopped; a whole one is sealed.
    """
    from mining.github.run import Target, check_scope, end_of_day
    from opsatlas.pipeline import scope_of

    if check:
        scope = scope_of(*study_of(study, workspace))
        show_checks(
            check_scope(scope, TerminalProgress()),
            bad="not everything works that mining needs",
            good="all that mining needs works from here; nothing was written",
            as_json=as_json,
        )
        return
    mining = open_study(study, workspace).mining()
    target = Target(snapshot, end_of_day(as_of), since, include_unlabelled, accept_unknown)
    if replay:
        _show_replay(*mining.replay(snapshot), as_json=as_json)
    elif plan:
        _show_plan(mining.plan(target), as_json=as_json)
    else:
        _show_outcome(mining.run(target), as_json=as_json)


def _show_plan(plan: RequestPlan, *, as_json: bool) -> None:
    """Show what would be asked, of which resource, and how long the limits make it last."""
    from mining.github.limits import duration

    counts = plan.counts
    issues = "feature requests" if counts.issues is None else f"{counts.issues:,} feature requests"
    changed = f"; about {counts.changed:.0%} of them changed" if counts.changed < 1 else ""
    steps = [
        {
            "what": group.what,
            "resource": RESOURCES[group.resource],
            "requests": group.requests,
            "points": group.points if group.resource == "graphql" else None,
        }
        for group in plan.groups
    ]
    columns = (
        *texts("what", "resource"),
        number("requests", "requests"),
        Column("points", "points", is_number=True, form=lambda n: "" if n is None else f"{n:,}"),
    )
    limits = {
        name: plan.limit_s(resource)
        for resource, name in RESOURCES.items()
        if plan.total(resource).requests
    }
    who = "with a token" if plan.has_token else "without a token"
    told = ", ".join(f"{name} {duration(seconds)}" for name, seconds in limits.items())
    table = Table.of(columns, steps)
    show(
        f"{counts.repositories:,} repositories and {issues} ({counts.source}){changed}",
        table,
        f"{plan.requests:,} requests {who}: about {duration(plan.seconds)}",
        f"the limits alone take: {told}",
        f"about {plan.n_bytes / BYTES_A_MB:,.0f} MB on disk",
        *(f"! left out: {left_out}" for left_out in plan.left_out),
        data={
            "counts": counts,
            "steps": steps,
            "requests": plan.requests,
            "seconds": plan.seconds,
            "bytes": plan.n_bytes,
            "limits_s": limits,
            "with_token": plan.has_token,
            "left_out": plan.left_out,
        },
        json=as_json,
    )


def _show_outcome(outcome: MiningOutcome, *, as_json: bool) -> None:
    """Show what a mining brought, and what it cost."""
    if as_json:
        snapshot, summary = outcome.snapshot, outcome.summary
        values = {
            **{name: value for name, value in vars(outcome).items() if name != "summary"},
            "snapshot": snapshot.id,
            "rows": snapshot.rows,
            "notes": [] if summary is None else summary.source.notes,
            "content": snapshot.manifest.content_hash,
        }
        show(data=values, json=True)
    else:
        for line in _outcome_lines(outcome):
            say(line)


def _outcome_lines(outcome: MiningOutcome) -> Iterator[str]:
    from mining.github.limits import duration

    snapshot = outcome.snapshot
    if outcome.summary is None:
        yield f"✓ {snapshot.id} is sealed already; another can be named with --snapshot"
        return
    source = outcome.summary.source
    for search in source.facts["searches"]:
        many = "s" if search["parts"] != 1 else ""
        found = f"{search['repositories']:,} repositories in {search['parts']} part{many}"
        yield f"{search['query']}: {found}"
    if carried := source.facts.get("carried_over"):
        kept = f"{carried['repositories']:,} repositories, {carried['issues']:,} issues"
        yield f"as in {source.facts['since']}: {kept}"
    yield from (f"! {note}" for note in source.notes)
    yield from _column_lines(source.facts.get("columns") or {})
    rows = ", ".join(f"{table} {n:,}" for table, n in outcome.summary.rows_now.items())
    asked = ", ".join(
        f"{RESOURCES[resource]} {n:,}" for resource, n in sorted(outcome.asked.items())
    )
    again = f"; {outcome.n_stored:,} answers were there already" if outcome.n_stored else ""
    points = f" ({outcome.points:,} points)" if outcome.points else ""
    waited = f"; waited {duration(outcome.waited_s)}" if outcome.waited_s else ""
    yield f"requests: {asked or 'none'}{points}{waited}{again}"
    yield f"✓ {snapshot.id} (sealed) holds: {rows}"
    yield f'to derive topics from it, set snapshot = "{snapshot.id}" under [taxonomy] in the study'


def _column_lines(columns: dict[str, dict[str, str]]) -> Iterator[str]:
    """Yield, for a rebuilt day, which columns are as of then, which today's, which unknown."""
    for table, known in columns.items():
        for word in ("as of then", "today", "unknown"):
            names = [name for name, state in known.items() if state == word]
            if names:
                yield f"{table}, {word}: {', '.join(names)}"


def _show_replay(snapshot: Snapshot, was_there: bool, *, as_json: bool) -> None:
    """Show what a replay gave."""
    content = snapshot.manifest.content_hash
    told = f"✓ {snapshot.id} is rebuilt from its raw answers, and sealed"
    if was_there:
        told = f"✓ the raw answers give {snapshot.id} again, to the byte"
    values: dict[str, Any] = {"snapshot": snapshot.id, "was_there": was_there, "content": content}
    show(told, f"content {content}", data=values, json=as_json)
