"""Published measures of health, part by part, and how mature a tool is, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from living_tools import day, life_of, living, together

from insights.history.health import (
    CRITICALITY,
    CRITICALITY_PARTS,
    STARTER,
    criticality_of,
    health_signals,
    part_score,
)
from insights.history.maturity import maturity_of
from insights.history.population import ToolHistory
from insights.history.rows import HealthSignal
from insights.history.stages import NO_DAY
from mining.tables import OLDER

KUBERNETES = {
    "created_since": 78,
    "updated_since": 0,
    "contributor_count": 3649,
    "org_count": 5,
    "commit_frequency": 105.9,
    "recent_releases_count": 77,
    "closed_issues_count": 3333,
    "updated_issues_count": 5489,
    "comment_frequency": 5.4,
    "dependents_count": 403529,
}
"""The example of the score's README."""
PULLS = {"pulls_open": 5, "pulls_closed": 15, "pulls_merged": 80}
YEARS = [10] * 72
"""Ten commits a month, by people, for six years."""


def parts(**values: float) -> list[HealthSignal]:
    """Return parts of the criticality score; who is not named is not known."""
    return [
        HealthSignal(
            "name:some/tool",
            CRITICALITY,
            signal,
            values.get(signal),
            part.unit,
            part.weight,
            part.threshold,
            part_score(values[signal], part.threshold) if signal in values else None,
            None if signal in values else "not known",
        )
        for signal, part in CRITICALITY_PARTS.items()
    ]


def signals_of(tool: ToolHistory) -> dict[str, HealthSignal]:
    """Return the signals of one tool, by name."""
    lives = {tool.repo_key: life_of(tool)}
    return {each.signal: each for each in health_signals(together(tool), lives)}


def maturity(commits: list[int], **other: Any) -> tuple[str, str]:
    """Return how mature a tool with these commits is."""
    tool = living(commits, **other)
    return maturity_of(tool, life_of(tool), signals_of(tool).values())


def test_the_published_example_of_criticality() -> None:
    """Of kubernetes, in the README of the score: 0.98514."""
    score = criticality_of(parts(**KUBERNETES))
    assert score.value == pytest.approx(0.98514, abs=5e-6)
    assert (score.n, score.reason) == (10, "no interval: from 10 of 10 parts")


def test_parts_that_are_missing_leave_the_denominator() -> None:
    """Of three parts with the weights 2, 1 and 0.5, it is their mean by these."""
    known = {"contributor_count": 5000.0, "org_count": 0.0, "recent_releases_count": 26.0}
    score = criticality_of(parts(**known))
    assert score.value == pytest.approx((2 * 1 + 1 * 0 + 0.5 * 1) / 3.5)
    assert (score.n, score.reason) == (3, "no interval: from 3 of 10 parts")


@pytest.mark.parametrize(
    "known", [{}, {"updated_since": 3.0}, {"created_since": 9, "updated_since": 3}]
)
def test_parts_without_weight_give_no_score(known: dict[str, float]) -> None:
    """None is known, or those known weigh nothing together: the time since the update has −1."""
    score = criticality_of(parts(**known))
    assert score.value is None
    assert score.reason == "the parts known have no weight together"


def test_the_score_is_cut_to_a_share() -> None:
    """As published: what was updated today has 1 at most, what is forgotten 0 at least."""
    fresh = {"created_since": 120.0, "updated_since": 0.0, "contributor_count": 5000.0}
    stale = {"created_since": 0.0, "updated_since": 120.0, "contributor_count": 0.0}
    assert criticality_of(parts(**fresh)).value == 1
    assert criticality_of(parts(**stale)).value == 0


@given(st.floats(0, 1e9), st.floats(1, 1e6))
def test_the_score_of_a_part_is_a_share(value: float, threshold: float) -> None:
    """It is 1 from the threshold on, and rises until there."""
    score = part_score(value, threshold)
    assert 0 <= score <= 1
    assert (score == 1) == (value >= threshold)
    assert part_score(threshold, threshold) == 1


def test_every_part_of_both_measures_is_told() -> None:
    """Four of the starter model and ten of the score, each with its value or why there is none."""
    found = health_signals(together(living(YEARS)), {})
    assert [each.measure for each in found] == [STARTER] * 4 + [CRITICALITY] * 10
    assert all((each.value is None) != (each.reason is None) for each in found)
    assert {each.score is None for each in found if each.measure == STARTER} == {True}


