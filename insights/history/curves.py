"""Kaplan–Meier curves and log-rank tests of lifetimes that may be seen only from some age on.

A row is a tool: the age at which it was first watched (``entry``; minus infinity: from birth on),
the age at which it ended or was watched no longer (``duration``), and which of the two (``ended``).
It is at risk at the ages t with entry < t ≤ duration, so that who is first watched at an age is not
counted among those who could end at it; one with entry ≥ duration, or with a negative duration, is
at risk at no age and changes nothing. Ends come before entries and departures of the same age.

Sources: Kaplan and Meier 1958; Klein and Moeschberger 2003, *Survival Analysis*, 2nd edition,
sections 4.2 (estimate, Greenwood's formula), 4.3 (log-log interval, 4.3.2), 4.5 (restricted mean,
4.5.1 and 4.5.2; interval of the median, Brookmeyer and Crowley 1982), 4.6 (delayed entry) and 7.3
(log-rank test, 7.3.3 to 7.3.5); Holm 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import LEVEL
from labels.sampling.draw import z_score

Flags = NDArray[np.bool_]
_ROUNDING = 1e-12
"""What products of fractions may be off, so that a half is a half."""
_SINGULAR = 1e-10
"""Of the largest eigenvalue: smaller ones are zero."""


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A survival curve: constant between the ages at which any ended.

    Attributes
    ----------
    ages
        n_steps ages at which any ended, ascending.
    at_risk, n_ended
        How many could have ended at each of them, and how many did.
    survival
        The share that lasts longer, in [0, 1].
    greenwood
        Greenwood's sum up to each: Σ d / (n (n − d)); a step at which all end adds nothing.
    entries, exits
        n ages at which those who were at risk at any age were first watched and watched no longer,
        each in ascending order.
    start
        Above 0: the curve is of those that lasted until this age.
    """

    ages: Doubles
    at_risk: Integers
    n_ended: Integers
    survival: Doubles
    greenwood: Doubles
    entries: Doubles
    exits: Doubles
    start: float

    @property
    def n(self) -> int:
        """Return how many the curve rests on."""
        return len(self.exits)

    @cached_property
    def watched_until(self) -> float:
        """Return the first age after which nobody was at risk, though some may be later.

        It is the start where none was watched from there on.
        """
        points = np.concatenate(([self.start], self.exits[self.exits > self.start]))
        watched = np.searchsorted(self.entries, points, side="right")
        watched -= np.searchsorted(self.exits, points, side="right")
        return float(points[np.argmax(watched <= 0)])

    def is_known(self, age: float) -> bool:
        """Return whether anything is known of the share that lasts longer than an age."""
        if age <= self.watched_until:
            return self.n > 0 and age >= self.start
        nobody_later = self.n > 0 and self.entries[-1] < self.watched_until
        return bool(nobody_later and self.after([self.watched_until])[0] == 0)

    def after(self, ages: ArrayLike) -> Doubles:
        """Return the share that lasts longer than each age."""
        return np.concatenate(([1.0], self.survival))[self._steps(ages)]

    def watched_at(self, ages: ArrayLike) -> Integers:
        """Return how many were at risk at each age; before the start, none."""
        points = np.asarray(ages, dtype=np.float64)
        return np.where(points < self.start, 0, _watched(self.entries, self.exits, points))

    def fewest_until(self, age: float) -> int:
        """Return how many were at risk at ``age``, or at an end before it if those were fewer.

        Beyond the age up to which any were watched, no more are asked for.
        """
        before = self.at_risk[self.ages <= age]
        return int(min([*before, *self.watched_at([min(age, self.watched_until)])]))

    def band(self, ages: ArrayLike) -> tuple[Doubles, Doubles]:
        """Return the ends of the pointwise 95 % interval of `after` (log-log scale).

        NaN where the curve is still 1, or 0: Greenwood's formula says nothing there.
        """
        steps = self._steps(ages)
        log = np.log(np.concatenate(([1.0], self.survival)), where=_inner(self), out=_nans(self))
        spread = np.sqrt(np.concatenate(([0.0], self.greenwood)))
        factor = np.exp(-z_score(LEVEL) * spread / log)
        return np.exp(log * factor)[steps], np.exp(log / factor)[steps]

    def median(self) -> tuple[float, float, float]:
        """Return the first age that no more than half outlast, with its 95 % interval.

        The interval holds the ages at which the curve's own interval holds a half (Brookmeyer and
        Crowley 1982). NaN: not reached at an age of which anything is known.
        """
        low, high = self.band(self.ages)
        low[self.survival == 0] = 0.0
        known = self.ages <= self.watched_until
        return (
            _first(self.ages, known & (self.survival <= 0.5 + _ROUNDING)),
            _first(self.ages, known & (low <= 0.5 + _ROUNDING)),
            _first(self.ages, known & (high <= 0.5 + _ROUNDING)),
        )

    def restricted_mean(self, horizon: float) -> tuple[float, float]:
        """Return the mean lifetime, cut at a horizon, and its standard error.

        Both are in the unit of the ages, or NaN where the curve is not known up to the horizon.
        """
        if not self.is_known(horizon):
            return np.nan, np.nan
        inside = self.ages <= horizon
        ages = np.concatenate(([0.0], self.ages[inside], [horizon]))
        pieces = np.diff(ages) * np.concatenate(([1.0], self.survival[inside]))
        left = pieces[::-1].cumsum()[::-1]
        variance = left[1:] ** 2 @ np.diff(self.greenwood[inside], prepend=0.0)
        return float(left[0]), float(np.sqrt(variance))

    def _steps(self, ages: ArrayLike) -> Integers:
        """Return the number of steps at or before each age."""
        points = np.asarray(ages, dtype=np.float64)
        return np.asarray(np.searchsorted(self.ages, points, side="right"), dtype=np.int64)


