"""How many to draw, drawing them at random, more of them later, waves, and what is coded twice.

Each document has a permanent random number, made of the seed and its key (Ohlsson 1995: permanent
random numbers), and the smallest numbers of a stratum are drawn. So a larger sample holds the
smaller one of the same seed, and to draw more is to take the next numbers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from artifacts.errors import InputError
from artifacts.hashing import hash_text
from artifacts.intervals import LEVEL
from labels.sampling.allocation import Rule, allocate
from labels.sampling.frame import Frame

ALL = "all"
"""The one stratum of a simple sample."""
MARGIN = 0.05
PROPORTION = 0.5
"""The share with the widest margin: to be used where nothing is known of it."""
SamplingMethod = Literal["simple", "stratified"]
_HASH_SHOWN = 12
_NOISE = 1e-9
"""What floating point may add to a whole number, so that it is not rounded up to the next."""
_RULES = {
    "proportional": "proportional allocation",
    "equal": "equal allocation",
    "neyman": "Neyman allocation",
}


def z_score(level: float) -> float:
    """Return how many standard errors to each side hold a normal variable at this level.

    Raises
    ------
    InputError
        If the level is not in (0, 1).
    """
    check_share(level, "The level")
    from scipy.special import ndtri

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


@dataclass(frozen=True)
class Drawn:
    """A document that was drawn.

    Attributes
    ----------
    probability
        With which it was drawn: how many of its stratum were, of how many. One over it is the
        design weight.
    """

    key: str
    stratum: str
    probability: float


@dataclass(frozen=True)
class Stratum:
    """How many documents a stratum holds, and how many were drawn."""

    name: str
    n_population: int
    n_drawn: int


@dataclass(frozen=True)
class Design:
    """How a sample was drawn: with the same frame, enough to draw it again.

    Attributes
    ----------
    question
        What the sample is to answer, in words.
    level
        Of the intervals, in (0, 1).
    frame_hash
        Of the population: `Frame.hash`.
    by
        What the strata are, in words; None for a simple sample.
    rule
        By which the numbers of the strata were set; None: they were given, or there is one stratum.
    """

    method: SamplingMethod
    question: str
    seed: int
    level: float
    frame_hash: str
    strata: tuple[Stratum, ...]
    by: str | None = None
    rule: Rule | None = None


@dataclass(frozen=True)
class Sample:
    """Documents drawn at random, in the order to label them, and how they were drawn.

    In that order each part of the sample, from the first document on, is itself spread over the
    strata as the whole is; what was drawn later stands after what was drawn before.
    """

    units: tuple[Drawn, ...]
    design: Design

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order to label them."""
        return tuple(unit.key for unit in self.units)

    @property
    def n_population(self) -> int:
        """Return how many documents there are to draw from."""
        return sum(stratum.n_population for stratum in self.design.strata)

    @property
    def margin(self) -> float | None:
        """Return the widest margin of a share of the population: that of 1/2 in every stratum.

        e = z √(Σ W²·(1/4)/n·(N−n)/(N−1)), W the share of a stratum in the population (Cochran 1977,
        section 5.10). None where nothing was drawn from a stratum: the margin has no end.
        """
        strata = self.design.strata
        if not all(stratum.n_drawn for stratum in strata):
            return None
        variance = sum(
            (stratum.n_population / self.n_population) ** 2
            * (stratum.n_population - stratum.n_drawn)
            / (4 * stratum.n_drawn * max(1, stratum.n_population - 1))
            for stratum in strata
        )
        return z_score(self.design.level) * math.sqrt(variance)

    @property
    def in_words(self) -> str:
        """Return how the sample was drawn, in words that a paper can quote."""
        design = self.design
        margin = (
            "no margin, as a stratum gave none"
            if self.margin is None
            else f"margin at most ±{self.margin:.1%} at {design.level * 100:g}%"
        )
        return (
            f"{len(self.units):,} of {self.n_population:,} documents, drawn at random without "
            f"replacement, {_strata_in_words(design)}, seed {design.seed}; {margin}. "
            f"Question: {design.question} "
            f"Population: SHA-256 {design.frame_hash[:_HASH_SHOWN]}…"
        )

    def values(self) -> dict[str, Any]:
        """Return the design and the documents as plain values."""
        return {
            "design": self.design,
            "design_in_words": self.in_words,
            "documents": len(self.units),
            "population": self.n_population,
            "margin": self.margin,
            "units": self.units,
        }


