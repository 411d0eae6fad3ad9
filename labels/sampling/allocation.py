"""How many to draw from each stratum.

All rules share out n documents by weight, within what each stratum must give and what it holds:

proportional
    By size N: the shares in the sample are those of the population.
equal
    The same from each: to compare strata.
neyman
    By N·S, S the standard deviation within the stratum: for the same n, the least variance of the
    estimate (Neyman 1934; Cochran 1977, equation 5.26). What a stratum cannot give, because it
    holds less, goes to the others by the same weights.

Whole numbers come from the largest remainders, in exact arithmetic; where two are equal, the
greater weight goes first, then the larger stratum, then the name.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from artifacts.errors import InputError
from labels.sampling.frame import natural

Sizes = Mapping[str, int]
RuleName = Literal["proportional", "equal", "neyman"]
NOTHING_KEPT: Sizes = {}


@dataclass(frozen=True)
class Rule:
    """How a sample is shared out over strata.

    Attributes
    ----------
    minimum
        How many a stratum gives at least, if it has so many. Without one of each stratum, nothing
        can be said of the population; with two, each stratum has a variance of its own.
    spreads
        The standard deviation within each stratum, as known or guessed; for ``neyman`` alone.
    """

    name: RuleName
    minimum: int = 1
    spreads: Mapping[str, float] | None = None


def allocate(sizes: Sizes, n: int, *, rule: Rule, kept: Sizes = NOTHING_KEPT) -> dict[str, int]:
    """Return how many to draw from each stratum; they sum to n.

    Parameters
    ----------
    sizes
        How many each stratum holds.
    kept
        How many of each are drawn already: it gives no fewer.

    Raises
    ------
    InputError
        If n is more than there are or less than must be given, or a spread is missing or no number.
    """
    if rule.minimum < 0:
        raise InputError(
            f"The minimum of a stratum cannot be {rule.minimum}.", fix="take 0 or more"
        )
    floors = {name: max(min(rule.minimum, sizes[name]), kept.get(name, 0)) for name in sizes}
    _check_number(sizes, n, floors)
    weights = _weights(sizes, rule)
    return _apportion(weights, n, floors=floors, caps=sizes)


def spread_of(proportion: float) -> float:
    """Return the standard deviation of yes and no, √(p(1−p)), from the guessed share of yes.

    Raises
    ------
    InputError
        If the share is not in [0, 1].
    """
    if not 0 <= proportion <= 1:
        raise InputError(f"A proportion lies between 0 and 1, and this is {proportion:g}.")
    return math.sqrt(proportion * (1 - proportion))


def _weights(sizes: Sizes, rule: Rule) -> dict[str, Fraction]:
    if rule.name == "proportional":
        return {name: Fraction(size) for name, size in sizes.items()}
    if rule.name == "equal":
        return {name: Fraction(1) for name in sizes}
    spreads = rule.spreads or {}
    for name in sizes:
        if not 0 <= spreads.get(name, -1) < math.inf:
            raise InputError(
                f"Neyman's allocation needs a standard deviation for the stratum '{name}'.",
                fix="give a number of 0 or more, such as √(p(1−p)) of a guessed share p",
            )
    return {name: size * Fraction(spreads[name]) for name, size in sizes.items()}


def _check_number(sizes: Sizes, n: int, floors: Sizes) -> None:
    total, least = sum(sizes.values()), sum(floors.values())
    if n > total:
        raise InputError(f"{n:,} cannot be drawn: there are {total:,}.", fix="draw fewer")
    if n < max(1, least):
        raise InputError(
            f"{n:,} are too few for {len(sizes):,} strata: at least {max(1, least):,} are needed.",
            fix="draw more, ask for less from each stratum, or join small strata",
        )


def _apportion(
    weights: Mapping[str, Fraction], n: int, *, floors: Sizes, caps: Sizes
) -> dict[str, int]:
    weighty = [name for name in weights if weights[name] > 0]
    idle = [name for name in weights if weights[name] == 0]
    left = n - sum(caps[name] for name in weighty)
    if idle and left > sum(floors[name] for name in idle):
        # Those with a weight are taken whole, and the others make up the number by size.
        rest = {name: Fraction(caps[name]) for name in idle}
        return {name: caps[name] for name in weighty} | _apportion(
            rest, left, floors=floors, caps=caps
        )
    exact = _exact(weights, n, floors=floors, caps=caps)
    whole = {name: math.floor(value) for name, value in exact.items()}
    order = sorted(
        weights,
        key=lambda name: (whole[name] - exact[name], -weights[name], -caps[name], natural(name)),
    )
    for name in order[: n - sum(whole.values())]:
        whole[name] += 1
    return whole


def _exact(
    weights: Mapping[str, Fraction], n: int, *, floors: Sizes, caps: Sizes
) -> dict[str, Fraction]:
    """Return shares by weight that sum to n and keep within the bounds."""

    def at(level: Fraction) -> dict[str, Fraction]:
        return {
            name: Fraction(min(max(level * weight, Fraction(floors[name])), Fraction(caps[name])))
            for name, weight in weights.items()
        }

    def total(level: Fraction) -> Fraction:
        return sum(at(level).values(), Fraction(0))

    weighty = [name for name in weights if weights[name] > 0]
    bounds = {bound[name] / weights[name] for bound in (floors, caps) for name in weighty}
    marks = sorted({Fraction(0)} | bounds)
    # The total grows with the level, in a straight line from each mark to the next.
    place = bisect_left(marks, Fraction(n), key=total)
    if place == 0:
        return at(marks[0])
    low, high = marks[place - 1], marks[place]
    return at(low + (n - total(low)) * (high - low) / (total(high) - total(low)))
