"""Samples: published sizes, shares and errors; what every draw and allocation must keep to."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import shown, through_json
from statsmodels.stats.proportion import proportion_confint

from artifacts.errors import InputError
from artifacts.intervals import Interval
from labels.sampling.allocation import Rule, RuleName, allocate, spread_of
from labels.sampling.draw import (
    ALL,
    Design,
    Sample,
    draw_simple,
    draw_stratified,
    extend,
    extend_numbers,
    overlap,
    sample_size,
    waves,
    z_score,
)
from labels.sampling.estimate import CodeEstimate, Count, estimate, estimate_code
from labels.sampling.frame import UNKNOWN, Frame, Unit, frame_of, natural, quantile_strata
from opsatlas.cli.label.sample import strata_table
from reports.validation import estimates_table

# Scheaffer, Mendenhall and Ott, Elementary Survey Sampling, chapter 5: households of a county.
TOWNS = {"rural": 93, "town A": 155, "town B": 62}
PROPORTIONAL = Rule("proportional")

strata_sizes = st.dictionaries(
    st.sampled_from([f"topic {number}" for number in range(12)]), st.integers(1, 60), min_size=1
)
rule_names = st.sampled_from(["proportional", "equal", "neyman"])


def frame(sizes: dict[str, int]) -> Frame:
    """Return a frame with strata of these sizes."""
    return frame_of({f"{name}/{n}": name for name, size in sizes.items() for n in range(size)})


def rule(name: RuleName, sizes: dict[str, int], *, minimum: int = 1) -> Rule:
    """Return a rule; under Neyman's, some strata do not vary at all."""
    return Rule(name, minimum, {each: (len(each) + size) % 4 for each, size in sizes.items()})


def drawn(sizes: dict[str, int], n: int, *, seed: int = 0, by: Rule = PROPORTIONAL) -> Sample:
    """Draw a stratified sample from a frame with strata of these sizes."""
    return draw_stratified(frame(sizes), n, rule=by, by="topic", seed=seed, question="What?")


def drawn_numbers(docs: Frame, numbers: dict[str, int], *, by: str, seed: int = 0) -> Sample:
    """Draw given numbers of documents from the strata: a sample of none, extended to them."""
    design = Design("stratified", "Who?", seed, 0.95, docs.hash, strata=(), by=by)
    return extend_numbers(Sample((), design), docs, numbers)


def margin_of(
    n: int, *, population: int | None, level: float = 0.95, proportion: float = 0.5
) -> float:
    """Return e = z √(p(1−p)/n · (N−n)/(N−1)) of n drawn at random (Cochran 1977, section 3.2)."""
    left = 1.0 if population is None else (population - n) / max(1, population - 1)
    return z_score(level) * math.sqrt(proportion * (1 - proportion) / n * left)


@pytest.mark.parametrize(
    ("population", "n"), [(500, 218), (1000, 278), (5000, 357), (20000, 377), (None, 385)]
)
def test_sample_sizes_of_the_tables(population: int | None, n: int) -> None:
    """The sizes for ±5 % at 95 % that tables give for these populations."""
    assert sample_size(population) == n


def test_z_scores_of_the_tables() -> None:
    """The normal quantiles at the three usual levels."""
    levels = [z_score(level) for level in (0.9, 0.95, 0.99)]
    assert levels == pytest.approx([1.6449, 1.9600, 2.5758], abs=5e-5)


@given(
    population=st.one_of(st.none(), st.integers(1, 10**6)),
    margin=st.floats(0.005, 0.4),
    level=st.floats(0.5, 0.999),
    proportion=st.floats(0.01, 0.99),
)
def test_the_size_is_the_least_that_keeps_the_margin(
    population: int | None, margin: float, level: float, proportion: float
) -> None:
    """With n the margin is kept, and with one fewer it is not."""
    n = sample_size(population, margin=margin, level=level, proportion=proportion)
    found = [
        margin_of(each, population=population, level=level, proportion=proportion)
        for each in (n, n - 1)
        if each
    ]
    assert population is None or n <= population
    assert found[0] <= margin * (1 + 1e-8)
    assert len(found) == 1 or found[1] > margin * (1 - 1e-8)


@given(population=st.integers(1, 10**7), more=st.integers(0, 10**7))
def test_the_size_grows_with_the_population(population: int, more: int) -> None:
    """A larger population never needs fewer, and one without end needs the most."""
    assert sample_size(population) <= sample_size(population + more) <= sample_size()


