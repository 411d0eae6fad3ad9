"""The agreement of a study: of whole codings, by variable, code, wave, version, and pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from artifacts.errors import InputError
from labels.agreement.coded import JOINT, Coded, coded_by_version, coded_variables, joint
from labels.agreement.coefficients import (
    MISSING,
    NOMINAL,
    ORDINAL,
    RESAMPLES,
    Coefficient,
    Distance,
    Ratings,
    Resampling,
    Shape,
    Weights,
    alpha,
    cohen,
    fleiss,
    gwet,
    interval,
    masi,
    percent,
    presence,
    ratings,
    undefined,
    weights,
)
from labels.label_set import LabelSet
from labels.waves import closed_waves

SHAPE: Shape = "quadratic"
"""Of the weights for ordinal and interval variables, where the study named none."""
ROUNDING = 1e-12  # 0.8 as a sum of shares can be a hair below 0.8
SEVERAL = "an item can have several codes: see the codes one by one"
COMMON = 0.8
"""Share of the values that makes one value common, and of the pairs that makes agreement high."""
LOW = 0.4
"""A coefficient below it is low."""

STAR = "★"
"""Marks the coefficient that was named beforehand."""
WHOLE = (
    "All variables: two codings are the same if they are in every variable. An item counts for a "
    "coder who gave it a value of any; a variable left without one is part of the coding."
)

Family = Literal["percent", "cohen", "fleiss", "alpha", "gwet"]
Kind = Literal["overall", "variable", "code", "wave", "version", "pair"]

NAMED: dict[str, tuple[Family, Shape | None]] = {
    "percent": ("percent", None),
    "cohen": ("cohen", None),
    "cohen-linear": ("cohen", "linear"),
    "cohen-quadratic": ("cohen", "quadratic"),
    "fleiss": ("fleiss", None),
    "alpha": ("alpha", None),
    "ac1": ("gwet", None),
    "ac2-linear": ("gwet", "linear"),
    "ac2-quadratic": ("gwet", "quadratic"),
    "ac2-ordinal": ("gwet", "ordinal"),
}
"""What a study can name beforehand. Without an order of codes, weights change nothing."""


@dataclass(frozen=True)
class Settings:
    """What the study settled before it coded, and how intervals are drawn.

    Attributes
    ----------
    named
        The coefficient that counts, a key of `NAMED`.
    threshold
        What it should reach, above 0 and at most 1.

    Raises
    ------
    InputError
        If a setting is out of range, or there is a threshold for no coefficient.
    """

    seed: int
    named: str | None = None
    threshold: float | None = None
    resamples: int = RESAMPLES

    def __post_init__(self) -> None:
        if self.named is not None and self.named not in NAMED:
            raise InputError(
                f"There is no coefficient '{self.named}'.", fix=f"take one of {', '.join(NAMED)}"
            )
        if self.threshold is not None and self.named is None:
            raise InputError("There is a threshold, but no coefficient that should reach it.")
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise InputError(f"The threshold {self.threshold:g} is not above 0 and at most 1.")
        if self.resamples < 0:
            raise InputError(f"There cannot be {self.resamples} resamples.")
        if self.seed < 0:
            raise InputError(f"The seed {self.seed} is below 0.", fix="take 0 or more")

    @property
    def resampling(self) -> Resampling:
        """Return how intervals are drawn."""
        return Resampling(self.seed, self.resamples)

    @property
    def family(self) -> Family | None:
        """Return where the named coefficient stands among the results."""
        return None if self.named is None else NAMED[self.named][0]


@dataclass(frozen=True)
class Scope:
    """What a result is of.

    Attributes
    ----------
    variable
        None for whole codings.
    part
        The code, wave, version or pair; None for the whole.
    """

    kind: Kind
    variable: str | None
    part: str | None

    @property
    def title(self) -> str:
        """Return what people call it."""
        return self.label if self.part is None else f"{self.variable or JOINT}, {self.label}"

    @property
    def label(self) -> str:
        """Return what tells it from others of the same variable."""
        if self.part is None:
            return self.variable or JOINT
        return self.part if self.kind == "pair" else f"{self.kind} {self.part}"


@dataclass(frozen=True)
class AgreementVerdict:
    """Whether the named coefficient, and the lower bound of its interval, reach the threshold.

    Each is None where there is no value, or no interval.
    """

    by_value: bool | None
    by_low: bool | None


@dataclass(frozen=True)
class Result:
    """The agreement within one scope.

    Attributes
    ----------
    verdict
        None unless the study named a coefficient and a threshold.
    given
        For a code: how many items each coder gave it to. Else empty.
    warning
        What prevalence does to the coefficients, if it does.
    """

    scope: Scope
    coefficients: Mapping[Family, Coefficient]
    verdict: AgreementVerdict | None
    given: Mapping[str, int]
    warning: str | None


@dataclass(frozen=True)
class Confusion:
    """Which codes two coders gave to the items that both coded, in the order of the codebook.

    Attributes
    ----------
    counts
        Rows are the first coder's codes, columns the second's.
    """

    variable: str
    coders: tuple[str, str]
    codes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Report:
    """All results, the confusions of every two coders, and what to know of both."""

    settings: Settings
    coders: tuple[str, ...]
    results: tuple[Result, ...]
    confusions: tuple[Confusion, ...]
    notes: tuple[str, ...]

    def of(self, *kinds: Kind) -> tuple[Result, ...]:
        """Return the results of scopes of those kinds."""
        return tuple(result for result in self.results if result.scope.kind in kinds)

    def legend(self) -> list[str]:
        """Return what the figures are, and how the one that was named beforehand fared."""
        settings, whole = self.settings, self.of("overall", "variable")
        lines = [
            "items: coded by two coders or more. (a–b): 95 % interval, "
            f"{settings.resamples:,} resamples of the items."
        ]
        computed: dict[str, list[str]] = {}
        for result in whole:
            names = "; ".join(coefficient.name for coefficient in result.coefficients.values())
            computed.setdefault(names, []).append(result.scope.title)
        lines += [f"{', '.join(titles)}: {names}." for names, titles in computed.items()]
        if self.of("overall"):
            lines.append(WHOLE)
        if settings.named is not None:
            threshold = "" if settings.threshold is None else f", to reach {settings.threshold:.2f}"
            lines.append(f"{STAR} named beforehand: {settings.named}{threshold}.")
            lines += [_sentence(result, settings.family) for result in whole]
        return [*lines, *self.notes]

    def warnings(self, *kinds: Kind) -> list[str]:
        """Return the warnings on the results of scopes of those kinds."""
        results = self.of(*kinds)
        return [f"{result.scope.title}: {result.warning}." for result in results if result.warning]

    def values(self) -> dict[str, Any]:
        """Return the report as plain values."""
        settings = self.settings
        return {
            "named": settings.named,
            "threshold": settings.threshold,
            "seed": settings.seed,
            "resamples": settings.resamples,
            "coders": self.coders,
            "results": [
                {
                    "scope": result.scope,
                    "coefficients": [
                        {**vars(found), "named": family == settings.family}
                        for family, found in result.coefficients.items()
                    ],
                    "verdict": result.verdict,
                    "given": result.given,
                    "warning": result.warning,
                }
                for result in self.results
            ],
            "confusions": self.confusions,
            "notes": self.notes,
        }


def _sentence(result: Result, family: Family | None) -> str:
    """Return whether the named coefficient reaches the threshold; empty without a threshold."""
    if family is None or result.verdict is None:
        return ""
    found, by_low = result.coefficients[family], result.verdict.by_low
    if found.value is None:
        return f"{STAR} {result.scope.title}: undefined."
    start = f"{STAR} {result.scope.title}: {found.value:.3f} {_says(result.verdict.by_value)} it"
    if found.low is None or by_low is None:
        return f"{start}; there is no lower bound to judge by."
    return f"{start}; the lower bound {found.low:.3f} {_says(by_low)} it."


def _says(reached: bool | None) -> str:
    return "reaches" if reached else "does not reach"


def agreement(
    labels: LabelSet, waves: Sequence[str] | None, *, seed: int, resamples: int
) -> Report:
    """Return how far the coders of closed waves agree.

    The coefficient that counts is the one that was named as the set was made. Labels are read
    under the present codebook; those of each version, as they were given then.

    Raises
    ------
    InputError
        If a wave is open, or nobody coded anything.
    """
    chosen = closed_waves(labels, waves)
    named = labels.named
    settings = Settings(
        seed=seed,
        named=None if named is None else named.coefficient,
        threshold=None if named is None else named.threshold,
        resamples=resamples,
    )
    # The log counts versions from 1; people, from that of the codebook's file.
    ahead = labels.book.head.version - 1
    by_version = coded_by_version(labels, chosen) if labels.state.changes else {}
    return measure(
        coded_variables(labels, chosen),
        by_version={version + ahead: coded for version, coded in by_version.items()},
        settings=settings,
    )


def measure(
    several: Sequence[Coded],
    *,
    settings: Settings,
    by_version: Mapping[int, Sequence[Coded]] | None = None,
) -> Report:
    """Return the agreement on one or more variables of a study.

    Whole codings (`joint`) are a scope of their own where there are several variables. A wave, a
    version or a pair that is all there is would say the same again, and is left out.

    Parameters
    ----------
    by_version
        What was coded under each version of the codebook, with the codes of that version; without
        it the versions are the items of each in `Coded.version_of`.

    Raises
    ------
    InputError
        If there is no variable, or one twice.
    """
    names = [coded.variable for coded in several]
    if not names or len(set(names)) < len(names):
        raise InputError("There is no variable to measure agreement on, or one stands twice.")
    if by_version is None:
        by_version = _by_version(several)
    whole = joint(several)
    results: list[Result] = []
    if len(several) > 1:
        of_versions = {version: joint(then) for version, then in by_version.items() if then}
        results += _results(whole, None, of_versions, settings)
    for coded in several:
        of_versions = {
            version: other
            for version, then in by_version.items()
            for other in then
            if other.variable == coded.variable
        }
        results += _results(coded, coded.variable, of_versions, settings)
    return Report(
        settings=settings,
        coders=whole.coders,
        results=tuple(results),
        confusions=tuple(confusion for coded in several for confusion in confusions(coded)),
        notes=tuple(_notes(several, by_version)),
    )


def confusions(coded: Coded) -> Iterator[Confusion]:
    """Yield who gave which code where, for every two coders with items in common.

    There is none of a variable with several codes an item.
    """
    if coded.multiple:
        return
    for one, other in combinations(coded.coders, 2):
        both = [
            (*coded.values[item, one], *coded.values[item, other])  # of one code each
            for item in coded.items
            if (item, one) in coded.values and (item, other) in coded.values
        ]
        if both:
            n_items = Counter(both)
            counts = tuple(tuple(n_items[a, b] for b in coded.codes) for a in coded.codes)
            yield Confusion(coded.variable, (one, other), coded.codes, counts)


def _by_version(several: Sequence[Coded]) -> dict[int, list[Coded]]:
    versions = sorted({version for coded in several for version in coded.version_of.values()})
    return {
        version: [
            coded.subset([item for item, each in coded.version_of.items() if each == version])
            for coded in several
        ]
        for version in versions
    }


def _results(
    coded: Coded, variable: str | None, of_versions: Mapping[int, Coded], settings: Settings
) -> Iterator[Result]:
    """Yield the whole, each code, wave, version, and pair of one variable or of whole codings."""
    kind: Kind = "overall" if variable is None else "variable"
    yield _result(Scope(kind, variable, None), coded, settings)
    if variable is not None:
        for code in coded.codes:
            yield _of_code(coded, code, settings)
    for kind, part, subset in (*_waves(coded), *_versions(coded, of_versions), *_pairs(coded)):
        yield _result(Scope(kind, variable, part), subset, settings)


def _waves(coded: Coded) -> Iterator[tuple[Kind, str, Coded]]:
    for wave in dict.fromkeys(coded.wave_of.get(item) for item in coded.items):
        items = [item for item in coded.items if coded.wave_of.get(item) == wave]
        if wave is not None and len(items) < len(coded.items):
            yield "wave", wave, coded.subset(items)


def _versions(coded: Coded, of_versions: Mapping[int, Coded]) -> Iterator[tuple[Kind, str, Coded]]:
    for version, then in sorted(of_versions.items()):
        if then.values and then.values != coded.values:
            yield "version", str(version), then


def _pairs(coded: Coded) -> Iterator[tuple[Kind, str, Coded]]:
    """Yield every two coders with the items that both coded, if there are more coders."""
    if len(coded.coders) > 2:
        for one, other in combinations(coded.coders, 2):
            both = [i for i in coded.items if {(i, one), (i, other)} <= coded.values.keys()]
            yield "pair", f"{one} × {other}", coded.of_coders((one, other)).subset(both)


def _result(scope: Scope, coded: Coded, settings: Settings) -> Result:
    numbers = ratings(coded)
    found = _coefficients(coded, numbers, settings)
    return _judged(scope, numbers, found, settings)


def _of_code(coded: Coded, code: str, settings: Settings) -> Result:
    numbers = presence(coded, code)
    found = _computed(numbers, NOMINAL, {}, settings)
    given = {
        coder: sum(code in value for (_, by), value in coded.values.items() if by == coder)
        for coder in coded.coders
    }
    return _judged(Scope("code", coded.variable, code), numbers, found, settings, given=given)


def _judged(
    scope: Scope,
    numbers: Ratings,
    found: Mapping[Family, Coefficient],
    settings: Settings,
    *,
    given: Mapping[str, int] | None = None,
) -> Result:
    verdict = None
    if settings.family is not None and settings.threshold is not None:
        named, threshold = found[settings.family], settings.threshold
        reached = (_reaches(end, threshold) for end in (named.value, named.low))
        verdict = AgreementVerdict(*reached)
    depressed = {"Cohen's κ": found["cohen"], "Fleiss' κ": found["fleiss"], "α": found["alpha"]}
    warning = prevalence_warning(numbers, found["percent"], depressed, binary=scope.kind == "code")
    return Result(scope, found, verdict, given or {}, warning)


def _reaches(value: float | None, threshold: float) -> bool | None:
    return None if value is None else value >= threshold - ROUNDING


def _coefficients(
    coded: Coded, numbers: Ratings, settings: Settings
) -> Mapping[Family, Coefficient]:
    if coded.multiple:
        return {
            "percent": percent(numbers, resampling=settings.resampling),
            "cohen": undefined("cohen", "Cohen's κ", numbers, SEVERAL),
            "fleiss": undefined("fleiss", "Fleiss' κ", numbers, SEVERAL),
            "alpha": alpha(numbers, distance=masi(numbers.values), resampling=settings.resampling),
            "gwet": undefined("ac1", "Gwet's AC1", numbers, SEVERAL),
        }
    distance = NOMINAL
    if coded.level == "ordinal":
        distance = ORDINAL
    elif coded.level == "interval":
        distance = interval([coded.points[code] for code in coded.codes])
    return _computed(numbers, distance, _weights(coded, settings), settings)


def _computed(
    numbers: Ratings,
    distance: Distance,
    by_family: Mapping[Family, Weights],
    settings: Settings,
) -> Mapping[Family, Coefficient]:
    how = settings.resampling
    return {
        "percent": percent(numbers, resampling=how),
        "cohen": cohen(numbers, weights=by_family.get("cohen"), resampling=how),
        "fleiss": fleiss(numbers, resampling=how),
        "alpha": alpha(numbers, distance=distance, resampling=how),
        "gwet": gwet(numbers, weights=by_family.get("gwet"), resampling=how),
    }


def _weights(coded: Coded, settings: Settings) -> dict[Family, Weights]:
    """Return those that the study named for a family, or the usual ones; absent: none."""
    if coded.level == "nominal" or len(coded.codes) < 2:
        return {}
    shapes: dict[Family, Shape | None] = {"cohen": SHAPE, "gwet": SHAPE}
    if settings.named is not None:
        family, shape = NAMED[settings.named]
        shapes[family] = shape
    points = [coded.points.get(code, number) for number, code in enumerate(coded.codes, start=1)]
    return {family: weights(shape, points) for family, shape in shapes.items() if shape is not None}


def _notes(several: Sequence[Coded], by_version: Mapping[int, Sequence[Coded]]) -> Iterator[str]:
    mixed: dict[frozenset[str], list[str]] = {}
    for coded in several:
        versions = [c for then in by_version.values() for c in then if c.variable == coded.variable]
        within = {item for version in versions for item, _ in version.values}
        n_coders = Counter(item for item, _ in coded.values)
        items = frozenset(item for item, n in n_coders.items() if n > 1 and item not in within)
        if within and items:
            mixed.setdefault(items, []).append(coded.variable)
    for items, variables in mixed.items():
        names = ", ".join(variables)
        yield (
            f"{names}: coded under different versions of the codebook, so in none of them: "
            f"{len(items):,}."
        )


def prevalence_warning(
    ratings: Ratings, observed: Coefficient, corrected: Mapping[str, Coefficient], *, binary: bool
) -> str | None:
    """Return a sentence with the figures if prevalence depresses coefficients, else None.

    That is (Feinstein and Cicchetti 1990) where coders agree on `COMMON` of the pairs while a
    coefficient is below `LOW`, or where one value holds `COMMON` of what was given. The second does
    not count for one code against the rest (`binary`): the rest is nearly always that common.

    Parameters
    ----------
    corrected
        Those that prevalence depresses, by a short name: κ and α, not AC1.
    """
    given = ratings.matrix[ratings.matrix != MISSING]
    defined = [(name, each.value) for name, each in corrected.items() if each.value is not None]
    if observed.value is None or not len(given):
        return None
    low = observed.value >= COMMON and any(value < LOW for _, value in defined)
    counts = np.bincount(given, minlength=ratings.n_values)
    share = float(counts.max() / len(given))
    if not low and (binary or share < COMMON):
        return None
    codes = " + ".join(sorted(ratings.values[int(counts.argmax())]))
    common = codes or ("its absence" if binary else "no code")
    figures = ", ".join(f"{name} {value:.2f}" for name, value in defined) or "κ and α undefined"
    return (
        f"{common} is {share:.0%} of what was given, so much agreement is expected by chance, and "
        f"κ and α are low for it: {observed.value:.0%} of the pairs agree, {figures} "
        "(Feinstein and Cicchetti 1990)"
    )
