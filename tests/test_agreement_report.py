"""The report on a study: what is coded, scopes, verdicts, warnings, confusions, and the views."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import shown, through_json

from artifacts.errors import InputError
from configs.codebook import Level
from labels.agreement.coded import Coded, joint
from labels.agreement.coefficients import Resampling, alpha, gwet, masi, presence, ratings
from labels.agreement.report import NAMED, Result, Settings, measure
from opsatlas.cli.label.agree import (
    agreement_table,
    codes_tables,
    confusion_tables,
    report_tables,
)
from reports.tables import spaced

QUICK = Settings(seed=0, resamples=0)
REFERENCES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "agreement_references.json").read_text(encoding="utf-8")
)

Rows = Mapping[str, Sequence[str | None]]


def coded(
    rows: Rows,
    *,
    variable: str = "kind",
    codes: str | Sequence[str] = "abc",
    level: Level = "nominal",
    points: Mapping[str, float] | None = None,
    waves: Sequence[str] = (),
    versions: Sequence[int | None] = (),
) -> Coded:
    """Make a variable from the code of each item by each coder; None is missing."""
    n_items = len(next(iter(rows.values())))
    items = tuple(f"item{number}" for number in range(n_items))
    values = {
        (item, coder): frozenset({code})
        for coder, given in rows.items()
        for item, code in zip(items, given, strict=True)
        if code is not None
    }
    known = zip(items, versions, strict=False)
    return Coded(
        variable=variable,
        level=level,
        multiple=False,
        codes=tuple(codes),
        points=points or {},
        coders=tuple(rows),
        items=items,
        values=values,
        wave_of=dict(zip(items, waves, strict=False)),
        version_of={item: version for item, version in known if version is not None},
    )


def several(rows: Mapping[str, Sequence[str | None]], *, codes: str = "pqrs") -> Coded:
    """Make a variable of several codes an item from words whose letters are the codes."""
    items = tuple(f"item{number}" for number in range(len(next(iter(rows.values())))))
    values = {
        (item, coder): frozenset(word)
        for coder, words in rows.items()
        for item, word in zip(items, words, strict=True)
        if word is not None
    }
    return Coded("themes", "nominal", True, tuple(codes), {}, tuple(rows), items, values, {}, {})


def kinds_2023() -> list[Coded]:
    """Return both variables of the 150 repositories that two people coded."""
    found = []
    for variable in ("kind", "category"):
        content = REFERENCES[f"kinds-2023-{variable}"]
        columns = zip(*content["ratings"], strict=True)
        rows = dict(zip(("ann", "bob"), columns, strict=True))
        found.append(coded(rows, variable=variable, codes=content["codes"]))
    return found


def only(results: Sequence[Result], title: str) -> Result:
    """Return the one result of that title."""
    (found,) = (each for each in results if each.scope.title == title)
    return found


FAULTS: dict[str, dict[str, Any]] = {
    "unknown code z": {"values": {("i", "a"): frozenset("z")}},
    "2 codes": {"values": {("i", "a"): frozenset("xy")}},
    "0 codes": {"values": {("i", "a"): frozenset()}},
    "coder 'q'": {"values": {("i", "q"): frozenset("x")}},
    "for 'j'": {"values": {("j", "a"): frozenset("x")}},
    "code stands twice": {"codes": ("x", "x")},
    "coder stands twice": {"coders": ("a", "a")},
    "item stands twice": {"items": ("i", "i")},
    "no codes": {"codes": (), "values": {}},
    "no ordinal level": {"level": "ordinal", "multiple": True},
    "points for each": {"level": "interval"},
    "others have none": {"points": {"x": 1.0, "y": 2.0}},
    "have the same": {"level": "interval", "points": {"x": 1.0, "y": 1.0}},
    "not finite": {"level": "interval", "points": {"x": 1.0, "y": float("nan")}},
    "no item here": {"wave_of": {"j": "pilot"}},
}


@pytest.mark.parametrize("said", FAULTS)
def test_what_does_not_fit_is_refused(said: str) -> None:
    """Each way to contradict oneself is refused with the variable's name."""
    fitting: dict[str, Any] = {
        "variable": "kind",
        "level": "nominal",
        "multiple": False,
        "codes": ("x", "y"),
        "points": {},
        "coders": ("a", "b"),
        "items": ("i",),
        "values": {("i", "a"): frozenset("x")},
        "wave_of": {},
        "version_of": {},
    }
    assert Coded(**fitting).codes == ("x", "y")
    with pytest.raises(InputError) as caught:
        Coded(**fitting | FAULTS[said])
    assert said in caught.value.what
    assert caught.value.where == "variable 'kind'"


