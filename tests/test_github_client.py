"""How GitHub is asked, over real sockets: what is sent, what comes back, and what is never told."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import zstandard

from artifacts.errors import InputError
from artifacts.progress import SilentProgress
from mining.github.api import Api, Connection, next_page, token_mark
from mining.github.batches import answered_at
from mining.github.errors import (
    BadCredentialsError,
    BlockedError,
    GitHubError,
    GoneError,
    NoAnswerError,
    NotAllowedError,
    NotGitHubError,
    NotStoredError,
    PrimaryLimitError,
    RefusedError,
    SecondaryLimitError,
    ServerTroubleError,
    TooLargeError,
)
from mining.github.http import API_URL, API_VERSION, HIDDEN, Account, Client, Response, account_from
from mining.github.limits import Limits
from mining.github.raw import FILE, RawStore, open_raw, read_raw
from mining.github.requests import ApiRequest, HttpAnswer

TOKEN = "ghp_sentinel0123456789"
PATH = "/repos/acme/forge"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# A server


@dataclass(frozen=True)
class Reply:
    """What the server answers; `length` is what it claims, `dropped` that it hangs up instead."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    length: int | None = None
    dropped: bool = False


@dataclass(frozen=True)
class Asked:
    """What the server was asked."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any = None


@dataclass
class Server:
    """Where the server is, and what it was asked so far."""

    url: str
    asked: list[Asked] = field(default_factory=list)


Answering = Callable[[Asked], Reply]


def reply(content: Any = None, status: int = 200, **headers: str) -> Reply:
    """Return a reply of JSON; the names of headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps(content).encode(), status, named)


def always(*replies: Reply) -> Answering:
    """Answer with each in turn, and with the last again and again."""
    waiting = list(replies)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def served(answering: Answering) -> Iterator[Server]:
    """Serve on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            target = urlsplit(self.path)
            asked = Asked(
                self.command,
                target.path,
                dict(parse_qsl(target.query)),
                {name.lower(): value for name, value in self.headers.items()},
                json.loads(self.rfile.read(size)) if size else None,
            )
            server.asked.append(asked)
            given = answering(asked)
            time.sleep(given.after_s)
            if given.dropped:
                return
            self.send_response_only(given.status)
            length = len(given.body) if given.length is None else given.length
            if length >= 0:
                self.send_header("Content-Length", str(length))
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.body)

        do_GET = do_POST = do_CONNECT = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing: the other side had enough."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_address[1]}")
    threading.Thread(target=http.serve_forever, args=(0.005,), daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()


def account_at(url: str, token: str | None = TOKEN, *, timeout_s: float = 5.0) -> Account:
    """Return an account at a server."""
    return Account(url, url + "/graphql", token, timeout_s)


def sent(
    answering: Answering, request: ApiRequest | None = None, *, timeout_s: float = 5.0
) -> Response:
    """Return what a client makes of an answer."""
    with (
        served(answering) as server,
        Client(account_at(server.url, timeout_s=timeout_s)) as client,
    ):
        return client.send(request or ApiRequest(PATH))


class Interrupted(BaseException):
    """The process was stopped while it waited."""


@dataclass
class FakeClock:
    """A clock that moves when it is slept by, until it is stopped."""

    at_s: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)
    stop_after: int | None = None

    def now(self) -> float:
        """Return the time that it shows."""
        return self.at_s

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        assert seconds >= 0
        if self.stop_after is not None and len(self.slept) >= self.stop_after:
            raise Interrupted
        self.slept.append(seconds)
        self.at_s += seconds


@dataclass
class Heard(SilentProgress):
    """Progress that keeps what it is told."""

    said: list[str] = field(default_factory=list)

    def say(self, message: str) -> None:
        """Keep a message."""
        self.said.append(message)


@dataclass
class Session:
    """An `Api` with all that it stands on."""

    api: Api
    line: Connection
    store: RawStore
    clock: FakeClock
    heard: Heard


@contextmanager
def session(
    url: str,
    folder: Path,
    *,
    token: str | None = TOKEN,
    clock: FakeClock | None = None,
    before: RawStore | None = None,
) -> Iterator[Session]:
    """Open a way to a server, and a store in a folder."""
    account, clock, heard = account_at(url, token), clock or FakeClock(), Heard()
    with Client(account) as client, open_raw(folder, clean=account.clean) as store:
        line = Connection(account, client, Limits(clock, heard.say), heard)
        yield Session(Api(store, line, before=before), line, store, clock, heard)


def closed_port() -> int:
    """Return a port of this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


# What is sent


def test_a_request_says_who_asks_and_in_which_version() -> None:
    """User agent, API version, accepted form and token go with every request."""
    with served(always(reply())) as server, Client(account_at(server.url)) as client:
        client.send(ApiRequest(PATH, {"per_page": "100", "q": "topic:mlops fork:true"}))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", PATH)
    assert asked.params == {"per_page": "100", "q": "topic:mlops fork:true"}
    assert asked.headers["user-agent"] == "opsatlas"
    assert asked.headers["x-github-api-version"] == API_VERSION
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert "if-none-match" not in asked.headers
    assert asked.body is None


