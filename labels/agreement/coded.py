"""What coders said of items: one variable of a codebook, every value of every coder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from artifacts.arrays import Integers
from artifacts.errors import InputError
from configs.codebook import Level

MISSING = -1
JOINT = "all variables"

T = TypeVar("T")


@dataclass(frozen=True)
class Coded:
    """One variable as several coders coded it.

    Attributes
    ----------
    level
        Of measurement; `multiple` variables are nominal.
    multiple
        Whether an item can have several codes, or none.
    codes
        In the order of the codebook, which is the order of an ordinal variable. All that could have
        been given, whether or not they were.
    points
        The number of each code of an interval variable; empty for others.
    values
        What a coder gave to an item, by (item, coder); what is absent is missing. A value of a
        variable that is not `multiple` has one code; an empty value of one that is says that no
        code applies.
    wave_of
        The wave that an item was coded in.
    version_of
        The version of the codebook that everybody coded an item under; absent if coders differ.

    Raises
    ------
    InputError
        If a code, coder or item repeats, is unknown, or a value does not fit the variable.
    """

    variable: str
    level: Level
    multiple: bool
    codes: tuple[str, ...]
    points: Mapping[str, float]
    coders: tuple[str, ...]
    items: tuple[str, ...]
    values: Mapping[tuple[str, str], frozenset[str]]
    wave_of: Mapping[str, str]
    version_of: Mapping[str, int]

    def __post_init__(self) -> None:
        self._check_variable()
        items, coders, codes = set(self.items), set(self.coders), set(self.codes)
        for (item, coder), value in self.values.items():
            if item not in items or coder not in coders:
                self._refuse(f"There is a value of coder '{coder}' for '{item}', unknown here.")
            if not value <= codes:
                unknown = ", ".join(sorted(value - codes))
                self._refuse(f"'{item}' has the unknown code {unknown} from '{coder}'.")
            if not self.multiple and len(value) != 1:
                self._refuse(f"'{item}' has {len(value)} codes from '{coder}', not one.")
        for item in (*self.wave_of, *self.version_of):
            if item not in items:
                self._refuse(f"There is a wave or a version of '{item}', which is no item here.")

    def _check_variable(self) -> None:
        for what, names in (("code", self.codes), ("coder", self.coders), ("item", self.items)):
            if len(set(names)) < len(names):
                self._refuse(f"A {what} stands twice.")
        if not self.codes:
            self._refuse("There are no codes.")
        if self.multiple and self.level != "nominal":
            self._refuse(f"Several codes an item have no {self.level} level.")
        if set(self.points) != (set(self.codes) if self.level == "interval" else set()):
            self._refuse("An interval variable has points for each of its codes, others have none.")
        numbers = list(self.points.values())
        if len(set(numbers)) < len(numbers) or not all(map(math.isfinite, numbers)):
            self._refuse("The points are not finite, or two codes have the same.")

    def _refuse(self, what: str) -> None:
        raise InputError(what, where=f"variable '{self.variable}'")

    def subset(self, items: Collection[str]) -> Coded:
        """Return the same with those items only, in the order that they have here.

        Raises
        ------
        InputError
            If one of them is not here.
        """
        chosen = frozenset(items)
        if not chosen <= set(self.items):
            self._refuse(f"There is no item '{min(chosen - set(self.items))}'.")
        return replace(
            self,
            items=tuple(item for item in self.items if item in chosen),
            values={key: value for key, value in self.values.items() if key[0] in chosen},
            wave_of={item: wave for item, wave in self.wave_of.items() if item in chosen},
            version_of={
                item: version for item, version in self.version_of.items() if item in chosen
            },
        )

    def of_coders(self, coders: Collection[str]) -> Coded:
        """Return the same with those coders only, in the order that they have here.

        Raises
        ------
        InputError
            If one of them is not here.
        """
        if not set(coders) <= set(self.coders):
            self._refuse(f"There is no coder '{min(set(coders) - set(self.coders))}'.")
        return replace(
            self,
            coders=tuple(coder for coder in self.coders if coder in coders),
            values={key: value for key, value in self.values.items() if key[1] in coders},
        )


@dataclass(frozen=True, eq=False)
class Ratings:
    """Values as numbers.

    Attributes
    ----------
    matrix
        n_items × n_coders places of values in `values`, `MISSING` where there is none.
    values
        All possible values in order (the codes), or the sets of codes that were given.
    """

    matrix: Integers
    values: tuple[frozenset[str], ...]

    @property
    def n_values(self) -> int:
        """Return how many values there are."""
        return len(self.values)


def ratings(coded: Coded) -> Ratings:
    """Return the values as numbers: of all items, and of the coders who gave any."""
    values = tuple(frozenset({code}) for code in coded.codes)
    if coded.multiple:
        values = tuple(sorted(set(coded.values.values()), key=sorted))
    place = {value: number for number, value in enumerate(values)}
    return Ratings(
        _matrix(coded, {key: place[value] for key, value in coded.values.items()}), values
    )


def presence(coded: Coded, code: str) -> Ratings:
    """Return whether each coder gave each item that code (1) or not (0): one against the rest."""
    places = {key: int(code in value) for key, value in coded.values.items()}
    return Ratings(_matrix(coded, places), (frozenset(), frozenset({code})))


def _matrix(coded: Coded, places: Mapping[tuple[str, str], int]) -> Integers:
    active = {coder for _, coder in places}
    coders = [coder for coder in coded.coders if coder in active]
    rows = [[places.get((item, coder), MISSING) for coder in coders] for item in coded.items]
    return np.array(rows, dtype=np.int64).reshape(len(coded.items), len(coders))


def joint(several: Sequence[Coded]) -> Coded:
    """Return whole codings as one nominal variable: same where all variables are the same.

    An item is coded by a coder who gave it a value of at least one variable. A variable left
    without a value is then part of the coding: it is the same only where the other left it, too.
    The codes are the codings that were given: all that could be are too many to count.
    """
    items = tuple(dict.fromkeys(item for coded in several for item in coded.items))
    coders = tuple(dict.fromkeys(coder for coded in several for coder in coded.coders))
    given = dict.fromkeys(key for coded in several for key in coded.values)
    values = {key: frozenset({_whole(several, key)}) for key in given}
    return Coded(
        variable=JOINT,
        level="nominal",
        multiple=False,
        codes=tuple(sorted({code for value in values.values() for code in value})) or ("",),
        points={},
        coders=coders,
        items=items,
        values=values,
        wave_of=_agreed(several, lambda coded: coded.wave_of),
        version_of=_agreed(several, lambda coded: coded.version_of),
    )


def _whole(several: Sequence[Coded], key: tuple[str, str]) -> str:
    given = [coded.values.get(key) for coded in several]
    # JSON keeps apart what a separator might not: codes can hold any character.
    return json.dumps([None if value is None else sorted(value) for value in given])


def _agreed(several: Sequence[Coded], of: Callable[[Coded], Mapping[str, T]]) -> dict[str, T]:
    """Return what all variables that an item has say of it; nothing where they differ."""
    said: dict[str, set[T | None]] = {}
    for coded in several:
        for item in coded.items:
            said.setdefault(item, set()).add(of(coded).get(item))
    alike = {item: next(iter(values)) for item, values in said.items() if len(values) == 1}
    return {item: value for item, value in alike.items() if value is not None}
