"""A GitHub on this machine: answers as the real one does, counts, and fails as it is told to."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.github import rest
from tests.github.clock import Clock
from tests.github.code import CODELOAD, download
from tests.github.dependents import (
    DependentWorld,
    answer_code_search,
    answer_ecosystems,
    answer_page,
    resource_of,
)
from tests.github.faults import REFUSALS, Fault, Faults, primary, refusal, secondary, spoilt
from tests.github.graphql import graphql
from tests.github.limits import Limits, Meter, Resource, Window
from tests.github.log import Asked, RequestLog, Violation
from tests.github.replies import RefusedError, Reply, encoded, reply
from tests.github.resolving import Context
from tests.github.transport import Incoming, handler
from tests.github.world import World

TOKEN = "sentinel-token-of-the-tests"
VERSIONS = ("2022-11-28", "2026-03-10")
PRIMARY_FORMS = (403, 429)
SECONDARY_FORMS = ((403, 60), (403, None), (429, 60))


@dataclass
class FakeGitHub:
    """The server, as those see it who test against it.

    Attributes
    ----------
    world
        May be replaced while the server runs.
    requests
        All that was asked, in order.
    violations
        Requests that a limit forbade; what the faults plan refuses is none.
    hasty
        Requests that came before the time that an answer had told to wait for.
    tokens
        What each token is: "valid", "expired", or "lacking" a permission.
    latency_s
        How long each answer takes, by the clock.
    issue_types
        Whether it knows of them; an older server does not.
    spoil
        Makes of each answer the one that is sent; the same, where nothing is to be wrong with it.
    dependents
        What its pages and code search know of dependents, and so does ecosyste.ms, which is served
        here as well.
    """

    world: World
    clock: Clock
    limits: Limits
    faults: Faults
    tokens: dict[str, str]
    latency_s: float
    issue_types: bool = True
    url: str = ""
    spoil: Callable[[Asked, Reply], Reply] | None = None
    dependents: DependentWorld | None = None
    requests: RequestLog = field(default_factory=RequestLog)
    violations: list[Violation] = field(default_factory=list)
    hasty: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meter = Meter(self.limits)
        self.graphql = graphql(issue_types=self.issue_types)
        self.closing = threading.Event()
        self._waits: dict[tuple[str, str], float] = {}

    def now(self) -> float:
        """Return the time by the server's clock, in seconds since 1970."""
        return self.clock.now() + self.faults.skew_s

    def answer(self, incoming: Incoming) -> Reply:
        """Return what one request is answered with, and note it."""
        one = _One(self, incoming)
        with self.meter.under_way(one.who, anonymous=one.token is None) as under_way:
            return one.answer(under_way)

    def note_hasty(self, who: str, asked: Asked) -> None:
        """Note a request that comes too early."""
        if asked.path == "/rate_limit":
            return
        until = max(self._waits.get((who, each), 0.0) for each in (asked.resource, "all"))
        if self.now() < until:
            what = f"{until - self.now():.0f} s too early"
            self.hasty.append(Violation(asked.n, asked.at, asked.resource, what))

    def note_wait(self, who: str, asked: Asked, answered: Reply) -> None:
        """Remember until when an answer tells to wait."""
        headers = answered.headers
        if answered.ending is not None:
            return
        if "retry-after" in headers:
            self._waits[who, "all"] = self.now() + float(headers["retry-after"])
        elif headers.get("x-ratelimit-remaining") == "0" and answered.status in (200, 403, 429):
            self._waits[who, asked.resource] = float(headers["x-ratelimit-reset"])


