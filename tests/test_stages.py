"""Where a tool stands in its life: by the table of rules, month by month, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from living_tools import BIRTH, after, day, life_of, living, stages_of, together

from insights.history.changes import change_points
from insights.history.figures import StageCount
from insights.history.groups import ALL
from insights.history.months import month_from
from insights.history.population import ToolHistory
from insights.history.returns import transitions
from insights.history.settings import STAGE_RULES, HistorySettings, StageRule
from insights.history.stages import (
    NO_COMMITS,
    NO_DAY,
    TOO_LATE,
    TOO_YOUNG,
    lifecycles,
    stage_counts,
)
from insights.history.tools import tool_rows
from mining.tables import OLDER, SHALLOW

STEADY = [10] * 24
"""Ten commits a month for the two years in which a tool is emerging."""
MONTHS = st.lists(st.sampled_from((0, 0, 0, 1, 2, 5, 20, 60)), min_size=1, max_size=90)
"""Commits of up to seven years and a half, often none."""


def test_a_whole_life() -> None:
    """Each stage follows from sums that can be worked out by hand.

    Ten commits a month, twenty for two years, five for one, none: growing from the third busy
    month (150 of 120 is a quarter more) to the 19th (240 of 190; in the 20th 240 of 200 is less);
    declining from the fifth poor month (180 of 240 is three quarters, 165 of 240 less), dormant
    from the sixth silent month, dead from the 24th. The two months in which nothing grew yet are
    too few for a stage.
    """
    tool = living([*STEADY, *[20] * 24, *[5] * 12, *[0] * 40])
    assert stages_of(tool) == [
        ("emerging", 26),
        ("growing", 17),
        ("peak", 9),
        ("declining", 13),
        ("dormant", 18),
        ("dead", 17),
    ]


def test_the_last_stage_says_why_since_when_and_when_it_was_seen() -> None:
    """With the figures that it rests on."""
    life = life_of(living([*STEADY, *[20] * 8]))
    assert (life.stage, life.since, life.seen) == ("growing", "2017-03", "2017-08")
    assert life.reason == "a quarter more commits than in the year before"
    assert (life.commits, life.commits_before, life.commits_best) == (200, 120, 200)
    assert (life.silent_months, life.changes, life.returns, life.unknown) == (0, 1, 0, None)


def test_a_change_counts_once_it_has_lasted() -> None:
    """Growing in the third month in which the rules say so, and since the first of them."""
    early, late = life_of(living([10] * 48 + [20] * 4)), life_of(living([10] * 48 + [20] * 5))
    assert early.stage == "peak"
    assert early.reason is not None
    assert early.reason.endswith(
        "the last 2 months look otherwise (growing), not yet for long enough"
    )
    assert (late.stage, late.since, late.seen) == ("growing", "2019-03", "2019-05")


def test_silence_has_waited_already() -> None:
    """Nobody has committed for half a year: dormant in that very month."""
    early, late = life_of(living([10] * 48 + [0] * 5)), life_of(living([10] * 48 + [0] * 6))
    assert early.stage == "peak"
    assert (late.stage, late.since, late.silent_months) == ("dormant", "2019-06", 6)


@given(st.integers(0, 120), st.integers(48, 96))
def test_one_odd_month_makes_no_stage(commits: int, month: int) -> None:
    """However busy or quiet, unless its year is so much better that each after it is half of it.

    If it is far from both ends: at them, what it changes is what there is to see.
    """
    months = [10] * 144
    months[month] = commits
    assert stages_of(living(months)) == [("emerging", 24), ("peak", 120)]


def test_a_swing_that_is_over_is_told_if_it_lasted() -> None:
    """Of silence a year is told, eleven months are not; the return counts all the same."""
    silent = [*[10] * 60, *[0] * 11, *[10] * 60]
    longer = [*[10] * 60, *[0] * 12, *[10] * 60]
    assert [stage for stage, _ in stages_of(living(silent))] == ["emerging", "peak"]
    assert [stage for stage, _ in stages_of(living(longer))] == [
        "emerging",
        "peak",
        "dormant",
        "growing",
        "peak",
    ]
    assert life_of(living(silent)).returns == 1


def test_an_announced_end_counts_at_once() -> None:
    """From the month of the announcement on, whatever is still committed."""
    tool = living([10] * 50, archived=True, ended="archived", ended_at=day(after(BIRTH, 49), 5))
    life = life_of(tool)
    assert stages_of(tool) == [("emerging", 24), ("peak", 25), ("dead", 1)]
    assert (life.stage, life.since) == ("dead", after(BIRTH, 49))
    assert life.reason == "its end was announced: archived"


def test_an_end_without_a_date_is_of_the_day_of_observation_alone() -> None:
    """Since when it stands is not known; what was before is told as if nothing was announced."""
    life = life_of(living([10] * 50, ended="This project is no longer maintained."))
    assert [spell.stage for spell in life.spells] == ["emerging", "peak", "dead"]
    assert life.spells[-1].first == life.spells[-1].last == life.seen == after(BIRTH, 50)
    assert (life.stage, life.since, life.changes) == ("dead", None, 2)
    assert life.reason == "its end was announced: This project is no longer maintained."


def test_who_was_dead_already_is_so_since_then() -> None:
    """An announcement after years of silence changes the reason alone."""
    life = life_of(living([10] * 24 + [0] * 40, ended="archived", archived=True))
    assert (life.stage, life.since, life.seen) == ("dead", "2018-12", after(BIRTH, 64))
    assert life.reason == "its end was announced: archived"


def test_the_month_of_observation_is_cut() -> None:
    """It was not over: neither its commits nor its silence count."""
    assert life_of(living([10] * 30, cut=900)) == life_of(living([10] * 30))


@pytest.mark.parametrize(
    ("tool", "why"),
    [
        (living([10] * 30, observed_at=None), NO_DAY),
        (living([10] * 30, observed_at=None, ended="archived", archived=True), NO_DAY),
        (living(None), NO_COMMITS),
        (living([]), TOO_YOUNG),
    ],
    ids=["no day", "no day, archived", "no commits", "first month"],
)
def test_what_is_not_known_has_a_reason(tool: object, why: str) -> None:
    """Nothing is computed of a history without its last day, nor made up of one without months."""
    life = life_of(tool)  # type: ignore[arg-type]
    assert (life.stage, life.unknown, life.spells, life.changes) == (None, why, (), None)


def test_a_row_says_of_a_tool_what_its_life_does() -> None:
    """Why it is where it is now, not why it came there; an end without a date is since no month."""
    tools = (
        living([*STEADY, *[7] * 10, *[10] * 3], name="a/declining"),
        living([10] * 24, name="b/archived", ended="archived", archived=True),
    )
    population = together(*tools)
    lives = lifecycles(population, HistorySettings())
    for row, life in zip(tool_rows(population, lives, ()), lives.values(), strict=True):
        assert (row.stage, row.since, row.reason) == (life.stage, life.since, life.reason)
    assert lives["name:b/archived"].since is None


def test_an_announced_end_needs_no_months() -> None:
    """An archived tool is dead, even if its commits are not counted."""
    life = life_of(living(None, archived=True, ended="archived", ended_at=day("2020-03")))
    assert (life.stage, life.since, life.unknown) == ("dead", "2020-03", None)


def test_who_came_in_a_year_is_counted_as_far_as_months_tell() -> None:
    """Newcomers and releases add up; of people, the most of a month are the least of the year."""
    columns = {"people": [9, *[2] * 23, 4], "newcomers": [1] * 25, "tags": [0, 2] * 12 + [0]}
    life = life_of(living([10] * 25, columns=columns))
    assert (life.people, life.newcomers, life.releases) == (4, 12, 12)
    bare = life_of(living([10] * 25))
    assert (bare.people, bare.newcomers, bare.releases) == (None, None, None)


def test_the_table_of_rules_is_the_studys() -> None:
    """The first rule that holds gives the stage, with its reason."""
    rules = (
        StageRule(stage="growing", age_below=12, why="young"),
        StageRule(stage="peak", why="not young"),
    )
    life = life_of(living([1] * 30), stages=rules)
    assert [(spell.stage, spell.first, spell.reason) for spell in life.spells] == [
        ("growing", "2015-01", "young"),
        ("peak", "2016-01", "not young"),
    ]


@given(MONTHS, st.integers(1, 12), st.integers(0, 12))
def test_spells_part_the_months(months: list[int], hold: int, cost: int) -> None:
    """Every month is in one spell, no two neighbours are of one stage, and each has its reason."""
    life = life_of(living(months), hold_months=hold, change_months=cost)
    firsts = [month_from(spell.first) for spell in life.spells]
    lasts = [month_from(spell.last) for spell in life.spells]
    assert firsts[0] == month_from(BIRTH)
    assert lasts[-1] == month_from(BIRTH) + len(months) - 1
    assert all(first == last + 1 for first, last in zip(firsts[1:], lasts, strict=False))
    assert all(first <= last for first, last in zip(firsts, lasts, strict=True))
    assert all(one.stage != other.stage for one, other in pairwise(life.spells))
    reasons = {(rule.stage, rule.why) for rule in STAGE_RULES}
    assert all((spell.stage, spell.reason) in reasons for spell in life.spells)
    starts = [first - firsts[0] for first in firsts]
    assert all(
        life.by_rule[start] == spell.stage
        for start, spell in zip(starts[1:], life.spells[1:], strict=True)
    )


@given(MONTHS, st.integers(1, 12), st.integers(0, 12))
def test_no_spell_but_the_first_is_shorter_than_the_hold(
    months: list[int], hold: int, cost: int
) -> None:
    """The last was held, too, before it counted; silence has waited by itself."""
    spells = stages_of(living(months), hold_months=hold, change_months=cost)
    silent = ("dormant", "dead")
    assert all(n >= hold for _, n in spells[1:-1])
    assert all(n >= hold or stage in silent for stage, n in spells[1:][-1:])


@given(MONTHS, st.integers(0, 12))
def test_fewer_changes_where_they_cost_more(months: list[int], cost: int) -> None:
    """A change that costs more is not told more often, but for the last."""
    n_less = len(stages_of(living(months), change_months=cost, hold_months=1))
    n_more = len(stages_of(living(months), change_months=cost + 4, hold_months=1))
    assert n_more <= n_less + 1


@given(MONTHS, st.integers(1, 9))
def test_size_alone_is_no_stage(months: list[int], factor: int) -> None:
    """All commits times a factor change no stage, but where a rule names how many there are."""
    rules = tuple(rule for rule in STAGE_RULES if rule.commits_below is None)
    larger = living([factor * n for n in months])
    assert stages_of(larger, stages=rules) == stages_of(living(months), stages=rules)


@given(MONTHS)
def test_the_past_is_told_by_the_past(months: list[int]) -> None:
    """What the rules say of a month does not change with what comes after it."""
    whole, half = life_of(living(months)), life_of(living(months[: len(months) // 2 + 1]))
    assert whole.by_rule[: len(half.by_rule)] == half.by_rule


@given(MONTHS)
def test_archived_is_dead(months: list[int]) -> None:
    """Whenever it was archived, or if nobody knows when."""
    for ended_at in (None, day(BIRTH), day(after(BIRTH, len(months) // 2)), day("2030-01")):
        tool = living(months, archived=True, ended="archived", ended_at=ended_at)
        assert life_of(tool).stage == "dead"


@given(st.lists(MONTHS, min_size=1, max_size=5))
def test_tools_do_not_change_each_other(many: list[list[int]]) -> None:
    """A tool's life is the same alone and in any company."""
    tools = [living(months, name=f"some/{n}") for n, months in enumerate(many)]
    lives = lifecycles(together(*tools), HistorySettings())
    assert list(lives) == [tool.repo_key for tool in tools]
    assert all(lives[tool.repo_key] == life_of(tool) for tool in tools)


