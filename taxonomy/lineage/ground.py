"""What every part of a comparison stands on: who is who, and which document belongs where.

Of this, the links between the nodes of both sides are read: by shared documents, and by content.

A document's node on the other side is the one that it is in there, if the other snapshot has the
document and places it. Else it is looked up: the node whose centroid is nearest, unless nine in ten
of that side's own documents are more like theirs. So every document of both snapshots counts,
not only those of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats, Integers, contingency, group_sums, unit_rows
from artifacts.words import NOISE
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import LineageSide, NodeLink
from taxonomy.types import Labels, node_sizes

UNLIKE = 0.1
"""Share of a side's own documents that its bound of likeness would leave out."""

Pair = tuple[int, int]
"""Positions of an earlier and a later node."""

LOOKED_UP = 0.1
"""What a document that is looked up counts beside one that both sides place: where it would be is
a guess, and one that favours the nodes whose content is least mixed."""


@dataclass(frozen=True)
class NodeRegion:
    """Documents of one side among the nodes of one side.

    Attributes
    ----------
    likeness
        n_docs × n_nodes cosines with the centroids; a document is compared with its own node as
        if it had not been there (leave one out).
    node
        n_docs positions of the nearest node; `NOISE` where that is too unlike.
    """

    likeness: Floats
    node: Labels


@dataclass(frozen=True)
class Ground:
    """Both sides, by position: of documents, and of nodes in their order.

    Attributes
    ----------
    common
        n_common × 2: positions of the documents of both, earlier and later.
    points
        n_docs × n_dims of each side: rows of unit length, the mean of both sides taken out.
    codes
        n_docs positions of each side's own nodes; `NOISE` where unplaced.
    centroids
        n_nodes × n_dims of each side, rows of unit length.
    regions
        ``regions[s][t]``: documents of side t among the nodes of side s.
    there
        Of each side's n_docs documents, the position of its node on the other side, or `NOISE`.
    tables
        ``tables[s]``: n_nodes of s × n_nodes of the other: documents of s by node here and there.
    """

    sides: tuple[LineageSide, LineageSide]
    common: Integers
    points: tuple[Floats, Floats]
    codes: tuple[Labels, Labels]
    centroids: tuple[Floats, Floats]
    regions: tuple[tuple[NodeRegion, NodeRegion], tuple[NodeRegion, NodeRegion]]
    there: tuple[Labels, Labels]
    tables: tuple[Integers, Integers]

    def sizes(self, s: int) -> Integers:
        """Return the number of documents of each node of a side."""
        return node_sizes(self.codes[s], len(self.sides[s].nodes))

    def parts(self, s: int) -> NDArray[np.float64]:
        """Return ``tables[s]`` as shares of the nodes' sizes."""
        shares: NDArray[np.float64] = self.tables[s] / np.maximum(self.sizes(s), 1)[:, None]
        return shares

    def nearer_than(self, rivals: Sequence[int], s: int) -> tuple[Labels, Labels]:
        """Return each side's documents' nodes of side ``s``, unless a rival is nearer.

        Parameters
        ----------
        rivals
            Positions of nodes of the other side: without them, documents of what died would count
            with the nodes that are nearest now, however unlike.
        """
        nodes = []
        for t in (0, 1):
            region, other = self.regions[s][t], self.regions[1 - s][t].likeness
            own = region.likeness.max(axis=1)
            nearest = other[:, list(rivals)].max(axis=1, initial=-np.inf)
            nodes.append(np.where(nearest > own, NOISE, region.node).astype(np.int32))
        return nodes[0], nodes[1]


