"""Concentration: Gini's coefficient, top shares and Lorenz curves, and what is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.history.concentration import (
    MEASURES,
    amount_of,
    concentrations,
    inequality_of,
    lorenz,
)
from mining.tables import OLDER
from tests.growth_worlds import made_population, made_tool

AMOUNTS = st.lists(st.integers(0, 10**6), min_size=2, max_size=60).filter(any)


def test_hand_made_figures() -> None:
    """Of 0, 1, 2, 5 and 12 the coefficient is 0.58; the top tenth of five are one, who has 0.6."""
    gini, top_1, top_10 = inequality_of([5, 0, 12, 1, 2], seed=0)
    assert gini.value == pytest.approx((-4 * 0 - 2 * 1 + 0 * 2 + 2 * 5 + 4 * 12) / (5 * 20))
    assert top_1.value == top_10.value == pytest.approx(0.6)
    assert gini.n == 5


@settings(max_examples=50, deadline=None)
@given(amounts=AMOUNTS)
def test_gini_is_the_mean_difference_of_two_tools(amounts: list[int]) -> None:
    """Gini's coefficient is the mean absolute difference of all pairs over twice the mean."""
    x = np.array(amounts, dtype=np.float64)
    differences = np.abs(x[:, None] - x[None, :]).mean()
    gini, top_1, top_10 = inequality_of(amounts, seed=0, n_resamples=50)
    assert gini.value == pytest.approx(differences / (2 * x.mean()), abs=1e-12)
    assert top_1.value == pytest.approx(x.max() / x.sum())
    n_top = (len(x) + 9) // 10
    assert top_10.value == pytest.approx(np.sort(x)[-n_top:].sum() / x.sum())


@settings(max_examples=50, deadline=None)
@given(amounts=st.lists(st.integers(0, 10**6), min_size=1, max_size=400).filter(any))
def test_a_lorenz_curve_is_short_and_bends_one_way(amounts: list[int]) -> None:
    """It goes from 0 to 1 below the diagonal, rising ever faster, in at most 200 points."""
    points = np.array([*lorenz(amounts)])
    assert len(points) <= 200
    assert points[0].tolist() == [0, 0] and points[-1] == pytest.approx([1, 1])
    assert (points[:, 1] <= points[:, 0] + 1e-12).all()
    steps = np.diff(points, axis=0)
    assert (steps[:, 0] > 0).all()
    slopes = steps[:, 1] / steps[:, 0]
    assert (np.diff(slopes) >= -1e-9).all()


def test_the_area_under_the_points_is_that_of_the_coefficient() -> None:
    """Two hundred points of a thousand very unequal tools lose less than a thousandth of Gini."""
    amounts = np.exp(2.7 * np.random.default_rng(0).standard_normal(1007) + 1).astype(int).tolist()
    points = np.array([*lorenz(amounts)])
    gini = inequality_of(amounts, seed=0, n_resamples=10)[0].value
    assert 1 - 2 * np.trapezoid(points[:, 1], points[:, 0]) == pytest.approx(gini, abs=1e-3)


def test_an_interval_is_about_its_figure_and_drawn_from_its_seed() -> None:
    """Low and high are in [0, 1] about the value; the seed decides them."""
    amounts = np.exp(2 * np.random.default_rng(3).standard_normal(200) + 3).astype(int).tolist()
    first, again, other = (inequality_of(amounts, seed=seed) for seed in (0, 0, 1))
    assert first == again != other
    for each in first:
        assert each.value is not None and each.low is not None and each.high is not None
        assert 0 < each.low < each.value < each.high < 1


def test_intervals_of_what_is_not_heavy_tailed_hold_the_truth() -> None:
    """Of exponential amounts, whose Gini is 1/2, 95 % intervals hold it about so often."""
    rng = np.random.default_rng(20261130)
    held = 0
    for seed in range(60):
        amounts = np.round(rng.exponential(1000, 150)).astype(int).tolist()
        gini = inequality_of(amounts, seed=seed, n_resamples=300)[0]
        assert gini.low is not None and gini.high is not None
        held += gini.low <= 0.5 <= gini.high
    assert held >= 53


def test_what_is_alike_has_no_interval() -> None:
    """All alike, one alone, or all without: a reason stands where the interval would."""
    gini, top_1, _top_10 = inequality_of([7] * 20, seed=0)
    assert (gini.value, gini.low, gini.high) == (0, None, None)
    assert gini.reason == top_1.reason == "no interval: every resample is alike"
    assert top_1.value == pytest.approx(1 / 20)
    assert inequality_of([3], seed=0)[1].value == 1
    for each in inequality_of([0, 0, 0], seed=0):
        assert (each.value, each.n, each.reason) == (None, 3, "all have none")
    assert [*lorenz([0, 0])] == [*lorenz([])] == []


def test_what_is_not_known_is_counted_and_no_nought() -> None:
    """A tool without a number, or without a day of observation, is left out and told."""
    history: dict[str, Any] = {"since": "2020-01", "monthly": {"human": [1] * 30}}
    found = concentrations(
        made_population(
            made_tool("a/a", seen="2022-06-20", numbers={"stars": 5}, identities=3, **history),
            made_tool("b/b", seen="2021-03-20", numbers={"stars": None}, identities=1, **history),
            made_tool("c/c", numbers={"stars": 0}, identities=9, **history),
        ),
        seed=0,
    )
    figures = {each.measure: each for each in found.figures}
    assert tuple(figures) == MEASURES
    assert (figures["stars"].n_unknown, figures["stars"].gini.n) == (1, 2)
    assert figures["stars"].gini.value == pytest.approx(0.5)
    assert (figures["forks"].n_unknown, figures["forks"].gini.value) == (3, None)
    assert figures["forks"].gini.reason == "not known of any tool"
    assert (figures["people"].n_unknown, figures["people"].gini.value) == (1, 0.25)
    assert figures["commits"].n_unknown == figures["commits in a year"].n_unknown == 1
    assert {point.measure for point in found.curves} == {"stars", "people", "commits"} | {
        "commits in a year"
    }


def test_a_year_of_commits_ends_before_the_month_of_observation() -> None:
    """Of a tool seen on 20 June 2022 those from June 2021 to May 2022 count."""
    months = [0] * 17 + [1] * 12 + [100]
    early = [100] * 5 + [1] * 12 + [100] * 13
    found = concentrations(
        made_population(
            made_tool("a/a", seen="2022-06-20", since="2020-01", monthly={"human": months}),
            made_tool("b/b", seen="2021-06-20", since="2020-01", monthly={"human": early}),
            made_tool("c/c", seen="2021-06-20", since="2021-06", monthly={"human": [4]}),
        ),
        seed=0,
    )
    (figure,) = [each for each in found.figures if each.measure == "commits in a year"]
    # 0, 12 and 12.
    assert figure.gini.value == pytest.approx(1 / 3)


def test_commits_are_not_known_where_older_ones_are_not_counted() -> None:
    """Nor those of a year of which not all months are counted."""
    seen: dict[str, Any] = {"born": "2015-01-01", "seen": "2023-01-05", "flags": (OLDER,)}
    long = made_tool("a/long", since="2022-01", monthly={"commits": [2] * 13}, **seen)
    short = made_tool("a/short", since="2022-02", monthly={"commits": [2] * 12}, **seen)
    assert [amount_of(tool, "commits") for tool in (long, short)] == [None, None]
    assert [amount_of(tool, "commits in a year") for tool in (long, short)] == [24, None]