@pytest.mark.parametrize(
    "values",
    [
        {"margin": 0.0},
        {"margin": 5.0},
        {"level": 1.0},
        {"level": 95.0},
        {"proportion": 0.0},
        {"population": 0},
        {"margin": math.nan},
    ],
)
def test_sizes_out_of_range_are_refused(values: dict[str, float]) -> None:
    """A margin, level, share or population that cannot be is refused in words."""
    with pytest.raises(InputError, match="must"):
        sample_size(**values)  # type: ignore[arg-type]


def test_a_frame_is_known_by_its_content() -> None:
    """The hash hangs on keys and strata and not on their order."""
    units = (Unit("a", "x"), Unit("b", "x"), Unit("c", "y"))
    assert Frame(units).hash == Frame(units[::-1]).hash
    assert Frame(units).sizes == {"x": 2, "y": 1}
    assert len({Frame(units).hash, Frame(units[:2]).hash, frame_of({"a": "y", "b": "x"}).hash}) == 3


@pytest.mark.parametrize(
    ("units", "what"),
    [
        ((), "no documents"),
        ((Unit("a", "x"), Unit("b", "x"), Unit("a", "y")), "'a' stands 2 times"),
        ((Unit("", "x"),), "empty key"),
        ((Unit("a", ""),), "empty key"),
    ],
)
def test_a_frame_holds_each_document_once(units: tuple[Unit, ...], what: str) -> None:
    """No documents, one twice, or one without a key or stratum is refused."""
    with pytest.raises(InputError, match=what):
        Frame(units)


def test_quantile_strata_by_hand() -> None:
    """Twelve repositories in three parts by stars, with two whose stars are not known."""
    stars = [0, 0, 0, 3, 10, 12, 40, 99, 100, 1500, 2000, 32107, None, math.nan]
    found = quantile_strata({str(n): v for n, v in enumerate(stars)}, name="stars", n_strata=3)
    assert Counter(found.values()) == {
        "stars 0–3": 4,
        "stars 10–99": 4,
        "stars 100–32,107": 4,
        UNKNOWN: 2,
    }
    assert found["12"] == found["13"] == UNKNOWN


def test_equal_numbers_stay_in_one_stratum() -> None:
    """Where most have no star there are fewer strata than asked for, and none is split."""
    stars: dict[str, float | None] = {str(n): float(max(0, n - 14)) for n in range(20)}
    found = quantile_strata(stars, name="stars", n_strata=4)
    assert Counter(found.values()) == {"stars 0": 15, "stars 1–5": 5}
    assert set(quantile_strata({"a": None}, name="stars", n_strata=4).values()) == {UNKNOWN}


@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=60),
    n_strata=st.integers(1, 6),
)
def test_quantile_strata_are_apart(values: list[int | None], n_strata: int) -> None:
    """No more strata than asked for; all numbers of one are below all of the next."""
    by_key: dict[str, float | None] = {str(n): v for n, v in enumerate(values)}
    found = quantile_strata(by_key, name="stars", n_strata=n_strata)
    assert found.keys() == by_key.keys()
    members: dict[str, list[float]] = {}
    for key, name in found.items():
        assert (name == UNKNOWN) == (by_key[key] is None)
        members.setdefault(name, []).append(by_key[key] or 0)
    members.pop(UNKNOWN, None)
    ranges = sorted((min(each), max(each)) for each in members.values())
    assert len(ranges) <= n_strata
    assert all(one[1] < other[0] for one, other in pairwise(ranges))


def test_quantile_strata_refuse_what_they_cannot_place() -> None:
    """Infinite numbers and no strata at all are refused."""
    with pytest.raises(InputError, match="infinite"):
        quantile_strata({"a": math.inf}, name="stars", n_strata=2)
    with pytest.raises(InputError, match="at least 1 stratum"):
        quantile_strata({"a": 1.0}, name="stars", n_strata=0)


def test_names_sort_by_their_numbers() -> None:
    """Topic 10 comes after topic 9, and 1,000 stars after 99."""
    names = ["topic 10", "stars 1,000–2,000", "topic 9", "noise", "stars 10–99"]
    assert sorted(names, key=natural) == [
        "noise", "stars 10–99", "stars 1,000–2,000", "topic 9", "topic 10",
    ]  # fmt: skip