def lay_ground(earlier: LineageSide, later: LineageSide) -> Ground:
    """Match the documents of both sides, and find each one's node on the other."""
    sides = (earlier, later)
    common = match_documents(earlier, later)
    points = _centred(earlier.vectors, later.vectors)
    codes = tuple(_codes(side) for side in sides)
    sums = tuple(
        group_sums(points[s], codes[s], len(side.nodes)).astype(np.float32)
        for s, side in enumerate(sides)
    )
    regions = tuple(_regions(s, points, codes, sums[s]) for s in (0, 1))
    there = tuple(_there(s, common, codes, regions[1 - s][s].node) for s in (0, 1))
    shape = [len(side.nodes) for side in sides]
    tables = tuple(contingency(codes[s], there[s], (shape[s], shape[1 - s])) for s in (0, 1))
    return Ground(
        sides=sides,
        common=common,
        points=points,
        codes=(codes[0], codes[1]),
        centroids=(unit_rows(sums[0]), unit_rows(sums[1])),
        regions=(regions[0], regions[1]),
        there=(there[0], there[1]),
        tables=(tables[0], tables[1]),
    )


def match_documents(earlier: LineageSide, later: LineageSide) -> Integers:
    """Return the positions of documents that both have, n_common × 2, by the earlier.

    Two documents are the same if they have the key, or a former key, in common. Keys go before
    former keys, and earlier positions before later ones; a document is matched once.
    """
    named: dict[str, int] = {}
    for at, key in enumerate(later.keys):
        named.setdefault(key, at)
    pairs = {at: named.pop(key) for at, key in enumerate(earlier.keys) if key in named}
    taken = set(pairs.values())
    by_any: dict[str, int] = {}
    for at, key in enumerate(later.keys):
        if at not in taken:
            for name in (key, *later.aliases[at]):
                by_any.setdefault(name, at)
    for at, key in enumerate(earlier.keys):
        if at in pairs:
            continue
        matches = [by_any[name] for name in (key, *earlier.aliases[at]) if name in by_any]
        free = next((other for other in matches if other not in taken), None)
        if free is not None:
            pairs[at] = free
            taken.add(free)
    return np.array(sorted(pairs.items()), dtype=np.int64).reshape(-1, 2)


def _codes(side: LineageSide) -> Labels:
    position = {node.number: at for at, node in enumerate(side.nodes)}
    return np.array([position.get(int(n), NOISE) for n in side.labels], dtype=np.int32)


def _centred(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    total = first.sum(axis=0, dtype=np.float64) + second.sum(axis=0, dtype=np.float64)
    centre = (total / (len(first) + len(second))).astype(np.float32)
    return unit_rows(first - centre), unit_rows(second - centre)


def _regions(
    s: int, points: Sequence[Floats], codes: Sequence[Labels], sums: Floats
) -> tuple[NodeRegion, NodeRegion]:
    """Return the documents of both sides among the nodes of side ``s``."""
    centroids = unit_rows(sums)
    own, other = points[s] @ centroids.T, points[1 - s] @ centroids.T
    placed = np.flatnonzero(codes[s] >= 0)
    without = unit_rows(sums[codes[s][placed]] - points[s][placed])
    own[placed, codes[s][placed]] = np.einsum("ij,ij->i", points[s][placed], without)
    bound = float(np.quantile(own[placed, codes[s][placed]], UNLIKE))
    regions = {s: _nearest(own, bound), 1 - s: _nearest(other, bound)}
    return regions[0], regions[1]


def _nearest(likeness: Floats, bound: float) -> NodeRegion:
    nearest = likeness.argmax(axis=1).astype(np.int32)
    is_like = likeness.max(axis=1) >= bound
    return NodeRegion(likeness, np.where(is_like, nearest, NOISE).astype(np.int32))


def _there(s: int, common: Integers, codes: Sequence[Labels], looked_up: Labels) -> Labels:
    nodes = looked_up.copy()
    known = codes[1 - s][common[:, 1 - s]]
    placed = known >= 0
    nodes[common[placed, s]] = known[placed]
    return nodes


@dataclass(frozen=True)
class Readings:
    """Who goes on as whom: one to one, and many to many; by position.

    Attributes
    ----------
    assigned
        The optimal assignment, as far as both have something to do with each other.
    heirs
        ``heirs[0][a]``: the later nodes that earlier node a is parted into; ``heirs[1][b]``: the
        earlier nodes that later node b is joined from.
    """

    assigned: frozenset[Pair]
    heirs: tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]

    def is_heir(self, pair: Pair) -> bool:
        """Tell whether the many-to-many reading connects the two."""
        return pair[1] in self.heirs[0][pair[0]] or pair[0] in self.heirs[1][pair[1]]


