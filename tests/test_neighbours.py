"""The neighbour graph: exact, symmetric, and sound where documents are few or identical.

Of many documents it is nearly exact, and the same on any machine.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from planted import blobs

from artifacts.arrays import Floats
from taxonomy.space import NeighbourGraph, neighbour_graph


def graph(view: Floats, *, neighbours: int = 5, dimensions: int = 3) -> NeighbourGraph:
    """Build a graph and fail on any warning."""
    neighbour_graph(blobs(4), neighbours=2, dimensions=2, seed=0)  # imports warn, once
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return neighbour_graph(view, neighbours=neighbours, dimensions=dimensions, seed=0)


def test_neighbours_are_the_nearest_by_cosine() -> None:
    """They are those of the dense matrix of cosines, nearest first, without the document."""
    view = blobs(10)
    found = graph(view)
    cosines = view @ view.T
    np.fill_diagonal(cosines, -2)
    assert found.neighbours.tolist() == np.argsort(-cosines, axis=1)[:, :5].tolist()


def test_memberships_are_symmetric_shares() -> None:
    """Fuzzy memberships are in (0, 1], the same both ways, and none is a document's own."""
    found = graph(blobs(10)).memberships.toarray()
    assert found == pytest.approx(found.T)
    assert found.min() >= 0
    assert found.max() <= 1
    assert found.diagonal().tolist() == [0] * 30


def test_documents_that_are_far_apart_share_no_edge() -> None:
    """With fewer neighbours than a group has, no edge leaves the group."""
    found = graph(blobs(10, spread=0.05)).memberships.toarray()
    group = np.repeat(np.arange(3), 10)
    assert found[group[:, None] != group[None, :]].max() == 0


def test_the_start_has_the_dimensions_asked_for() -> None:
    """It is scaled to 10, and padded with zeros where documents or vectors have too few."""
    assert np.abs(graph(blobs(10)).start).max() == pytest.approx(10)
    narrow = graph(blobs(10)[:, :2], dimensions=4).start
    assert narrow.shape == (30, 4)
    assert (narrow[:, 2:] == 0).all()
    assert (narrow[:, :2] != 0).any()


@pytest.mark.parametrize("n_docs", [2, 3, 10])
def test_fewer_documents_than_neighbours(n_docs: int) -> None:
    """Everybody is then everybody's neighbour."""
    found = graph(blobs(n_docs, groups=1), neighbours=15, dimensions=5)
    assert found.neighbours.shape == (n_docs, n_docs - 1)
    for document, others in enumerate(found.neighbours.tolist()):
        assert sorted([document, *others]) == list(range(n_docs))
    assert found.start.shape == (n_docs, 5)
    assert np.isfinite(found.memberships.data).all()


@pytest.mark.parametrize("row", [[0.6, 0.8], [0.0, 0.0]], ids=["unit", "zero"])
def test_identical_documents(row: list[float]) -> None:
    """Twins are near each other, never their own neighbour, and nothing is divided by zero."""
    found = graph(np.tile(np.array(row, dtype=np.float32), (12, 1)))
    for document, others in enumerate(found.neighbours.tolist()):
        assert document not in others
        assert len(set(others)) == 5
    assert np.isfinite(found.start).all()
    assert np.isfinite(found.memberships.data).all()


def test_a_document_crowded_out_by_its_twins_is_still_first() -> None:
    """Among more twins than neighbours, each document's own place is kept for itself."""
    view = np.vstack([np.tile([1.0, 0.0], (20, 1)), blobs(5, groups=1)[:, :2]]).astype(np.float32)
    found = graph(view, neighbours=3)
    assert not (found.neighbours == np.arange(25)[:, None]).any()


def test_the_same_seed_gives_the_same_graph() -> None:
    """All three parts are equal bit by bit."""
    one, other = graph(blobs(10)), graph(blobs(10))
    assert (one.neighbours == other.neighbours).all()
    assert (one.memberships != other.memberships).nnz == 0
    assert (one.start == other.start).all()
