"""What the server was asked, in order."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

Identity = tuple[str, str, tuple[tuple[str, str], ...], str | None]


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes
    ----------
    n, nth
        Its number among all requests, and among those of its resource, both from 1.
    digest
        Names query and variables of a GraphQL request.
    query
        The text of a GraphQL request; `variables`, what it is asked with.
    points
        What it took of the primary limit.
    fault
        The fault with which it was answered, on purpose.
    answered
        With what was asked for, nothing being wrong.
    """

    n: int
    nth: int
    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    digest: str | None
    resource: str
    with_token: bool
    at: float
    query: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    points: int = 0
    fault: str | None = None
    answered: bool = False

    @property
    def what(self) -> str:
        """Return the name of the query, or the path without the repository."""
        if self.query:
            return self.query.split(None, 2)[1].partition("(")[0]
        return re.sub(r"^/repos/[^/]+/[^/]+|^/repositories/[0-9]+", "/repos", self.path)

    @property
    def identity(self) -> Identity:
        """Return what is the same in identical requests."""
        return self.method, self.path, self.params, self.digest


@dataclass(frozen=True)
class Violation:
    """A request that a limit forbade."""

    n: int
    at: float
    resource: str
    what: str


class RequestLog(Sequence[Asked]):
    """All requests, by the order in which they came; may be shared by threads."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []
        self._nth: Counter[str] = Counter()
        self._lock = threading.Lock()

    @overload
    def __getitem__(self, place: int) -> Asked: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Asked]: ...

    def __getitem__(self, place: int | slice) -> Asked | Sequence[Asked]:
        return self._asked[place]

    def __len__(self) -> int:
        return len(self._asked)

    def __iter__(self) -> Iterator[Asked]:
        return iter(list(self._asked))

    def begin(self, **what: Any) -> Asked:
        """Note that a request has come."""
        with self._lock:
            resource = str(what["resource"])
            self._nth[resource] += 1
            asked = Asked(n=len(self._asked) + 1, nth=self._nth[resource], **what)
            self._asked.append(asked)
            return asked

    def end(self, asked: Asked, **what: Any) -> None:
        """Note how a request was answered."""
        with self._lock:
            self._asked[asked.n - 1] = replace(asked, **what)

    def by_resource(self) -> Counter[str]:
        """Return how many requests each resource had."""
        return Counter(each.resource for each in self)

    def points(self) -> Counter[str]:
        """Return what was taken of each primary limit."""
        found: Counter[str] = Counter()
        for each in self:
            found[each.resource] += each.points
        return found

    def repeated(self) -> dict[Identity, int]:
        """Return identical requests that were answered more than once, with how often."""
        times = Counter(each.identity for each in self if each.answered and each.status == 200)
        return {identity: n for identity, n in times.items() if n > 1}