def test_stages_are_counted_month_by_month() -> None:
    """From birth on; what is not known is counted as such, and so is who was not watched longer."""
    old = living([10] * 30, name="old/tool", kind="tool", owner_type="User")
    young = living([10] * 3, name="young/tool", birth=after(BIRTH, 20), kind="tool")
    unseen = living([10] * 3, name="un/seen", birth=after(BIRTH, 29), observed_at=None)
    population = together(old, young, unseen)
    counts = stage_counts(population, lifecycles(population, HistorySettings()))

    def of(month: str, group: tuple[str, str] = ALL) -> dict[str, int]:
        return {
            each.stage: each.n
            for each in counts
            if each.month == month and (each.grouped_by, each.group) == group
        }

    assert counts[0] == StageCount("all", "all", BIRTH, "emerging", 1)
    assert of(after(BIRTH, 22)) == {"emerging": 2}
    assert of(after(BIRTH, 29)) == {"peak": 1, "unknown": 2}
    assert of(after(BIRTH, 29), ("kind", "tool")) == {"peak": 1, "unknown": 1}
    assert of(after(BIRTH, 29), ("owner type", "User")) == {"peak": 1}
    assert of(after(BIRTH, 30)) == {}
    assert not any(each.grouped_by == "cohort" for each in counts)


