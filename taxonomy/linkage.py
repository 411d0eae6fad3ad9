"""Average linkage of documents by how often the runs of an ensemble put them together.

The similarity of two documents is the share of the runs that saw both in which they were in one
cluster (evidence accumulation: Fred and Jain 2005, doi 10.1109/TPAMI.2005.113, eq. 2; over the
runs that saw both: Monti et al. 2003, doi 10.1023/A:1023949509487, eq. 1). The n_docs × n_docs
matrix is never formed. A group keeps how many of its members each cluster of each run holds, and
how many each run saw; from these two, the mean similarity over *all* pairs of two groups is exact
(`_Groups.join`). Only groups that a neighbour edge links are candidates for joining.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Integers
from taxonomy.types import UNSEEN, Labels

_Candidate = tuple[float, int, int]
"""Two groups that may be joined: less their likeness, and their numbers, the lower first."""


def average_linkage(labels: Labels, edges: Integers, *, threshold: float) -> NDArray[np.int32]:
    """Join documents into groups while the most alike two reach ``threshold``.

    Parameters
    ----------
    labels
        n_runs × n_docs cluster numbers; or `NOISE` (with nobody), or `UNSEEN`.
    edges
        n_edges × 2 document numbers: the candidate pairs.
    threshold
        Smallest mean co-association, in (0, 1], at which two groups are joined.

    Returns
    -------
    NDArray[np.int32]
        n_docs group numbers, numbered by their first document. Every document is in one group,
        if only its own. Ties are joined in the order of document numbers.
    """
    pairs, likeness = _candidates(labels, edges)
    groups = _Groups.of(labels, pairs)
    heap: list[tuple[_Candidate, list[_Candidate]]] = []
    for rest in _best_last(pairs, likeness, threshold):
        _push_best(heap, rest, groups)
    while heap:
        (_, first, second), rest = heapq.heappop(heap)
        if groups.has(first) and groups.has(second):
            rest = groups.join(first, second, threshold)
        _push_best(heap, rest, groups)
    return groups.by_first_document()


def _push_best(
    heap: list[tuple[_Candidate, list[_Candidate]]], rest: list[_Candidate], groups: _Groups
) -> None:
    """Push the best of some candidates whose groups are both there, with those that follow it."""
    while rest:
        best = rest.pop()
        if groups.has(best[1]) and groups.has(best[2]):
            heapq.heappush(heap, (best, rest))
            break


def _best_last(pairs: Integers, likeness: Doubles, threshold: float) -> list[list[_Candidate]]:
    """Return the pairs of documents that are alike enough, in a list for each first document."""
    close = likeness >= threshold
    rows = zip((-likeness[close]).tolist(), *pairs[close].T.tolist(), strict=True)
    by_first: dict[int, list[_Candidate]] = {}
    for candidate in sorted(rows, reverse=True):
        by_first.setdefault(candidate[1], []).append(candidate)
    return list(by_first.values())


def _candidates(labels: Labels, edges: Integers) -> tuple[Integers, Doubles]:
    """Return the pairs of documents that are ever together, and the co-association of each."""
    n_docs = labels.shape[1]
    first, second = edges.min(axis=1), edges.max(axis=1)
    codes = np.unique(first[first < second] * n_docs + second[first < second])
    pairs = np.column_stack(np.divmod(codes, n_docs))
    left, right = labels[:, pairs[:, 0]], labels[:, pairs[:, 1]]
    together = ((left == right) & (left >= 0)).sum(axis=0)
    both = ((left != UNSEEN) & (right != UNSEEN)).sum(axis=0)
    ever = together > 0
    return pairs[ever], together[ever] / both[ever]


@dataclass
class _Groups:
    """Documents joined so far. A group is held at one of its documents, its head.

    Attributes
    ----------
    heads
        n_docs: the head of each document's group.
    numbers
        n_docs: at each head, the number of its group: that of the document, then counted on.
    at
        The head of the group of each number; -1 where it was joined to another.
    cells, counts
        At each head, the clusters of any run that hold members, by a number that no other cluster
        of any run has, and how many members each holds.
    seen
        n_docs × n_runs: at each head, the members that each run saw.
    linked
        At each head, documents that a neighbour edge leads to.
    row
        n_cells zeros, to count in.
    """

    heads: Integers
    numbers: Integers
    at: list[int]
    cells: list[Integers]
    counts: list[Doubles]
    seen: Doubles
    linked: list[Integers]
    row: Doubles

    @classmethod
    def of(cls, labels: Labels, pairs: Integers) -> _Groups:
        """Return each document as a group of its own, linked by pairs of documents."""
        n_runs, n_docs = labels.shape
        width = int(labels.max(initial=0)) + 1
        own = (labels + np.arange(n_runs, dtype=np.int64)[:, None] * width).T
        cells = [row[is_in] for row, is_in in zip(own, (labels >= 0).T, strict=True)]
        ends = np.concatenate([pairs, pairs[:, ::-1]])
        ends = ends[np.argsort(ends[:, 0], kind="stable")]
        starts = np.searchsorted(ends[:, 0], np.arange(1, n_docs))
        return cls(
            heads=np.arange(n_docs),
            numbers=np.arange(n_docs),
            at=list(range(n_docs)),
            cells=cells,
            counts=[np.ones(len(row)) for row in cells],
            seen=(labels != UNSEEN).T.astype(np.float64),
            linked=np.split(ends[:, 1], starts),
            row=np.zeros(n_runs * width),
        )

    def has(self, number: int) -> bool:
        """Tell whether the group of that number is there, and not joined to another."""
        return self.at[number] >= 0

    def join(self, first: int, second: int, threshold: float) -> list[_Candidate]:
        """Join two groups; return whom the new one may be joined to, the best last.

        Likeness is the mean co-association over all pairs of the two groups' documents.
        """
        head, gone = self.at[first], self.at[second]
        number = len(self.at)
        self.at[first] = self.at[second] = -1
        self.at.append(head)
        self.numbers[head] = number
        self.heads[self.heads == gone] = head
        self.seen[head] += self.seen[gone]
        is_linked = np.zeros(len(self.heads), dtype=bool)
        is_linked[self.heads[self.linked[head]]] = True
        is_linked[self.heads[self.linked[gone]]] = True
        is_linked[head] = False
        others = np.flatnonzero(is_linked)
        self.linked[head] = others
        self._spread(head, gone)
        together = self._together(others.tolist())
        self.row[self.cells[head]] = 0
        pairs = self.seen[others] @ self.seen[head]
        likeness = np.divide(together, pairs, out=np.zeros(len(others)), where=pairs > 0)
        close = likeness >= threshold
        numbers = self.numbers[others[close]].tolist()
        candidates = zip((-likeness[close]).tolist(), numbers, repeat(number), strict=False)
        return sorted(candidates, reverse=True)

    def _spread(self, head: int, gone: int) -> None:
        """Count the clusters of one group with those of another, and leave the counts in `row`."""
        cells, others = self.cells[head], self.cells[gone]
        self.row[cells] = self.counts[head]
        is_new = self.row[others] == 0
        self.row[others] += self.counts[gone]
        self.cells[head] = np.concatenate([cells, others[is_new]])
        self.counts[head] = self.row[self.cells[head]]

    def _together(self, others: list[int]) -> Doubles:
        """Return how many pairs of documents of each other group and of `row` are together."""
        if not others:
            return np.zeros(0)
        cells = [self.cells[other] for other in others]
        counts = np.concatenate([self.counts[other] for other in others])
        starts = np.cumsum([0, *map(len, cells[:-1])])
        together: Doubles = np.add.reduceat(self.row[np.concatenate(cells)] * counts, starts)
        return together

    def by_first_document(self) -> NDArray[np.int32]:
        """Return the group of each document, numbered by their first document."""
        _, first, group = np.unique(self.heads, return_index=True, return_inverse=True)
        return np.argsort(np.argsort(first))[group].astype(np.int32)
