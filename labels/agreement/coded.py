"""What coders said of items, read from a set of labels: a variable, every coder's every value."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from artifacts.errors import InputError
from configs.codebook import Level
from labels.history.replay import CoderAnswer, Wave
from labels.label_set import LabelSet
from labels.records import NONE, Codes
from labels.waves import coders_of

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
    values_of: dict[str, set[T | None]] = defaultdict(set)
    for coded in several:
        for item in coded.items:
            values_of[item].add(of(coded).get(item))
    alike = {item: next(iter(values)) for item, values in values_of.items() if len(values) == 1}
    return {item: value for item, value in alike.items() if value is not None}


def coded_variables(labels: LabelSet, waves: Sequence[Wave]) -> list[Coded]:
    """Return what the coders of some waves said, as it reads under the present codebook.

    A variable without two codes in use is left out, and so are answers that a change of the
    codebook left open. That none of the codes applies is a value of its own, `NONE`.
    """
    answers = list(_answers(labels, waves))
    coded = []
    for variable in [variable.id for variable in labels.book.variables]:
        if len(labels.book.codes_of(variable)) > 1:
            given = ((i, who, held[variable].codes) for i, who, held in answers if variable in held)
            coded.append(_coded(labels, variable, waves, given))
    return coded


def coded_by_version(labels: LabelSet, waves: Sequence[Wave]) -> dict[int, list[Coded]]:
    """Return what was said under each version of the codebook, as it was said then.

    Only documents whose coders all answered a variable under that version are in it.
    """
    by_version: dict[int, list[Coded]] = defaultdict(list)
    for variable in labels.book.variables:
        raw: dict[int, list[tuple[str, str, Codes]]] = defaultdict(list)
        for item, given in _as_given(labels, waves, variable.id):
            versions = {version for _, version, _ in given}
            if len(versions) == 1 and (version := versions.pop()) is not None:
                raw[version] += [(item, who, codes) for who, _, codes in given]
        for version, rows in raw.items():
            by_version[version].append(_coded(labels, variable.id, waves, rows, version=version))
    return {version: by_version[version] for version in sorted(by_version)}


def _answers(
    labels: LabelSet, waves: Sequence[Wave]
) -> Iterator[tuple[str, str, dict[str, CoderAnswer]]]:
    """Yield document, coder and settled answers."""
    for wave in waves:
        coders = coders_of(labels, wave)
        for item in wave.items:
            for who in coders:
                answers = labels.state.answers(who, item)
                yield item, who, {v: a for v, a in answers.items() if a.is_settled}


def _as_given(
    labels: LabelSet, waves: Sequence[Wave], variable: str
) -> Iterator[tuple[str, list[tuple[str, int | None, Codes]]]]:
    """Yield each document with coder, version of the codebook, and codes as they were given."""
    for wave in waves:
        coders = coders_of(labels, wave)
        for item in wave.items:
            given = []
            for who in coders:
                entry = labels.state.desk(who).entry(item, ("code", variable))
                if entry is None or entry.value is None:
                    continue
                if variable not in labels.state.answers(who, item):
                    continue
                version = None if entry.missed else entry.n_changes + 1
                given.append((who, version, tuple(entry.value)))
            yield item, given


def _coded(
    labels: LabelSet,
    variable_id: str,
    waves: Sequence[Wave],
    rows: Iterable[tuple[str, str, Codes]],
    *,
    version: int | None = None,
) -> Coded:
    book = labels.book if version is None else labels.state.book_at(version)
    variable = book.variable_named(variable_id)
    codes = book.codes_of(variable_id)
    rest = (NONE,) if book.head.takes_none(variable) and not variable.multiple else ()
    values = {(item, who): frozenset(given or rest) for item, who, given in rows}
    items = {item for item, _ in values}
    wave_of = {item: wave.name for wave in waves for item in wave.items if item in items}
    points = {code.id: code.value for code in codes if code.value is not None}
    return Coded(
        variable=variable_id,
        level=variable.level,
        multiple=variable.multiple,
        codes=(*(code.id for code in codes), *rest),
        points=points if variable.level == "interval" else {},
        coders=tuple(dict.fromkeys(who for wave in waves for who in coders_of(labels, wave))),
        items=tuple(wave_of),
        values=values,
        wave_of=wave_of,
        version_of={},
    )
