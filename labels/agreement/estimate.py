"""A coefficient of agreement with its bootstrap interval, or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Integers
from labels.agreement.coded import MISSING, Ratings

RESAMPLES = 2000
INTERVAL = (2.5, 97.5)
MAX_UNDEFINED = 0.1
"""Of the resamples: with more, those left are not drawn as the sample was."""
CHUNK = 250  # resamples at a time, to hold memory down

NO_COMPARISON = "no item was coded by two coders"
NO_CHANCE = "only one value was given, so no disagreement can be expected by chance (0/0)"

Statistic = Callable[[Doubles], Doubles]
"""From n × n_types, how often each type of item was drawn, to n values; NaN where undefined."""


@dataclass(frozen=True)
class Resampling:
    """How intervals are drawn: items with replacement, from this seed."""

    seed: int
    resamples: int = RESAMPLES


@dataclass(frozen=True)
class Coefficient:
    """One coefficient.

    Attributes
    ----------
    key, name
        For machines and for people.
    value
        At most 1; None if it is undefined.
    low, high
        95 % percentile interval over items (Efron and Tibshirani 1993, chapter 13), or None.
    reason
        Why there is no value, or no interval.
    n_items
        All, coded or not.
    n_pairable
        Those that at least two coders coded.
    n_coders
        Those who coded anything.
    n_missing
        Values that those coders did not give to those items.
    n_undefined
        Resamples in which the coefficient is undefined, left out of the interval.
    """

    key: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    n_items: int
    n_pairable: int
    n_coders: int
    n_missing: int
    n_undefined: int


def undefined(key: str, name: str, ratings: Ratings, reason: str) -> Coefficient:
    """Return a coefficient without a value, and why."""
    return _coefficient(key, name, ratings, reason=reason)


def estimate(
    key: str,
    name: str,
    ratings: Ratings,
    numbers: Integers,
    statistic: Statistic,
    *,
    resampling: Resampling,
) -> Coefficient:
    """Return a coefficient with its interval.

    Parameters
    ----------
    numbers
        Of items of each type; alike items are one type, so that resamples stay small.
    statistic
        Of such numbers.
    """
    value = float(statistic(numbers[None, :].astype(np.float64))[0])
    if np.isnan(value):
        return undefined(key, name, ratings, NO_CHANCE)
    if resampling.resamples == 0:
        return _coefficient(key, name, ratings, value=value, reason="no resamples were asked for")
    drawn = _resampled(numbers, statistic, resampling)
    defined = drawn[~np.isnan(drawn)]
    n_undefined = len(drawn) - len(defined)
    low = high = reason = None
    if n_undefined > MAX_UNDEFINED * len(drawn):
        reason = f"no interval: undefined in {n_undefined:,} of {len(drawn):,} resamples"
    elif np.ptp(defined) == 0:
        reason = "no interval: every resample gives the same value"
    else:
        low, high = (float(end) for end in np.percentile(defined, INTERVAL))
    return _coefficient(
        key, name, ratings, value=value, low=low, high=high, reason=reason, n_undefined=n_undefined
    )


def _resampled(numbers: Integers, statistic: Statistic, resampling: Resampling) -> Doubles:
    rng = np.random.default_rng(resampling.seed)
    n_items = int(numbers.sum())
    sizes = [
        min(CHUNK, resampling.resamples - start) for start in range(0, resampling.resamples, CHUNK)
    ]
    drawn = [
        statistic(rng.multinomial(n_items, numbers / n_items, size).astype(np.float64))
        for size in sizes
    ]
    return np.concatenate(drawn)


def _coefficient(
    key: str,
    name: str,
    ratings: Ratings,
    *,
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    reason: str | None = None,
    n_undefined: int = 0,
) -> Coefficient:
    given = ratings.matrix != MISSING
    return Coefficient(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        reason=reason,
        n_items=given.shape[0],
        n_pairable=int((given.sum(axis=1) >= 2).sum()),
        n_coders=given.shape[1],
        n_missing=int(given.size - given.sum()),
        n_undefined=n_undefined,
    )