def test_without_a_token_none_is_sent() -> None:
    """An anonymous request has no authorization at all."""
    with served(always(reply())) as server, Client(account_at(server.url, None)) as client:
        client.send(ApiRequest(PATH))
    assert "authorization" not in server.asked[0].headers


def test_a_query_is_posted_to_its_own_address() -> None:
    """GraphQL goes where the account says, with query and variables."""
    request = ApiRequest("/graphql", resource="graphql", query="query { a }", variables={"é": [1]})
    with served(always(reply())) as server:
        account = Account("http://127.0.0.1:9", server.url + "/api/graphql", TOKEN)
        with Client(account) as client:
            assert client.send(request).status == 200
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/api/graphql")
    assert asked.body == {"query": "query { a }", "variables": {"é": [1]}}


# Who asks


@pytest.mark.parametrize(
    ("environment", "token"),
    [
        ({}, None),
        ({"GITHUB_TOKEN": ""}, None),
        ({"GITHUB_TOKEN": "  "}, None),
        ({"GITHUB_TOKEN": TOKEN}, TOKEN),
        ({"GITHUB_TOKEN": f" {TOKEN}\n"}, TOKEN),
        ({"GH_TOKEN": TOKEN}, TOKEN),
        ({"GITHUB_TOKEN": "", "GH_TOKEN": TOKEN}, TOKEN),
        ({"GITHUB_TOKEN": TOKEN, "GH_TOKEN": "other"}, TOKEN),
        ({"GITLAB_TOKEN": TOKEN}, None),
    ],
)
def test_the_token_is_taken_from_the_environment(
    environment: dict[str, str], token: str | None
) -> None:
    """`GITHUB_TOKEN` goes before `GH_TOKEN`; an empty one is none, and space around it is cut."""
    account = account_from(environment)
    assert account.token == token
    assert account.api_url == API_URL
    assert account.graphql_url == f"{API_URL}/graphql"


@pytest.mark.parametrize("token", ["two words", "ghp_é", "a\nb", "a\x00b", "“ghp_x”"])
def test_a_token_that_no_header_can_hold_is_refused(token: str) -> None:
    """It is named by its variable, and not repeated."""
    with pytest.raises(InputError) as caught:
        account_from({"GH_TOKEN": token})
    assert caught.value.where == "GH_TOKEN"
    assert token not in str(caught.value)


def test_addresses_can_be_those_of_another_server() -> None:
    """`GITHUB_API_URL` moves both; `GITHUB_GRAPHQL_URL` may differ, as with Enterprise servers."""
    account = account_from({"GITHUB_API_URL": "https://git.acme.org/api/v3/"})
    assert account.api_url == "https://git.acme.org/api/v3"
    assert account.graphql_url == "https://git.acme.org/api/graphql"
    other = "https://git.acme.org/api/graphql"
    assert account_from({"GITHUB_GRAPHQL_URL": other}).graphql_url == other


@pytest.mark.parametrize("address", ["api.github.com", "ftp://x.org", "file:///etc", "https://"])
@pytest.mark.parametrize("variable", ["GITHUB_API_URL", "GITHUB_GRAPHQL_URL"])
def test_what_is_no_address_is_refused(variable: str, address: str) -> None:
    """Which variable it is, is said."""
    with pytest.raises(InputError) as caught:
        account_from({variable: address})
    assert caught.value.where == variable


def test_tokens_are_told_apart_without_being_said() -> None:
    """The mark of a token is the same each time, other for others, and not the token."""
    one, other = Account(token=TOKEN), Account(token=TOKEN + "x")
    assert token_mark(one) == token_mark(Account(API_URL, token=TOKEN))
    assert token_mark(one) != token_mark(other)
    assert TOKEN not in str(token_mark(one))
    assert token_mark(Account()) is None


# What comes back


def test_an_answer_is_kept_with_the_headers_that_matter() -> None:
    """Limits, links, tags and times are kept, in lower case; cookies are not."""
    headers = {
        "X-RateLimit-Remaining": "7",
        "Link": '<x>; rel="next"',
        "ETag": 'W/"1"',
        "Retry-After": "5",
        "Set-Cookie": "a=b",
        "Server": "github.com",
    }
    body = '{"name": "Größe 模型"}'.encode()
    response = sent(always(Reply(body, 201, headers)))
    assert response == Response(
        201,
        {
            "x-ratelimit-remaining": "7",
            "link": '<x>; rel="next"',
            "etag": 'W/"1"',
            "retry-after": "5",
        },
        body.decode(),
    )


