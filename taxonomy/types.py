"""What the runs of an ensemble are made of, as arrays, and what encodes words and names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats, Integers

Labels = NDArray[np.int32]
"""Numbers of topics, n_docs or n_runs × n_docs, with `NOISE` and, in runs, `UNSEEN`."""

UNSEEN: Final = -2
"""A document that was not in the run's subsample."""

CUTS: Final = 2
"""How often the layout of a run is clustered, each time with another smallest cluster."""

Encode = Callable[[Sequence[str]], Floats]
"""Texts to n_texts × n_dims vectors of unit length, of the encoder that the documents have."""


def count_nodes(labels: Labels) -> int:
    """Return how many nodes labels number, from 0 on without gaps."""
    return int(labels.max(initial=-1)) + 1


def node_sizes(labels: NDArray[np.integer], n_nodes: int) -> Integers:
    """Return how many documents each of so many nodes has."""
    return np.bincount(labels[labels >= 0], minlength=n_nodes)
