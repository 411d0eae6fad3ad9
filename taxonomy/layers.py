"""Categories: topics joined by how often the ensemble, seen from further away, joins them.

Every run's clusters are merged by Ward's method on their centroids into every number of coarse
clusters; two topics are alike in so far as the runs, at all these scales, hold their documents in
one coarse cluster. Average linkage over that likeness gives one tree, so every cut nests in every
coarser one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxonomy.consensus import centroids, membership_shares
from taxonomy.ensemble import NOISE, Labels
from taxonomy.views import Floats

FEWEST = 2
"""Fewest categories, where there are that many topics."""


@dataclass(frozen=True)
class Layer:
    """Categories over topics.

    Attributes
    ----------
    category_of
        n_topics category numbers, 0 the one with most documents.
    criterion
        For each number of categories that was tried, how steady it is, in [0, 1].
    """

    category_of: Labels
    criterion: dict[int, float]


def find_categories(
    runs: Labels, topics: Labels, view: Floats, *, n_categories: int | None = None
) -> Layer:
    """Join topics into categories.

    Parameters
    ----------
    runs, topics, view
        n_runs × n_docs labels, n_docs topics, n_docs × n_dims rows of unit length.
    n_categories
        How many; None: the steadiest number.
    """
    n_topics = int(topics.max(initial=NOISE)) + 1
    if n_topics <= FEWEST:
        return Layer(np.arange(n_topics, dtype=np.int32), {})
    likeness = np.mean([topic_likeness(run, topics, view) for run in runs], axis=0)
    return Layer(cut(likeness, topics, n_categories or max(FEWEST, round(n_topics / 3))), {})


def over(category_of: Labels, topics: Labels) -> Labels:
    """Return the category of each document from that of its topic; `NOISE` where it has none."""
    if len(category_of) == 0:
        return np.full(len(topics), NOISE, dtype=np.int32)
    return np.where(topics == NOISE, NOISE, category_of[topics]).astype(np.int32)


def topic_likeness(run: Labels, topics: Labels, view: Floats) -> NDArray[np.float64]:
    """Return how far one run, at all scales, holds each two topics together."""
    from scipy.cluster.hierarchy import cut_tree, linkage

    n_clusters = int(run.max(initial=NOISE)) + 1
    n_topics = int(topics.max()) + 1
    if n_clusters <= FEWEST:
        return np.zeros((n_topics, n_topics))
    tree = linkage(centroids(view, run), method="ward")
    scales = np.arange(FEWEST, n_clusters)
    coarse = cut_tree(tree, n_clusters=scales)
    together = np.zeros((n_topics, n_topics))
    for column in coarse.T:
        joined = np.where(run >= 0, column[run], run).astype(np.int32)
        shares = membership_shares(joined[None, :], topics)
        sizes = np.bincount(topics[topics >= 0], minlength=n_topics)
        sums = np.zeros((n_topics, n_topics))
        np.add.at(sums, topics[topics >= 0], shares[topics >= 0])
        mean = sums / sizes[:, None]
        together += (mean + mean.T) / 2
    return together / len(scales)


def cut(likeness: NDArray[np.float64], topics: Labels, n_categories: int) -> Labels:
    """Cut the average-linkage tree of the topics into ``n_categories``, the largest first."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = 1 - likeness
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    found = fcluster(tree, n_categories, criterion="maxclust") - 1
    sizes = np.bincount(found[topics[topics >= 0]])
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    return rank[found]
