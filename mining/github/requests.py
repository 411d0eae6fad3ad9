"""What is asked of GitHub, what came back, and what is wrong with it, if anything.

Where the other pages of a list are, a header of the answer tells by its links (RFC 8288).
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qsl, urljoin, urlsplit

from artifacts.hashing import hash_value
from artifacts.network import CA_ADVICE
from mining.github.errors import (
    BadCredentialsError,
    BlockedError,
    GitHubError,
    GoneError,
    NoAnswerError,
    NotAllowedError,
    NotGitHubError,
    PrimaryLimitError,
    RefusedError,
    RenamedError,
    SecondaryLimitError,
    ServerTroubleError,
    TooLargeError,
)
from mining.github.shapes import is_usable
from mining.github.unknown import FORBIDDEN, is_refusal

Resource = Literal["core", "search", "graphql", "code_search", "pages", "ecosystems"]
"""What is asked of limits of its own: parts of the API; github.com's pages; ecosyste.ms."""

GRAPHQL_PATH = "/graphql"
ENTERPRISE = "/api/v3"
"""What an Enterprise server puts before every path."""
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINK = re.compile(rf'\s*<([^>]*)>\s*((?:;[^;,"=]*(?:=(?:\s*{_QUOTED}\s*|[^;,"]*))?)*)(?:,|$)')
_PARAMETER = re.compile(r';\s*([^;,"=\s]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,"]*))')
PageLink = tuple[str, dict[str, str]]
"""A path, and its parameters."""
RESET_MARGIN_S = 1.0
"""Reset times are whole seconds."""
TIMED_OUT = {408, 499, 502, 504}
REDIRECTS = {301, 302, 307, 308}
SHOWN = 200
USED_UP = ("RATE_LIMITED", "RATE_LIMIT")
RESOURCE_LIMITS = "RESOURCE_LIMITS_EXCEEDED"
_API_PATH = re.compile(r"(/api/v3)?/(repos|repositories|organizations|orgs|users?|search)/")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_ONLY_SAID = {"message", "documentation_url", "status"}
_NOT_GITHUB_FIX = (
    "check GITHUB_API_URL (of an Enterprise server it ends in /api/v3), HTTPS_PROXY, and whether "
    "the network wants a login; then run the same command again"
)


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
        Number of the answer among those to this request, from 1.
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


def links(header: str, path: str = "/") -> dict[str, PageLink]:
    """Return where the links of a header lead, by relation ("next", "last") in lower case.

    Parameters
    ----------
    path
        What was asked for, from where a relative link is meant. Of an address only path and
        parameters count: no link leads to another host.
    """
    by_relation: dict[str, PageLink] = {}
    at = 0
    while link := _LINK.match(header, at):
        at = link.end()
        target = urlsplit(urljoin(path, link[1]))
        place = path_of(target.path) or path, dict(parse_qsl(target.query))
        for relation in _relations(link[2]):
            by_relation.setdefault(relation, place)
        if at == len(header):
            break
    return by_relation


def _relations(parameters: str) -> list[str]:
    """Return what a link is to this page; where it is said twice, the first counts."""
    for name, quoted, plain in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            words: str = re.sub(r"\\(.)", r"\1", quoted) or plain
            return words.lower().split()
    return []


def path_of(path: str) -> str:
    """Return a path without what an Enterprise server puts before it."""
    return path.removeprefix(ENTERPRISE)


def problem(request: ApiRequest, answer: HttpAnswer) -> GitHubError | None:
    """Return what is wrong with the answer to a request; None if it can be used.

    GitHub says the same thing in several ways: a limit may be a 403, a 429, or in GraphQL a 200
    with errors. So headers and body count, not the status alone.
    """
    where = request.path
    if answer.failure is not None:
        return _no_answer(request, answer.failure)
    if answer.status in REDIRECTS:
        return _moved(request, answer.headers.get("location", ""))
    content, is_json = _content(answer)
    if answer.status < 300:
        return _unusable(request, answer, content, is_json=is_json)
    told = content.get("message") if isinstance(content, dict) else None
    message = str(told or f"status {answer.status}")[:SHOWN]
    is_block = isinstance(content, dict) and content.get("block")
    if answer.status in (403, 429) and not is_block:
        limit = _limit(request, answer, message)
        if limit is not None:
            return limit
    if answer.status < 500 and answer.status not in TIMED_OUT:
        if (answer.text.strip() and not is_json) or answer.status == 407:
            return _not_github(request, answer)
        return _refusal(request, answer, content, message)
    if request.splittable and answer.status in TIMED_OUT:
        return TooLargeError("GitHub ran out of time.", where=where)
    return ServerTroubleError(f"GitHub has trouble: {message}.", where=where)


