"""How an ecosystem grows, and what is unequal, shared and put together in it, as tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from insights.history.figures import MEASURE_NAMES, MonthCount
from insights.history.history import History
from insights.usage.together import FALSE_DISCOVERIES
from reports.history.cells import (
    UNKNOWN,
    estimate_cells,
    estimate_columns,
    of_whom,
    population_sentence,
    reasons_note,
    shown_estimate,
    slug,
    told,
    uncaptioned,
)
from reports.history.lasting import (
    log_rank_table,
    probability,
    survival_table,
    transitions_table,
)
from reports.history.lives import (
    cycle_table,
    has_people,
    stage_counts_table,
    stage_lists,
    stage_shares_table,
    stages_table,
    told_cycle_table,
)
from reports.history.stack import NO_PROOF
from reports.tables import Cell, Column, Marked, Row, Table, for_data, number, texts

SUMMED: Final = ("births", "commits", "releases", "stars")
"""Measures that add up over the months of a year; of the others the mean month is told."""
_BY_YEAR: Final[Mapping[str, str]] = {
    "births": "Born",
    "active": "Active*",
    "commits": "Commits",
    "people": "People*",
    "releases": "Releases",
    "stars": "Stars gained",
}
HISTORY_MONTHS: Final = "history-months"
HISTORY_TABLES: Final = (
    "history-population",
    "history-growth",
    HISTORY_MONTHS,
    "history-fits",
    "history-concentration",
    "history-stages",
    "history-stage-counts",
    "history-cycle",
    "history-survival",
    "history-log-rank",
    "history-transitions",
    "history-shares",
    "history-group-shares",
    "history-separation",
    "history-together",
)
"""Those of `tables_of_history`, in its order."""
MOST_FAMILIES: Final = 4
"""Columns of families of a theme; those of fewer tools are in the data alone."""


def population_table(history: History) -> Table:
    """Return of whom everything is told."""
    whose = history.population
    rows: list[tuple[str, int | None, str | None]] = [
        ("rows read", whose.n_rows, None),
        ("about a tool that was there already", whose.n_duplicates, None),
        ("tools, each once", whose.n_distinct, None),
        (
            "not archived",
            whose.n_distinct - whose.n_archived - whose.n_archived_unknown,
            None,
        ),
        ("archived", whose.n_archived, None),
        ("not known whether archived", whose.n_archived_unknown, None),
        *((f"kind: {kind}", n, None) for kind, n in whose.kinds.items()),
        ("kind not known", whose.n_kind_unknown, None),
        ("without a day of observation", whose.n_unobserved, None),
        ("first of the last observations", None, whose.earliest or UNKNOWN),
        ("last of the last observations", None, whose.latest or UNKNOWN),
    ]
    cells = [
        {"what": what, "n": n, "day": day, "shown": told(day if n is None else n)}
        for what, n, day in rows
    ]
    shown = Column("shown", "", is_number=True, in_data=False)
    return Table.of(
        [*texts("what"), *for_data("n", "day"), shown],
        cells,
        name="history-population",
        caption=f"The population: {of_whom(history)}",
        notes=whose.notes,
    )


def growth_table(history: History) -> Table:
    """Return how much there was in each year; `months_table` has the months."""
    by_year: defaultdict[str, defaultdict[str, list[MonthCount]]]
    by_year = defaultdict(lambda: defaultdict(list))
    for each in history.months:
        if each.grouped_by == "all":
            by_year[each.month[:4]][each.measure].append(each)
    shown = [name for name in _BY_YEAR if any(found.get(name) for found in by_year.values())]
    rows = [
        {"year": year} | {name: _of_year(name, by_year[year].get(name, [])) for name in shown}
        for year in sorted(by_year)
    ]
    cut = min((each.month for each in history.months if each.is_cut), default=None)
    return Table.of(
        [
            Column("year", "Year"),
            *(number(name, _BY_YEAR[name], int(name not in SUMMED)) for name in shown),
        ],
        rows,
        name="history-growth",
        caption=f"Growth by year; {of_whom(history)}",
        notes=[
            "* In a month, on average." if {"active", "people"} & set(shown) else "",
            "Commits: by people and bots, which are not told apart."
            if "commits" in shown and not has_people(history)
            else "",
            _not_whole(history, cut) if cut else "",
        ],
    )


def _not_whole(history: History, cut: str) -> str:
    if history.population.earliest is None:
        return "† Not whole: up to when the tools are known is not known."
    return f"† Not whole: from {cut} on, tools were observed for the last time."


def _of_year(measure: str, months: list[MonthCount]) -> Cell:
    if not months:
        return None
    value: float = sum(each.value for each in months)
    if measure not in SUMMED:
        value /= len(months)
    return Marked(value) if any(each.is_cut for each in months) else value


def months_table(history: History) -> Table:
    """Return how much there was in each month, of all and of each group."""
    columns = [*texts("measure", "grouped_by", "group", "month"), number("value", "value")]
    return Table.of(
        [*columns, Column("is_cut", "not whole")],
        [vars(each) for each in history.months],
        name=HISTORY_MONTHS,
        caption=f"Months; {of_whom(history)}",
    )


def fits_table(history: History) -> Table:
    """Return how well models of growth fit, and what can be said of them."""
    rows = [
        {
            **vars(each),
            "parameters": " ".join(each.parameters),
            "ruled_out": each.is_told_apart,
            **estimate_cells("doubling_months", each.doubling_months, 0),
        }
        for each in sorted(history.fits, key=lambda fit: (fit.measure, fit.delta))
    ]
    columns = [
        Column("measure", "Of"),
        Column("model", "Model"),
        *for_data("parameters", "log_likelihood", "aicc"),
        number("delta", "ΔAICc", 1),
        number("dispersion", "Dispersion", 2),
        number("lag_one", "Lag one", 2),
        Column("ruled_out", "Ruled out"),
        *estimate_columns("doubling_months", "Doubles in months"),
    ]
    return Table.of(
        columns,
        rows,
        name="history-fits",
        caption=f"Models of growth; {of_whom(history)}",
        notes=[*verdicts(history), _doubling_note(history)],
    )


def _doubling_note(history: History) -> str:
    note = reasons_note(each.doubling_months for each in history.fits)
    return note.replace(UNKNOWN.capitalize(), "Doubling time unknown", 1)


def verdicts(history: History) -> list[str]:
    """Return what can be said of how things grow; what is known of no tool in one sentence."""
    counted = {each.measure for each in history.months}
    known = [each for each in history.verdicts if each.n_months or each.measure in counted]
    lost = [
        # Of no tool: so whether people would be told apart is not known, either.
        "commits" if each.measure == "commits" else MEASURE_NAMES[each.measure]
        for each in history.verdicts
        if each not in known
    ]
    names = [", ".join(lost[:-1]), lost[-1]] if len(lost) > 1 else lost
    silent = f"Not known of any tool, by month: {' and '.join(names)}." if names else ""
    return [*(each.sentence for each in known), *filter(None, [silent])]


def concentration_table(history: History, *, is_whole: bool = True) -> Table:
    """Return how unequally things are spread over tools.

    Parameters
    ----------
    is_whole
        False: what is not known stands in a note, for a reader.
    """
    told = [each for each in history.concentration if is_whole or each.gini.value is not None]
    lost = [each.measure for each in history.concentration if each not in told]
    rows = [
        {"measure": each.measure, "n": each.gini.n, "n_unknown": each.n_unknown}
        | estimate_cells("gini", each.gini, 3)
        | estimate_cells("top_1", each.top_1, 0, 100)
        | estimate_cells("top_10", each.top_10, 0, 100)
        for each in told
    ]
    columns = [
        Column("measure", "Of"),
        number("n", "Tools"),
        number("n_unknown", "Unknown"),
        *estimate_columns("gini", "Gini"),
        *estimate_columns("top_1", "Top 1 %"),
        *estimate_columns("top_10", "Top 10 %"),
    ]
    return Table.of(
        columns,
        rows,
        name="history-concentration",
        caption=f"How unequal tools are; {of_whom(history)}",
        notes=[
            "Top 1 %: the share that the top per cent of the tools have of all.",
            f"Not known of any tool: {', '.join(lost)}." if lost else "",
            reasons_note(
                figure for each in told for figure in (each.gini, each.top_1, each.top_10)
            ),
        ],
    )


def share_table(history: History) -> Table:
    """Return which share of all tools belongs to each family."""
    return _shares(history, ["all"], "history-shares", f"Shares; {of_whom(history)}")


def told_share_table(history: History) -> Table:
    """Return `share_table` for a reader: of what nothing is known is said in a note."""
    table = share_table(history)
    of_theme: defaultdict[tuple[Cell, Cell], list[Row]] = defaultdict(list)
    for row in table.rows:
        of_theme[row.cells["theme"], row.cells["signs"]].append(row)
    known: list[Row] = []
    signs_of: defaultdict[Cell, list[str]] = defaultdict(list)
    for (theme, signs), rows in of_theme.items():
        if any(row.cells["share"] is not None for row in rows):
            known += rows
        else:
            signs_of[theme].append(signs)
    themes_by: defaultdict[str, list[str]] = defaultdict(list)
    for theme, signs in signs_of.items():
        themes_by[", by ".join(signs)].append(theme)
    lost = [f"{', '.join(themes)} (by {signs})" for signs, themes in themes_by.items()]
    note = f"Not known of any tool: {'; '.join(lost)}." if lost else ""
    return replace(table, rows=tuple(known), notes=(*table.notes, *filter(None, [note])))


def grouped_shares_table(history: History) -> Table:
    """Return which share of the tools of each group belongs to each family."""
    groups = sorted({each.grouped_by for each in history.shares} - {"all"})
    caption = f"Shares by group; {of_whom(history)}"
    return _shares(history, groups, "history-group-shares", caption)


def _shares(history: History, groups: Iterable[str], name: str, caption: str) -> Table:
    wanted = set(groups)
    rows = [
        {**vars(each), **estimate_cells("share", each.share, 1, 100)}
        for each in history.shares
        if each.grouped_by in wanted
    ]
    is_grouped = wanted != {"all"}
    columns = [
        Column("grouped_by", "By", in_print=is_grouped),
        Column("group", "Group", in_print=is_grouped),
        Column("theme", "Theme"),
        Column("family", "Family"),
        Column("signs", "By"),
        number("n_with", "Tools"),
        *estimate_columns("share", "Share"),
    ]
    return Table.of(columns, rows, name=name, caption=caption)


def shares_by_year(history: History) -> Iterator[Table]:
    """Yield for each theme the shares of its largest families by year of birth."""
    themes = dict.fromkeys((e.theme, e.signs) for e in history.shares if e.grouped_by == "cohort")
    for theme, signs in themes:
        found = {
            (each.group, each.family): each
            for each in history.shares
            if (each.theme, each.signs, each.grouped_by) == (theme, signs, "cohort")
            and each.family != UNKNOWN
        }
        if not found:
            continue
        sizes: defaultdict[str, int] = defaultdict(int)
        for (_, family), each in found.items():
            sizes[family] += each.n_with
        families = sorted(sizes, key=lambda family: (-sizes[family], family))
        shown = families[:MOST_FAMILIES]
        rows = []
        for year in sorted({year for year, _ in found}):
            of = {family: found.get((year, family)) for family in shown}
            n = max((each.share.n for each in of.values() if each is not None), default=0)
            cells = {
                f: shown_estimate(None if e is None else e.share, 0, 100) for f, e in of.items()
            }
            rows.append({"year": year, "n": n} | cells)
        left = len(families) - len(shown)
        yield Table.of(
            [
                Column("year", "Born in"),
                number("n", "Tools"),
                *(Column(family, family, is_number=True) for family in shown),
            ],
            rows,
            name=f"history-shares-{slug(theme)}-by-{slug(signs)}",
            caption=f"Share of {theme} by year of birth, by {signs}; {of_whom(history)}",
            notes=[
                f"Rarer ones: {left}, in `opsatlas export history-group-shares`." if left else ""
            ],
        )


def separation_table(history: History) -> Table:
    """Return whether families separate in the taxonomy itself."""
    columns = [
        *texts("first", "second", "measure"),
        number("n_first", "first has"),
        number("n_second", "second has"),
        number("n_both", "both"),
        number("value", "value", 3),
        number("expected", "by chance", 3),
        number("p", "p", 4),
    ]
    return Table.of(
        columns,
        [vars(each) for each in history.separation],
        name="history-separation",
        caption=f"Whether families separate in the taxonomy; {of_whom(history)}",
    )


def pairs_table(history: History) -> Table:
    """Return which tools are named together as topics, those by most owners first."""
    rows = [
        {**vars(each), "q_shown": probability(each.q), **estimate_cells("lift", each.lift)}
        for each in sorted(history.pairs, key=lambda p: (-p.n_both, p.first, p.second))
    ]
    columns = [
        *texts("first", "second"),
        number("n_first", "of 1st"),
        number("n_second", "of 2nd"),
        number("n_both", "both"),
        *for_data("n_repositories", "n_all", "plain_lift", "expected"),
        *estimate_columns("lift", "lift, shrunk"),
        *for_data("p", "q"),
        Column("q_shown", "q", is_number=True, in_data=False),
        Column("relation", "relation"),
    ]
    return Table.of(
        columns,
        rows,
        name="history-together",
        caption=f"Named together as topics, by distinct owners; {of_whom(history)}",
        notes=[
            f"{NO_PROOF} It is no advice.",
            "Lift: owners of both over those expected by chance, drawn towards 1 where they are "
            "few. q: of the pairs that stand out as much or more, the share that chance may give.",
        ]
        if rows
        else [],
    )


def told_pairs_table(history: History) -> Table:
    """Return `pairs_table` for a reader: of pairs of two owners, or by more than chance, the first.

    How many are left out is said; and why, where there is none at all.
    """
    table = pairs_table(history)
    if not table.rows:
        n = len(history.items)
        why = f"only {n} tools are named" if n else NO_ITEMS
        return replace(table, notes=(f"Nothing is known of what goes together: {why}.",))
    told = [
        row
        for row in table.rows
        if row.cells["n_both"] >= LEAST_OWNERS or row.cells["q"] <= FALSE_DISCOVERIES
    ]
    shown = told[:MOST_PAIRS]
    left = len(table.rows) - len(shown)
    rest = (
        f"{left:,} further pairs are left out{'' if len(told) > MOST_PAIRS else _OF_FEW}: "
        "`opsatlas export history-together` has them."
    )
    return replace(table, rows=tuple(shown), notes=(*table.notes, rest if left else ""))


MOST_PAIRS: Final = 20
LEAST_OWNERS: Final = 2
_OF_FEW: Final = ", of fewer than two owners each"
NO_ITEMS: Final = (
    "it takes topics of repositories, and tools that they name (a taxonomy of tools, or the "
    "study's frameworks)"
)


def tables_of_history(history: History) -> Iterator[Table]:
    """Yield the tables that are exported; as data, each row names its snapshot."""
    made = [
        population_table(history),
        growth_table(history),
        months_table(history),
        fits_table(history),
        concentration_table(history),
        stages_table(history),
        stage_counts_table(history),
        cycle_table(history),
        survival_table(history),
        log_rank_table(history),
        transitions_table(history),
        share_table(history),
        grouped_shares_table(history),
        separation_table(history),
        pairs_table(history),
    ]
    for table in made:
        rows = tuple(
            replace(row, cells={**row.cells, "snapshot": history.snapshot}) for row in table.rows
        )
        columns = (*for_data("snapshot"), *table.columns)
        yield replace(table, columns=columns, rows=rows)


def growth_parts(history: History) -> list[Table | str]:
    """Return what a terminal shows of growth and of inequality."""
    fits, unequal = fits_table(history), concentration_table(history, is_whole=False)
    tables = [growth_table(history), fits, unequal]
    said = [] if fits.rows else ["\n".join(fits.notes)]
    return [population_sentence(history), *_with_rows(history, tables), *filter(None, said)]


def growth_tables(history: History) -> list[Table]:
    """Return all that is known of growth and of inequality, as data."""
    made = (growth_table, months_table, fits_table, concentration_table)
    return [table(history) for table in made]


def shares_parts(history: History) -> list[Table | str]:
    """Return what a terminal shows of shares."""
    shares = told_share_table(history)
    tables = [shares, *shares_by_year(history), separation_table(history)]
    said = [] if shares.rows else ["\n".join(shares.notes)]
    return [population_sentence(history), *filter(None, said), *_with_rows(history, tables)]


def shares_tables(history: History) -> list[Table]:
    """Return all that is known of shares, as data."""
    made = (share_table, grouped_shares_table, separation_table)
    return [table(history) for table in made]


def together_parts(history: History) -> list[Table | str]:
    """Return what a terminal shows of what goes together."""
    table = told_pairs_table(history)
    return [population_sentence(history), *_with_notes(history, [table])]


def stages_parts(history: History, stage: str | None = None) -> list[Table | str]:
    """Return what a terminal shows of where tools stand.

    Parameters
    ----------
    stage
        As for `stage_lists`: of one that is named, the tools alone.
    """
    if stage is not None:
        return [population_sentence(history), *stage_lists(history, stage)]
    tables = [stage_shares_table(history), told_cycle_table(history)]
    return [
        population_sentence(history),
        *_with_notes(history, tables),
        *stage_lists(history),
    ]


def stages_tables(history: History, stage: str | None = None) -> list[Table]:
    """Return all that is known of where tools stand, as data; of one stage, its tools alone."""
    tools = stages_table(history)
    if stage in (None, "all"):
        return [tools, stage_counts_table(history), cycle_table(history)]
    rows = tuple(row for row in tools.rows if row.cells["stage_shown"] == stage)
    return [replace(tools, rows=rows)]


def _with_rows(history: History, tables: Iterable[Table]) -> Iterator[Table]:
    return (uncaptioned(history, table) for table in tables if table.rows)


def _with_notes(history: History, tables: Iterable[Table]) -> Iterator[Table | str]:
    """Yield tables, and of those without rows what their notes say."""
    for table in tables:
        if table.rows:
            yield uncaptioned(history, table)
        elif table.notes:
            yield "\n".join(table.notes)
