"""Faults by plan: which request is answered wrongly, and how.

A fault is chosen by number (`nth`, of the resource's requests), by a test of the request (`when`),
or by chance (`rate`); all that is given must hold. One request is answered wrongly at most
`in_a_row` times in a row, so that whoever tries again sensibly gets through.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Any, Literal

from tests.github.log import Asked, Identity
from tests.github.replies import Reply, reply

Kind = Literal[
    "primary_403",
    "primary_429",
    "secondary_403",
    "secondary_403_message",
    "secondary_429",
    "graphql_primary",
    "graphql_secondary",
    "resource_limits",
    "502",
    "503",
    "504",
    "timeout",
    "dropped",
    "dropped_midway",
    "cut_short",
    "broken_json",
    "other_total",
    "incomplete",
    "duplicate",
]
"""A "duplicate" row came to a search's page while it was paged through: the last row of the page
before is seen again, and the last row of this page is not seen. The page itself is made so.
"""
REFUSALS = ("primary_403", "primary_429", "secondary_403", "secondary_403_message")
REFUSALS += ("secondary_429", "graphql_primary", "graphql_secondary", "502", "503", "504")
"""Instead of an answer; the others spoil one."""
ONLY_GRAPHQL = ("graphql_primary", "graphql_secondary", "resource_limits")
ONLY_SEARCH = ("other_total", "incomplete", "duplicate")
WHOLE = 10_000


@dataclass(frozen=True)
class Fault:
    """One kind of fault, and when it happens.

    Attributes
    ----------
    resource
        Only there: "core", "search" or "graphql".
    nth
        The numbers of the resource's requests, from 1, that it is for.
    when
        Tells of a request whether it may happen.
    rate
        The share of the requests that it happens to, of those that the rest lets through.
    wait_s
        What a limit asks to wait: until its reset, or as retry-after.
    """

    kind: Kind
    resource: str | None = None
    nth: Container[int] | None = None
    when: Callable[[Asked], bool] | None = None
    rate: float = 1.0
    wait_s: int = 60

    def suits(self, asked: Asked) -> bool:
        """Tell whether it may happen to a request."""
        if self.kind in ONLY_GRAPHQL and asked.resource != "graphql":
            return False
        if self.kind in ONLY_SEARCH and asked.resource not in ("search", "code_search"):
            return False
        if self.kind == "duplicate" and dict(asked.params).get("page", "1") == "1":
            return False
        if self.resource is not None and asked.resource != self.resource:
            return False
        if self.nth is not None and asked.nth not in self.nth:
            return False
        return self.when is None or self.when(asked)


class Faults:
    """A plan; what is by chance follows from the seed and the request, not from the order.

    Parameters
    ----------
    in_a_row
        How many times in a row the same request is answered wrongly, at most.
    skew_s
        How far the server's clock is ahead: its Date, and the times of its resets.
    hold_s
        For how many real seconds an answer is held back by "timeout".
    """

    def __init__(
        self,
        *faults: Fault,
        seed: int = 0,
        in_a_row: int = 2,
        skew_s: float = 0.0,
        hold_s: float = 1.0,
    ) -> None:
        self.faults = faults
        self.seed = seed
        self.in_a_row = in_a_row
        self.skew_s = skew_s
        self.hold_s = hold_s
        self._times: Counter[Identity] = Counter()
        self._in_a_row: Counter[Identity] = Counter()
        self._lock = threading.Lock()

    def pick(self, asked: Asked) -> Fault | None:
        """Return the fault with which a request is answered, if any."""
        with self._lock:
            identity = asked.identity
            time = self._times[identity]
            self._times[identity] += 1
            if self._in_a_row[identity] < self.in_a_row:
                for place, fault in enumerate(self.faults):
                    if fault.suits(asked) and self._happens(place, identity, time, fault.rate):
                        self._in_a_row[identity] += 1
                        return fault
            self._in_a_row[identity] = 0
            return None

    def _happens(self, place: int, identity: Identity, time: int, rate: float) -> bool:
        named = f"{self.seed} {place} {identity} {time}".encode()
        drawn = int.from_bytes(hashlib.sha256(named).digest()[:8], "big") % WHOLE
        return drawn < rate * WHOLE


def refusal(fault: Fault, now_s: float) -> Reply:
    """Return the answer of a fault that comes instead of an answer."""
    if fault.kind in ("502", "503", "504"):
        return Reply(
            int(fault.kind), b"<html><body>Unicorn!</body></html>", {"content-type": "text/html"}
        )
    status, _, _ = fault.kind.partition("_")[2].partition("_")
    if fault.kind.startswith("primary"):
        return primary(int(status), int(now_s) + fault.wait_s)
    if fault.kind == "graphql_primary":
        return primary(200, int(now_s) + fault.wait_s)
    if fault.kind == "graphql_secondary":
        return secondary(200, fault.wait_s)
    wait_s = None if fault.kind == "secondary_403_message" else fault.wait_s
    return secondary(int(status), wait_s)


def primary(status: int, reset_s: int | None = None) -> Reply:
    """Return that the hour's budget is used up; with 200, as GraphQL says it."""
    headers = {"x-ratelimit-remaining": "0"}
    if reset_s is not None:
        headers["x-ratelimit-reset"] = str(reset_s)
    message = "API rate limit exceeded for user ID 1."
    if status == 200:
        return reply(200, {"errors": [{"type": "RATE_LIMITED", "message": message}]}, headers)
    return reply(status, {"message": message}, headers)


def secondary(status: int, wait_s: int | None) -> Reply:
    """Return that it goes too quickly; with 200, as GraphQL may say it."""
    headers = {} if wait_s is None else {"retry-after": str(wait_s)}
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    )
    if status == 200:
        return reply(200, {"errors": [{"message": message}]}, headers)
    return reply(status, {"message": message}, headers)


def spoilt(fault: Fault, answer: Reply) -> Reply:
    """Return an answer that goes wrong on its way."""
    if fault.kind in ("timeout", "dropped", "dropped_midway", "cut_short"):
        return replace(answer, ending=fault.kind)
    if fault.kind == "broken_json":
        return replace(answer, body=answer.body[: len(answer.body) * 2 // 3])
    content = answer.json()
    if answer.status != 200 or not isinstance(content, dict):
        return answer
    if fault.kind == "resource_limits":
        return answer.with_json(_partial(content))
    if fault.kind == "incomplete":
        return answer.with_json({**content, "incomplete_results": True})
    if fault.kind == "other_total":
        return answer.with_json({**content, "total_count": content["total_count"] + 3})
    return answer


def _partial(content: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of which the latter half is missing: of its parts, or of its only list."""
    data = dict(content.get("data") or {})
    errors = list(content.get("errors", ()))
    names: list[Any] = [name for name in data if name != "rateLimit"]
    parts: Any = data
    path: list[Any] = []
    if len(names) == 1 and isinstance(data[names[0]], list):
        path = names
        parts = data[names[0]] = list(data[names[0]])
        names = list(range(len(parts)))
    for name in names[len(names) // 2 :]:
        parts[name] = None
        message = "Resource limits for this query exceeded."
        errors.append(
            {"type": "RESOURCE_LIMITS_EXCEEDED", "path": [*path, name], "message": message}
        )
    return {"data": data, "errors": errors}
