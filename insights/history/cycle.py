"""Where an ecosystem, and each of its categories, stands on the hype cycle.

The hype cycle (Fenn and Raskino 2008, Mastering the hype cycle) is a metaphor: of the technologies
in its own reports few went through it (Dedehayir and Steinert 2016, The hype cycle model: a review
and future directions), and activity is not expectation. What can be found in a series, as they
propose, is a peak, a disappointment and a recovery; the positions here are names for these and say
nothing of what comes next.

The series is the mean of three, each over its own maximum: tools with a commit, births, and
logarithms of commits (so that no tool counts for all), summed over the last twelve months. Births
are seen late, as lists and topics lag: at the end the series is rather too low.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import bootstrap_counts
from insights.history.figures import CyclePosition
from insights.history.groups import ALL, Group, groups_of
from insights.history.months import MONTHS_A_YEAR, month_name
from insights.history.population import HistoryPopulation
from insights.history.settings import HistorySettings
from insights.history.stages import months_lived

FALLEN: Final = 0.75
"""Of a peak: what is below it was disappointed. A quarter is beyond what one year moves."""
OF_NOTE: Final = 0.5
"""Of the most that there ever was: what is below it is no peak."""
STEADY: Final = 0.1
"""Of the year before: what moves by less stays as it is."""
YOUNG_MONTHS: Final = 3 * MONTHS_A_YEAR
"""Since the first year was over: what grows is still a trigger. And so long a plateau is level."""
FEWEST_MONTHS: Final = 3 * MONTHS_A_YEAR
"""Of a series: a year to sum, one to compare it with, and one for a peak to lie in."""
WATCHED: Final = 0.9
"""Of the tools: so many are watched up to the last month that is looked at; and of so many, at
least, commits are counted from their birth on."""
RESAMPLES: Final = 200


@dataclass(frozen=True, eq=False)
class _Activity:
    """What tools did, summed over twelve months: 3 × n_tools × n_months, and the first month."""

    yearly: Doubles
    first: int

    def index(self, weights: Doubles) -> Doubles:
        """Return the mean of the three series over their maxima: n_resamples × n_months.

        Parameters
        ----------
        weights
            n_resamples × n_tools: how often each tool was drawn.
        """
        series = weights @ self.yearly
        most = series.max(axis=2, keepdims=True)
        mean: Doubles = np.divide(series, most, out=np.zeros_like(series), where=most > 0).mean(0)
        return mean


def cycle_positions(
    population: HistoryPopulation, settings: HistorySettings
) -> tuple[CyclePosition, ...]:
    """Return where all tools together, and those of each category, stand on the hype cycle.

    Tools of known months count, up to the last month up to which nine in ten of them were watched;
    the others are left out, as are those whose older commits are not counted. Where these are more
    than one in ten, no place is told: what is left would be the young. The certainty is the share
    of 200 resamples of the tools that stand at the same place.
    """
    groups: dict[Group, list[tuple[int, Integers]]] = defaultdict(list)
    n_older: Counter[Group] = Counter()
    for tool in population.tools:
        lived = months_lived(tool)
        is_older = lived is not None and tool.lacks_older
        for group in groups_of(tool):
            if group == ALL or group[0] == "category":
                groups[group] += [] if lived is None or is_older else [lived]
                n_older[group] += is_older
    return tuple(
        _position(group, groups[group], n_older[group], settings)
        for group in sorted(groups, key=lambda group: (group != ALL, group))
    )


def _position(
    group: Group, lived: Sequence[tuple[int, Integers]], n_older: int, settings: HistorySettings
) -> CyclePosition:
    n_known = len(lived) + n_older
    if n_older > (1 - WATCHED) * n_known:
        reason = f"of {n_older:,} of {n_known:,} tools older commits are not counted"
        return CyclePosition(*group, None, None, len(lived), reason)
    if len(lived) < settings.smallest_group:
        reason = f"fewer than {settings.smallest_group} tools of known months"
        return CyclePosition(*group, None, None, len(lived), reason)
    ends = sorted(birth + len(commits) for birth, commits in lived)
    end = ends[int((1 - WATCHED) * len(ends))]
    watched = [(birth, commits) for birth, commits in lived if birth + len(commits) >= end > birth]
    n = len(watched)
    first = min((birth for birth, _ in watched), default=end)
    if n < settings.smallest_group or end - first < FEWEST_MONTHS:
        reason = f"fewer than {FEWEST_MONTHS} months, or {settings.smallest_group} tools in them"
        return CyclePosition(*group, None, None, n, reason)
    activity = _activity(watched, first, end)
    (index,) = activity.index(np.ones((1, n)))
    position = position_of(index)
    drawn: Counter[str] = Counter()
    for weights in bootstrap_counts(np.ones(n), RESAMPLES, seed=settings.seed):
        drawn.update(position_of(each) for each in activity.index(weights))
    certainty = drawn[position] / RESAMPLES
    return CyclePosition(*group, position, certainty, n, _reason(index, first))


def _activity(watched: Sequence[tuple[int, Integers]], first: int, end: int) -> _Activity:
    n_months = end - first
    active, births, commits = np.zeros((3, len(watched), n_months))
    for row, (birth, counts) in enumerate(watched):
        seen = counts[: end - birth]
        active[row, birth - first :] = seen > 0
        births[row, birth - first] = 1
        commits[row, birth - first :] = np.log1p(seen)
    sums = np.stack([active, births, commits]).cumsum(axis=2)
    sums[:, :, MONTHS_A_YEAR:] -= sums[:, :, :-MONTHS_A_YEAR].copy()
    return _Activity(sums, first)


def position_of(index: Doubles) -> str:
    """Return where a series stands on the hype cycle.

    A *peak* that was followed by a fall below three quarters of it is the hype; before there was
    one, a series is in the ``trigger`` (it grows, and its first year was over less than three years
    ago), the ``rise`` (it grows) or at its ``peak`` (it does not, or has fallen by less). After it,
    a series that fell by a tenth within the last year is in its ``fall``; one that grew by a tenth
    on the ``slope``; else it is in the ``trough``, or on the ``plateau`` once it is back at three
    quarters of the peak. A series that never fell and has not moved by a tenth for three years is
    on the ``plateau`` too.

    Parameters
    ----------
    index
        Activity of the last twelve months, month by month; at least 36.
    """
    now, year_ago = float(index[-1]), float(index[-1 - MONTHS_A_YEAR])
    change = now / year_ago - 1 if year_ago > 0 else np.inf
    hype = hype_of(index)
    if hype is None:
        if change >= STEADY:
            return "trigger" if len(index) < YOUNG_MONTHS + MONTHS_A_YEAR else "rise"
        lately = index[-YOUNG_MONTHS:]
        is_level = len(index) > YOUNG_MONTHS and lately.min() >= (1 - STEADY) * lately.max()
        return "plateau" if is_level else "peak"
    if change <= -STEADY:
        return "fall"
    if change >= STEADY:
        return "slope"
    return "plateau" if now >= FALLEN * index[hype] else "trough"


def hype_of(index: Doubles) -> int | None:
    """Return the month of the first peak that was followed by a fall of a quarter; None: none.

    A peak has at least half of the most that there ever was.
    """
    highest = np.maximum.accumulate(np.where(index >= OF_NOTE * index.max(), index, 0))
    fallen = np.flatnonzero(index < FALLEN * highest)
    return int(np.argmax(index[: fallen[0]])) if len(fallen) else None


def _reason(index: Doubles, first: int) -> str:
    now, year_ago = float(index[-1]), float(index[-1 - MONTHS_A_YEAR])
    moved = f"{100 * (now / year_ago - 1):+.0f} %" if year_ago > 0 else "from nothing"
    hype = hype_of(index)
    peak = int(np.argmax(index)) if hype is None else hype
    of_peak = f"{100 * now / float(index[peak]):.0f} %"
    until = month_name(first + len(index) - 1)
    return (
        f"the year to {until} had {of_peak} of the activity of its peak "
        f"({month_name(first + peak)}), {moved} against the year before"
    )
