"""The two kinds of arrays of figures, and the small maths that every floor does with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from artifacts.files import storage_errors

_ZEROS = bytes(1 << 20)

Floats = NDArray[np.float32]
"""Vectors and what is derived from them one by one."""

Doubles = NDArray[np.float64]
"""Statistics: what sums, shares and probabilities are counted in."""

Integers = NDArray[np.int64]
"""Counts, and the numbers or places of things."""

ROWS_AT_ONCE = 1 << 15
"""Rows of a large matrix that are worked on at a time, so that what is made of them stays small."""
_COLUMNS_AT_ONCE = 64

Figures = TypeVar("Figures", Floats, Doubles)
"""Either kind of array: what comes out is of the kind that goes in."""


def mapped_rows(shape: tuple[int, int], folder: Path) -> Floats:
    """Return rows of zeros that are not in memory but in a file, which is gone when they are.

    The file is in ``folder``, where one may be written there; it has its whole size from the
    beginning, for a full disk would end the process that fills it later.

    Raises
    ------
    StorageError
        If the disk has no room for them.
    """
    may_write = os.access(folder, os.W_OK)
    n_bytes = np.dtype(np.float32).itemsize * shape[0] * shape[1]
    with (
        storage_errors(folder),
        TemporaryFile(dir=folder if may_write else None, prefix=".", suffix=".tmp") as file,
    ):
        for start in range(0, n_bytes, len(_ZEROS)):
            file.write(_ZEROS[: n_bytes - start])
        file.flush()
        return np.memmap(file, np.float32, "r+", shape=shape)


def row_blocks(n_rows: int) -> Iterator[slice]:
    """Yield the places of `ROWS_AT_ONCE` rows after the others; of fewer, all at once."""
    for start in range(0, n_rows, ROWS_AT_ONCE):
        yield slice(start, min(start + ROWS_AT_ONCE, n_rows))


def standardised(figures: Doubles) -> Doubles:
    """Return figures of any shape at mean 0 and variance 1; zeros where all are equal, or none."""
    spread = float(figures.std()) if figures.size else 0.0
    return (figures - figures.mean()) / spread if spread > 0 else np.zeros_like(figures)


def unit_rows(rows: Figures) -> Figures:
    """Return the rows at length 1, as precise as they are; a row of zeros stays zero.

    `sklearn.preprocessing.normalize` adds up the squares in another order, so that its last bits
    differ.

    Parameters
    ----------
    rows
        n_rows × n_dims.
    """
    unit = np.zeros_like(rows)
    for at in row_blocks(len(rows)):
        lengths = np.linalg.norm(rows[at], axis=1, keepdims=True)
        np.divide(rows[at], lengths, out=unit[at], where=lengths != 0)
    return unit


def group_sums(
    rows: NDArray[np.floating],
    groups: NDArray[np.integer],
    n_groups: int,
    weights: Doubles | None = None,
) -> Doubles:
    """Return the sum of each group's rows, n_groups × n_dims, added in their order.

    Parameters
    ----------
    rows
        n_rows × n_dims.
    groups
        n_rows numbers in [0, n_groups); rows of a number below 0 are in no group.
    weights
        By what each of the n_rows is multiplied; None: by 1.
    """
    import scipy.sparse as sp

    placed = np.flatnonzero(groups >= 0)
    counted = np.ones(len(placed)) if weights is None else weights[placed]
    shape = (n_groups, len(rows))
    members = sp.csr_matrix((counted, (groups[placed], placed)), shape=shape)
    sums = np.empty((n_groups, rows.shape[1]))
    for start in range(0, rows.shape[1], _COLUMNS_AT_ONCE):  # a whole copy is twice as large
        at = slice(start, start + _COLUMNS_AT_ONCE)
        sums[:, at] = members @ rows[:, at].astype(np.float64)
    return sums


def centroids(
    rows: NDArray[np.floating], groups: NDArray[np.integer], weights: Doubles | None = None
) -> Floats:
    """Return the mean of each group's rows, n_groups × n_dims, at unit length.

    Parameters
    ----------
    rows
        n_rows × n_dims.
    groups
        n_rows numbers from 0 on; rows of a number below 0 are in no group. A number without rows
        has a row of zeros.
    weights
        As for `group_sums`.
    """
    sums = group_sums(rows, groups, int(groups.max()) + 1, weights)
    return unit_rows(sums).astype(np.float32)


def contingency(
    one: NDArray[np.integer], other: NDArray[np.integer], shape: tuple[int, int]
) -> Integers:
    """Return how many things each two groups share, as a table of ``shape``.

    Unlike `sklearn.metrics.cluster.contingency_matrix` it has a row and a column also for groups
    that nothing is in, and leaves out what is in no group.

    Parameters
    ----------
    one, other
        The group of each of n things in one grouping and in another, numbered from 0; below 0: in
        none.
    shape
        Numbers of groups of one and of the other.

    Raises
    ------
    ValueError
        If a group's number is beyond the shape.
    """
    both = (one >= 0) & (other >= 0)
    cells = np.ravel_multi_index((one[both], other[both]), shape)
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