def test_a_compressed_answer_is_read() -> None:
    """Gzip is undone."""
    packed = gzip.compress(b'{"id": 1}')
    assert sent(always(Reply(packed, headers={"Content-Encoding": "gzip"}))).text == '{"id": 1}'


def test_a_server_that_does_not_answer_in_time_is_given_up() -> None:
    """A server that thinks too long is a time-out."""
    response = sent(always(Reply(after_s=0.4)), timeout_s=0.1)
    assert (response.status, response.failure) == (0, "timeout: no answer in time")


def test_a_way_on_which_nothing_comes_back_is_no_way() -> None:
    """Where not even the connection is made in time, the server counts as unreachable."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        full = [socket.socket() for _ in range(3)]
        for each in full:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        with Client(account_at(f"http://127.0.0.1:{port}", timeout_s=0.1)) as client:
            response = client.send(ApiRequest(PATH))
        for each in full:
            each.close()
    assert response.failure == "unreachable: no answer in time"


@pytest.mark.parametrize(
    ("broken", "failure"),
    [
        (Reply(dropped=True), "dropped: "),
        (Reply(b'{"id": 1', length=500), "dropped: "),
        (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), "dropped: "),
        (Reply(b"not chunks", length=-1, headers={"Transfer-Encoding": "chunked"}), "dropped: "),
    ],
)
def test_a_connection_that_breaks_is_no_answer(broken: Reply, failure: str) -> None:
    """Hanging up, before, within or instead of a body, is told on one line."""
    response = sent(always(broken))
    assert response.status == 0
    assert response.failure is not None
    assert response.failure.startswith(failure)
    assert "\n" not in response.failure


@pytest.mark.parametrize(
    "broken",
    [
        Reply(b'{"id": 1, "name": "fo', length=-1),
        Reply(gzip.compress(b'{"id": 1}' * 99)[:-30], headers={"Content-Encoding": "gzip"}),
        Reply(b"\xff\xfe"),
    ],
)
def test_a_body_that_breaks_off_unnoticed_is_trouble(broken: Reply, tmp_path: Path) -> None:
    """What arrives as a whole but is none is asked for again."""
    with served(always(broken, reply({"id": 1}))) as server, session(server.url, tmp_path) as own:
        assert own.api.get(PATH).json() == {"id": 1}
    assert len(server.asked) == 2
    assert own.clock.slept == [2.0]


def test_nobody_there_is_told() -> None:
    """A closed port is unreachable, and the reason is the system's."""
    with Client(account_at(f"http://127.0.0.1:{closed_port()}")) as client:
        response = client.send(ApiRequest(PATH))
    assert response.failure is not None
    assert response.failure.startswith("unreachable: ")
    assert "refused" in response.failure


