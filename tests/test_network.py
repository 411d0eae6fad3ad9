"""Bounds of what a server may do: how slowly and how much it answers, and who may read a secret."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import zstandard
from deciding_people import taxonomy

from artifacts.errors import InputError
from artifacts.network import BoundedClient, TooLongError, trusted_certificates
from artifacts.progress import SilentProgress
from mining.github.errors import NoAnswerError, TooLargeError
from mining.github.http import Account, Client, Response, account_from
from mining.github.requests import ApiRequest, HttpAnswer, problem
from taxonomy.names.service import Service, ask_names, service_at

TOKEN = "ghp_sentinel0123456789"
CERTIFICATES = Path(__file__).with_name("certificates")
CA, KEY = CERTIFICATES / "localhost.pem", CERTIFICATES / "localhost.key"
ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CA_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
Serving = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ENVIRONMENT, *(name.lower() for name in ENVIRONMENT), *CA_NAMES):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def serving(answer: Serving, *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Answer each connection of a port of this machine; yield the address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with (
            suppress(OSError),
            tls.wrap_socket(connection, server_side=True) if tls else connection as plain,
        ):
            plain.recv(65_536)
            answer(plain)

    threading.Thread(target=run, daemon=True).start()
    scheme = "https" if tls else "http"
    try:
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def whole(body: bytes, *headers: str) -> Serving:
    """Answer with a body at once."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers]
    head = "\r\n".join([*lines, "", ""])
    return lambda connection: connection.sendall(head.encode() + body)


def dripping(first: bytes) -> Serving:
    """Answer with something, and then with a byte now and then for as long as anybody listens."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return answer


def packed(body: bytes, how: str) -> bytes:
    """Return a body as a server may pack it."""
    if how.startswith("gzip"):
        halves = body[: len(body) // 2], body[len(body) // 2 :]
        return (
            b"".join(map(gzip.compress, halves))
            if how == "gzip in two"
            else gzip.compress(body, mtime=0)
        )
    if how.startswith("zstd"):
        frame = zstandard.ZstdCompressor().compress
        return frame(body[:7]) + frame(body[7:]) if how == "zstd in two" else frame(body)
    return zlib.compress(body) if how == "deflate" else zlib.compress(body)[2:-4]


def sent(answer: Serving, *, timeout_s: float = 5.0) -> Response:
    """Return what the client of GitHub makes of an answer."""
    with serving(answer) as url, Client(Account(url, url, TOKEN, timeout_s)) as client:
        return client.send(ApiRequest("/x"))


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"],
    ids=["the status", "a header", "the body"],
)
def test_a_server_that_drips_is_given_up(first: bytes) -> None:
    """However little comes at a time, and wherever: the whole answer has its time, and no more."""
    begun = time.monotonic()
    response = sent(dripping(first), timeout_s=0.1)
    assert time.monotonic() - begun < 2
    assert response.failure == "timeout: no answer in time"
    begun = time.monotonic()
    with serving(dripping(first)) as url, pytest.raises(InputError, match=r"no answer in 0\.2 s"):
        service = service_at(url, "m", timeout_s=0.2)
        ask_names(service, taxonomy([["a"]], [0], []), {}, progress=SilentProgress())
    assert time.monotonic() - begun < 2


def test_the_time_is_that_of_one_answer() -> None:
    """A connection that is used again has the whole time again."""
    with serving(whole(b"{}")) as url:
        client = BoundedClient(url, timeout_s=5, connect_timeout_s=5)
        with client:
            for _ in range(3):
                assert client.ask("GET", url, deadline_s=0.3).body == b"{}"
                time.sleep(0.15)


@pytest.mark.parametrize("how", ["gzip", "gzip in two", "deflate", "raw deflate", "zstd in two"])
def test_an_answer_is_unpacked(how: str) -> None:
    """In each of the forms that servers pack in, of several members or frames as well."""
    body = json.dumps({"name": "Größe 模型", "more": "x" * 5_000}).encode()
    name = how.removeprefix("raw ").removesuffix(" in two")
    response = sent(whole(packed(body, how), f"Content-Encoding: {name}"))
    assert response.text == body.decode()


@pytest.mark.parametrize("how", ["gzip", "deflate", "zstd"])
def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off(how: str) -> None:
    """It is unpacked piece by piece, and no further than an answer may go."""
    body = b"\0" * 30_000_000
    answer = whole(packed(body, how), f"Content-Encoding: {how}")
    with serving(answer) as url, BoundedClient(url, timeout_s=5, connect_timeout_s=5) as client:
        with pytest.raises(TooLongError, match="larger than 1,000,000 bytes"):
            client.ask("GET", url, deadline_s=5, most_bytes=1_000_000)
        assert len(client.ask("GET", url, deadline_s=5, most_bytes=len(body)).body) == len(body)


def test_an_answer_without_end_is_cut_off() -> None:
    """What is not packed has the same limit; GitHub is then asked for less, or it is told."""

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 1_000_000)

    response = sent(endless)
    assert response.failure == "large: it is larger than 67,108,864 bytes"
    error = problem(ApiRequest("/x"), HttpAnswer(0, {}, "", 0.0, failure=response.failure))
    assert isinstance(error, TooLargeError)
    assert "larger than 67,108,864 bytes" in str(error)


@pytest.mark.parametrize(
    ("body", "how"),
    [
        (b"{}", "br"),
        (b"{}", "gzip"),
        (b"{}", "zstd"),
        (b"no", "deflate"),
        (packed(b"x" * 999, "gzip")[:-9], "gzip"),
        (packed(b"x" * 999, "deflate")[:-9], "deflate"),
        (b"{}", "gzip, rot13"),
    ],
)
def test_what_cannot_be_unpacked_is_told(body: bytes, how: str) -> None:
    """Broken, cut off, or in a form that was not asked for: a failure, and no traceback."""
    response = sent(whole(body, f"Content-Encoding: {how}"))
    assert response.failure is not None
    assert response.failure.startswith("dropped: it ")
    with (
        serving(whole(body, f"Content-Encoding: {how}")) as url,
        pytest.raises(InputError, match="cannot be used: it "),
    ):
        ask_names(service_at(url, "m"), taxonomy([["a"]], [0], []), {}, progress=SilentProgress())


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "latin-1", "x-unknown", ""])
def test_json_is_utf_8_whatever_it_is_called(charset: str) -> None:
    """A wrong or unknown charset in Content-Type makes no difference; nor does a BOM."""
    for mark in (b"", b"\xef\xbb\xbf"):
        body = mark + '{"name": "Größe"}'.encode()
        answer = whole(body, f"Content-Type: application/json; charset={charset}")
        assert json.loads(sent(answer).text) == {"name": "Größe"}


def test_what_is_not_utf_8_is_trouble() -> None:
    """An answer that really is UTF-16 is none, and told so."""
    response = sent(whole('{"a": 1}'.encode("utf-16"), "Content-Type: text/plain; charset=utf-16"))
    answer = HttpAnswer(response.status, response.headers, response.text, 0.0)
    assert problem(ApiRequest("/x"), answer) is not None


# Secrets


@pytest.mark.parametrize(
    "url",
    ["http://git.acme.org/api/v3", "http://10.0.0.7:8080", "http://localhost.acme.org", "http://0"],
)
def test_a_secret_is_not_sent_in_clear(url: str) -> None:
    """By http no token or key goes to another machine; which address it is, is said."""
    with pytest.raises(InputError, match="in clear") as caught:
        account_from({"GITHUB_API_URL": url, "GITHUB_TOKEN": TOKEN})
    assert caught.value.where == "GITHUB_API_URL"
    with pytest.raises(InputError, match="in clear") as caught:
        account_from({"GITHUB_GRAPHQL_URL": url, "GH_TOKEN": TOKEN})
    assert caught.value.where == "GITHUB_GRAPHQL_URL"
    for make in (lambda: service_at(url, "m", "sk-1"), lambda: Service(url, "m", "sk-1")):
        with pytest.raises(InputError, match="in clear") as caught:
            make()
        assert caught.value.where == "--endpoint"
    with pytest.raises(InputError, match="in clear"):
        service_at(url.replace("://", "://user:geheim@"), "m")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "http://127.8.8.8", "http://[::1]:9/v1", "http://localhost:9/v1"]
)
def test_this_machine_may_have_it(url: str) -> None:
    """What never leaves the machine needs no https."""
    assert account_from({"GITHUB_API_URL": url, "GITHUB_TOKEN": TOKEN}).token == TOKEN
    assert service_at(url, "m", "sk-1").key == "sk-1"


def test_without_a_secret_http_is_fine() -> None:
    """A server of one's own that wants no token may be without https."""
    assert account_from({"GITHUB_API_URL": "http://git.acme.org"}).token is None
    assert service_at("http://gpu7:11434/v1", "m").key is None


