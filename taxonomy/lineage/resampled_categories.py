"""Resampled consensuses of categories: what parts of one ensemble would have joined topics into.

Each resample's topics are joined as `taxonomy.categories` joins those of the whole: by how often
the runs drawn, seen from further away, hold them together, into as many categories as both halves
of the runs drawn find about as well. So topics, tree and number of categories all vary, as they do
when a taxonomy is made again.

What does not vary is what the runs share: the vectors, the space in which documents are neighbours,
and the neighbour graph. What people decided about categories is not redone either: it is theirs,
and no run finds it. As everything here is of half of the runs, and the number of categories rests
on quarters, resamples vary rather more than whole ensembles do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from artifacts.arrays import Doubles, Floats, Integers, centroids
from artifacts.progress import Progress
from artifacts.words import NOISE
from taxonomy.categories import SCALES, TOPICS_EACH, largest_of_the_steadiest, over
from taxonomy.lineage.resampling import Blocks, blocks_of, consensus, drawn_rows
from taxonomy.stability import mean_jaccard
from taxonomy.types import CUTS, UNSEEN, Labels


@dataclass(frozen=True)
class Categories:
    """How categories are made of an ensemble's runs.

    Attributes
    ----------
    runs, nearest, cohesion, placement, smallest
        As in `taxonomy.lineage.resampling.resample`.
    view
        n_docs × n_dims, the space in which the runs were done; rows of unit length.
    number
        How many categories the study asks for; None: as the halves find them.
    """

    runs: Labels
    nearest: Labels
    view: Floats
    cohesion: float
    placement: float
    smallest: int
    number: int | None = None

    def resample(self, topics: Labels, *, seed: int, progress: Progress) -> Labels:
        """Return the category of each document in each resample, n_resamples × n_docs.

        Parameters
        ----------
        topics
            n_resamples × n_docs: the resampled topics, drawn by the same seed.
        """
        afar = [FromAfar.of(run, self.view) for run in self.runs]
        blocks = blocks_of(self.runs, self.nearest)
        found = np.empty_like(topics)
        with progress.task("resampled categories", len(topics), unit="consensuses") as task:
            drawn = drawn_rows(len(self.runs), n=len(topics), seed=seed)
            for number, rows in enumerate(drawn):
                parts = [rows, *halves(rows)] if self.number is None else [rows]
                answers = [topics[number]]
                answers += [self._topics(part, blocks) for part in parts[1:]]
                likeness = [
                    mean_likeness([afar[row] for row in part], answer)
                    for part, answer in zip(parts, answers, strict=True)
                ]
                found[number] = joined_topics(likeness, answers, self.number)
                task.advance()
        return found

    def _topics(self, rows: Integers, blocks: Blocks) -> Labels:
        return consensus(
            self.runs[rows],
            blocks,
            cohesion=self.cohesion,
            placement=self.placement,
            smallest=self.smallest,
        )


def halves(rows: Integers) -> tuple[Integers, Integers]:
    """Return every other run of those drawn, with all its cuts; a single run twice."""
    by_run = rows.reshape(-1, CUTS)
    if len(by_run) < 2:
        return rows, rows
    return by_run[0::2].ravel(), by_run[1::2].ravel()


def joined_topics(
    likeness: Sequence[Doubles], answers: Sequence[Labels], number: int | None
) -> Labels:
    """Return the category of each document: the first answer's topics, joined.

    Parameters
    ----------
    likeness, answers
        Of the topics with each other, and of each document the topic: of all runs, then of each
        half of them.
    number
        How many categories, or None: as many as the halves find about as well as any other number.
    """
    n_topics = len(likeness[0])
    if n_topics <= 1:
        return answers[0]
    tried = list(numbers(n_topics)) if number is None else [number]
    cut = [cuts(alike, tried) for alike in likeness]
    if number is not None:
        return over(cut[0][number], answers[0])
    figures = {}
    for each in tried:
        found, *others = [
            over(part[each], answer) for part, answer in zip(cut, answers, strict=True)
        ]
        figures[each] = mean_jaccard(found, others)
    return over(cut[0][largest_of_the_steadiest(figures)], answers[0])


def cuts(likeness: Doubles, numbers: Sequence[int]) -> dict[int, Labels]:
    """Return the category of each topic for each number of categories.

    They are those of `taxonomy.categories.cut`, in any order, all from one tree: it is cut some
    ten times, and its resamples hundreds of times as often.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform

    n_topics = len(likeness)
    fewer = [number for number in numbers if number < n_topics]
    found = {number: np.arange(n_topics, dtype=np.int32) for number in numbers}
    if fewer:
        distances = 1 - likeness
        np.fill_diagonal(distances, 0)
        tree = linkage(squareform(distances, checks=False), method="average")
        columns = cut_tree(tree, n_clusters=fewer).astype(np.int32)
        found |= dict(zip(fewer, columns.T, strict=True))
    return found


