"""The population that a sample is drawn from, in strata."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from artifacts.errors import InputError
from artifacts.hashing import hash_value

UNKNOWN = "unknown"
"""The stratum of those whose number is missing."""


@dataclass(frozen=True)
class Unit:
    """One document of the population, and the stratum that it is in."""

    key: str
    stratum: str


@dataclass(frozen=True)
class Frame:
    """All documents that may be drawn, each once.

    Raises
    ------
    InputError
        If there are none, one stands twice, or a key or stratum is empty.
    """

    units: tuple[Unit, ...]

    def __post_init__(self) -> None:
        if not self.units:
            raise InputError("There are no documents to draw from.")
        key, count = Counter(unit.key for unit in self.units).most_common(1)[0]
        if count > 1:
            raise InputError(
                f"The document '{key}' stands {count} times among those to draw from.",
                fix="keep one of them: who stands twice is drawn twice as often",
            )
        if not all(unit.key and unit.stratum for unit in self.units):
            raise InputError("A document to draw from has an empty key or stratum.")

    @property
    def sizes(self) -> dict[str, int]:
        """Return how many documents each stratum holds, in natural order of the names."""
        counts = Counter(unit.stratum for unit in self.units)
        return {name: counts[name] for name in sorted(counts, key=natural)}

    @cached_property
    def hash(self) -> str:
        """Return the SHA-256 of the keys and their strata, in whatever order they stand."""
        return hash_value(sorted([unit.key, unit.stratum] for unit in self.units))


def frame_of(strata: Mapping[str, str]) -> Frame:
    """Return the frame of the documents whose strata are given by key."""
    return Frame(tuple(Unit(key, stratum) for key, stratum in strata.items()))


def quantile_strata(
    values: Mapping[str, float | None], *, name: str, n_strata: int
) -> dict[str, str]:
    """Return strata with about as many documents each, from low to high numbers.

    Equal numbers stay together, so there may be fewer strata than asked for. A stratum is named by
    the least and the greatest number in it: ``stars 10–99``. Missing (None or NaN) is `UNKNOWN`.

    Parameters
    ----------
    values
        The number of each document, by key.
    name
        What the numbers are.

    Raises
    ------
    InputError
        If fewer than one stratum is asked for, or a number is infinite.
    """
    if n_strata < 1:
        raise InputError(f"There must be at least 1 stratum, not {n_strata}.")
    known = {key: float(v) for key, v in values.items() if v is not None and not math.isnan(v)}
    for key, value in known.items():
        if math.isinf(value):
            raise InputError(f"The {name} of '{key}' are infinite.")
    if not known:
        return dict.fromkeys(values, UNKNOWN)
    numbers = np.array(list(known.values()))
    cuts = np.arange(1, n_strata) / n_strata
    # Each edge is a number that occurs: the greatest of its stratum.
    edges = np.unique(np.quantile(numbers, cuts, method="inverted_cdf"))
    place = np.searchsorted(edges, numbers, side="left")
    names = {p: _range_name(name, numbers[place == p]) for p in np.unique(place)}
    stratum_of = {key: names[p] for key, p in zip(known, place, strict=True)}
    return {key: stratum_of.get(key, UNKNOWN) for key in values}


def natural(name: str) -> list[str | int]:
    """Return what to sort a name by, so that ``topic 10`` comes after ``topic 9``."""
    parts = re.split(r"(\d+)", re.sub(r"(?<=\d),(?=\d{3})", "", name))
    # The name itself last: two names never count as the same.
    return [*(int(p) if n % 2 else p for n, p in enumerate(parts)), -1, name]


def _range_name(name: str, numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    low, high = (_number_text(float(number)) for number in (numbers.min(), numbers.max()))
    return f"{name} {low}" if low == high else f"{name} {low}–{high}"


def _number_text(value: float) -> str:
    return f"{int(value):,}" if value.is_integer() else f"{value:,}"
