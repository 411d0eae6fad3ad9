"""Where sources of dependents are asked: GitHub's API, its pages, and ecosyste.ms.

All answers go into one raw store, each before it is read. GitHub's API alone is given the token.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from artifacts.progress import Progress
from mining.github.api import Api, Connection
from mining.github.errors import (
    BadCredentialsError,
    BlockedError,
    GitHubError,
    GoneError,
    NoAnswerError,
    NotAllowedError,
    NotGitHubError,
    NotStoredError,
    OutageError,
    PrimaryLimitError,
    RefusedError,
    RenamedError,
    SecondaryLimitError,
    ServerTroubleError,
    TooLargeError,
)
from mining.github.http import API_TYPE, TIMEOUT_S, Account, Client, account_from, address_in
from mining.github.limits import Limits, SystemClock, WallClock
from mining.github.raw import open_raw
from mining.github.requests import REDIRECTS, SHOWN, ApiRequest, HttpAnswer, header_number
from mining.github.shapes import is_usable
from mining.github.unknown import is_about_one

WEB_URL = "https://github.com"
PACKAGES_URL = "https://packages.ecosyste.ms"
REPOSITORIES_URL = "https://repos.ecosyste.ms"
PAGE_TYPE: Final = "text/html"
JSON_TYPE: Final = "application/json"
SLOW_S = 2 * TIMEOUT_S
"""How long ecosyste.ms may be silent: it looks through a large table."""
_OF_ALL = (
    BadCredentialsError,
    NotGitHubError,
    NotStoredError,
    OutageError,
    PrimaryLimitError,
    SecondaryLimitError,
)
_FOR_GOOD = (BlockedError, GoneError, NotAllowedError, RefusedError, TooLargeError)
_REFUSING = re.compile(
    r"(exceeded a secondary rate limit)|dependents are currently unavailable", re.IGNORECASE
)
_NAMES = {"pages": "github.com", "ecosystems": "ecosyste.ms"}


@dataclass(frozen=True)
class Hosts:
    """Where the sources are, and who asks.

    Attributes
    ----------
    account
        At GitHub's API, with the token.
    web_url
        Of GitHub's pages.
    packages_url, repositories_url
        Of the two services of ecosyste.ms.
    """

    account: Account
    web_url: str = WEB_URL
    packages_url: str = PACKAGES_URL
    repositories_url: str = REPOSITORIES_URL
    clock: WallClock = field(default_factory=SystemClock)


def hosts_from(environment: Mapping[str, str] = os.environ) -> Hosts:
    """Return the hosts that the environment names.

    `GITHUB_TOKEN` and `GITHUB_API_URL` as mining takes them, `GITHUB_SERVER_URL`,
    `ECOSYSTEMS_PACKAGES_URL`, `ECOSYSTEMS_REPOS_URL`.

    Raises
    ------
    InputError
        As `account_from`; or if an address is none.
    """
    return Hosts(
        account=account_from(environment),
        web_url=address_in(environment, "GITHUB_SERVER_URL", WEB_URL),
        packages_url=address_in(environment, "ECOSYSTEMS_PACKAGES_URL", PACKAGES_URL),
        repositories_url=address_in(environment, "ECOSYSTEMS_REPOS_URL", REPOSITORIES_URL),
    )


@dataclass(frozen=True)
class SourceApis:
    """The ways to the hosts, their answers in one store.

    Without a token, code search is answered from the store alone.
    """

    code: Api
    pages: Api
    packages: Api
    repositories: Api

    def from_the_store(self) -> SourceApis:
        """Return the same, with nobody asked: what is not in the store is `NotStoredError`."""
        ways = (self.code, self.pages, self.packages, self.repositories)
        return SourceApis(*(Api(api.store, None, judge=api.judge) for api in ways))

    @property
    def asked(self) -> dict[str, int]:
        """Return how many requests were sent in this run, by resource."""
        n = self.code.asked + self.pages.asked + self.packages.asked + self.repositories.asked
        return {str(resource): times for resource, times in sorted(n.items())}

    @property
    def stored(self) -> int:
        """Return how many answers were there already."""
        return sum(api.stored for api in (self.code, self.pages, self.packages, self.repositories))


@contextmanager
def open_sources(hosts: Hosts, raw: Path, progress: Progress) -> Iterator[SourceApis]:
    """Open the ways to the hosts and the raw store in ``raw``, where one at a time may write.

    Raises
    ------
    BusyError
        If another process is at it.
    ArtifactError
        If the store is damaged.
    """
    limits = Limits(hosts.clock, progress.say)
    with ExitStack() as stack:
        store = stack.enter_context(open_raw(raw, clean=hosts.account.clean))
        limits.recall(store.latest())

        def way(account: Account, accept: str) -> Connection:
            client = stack.enter_context(Client(account, accept=accept))
            return Connection(account, client, limits, progress)

        def elsewhere(url: str, accept: str, timeout_s: float) -> Api:
            account = Account(api_url=url, timeout_s=timeout_s)
            return Api(store, way(account, accept), judge=problem_elsewhere)

        yield SourceApis(
            code=Api(store, way(hosts.account, API_TYPE) if hosts.account.token else None),
            pages=elsewhere(hosts.web_url, PAGE_TYPE, TIMEOUT_S),
            packages=elsewhere(hosts.packages_url, JSON_TYPE, SLOW_S),
            repositories=elsewhere(hosts.repositories_url, JSON_TYPE, SLOW_S),
        )


def is_for_one(error: GitHubError) -> bool:
    """Tell whether an error may be about what was asked alone, so that the next is asked."""
    return not isinstance(error, _OF_ALL) and is_about_one(error)


def may_pass(error: GitHubError) -> bool:
    """Tell whether another attempt may give what an error did not."""
    return not isinstance(error, _FOR_GOOD)


def problem_elsewhere(request: ApiRequest, answer: HttpAnswer) -> GitHubError | None:
    """Return what is wrong with an answer of GitHub's pages or of ecosyste.ms; None if nothing.

    What a page says is left to who reads it.
    """
    who, where = _NAMES[request.resource], request.path
    if answer.failure is not None:
        kind, _, detail = answer.failure.partition(": ")
        if kind == "large":
            return TooLargeError(f"The answer of {who} is no use: {detail}.", where=where)
        return NoAnswerError(f"{who} gave no answer: {detail}.", kind=kind, where=where)
    status = answer.status
    if status in REDIRECTS:
        location = answer.headers.get("location", "")
        return RenamedError(f"{where} has moved.", location=location, where=where)
    if status == 429 or (status == 403 and "retry-after" in answer.headers):
        wait_s = header_number(answer.headers.get("retry-after"))
        return SecondaryLimitError(f"{who} asks to go slower.", wait_s=wait_s)
    if status in (404, 410, 451):
        return GoneError(f"{who} has nothing here, or nothing public.", where=where)
    if status >= 500 or status == 408:
        return ServerTroubleError(f"{who} has trouble: status {status}.", where=where)
    if status >= 300:
        return RefusedError(f"{who} refuses the request: status {status}.", where=where)
    if request.resource == "pages":
        return _page_problem(request, answer, who)
    return _json_problem(request, answer, who)


def _page_problem(request: ApiRequest, answer: HttpAnswer, who: str) -> GitHubError | None:
    """Return what a page says instead of what it should show, with a status as if all were well."""
    if match := _REFUSING.search(answer.text):
        if match[1]:
            return SecondaryLimitError(f"{who} asks to go slower.", wait_s=None)
        return ServerTroubleError(f"{who} has trouble: {match[0]}.", where=request.path)
    return None


def _json_problem(request: ApiRequest, answer: HttpAnswer, who: str) -> GitHubError | None:
    try:
        content = answer.json()
    except (ValueError, RecursionError):
        told = " ".join(answer.text.split())[:SHOWN]
        return ServerTroubleError(
            f"The answer of {who} is no JSON or breaks off: {told!r}.", where=request.path
        )
    if content is None or not is_usable(content, request.shape):
        return ServerTroubleError(
            f"The answer of {who} is not what it should be.", where=request.path
        )
    return None
