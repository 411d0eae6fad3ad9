"""How many documents to draw."""

from __future__ import annotations

import math

from scipy.special import ndtri

from artifacts.errors import InputError
from artifacts.intervals import LEVEL

MARGIN = 0.05
PROPORTION = 0.5
"""The share with the widest margin: to be used where nothing is known of it."""
_NOISE = 1e-9
"""What floating point may add to a whole number, so that it is not rounded up to the next."""


def z_score(level: float) -> float:
    """Return how many standard errors to each side hold a normal variable at this level.

    Raises
    ------
    InputError
        If the level is not in (0, 1).
    """
    check_share(level, "The level")
    return float(ndtri(0.5 + level / 2))


def sample_size(
    population: int | None = None,
    *,
    margin: float = MARGIN,
    level: float = LEVEL,
    proportion: float = PROPORTION,
) -> int:
    """Return how many to draw at random, so that a share is known within the margin.

    n₀ = z²p(1−p)/e² and n = n₀ / (1 + (n₀−1)/N), rounded up (Cochran 1977, equations 4.1, 4.2).

    Parameters
    ----------
    population
        N; None: without end.
    margin
        e, half of the interval's width, as a share in (0, 1).
    level
        Of the interval, in (0, 1).
    proportion
        p, the share that is expected, in (0, 1).

    Raises
    ------
    InputError
        If a value is out of its range.
    """
    check_share(margin, "The margin")
    check_share(proportion, "The proportion")
    _check_population(population)
    without_end = z_score(level) ** 2 * proportion * (1 - proportion) / margin**2
    correction = 1.0 if population is None else 1 + (without_end - 1) / population
    return max(1, math.ceil(without_end / correction - _NOISE))


def check_share(value: float, what: str) -> None:
    """Refuse what is not between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise InputError(
            f"{what} must lie between 0 and 1, both excluded, not {value:g}.",
            fix="write 95 % as 0.95, and ±5 % as 0.05",
        )


def _check_population(population: int | None) -> None:
    if population is not None and population < 1:
        raise InputError(f"The population must hold at least 1, not {population:,}.")