def test_a_subset_keeps_order_and_what_belongs_to_its_items() -> None:
    """Items stay in order, values, waves and versions of others go; unknown items are refused."""
    whole = coded({"a": "abc", "b": "abb"}, waves=["1", "1", "2"], versions=[1, 2, 2])
    part = whole.subset({"item2", "item0"})
    assert part.items == ("item0", "item2")
    assert len(part.values) == 4
    assert (part.wave_of, part.version_of) == (
        {"item0": "1", "item2": "2"},
        {"item0": 1, "item2": 2},
    )
    with pytest.raises(InputError, match="no item 'other'"):
        whole.subset(["other"])
    assert whole.of_coders(["b"]).coders == ("b",)
    with pytest.raises(InputError, match="no coder 'other'"):
        whole.of_coders(["other"])


def test_whole_codings_are_the_same_only_in_every_variable() -> None:
    """A variable left out is part of the coding; an item counts for whoever gave any value."""
    kind = coded({"a": ["a", "a", "b", None], "b": ["a", "a", "c", None]}, variable="kind")
    more = coded({"a": ["a", None, "b", None], "b": ["a", "b", "b", "c"]}, variable="more")
    whole = joint([kind, more])
    same = [whole.values.get((item, "a")) == whole.values.get((item, "b")) for item in whole.items]
    assert same == [True, False, False, False]
    assert ("item3", "a") not in whole.values
    assert len(whole.codes) == 6  # aa a– ab bb cb –c


def test_whole_codings_keep_waves_and_versions_that_all_variables_share() -> None:
    """Where variables differ on an item's wave or version, or one has none, it has none."""
    kind = coded({"a": "aaa"}, variable="kind", waves=["1", "1", "2"], versions=[1, 1, 2])
    more = coded({"a": "bbb"}, variable="more", waves=["1", "2", "2"], versions=[1, None, 2])
    whole = joint([kind, more])
    assert whole.wave_of == {"item0": "1", "item2": "2"}
    assert whole.version_of == {"item0": 1, "item2": 2}


def test_real_codings_give_the_reference_values() -> None:
    """150 repositories by two coders: both variables as irrCAC has them, and whole codings."""
    report = measure(kinds_2023(), settings=QUICK)
    assert report.coders == ("ann", "bob")
    for variable in ("kind", "category"):
        found = only(report.results, variable).coefficients
        expected = REFERENCES[f"kinds-2023-{variable}"]["irrCAC"]
        values = [found[family].value for family in ("percent", "fleiss", "alpha", "gwet")]
        keys = ("percent", "fleiss", "alpha-nominal", "ac1")
        assert values == pytest.approx([expected[key] for key in keys], abs=1e-9)
    whole = only(report.results, "all variables").coefficients["percent"]
    kinds, categories = (REFERENCES[f"kinds-2023-{v}"]["ratings"] for v in ("kind", "category"))
    same = [k[0] == k[1] and c[0] == c[1] for k, c in zip(kinds, categories, strict=True)]
    assert (whole.value, whole.n_pairable) == (pytest.approx(np.mean(same)), 150)
    assert only(report.results, "category").coefficients["alpha"].n_pairable == 67


THREE: Rows = {
    "ann": ["a", "a", "b", "b", "c", "c", "a", None],
    "bob": ["a", "a", "b", "c", "c", "c", None, "b"],
    "cyd": ["a", "b", "b", None, "c", "b", "a", "b"],
}


def test_the_scopes_of_a_study() -> None:
    """One for the whole, each variable, code, wave, version, and pair, in that order."""
    waves = ["pilot"] * 3 + ["main"] * 5
    versions = [1, 1, 2, 2, 2, 2, 2, None]
    kind = coded(THREE, waves=waves, versions=versions)
    more = coded(THREE, variable="more", waves=waves, versions=versions)
    report = measure([kind, more], settings=QUICK)
    parts = ["wave pilot", "wave main", "version 1", "version 2"]
    parts += ["ann × bob", "ann × cyd", "bob × cyd"]
    for variable in ("kind", "more"):
        titles = [r.scope.title for r in report.results if r.scope.variable == variable]
        codes = [f"{variable}, code {code}" for code in "abc"]
        assert titles == [variable, *codes, *(f"{variable}, {part}" for part in parts)]
    joined = [each.scope.title for each in report.results if each.scope.variable is None]
    assert joined == ["all variables", *(f"all variables, {part}" for part in parts)]
    assert report.notes == (
        "kind, more: coded under different versions of the codebook, so in none of them: 1.",
    )


