"""Which tools mean much the same: neighbours in the taxonomy's space."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from artifacts.arrays import Floats

N_NEAR: Final = 6
DECIMALS: Final = 3
"""Likeness is told so finely; what is alike to this is in the order of documents."""
NOBODY: Final = -2.0
"""In place of a cosine, which is never so small."""
ROWS: Final = 1_000
"""Documents that are compared with all others at once."""


def nearest_rows(points: Floats, n: int = N_NEAR) -> Iterator[list[tuple[int, float]]]:
    """Yield for each row the ``n`` nearest others with their cosines, nearest first.

    Parameters
    ----------
    points
        n_docs × n_dims rows of unit length; a row of zeros has no neighbours, and is nobody's.
    """
    said = np.asarray(points.any(axis=1))
    most = min(n, len(points) - 1)
    for start in range(0, len(points), ROWS):
        likeness = np.round(points[start : start + ROWS] @ points.T, DECIMALS)
        likeness[:, ~said] = NOBODY
        own = np.arange(len(likeness))
        likeness[own, start + own] = NOBODY
        for row, is_said in zip(likeness, said[start : start + ROWS], strict=True):
            yield _largest(row, most) if is_said and most > 0 else []


def _largest(likeness: Floats, n: int) -> list[tuple[int, float]]:
    """Return the places of the largest values with these; equals come by their place."""
    least = max(np.partition(likeness, -n)[-n], NOBODY + 1)
    (near,) = np.nonzero(likeness >= least)
    order = near[np.argsort(-likeness[near], kind="stable")][:n]
    return [(int(at), round(float(likeness[at]), DECIMALS)) for at in order]
