"""Agreement coefficients: published examples, statsmodels and irrCAC as peers, and properties."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from artifacts.arrays import Integers
from labels.agreement.coefficients import (
    MISSING,
    NOMINAL,
    ORDINAL,
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
    weights,
)

NONE = Resampling(seed=0, resamples=0)
REFERENCES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "agreement_references.json").read_text(encoding="utf-8")
)
SHAPES: tuple[Shape, ...] = ("linear", "quadratic", "ordinal")


def of_matrix(matrix: Any, n_values: int) -> Ratings:
    """Make ratings of places; the values are numbers."""
    values = tuple(frozenset({str(number)}) for number in range(n_values))
    return Ratings(np.asarray(matrix, dtype=np.int64), values)


def of_table(table: list[list[int]]) -> Ratings:
    """Make the ratings of two coders from a square table of counts: rows the first's."""
    pairs = [
        [row, column]
        for row, counts in enumerate(table)
        for column, n in enumerate(counts)
        for _ in range(n)
    ]
    return of_matrix(pairs, len(table))


def of_counts(counts: list[list[int]]) -> Ratings:
    """Make ratings from how many coders gave each item each value, the same number for each."""
    rows = [[value for value, n in enumerate(row) for _ in range(n)] for row in counts]
    return of_matrix(rows, len(counts[0]))


def of_reference(name: str) -> Ratings:
    """Make the ratings of one of the reference data sets."""
    codes = REFERENCES[name]["codes"]
    place = {None: MISSING} | {code: number for number, code in enumerate(codes)}
    return of_matrix([[place[v] for v in row] for row in REFERENCES[name]["ratings"]], len(codes))


def drawn(
    seed: int, *, n_items: int = 40, n_coders: int = 4, n_values: int = 4, missing: float = 0.2
) -> Integers:
    """Draw the codings of coders who mostly agree, the first item coded by all in two ways."""
    rng = np.random.default_rng(seed)
    shape = (n_items, n_coders)
    truth = rng.integers(0, n_values, (n_items, 1))
    found = np.where(rng.random(shape) < 0.6, truth, rng.integers(0, n_values, shape))
    found[rng.random(shape) < missing] = MISSING
    found[0] = np.arange(n_coders) % 2
    matrix: Integers = found.astype(np.int64)
    return matrix


def all_of(numbers: Ratings) -> dict[str, float | None]:
    """Compute every coefficient that takes several coders, over an even scale."""
    points = range(1, numbers.n_values + 1)
    found = [
        percent(numbers, resampling=NONE),
        fleiss(numbers, resampling=NONE),
        gwet(numbers, weights=None, resampling=NONE),
        *(gwet(numbers, weights=weights(s, points), resampling=NONE) for s in SHAPES),
    ]
    values = {each.key: each.value for each in found}
    for distance in (NOMINAL, ORDINAL, interval(points)):
        each = alpha(numbers, distance=distance, resampling=NONE)
        values[f"alpha-{distance.name}"] = each.value
    return values


COHEN_1960 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def test_cohens_worked_example() -> None:
    """Cohen 1960, table 2: 200 cases, p_o .70, κ .492; 1968, table 1: weighted κ .348."""
    numbers = of_table(COHEN_1960)
    assert percent(numbers, resampling=NONE).value == pytest.approx(0.70)
    found = cohen(numbers, weights=None, resampling=NONE)
    assert found.value == pytest.approx(0.492, abs=5e-4)
    apart = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    weighted = cohen(numbers, weights=Weights("Cohen's", 1 - apart / 6), resampling=NONE)
    assert weighted.value == pytest.approx(0.348, abs=5e-4)
    assert weighted.name == "Cohen's κ, Cohen's weights"