def test_allocations_of_the_textbook() -> None:
    """40 of the towns in proportion; 57 by Neyman with standard deviations 5, 15 and 10."""
    assert allocate(TOWNS, 40, rule=PROPORTIONAL) == {"rural": 12, "town A": 20, "town B": 8}
    neyman = Rule("neyman", spreads={"town A": 5, "town B": 15, "rural": 10})
    assert allocate(TOWNS, 57, rule=neyman) == {"rural": 20, "town A": 17, "town B": 20}
    assert allocate(TOWNS, 58, rule=Rule("equal")) == {"town A": 20, "rural": 19, "town B": 19}


def test_a_stratum_gives_no_more_than_it_holds() -> None:
    """Neyman asks 60 of a stratum with 30: the other 30 go to those left, as 2 to 1."""
    sizes = {"wild": 30, "calm": 200, "small": 100}
    neyman = Rule("neyman", 0, {"wild": 10, "calm": 0.5, "small": 0.5})
    assert allocate(sizes, 60, rule=neyman) == {"wild": 30, "calm": 20, "small": 10}


def test_the_minimum_is_given_first() -> None:
    """A stratum of 2 in 1,002 gives both where two are asked for, and none by its size alone."""
    sizes = {"large": 1000, "small": 2}
    assert allocate(sizes, 50, rule=Rule("proportional", 2)) == {"large": 48, "small": 2}
    assert allocate(sizes, 50, rule=Rule("proportional", 0)) == {"large": 50, "small": 0}


@given(
    sizes=strata_sizes,
    name=rule_names,
    minimum=st.integers(0, 4),
    part=st.floats(0, 1),
    kept_part=st.floats(0, 1),
)
def test_every_allocation_keeps_its_bounds(
    sizes: dict[str, int], name: RuleName, minimum: int, part: float, kept_part: float
) -> None:
    """It sums to n; each stratum gives what it must and no more than it has, in any order."""
    kept = {each: int(size * kept_part) for each, size in sizes.items()}
    floors = {each: max(min(minimum, size), kept[each]) for each, size in sizes.items()}
    least = max(1, sum(floors.values()))
    n = least + int((sum(sizes.values()) - least) * part)
    by = rule(name, sizes, minimum=minimum)
    found = allocate(sizes, n, rule=by, kept=kept)
    assert sum(found.values()) == n
    assert all(floors[each] <= found[each] <= sizes[each] for each in sizes)
    assert found == allocate(dict(reversed(sizes.items())), n, rule=by, kept=kept)


@given(sizes=strata_sizes, part=st.floats(0, 1), minimum=st.integers(0, 3))
def test_proportional_allocation_is_proportional(
    sizes: dict[str, int], part: float, minimum: int
) -> None:
    """The larger stratum never gives less; without a minimum each is within one of its share."""
    least = max(1, sum(min(minimum, size) for size in sizes.values()))
    n = least + int((sum(sizes.values()) - least) * part)
    found = allocate(sizes, n, rule=Rule("proportional", minimum))
    for one in sizes:
        for other in sizes:
            assert sizes[one] <= sizes[other] or found[one] >= found[other]
    free = allocate(sizes, n, rule=Rule("proportional", 0))
    exact = {each: n * size / sum(sizes.values()) for each, size in sizes.items()}
    assert all(abs(free[each] - exact[each]) < 1 for each in sizes)


def test_neyman_has_the_least_variance() -> None:
    """Of all ways to take 12 from three strata, Neyman's gives the least variance of a share."""
    sizes, p = {"a": 40, "b": 30, "c": 20}, {"a": 0.04, "b": 0.5, "c": 0.2}
    spreads = {each: spread_of(p[each]) for each in sizes}

    def variance(numbers: tuple[int, int, int]) -> float:
        return sum(
            sizes[each] ** 2 * spreads[each] ** 2 * (1 / n - 1 / sizes[each])
            for each, n in zip(sizes, numbers, strict=True)
        )

    ways = [(a, b, 12 - a - b) for a in range(1, 11) for b in range(1, 12 - a)]
    found = allocate(sizes, 12, rule=Rule("neyman", spreads=spreads))
    assert (found["a"], found["b"], found["c"]) == min(ways, key=variance)


