"""How many dependents no source found: published examples, populations that are known, limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.tables import table_from_rows
from insights.usage.coverage import (
    LogLinear,
    best_log_linear,
    capture_histories,
    chao_lower_bound,
    chapman,
    chapman_variance,
    coverage_of,
    log_linear,
)
from mining.dependents.claims import CLAIMS
from tests.dependent_worlds import flow_hunt, flow_world

IN, OUT = True, False
HEPATITIS = {
    (IN, IN, IN): 28,
    (IN, IN, OUT): 21,
    (IN, OUT, IN): 17,
    (IN, OUT, OUT): 69,
    (OUT, IN, IN): 18,
    (OUT, IN, OUT): 55,
    (OUT, OUT, IN): 63,
}
"""Cases of hepatitis A by three lists, 271 in all; a test of everybody then found 545 (Chao, Tsay,
Lin, Shau and Chao 2001, Statistics in Medicine 20, table II)."""
RABBITS = {1: 43, 2: 16, 3: 8, 4: 6, 6: 2, 7: 1}
"""Of 135 rabbits in a pen 76 were caught on 18 nights, so many once, twice, … (Edwards and
Eberhardt 1967, as in Chao 1987)."""


def claims_of(lists: Mapping[str, set[str]], framework: str | None = "flow") -> pa.Table:
    """Return a table of claims with the members of each source."""
    rows = [
        {"project": name, "repo_key": f"name:{name}", "framework": framework}
        | {"source": source, "evidence": "x"}
        for source, members in lists.items()
        for name in sorted(members)
    ]
    return table_from_rows(rows, CLAIMS)


def names(numbers: range) -> set[str]:
    """Return repositories by numbers."""
    return {f"o/r{n}" for n in numbers}


def test_two_lists_as_in_a_textbook() -> None:
    """10 are marked, 15 caught, 5 of them marked: 28, from 22 to 65.

    The example of the article "Mark and recapture" of Wikipedia, which takes Chapman's estimator
    and Sadinle's interval.
    """
    found = chapman(10, 15, 5)
    assert found.value == pytest.approx(28.33, abs=0.01)
    assert (round(found.low or 0), round(found.high or 0), found.n) == (22, 65, 20)


@pytest.mark.parametrize(
    ("lists", "petersen", "standard_error"),
    [((135, 122, 49), 336, 29), ((135, 126, 45), 378, 36), ((122, 126, 46), 334, 30)],
)
def test_pairs_of_lists_of_a_published_study(
    lists: tuple[int, int, int], petersen: int, standard_error: int
) -> None:
    """Near the Petersen estimates of the hepatitis lists, with their errors."""
    value = chapman(*lists).value
    assert value is not None
    assert abs(value - petersen) < 5
    assert math.sqrt(chapman_variance(*lists)) == pytest.approx(standard_error, abs=2.0)
    first, second, both = lists
    assert round(first * second / both) == petersen


def test_log_linear_models_of_a_published_study() -> None:
    """Independent lists: 388; every pair dependent: 1,313, as in Chao et al. 2001."""
    independent = log_linear(HEPATITIS)
    saturated = log_linear(HEPATITIS, [(0, 1), (0, 2), (1, 2)])
    assert independent is not None
    assert saturated is not None
    assert independent.total.value == pytest.approx(388, abs=0.5)
    product = 28 * 69 * 55 * 63 / (21 * 17 * 18)
    assert saturated.total.value == pytest.approx(271 + product, abs=0.01)
    assert round(saturated.total.value or 0) == 1_313
    best = best_log_linear(HEPATITIS)
    assert best is not None
    assert best.pairs == ((0, 1), (1, 2))  # nearest to the 545 that there were
    assert best.total.low is not None and best.total.high is not None
    assert best.total.low < 545 < best.total.high


def test_the_lower_bound_is_one() -> None:
    """Of the rabbits as published (134 for many nights), of the cases of hepatitis below 545."""
    many = chao_lower_bound(RABBITS, n_lists=10**9)
    assert many.value == pytest.approx(76 + 43**2 / (2 * 16))
    assert round(many.value or 0) == 134
    rabbits = chao_lower_bound(RABBITS, n_lists=18)
    assert rabbits.low is not None and rabbits.high is not None
    assert rabbits.low < 135 < rabbits.high
    cases = chao_lower_bound({1: 187, 2: 56, 3: 28}, n_lists=3)
    assert cases.value is not None
    assert 388 < cases.value < 545
    assert cases.n == 271


def test_intervals_hold_a_known_population() -> None:
    """In 95 of 100 made-up populations, with two independent lists, and with three."""
    rng = np.random.default_rng(0)
    total, times = 400, 100
    hits = {"two": 0, "three": 0}
    for _ in range(times):
        caught = rng.random((total, 3)) < (0.3, 0.4, 0.25)
        first, second = caught[:, 0], caught[:, 1]
        two = chapman(int(first.sum()), int(second.sum()), int((first & second).sum()))
        histories = {
            tuple(bool(x) for x in cell): int(n)
            for cell, n in zip(*np.unique(caught, axis=0, return_counts=True), strict=True)
            if cell.any()
        }
        three = log_linear(histories)
        for name, found in (("two", two), ("three", three and three.total)):
            assert found is not None and found.low is not None and found.high is not None
            hits[name] += found.low <= total <= found.high
    for name, n in hits.items():
        assert 0.92 <= n / times <= 0.985, name


def test_coverage_of_two_sources() -> None:
    """What is found, of how many, with the interval turned round for the share."""
    lists = {"code-search": names(range(60)), "ecosystems": names(range(40, 90))}
    found = coverage_of(claims_of(lists), "flow")
    assert found.found == 90
    assert found.total == chapman(60, 50, 20)
    assert found.method == "Chapman's estimator"
    assert found.total.value is not None and found.total.high is not None
    assert found.share.value == pytest.approx(90 / found.total.value)
    assert found.share.low == pytest.approx(90 / found.total.high)
    assert any("no dependent came or went" in note for note in found.notes)
    assert coverage_of(claims_of(lists), "other").found == 0


def test_coverage_of_three_sources_is_a_lower_bound() -> None:
    """By how many are named once and twice; sources of one origin are said to be."""
    lists = {
        "code-search": names(range(60)),
        "dependents-page": names(range(30, 100)),
        "ecosystems": names(range(50, 120)),
    }
    found = coverage_of(claims_of(lists), "flow")
    times = {1: 30 + 20, 2: 20 + 40, 3: 10}
    assert found.total == chao_lower_bound(times, n_lists=3)
    assert found.method == "Chao's lower bound"
    assert any("both read what repositories declare" in note for note in found.notes)


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        ({}, "there are 0 different sources, not two"),
        ({"ecosystems": names(range(5))}, "1 different sources (ecosystems), not two"),
        ({"list": names(range(5)), "ecosystems": names(range(5, 9))}, "none in common"),
        ({"list": names(range(9)), "snapshot": names(range(9))}, "1 different sources (list)"),
        (
            {"a": names(range(3)), "b": names(range(3, 6)), "c": names(range(6, 9))},
            "no two sources have one in common",
        ),
    ],
)
def test_what_cannot_be_estimated_is_said(lists: dict[str, set[str]], reason: str) -> None:
    """No value, no interval, and why; what was found is told nevertheless."""
    found = coverage_of(claims_of(lists), "flow")
    assert found.found == len(set().union(*lists.values()))
    assert (found.total.value, found.total.low, found.share.value) == (None, None, None)
    assert reason in (found.total.reason or "")
    assert found.share.reason == found.total.reason


def test_sources_that_depend_on_each_other_are_said_to() -> None:
    """The same list twice counts once; one within another is told of."""
    lists = {"code-search": names(range(20)), "list": names(range(9))}
    found = coverage_of(claims_of(lists), "flow")
    assert any("all 9 of list are in code-search" in note for note in found.notes)
    same = coverage_of(claims_of({**lists, "snapshot": names(range(9))}), "flow")
    assert same.sources == ("code-search", "list")
    assert same.total == found.total
    assert any("snapshot left out: it names the same 9 as list" in note for note in same.notes)


def test_candidates_for_all_count_where_users_are_known() -> None:
    """A list claims nothing of a framework; of those known to use it, it found some or not."""
    own = claims_of({"code-search": names(range(40))})
    listed = claims_of({"list": names(range(20, 200))}, framework=None)
    claims = pa.concat_tables([own, listed])
    alone = coverage_of(claims, "flow")
    assert alone.sources == ("code-search",)
    assert any("180 candidates" in note for note in alone.notes)
    for users in ({f"name:o/r{n}" for n in range(0, 60, 2)}, {f"O/R{n}" for n in range(0, 60, 2)}):
        known = coverage_of(claims, "flow", among=users)
        assert known.sources == ("code-search", "list")
        assert known.total == chapman(20, 20, 10)


def test_what_the_sources_find_tells_how_many_there_are(tmp_path: Path) -> None:
    """Three sources of a made-up world find 220 of its 300 dependents, and that is seen."""
    with flow_hunt(flow_world(300), tmp_path) as hunt:
        claims = hunt.find().claims
    found = coverage_of(claims, "flow")
    assert found.found == 220
    assert found.total.low is not None and found.total.high is not None
    assert found.total.low < 300 < found.total.high
    lists: dict[str, set[str]] = {}
    for row in claims.to_pylist():
        lists.setdefault(row["source"], set()).add(row["repo_key"])
    independent = log_linear(capture_histories(lists))
    assert independent is not None
    assert independent.total.value == pytest.approx(300, abs=1)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 200))
def test_a_total_is_never_below_what_is_found(first: int, second: int, both: int) -> None:
    """And its interval holds it, whatever the lists have in common."""
    found = chapman(first + both, second + both, both)
    assert found.value is not None and found.low is not None and found.high is not None
    assert found.n == first + second + both
    assert found.n - 1e-9 <= found.low <= found.high
    assert found.value >= found.n - 1e-9
    assert chapman_variance(first + both, second + both, both) >= 0


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sets(st.integers(0, 30).map(str), max_size=20),
        min_size=3,
        max_size=4,
    )
)
def test_any_lists_give_a_model_or_none(lists: dict[str, set[str]]) -> None:
    """Counts that do not determine a model give none, and never a number below what is there."""
    histories = capture_histories(lists)
    if not histories:
        return
    found = log_linear(histories)
    assert found is None or isinstance(found, LogLinear)
    if found is not None:
        assert found.total.value is not None
        assert found.total.value >= sum(histories.values())
