"""Categories: topics joined by how often the ensemble, seen from further away, joins them.

Every run's clusters are merged by Ward's method on their centroids into every number of coarse
clusters; two topics are alike in so far as the runs, at all these scales, hold their documents in
one coarse cluster. Average linkage over that likeness gives one tree, so every cut nests in every
coarser one. It is evidence accumulation (Fred and Jain 2005, doi 10.1109/TPAMI.2005.113) with
topics in place of documents.

`find_categories` is the one way from topics to categories: of the taxonomy's own, and of those of
every resample, whose runs, topics, tree and number of categories all vary, as they do when a
taxonomy is made again. What does not vary is what the runs share: the vectors, the space in which
documents are neighbours, and who is near whom. What people decided about categories is not redone
either: it is theirs, and no run finds it. As resamples are of half of the runs, they vary rather
more than whole ensembles do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from artifacts.arrays import Doubles, Floats, Integers, centroids
from artifacts.errors import ConfigError
from artifacts.progress import Progress
from artifacts.words import NOISE
from taxonomy.consensus import Ensemble, mean_jaccard
from taxonomy.types import UNSEEN, Labels, count_nodes

if TYPE_CHECKING:
    from taxonomy.guidance.guide import Guide

TOPICS_EACH = 2.25
"""Topics of a category on average, where nobody says how many: with fewer, categories join little;
with more, ensembles with other seeds agree less on them (`benchmarks.steadiness`). Their number
rests on that of the topics alone: how steady they are differs too little between numbers to tell.
"""

SCALES = 30
"""At most so many numbers of coarse clusters are tried in a run, in a geometric series."""

MOST_CELLS = 2**24
"""Topics times clusters times scales that are counted at once: what bounds the memory of it."""


@dataclass(frozen=True)
class RunScales:
    """One run seen at all scales: computed once, and used wherever the run is one of several.

    Attributes
    ----------
    run
        n_docs labels.
    coarse
        n_scales × n_clusters: the coarse cluster that each cluster is part of; None where there are
        fewer than two clusters.
    """

    run: Labels
    coarse: Integers | None

    @classmethod
    def of(cls, run: Labels, view: Floats) -> RunScales:
        """Merge the run's clusters by Ward's method, step by step, and note each scale.

        Parameters
        ----------
        view
            n_docs × n_dims, rows of unit length.
        """
        from scipy.cluster.hierarchy import linkage

        n_clusters = count_nodes(run)
        if n_clusters < 2:
            return cls(run, None)
        scales = np.unique(np.geomspace(1, n_clusters - 1, SCALES).round().astype(int)) + 1
        merges = linkage(centroids(view, run), method="ward")[:, :2].astype(int)
        held = {cluster: [cluster] for cluster in range(n_clusters)}
        coarse = [_places(held, n_clusters)] if n_clusters in scales else []
        for made, (first, second) in enumerate(merges.tolist(), start=n_clusters):
            held[made] = held.pop(first) + held.pop(second)
            if len(held) in scales:
                coarse.append(_places(held, n_clusters))
        return cls(run, np.stack(coarse))

    def likeness(self, topics: Labels) -> Doubles:
        """Return how far the run holds each two topics together, over all scales.

        At each scale, a topic is with another in so far as its documents, those that the run saw,
        lie in the coarse cluster that holds most of the other's. Returns n_topics × n_topics means
        in [0, 1] over the scales, symmetric.
        """
        n_topics = count_nodes(topics)
        if self.coarse is None or n_topics == 0:
            return np.zeros((n_topics, n_topics))
        n_scales, n_clusters = self.coarse.shape
        at_once = max(1, MOST_CELLS // (n_topics * n_clusters))
        parts = [self.coarse[start : start + at_once] for start in range(0, n_scales, at_once)]
        together = np.zeros((n_topics, n_topics))
        for coarse in parts:
            together += self._together(topics, coarse)
        mean: Doubles = (together + together.T) / (2 * n_scales)
        return mean

    def _together(self, topics: Labels, coarse: Integers) -> Doubles:
        """Return the shares of each topic's documents with each other's, added over some scales."""
        n_topics, (n_scales, n_clusters) = count_nodes(topics), coarse.shape
        known = (topics >= 0) & np.not_equal(self.run, UNSEEN)
        seen = np.bincount(topics[known], minlength=n_topics)
        both = (topics >= 0) & (self.run >= 0)
        cells = topics[both].astype(np.int64) * n_clusters + self.run[both]
        filled, counts = np.unique(cells, return_counts=True)
        topic, cluster = filled // n_clusters, filled % n_clusters
        at = np.arange(n_scales)[:, None] * n_topics + topic
        places = at * n_clusters + coarse[:, cluster]
        held = np.bincount(
            places.ravel(),
            weights=np.tile(counts, n_scales),
            minlength=n_scales * n_topics * n_clusters,
        ).reshape(n_scales, n_topics, n_clusters)
        home = held.argmax(axis=2)
        shared = np.take_along_axis(held, home[:, None, :], axis=2)
        with_home = shared / np.maximum(seen, 1)[:, None]
        together: Doubles = np.where(held.max(axis=2)[:, None, :] > 0, with_home, 0).sum(axis=0)
        return together


def _places(held: Mapping[int, list[int]], n_clusters: int) -> Integers:
    """Return the place of the coarse cluster that holds each cluster, in their order."""
    places = np.empty(n_clusters, dtype=np.int64)
    for place, clusters in enumerate(held.values()):
        places[clusters] = place
    return places


@dataclass(frozen=True)
class JoinedRuns:
    """Some runs, and the topics (n_docs labels) that they agree on."""

    runs: Sequence[RunScales]
    topics: Labels

    @property
    def n_topics(self) -> int:
        """Return the number of topics."""
        return count_nodes(self.topics)

    def likeness(self) -> Doubles:
        """Return how far the runs hold each two topics together: the mean of `RunScales`."""
        mean: Doubles = np.mean([run.likeness(self.topics) for run in self.runs], axis=0)
        return mean


@dataclass(frozen=True)
class Categories:
    """Categories over topics.

    Attributes
    ----------
    category_of
        n_topics category numbers, 0 the one with most documents.
    stability
        n_categories figures in [0, 1], as those of topics (`taxonomy.consensus.Stability`).
    """

    category_of: Labels
    stability: Doubles


def find_categories(
    whole: JoinedRuns,
    parts: Sequence[JoinedRuns],
    *,
    n_categories: int | None = None,
    guide: Guide | None = None,
) -> Categories:
    """Join the topics of some runs into categories.

    Parameters
    ----------
    parts
        The two halves of the runs: what is found in their topics too is stable.
    guide
        A codebook: topics whose codes are parts of one broader code are one category, unless a
        number of categories is set. The runs join the topics that are left.
    n_categories
        How many. None: `usual_number` of the topics.

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
        return Categories(np.zeros(n_topics, dtype=np.int32), _of_single(whole, parts))
    join = _way_to_join(whole, n_categories, guide)
    own = join(whole)
    others = [over(join(some), some.topics) for some in parts]
    return Categories(own, mean_jaccard(over(own, whole.topics), others))


