"""The coefficients: percent agreement, Cohen's and Fleiss' κ, Krippendorff's α, Gwet's AC1 and AC2.

Each is a function of sums over items, so that a resample of the items is a weighted sum: items
alike in what matters are one *type*, and a statistic takes how often each type was drawn.

What counts
    An item that nobody coded never does. One that one coder coded says how common codes are in
    Fleiss' κ and in Gwet's AC (as in Gwet 2014), and nothing elsewhere.

How far apart two values are is said by distances for α, and by weights of part agreement for κ and
AC2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import Estimate, bootstrap_counts, percentile_estimate
from labels.agreement.coded import Coded

MISSING = -1
RESAMPLES = 2000

NO_COMPARISON = "no item was coded by two coders"
NO_CHANCE = "only one value was given, so no disagreement can be expected by chance (0/0)"

Statistic = Callable[[Doubles], Doubles]
"""From n × n_types, how often each type of item was drawn, to n values; NaN where undefined."""

Shape = Literal["linear", "quadratic", "ordinal"]


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


@dataclass(frozen=True)
class Resampling:
    """How intervals are drawn: items with replacement, from this seed."""

    seed: int
    resamples: int = RESAMPLES


@dataclass(frozen=True)
class Coefficient:
    """One coefficient: an estimate, by whom it was coded.

    Attributes
    ----------
    key, name
        For machines and for people.
    value
        At most 1; None if it is undefined.
    low, high
        95 % percentile interval over items (Efron and Tibshirani 1993, chapter 13), or None.
    reason
        Why there is no value, or no interval.
    n_items
        All, coded or not.
    n_pairable
        Those that at least two coders coded.
    n_coders
        Those who coded anything.
    n_missing
        Values that those coders did not give to those items.
    n_undefined
        Resamples in which the coefficient is undefined, left out of the interval.
    """

    key: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    reason: str | None
    n_items: int
    n_pairable: int
    n_coders: int
    n_missing: int
    n_undefined: int


def undefined(key: str, name: str, ratings: Ratings, reason: str) -> Coefficient:
    """Return a coefficient without a value, and why."""
    return _coefficient(key, name, ratings, Estimate(None, None, None, 0, reason))


def estimate(
    key: str,
    name: str,
    ratings: Ratings,
    numbers: Integers,
    statistic: Statistic,
    *,
    resampling: Resampling,
) -> Coefficient:
    """Return a coefficient with its interval.

    Parameters
    ----------
    numbers
        Of items of each type; alike items are one type, so that resamples stay small.
    statistic
        Of such numbers.
    """
    n = int(numbers.sum())
    value = float(statistic(numbers[None, :].astype(np.float64))[0])
    if np.isnan(value):
        return undefined(key, name, ratings, NO_CHANCE)
    if resampling.resamples == 0:
        none = Estimate(value, None, None, n, "no resamples were asked for")
        return _coefficient(key, name, ratings, none)
    drawn = np.concatenate(
        [*map(statistic, bootstrap_counts(numbers, resampling.resamples, seed=resampling.seed))]
    )
    estimated = percentile_estimate(value, drawn, n=n)
    defined = drawn[~np.isnan(drawn)]
    if estimated.reason is None and np.ptp(defined) == 0:
        reason = "no interval: every resample gives the same value"
        estimated = Estimate(value, None, None, n, reason)
    return _coefficient(key, name, ratings, estimated, n_undefined=len(drawn) - len(defined))


def _coefficient(
    key: str, name: str, ratings: Ratings, estimated: Estimate, *, n_undefined: int = 0
) -> Coefficient:
    given = ratings.matrix != MISSING
    return Coefficient(
        key=key,
        name=name,
        value=estimated.value,
        low=estimated.low,
        high=estimated.high,
        reason=estimated.reason,
        n_items=given.shape[0],
        n_pairable=int((given.sum(axis=1) >= 2).sum()),
        n_coders=given.shape[1],
        n_missing=int(given.size - given.sum()),
        n_undefined=n_undefined,
    )


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


Disagreements = Callable[[Doubles, Doubles], tuple[Doubles, Doubles]]
"""From how often each type was drawn and each value given: D_o · n and D_e · n (n − 1)."""


@dataclass(frozen=True, eq=False)
class _Types:
    """Items by which values they were given, whoever gave them.

    Attributes
    ----------
    counts
        n_types × n_values, sparse: whole codings have thousands of values.
    n_given
        Values of an item of each type.
    numbers
        Items of each type.
    """

    counts: csr_array
    n_given: Doubles
    numbers: Integers


def percent(ratings: Ratings, *, resampling: Resampling) -> Coefficient:
    """Return the observed agreement: the share of alike pairs of coders, averaged over items.

    It is the mean P of Fleiss 1971 and p_a of Gwet 2014; in [0, 1].
    """
    key, name = "percent", "percent agreement"
    types = _types(ratings, at_least=2)
    if not len(types.numbers):
        return undefined(key, name, ratings, NO_COMPARISON)
    alike = _alike(types, None)

    def statistic(drawn: Doubles) -> Doubles:
        return _ratio(drawn @ alike, drawn.sum(axis=1))

    return estimate(key, name, ratings, types.numbers, statistic, resampling=resampling)


def cohen(ratings: Ratings, *, weights: Weights | None, resampling: Resampling) -> Coefficient:
    """Return Cohen's κ of two coders (1960, formula 1), or weighted κ (1968).

    Items that only one of them coded are left out. With more coders than two it is undefined.
    """
    key, name = _weighted_name("cohen", "Cohen's κ", weights)
    n_coders = ratings.matrix.shape[1]
    if n_coders > 2:
        reason = f"Cohen's κ is for two coders, not {n_coders}: see the pairs"
        return undefined(key, name, ratings, reason)
    both = ratings.matrix[(ratings.matrix != MISSING).sum(axis=1) == 2]
    if not len(both):
        return undefined(key, name, ratings, NO_COMPARISON)
    places, numbers = np.unique(both, axis=0, return_counts=True)
    one, other = (_counted(places[:, [coder]], ratings.n_values) for coder in (0, 1))
    apart = (places[:, 0] != places[:, 1]).astype(np.float64)
    if weights is not None:
        apart = 1 - weights.matrix[places[:, 0], places[:, 1]]

    def statistic(drawn: Doubles) -> Doubles:
        n_items, first, second = drawn.sum(axis=1), drawn @ one, drawn @ other
        if weights is None:
            by_chance = n_items**2 - (first * second).sum(axis=1)
        else:
            by_chance = (first @ (1 - weights.matrix) * second).sum(axis=1)
        return 1 - _ratio(drawn @ apart * n_items, by_chance)

    return estimate(key, name, ratings, numbers, statistic, resampling=resampling)


def fleiss(ratings: Ratings, *, resampling: Resampling) -> Coefficient:
    """Return Fleiss' κ for several coders, whoever they are (1971).

    Where items have different numbers of values, which Fleiss does not treat, it is generalised
    as in Gwet 2014, chapter 2: each item weighs the same, and its name says so.
    """
    key, name = "fleiss", "Fleiss' κ"
    types = _types(ratings, at_least=1)
    if len(np.unique(types.n_given)) > 1:
        name += ", unequal numbers (Gwet 2014)"
    statistic = _corrected(types, None, lambda shares: (shares**2).sum(axis=1))
    if statistic is None:
        return undefined(key, name, ratings, NO_COMPARISON)
    return estimate(key, name, ratings, types.numbers, statistic, resampling=resampling)


def gwet(ratings: Ratings, *, weights: Weights | None, resampling: Resampling) -> Coefficient:
    """Return Gwet's AC1 (2008), or AC2 with weights (2014, chapter 3).

    The number of values in the chance term is of all that could be given, as in the papers, not
    only of those that were. So it is defined where all values are the same.
    """
    key, name = "ac1", "Gwet's AC1"
    if weights is not None:
        key, name = _weighted_name("ac2", "Gwet's AC2", weights)
    n_values = ratings.n_values
    if n_values < 2:
        return undefined(key, name, ratings, "there is one value only to choose from")
    types = _types(ratings, at_least=1)
    total = n_values if weights is None else weights.matrix.sum()
    factor = total / (n_values * (n_values - 1))
    statistic = _corrected(
        types, weights, lambda shares: factor * (shares * (1 - shares)).sum(axis=1)
    )
    if statistic is None:
        return undefined(key, name, ratings, NO_COMPARISON)
    return estimate(key, name, ratings, types.numbers, statistic, resampling=resampling)


def alpha(ratings: Ratings, *, distance: Distance, resampling: Resampling) -> Coefficient:
    """Return Krippendorff's α = 1 − D_o / D_e for any coders and distance (2011, sections C, D).

    Values of items that one coder coded cannot be paired, and are left out.
    """
    key, name = "alpha", f"Krippendorff's α ({distance.name})"
    types = _types(ratings, at_least=2)
    if not len(types.numbers):
        return undefined(key, name, ratings, NO_COMPARISON)
    if distance is ORDINAL:
        disagreements = _ordinal(types)
    elif distance.matrix is None:
        disagreements = _nominal(types)
    else:
        disagreements = _by_matrix(types, distance.matrix)

    def statistic(drawn: Doubles) -> Doubles:
        given = drawn @ types.counts
        observed, by_chance = disagreements(drawn, given)
        return 1 - _ratio((given.sum(axis=1) - 1) * observed, by_chance)

    return estimate(key, name, ratings, types.numbers, statistic, resampling=resampling)


def _nominal(types: _Types) -> Disagreements:
    apart = (types.n_given**2 - _squares(types)) / (types.n_given - 1)

    def disagreements(drawn: Doubles, given: Doubles) -> tuple[Doubles, Doubles]:
        return drawn @ apart, given.sum(axis=1) ** 2 - (given**2).sum(axis=1)

    return disagreements


def _by_matrix(types: _Types, distance: Doubles) -> Disagreements:
    apart = types.counts.multiply(types.counts @ distance).sum(axis=1) / (types.n_given - 1)

    def disagreements(drawn: Doubles, given: Doubles) -> tuple[Doubles, Doubles]:
        return drawn @ apart, (given @ distance * given).sum(axis=1)

    return disagreements


def _ordinal(types: _Types) -> Disagreements:
    counts = types.counts.toarray()
    pairs = counts[:, :, None] * counts[:, None, :] / (types.n_given - 1)[:, None, None]
    coincidences = pairs.reshape(len(counts), -1)

    def disagreements(drawn: Doubles, given: Doubles) -> tuple[Doubles, Doubles]:
        # The values between two, with half of both ends, are the difference of mid-ranks.
        rank = given.cumsum(axis=1) - given / 2
        far = (rank[:, :, None] - rank[:, None, :]) ** 2
        observed = (drawn @ coincidences * far.reshape(len(drawn), -1)).sum(axis=1)
        return observed, np.einsum("nc,nck,nk->n", given, far, given)

    return disagreements


def _corrected(
    types: _Types, weights: Weights | None, chance: Callable[[Doubles], Doubles]
) -> Statistic | None:
    """Return (p_a − p_e) / (1 − p_e), with p_e of the mean shares of the values (Gwet 2014).

    It is None where no item has two values.
    """
    paired = types.n_given >= 2
    if not paired.any():
        return None
    alike = _alike(types, weights)
    shares = types.counts.multiply(1 / types.n_given[:, None]).tocsr()

    def statistic(drawn: Doubles) -> Doubles:
        observed = _ratio(drawn @ alike, drawn @ paired)
        by_chance = chance(drawn @ shares / drawn.sum(axis=1, keepdims=True))
        return 1 - _ratio(1 - observed, 1 - by_chance)

    return statistic


def _alike(types: _Types, weights: Weights | None) -> Doubles:
    """Return the mean agreement of the pairs of coders of each type; 0 where there is no pair."""
    n_given, agreeing = types.n_given, _squares(types)
    if weights is not None:
        agreeing = types.counts.multiply(types.counts @ weights.matrix).sum(axis=1)
    n_pairs = n_given * (n_given - 1)
    return np.divide(agreeing - n_given, n_pairs, out=np.zeros_like(n_given), where=n_pairs > 0)


def _squares(types: _Types) -> Doubles:
    squares: Doubles = types.counts.power(2).sum(axis=1)
    return squares


def _types(ratings: Ratings, *, at_least: int) -> _Types:
    """Return the types of the items that so many coders coded."""
    rows = ratings.matrix[(ratings.matrix != MISSING).sum(axis=1) >= at_least]
    places, numbers = np.zeros_like(rows[:0]), np.zeros(0, dtype=np.int64)
    if len(rows):
        places, numbers = np.unique(np.sort(rows, axis=1), axis=0, return_counts=True)
    counts = _counted(places, ratings.n_values)
    return _Types(counts, (places != MISSING).sum(axis=1, dtype=np.float64), numbers)


def _counted(places: Integers, n_values: int) -> csr_array:
    """Return how often each row has each value: n_rows × n_values."""
    row, column = np.nonzero(places != MISSING)
    cells = (np.ones(len(row)), (row, places[row, column]))
    return csr_array(cells, shape=(len(places), n_values))  # adds up cells that stand twice


def _ratio(above: Doubles, below: Doubles) -> Doubles:
    """Return the ratios, NaN where what is below is 0; sums of the same value are exactly 0."""
    ratios: Doubles = np.divide(above, below, out=np.full_like(below, np.nan), where=below > 0)
    return ratios


def _weighted_name(key: str, name: str, weights: Weights | None) -> tuple[str, str]:
    if weights is None:
        return key, name
    return f"{key}-{weights.name}", f"{name}, {weights.name} weights"