def kaplan_meier(
    duration: ArrayLike,
    ended: ArrayLike,
    entry: ArrayLike | None = None,
    *,
    start: float = 0.0,
) -> KaplanMeier:
    """Return the product-limit estimate of a survival curve.

    Parameters
    ----------
    duration
        n ages, in any unit; one of NaN is at risk at no age.
    ended
        n flags: whether it ended at that age, or was watched no longer.
    entry
        n ages at which each was first watched; None: all from birth on.
    start
        Above 0: return the curve of those that lasted until this age, as where entry is delayed and
        too few were watched before (Klein and Moeschberger, 4.6.1).
    """
    rows = _at_risk_ever(duration, ended, entry, start)
    entries, exits = np.sort(rows.entry), np.sort(rows.duration)
    ages, n_ended = np.unique(rows.duration[rows.ended], return_counts=True)
    at_risk = _watched(entries, exits, ages)
    left = at_risk - n_ended
    with np.errstate(divide="ignore"):
        steps = np.where(left > 0, n_ended / (at_risk * left.astype(np.float64)), 0.0)
    return KaplanMeier(
        ages=ages,
        at_risk=at_risk,
        n_ended=n_ended.astype(np.int64),
        survival=np.cumprod(left / at_risk, dtype=np.float64),
        greenwood=np.cumsum(steps),
        entries=entries,
        exits=exits,
        start=start,
    )


@dataclass(frozen=True)
class LogRank:
    """Whether groups last alike.

    Attributes
    ----------
    statistic, degrees
        χ² and its degrees of freedom.
    p
        That it is as large by chance.
    """

    statistic: float
    degrees: int
    p: float


def log_rank(
    duration: ArrayLike, ended: ArrayLike, group: ArrayLike, entry: ArrayLike | None = None
) -> LogRank | None:
    """Return the log-rank test of two or more groups, with delayed entry.

    Parameters
    ----------
    duration, ended, entry
        As `kaplan_meier` takes them.
    group
        n names or numbers of groups.

    Returns
    -------
    LogRank or None
        None where nothing can be compared: none ended while those of another group were watched.
        Groups that are watched at no age of any other lower the degrees of freedom.
    """
    rows = _at_risk_ever(duration, ended, entry)
    names, numbers = np.unique(np.asarray(group), return_inverse=True)
    numbers = numbers[rows.kept]
    ages = np.unique(rows.duration[rows.ended])
    at_risk = np.empty((len(names), len(ages)))
    n_ended = np.empty_like(at_risk)
    for number in range(len(names)):
        mine = numbers == number
        exits = np.sort(rows.duration[mine])
        at_risk[number] = _watched(np.sort(rows.entry[mine]), exits, ages)
        ends = np.searchsorted(ages, rows.duration[mine & rows.ended])
        n_ended[number] = np.bincount(ends, minlength=len(ages))
    all_risk, all_ended = at_risk.sum(axis=0), n_ended.sum(axis=0)
    share = at_risk / all_risk
    excess = (n_ended - share * all_ended).sum(axis=1)
    weight = all_ended * (all_risk - all_ended) / np.maximum(all_risk - 1, 1)
    variance = np.diag(share @ weight) - (share * weight) @ share.T
    return _chi_square(excess[:-1], variance[:-1, :-1])


def holm_adjusted(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by Holm's step-down procedure (1979)."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Those at risk at any age, and which of all rows they are."""

    duration: Doubles
    ended: Flags
    entry: Doubles
    kept: Flags


def _at_risk_ever(
    duration: ArrayLike, ended: ArrayLike, entry: ArrayLike | None, start: float = 0.0
) -> _Rows:
    durations = np.asarray(duration, dtype=np.float64)
    flags = np.asarray(ended, dtype=np.bool_)
    entries = np.full_like(durations, -np.inf) if entry is None else np.array(entry, np.float64)
    # Watched from birth on is watched at birth too, when some end.
    entries[entries <= start] = -np.inf
    lasted = durations > start if start > 0 else durations >= 0
    kept = lasted & (entries < durations)
    return _Rows(durations[kept], flags[kept], entries[kept], kept)


def _watched(entries: Doubles, exits: Doubles, ages: Doubles) -> Integers:
    """Return how many of sorted entries and exits are at risk at each age."""
    entered = np.searchsorted(entries, ages, side="left")
    return np.asarray(entered - np.searchsorted(exits, ages, side="left"), dtype=np.int64)


def _inner(curve: KaplanMeier) -> Flags:
    """Return where the curve, from its beginning on, is neither 1 nor 0."""
    return np.concatenate(([False], (curve.survival > 0) & (curve.survival < 1)))


def _nans(curve: KaplanMeier) -> Doubles:
    return np.full(len(curve.ages) + 1, np.nan)


def _first(ages: Doubles, found: Flags) -> float:
    return float(ages[np.argmax(found)]) if found.any() else np.nan


def _chi_square(excess: Doubles, variance: Doubles) -> LogRank | None:
    """Return the test of sums that are expected to be zero."""
    from scipy.stats import chi2

    values, vectors = np.linalg.eigh(variance)
    used = values > _SINGULAR * max(values.max(initial=0.0), _SINGULAR)
    degrees = int(used.sum())
    if degrees == 0:
        return None
    statistic = float(((vectors[:, used].T @ excess) ** 2 / values[used]).sum())
    return LogRank(statistic, degrees, float(chi2.sf(statistic, degrees)))
