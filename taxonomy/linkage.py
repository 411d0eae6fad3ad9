"""Average linkage of documents by how often the runs of an ensemble put them together.

The similarity of two documents is the share of the runs that saw both in which they were in one
cluster (evidence accumulation: Fred and Jain 2005, doi 10.1109/TPAMI.2005.113, eq. 2; over the
runs that saw both: Monti et al. 2003, doi 10.1023/A:1023949509487, eq. 1). The n_docs × n_docs
matrix is never formed. A group keeps how many of its members each cluster of each run holds, and
how many each run saw; from these two, the mean similarity over *all* pairs of two groups is exact
(`_Groups.join`). Only groups that a neighbour edge links are candidates for joining.

Most links are far below the threshold, and stay there while their groups grow: pairs of documents
that were not counted yet are together in each run at most. So a link that was counted is let alone
until its groups have so many pairs that it may have come up to the threshold. Until then it would
not be joined anyway: what is joined is the same as if all links were counted at each joining.

It is the documents of the smaller group that move, so that none moves more often than the
logarithm of their number.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Integers
from taxonomy.types import UNSEEN, Labels

AT_ONCE = 2**16
"""Pairs of documents that are counted at once: what bounds the memory that counting takes."""

SURELY = 1 - 1e-9
"""A link is let alone while it is below so much of the threshold, whatever its sums round to."""

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
    by_doc = np.ascontiguousarray(labels.T)
    pairs, together, both = _candidates(by_doc, edges)
    groups = _Groups.of(by_doc, pairs, together, both, threshold)
    likeness = together / both
    close = likeness >= threshold
    heap: list[tuple[_Candidate, Iterator[_Candidate]]] = []
    _push_best(heap, _best_first(likeness[close], *pairs[close].T), groups)
    while heap:
        (_, first, second), rest = heapq.heappop(heap)
        if groups.has(first) and groups.has(second):
            _push_best(heap, groups.join(first, second), groups)
        _push_best(heap, rest, groups)
    return groups.by_first_document()


def _push_best(
    heap: list[tuple[_Candidate, Iterator[_Candidate]]],
    candidates: Iterator[_Candidate],
    groups: _Groups,
) -> None:
    """Push the next of some candidates whose groups are both there, with those that follow it."""
    for best in candidates:
        if groups.has(best[1]) and groups.has(best[2]):
            heapq.heappush(heap, (best, candidates))
            break


def _best_first(likeness: Doubles, first: Integers, second: Integers) -> Iterator[_Candidate]:
    """Return candidates, the most alike first; of equals, those of the lowest numbers."""
    order = np.lexsort((second, first, -likeness))
    # Views of memory yield plain numbers when asked; tuples of all would take ten times as much.
    columns = (column[order].data for column in (-likeness, first, second))
    return zip(*columns, strict=True)


def _candidates(by_doc: Labels, edges: Integers) -> tuple[Integers, Doubles, Doubles]:
    """Return the pairs of documents that are ever together, in how many runs, and seen in how many.

    Pairs are n_pairs × 2; the other two n_pairs.
    """
    n_docs = len(by_doc)
    first, second = edges.min(axis=1), edges.max(axis=1)
    codes = np.unique(first[first < second] * n_docs + second[first < second])
    pairs = np.column_stack(np.divmod(codes, n_docs))
    together, both = np.empty((2, len(pairs)))
    for start in range(0, len(pairs), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        left, right = by_doc[pairs[some, 0]], by_doc[pairs[some, 1]]
        together[some] = ((left == right) & (left >= 0)).sum(axis=1)
        both[some] = ((left != UNSEEN) & (right != UNSEEN)).sum(axis=1)
    ever = together > 0
    return pairs[ever], together[ever], both[ever]


@dataclass
class _Group:
    """Documents that are joined.

    Attributes
    ----------
    members
        Their numbers.
    linked
        A document of each group that neighbour edges lead to.
    enough
        Of each of these: up to how many pairs of documents, one of either group, the two are surely
        less alike than the threshold; 0 where that is not sure.
    cells, counts
        The clusters of any run that hold members, and how many members each holds.
    """

    members: list[int]
    linked: Integers
    enough: Doubles
    cells: Integers
    counts: Doubles


@dataclass
class _Groups:
    """All documents, as they are joined so far. A group is held at one of its documents, its head.

    Attributes
    ----------
    heads
        n_docs: the head of each document's group.
    numbers
        n_docs: at each head, the number of its group: that of the document, then counted on.
    at
        The head of the group of each number; -1 where it was joined to another.
    own
        n_docs × n_runs: the cluster that holds each document, by a number that no other cluster of
        any run has; -1 where none does.
    seen
        n_docs × n_runs: at each head, the members that each run saw.
    size
        n_docs: at each head, the number of its members.
    threshold
        Mean co-association from which groups are joined.
    near, enough, starts
        Neighbour edges lead from document d to ``near[starts[d] : starts[d + 1]]``; in these places
        of ``enough``, how many pairs are let alone (`_Group.enough`).
    row
        A zero for each cluster of any run to count in, and one for none.
    place
        n_docs: for whatever is to be found by its head; what is there means nothing.
    joined
        At each head of more documents than one, its group.
    """

    heads: Integers
    numbers: Integers
    at: list[int]
    own: NDArray[np.int32]
    seen: Doubles
    size: Doubles
    threshold: float
    near: Integers
    enough: Doubles
    starts: Integers
    row: Doubles
    place: Integers
    joined: dict[int, _Group] = field(default_factory=dict)

    @classmethod
    def of(
        cls, by_doc: Labels, pairs: Integers, together: Doubles, both: Doubles, threshold: float
    ) -> _Groups:
        """Return each document as a group of its own, linked by pairs of documents."""
        n_docs, n_runs = by_doc.shape
        enough = _enough(np.ones(len(pairs)), together, both, n_runs, threshold)
        width = int(by_doc.max(initial=0)) + 1
        own = by_doc + np.arange(n_runs, dtype=np.int32) * np.int32(width)
        own[by_doc < 0] = -1
        ends = np.concatenate([pairs, pairs[:, ::-1]])
        order = np.argsort(ends[:, 0], kind="stable")
        return cls(
            heads=np.arange(n_docs),
            numbers=np.arange(n_docs),
            at=list(range(n_docs)),
            own=own,
            seen=(by_doc != UNSEEN).astype(np.float64),
            size=np.ones(n_docs),
            threshold=threshold,
            near=ends[order, 1],
            enough=np.concatenate([enough, enough])[order],
            starts=np.searchsorted(ends[order, 0], np.arange(n_docs + 1)),
            row=np.zeros(n_runs * width + 1),
            place=np.empty(n_docs, dtype=np.int64),
        )

    def has(self, number: int) -> bool:
        """Tell whether the group of that number is there, and not joined to another."""
        return self.at[number] >= 0

    def join(self, first: int, second: int) -> Iterator[_Candidate]:
        """Join two groups; return whom the new one may be joined to, the best first.

        Likeness is the mean co-association over all pairs of the two groups' documents.
        """
        head, gone = self.at[first], self.at[second]
        group, other = self._taken(head), self._taken(gone)
        if len(group.members) < len(other.members):
            head, gone, group, other = gone, head, other, group
        number = len(self.at)
        self.at[first] = self.at[second] = -1
        self.at.append(head)
        self.numbers[head] = number
        self.heads[other.members] = head
        self.seen[head] += self.seen[gone]
        self.size[head] += self.size[gone]
        self._count(group, other)
        group.members += other.members
        group.linked, group.enough = self._links(head, group, other)
        self.joined[head] = group
        others, likeness = self._counted(head, group)
        self.row[group.cells] = 0
        close = likeness >= self.threshold
        numbers = self.numbers[others[close]]
        return _best_first(likeness[close], numbers, np.full_like(numbers, number))

    def _links(self, head: int, group: _Group, other: _Group) -> tuple[Integers, Doubles]:
        """Return the heads that two groups, now one with that head, are linked with, each once.

        With them the pairs up to which each is let alone. Where two links became one, they were
        counted over different pairs of documents, so that these numbers add up.
        """
        linked = self.heads[np.concatenate([group.linked, other.linked])]
        enough = np.concatenate([group.enough, other.enough])
        outside = linked != head
        linked, enough = linked[outside], enough[outside]
        each = np.arange(len(linked))
        self.place[linked] = each
        once = linked[self.place[linked] == each]
        self.place[once] = np.arange(len(once))
        added = np.zeros(len(once))
        np.add.at(added, self.place[linked], enough)
        return once, added

    def _counted(self, head: int, group: _Group) -> tuple[Integers, Doubles]:
        """Return the heads that the group of a head may be joined to, and how alike they are.

        Links that are let alone are not among them. Of the others it is noted how long they may be.
        The clusters of the group must be counted in `row`.
        """
        pairs = self.size[head] * self.size[group.linked]
        due = pairs > group.enough
        others = group.linked[due]
        together, both = self._together(others), self.seen[others] @ self.seen[head]
        n_runs = self.seen.shape[1]
        group.enough[due] = _enough(pairs[due], together, both, n_runs, self.threshold)
        return others, np.divide(together, both, out=np.zeros(len(others)), where=both > 0)

    def _taken(self, head: int) -> _Group:
        """Take out the group at a head; of a single document, make it."""
        if head in self.joined:
            return self.joined.pop(head)
        near = slice(self.starts[head], self.starts[head + 1])
        cells = self.own[head][self.own[head] >= 0].astype(np.int64)
        return _Group([head], self.near[near], self.enough[near], cells, np.ones(len(cells)))

    def _count(self, group: _Group, other: _Group) -> None:
        """Count the clusters of one group with those of another, and leave the counts in `row`."""
        self.row[group.cells] = group.counts
        is_new = self.row[other.cells] == 0
        self.row[other.cells] += other.counts
        group.cells = np.concatenate([group.cells, other.cells[is_new]])
        group.counts = self.row[group.cells]

    def _together(self, others: Integers) -> Doubles:
        """Return how many pairs of documents of each other group and of `row` are together."""
        together = np.empty(len(others))
        is_single = self.numbers[others] < len(self.heads)
        together[is_single] = self.row[self.own[others[is_single]]].sum(axis=1)
        groups = [self.joined[other] for other in others[~is_single].tolist()]
        if groups:
            cells = np.concatenate([group.cells for group in groups])
            counts = np.concatenate([group.counts for group in groups])
            starts = np.cumsum([0, *(len(group.cells) for group in groups[:-1])])
            together[~is_single] = np.add.reduceat(self.row[cells] * counts, starts)
        return together

    def by_first_document(self) -> NDArray[np.int32]:
        """Return the group of each document, numbered by their first document."""
        _, first, group = np.unique(self.heads, return_index=True, return_inverse=True)
        return np.argsort(np.argsort(first))[group].astype(np.int32)


def _enough(
    pairs: Doubles, together: Doubles, both: Doubles, n_runs: int, threshold: float
) -> Doubles:
    """Return up to how many pairs of documents links are surely below the threshold.

    Parameters
    ----------
    pairs
        The pairs of documents over which each link was counted.
    together, both
        In how many runs these are together, and both seen, summed over the pairs.
    n_runs
        A pair more adds so much to both sums, at most.

    Returns
    -------
    Doubles
        For each link a whole number, not below ``pairs``; 0 where it is not surely below now.
    """
    surely = threshold * SURELY
    lacking = surely * both - together
    return np.where(lacking > 0, pairs + np.floor(lacking / ((1 - surely) * n_runs)), 0.0)