# Proxies


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://a:b", "::::", "http://[::1"])
def test_a_proxy_that_is_none_is_told(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that cannot be used is an error that names the variables."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(InputError) as caught:
        Client(Account())
    assert "HTTPS_PROXY" in str(caught.value)
    assert "unset it" in str(caught.value)


def test_a_proxy_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody behind the proxy's address: a sentence that names the variable, after little waiting.

    The host itself is never looked up.
    """
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    with (
        session("http://api.github.invalid", tmp_path, token=None) as own,
        pytest.raises(NoAnswerError) as caught,
    ):
        own.api.get(PATH)
    assert caught.value.kind == "unreachable"
    assert "GitHub cannot be reached" in caught.value.what
    assert "HTTPS_PROXY" in str(caught.value)
    assert sum(own.clock.slept) <= 10


def test_a_proxy_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that wants a password is named with its words; the token never reaches it."""
    with served(always(Reply(status=407, body=b""))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with Client(account_at("https://api.github.invalid")) as client:
            response = client.send(ApiRequest(PATH))
    assert response.failure is not None
    assert response.failure.startswith("unreachable: ")
    assert "407" in response.failure
    assert [asked.method for asked in proxy.asked] == ["CONNECT"]
    assert TOKEN not in str(proxy.asked)


def test_a_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names a proxy, requests go through it."""
    with served(always(reply({"id": 1}))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with Client(account_at("http://api.github.invalid", token=None)) as client:
            assert client.send(ApiRequest(PATH)).text == '{"id": 1}'
    assert proxy.asked[0].headers["host"] == "api.github.invalid"


# Redirects


def routed(routes: Mapping[str, Reply]) -> Answering:
    """Answer by path; elsewhere with a 404."""
    return lambda asked: routes.get(asked.path, reply({"message": "Not Found"}, 404))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_move_within_github_is_followed(status: int, absolute: bool, tmp_path: Path) -> None:
    """A renamed repository is found where it is now, with the parameters that were asked for."""
    routes: dict[str, Reply] = {"/repositories/1/labels": reply([{"name": "bug"}])}
    with served(routed(routes)) as server:
        location = (server.url if absolute else "") + "/repositories/1/labels"
        routes[f"{PATH}/labels"] = reply({}, status, location=location)
        with session(server.url, tmp_path) as own:
            answer = own.api.get(f"{PATH}/labels", {"per_page": "100"})
    assert answer.json() == [{"name": "bug"}]
    assert [asked.path for asked in server.asked] == [f"{PATH}/labels", "/repositories/1/labels"]
    assert [asked.params for asked in server.asked] == [{"per_page": "100"}] * 2


def test_a_move_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Another host, port or scheme is never asked, and so the token never goes there."""
    with served(always(reply({}))) as other, served(lambda _: moved[-1]) as server:
        port = server.url.rsplit(":", 1)[1]
        moved = []
        for number, target in enumerate(
            [
                other.url + PATH,
                f"https://127.0.0.1:{port}{PATH}",
                f"http://localhost:{port}{PATH}",
                f"//127.0.0.1:{other.url.rsplit(':', 1)[1]}{PATH}",
                f"http://127.0.0.1:{port}@example.org{PATH}",
            ]
        ):
            moved.append(reply({}, 301, location=target))
            with (
                session(server.url, tmp_path / str(number)) as own,
                pytest.raises(ServerTroubleError, match="elsewhere") as caught,
            ):
                own.api.get(PATH)
            assert TOKEN not in str(caught.value)
            assert len(server.asked) == number + 1
    assert other.asked == []


def test_a_move_in_circles_ends(tmp_path: Path) -> None:
    """A place that moves to itself is asked once, and then is trouble."""
    routes = {PATH: reply({}, 301, location=PATH)}
    with (
        served(routed(routes)) as server,
        session(server.url, tmp_path) as own,
        pytest.raises(ServerTroubleError, match="circles"),
    ):
        own.api.get(PATH)
    assert len(server.asked) == 1


# Asked once, kept, resumed


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    """The second answer to a request comes from the store, in this process and in the next."""
    with served(always(reply({"id": 1}))) as server:
        with session(server.url, tmp_path) as own:
            first = own.api.answer(ApiRequest(PATH, {"a": "1", "b": "2"}))
            assert own.api.answer(ApiRequest(PATH, {"b": "2", "a": "1"})) == first
            assert (own.api.asked["core"], own.api.stored) == (1, 1)
        with session(server.url, tmp_path) as own:
            assert own.api.answer(ApiRequest(PATH, {"a": "1", "b": "2"})) == first
            own.api.answer(ApiRequest(PATH, {"a": "1", "b": "2"}, ask=1))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (reply({"message": "Not Found"}, 404), GoneError),
        (reply({"message": "The list is too large to list"}, 403), TooLargeError),
    ],
)
def test_a_refusal_for_good_is_not_asked_for_again(
    refusal: Reply, kind: type[GitHubError], tmp_path: Path
) -> None:
    """What was not there is not asked for again, and gives the same error from the store."""
    with served(always(refusal)) as server:
        for _ in range(2):
            with session(server.url, tmp_path) as own, pytest.raises(kind):
                own.api.get(PATH)
    assert len(server.asked) == 1
    assert own.clock.slept == []


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (reply({"message": "Validation Failed"}, 422), RefusedError),
        (reply({"message": "Repository access blocked", "block": {}}, 451), BlockedError),
        (reply({"message": "Resource protected by organization SAML"}, 403), NotAllowedError),
        (Reply(b"<html><title>Log in</title></html>", 404), NotGitHubError),
    ],
)
def test_a_refusal_that_may_be_lifted_is_asked_for_again_by_the_next_run(
    refusal: Reply, kind: type[GitHubError], tmp_path: Path
) -> None:
    """Within one run it stays as it is; the next run may be told otherwise."""
    with served(lambda _: refusals.pop() if refusals else reply({"id": 1})) as server:
        refusals = [refusal] * 100
        with session(server.url, tmp_path) as own, pytest.raises(GitHubError) as caught:
            own.api.get(PATH)
        assert isinstance(caught.value.__cause__ or caught.value, kind)
        refusals = []
        with session(server.url, tmp_path) as own:
            assert own.api.get(PATH).json() == {"id": 1}
        assert Api(read_raw(tmp_path), None).get(PATH).json() == {"id": 1}
    assert server.asked[-1].path == PATH


def test_a_token_that_was_bad_is_tried_again(tmp_path: Path) -> None:
    """What another token may change is asked again by the next process."""
    with served(always(reply({"message": "Bad credentials"}, 401), reply({"id": 1}))) as server:
        with session(server.url, tmp_path) as own, pytest.raises(BadCredentialsError):
            own.api.get(PATH)
        with session(server.url, tmp_path) as own:
            assert own.api.get(PATH).attempt == 1
    assert len(server.asked) == 2


