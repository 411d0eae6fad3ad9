"""Average linkage over the runs of an ensemble, against SciPy and against the definition."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from artifacts.words import NOISE
from taxonomy.linkage import average_linkage
from taxonomy.types import UNSEEN, Labels

seeds = st.integers(0, 2**32 - 1)
thresholds = st.floats(0.05, 0.95)


def planted_runs(seed: int, *, n_runs: int = 60, n_docs: int = 9, unseen: float = 0.0) -> Labels:
    """Return runs over three planted groups, with documents astray, noise and unseen ones."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 3, n_docs)
    astray = rng.random((n_runs, n_docs)) < rng.uniform(0.1, 0.6)
    runs = np.where(astray, rng.integers(NOISE, 4, (n_runs, n_docs)), groups)
    runs[rng.random((n_runs, n_docs)) < unseen] = UNSEEN
    return runs.astype(np.int32)


def every_pair(n_docs: int) -> NDArray[np.int64]:
    """Return all pairs of documents."""
    return np.array(list(combinations(range(n_docs), 2)))


def together_and_seen(runs: Labels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return in how many runs each two documents share a cluster, and in how many both are seen."""
    clustered = (runs[:, :, None] == runs[:, None, :]) & (runs >= 0)[:, :, None]
    seen = runs != UNSEEN
    return clustered.sum(axis=0), (seen[:, :, None] & seen[:, None, :]).sum(axis=0)


def joined_by_definition(
    runs: Labels, threshold: float, edges: NDArray[np.int64] | None = None
) -> list[int] | None:
    """Join group by group over the dense matrices; None where two pairs are equally alike.

    Where there are ``edges``, only groups that one of them links are joined.
    """
    together, seen = together_and_seen(runs)
    linked = np.ones_like(together, dtype=bool)
    if edges is not None:
        linked[:] = False
        linked[edges[:, 0], edges[:, 1]] = linked[edges[:, 1], edges[:, 0]] = True
        linked &= together > 0
    groups = [[doc] for doc in range(runs.shape[1])]
    while len(groups) > 1:
        ranked = sorted(
            (
                -together[np.ix_(one, other)].sum() / max(seen[np.ix_(one, other)].sum(), 1),
                one,
                other,
            )
            for one, other in combinations(groups, 2)
            if linked[np.ix_(one, other)].any()
        )
        if not ranked or -ranked[0][0] < threshold:
            break
        if len(ranked) > 1 and np.isclose(ranked[0][0], ranked[1][0]):
            return None
        _, one, other = ranked[0]
        groups = [group for group in groups if group not in (one, other)] + [one + other]
    numbers = {doc: number for number, group in enumerate(groups) for doc in group}
    return [numbers[doc] for doc in range(runs.shape[1])]


@given(seed=seeds, threshold=thresholds)
def test_equals_scipy_where_all_is_seen_and_all_are_candidates(seed: int, threshold: float) -> None:
    """Over all pairs and full runs, groups are SciPy's average linkage of the dense matrix."""
    runs = planted_runs(seed)
    assume(joined_by_definition(runs, threshold) is not None)
    together, _ = together_and_seen(runs)
    distances = 1 - together / len(runs)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances), method="average")
    expected = fcluster(tree, 1 - threshold, criterion="distance")
    found = average_linkage(runs, every_pair(runs.shape[1]), threshold=threshold)
    assert adjusted_rand_score(expected, found) == 1


@given(seed=seeds, threshold=thresholds, unseen=st.floats(0.05, 0.5))
def test_pairs_weigh_as_often_as_both_were_seen(seed: int, threshold: float, unseen: float) -> None:
    """With subsampled runs, likeness is the runs together over the runs that saw both."""
    runs = planted_runs(seed, unseen=unseen)
    expected = joined_by_definition(runs, threshold)
    assume(expected is not None)
    found = average_linkage(runs, every_pair(runs.shape[1]), threshold=threshold)
    assert adjusted_rand_score(expected, found) == 1


@given(seed=seeds, threshold=thresholds, share=st.floats(0.1, 0.6))
def test_links_that_were_far_below_the_threshold_are_joined_once_they_reach_it(
    seed: int, threshold: float, share: float
) -> None:
    """However few the candidates, groups are joined as if all links were counted each time."""
    runs = planted_runs(seed, n_runs=29, n_docs=16, unseen=0.2)
    pairs = every_pair(runs.shape[1])
    edges = pairs[np.random.default_rng(seed).random(len(pairs)) < share]
    expected = joined_by_definition(runs, threshold, edges)
    assume(expected is not None)
    found = average_linkage(runs, edges, threshold=threshold)
    assert adjusted_rand_score(expected, found) == 1


