"""Months in which the level of a tool's activity changed: change points of its monthly commits.

The series is cut into segments of one mean each, so that twice the negative log-likelihood and a
penalty for each change are least together (PELT: Killick, Fearnhead and Eckley 2012, Optimal
detection of changepoints with a linear computational cost). Counts are negative binomial: their
variance is mean + dispersion · mean², as commits come in bursts.

Neighbouring months are alike, so that a series without any change looks as if it had some. The
penalty is that which such a series exceeds with its best single change in one of a hundred cases:
its like is drawn many times, of the same length, mean, dispersion and autocorrelation (Poisson
counts about a log-normal autoregressive mean). More than one change is looked for, and the noise is
itself an estimate: so of series without a change about one in twenty is told to have one.

Dispersion and autocorrelation are taken from products of months that lie near each other, which
changes of level hardly touch (the idea of difference-based estimates: Tecuapetla-Gómez and Munk
2017). What they do touch makes the penalty larger: rather a change too few.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from artifacts.arrays import Doubles, Integers
from insights.history.months import MONTHS_A_YEAR, month_name
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.rows import ChangePoint

SHORTEST: Final = 6
"""Months of one level, at least: shorter ones are bursts and holidays."""
FEWEST_MONTHS: Final = 2 * MONTHS_A_YEAR
FEWEST_COMMITS: Final = 24
"""Of a series in which changes are looked for."""
FALSE_ALARMS: Final = 0.01
"""Of the best single change in a series without one."""
_DRAWS: Final = 500
_APART: Final = (11, 12, 13)
"""Months after which two months are taken to be alike by their level, and their season, alone."""
_MOST_ALIKE: Final = 0.95
_LEAST_DISPERSION: Final = 1e-3


@dataclass(frozen=True)
class CountNoise:
    """How the months of a series vary about its level.

    Attributes
    ----------
    dispersion
        Of the negative binomial distribution: variance = mean + dispersion · mean².
    alike
        Autocorrelation at one month of the logarithm of the mean, in [0, 0.95].
    """

    dispersion: float
    alike: float


def change_points(population: HistoryPopulation, *, seed: int) -> tuple[ChangePoint, ...]:
    """Return the change points of each tool's monthly commits, by people where these are known.

    Of a tool without a day of observation, with fewer than 24 months or 24 commits, none are
    looked for; the month of observation is not over and is left out.

    Parameters
    ----------
    seed
        Of the series without a change that penalties are taken from.

    Returns
    -------
    tuple of ChangePoint
        In the order of the tools, then of the months.
    """
    return tuple(
        point
        for tool in population.tools
        if (counts := _counts(tool)) is not None
        for point in _points(tool, counts, seed)
    )


def _counts(tool: ToolHistory) -> Integers | None:
    """Return the commits of the months that were over, from the first with any."""
    if tool.observed_month is None or tool.commits is None or tool.first_month is None:
        return None
    counts = tool.commits[: max(0, tool.observed_month - tool.first_month)]
    is_enough = len(counts) >= FEWEST_MONTHS and counts.sum() >= FEWEST_COMMITS
    return counts if is_enough else None


def _points(tool: ToolHistory, counts: Integers, seed: int) -> list[ChangePoint]:
    noise = noise_of(counts)
    if noise is None or tool.first_month is None:
        return []
    least = penalty(len(counts), float(counts.mean()), noise, seed=seed)
    edges = [0, *segments(counts, noise.dispersion, least, shortest=SHORTEST), len(counts)]
    means = [float(counts[start:end].mean()) for start, end in pairwise(edges)]
    return [
        ChangePoint(tool.repo_key, month_name(tool.first_month + month), before, after)
        for month, (before, after) in zip(edges[1:-1], pairwise(means), strict=True)
    ]


def noise_of(counts: Integers) -> CountNoise | None:
    """Return how a series of counts varies, whatever its levels; None: it is too sparse to tell.

    For counts whose means follow one level, E y(y − 1) = level² · (1 + dispersion), and the product
    of neighbours is level² · (1 + covariance) on average; of months far enough from each other it
    is the level's square.
    """
    y = counts.astype(np.float64)
    n = len(y) - max(_APART)
    if n < SHORTEST:
        return None
    far = float(np.mean([np.mean(y[:n] * y[k : n + k]) for k in _APART]))
    if far <= 0:
        return None
    first, last = y[:n], y[-n:]
    own = float(np.mean(first * (first - 1)) + np.mean(last * (last - 1))) / 2 / far
    near = float(np.mean(first * y[1 : n + 1]) + np.mean(last * y[-n - 1 : -1])) / 2 / far
    dispersion = max(_LEAST_DISPERSION, own - 1)
    alike = float(np.log(max(1.0, near)) / np.log1p(dispersion))
    # Short series look less alike than they are (Marriott and Pope 1954), and vary less.
    alike = min(_MOST_ALIKE, alike + (1 + 4 * alike) / len(y))
    return CountNoise(dispersion * (1 + 2 / (1 - min(alike, 0.9)) / len(y)), alike)


def segments(counts: Integers, dispersion: float, penalty: float, *, shortest: int) -> list[int]:
    """Return the places where the segments of least cost begin, but for the first.

    Parameters
    ----------
    counts
        n non-negative counts.
    dispersion
        Of all of them, above 0.
    penalty
        For each change, not negative.
    shortest
        Length of a segment, at least.
    """
    n = len(counts)
    sums = np.concatenate([[0.0], counts.cumsum()])
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(n + 1, dtype=np.int64)
    starts = np.zeros(1, dtype=np.int64)
    # A start that is no better than one at the end can never be better once a whole segment may
    # follow it: it is left out from then on.
    left_out: list[tuple[int, Integers]] = []
    for end in range(shortest, n + 1):
        if left_out and left_out[0][0] == end:
            starts = np.setdiff1d(starts, left_out.pop(0)[1], assume_unique=True)
        costs = best[starts] + _cost(sums[end] - sums[starts], end - starts, dispersion)
        place = int(np.argmin(costs))
        best[end], before[end] = costs[place] + penalty, starts[place]
        left_out.append((end + shortest, starts[costs >= best[end]]))
        starts = np.append(starts, end - shortest + 1) if end - shortest + 1 >= shortest else starts
    found = []
    end = n
    while end > 0 and before[end] > 0:
        end = int(before[end])
        found.append(end)
    return found[::-1]


def _cost(sums: Doubles, lengths: Integers | int, dispersion: float) -> Doubles:
    """Return −2 log-likelihood of segments at their means, but for terms that all cuts share."""
    mean = sums / lengths
    spread = dispersion * mean
    # Where the mean is 0, so is the sum, and the product with the logarithm.
    ratio = np.where(spread > 0, spread, 1.0) / (1 + spread)
    cost: Doubles = -2 * (sums * np.log(ratio) - lengths / dispersion * np.log1p(spread))
    return cost


def penalty(n: int, mean: float, noise: CountNoise, *, seed: int) -> float:
    """Return what a change must gain, so that a series without one seldom has it.

    Lengths, means and noise are rounded (by at most a fifth), so that like series share one.
    """
    length = max(FEWEST_MONTHS, int(np.ceil(n / MONTHS_A_YEAR)) * MONTHS_A_YEAR)
    return _penalty(
        length,
        round(2 * float(np.log2(max(mean, 0.05)))),
        round(4 * float(np.log2(noise.dispersion))),
        round(10 * noise.alike),
        seed,
    )


@lru_cache(maxsize=4096)
def _penalty(n: int, mean: int, dispersion: int, alike: int, seed: int) -> float:
    spread = 2.0 ** (dispersion / 4)
    drawn = stationary(
        _DRAWS,
        n,
        2.0 ** (mean / 2),
        CountNoise(spread, min(_MOST_ALIKE, alike / 10)),
        rng=np.random.default_rng(seed),
    )
    sums = drawn.cumsum(axis=1).astype(np.float64)
    ends = np.arange(SHORTEST, n - SHORTEST + 1)
    left, whole = sums[:, ends - 1], sums[:, -1:]
    split = _cost(left, ends, spread) + _cost(whole - left, n - ends, spread)
    gains = _cost(whole, np.array([n]), spread)[:, 0] - split.min(axis=1)
    return float(np.quantile(gains, 1 - FALSE_ALARMS))


def stationary(
    n_series: int, n: int, mean: float, noise: CountNoise, *, rng: np.random.Generator
) -> Integers:
    """Return series without a change: n_series × n counts of one mean, and with that noise."""
    variance = np.log1p(noise.dispersion)
    shocks = rng.normal(size=(n_series, n)) * np.sqrt(variance)
    level = shocks.copy()
    fresh = np.sqrt(1 - noise.alike**2)
    for month in range(1, n):
        level[:, month] = noise.alike * level[:, month - 1] + fresh * shocks[:, month]
    drawn: Integers = rng.poisson(mean * np.exp(level - variance / 2))
    return drawn