def test_trouble_is_waited_out_and_every_attempt_kept(tmp_path: Path) -> None:
    """Each attempt is in the store, with its number; the wait is longer each time, and said."""
    trouble = reply({"message": "Server Error"}, 500)
    with (
        served(always(trouble, trouble, trouble, trouble, reply({"id": 1}))) as server,
        session(server.url, tmp_path) as own,
    ):
        assert own.api.get(PATH).attempt == 5
        assert own.api.asked["core"] == 5
    assert own.clock.slept == [2.0, 4.0, 8.0, 16.0]
    assert own.heard.said == ["waiting 16 s for another attempt (GitHub has trouble: Server Error)"]
    assert read_raw(tmp_path).n_requests == 5


def test_a_process_that_was_stopped_goes_on_counting(tmp_path: Path) -> None:
    """The next process waits for the rest of the time, and counts attempts on from there."""
    trouble = Reply(status=502)
    with served(always(trouble, trouble, reply({"id": 1}))) as server:
        clock = FakeClock(stop_after=1)
        with session(server.url, tmp_path, clock=clock) as own, pytest.raises(Interrupted):
            own.api.get(PATH)
        last = read_raw(tmp_path).last(ApiRequest(PATH).key)
        assert last is not None
        assert (last.attempt, last.status) == (2, 502)
        later = FakeClock(clock.at_s + 1.5)
        with session(server.url, tmp_path, clock=later) as own:
            assert own.api.get(PATH).attempt == 3
    assert later.slept == [2.5]


def test_a_process_that_gave_up_leaves_the_next_a_fresh_start(tmp_path: Path) -> None:
    """After the last attempt the error is told; the same command tries again from the first."""
    answers = [Reply(status=503)] * 6 + [reply({"id": 1})]
    with served(always(*answers)) as server:
        with session(server.url, tmp_path) as own, pytest.raises(ServerTroubleError):
            own.api.get(PATH)
        assert len(server.asked) == 6
        with session(server.url, tmp_path) as own:
            assert own.api.get(PATH).attempt == 1
    assert own.clock.slept == []


def test_limits_are_waited_for(tmp_path: Path) -> None:
    """A spent budget and a plea to go slower are both met with the wait that GitHub names."""
    at_s = 1_700_000_000
    spent = reply(
        {"message": "API rate limit exceeded"},
        403,
        x_ratelimit_remaining="0",
        x_ratelimit_limit="5000",
        x_ratelimit_resource="core",
        x_ratelimit_reset=str(at_s + 720),
    )
    slower = reply({"message": "Slow down"}, 429, retry_after="7")
    with (
        served(always(spent, slower, reply({"id": 1}))) as server,
        session(server.url, tmp_path, clock=FakeClock(at_s)) as own,
    ):
        assert own.api.get(PATH).json() == {"id": 1}
    assert own.clock.slept == [721.0, 7.0]
    assert own.heard.said == ["waiting 12 min for another attempt (GitHub's core limit is used up)"]


@pytest.mark.parametrize(
    ("limit", "kind", "most"),
    [
        (reply({"message": "x"}, 429, retry_after="9"), SecondaryLimitError, 6),
        (reply({"message": "x"}, 403, x_ratelimit_remaining="0"), PrimaryLimitError, 40),
    ],
)
def test_a_limit_without_end_is_given_up(
    limit: Reply, kind: type[GitHubError], most: int, tmp_path: Path
) -> None:
    """No server is asked for ever."""
    with (
        served(always(limit)) as server,
        session(server.url, tmp_path) as own,
        pytest.raises(kind),
    ):
        own.api.get(PATH)
    assert len(server.asked) == most


# Replay


def test_a_replay_needs_no_way_to_github(tmp_path: Path) -> None:
    """All answers come from the store, refusals included; what is not there is told."""
    routes = {PATH: reply({"id": 1}), "/graphql": reply({"data": {"rateLimit": {"cost": 3}}})}
    with served(routed(routes)) as server, session(server.url, tmp_path) as own:
        first = own.api.get(PATH)
        own.api.graphql("query { a }", {"n": 1})
        with pytest.raises(GoneError):
            own.api.get("/gone")
    replay = Api(read_raw(tmp_path), None)
    assert replay.get(PATH) == first
    assert replay.graphql("query { a }", {"n": 1}).data == {"rateLimit": {"cost": 3}}
    with pytest.raises(GoneError):
        replay.get("/gone")
    assert (replay.stored, replay.points, sum(replay.asked.values())) == (2, 3, 0)
    assert replay.last_at == own.api.last_at
    for request in (ApiRequest("/never"), ApiRequest(PATH, {"page": "2"}), ApiRequest(PATH, ask=1)):
        with pytest.raises(NotStoredError, match="do not go so far") as caught:
            replay.answer(request)
        assert FILE in str(caught.value)
        assert "without --replay" in str(caught.value)


def test_a_replay_of_a_mining_that_waited_is_told(tmp_path: Path) -> None:
    """Where the last that is stored was to be asked again, the mining was not finished."""
    with served(always(Reply(status=502))) as server:
        clock = FakeClock(stop_after=0)
        with session(server.url, tmp_path, clock=clock) as own, pytest.raises(Interrupted):
            own.api.get(PATH)
    with pytest.raises(NotStoredError):
        Api(read_raw(tmp_path), None).get(PATH)


