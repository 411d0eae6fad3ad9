"""Average linkage of documents by how often the runs of an ensemble put them together.

The similarity of two documents is the share of the runs that saw both in which they were in one
cluster (evidence accumulation: Fred and Jain 2005, doi 10.1109/TPAMI.2005.113, eq. 2; over the
runs that saw both: Monti et al. 2003, doi 10.1023/A:1023949509487, eq. 1). The n_docs × n_docs
matrix is never formed. A group keeps how many of its members each cluster of each run holds, and
how many each run saw; from these two, the mean similarity over *all* pairs of two groups is exact
(`_Group.likeness`). Only groups that a neighbour edge links are candidates for joining.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxonomy.types import UNSEEN, Labels


@dataclass
class _Group:
    """Documents joined so far.

    Attributes
    ----------
    clusters
        Members in each cluster of each run, by a number that no other cluster of any run has.
    seen
        Members that each run saw, n_runs.
    linked
        Groups that a neighbour edge leads to.
    """

    members: list[int]
    clusters: dict[int, int]
    seen: NDArray[np.float64]
    linked: set[int]

    def likeness(self, other: _Group) -> float:
        """Return the mean co-association over all pairs of the two groups' documents."""
        few, many = sorted((self.clusters, other.clusters), key=len)
        together = sum(count * many[c] for c, count in few.items() if c in many)
        pairs = float(self.seen @ other.seen)
        return together / pairs if pairs else 0.0


def average_linkage(
    labels: Labels, edges: NDArray[np.int64], *, threshold: float
) -> NDArray[np.int32]:
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
    groups = _singletons(labels)
    heap = _candidates(labels, edges, groups)
    heapq.heapify(heap)
    next_id = len(groups)
    while heap:
        negative, first, second = heapq.heappop(heap)
        if -negative < threshold:
            break
        if first not in groups or second not in groups:
            continue
        joined = _join(groups, first, second)
        groups[next_id] = joined
        for other in sorted(joined.linked):
            groups[other].linked.difference_update((first, second))
            groups[other].linked.add(next_id)
            likeness = joined.likeness(groups[other])
            if likeness >= threshold:
                heapq.heappush(heap, (-likeness, other, next_id))
        next_id += 1
    return _numbered(group.members for group in groups.values())


def _singletons(labels: Labels) -> dict[int, _Group]:
    n_runs, n_docs = labels.shape
    width = int(labels.max(initial=0)) + 1
    own = labels.astype(np.int64) + np.arange(n_runs, dtype=np.int64)[:, None] * width
    groups = {}
    for doc in range(n_docs):
        clustered = labels[:, doc] >= 0
        groups[doc] = _Group(
            members=[doc],
            clusters=dict.fromkeys(own[clustered, doc].tolist(), 1),
            seen=(labels[:, doc] != UNSEEN).astype(np.float64),
            linked=set(),
        )
    return groups


def _candidates(
    labels: Labels, edges: NDArray[np.int64], groups: dict[int, _Group]
) -> list[tuple[float, int, int]]:
    pairs = np.unique(np.sort(edges, axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    likeness = np.zeros(len(pairs))
    both = np.zeros(len(pairs))
    for run in labels:
        left, right = run[pairs[:, 0]], run[pairs[:, 1]]
        likeness += (left == right) & (left >= 0)
        both += (left != UNSEEN) & (right != UNSEEN)
    np.divide(likeness, both, out=likeness, where=both > 0)
    heap = []
    for (first, second), value in zip(pairs.tolist(), likeness.tolist(), strict=True):
        if value > 0:
            groups[first].linked.add(second)
            groups[second].linked.add(first)
            heap.append((-value, first, second))
    return heap


def _join(groups: dict[int, _Group], first: int, second: int) -> _Group:
    few, many = sorted(
        (groups.pop(first), groups.pop(second)), key=lambda group: len(group.clusters)
    )
    for cluster, count in few.clusters.items():
        many.clusters[cluster] = many.clusters.get(cluster, 0) + count
    return _Group(
        members=many.members + few.members,
        clusters=many.clusters,
        seen=many.seen + few.seen,
        linked=(many.linked | few.linked) - {first, second},
    )


def _numbered(groups: Iterable[list[int]]) -> NDArray[np.int32]:
    ordered = sorted((sorted(members) for members in groups), key=lambda members: members[0])
    numbers = np.empty(sum(map(len, ordered)), dtype=np.int32)
    for number, members in enumerate(ordered):
        numbers[members] = number
    return numbers