def test_versions_can_have_their_own_codes() -> None:
    """What was coded under an older codebook is measured with its codes, and jointly, too."""
    now = [coded(THREE, variable=name) for name in ("kind", "more")]
    old = {coder: ["x" if code in ("b", "c") else code for code in THREE[coder]] for coder in THREE}
    first = [coded(old, variable="kind", codes="ax"), coded(old, variable="gone", codes="ax")]
    report = measure(now, settings=QUICK, by_version={2: [], 1: first})
    alone = measure(first, settings=QUICK)
    then = only(report.results, "kind, version 1").coefficients
    assert then == only(alone.results, "kind").coefficients
    together = only(report.results, "all variables, version 1").coefficients
    assert together == only(alone.results, "all variables").coefficients
    assert [r.scope.title for r in report.of("version")] == [
        "all variables, version 1",
        "kind, version 1",
    ]


def test_a_part_that_is_all_there_is_is_left_out() -> None:
    """With one variable, one wave, one version and two coders there are the codes beside it."""
    two = {coder: THREE[coder] for coder in ("ann", "bob")}
    one = coded(two, waves=["pilot"] * 8, versions=[1] * 8)
    kinds = [each.scope.kind for each in measure([one], settings=QUICK).results]
    assert kinds == ["variable", "code", "code", "code"]


def test_parts_are_measured_on_their_items_alone() -> None:
    """A wave is what its items alone would give; a pair is on the items that both coded."""
    kind = coded(THREE, waves=["pilot"] * 5 + ["main"] * 3)
    report = measure([kind], settings=QUICK)
    alone = measure([kind.subset(kind.items[:5])], settings=QUICK)
    assert (
        only(report.results, "kind, wave pilot").coefficients
        == only(alone.results, "kind").coefficients
    )
    pair = only(report.results, "kind, ann × cyd").coefficients
    assert {(each.n_items, each.n_pairable, each.n_missing) for each in pair.values()} == {
        (6, 6, 0)
    }
    both = measure([coded({"x": "aabcca", "y": "abbcba"})], settings=QUICK)
    values = [each.value for each in only(both.results, "kind").coefficients.values()]
    assert [each.value for each in pair.values()] == pytest.approx(values)
    assert pair["cohen"].value == pytest.approx(13 / 25)  # 24/36 agree, 11/36 by chance


def test_a_code_is_measured_against_the_rest() -> None:
    """Each code is as if all others were one, with how often each coder gave it."""
    report = measure([coded(THREE)], settings=QUICK)
    found = only(report.results, "kind, code b")
    merged = {
        coder: [None if code is None else "b" if code == "b" else "a" for code in codes]
        for coder, codes in THREE.items()
    }
    expected = only(measure([coded(merged, codes="ab")], settings=QUICK).results, "kind")
    for family, each in expected.coefficients.items():
        assert found.coefficients[family].value == pytest.approx(each.value)
    assert found.given == {"ann": 2, "bob": 2, "cyd": 4}
    assert expected.given == {}


def test_several_codes_an_item_are_compared_by_masi() -> None:
    """α is of whole sets with MASI, by hand; the others say to look at the codes."""
    themes = several({"a": ["p", "pq", "", None], "b": ["p", "p", "", "q"]})
    report = measure([themes], settings=QUICK)
    found = only(report.results, "themes").coefficients
    # Given: p p, pq p, – –. Within: 2·(2/3)/6. All: 3·1·(2/3) p–pq, 3·2·1 p–none, 1·2·1 pq–none.
    within, total = 2 * (2 / 3) / 6, 2 * (3 * (2 / 3) + 6 + 2) / (6 * 5)
    assert found["alpha"].value == pytest.approx(1 - within / total)
    assert found["percent"].value == pytest.approx(2 / 3)
    for family in ("cohen", "fleiss", "gwet"):
        assert found[family].value is None
        assert found[family].reason == "an item can have several codes: see the codes one by one"
    code = only(report.results, "themes, code p")
    assert code.coefficients["percent"].value == 1
    assert code.given == {"a": 2, "b": 2}
    assert report.confusions == ()


