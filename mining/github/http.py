"""The one place that opens sockets to GitHub: sends a request, returns what came back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from artifacts.errors import InputError, OpsatlasError
from artifacts.network import BodyError, BoundedClient, Received, TooLongError, refuse_in_clear
from mining.github.requests import GRAPHQL_PATH, ApiRequest

API_URL = "https://api.github.com"
API_VERSION = "2022-11-28"
API_TYPE = "application/vnd.github+json"
USER_AGENT = "opsatlas"
TIMEOUT_S = 30.0
"""GitHub itself gives up after 10 s."""
CONNECT_TIMEOUT_S = 10.0
DEADLINE_TIMES = 4
"""Times `timeout_s` that a whole answer may take: those with READMEs are large, and lines slow."""
CODELOAD_PATHS = ("/codeload/", "/_codeload/")
"""Where an Enterprise server gives archives if it has but one host."""
DOWNLOAD_S = 3_600.0
"""A whole download may take that long."""
ERROR_BYTES = 1 << 16
"""Of the body of an error that comes instead of a download."""
TOKEN_NAMES = ("GITHUB_TOKEN", "GH_TOKEN")
KEPT_HEADERS = {"date", "etag", "link", "location", "retry-after", "x-oauth-scopes"}
KEPT_HEADERS |= {"github-authentication-token-expiration", "x-github-sso"}
KEPT_PREFIX = "x-ratelimit-"
HIDDEN = "(token)"
_AUTHORISING = re.compile(r"https?://\S*authorization_request=\S*")
"""A link by which whoever has it authorises the token, in the header about single sign-on."""
FAILURES = (httpx.HTTPError, httpx.InvalidURL, UnicodeError, BodyError)
_TOKEN = re.compile(r"[A-Za-z0-9_.=-]{8,}")


@dataclass(frozen=True)
class Response:
    """What came back: a status, the headers that matter, a text; or `failure`, and status 0."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    failure: str | None = None


@dataclass(frozen=True)
class Account:
    """Where GitHub is, and who asks.

    Attributes
    ----------
    api_url, graphql_url
        Of github.com, or of a GitHub Enterprise server.
    token
        Never shown or kept.
    timeout_s
        How long nothing may come; a whole answer may take `DEADLINE_TIMES` as long.
    token_name, unused
        The variable that the token is from; another one that is set, and was not used.

    Raises
    ------
    InputError
        If the token would be sent in clear.
    """

    api_url: str = API_URL
    graphql_url: str = API_URL + GRAPHQL_PATH
    token: str | None = field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S
    token_name: str = TOKEN_NAMES[0]
    unused: str | None = None

    def __post_init__(self) -> None:
        if self.token is not None:
            refuse_in_clear(self.api_url, "The token", where="GITHUB_API_URL")
            refuse_in_clear(self.graphql_url, "The token", where="GITHUB_GRAPHQL_URL")

    def clean(self, text: str) -> str:
        """Return a text without the token."""
        return text if self.token is None else text.replace(self.token, HIDDEN)

    def tell_source(self, error: OpsatlasError) -> None:
        """Name the variable that the token is from in an error about it."""
        error.where = self.token_name if self.token else " or ".join(TOKEN_NAMES)
        if self.unused is not None:
            other = (
                f"{self.unused} is set as well and is used only where {self.token_name} is not: "
                "unset that to use it"
            )
            error.fix = f"{error.fix}; {other}" if error.fix else other


def account_from(environment: Mapping[str, str] = os.environ) -> Account:
    """Return the account that the environment names: `GITHUB_TOKEN`, and `GITHUB_API_URL`.

    Raises
    ------
    InputError
        If the token cannot stand in a header or would be sent in clear, or an address is none.
    """
    url = address_in(environment, "GITHUB_API_URL", API_URL)
    graphql_url = address_in(environment, "GITHUB_GRAPHQL_URL", _graphql_of(url))
    set_names = [name for name in TOKEN_NAMES if environment.get(name, "").strip()]
    name, unused = [*set_names, None, None][:2]
    token = environment[name].strip() if name else None
    if token is not None and not _TOKEN.fullmatch(token):
        raise InputError(
            "The token has characters that no token has, or too few of them.",
            where=name,
            fix="copy it again from github.com/settings/tokens",
        )
    token_name = name or TOKEN_NAMES[0]
    return Account(url, graphql_url, token, token_name=token_name, unused=unused)


def _graphql_of(url: str) -> str:
    """Return where GraphQL is: on an Enterprise server beside REST's /api/v3, at /api/graphql."""
    return url.removesuffix("/v3") + GRAPHQL_PATH if url.endswith("/api/v3") else url + GRAPHQL_PATH


def address_in(environment: Mapping[str, str], name: str, otherwise: str) -> str:
    """Return the address that a variable names, without a slash at its end.

    Raises
    ------
    InputError
        If it is none.
    """
    url = environment.get(name, "").strip().rstrip("/") or otherwise
    try:
        parts = httpx.URL(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.host) and not parts.userinfo
    except (httpx.InvalidURL, ValueError):
        is_address = False
    if not is_address:
        raise InputError(
            "This is no address of an API.",
            where=name,
            fix=f"unset it, or give one like {otherwise}",
        )
    return url


