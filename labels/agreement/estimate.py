"""A coefficient of agreement with its bootstrap interval, or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import Estimate, bootstrap_counts, percentile_estimate
from labels.agreement.coded import MISSING, Ratings

RESAMPLES = 2000

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
    """One coefficient: an estimate, by whom it was coded.

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
    return _coefficient(key, name, ratings, Estimate(None, None, None, 0, reason))


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
    n = int(numbers.sum())
    value = float(statistic(numbers[None, :].astype(np.float64))[0])
    if np.isnan(value):
        return undefined(key, name, ratings, NO_CHANCE)
    if resampling.resamples == 0:
        found = Estimate(value, None, None, n, "no resamples were asked for")
        return _coefficient(key, name, ratings, found)
    drawn = np.concatenate(
        [*map(statistic, bootstrap_counts(numbers, resampling.resamples, seed=resampling.seed))]
    )
    found = percentile_estimate(value, drawn, n=n)
    defined = drawn[~np.isnan(drawn)]
    if found.reason is None and np.ptp(defined) == 0:
        found = Estimate(value, None, None, n, "no interval: every resample gives the same value")
    return _coefficient(key, name, ratings, found, n_undefined=len(drawn) - len(defined))


def _coefficient(
    key: str, name: str, ratings: Ratings, found: Estimate, *, n_undefined: int = 0
) -> Coefficient:
    given = ratings.matrix != MISSING
    return Coefficient(
        key=key,
        name=name,
        value=found.value,
        low=found.low,
        high=found.high,
        reason=found.reason,
        n_items=given.shape[0],
        n_pairable=int((given.sum(axis=1) >= 2).sum()),
        n_coders=given.shape[1],
        n_missing=int(given.size - given.sum()),
        n_undefined=n_undefined,
    )