def test_a_secret_for_this_machine_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names does not see what is meant for localhost."""
    heard: list[bytes] = []
    with serving(lambda connection: heard.append(b"?")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        assert sent(whole(b"{}")).status == 200
    assert heard == []


# Certificates


def server_tls() -> ssl.SSLContext:
    """Return what a server with the certificate of the tests speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CA, KEY)
    return context


def test_an_organisations_certificates_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each of the variables that other tools know is honoured; without one, what to set is said."""
    with serving(whole(b"{}"), tls=server_tls()) as url:
        account = Account(url, url, TOKEN, 5.0)

        def asked() -> Response:
            with Client(account) as client:
                return client.send(ApiRequest("/x"))

        failure = asked().failure
        error = problem(ApiRequest("/x"), HttpAnswer(0, {}, "", 0.0, failure=failure))
        assert isinstance(error, NoAnswerError)
        assert "certificate verify failed" in str(error)
        assert "set SSL_CERT_FILE" in str(error)
        with pytest.raises(InputError, match="certificate verify failed") as caught:
            service = service_at(url, "m", "sk-1")
            ask_names(service, taxonomy([["a"]], [0], []), {}, progress=SilentProgress())
        assert "set SSL_CERT_FILE" in str(caught.value)
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, str(CA))
            assert asked().status == 200, name
            monkeypatch.delenv(name)
        import certifi

        monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
        assert "(judged by SSL_CERT_FILE)" in str(asked().failure)


@pytest.mark.parametrize("name", CA_NAMES)
def test_certificates_that_are_none_are_told(name: str, tmp_path: Path) -> None:
    """A file that is missing or holds none: which variable, and what it should name."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (tmp_path / "nowhere.pem", empty):
        with pytest.raises(InputError) as caught:
            trusted_certificates({name: str(path)})
        assert name in str(caught.value)
        assert str(path) in str(caught.value)
    assert trusted_certificates({name: str(CA)})[1] == name
    assert trusted_certificates({name: ""})[1] is None
