"""The one place that opens sockets to GitHub: sends a request, returns what came back."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx

from artifacts.errors import InputError
from mining.github.requests import GRAPHQL_PATH, Request

API_URL = "https://api.github.com"
API_VERSION = "2022-11-28"
USER_AGENT = "opsatlas"
TIMEOUT_S = 30.0
"""GitHub itself gives up after 10 s."""
CONNECT_TIMEOUT_S = 10.0
TOKEN_NAMES = ("GITHUB_TOKEN", "GH_TOKEN")
KEPT_HEADERS = ("date", "etag", "link", "location", "retry-after")
KEPT_PREFIX = "x-ratelimit-"
HIDDEN = "(token)"
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
        How long an answer may take.
    """

    api_url: str = API_URL
    graphql_url: str = API_URL + GRAPHQL_PATH
    token: str | None = field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S

    def clean(self, text: str) -> str:
        """Return a text without the token."""
        return text if self.token is None else text.replace(self.token, HIDDEN)


def account_from(environment: Mapping[str, str] = os.environ) -> Account:
    """Return the account that the environment names: `GITHUB_TOKEN`, and `GITHUB_API_URL`.

    Raises
    ------
    InputError
        If the token cannot stand in a header, or an address is none.
    """
    url = _address(environment, "GITHUB_API_URL", API_URL)
    graphql_url = _address(environment, "GITHUB_GRAPHQL_URL", _graphql_of(url))
    name = next((each for each in TOKEN_NAMES if environment.get(each, "").strip()), None)
    token = environment[name].strip() if name else None
    if token is not None and not _TOKEN.fullmatch(token):
        raise InputError(
            "The token has characters that no token has, or too few of them.",
            where=name,
            fix="copy it again from github.com/settings/tokens",
        )
    return Account(url, graphql_url, token)


def _graphql_of(url: str) -> str:
    """Return where GraphQL is: on an Enterprise server beside REST's /api/v3, at /api/graphql."""
    return url.removesuffix("/v3") + GRAPHQL_PATH if url.endswith("/api/v3") else url + GRAPHQL_PATH


def _address(environment: Mapping[str, str], name: str, otherwise: str) -> str:
    url = environment.get(name, "").strip().rstrip("/") or otherwise
    try:
        parts = httpx.URL(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.host) and not parts.userinfo
    except (httpx.InvalidURL, ValueError):
        is_address = False
    if not is_address:
        raise InputError(
            "This is no address of an API.", where=name, fix=f"unset it, or give one like {API_URL}"
        )
    return url


class Client:
    """Connections to GitHub, one request at a time. To be closed, or used as a context."""

    def __init__(self, account: Account) -> None:
        self._account = account
        headers = {
            "Accept": "application/vnd.github+json",
            "User-Agent": USER_AGENT,
            "X-GitHub-Api-Version": API_VERSION,
        }
        if account.token is not None:
            headers["Authorization"] = f"Bearer {account.token}"
        try:
            self._http = httpx.Client(
                headers=headers,
                timeout=httpx.Timeout(
                    account.timeout_s, connect=min(account.timeout_s, CONNECT_TIMEOUT_S)
                ),
                follow_redirects=False,
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            raise InputError(
                f"The proxy that the environment names cannot be used: {error}",
                where="HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
                fix="correct it, or unset it",
            ) from error
        except OSError as error:
            raise InputError(
                f"The certificates that the environment names cannot be used: {error}",
                where="SSL_CERT_FILE or SSL_CERT_DIR",
                fix="correct it, or unset it",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, request: Request, *, etag: str | None = None) -> Response:
        """Ask once; whatever happens on the way is returned, not raised."""
        url = self._account.api_url + request.path
        if request.query is not None:
            url = self._account.graphql_url
        headers = {} if etag is None else {"If-None-Match": etag}
        try:
            response = self._http.request(
                request.method, url, params=dict(request.params), json=request.body, headers=headers
            )
        except httpx.TimeoutException as error:
            # Whom the time to connect runs out for, has no way there at all.
            kind = "unreachable" if isinstance(error, httpx.ConnectTimeout) else "timeout"
            return Response(0, failure=f"{kind}: no answer in time")
        except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            return Response(0, failure=f"unreachable: {self._told(error)}")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return Response(0, failure=f"dropped: {self._told(error)}")
        kept = {
            name: self._account.clean(value)
            for name, value in response.headers.items()
            if name in KEPT_HEADERS or name.startswith(KEPT_PREFIX)
        }
        return Response(response.status_code, kept, self._account.clean(response.text))

    def _told(self, error: Exception) -> str:
        """Return an error's words on one line, without the token."""
        return self._account.clean(" ".join(str(error).split()) or type(error).__name__)
