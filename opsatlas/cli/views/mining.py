"""What the terminal says of mining: the plan, what came of it, a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mining.github.limits import duration
from opsatlas.cli.console import out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mining.github.checking import CheckResult
    from mining.github.mining import Outcome
    from mining.github.planning import RequestPlan
    from mining.snapshots import Snapshot

RESOURCES = {"search": "search", "core": "REST", "graphql": "GraphQL"}


def show_plan(plan: RequestPlan) -> None:
    """Print what would be asked, of which resource, and how long the limits make it last."""
    from rich.table import Table

    counts = plan.counts
    issues = "feature requests" if counts.issues is None else f"{counts.issues:,} feature requests"
    out().print(
        f"{counts.repositories:,} repositories and {issues} ({counts.source})"
        + (f"; about {counts.changed:.0%} of them changed" if counts.changed < 1 else ""),
        soft_wrap=True,
    )
    table = Table("what", "resource", "requests", "points", box=None, header_style="bold")
    for column in table.columns[2:]:
        column.justify = "right"
    for group in plan.groups:
        points = f"{group.points:,}" if group.resource == "graphql" else ""
        table.add_row(group.what, RESOURCES[group.resource], f"{group.requests:,}", points)
    out().print(table)
    limits = ", ".join(
        f"{RESOURCES[resource]} {duration(plan.limit_s(resource))}"  # type: ignore[arg-type]
        for resource in RESOURCES
        if plan.total(resource).requests  # type: ignore[arg-type]
    )
    who = "with a token" if plan.has_token else "without a token"
    _say(f"{plan.requests:,} requests {who}: about {duration(plan.seconds)}")
    _say(f"the limits alone take: {limits}")
    for left_out in plan.left_out:
        _say(f"! left out: {left_out}")


def show_checked(checks: Sequence[CheckResult]) -> bool:
    """Print what works and what does not; return whether all that mining needs does."""
    from rich.table import Table

    from mining.github.checking import CheckState

    marks = {CheckState.WORKS: "✓", CheckState.LOOK: "!", CheckState.FAILS: "✗"}
    table = Table("", "what", "what came of it", box=None, header_style="bold")
    for each in checks:
        fix = f"\nto do: {each.fix}" if each.fix else ""
        table.add_row(marks[each.state], each.what, each.said + fix)
    out().print(table)
    failed = [each.what for each in checks if each.state is CheckState.FAILS]
    if failed:
        _say(f"✗ not everything works that mining needs: {', '.join(failed)}")
    else:
        _say("✓ all that mining needs works from here; nothing was written")
    return not failed


def show_outcome(outcome: Outcome) -> None:
    """Print what a mining brought, and what it cost."""
    snapshot = outcome.snapshot
    if outcome.summary is None:
        _say(f"✓ {snapshot.id} is sealed already; another can be named with --snapshot")
        return
    source = outcome.summary.source
    for search in source.facts["searches"]:
        _say(
            f"{search['query']}: {search['repositories']:,} repositories in {search['parts']} "
            f"part{'s' if search['parts'] != 1 else ''}"
        )
    if carried := source.facts.get("carried_over"):
        _say(
            f"as in {source.facts['since']}: {carried['repositories']:,} repositories, "
            f"{carried['issues']:,} issues"
        )
    for note in source.notes:
        _say(f"! {note}")
    if columns := source.facts.get("columns"):
        _say_columns(columns)
    rows = ", ".join(f"{table} {n:,}" for table, n in outcome.summary.rows_now.items())
    asked = ", ".join(
        f"{RESOURCES[resource]} {n:,}" for resource, n in sorted(outcome.asked.items())
    )
    again = f"; {outcome.n_stored:,} answers were there already" if outcome.n_stored else ""
    points = f" ({outcome.points:,} points)" if outcome.points else ""
    waited = f"; waited {duration(outcome.waited_s)}" if outcome.waited_s else ""
    _say(f"requests: {asked or 'none'}{points}{waited}{again}")
    _say(f"✓ {snapshot.id} (sealed) holds: {rows}")
    _say(f'to derive topics from it, set snapshot = "{snapshot.id}" under [taxonomy] in the study')


def show_replay(snapshot: Snapshot, was_there: bool) -> None:
    """Print what a replay gave."""
    if was_there:
        _say(f"✓ the raw answers give {snapshot.id} again, to the byte")
    else:
        _say(f"✓ {snapshot.id} is rebuilt from its raw answers, and sealed")
    _say(f"content {snapshot.manifest.content_hash}")


def _say_columns(columns: dict[str, dict[str, str]]) -> None:
    """Print, for a rebuilt day, which columns are as of then, which today's, which unknown."""
    for table, known in columns.items():
        for word in ("as of then", "today", "unknown"):
            names = [name for name, each in known.items() if each == word]
            if names:
                _say(f"{table}, {word}: {', '.join(names)}")


def _say(line: str) -> None:
    out().print(line, soft_wrap=True)
