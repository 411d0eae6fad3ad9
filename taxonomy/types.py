"""What the runs of an ensemble are made of, as arrays."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]
"""Numbers of topics, n_docs or n_runs × n_docs, with `NOISE` and, in runs, `UNSEEN`."""

Ints = NDArray[np.int64]
"""Numbers of documents, positions, and counts."""

UNSEEN: Final = -2
"""A document that was not in the run's subsample."""

CUTS: Final = 2
"""How often the layout of a run is clustered, each time with another smallest cluster."""
