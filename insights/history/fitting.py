"""Fits of curves of growth to counts of months, and whether one of them is distinguishable.

Counts are negative binomial with the curve as their mean μ and variance μ + α μ² (NB2: Lawless
1987; Cameron and Trivedi 2013, section 3.3), of which Poisson is the case α = 0. Both are found by
maximum likelihood: the curve by Fisher's scoring with Marquardt's damping, from the best places
of a grid, α by itself, in turn, as the two are orthogonal (Lawless 1987).

Curves are held against each other by Akaike's criterion with its correction for few months, where
the likelihood is divided by a factor of inflation: QAICc = −2 L / ĉ + 2 K + 2 K (K+1) / (n − K − 1)
(Burnham and Anderson 2002, section 2.5; of K, one is for α). Neighbouring months that go
together say less than as many that do not: with an autocorrelation ρ at lag one, n months are worth
n (1 − ρ) / (1 + ρ) (Bayley and Hammersley 1946), so ĉ = (1 + ρ) / (1 − ρ), at least 1. ρ is of the
Pearson residuals of the likeliest curve, one for all, as Burnham and Anderson ask of ĉ. Where ρ is
not above 0, this is AICc.

The best of five may be bad. So they are held against a curve that is free to rise and fall, by the
same criterion, with the autocorrelation of *its* residuals: waves that it follows are none. If it
is better by 10 or more, the best of the five has "essentially no support" (Burnham and Anderson
2002, page 70): the data speak against each of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from artifacts.arrays import Doubles
from insights.history.figures import GrowthModel
from insights.history.models import CURVES, Curve, Form, free_curve, places_to_start

INDISTINGUISHABLE: Final = 4.0
"""Models whose criterion is less than that above the best are not told apart from it."""
NO_SUPPORT: Final = 10.0
"""By how much a free curve is better where none of the five describes the months."""

_N_STARTS: Final = 4
_MOST_STEPS: Final = 80
_MOST_ROUNDS: Final = 20
_CLOSE: Final = 1e-7
"""Of a log-likelihood: improvements below it are none, nor are those that rounding makes."""
_ROUNDING: Final = 1e-13
_LEAST_LOG, _MOST_LOG = math.log(1e-6), math.log(50.0)
"""Of α, where it is not 0."""
_HIGHEST_CORRELATION: Final = 0.95


@dataclass(frozen=True, eq=False)
class CurveFit:
    """A curve, fitted.

    Attributes
    ----------
    theta
        Parameters of its shape, as `Curve` has them.
    scale
        Logarithm of the mean over all months.
    dispersion
        α; 0: Poisson.
    log_likelihood
        Of the counts, with all constants.
    counts, means
        By month.
    residuals
        Pearson's, by month: (y − μ) / √(μ + α μ²).
    growth
        Of the logarithm of the mean from the last but one to the last month.
    """

    curve: Curve
    theta: Doubles
    scale: float
    dispersion: float
    log_likelihood: float
    counts: Doubles
    means: Doubles
    residuals: Doubles
    growth: float

    @property
    def n_parameters(self) -> int:
        """Return K: of the shape, the scale, and the dispersion."""
        return self.curve.n_parameters + 2

    @property
    def lag_one(self) -> float:
        """Return the autocorrelation of the residuals at lag one."""
        apart = self.residuals - self.residuals.mean()
        total = float(apart @ apart)
        return float(apart[1:] @ apart[:-1]) / total if total > 0 else 0.0

    @property
    def inflation(self) -> float:
        """Return ĉ, how many months are worth one that is independent of the others."""
        rho = min(max(self.lag_one, 0.0), _HIGHEST_CORRELATION)
        return (1 + rho) / (1 - rho)

    def criterion(self, inflation: float) -> float:
        """Return QAICc."""
        n, k = len(self.means), self.n_parameters
        return -2 * self.log_likelihood / inflation + 2 * k + 2 * k * (k + 1) / (n - k - 1)


@dataclass(frozen=True, eq=False)
class GrowthComparison:
    """The five models, fitted to the same months.

    Attributes
    ----------
    fits
        By model, in the order of the five. Models that are one curve share one fit.
    inflation
        ĉ of the comparison.
    criteria
        QAICc by model.
    free
        A curve that is free to rise and fall, fitted to the same.
    """

    fits: Mapping[GrowthModel, CurveFit]
    inflation: float
    criteria: Mapping[GrowthModel, float]
    free: CurveFit

    @property
    def misfit(self) -> float:
        """Return by how much the criterion of the best is above that of the free curve."""
        inflation = self.free.inflation
        best = min(fit.criterion(inflation) for fit in self.fits.values())
        return best - self.free.criterion(inflation)

    @property
    def best(self) -> GrowthModel:
        """Return the model with the least criterion; of those that are one curve, the first."""
        return min(self.criteria, key=lambda model: self.criteria[model])

    @property
    def deltas(self) -> dict[GrowthModel, float]:
        """Return by how much the criterion of each model is above that of the best."""
        least = self.criteria[self.best]
        return {model: value - least for model, value in self.criteria.items()}

    @property
    def none_fits(self) -> bool:
        """Return whether the data speak against all five."""
        return self.misfit >= NO_SUPPORT

    @property
    def indistinguishable(self) -> tuple[GrowthModel, ...]:
        """Return the best model and those not told apart from it."""
        return tuple(model for model, delta in self.deltas.items() if delta < INDISTINGUISHABLE)


def compare_models(counts: NDArray[np.int64], form: Form) -> GrowthComparison:
    """Fit the five models to counts of consecutive months, and compare them.

    Parameters
    ----------
    counts
        n_months counts, of at least 12 months, not all of them 0.
    form
        Whether a month's count adds to a stock, or is the size: `insights.history.models`.
    """
    curves = CURVES[form]
    by_curve = {curve: fit_curve(counts, curve) for curve in dict.fromkeys(curves.values())}
    fits = {model: by_curve[curve] for model, curve in curves.items()}
    inflation = max(by_curve.values(), key=lambda fit: fit.log_likelihood).inflation
    return GrowthComparison(
        fits=fits,
        inflation=inflation,
        criteria={model: fit.criterion(inflation) for model, fit in fits.items()},
        free=fit_curve(counts, free_curve(len(counts))),
    )


def fit_curve(counts: NDArray[np.int64], curve: Curve) -> CurveFit:
    """Return a curve, fitted to counts of consecutive months by maximum likelihood.

    The same counts give the same fit; nothing is drawn.
    """
    y = counts.astype(np.float64)
    thetas = _starts(y, curve)
    points = np.column_stack([np.full(len(thetas), np.log(y.mean())), thetas])
    alpha = _moments(y, np.exp(points[0, 0] + curve.scaled(thetas[:1], len(y))[0][0]))
    found = _Climb(curve, y, alpha).climb(points)
    best = found.points[[int(np.argmax(found.values))]]
    likelihood = -np.inf
    for _ in range(_MOST_ROUNDS):
        logs, _slopes = curve.scaled(best[:, 1:], len(y))
        alpha = _dispersion(y, best[0, 0] + logs[0])
        best = _Climb(curve, y, alpha).climb(best).points
        before, likelihood = likelihood, _likelihood(y, _log_means(curve, best, len(y)), alpha)
        if likelihood - before < _CLOSE:
            break
    return _fit(curve, y, best, alpha, likelihood)


def _log_means(curve: Curve, point: Doubles, n_months: int) -> Doubles:
    logs: Doubles = point[0, 0] + curve.scaled(point[:, 1:], n_months)[0][0]
    return logs


def _fit(curve: Curve, y: Doubles, point: Doubles, alpha: float, likelihood: float) -> CurveFit:
    logs = _log_means(curve, point, len(y))
    means = np.exp(logs)
    return CurveFit(
        curve=curve,
        theta=point[0, 1:],
        scale=float(point[0, 0]),
        dispersion=alpha,
        log_likelihood=likelihood,
        counts=y,
        means=means,
        residuals=(y - means) / np.sqrt(means + alpha * means**2),
        growth=float(logs[-1] - logs[-2]),
    )


def _starts(y: Doubles, curve: Curve) -> Doubles:
    """Return the places of the grid that are likelier (Poisson) than their neighbours, best first.

    The free curve has no grid: its likelihood has one top, and it starts from a level.
    """
    if curve.n_parameters > 2:
        return np.zeros((1, curve.n_parameters))
    thetas, logs = places_to_start(curve, len(y))
    values = (logs @ y).reshape([len(axis) for axis in curve.axes])
    padded = np.pad(values, 1, constant_values=-np.inf)
    is_top = np.ones(values.shape, dtype=bool)
    for axis in range(values.ndim):
        for shift in (-1, 1):
            beside = np.roll(padded, shift, axis=axis)[(slice(1, -1),) * values.ndim]
            is_top &= values >= beside
    tops = np.flatnonzero(is_top)
    order = tops[np.argsort(-values.ravel()[tops], kind="stable")]
    return thetas[order[:_N_STARTS]]


def _moments(y: Doubles, means: Doubles) -> float:
    excess = float(((y - means) ** 2 - means).sum()) / float((means**2).sum())
    return min(max(excess, 0.0), 5.0)


def _likelihood(y: Doubles, logs: Doubles, alpha: float) -> float:
    means = np.exp(logs)
    if alpha == 0:
        return float((y * logs - means - gammaln(y + 1)).sum())
    size = 1 / alpha
    constants = gammaln(y + size) - gammaln(size) - gammaln(y + 1) + y * math.log(alpha)
    return float((constants + y * logs - (y + size) * np.log1p(alpha * means)).sum())


def _dispersion(y: Doubles, logs: Doubles) -> float:
    found = minimize_scalar(
        lambda log_alpha: -_likelihood(y, logs, math.exp(log_alpha)),
        bounds=(_LEAST_LOG, _MOST_LOG),
        method="bounded",
        options={"xatol": 1e-4},
    )
    alpha = math.exp(found.x)
    return alpha if -found.fun > _likelihood(y, logs, 0.0) else 0.0


@dataclass(frozen=True, eq=False)
class _Place:
    """Of n_points points (scale and shape): what is to be known to step from them."""

    points: Doubles
    values: Doubles
    logs: Doubles
    slopes: Doubles
    score: Doubles
    information: Doubles

    def or_else(self, other: _Place, take: NDArray[np.bool_]) -> _Place:
        """Return this, with those of another that are to be taken."""
        parts = {}
        for name, own in vars(self).items():
            parts[name] = np.where(take.reshape(-1, *[1] * (own.ndim - 1)), vars(other)[name], own)
        return _Place(**parts)


class _Climb:
    """Fisher's scoring with α held, for several points at once."""

    def __init__(self, curve: Curve, y: Doubles, alpha: float) -> None:
        self.curve, self.y, self.alpha = curve, y, alpha
        self.lows = np.append(-30.0, curve.lows)
        self.highs = np.append(30.0, curve.highs)

    def evaluate(self, points: Doubles) -> _Place:
        """Return likelihood, score and expected information of points (n_points × 1 + n_shape)."""
        logs, slopes = self.curve.scaled(points[:, 1:], len(self.y))
        logs = logs + points[:, :1]
        ones = np.ones((len(points), 1, len(self.y)))
        slopes = np.concatenate([ones, slopes], axis=1)
        means = np.exp(logs)
        if self.alpha > 0:
            losses = (self.y + 1 / self.alpha) * np.log1p(self.alpha * means)
        else:
            losses = means
        spread = 1 + self.alpha * means
        score = np.einsum("bpn,bn->bp", slopes, (self.y - means) / spread)
        weighted = slopes * (means / spread)[:, None, :]
        return _Place(
            points=points,
            values=(self.y * logs - losses).sum(axis=1),
            logs=logs,
            slopes=slopes,
            score=score,
            information=weighted @ slopes.transpose(0, 2, 1),
        )

    def is_free(self, place: _Place) -> NDArray[np.bool_]:
        """Return which parameters are not held by a bound (n_points × n_parameters)."""
        low = (place.points <= self.lows) & (place.score <= 0)
        high = (place.points >= self.highs) & (place.score >= 0)
        return ~(low | high)

    def climb(self, points: Doubles) -> _Place:
        """Return the tops that the points lead to."""
        place = self.evaluate(points)
        damping = np.full(len(points), 1e-3)
        calm = np.zeros(len(points), dtype=np.int64)
        for _ in range(_MOST_STEPS):
            step = self._step(place, damping)
            tried = self.evaluate(np.clip(place.points + step, self.lows, self.highs))
            gain = tried.values - place.values
            better = gain > 0
            least = np.maximum(_CLOSE, _ROUNDING * np.abs(place.values))
            calm = np.where(gain > least, 0, calm + 1)
            place = place.or_else(tried, better)
            damping = np.clip(np.where(better, damping / 10, damping * 10), 1e-9, 1e9)
            if (calm >= 4).all():
                break
        return place

    def _step(self, place: _Place, damping: Doubles) -> Doubles:
        free = self.is_free(place)
        both = free[:, :, None] & free[:, None, :]
        system = np.where(both, place.information, 0.0)
        diagonal = np.einsum("bpp->bp", system)
        top = diagonal.max(axis=1, keepdims=True) + 1e-300
        added = damping[:, None] * np.maximum(diagonal, 1e-6 * top) + 1e-10 * top
        system[:, range(system.shape[1]), range(system.shape[1])] += np.where(free, added, 1.0)
        solved = np.linalg.solve(system, np.where(free, place.score, 0.0)[:, :, None])
        step: Doubles = solved[:, :, 0]
        return step
