"""What cannot be compared is refused, with advice, before any work is done."""

from __future__ import annotations

import numpy as np

from artifacts.errors import InputError
from taxonomy.lineage.values import Side

FEWEST_RESAMPLES = 99


def check_sides(earlier: Side, later: Side) -> None:
    """Raise `InputError` if two taxonomies cannot be compared.

    That is: one with itself, of other documents or layers, in the wrong order, without vectors of
    one space, with fewer than two nodes, or with too few resampled consensuses.
    """
    where = f"{earlier.name}, {later.name}"
    if earlier.name == later.name:
        raise InputError(
            "A taxonomy cannot be compared with itself.", where=where, fix="name another one"
        )
    if (earlier.kind, earlier.layer) != (later.kind, later.layer):
        raise InputError(
            f"One is of {earlier.kind} ({earlier.layer}), the other of {later.kind} "
            f"({later.layer}).",
            where=where,
            fix="compare taxonomies of one kind and one layer",
        )
    if earlier.day > later.day:
        raise InputError(
            f"The first snapshot is of {earlier.day}, the second of {later.day}: the wrong order.",
            where=where,
            fix=f"name {later.name} first",
        )
    for side in (earlier, later):
        _check_side(side)
    dims = earlier.vectors.shape[1], later.vectors.shape[1]
    if dims[0] != dims[1]:
        raise InputError(
            f"The vectors have {dims[0]} and {dims[1]} dimensions: they are of two models.",
            where=where,
            fix="build both taxonomies with one encoder",
        )


def _check_side(side: Side) -> None:
    n_docs = len(side.keys)
    if len(side.vectors) != n_docs or not np.isfinite(side.vectors).all():
        raise InputError(
            f"There are {len(side.vectors)} vectors of {n_docs} documents, or some are no numbers.",
            where=side.name,
            fix="build the taxonomy again",
        )
    present = set(side.labels.tolist())
    if sum(node.number in present for node in side.nodes) < 2:
        raise InputError(
            f"The taxonomy has {len(side.nodes)} {side.layer}: there is nothing to compare.",
            where=side.name,
            fix="build it from more documents",
        )
    if side.resampled.shape[0] < FEWEST_RESAMPLES or side.resampled.shape[1] != n_docs:
        raise InputError(
            f"The noise floor needs at least {FEWEST_RESAMPLES} resampled consensuses of all "
            f"{n_docs} documents; there are {side.resampled.shape[0]}.",
            where=side.name,
            fix="resample the taxonomy's ensemble again",
        )
