"""How an ecosystem lives, put into the words, drawings and cells of the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from insights.history.history import History
from insights.history.months import month_from, month_of
from insights.history.rows import GrowthVerdict, ToolRow
from mining.names import GITHUB
from reports.data import clean, day, web_address
from reports.history.cells import UNKNOWN, population_sentence
from reports.history.figures import (
    MEASURES,
    STAGE_COLOURS,
    category_stages,
    draw_lorenz,
    draw_shares,
    draw_stages,
    draw_survival,
    draw_survival_by,
    growth_figures,
    share_themes,
    sparkline,
)
from reports.history.lasting import (
    MEANING_OF_BOUNDS,
    curve_tables,
    log_rank_table,
    survival_sentence,
    transitions_table,
)
from reports.history.lives import STAGES, by_stage, cycle_table, stage_counts_table
from reports.history.svg import Drawing, inline_svg
from reports.history.tables import (
    concentration_table,
    fits_table,
    growth_table,
    pairs_table,
    separation_table,
    share_table,
    shares_by_year,
)
from reports.tables import Table
from reports.usage.views import TableView, table_view

MOST_TOOLS: Final = 1500
"""Rows of tools that a page holds: those on which people commit most."""
MOST_NAMES: Final = 200
"""Names of tools of unknown stage that a page holds for each reason."""
MOST_PAIRS: Final = 25


@dataclass(frozen=True)
class DrawnFigure:
    """A drawing on the page; ``name`` is that of its file."""

    name: str
    title: str
    svg: Markup
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NamedTable:
    """A table on the page; ``name`` is that of its file."""

    name: str
    view: TableView


@dataclass(frozen=True)
class LifeRow:
    """A tool of a known stage.

    Attributes
    ----------
    stage_place
        Of its stage in the order of a life.
    seen, human
        The days on which it was last observed, and on which a person last committed.
    """

    name: str
    url: str | None
    category: str
    stage: str
    stage_place: int
    colour: str
    since: str
    seen: str
    reason: str
    spark: Markup
    human: str
    commits: int | None
    people: int | None


@dataclass(frozen=True)
class UnknownTools:
    """Tools whose stage is not known, for one reason; ``names`` are the first of them."""

    reason: str
    n: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class HistoryView:
    """What the page says of the histories of one snapshot; parts without anything are empty."""

    id: str
    snapshot: str
    n_tools: int
    population: str
    notes: tuple[str, ...]
    stages: tuple[tuple[str, int, str], ...]
    growth: tuple[DrawnFigure, ...]
    verdicts: tuple[str, ...]
    growth_tables: tuple[NamedTable, ...]
    stacked: DrawnFigure | None
    stacked_by: tuple[DrawnFigure, ...]
    stage_tables: tuple[NamedTable, ...]
    tools: tuple[LifeRow, ...]
    n_left_out: int
    categories: tuple[str, ...]
    unknown: tuple[UnknownTools, ...]
    survival: tuple[DrawnFigure, ...]
    survival_by: tuple[DrawnFigure, ...]
    survival_sentences: tuple[str, ...]
    bounds: str
    survival_tables: tuple[NamedTable, ...]
    shares: tuple[DrawnFigure, ...]
    share_tables: tuple[NamedTable, ...]
    lorenz: DrawnFigure | None
    concentration: NamedTable | None
    together: NamedTable | None

    @property
    def n_known(self) -> int:
        """Return how many tools have a known stage."""
        return sum(n for stage, n, _ in self.stages if stage != UNKNOWN)

    def n_in(self, *stages: str) -> int:
        """Return how many tools are in any of these stages."""
        return sum(n for stage, n, _ in self.stages if stage in stages)


def history_views(histories: Iterable[History]) -> tuple[HistoryView, ...]:
    """Return what the page says of each history."""
    return tuple(
        _view(history, f"history-{place}") for place, history in enumerate(histories, start=1)
    )


def _view(history: History, name: str) -> HistoryView:
    rows = by_stage(history)
    known = [tool for tool in rows if tool.stage is not None]
    shown = sorted(known, key=lambda tool: -(tool.commits or 0))[:MOST_TOOLS]
    kept = {tool.repo_key for tool in shown}
    counts = Counter(tool.stage or UNKNOWN for tool in rows)
    ends = list(dict.fromkeys(each.end for each in history.curves))
    pairs = [*_named(name, [_first_pairs(history)])]
    unequal = [*_named(name, [concentration_table(history)])]
    return HistoryView(
        id=name,
        snapshot=clean(history.snapshot),
        n_tools=history.population.n_distinct,
        population=clean(population_sentence(history)),
        notes=tuple(map(clean, history.population.notes)),
        stages=tuple((s, counts[s], STAGE_COLOURS[s]) for s in STAGES if counts[s]),
        growth=tuple(_drawn(f"{name}-{m}", drawing) for m, drawing in growth_figures(history)),
        verdicts=tuple(map(_verdict, history.verdicts)),
        growth_tables=(*_named(name, [growth_table(history), fits_table(history)]),),
        stacked=_drawn(f"{name}-stages", draw_stages(history)) if history.stages else None,
        stacked_by=tuple(
            _drawn(f"{name}-stages-{place}", drawing)
            for place, drawing in enumerate(category_stages(history), start=1)
        ),
        stage_tables=(*_named(name, [stage_counts_table(history), cycle_table(history)]),),
        tools=(*_lives(history, [tool for tool in known if tool.repo_key in kept]),),
        n_left_out=len(known) - len(shown),
        categories=tuple(sorted({clean(tool.category) for tool in shown if tool.category})),
        unknown=(*_unknown(rows),),
        survival=tuple(
            _drawn(f"{name}-survival-{place}", draw_survival(history, end))
            for place, end in enumerate(ends, start=1)
            if _has_curve(history, end, "all")
        ),
        survival_by=(*_survival_by(history, name, ends[:1]),),
        survival_sentences=tuple(_sentence(survival_sentence(history, end)) for end in ends),
        bounds=MEANING_OF_BOUNDS if any(p.bound != "as seen" for p in history.curves) else "",
        survival_tables=(*_survival_tables(history, name),),
        shares=tuple(
            _drawn(f"{name}-shares-{place}", draw_shares(history, theme))
            for place, theme in enumerate(share_themes(history), start=1)
        ),
        share_tables=(*_share_tables(history, name),),
        lorenz=_drawn(f"{name}-lorenz", draw_lorenz(history)) if history.lorenz else None,
        concentration=unequal[0] if unequal else None,
        together=pairs[0] if pairs else None,
    )


def _verdict(each: GrowthVerdict) -> str:
    return clean(f"{MEASURES[each.measure]}, {each.first} to {each.last}: {each.sentence}")


def _sentence(words: str) -> str:
    return clean(words[:1].upper() + words[1:])


def _drawn(name: str, drawing: Drawing) -> DrawnFigure:
    notes = tuple(_sentence(f"{note}.") for note in drawing.notes)
    return DrawnFigure(name, clean(drawing.title), Markup(inline_svg(drawing, name)), notes)


def _named(name: str, tables: Iterable[Table]) -> Iterator[NamedTable]:
    """Yield tables as they are printed; those without a row are left out."""
    for place, table in enumerate(tables, start=1):
        if table.rows:
            file = table.name.removeprefix("history-") or f"table-{place}"
            yield NamedTable(f"{name}-{file}", table_view(table))


def _has_curve(history: History, end: str, grouped_by: str) -> bool:
    return any(each.end == end and each.grouped_by == grouped_by for each in history.curves)


def _survival_by(history: History, name: str, ends: Iterable[str]) -> Iterator[DrawnFigure]:
    groups = dict.fromkeys(e.grouped_by for e in history.curves if e.grouped_by != "all")
    for end in ends:
        for grouped_by in groups:
            if _has_curve(history, end, grouped_by):
                drawing = draw_survival_by(history, end, grouped_by)
                yield _drawn(f"{name}-by-{grouped_by.replace(' ', '-')}", drawing)


def _survival_tables(history: History, name: str) -> Iterator[NamedTable]:
    yield from _named(f"{name}-survival", curve_tables(history))
    yield from _named(name, [log_rank_table(history), transitions_table(history)])


def _share_tables(history: History, name: str) -> Iterator[NamedTable]:
    yield from _named(name, [share_table(history)])
    yield from _named(f"{name}-shares", shares_by_year(history))
    yield from _named(name, [separation_table(history)])


def _first_pairs(history: History) -> Table:
    """Return the pairs that most owners use together."""
    table = pairs_table(history)
    rows = [row for row in table.rows if row.cells["n_both"]]
    left = len(rows) - MOST_PAIRS
    more = f"Further pairs: {left:,}; `opsatlas insights together` lists them." if left > 0 else ""
    return Table.of(
        table.columns,
        rows[:MOST_PAIRS],
        name=table.name,
        caption=table.caption,
        notes=[*table.notes, more],
    )


def _lives(history: History, tools: Iterable[ToolRow]) -> Iterator[LifeRow]:
    commits: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for each in history.tool_months:
        commits[each.repo_key][month_from(each.month)] = each.commits
    for tool in tools:
        yield _life(tool, commits.get(tool.repo_key, {}))


def _life(tool: ToolRow, commits: Mapping[int, int]) -> LifeRow:
    stage = tool.stage or UNKNOWN
    spark = ""
    if commits and tool.observed_at is not None:
        spark = sparkline(commits, month_of(tool.observed_at))
    return LifeRow(
        name=clean(tool.full_name),
        url=web_address(GITHUB + tool.full_name),
        category=clean(tool.category or ""),
        stage=stage,
        stage_place=STAGES.index(stage),
        colour=STAGE_COLOURS[stage],
        since=tool.since or "",
        seen=day(tool.observed_at) or "",
        reason=clean(tool.reason or ""),
        spark=Markup(spark),
        human=day(tool.last_human_at) or "",
        commits=tool.commits,
        people=tool.people,
    )


def _unknown(tools: Iterable[ToolRow]) -> Iterator[UnknownTools]:
    """Yield the tools of unknown stage by reason, the reason of most of them first."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for tool in tools:
        if tool.stage is None:
            by_reason[tool.unknown or "no reason is known"].append(clean(tool.full_name))
    for reason in sorted(by_reason, key=lambda each: (-len(by_reason[each]), each)):
        names = by_reason[reason]
        yield UnknownTools(clean(reason), len(names), tuple(names[:MOST_NAMES]))
