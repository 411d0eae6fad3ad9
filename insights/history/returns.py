"""How often tools fall silent, end, and come back: passages between states, and their rates.

A state is what the rules say of a month: dormant, ended (dead), or active (any other stage). No
passage is smoothed away: a tool that was silent for half a year and then committed has come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise, permutations
from typing import Final

from artifacts.intervals import LEVEL, Estimate
from insights.history.figures import Transition
from insights.history.months import MONTHS_A_YEAR, month_from, month_of
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.stages import Lifecycle

STATES: Final = ("active", "dormant", "ended")
NEVER_THERE: Final = "no tool was watched in that state"


def transitions(
    population: HistoryPopulation, lives: Mapping[str, Lifecycle]
) -> tuple[Transition, ...]:
    """Return how often tools pass from each state to each other one.

    Of tools whose months are known, and from the month on in which they were first watched
    (`ToolHistory.entered_at`): what ended before could not be seen. An announced end of unknown
    date counts at the observation.

    Rates have exact Poisson intervals (Garwood 1936): they take passages as independent, and so are
    too narrow where a few tools come and go all the time.

    Returns
    -------
    tuple of Transition
        For each two states, in the order of `STATES`; the rate rests on as many tools as were in
        the state before.
    """
    passed: Counter[tuple[str, str]] = Counter()
    months: Counter[str] = Counter()
    tools: Counter[str] = Counter()
    for tool in population.tools:
        states = _watched_states(tool, lives[tool.repo_key])
        passed.update((before, after) for before, after in pairwise(states) if before != after)
        months.update(states[:-1])
        tools.update(set(states[:-1]))
    return tuple(
        Transition(
            before=before,
            after=after,
            n=passed[before, after],
            months=float(months[before]),
            rate=yearly_rate(passed[before, after], months[before], n_tools=tools[before]),
        )
        for before, after in permutations(STATES, 2)
    )


def _watched_states(tool: ToolHistory, life: Lifecycle) -> list[str]:
    """Return the state of each month in which a tool was watched, and at its observation.

    The last month stands for the observation, unless an end was announced since.
    """
    if not life.by_rule:
        return []
    birth = month_from(life.spells[0].first)
    entry = 0 if tool.entered_at is None else max(0, month_of(tool.entered_at) - birth)
    states = [_state(stage) for stage in life.by_rule[entry:]]
    if states and tool.ended is not None and life.stage == "dead" and states[-1] != "ended":
        states.append("ended")
    return states


def _state(stage: str) -> str:
    return {"dormant": "dormant", "dead": "ended"}.get(stage, "active")


def yearly_rate(n: int, months: float, *, n_tools: int) -> Estimate:
    """Return events per year with the exact 95 % interval of a Poisson count (Garwood 1936).

    Parameters
    ----------
    n
        Events.
    months
        In which they could have happened, over all tools.
    n_tools
        Who spent those months.
    """
    from scipy.stats import chi2

    if months == 0:
        return Estimate(None, None, None, n_tools, NEVER_THERE)
    years = months / MONTHS_A_YEAR
    tail = (1 - LEVEL) / 2
    low = 0.0 if n == 0 else float(chi2.ppf(tail, 2 * n)) / 2 / years
    high = float(chi2.ppf(1 - tail, 2 * n + 2)) / 2 / years
    return Estimate(n / years, low, high, n_tools)