def _way_to_join(
    whole: JoinedRuns, n_categories: int | None, guide: Guide | None
) -> Callable[[JoinedRuns], Labels]:
    """Return what gives the category of each topic: of the whole, and of its parts alike."""
    if whole.n_topics <= 1:
        return lambda some: np.zeros(some.n_topics, dtype=np.int32)
    if guide is not None and n_categories is None and any(guide.parents_of(whole.topics)):
        return partial(_by_parents, guide)
    number = n_categories or usual_number(whole.n_topics)
    return lambda some: cut(some.likeness(), some.topics, number)


def _by_parents(guide: Guide, some: JoinedRuns) -> Labels:
    """Return the category of each topic: its code's parent, or what the runs join of the others."""
    parents = guide.parents_of(some.topics)
    found = {code.id: place for place, code in enumerate(filter(None, parents))}
    category_of = np.array([found[code.id] if code else NOISE for code in parents], dtype=np.int32)
    rest = np.flatnonzero(category_of == NOISE)
    if len(rest):
        likeness = some.likeness()[np.ix_(rest, rest)]
        among = np.full(len(parents), NOISE, dtype=np.int32)
        among[rest] = np.arange(len(rest))
        joined = cut(likeness, over(among, some.topics), usual_number(len(rest)))
        category_of[rest] = len(parents) + joined
    return _largest_first(np.unique(category_of, return_inverse=True)[1], some.topics)


def resampled_categories(
    ensemble: Ensemble,
    topics: Labels,
    *,
    n_categories: int | None = None,
    seed: int,
    progress: Progress,
) -> Labels:
    """Return the category of each document in each resample, n_resamples × n_docs.

    Parameters
    ----------
    topics
        n_resamples × n_docs: the resampled topics, drawn by the same seed.
    n_categories
        As for `find_categories`; a resample that has fewer topics has one for each.
    """
    scales = [RunScales.of(run, ensemble.view) for run in ensemble.runs]
    found = np.empty_like(topics)
    with progress.task("resampled categories", len(topics), unit="consensuses") as task:
        for number, rows in enumerate(ensemble.drawn(n=len(topics), seed=seed)):
            whole = JoinedRuns([scales[row] for row in rows], topics[number])
            fewer = n_categories and max(1, min(n_categories, whole.n_topics))
            join = _way_to_join(whole, fewer, ensemble.guide)
            found[number] = over(join(whole), whole.topics)
            task.advance()
    return found


def usual_number(n_topics: int) -> int:
    """Return into how many categories so many topics are joined, two at least; see `TOPICS_EACH`.

    >>> [usual_number(n) for n in (1, 2, 9, 40)]
    [1, 2, 4, 18]
    """
    return max(min(2, n_topics), round(n_topics / TOPICS_EACH))


def _of_single(whole: JoinedRuns, parts: Sequence[JoinedRuns]) -> Doubles:
    placed = [np.where(half.topics == NOISE, NOISE, 0).astype(np.int32) for half in parts]
    return mean_jaccard(whole.topics, placed)


def over(category_of: Labels, topics: Labels) -> Labels:
    """Return the category of each document from that of its topic; `NOISE` where it has none."""
    if len(category_of) == 0:
        return np.full(len(topics), NOISE, dtype=np.int32)
    return np.where(topics == NOISE, NOISE, category_of[topics]).astype(np.int32)


def cut(likeness: Doubles, topics: Labels, number: int) -> Labels:
    """Return the category of each topic, the largest first, where ``number`` are asked for.

    It is a cut of one average-linkage tree. Where there are fewer topics than categories are asked
    for, each is one.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    n_topics = len(likeness)
    if number >= n_topics:
        return _largest_first(np.arange(n_topics), topics)
    distances = 1 - likeness
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    return _largest_first(cut_tree(tree, n_clusters=[number])[:, 0], topics)


def _largest_first(category_of: Integers, topics: Labels) -> Labels:
    sizes = np.bincount(category_of[topics[topics >= 0]], minlength=category_of.max(initial=-1) + 1)
    rank = np.empty(len(sizes), dtype=np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[category_of]