# Conditional requests


def test_what_has_not_changed_is_kept_whole(tmp_path: Path) -> None:
    """A 304 gives what the earlier snapshot had, which is then in the new one's store as well."""

    def answering(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == 'W/"7"':
            return Reply(b"", 304, {"x-ratelimit-remaining": "41"})
        link = '<http://x/next?page=2>; rel="next"'
        return reply({"id": 1}, etag='W/"7"', link=link, x_ratelimit_remaining="42")

    with served(answering) as server:
        with session(server.url, tmp_path / "then") as own:
            own.api.get(PATH)
        before = read_raw(tmp_path / "then")
        with session(server.url, tmp_path / "now", before=before) as own:
            own.clock.at_s += 86_400
            answer = own.api.get(PATH)
    assert ["if-none-match" in asked.headers for asked in server.asked] == [False, True]
    assert (answer.status, answer.text) == (200, '{"id": 1}')
    assert answer.received_at_s == 1_700_086_400.0
    assert answer.headers["x-ratelimit-remaining"] == "41"
    assert answer.headers["etag"] == 'W/"7"'
    assert next_page(answer) == ("/next", {"page": "2"})
    assert Api(read_raw(tmp_path / "now"), None).get(PATH) == answer


def test_what_has_changed_is_taken_anew(tmp_path: Path) -> None:
    """A 200 to a conditional request is the new content, with its own tag."""
    with served(always(reply([1], etag='"1"'), reply([2], etag='"2"'))) as server:
        with session(server.url, tmp_path / "then") as own:
            own.api.get(PATH)
        with session(server.url, tmp_path / "now", before=read_raw(tmp_path / "then")) as own:
            answer = own.api.get(PATH)
            own.api.get("/other")
    assert (answer.json(), answer.headers["etag"]) == ([2], '"2"')
    tags = [asked.headers.get("if-none-match") for asked in server.asked]
    assert tags == [None, '"1"', None]


def test_no_condition_is_made_without_answers_of_the_same_token(tmp_path: Path) -> None:
    """Who is given no earlier answers, as those of another token, asks for everything whole."""
    with served(always(reply([1], etag='"1"'))) as server:
        for token in (TOKEN, TOKEN + "x", None):
            with session(server.url, tmp_path / str(token), token=token) as own:
                assert own.api.get(PATH).json() == [1]
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None] * 3


# Pages


def test_pages_are_followed_as_they_are_linked(tmp_path: Path) -> None:
    """The next page is where the link says, whatever its parameters; the last has no link."""

    def answering(asked: Asked) -> Reply:
        after = asked.params.get("after", "")
        if after == "yy":
            return reply([5], link=f'<{server.url}{PATH}>; rel="first"')
        following = f"{server.url}/repositories/1/issues?after={after}y&labels=new%20feature%2Ca"
        first = f'<{server.url}{PATH}?page=1>; rel="first"'
        return reply([len(after)], link=f'{first}, <{following}>; rel="next"')

    with served(answering) as server, session(server.url, tmp_path) as own:
        pages = [answer.json() for answer in own.api.pages(PATH, {"labels": "new feature,a"})]
    assert pages == [[0], [1], [5]]
    assert [asked.params["labels"] for asked in server.asked] == ["new feature,a"] * 3
    replayed = Api(read_raw(tmp_path), None).pages(PATH, {"labels": "new feature,a"})
    assert [answer.json() for answer in replayed] == pages


@pytest.mark.parametrize("back_to", ["1", "2", "3"])
def test_a_page_that_was_had_is_refused(back_to: str, tmp_path: Path) -> None:
    """A list that leads back to itself, or to an earlier page, ends as trouble."""

    def answering(asked: Asked) -> Reply:
        page = int(asked.params["page"])
        following = back_to if page == 3 else str(page + 1)
        return reply([page], link=f'<{server.url}{PATH}?page={following}>; rel="next"')

    with served(answering) as server, session(server.url, tmp_path) as own:
        pages = own.api.pages(PATH, {"page": "1"})
        assert [next(pages).json() for _ in range(3)] == [[1], [2], [3]]
        with pytest.raises(ServerTroubleError, match="one that we had"):
            next(pages)
    assert len(server.asked) == 3


