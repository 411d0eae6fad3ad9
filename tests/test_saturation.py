"""Saturation: the rule's own example, what cannot be told, and what comes after."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import shown, through_json

from artifacts.errors import InputError
from labels.saturation import StoppingRule, saturation, saturation_by
from opsatlas.cli.label.saturation import (
    ROWS,
    saturation_table,
    strata_table,
)

codings = st.lists(st.frozensets(st.sampled_from(string.ascii_lowercase), max_size=4), max_size=40)
rules = st.builds(
    StoppingRule,
    base_size=st.integers(1, 6),
    run_length=st.integers(1, 4),
    threshold=st.sampled_from([0.0, 0.05, 0.3]),
)


def bringing(numbers: list[int]) -> list[tuple[str, ...]]:
    """Return codes of documents that bring so many new ones, and repeat the first."""
    found: list[tuple[str, ...]] = []
    so_far = 0
    for number in numbers:
        new = tuple(f"code {each}" for each in range(so_far, so_far + number))
        found.append((*new, "code 0") if so_far else new)
        so_far += number
    return found


def test_the_example_of_the_rule() -> None:
    """Guest, Namey and Chen 2020: 37 in the base, then 7, 4 and 1 new: 19, 11 and 3 %, so 6+2."""
    found = saturation(bringing([16, 10, 6, 5, 4, 3, 1, 0]), rule=StoppingRule())
    assert len(found.base) == 37
    assert [(run.first, run.last) for run in found.runs] == [(5, 6), (6, 7), (7, 8)]
    assert [len(run.new) for run in found.runs] == [7, 4, 1]
    assert [f"{run.ratio:.0%}" for run in found.runs] == ["19%", "11%", "3%"]
    assert found.met == found.runs[2]
    assert found.notation == "6+2"
    assert found.caution is None
    assert "documents 7–8: 1 new on 37 in the base, 3%" in found.sentence


def test_no_new_codes_at_all_can_be_asked_for() -> None:
    """With a threshold of 0 the example goes on by one more document: 7+2."""
    numbers = [16, 10, 6, 5, 4, 3, 1, 0, 0]
    assert saturation(bringing(numbers), rule=StoppingRule(threshold=0)).notation == "7+2"


def test_the_threshold_itself_meets_the_rule() -> None:
    """One new code on 20 in the base is 5 %, which is not too much."""
    numbers = [5, 5, 5, 5, 1, 0]
    assert saturation(bringing(numbers), rule=StoppingRule()).notation == "4+2"
    assert saturation(bringing(numbers), rule=StoppingRule(threshold=0.04)).met is None


def test_what_comes_after_is_told() -> None:
    """Codes that are new after the rule was met are counted: it may have been met too early."""
    found = saturation(bringing([2, 1, 0, 0, 0, 0, 3, 1]), rule=StoppingRule())
    assert found.notation == "4+2"
    assert found.n_after == 4
    assert "documents after it: 2, new codes in them: 4" in found.sentence
    assert found.caution is not None
    assert "Codes in the base: 3. A single new one is 33%" in found.caution


def test_a_document_without_a_code_counts() -> None:
    """Documents to which no code applies are documents of the base and of the runs."""
    found = saturation([("a",), (), (), (), (), ()], rule=StoppingRule())
    assert found.notation == "4+2"
    assert found.new_codes == (("a",), (), (), (), (), ())


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ([], "Not to be told yet: 0 documents"),
        ([3, 2, 1, 1, 0], "needs 6"),
        ([0, 0, 0, 0, 2, 1], "Undefined: no document of the base of 4 has a code"),
        (
            [3, 2, 1, 1, 2, 1],
            "Not met (at most 5% new codes in a run of 2): the last run brought 3",
        ),
    ],
)
def test_a_rule_that_is_not_met_says_why(numbers: list[int], why: str) -> None:
    """Too few documents, no codes to count against, or too many new ones: each in a sentence."""
    found = saturation(bringing(numbers), rule=StoppingRule())
    assert found.met is found.notation is None
    assert found.n_after == 0
    assert why in found.sentence


@given(codes_of=codings, rule=rules)
def test_new_codes_are_each_new_once(codes_of: list[frozenset[str]], rule: StoppingRule) -> None:
    """Each code is new in one document, the first that has it; runs count what falls in them."""
    found = saturation(codes_of, rule=rule)
    new = [code for codes in found.new_codes for code in codes]
    assert sorted(new) == sorted(set().union(*codes_of))
    for place, codes in enumerate(found.new_codes):
        assert all(code in codes_of[place] for code in codes)
        assert not set(codes) & set().union(*codes_of[:place])
    assert all(run.last - run.first + 1 == rule.run_length for run in found.runs)
    for run in found.runs:
        assert set(run.new) == set().union(*found.new_codes[run.first - 1 : run.last])
        assert run.ratio == len(run.new) / len(found.base)
    if found.met is None:
        assert all(run.ratio > rule.threshold for run in found.runs)
    else:
        earlier = found.runs[: found.runs.index(found.met)]
        assert found.met.ratio <= rule.threshold < min((r.ratio for r in earlier), default=1)


@given(codes_of=codings, rule=rules, more=codings)
def test_what_is_met_stays_met(
    codes_of: list[frozenset[str]], rule: StoppingRule, more: list[frozenset[str]]
) -> None:
    """Further documents do not move the place where the rule was met."""
    before, after = saturation(codes_of, rule=rule), saturation(codes_of + more, rule=rule)
    assert before.met is None or before.met == after.met
    assert after.runs[: len(before.runs)] == before.runs


def test_each_stratum_is_judged_alone() -> None:
    """A code that is known elsewhere is new in a stratum that had not met it."""
    codes_of = [("a",), ("a",), ("a",), ("b",), ("a",), ("a",)]
    strata = ["topic 2", "topic 10", "topic 2", "topic 10", "topic 2", "topic 10"]
    found = saturation_by(codes_of, strata, rule=StoppingRule(1, 1))
    assert list(found) == ["topic 2", "topic 10"]
    assert found["topic 2"].new_codes == (("a",), (), ())
    assert found["topic 10"].new_codes == (("a",), ("b",), ())
    assert [each.notation for each in found.values()] == ["1+1", "2+1"]


@pytest.mark.parametrize(
    "values", [{"base_size": 0}, {"run_length": 0}, {"threshold": 1}, {"threshold": -0.1}]
)
def test_rules_that_cannot_be_are_refused(values: dict[str, float]) -> None:
    """An empty base or run, and a threshold that is no share, are refused."""
    with pytest.raises(InputError, match="saturation"):
        StoppingRule(**values)  # type: ignore[arg-type]


def test_the_curve_is_shown() -> None:
    """The base stands first, the batches add up, bars grow to full length, the outcome follows."""
    found = saturation(bringing([16, 10, 6, 5, 4, 3, 1, *([0] * 60)]), rule=StoppingRule())
    text = shown(saturation_table(found))
    lines = [line.split() for line in text.splitlines() if "█" in line]
    assert lines[0][:3] == ["1–4", "37", "37"]
    assert lines[1][:3] == ["5–10", "8", "45"]
    assert len(lines) <= ROWS + 1
    assert sum(int(line[1]) for line in lines) == int(lines[-1][2]) == 45
    assert (len(lines[0][3]), len(lines[-1][3])) == (33, 40)
    assert "Met at 6+2" in text
    assert found.rule.in_words[:40] in text


def test_an_empty_curve_is_shown() -> None:
    """Before anything is coded there is a table without lines and a sentence."""
    assert "Not to be told yet" in shown(saturation_table(saturation([], rule=StoppingRule())))


def test_strata_are_shown() -> None:
    """Each stratum has a line with its documents, its codes and where the rule is met."""
    found = saturation_by(bringing([2, 1, 0, 0, 0, 0, 9]), [*("x" * 6), "y"], rule=StoppingRule())
    lines = [line.split() for line in shown(strata_table(found)).splitlines()]
    assert ["x", "6", "3", "4+2"] in [line[:4] for line in lines]
    assert ["y", "1", "10", "–"] in [line[:4] for line in lines]


def test_values_are_plain() -> None:
    """The values survive JSON, and hold the rule, each run and where it is met."""
    found = saturation(bringing([16, 10, 6, 5, 4, 3, 1, 0]), rule=StoppingRule())
    values = through_json(found.values())
    assert values["rule"] == {"base_size": 4, "run_length": 2, "threshold": 0.05}
    assert [len(run["new"]) for run in values["runs"]] == [7, 4, 1]
    assert (values["met"], values["met_after"], values["new_after"]) == ("6+2", 8, 0)
    assert saturation([], rule=StoppingRule()).values()["met_after"] is None