@settings(max_examples=20)  # each is two whole reports
@given(seed=st.integers(0, 2**32 - 1))
def test_sets_of_one_code_are_as_a_nominal_variable(seed: int) -> None:
    """A variable of several codes with one each has the α and the codes of a nominal one."""
    rng = np.random.default_rng(seed)
    rows = {coder: ["a", "b", *rng.choice(list("abc"), 12)] for coder in ("x", "y", "z")}
    one = measure([coded(rows)], settings=QUICK)
    many = measure([several(rows, codes="abc")], settings=QUICK)
    alphas = [report.results[0].coefficients["alpha"].value for report in (one, many)]
    assert alphas[0] == pytest.approx(alphas[1])
    for left, right in zip(one.of("code"), many.of("code"), strict=True):
        assert (left.coefficients, left.given) == (right.coefficients, right.given)


@pytest.mark.parametrize("named", NAMED)
def test_what_was_named_is_computed_on_an_ordered_scale(named: str) -> None:
    """Whatever the study named stands among the results of an ordinal variable under its key."""
    severity = coded({"a": "abcabcab", "b": "abcabbac"}, level="ordinal")
    report = measure([severity], settings=Settings(seed=0, named=named, resamples=0))
    family = report.settings.family
    assert family is not None
    found = report.results[0].coefficients
    assert found[family].key == named
    others = {"cohen": "cohen-quadratic", "gwet": "ac2-quadratic", "alpha": "alpha"}
    for other, key in others.items():
        assert other == family or found[other].key == key


def test_levels_of_measurement_tell() -> None:
    """The same codings as nominal, ordinal and interval variables: other distances and weights."""
    rows = {"a": "abcabcabca", "b": "abcabbacca"}
    points = {"a": 0.0, "b": 1.0, "c": 10.0}
    names = []
    for level in ("nominal", "ordinal", "interval"):
        given = points if level == "interval" else {}
        variable = coded(rows, level=level, points=given)  # type: ignore[arg-type]
        found = measure([variable], settings=QUICK).results[0].coefficients
        names.append((found["cohen"].name, found["alpha"].name, found["gwet"].name))
    weighted = ", quadratic weights"
    assert names == [
        ("Cohen's κ", "Krippendorff's α (nominal)", "Gwet's AC1"),
        (f"Cohen's κ{weighted}", "Krippendorff's α (ordinal)", f"Gwet's AC2{weighted}"),
        (f"Cohen's κ{weighted}", "Krippendorff's α (interval)", f"Gwet's AC2{weighted}"),
    ]


def test_the_named_coefficient_is_judged_by_value_and_by_its_lower_bound() -> None:
    """A value above the threshold whose interval reaches below it passes one test of two."""
    kind = kinds_2023()[0]
    report = measure([kind], settings=Settings(seed=0, named="alpha", threshold=0.93))
    result = report.results[0]
    found = result.coefficients["alpha"]
    assert found.low is not None and found.value is not None
    assert found.low < 0.93 < found.value
    assert result.verdict is not None
    assert (result.verdict.by_value, result.verdict.by_low) == (True, False)
    assert measure([kind], settings=QUICK).results[0].verdict is None

    eight = coded({"a": "aaaaabbbbb", "b": "aaaabbbbba"})
    exact = measure([eight], settings=Settings(seed=0, named="percent", threshold=0.8, resamples=0))
    assert exact.results[0].verdict is not None and exact.results[0].verdict.by_value is True

    alike = coded({"a": "aaaa", "b": "aaaa"})
    undefined = measure([alike], settings=Settings(seed=0, named="alpha", threshold=0.8))
    verdict = undefined.results[0].verdict
    assert verdict is not None
    assert (verdict.by_value, verdict.by_low) == (None, None)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"named": "kappa"}, "no coefficient 'kappa'"),
        ({"threshold": 0.8}, "no coefficient that should reach it"),
        ({"named": "alpha", "threshold": 0.0}, "not above 0"),
        ({"named": "alpha", "threshold": 80.0}, "at most 1"),
        ({"resamples": -1}, "-1 resamples"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], said: str) -> None:
    """An unknown coefficient, and a threshold that cannot be, are refused."""
    with pytest.raises(InputError, match=said):
        Settings(seed=0, **settings)


def test_nothing_or_the_same_twice_is_refused() -> None:
    """A report needs a variable, and each once."""
    kind = coded({"a": "ab", "b": "ab"})
    for wrong in ([], [kind, kind]):
        with pytest.raises(InputError, match="no variable to measure"):
            measure(wrong, settings=QUICK)


