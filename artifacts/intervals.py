"""A figure with its interval, and how intervals come from resamples.

What every bootstrap here shares: which documents are drawn again, the percentiles of what they
give, and when too few resamples are defined to say anything. Not every interval is a percentile
interval: a score that chance alone makes larger in a resample is laid about its estimate
(`centred_interval`), and shares have score intervals (`labels.sampling.estimate`,
`labels.validation.values`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles

LEVEL = 0.95
"""Of every interval, unless its maker says another."""
PERCENTILES = (2.5, 97.5)
"""Of the resamples: the ends of an interval of that level."""
UNDEFINED_ALLOWED = 0.1
"""Of the resamples: if more are undefined, those left are not drawn as the sample was."""
CHUNK = 250
"""Resamples at a time, to hold memory down."""


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval; from ``low`` to ``high`` is where the truth may be."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, or why there is none.

    Attributes
    ----------
    value
        None: undefined, for the reason given.
    low, high
        None: there is no interval, for the reason given.
    n
        Observations that it rests on.
    reason
        Why the value or the interval is missing, in words.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


def bootstrap_counts(
    numbers: NDArray[np.integer | np.floating], n_resamples: int, *, seed: int
) -> Iterator[Doubles]:
    """Yield how often each type is drawn when all are drawn again with replacement.

    Things that are alike are one type, and a statistic takes counts (resampling vectors: Efron and
    Tibshirani 1993, chapter 20), so that a resample is as small as there are types.

    Parameters
    ----------
    numbers
        How many there are of each of n_types types.

    Yields
    ------
    Doubles
        n × n_types counts, n at most `CHUNK`; ``n_resamples`` rows in all.
    """
    rng = np.random.default_rng(seed)
    total = int(numbers.sum())
    for start in range(0, n_resamples, CHUNK):
        size = min(CHUNK, n_resamples - start)
        yield rng.multinomial(total, numbers / total, size).astype(np.float64)


def percentile_estimate(
    value: float, draws: Doubles, *, n: int, percentiles: tuple[float, float] = PERCENTILES
) -> Estimate:
    """Return a figure with the percentile interval of its resamples.

    As in Efron and Tibshirani 1993, chapter 13.

    Parameters
    ----------
    draws
        n_resamples values, NaN where undefined: these are left out, if they are few enough.
    n
        Observations that the figure rests on.
    """
    defined = draws[~np.isnan(draws)]
    missing = len(draws) - len(defined)
    if missing > UNDEFINED_ALLOWED * len(draws):
        reason = f"no interval: undefined in {missing:,} of {len(draws):,} resamples"
        return Estimate(value, None, None, n, reason)
    low, high = (float(end) for end in np.percentile(defined, percentiles))
    return Estimate(value, low, high, n)


def centred_interval(
    value: float,
    draws: Doubles,
    *,
    scale: float = 1.0,
    percentiles: tuple[float, float] = PERCENTILES,
) -> Interval:
    """Return a score of at most 1 with the spread of its resamples about it.

    For scores that are larger of a resample than of a sample, or that vary more or less in it.

    Parameters
    ----------
    draws
        n_resamples values.
    scale
        What their distances from their median are multiplied by.
    """
    low, middle, high = np.percentile(draws, [percentiles[0], 50, percentiles[1]])
    return Interval(
        value=value,
        low=value + scale * float(low - middle),
        high=min(1.0, value + scale * float(high - middle)),
    )
