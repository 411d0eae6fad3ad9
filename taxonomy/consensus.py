"""From the runs of an ensemble to one answer: topics, who is placed in them, and how firmly.

`Ensemble.consensus` is the one way from runs to topics: of all of them for the taxonomy itself, of
every other one for its halves, and of those that a resample draws for the noise floor of a
comparison. No run is done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from artifacts.arrays import Doubles, Floats, Integers, centroids, contingency, row_blocks
from artifacts.processes import cores, spread
from artifacts.progress import Progress
from artifacts.words import NOISE
from taxonomy.linkage import average_linkage
from taxonomy.types import CUTS, UNSEEN, Labels, count_nodes, node_sizes

if TYPE_CHECKING:
    from taxonomy.guidance.guide import Guide

ROUNDS = 20

SHARE = 0.5
"""Of the runs, in each resample: any two of them differ at least as much as two whole ensembles."""

WORTH_PROCESSES = 4_000_000
"""Labels to be joined below which starting processes takes longer than it saves."""

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
        topic; a codebook that guides counts beside them, and is not in them.
    n_topics
        Number of topics; may be 0.
    """

    topics: Labels
    nearest: Labels
    strengths: Doubles
    n_topics: int


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """The runs of an ensemble, and how they are joined.

    Attributes
    ----------
    runs
        (n_runs · CUTS) × n_docs labels, a row for each cut of a run.
    neighbours, view, cohesion, placement, smallest, guide
        As `find_consensus` takes them.
    """

    runs: Labels
    neighbours: Integers
    view: Floats
    cohesion: float
    placement: float
    smallest: int
    guide: Guide | None = None

    def all_rows(self) -> Integers:
        """Return the numbers of all rows."""
        return np.arange(len(self.runs))

    def consensus(self, rows: Integers) -> Consensus:
        """Return what some rows agree on; a row that is named twice counts twice."""
        return find_consensus(
            self.runs[rows],
            self.neighbours,
            self.view,
            cohesion=self.cohesion,
            placement=self.placement,
            smallest=self.smallest,
            guide=self.guide,
        )

    def each(self, parts: Sequence[Integers]) -> Iterator[tuple[int, Consensus]]:
        """Yield what each of some parts of the rows agrees on, with its place, as they are found.

        Where there is much to do, several processes share it; what they find does not depend on it.
        """
        n_labels = sum(map(len, parts)) * self.runs.shape[1]
        yield from spread(
            _agreed,
            range(len(parts)),
            shared=(self, parts),
            workers=min(cores(), len(parts)) if n_labels >= WORTH_PROCESSES else 1,
            what="consensuses of runs",
        )

    def drawn(self, *, n: int, seed: int) -> Iterator[Integers]:
        """Yield the rows of each of ``n`` resamples: half of the runs, none of them twice.

        The cuts of a run stay together.
        """
        rng = np.random.default_rng(seed)
        n_runs = len(self.runs) // CUTS
        n_drawn = max(1, round(SHARE * n_runs))
        for _ in range(n):
            runs = np.sort(rng.choice(n_runs, size=n_drawn, replace=False))
            yield (runs[:, None] * CUTS + np.arange(CUTS)).ravel()

    def resampled(self, *, n: int, seed: int, progress: Progress) -> Labels:
        """Return the topics of ``n`` resamples, n × n_docs, each numbered in its own way."""
        topics = np.empty((n, self.runs.shape[1]), dtype=np.int32)
        with progress.task("resampled consensuses", n, unit="consensuses") as task:
            for number, found in self.each(list(self.drawn(n=n, seed=seed))):
                topics[number] = found.topics
                task.advance()
        return topics


def _agreed(shared: tuple[Ensemble, Sequence[Integers]], place: int) -> Consensus:
    ensemble, parts = shared
    return ensemble.consensus(parts[place])


def halves(rows: Integers) -> tuple[Integers, Integers]:
    """Return every other run of some rows, with all its cuts; of a single run, that one twice.

    The halves of a whole ensemble share no seed.
    """
    by_run = rows.reshape(-1, CUTS)
    if len(by_run) < 2:
        return rows, rows
    return by_run[0::2].ravel(), by_run[1::2].ravel()