class _One:
    """The answering of one request."""

    def __init__(self, github: FakeGitHub, incoming: Incoming) -> None:
        self.github = github
        self.incoming = incoming
        address = urlsplit(incoming.target)
        self.path = address.path
        self.params = dict(parse_qsl(address.query, keep_blank_values=True))
        kind, _, token = incoming.headers.get("authorization", "").partition(" ")
        self.token = token.strip() if kind.lower() in ("bearer", "token") else None
        self.who = self.token or "anonymous"
        self.resource: Resource = resource_of(self.path) or "core"
        self.is_download = self.path.startswith(CODELOAD)
        if self.path == "/graphql":
            self.resource = "graphql"
        elif self.path == "/search/repositories":
            self.resource = "search"
        self.posted = _posted(incoming.body) if self.resource == "graphql" else {}
        self.points = 0

    def answer(self, under_way: int) -> Reply:
        github = self.github
        asked = github.requests.begin(
            method=self.incoming.method,
            path=self.path,
            params=tuple(sorted(self.params.items())),
            digest=self._digest(),
            resource="codeload" if self.is_download else self.resource,
            with_token=self.token is not None,
            at=github.now(),
            query=str(self.posted.get("query", "")),
            variables=self.posted.get("variables") or {},
        )
        github.note_hasty(self.who, asked)
        fault = github.faults.pick(asked)
        if github.latency_s:
            github.clock.sleep(github.latency_s)
        try:
            answered, fine = self._answered(asked, fault, under_way)
        except RefusedError as error:
            answered, fine = error.reply, False
        if github.spoil is not None:
            whole, answered = answered, github.spoil(asked, answered)
            fine = fine and answered is whole
        answered = answered.with_headers(self._headers())
        github.requests.end(
            asked,
            status=0 if answered.ending else answered.status,
            points=self.points,
            fault=fault and fault.kind,
            answered=fine and fault is None,
        )
        github.note_wait(self.who, asked, answered)
        return answered

    def _answered(self, asked: Asked, fault: Fault | None, under_way: int) -> tuple[Reply, bool]:
        """Return the answer, and whether it is one to what was asked."""
        github = self.github
        if fault is not None and fault.kind in REFUSALS:
            return refusal(fault, github.now()), False
        if self.is_download:
            return download(github.world, self.path), True
        if self.resource in ("pages", "ecosystems"):
            return self._outside_the_api(), True
        self._admit()
        if self.path == "/rate_limit":
            return reply(200, self._rate_limit()), True
        why = github.meter.refusal(self.who, self.resource, github.now(), under_way)
        if why is not None:
            return self._over_a_limit(asked, why), False
        shift = int(fault is not None and fault.kind == "duplicate")
        answered = self._graphql() if self.resource == "graphql" else self._rest(shift)
        return spoilt(fault, answered) if fault is not None else answered, True

    def _admit(self) -> None:
        """Judge who asks.

        Raises
        ------
        RefusedError
            If GitHub would not even look at the request.
        """
        headers = self.incoming.headers
        if not headers.get("user-agent"):
            raise RefusedError(403, "Request forbidden by administrative rules.")
        if headers.get("x-github-api-version", VERSIONS[0]) not in VERSIONS:
            raise RefusedError(400, "This API version is not supported.")
        state = "valid" if self.token is None else self.github.tokens.get(self.token, "unknown")
        if state in ("unknown", "expired"):
            raise RefusedError(401, "Bad credentials")
        if self.resource == "graphql" and self.token is None:
            raise RefusedError(401, "This endpoint requires you to be authenticated.")
        if state == "lacking" and self.path != "/rate_limit":
            raise RefusedError(403, "Resource not accessible by personal access token")

    def _rest(self, shift: int) -> Reply:
        if self.incoming.method != "GET":
            raise RefusedError(404, "Not Found")
        github = self.github
        question = rest.Question(
            world=github.world,
            path=self.path,
            params=self.params,
            accept=self.incoming.headers.get("accept", ""),
            base_url=github.url,
            search_cap=github.limits.search_cap,
            shift=shift,
            issue_types=github.issue_types,
            tree_entries=github.limits.tree_entries,
        )
        github.meter.charge(self.who, self.resource, github.now(), 1)
        self.points = 1
        if self.resource == "code_search":
            return answer_code_search(self._dependents(), self.params)
        answered = rest.answer(question)
        if answered.status != 200:
            return answered
        etag = f'W/"{_hash(self.who, answered.body)}"'
        known = self.incoming.headers.get("if-none-match", "")
        if etag not in known:
            return answered.with_headers({"etag": etag})
        if self.token is not None:
            github.meter.refund(self.who, self.resource)
            self.points = 0
        return Reply(304, headers={"etag": etag})

    def _outside_the_api(self) -> Reply:
        world = self._dependents()
        if self.resource == "pages":
            return answer_page(world, self.path, self.params, self.github.url)
        return answer_ecosystems(world, self.path, self.params)

    def _dependents(self) -> DependentWorld:
        if self.github.dependents is None:
            raise RefusedError(404, "Not Found")
        return self.github.dependents

    def _graphql(self) -> Reply:
        github = self.github
        if self.incoming.method != "POST" or not isinstance(self.posted.get("query"), str):
            raise RefusedError(400, "Problems parsing JSON")
        variables = self.posted.get("variables") or {}
        document = github.graphql.prepare(self.posted["query"])
        if isinstance(document, list):
            self._charge(1)
            return reply(200, {"errors": document})
        weight = github.graphql.weigh(document, variables)
        self._charge(weight.cost)
        if weight.problems:
            return reply(200, {"data": None, "errors": weight.problems})
        window = github.meter.windows(self.who, github.now())["graphql"]
        context = Context(github.world, window, weight.cost, weight.nodes)
        content = github.graphql.execute(document, variables, context)
        if len(context.huge) > github.limits.huge_in_a_batch:
            message = "Something went wrong while executing your query. This may be a timeout."
            return Reply(502, encoded({"data": None, "errors": [{"message": message}]}))
        return reply(200, content)

    def _charge(self, points: int) -> None:
        self.github.meter.charge(self.who, "graphql", self.github.now(), points)
        self.points = points

    def _over_a_limit(self, asked: Asked, why: str) -> Reply:
        """Refuse, in one of the forms that GitHub has for it, in turn."""
        github = self.github
        n = len(github.violations)
        github.violations.append(Violation(asked.n, asked.at, asked.resource, why))
        if self.resource == "graphql" and n % 2 == 0:
            return primary(200) if why == "primary" else secondary(200, 60)
        if why == "primary":
            return primary(PRIMARY_FORMS[n % len(PRIMARY_FORMS)])
        return secondary(*SECONDARY_FORMS[n % len(SECONDARY_FORMS)])

    def _rate_limit(self) -> dict[str, Any]:
        windows = self.github.meter.windows(self.who, self.github.now())
        resources = {name: _numbers(window) for name, window in windows.items()}
        return {"resources": resources, "rate": resources["core"]}

    def _headers(self) -> dict[str, str]:
        if self.is_download:
            return {}
        window = self.github.meter.windows(self.who, self.github.now()).get(self.resource)
        if window is None:
            return {}
        numbers = {f"x-ratelimit-{name}": str(n) for name, n in _numbers(window).items()}
        return {**numbers, "x-ratelimit-resource": self.resource}

    def _digest(self) -> str | None:
        if self.resource != "graphql":
            return None
        return _hash(json.dumps([self.posted.get("query"), self.posted.get("variables") or {}]))


