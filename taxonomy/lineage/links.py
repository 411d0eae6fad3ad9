"""Links between the nodes of two taxonomies: by shared documents, and by content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import contingency
from taxonomy.lineage.ground import Ground
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Link

Pair = tuple[int, int]
"""Positions of an earlier and a later node."""

LOOKED_UP = 0.1
"""What a document that is looked up counts beside one that both sides place: where it would be is
a guess, and one that favours the nodes whose content is least mixed."""


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
            _listed((forth >= settings.part) & (back >= settings.heir)),
            _listed(((back >= settings.part) & (forth >= settings.heir)).T),
        ),
    )


def content(ground: Ground) -> NDArray[np.float32]:
    """Return the cosines of the earlier and later centroids, n_earlier × n_later."""
    cosines: NDArray[np.float32] = ground.centroids[0] @ ground.centroids[1].T
    return cosines


def links(ground: Ground, readings: Readings) -> tuple[Link, ...]:
    """Return every pair of nodes that share documents, known or looked up, or are heirs."""
    shared, jaccard = _shared(ground)
    forth, back, alike = ground.parts(0), ground.parts(1).T, content(ground)
    numbers = [[node.number for node in side.nodes] for side in ground.sides]
    return tuple(
        Link(
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


def _listed(is_part: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(np.flatnonzero(row).tolist()) for row in is_part)
