"""How long tools last, and how they go and come back, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from insights.history.figures import SurvivalFigure, SurvivalTest
from insights.history.history import History
from insights.history.months import MONTHS_A_YEAR
from insights.history.settings import EndDefinition, Sign
from reports.history.cells import (
    UNKNOWN,
    Remarks,
    estimate_cells,
    estimate_columns,
    of_whom,
    population_sentence,
    shown_estimate,
    slug,
    uncaptioned,
)
from reports.tables import Cell, Column, Table, for_data, number

MEANING_OF_BOUNDS = (
    "Lower and upper bound: if all tools without a day of observation, or of an end that they "
    "announced, had ended at the last sign of them, and if none had before it was seen."
)
MEANING_OF_FIGURES = (
    "Shares last longer than so many months after birth; the median and the restricted mean are in "
    "months. The restricted mean counts no more than 60 of each."
)
MEANING_OF_SIGNS: Final[Mapping[Sign, str]] = {
    "human": "a commit by a person (by anybody, where people are not told apart)",
    "any": "a commit by anybody",
    "push": "a push to any branch (a commit, where pushes are not known)",
}
_SHARES = "after "
_ALPHA = 0.05
_Figures = dict[str, dict[str, SurvivalFigure]]


def survival_table(history: History) -> Table:
    """Return the figures of all survival curves, as seen and between their bounds."""
    rows = [row for of, figures in _curves(history).items() for row in _rows(of, figures)]
    columns = [
        Column("end", "End"),
        *for_data("grouped_by", "group"),
        Column("of", "Of", in_data=False),
        *_figure_columns(history),
        number("n", "Tools"),
        number("n_ended", "Ended"),
        number("n_unknown", "Unknown"),
    ]
    return Table.of(
        columns,
        rows,
        name="history-survival",
        caption=f"How long tools last (Kaplan and Meier, 95 % intervals); {of_whom(history)}",
        notes=_survival_notes(history),
    )


def curve_tables(history: History, remarks: Remarks | None = None) -> list[Table]:
    """Return a table for each survival curve of all tools.

    Parameters
    ----------
    remarks
        Where remarks on the cells of all of them are kept; None: they stand below each table.
    """
    tables = []
    for of, figures in _curves(history).items():
        if of[1] == "all":
            own = Remarks()
            rows = list(_rows(of, figures, remarks or own))
            n, ended, unknown = (rows[0][key] for key in ("n", "n_ended", "n_unknown"))
            tables.append(
                Table.of(
                    _figure_columns(history),
                    rows,
                    name=f"history-survival-{slug(of[0])}",
                    caption=f"Until {of[0]}: {n:,} tools, {ended:,} ended, {unknown:,} unknown",
                    notes=own.notes(),
                )
            )
    return tables


def _figure_columns(history: History) -> list[Column]:
    """Return the columns of figures; bounds only where some are told."""
    has_bounds = has_bounds_of(history)
    return [
        Column("figure", "Last longer"),
        *estimate_columns("seen", "As seen"),
        *_bound_columns("lower", "Lower", in_print=has_bounds),
        *_bound_columns("upper", "Upper", in_print=has_bounds),
    ]


def has_bounds_of(history: History) -> bool:
    """Return whether survival is told between bounds: some days are not known."""
    return any(each.bound != "as seen" for each in history.survival)


def _survival_notes(history: History) -> list[str]:
    bounds = MEANING_OF_BOUNDS if has_bounds_of(history) else ""
    return [bounds, MEANING_OF_FIGURES if history.survival else ""]


def _curves(history: History) -> dict[tuple[str, str, str], _Figures]:
    """Return by curve, and by figure of it, what is seen and its bounds."""
    curves: dict[tuple[str, str, str], _Figures] = {}
    for each in history.survival:
        of = curves.setdefault((each.end, each.grouped_by, each.group), {})
        of.setdefault(each.figure, {})[each.bound] = each
    return curves


def _rows(
    of: tuple[str, str, str], figures: _Figures, remarks: Remarks | None = None
) -> Iterator[dict[str, Cell]]:
    for figure, bounds in figures.items():
        seen = bounds.get("as seen")
        counted = seen or next(iter(bounds.values()))
        decimals, scale = (0, 100) if figure.startswith(_SHARES) else (1, 1)
        cells: dict[str, Cell] = dict(zip(("end", "grouped_by", "group"), of, strict=True))
        cells |= {"of": "all" if of[1] == "all" else of[2], "figure": figure}
        value = None if seen is None else seen.value
        cells |= estimate_cells("seen", value, decimals, scale)
        if value is not None and remarks is not None:
            cells["seen_shown"] += remarks.letters(value.reason)
        for bound in ("lower", "upper"):
            value = bounds[bound].value if bound in bounds else None
            cells[bound] = None if value is None else value.value
            cells[f"{bound}_shown"] = _bare(shown_estimate(value, decimals, scale))
        yield cells | {name: getattr(counted, name) for name in ("n", "n_ended", "n_unknown")}


def _bare(shown: str) -> str:
    """Return a figure without its interval: bounds are drawn about the figure as it is seen."""
    return shown.split(" (")[0]


def _bound_columns(key: str, heading: str, *, in_print: bool) -> list[Column]:
    shown = Column(f"{key}_shown", heading, is_number=True, in_data=False, in_print=in_print)
    return [shown, *for_data(key)]


def log_rank_table(history: History, *, is_whole: bool = True) -> Table:
    """Return whether groups last alike.

    Parameters
    ----------
    is_whole
        False: of pairs of groups only those that differ (p by Holm below 5 %), for a reader.
    """
    tests = [each for each in history.log_rank if is_whole or not _is_silent_pair(history, each)]
    rows = [
        {
            **vars(each),
            "groups": "; ".join(each.groups),
            "shown": f"all {len(each.groups)}" if len(each.groups) > 2 else " – ".join(each.groups),
        }
        for each in tests
    ]
    columns = [
        Column("end", "End"),
        Column("grouped_by", "By"),
        Column("shown", "Groups", in_data=False),
        *for_data("groups"),
        number("statistic", "χ²", 1),
        number("degrees", "df"),
        Column("p_shown", "p", is_number=True, in_data=False),
        Column("holm_shown", "p (Holm)", is_number=True, in_data=False),
        *for_data("p", "p_holm"),
    ]
    for row in rows:
        row |= {"p_shown": probability(row["p"]), "holm_shown": probability(row["p_holm"])}
    left = len(history.log_rank) - len(tests)
    return Table.of(
        columns,
        rows,
        name="history-log-rank",
        caption=f"Whether groups last alike (log-rank); {of_whom(history)}",
        notes=[_left_out(left)],
    )


def _left_out(n: int) -> str:
    pairs = "pair of groups that does" if n == 1 else "pairs of groups that do"
    return f"{n:,} {pairs} not differ {'is' if n == 1 else 'are'} left out." if n else ""


def _is_silent_pair(history: History, test: SurvivalTest) -> bool:
    """Return whether a test is one of several pairs, and finds no difference."""
    of = (test.end, test.grouped_by)
    is_only = sum((each.end, each.grouped_by) == of for each in history.log_rank) == 1
    return len(test.groups) == 2 and not is_only and test.p_holm >= _ALPHA


def probability(p: float) -> str:
    """Return a probability with three decimals, and a very small one as such."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def transitions_table(history: History, *, is_whole: bool = True) -> Table:
    """Return how often tools pass from one state to another, and back.

    Parameters
    ----------
    is_whole
        False: of states only those in which any tool was seen, for a reader.
    """
    rows = [
        {**vars(each), "years": each.months / MONTHS_A_YEAR, **estimate_cells("rate", each.rate, 3)}
        for each in history.transitions
        if is_whole or each.months
    ]
    columns = [
        Column("before", "From"),
        Column("after", "To"),
        number("n", "Times"),
        *for_data("months"),
        number("years", "Years in it", in_data=False),
        *estimate_columns("rate", "Times a year"),
    ]
    return Table.of(
        columns,
        rows,
        name="history-transitions",
        caption=f"Going and coming back; {of_whom(history)}",
        notes=["Dormancy is not the end: a tool that is silent may return, and be silent again."],
    )


