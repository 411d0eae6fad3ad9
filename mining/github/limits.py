"""How fast and how often GitHub is asked: its limits, further attempts, outages, sizes of batches.

*Limits.* Each resource has a budget that is full again at a time that GitHub names in every answer;
besides, there is a number of points a minute. One request is made at a time, which is what GitHub
asks for. A little of each budget is left, since a process that died may have spent what nobody
noted.

*Outages.* Things that fail one after another, with nothing answered between them, are not the
cause. So what was answered before is asked again: if that is answered now, it is about those things
after all, and they are left out; if not, GitHub is waited for.

*Batches* are small at first, and larger while GitHub is quick. The size of a batch is part of what
is asked, and so of the key of its answer: it follows from the answers alone, and from how long they
took as it is kept beside them. A mining that goes on, or is replayed, thus asks for the same
batches.
"""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mining.github.errors import (
    GitHubError,
    NoAnswerError,
    NotGitHubError,
    OutageError,
    PrimaryLimitError,
    SecondaryLimitError,
    ServerTroubleError,
)
from mining.github.job import FIRST_SHARE
from mining.github.raw import Kept
from mining.github.requests import RESET_MARGIN_S, ApiRequest, Resource
from mining.github.unknown import is_about_one

_log = logging.getLogger(__name__)

MOST_ATTEMPTS = 6
MOST_FOR_A_LIMIT = 40
"""A budget that others share may be empty again whenever it is full."""
MOST_UNREACHABLE = 3
LONGEST_S = 60.0
SECONDARY_S = 60.0
"""GitHub asks to wait at least a minute where it does not say how long."""
MINUTE_S = 60.0
POINTS_A_MINUTE = {"rest": 900, "graphql": 2_000, "code_search": 10, "pages": 20, "ecosystems": 60}
"""GitHub refuses pages after 30 to 60 in a row; ecosyste.ms takes 5,000 requests an hour."""
SHARE_OF_MINUTE = 0.95
RARE = 100
"""Points a minute below which waiting for the next minute is the rule."""
RESERVE: Mapping[str, int] = {"core": 3, "search": 1, "graphql": 25, "code_search": 0}
"""Requests (GraphQL: points, of which one request may cost several) that are left of a budget."""
WORTH_SAYING_S = 10.0
"""Waits from this length on are told of."""
IN_A_ROW = 3
"""Failures with no answer between them that may be an outage."""
WAITS_S = (60.0, 120.0, 240.0, 480.0, 600.0)
"""How long an outage is waited for, each time before another attempt: 25 min in all."""
SERVERS: Mapping[str, str] = {"ecosystems": "ecosyste.ms"}
"""Who is asked, by resource, where that is not GitHub."""
_OPERATION = re.compile(r"\s*query\s+(\w+)")
_REPOSITORY = re.compile(r"/repos/[^/]+/[^/]+|/repositories/\d+")
QUICK_S, SLOW_S = 3.0, 8.0
"""An answer that took less lets batches grow, one that took more lets them shrink; GitHub itself
gives up after 10 s."""


class WallClock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Return the seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True)
class RetryDecision:
    """Ask again after so many seconds, or not."""

    retry: bool
    after_s: float = 0.0


GIVE_UP = RetryDecision(False)


