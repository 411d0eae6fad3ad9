"""Curves of growth: what each says of the mean count of a month, up to its scale.

A mean is exp(c) · g(t; θ) / mean(g): c is the logarithm of the mean over all months, θ the shape.
So the scale can be told apart from the shape, also where a curve bends long after the months that
are seen, and its final size cannot be told. Month j of n lasts from j to j + 1, and u = t / n.

Five curves, so that they speak of the same thing, the count of a month. The linear and the
exponential curve are of that count in either form. An exponential cumulative curve has exponential
increments. The three that bend are taken in one of two forms.

``increments``
    What comes in a month adds to a stock that fills up, such as tools born or stars given. The
    cumulative curve is the logistic (Verhulst 1838), Gompertz' (1825; as a curve of growth,
    Winsor 1932) or that of Bass (1969); the mean of a month is what it rises in that month. So the
    counts rise, bend and fall, as Bass fitted sales rather than their sum: sums of counts are no
    independent observations.
``level``
    What happens in a month is itself the size, such as active tools. The curve is the mean.

Bass' curve begins with the first month: F(t) = (1 − e^(−(p+q)t)) / (1 + (q/p) e^(−(p+q)t)). Its
increments are proportional to those of a logistic with rate p + q and bend ln(q/p) / (p + q), and
every logistic is one of these: of monthly increments the two are **one curve** with parameters of
two meanings, and no data tell them apart. As levels they differ.

What waves there may be, `free_curve` follows: a sum of slow cosines and a slope. It is no model of
growth; it is what the five are held against.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from scipy.special import expit, log_expit

from artifacts.arrays import Doubles
from insights.history.figures import GrowthModel

Form = Literal["increments", "level"]
Shaped = tuple[Doubles, Doubles]
"""log g (n_thetas × n_months), and its derivatives (n_thetas × n_parameters × n_months)."""

_EXPONENT: Final = 600.0
"""Logarithms of curves stay within it, so that nothing overflows."""
_LARGEST_LOG: Final = math.log(sys.float_info.max)
_STEEPEST: Final = 12.0
"""Rate times months before the bend: Gompertz' curve is e^(−e^12) there, as good as 0."""
_MONTHS_A_WAVE: Final = 24
"""The quickest cosine of the free curve has a period of twice that, at fewest months."""
_FEWEST_WAVES, _MOST_WAVES = 3, 10


@dataclass(frozen=True, eq=False)
class Curve:
    """A family of curves.

    Attributes
    ----------
    axes
        For each parameter of the shape, where to begin looking: its lowest and highest value are
        its bounds.
    shape
        Returns, of thetas (n_thetas × n_parameters) and n_months, what `Shaped` says.
    """

    axes: tuple[Doubles, ...]
    shape: Callable[[Doubles, int], Shaped]

    @property
    def n_parameters(self) -> int:
        """Return how many parameters the shape has; the scale is one more."""
        return len(self.axes)

    @property
    def lows(self) -> Doubles:
        """Return the lower bounds."""
        return np.array([axis[0] for axis in self.axes])

    @property
    def highs(self) -> Doubles:
        """Return the upper bounds."""
        return np.array([axis[-1] for axis in self.axes])

    def scaled(self, thetas: Doubles, n_months: int) -> Shaped:
        """Return log(g / mean(g)) and its derivatives."""
        logs, slopes = self.shape(thetas, n_months)
        top = logs.max(axis=1, keepdims=True)
        weights = np.exp(np.maximum(logs - top, -_EXPONENT))
        mean = weights.mean(axis=1, keepdims=True)
        relative: Doubles = np.maximum(logs - top, -_EXPONENT) - np.log(mean)
        weights = weights / (mean * n_months)
        return relative, slopes - (slopes * weights[:, None, :]).sum(axis=2, keepdims=True)


