"""How far apart two values are: distances for α, and weights of part agreement for κ and AC2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from artifacts.arrays import Doubles

Shape = Literal["linear", "quadratic", "ordinal"]


@dataclass(frozen=True, eq=False)
class Distance:
    """How far apart values are, by a name.

    Attributes
    ----------
    matrix
        n_values × n_values, symmetric, 0 on the diagonal; None for `NOMINAL`, which needs none,
        and `ORDINAL`, which hangs on how often each value was given.
    """

    name: str
    matrix: Doubles | None


@dataclass(frozen=True, eq=False)
class Weights:
    """How much two values agree, by a name: n_values × n_values, symmetric, 1 on the diagonal."""

    name: str
    matrix: Doubles


NOMINAL = Distance("nominal", None)
"""1 between any two values (Krippendorff 2011, section D)."""
ORDINAL = Distance("ordinal", None)
"""Krippendorff 2011, section D: the values between two, and half of those at both ends, squared."""


def interval(points: Sequence[float]) -> Distance:
    """Return the squared difference of points (Krippendorff 2011, section D)."""
    at = np.asarray(points, dtype=np.float64)
    return Distance("interval", (at[:, None] - at) ** 2)


def masi(sets: Sequence[frozenset[str]]) -> Distance:
    """Return how far apart any two sets are: 1 − Jaccard × monotonicity (Passonneau 2006).

    Monotonicity is 1 for the same set, 2/3 where one holds the other, 1/3 where each has something
    of its own, 0 where they share nothing. The paper has no empty sets; here two are the same
    (0), and one is as far as can be from any other set, with which it shares nothing (1).
    """
    codes = sorted(frozenset().union(*sets))
    member = np.array([[code in one for code in codes] for one in sets], dtype=np.float64)
    member = member.reshape(len(sets), len(codes))
    size = member.sum(axis=1)
    shared = member @ member.T
    joined = size[:, None] + size - shared
    jaccard = np.divide(shared, joined, out=np.ones_like(shared), where=joined > 0)
    monotonicity = np.where(shared == np.minimum(size[:, None], size), 2 / 3, 1 / 3)
    monotonicity[shared == joined] = 1
    return Distance("MASI", 1 - jaccard * monotonicity)


def weights(shape: Shape, points: Sequence[float]) -> Weights:
    """Return weights that fall with the distance from 1 to 0 (Gwet 2014, chapter 3).

    Parameters
    ----------
    shape
        ``linear`` and ``quadratic`` take the difference of points; ``ordinal`` the number of pairs
        of values from one to the other, both included, however far apart.
    points
        Of the values: 1, 2, 3… for an ordinal scale. At least two, no two the same.
    """
    at = np.asarray(points, dtype=np.float64)
    if shape == "ordinal":
        rank = at.argsort().argsort()
        steps = np.abs(rank[:, None] - rank)
        far = steps * (steps + 1) / 2
    else:
        far = np.abs(at[:, None] - at) ** (1 if shape == "linear" else 2)
    return Weights(shape, 1 - far / far.max())
