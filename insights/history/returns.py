"""How often tools fall silent, end, and come back: a multi-state model of constant rates.

Being dormant or dead is no last state: what was silent for two years may be taken up again. Of each
month in which a tool was watched, and of the next, the table of rules says whether it was active,
dormant or ended (dead); a passage is a month whose next is another state. Months before a tool was
found by what finds living ones only are not counted: it could not have been seen to end in them.

Silence is told only once it has lasted: months before that count as active.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations
from typing import Final, Protocol

from artifacts.intervals import LEVEL, Estimate
from insights.history.months import MONTHS_A_YEAR, month_from, month_of
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.rows import Stage, StageSpell, Transition

STATES: Final = ("active", "dormant", "ended")


class StagedLife(Protocol):
    """What is looked at of a lifecycle."""

    @property
    def by_rule(self) -> Sequence[Stage]:
        """What the rules say of each month since birth."""

    @property
    def spells(self) -> Sequence[StageSpell]:
        """Its stages in order, from its birth on."""


def transitions(
    population: HistoryPopulation, lives: Mapping[str, StagedLife]
) -> tuple[Transition, ...]:
    """Return how often tools pass from each state to each other, per year in it.

    Parameters
    ----------
    lives
        The lifecycle of each tool, by key.

    Returns
    -------
    tuple of Transition
        Of each state in which any tool was, in the order of `STATES`. `Transition.rate` has the
        exact interval of a Poisson count (Garwood 1936), for passages that do not depend on each
        other, and rests on that number of tools.
    """
    passages: Counter[tuple[str, str]] = Counter()
    n_tools: Counter[str] = Counter()
    for tool in population.tools:
        pairs = list(pairwise(_watched_states(tool, lives[tool.repo_key])))
        passages.update(pairs)
        n_tools.update({before for before, _ in pairs})
    months = {state: sum(passages[state, after] for after in STATES) for state in STATES}
    return tuple(
        Transition(
            before=before,
            after=after,
            n=passages[before, after],
            months=float(months[before]),
            rate=yearly_rate(passages[before, after], months[before], n_tools[before]),
        )
        for before, after in permutations(STATES, 2)
        if months[before]
    )


def yearly_rate(n: int, months: int, n_tools: int) -> Estimate:
    """Return how often something happens in a year, if it did ``n`` times in so many months."""
    from scipy.stats import chi2

    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * n)) / 2 if n else 0.0
    high = float(chi2.ppf(1 - tail, 2 * n + 2)) / 2
    value, low, high = (MONTHS_A_YEAR * count / months for count in (n, low, high))
    return Estimate(value, low, high, n_tools)


def _watched_states(tool: ToolHistory, life: StagedLife) -> list[str]:
    """Return the state of each month in which a tool was watched."""
    if not life.by_rule:
        return []
    birth = month_from(life.spells[0].first)
    first = 0 if tool.entered_at is None else max(0, month_of(tool.entered_at) - birth)
    return [_state_of(stage) for stage in life.by_rule[first:]]


def _state_of(stage: Stage) -> str:
    if stage == "dead":
        return "ended"
    return "dormant" if stage == "dormant" else "active"