def test_change_requests_that_were_closed_over_those_opened() -> None:
    """Of a hundred, five are open: 0.95. Where none was opened there is no such ratio."""
    told = signals_of(living(YEARS, numbers=PULLS))["change request closure ratio"]
    assert told.value == 0.95
    none = signals_of(living(YEARS, numbers=dict.fromkeys(PULLS, 0)))
    assert none["change request closure ratio"].value is None
    assert none["change request closure ratio"].reason == "no change request was ever opened"
    unknown = signals_of(living(YEARS, numbers={**PULLS, "pulls_merged": None}))
    assert unknown["change request closure ratio"].value is None


def test_releases_and_commits_are_those_of_the_last_year() -> None:
    """Of the twelve months before that of the observation, which is not over."""
    releases, commits = [0] * 60 + [2] * 12, [99] * 60 + [26] * 12
    tool = living(YEARS, columns={"releases": releases, "commits": commits}, cut=50)
    told = signals_of(tool)
    assert told["release frequency"].value == told["recent_releases_count"].value == 24
    assert told["commit_frequency"].value == 26 * 12 / 52
    young = living([4] * 3, columns={"commits": [4, 4, 5]})
    assert signals_of(young)["commit_frequency"].value == 13 / 52
    assert signals_of(living(YEARS))["commit_frequency"].value is None
    cut = replace(young, flags=(OLDER,))
    assert (
        signals_of(cut)["commit_frequency"].reason == "not all commits of the last year are counted"
    )


def test_months_are_counted_to_the_day_of_observation() -> None:
    """Ten years and twenty days after its beginning, and a year after its last commit."""
    tool = living([1] * 120, last_commit_at=day("2024-01", 20), absence_factor=3)
    told = signals_of(tool)
    assert told["created_since"].value == pytest.approx(120 + 19 / 30.4375, abs=0.05)
    assert told["updated_since"].value == pytest.approx(12, abs=0.05)
    assert told["contributor absence factor"].value == 3
    assert (
        told["contributor absence factor"].unit
        == "people with half of the commits of the last year"
    )


def test_nothing_is_computed_without_a_day_of_observation() -> None:
    """Of no part, and no maturity: each says why."""
    tool = living(YEARS, numbers=PULLS, absence_factor=4, observed_at=None)
    told = signals_of(tool)
    assert {(each.value, each.score, each.reason) for each in told.values()} == {
        (None, None, NO_DAY)
    }
    assert maturity_of(tool, life_of(tool), told.values()) == ("unknown", NO_DAY)


@pytest.mark.parametrize(
    ("commits", "factor", "word"),
    [
        ([10] * 20, 3, "young"),
        ([10] * 20, 1, "young, one-person"),
        ([10] * 40, 3, "established"),
        ([10] * 40, None, "established, people unknown"),
        (YEARS, 3, "mature"),
        (YEARS, 1, "mature, one-person"),
        ([20] * 60 + [5] * 12, 3, "mature but declining"),
        ([20] * 24 + [5] * 20, 1, "established but declining, one-person"),
        ([10] * 40 + [0] * 12, 1, "dormant"),
        ([10] * 40 + [0] * 30, 3, "ended"),
    ],
)
def test_the_scale_of_maturity(commits: list[int], factor: int | None, word: str) -> None:
    """By age, stage, and on how many people it rests."""
    assert maturity(commits, absence_factor=factor)[0] == word


def test_maturity_says_what_it_rests_on() -> None:
    """With what is not known among it."""
    columns = {"releases": [0] * 71 + [1]}
    assert maturity(YEARS, absence_factor=2, columns=columns)[1] == (
        "6.1 years old, peak, half of the commits of its last year are by 2 people, "
        "1 release in the last year"
    )
    assert maturity(YEARS)[1] == (
        "6.1 years old, peak, on how many people it rests is not known, its releases are not known"
    )


def test_maturity_is_unknown_where_its_stage_or_beginning_is() -> None:
    """With the reason, that of the stage where there is one."""
    assert maturity_of(living(None), life_of(living(None)), ()) == (
        "unknown",
        "its commits are not counted by month",
    )
    born = living(YEARS)
    unborn = replace(born, created_at=None, first_commit_at=None)
    assert maturity_of(unborn, life_of(born), ()) == ("unknown", "its beginning is not known")