def test_allocations_that_cannot_be_are_refused() -> None:
    """Too many, too few, a spread that lacks or is none, a guess that is no share."""
    with pytest.raises(InputError, match="there are 310"):
        allocate(TOWNS, 311, rule=PROPORTIONAL)
    with pytest.raises(InputError, match="at least 6 are needed"):
        allocate(TOWNS, 5, rule=Rule("equal", 2))
    with pytest.raises(InputError, match="cannot be -1"):
        allocate(TOWNS, 5, rule=Rule("equal", -1))
    for spreads in (None, {"rural": 1, "town A": 1}, dict.fromkeys(TOWNS, math.nan)):
        with pytest.raises(InputError, match="needs a standard deviation"):
            allocate(TOWNS, 40, rule=Rule("neyman", spreads=spreads))
    with pytest.raises(InputError, match="between 0 and 1"):
        spread_of(1.2)


@given(sizes=strata_sizes, name=rule_names, part=st.floats(0, 1), seed=st.integers(0, 99))
def test_a_draw_is_a_sample_of_the_frame(
    sizes: dict[str, int], name: RuleName, part: float, seed: int
) -> None:
    """Each once, all of the frame, so many of each stratum, with their probability; same seed."""
    n = len(sizes) + int((sum(sizes.values()) - len(sizes)) * part)
    by = rule(name, sizes)
    sample = drawn(sizes, n, seed=seed, by=by)
    strata = {unit.key: unit.stratum for unit in frame(sizes).units}
    assert len(set(sample.keys)) == len(sample.units) == n
    assert all(strata[unit.key] == unit.stratum for unit in sample.units)
    numbers = allocate(sizes, n, rule=by)
    assert Counter(unit.stratum for unit in sample.units) == Counter(numbers)
    assert all(u.probability == numbers[u.stratum] / sizes[u.stratum] for u in sample.units)
    assert sum(1 / u.probability for u in sample.units) == pytest.approx(sample.n_population)
    turned = Frame(frame(sizes).units[::-1])
    again = draw_stratified(turned, n, rule=by, by="topic", seed=seed, question="What?")
    assert again == sample


def test_the_seed_decides() -> None:
    """Another seed draws others."""
    assert drawn(TOWNS, 40).keys == drawn(TOWNS, 40).keys
    assert len(set(drawn(TOWNS, 40).keys) & set(drawn(TOWNS, 40, seed=1).keys)) < 20


def test_all_documents_have_the_same_chance() -> None:
    """Over 3,000 seeds each of 20, and each pair of neighbours, is drawn as often as it should."""
    twenty = frame({"x": 20})
    counts, pairs = Counter[str](), 0
    for seed in range(3000):
        keys = draw_simple(twenty, 5, seed=seed, question="Who?").keys
        counts.update(keys)
        pairs += len({"x/0", "x/1"} & set(keys)) == 2
    expected = 3000 * 5 / 20
    # 19 degrees of freedom: beyond 43.8 is one in a thousand.
    assert sum((n - expected) ** 2 / (expected * 15 / 20) for n in counts.values()) < 43.8
    assert len(counts) == 20
    assert pairs == pytest.approx(3000 * (5 * 4) / (20 * 19), rel=0.2)


@given(n_docs=st.integers(1, 80), first=st.floats(0, 1), more=st.floats(0, 1))
def test_a_simple_sample_grows_at_its_end(n_docs: int, first: float, more: float) -> None:
    """Extended, it is what one draw gives, and begins with what it was."""
    docs = frame({"x": n_docs})
    small = 1 + int((n_docs - 1) * first)
    large = small + int((n_docs - small) * more)
    sample = draw_simple(docs, small, seed=3, question="Who?")
    extended = extend(sample, docs, large)
    assert extended == draw_simple(docs, large, seed=3, question="Who?")
    assert extended.keys[:small] == sample.keys


@given(sizes=strata_sizes, first=st.floats(0, 1), more=st.floats(0, 1))
def test_given_numbers_grow_to_what_one_draw_gives(
    sizes: dict[str, int], first: float, more: float
) -> None:
    """By stratum the extended sample is that of one draw, in its order; nothing moves or drops."""
    docs = frame(sizes)
    small = {name: max(1, int(size * first)) for name, size in sizes.items()}
    large = {name: small[name] + int((sizes[name] - small[name]) * more) for name in sizes}
    sample = drawn_numbers(docs, small, by="topic", seed=3)
    extended = extend_numbers(sample, docs, large)
    at_once = drawn_numbers(docs, large, by="topic", seed=3)
    assert extended.design == at_once.design
    assert extended.keys[: len(sample.units)] == sample.keys
    for name in sizes:
        ours, theirs = ([u for u in s.units if u.stratum == name] for s in (extended, at_once))
        assert ours == theirs


