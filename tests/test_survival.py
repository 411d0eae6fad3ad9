"""How long tools last: what counts as an end, what is not known, and the figures of groups."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.rows import read_rows, schema_of, table_of
from artifacts.tables import write_table
from insights.history.curves import kaplan_meier
from insights.history.figures import Bound, SurvivalFigure, SurvivalPoint, SurvivalTest
from insights.history.lifetimes import Lifetimes, lifetimes_of
from insights.history.months import DAYS_A_MONTH
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.settings import EndDefinition, HistorySettings
from insights.history.survival import AGES, NO_DAYS, Survival, survival

BIRTH = datetime(2015, 1, 1, tzinfo=UTC)
SILENT = EndDefinition(name="silent for a year", silent_months=12, sign="any")
ANNOUNCED = EndDefinition(name="announced", announced=True)
EITHER = EndDefinition(name="either", silent_months=12, sign="any", announced=True)


def at(months: float) -> datetime:
    """Return the day so many months after the first birth."""
    return BIRTH + timedelta(days=months * DAYS_A_MONTH)


def a_tool(**known: Any) -> ToolHistory:
    """Return a tool born at 0, of which nothing is known but what is said here."""
    nothing = dict.fromkeys(field.name for field in dataclasses.fields(ToolHistory))
    said = {"repo_key": "", "full_name": "a/b", "owner": "a", "monthly": {}, "numbers": {}}
    return ToolHistory(**{**nothing, **said, "flags": (), "first_commit_at": BIRTH, **known})


def a_population(*tools: ToolHistory) -> HistoryPopulation:
    """Return a population of tools, each under a key of its own."""
    keyed = tuple(
        dataclasses.replace(tool, repo_key=f"gh:{number}") for number, tool in enumerate(tools)
    )
    return HistoryPopulation("s", keyed, len(tools), 0, 0, 0, {})


def life(tool: ToolHistory, end: EndDefinition, bound: Bound = "as seen") -> Any:
    """Return entry, duration (rounded) and end of a tool, with another one seen at 100."""
    found = lifetimes_of([tool], end, bound=bound, latest=at(100))
    duration = found.duration[0]
    return (
        float(found.entry[0]),
        None if np.isnan(duration) else round(float(duration), 6),
        bool(found.ended[0]),
    )


def figures_of(
    found: Survival, name: str, bound: Bound = "as seen", end: EndDefinition = SILENT
) -> dict[str, SurvivalFigure]:
    """Return the figures of a curve by their names."""
    of = (end.name, bound, name)
    rows = [row for row in found.figures if (row.end, row.bound, row.group) == of]
    return {row.figure: row for row in rows}


WHOLE = -np.inf
LIVED = st.tuples(*(st.floats(0, most) for most in (60, 50, 40)), st.booleans())
"""When a tool began, its age at the last sign, for how long it was silent, whether that is seen."""


def test_silence_is_dated_at_the_last_sign() -> None:
    """Silent for exactly a year before its own observation is ended, at the last commit."""
    tool = a_tool(last_commit_at=at(28), observed_at=at(40))
    assert life(tool, SILENT) == (WHOLE, 28, True)


def test_nobody_is_known_to_last_beyond_a_silence_before_the_observation() -> None:
    """A commit in the last year says that the tool lasted until a year ago, and no more."""
    tool = a_tool(last_commit_at=at(39), observed_at=at(40))
    assert life(tool, SILENT) == (WHOLE, 28, False)


def test_a_tool_that_stopped_on_its_first_day_lasted_for_no_time() -> None:
    """Also if its last push is older than its birth on GitHub: what was pushed was begun before."""
    push = EndDefinition(name="silent", silent_months=12, sign="push")
    tool = a_tool(first_commit_at=None, created_at=BIRTH, pushed_at=at(-3), observed_at=at(40))
    assert life(tool, push) == (WHOLE, 0, True)


def test_a_tool_younger_than_the_silence_is_unknown() -> None:
    """Of a tool of five months no silence of a year can be told."""
    found = lifetimes_of([a_tool(last_commit_at=at(1), observed_at=at(5))], SILENT)
    assert found.duration[0] == pytest.approx(-7)
    assert not found.is_watched.any()
    assert found.is_unknown.all()


@pytest.mark.parametrize("lacking", ["observed_at", "last_commit_at", "first_commit_at"])
def test_what_lacks_a_day_is_unknown(lacking: str) -> None:
    """Without the day of observation, a sign of life, or a birth, nothing is told as seen."""
    known = {"last_commit_at": at(20), "observed_at": at(40), lacking: None}
    assert life(a_tool(**known), SILENT)[1] is None


def test_signs_of_life() -> None:
    """People's commits count where people are told apart; pushes only where they are asked for."""
    days = {"last_human_at": at(3), "last_commit_at": at(5), "pushed_at": at(7)}
    ends = {
        sign: EndDefinition.model_validate({"name": sign, "silent_months": 12, "sign": sign})
        for sign in ("human", "any", "push")
    }
    tool = a_tool(observed_at=at(40), **days)
    assert [life(tool, end)[1] for end in ends.values()] == [3, 5, 7]
    not_told_apart = dataclasses.replace(tool, last_human_at=None, pushed_at=None)
    assert [life(not_told_apart, end)[1] for end in ends.values()] == [5, 5, 5]
    only_bots = dataclasses.replace(tool, last_human_at=None, monthly={"human": np.zeros(3, int)})
    assert life(only_bots, ends["human"]) == (WHOLE, 0, True)


