"""The two kinds of arrays of figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
"""Vectors and what is derived from them one by one."""

Doubles = NDArray[np.float64]
"""Statistics: what sums, shares and probabilities are counted in."""