def test_a_next_page_elsewhere_is_asked_for_here(tmp_path: Path) -> None:
    """A link to another host leads to that path at GitHub; the other host hears nothing."""
    with served(always(reply([]))) as other:
        link = f'<{other.url}/stolen?page=2>; rel="next"'
        with (
            served(always(reply([1], link=link), reply([2]))) as server,
            session(server.url, tmp_path) as own,
        ):
            assert [answer.json() for answer in own.api.pages(PATH, {})] == [[1], [2]]
    assert other.asked == []
    assert server.asked[1].path == "/stolen"


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("", None),
        ("nonsense", None),
        ('<https://api.github.com/x?page=9>; rel="last"', None),
        ('<https://api.github.com/x?page=2>; rel="next"', ("/x", {"page": "2"})),
        (
            '<https://a/x?page=1>; rel="prev", <https://a/x?page=3&q=a%2Bb>; rel="next"',
            ("/x", {"page": "3", "q": "a+b"}),
        ),
        ("<https://a/x?page=2>; rel=next", ("/x", {"page": "2"})),
        ("<https://a/x?page=2>;rel = next , <https://a/x?page=9>; rel=last", ("/x", {"page": "2"})),
        ('<https://a/x?page=2>; title="x, y; rel=prev"; rel="next"', ("/x", {"page": "2"})),
        ('<https://a/x?page=2>; title="a \\" b"; REL="Last NEXT"', ("/x", {"page": "2"})),
        ('<https://a/x?page=2>; rel="prev"; rel="next"', None),
        ('<https://a/x?page=2>; rel="nextish"', None),
        ('<https://a/x?labels=a,b>; rel="next"', ("/x", {"labels": "a,b"})),
        ('<?page=2>; rel="next"', ("/repos/a/b/issues", {"page": "2"})),
        ('<issues?page=2>; rel="next"', ("/repos/a/b/issues", {"page": "2"})),
        (
            '</api/v3/repositories/1/issues?page=2>; rel="next"',
            ("/repositories/1/issues", {"page": "2"}),
        ),
        ('<//elsewhere.org/x?page=2>; rel="next"', ("/x", {"page": "2"})),
    ],
)
def test_the_next_page_is_read_from_its_link(
    link: str, page: tuple[str, dict[str, str]] | None
) -> None:
    """Of the links of an answer, the one to the next page counts."""
    assert next_page(HttpAnswer(200, {"link": link}, "[]", 0.0), "/repos/a/b/issues") == page


def test_a_full_page_without_a_link_is_not_the_last(tmp_path: Path) -> None:
    """Where links are cut off on the way, pages go on by number, until one is not full."""
    rows = list(range(250))

    def answering(asked: Asked) -> Reply:
        start = (int(asked.params.get("page", "1")) - 1) * 100
        return reply(rows[start : start + 100])

    for n, n_pages in ((250, 3), (200, 3), (99, 1)):
        del rows[n:]
        folder = tmp_path / str(n)
        with served(answering) as server, session(server.url, folder) as own:
            pages = [answer.json() for answer in own.api.pages(PATH, {"per_page": "100"})]
        assert [row for page in pages for row in page] == rows
        assert len(server.asked) == n_pages


# The way to GitHub


BUDGETS = {
    "core": {"limit": 5_000, "used": 1, "remaining": 4_999, "reset": 1_700_003_600},
    "search": {"limit": 30, "used": 0, "remaining": 30, "reset": 1_700_000_060},
    "graphql": {"limit": 5_000, "used": 4_000, "remaining": 1_000, "reset": 1_700_001_000},
}


def test_a_way_begins_with_what_is_left(tmp_path: Path) -> None:
    """Budgets and GitHub's clock are known before the first request that counts."""
    date = formatdate(1_700_003_600, usegmt=True)
    with (
        served(always(reply({"resources": BUDGETS}, date=date))) as server,
        session(server.url, tmp_path) as own,
    ):
        own.line.open()
        limits = own.line.limits
    assert [asked.path for asked in server.asked] == ["/rate_limit"]
    assert {name: budget.remaining for name, budget in limits.budgets.items()} == {
        "core": 4_999,
        "search": 30,
        "graphql": 1_000,
    }
    assert limits.now() == 1_700_003_600
    assert own.heard.said == ["this machine's clock is 60 min behind GitHub's: GitHub's is used"]
    assert len(own.store) == 0


@pytest.mark.parametrize(
    ("ahead_s", "said"),
    [
        (0, []),
        (-1, []),
        (50, []),
        (-7_200, ["this machine's clock is 120 min ahead of GitHub's: GitHub's is used"]),
    ],
)
def test_times_are_by_githubs_clock(ahead_s: int, said: list[str], tmp_path: Path) -> None:
    """What was received when is by GitHub's clock; a difference worth a word is said once."""
    date = formatdate(1_700_000_000 + ahead_s, usegmt=True)
    with served(always(reply({}, date=date))) as server, session(server.url, tmp_path) as own:
        answers = [own.api.get(path) for path in ("/a", "/b")]
    expected = 1_700_000_000 + (0 if abs(ahead_s) <= 2 else ahead_s)
    assert [answer.received_at_s for answer in answers] == [expected, expected]
    assert own.heard.said == said