def test_an_announced_end_is_dated_at_its_day() -> None:
    """Whatever was committed before; others are watched until they were observed."""
    tool = a_tool(ended="archived", archived=True, ended_at=at(30), observed_at=at(40))
    assert life(tool, ANNOUNCED) == (WHOLE, 30, True)
    assert life(a_tool(archived=False, observed_at=at(40)), ANNOUNCED) == (WHOLE, 40, False)


def test_an_announced_end_without_a_day_lies_between_the_last_sign_and_the_observation() -> None:
    """As seen it is not known; the bounds take the one and the other."""
    tool = a_tool(ended="archived", archived=True, last_human_at=at(20), observed_at=at(40))
    assert life(tool, ANNOUNCED)[1] is None
    assert life(tool, ANNOUNCED, "lower") == (WHOLE, 20, True)
    assert life(tool, ANNOUNCED, "upper") == (WHOLE, 40, True)


def test_who_is_not_known_to_be_archived_may_have_ended() -> None:
    """The bounds take it as ended at the last sign, or as not ended."""
    tool = a_tool(last_human_at=at(20), observed_at=at(40))
    assert life(tool, ANNOUNCED)[1] is None
    assert life(tool, ANNOUNCED, "lower") == (WHOLE, 20, True)
    assert life(tool, ANNOUNCED, "upper") == (WHOLE, 40, False)


def test_of_silence_and_announcement_the_earlier_counts() -> None:
    """And an announcement within the silence before the observation is not counted."""
    archived = {"ended": "archived", "archived": True, "observed_at": at(40)}
    assert life(a_tool(**archived, ended_at=at(20), last_commit_at=at(30)), EITHER)[1:] == (20, 1)
    assert life(a_tool(**archived, ended_at=at(25), last_commit_at=at(20)), EITHER)[1:] == (20, 1)
    assert life(a_tool(**archived, ended_at=at(35), last_commit_at=at(34)), EITHER)[1:] == (28, 0)
    # On which day does not matter: not before the last sign, which is the end or too late.
    assert life(a_tool(**archived, last_commit_at=at(20)), EITHER)[1:] == (20, 1)
    assert life(a_tool(**archived, last_commit_at=at(34)), EITHER)[1:] == (28, 0)


