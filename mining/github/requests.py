"""What is asked of GitHub, and what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

from artifacts.hashing import hash_value

Resource = Literal["core", "search", "graphql"]
"""Parts of the API whose limits are counted apart."""

FieldPath = tuple[str | int, ...]
"""Where something stands in an answer: names of fields and positions in lists."""

GRAPHQL_PATH = "/graphql"


@dataclass(frozen=True)
class ApiRequest:
    """One thing to ask.

    Attributes
    ----------
    params
        Of the address, by name.
    query, variables
        Of a GraphQL request.
    ask
        How often the same was asked before because the answers did not agree: asking anew is
        another request.
    splittable
        Whether less can be asked instead: then a time-out is not tried again as it is.
    shape
        What the content of a good answer looks like, where that is known.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    resource: Resource = "core"
    query: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    ask: int = 0
    splittable: bool = False
    shape: Any = field(default=None, repr=False, compare=False)

    @property
    def method(self) -> str:
        """Return GET, or POST for GraphQL, where it changes nothing either."""
        return "GET" if self.query is None else "POST"

    @property
    def key(self) -> str:
        """Return what names the request among all others, in this and in later runs."""
        asked = [self.path, dict(self.params), self.query, dict(self.variables), self.ask]
        return hash_value(asked)

    @property
    def body(self) -> dict[str, Any] | None:
        """Return what is posted, if anything; a variable without a value is left out of it.

        To GraphQL that is the same as null by its specification; what GitHub makes of `labels:
        null` is nowhere said.
        """
        if self.query is None:
            return None
        given = {name: value for name, value in self.variables.items() if value is not None}
        return {"query": self.query, "variables": given}

    def document(self) -> dict[str, Any]:
        """Return the request as it is kept beside its answer."""
        asked: dict[str, Any] = {"method": self.method, "path": self.path}
        if self.params:
            asked["params"] = dict(self.params)
        return asked | (self.body or {})


@dataclass(frozen=True)
class HttpAnswer:
    """What came back for a request, or that nothing did.

    Attributes
    ----------
    status
        HTTP status; 0 if there was no whole answer, and then `failure` says why.
    headers
        The few that matter, by name in lower case.
    received_at_s
        By GitHub's clock, in seconds since 1970.
    attempt
        The how-manieth answer to this request it is, from 1.
    took_s
        Seconds from asking to having it whole; None: it was not noted.
    is_new
        Whether it was received in this run.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    received_at_s: float
    attempt: int = 1
    failure: str | None = None
    took_s: float | None = None
    is_new: bool = field(default=False, compare=False)

    @property
    def received_at(self) -> datetime:
        """Return when it was received (UTC)."""
        return datetime.fromtimestamp(self.received_at_s, UTC)

    def json(self) -> Any:
        """Return the content, None if there is to be none; raise `ValueError` if it is no JSON."""
        return self._content

    @cached_property
    def _content(self) -> Any:
        # Whether an answer is good is seen from its content, before that is used.
        return None if self.status == 204 else json.loads(self.text)


@dataclass(frozen=True)
class GraphqlAnswer:
    """The data of a GraphQL answer, and the errors that came with them."""

    data: Mapping[str, Any]
    errors: tuple[Mapping[str, Any], ...]
    received_at: datetime
    is_new: bool = False
    took_s: float | None = None

    def problem_at(self, *place: str | int) -> str | None:
        """Return the type, or else the message, of an error at or below a place in the data."""
        for error in self.errors:
            path = tuple(error.get("path") or ())
            if path[: len(place)] == place:
                return str(error.get("type") or error.get("message") or "error")
        return None