@lru_cache(maxsize=64)
def places_to_start(curve: Curve, n_months: int) -> tuple[Doubles, Doubles]:
    """Return all points of the grid of a curve (n_points × n_parameters), and log(g / mean(g))."""
    points = np.meshgrid(*curve.axes, indexing="ij")
    thetas: Doubles = np.stack([each.ravel() for each in points], axis=1)
    logs: Doubles = curve.scaled(thetas, n_months)[0]
    return thetas, logs


def _middles(n_months: int) -> Doubles:
    middles: Doubles = np.arange(n_months, dtype=np.float64) + 0.5
    return middles


def _linear(thetas: Doubles, n_months: int) -> Shaped:
    # θ: the logarithm of the last level over the first, so that none is negative.
    u = _middles(n_months) / n_months
    ends = np.exp(thetas) * u
    level = 1 - u + ends
    return np.log(level), (ends / level)[:, None, :]


def _exponential(thetas: Doubles, n_months: int) -> Shaped:
    u = _middles(n_months) / n_months
    return thetas * u, np.broadcast_to(u, (len(thetas), 1, n_months))


def _rate_and_bend(thetas: Doubles, n_months: int) -> tuple[Doubles, Doubles]:
    # θ: log(rate · n) and bend / n.
    return np.exp(thetas[:, :1]) / n_months, thetas[:, 1:] * n_months


def _logistic_level(thetas: Doubles, n_months: int) -> Shaped:
    rate, bend = _rate_and_bend(thetas, n_months)
    z = rate * (_middles(n_months) - bend)
    rest = expit(-z)
    slopes = np.stack([rest * z, -rest * rate * n_months], axis=1)
    return -np.logaddexp(0, -z), slopes


def _logistic_increments(thetas: Doubles, n_months: int) -> Shaped:
    # With a and b the ends of a month, expit(b) − expit(a) is
    # sinh((b−a)/2) / (2 cosh(a/2) cosh(b/2)).
    rate, bend = _rate_and_bend(thetas, n_months)
    halves = rate * (np.arange(n_months + 1) - bend) / 2
    cosh = np.logaddexp(halves, -halves)
    tanh = np.tanh(halves)
    logs = rate / 2 + np.log(-np.expm1(-rate)) - cosh[:, :-1] - cosh[:, 1:]
    risen = halves * tanh
    by_rate = rate / 2 / np.tanh(rate / 2) - risen[:, :-1] - risen[:, 1:]
    by_bend = rate * n_months / 2 * (tanh[:, :-1] + tanh[:, 1:])
    return logs, np.stack([by_rate, by_bend], axis=1)


def _gompertz_level(thetas: Doubles, n_months: int) -> Shaped:
    rate, bend = _rate_and_bend(thetas, n_months)
    z = np.maximum(rate * (_middles(n_months) - bend), -_STEEPEST)
    decay = np.exp(-z)
    return -decay, np.stack([decay * z, -decay * rate * n_months], axis=1)


def _gompertz_increments(thetas: Doubles, n_months: int) -> Shaped:
    # With A and B = e^−a, e^−b at the ends of a month: e^−B − e^−A = e^−B (1 − e^−(A−B)).
    rate, bend = _rate_and_bend(thetas, n_months)
    z = np.clip(rate * (np.arange(1, n_months + 1) - bend), -_STEEPEST, _EXPONENT)
    late = np.exp(-z)
    gap = np.minimum(late * np.expm1(rate), _EXPONENT)
    by_late = late / -np.expm1(-gap)
    by_early = late * np.exp(rate) / np.expm1(gap)
    slopes = np.stack(
        [by_late * z - by_early * (z - rate), (by_early - by_late) * rate * n_months], axis=1
    )
    return -late + np.log(-np.expm1(-gap)), slopes


def _bass_level(thetas: Doubles, n_months: int) -> Shaped:
    # θ: log((p + q) · n) and log(q / p).
    x = np.exp(thetas[:, :1]) / n_months * _middles(n_months)
    left = thetas[:, 1:] - x
    share = expit(left)
    slopes = np.stack([x * (1 / np.expm1(x) + share), -share], axis=1)
    return np.log(-np.expm1(-x)) - np.logaddexp(0, left), slopes