def of_table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> Coded:
    """Make two coders' answers from the four cells of a table."""
    first = "y" * (yes_yes + yes_no) + "n" * (no_yes + no_no)
    second = "y" * yes_yes + "n" * yes_no + "y" * no_yes + "n" * no_no
    return coded({"ann": first, "bob": second}, variable="relevant", codes="yn")


def test_prevalence_is_warned_of() -> None:
    """Feinstein and Cicchetti 1990: 85 % agreement twice, κ .70 in balance and .32 out of it."""
    balanced = measure([of_table(40, 9, 6, 45)], settings=QUICK).results[0]
    skewed = measure([of_table(80, 10, 5, 5)], settings=QUICK).results[0]
    for result, kappa in ((balanced, 0.70), (skewed, 0.32)):
        assert result.coefficients["percent"].value == pytest.approx(0.85)
        assert result.coefficients["cohen"].value == pytest.approx(kappa, abs=0.005)
    assert balanced.warning is None
    assert skewed.warning == (
        "y is 88% of what was given, so much agreement is expected by chance, and κ and α are low "
        "for it: 85% of the pairs agree, Cohen's κ 0.32, Fleiss' κ 0.31, α 0.32 "
        "(Feinstein and Cicchetti 1990)"
    )


def test_a_common_code_is_warned_of_even_if_coders_agree() -> None:
    """One code in 80 % of the values is worth a word; that a rare code is mostly absent is not."""
    report = measure([of_table(82, 2, 2, 14)], settings=QUICK)
    assert report.results[0].warning is not None
    assert [each.warning for each in report.of("code")] == [None, None]
    assert all(each.warning is None for each in measure(kinds_2023(), settings=QUICK).results)
    rare = measure([of_table(1, 5, 4, 90)], settings=QUICK).of("code")[0]
    assert rare.warning is not None and rare.warning.startswith("its absence is 94%")
    alike = measure([of_table(9, 0, 0, 0)], settings=QUICK).results[0]
    assert alike.warning is not None and "κ and α undefined" in alike.warning


def test_confusions_count_codes_in_the_order_of_the_codebook() -> None:
    """Rows are the first coder's codes; only items that both coded count; pairs without are out."""
    rows = {**THREE, "dan": [None] * 8}
    report = measure([coded(rows, codes="cab")], settings=QUICK)
    assert [each.coders for each in report.confusions] == [
        ("ann", "bob"),
        ("ann", "cyd"),
        ("bob", "cyd"),
    ]
    first = report.confusions[0]
    assert first.codes == ("c", "a", "b")
    assert first.counts == ((2, 0, 0), (0, 2, 0), (1, 0, 1))


def test_coders_without_a_value_do_not_count() -> None:
    """A third coder who has not begun leaves Cohen's κ of the other two as it is."""
    rows = {"a": "abca", "b": "abcb"}
    waiting = coded({**rows, "c": [None] * 4})
    two, three = (
        measure([each], settings=QUICK).results[0].coefficients for each in (coded(rows), waiting)
    )
    assert two == three
    assert presence(waiting, "a").matrix.shape == (4, 2)


