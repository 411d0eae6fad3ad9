"""Curves of growth and their fits: forms, likelihoods, comparisons, against other people's code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from artifacts.arrays import Doubles
from insights.history.figures import GrowthModel
from insights.history.fitting import compare_models, fit_curve
from insights.history.models import CURVES, Form, parameters_of
from insights.history.pace import growth_interval

Floats = NDArray[np.floating]
FORMS: tuple[Form, ...] = ("increments", "level")
MODELS: tuple[GrowthModel, ...] = ("linear", "exponential", "logistic", "Gompertz", "Bass")


def means_of(form: Form, model: GrowthModel, theta: list[float], n: int, mean: float) -> Doubles:
    """Return the means of n months."""
    means: Doubles = mean * np.exp(CURVES[form][model].scaled(np.array([theta]), n)[0][0])
    return means


@settings(max_examples=40, deadline=None)
@given(
    form=st.sampled_from(FORMS),
    model=st.sampled_from(MODELS),
    places=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    n=st.integers(12, 240),
)
def test_a_curve_is_finite_and_its_derivatives_are_its_own(
    form: Form, model: GrowthModel, places: tuple[float, float], n: int
) -> None:
    """Everywhere in its bounds a curve has the mean 1, and slopes as differences give them."""
    curve = CURVES[form][model]
    share = np.array(places[: curve.n_parameters])
    theta = (curve.lows + share * (curve.highs - curve.lows))[None, :]
    logs, slopes = curve.scaled(theta, n)
    assert np.isfinite(logs).all() and np.isfinite(slopes).all()
    assert np.exp(logs).mean() == pytest.approx(1)
    seen = logs[0] > -100
    for place in range(curve.n_parameters):
        step = np.zeros_like(theta)
        step[0, place] = 1e-5
        rise = (curve.scaled(theta + step, n)[0] - curve.scaled(theta - step, n)[0])[0] / 2e-5
        assert slopes[0, place][seen] == pytest.approx(rise[seen], rel=2e-3, abs=2e-3)


def test_parameters_are_those_of_the_published_curves() -> None:
    """The parameters that are told give the curves as their authors wrote them."""
    n, edges = 48, np.arange(49.0)
    middles = edges[:-1] + 0.5

    def told(form: Form, model: GrowthModel, theta: list[float]) -> dict[str, float]:
        return parameters_of(model, form, np.array(theta), float(np.log(7.0)), n)

    def is_that(form: Form, model: GrowthModel, theta: list[float], means: Floats) -> bool:
        return bool(np.allclose(means_of(form, model, theta, n, 7.0), means, rtol=1e-8))

    for form in FORMS:
        p = told(form, "linear", [1.3])
        assert is_that(form, "linear", [1.3], p["start"] + p["slope"] * middles)
        p = told(form, "exponential", [1.3])
        assert is_that(form, "exponential", [1.3], p["start"] * np.exp(p["rate"] * middles))
    bending = [2.0, 0.7]
    p = told("level", "logistic", bending)
    level = p["ceiling"] / (1 + np.exp(-p["rate"] * (middles - p["bend"])))
    assert is_that("level", "logistic", bending, level)
    p = told("increments", "logistic", bending)
    total = p["total"] / (1 + np.exp(-p["rate"] * (edges - p["bend"])))
    assert is_that("increments", "logistic", bending, np.diff(total))
    p = told("level", "Gompertz", bending)
    level = p["ceiling"] * np.exp(-np.exp(-p["rate"] * (middles - p["bend"])))
    assert is_that("level", "Gompertz", bending, level)
    p = told("increments", "Gompertz", bending)
    total = p["total"] * np.exp(-np.exp(-p["rate"] * (edges - p["bend"])))
    assert is_that("increments", "Gompertz", bending, np.diff(total))

    def bass(p: dict[str, float], t: Floats) -> Floats:
        fallen = np.exp(-(p["p"] + p["q"]) * t)
        share: Floats = (1 - fallen) / (1 + p["q"] / p["p"] * fallen)
        return share

    p = told("level", "Bass", [2.0, 3.0])
    assert is_that("level", "Bass", [2.0, 3.0], p["ceiling"] * bass(p, middles))
    p = told("increments", "Bass", bending)
    assert is_that("increments", "Bass", bending, p["total"] * np.diff(bass(p, edges)))


def test_the_increments_of_bass_are_those_of_a_logistic() -> None:
    """Of monthly increments logistic and Bass are one curve, and share one fit."""
    counts = np.random.default_rng(3).poisson(means_of("increments", "Bass", [2.0, 0.6], 90, 9.0))
    compared = compare_models(counts, "increments")
    assert compared.fits["logistic"] is compared.fits["Bass"]
    assert compared.deltas["logistic"] == compared.deltas["Bass"]
    levels = compare_models(counts, "level")
    assert levels.fits["logistic"] is not levels.fits["Bass"]


def test_the_exponential_fit_is_that_of_statsmodels() -> None:
    """Slope, dispersion and likelihood are those of a negative binomial regression (NB2)."""
    rng = np.random.default_rng(11)
    n = 120
    u = (np.arange(n) + 0.5) / n
    counts = rng.poisson(9 * np.exp(1.5 * u) * rng.gamma(1 / 0.3, 0.3, n))
    fit = fit_curve(counts, CURVES["level"]["exponential"])
    oracle = sm.NegativeBinomial(counts, sm.add_constant(u)).fit(disp=0)
    assert fit.theta[0] == pytest.approx(oracle.params[1], abs=1e-3)
    assert fit.dispersion == pytest.approx(oracle.params[2], abs=1e-3)
    assert fit.log_likelihood == pytest.approx(oracle.llf, abs=1e-5)
    low, high = growth_interval(fit, 1.0)
    assert (high - low) * n == pytest.approx(2 * 1.96 * oracle.bse[1], rel=0.05)
    assert fit.criterion(1.0) == pytest.approx(oracle.aic + 2 * 3 * 4 / (n - 4), abs=1e-4)


def test_without_more_spread_the_distribution_is_poisson() -> None:
    """Counts that spread less than Poisson have a dispersion of 0, and Poisson's likelihood."""
    n = 60
    counts = np.round(4 + 6 * (np.arange(n) + 0.5) / n).astype(np.int64)
    fit = fit_curve(counts, CURVES["level"]["exponential"])
    x = sm.add_constant((np.arange(n) + 0.5) / n)
    oracle = sm.GLM(counts, x, family=sm.families.Poisson()).fit()
    assert fit.dispersion == 0
    assert fit.theta[0] == pytest.approx(oracle.params[1], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(oracle.llf, abs=1e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", ["logistic", "Gompertz", "Bass"])
def test_no_likelier_curve_is_found_by_search(form: Form, model: GrowthModel) -> None:
    """From many other places, a general optimiser climbs no higher than the fit."""
    rng = np.random.default_rng(5)
    n = 60
    theta = [2.0, 0.8] if (form, model) != ("level", "Bass") else [2.0, 3.0]
    counts = rng.poisson(means_of(form, model, theta, n, 8.0) * rng.gamma(5, 0.2, n))
    curve = CURVES[form][model]
    fit = fit_curve(counts, curve)

    def loss(point: Doubles) -> float:
        logs = np.maximum(point[0] + curve.scaled(point[None, 2:], n)[0][0], -30)
        size = np.exp(-point[1])
        parts = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
        parts += counts * (logs - np.log(size)) - (counts + size) * np.log1p(np.exp(logs) / size)
        return -float(parts.sum())

    bounds = [(-3, 6), (-9, 3), *zip(curve.lows, curve.highs, strict=True)]
    ends = [
        minimize(loss, [2.0, -1.0, *rng.uniform(curve.lows, curve.highs)], bounds=bounds).fun
        for _ in range(4)
    ]
    assert fit.log_likelihood >= -min(ends) - 1e-4


@pytest.mark.parametrize("model", ["logistic", "Gompertz"])
def test_the_interval_of_growth_is_that_of_a_dense_grid(model: GrowthModel) -> None:
    """Its ends are those of all shapes whose likelihood is less than 1.92 below the best."""
    rng = np.random.default_rng(7)
    n = 48
    counts = rng.poisson(means_of("increments", model, [1.8, 1.1], n, 9.0))
    fit = fit_curve(counts, CURVES["increments"][model])
    assert fit.dispersion < 0.05
    mesh = np.meshgrid(np.linspace(-1.2, 4.5, 60), np.linspace(-2, 4, 900))
    logs = fit.curve.scaled(np.stack([each.ravel() for each in mesh], axis=1), n)[0]
    # Of Poisson counts the likeliest scale gives the sum of the counts.
    values = logs @ counts
    top = float((np.log(fit.means) - fit.scale) @ counts)
    inside = values > top - 1.92
    growth = (logs[:, -1] - logs[:, -2])[inside]
    low, high = growth_interval(replace(fit, dispersion=0.0), 1.0)
    assert low <= growth.min() + 1e-9 and high >= growth.max() - 1e-9
    assert low == pytest.approx(growth.min(), abs=0.15 * (high - low))
    assert high == pytest.approx(growth.max(), abs=0.15 * (high - low))


def test_months_that_go_together_count_as_fewer() -> None:
    """The criterion divides the likelihood by (1 + ρ) / (1 − ρ), of the likeliest curve."""
    rng = np.random.default_rng(2)
    noise = np.zeros(120)
    for month in range(1, 120):
        noise[month] = 0.7 * noise[month - 1] + 0.5 * rng.standard_normal()
    counts = rng.poisson(15 * np.exp(noise))
    compared = compare_models(counts, "level")
    likeliest = max(compared.fits.values(), key=lambda fit: fit.log_likelihood)
    rho = likeliest.lag_one
    assert rho > 0.3
    assert compared.inflation == pytest.approx((1 + rho) / (1 - rho))
    fit = compared.fits["linear"]
    expected = -2 * fit.log_likelihood / compared.inflation + 2 * 3 + 2 * 3 * 4 / (120 - 4)
    assert compared.criteria["linear"] == pytest.approx(expected)


def test_two_waves_are_none_of_the_five() -> None:
    """Where counts rise and fall twice, all five are rejected; where once, the truth is kept."""
    rng = np.random.default_rng(8)
    u = (np.arange(150) + 0.5) / 150
    waves = 1 + 12 * np.exp(-(((u - 0.4) / 0.1) ** 2)) + 12 * np.exp(-(((u - 0.8) / 0.1) ** 2))
    assert compare_models(rng.poisson(waves), "increments").none_fits
    one = rng.poisson(means_of("increments", "logistic", [2.2, 0.6], 150, 8.0))
    compared = compare_models(one, "increments")
    assert not compared.none_fits
    assert compared.indistinguishable == ("logistic", "Bass")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "counts",
    [
        [0] * 23 + [1],
        [1] + [0] * 23,
        [5] * 24,
        [0, 40_000] * 12,
        [2**k for k in range(24)],
        [2 ** (23 - k) for k in range(24)],
    ],
    ids=["one at the end", "one at the start", "level", "to and fro", "doubling", "halving"],
)
def test_odd_counts_are_fitted_without_a_warning(form: Form, counts: list[int]) -> None:
    """Every fit is finite, and the same when it is made again."""
    first, again = (compare_models(np.array(counts), form) for _ in range(2))
    assert all(np.isfinite(value) for value in first.criteria.values())
    assert first.criteria == again.criteria