def test_bounds_of_a_tool_without_a_day_of_observation() -> None:
    """As observed on the last day of all: ended at its last sign, or alive a year before."""
    tool = a_tool(last_commit_at=at(50))
    assert life(tool, SILENT, "lower") == (WHOLE, 50, True)
    assert life(tool, SILENT, "upper") == (WHOLE, 88, False)
    lately = a_tool(last_commit_at=at(95))
    assert life(lately, SILENT, "lower") == life(lately, SILENT, "upper") == (WHOLE, 88, False)
    nobody = lifetimes_of([tool], SILENT, bound="lower", latest=None)
    assert nobody.is_unknown.all()


def test_delayed_entry() -> None:
    """At risk from the age at entry on; who had ended before was not there to be found."""
    tool = a_tool(last_commit_at=at(28), observed_at=at(40), entered_at=at(10))
    assert life(tool, SILENT) == (10, 28, True)
    gone = lifetimes_of([dataclasses.replace(tool, entered_at=at(30))], SILENT)
    assert not (gone.is_watched | gone.is_unknown).any()
    too_late = dataclasses.replace(tool, last_commit_at=at(39), entered_at=at(30))
    assert lifetimes_of([too_late], SILENT).is_unknown.all()


months_of_life = st.floats(0, 120)


@given(
    st.tuples(months_of_life, months_of_life), st.booleans(), st.booleans(), st.booleans(),
    st.sampled_from([SILENT, ANNOUNCED, EITHER]),
)  # fmt: skip
def test_what_is_seen_lies_between_the_bounds(
    months: tuple[float, float], is_observed: bool, is_archived: bool, has_day: bool,
    end: EndDefinition,
) -> None:  # fmt: skip
    """Of each tool: what is known as seen is in both bounds, and lower ends first."""
    last, day = sorted(months)
    tool = a_tool(
        last_commit_at=at(last),
        archived=is_archived,
        ended="archived" if is_archived else None,
        ended_at=at(day) if is_archived and has_day else None,
        observed_at=at(day) if is_observed else None,
    )
    seen, lower, upper = (
        lifetimes_of([tool], end, bound=bound, latest=at(120))
        for bound in ("as seen", "lower", "upper")
    )
    if not np.isnan(seen.duration[0]):
        assert seen.equals(lower)
        assert seen.equals(upper)
    assert lower.duration[0] <= upper.duration[0]
    assert lower.ended[0] >= upper.ended[0]


@pytest.fixture(scope="module")
def ecosystem() -> HistoryPopulation:
    """Return 60 tools: organisations' last, users' do not; two kinds; three of unknown days."""
    rng = np.random.default_rng(1)
    tools = []
    for number in range(60):
        is_of_user = number % 2 == 0
        ends_at = rng.exponential(20 if is_of_user else 200)
        tools.append(
            a_tool(
                first_commit_at=at(number / 10),
                last_commit_at=at(number / 10 + min(ends_at, 95 - number / 10)),
                observed_at=None if number in (5, 6, 7) else at(96 + number / 20),
                owner_type="User" if is_of_user else "Organization",
                kind="tool" if number < 15 else "list" if number < 20 else None,
            )
        )
    return a_population(*tools)


@pytest.fixture(scope="module")
def told(ecosystem: HistoryPopulation) -> Survival:
    """Return how long they last."""
    return survival(ecosystem, HistorySettings(ends=(SILENT, ANNOUNCED)))


def test_a_curve_has_a_point_for_months_in_which_any_ended(told: Survival) -> None:
    """From birth on; it falls by those who ended, and all who were watched are counted once."""
    for name in ("all", "User", "Organization", "tool"):
        curve = [
            row
            for row in told.curves
            if (row.end, row.group, row.bound) == (SILENT.name, name, "as seen")
        ]
        assert curve[0].months == 0
        assert all(row.months == round(row.months) for row in curve[:-1])
        whole = figures_of(told, name)["median"]
        assert sum(row.n_ended for row in curve) == whole.n_ended
        assert sum(row.n_ended + row.n_left for row in curve) == whole.n == curve[0].n_at_risk
        survivals = [row.survival for row in curve]
        assert survivals == sorted(survivals, reverse=True)
        for row in curve:
            assert row.low is None or row.high is None or row.low < row.survival < row.high


