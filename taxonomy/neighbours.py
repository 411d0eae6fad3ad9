"""The neighbour graph that all runs of an ensemble share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from artifacts.arrays import Floats
from taxonomy.types import Ints


@dataclass(frozen=True)
class NeighbourGraph:
    """Who is near whom.

    Attributes
    ----------
    neighbours
        n_docs × n_neighbours document numbers, nearest first, the document itself left out.
    similarities
        n_docs × n_neighbours cosines in [-1, 1].
    memberships
        n_docs × n_docs, symmetric and sparse: UMAP's fuzzy memberships in [0, 1].
    start
        n_docs × n_dims: where the layout of every run starts (principal components).
    """

    neighbours: Ints
    similarities: Floats
    memberships: sp.csr_matrix
    start: Floats


def neighbour_graph(view: Floats, *, neighbours: int, dimensions: int, seed: int) -> NeighbourGraph:
    """Build the exact neighbour graph of the rows of ``view`` (unit length) under the cosine."""
    from sklearn.decomposition import PCA
    from umap.umap_ import fuzzy_simplicial_set

    n_docs = len(view)
    found, distances = _nearest(view, neighbours)
    cosine_distances = (distances**2 / 2).astype(np.float32)
    memberships, _, _ = fuzzy_simplicial_set(
        view,
        found.shape[1],
        np.random.RandomState(seed),
        "cosine",
        knn_indices=found,
        knn_dists=cosine_distances,
    )
    size = min(dimensions, n_docs - 1, view.shape[1])
    with np.errstate(all="ignore"):  # of documents all alike it also asks for shares of no variance
        components = PCA(size, random_state=seed).fit_transform(view).astype(np.float32)
    components = np.pad(components, ((0, 0), (0, dimensions - size)))
    widest = np.abs(components).max()
    return NeighbourGraph(
        neighbours=found[:, 1:],
        similarities=1 - cosine_distances[:, 1:],
        memberships=sp.csr_matrix(memberships),
        start=components * np.float32(10 / widest if widest > 0 else 1),
    )


def nearest_documents(view: Floats, *, neighbours: int) -> Ints:
    """Return the `neighbours` of a graph, n_docs × n_neighbours, without the rest of it."""
    return _nearest(view, neighbours)[0][:, 1:]


def _nearest(view: Floats, neighbours: int) -> tuple[Ints, NDArray[np.floating]]:
    """Return each document, then its neighbours, and how far they are."""
    from sklearn.neighbors import NearestNeighbors

    wanted = min(neighbours, len(view) - 1)
    index = NearestNeighbors(n_neighbors=wanted + 1, algorithm="brute").fit(view)
    distances, found = index.kneighbors(view)
    return _self_first(found.astype(np.int64), distances)


def _self_first(found: Ints, distances: NDArray[np.floating]) -> tuple[Ints, NDArray[np.floating]]:
    """Put each document first among its own neighbours, also where twins are as near as itself."""
    own = np.arange(len(found))[:, None]
    is_own = found == own
    is_own[~is_own.any(axis=1), -1] = True  # crowded out by twins: takes the last place
    order = np.argsort(~is_own, axis=1, kind="stable")
    found = np.take_along_axis(np.where(is_own, own, found), order, axis=1)
    distances = np.take_along_axis(np.where(is_own, 0.0, distances), order, axis=1)
    return found, distances
