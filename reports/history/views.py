"""How an ecosystem lives, put into the words, drawings and cells of the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from markupsafe import Markup

from insights.history.history import History
from insights.history.months import month_from, month_of
from insights.history.rows import ToolRow
from mining.names import GITHUB
from reports.data import clean, day, web_address
from reports.history.cells import UNKNOWN, population_sentence
from reports.history.figures import (
    STAGE_COLOURS,
    category_stages,
    draw_lorenz,
    draw_shares,
    draw_stages,
    growth_figures,
    share_themes,
    sparkline,
    survival_figures,
)
from reports.history.lasting import (
    MEANING_OF_BOUNDS,
    curve_tables,
    has_bounds_of,
    log_rank_table,
    survival_sentence,
    transitions_table,
    unknown_sentence,
)
from reports.history.lives import (
    NO_REASON,
    STAGES,
    by_stage,
    stage_shares_table,
    told_cycle_table,
)
from reports.history.svg import Drawing, inline_svg
from reports.history.tables import (
    concentration_table,
    fits_table,
    growth_table,
    separation_table,
    shares_by_year,
    told_pairs_table,
    told_share_table,
    verdicts,
)
from reports.tables import Table
from reports.usage.views import TableView, table_view

MOST_TOOLS: Final = 1500
"""Rows of tools that a page holds: those on which people commit most."""
MOST_NAMES: Final = 200
"""Names of tools of unknown stage that a page holds for each reason."""


@dataclass(frozen=True)
class DrawnFigure:
    """A drawing on the page; ``name`` is that of its file."""

    name: str
    title: str
    of_whom: str
    svg: Markup
    notes: tuple[str, ...]


@dataclass(frozen=True)
class NamedTable:
    """A table on the page; ``name`` is that of its file."""

    name: str
    view: TableView


@dataclass(frozen=True)
class LifeColumn:
    """A column of the table of tools: the field of `LifeRow`, its heading, how it is sorted.

    One that is optional is left out where nothing is known of any tool.
    """

    field: str
    heading: str
    kind: Literal["text", "number", ""]
    is_optional: bool = False


LIFE_COLUMNS: Final = (
    LifeColumn("stage", "Stage", "number"),
    LifeColumn("since", "Since", "text"),
    LifeColumn("seen", "Seen", "text"),
    LifeColumn("spark", "36 months", "", is_optional=True),
    LifeColumn("human", "Last commit by a person", "text", is_optional=True),
    LifeColumn("commits", "Commits", "number", is_optional=True),
    LifeColumn("people", "People", "number", is_optional=True),
    LifeColumn("reason", "Why", "text"),
)


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
    not_grown: tuple[str, ...]
    is_cut: bool
    growth_tables: tuple[NamedTable, ...]
    stacked: DrawnFigure | None
    stacked_by: tuple[DrawnFigure, ...]
    stage_tables: tuple[NamedTable, ...]
    tools: tuple[LifeRow, ...]
    n_left_out: int
    columns: tuple[LifeColumn, ...]
    lacking: tuple[str, ...]
    categories: tuple[str, ...]
    unknown: tuple[UnknownTools, ...]
    survival: tuple[DrawnFigure, ...]
    survival_sentences: tuple[str, ...]
    bounds: str
    survival_tables: tuple[NamedTable, ...]
    shares: tuple[DrawnFigure, ...]
    share_tables: tuple[NamedTable, ...]
    not_shared: tuple[str, ...]
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
    lives = list(_lives(history, [tool for tool in known if tool.repo_key in kept]))
    counts = Counter(tool.stage or UNKNOWN for tool in rows)
    ends = list(dict.fromkeys(each.end for each in history.survival))
    pairs = [*_named(name, [told_pairs_table(history)])]
    unequal = [*_named(name, [concentration_table(history, is_whole=False)])]
    return HistoryView(
        id=name,
        snapshot=clean(history.snapshot),
        n_tools=history.population.n_distinct,
        population=clean(population_sentence(history)),
        notes=tuple(map(clean, history.population.notes)),
        stages=tuple((s, counts[s], STAGE_COLOURS[s]) for s in STAGES if counts[s]),
        growth=(*_growth(history, name),),
        not_grown=(*_not_grown(history),),
        is_cut=any(each.is_cut for each in history.months),
        growth_tables=(*_named(name, [growth_table(history), _bare_fits(history)]),),
        stacked=_drawn(f"{name}-stages", draw_stages(history)) if history.stages else None,
        stacked_by=tuple(
            _drawn(f"{name}-stages-{place}", drawing)
            for place, drawing in enumerate(category_stages(history), start=1)
        ),
        stage_tables=(*_named(name, [stage_shares_table(history), told_cycle_table(history)]),),
        tools=tuple(lives),
        n_left_out=len(known) - len(shown),
        columns=tuple(c for c in LIFE_COLUMNS if not c.is_optional or _is_known(lives, c)),
        lacking=tuple(c.heading for c in LIFE_COLUMNS if c.is_optional and not _is_known(lives, c)),
        categories=tuple(sorted({clean(tool.category) for tool in shown if tool.category})),
        unknown=(*_unknown(rows),),
        survival=(*_survival(history, name),),
        survival_sentences=tuple(_sentence(survival_sentence(history, end)) for end in ends),
        bounds=f"{MEANING_OF_BOUNDS} " * has_bounds_of(history) + unknown_sentence(history),
        survival_tables=(*_survival_tables(history, name),),
        shares=tuple(
            _drawn(f"{name}-shares-{place}", draw_shares(history, theme))
            for place, theme in enumerate(share_themes(history), start=1)
        ),
        share_tables=(*_share_tables(history, name),),
        not_shared=_not_shared(history),
        lorenz=_drawn(f"{name}-lorenz", draw_lorenz(history)) if history.lorenz else None,
        concentration=unequal[0] if unequal else None,
        together=pairs[0] if pairs else None,
    )


def _growth(history: History, name: str) -> Iterator[DrawnFigure]:
    """Yield what is drawn of growth, each with what can be said of it."""
    said = {each.measure: clean(each.sentence) for each in history.verdicts}
    for measure, drawing in growth_figures(history):
        figure = _drawn(f"{name}-{measure}", drawing)
        notes = (*filter(None, [said.get(measure)]), *figure.notes)
        yield replace(figure, notes=notes)


def _not_grown(history: History) -> Iterator[str]:
    """Yield what is said of measures of which there is nothing to draw."""
    drawn = {each.measure for each in history.months if each.grouped_by == "all"}
    said = [each.sentence for each in history.verdicts if each.measure in drawn]
    yield from (clean(sentence) for sentence in verdicts(history) if sentence not in said)


def _sentence(words: str) -> str:
    return clean(words[:1].upper() + words[1:])


def _drawn(name: str, drawing: Drawing) -> DrawnFigure:
    notes = tuple(_sentence(f"{note}.") for note in drawing.notes)
    svg = Markup(inline_svg(drawing, name))
    return DrawnFigure(name, clean(drawing.title), clean(drawing.of_whom), svg, notes)


def _named(name: str, tables: Iterable[Table]) -> Iterator[NamedTable]:
    """Yield tables as they are printed; those without a row are left out."""
    for table in tables:
        if table.rows:
            # Names of commands are set apart in a terminal alone.
            shown = replace(table, notes=tuple(note.replace("`", "") for note in table.notes))
            yield NamedTable(f"{name}-{table.name.removeprefix('history-')}", table_view(shown))


def _survival(history: History, name: str) -> Iterator[DrawnFigure]:
    """Yield the curves of all tools for every end, and those of groups for the first."""
    ends = [each.end for each in history.curves[:1]]
    found = enumerate(survival_figures(history), start=1)
    by_group = []
    for place, (end, grouped_by, drawing) in found:
        figure = _drawn(f"{name}-survival-{place}", drawing)
        if grouped_by == "all":
            yield figure
        elif end in ends:
            by_group.append(figure)
    yield from by_group


def _survival_tables(history: History, name: str) -> Iterator[NamedTable]:
    yield from _named(name, curve_tables(history))
    found = (made(history, is_whole=False) for made in (log_rank_table, transitions_table))
    yield from _named(name, found)


def _share_tables(history: History, name: str) -> Iterator[NamedTable]:
    yield from _named(name, [told_share_table(history)])
    yield from _named(name, shares_by_year(history))
    yield from _named(name, [separation_table(history)])


def _bare_fits(history: History) -> Table:
    """Return how well models fit without what is said below the drawings."""
    table, said = fits_table(history), verdicts(history)
    return replace(table, notes=tuple(note for note in table.notes if note not in said))


def _not_shared(history: History) -> tuple[str, ...]:
    """Return what is said where no share is known."""
    table = told_share_table(history)
    return () if table.rows else tuple(map(clean, table.notes))


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


def _is_known(lives: Iterable[LifeRow], column: LifeColumn) -> bool:
    return any(getattr(each, column.field) not in (None, "") for each in lives)


def _unknown(tools: Iterable[ToolRow]) -> Iterator[UnknownTools]:
    """Yield the tools of unknown stage by reason, the reason of most of them first."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for tool in tools:
        if tool.stage is None:
            by_reason[tool.unknown or NO_REASON].append(clean(tool.full_name))
    for reason in sorted(by_reason, key=lambda each: (-len(by_reason[each]), each)):
        names = by_reason[reason]
        yield UnknownTools(clean(reason), len(names), tuple(names[:MOST_NAMES]))
