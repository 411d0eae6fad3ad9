"""GitHub's limits, kept to before a request is made.

Each resource has a budget that is full again at a time that GitHub names in every answer; besides,
there is a number of points a minute. One request is made at a time, which is what GitHub asks for.
A little of each budget is left, since a process that died may have spent what nobody noted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mining.github.clock import WallClock
from mining.github.raw import Kept
from mining.github.reading import RESET_MARGIN_S
from mining.github.requests import Resource

MINUTE_S = 60.0
POINTS_A_MINUTE = {"rest": 900, "graphql": 2_000}
SHARE_OF_MINUTE = 0.95
RESERVE: Mapping[str, int] = {"core": 3, "search": 1, "graphql": 25}
"""Requests (GraphQL: points, of which one request may cost several) that are left of a budget."""
WORTH_SAYING_S = 10.0


@dataclass
class Budget:
    """What is left of one resource, as GitHub said last."""

    limit: int | None = None
    remaining: int | None = None
    reset_at_s: float = 0.0


@dataclass
class Limits:
    """All budgets of one token.

    Attributes
    ----------
    say
        Told of every wait that one would wonder about.
    skew_s
        How far GitHub's clock is ahead of this machine's.
    waited_s
        Seconds spent waiting, by resource.
    """

    clock: WallClock
    say: Callable[[str], None]
    skew_s: float = 0.0
    budgets: dict[str, Budget] = field(default_factory=dict)
    minutes: dict[str, deque[float]] = field(default_factory=dict)
    waited_s: dict[str, float] = field(default_factory=dict)

    def now(self) -> float:
        """Return the time by GitHub's clock, in seconds since 1970."""
        return self.clock.now() + self.skew_s

    def spend(self, resource: Resource) -> None:
        """Wait until a request may be made, and count it."""
        budget = self.budgets.get(resource, Budget())
        reserve = min(RESERVE[resource], (budget.limit or 0) // 10)
        if budget.remaining is not None and budget.remaining <= reserve:
            left_s = budget.reset_at_s - self.now()
            if left_s > 0:
                a_period = "a minute" if resource == "search" else "an hour"
                why = f"GitHub's {resource} limit ({budget.limit:,} {a_period}) to reset"
                self.wait(left_s + RESET_MARGIN_S, why, resource)
            budget.remaining = None
        minute = self._minute(resource)
        most = int(POINTS_A_MINUTE[pool_of(resource)] * SHARE_OF_MINUTE)
        while len(minute) >= most:
            left_s = min(MINUTE_S, minute[0] + MINUTE_S - self.now())
            if left_s > 0:
                self.wait(left_s, "GitHub's limit of requests a minute", resource)
            minute.popleft()
        minute.append(self.now())
        if budget.remaining is not None:
            budget.remaining -= 1

    def wait(self, seconds: float, why: str, resource: str) -> None:
        """Wait, and say so if it is long."""
        if seconds >= WORTH_SAYING_S:
            self.say(f"waiting {duration(seconds)} for {why}")
        self.waited_s[resource] = self.waited_s.get(resource, 0.0) + seconds
        self.clock.sleep(seconds)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer says of its resource's budget."""
        resource = headers.get("x-ratelimit-resource")
        numbers = [headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")]
        if resource is None or not all(each and each.isdecimal() for each in numbers):
            return
        limit, remaining, reset = (int(each or 0) for each in numbers)
        self.budgets[resource] = Budget(limit, remaining, float(reset))

    def recall(self, latest: Iterable[Kept]) -> None:
        """Take over what an earlier process spent in the last minute, and what it was told last."""
        known = set(self.budgets)  # what was learnt since is newer
        recent = []
        for kept in latest:
            if kept.resource not in known:
                known.add(kept.resource)
                self.learn(kept.headers)
            if kept.received_at_s > self.now() - MINUTE_S:
                recent.append((kept.received_at_s, kept.resource))
        for at_s, resource in sorted(recent):
            self._minute(resource).append(at_s)

    def _minute(self, resource: str) -> deque[float]:
        minute = self.minutes.setdefault(pool_of(resource), deque())
        while minute and minute[0] <= self.now() - MINUTE_S:
            minute.popleft()
        return minute


def duration(seconds: float) -> str:
    """Return a stretch of time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def pool_of(resource: str) -> str:
    """Return whose points a minute a request counts among: REST's (and search's), or GraphQL's."""
    return "graphql" if resource == "graphql" else "rest"
