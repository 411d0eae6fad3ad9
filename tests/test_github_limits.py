"""GitHub's limits are kept to before a request is made, and by GitHub's clock."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.github.limits import Limits, duration
from mining.github.raw import open_raw
from mining.github.requests import ApiRequest, HttpAnswer

START_S = 1_700_000_000.0
Resource = Literal["core", "search", "graphql"]


@dataclass
class FakeClock:
    """A clock that moves when it is slept by; `stopped`, not even then."""

    at_s: float = START_S
    stopped: bool = False
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Return the time that it shows."""
        return self.at_s

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        assert seconds >= 0
        assert math.isfinite(seconds)
        self.slept.append(seconds)
        if not self.stopped:
            self.at_s += seconds


@dataclass
class Watched:
    """Limits with what they said and how they slept."""

    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.clock, self.said.append)


def headers(resource: str, remaining: int, reset_s: float, limit: int = 5_000) -> dict[str, str]:
    """Return what GitHub says of a budget."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(reset_s)),
        "x-ratelimit-used": str(limit - remaining),
        "x-ratelimit-resource": resource,
    }


# Budgets


def test_nothing_is_waited_for_before_github_says_so() -> None:
    """Requests go out at once as long as no budget is known to be low."""
    watched = Watched()
    watched.limits.learn(headers("core", 4_000, START_S + 600))
    for _ in range(100):
        watched.limits.spend("core")
    assert watched.clock.slept == []
    assert watched.limits.budgets["core"].remaining == 3_900


@pytest.mark.parametrize(
    ("resource", "limit", "kept"),
    [
        ("core", 5_000, 3),
        ("core", 60, 3),
        ("core", 20, 2),
        ("core", 5, 0),
        ("search", 30, 1),
        ("search", 10, 1),
        ("graphql", 5_000, 25),
        ("graphql", 100, 10),
    ],
)
def test_a_little_of_each_budget_is_left(resource: Resource, limit: int, kept: int) -> None:
    """Requests are held back when so many are left: a few, and never a tenth of the budget."""
    watched = Watched()
    watched.limits.learn(headers(resource, limit, START_S + 600, limit))
    for _ in range(limit - kept):
        watched.clock.at_s += 0.1
        watched.limits.spend(resource)
        assert watched.clock.slept == []
    watched.limits.spend(resource)
    assert len(watched.clock.slept) == 1
    assert watched.clock.at_s == pytest.approx(START_S + 601)


def test_a_low_budget_is_waited_for_until_its_reset_and_said() -> None:
    """The user hears how long and for what; then requests go out again."""
    watched = Watched()
    watched.limits.learn(headers("core", 0, START_S + 720))
    watched.limits.spend("core")
    watched.limits.spend("core")
    assert watched.clock.slept == [721.0]
    assert watched.said == ["waiting 12 min for GitHub's core limit (5,000 an hour) to reset"]
    assert watched.limits.waited_s == {"core": 721.0}


def test_the_budget_of_searches_is_by_the_minute() -> None:
    """A search waits for its own budget, and no other request does."""
    watched = Watched()
    watched.limits.learn(headers("search", 0, START_S + 29, limit=30))
    watched.limits.spend("core")
    watched.limits.spend("graphql")
    assert watched.said == []
    watched.limits.spend("search")
    assert watched.said == ["waiting 30 s for GitHub's search limit (30 a minute) to reset"]


def test_a_short_wait_is_not_worth_a_word() -> None:
    """Waits of some seconds are not said, but counted."""
    watched = Watched()
    watched.limits.wait(9.9, "nothing much", "core")
    watched.limits.wait(10.0, "something", "core")
    assert watched.said == ["waiting 10 s for something"]
    assert watched.limits.waited_s == {"core": 19.9}


@pytest.mark.parametrize("skew_s", [-3_600.0, -30.0, 0.0, 45.0, 86_400.0])
def test_a_reset_is_by_githubs_clock(skew_s: float) -> None:
    """A machine whose clock is wrong waits as long as one whose clock is right."""
    watched = Watched()
    watched.limits.skew_s = skew_s
    watched.limits.learn(headers("core", 1, START_S + skew_s + 300))
    watched.limits.spend("core")
    assert watched.clock.slept == [301.0]


def test_a_reset_that_has_passed_is_not_waited_for() -> None:
    """What GitHub said of an hour that is over says nothing of this one."""
    watched = Watched()
    watched.limits.learn(headers("core", 0, START_S - 5))
    watched.limits.spend("core")
    assert watched.clock.slept == []


@pytest.mark.parametrize("left_out", ["limit", "remaining", "reset", "resource"])
@pytest.mark.parametrize("instead", [None, "", "many", "-1", "1.5", "²"])
def test_what_is_no_budget_is_not_learnt(left_out: str, instead: str | None) -> None:
    """Headers that are missing or no numbers change nothing."""
    watched = Watched()
    watched.limits.learn(headers("core", 4_000, START_S))
    broken = headers("core", 1, START_S + 900)
    del broken[f"x-ratelimit-{left_out}"]
    if instead is not None and left_out != "resource":
        broken[f"x-ratelimit-{left_out}"] = instead
    watched.limits.learn(broken)
    assert watched.limits.budgets["core"].remaining == 4_000


# Points a minute

BURSTS = st.lists(
    st.tuples(
        st.sampled_from(["core", "search", "graphql"]),
        st.integers(1, 1_100),
        st.sampled_from([0.0, 0.003, 0.07]),
        st.sampled_from([0.0, 1.0, 29.5, 59.9, 61.0]),
    ),
    min_size=2,
    max_size=6,
)


def most_in_a_minute(times: list[float]) -> int:
    """Return the most requests in any 60 seconds."""
    return max(bisect_left(times, at_s + 60) - number for number, at_s in enumerate(times))


@settings(max_examples=30)
@given(BURSTS)
def test_no_minute_has_more_requests_than_github_allows(
    bursts: list[tuple[Resource, int, float, float]],
) -> None:
    """However requests are mixed, no 60 seconds hold more than 900 of REST or 2,000 of GraphQL."""
    watched = Watched()
    times: dict[str, list[float]] = defaultdict(list)
    for resource, n, latency_s, pause_s in bursts:
        for _ in range(n):
            watched.limits.spend(resource)
            pool = "graphql" if resource == "graphql" else "rest"
            times[pool].append(watched.clock.at_s)
            watched.clock.at_s += latency_s
        watched.clock.at_s += pause_s
    assert most_in_a_minute(times["rest"] or [0.0]) <= 900
    assert most_in_a_minute(times["graphql"] or [0.0]) <= 2_000
    assert all(seconds <= 60 for seconds in watched.clock.slept)


def test_a_slow_pace_never_waits() -> None:
    """Requests one after another, as fast as GitHub answers, stay below what a minute allows."""
    watched = Watched()
    for _ in range(2_000):
        watched.limits.spend("core")
        watched.clock.at_s += 0.08
    assert watched.clock.slept == []


def test_rest_and_graphql_have_minutes_of_their_own() -> None:
    """Searches count as REST, GraphQL apart."""
    watched = Watched()
    for _ in range(855):
        watched.limits.spend("search")
    watched.limits.spend("graphql")
    assert watched.clock.slept == []
    watched.limits.spend("core")
    assert watched.clock.slept == [60.0]
    assert watched.said == ["waiting 60 s for GitHub's limit of requests a minute"]


# Clocks that are not to be trusted

STEPS = st.lists(
    st.one_of(
        st.sampled_from(["core", "search", "graphql"]),
        st.floats(-100_000, 100_000),
        st.tuples(st.sampled_from(["core", "graphql"]), st.integers(0, 30), st.floats(-9e4, 9e4)),
    ),
    max_size=40,
)


@given(STEPS, st.booleans(), st.floats(-1e5, 1e5))
def test_no_sleep_is_negative_whatever_the_clock_does(
    steps: list[str | float | tuple[str, int, float]], stopped: bool, skew_s: float
) -> None:
    """Clocks may stand still or jump, resets lie anywhere: every sleep is some time, or none."""
    watched = Watched(FakeClock(stopped=stopped))
    watched.limits.skew_s = skew_s
    for step in steps:
        if isinstance(step, tuple):
            resource, remaining, in_s = step
            watched.limits.learn(headers(resource, remaining, watched.limits.now() + in_s))
        elif isinstance(step, float):
            watched.clock.at_s += step
        else:
            watched.limits.spend(step)  # type: ignore[arg-type]
    assert sum(watched.limits.waited_s.values()) == pytest.approx(sum(watched.clock.slept))


def test_a_clock_that_stands_still_ends_all_the_same() -> None:
    """Where time does not pass, there is one wait a request, and no endless loop."""
    watched = Watched(FakeClock(stopped=True))
    for _ in range(2_000):
        watched.limits.spend("core")
    assert len(watched.clock.slept) == 2_000 - 855
    assert set(watched.clock.slept) == {60.0}


def test_a_clock_that_jumps_back_costs_a_minute_at_most() -> None:
    """Requests that seem to lie in the future are not waited for until then."""
    watched = Watched()
    for _ in range(855):
        watched.limits.spend("core")
    watched.clock.at_s -= 7_200
    watched.limits.spend("core")
    assert watched.clock.slept == [60.0]


# What an earlier process spent


def answer_at(at_s: float, resource: str, remaining: int, reset_s: float) -> HttpAnswer:
    """Return an answer of this time."""
    return HttpAnswer(200, headers(resource, remaining, reset_s), "{}", at_s)


def test_an_earlier_process_is_remembered_by_its_answers(tmp_path: Path) -> None:
    """The store tells what was spent in the last minute, and what GitHub said last."""
    with open_raw(tmp_path) as store:
        for number, at_s in enumerate([-100, -61, -59, -30, -1]):
            request = ApiRequest(f"/x{number}")
            store.append(request, answer_at(START_S + at_s, "core", 10 - number, START_S + 500))
        query = ApiRequest("/graphql", resource="graphql", query="q")
        store.append(query, answer_at(START_S - 2, "graphql", 20, START_S + 700))
    with open_raw(tmp_path) as store:
        watched = Watched()
        watched.limits.recall(store.latest())
    assert watched.limits.budgets["core"].remaining == 6
    assert list(watched.limits.minutes["rest"]) == [START_S - 59, START_S - 30, START_S - 1]
    watched.limits.spend("graphql")
    assert watched.clock.slept == [701.0]


def test_a_minute_begun_by_another_process_is_full_sooner(tmp_path: Path) -> None:
    """What was spent half a minute ago counts for the rest of that minute."""
    with open_raw(tmp_path) as store:
        for number in range(5):
            request = ApiRequest(f"/x{number}")
            store.append(request, answer_at(START_S - 30, "core", 4_000, START_S + 900))
        watched = Watched()
        watched.limits.recall(store.latest())
    for _ in range(850):
        watched.limits.spend("core")
    assert watched.clock.slept == []
    watched.limits.spend("core")
    assert watched.clock.slept == [30.0]


def test_what_github_says_now_goes_before_what_it_said_then(tmp_path: Path) -> None:
    """Another token's fresh budget is not taken for the empty one of an earlier process."""
    with open_raw(tmp_path) as store:
        store.append(ApiRequest("/x"), answer_at(START_S - 5, "core", 0, START_S + 3_000))
        watched = Watched()
        watched.limits.learn(headers("core", 5_000, START_S + 3_600))
        watched.limits.recall(store.latest())
    watched.limits.spend("core")
    assert watched.clock.slept == []
    assert watched.limits.budgets["core"].remaining == 4_999


# Words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.6, "60 s"),
        (89, "89 s"),
        (90, "2 min"),
        (721, "12 min"),
        (3_600, "60 min"),
        (5_399, "90 min"),
        (5_400, "1.5 h"),
        (36_000, "10.0 h"),
    ],
)
def test_time_is_said_as_people_say_it(seconds: float, words: str) -> None:
    """Seconds, minutes and hours, each where it is the natural one."""
    assert duration(seconds) == words