def _beginning(chunks: Iterator[bytes]) -> bytes:
    """Return the first bytes of a body, enough for what an error says."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > ERROR_BYTES:
            break
    return bytes(body[:ERROR_BYTES])


class BrokenOffError(Exception):
    """A download broke off; `failure` says how, as `Response.failure` does."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


class Client(BoundedClient):
    """Connections to GitHub, one request at a time. To be closed, or used as a context.

    Parameters
    ----------
    accept
        The type of answers that are asked for. If it is not the API's, a server is asked that is
        not the API: it is never given the token.
    """

    def __init__(self, account: Account, *, accept: str = API_TYPE) -> None:
        self._account = account
        self._other: BoundedClient | None = None
        headers = {"Accept": accept, "User-Agent": USER_AGENT}
        if accept == API_TYPE:
            headers["X-GitHub-Api-Version"] = API_VERSION
        if accept == API_TYPE and account.token is not None:
            headers["Authorization"] = f"Bearer {account.token}"
        super().__init__(
            account.api_url,
            timeout_s=account.timeout_s,
            connect_timeout_s=CONNECT_TIMEOUT_S,
            headers=headers,
        )

    def send(self, request: ApiRequest, *, etag: str | None = None) -> Response:
        """Ask once; whatever happens on the way is returned, not raised."""
        url = self._account.api_url + request.path
        if request.query is not None:
            url = self._account.graphql_url
        headers = {} if etag is None else {"If-None-Match": etag}
        if "issueType" in (request.query or ""):
            headers["GraphQL-Features"] = "issue_types"  # which some servers still ask for
        try:
            received = self.ask(
                request.method,
                url,
                deadline_s=DEADLINE_TIMES * self._account.timeout_s,
                params=dict(request.params),
                json=request.body,
                headers=headers,
            )
        except FAILURES as error:
            return Response(0, failure=self._failure(error))
        return self._response(received)

    @contextmanager
    def download(
        self, url: str, *, deadline_s: float = DOWNLOAD_S
    ) -> Iterator[tuple[Response, Iterator[bytes]]]:
        """Give what comes from an address that GitHub sent us to: the answer, then its bytes.

        The token is not sent. What is no good answer has a text, and no bytes.

        Raises
        ------
        BrokenOffError
            If it breaks off while its bytes come.
        """
        plain = self._plain()
        with ExitStack() as stack:
            try:
                answer = stack.enter_context(plain.arriving(url, deadline_s=deadline_s))
                if answer.status == httpx.codes.OK:
                    body, chunks = b"", answer.chunks
                else:
                    body, chunks = _beginning(answer.chunks), iter(())
                response = self._response(Received(answer.status, answer.headers, body))
            except FAILURES as error:
                response, chunks = Response(0, failure=self._failure(error)), iter(())
            yield response, self._arriving(chunks)

    def is_download(self, url: str) -> bool:
        """Tell whether an address is one from which GitHub gives archives, over no worse a way."""
        try:
            here, there = urlsplit(self._account.api_url), urlsplit(url)
            if there.scheme != here.scheme or "@" in there.netloc:
                return False
            host = (here.hostname or "").removeprefix("api.")
            is_beside = there.netloc == here.netloc and there.path.startswith(CODELOAD_PATHS)
            return is_beside or there.netloc == f"codeload.{host}"
        except ValueError:
            return False

    def close(self) -> None:
        """Close the connections."""
        super().close()
        if self._other is not None:
            self._other.close()

    def _plain(self) -> BoundedClient:
        """Return connections on which nobody says who asks."""
        if self._other is None:
            self._other = BoundedClient(
                self._account.api_url,
                timeout_s=self._account.timeout_s,
                connect_timeout_s=CONNECT_TIMEOUT_S,
                headers={"User-Agent": USER_AGENT},
            )
        return self._other

    def _arriving(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from chunks
        except FAILURES as error:
            raise BrokenOffError(self._failure(error)) from error

    def _failure(self, error: Exception) -> str:
        """Return in words what kind of failure it is, for `Response.failure`."""
        match error:
            case httpx.ConnectTimeout():
                # Where not even a connection is made in time, there is no way at all.
                return "unreachable: no answer in time"
            case httpx.TimeoutException():
                return "timeout: no answer in time"
            case httpx.ConnectError() | httpx.ProxyError() | httpx.UnsupportedProtocol():
                return f"unreachable: {self._words_of(error)}"
            case TooLongError():
                return f"large: {error}"
            case _:
                return f"dropped: {self._words_of(error)}"

    def _response(self, received: Received) -> Response:
        kept = {
            name: _AUTHORISING.sub(HIDDEN, self._account.clean(value))
            for name, value in received.headers.items()
            if name in KEPT_HEADERS or name.startswith(KEPT_PREFIX)
        }
        # JSON is UTF-8, whatever the answer calls it.
        text = received.body.decode("utf-8-sig", "replace")
        return Response(received.status, kept, self._account.clean(text))

    def _words_of(self, error: Exception) -> str:
        """Return an error's words on one line, without the token."""
        words = " ".join(str(error).split()) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in words and self.trusted is not None:
            words += f" (judged by {self.trusted})"
        return self._account.clean(words)