def test_figures_say_on_what_they_rest(told: Survival) -> None:
    """Shares, median and restricted mean, with those watched, ended, and not known."""
    found = {row.figure: row for row in told.figures[:6]}
    names = [f"after {age} months" for age in AGES]
    assert list(found) == [*names, "median", "restricted mean to 60 months"]
    first = found["after 12 months"]
    assert (first.end, first.bound, first.group) == (SILENT.name, "as seen", "all")
    assert (first.n, first.n_unknown) == (57, 3)
    assert first.value.low is not None
    assert first.value.high is not None
    assert first.value.value is not None
    assert first.value.low < first.value.value < first.value.high
    assert first.value.reason is None


def test_groups_of_too_few_are_not_told(told: Survival) -> None:
    """Five lists are no curve; what is seen of fewer than ten is said to be so."""
    assert not figures_of(told, "list")
    few = figures_of(told, "tool")["after 60 months"].value
    assert few.reason is not None
    assert "rests on few" in few.reason


def test_bounds_are_told_where_some_days_are_not_known(told: Survival) -> None:
    """Of all, with everybody in them; the upper curve is above the lower one."""
    ends: dict[str, float] = {}
    bounds: tuple[Bound, ...] = ("lower", "upper")
    for bound in bounds:
        row = figures_of(told, "all", bound)["after 60 months"]
        assert (row.n, row.n_unknown) == (60, 0)
        assert row.value.value is not None
        ends[bound] = row.value.value
    assert ends["lower"] < ends["upper"]
    observed_all = survival(
        a_population(*(a_tool(last_commit_at=at(9), observed_at=at(40)) for _ in range(12))),
        HistorySettings(ends=(SILENT,)),
    )
    assert {row.bound for row in observed_all.figures} == {"as seen"}


def test_where_no_day_of_an_end_is_known_no_figure_hides_it() -> None:
    """Archived repositories without a date: the figures as seen say how many they leave out."""
    archived = a_tool(ended="archived", archived=True, last_human_at=at(5), observed_at=at(80))
    alive = a_tool(archived=False, observed_at=at(80))
    found = survival(
        a_population(*[archived] * 4, *[alive] * 20), HistorySettings(ends=(ANNOUNCED,))
    )
    seen, lower, upper = (
        figures_of(found, "all", bound, ANNOUNCED)["after 60 months"]
        for bound in ("as seen", "lower", "upper")
    )
    assert (seen.value.value, seen.n, seen.n_unknown) == (1.0, 20, 4)
    assert seen.value.reason == (
        "no interval: none of those watched had ended by then; "
        "of those left out, 4 ended on a day that is not known"
    )
    assert lower.value.value == pytest.approx(20 / 24)
    assert upper.value.value == 1.0


def test_groups_are_compared(told: Survival) -> None:
    """Owners' tools differ; each test of an end is adjusted for all of them."""
    owners = [row for row in told.tests if row.grouped_by == "owner type"]
    assert [row.groups for row in owners] == [("Organization", "User")]
    assert owners[0].p < 0.001 < owners[0].statistic
    assert all(row.p <= row.p_holm <= 1 for row in told.tests)
    assert {row.end for row in told.tests} == {SILENT.name}
    assert not [row for row in told.tests if "list" in row.groups]


def test_of_more_than_two_groups_all_and_each_pair_are_compared() -> None:
    """Three kinds: one test of all with two degrees of freedom, and three of pairs."""
    tools = [
        a_tool(last_commit_at=at(step + place), observed_at=at(60), kind=kind)
        for place, kind in enumerate(("tool", "list", "template"))
        for step in range(12)
    ]
    found = survival(a_population(*tools), HistorySettings(ends=(SILENT,)))
    assert [(row.groups, row.degrees) for row in found.tests] == [
        (("list", "template", "tool"), 2),
        (("list", "template"), 1),
        (("list", "tool"), 1),
        (("template", "tool"), 1),
    ]


