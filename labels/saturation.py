"""Saturation: whether further documents still bring codes that were not seen before.

The rule of Guest, Namey and Chen 2020 (doi 10.1371/journal.pone.0232076): the codes in the first
documents are the base. Then runs of a few documents are looked at, each starting one document after
the run before: the codes that are new in a run, over the number of codes in the base, are its new
information. The first run with no more of it than a threshold meets the rule. The authors write
``6+2``: after 6 documents, with a run of 2 to confirm it.

The rule was made for interviews, which hold many codes each. Where documents hold one or two, a
base of four knows few codes, and two documents without a new one come early: take a larger base and
longer runs, and set them beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from artifacts.errors import InputError
from labels.label_set import LabelSet
from labels.records import CodesOf, same_name
from labels.results import in_coding_order
from labels.sampling.frame import natural

BASE_SIZE = 4
RUN_LENGTH = 2
THRESHOLD = 0.05


@dataclass(frozen=True)
class StoppingRule:
    """When to stop.

    Attributes
    ----------
    base_size, run_length
        In documents.
    threshold
        Of the new information in a run, in [0, 1).

    Raises
    ------
    InputError
        If a value is out of its range.
    """

    base_size: int = BASE_SIZE
    run_length: int = RUN_LENGTH
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        if min(self.base_size, self.run_length) < 1:
            raise InputError("The base and a run of the saturation rule need 1 document at least.")
        if not 0 <= self.threshold < 1:
            raise InputError(
                f"The saturation rule's threshold lies between 0 and 1, not {self.threshold:g}.",
                fix="write 5 % as 0.05",
            )

    @property
    def in_words(self) -> str:
        """Return the rule as a sentence."""
        return (
            f"Rule (Guest, Namey and Chen 2020): base of {self.base_size} documents, runs of "
            f"{self.run_length}, at most {self.threshold * 100:g}% new codes in a run over those "
            "in the base."
        )


@dataclass(frozen=True)
class Run:
    """What a run of documents brought.

    Attributes
    ----------
    first, last
        The places of its documents in the order of coding, from 1.
    new
        Codes that no document before had, sorted.
    ratio
        How many, over the number of codes in the base.
    """

    first: int
    last: int
    new: tuple[str, ...]
    ratio: float


@dataclass(frozen=True)
class Saturation:
    """How new codes came in, and whether the rule is met.

    Attributes
    ----------
    new_codes
        Of each document, in the order of coding: the codes that no document before had, sorted.
    base
        The codes of the base, sorted.
    runs
        All of them, also those after the rule was met; none where there are too few documents or
        no codes in the base.
    met
        The first run that meets the rule, or None.
    """

    rule: StoppingRule
    new_codes: tuple[tuple[str, ...], ...]
    base: tuple[str, ...]
    runs: tuple[Run, ...]
    met: Run | None

    @property
    def notation(self) -> str | None:
        """Return where the rule is met as its authors write it, ``6+2``, or None."""
        return None if self.met is None else f"{self.met.first - 1}+{self.rule.run_length}"

    @property
    def n_after(self) -> int:
        """Return how many codes were new after the rule was met; 0 if it is not met."""
        return 0 if self.met is None else sum(map(len, self.new_codes[self.met.last :]))

    @property
    def caution(self) -> str | None:
        """Return a sentence where one new code in a run is too many already, or None."""
        if not self.base or self.rule.threshold * len(self.base) >= 1:
            return None
        return (
            f"Codes in the base: {len(self.base)}. A single new one is {1 / len(self.base):.0%}, "
            "so that the rule asks for runs without any: make them long."
        )

    @property
    def sentence(self) -> str:
        """Return in words whether the rule is met, and why not."""
        rule, n_items = self.rule, len(self.new_codes)
        asked = f"at most {rule.threshold * 100:g}% new codes in a run of {rule.run_length}"
        if self.met is not None:
            return (
                f"Met at {self.notation} (documents {self.met.first}–{self.met.last}: "
                f"{len(self.met.new)} new on {len(self.base)} in the base, {self.met.ratio:.0%}); "
                f"documents after it: {n_items - self.met.last:,}, "
                f"new codes in them: {self.n_after:,}."
            )
        if n_items < rule.base_size + rule.run_length:
            return (
                f"Not to be told yet: {n_items} documents are coded, and a base of "
                f"{rule.base_size} with a run of {rule.run_length} needs "
                f"{rule.base_size + rule.run_length}."
            )
        if not self.base:
            return (
                f"Undefined: no document of the base of {rule.base_size} has a code, "
                "and new codes are counted against those."
            )
        last = self.runs[-1]
        return f"Not met ({asked}): the last run brought {len(last.new)}, {last.ratio:.0%}."

    def values(self) -> dict[str, Any]:
        """Return the rule, the new codes of each document and run, and the outcome."""
        return {
            "rule": self.rule,
            "documents": len(self.new_codes),
            "base": self.base,
            "new_codes": self.new_codes,
            "runs": self.runs,
            "met": self.notation,
            "met_after": None if self.met is None else self.met.last,
            "new_after": self.n_after,
            "sentence": self.sentence,
            "caution": self.caution,
        }


def saturation(codes_of: Sequence[CodesOf], *, rule: StoppingRule) -> Saturation:
    """Return how new codes came in, and whether the rule is met.

    Parameters
    ----------
    codes_of
        The codes of each document, in the order of coding; empty where none applies: it counts as
        a document.
    """
    seen: set[str] = set()
    new_codes = []
    for its in codes_of:
        new_codes.append(tuple(sorted(set(its) - seen)))
        seen.update(its)
    base = _joined(new_codes[: rule.base_size])
    starts = range(rule.base_size, len(new_codes) - rule.run_length + 1) if base else ()
    runs = []
    for start in starts:
        new = _joined(new_codes[start : start + rule.run_length])
        runs.append(Run(start + 1, start + rule.run_length, new, len(new) / len(base)))
    met = next((run for run in runs if run.ratio <= rule.threshold), None)
    return Saturation(rule, tuple(new_codes), base, tuple(runs), met)


def saturation_by(
    codes_of: Sequence[CodesOf], strata: Sequence[str], *, rule: StoppingRule
) -> dict[str, Saturation]:
    """Return the saturation of each stratum as if it were coded alone, in order of the names.

    Parameters
    ----------
    strata
        The stratum of each document.
    """
    pairs = list(zip(codes_of, strata, strict=True))
    return {
        stratum: saturation([its for its, where in pairs if where == stratum], rule=rule)
        for stratum in sorted(set(strata), key=natural)
    }


def saturation_of(
    labels: LabelSet, coder: str, variable: str | None, *, rule: StoppingRule, strata: bool
) -> tuple[Saturation, dict[str, Saturation]]:
    """Return the saturation of a coder's codes of one variable, and, if wanted, by stratum.

    A coder may look at the own saturation while a wave is open.

    Raises
    ------
    InputError
        If the variable is not there, or the coder coded nothing.
    """
    name, coder = labels.book.variable_named(variable).id, same_name(coder)
    state = labels.state
    items = in_coding_order(labels, state.wave_of, coder)
    coded = [
        (item, answer.codes)
        for item in items
        if (answer := state.answers(coder, item).get(name)) is not None
    ]
    if not coded:
        coders = ", ".join(labels.coders()) or "nobody yet"
        raise InputError(f"'{coder}' coded nothing of '{name}'.", fix=f"coders: {coders}")
    codes = [codes for _, codes in coded]
    stratum_of = {item: s for wave in state.waves.values() for item, s in wave.strata.items()}
    by_stratum = (
        saturation_by(codes, [stratum_of[item] for item, _ in coded], rule=rule) if strata else {}
    )
    return saturation(codes, rule=rule), by_stratum


def _joined(new_codes: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(code for codes in new_codes for code in codes))