@given(sizes=strata_sizes, name=rule_names, first=st.floats(0, 1), more=st.floats(0, 1))
def test_a_rule_never_drops_a_document(
    sizes: dict[str, int], name: RuleName, first: float, more: float
) -> None:
    """Extended by its rule a sample keeps all it had, and reaches the number asked for."""
    total = sum(sizes.values())
    small = len(sizes) + int((total - len(sizes)) * first)
    large = small + int((total - small) * more)
    sample = drawn(sizes, small, by=rule(name, sizes))
    extended = extend(sample, frame(sizes), large)
    assert extended.keys[:small] == sample.keys
    assert len(set(extended.keys)) == large
    assert extended.design.rule == sample.design.rule


def test_extensions_that_cannot_be_are_refused() -> None:
    """Another frame, a smaller number, no rule, a smaller stratum, a sample that was edited."""
    docs = frame(TOWNS)
    sample = drawn(TOWNS, 40)
    with pytest.raises(InputError, match="not those of the sample") as other:
        extend(sample, frame(TOWNS | {"rural": 94}), 50)
    assert other.value.fix is not None
    with pytest.raises(InputError, match="cannot shrink to 39"):
        extend(sample, docs, 39)
    given_numbers = drawn_numbers(docs, {"rural": 3}, by="place")
    with pytest.raises(InputError, match="no rule"):
        extend(given_numbers, docs, 50)
    with pytest.raises(InputError, match="'rural' gave 3"):
        extend_numbers(given_numbers, docs, {"rural": 2, "town A": 9})
    edited = replace(sample, design=replace(sample.design, seed=1))
    with pytest.raises(InputError, match="changed by hand"):
        extend(edited, docs, 50)


def test_draws_that_cannot_be_are_refused() -> None:
    """Nothing, more than there are, an unknown stratum, and a level out of range."""
    docs = frame(TOWNS)
    with pytest.raises(InputError, match="No document"):
        draw_simple(docs, 0, seed=0, question="Who?")
    with pytest.raises(InputError, match="holds 310"):
        draw_simple(docs, 311, seed=0, question="Who?")
    with pytest.raises(InputError, match="no stratum 'town C'"):
        drawn_numbers(docs, {"town C": 1}, by="place")
    with pytest.raises(InputError, match="level"):
        draw_simple(docs, 5, seed=0, question="Who?", level=95)


def test_waves_are_spread_like_the_sample() -> None:
    """A pilot of 10 in 40 holds a quarter of each stratum; the waves together are the sample."""
    sample = drawn(TOWNS, 40)
    pilot, second, rest = waves(sample, [10, 20])
    stratum = {unit.key: unit.stratum for unit in sample.units}
    assert Counter(stratum[key] for key in pilot) == {"town A": 5, "town B": 2, "rural": 3}
    assert (*pilot, *second, *rest) == sample.keys
    assert waves(sample, [40]) == waves(sample, []) == (sample.keys,)


def test_waves_stay_when_the_sample_grows() -> None:
    """After an extension the first waves are what they were: the new documents come last."""
    sample = drawn(TOWNS, 40)
    extended = extend(sample, frame(TOWNS), 60)
    assert waves(extended, [10, 30])[:2] == waves(sample, [10])
    assert set(waves(extended, [40])[1]) == set(extended.keys) - set(sample.keys)


def test_waves_that_cannot_be_are_refused() -> None:
    """A wave of nobody, and more than the sample has."""
    with pytest.raises(InputError, match="at least 1"):
        waves(drawn(TOWNS, 40), [0])
    with pytest.raises(InputError, match="need 41"):
        waves(drawn(TOWNS, 40), [20, 21])


@given(sizes=strata_sizes, share=st.floats(0.001, 1), seed=st.integers(0, 9))
def test_the_overlap_is_a_stratified_share(sizes: dict[str, int], share: float, seed: int) -> None:
    """One at least of each stratum and the share in all; and seeded."""
    sample = drawn(sizes, sum(sizes.values()))
    both = overlap(sample.units, share=share, seed=seed)
    stratum = {unit.key: unit.stratum for unit in sample.units}
    assert {stratum[key] for key in both} == set(sizes)
    asked = max(math.ceil(round(share * len(sample.units), 9)), len(sizes))
    assert len(both) == len(set(both)) == asked
    assert both == overlap(sample.units, share=share, seed=seed)


