"""What every part of a comparison stands on: who is who, and which document belongs where.

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

from artifacts.arrays import Floats, contingency, group_sums, unit_rows
from artifacts.words import NOISE
from taxonomy.lineage.values import Side
from taxonomy.types import Labels

UNLIKE = 0.1
"""Share of a side's own documents that its bound of likeness would leave out."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Region:
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

    sides: tuple[Side, Side]
    common: Ints
    points: tuple[Floats, Floats]
    codes: tuple[Labels, Labels]
    centroids: tuple[Floats, Floats]
    regions: tuple[tuple[Region, Region], tuple[Region, Region]]
    there: tuple[Labels, Labels]
    tables: tuple[Ints, Ints]

    def sizes(self, s: int) -> Ints:
        """Return the number of documents of each node of a side."""
        placed = self.codes[s][self.codes[s] >= 0]
        return np.bincount(placed, minlength=len(self.sides[s].nodes))

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
        found = []
        for t in (0, 1):
            region, other = self.regions[s][t], self.regions[1 - s][t].likeness
            own = region.likeness.max(axis=1)
            nearest = other[:, list(rivals)].max(axis=1, initial=-np.inf)
            found.append(np.where(nearest > own, NOISE, region.node).astype(np.int32))
        return found[0], found[1]


def lay_ground(earlier: Side, later: Side) -> Ground:
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


def match_documents(earlier: Side, later: Side) -> Ints:
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
        found = [by_any[name] for name in (key, *earlier.aliases[at]) if name in by_any]
        free = next((other for other in found if other not in taken), None)
        if free is not None:
            pairs[at] = free
            taken.add(free)
    return np.array(sorted(pairs.items()), dtype=np.int64).reshape(-1, 2)


def _codes(side: Side) -> Labels:
    position = {node.number: at for at, node in enumerate(side.nodes)}
    return np.array([position.get(int(n), NOISE) for n in side.labels], dtype=np.int32)


def _centred(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    total = first.sum(axis=0, dtype=np.float64) + second.sum(axis=0, dtype=np.float64)
    centre = (total / (len(first) + len(second))).astype(np.float32)
    return unit_rows(first - centre), unit_rows(second - centre)


def _regions(
    s: int, points: Sequence[Floats], codes: Sequence[Labels], sums: Floats
) -> tuple[Region, Region]:
    """Return the documents of both sides among the nodes of side ``s``."""
    centroids = unit_rows(sums)
    own, other = points[s] @ centroids.T, points[1 - s] @ centroids.T
    placed = np.flatnonzero(codes[s] >= 0)
    without = unit_rows(sums[codes[s][placed]] - points[s][placed])
    own[placed, codes[s][placed]] = np.einsum("ij,ij->i", points[s][placed], without)
    bound = float(np.quantile(own[placed, codes[s][placed]], UNLIKE))
    found = {s: _nearest(own, bound), 1 - s: _nearest(other, bound)}
    return found[0], found[1]


def _nearest(likeness: Floats, bound: float) -> Region:
    nearest = likeness.argmax(axis=1).astype(np.int32)
    is_like = likeness.max(axis=1) >= bound
    return Region(likeness, np.where(is_like, nearest, NOISE).astype(np.int32))


def _there(s: int, common: Ints, codes: Sequence[Labels], looked_up: Labels) -> Labels:
    found = looked_up.copy()
    known = codes[1 - s][common[:, 1 - s]]
    placed = known >= 0
    found[common[placed, s]] = known[placed]
    return found