_RATES: Final = np.log(np.geomspace(0.3, 120, 20))
_BENDS: Final = np.linspace(-2, 4, 31)

_LINEAR: Final = Curve((np.linspace(-12, 12, 49),), _linear)
_EXPONENTIAL: Final = Curve((np.linspace(-40, 40, 81),), _exponential)
_LOGISTIC: Final = Curve((_RATES, _BENDS), _logistic_increments)

CURVES: Final[Mapping[Form, Mapping[GrowthModel, Curve]]] = {
    "increments": {
        "linear": _LINEAR,
        "exponential": _EXPONENTIAL,
        "logistic": _LOGISTIC,
        "Gompertz": Curve((_RATES, _BENDS), _gompertz_increments),
        "Bass": _LOGISTIC,
    },
    "level": {
        "linear": _LINEAR,
        "exponential": _EXPONENTIAL,
        "logistic": Curve((_RATES, _BENDS), _logistic_level),
        "Gompertz": Curve((_RATES, _BENDS), _gompertz_level),
        "Bass": Curve((_RATES, np.linspace(-5, 20, 26)), _bass_level),
    },
}
"""The five, in both forms; those that are one curve are one object."""


def parameters_of(
    model: GrowthModel, form: Form, theta: Doubles, scale: float, n_months: int
) -> dict[str, float]:
    """Return the parameters of a fitted curve as its authors have them; time is in months.

    Parameters
    ----------
    theta, scale
        Of the shape, and the logarithm of the mean over all months.

    Returns
    -------
    dict
        ``start`` is the count of a month at the beginning, ``slope`` what it gains each month,
        ``rate`` is per month, ``bend`` counts months from the beginning; ``total`` is what the
        cumulative curve comes to, ``ceiling`` what a month comes to; p and q are Bass'
        coefficients of innovation and of imitation, per month. What a curve comes to is infinity
        where its bend is so far ahead that no number is so large.
    """
    logs = CURVES[form][model].shape(theta[None, :], n_months)[0][0]
    top = float(logs.max())
    log_height = float(scale - top - np.log(np.exp(logs - top).mean()))
    height = _exp(log_height)
    if model == "linear":
        return {"start": height, "slope": height * float(np.expm1(theta[0])) / n_months}
    if model == "exponential":
        return {"start": height, "rate": float(theta[0]) / n_months}
    rate = float(np.exp(theta[0])) / n_months
    name = "total" if form == "increments" else "ceiling"
    if model != "Bass":
        return {name: height, "rate": rate, "bend": float(theta[1]) * n_months}
    # The logarithm of q / p.
    odds = float(theta[1]) if form == "level" else rate * float(theta[1]) * n_months
    if form == "increments":
        height = _exp(log_height + float(log_expit(odds)))
    return {name: height, "p": rate * float(expit(-odds)), "q": rate * float(expit(odds))}


def _exp(exponent: float) -> float:
    """Return its exponential; infinity where no number is so large."""
    return math.exp(exponent) if exponent < _LARGEST_LOG else math.inf


@lru_cache(maxsize=16)
def free_curve(n_months: int) -> Curve:
    """Return a curve that is free to rise and fall: exp of a slope and slow cosines.

    A cosine for each two years, three at least and ten at most; the quickest has a period of
    four years, or two thirds of the months.
    """
    n_waves = int(np.clip(n_months // _MONTHS_A_WAVE, _FEWEST_WAVES, _MOST_WAVES))
    u = _middles(n_months) / n_months
    basis = np.stack([u, *(np.cos(np.pi * k * u) for k in range(1, n_waves + 1))])

    def shape(thetas: Doubles, n: int) -> Shaped:
        return thetas @ basis, np.broadcast_to(basis, (len(thetas), *basis.shape))

    bounds = np.array([-40.0, 40.0])
    return Curve((bounds,) * len(basis), shape)