def find_consensus(
    runs: Labels,
    neighbours: Integers,
    view: Floats,
    *,
    cohesion: float,
    placement: float,
    smallest: int,
    guide: Guide | None = None,
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
    neighbours
        n_docs × n_neighbours document numbers: which documents are candidates for joining.
    view
        n_docs × n_dims, rows of unit length; decides only ties and the nearest topic of documents
        that no run puts with any topic.
    guide
        A codebook that counts beside the runs: in joining them, and in how often a document is
        with a topic. Strengths are of the runs alone.
    """
    n_docs = runs.shape[1]
    edges = np.column_stack([np.repeat(np.arange(n_docs), neighbours.shape[1]), neighbours.ravel()])
    votes = runs if guide is None else np.concatenate([runs, guide.ballots(runs)])
    topics = average_linkage(votes, edges, threshold=cohesion)
    topics = _largest_first(_without_small(topics, smallest))
    clusters = RunClusters.of(runs)
    for _ in range(ROUNDS):
        if topics.max() == NOISE:
            break
        placed = _places(clusters, guide, view, topics, placement)[0]
        placed = _without_small(placed, smallest)
        settled = np.array_equal(placed, topics)
        topics = _largest_first(placed)
        if settled:
            break
    return _placed_by(clusters, guide, view, topics, placement, smallest)


def _places(
    clusters: RunClusters, guide: Guide | None, view: Floats, topics: Labels, placement: float
) -> tuple[Labels, Labels, Floats]:
    """Return where documents are placed, the nearest topic of each, and how often it is there."""
    homes, middles = clusters.homes(topics), centroids(view, topics)
    placed, nearest = np.empty((2, len(topics)), dtype=np.int32)
    often = np.empty(len(topics), dtype=np.float32)
    for some in row_blocks(len(topics)):
        shares = clusters.shares(homes, some)
        counted = shares if guide is None else shares + guide.bonus(topics, some)
        # Cosines are at most 1: a thousandth of one only ever decides between equal shares.
        scores = counted + np.float32(1e-3) * (view[some] @ middles.T)
        best = scores.argmax(axis=1)
        own = np.arange(len(best)), best
        nearest[some], often[some] = best, shares[own]
        placed[some] = np.where(counted[own] > placement, best, NOISE)
    return placed, nearest, often


def _placed_by(
    clusters: RunClusters,
    guide: Guide | None,
    view: Floats,
    topics: Labels,
    placement: float,
    smallest: int,
) -> Consensus:
    """Place every document by the topics found, strays and what is then too small left out."""
    n_docs = len(topics)
    while (n_topics := int(topics.max()) + 1) > 0:
        placed, nearest, shares = _places(clusters, guide, view, topics, placement)
        kept = _without_small(_without_strays(placed, view), smallest)
        order = _largest_first_order(kept, n_topics)
        if len(order) == n_topics:
            strengths = shares.astype(np.float64)
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
    middles = centroids(view, topics)
    likeness = np.empty(len(view), dtype=np.float32)
    for some in row_blocks(len(view)):
        own = topics[some]
        likeness[some] = (view[some] @ middles.T)[np.arange(len(own)), own]
    in_turn = np.argsort(topics, kind="stable")
    for members in np.split(in_turn, np.cumsum(np.bincount(topics + 1)))[1:-1]:
        if len(members) == 0:
            continue
        first, third = np.percentile(likeness[members], [25, 75])
        fence = first - 1.5 * (third - first) - ROUNDING
        kept[members[likeness[members] < fence]] = NOISE
    return kept


@dataclass(frozen=True)
class RunClusters:
    """Some runs, as who is in which of their clusters.

    Attributes
    ----------
    inside
        n_docs × (n_runs · n_clusters), sparse: 1 where the cluster of the run holds the document.
    seen
        n_docs numbers of runs that saw the document.
    n_runs
        Number of runs; each has as many columns as the run with most clusters has clusters.
    """

    inside: sp.csr_matrix
    seen: Floats
    n_runs: int

    @classmethod
    def of(cls, runs: Labels) -> RunClusters:
        """Return the clusters of n_runs × n_docs labels."""
        n_runs, n_docs = runs.shape
        n_clusters = int(runs.max(initial=0)) + 1
        starts = np.arange(n_runs, dtype=np.int32) * np.int32(n_clusters)
        held = (runs >= 0).T
        columns = (runs.T + starts)[held]
        ends = np.concatenate([[0], np.cumsum(held.sum(axis=1))])
        ones = np.ones(len(columns), dtype=np.float32)
        inside = sp.csr_matrix((ones, columns, ends), shape=(n_docs, n_runs * n_clusters))
        return cls(inside, (runs != UNSEEN).sum(axis=0, dtype=np.float32), n_runs)

    def homes(self, topics: Labels) -> sp.csr_matrix:
        """Return the home of each topic in each run: the cluster that holds most of its documents.

        Of equals it is the first; a topic that no cluster of a run holds has none there. Returns
        (n_runs · n_clusters) × n_topics, sparse: 1 where the cluster is the topic's home.
        """
        held = (_members(topics) @ self.inside).tocoo()
        n_topics, n_columns = held.shape
        run = held.col // (n_columns // self.n_runs)
        best_first = np.lexsort((held.col, -held.data, run, held.row))
        place = held.row.astype(np.int64) * self.n_runs + run
        homes = best_first[np.unique(place[best_first], return_index=True)[1]]
        ones = np.ones(len(homes), dtype=np.float32)
        shape = (n_columns, n_topics)
        return sp.csr_matrix((ones, (held.col[homes], held.row[homes])), shape=shape)

    def shares(self, homes: sp.csr_matrix, some: slice = slice(None)) -> Floats:
        """Return how often some documents are with each topic, whose homes are given.

        Returns n_some × n_topics shares in [0, 1] of the runs that saw the document.
        """
        together: Floats = (self.inside[some] @ homes).toarray()
        shares: Floats = np.divide(together, np.maximum(self.seen[some], 1)[:, None])
        return shares


def memberships(runs: Labels, found: Consensus) -> Doubles:
    """Return how often each document was with each topic, over the runs that saw it.

    The membership of document d in topic t is the number of runs that saw d and in which d was in
    t's home, divided by the number of runs that saw d. A topic's home in a run is the cluster that
    holds most of its documents. That of the nearest topic is the document's strength.

    Two topics can have one home in a run, so that a row may add up to more than 1; a document that
    is often noise has a row that adds up to less.

    Parameters
    ----------
    runs
        (n_runs · CUTS) × n_docs labels.
    found
        What the consensus of these runs found.

    Returns
    -------
    Doubles
        n_docs × n_topics shares in [0, 1].
    """
    n_docs = len(found.topics)
    if found.n_topics == 0:
        return np.zeros((n_docs, 0))
    # Homes were counted with the strays that were taken out afterwards, or, where a topic was then
    # given up, without: which of the two, the strengths tell.
    least = found.strengths[found.topics != NOISE].min()
    with_strays = np.where(found.strengths >= least, found.nearest, NOISE).astype(np.int32)
    clusters = RunClusters.of(runs)
    own = np.arange(n_docs), found.nearest
    counted = [clusters.shares(clusters.homes(each)) for each in (with_strays, found.topics)]
    shares = min(counted, key=lambda each: float(np.abs(each[own] - found.strengths).max()))
    exact: Doubles = shares.astype(np.float64)
    exact[own] = found.strengths
    return exact


def _members(topics: Labels) -> sp.csr_matrix:
    """Return n_topics × n_docs, sparse: 1 where the topic has the document."""
    placed = np.flatnonzero(topics >= 0)
    ones = np.ones(len(placed), dtype=np.float32)
    shape = (int(topics.max()) + 1, len(topics))
    return sp.csr_matrix((ones, (topics[placed], placed)), shape=shape)


def _without_small(topics: Labels, smallest: int) -> Labels:
    sizes = node_sizes(topics, 1)
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
    new = np.full(count_nodes(topics) + 1, NOISE, dtype=np.int32)  # the last: of no topic
    new[order] = np.arange(len(order))
    renumbered: Labels = new[topics]
    return renumbered


@dataclass(frozen=True)
class Stability:
    """Agreement of the answer with answers from parts of its own ensemble.

    Attributes
    ----------
    topics
        n_topics figures in [0, 1]: mean over the other answers of the topic's best Jaccard
        similarity with one of their topics (Hennig 2007, doi 10.1016/j.csda.2006.11.025).
    halves_ami
        Adjusted mutual information between the answers of the two halves of the ensemble, which
        share no seed; unplaced documents count as one class. The whole answer is steadier than
        either half, so this is a lower bound in tendency.
    """

    topics: Doubles
    halves_ami: float


def stability(answer: Labels, halves: Sequence[Labels]) -> Stability:
    """Compare an answer (n_docs topics) with the answers of the two halves of its ensemble."""
    from sklearn.metrics import adjusted_mutual_info_score

    return Stability(
        topics=mean_jaccard(answer, halves),
        halves_ami=float(adjusted_mutual_info_score(*halves)),
    )


def mean_jaccard(answer: Labels, others: Sequence[Labels]) -> Doubles:
    """Return, for each topic of ``answer``, its best Jaccard similarity, mean over the others."""
    n_topics = count_nodes(answer)
    mean: Doubles = np.mean([best_jaccard(answer, other, n_topics) for other in others], axis=0)
    return mean


def best_jaccard(answer: Labels, other: Labels, n_topics: int) -> Doubles:
    """Return, for each topic of ``answer``, its best Jaccard similarity in ``other``."""
    n_other = count_nodes(other)
    if n_topics == 0 or n_other == 0:
        return np.zeros(n_topics)
    shared = contingency(answer, other, (n_topics, n_other))
    sizes = node_sizes(answer, n_topics)[:, None]
    others = node_sizes(other, n_other)[None, :]
    best: Doubles = (shared / (sizes + others - shared)).max(axis=1)
    return best