def read_links(ground: Ground, settings: LineageSettings) -> Readings:
    """Read the tables one to one and many to many.

    One to one: the assignment by which most documents stay where they are (Kuhn 1955, Munkres
    1957): those that both sides place count one, those that are looked up `LOOKED_UP`. So of the
    parts of a split the one with most documents of the whole goes on, and what nodes merge into
    goes on as the one that gave it most. Of equals the more alike in content are paired. Only pairs
    count of which one part is at least ``heir`` and the other at least ``part``; and if the two
    share fewer documents than the share ``part`` of the smaller, only if their content is at least
    ``alike``: then nothing else speaks for them. Other pairs are worth nothing, so that none of
    them keeps two apart that go on.

    Many to many, as in MONIC (Spiliopoulou et al. 2006, doi 10.1145/1150402.1150491, section 4): y
    is a part of x if it holds at least the share ``part`` of x's documents, and x holds at least
    ``heir`` of y's.
    """
    from scipy.optimize import linear_sum_assignment

    forth, back = ground.parts(0), ground.parts(1).T
    shared, _ = _shared(ground)
    smaller = np.minimum(ground.sizes(0)[:, None], ground.sizes(1)[None, :])
    strong = np.maximum(forth, back) >= settings.heir
    is_known = shared >= settings.part * smaller
    is_alike = content(ground) >= settings.alike
    fits = strong & (np.minimum(forth, back) >= settings.part) & (is_known | is_alike)
    looked_up = ground.tables[0] + ground.tables[1].T - 2 * shared
    staying = shared + LOOKED_UP * looked_up + 1e-6 * content(ground)
    rows, columns = linear_sum_assignment(np.where(fits, staying, 0), maximize=True)
    assigned = {(int(a), int(b)) for a, b in zip(rows, columns, strict=True) if fits[a, b]}
    return Readings(
        frozenset(assigned),
        (
            _positions((forth >= settings.part) & (back >= settings.heir)),
            _positions(((back >= settings.part) & (forth >= settings.heir)).T),
        ),
    )


def content(ground: Ground) -> NDArray[np.float32]:
    """Return the cosines of the earlier and later centroids, n_earlier × n_later."""
    cosines: NDArray[np.float32] = ground.centroids[0] @ ground.centroids[1].T
    return cosines


def links(ground: Ground, readings: Readings) -> tuple[NodeLink, ...]:
    """Return every pair of nodes that share documents, known or looked up, or are heirs."""
    shared, jaccard = _shared(ground)
    forth, back, alike = ground.parts(0), ground.parts(1).T, content(ground)
    numbers = [[node.number for node in side.nodes] for side in ground.sides]
    return tuple(
        NodeLink(
            earlier=numbers[0][a],
            later=numbers[1][b],
            shared=int(shared[a, b]),
            jaccard=float(jaccard[a, b]),
            part_of_earlier=float(forth[a, b]),
            part_of_later=float(back[a, b]),
            content=float(alike[a, b]),
            is_assigned=(a, b) in readings.assigned,
            is_heir=readings.is_heir((a, b)),
        )
        for a, b in np.argwhere((forth > 0) | (back > 0)).tolist()
    )


def _shared(ground: Ground) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the documents of both in each pair of nodes, and the pairs' Jaccard similarity."""
    here = ground.codes[0][ground.common[:, 0]]
    there = ground.codes[1][ground.common[:, 1]]
    n_earlier, n_later = ground.tables[0].shape
    shared = contingency(here, there, (n_earlier, n_later))
    union = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    return shared, shared / np.maximum(union, 1)


def _positions(is_part: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(np.flatnonzero(row).tolist()) for row in is_part)
