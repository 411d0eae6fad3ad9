"""Categories: topics joined by how often the ensemble, seen from further away, joins them.

Every run's clusters are merged by Ward's method on their centroids into every number of coarse
clusters; two topics are alike in so far as the runs, at all these scales, hold their documents in
one coarse cluster. Average linkage over that likeness gives one tree, so every cut nests in every
coarser one. It is evidence accumulation (Fred and Jain 2005, doi 10.1109/TPAMI.2005.113) with
topics in place of documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from artifacts.arrays import Doubles, Floats, Integers, centroids, contingency
from artifacts.errors import ConfigError
from artifacts.words import NOISE
from taxonomy.consensus import ROUNDING, Consensus
from taxonomy.stability import mean_jaccard
from taxonomy.types import UNSEEN, Labels

TOPICS_EACH = (2, 4)
"""Fewest and most topics that a category has on average: fewer join little, more tell little."""

SCALES = 30
"""At most so many numbers of coarse clusters are tried in a run, in a geometric series."""


@dataclass(frozen=True)
class Answer:
    """Some runs (n_runs × n_docs labels), and what they agree on."""

    runs: Labels
    consensus: Consensus

    @property
    def topics(self) -> Labels:
        """Return the topic of each of the n_docs documents."""
        return self.consensus.topics

    @property
    def n_topics(self) -> int:
        """Return the number of topics."""
        return self.consensus.n_topics


@dataclass(frozen=True)
class Categories:
    """Categories over topics.

    Attributes
    ----------
    category_of
        n_topics category numbers, 0 the one with most documents.
    stability
        n_categories figures in [0, 1], as those of topics (`taxonomy.stability`).
    criterion
        Mean stability of the categories for every number of them that was tried.
    """

    category_of: Labels
    stability: Doubles
    criterion: dict[int, float]


def find_categories(
    whole: Answer, halves: Sequence[Answer], view: Floats, *, n_categories: int | None = None
) -> Categories:
    """Join the topics of the whole ensemble into categories.

    Parameters
    ----------
    halves
        The answers of the two halves of the ensemble: what is found in them too is stable.
    view
        n_docs × n_dims, rows of unit length.
    n_categories
        How many. None: from a quarter to half of the number of topics, the largest number at which
        the mean stability of the categories is within one standard error of the highest (the rule
        of Breiman et al. 1984, section 3.4.3, for the most telling instead of the simplest).

    Raises
    ------
    ConfigError
        If more categories are asked for than there are topics.
    """
    n_topics = whole.n_topics
    if n_categories is not None and n_categories > max(n_topics, 1):
        raise ConfigError(
            f"{n_categories} categories were asked for, but there are {n_topics} topics.",
            where="categories",
            fix=f"ask for at most {n_topics}",
        )
    if n_topics <= 1:
        return Categories(np.zeros(n_topics, dtype=np.int32), _of_single(whole, halves), {})
    likeness = [mean_likeness(answer, view) for answer in (whole, *halves)]
    tried = {}
    for number in [n_categories] if n_categories else _numbers(n_topics):
        found, *others = [
            over(cut(alike, answer.topics, number), answer.topics)
            for alike, answer in zip(likeness, (whole, *halves), strict=True)
        ]
        tried[number] = mean_jaccard(found, others)
    chosen = largest_of_the_steadiest(tried)
    criterion = {number: float(figures.mean()) for number, figures in tried.items()}
    return Categories(cut(likeness[0], whole.topics, chosen), tried[chosen], criterion)


def largest_of_the_steadiest(tried: Mapping[int, Doubles]) -> int:
    """Return the largest number whose mean is within a standard error of the highest mean."""
    steadiest = max(tried.values(), key=lambda figures: float(figures.mean()))
    error = steadiest.std(ddof=1) / np.sqrt(len(steadiest)) if len(steadiest) > 1 else 0.0
    bound = steadiest.mean() - error - ROUNDING
    return max(number for number, figures in tried.items() if figures.mean() >= bound)


def _numbers(n_topics: int) -> range:
    fewest_each, most_each = TOPICS_EACH
    most = max(2, n_topics // fewest_each)
    return range(min(most, max(2, ceil(n_topics / most_each))), most + 1)


def _of_single(whole: Answer, halves: Sequence[Answer]) -> Doubles:
    placed = [np.where(each.topics == NOISE, NOISE, 0).astype(np.int32) for each in halves]
    return mean_jaccard(whole.topics, placed)


def over(category_of: Labels, topics: Labels) -> Labels:
    """Return the category of each document from that of its topic; `NOISE` where it has none."""
    if len(category_of) == 0:
        return np.full(len(topics), NOISE, dtype=np.int32)
    return np.where(topics == NOISE, NOISE, category_of[topics]).astype(np.int32)


def mean_likeness(answer: Answer, view: Floats) -> Doubles:
    """Return how far the runs hold each two topics together: the mean of `topic_likeness`."""
    total = np.zeros((answer.n_topics, answer.n_topics))
    for run in answer.runs:
        total += topic_likeness(run, answer.topics, view)
    return total / len(answer.runs)


def topic_likeness(run: Labels, topics: Labels, view: Floats) -> Doubles:
    """Return how far one run holds each two topics together, over all scales.

    At each scale, a topic is with another in so far as its documents, those that the run saw, lie
    in the coarse cluster that holds most of the other's. Returns n_topics × n_topics means in
    [0, 1] over the scales, symmetric.
    """
    from scipy.cluster.hierarchy import linkage

    n_topics = int(topics.max(initial=NOISE)) + 1
    n_clusters = int(run.max(initial=NOISE)) + 1
    if n_clusters < 2:
        return np.zeros((n_topics, n_topics))
    counted = (topics >= 0) & np.not_equal(run, UNSEEN)
    seen = np.bincount(topics[counted], minlength=n_topics)
    held = contingency(topics, run, (n_topics, n_clusters))
    scales = np.unique(np.geomspace(1, n_clusters - 1, SCALES).round().astype(int)) + 1
    merges = linkage(centroids(view, run), method="ward")[:, :2].astype(int)
    together = np.zeros((n_topics, n_topics))
    for coarse in _cuts(held, merges, set(scales.tolist())):
        home = coarse.argmax(axis=1)
        with_home = coarse[:, home] / np.maximum(seen, 1)[:, None]
        together += np.where(coarse.max(axis=1) > 0, with_home, 0)
    return (together + together.T) / (2 * len(scales))


def _cuts(held: Integers, merges: Integers, scales: set[int]) -> list[Integers]:
    """Merge clusters step by step; return n_topics × n_coarse counts at each of the scales."""
    columns = {cluster: held[:, cluster] for cluster in range(held.shape[1])}
    cuts = [held] if held.shape[1] in scales else []
    for made, (first, second) in enumerate(merges.tolist(), start=held.shape[1]):
        columns[made] = columns.pop(first) + columns.pop(second)
        if len(columns) in scales:
            cuts.append(np.column_stack(list(columns.values())))
    return cuts


def cut(likeness: Doubles, topics: Labels, n_categories: int) -> Labels:
    """Cut the average-linkage tree of the topics into categories, the largest first.

    There are ``n_categories`` of them, or as many as there are topics if those are fewer.
    """
    n_topics = len(likeness)
    few = n_topics <= n_categories
    found = np.arange(n_topics) if few else _tree_cut(likeness, n_categories)
    sizes = np.bincount(found[topics[topics >= 0]], minlength=found.max(initial=-1) + 1)
    rank = np.empty(len(sizes), dtype=np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[found]


def _tree_cut(likeness: Doubles, n_categories: int) -> Integers:
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    distances = 1 - likeness
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    numbers: Integers = cut_tree(tree, n_clusters=n_categories).ravel()
    return numbers