def test_where_few_were_watched_from_birth_on_the_curve_begins_later() -> None:
    """Of tools that were found at two to thirteen months: those that lasted until eleven."""
    tools = [
        a_tool(last_commit_at=at(30 + month), observed_at=at(90), entered_at=at(month))
        for month in range(2, 14)
    ]
    found = survival(a_population(*tools), HistorySettings(ends=(SILENT,)))
    assert found.curves[0].months == pytest.approx(11)
    assert found.curves[0].n_at_risk == 10
    figures = figures_of(found, "all")
    early, late = figures["after 12 months"].value, figures["after 36 months"].value
    whom = "of those that lasted 11.0 months: before that, fewer than 10 were watched"
    assert early.value == 1.0
    assert late.value == pytest.approx(7 / 12)
    assert early.reason == f"no interval: none of those watched had ended by then; {whom}"
    assert late.reason == f"rests on few: 8 watched at an age up to then; {whom}"
    young = [dataclasses.replace(tool, entered_at=at(20 + n)) for n, tool in enumerate(tools[:11])]
    too_late = figures_of(survival(a_population(*young), HistorySettings(ends=(SILENT,))), "all")[
        "after 12 months"
    ].value
    assert too_late.value is None
    assert too_late.reason is not None
    assert too_late.reason.startswith("too few were watched at that age; of those that lasted 29.0")


def test_nothing_known_is_one_clear_word() -> None:
    """A population without a day of observation, and one without tools, have no curve."""
    for tools in ((a_tool(last_commit_at=at(3)),), ()):
        found = survival(a_population(*tools), HistorySettings(ends=(SILENT,)))
        assert (found.curves, found.tests) == ((), ())
        for row in found.figures:
            assert row.value.value is None
            assert row.value.reason == NO_DAYS
            assert row.n_unknown == len(tools)


def test_rows_survive_their_tables(told: Survival, tmp_path: Any) -> None:
    """Curves, figures and tests are what their tables hold, and the same each time."""
    for rows, kind in (
        (told.curves, SurvivalPoint),
        (told.figures, SurvivalFigure),
        (told.tests, SurvivalTest),
    ):
        path = tmp_path / f"{kind.__name__}.parquet"
        write_table(path, table_of(rows, kind))
        assert read_rows(path, kind) == rows
        assert schema_of(kind).names == [field.name for field in dataclasses.fields(kind)]


def test_lifetimes_are_those_of_the_tools_in_their_order(ecosystem: HistoryPopulation) -> None:
    """Some of them are the lifetimes of some of the tools."""
    everybody = lifetimes_of(ecosystem.tools, SILENT)
    some = np.array([7, 3, 30])
    alone: Lifetimes = lifetimes_of([ecosystem.tools[number] for number in some], SILENT)
    assert everybody.of(some).equals(alone)


@given(st.lists(LIVED, min_size=1, max_size=25), st.data())
def test_whichever_of_the_unobserved_ended_the_curve_is_between_the_bounds(
    drawn: list[tuple[float, float, float, bool]], data: st.DataObject
) -> None:
    """Where silence is the end: at the last sign, or not while they can be told to last."""
    latest = at(150)
    tools = [
        dataclasses.replace(
            a_tool(observed_at=at(born + age + silence) if is_seen else None),
            first_commit_at=at(born),
            last_commit_at=at(born + age),
        )
        for born, age, silence, is_seen in drawn
    ]
    lower, upper = (
        lifetimes_of(tools, SILENT, bound=bound, latest=latest) for bound in ("lower", "upper")
    )
    n = len(tools)
    drawn_ends = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    curves = [
        kaplan_meier(
            np.where(ends, lower.duration, upper.duration),
            np.where(ends, lower.ended, upper.ended),
        )
        for ends in (np.full(n, True), np.array(drawn_ends), np.full(n, False))
    ]
    ages = [age for age in np.arange(0, 150, 2.5) if all(curve.is_known(age) for curve in curves)]
    low, between, high = (curve.after(ages) for curve in curves)
    assert (low <= between + 1e-12).all() and (between <= high + 1e-12).all()