def test_a_tool_of_unknown_birth_may_always_have_been_there() -> None:
    """It is counted as unknown from the beginning."""
    lost = replace(living(None, name="lost/tool"), created_at=None, first_commit_at=None)
    population = together(living([10] * 3), lost)
    counts = stage_counts(population, lifecycles(population, HistorySettings()))
    assert [each.n for each in counts if each.stage == "unknown"] == [1, 1, 1]


def test_without_any_life_there_is_nothing_to_count() -> None:
    """No stage is known of anybody, so that no month has a stage."""
    population = together(living(None))
    assert stage_counts(population, lifecycles(population, HistorySettings())) == ()


def counted_late(commits: Sequence[int], *, birth: str = BIRTH) -> ToolHistory:
    """Return a tool of which commits before 2021 are not counted."""
    return living(commits, birth="2021-01", flags=(OLDER,), created_at=day(birth))


def test_of_months_whose_commits_are_not_counted_nothing_is_said() -> None:
    """They are no silence: stages begin where a year can be compared with the one before it."""
    tool = counted_late([10] * 36)
    life = life_of(tool)
    assert [(each.stage, each.first, each.last) for each in life.spells] == [
        ("peak", "2022-12", "2023-12")
    ]
    assert (life.returns, life.changes, len(life.by_rule)) == (0, 0, 13)
    assert (life.commits, life.commits_before, life.commits_best) == (120, 120, None)
    population = together(tool)
    lives = lifecycles(population, HistorySettings())
    assert {each.month for each in stage_counts(population, lives) if each.stage != "unknown"} == {
        month for n in range(13) for month in [after("2022-12", n)]
    }
    assert sum(each.months for each in transitions(population, lives)) / 2 == 12
    assert change_points(population, seed=0) == ()