def numbers(n_topics: int) -> range:
    """Return the numbers of categories that are tried, as `taxonomy.categories` tries them."""
    fewest_each, most_each = TOPICS_EACH
    most = max(2, n_topics // fewest_each)
    return range(min(most, max(2, ceil(n_topics / most_each))), most + 1)


@dataclass(frozen=True)
class FromAfar:
    """One run seen at all scales: reckoned once, and used by every resample that draws the run.

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
    def of(cls, run: Labels, view: Floats) -> FromAfar:
        """Merge the run's clusters by Ward's method, step by step, and note each scale."""
        from scipy.cluster.hierarchy import linkage

        n_clusters = int(run.max(initial=NOISE)) + 1
        if n_clusters < 2:
            return cls(run, None)
        scales = np.unique(np.geomspace(1, n_clusters - 1, SCALES).round().astype(int)) + 1
        merges = linkage(centroids(view, run), method="ward")[:, :2].astype(int)
        held = {cluster: [cluster] for cluster in range(n_clusters)}
        seen = [_places(held, n_clusters)] if n_clusters in scales else []
        for made, (first, second) in enumerate(merges.tolist(), start=n_clusters):
            held[made] = held.pop(first) + held.pop(second)
            if len(held) in scales:
                seen.append(_places(held, n_clusters))
        return cls(run, np.stack(seen))

    def likeness(self, topics: Labels) -> Doubles:
        """Return how far the run holds each two topics together: `layers.topic_likeness`."""
        n_topics = int(topics.max(initial=NOISE)) + 1
        if self.coarse is None or n_topics == 0:
            return np.zeros((n_topics, n_topics))
        n_scales, n_clusters = self.coarse.shape
        known = (topics >= 0) & np.not_equal(self.run, UNSEEN)
        seen = np.bincount(topics[known], minlength=n_topics)
        both = (topics >= 0) & (self.run >= 0)
        cells = topics[both].astype(np.int64) * n_clusters + self.run[both]
        filled, counts = np.unique(cells, return_counts=True)
        topic, cluster = filled // n_clusters, filled % n_clusters
        at = np.arange(n_scales)[:, None] * n_topics + topic
        places = at * n_clusters + self.coarse[:, cluster]
        held = np.bincount(
            places.ravel(),
            weights=np.tile(counts, n_scales),
            minlength=n_scales * n_topics * n_clusters,
        ).reshape(n_scales, n_topics, n_clusters)
        home = held.argmax(axis=2)
        shared = np.take_along_axis(held, home[:, None, :], axis=2)
        with_home = shared / np.maximum(seen, 1)[:, None]
        together = np.where(held.max(axis=2)[:, None, :] > 0, with_home, 0).sum(axis=0)
        mean: Doubles = (together + together.T) / (2 * n_scales)
        return mean


def mean_likeness(runs: Sequence[FromAfar], topics: Labels) -> Doubles:
    """Return how far some runs hold each two topics together, on average."""
    likeness: Doubles = np.mean([run.likeness(topics) for run in runs], axis=0)
    return likeness


def _places(held: dict[int, list[int]], n_clusters: int) -> Integers:
    """Return the place of the coarse cluster that holds each cluster, in their order."""
    places = np.empty(n_clusters, dtype=np.int64)
    for place, clusters in enumerate(held.values()):
        places[clusters] = place
    return places