def test_the_overlap_is_not_the_beginning_of_the_draw() -> None:
    """The documents coded twice are from all of the order, also where the seed is the same."""
    sample = draw_simple(frame({"x": 400}), 200, seed=0, question="Who?")
    places = [sample.keys.index(key) for key in overlap(sample.units, share=0.2, seed=0)]
    assert len(places) == 40
    assert np.mean(places) == pytest.approx(100, abs=30)
    assert overlap(sample.units, share=0, seed=0) == ()
    with pytest.raises(InputError, match="between 0 and 1"):
        overlap(sample.units, share=20, seed=0)


def counts_of(sizes: dict[str, tuple[int, int, int]]) -> list[Count]:
    """Return counts from population, labelled and having the code of each stratum."""
    return [Count(name, *each) for name, each in sizes.items()]


def interval_of(found: CodeEstimate) -> Interval:
    """Return the share, which there is."""
    assert found.share is not None
    return found.share


def test_estimates_of_the_textbooks() -> None:
    """Scheaffer, Mendenhall and Ott: 0.60, variance 0.0045; Anderson and others: 0.30, 0.0437."""
    towns = counts_of({"A": (155, 20, 16), "B": (62, 8, 2), "rural": (93, 12, 6)})
    found = estimate_code(towns, code="watches", level=0.95)
    assert interval_of(found).value == pytest.approx(0.60)
    assert found.standard_error is not None
    assert found.standard_error**2 == pytest.approx(0.0045, abs=5e-5)
    simple = estimate_code([Count(ALL, 1000, 100, 30)], code="yes", level=0.95)
    assert interval_of(simple).value == pytest.approx(0.30)
    assert simple.standard_error == pytest.approx(0.0437, abs=5e-5)
    assert simple.total is not None
    assert simple.total.value == pytest.approx(300)


@given(n=st.integers(1, 300), part=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_without_end_or_strata_the_interval_is_wilsons(n: int, part: float, level: float) -> None:
    """In a population of 10¹⁵ a simple sample has the interval that statsmodels gives."""
    n_with = round(n * part)
    found = interval_of(estimate_code([Count(ALL, 10**15, n, n_with)], code="c", level=level))
    expected = proportion_confint(n_with, n, alpha=1 - level, method="wilson")
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 80), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8
    )
)
def test_intervals_hold_what_is_known(rows: list[tuple[int, float, float]]) -> None:
    """0 ≤ low ≤ share ≤ high ≤ 1, with room for all labelled; the other answer mirrors it."""
    counts, turned = [], []
    for number, (size, part, having) in enumerate(rows):
        n = max(1, int(size * part))
        n_with = round(n * having)
        counts.append(Count(str(number), size, n, n_with))
        turned.append(Count(str(number), size, n, n - n_with))
    one, other = (
        interval_of(estimate_code(each, code="c", level=0.95)) for each in (counts, turned)
    )
    population = sum(each.n_population for each in counts)
    assert sum(each.n_with for each in counts) / population - 1e-9 <= one.low
    assert one.low <= one.value <= one.high
    assert one.high <= 1 - sum(each.n_with for each in turned) / population + 1e-9
    mirrored = (1 - other.high, 1 - other.value, 1 - other.low)
    assert (one.low, one.value, one.high) == pytest.approx(mirrored, abs=1e-9)


def test_who_labels_all_knows_all() -> None:
    """With everything labelled the interval has no width."""
    found = estimate_code([Count("a", 8, 8, 3), Count("b", 8, 8, 3)], code="c", level=0.95)
    assert found.share == Interval(0.375, 0.375, 0.375)
    assert found.standard_error == 0


def test_strata_with_one_labelled_are_joined() -> None:
    """Two such count as one stratum with two; a single one joins the smallest other; by hand."""
    large = Count("large", 100, 20, 5)
    two = [large, Count("b", 30, 1, 1), Count("c", 20, 1, 0)]
    found = estimate_code(two, code="c", level=0.95)
    variance = (100 / 150) ** 2 * 0.8 * 0.1875 / 19 + (50 / 150) ** 2 * 0.96 * 0.6 * 0.4 / 1
    assert interval_of(found).value == pytest.approx((25 + 30) / 150)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    single = [large, Count("small", 50, 10, 4), Count("b", 50, 1, 1)]
    found = estimate_code(single, code="c", level=0.95)
    variance = 0.5**2 * 0.8 * 0.1875 / 19 + 0.5**2 * 0.89 * 0.7 * 0.3 / 10
    assert interval_of(found).value == pytest.approx((25 + 20 + 50) / 200)
    assert found.standard_error == pytest.approx(math.sqrt(variance))


