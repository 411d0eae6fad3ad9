"""The noise floor of categories: they are joined anew in every resample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from artifacts.arrays import Doubles, Floats, centroids
from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from taxonomy.categories import (
    SCALES,
    JoinedRuns,
    RunScales,
    cut,
    find_categories,
    over,
    resampled_categories,
)
from taxonomy.consensus import Ensemble, halves
from taxonomy.lineage.noise_floor import rerun
from taxonomy.types import UNSEEN, Labels
from tests.planted import complete_graph, families, planted_runs

RERUN = 0.2
"""Up to this p, re-running does not explain a difference, by default."""


def ensemble(runs: Labels, view: Floats) -> Ensemble:
    """Return runs, everybody being everybody's neighbour."""
    near = complete_graph(len(view)).neighbours
    how = {"cohesion": 0.8, "placement": 0.5, "smallest": 5}
    return Ensemble(runs=runs, neighbours=near, view=view, **how)  # type: ignore[arg-type]


def resampled(runs: Labels, view: Floats, number: int | None = None, n: int = 39) -> Labels:
    """Return the categories of resamples."""
    whole = ensemble(runs, view)
    progress = SilentProgress()
    drawn = whole.resampled(n=n, seed=0, progress=progress)
    return resampled_categories(whole, drawn, n_categories=number, seed=0, progress=progress)


def likeness_by_definition(run: Labels, topics: Labels, view: Floats) -> Doubles:
    """Merge a run's clusters step by step, and hold the topics together at each scale."""
    n_topics = int(topics.max(initial=NOISE)) + 1
    n_clusters = int(run.max(initial=NOISE)) + 1
    if n_clusters < 2:
        return np.zeros((n_topics, n_topics))
    seen = np.array([((topics == topic) & (run != UNSEEN)).sum() for topic in range(n_topics)])
    columns = {
        cluster: np.array([((topics == t) & (run == cluster)).sum() for t in range(n_topics)])
        for cluster in range(n_clusters)
    }
    scales = set((np.geomspace(1, n_clusters - 1, SCALES).round().astype(int) + 1).tolist())
    merges = linkage(centroids(view, run), method="ward")[:, :2].astype(int).tolist()
    together = np.zeros((n_topics, n_topics))
    for step in range(n_clusters):
        if len(columns) in scales:
            coarse = np.column_stack(list(columns.values()))
            with_home = coarse[:, coarse.argmax(axis=1)] / np.maximum(seen, 1)[:, None]
            together += np.where(coarse.max(axis=1) > 0, with_home, 0)
        if step < len(merges):
            first, second = merges[step]
            columns[n_clusters + step] = columns.pop(first) + columns.pop(second)
    return (together + together.T) / (2 * len(scales))


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
        RunScales.of(run, view).likeness(topics),
        likeness_by_definition(run, topics, view),
        atol=1e-12,
    )


@pytest.mark.parametrize("n_each", [2, 3])
def test_all_runs_give_the_categories_of_the_layer(
    n_each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every run is drawn once, topics have exactly the categories that are published."""
    monkeypatch.setattr("taxonomy.consensus.SHARE", 1.0)
    topics, view = families(5, n_each, apart=0.9)
    runs = planted_runs(topics, n_runs=16, noise=0.05, unseen=0.2)
    whole = ensemble(runs, view)
    scales = [RunScales.of(run, view) for run in runs]
    rows = [whole.all_rows(), *halves(whole.all_rows())]
    answers = [
        JoinedRuns([scales[at] for at in some], whole.consensus(some).topics) for some in rows
    ]
    layer = find_categories(answers[0], answers[1:])
    [found] = resampled(runs, view, n=1)
    np.testing.assert_array_equal(found, over(layer.category_of, answers[0].topics))
    assert answers[0].n_topics == 5 * n_each


@given(st.integers(0, 10_000), st.integers(2, 9))
def test_categories_are_cuts_of_one_tree(seed: int, n_topics: int) -> None:
    """Every number of categories parts the topics as SciPy cuts their tree."""
    likeness = np.random.default_rng(seed).random((n_topics, n_topics))
    likeness = (likeness + likeness.T) / 2
    np.fill_diagonal(likeness, 1)
    tree = linkage(squareform(1 - likeness), method="average")
    topics = np.arange(n_topics, dtype=np.int32)
    for number in range(1, n_topics + 2):
        categories = cut(likeness.copy(), topics, number)
        assert same_parts(categories, fcluster(tree, number, criterion="maxclust"))


def test_categories_that_hang_on_the_runs_vary_though_topics_do_not() -> None:
    """A topic that half of the runs hold with either neighbour changes its category as well."""
    topics, view = families(6, 1)
    found = resampled(wavering(topics, share=0.5), view, number=5)
    assert 0.2 < together(found, topics, 2, 1) < 0.8
    assert together(found, topics, 2, 1) + together(found, topics, 2, 3) == pytest.approx(1)


def test_what_other_runs_would_join_otherwise_is_noise() -> None:
    """A category is cut in half: noise if half of the runs do it too, and none if few do."""
    topics, view = families(6, 1, spread=0)
    for share, is_noise in ((0.5, True), (0.75, False)):
        drawn = resampled(wavering(topics, share=share), view, number=5)
        codes = np.where(topics == 3, 2, topics)  # topics 2 and 3 are one category
        assert (rerun(codes, 6, view, drawn).p("division", 2, 1 / 2) > RERUN) is is_noise


def test_one_topic_is_one_category() -> None:
    """Where the resamples find a single topic, or none, so they do categories."""
    topics, view = families(1, 1, spread=0)
    runs = np.tile(topics, (8, 1))
    assert (resampled(runs, view) == 0).all()
    alone = np.tile(np.arange(len(topics), dtype=np.int32), (8, 1))
    assert (resampled(alone, view) == NOISE).all()


def test_a_number_that_was_asked_for_is_kept() -> None:
    """A study that asks for three categories has three in every resample."""
    topics, view = families(4, 2)
    found = resampled(planted_runs(topics, n_runs=16, noise=0.1), view, number=3)
    assert {len(set(row[row >= 0].tolist())) for row in found} == {3}


def test_the_smallest_ensemble_has_categories() -> None:
    """Of two runs, each resample is one; its categories are those that the run gives."""
    topics, view = families(5, 2, spread=0)
    found = resampled(planted_runs(topics, n_runs=4, noise=0.0), view, number=5)
    assert all(len(set(row.tolist())) == 5 for row in found)
