"""The agreement of a study: of whole codings, by variable, code, wave, version, and pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from artifacts.errors import InputError
from labels.agreement.coded import Coded, Ratings, joint, presence, ratings
from labels.agreement.coefficients import alpha, cohen, fleiss, gwet, percent
from labels.agreement.estimate import Coefficient, undefined
from labels.agreement.prevalence import prevalence_warning
from labels.agreement.results import (
    NAMED,
    Confusion,
    Family,
    Kind,
    Report,
    Result,
    Scope,
    Settings,
    Verdict,
)
from labels.agreement.scales import (
    NOMINAL,
    ORDINAL,
    Distance,
    Shape,
    Weights,
    interval,
    masi,
    weights,
)

SHAPE: Shape = "quadratic"
"""Of the weights for ordinal and interval variables, where the study named none."""
ROUNDING = 1e-12  # 0.8 as a sum of shares can be a hair below 0.8
SEVERAL = "an item can have several codes: see the codes one by one"


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
            version: each
            for version, then in by_version.items()
            for each in then
            if each.variable == coded.variable
        }
        results += _results(coded, coded.variable, of_versions, settings)
    return Report(
        settings=settings,
        coders=whole.coders,
        results=tuple(results),
        confusions=tuple(each for coded in several for each in confusions(coded)),
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
        named = found[settings.family]
        verdict = Verdict(*(_reaches(end, settings.threshold) for end in (named.value, named.low)))
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
        within = {item for each in versions for item, _ in each.values}
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