def test_one_labelled_document_says_little() -> None:
    """One of 100 has no standard error, and an interval that is Wilson's for one, or close."""
    found = estimate_code([Count(ALL, 100, 1, 1)], code="c", level=0.95)
    assert found.standard_error is None
    expected = proportion_confint(1, 1, method="wilson")
    assert interval_of(found).low == pytest.approx(expected[0], abs=0.01)
    assert interval_of(found).high == 1


def test_a_code_that_nobody_has_is_not_certain_to_be_nowhere() -> None:
    """With none of 40 the interval goes from 0 up to z²/(n + z²), n = 40 as two strata leave it."""
    counts = [Count("a", 10**12, 20, 0), Count("b", 10**12, 20, 0)]
    found = interval_of(estimate_code(counts, code="c", level=0.95))
    n = 40 * 38 / 39
    assert (found.low, found.value) == (0, 0)
    assert found.high == pytest.approx(1.959964**2 / (n + 1.959964**2), abs=1e-6)


def test_nothing_is_said_of_a_stratum_that_nobody_looked_at() -> None:
    """Without a labelled document of each stratum the share is undefined, and the reason named."""
    counts = [Count("seen", 50, 5, 2), *(Count(f"topic {n}", 9, 0, 0) for n in range(5))]
    found = estimate_code(counts, code="c", level=0.95)
    assert found.share is found.total is found.standard_error is None
    assert found.reason is not None
    assert "'topic 0', 'topic 1', 'topic 2' and 2 more: 45 documents" in found.reason


def test_estimates_count_what_is_labelled() -> None:
    """Codes are counted by stratum; documents not drawn and unknown codes are refused."""
    sample = drawn({"a": 30, "b": 10}, 8)
    codes_of = {u.key: ("tool",) if u.stratum == "a" else () for u in sample.units[:7]}
    found = estimate(sample, codes_of, codes=["tool", "list"])
    assert (found.n_population, found.n_drawn, found.n_labelled) == (40, 8, 7)
    tool, other = found.codes
    assert interval_of(tool).value == pytest.approx(0.75)
    assert interval_of(other).value == 0
    with pytest.raises(InputError, match="'nowhere' was not drawn"):
        estimate(sample, {"nowhere": ("tool",)}, codes=["tool"])
    with pytest.raises(InputError, match="no code 'toll'"):
        estimate(sample, {sample.keys[0]: ("toll",)}, codes=["tool"])


def held(
    sizes: dict[str, int], having: dict[str, int], n: int, *, by: Rule, labelled: int
) -> tuple[float, float]:
    """Return in which part of 200 draws the interval held the truth, and the unweighted one."""
    docs = frame(sizes)
    truth = sum(having.values()) / len(docs.units)
    codes_of = {
        unit.key: ("c",) if int(unit.key.split("/")[1]) < having[unit.stratum] else ()
        for unit in docs.units
    }
    ours, unweighted = 0, 0
    for seed in range(200):
        sample = draw_stratified(docs, n, rule=by, by="size", seed=seed, question="Who?")
        coded = {key: codes_of[key] for key in sample.keys[:labelled]}
        share = interval_of(estimate(sample, coded, codes=["c"]).codes[0])
        ours += share.low <= truth <= share.high
        low, high = proportion_confint(sum(map(len, coded.values())), labelled, method="wilson")
        unweighted += low <= truth <= high
    return ours / 200, unweighted / 200


@pytest.mark.parametrize("labelled", [120, 70])
def test_intervals_hold_the_truth_as_often_as_they_say(labelled: int) -> None:
    """In 200 draws of strata that differ little, about 95 %; also with the first 70 labelled."""
    sizes = {"a": 200, "b": 120, "c": 80, "d": 60, "e": 40}
    having = {"a": 50, "b": 42, "c": 20, "d": 24, "e": 4}
    ours, _ = held(sizes, having, 120, by=PROPORTIONAL, labelled=labelled)
    assert 0.93 <= ours <= 0.98