def _strata_in_words(design: Design) -> str:
    if design.method == "simple":
        return "not stratified"
    if design.rule is None:
        return f"stratified by {design.by}, with given numbers"
    rule = design.rule
    least = f" with at least {rule.minimum} of each stratum" if rule.minimum else ""
    return f"stratified by {design.by}, {_RULES[rule.name]}{least}"


def draw_simple(frame: Frame, n: int, *, seed: int, question: str, level: float = LEVEL) -> Sample:
    """Draw n documents at random from the whole frame.

    Raises
    ------
    InputError
        If n is less than 1 or more than there are, or the level is out of range.
    """
    design = _design(frame, "simple", seed=seed, question=question, level=level)
    return _drawn(frame, design, {ALL: n})


def draw_stratified(
    frame: Frame, n: int, *, rule: Rule, by: str, seed: int, question: str, level: float = LEVEL
) -> Sample:
    """Draw n documents at random, shared out over the strata by a rule.

    Parameters
    ----------
    by
        What the strata are, in words: ``topic (noise included)``.

    Raises
    ------
    InputError
        If the rule cannot share out n, or the level is out of range.
    """
    design = _design(frame, "stratified", seed=seed, question=question, level=level)
    return _drawn(frame, replace(design, by=by, rule=rule), allocate(frame.sizes, n, rule=rule))


def extend(sample: Sample, frame: Frame, n: int) -> Sample:
    """Return the sample with more documents, n in all, by its own rule; none is dropped.

    A simple sample becomes the one that n drawn at once would be. In a stratified one a stratum
    keeps what it gave, even where the rule would now ask for less.

    Raises
    ------
    InputError
        If the frame is another one, n is smaller than the sample or more than there are, or the
        numbers of the strata were given: there is no rule then.
    """
    design = sample.design
    if n < len(sample.units):
        raise InputError(
            f"The sample has {len(sample.units):,} documents: it cannot shrink to {n:,}.",
            fix="ask for as many as there are to be in all",
        )
    if design.method == "simple":
        return extend_numbers(sample, frame, {ALL: n})
    if design.rule is None:
        raise InputError(
            "The numbers of the strata were given: no rule says how to share out more.",
            fix="give the new numbers of the strata",
        )
    kept = {stratum.name: stratum.n_drawn for stratum in design.strata}
    sizes = {stratum.name: stratum.n_population for stratum in design.strata}
    return extend_numbers(sample, frame, allocate(sizes, n, rule=design.rule, kept=kept))


def extend_numbers(sample: Sample, frame: Frame, numbers: Mapping[str, int]) -> Sample:
    """Return the sample with so many documents in all from each stratum; none is dropped.

    It holds what these numbers drawn at once would give. The documents that are new come last.

    Raises
    ------
    InputError
        If the frame is another one, or a stratum is unknown, holds fewer, or gave more already.
    """
    design = sample.design
    drawn_from, given = design.frame_hash, frame.hash
    if given != drawn_from:
        raise InputError(
            "The documents to draw from, or their strata, are not those of the sample.",
            where=f"the sample's are {drawn_from[:_HASH_SHOWN]}, these {given[:_HASH_SHOWN]}",
            fix="take the snapshot and taxonomy that it was drawn from, or draw a new sample",
        )
    for stratum in design.strata:
        if numbers.get(stratum.name, 0) < stratum.n_drawn:
            raise InputError(
                f"The stratum '{stratum.name}' gave {stratum.n_drawn:,} documents already.",
                fix="ask for as many as it is to give in all",
            )
    return _drawn(frame, design, numbers, before=sample.keys)


