"""How mature a tool is, in words, and what these rest on: a scale, and no score.

| word | what it says |
| --- | --- |
| ended, dormant | its stage, ``dead`` or ``dormant``, whatever its age |
| young | it began less than two years before it was observed |
| established | two to five years before |
| mature | five years before, or more |
| … but declining | its stage |
| …, one-person | half of the commits of its last year are by one person |
| …, people unknown | whether they are is not known |
| unknown | its stage or its beginning is not known |

Two years, as a year can be compared with the one before only then; five, as a tool of that age has
seen users, dependencies and often maintainers change. Releases are told in the reason and change no
word: what is finished is seldom released.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from insights.history.health import ABSENCE_FACTOR, RELEASE_FREQUENCY
from insights.history.months import MONTHS_A_YEAR, months_between
from insights.history.population import ToolHistory
from insights.history.rows import HealthSignal
from insights.history.stages import NO_DAY, UNKNOWN, Lifecycle

ESTABLISHED_FROM: Final = 2
"""Years since its beginning."""
MATURE_FROM: Final = 5
_ENDS: Final = {"dead": "ended", "dormant": "dormant"}


def maturity_of(
    tool: ToolHistory, life: Lifecycle, signals: Iterable[HealthSignal]
) -> tuple[str, str]:
    """Return how mature a tool is, and what that rests on.

    Parameters
    ----------
    signals
        Of its health; the reason says which of those that count are not known.
    """
    if tool.observed_at is None:
        return UNKNOWN, NO_DAY
    if life.stage is None:
        return UNKNOWN, life.unknown or "its stage is not known"
    if tool.born_at is None:
        return UNKNOWN, "its beginning is not known"
    years = months_between(tool.born_at, tool.observed_at) / MONTHS_A_YEAR
    values = {each.signal: each.value for each in signals}
    factor, releases = values.get(ABSENCE_FACTOR), values.get(RELEASE_FREQUENCY)
    reasons = [
        f"{years:.1f} years old",
        life.stage,
        "on how many people it rests is not known"
        if factor is None
        else f"half of the commits of its last year are by {_number(factor, 'person', 'people')}",
        "its releases are not known"
        if releases is None
        else f"{_number(releases, 'release', 'releases')} in the last year",
    ]
    return _word(life.stage, years, factor), ", ".join(reasons)


def _word(stage: str, years: float, factor: float | None) -> str:
    if stage in _ENDS:
        return _ENDS[stage]
    word = "mature" if years >= MATURE_FROM else "established"
    if years < ESTABLISHED_FROM:
        word = "young"
    if stage == "declining":
        word += " but declining"
    if factor is None:
        return f"{word}, people unknown"
    return f"{word}, one-person" if factor == 1 else word


def _number(value: float, one: str, several: str) -> str:
    return f"{value:,.0f} {one if value == 1 else several}" if value else f"no {one}"
