"""Categories: what the runs hold together from further away, and how steadily."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import families

from artifacts.arrays import Floats
from artifacts.errors import ConfigError
from artifacts.words import NOISE
from taxonomy.categories import (
    JoinedRuns,
    RunScales,
    cut,
    find_categories,
    over,
)
from taxonomy.types import UNSEEN, Labels


def with_halves(
    topics: Labels, view: Floats, n_runs: int = 4
) -> tuple[JoinedRuns, list[JoinedRuns]]:
    """Return an ensemble that finds the topics in every run, and its halves."""
    whole = joined([topics] * n_runs, view)
    return whole, [JoinedRuns(whole.runs[half::2], topics) for half in (0, 1)]


def joined(runs: Sequence[Labels], view: Floats) -> JoinedRuns:
    """Return runs that agree on the topics of the first."""
    return JoinedRuns([RunScales.of(run, view) for run in runs], runs[0])


def test_families_of_topics_are_categories() -> None:
    """Five families of two topics each are five categories, found in both halves."""
    topics, view = families(5, 2)
    layer = find_categories(*with_halves(topics, view), n_categories=5)
    assert (layer.category_of[::2] == layer.category_of[1::2]).all()
    assert len(set(layer.category_of)) == 5
    assert layer.stability.tolist() == [1.0] * 5


def test_a_number_of_categories_is_judged_by_the_halves() -> None:
    """Where one half joins two families, they count as less steady, and others with them."""
    topics, view = families(6, 2)
    whole, (first, second) = with_halves(topics, view)
    # The second half holds families 0 and 1 in one topic: five categories are whole in both.
    mixed = np.where(topics < 4, 0, topics - 3).astype(np.int32)
    half = joined([mixed] * 2, view)
    layer = find_categories(whole, [first, half], n_categories=6)
    # In the second half families 0 and 1 are one, and of six categories another is cut in two
    # instead; each of the three is 1 in the first half and 1 / 2 in the second.
    assert layer.stability.mean() == pytest.approx((3 + 3 * 3 / 4) / 6)
    assert second.n_topics == 12


def test_the_number_of_categories_rests_on_that_of_the_topics() -> None:
    """Where nobody says how many, four for nine topics."""
    for n_topics, expected in ((9, 4), (18, 8)):
        layer = find_categories(*with_halves(*families(n_topics, 1)))
        assert len(set(layer.category_of)) == expected


def test_as_many_as_are_asked_for() -> None:
    """The number of categories can be set; it nests in every smaller one; too many are refused."""
    topics, view = families(3, 4)
    parts = with_halves(topics, view)
    layers = {n: find_categories(*parts, n_categories=n).category_of for n in range(1, 13)}
    assert {n: len(set(of)) for n, of in layers.items()} == {n: n for n in range(1, 13)}
    for n in range(2, 13):
        for category in range(n):
            assert len(set(layers[n - 1][layers[n] == category])) == 1
    with pytest.raises(ConfigError, match="13 categories were asked for, but there are 12 topics"):
        find_categories(*parts, n_categories=13)


@pytest.mark.parametrize("n_topics", [0, 1, 2, 3])
def test_few_topics_have_few_categories(n_topics: int) -> None:
    """No topic, no category; one, one; otherwise two, or as many as there are topics."""
    topics, view = families(max(n_topics, 1), 1)
    if n_topics == 0:
        topics = np.full_like(topics, NOISE)
    layer = find_categories(*with_halves(topics, view))
    assert len(layer.category_of) == n_topics
    assert len(set(layer.category_of.tolist())) == len(layer.stability) == min(n_topics, 2)


def test_likeness_worked_by_hand() -> None:
    """Three clusters, of which 0 and 1 lie side by side: alike at the coarser of two scales."""
    view = np.array([[1, 0], [1, 0], [0.9, 0.436], [0.9, 0.436], [0, 1], [0, 1]], dtype=np.float32)
    topics = np.array([0, 0, 1, 1, 2, 2], dtype=np.int32)
    run = np.array([0, 0, 1, UNSEEN, 2, NOISE], dtype=np.int32)
    # Scale 3: each with itself alone, topic 2 by half (one of the two seen is noise).
    # Scale 2: clusters 0 and 1 are one.
    expected = [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0.5]]
    assert RunScales.of(run, view).likeness(topics).tolist() == expected


@pytest.mark.parametrize("run", [[NOISE] * 4, [UNSEEN] * 4, [0, 0, NOISE, UNSEEN]])
def test_a_run_without_two_clusters_says_nothing(run: list[int]) -> None:
    """Nothing is held apart, so nothing is held together either."""
    view = np.eye(4, dtype=np.float32)
    topics = np.array([0, 0, 1, 1], dtype=np.int32)
    assert not RunScales.of(np.array(run, dtype=np.int32), view).likeness(topics).any()


@given(st.integers(2, 8), st.integers(1, 10), st.randoms(use_true_random=False))
def test_categories_are_numbered_by_size(n_topics: int, n_wanted: int, chance: object) -> None:
    """Every topic is in one category; numbers have no gap; the largest comes first."""
    rng = np.random.default_rng(chance.randrange(2**32))  # type: ignore[attr-defined]
    alike = rng.random((n_topics, n_topics))
    topics = np.concatenate([np.arange(n_topics), rng.integers(-1, n_topics, 30)]).astype(np.int32)
    found = cut((alike + alike.T) / 2, topics, n_wanted)
    documents = over(found, topics)
    sizes = np.bincount(documents[documents >= 0])
    assert len(found) == n_topics
    assert set(found) == set(range(min(n_topics, n_wanted)))
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert ((documents == NOISE) == (topics == NOISE)).all()
