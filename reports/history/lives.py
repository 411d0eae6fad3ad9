"""Where tools stand in their lives, as tables; and all that is known of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final, get_args

from artifacts.errors import InputError
from insights.history.figures import ItemPair
from insights.history.history import History
from insights.history.rows import Stage, ToolRow
from reports.history.cells import UNKNOWN, estimate_cells, estimate_columns, of_whom, slug, told
from reports.tables import Cell, Column, Row, Table, for_data, number, percent, plain, spaced, texts

STAGES: Final[tuple[str, ...]] = (*get_args(Stage), UNKNOWN)
NOT_PLACED: Final = "category not known"
_TOOL_DATA: Final = (
    "repo_key", "kind", "owner_type", "category", "born_at", "born_by", "last_human_at",
    "last_commit_at", "last_release_at", "ended", "ended_at", "silent_months", "commits",
    "commits_before", "commits_best", "people", "newcomers", "releases", "changes", "returns",
    "maturity", "maturity_reason",
)  # fmt: skip
_TOLD: Final = (
    ("kind", "kind"),
    ("owner_type", "owner"),
    ("category", "category"),
    ("born_at", "born"),
    ("born_by", "born, by"),
    ("observed_at", "last observed"),
    ("last_human_at", "last commit by a person"),
    ("last_commit_at", "last commit"),
    ("last_release_at", "last release"),
    ("ended", "end announced, by"),
    ("silent_months", "months without a commit by a person"),
    ("commits", "commits in twelve months"),
    ("commits_before", "in the twelve before"),
    ("commits_best", "in its best twelve"),
    ("people", "people who committed in twelve months"),
    ("newcomers", "of these for the first time"),
    ("releases", "releases in twelve months"),
    ("changes", "changes of stage"),
    ("returns", "returns from being dormant or dead"),
    ("maturity", "maturity"),
    ("maturity_reason", "maturity, since"),
)


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
    )


def cycle_table(history: History) -> Table:
    """Return where the ecosystem and its categories stand on the hype cycle, and how surely."""
    rows = [
        {
            **vars(each),
            "of": "all tools" if each.grouped_by == "all" else each.group,
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
        notes=["Sure: the share of resamples of the tools that give the same position."],
    )


def find_tool(history: History, name: str) -> ToolRow:
    """Return the tool of a name: in full (owner/name), its own alone, or its key.

    Raises
    ------
    InputError
        If there is none, or more than one; it says which are near.
    """
    wanted = name.lower()
    found = [tool for tool in history.tools if wanted in (tool.full_name.lower(), tool.repo_key)]
    if not found:
        found = [t for t in history.tools if t.full_name.lower().rpartition("/")[2] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(sorted(tool.full_name for tool in found)[:5])
        raise InputError(
            f"{len(found)} tools are called '{name}'.", fix=f"name one in full: {names}"
        )
    known = {tool.full_name.lower().rpartition("/")[2]: tool.full_name for tool in history.tools}
    near = [known[each] for each in get_close_matches(wanted.rpartition("/")[2], known, 3, 0.6)]
    fix = f"did you mean {', '.join(near)}?" if near else "`opsatlas insights show` lists them all"
    raise InputError(f"There is no tool '{name}' in snapshot {history.snapshot}.", fix=fix)


def stage_sentence(tool: ToolRow) -> str:
    """Return where a tool stands, since when, why, and when that was seen."""
    seen = f"seen on {told(tool.observed_at)}" if tool.observed_at else "never observed"
    if tool.stage is None:
        return f"{tool.full_name}: stage unknown, {tool.unknown or 'no reason is known'} ({seen})."
    since = f" since {tool.since}" if tool.since else ""
    return f"{tool.full_name}: {tool.stage}{since}, {tool.reason} ({seen})."


def tool_parts(history: History, name: str) -> list[Table | str]:
    """Return all that is known of a tool, one after the other, empty lines between.

    Raises
    ------
    InputError
        If there is no such tool, or more than one.
    """
    tool = find_tool(history, name)
    tables = (
        _facts(tool),
        _spells(history, tool),
        _changes(history, tool),
        *_signals(history, tool),
        _with_it(history, tool),
    )
    return list(spaced([stage_sentence(tool), *(table for table in tables if table.rows)]))


def tool_values(history: History, name: str) -> dict[str, Any]:
    """Return what `tool_parts` says as JSON-compatible values; its errors."""
    tool = find_tool(history, name)
    tables = ("spells", "change_points", "signals")
    its = {
        table: [plain(row) for row in getattr(history, table) if row.repo_key == tool.repo_key]
        for table in tables
    }
    together = [plain(pair) for pair in _pairs_of(history, tool)]
    return {"tool": plain(tool), **its, "together": together}


def _facts(tool: ToolRow) -> Table:
    rows = [{"what": words, "told": told(getattr(tool, key))} for key, words in _TOLD]
    shown = [row for row in rows if row["told"] != UNKNOWN]
    lacking = [row["what"] for row in rows if row["told"] == UNKNOWN and row["what"] != _END]
    if tool.ended is None:
        shown.append({"what": _END, "told": "none is known"})
    notes = [f"Unknown: {', '.join(lacking)}." if lacking else ""]
    return Table.of([Column("what"), Column("told")], shown, name="tool", notes=notes)


_END: Final = "end announced, by"


def _spells(history: History, tool: ToolRow) -> Table:
    rows = [vars(each) for each in history.spells if each.repo_key == tool.repo_key]
    return Table.of(
        texts("stage", "first", "last", "reason"), rows, name="spells", caption="Its life"
    )


def _changes(history: History, tool: ToolRow) -> Table:
    rows = [vars(each) for each in history.change_points if each.repo_key == tool.repo_key]
    columns = [*texts("month"), number("before", "before", 1), number("after", "after", 1)]
    caption = "Where the number of commits a month changed"
    return Table.of(columns, rows, name="change-points", caption=caption)


def _signals(history: History, tool: ToolRow) -> Iterator[Table]:
    """Yield the signals of each measure of health; below them why some are unknown."""
    found = [each for each in history.signals if each.repo_key == tool.repo_key]
    for measure in dict.fromkeys(each.measure for each in found):
        its = [each for each in found if each.measure == measure]
        has_scores = any(each.weight is not None for each in its)
        rows = [
            {**vars(each), "shown": UNKNOWN if each.value is None else f"{each.value:,.4g}"}
            for each in its
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
                f"Unknown: {each.signal}, {each.reason or 'no reason is known'}."
                for each in its
                if each.value is None
            ],
        )


def _with_it(history: History, tool: ToolRow) -> Table:
    name_of = {each.item: each.full_name or each.item for each in history.items}
    mine = {each.item for each in history.items if _is_called(each.full_name, tool)}
    rows = []
    for pair in _pairs_of(history, tool):
        other = pair.second if pair.first in mine else pair.first
        rows.append({**vars(pair), "with": name_of[other], **estimate_cells("lift", pair.lift)})
    columns = [
        *texts("with"),
        number("n_both", "owners of both"),
        number("expected", "by chance", 1),
        *estimate_columns("lift", "lift"),
        *texts("relation"),
    ]
    caption = "Used together with, by distinct owners"
    return Table.of(columns, rows, name="together", caption=caption)


def _pairs_of(history: History, tool: ToolRow) -> Iterator[ItemPair]:
    """Yield the pairs of a tool that somebody uses together, those of most owners first."""
    mine = {each.item for each in history.items if _is_called(each.full_name, tool)}
    found = [pair for pair in history.pairs if {pair.first, pair.second} & mine and pair.n_both]
    yield from sorted(found, key=lambda pair: (-pair.n_both, pair.first, pair.second))


def _is_called(full_name: str | None, tool: ToolRow) -> bool:
    return full_name is not None and full_name.lower() == tool.full_name.lower()