def decide(error: GitHubError, attempt: int) -> RetryDecision:
    """Return what to do after the ``attempt``-th failure, from 1, of one request."""
    match error:
        case PrimaryLimitError():
            again = RetryDecision(True, max(0.0, error.wait_s))
            return again if attempt < MOST_FOR_A_LIMIT else GIVE_UP
        case SecondaryLimitError() if attempt < MOST_ATTEMPTS:
            longer = SECONDARY_S * 2 ** (attempt - 1)
            return RetryDecision(True, longer if error.wait_s is None else max(0.0, error.wait_s))
        case NoAnswerError(kind="unreachable") | NotGitHubError():
            most = MOST_UNREACHABLE
        case NoAnswerError() | ServerTroubleError():
            most = MOST_ATTEMPTS
        case _:
            return GIVE_UP
    return RetryDecision(True, min(LONGEST_S, 2.0**attempt)) if attempt < most else GIVE_UP


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
    _paced: set[str] = field(default_factory=set, repr=False)

    def now(self) -> float:
        """Return the time by GitHub's clock, in seconds since 1970."""
        return self.clock.now() + self.skew_s

    def spend(self, resource: Resource) -> None:
        """Wait until a request may be made, and count it."""
        budget = self.budgets.get(resource, Budget())
        reserve = min(RESERVE.get(resource, 0), (budget.limit or 0) // 10)
        if budget.remaining is not None and budget.remaining <= reserve:
            left_s = budget.reset_at_s - self.now()
            if left_s > 0:
                a_period = "a minute" if resource in ("search", "code_search") else "an hour"
                why = f"GitHub's {resource} limit ({budget.limit:,} {a_period}) to reset"
                self.wait(left_s + RESET_MARGIN_S, why, resource)
            budget.remaining = None
        minute = self._minute(resource)
        most = int(POINTS_A_MINUTE[pool_of(resource)] * SHARE_OF_MINUTE)
        while len(minute) >= most:
            left_s = min(MINUTE_S, minute[0] + MINUTE_S - self.now())
            if left_s > 0:
                whose = f"{SERVERS.get(resource, 'GitHub')}'s"
                self._pace(left_s, f"{whose} limit of requests a minute", resource)
            minute.popleft()
        minute.append(self.now())
        if budget.remaining is not None:
            budget.remaining -= 1

    def wait(self, seconds: float, why: str, resource: str) -> None:
        """Wait, and say so if it is long."""
        if seconds >= WORTH_SAYING_S:
            self.say(f"waiting {duration(seconds)} for {why}")
        _log.info("waiting %.1f s for %s", seconds, why)
        self.waited_s[resource] = self.waited_s.get(resource, 0.0) + seconds
        self.clock.sleep(seconds)

    def _pace(self, seconds: float, why: str, resource: Resource) -> None:
        """Wait for a minute to pass; said but once of what is waited for all the time."""
        is_slow = pool_of(resource) == resource and POINTS_A_MINUTE[resource] < RARE
        if is_slow and resource in self._paced:
            self.waited_s[resource] = self.waited_s.get(resource, 0.0) + seconds
            self.clock.sleep(seconds)
            return
        self._paced.add(resource)
        again = ", and again after every few requests" if is_slow else ""
        self.wait(seconds, why + again, resource)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer says of its resource's budget."""
        resource = headers.get("x-ratelimit-resource")
        numbers = [headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")]
        if resource is None or not all(number and number.isdecimal() for number in numbers):
            return
        limit, remaining, reset = (int(number or 0) for number in numbers)
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
    """Return whose points a minute a request counts among: REST's (and search's), or its own."""
    return resource if resource in POINTS_A_MINUTE else "rest"


@dataclass
class Outages:
    """What was answered last of each kind of request, and how much failed since anything was."""

    works: Callable[[ApiRequest], bool]
    answered: dict[str, ApiRequest] = field(default_factory=dict)
    n_failed: int = 0
    n_waited: int = 0

    def note_answer(self, request: ApiRequest) -> None:
        """Note that GitHub answers."""
        self.answered[kind_of(request)] = request
        self.n_failed = self.n_waited = 0

    def waited(self, request: ApiRequest, error: GitHubError, limits: Limits) -> bool:
        """Tell whether an outage was waited for, so that a request given up is to be made again.

        Raises
        ------
        OutageError
            If that was done as often as makes sense.
        """
        is_theirs = isinstance(error, ServerTroubleError | NoAnswerError) and is_about_one(error)
        if not is_theirs and not isinstance(error, NotGitHubError):
            return False
        probe = self.answered.get(kind_of(request))
        if is_theirs:
            self.n_failed += 1
            if self.n_failed < IN_A_ROW:
                return False
        elif request.query is None:  # something in between may not like this one address
            probe = probe or next(iter(self.answered.values()), None)
        if probe is not None and self.works(probe):
            self.n_failed = self.n_waited = 0
            return False
        who = SERVERS.get(request.resource, "GitHub")
        if self.n_waited == len(WAITS_S):
            raise OutageError(
                f"{who} was waited for in vain, and answers none of these ({kind_of(request)}): "
                f"{error.what}",
                where=error.where,
                fix=error.fix or "go on later with the same command (githubstatus.com tells when)",
            ) from error
        why = f"{who} to answer again ({error.what.removesuffix('.')})"
        limits.wait(WAITS_S[self.n_waited], why, request.resource)
        self.n_waited += 1
        return True


def kind_of(request: ApiRequest) -> str:
    """Return what a request has in common with others of its kind."""
    operation = _OPERATION.match(request.query or "")
    return operation[1] if operation else _REPOSITORY.sub("/repos", request.path)


@dataclass
class Pace:
    """The size of the next batch, the least that slowness alone makes of it, and the most."""

    size: int
    least: int
    most: int

    @classmethod
    def up_to(cls, most: int, *, share: int) -> Pace:
        """Return the pace to begin with: the largest batch, divided by ``share``."""
        first = max(1, most // share)
        return cls(first, first, most)

    def took(self, n: int, seconds: float | None) -> None:
        """Learn how long the answer to a batch of ``n`` took; None: it was not noted."""
        if seconds is None or n < self.size:
            return
        if seconds < QUICK_S:
            self.size = min(self.most, 2 * self.size)
        elif seconds > SLOW_S:
            self.size = self.most = max(self.least, self.size // 2)

    def shrink(self) -> None:
        """Ask for half as much from now on, and for no more: there were no answers in time."""
        self.size = self.most = max(1, self.size // 2)
        self.least = min(self.least, self.size)


def n_batches(n: int, most: int, share: int = FIRST_SHARE) -> int:
    """Return in how many batches ``n`` things are asked for if every answer is quick."""
    pace, number = Pace.up_to(most, share=share), 0
    while n > 0:
        if pace.size == most:
            return number + -(-n // most)
        n -= pace.size
        number += 1
        pace.took(pace.size, 0.0)
    return number