def test_of_months_that_a_shallow_clone_lacks_nothing_is_said() -> None:
    """It has no commits before its cut, which is no silence either."""
    tool = counted_late([10] * 36)
    assert life_of(replace(tool, flags=(SHALLOW,))) == life_of(tool)


def test_who_lacks_older_commits_was_there_before_those_that_are_counted() -> None:
    """Where nothing else is known of its beginning, it counts as unknown from the first month."""
    lost = replace(counted_late([10] * 36), repo_key="lost", created_at=None, first_commit_at=None)
    population = together(living([10] * 12), replace(lost, flags=(SHALLOW,)))
    counts = stage_counts(population, lifecycles(population, HistorySettings()))
    first = [(each.stage, each.n) for each in counts if each.month == BIRTH]
    assert first == [("emerging", 1), ("unknown", 1)]
    alone = together(lost)
    counts = stage_counts(alone, lifecycles(alone, HistorySettings()))
    assert {each.stage for each in counts} == {"peak"}


def test_what_is_older_than_its_repository_is_not_emerging() -> None:
    """It has commits before the first that are counted, however late its repository was made."""
    assert life_of(counted_late([10] * 30, birth="2023-01")).stage == "peak"


def test_silence_is_seen_in_the_months_that_are_counted() -> None:
    """Nobody committed in any of the last 24: it is dead, and since when is known no better."""
    life = life_of(counted_late([0] * 30))
    assert (life.stage, life.since, life.silent_months) == ("dead", "2022-12", 30)


def test_too_few_counted_months_have_no_stage() -> None:
    """A year that cannot be compared tells nothing of a tool that is older."""
    life = life_of(counted_late([10] * 23))
    assert (life.stage, life.spells, life.unknown) == (None, (), TOO_LATE)