def survival_sentence(history: History, end: str) -> str:
    """Return in a sentence how many tools last five years, as seen and between the bounds."""
    found = {
        each.bound: each
        for each in history.survival
        if (each.end, each.grouped_by, each.figure) == (end, "all", "after 60 months")
    }
    seen = found.get("as seen")
    if seen is None:
        return f"{end}: {UNKNOWN}."
    words = f"{end}: after five years {shown_estimate(seen.value, 0, 100)} last"
    if seen.value.value is None:
        words = f"{end}: unknown how many last five years, {seen.value.reason}"
    elif "lower" in found and "upper" in found:
        low, high = (_bare(shown_estimate(found[b].value, 0, 100)) for b in ("lower", "upper"))
        words += f", between {low} and {high} whatever became of those of unknown days"
    return f"{words} ({seen.n:,} tools, {seen.n_ended:,} ended, {seen.n_unknown:,} unknown)."


def unknown_sentence(history: History, ends: Iterable[EndDefinition] = ()) -> str:
    """Return which tools are unknown to the curves, and what counts as a sign of life.

    Parameters
    ----------
    ends
        As the study defines them; none: of signs nothing is said.
    """
    n = history.population.n_unobserved
    days = f"{n:,} without a day of observation, and " if n else ""
    said = [
        f"Unknown: {days}those of which it cannot be told yet whether they ended, such as tools "
        "that are younger than the silence that would count as an end."
    ]
    signs = dict.fromkeys(each.sign for each in ends if each.silent_months is not None)
    if signs:
        said.append(f"A sign of life is {' or '.join(MEANING_OF_SIGNS[each] for each in signs)}.")
    return " ".join(said)


def survival_parts(history: History, ends: Iterable[EndDefinition] = ()) -> list[Table | str]:
    """Return what a terminal shows of how long tools last; ``ends`` as for `unknown_sentence`."""
    remarks = Remarks()
    curves = curve_tables(history, remarks)
    notes = [unknown_sentence(history, ends), *_survival_notes(history)] if curves else []
    parts: list[Table | str] = [population_sentence(history)]
    parts += curves
    parts.append("\n".join(filter(None, [*notes, *remarks.notes()])) or NOTHING_LASTS)
    tests, passages = (
        made(history, is_whole=False) for made in (log_rank_table, transitions_table)
    )
    return [*parts, *(uncaptioned(history, table) for table in (tests, passages) if table.rows)]


def survival_tables(history: History) -> list[Table]:
    """Return all that is known of how long tools last, as data."""
    return [survival_table(history), log_rank_table(history), transitions_table(history)]


NOTHING_LASTS: Final = "How long they last is not known of any of them."
