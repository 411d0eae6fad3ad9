"""The consensus: what many runs agree on, who is placed, and how firmly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import blobs, complete_graph, planted_runs
from sklearn.metrics import adjusted_rand_score

from artifacts.arrays import Floats, centroids
from artifacts.words import NOISE
from taxonomy.consensus import Consensus, Ensemble, RunClusters, find_consensus, halves
from taxonomy.types import UNSEEN, Labels


def agree(runs: Labels, view: Floats | None = None, *, smallest: int = 3) -> Consensus:
    """Find the consensus of runs, everybody being everybody's neighbour."""
    n_docs = runs.shape[1]
    return find_consensus(
        runs,
        complete_graph(n_docs).neighbours,
        np.ones((n_docs, 1), dtype=np.float32) if view is None else view,
        cohesion=0.5,
        placement=0.5,
        smallest=smallest,
    )


def same_in_every_run(labels: list[int], n_runs: int = 10) -> Labels:
    """Return runs that all give the same labels."""
    return np.tile(np.array(labels, dtype=np.int32), (n_runs, 1))


@given(seed=st.integers(0, 2**32 - 1), noise=st.floats(0, 0.2), unseen=st.floats(0, 0.3))
def test_a_planted_partition_is_recovered(seed: int, noise: float, unseen: float) -> None:
    """Groups that runs agree on come back whole, under noise, subsampling and any numbering."""
    truth = np.repeat(np.arange(3, dtype=np.int32), [12, 9, 6])
    runs = planted_runs(truth, n_runs=60, noise=noise, unseen=unseen, seed=seed)
    found = agree(runs)
    shares = (runs >= 0).sum(axis=0) / (runs != UNSEEN).sum(axis=0)
    assert found.topics.tolist() == np.where(shares > 0.5, truth, NOISE).tolist()
    assert found.nearest.tolist() == truth.tolist()
    assert found.n_topics == 3
    assert found.strengths.tolist() == pytest.approx(shares.tolist())


