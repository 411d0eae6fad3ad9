"""From the runs of an ensemble to one answer: topics, who is placed in them, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats, centroids, contingency
from artifacts.words import NOISE
from taxonomy.linkage import average_linkage
from taxonomy.space import NeighbourGraph
from taxonomy.types import UNSEEN, Labels

ROUNDS = 20

ROUNDING = 1e-6
"""Differences of cosines that come from the order of sums alone (single precision)."""


@dataclass(frozen=True)
class Consensus:
    """What the runs agree on.

    Attributes
    ----------
    topics
        n_docs topic numbers, 0 the largest; `NOISE` where a document is not placed.
    nearest
        n_docs topic numbers: the topic a document is most often with (its own, if placed).
    strengths
        n_docs shares in [0, 1] of the runs that saw a document in which it was with its nearest
        topic.
    n_topics
        Number of topics; may be 0.
    """

    topics: Labels
    nearest: Labels
    strengths: NDArray[np.float64]
    n_topics: int


def find_consensus(
    runs: Labels,
    graph: NeighbourGraph,
    view: Floats,
    *,
    cohesion: float,
    placement: float,
    smallest: int,
) -> Consensus:
    """Join the runs into topics and place each document, or leave it unplaced.

    Groups come from average linkage over co-association (`taxonomy.linkage`). Then, until nothing
    changes, every document goes to the topic it is most often with, is placed there if that is in
    more than ``placement`` of the runs that saw it, and topics of fewer than ``smallest`` placed
    documents are given up. A run is *with* a topic through the cluster that holds most of the
    topic's documents.

    Parameters
    ----------
    runs
        n_runs × n_docs labels, see `taxonomy.ensemble.run_ensemble`.
    view
        n_docs × n_dims, rows of unit length; decides only ties and the nearest topic of documents
        that no run puts with any topic.
    """
    n_docs = runs.shape[1]
    edges = np.column_stack(
        [np.repeat(np.arange(n_docs), graph.neighbours.shape[1]), graph.neighbours.ravel()]
    )
    topics = average_linkage(runs, edges, threshold=cohesion)
    topics = _largest_first(_without_small(topics, smallest))
    for _ in range(ROUNDS):
        if topics.max() == NOISE:
            break
        shares = membership_shares(runs, topics)
        nearest = _most_often_with(shares, view, topics)
        strengths = shares[np.arange(n_docs), nearest]
        placed = np.where(strengths > placement, nearest, NOISE).astype(np.int32)
        placed = _without_small(placed, smallest)
        settled = np.array_equal(placed, topics)
        topics = _largest_first(placed)
        if settled:
            break
    return _placed_by(runs, view, topics, placement, smallest)


def _placed_by(
    runs: Labels, view: Floats, topics: Labels, placement: float, smallest: int
) -> Consensus:
    """Place every document by the topics found, strays and what is then too small left out."""
    n_docs = runs.shape[1]
    while (n_topics := int(topics.max()) + 1) > 0:
        shares = membership_shares(runs, topics)
        nearest = _most_often_with(shares, view, topics)
        strengths = shares[np.arange(n_docs), nearest].astype(np.float64)
        placed = np.where(strengths > placement, nearest, NOISE).astype(np.int32)
        kept = _without_small(_without_strays(placed, view), smallest)
        order = _largest_first_order(kept, n_topics)
        if len(order) == n_topics:
            return Consensus(_renumber(kept, order), _renumber(nearest, order), strengths, n_topics)
        topics = _renumber(kept, order)  # a topic is given up: its documents may be near others
    nowhere = np.full(n_docs, NOISE, dtype=np.int32)
    return Consensus(nowhere, nowhere, np.zeros(n_docs), 0)


def _without_strays(topics: Labels, view: Floats) -> Labels:
    """Take out documents far less like their topic's centroid than its others are.

    UMAP puts every document next to something, so a run's clusters catch passers-by. The bound is
    Tukey's lower fence (1977): the first quartile less one and a half interquartile ranges.
    """
    kept = topics.copy()
    if topics.max() == NOISE:
        return kept
    likeness = (view @ centroids(view, topics).T)[np.arange(len(view)), topics]
    for topic in np.unique(topics[topics >= 0]):
        members = np.flatnonzero(topics == topic)
        first, third = np.percentile(likeness[members], [25, 75])
        fence = first - 1.5 * (third - first) - ROUNDING
        kept[members[likeness[members] < fence]] = NOISE
    return kept


def membership_shares(runs: Labels, topics: Labels) -> Floats:
    """Return how often each document is with each topic.

    A topic's home in a run is the cluster that holds most of its documents (the first of equals).
    Returns n_docs × n_topics shares in [0, 1] of the runs that saw the document.
    """
    n_docs = runs.shape[1]
    n_topics = int(topics.max()) + 1
    together = np.zeros((n_docs, n_topics), dtype=np.float32)
    seen = np.zeros(n_docs, dtype=np.float32)
    for run in runs:
        seen += run != UNSEEN
        homes = _homes(run, topics, n_topics)
        together += (run[:, None] == homes[None, :]) & (homes >= 0)[None, :]
    return (together / np.maximum(seen, 1)[:, None]).astype(np.float32)


def _homes(run: Labels, topics: Labels, n_topics: int) -> Labels:
    n_clusters = int(run.max(initial=NOISE)) + 1
    homes = np.full(n_topics, NOISE, dtype=np.int32)
    if n_clusters == 0:
        return homes
    counts = contingency(topics, run, (n_topics, n_clusters))
    found = counts.max(axis=1) > 0
    homes[found] = counts.argmax(axis=1)[found]
    return homes


def _most_often_with(shares: Floats, view: Floats, topics: Labels) -> Labels:
    # Cosines are at most 1, so a thousandth of one only ever decides between equal shares.
    scores = shares + np.float32(1e-3) * (view @ centroids(view, topics).T)
    best: Labels = scores.argmax(axis=1).astype(np.int32)
    return best


def _without_small(topics: Labels, smallest: int) -> Labels:
    sizes = np.bincount(topics[topics >= 0], minlength=1)
    small = np.flatnonzero(sizes < smallest)
    return np.where(np.isin(topics, small), NOISE, topics).astype(np.int32)


def _largest_first(topics: Labels) -> Labels:
    """Renumber the topics by size, equals by their first document; close the gaps."""
    if topics.max() == NOISE:
        return topics
    n_topics = len(np.unique(topics[topics >= 0]))
    return _renumber(topics, _largest_first_order(topics, n_topics))


def _largest_first_order(topics: Labels, n_topics: int) -> list[int]:
    present, first, sizes = np.unique(topics, return_index=True, return_counts=True)
    ranked = sorted(
        (-int(size), int(at), int(topic))
        for topic, at, size in zip(present, first, sizes, strict=True)
        if topic != NOISE
    )
    return [topic for _, _, topic in ranked][:n_topics]


def _renumber(topics: Labels, order: list[int]) -> Labels:
    renumbered = np.full(len(topics), NOISE, dtype=np.int32)
    for new, old in enumerate(order):
        renumbered[topics == old] = new
    return renumbered
