"""The noise floor of categories: they are joined anew in every resample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.arrays import Floats
from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from taxonomy.categories import Answer, cut, find_categories, over, topic_likeness
from taxonomy.consensus import Consensus
from taxonomy.lineage.noise_floor import rerun
from taxonomy.lineage.resampled_categories import (
    Categories,
    FromAfar,
    cuts,
    halves,
    joined_topics,
    mean_likeness,
    numbers,
)
from taxonomy.lineage.resampling import resample
from taxonomy.types import UNSEEN, Labels
from tests.planted import families, planted_runs

RERUN = 0.2
"""Up to this p, re-running does not explain a difference, by default."""


def answer_of(runs: Labels, topics: Labels) -> Answer:
    """Return runs whose consensus is known."""
    n_topics = int(topics.max()) + 1
    return Answer(runs, Consensus(topics, topics, np.ones(len(topics)), n_topics))


def resampled(runs: Labels, topics: Labels, view: Floats, number: int | None = None) -> Labels:
    """Return the categories of 99 resamples."""
    how = {"cohesion": 0.8, "placement": 0.5, "smallest": 5}
    progress = SilentProgress()
    drawn = resample(runs, topics, n=99, seed=0, progress=progress, **how)  # type: ignore[arg-type]
    categories = Categories(runs, topics, view, number=number, **how)  # type: ignore[arg-type]
    return categories.resample(drawn, seed=0, progress=progress)


def wavering(topics: Labels, *, share: float) -> Labels:
    """Return runs of which a share hold topics 2 and 3 in one cluster, and the others 2 and 1."""
    runs = np.tile(topics, (120, 1))
    is_with_three = np.random.default_rng(0).permutation(60) < share * 60
    for row, labels in enumerate(runs):
        labels[topics == 2] = 3 if is_with_three[row // 2] else 1
        labels[labels > 2] -= 1  # a run's clusters have no gap in their numbers
    return runs


def same_parts(first: Labels, second: Labels) -> bool:
    """Tell whether two labellings part the documents in the same way, whatever the numbers."""
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    return len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))


def together(found: Labels, topics: Labels, first: int, second: int) -> float:
    """Return the share of resamples in which two topics are of one category."""
    return float(np.mean([row[topics == first][0] == row[topics == second][0] for row in found]))


@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 6))
def test_a_run_from_afar_is_what_the_layer_makes_of_it(
    seed: int, n_clusters: int, n_topics: int
) -> None:
    """Whatever the run and the topics, they are as alike as `taxonomy.categories` finds them."""
    rng = np.random.default_rng(seed)
    view = rng.normal(size=(40, 5)).astype(np.float32)
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    run = rng.integers(UNSEEN, n_clusters, size=40).astype(np.int32)
    topics = rng.integers(NOISE, n_topics, size=40).astype(np.int32)
    np.testing.assert_allclose(
        FromAfar.of(run, view).likeness(topics), topic_likeness(run, topics, view), atol=1e-12
    )


@pytest.mark.parametrize("n_each", [2, 3])
def test_all_runs_give_the_categories_of_the_layer(n_each: int) -> None:
    """Joined by all runs and their halves, topics have the categories that they were built with."""
    topics, view = families(5, n_each, apart=0.9)
    runs = planted_runs(topics, n_runs=16, noise=0.3, unseen=0.2)
    rows = [np.arange(16), *halves(np.arange(16))]
    answers = [answer_of(runs[part], topics) for part in rows]
    layer = find_categories(answers[0], answers[1:], view)
    likeness = [
        mean_likeness([FromAfar.of(r, view) for r in each.runs], topics) for each in answers
    ]
    found = joined_topics(likeness, [topics] * 3, None)
    assert same_parts(found, over(layer.category_of, topics))
    assert set(layer.criterion) == set(numbers(5 * n_each))


@given(st.integers(0, 10_000), st.integers(2, 9))
def test_all_cuts_of_one_tree_are_the_layers(seed: int, n_topics: int) -> None:
    """Every number of categories parts the topics as `taxonomy.categories` does, one by one."""
    likeness = np.random.default_rng(seed).random((n_topics, n_topics))
    likeness = (likeness + likeness.T) / 2
    topics = np.arange(n_topics, dtype=np.int32)
    found = cuts(likeness, range(1, n_topics + 2))
    for number, categories in found.items():
        assert same_parts(categories, cut(likeness, topics, number))


def test_categories_that_hang_on_the_runs_vary_though_topics_do_not() -> None:
    """A topic that half of the runs hold with either neighbour changes its category as well."""
    topics, view = families(6, 1)
    found = resampled(wavering(topics, share=0.5), topics, view, number=5)
    assert 0.2 < together(found, topics, 2, 1) < 0.8
    assert together(found, topics, 2, 1) + together(found, topics, 2, 3) == pytest.approx(1)


def test_what_other_runs_would_join_otherwise_is_noise() -> None:
    """A category is cut in half: noise if half of the runs do it too, and none if few do."""
    topics, view = families(6, 1)
    for share, is_noise in ((0.5, True), (0.75, False)):
        drawn = resampled(wavering(topics, share=share), topics, view, number=5)
        codes = np.where(topics == 3, 2, topics)  # topics 2 and 3 are one category
        assert (rerun(codes, 6, view, drawn).p("division", 2, 1 / 2) > RERUN) is is_noise


def test_one_topic_is_one_category() -> None:
    """Where the resamples find a single topic, or none, so they do categories."""
    topics, view = families(1, 1)
    runs = np.tile(topics, (8, 1))
    assert (resampled(runs, topics, view) == 0).all()
    alone = np.tile(np.arange(len(topics), dtype=np.int32), (8, 1))
    assert (resampled(alone, topics, view) == NOISE).all()


def test_a_number_that_was_asked_for_is_kept() -> None:
    """A study that asks for three categories has three in every resample."""
    topics, view = families(4, 2)
    found = resampled(planted_runs(topics, n_runs=16, noise=0.1), topics, view, number=3)
    assert {len(set(row[row >= 0].tolist())) for row in found} == {3}


def test_halves_share_no_run() -> None:
    """The halves of a resample are all of it; of a single run there are none, so it is both."""
    first, second = halves(np.array([0, 1, 6, 7, 8, 9, 12, 13]))
    assert first.tolist() == [0, 1, 8, 9]
    assert second.tolist() == [6, 7, 12, 13]
    assert [part.tolist() for part in halves(np.array([4, 5]))] == [[4, 5], [4, 5]]


def test_the_smallest_ensemble_has_categories() -> None:
    """Of two runs, each resample is one; its categories are those that the run gives."""
    topics, view = families(5, 2)
    found = resampled(planted_runs(topics, n_runs=4, noise=0.0), topics, view)
    assert all(len(set(row.tolist())) == 5 for row in found)