def _moved(request: ApiRequest, location: str) -> GitHubError:
    """Return where something is now; a way that leads to no API is not GitHub's."""
    try:
        target = urlsplit(location)
    except ValueError:
        target = urlsplit("")
    if request.query is None and (not location or _API_PATH.match(target.path)):
        return RenamedError(f"{request.path} has moved.", location=location, where=request.path)
    return NotGitHubError(
        f"This is not GitHub's API: it leads elsewhere ({location[:SHOWN] or 'nobody knows to'}).",
        where=request.path,
        fix=_NOT_GITHUB_FIX,
    )


def _unusable(
    request: ApiRequest, answer: HttpAnswer, content: Any, *, is_json: bool
) -> GitHubError | None:
    """Return why an answer that claims to be good is not."""
    where = request.path
    if answer.status == 202:
        return ServerTroubleError("GitHub is still working on it.", where=where)
    if not is_json:
        if answer.text.lstrip("\ufeff \t\r\n").startswith("<"):
            return _not_github(request, answer)
        return ServerTroubleError("GitHub's answer breaks off.", where=where)
    if isinstance(content, dict) and "message" in content and content.keys() <= _ONLY_SAID:
        message = str(content["message"])[:SHOWN]
        limit = _limit(request, answer, message)
        return limit or ServerTroubleError(f"GitHub has trouble: {message}.", where=where)
    if request.query is not None:
        return _graphql_problem(request, answer, content)
    is_empty = content is None and answer.status != 204
    if is_empty or (request.shape is not None and not is_usable(content, request.shape)):
        return ServerTroubleError("GitHub's answer is not what it should be.", where=where)
    return None


def _not_github(request: ApiRequest, answer: HttpAnswer) -> NotGitHubError:
    """Return what answered instead of GitHub: a proxy, a login page, the site beside the API."""
    title = _TITLE.search(answer.text[:100_000])
    words = html.unescape(re.sub(r"<[^>]*>?", " ", title[1] if title else answer.text[:2_000]))
    words = " ".join(words.split())[:80]
    is_html = title is not None or answer.text.lstrip("\ufeff \t\r\n").startswith("<")
    what = f"HTML ({'title ' if title else ''}{words!r})" if is_html else f"{words!r}"
    if answer.status == 407:
        what = f"a proxy that wants a name and a password ({words!r})"
    return NotGitHubError(
        f"This is not GitHub's API but {what}, status {answer.status}.",
        where=request.path,
        fix=_NOT_GITHUB_FIX,
    )


def _content(answer: HttpAnswer) -> tuple[Any, bool]:
    try:
        return answer.json(), True
    except (ValueError, RecursionError):  # broken, or nested or with numbers beyond measure
        return None, False


def _no_answer(request: ApiRequest, failure: str) -> GitHubError:
    kind, _, detail = failure.partition(": ")
    if kind == "timeout" and request.splittable:
        return TooLargeError("GitHub ran out of time.", where=request.path)
    if kind == "large":
        return TooLargeError(f"GitHub's answer is no use: {detail}.", where=request.path)
    what = {
        "timeout": "GitHub gave no answer in time.",
        "dropped": "The connection to GitHub broke off.",
    }.get(kind, f"GitHub cannot be reached: {detail}.")
    return NoAnswerError(
        what,
        kind=kind,
        where=request.path,
        fix=CA_ADVICE
        if "CERTIFICATE_VERIFY_FAILED" in detail
        else "check the network, and HTTPS_PROXY if you need one; then run the same command again",
    )


