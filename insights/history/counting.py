"""How much of something there was in each month, summed over tools, and when that is whole.

From when and up to when is another thing for births than for the rest.

- A **birth** is known of every tool that is listed, however old the copy is that its history was
  read from. So births are counted of all tools whose birth is known, and are whole up to the
  month of the *latest* observation: what began after it nobody could list. Tools that began
  shortly before may not have been found yet; nothing here can tell how many.
- **Activity** (active tools, commits, people, releases, stars) is counted of tools whose day of
  observation is known, up to that day. From the month of the *earliest* observation on, what is
  not seen any more of one tool is missing in the sum. Where older commits of tools are not counted,
  the sum begins with the month from which on they are counted of nine in ten of these tools: before
  it, it would grow by what began to be counted. The others of these tools are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from insights.history.figures import Measure
from insights.history.months import month_of
from insights.history.population import Counts, HistoryPopulation, ToolHistory

COUNTED_OF: Final = 0.9
"""Of the tools whose older commits are not counted: from when on these are, the sum begins."""


@dataclass(frozen=True, eq=False)
class MonthlySum:
    """Counts of consecutive months, summed over tools.

    Attributes
    ----------
    first
        The month of the first count.
    counts
        By month.
    cut
        The month from which on they are not whole; None: from the beginning.
    n_tools
        Tools that are in them; `n_unknown` of others it is not known.
    n_by_anybody
        Of the tools, those whose commits are by anybody: people and bots are not told apart.
    since
        The month before which it is not summed, as older commits are not counted; None: of no tool.
    """

    measure: Measure
    first: int
    counts: Counts
    cut: int | None
    n_tools: int
    n_unknown: int
    n_by_anybody: int = 0
    since: int | None = None

    @property
    def whole(self) -> tuple[int, Counts]:
        """Return the first month with something, and the counts from there until they are cut."""
        n_whole = 0 if self.cut is None else max(0, self.cut - self.first)
        counts = self.counts[:n_whole]
        some = np.flatnonzero(counts)
        start = int(some[0]) if len(some) else len(counts)
        return self.first + start, counts[start:]


def monthly_sum(
    measure: Measure, tools: Sequence[ToolHistory], population: HistoryPopulation
) -> MonthlySum:
    """Return how much of something there was in each month, summed over tools.

    Parameters
    ----------
    tools
        Of whom: all of the population, or some.
    """
    since = None if measure == "births" else _counted_since(tools)
    found = [(tool, _since(since, tool, _series_of(tool, measure))) for tool in tools]
    known = [series for _tool, series in found if series is not None]
    by_anybody = sum(s is not None and "human" not in tool.monthly for tool, s in found)
    latest = population.latest_observation
    last = None if latest is None else month_of(latest)
    cut = last if measure == "births" else population.earliest_observation
    ends = [first + len(counts) - 1 for first, counts in known]
    if last is not None and known:
        ends.append(last)
    first = min((first for first, _counts in known), default=0)
    total = np.zeros(max(ends) - first + 1 if ends else 0, dtype=np.int64)
    for start, counts in known:
        total[start - first : start - first + len(counts)] += counts
    n_unknown = len(tools) - len(known)
    return MonthlySum(measure, first, total, cut, len(known), n_unknown, by_anybody, since)


def _counted_since(tools: Sequence[ToolHistory]) -> int | None:
    """Return from when on commits are counted of those whose older ones are not; None: of none."""
    firsts = sorted(
        tool.first_month
        for tool in tools
        if tool.first_month is not None and tool.observed_at is not None and tool.lacks_older
    )
    return firsts[math.ceil(COUNTED_OF * len(firsts)) - 1] if firsts else None


def _since(
    since: int | None, tool: ToolHistory, series: tuple[int, Counts] | None
) -> tuple[int, Counts] | None:
    """Return a series from a month on; None: that is not known."""
    if since is None or series is None:
        return series
    first, counts = series
    if first > since:
        return None if tool.lacks_older else series
    return since, counts[since - first :]


def _series_of(tool: ToolHistory, measure: Measure) -> tuple[int, Counts] | None:
    """Return the first month and the counts of a tool; None: not known."""
    if measure == "births":
        if tool.born_at is None:
            return None
        return month_of(tool.born_at), np.ones(1, dtype=np.int64)
    if tool.observed_at is None or tool.first_month is None:
        return None
    counts = {
        "active": tool.commits,
        "commits": tool.commits,
        "people": tool.monthly.get("people"),
        "releases": tool.monthly.get("releases", tool.monthly.get("tags")),
        "stars": tool.monthly.get("stars_gained"),
    }[measure]
    if counts is None:
        return None
    return tool.first_month, (counts > 0).astype(np.int64) if measure == "active" else counts