def _numbers(window: Window) -> dict[str, int]:
    return {
        "limit": window.limit,
        "remaining": window.remaining,
        "reset": window.reset_s,
        "used": window.used,
    }


def _posted(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _hash(*parts: str | bytes) -> str:
    mark = hashlib.sha256()
    for part in parts:
        mark.update(part if isinstance(part, bytes) else part.encode())
    return mark.hexdigest()


class _Server(ThreadingHTTPServer):
    """The server of HTTP; that a client is killed in the middle is nothing to report."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve(
    world: World,
    *,
    clock: Clock,
    limits: Limits | None = None,
    faults: Faults | None = None,
    tokens: Iterable[str] = (TOKEN,),
    expired: Iterable[str] = (),
    lacking: Iterable[str] = (),
    latency_s: float = 0.0,
    issue_types: bool = True,
) -> Iterator[FakeGitHub]:
    """Serve a world on a free port of this machine; the clients may be other processes.

    Parameters
    ----------
    tokens, expired, lacking
        Tokens that are good, that were, and that lack a permission. Any other is unknown.
    """
    states = dict.fromkeys(tokens, "valid") | dict.fromkeys(expired, "expired")
    states |= dict.fromkeys(lacking, "lacking")
    github = FakeGitHub(
        world, clock, limits or Limits(), faults or Faults(), states, latency_s, issue_types
    )
    server = _Server(("127.0.0.1", 0), handler(github))
    github.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield github
    finally:
        github.closing.set()
        server.shutdown()
        server.server_close()