@pytest.mark.parametrize("date", ["yesterday", "", "Tue, 99 Nov 2023 25:13:20 GMT"])
def test_a_date_that_is_none_is_passed_over(date: str, tmp_path: Path) -> None:
    """A header that names no time changes no clock."""
    with served(always(reply({}, date=date))) as server, session(server.url, tmp_path) as own:
        own.api.get(PATH)
    assert own.line.limits.skew_s == 0.0


def test_a_bad_token_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """A token that is not accepted ends the way at once."""
    with (
        served(always(reply({"message": "Bad credentials"}, 401))) as server,
        session(server.url, tmp_path) as own,
        pytest.raises(BadCredentialsError),
    ):
        own.line.open()
    assert len(server.asked) == 1
    assert own.clock.slept == []


def test_a_way_that_is_troubled_is_tried_again(tmp_path: Path) -> None:
    """Trouble at the very start is waited out; no way at all is told after little waiting."""
    with (
        served(always(Reply(status=502), Reply(dropped=True), reply({"resources": BUDGETS}))) as s,
        session(s.url, tmp_path / "a") as own,
    ):
        own.line.open()
    assert own.clock.slept == [2.0, 4.0]
    with (
        session(f"http://127.0.0.1:{closed_port()}", tmp_path / "b") as own,
        pytest.raises(NoAnswerError, match="cannot be reached"),
    ):
        own.line.open()
    assert sum(own.clock.slept) <= 10


# GraphQL


def test_a_query_gives_data_errors_and_points(tmp_path: Path) -> None:
    """Errors of parts stay beside the data, by place; points are summed, one if none are named."""
    errors = [
        {"type": "NOT_FOUND", "path": ["nodes", 1], "message": "Could not resolve"},
        {"path": ["nodes", 2, "languages"], "message": "Timeout"},
    ]
    first = {"data": {"nodes": [{}, None, {}], "rateLimit": {"cost": 4}}, "errors": errors}
    with (
        served(always(reply(first), reply({"data": {"rateLimit": None}}))) as server,
        session(server.url, tmp_path) as own,
    ):
        answer = own.api.graphql("query { a }", {"ids": ["A", "B", "C"]})
        own.api.graphql("query { b }", {})
    assert answer.data["nodes"] == [{}, None, {}]
    first_node, gone, partly = (answered_at(answer, ("nodes", n), n) for n in range(3))
    assert first_node.is_whole
    assert gone.is_gone
    assert [str(why) for why in partly.holes.values()] == ["Timeout"]
    assert own.api.points == 5
    assert own.api.asked == {"graphql": 2}


def test_a_query_that_may_be_split_is_not_repeated(tmp_path: Path) -> None:
    """A time-out is raised at once where less can be asked, and waited out where it cannot."""
    with (
        served(always(Reply(status=504), Reply(status=504), reply({"data": {}}))) as server,
        session(server.url, tmp_path) as own,
    ):
        with pytest.raises(TooLargeError):
            own.api.graphql("query { a }", {}, splittable=True)
        assert own.clock.slept == []
        assert own.api.graphql("query { b }", {}).data == {}
    assert own.clock.slept == [2.0]


# What is never told


def everything_in(folder: Path) -> str:
    """Return all texts below a folder, and what compressed files hold."""
    texts = []
    for path in folder.rglob("*"):
        if path.is_file():
            texts.append(path.read_bytes().decode("latin-1"))
            with path.open("rb") as file:
                reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
                texts.append(reader.read().decode())
    return "\n".join(texts)


def test_the_token_is_never_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No repr, error, traceback, log record or file has it, though the server repeats it."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, name)

    def answering(asked: Asked) -> Reply:
        echo = {"message": f"{asked.headers['authorization']} rate limit", "data": {TOKEN: TOKEN}}
        status = {"/bad": 401, "/no": 403, "/refused": 422, "/blocked": 451}.get(asked.path, 200)
        if asked.path == "/dropped":
            return Reply(dropped=True)
        return reply(echo, status, etag='"1"')

    told: list[str] = []
    with served(answering) as server, session(server.url, tmp_path) as own:
        told.append(own.api.get(PATH).text)
        told.append(repr(own.api.graphql(f"query {{ {TOKEN} }}", {"a": TOKEN})))
        for path in ("/bad", "/no", "/refused", "/blocked", "/dropped"):
            try:
                own.api.get(path)
            except GitHubError as error:
                told += [str(error), repr(error), traceback.format_exc()]
        told += own.heard.said
        account, client = own.line.account, own.line.client
        for each in (own.api, own.line, own.store, account, client, own.line.limits):
            told += [repr(each), str(each)]
        told.append(repr(list(own.store.latest())))
    told += [f"{record.getMessage()} {record.args} {record.__dict__}" for record in caplog.records]
    assert any("httpcore" in record.name for record in caplog.records)
    assert len(told) > 30
    assert [text for text in told if TOKEN in text] == []
    kept = everything_in(tmp_path)
    assert TOKEN not in kept
    assert HIDDEN in kept
    assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in server.asked)
