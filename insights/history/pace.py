"""At which pace something grows at the end, and how sure that is: its doubling time.

With g, what the logarithm of the mean gains from the last but one month to the last, it doubles in
ln 2 / g months. Its 95 % interval is that of g, by the likelihood: the values that g has where the
logarithm of the likelihood is less than ĉ · 1.92 below its maximum (half the 95 % point of χ² with
one degree of freedom, times the inflation of `insights.history.fitting`; Cox and Hinkley 1974,
section 9.3). The dispersion is held, being orthogonal to the mean, and the scale is the likeliest
for each shape. The likelihood of a curve that bends near the end, or after it, is lopsided, and may
be highest at a bound: standard errors would say too little on one side, or nothing.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from artifacts.arrays import Doubles
from artifacts.intervals import Estimate
from insights.history.figures import GrowthModel
from insights.history.fitting import CurveFit, GrowthComparison
from insights.history.months import MONTHS_A_YEAR

_DROP: Final = 1.9207
_N_RATES, _N_PLACES, _N_ZOOM = 40, 31, 7
"""Points on the axis of the first parameter of a shape, on that of the second, and between two."""
_ROUNDS: Final = 2
"""Of looking where on the first axis the region is."""
_ZOOMS: Final = 3
_HALVINGS: Final = 14
_STEPS: Final = 4
"""Of Newton's method, to the likeliest scale."""
_NO_GROWTH: Final = math.log(2) / (100 * MONTHS_A_YEAR)
"""Doubling in more than a century is none."""


def doubling_months(compared: GrowthComparison, model: GrowthModel) -> Estimate:
    """Return in how many months the mean doubles, at the pace of the last of them.

    Without a value where it does not grow, or where the curve is told apart together with all
    others; without an interval where that it does not grow at all is within it.
    """
    fit = compared.fits[model]
    n = len(fit.means)
    if compared.none_fits:
        return Estimate(None, None, None, n, "none of the five curves describes the months")
    if fit.growth < _NO_GROWTH:
        return Estimate(None, None, None, n, "it does not grow at the end")
    value = math.log(2) / fit.growth
    slowest, quickest = growth_interval(fit, compared.inflation)
    low = math.log(2) / quickest
    if slowest < _NO_GROWTH:
        reason = f"no interval: at least {low:.3g} months, and it may not grow at all"
        return Estimate(value, None, None, n, reason)
    return Estimate(value, low, math.log(2) / slowest, n)


def growth_interval(fit: CurveFit, inflation: float) -> tuple[float, float]:
    """Return the 95 % interval of a fit's growth at the end, by its likelihood.

    Parameters
    ----------
    inflation
        ĉ.
    """
    region = _Region(fit, inflation)
    growth = np.concatenate([[fit.growth], *region.growth()])
    return float(growth.min()), float(growth.max())


class _Region:
    """The shapes that are likely enough.

    Such a region is narrow and bent: the steeper a curve, the earlier it bends. So it is not looked
    for on a grid, but from edge to edge of the last parameter, for each value of the first.
    """

    def __init__(self, fit: CurveFit, inflation: float) -> None:
        self.fit = fit
        self.is_bent = fit.curve.n_parameters == 2
        self.low, self.high = fit.curve.lows[-1], fit.curve.highs[-1]
        self.least = self.at(fit.theta[:1], fit.theta[-1:])[0][0] - _DROP * inflation

    def at(self, rates: Doubles, places: Doubles) -> tuple[Doubles, Doubles]:
        """Return likelihood and growth at the end, with the likeliest scale."""
        thetas = np.column_stack([rates, places]) if self.is_bent else places[:, None]
        logs = self.fit.curve.scaled(thetas, len(self.fit.means))[0]
        return _likelihoods(self.fit, logs), logs[:, -1] - logs[:, -2]

    def growth(self) -> tuple[Doubles, Doubles]:
        """Return the growth at the edges of the region."""
        if not self.is_bent:
            return self.edges(self.fit.theta[:1], self.fit.theta[-1:])
        low, high = self.fit.curve.lows[0], self.fit.curve.highs[0]
        for _ in range(_ROUNDS):
            rates = np.union1d(np.linspace(low, high, _N_RATES), self.fit.theta[:1])
            best = self.best(rates)
            best[rates == self.fit.theta[0]] = self.fit.theta[1]
            inside = np.flatnonzero(self.at(rates, best)[0] >= self.least)
            low = rates[max(inside[0] - 1, 0)]
            high = rates[min(inside[-1] + 1, len(rates) - 1)]
        return self.edges(rates[inside], best[inside])

    def best(self, rates: Doubles) -> Doubles:
        """Return, for each value of the first parameter, the likeliest one of the last."""
        middles = np.full(len(rates), (self.low + self.high) / 2)
        half, n = (self.high - self.low) / 2, _N_PLACES
        for _ in range(1 + _ZOOMS):
            places = middles[:, None] + half * np.linspace(-1, 1, n)
            places = np.clip(places, self.low, self.high)
            values = self.at(np.repeat(rates, n), places.ravel())[0].reshape(places.shape)
            middles = places[np.arange(len(rates)), values.argmax(axis=1)]
            half, n = 2 * half / (n - 1), _N_ZOOM
        return middles

    def edges(self, rates: Doubles, places: Doubles) -> tuple[Doubles, Doubles]:
        """Return the growth where the likelihood is at its least below and above of places."""
        found = []
        for end in (self.low, self.high):
            inner, outer = places, np.full(len(places), end)
            # The end itself may be likely enough.
            inner = np.where(self.at(rates, outer)[0] >= self.least, outer, inner)
            for _ in range(_HALVINGS):
                middle = (inner + outer) / 2
                is_in = self.at(rates, middle)[0] >= self.least
                inner, outer = np.where(is_in, middle, inner), np.where(is_in, outer, middle)
            found.append(self.at(rates, inner)[1])
        return found[0], found[1]


def _likelihoods(fit: CurveFit, logs: Doubles) -> Doubles:
    """Return, for shapes (n_shapes × n_months), the likelihood with the likeliest scale."""
    y, alpha = fit.counts, fit.dispersion
    shapes = np.exp(logs)
    scale = np.full((len(logs), 1), np.log(y.mean()))
    for _ in range(_STEPS):
        means = np.exp(scale) * shapes
        spread = 1 + alpha * means
        score = ((y - means) / spread).sum(axis=1, keepdims=True)
        # Observed, not expected: the likelihood is concave in the scale.
        curvature = (means * (1 + alpha * y) / spread**2).sum(axis=1, keepdims=True)
        scale = scale + np.clip(score / curvature, -2, 2)
    means = np.exp(scale) * shapes
    losses = means if alpha == 0 else (y + 1 / alpha) * np.log1p(alpha * means)
    values: Doubles = (y * (scale + logs) - losses).sum(axis=1)
    return values
