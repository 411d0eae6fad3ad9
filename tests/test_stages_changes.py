"""Change points of monthly commits: exact cuts, and seldom one where nothing changed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from living_tools import living, together
from scipy.stats import nbinom

from artifacts.arrays import Integers
from insights.history.changes import (
    SHORTEST,
    CountNoise,
    change_points,
    noise_of,
    penalty,
    segments,
    stationary,
)

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=24)


def likelihood_cost(counts: Integers, dispersion: float) -> float:
    """Return −2 log-likelihood of negative binomial counts at their mean, by SciPy."""
    mean = float(np.mean(counts))
    if mean == 0:
        return 0.0
    size = 1 / dispersion
    return -2 * float(nbinom.logpmf(counts, size, size / (size + mean)).sum())


def total_cost(counts: Integers, dispersion: float, cuts: tuple[int, ...]) -> float:
    """Return the cost of the segments between cuts."""
    return sum(likelihood_cost(part, dispersion) for part in np.split(counts, list(cuts)))


def least_cost(counts: Integers, dispersion: float, fine: float, shortest: int) -> float:
    """Return the least cost of any cut, every one tried (dynamic programming, nothing left out)."""

    @cache
    def upto(end: int) -> float:
        whole = likelihood_cost(counts[:end], dispersion)
        starts = range(shortest, end - shortest + 1)
        return min(
            [whole, *(upto(s) + likelihood_cost(counts[s:end], dispersion) + fine for s in starts)]
        )

    return upto(len(counts))


@given(COUNTS, st.sampled_from((0.01, 0.3, 2.0)), st.floats(0, 15), st.integers(1, 6))
def test_no_other_cut_costs_less(
    numbers: list[int], dispersion: float, fine: float, shortest: int
) -> None:
    """The cut that is found costs as little as the best of all."""
    counts = np.array(numbers, dtype=np.int64)
    cuts = tuple(segments(counts, dispersion, fine, shortest=shortest))
    found = total_cost(counts, dispersion, cuts) + fine * len(cuts)
    if len(counts) >= shortest:
        assert found == pytest.approx(least_cost(counts, dispersion, fine, shortest), abs=1e-6)
    lengths = np.diff([0, *cuts, len(counts)])
    assert len(cuts) == 0 or lengths.min() >= shortest


def test_a_step_is_found_at_its_month() -> None:
    """Four years at twenty commits a month, four at five, then four at forty."""
    rng = np.random.default_rng(0)
    months = [rng.poisson(mean, 48) for mean in (20, 5, 40)]
    points = change_points(together(living(np.concatenate(months).tolist())), seed=0)
    assert [point.month for point in points] == ["2019-01", "2023-01"]
    means = [float(part.mean()) for part in months]
    assert [point.before for point in points] == means[:-1]
    assert [point.after for point in points] == means[1:]


def test_a_series_without_a_change_seldom_has_one() -> None:
    """In at most one of twenty, though its months are alike and come in bursts."""
    rng = np.random.default_rng(2)
    found = []
    for n, noise in ((72, CountNoise(0.3, 0.0)), (120, CountNoise(0.5, 0.4))):
        for series in stationary(40, n, 12.0, noise, rng=rng):
            estimated = noise_of(series)
            assert estimated is not None
            least = penalty(n, float(series.mean()), estimated, seed=0)
            cuts = segments(series, estimated.dispersion, least, shortest=SHORTEST)
            found.append(len(cuts) > 0)
    assert np.mean(found) <= 0.05


def test_noise_is_that_of_the_series_whatever_its_levels() -> None:
    """A step of its mean leaves dispersion and autocorrelation nearly as they are."""
    rng = np.random.default_rng(3)
    series = stationary(1, 2400, 20.0, CountNoise(0.5, 0.5), rng=rng)[0]
    steps = series * np.repeat([1, 4], 1200)
    for counts in (series, steps):
        noise = noise_of(counts)
        assert noise is not None
        assert noise.dispersion == pytest.approx(0.5, abs=0.12)
        assert noise.alike == pytest.approx(0.5, abs=0.15)


def test_months_that_are_alike_cost_more() -> None:
    """The penalty grows with autocorrelation: what looks like a step is seldom one."""
    fines = [penalty(120, 20.0, CountNoise(0.5, alike), seed=0) for alike in (0.0, 0.4, 0.8)]
    assert fines == sorted(fines)


@pytest.mark.parametrize(
    "tool",
    [
        living([5] * 60, observed_at=None),
        living(None),
        living([5] * 20),
        living([0] * 59 + [3]),
        living([]),
    ],
    ids=["no day", "no commits", "young", "few commits", "first month"],
)
def test_where_too_little_is_known_nothing_is_looked_for(tool: object) -> None:
    """No change point is told."""
    assert change_points(together(tool), seed=0) == ()  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_points_in_any_company() -> None:
    """A tool's change points hang on itself and the seed alone."""
    rng = np.random.default_rng(5)
    tools = [
        living([*rng.poisson(30, 40).tolist(), *rng.poisson(n, 40).tolist()], name=f"some/{n}")
        for n in (3, 30)
    ]
    both = change_points(together(*tools), seed=7)
    assert both == tuple(p for tool in tools for p in change_points(together(tool), seed=7))
    assert both != ()