def test_many_sets_are_quick_enough() -> None:
    """1,000 items by three coders with hundreds of different sets, with an interval."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghij"))
    truth = rng.random((1000, 10)) < 0.3
    rows = {
        coder: ["".join(letters[row]) for row in truth ^ (rng.random((1000, 10)) < 0.03)]
        for coder in ("x", "y", "z")
    }
    numbers = ratings(several(rows, codes="abcdefghij"))
    assert numbers.n_values > 200
    distance = masi(numbers.values)
    found = alpha(numbers, distance=distance, resampling=Resampling(seed=0))
    assert found.low is not None and found.high is not None
    assert found.high - found.low < 0.05


def study() -> list[Coded]:
    """Return a study with all that a view can show."""
    waves = ["pilot"] * 20 + ["main"] * 40
    rng = np.random.default_rng(0)
    truth = rng.choice(list("abc"), 60)
    rows = {
        coder: np.where(rng.random(60) < 0.7, truth, rng.choice(list("abc"), 60)).tolist()
        for coder in ("ann", "bob", "cyd")
    }
    return [
        coded(rows, codes=["a", "b", "c"], waves=waves),
        coded(rows, variable="severity", level="ordinal", waves=waves),
        several(rows, codes="abc"),
        coded({coder: ["a"] * 60 for coder in rows}, variable="same"),
    ]


def test_the_summary_says_it_all_in_100_columns() -> None:
    """The named coefficient has a star, what is undefined a reason, prevalence a warning."""
    report = measure(study(), settings=Settings(seed=0, named="ac2-ordinal", threshold=0.5))
    text = shown(agreement_table(report))
    assert max(map(len, text.splitlines())) <= 100
    lines = text.splitlines()
    assert lines[0].rstrip().endswith("★ AC1 / AC2")
    severity = report.results[[r.scope.title for r in report.results].index("severity")]
    gwets = severity.coefficients["gwet"]
    assert gwets.value is not None and gwets.low is not None and gwets.high is not None
    figure = f"{gwets.value:.2f} ({gwets.low:.2f}–{gwets.high:.2f})".replace("0.", ".")
    row = next(line for line in lines if line.startswith("severity "))
    assert row.split()[:2] == ["severity", "60"]
    assert row.split()[3:5] == ["–", "[1]"]
    assert row.rstrip().endswith(f" {figure}")
    assert "[1] Cohen's κ is for two coders, not 3: see the pairs" in lines
    assert "★ named beforehand: ac2-ordinal, to reach 0.50." in lines
    assert "★ themes: undefined." in lines
    assert any(line.startswith("  wave pilot ") for line in lines)
    assert any(line.startswith("  ann × bob ") for line in lines)
    assert "same: a is 100% of what was given" in text
    assert "Gwet's AC2, ordinal weights" in " ".join(text.split())


def test_a_verdict_names_the_lower_bound() -> None:
    """The sentence under the summary says what reaches the threshold and what does not."""
    settings = Settings(seed=0, named="alpha", threshold=0.93)
    text = shown(agreement_table(measure(kinds_2023()[:1], settings=settings)))
    assert "★ kind: 0.950 reaches it; the lower bound 0.906 does not reach it." in text
    settings = Settings(seed=0, named="alpha")
    assert "★ kind" not in shown(agreement_table(measure(kinds_2023()[:1], settings=settings)))


def test_codes_and_confusions_are_shown() -> None:
    """Each code with its counts by coder, and the matrix, within 100 columns."""
    report = measure(kinds_2023(), settings=Settings(seed=0))
    codes, matrix = shown(spaced(codes_tables(report))), shown(spaced(confusion_tables(report)))
    assert max(map(len, (codes + matrix).splitlines())) <= 100
    assert "example-project 41/39" in codes
    assert "given: by ann / bob" in codes
    both = shown(spaced(report_tables(report, codes=True)))
    summary = shown(agreement_table(report))
    assert both == f"{summary}\n{codes}\n{matrix}"
    assert shown(spaced(report_tables(report, codes=False))) == f"{summary}\n{matrix}"
    lines = matrix.splitlines()
    assert lines[0].strip() == "kind: rows are the codes of ann, columns those of bob"
    assert lines[2].split() == ["1", "example-project", "39", "·", "·", "·", "·", "2", "·"]


def test_markup_in_names_is_shown_as_it_is() -> None:
    """Codes, coders and variables with brackets are text, not markup."""
    kind = coded(
        {"[red]ann": ["[b]", "x"], "bob": ["[b]", "x"]}, variable="[i]kind", codes=["[b]", "x"]
    )
    report = measure([kind], settings=QUICK)
    text = shown(agreement_table(report), codes_tables(report), confusion_tables(report))
    for name in ("[b]", "[i]kind", "[red]ann"):
        assert name in text


def test_values_are_plain() -> None:
    """The report as JSON holds each result with the named coefficient marked, and no NaN."""
    settings = Settings(seed=3, named="alpha", threshold=0.5, resamples=200)
    report = measure(study(), settings=settings)
    values = through_json(report.values())
    assert (values["named"], values["threshold"], values["seed"]) == ("alpha", 0.5, 3)
    assert len(values["results"]) == len(report.results)
    first = values["results"][0]
    assert first["scope"] == {"kind": "overall", "variable": None, "part": None}
    assert [each["key"] for each in first["coefficients"] if each["named"]] == ["alpha"]
    assert set(first["verdict"]) == {"by_value", "by_low"}
    assert values["confusions"][0]["coders"] == ["ann", "bob"]


def test_ac1_of_whole_codings_counts_the_codings_seen() -> None:
    """All codings that could be are too many to count: the chance term takes those given."""
    two = [coded({"a": "abca", "b": "abcb"}, variable=name) for name in ("one", "two")]
    whole = measure(two, settings=QUICK).results[0].coefficients["gwet"]
    numbers = ratings(joint(two))
    assert numbers.n_values == 3
    assert whole == gwet(numbers, weights=None, resampling=Resampling(seed=0, resamples=0))
