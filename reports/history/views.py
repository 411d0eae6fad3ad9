"""How an ecosystem lives, put into the words, drawings and cells of the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from insights.history.history import History
from insights.history.rows import ToolRow
from mining.names import GITHUB
from reports.data import clean, web_address
from reports.history.cells import UNKNOWN, population_sentence
from reports.history.figures import (
    STAGE_COLOURS,
    category_stages,
    draw_lorenz,
    draw_shares,
    draw_stages,
    growth_figures,
    share_themes,
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
    stage_of,
    stage_shares_table,
    told_cycle_table,
)
from reports.history.sentences import (
    alike_sentence,
    growth_in_words,
    kinds_of,
    lasting_sentence,
    shares_sentence,
    stages_sentence,
    together_sentence,
    unequal_sentence,
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

MOST_NAMES: Final = 200
"""Names of tools of a stage that a page holds, where no other view of it has them."""


@dataclass(frozen=True)
class DrawnFigure:
    """A drawing on the page; ``name`` is that of its file, ``says`` what it shows."""

    name: str
    says: str
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
class ListedTool:
    """A tool, and since when it is in its stage, if that is known."""

    name: str
    url: str | None
    since: str


@dataclass(frozen=True)
class StagedTools:
    """Tools of one stage, or of unknown stage for one reason; ``tools`` are the first of them."""

    stage: str
    colour: str
    reason: str
    n: int
    tools: tuple[ListedTool, ...]


@dataclass(frozen=True)
class KindBar:
    """How many tools are of a kind; ``width`` is its share of the most frequent.

    None where the kind is not known: no bar is drawn of it.
    """

    name: str
    n: int
    width: float | None


@dataclass(frozen=True)
class HistoryView:
    """What the page says of the histories of one snapshot; parts without anything are empty.

    Attributes
    ----------
    is_atlas
        Whether its tools are those that the page has a table of.
    staged
        Its tools by stage, where the page has no table of them; else, those of unknown stage are
        counted by reason.
    tool_of
        Full names of the tools that go together, by what they are called there.
    """

    id: str
    snapshot: str
    is_atlas: bool
    n_tools: int
    population: str
    notes: tuple[str, ...]
    stages: tuple[tuple[str, int, str], ...]
    growth: tuple[DrawnFigure, ...]
    not_grown: tuple[str, ...]
    is_cut: bool
    growth_tables: tuple[NamedTable, ...]
    stage_sentence: str
    stacked: DrawnFigure | None
    stacked_by: tuple[DrawnFigure, ...]
    stage_tables: tuple[NamedTable, ...]
    staged: tuple[StagedTools, ...]
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
    together_sentence: str
    tool_of: Mapping[str, str]
    kinds: tuple[KindBar, ...]

    @property
    def n_known(self) -> int:
        """Return how many tools have a known stage."""
        return sum(n for stage, n, _ in self.stages if stage != UNKNOWN)

    @property
    def contents(self) -> tuple[tuple[str, str], ...]:
        """Return the parts that there are, each by the end of its anchor, with its heading."""
        parts = (
            ("growth", "How it grows", self.growth),
            ("where", "Where the tools stand", self.stacked or self.stage_tables or self.staged),
            ("survival", "How long tools last", self.survival or self.survival_tables),
            ("shares", "What they are made with", self.share_tables or self.not_shared),
            ("unequal", "How unequal they are", self.concentration or self.lorenz),
            ("together", "What goes together", self.together),
            ("kinds", "What kinds there are", self.kinds),
        )
        return tuple((anchor, heading) for anchor, heading, is_there in parts if is_there)


def history_views(histories: Iterable[History], atlas: str = "") -> tuple[HistoryView, ...]:
    """Return what the page says of each history.

    Parameters
    ----------
    atlas
        The snapshot whose tools the page has a table of.
    """
    return tuple(
        _view(history, f"history-{place}", is_atlas=history.snapshot == atlas)
        for place, history in enumerate(histories, start=1)
    )


def _view(history: History, name: str, *, is_atlas: bool) -> HistoryView:
    counts = Counter(map(stage_of, history.tools))
    ends = list(dict.fromkeys(each.end for each in history.survival))
    pairs = [*_named(name, [told_pairs_table(history)])]
    return HistoryView(
        id=name,
        snapshot=clean(history.snapshot),
        is_atlas=is_atlas,
        n_tools=history.population.n_distinct,
        population=clean(population_sentence(history)),
        notes=tuple(map(clean, history.population.notes)),
        stages=tuple((s, counts[s], STAGE_COLOURS[s]) for s in STAGES if counts[s]),
        growth=(*_growth(history, name),),
        not_grown=(*_not_grown(history),),
        is_cut=any(each.is_cut for each in history.months),
        growth_tables=(*_named(name, [growth_table(history), _bare_fits(history)]),),
        stage_sentence=stages_sentence(history.tools) if counts.keys() - {UNKNOWN} else "",
        stacked=_drawn(f"{name}-stages", draw_stages(history)) if history.stages else None,
        stacked_by=(*_stacked_by(history, name),),
        stage_tables=(*_named(name, [stage_shares_table(history), told_cycle_table(history)]),),
        staged=(*_staged(history, is_atlas=is_atlas),),
        survival=(*_survival(history, name),),
        survival_sentences=tuple(_sentence(survival_sentence(history, end)) for end in ends),
        bounds=f"{MEANING_OF_BOUNDS} " * has_bounds_of(history) + unknown_sentence(history),
        survival_tables=(*_survival_tables(history, name),),
        shares=(*_shares(history, name),),
        share_tables=(*_share_tables(history, name),),
        not_shared=_not_shared(history),
        lorenz=_lorenz(history, name),
        concentration=next(_named(name, [concentration_table(history, is_whole=False)]), None),
        together=pairs[0] if pairs else None,
        together_sentence=clean(together_sentence(history)),
        tool_of={clean(e.item): clean(e.full_name) for e in history.items if e.full_name},
        kinds=(*_kinds(history),),
    )


def _stacked_by(history: History, name: str) -> Iterator[DrawnFigure]:
    """Yield the stages of the tools of each category, with what they show."""
    for place, drawing in enumerate(category_stages(history), start=1):
        of = (tool for tool in history.tools if tool.category == drawing.title)
        yield _drawn(f"{name}-stages-{place}", drawing, stages_sentence(of))


def _shares(history: History, name: str) -> Iterator[DrawnFigure]:
    for place, theme in enumerate(share_themes(history), start=1):
        drawing = draw_shares(history, theme)
        yield _drawn(f"{name}-shares-{place}", drawing, shares_sentence(history, theme))


def _lorenz(history: History, name: str) -> DrawnFigure | None:
    if not history.lorenz:
        return None
    return _drawn(f"{name}-lorenz", draw_lorenz(history), unequal_sentence(history))


def _kinds(history: History) -> Iterator[KindBar]:
    kinds = list(kinds_of(history))
    most = max((n for kind, n in kinds if kind != UNKNOWN), default=1)
    for kind, n in kinds:
        yield KindBar(clean(kind), n, None if kind == UNKNOWN else n / most)


def _growth(history: History, name: str) -> Iterator[DrawnFigure]:
    """Yield what is drawn of growth, each with what can be said of it."""
    said = {each.measure: clean(each.sentence) for each in history.verdicts}
    for measure, drawing in growth_figures(history):
        figure = _drawn(f"{name}-{measure}", drawing, growth_in_words(history, measure))
        notes = (*filter(None, [said.get(measure)]), *figure.notes)
        yield replace(figure, notes=notes)


def _not_grown(history: History) -> Iterator[str]:
    """Yield what is said of measures of which there is nothing to draw."""
    drawn = {each.measure for each in history.months if each.grouped_by == "all"}
    said = [each.sentence for each in history.verdicts if each.measure in drawn]
    yield from (clean(sentence) for sentence in verdicts(history) if sentence not in said)


def _sentence(words: str) -> str:
    return clean(words[:1].upper() + words[1:])


def _drawn(name: str, drawing: Drawing, says: str = "") -> DrawnFigure:
    notes = tuple(_sentence(f"{note}.") for note in drawing.notes)
    svg = Markup(inline_svg(drawing, name))
    return DrawnFigure(name, clean(says), clean(drawing.title), clean(drawing.of_whom), svg, notes)


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
        is_all = grouped_by == "all"
        says = (
            lasting_sentence(history, end) if is_all else alike_sentence(history, end, grouped_by)
        )
        figure = _drawn(f"{name}-survival-{place}", drawing, says)
        if is_all:
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


def _staged(history: History, *, is_atlas: bool) -> Iterator[StagedTools]:
    """Yield tools by stage in the order of a life, then those of unknown stage by reason.

    Of the page's own tools only the latter, and no names: its table has them all.
    """
    groups: defaultdict[tuple[str, str], list[ToolRow]] = defaultdict(list)
    for tool in by_stage(history):
        stage = stage_of(tool)
        reason = clean(tool.unknown or NO_REASON) if stage == UNKNOWN else ""
        if stage == UNKNOWN or not is_atlas:
            groups[stage, reason].append(tool)
    order = sorted(groups, key=lambda of: (STAGES.index(of[0]), -len(groups[of]), of[1]))
    for stage, reason in order:
        tools = groups[stage, reason]
        shown = [] if is_atlas else tools[:MOST_NAMES]
        listed = tuple(
            ListedTool(
                clean(tool.full_name), web_address(GITHUB + tool.full_name), tool.since or ""
            )
            for tool in shown
        )
        yield StagedTools(stage, STAGE_COLOURS[stage], reason, len(tools), listed)