def waves(sample: Sample, sizes: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """Split the sample into waves of these sizes, in order: first the pilot; last what is left.

    Raises
    ------
    InputError
        If a wave would be empty, or the sample is too small for them.
    """
    if any(size < 1 for size in sizes):
        raise InputError("A wave needs at least 1 document.")
    if sum(sizes) > len(sample.units):
        raise InputError(
            f"The waves need {sum(sizes):,} documents, and the sample has {len(sample.units):,}.",
            fix="make the waves smaller, or extend the sample",
        )
    starts = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    ends = [*starts[1:], len(sample.units)]
    split = (sample.keys[start:end] for start, end in zip(starts, ends, strict=True))
    return tuple(wave for wave in split if wave)


def overlap(units: Sequence[Drawn], *, share: float, seed: int) -> tuple[str, ...]:
    """Return the documents that a second coder codes too: a share of them, drawn at random.

    It is spread over the strata in proportion, with one at least from each. The order is that of
    the units.

    Raises
    ------
    InputError
        If the share is not in [0, 1].
    """
    if not 0 <= share <= 1:
        raise InputError(f"The share to code twice lies between 0 and 1, and this is {share:g}.")
    if not share:
        return ()
    pools: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        pools[unit.stratum].append(unit.key)
    sizes = {name: len(keys) for name, keys in pools.items()}
    n = max(len(sizes), math.ceil(round(share * len(units), 9)))
    numbers = allocate(sizes, n, rule=Rule("proportional"))
    chosen: set[str] = set()
    for name, keys in pools.items():
        ranked = sorted(keys, key=lambda key: _random_number("overlap", seed, key))
        chosen.update(ranked[: numbers[name]])
    return tuple(unit.key for unit in units if unit.key in chosen)


def _design(
    frame: Frame, method: SamplingMethod, *, seed: int, question: str, level: float
) -> Design:
    check_share(level, "The level")
    return Design(method, question, seed, level, frame.hash, strata=())


def _drawn(
    frame: Frame, design: Design, numbers: Mapping[str, int], *, before: tuple[str, ...] = ()
) -> Sample:
    """Draw the numbers from the strata; what was drawn before comes first, as it stood."""
    pools = _pools(frame, design)
    _check_numbers({name: len(keys) for name, keys in pools.items()}, numbers)
    strata = tuple(Stratum(name, len(keys), numbers.get(name, 0)) for name, keys in pools.items())
    taken = {stratum.name: pools[stratum.name][: stratum.n_drawn] for stratum in strata}
    stratum_of = {key: stratum for stratum in strata for key in taken[stratum.name]}
    old = set(before)
    if not old <= stratum_of.keys():
        raise InputError(
            "The sample holds documents that its seed does not draw: it was changed by hand.",
            fix="draw a new sample",
        )
    new = [[key for key in keys if key not in old] for keys in taken.values()]
    units = tuple(
        Drawn(key, stratum_of[key].name, stratum_of[key].n_drawn / stratum_of[key].n_population)
        for key in (*before, *_spread_out(new, design.seed))
    )
    return Sample(units, replace(design, strata=strata))


def _pools(frame: Frame, design: Design) -> dict[str, list[str]]:
    """Return the keys of each stratum, in the order of their random numbers."""
    pools: dict[str, list[str]] = (
        {ALL: []} if design.method == "simple" else {name: [] for name in frame.sizes}
    )
    for unit in sorted(
        frame.units, key=lambda unit: (_random_number("draw", design.seed, unit.key), unit.key)
    ):
        pools[ALL if design.method == "simple" else unit.stratum].append(unit.key)
    return pools


def _spread_out(strata: Sequence[Sequence[str]], seed: int) -> list[str]:
    """Return the keys of all strata in one order, in which those of each are evenly spread."""
    places = {
        key: ((2 * place + 1) / (2 * len(keys)), _random_number("draw", seed, key))
        for keys in strata
        for place, key in enumerate(keys)
    }
    return sorted(places, key=lambda key: (places[key], key))


def _check_numbers(sizes: Mapping[str, int], numbers: Mapping[str, int]) -> None:
    for name, number in numbers.items():
        if name not in sizes:
            raise InputError(f"There is no stratum '{name}'.", fix=f"strata are {', '.join(sizes)}")
        if not 0 <= number <= sizes[name]:
            raise InputError(
                f"{number:,} cannot be drawn from the stratum '{name}': it holds {sizes[name]:,}."
            )
    if not any(numbers.values()):
        raise InputError("No document is to be drawn.", fix="draw at least 1")


def _random_number(purpose: str, seed: int, key: str) -> str:
    """Return a document's random number for a purpose: digits after the point, in base 16."""
    return hash_text(f"{purpose}\n{seed}\n{key}")