@pytest.mark.parametrize("labelled", [90, 50])
def test_intervals_hold_where_strata_weigh_unequally(labelled: int) -> None:
    """Ninety, a third from each stratum, the code rare in the largest: held; unweighted not."""
    sizes, having = {"a": 350, "b": 100, "c": 50}, {"a": 21, "b": 50, "c": 45}
    ours, unweighted = held(sizes, having, 90, by=Rule("equal"), labelled=labelled)
    assert ours >= 0.94
    assert unweighted < 0.2


def test_a_rare_code_in_a_large_stratum_is_not_overlooked() -> None:
    """Where a third of the draws see none of it in the large stratum, intervals hold it still."""
    sizes, having = {"a": 450, "b": 50}, {"a": 9, "b": 30}
    ours, _ = held(sizes, having, 50, by=Rule("equal"), labelled=50)
    assert ours >= 0.94


def test_the_margin_of_a_design() -> None:
    """A simple sample has Cochran's margin; equal shares of unequal strata have a wider one."""
    docs = frame({"a": 900, "b": 100})
    simple = draw_simple(docs, 278, seed=0, question="Who?")
    assert simple.margin == pytest.approx(margin_of(278, population=1000))
    shared, equal = (
        drawn({"a": 900, "b": 100}, 180, by=Rule(name)) for name in ("proportional", "equal")
    )
    assert shared.margin == pytest.approx(margin_of(180, population=1000), rel=0.01)
    assert equal.margin is not None
    assert shared.margin is not None
    assert equal.margin > shared.margin * 1.2
    partly = drawn_numbers(docs, {"a": 5}, by="topic")
    assert partly.margin is None


def test_the_design_can_be_quoted() -> None:
    """The paragraph holds numbers, strata, rule, seed, margin, question and population."""
    sizes = {f"topic {number}": 40 + number for number in range(20)} | {"noise": 17}
    sample = draw_stratified(
        frame(sizes),
        279,
        rule=Rule("proportional", 2),
        by="topic (noise included)",
        seed=0,
        question="How common is each kind of tool?",
    )
    assert sample.in_words == (
        "279 of 1,007 documents, drawn at random without replacement, stratified by topic (noise "
        "included), proportional allocation with at least 2 of each stratum, seed 0; margin at "
        "most ±5.0% at 95%. Question: How common is each kind of tool? "
        f"Population: SHA-256 {frame(sizes).hash[:12]}…"
    )
    simple = draw_simple(frame(TOWNS), 40, seed=7, question="Who?")
    assert "not stratified, seed 7" in simple.in_words
    partly = drawn_numbers(frame(TOWNS), {"rural": 5}, by="place")
    assert "with given numbers" in partly.in_words
    assert "no margin" in partly.in_words


def test_samples_are_shown_and_plain() -> None:
    """The table has a line for each stratum; the values survive JSON and hold each document."""
    sample = drawn(TOWNS, 40)
    lines = shown(strata_table(sample)).splitlines()
    assert [line.split() for line in lines if line.strip().startswith("town")] == [
        ["town", "A", "155", "50.0%", "20", "0.129", "7.75"],
        ["town", "B", "62", "20.0%", "8", "0.129", "7.75"],
    ]
    values = through_json(sample.values())
    assert [unit["key"] for unit in values["units"]] == list(sample.keys)
    assert values["design"]["strata"][0] == {"name": "rural", "n_population": 93, "n_drawn": 12}


def test_estimates_are_shown_and_plain() -> None:
    """The commonest code comes first, what is undefined says why, and the values survive JSON."""
    sample = drawn(TOWNS, 40)
    codes_of = {unit.key: ("rural",) if unit.stratum == "rural" else () for unit in sample.units}
    found = estimate(sample, codes_of, codes=["none", "rural"])
    text = shown(estimates_table(found))
    assert text.index("30.0%") < text.index("none")
    assert "40 of the 40 documents drawn are labelled" in text
    few = {key: its for key, its in codes_of.items() if key.startswith("town A")}
    undefined = estimate(sample, few, codes=["none"])
    assert "Undefined: nothing is labelled of the strata 'rural', 'town B': 155" in " ".join(
        shown(estimates_table(undefined)).split()
    )
    whole = draw_simple(frame({"x": 3}), 3, seed=0, question="Who?")
    every = estimate(whole, dict.fromkeys(whole.keys, ("c",)), codes=["c"])
    for each in (found, undefined, every):
        values = through_json(each)
        assert len(values["codes"]) == len(each.codes)
