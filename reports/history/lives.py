"""Where tools stand in their lives, as tables."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, get_args

from insights.history.figures import CyclePosition
from insights.history.health import CRITICALITY, criticality_of
from insights.history.history import History
from insights.history.months import MONTHS_A_YEAR, month_from, month_of
from insights.history.rows import ChangePoint, HealthSignal, Stage, StageSpell, ToolRow
from reports.history.cells import UNKNOWN, of_whom, slug, told
from reports.tables import Cell, Column, Row, Table, for_data, number, percent, texts

STAGES: Final[tuple[str, ...]] = (*get_args(Stage), UNKNOWN)
NOT_PLACED: Final = "category not known"
NO_REASON: Final = "no reason is known"
_TOOL_DATA: Final = (
    "repo_key", "kind", "owner_type", "category", "born_at", "born_by", "last_human_at",
    "last_commit_at", "last_release_at", "ended", "ended_at", "silent_months", "commits",
    "commits_before", "commits_best", "people", "newcomers", "releases", "changes", "returns",
    "maturity", "maturity_reason",
)  # fmt: skip


def stage_of(tool: ToolRow) -> str:
    """Return the stage of a tool, or ``unknown``."""
    return tool.stage or UNKNOWN


def by_stage(history: History) -> list[ToolRow]:
    """Return tools by stage, in the order of a life, then by name; those of unknown stage last."""
    return sorted(
        history.tools, key=lambda tool: (STAGES.index(stage_of(tool)), tool.full_name.lower())
    )


def stages_table(history: History) -> Table:
    """Return the stage of each tool, since when, when it was seen, and why."""
    rows: list[dict[str, Cell]] = [
        {
            **{name: getattr(tool, name) for name in _TOOL_DATA},
            "full_name": tool.full_name,
            "stage": tool.stage,
            "stage_shown": stage_of(tool),
            "since": tool.since,
            "observed_at": tool.observed_at,
            "seen": "" if tool.observed_at is None else told(tool.observed_at),
            "reason": tool.reason,
            "unknown": tool.unknown,
            "why": tool.reason or tool.unknown,
        }
        for tool in by_stage(history)
    ]
    columns = [
        Column("full_name", "Tool"),
        Column("stage_shown", "Stage", in_data=False),
        *for_data("stage"),
        Column("since", "Since"),
        Column("seen", "Seen", in_data=False),
        *for_data("observed_at"),
        Column("why", "Why", in_data=False, width=0.4),
        *for_data("reason", "unknown", *_TOOL_DATA),
    ]
    return Table.of(
        columns,
        rows,
        name="history-stages",
        caption=f"Tools by stage, each as of the day on which it was seen; {of_whom(history)}",
    )


def stage_counts_table(history: History) -> Table:
    """Return how many tools of each category are in each stage, those of unknown stage too."""
    groups = Counter(tool.category or NOT_PLACED for tool in history.tools)
    order = sorted(groups, key=lambda name: (name == NOT_PLACED, -groups[name], name))
    counts = Counter((tool.category or NOT_PLACED, stage_of(tool)) for tool in history.tools)
    whole = Counter(stage_of(tool) for tool in history.tools)
    rows: list[Row] = [
        Row({"category": name, "n": groups[name]} | {s: counts[name, s] for s in STAGES})
        for name in order
    ]
    if len(order) > 1:
        total = {"category": "all", "n": len(history.tools)} | {s: whole[s] for s in STAGES}
        rows.append(Row(total, is_group=True))
    columns = [
        Column("category", "Category"),
        number("n", "tools"),
        *(number(stage, stage) for stage in STAGES),
    ]
    return Table.of(
        columns,
        rows,
        name="history-stage-counts",
        caption=f"Stages by category, each tool as of the day it was seen; {of_whom(history)}",
        notes=[_why_unknown(history)],
    )


def _why_unknown(history: History) -> str:
    """Return of how many tools the stage is not known, and for which reasons."""
    reasons = Counter(t.unknown or NO_REASON for t in history.tools if t.stage is None)
    told = (f"{n:,} ({reason})" for reason, n in reasons.most_common())
    return f"Unknown: {'; '.join(told)}." if reasons else ""


def stage_shares_table(history: History) -> Table:
    """Return `stage_counts_table` for a reader, with the share that each stage has.

    Of tools of known stage, where these are most: else they are no sample, as those that were
    archived are known where commits are not.
    """
    table = stage_counts_table(history)
    whole = Counter(stage_of(tool) for tool in history.tools)
    n_known = len(history.tools) - whole[UNKNOWN]
    if 2 * n_known < len(history.tools) or not n_known:
        return table
    shares = {s: "" if s == UNKNOWN else f"{whole[s] / n_known:.0%}" for s in STAGES}
    row = Row({"category": "share of those known", "n": ""} | shares)
    return replace(table, rows=(*table.rows, row))


def cycle_table(history: History) -> Table:
    """Return where the ecosystem and its categories stand on the hype cycle, and how surely."""
    rows = [
        {
            **vars(each),
            "of": _of_cycle(each),
            "position_shown": each.position or UNKNOWN,
        }
        for each in history.cycle
    ]
    columns = [
        *for_data("grouped_by", "group"),
        Column("of", "Of", in_data=False),
        Column("position_shown", "Position", in_data=False),
        *for_data("position"),
        percent("certainty", "Sure"),
        number("n", "Tools"),
        Column("reason", "Why", width=0.4),
    ]
    return Table.of(
        columns,
        rows,
        name="history-cycle",
        caption=f"Where on the hype cycle; {of_whom(history)}",
        notes=[
            "Sure: the share of resamples of the tools that give the same position."
            if any(each.position for each in history.cycle)
            else ""
        ],
    )


def told_cycle_table(history: History) -> Table:
    """Return `cycle_table` for a reader: positions that are not known stand in a note."""
    table = cycle_table(history)
    of_reason: defaultdict[str, list[str]] = defaultdict(list)
    for each in history.cycle:
        if each.position is None:
            of_reason[each.reason].append(_of_cycle(each))
    lost = [
        f"Position unknown of {', '.join(names)}: {reason}." for reason, names in of_reason.items()
    ]
    known = tuple(row for row in table.rows if row.cells["position"] is not None)
    return replace(table, rows=known, notes=(*table.notes, *lost))


def _of_cycle(each: CyclePosition) -> str:
    return "all tools" if each.grouped_by == "all" else each.group


def stage_lists(history: History, stage: str | None = None) -> list[Table | str]:
    """Return the tools by stage and reason, those whose stage began last first.

    Parameters
    ----------
    stage
        One of these; ``all``; None: of each stage those that came to it in the twelve months before
        they were seen.
    """
    tools = [tool for tool in history.tools if stage in (None, "all", stage_of(tool))]
    lists: list[Table | str] = []
    if stage is None:
        known = [tool for tool in tools if tool.stage is not None]
        if not known:
            return []
        tools = list(filter(_is_new_there, known))
        lost = sum(tool.since is None for tool in known)
        undated = f", of {lost:,} it is not known when they did" if lost else ""
        (usual, _) = Counter(map(stage_of, known)).most_common(1)[0]
        lists.append(
            f"Of {len(known):,} tools of known stage, {len(tools):,} came to it in the twelve "
            f"months before they were seen{undated}. `opsatlas insights show --stage {usual}` "
            "lists all of a stage, `--stage all` all there are."
        )
    by_reason: defaultdict[tuple[str, str], list[ToolRow]] = defaultdict(list)
    for tool in tools:
        by_reason[stage_of(tool), _parted(tool)[0]].append(tool)
    order = sorted(by_reason, key=lambda of: (STAGES.index(of[0]), -len(by_reason[of]), of))
    lists.extend(_stage_list(*of, by_reason[of]) for of in order)
    if any(_parted(tool)[2] for tool in tools):
        lists.append("What a tool looks like lately is no stage yet: a change counts if it lasts.")
    return lists or [f"No tool of {history.snapshot} is in the stage '{stage}'."]


def _is_new_there(tool: ToolRow) -> bool:
    if tool.since is None or tool.observed_at is None:
        return False
    return month_from(tool.since) >= month_of(tool.observed_at) - MONTHS_A_YEAR


def _parted(tool: ToolRow) -> tuple[str, str, str]:
    """Return why a tool is in its stage, by which sign, and what its last months look like."""
    reason = tool.reason or tool.unknown or NO_REASON
    late = _LATELY.search(reason)
    head, _, how = reason[: late.start() if late else None].partition(": ")
    if late is None:
        return head, how, ""
    months = "1 month" if late[1] is None else f"{late[1]} months"
    return head, how, f"{late[2]} ({months})"


_LATELY: Final = re.compile(
    r"; the last (?:(\d+) months look|month looks) otherwise \((\w+)\), not yet for long enough$"
)
"""What is told of a change of stage that is too young to count."""


def _stage_list(stage: str, reason: str, tools: Sequence[ToolRow]) -> Table:
    """Return the tools of a stage that are in it for one reason."""
    by_name = sorted(tools, key=lambda tool: tool.full_name.lower())
    rows = [
        {
            "full_name": tool.full_name,
            "since": tool.since or UNKNOWN,
            "seen": "" if tool.observed_at is None else told(tool.observed_at),
            **dict(zip(("how", "lately"), _parted(tool)[1:], strict=True)),
        }
        for tool in sorted(by_name, key=lambda tool: tool.since or "", reverse=True)
    ]
    return Table.of(
        [
            Column("full_name", "Tool"),
            Column("since", "Since", in_print=stage != UNKNOWN),
            Column("seen", "Seen", in_print=any(row["seen"] for row in rows)),
            Column("how", "By", in_print=any(row["how"] for row in rows)),
            Column("lately", "Looks lately", in_print=any(row["lately"] for row in rows)),
        ],
        rows,
        name=f"tools-{stage}-{slug(reason)}",
        caption=f"{stage.capitalize()}: {reason} ({len(rows):,})",
    )


def stage_sentence(tool: ToolRow) -> str:
    """Return where a tool stands, since when, why, and when that was seen."""
    seen = f"seen on {told(tool.observed_at)}" if tool.observed_at else "never observed"
    if tool.stage is None:
        return f"stage unknown, {tool.unknown or NO_REASON} ({seen})."
    since = f" since {tool.since}" if tool.since else ""
    return f"{tool.stage}{since}, {tool.reason} ({seen})."


def short_sentence(snapshot: str, tool: ToolRow) -> str:
    """Return in a sentence what a snapshot knows of a tool, beside another that knows more."""
    known = {words: told(value) for key, words in _TOLD_SHORTLY if (value := getattr(tool, key))}
    facts = ", ".join(f"{words} {value}" for words, value in known.items())
    return f"In {snapshot}: {stage_sentence(tool)}{f' It was {facts}.' if facts else ''}"


def has_people(history: History) -> bool:
    """Return whether people are told apart from bots in a history, of any of its tools."""
    return any(tool.last_human_at is not None for tool in history.tools)


_TOLD_SHORTLY: Final = (
    ("born_at", "born on"),
    ("last_commit_at", "last committed to on"),
    ("ended", "ended, by"),
)


def spells_table(spells: Sequence[StageSpell]) -> Table:
    """Return the stages of a life."""
    return Table.of(
        texts("stage", "first", "last", "reason"),
        map(vars, spells),
        name="spells",
        caption="Its life",
    )


def changes_table(changes: Sequence[ChangePoint]) -> Table:
    """Return where the activity of a tool changed."""
    columns = [*texts("month"), number("before", "before", 1), number("after", "after", 1)]
    caption = "Where the number of commits a month changed"
    return Table.of(columns, map(vars, changes), name="change-points", caption=caption)


def signal_tables(signals: Sequence[HealthSignal]) -> Iterator[Table]:
    """Yield of each measure of a tool's health what is known; below it why the rest is not."""
    for measure in dict.fromkeys(each.measure for each in signals):
        its = [each for each in signals if each.measure == measure]
        has_scores = any(each.weight is not None for each in its)
        rows = [
            {**vars(each), "shown": _amount(each.value)} for each in its if each.value is not None
        ]
        scores = [number("weight", "weight", 1), number("score", "score", 2)]
        yield Table.of(
            [
                *texts("signal"),
                Column("shown", "value", is_number=True),
                *texts("unit"),
                *(scores if has_scores else []),
            ],
            rows,
            name=f"signals-{slug(measure)}",
            caption=f"Signals of health: {measure}",
            notes=[
                *_score_note(its),
                f"Unknown: {lost}." if (lost := unknown_signals(its)) else "",
            ],
        )


def _amount(value: float) -> str:
    """Return a number with three digits, and a larger one whole."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _score_note(signals: Sequence[HealthSignal]) -> Iterator[str]:
    """Yield the criticality score, with that of which parts it is; nothing of other measures."""
    parts = [each for each in signals if each.measure == CRITICALITY]
    if not parts:
        return
    score = criticality_of(parts)
    of = f"{score.n} of {len(parts)} signals"
    if score.value is None:
        yield f"No score: {score.reason} ({of})."
        return
    yield (
        f"Score: {score.value:.2f}, from the {of} that are known. It is not to be compared with "
        "that of a tool of which others are known."
    )


def unknown_signals(signals: Sequence[HealthSignal]) -> str:
    """Return which signals are not known, those of one reason together."""
    of_reason: defaultdict[str, list[str]] = defaultdict(list)
    for each in signals:
        if each.value is None:
            of_reason[each.reason or NO_REASON].append(each.signal)
    return "; ".join(f"{', '.join(names)} ({reason})" for reason, names in of_reason.items())
