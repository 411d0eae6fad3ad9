"""Intervals: the bootstrap by types, percentiles of resamples, and scores laid about themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from artifacts.intervals import bootstrap_counts, centred_interval, percentile_estimate


def test_the_bootstrap_by_types_is_that_of_scipy() -> None:
    """Of 60 ratings of three kinds the mean has the interval that SciPy gives one by one."""
    numbers, values = np.array([20, 30, 10]), np.array([1.0, 2.0, 5.0])
    counts = np.concatenate([*bootstrap_counts(numbers, 9_999, seed=0)])
    assert counts.shape == (9_999, 3)
    assert (counts.sum(axis=1) == 60).all()
    found = percentile_estimate(7 / 3, counts @ values / 60, n=60)
    oracle = bootstrap(
        (np.repeat(values, numbers),),
        np.mean,
        n_resamples=9_999,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (found.value, found.n, found.reason) == (7 / 3, 60, None)
    assert [found.low, found.high] == pytest.approx([oracle.low, oracle.high], abs=0.02)


def test_a_seed_decides_what_is_drawn() -> None:
    """The same seed draws the same, however many more are drawn; another seed does not."""
    numbers = np.array([3, 4])
    few, more, other = (
        np.concatenate([*bootstrap_counts(numbers, n, seed=seed)])
        for n, seed in ((300, 0), (700, 0), (300, 1))
    )
    assert (few == more[:300]).all()
    assert (few != other).any()


def test_a_centred_interval_holds_its_figure() -> None:
    """Draws that all lie above the figure are laid about it, scaled, and cut at 1."""
    draws = np.linspace(0.8, 0.9, 101)
    found = centred_interval(0.5, draws)
    assert (found.low, found.value, found.high) == pytest.approx((0.4525, 0.5, 0.5475))
    assert centred_interval(0.5, draws, scale=2.0).high == pytest.approx(0.595)
    assert centred_interval(0.99, draws).high == 1.0
