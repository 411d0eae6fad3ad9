"""What figures of a history show, each in a plain sentence; methods and caveats stand apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from artifacts.words import listed
from insights.history.figures import FamilyShare, Measure
from insights.history.history import History
from insights.history.months import MONTHS_A_YEAR
from insights.history.rows import ToolRow
from reports.history.cells import UNKNOWN
from reports.history.lives import STAGES, stage_of
from reports.history.tables import told_pairs_table

ALPHA: Final = 0.05
"""Below it, groups are said to last differently."""
MOST_FAMILIES: Final = 3
_PHASES: Final[Mapping[str, tuple[str, ...]]] = {
    "emerging, growing or at their peak": ("emerging", "growing", "peak"),
    "dormant or dead": ("dormant", "dead"),
}
_OF_A_YEAR: Final[Mapping[Measure, str]] = {
    "births": "{} of these tools began in {}",
    "active": "{} of these tools had a commit in a month of {}, on average",
    "commits": "There were {} commits in {}",
    "people": "{} people committed in a month of {}, on average, counted once for each tool",
    "releases": "There were {} releases in {}",
    "stars": "These tools gained {} stars in {}",
}
_AVERAGED: Final = ("active", "people")


def growth_in_words(history: History, measure: Measure) -> str:
    """Return how much there was in the last whole year, and in the one before; empty: none is."""
    counts: defaultdict[str, list[int]] = defaultdict(list)
    for each in history.months:
        if (each.measure, each.grouped_by) == (measure, "all") and not each.is_cut:
            counts[each.month[:4]].append(each.value)
    whole = {year: sum(of) for year, of in sorted(counts.items()) if len(of) == MONTHS_A_YEAR}
    if not whole:
        return ""
    last = max(whole)
    parts = MONTHS_A_YEAR if measure in _AVERAGED else 1
    said = _OF_A_YEAR[measure].format(f"{whole[last] / parts:,.0f}", last)
    before = whole.get(str(int(last) - 1))
    return f"{said}." if before is None else f"{said}; {before / parts:,.0f} the year before."


def stages_sentence(tools: Iterable[ToolRow]) -> str:
    """Return in which stage most of the tools are, of those whose stage is known.

    Where that is of fewer than half, it is said first; of no tools, nothing is said.
    """
    counts = Counter(map(stage_of, tools))
    if not counts:
        return ""
    n_unknown = counts.pop(UNKNOWN, 0)
    known = counts.total()
    if 2 * known < n_unknown + known:
        return _mostly_unknown(counts, n_unknown)
    rest = f" Of {n_unknown:,} the stage is unknown." if n_unknown else ""
    stage, n = max(counts.items(), key=lambda item: (item[1], item[0]))
    whose = "whose stage is known " if n_unknown else ""
    said = f"{_portion(n, known)} the tools {whose}are {_in_stage(stage)} ({n:,} of {known:,})"
    others = [
        f"{sum(counts[each] for each in stages):,} {words}"
        for words, stages in _PHASES.items()
        if stage not in stages and any(counts[each] for each in stages)
    ]
    return f"{said}{'; ' if others else ''}{listed(others)}.{rest}"


def _mostly_unknown(counts: Mapping[str, int], n_unknown: int) -> str:
    known = sum(counts.values())
    said = f"The stage of {n_unknown:,} of the {n_unknown + known:,} tools is unknown."
    told = [f"{counts[stage]:,} {_in_stage(stage)}" for stage in STAGES if counts.get(stage)]
    return f"{said} The others: {listed(told)}." if told else said


def _in_stage(stage: str) -> str:
    return "at their peak" if stage == "peak" else stage


def _portion(n: int, whole: int) -> str:
    share = n / whole
    if share > 0.55:
        return "All" if n == whole else "Most of"
    return "About half of" if share > 0.45 else f"{share:.0%} of"


def lasting_sentence(history: History, end: str) -> str:
    """Return which share of the tools lasts five years; empty where that is not known."""
    for each in history.survival:
        if (each.end, each.bound, each.grouped_by) != (end, "as seen", "all"):
            continue
        if each.figure == "after 60 months" and each.value.value is not None:
            share = each.value.value
            return f"{share:.0%} of the tools last five years or longer; an end here is “{end}”."
    return ""


def alike_sentence(history: History, end: str, grouped_by: str) -> str:
    """Return whether groups last alike; empty where that was not tested."""
    tests = [t for t in history.log_rank if (t.end, t.grouped_by) == (end, grouped_by)]
    if not tests:
        return ""
    of_all = max(tests, key=lambda test: len(test.groups))
    p = f"{_p_value(of_all.p_holm)}, log-rank test, adjusted"
    if of_all.p_holm < ALPHA:
        return f"These groups do not last alike ({p})."
    return f"That these groups last differently is not beyond chance ({p})."


def _p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def shares_sentence(history: History, theme: str) -> str:
    """Return which families of a theme most tools belong to; empty where none is known."""
    by_signs: dict[str, list[FamilyShare]] = {}
    for each in history.shares:
        if (each.theme, each.grouped_by) == (theme, "all") and each.share.value:
            by_signs.setdefault(each.signs, []).append(each)
    signs = next(
        (e.signs for e in history.shares if (e.theme, e.grouped_by) == (theme, "cohort")), ""
    )
    found = [each for each in by_signs.get(signs, []) if each.family not in _NO_FAMILY]
    found.sort(key=lambda each: (-(each.share.value or 0), each.family))
    told = [f"{each.family} {each.share.value:.0%}" for each in found[:MOST_FAMILIES]]
    return f"Of all these tools: {listed(told)}." if told else ""


_NO_FAMILY: Final = ("any", "others", UNKNOWN)


def unequal_sentence(history: History) -> str:
    """Return which share of each thing the top tenth of the tools has; empty where unknown."""
    told = [
        f"{each.top_10.value:.0%} of all {each.measure}"
        for each in history.concentration
        if each.top_10.value is not None
    ]
    return f"The tenth of the tools that has most has {listed(told)}." if told else ""


def together_sentence(history: History) -> str:
    """Return which two tools go together most often, beside what chance would give."""
    rows = told_pairs_table(history).rows
    shown = {(row.cells["first"], row.cells["second"]) for row in rows}
    pairs = [each for each in history.pairs if (each.first, each.second) in shown]
    if not pairs:
        return ""
    most = max(pairs, key=lambda each: (each.n_both, each.first))
    who = "owner has" if most.n_both == 1 else "owners have"
    return (
        f"{most.first} and {most.second} are together most often: {most.n_both:,} {who} both; "
        f"by chance, {most.expected:.1f} would."
    )


def kinds_of(history: History) -> Iterator[tuple[str, int]]:
    """Yield how many tools there are of each kind, most first, those of an unknown kind last."""
    whose = history.population
    if whose.kinds:
        yield from sorted(whose.kinds.items(), key=lambda item: (-item[1], item[0]))
        if whose.n_kind_unknown:
            yield UNKNOWN, whose.n_kind_unknown