# Fleiss 1971, table 1: thirty patients, how many of six psychiatrists gave each diagnosis.
FLEISS_1971 = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0], [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0], [1, 1, 0, 4, 0], [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
    [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0], [0, 2, 0, 4, 0], [1, 0, 2, 0, 3],
    [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0], [1, 0, 0, 4, 1],
    [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip


def test_fleiss_psychiatric_diagnoses() -> None:
    """Fleiss 1971: κ .430 overall, and by category .245, .245, .520, .471 and .566."""
    found = fleiss(of_counts(FLEISS_1971), resampling=NONE)
    assert found.value == pytest.approx(0.430, abs=5e-4)
    assert found.name == "Fleiss' κ"
    one_by_one = [
        fleiss(of_counts([[6 - row[k], row[k]] for row in FLEISS_1971]), resampling=NONE).value
        for k in range(5)
    ]
    assert one_by_one == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


def test_krippendorffs_worked_example() -> None:
    """Krippendorff 2011, section C, with missing values: nominal .743, ordinal .815, interval .849.

    Twelve units by four observers; one unit was observed once, and is not pairable.
    """
    numbers = of_reference("krippendorff-2011")
    values = all_of(numbers)
    assert values["alpha-nominal"] == pytest.approx(0.743, abs=5e-4)
    assert values["alpha-ordinal"] == pytest.approx(0.815, abs=5e-4)
    assert values["alpha-interval"] == pytest.approx(0.849, abs=5e-4)
    found = alpha(numbers, distance=ORDINAL, resampling=NONE)
    counts = (found.n_items, found.n_pairable, found.n_coders, found.n_missing)
    assert counts == (12, 11, 4, 7)


def test_krippendorffs_two_observers() -> None:
    """Krippendorff 2011, sections A and B: binary data .095, five nominal values .692."""
    binary = of_matrix(
        np.transpose([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]), 2
    )
    found = alpha(binary, distance=NOMINAL, resampling=NONE)
    assert found.value == pytest.approx(0.095, abs=5e-4)
    five = of_matrix(
        np.transpose([[0, 0, 1, 1, 3, 2, 2, 2, 4, 3, 3, 0], [1, 0, 1, 1, 1, 2, 2, 2, 4, 3, 3, 3]]),
        5,
    )
    found = alpha(five, distance=NOMINAL, resampling=NONE)
    assert found.value == pytest.approx(0.692, abs=5e-4)


def test_gwets_worked_examples() -> None:
    """Gwet 2008 and 2014: the paradox of κ, 100 abstracts, six raters, and four with missing."""
    paradox = of_table([[118, 5], [2, 0]])
    assert cohen(paradox, weights=None, resampling=NONE).value == pytest.approx(-0.0234, abs=5e-5)
    assert gwet(paradox, weights=None, resampling=NONE).value == pytest.approx(0.9408, abs=5e-5)

    abstracts = of_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    values = all_of(abstracts)
    kappa = cohen(abstracts, weights=None, resampling=NONE).value
    found = (values["ac1"], values["fleiss"], values["alpha-nominal"], values["percent"], kappa)
    assert found == pytest.approx((0.8493305, 0.7962397, 0.7972585, 0.89, 0.7964094), abs=5e-8)

    fifteen = all_of(of_counts(FLEISS_1971[:15]))
    found = (fifteen["ac1"], fifteen["fleiss"], fifteen["alpha-nominal"])
    assert found == pytest.approx((0.4448007, 0.4139265, 0.4204384), abs=5e-8)

    four = all_of(of_reference("krippendorff-2011"))
    assert four["ac1"] == pytest.approx(0.77544, abs=5e-6)
    assert four["fleiss"] == pytest.approx(0.76117, abs=5e-6)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_same_as_irrcac(name: str) -> None:
    """Each coefficient equals irrCAC's to 1e-9: missing values, many coders, uneven points."""
    numbers, expected = of_reference(name), REFERENCES[name]["irrCAC"]
    codes = REFERENCES[name]["codes"]
    numeric = isinstance(codes[0], int)
    points = codes if numeric else range(1, len(codes) + 1)
    found = all_of(numbers)
    distance = interval(points)
    found["alpha-interval"] = alpha(numbers, distance=distance, resampling=NONE).value
    for shape in SHAPES:
        each = gwet(numbers, weights=weights(shape, points), resampling=NONE)
        found[each.key] = each.value
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_code_that_nobody_gave_counts_in_ac1_alone() -> None:
    """Gwet's chance term takes all codes there are; one that nobody gave moves no other."""
    matrix = drawn(1, n_values=3)
    three, four = all_of(of_matrix(matrix, 3)), all_of(of_matrix(matrix, 4))
    alike = [key for key in three if not key.startswith("ac")]
    assert [three[key] for key in alike] == pytest.approx([four[key] for key in alike])
    assert four["ac1"] is not None and three["ac1"] is not None
    assert four["ac1"] > three["ac1"]


@given(seed=st.integers(0, 2**32 - 1), n_values=st.integers(2, 6), n_items=st.integers(2, 60))
def test_cohen_is_that_of_statsmodels(seed: int, n_values: int, n_items: int) -> None:
    """κ, and κ with linear and quadratic weights, are those of statsmodels to 1e-9."""
    matrix = drawn(seed, n_items=n_items, n_coders=2, n_values=n_values, missing=0)
    table = np.zeros((n_values, n_values))
    np.add.at(table, (matrix[:, 0], matrix[:, 1]), 1)
    numbers = of_matrix(matrix, n_values)
    plain = cohen(numbers, weights=None, resampling=NONE).value
    assert plain == pytest.approx(cohens_kappa(table, return_results=False), abs=1e-9)
    for shape in ("linear", "quadratic"):
        scale = weights(shape, range(n_values))
        found = cohen(numbers, weights=scale, resampling=NONE).value
        theirs = cohens_kappa(table, wt=shape, return_results=False)
        assert found == pytest.approx(theirs, abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), n_coders=st.integers(2, 6), n_items=st.integers(2, 60))
def test_fleiss_is_that_of_statsmodels(seed: int, n_coders: int, n_items: int) -> None:
    """κ of several coders is that of statsmodels to 1e-9, where nothing is missing."""
    numbers = of_matrix(drawn(seed, n_items=n_items, n_coders=n_coders, missing=0), 4)
    found = fleiss(numbers, resampling=NONE).value
    assert found == pytest.approx(fleiss_kappa(aggregate_raters(numbers.matrix, 4)[0]), abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_items_and_coders_does_not_matter(seed: int) -> None:
    """Items and coders in another order give the same, and so do codes, on a nominal scale."""
    matrix = drawn(seed)
    rng = np.random.default_rng(seed)
    shuffled = matrix[rng.permutation(len(matrix))][:, rng.permutation(matrix.shape[1])]
    before = all_of(of_matrix(matrix, 4))
    assert all_of(of_matrix(shuffled, 4)) == pytest.approx(before)

    renamed = np.append(rng.permutation(4), MISSING)[matrix]  # MISSING takes the last
    after = all_of(of_matrix(renamed, 4))
    for key in ("percent", "fleiss", "ac1", "alpha-nominal"):
        assert after[key] == pytest.approx(before[key])

    mirrored = all_of(of_matrix(np.where(matrix == MISSING, MISSING, 3 - matrix), 4))
    assert mirrored == pytest.approx(before)


@given(seed=st.integers(0, 2**32 - 1))
def test_two_coders_alpha_is_scotts_pi_with_a_correction(seed: int) -> None:
    """With two coders and all present, 1 − α = (1 − π)(2N − 1) / 2N, and Fleiss' κ is π."""
    matrix = drawn(seed, n_coders=2, missing=0)
    shares = np.bincount(matrix.ravel(), minlength=4) / matrix.size
    by_chance = (shares**2).sum()
    pi = ((matrix[:, 0] == matrix[:, 1]).mean() - by_chance) / (1 - by_chance)
    numbers = of_matrix(matrix, 4)
    assert fleiss(numbers, resampling=NONE).value == pytest.approx(pi)
    found = alpha(numbers, distance=NOMINAL, resampling=NONE).value
    n_given = matrix.size
    assert found == pytest.approx(1 - (1 - pi) * (n_given - 1) / n_given)


@given(seed=st.integers(0, 2**32 - 1), n_values=st.integers(2, 5))
def test_perfect_agreement_is_one(seed: int, n_values: int) -> None:
    """Coders who always agree score 1 throughout, whatever is missing."""
    rng = np.random.default_rng(seed)
    truth = np.append([0, 1], rng.integers(0, n_values, 20))
    matrix = np.where(rng.random((22, 3)) < 0.3, MISSING, truth[:, None])
    matrix[:2] = [[0, 0, 0], [1, 1, 1]]
    numbers = of_matrix(matrix, n_values)
    assert set(all_of(numbers).values()) == {1.0}
    two = of_matrix(matrix[:, :2], n_values)
    assert cohen(two, weights=None, resampling=NONE).value == 1.0


def test_alpha_takes_any_distance() -> None:
    """α of uneven points by the definition: pairs within items over pairs of all values."""
    matrix, points = drawn(5, n_items=12), [1.0, 2.0, 10.0, -3.0]
    kept = [[points[v] for v in row if v != MISSING] for row in matrix]
    kept = [row for row in kept if len(row) > 1]
    every = [value for row in kept for value in row]
    within = sum(sum(abs(a - b) for a in row for b in row) / (len(row) - 1) for row in kept)
    total = sum(abs(a - b) for a in every for b in every)
    n = len(every)
    at = np.array(points)
    absolute = Distance("absolute", np.abs(at[:, None] - at))
    found = alpha(of_matrix(matrix, 4), distance=absolute, resampling=NONE).value
    assert found == pytest.approx(1 - (within / n) / (total / (n * (n - 1))))


def test_masi_by_its_definition() -> None:
    """Passonneau 2006: same 0, subset 1 − J·2/3, overlap 1 − J/3, disjoint 1; and empty sets."""
    sets = [frozenset(word) for word in ("ab", "abcd", "bcde", "cd", "")]
    found = masi(sets).matrix
    subset, overlap = 1 - 2 / 4 * 2 / 3, 1 - 3 / 5 / 3
    expected = [
        [0, subset, 1 - 1 / 5 / 3, 1, 1],
        [subset, 0, overlap, subset, 1],
        [1 - 1 / 5 / 3, overlap, 0, subset, 1],
        [1, subset, subset, 0, 1],
        [1, 1, 1, 1, 0],
    ]
    assert found == pytest.approx(np.array(expected))
    assert (np.diag(found if found is not None else np.ones((1, 1))) == 0).all()


@given(seed=st.integers(0, 2**32 - 1))
def test_masi_of_single_codes_is_nominal(seed: int) -> None:
    """Sets of one code each are as far apart as the codes: α is the nominal one."""
    numbers = of_matrix(drawn(seed), 4)
    of_sets = alpha(numbers, distance=masi(numbers.values), resampling=NONE)
    assert of_sets.value == alpha(numbers, distance=NOMINAL, resampling=NONE).value


def test_weights_by_hand() -> None:
    """Gwet 2014, chapter 3, on three values; and linear weights with uneven points."""
    third = [[1, 2 / 3, 0], [2 / 3, 1, 2 / 3], [0, 2 / 3, 1]]
    assert weights("ordinal", [1, 2, 3]).matrix == pytest.approx(np.array(third))
    assert weights("linear", [1, 2, 3]).matrix[0].tolist() == [1, 0.5, 0]
    assert weights("quadratic", [1, 2, 3]).matrix[0].tolist() == [1, 0.75, 0]
    assert weights("linear", [0, 1, 4]).matrix[0].tolist() == [1, 0.75, 0]
    assert (weights("ordinal", [0, 1, 9]).matrix == weights("ordinal", [1, 2, 3]).matrix).all()


def undefined_of(found: Coefficient) -> str:
    """Return the reason of a coefficient without a value."""
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason is not None
    return found.reason


def test_one_value_only_is_undefined_but_for_ac1() -> None:
    """Where all gave the same, κ and α are 0/0, and say so; AC1 and the share are 1."""
    numbers = of_matrix(np.zeros((9, 2)), 3)
    for found in (
        cohen(numbers, weights=None, resampling=NONE),
        fleiss(numbers, resampling=NONE),
        alpha(numbers, distance=NOMINAL, resampling=NONE),
        alpha(numbers, distance=ORDINAL, resampling=NONE),
    ):
        assert "only one value was given" in undefined_of(found)
    assert percent(numbers, resampling=NONE).value == 1
    assert gwet(numbers, weights=None, resampling=NONE).value == 1
    single = gwet(of_matrix(np.zeros((9, 2)), 1), weights=None, resampling=NONE)
    assert "one value only" in undefined_of(single)


@pytest.mark.parametrize("matrix", [[[0, MISSING], [MISSING, 1]], np.zeros((0, 0)), [[0], [1]]])
def test_nobody_overlapping_is_undefined(matrix: Any) -> None:
    """Without an item that two coders coded every coefficient is undefined, and says why."""
    numbers = of_matrix(matrix, 2)
    for found in (
        percent(numbers, resampling=NONE),
        cohen(numbers, weights=None, resampling=NONE),
        fleiss(numbers, resampling=NONE),
        gwet(numbers, weights=None, resampling=NONE),
        alpha(numbers, distance=NOMINAL, resampling=NONE),
    ):
        assert "no item was coded by two coders" in undefined_of(found)
        assert found.n_pairable == 0


def test_cohen_is_for_two() -> None:
    """With three coders Cohen's κ is undefined, and points to the pairs."""
    found = cohen(of_matrix(drawn(0, n_coders=3), 4), weights=None, resampling=NONE)
    assert "two coders, not 3" in undefined_of(found)


def test_the_interval_of_the_share_is_that_of_the_binomial() -> None:
    """Two coders who agree on 80 of 100: the percentile interval is that of Binomial(100, .8)."""
    numbers = of_table([[40, 10], [10, 40]])
    found = percent(numbers, resampling=Resampling(seed=1, resamples=20_000))
    assert (found.value, found.low, found.high) == pytest.approx((0.80, 0.72, 0.87), abs=0.0101)


def test_the_interval_is_that_of_items_drawn_one_by_one() -> None:
    """Resampling types of items is resampling items: the same ends, up to chance."""
    numbers = of_matrix(drawn(3, n_items=50), 4)
    found = alpha(numbers, distance=ORDINAL, resampling=Resampling(seed=0, resamples=4000))
    rng = np.random.default_rng(9)
    values = []
    for _ in range(600):
        chosen = Ratings(numbers.matrix[rng.integers(0, 50, 50)], numbers.values)
        values.append(alpha(chosen, distance=ORDINAL, resampling=NONE).value)
    low, high = np.percentile(np.array(values, dtype=float), [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.04)


def test_intervals_hang_on_the_seed_alone() -> None:
    """The same seed gives the same interval, another one another about the same value."""
    numbers = of_matrix(drawn(2), 4)
    one, same, other = (
        alpha(numbers, distance=NOMINAL, resampling=Resampling(seed)) for seed in (7, 7, 8)
    )
    assert one == same
    assert one.value == other.value
    assert one.low != other.low
    assert one.low is not None and one.high is not None and one.value is not None
    assert one.low < one.value < one.high < 1


def test_intervals_shrink_with_the_number_of_items() -> None:
    """Sixteen times the items give an interval about a quarter as wide."""
    widths = []
    for n_items in (60, 960):
        numbers = of_matrix(drawn(4, n_items=n_items), 4)
        found = gwet(numbers, weights=None, resampling=Resampling(seed=0))
        assert found.low is not None and found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.4)


def test_resamples_without_a_value_are_left_out_and_counted() -> None:
    """One odd item of sixty is missed by (1 − 1/60)^60 of resamples: over a third, no interval."""
    rare = of_matrix([[0, 0]] * 59 + [[1, 1]], 2)
    found = alpha(rare, distance=NOMINAL, resampling=Resampling(seed=0))
    assert found.value == 1
    assert (found.low, found.high) == (None, None)
    assert found.n_undefined == pytest.approx(2000 * (59 / 60) ** 60, rel=0.1)
    assert found.reason == f"no interval: undefined in {found.n_undefined} of 2,000 resamples"

    some = of_matrix([[0, 0]] * 56 + [[1, 0]] * 1 + [[1, 1]] * 3, 2)
    found = alpha(some, distance=NOMINAL, resampling=Resampling(seed=0))
    assert 0 < found.n_undefined <= 200
    assert found.low is not None and found.reason is None


def test_perfect_agreement_has_no_interval() -> None:
    """Resamples of items that all agree cannot say how sure that is, and do not pretend to."""
    numbers = of_matrix([[0, 0]] * 10 + [[1, 1]] * 10, 2)
    found = fleiss(numbers, resampling=Resampling(seed=0))
    assert (found.value, found.low, found.high) == (1, None, None)
    assert found.reason == "no interval: every resample gives the same value"
    assert fleiss(numbers, resampling=NONE).reason == "no resamples were asked for"


def test_a_thousand_items_take_well_under_a_second() -> None:
    """2,000 resamples of 1,000 items by three coders with ten codes: each far under 1 s."""
    numbers = of_matrix(drawn(0, n_items=1000, n_coders=3, n_values=10), 10)
    how = Resampling(seed=0)
    for compute in (
        lambda: percent(numbers, resampling=how),
        lambda: fleiss(numbers, resampling=how),
        lambda: gwet(numbers, weights=None, resampling=how),
        lambda: alpha(numbers, distance=NOMINAL, resampling=how),
        lambda: alpha(numbers, distance=ORDINAL, resampling=how),
    ):
        start = time.process_time()
        assert compute().low is not None
        assert time.process_time() - start < 1