@given(seed=st.integers(0, 2**32 - 1))
def test_topics_are_numbered_by_size(seed: int) -> None:
    """Topic 0 is the largest, whatever the order of documents and the numbers in the runs."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(4, dtype=np.int32), [4, 9, 6, 12]))
    found = agree(planted_runs(truth, n_runs=20, noise=0.1, seed=seed))
    assert np.bincount(found.topics).tolist() == [12, 9, 6, 4]
    assert adjusted_rand_score(truth, found.topics) == 1


def test_topics_of_one_size_are_numbered_by_their_first_document() -> None:
    """Equal sizes leave no choice of numbers."""
    found = agree(same_in_every_run([5, 2, 5, 2, 5, 2]))
    assert found.topics.tolist() == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize(("runs_with_it", "placed"), [(10, 0), (6, 0), (5, NOISE), (4, NOISE)])
def test_a_document_is_placed_by_more_than_half_of_the_runs(runs_with_it: int, placed: int) -> None:
    """A document that half of the runs put elsewhere is unplaced, with its nearest beside it."""
    runs = same_in_every_run([0, 0, 0, 0, 0])
    runs[runs_with_it:, 4] = NOISE
    found = agree(runs)
    assert found.topics.tolist() == [0, 0, 0, 0, placed]
    assert found.nearest.tolist() == [0] * 5
    assert found.strengths.tolist() == pytest.approx([1, 1, 1, 1, runs_with_it / 10])


def test_a_document_between_two_topics_is_unplaced() -> None:
    """Half of the runs with one topic and half with another place a document in neither."""
    runs = same_in_every_run([0] * 5 + [1] * 4 + [0])
    runs[5:, 9] = 1
    found = agree(runs)
    assert found.topics.tolist() == [0] * 5 + [1] * 4 + [NOISE]
    assert found.strengths[9] == pytest.approx(0.5)


def test_runs_that_did_not_see_a_document_do_not_count_against_it() -> None:
    """Two runs with its topic out of three that saw it are more than half."""
    runs = same_in_every_run([0, 0, 0, 0])
    runs[:7, 3] = UNSEEN
    runs[9, 3] = NOISE
    found = agree(runs)
    assert found.topics.tolist() == [0, 0, 0, 0]
    assert found.strengths[3] == pytest.approx(2 / 3)


def test_a_document_that_no_run_saw_is_unplaced() -> None:
    """Never seen means strength 0, and still a nearest topic: the one most alike."""
    view = np.array([[1, 0]] * 4 + [[0, 1]] * 3 + [[0, 1]], dtype=np.float32)
    runs = same_in_every_run([0] * 4 + [1] * 3 + [UNSEEN])
    found = agree(runs, view)
    assert (found.topics[7], found.nearest[7], found.strengths[7]) == (NOISE, 1, 0)


def test_likeness_decides_between_equals_only() -> None:
    """Of two topics that a document is equally often with, the more alike one is the nearest."""
    view = np.array([[1, 0]] * 4 + [[0, 1]] * 4 + [[0, 1]], dtype=np.float32)
    runs = same_in_every_run([0] * 4 + [1] * 4 + [0])
    runs[5:, 8] = 1
    assert agree(runs, view).nearest[8] == 1
    runs[5, 8] = 0  # six runs of ten against four: likeness has no say
    assert agree(runs, view).nearest[8] == 0


@pytest.mark.parametrize("nothing", [NOISE, UNSEEN])
def test_runs_without_clusters_give_no_topics(nothing: int) -> None:
    """All noise, or nobody seen: no topic, nobody placed, no nearest topic, strength 0."""
    found = agree(same_in_every_run([nothing] * 6))
    assert found.n_topics == 0
    assert found.topics.tolist() == found.nearest.tolist() == [NOISE] * 6
    assert found.strengths.tolist() == [0] * 6


def test_groups_below_the_smallest_size_are_no_topics() -> None:
    """Three documents that are always together are a topic of three, but none of four."""
    runs = same_in_every_run([0] * 5 + [1] * 3)
    assert agree(runs, smallest=3).n_topics == 2
    found = agree(runs, smallest=4)
    assert found.n_topics == 1
    assert found.topics.tolist() == [0] * 5 + [NOISE] * 3


def test_a_stray_is_fenced() -> None:
    """A document far less like its topic than the others is unplaced, however firm the runs."""
    view = blobs(12, groups=2, spread=0.01)
    view[5] = np.eye(8, dtype=np.float32)[7]
    found = agree(same_in_every_run([0] * 12 + [1] * 12), view)
    assert found.topics[5] == NOISE
    assert (found.topics >= 0).sum() >= 22
    assert (found.nearest[5], found.strengths[5]) == (found.nearest[0], 1)


def test_rounding_makes_no_stray() -> None:
    """Documents all alike are all placed: that sums differ in their last bit says nothing."""
    rng = np.random.default_rng(0)
    for n_docs in range(10, 60, 7):
        one = rng.normal(size=391).astype(np.float32)
        view = np.tile(one / np.linalg.norm(one), (n_docs, 1))
        assert agree(same_in_every_run([0] * n_docs), view).topics.tolist() == [0] * n_docs


def test_a_topic_that_strays_make_too_small_is_given_up() -> None:
    """No topic ends with fewer documents than asked for; its documents go where they are also."""
    view = np.array([[1, 0]] * 6 + [[0, 1]] * 4 + [[1, 0]], dtype=np.float32)
    runs = same_in_every_run([0] * 6 + [1] * 5)
    assert np.bincount(agree(runs, view, smallest=4).topics + 1).tolist() == [1, 6, 4]
    found = agree(runs, view, smallest=5)
    assert found.n_topics == 1
    assert found.topics.tolist() == [0] * 6 + [NOISE] * 5
    assert found.nearest.tolist() == [0] * 11
    assert found.strengths.tolist() == [1] * 6 + [0] * 5


@given(seed=st.integers(0, 2**32 - 1), smallest=st.integers(2, 6))
def test_any_runs_give_a_sound_answer(seed: int, smallest: int) -> None:
    """Whatever the runs are, topics have no gaps in their numbers, are large enough, and hold."""
    rng = np.random.default_rng(seed)
    n_docs, n_runs = int(rng.integers(10, 40)), int(rng.integers(2, 12))
    truth = rng.integers(0, 4, n_docs)
    astray = rng.random((n_runs, n_docs)) < rng.random()
    runs = np.where(astray, rng.integers(UNSEEN, 5, (n_runs, n_docs)), truth).astype(np.int32)
    view = blobs(n_docs, groups=1, spread=1.0, seed=seed)
    found = agree(runs, view, smallest=smallest)
    sizes = np.bincount(found.topics[found.topics >= 0], minlength=found.n_topics)
    assert len(sizes) == found.n_topics
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert (sizes >= smallest).all()
    assert np.isfinite(found.strengths).all()
    assert ((found.strengths >= 0) & (found.strengths <= 1)).all()
    placed = found.topics >= 0
    assert (found.topics[placed] == found.nearest[placed]).all()
    assert (found.strengths[placed] > 0.5).all()
    least = 0 if found.n_topics else NOISE
    assert found.nearest.min() >= least
    assert found.nearest.max() < max(found.n_topics, 1)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_runs_and_their_numbers_mean_nothing(seed: int) -> None:
    """Shuffled runs with renamed clusters give the same answer."""
    truth = np.repeat(np.arange(3, dtype=np.int32), 8)
    runs = planted_runs(truth, n_runs=15, noise=0.35, unseen=0.2, seed=seed)
    rng = np.random.default_rng(seed)
    names = np.r_[rng.permutation(3), UNSEEN, NOISE].astype(np.int32)
    found, other = agree(runs), agree(names[runs[rng.permutation(15)]])
    assert found.topics.tolist() == other.topics.tolist()
    assert found.strengths.tolist() == pytest.approx(other.strengths.tolist())


@given(seed=st.integers(0, 2**32 - 1))
def test_rows_drawn_are_joined_as_the_whole_is(seed: int) -> None:
    """All rows once give the answer of the runs, in any order; a row named twice counts twice."""
    truth = np.repeat(np.arange(3, dtype=np.int32), 8)
    runs = planted_runs(truth, n_runs=16, noise=0.35, unseen=0.2, seed=seed)
    view = blobs(8, groups=3, spread=0.5, seed=seed)
    ensemble = ensemble_of(runs, view)
    rows = np.random.default_rng(seed).permutation(16)
    for found, expected in (
        (ensemble.consensus(ensemble.all_rows()), agree(runs, view)),
        (ensemble.consensus(rows), agree(runs, view)),
        (ensemble.consensus(rows % 4), agree(np.repeat(runs[:4], 4, axis=0), view)),
    ):
        assert found.n_topics == expected.n_topics
        assert found.topics.tolist() == expected.topics.tolist()
        assert found.nearest.tolist() == expected.nearest.tolist()
        assert found.strengths.tolist() == expected.strengths.tolist()


def ensemble_of(runs: Labels, view: Floats) -> Ensemble:
    """Return runs that are joined as `agree` joins them."""
    near = complete_graph(runs.shape[1]).neighbours
    how = {"cohesion": 0.5, "placement": 0.5, "smallest": 3}
    return Ensemble(runs=runs, neighbours=near, view=view, **how)  # type: ignore[arg-type]


def test_halves_share_no_run() -> None:
    """The halves of some rows are all of them; of a single run there are none, so it is both."""
    first, second = halves(np.array([0, 1, 6, 7, 8, 9, 12, 13]))
    assert first.tolist() == [0, 1, 8, 9]
    assert second.tolist() == [6, 7, 12, 13]
    assert [part.tolist() for part in halves(np.array([4, 5]))] == [[4, 5], [4, 5]]


def test_membership_shares_worked_by_hand() -> None:
    """A topic's home in a run is the cluster of most of its documents; shares are of runs seen."""
    topics = np.array([0, 0, 0, 1, 1, NOISE], dtype=np.int32)
    runs = np.array(
        [
            [0, 0, 0, 1, 1, 1],  # homes 0 and 1
            [0, 0, 1, 1, 1, 0],  # homes 0 and 1: document 2 is with topic 1
            [2, UNSEEN, 2, 2, NOISE, 2],  # home of both topics: cluster 2
            [NOISE, NOISE, NOISE, 0, 1, NOISE],  # topic 0 has no home; topic 1: first of equals
        ],
        dtype=np.int32,
    )
    expected = [
        [3 / 4, 1 / 4],
        [2 / 3, 0],
        [2 / 4, 2 / 4],
        [1 / 4, 4 / 4],
        [0, 2 / 4],
        [2 / 4, 2 / 4],
    ]
    clusters = RunClusters.of(runs)
    shares = clusters.shares(clusters.homes(topics))
    assert shares.tolist() == [pytest.approx(row) for row in expected]


def test_centroids_are_means_of_unit_length() -> None:
    """Unplaced documents have no part in a centroid, and a centroid of nothing stays zero."""
    view = np.array([[3, 0], [0, 4], [1, 0], [-1, 0], [9, 9]], dtype=np.float32)
    found = centroids(view, np.array([0, 0, 1, 1, NOISE], dtype=np.int32))
    assert found.tolist() == [pytest.approx([0.6, 0.8]), [0, 0]]
