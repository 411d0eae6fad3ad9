"""GitHub's limits, counted for each token, or for the address of who has none."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Resource = Literal["core", "search", "graphql", "code_search", "pages", "ecosystems"]
Why = Literal["primary", "secondary"]

MINUTE_S = 60.0
HOUR_S = 3_600.0
WINDOW_S: Mapping[Resource, float] = {
    "core": HOUR_S,
    "search": MINUTE_S,
    "graphql": HOUR_S,
    "code_search": MINUTE_S,
}
"""Of the API; what has no window (pages, ecosyste.ms) tells nothing of its limits."""


@dataclass(frozen=True)
class Limits:
    """What one account may ask for.

    Attributes
    ----------
    core, search, graphql, code_search
        Requests an hour, requests a minute, points an hour, requests a minute; ``anonymous_*``
        without a token.
    rest_a_minute, graphql_a_minute
        The secondary limits: points in any 60 s.
    concurrent
        Requests under way at the same time.
    search_cap
        The most results that a search gives.
    huge_in_a_batch
        A GraphQL query that goes through the history or files of more huge repositories than
        these runs out of time.
    tree_entries
        The most that one answer lists of a tree.
    """

    core: int = 5_000
    search: int = 30
    graphql: int = 5_000
    code_search: int = 10
    anonymous_core: int = 60
    anonymous_search: int = 10
    rest_a_minute: int = 900
    graphql_a_minute: int = 2_000
    concurrent: int = 100
    search_cap: int = 1_000
    huge_in_a_batch: int = 1
    tree_entries: int = 100_000

    def of(self, resource: Resource, *, anonymous: bool) -> int:
        """Return the primary limit of a resource."""
        if anonymous:
            return {"core": self.anonymous_core, "search": self.anonymous_search}.get(resource, 0)
        own = {"core": self.core, "search": self.search, "code_search": self.code_search}
        return own.get(resource, self.graphql)


@dataclass
class Window:
    """A budget that is full again at a time."""

    limit: int
    period_s: float
    reset_s: int = 0
    used: int = 0

    def roll(self, now_s: float) -> None:
        """Begin anew, if the time has come."""
        if now_s >= self.reset_s:
            # A whole second, and not too early: who waits until then finds a full budget.
            self.reset_s = math.ceil(now_s) + int(self.period_s)
            self.used = 0

    @property
    def remaining(self) -> int:
        """Return what is left."""
        return max(0, self.limit - self.used)


@dataclass
class Account:
    """What one token, or one address, has used."""

    windows: dict[Resource, Window]
    minutes: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)
    under_way: int = 0


class Meter:
    """Counts what is used; may be shared by threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._accounts: dict[str, Account] = {}
        self._lock = threading.Lock()

    @contextmanager
    def under_way(self, who: str, *, anonymous: bool) -> Iterator[int]:
        """Count a request while it is answered; give how many there are with it."""
        with self._lock:
            account = self._account(who, anonymous)
            account.under_way += 1
            n = account.under_way
        try:
            yield n
        finally:
            with self._lock:
                account.under_way -= 1

    def refusal(self, who: str, resource: Resource, now_s: float, under_way: int) -> Why | None:
        """Return which limit forbids another request, if one does."""
        with self._lock:
            account = self._accounts[who]
            window = account.windows[resource]
            window.roll(now_s)
            pool = _pool(resource)
            minute = account.minutes.setdefault(pool, deque())
            while minute and minute[0][0] <= now_s - MINUTE_S:
                minute.popleft()
            most = self.limits.graphql_a_minute if pool == "graphql" else self.limits.rest_a_minute
            if under_way > self.limits.concurrent or len(minute) >= most:
                return "secondary"
            return "primary" if window.remaining == 0 else None

    def charge(self, who: str, resource: Resource, now_s: float, points: int) -> None:
        """Take a request from the budgets; a query of any cost is one point of its minute."""
        with self._lock:
            account = self._accounts[who]
            window = account.windows[resource]
            window.roll(now_s)
            window.used = min(window.limit, window.used + points)
            account.minutes.setdefault(_pool(resource), deque()).append((now_s, 1))

    def refund(self, who: str, resource: Resource) -> None:
        """Give a request back: nothing had changed, and that costs nothing of the hour."""
        with self._lock:
            self._accounts[who].windows[resource].used -= 1

    def windows(self, who: str, now_s: float) -> dict[Resource, Window]:
        """Return all budgets as they are now, as copies."""
        with self._lock:
            found: dict[Resource, Window] = {}
            for resource, window in self._accounts[who].windows.items():
                window.roll(now_s)
                found[resource] = Window(window.limit, window.period_s, window.reset_s, window.used)
            return found

    def _account(self, who: str, anonymous: bool) -> Account:
        if who not in self._accounts:
            windows = {
                resource: Window(self.limits.of(resource, anonymous=anonymous), period_s)
                for resource, period_s in WINDOW_S.items()
            }
            self._accounts[who] = Account(windows)
        return self._accounts[who]


def _pool(resource: Resource) -> str:
    return "graphql" if resource == "graphql" else "rest"