@given(seed=seeds, threshold=thresholds)
def test_cluster_numbers_and_the_order_of_runs_mean_nothing(seed: int, threshold: float) -> None:
    """Renaming the clusters of each run, and shuffling the runs, changes not one group."""
    runs = planted_runs(seed, unseen=0.2)
    rng = np.random.default_rng(seed)
    renamed = np.array([np.r_[rng.permutation(5), UNSEEN, NOISE][run] for run in runs])
    pairs = every_pair(runs.shape[1])
    found = average_linkage(runs, pairs, threshold=threshold)
    other = average_linkage(
        renamed[rng.permutation(len(runs))].astype(np.int32), pairs, threshold=threshold
    )
    assert found.tolist() == other.tolist()


@given(seed=seeds, threshold=thresholds)
def test_the_direction_and_order_of_edges_mean_nothing(seed: int, threshold: float) -> None:
    """Edges may come in any order, either way round, doubled, and from a document to itself."""
    runs = planted_runs(seed)
    pairs = every_pair(runs.shape[1])[::2]
    loops = np.repeat(np.arange(runs.shape[1])[:, None], 2, axis=1)
    shuffled = np.random.default_rng(seed).permutation(np.vstack([pairs[:, ::-1], pairs, loops]))
    found = average_linkage(runs, pairs, threshold=threshold)
    assert found.tolist() == average_linkage(runs, shuffled, threshold=threshold).tolist()


def test_the_threshold_is_reached_when_equalled() -> None:
    """Two documents together in two runs of four are joined at a half and not above."""
    runs = np.array([[0, 0], [0, 0], [0, 1], [0, NOISE]], dtype=np.int32)
    pair = np.array([[0, 1]])
    assert average_linkage(runs, pair, threshold=0.5).tolist() == [0, 0]
    assert average_linkage(runs, pair, threshold=0.51).tolist() == [0, 1]


def test_all_pairs_count_not_only_the_linked_ones() -> None:
    """The likeness of two groups is the mean over all their pairs, also over unlinked ones."""
    runs = np.array([[0, 0, 0]] * 5 + [[0, 0, 1]] * 3 + [[1, 0, 0]] * 2, dtype=np.int32)
    chain = np.array([[0, 1], [1, 2]])  # together in 8 and in 7 runs of 10; 0 and 2 in 5
    assert average_linkage(runs, chain, threshold=0.6).tolist() == [0, 0, 0]
    assert average_linkage(runs, chain, threshold=0.61).tolist() == [0, 0, 1]


def test_only_candidates_are_joined() -> None:
    """Documents that are always together stay apart when no edge leads from one to the other."""
    runs = np.zeros((5, 4), dtype=np.int32)
    found = average_linkage(runs, np.array([[0, 2], [1, 3]]), threshold=0.5)
    assert found.tolist() == [0, 1, 0, 1]
    nobody = average_linkage(runs, np.empty((0, 2), dtype=np.int64), threshold=0.5)
    assert nobody.tolist() == [0, 1, 2, 3]


def test_a_joined_group_takes_over_the_candidates_of_both() -> None:
    """A chain of edges is enough to join documents that all share one cluster."""
    runs = np.zeros((3, 6), dtype=np.int32)
    chain = np.array([[doc, doc + 1] for doc in range(5)])
    assert average_linkage(runs, chain, threshold=1.0).tolist() == [0] * 6


@pytest.mark.parametrize("nothing", [NOISE, UNSEEN])
def test_noise_is_with_nobody(nothing: int) -> None:
    """Documents that are noise together, or unseen together, are not together."""
    runs = np.full((4, 3), nothing, dtype=np.int32)
    assert average_linkage(runs, every_pair(3), threshold=0.01).tolist() == [0, 1, 2]


def test_groups_are_numbered_by_their_first_document() -> None:
    """Group 0 holds document 0, and every next new group the next number."""
    runs = np.tile(np.array([7, 3, 7, NOISE, 3, 5], dtype=np.int32), (4, 1))
    assert average_linkage(runs, every_pair(6), threshold=0.5).tolist() == [0, 1, 0, 2, 1, 3]