def _limit(request: ApiRequest, answer: HttpAnswer, message: str) -> GitHubError | None:
    """Return the limit that a refusal is about, if it is about one."""
    headers = answer.headers
    resource = headers.get("x-ratelimit-resource", request.resource)
    if "retry-after" in headers:
        wait_s = header_number(headers["retry-after"])
        return SecondaryLimitError(f"GitHub asks to go slower: {message}", wait_s=wait_s)
    if headers.get("x-ratelimit-remaining") == "0":
        return PrimaryLimitError(
            f"GitHub's {resource} limit is used up.", wait_s=_until_reset(answer), where=resource
        )
    about_limits = "rate limit" in message.lower() or "abuse" in message.lower()
    if answer.status == 429 or about_limits:
        return SecondaryLimitError(f"GitHub asks to go slower: {message}", wait_s=None)
    return None


def _refusal(request: ApiRequest, answer: HttpAnswer, content: Any, message: str) -> GitHubError:
    where = request.path
    block = content.get("block") if isinstance(content, dict) else None
    if answer.status == 451 or block:
        reason = block.get("reason") if isinstance(block, dict) else None
        return BlockedError(f"GitHub has blocked it ({reason or message}).", where=where)
    if answer.status == 401:
        return BadCredentialsError(
            f"GitHub does not accept the token: {message}.",
            where="GITHUB_TOKEN",
            fix="it is wrong or expired: make a new one (github.com/settings/tokens)",
        )
    if answer.status in (404, 410):
        return GoneError("There is nothing here, or nothing public.", where=where)
    if answer.status == 409:
        return GoneError(f"There is nothing here: {message}", where=where)
    if answer.status == 403 and "too large" in message.lower():
        return TooLargeError(message, where=where, is_final=True)
    if answer.status == 403:
        return NotAllowedError(
            f"GitHub does not allow this: {message}.",
            where=where,
            fix="use a token that may read public repositories",
        )
    return RefusedError(f"GitHub refuses the request: {message}", where=where)


def _graphql_problem(request: ApiRequest, answer: HttpAnswer, content: Any) -> GitHubError | None:
    """Return what is wrong with a whole GraphQL answer; errors of parts are left to who asked."""
    told = content.get("errors") if isinstance(content, dict) else None
    errors = [error for error in told if isinstance(error, dict)] if isinstance(told, list) else []
    if not isinstance(content, dict) or (not errors and not isinstance(content.get("data"), dict)):
        return ServerTroubleError("GitHub's answer holds no data.", where=request.path)
    for error in errors:
        kind, message = str(error.get("type", "")), str(error.get("message", ""))[:SHOWN]
        if kind in USED_UP:
            return PrimaryLimitError(
                "GitHub's graphql limit is used up.", wait_s=_until_reset(answer), where="graphql"
            )
        if "secondary rate limit" in message.lower():
            wait_s = header_number(answer.headers.get("retry-after"))
            return SecondaryLimitError(f"GitHub asks to go slower: {message}", wait_s=wait_s)
    if errors and not isinstance(content.get("data"), dict):
        first = errors[0]
        message = str(first.get("message", ""))[:SHOWN]
        timed_out = "timeout" in message.lower()
        if first.get("type") == RESOURCE_LIMITS or (timed_out and request.splittable):
            return TooLargeError("GitHub ran out of time.", where=request.path)
        is_theirs = first.get("type") in ("INTERNAL", "SERVICE_UNAVAILABLE")
        if timed_out or is_theirs or (first.get("type") is None and "wrong" in message):
            return ServerTroubleError(f"GitHub has trouble: {message}", where=request.path)
        if first.get("type") == FORBIDDEN or is_refusal(first):
            return RefusedError(message, where=request.path, is_forbidden=True)
        return RefusedError(f"GitHub refuses the request: {message}", where=request.path)
    return None


def _until_reset(answer: HttpAnswer) -> float:
    reset_s = header_number(answer.headers.get("x-ratelimit-reset"))
    if reset_s is None:
        return 60.0
    return max(0.0, reset_s - answer.received_at_s) + RESET_MARGIN_S


def header_number(text: str | None) -> float | None:
    """Return the number that a header holds; None where it is none."""
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
