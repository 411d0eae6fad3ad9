"""Asks GitHub: nothing twice, nothing beyond a limit, and nothing that is not kept first."""

from __future__ import annotations

import email.utils
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from artifacts.progress import Progress
from mining.github.errors import (
    GitHubError,
    GoneError,
    NotStoredError,
    RenamedError,
    ServerTroubleError,
    TooLargeError,
)
from mining.github.http import Account, Client, Response
from mining.github.job import FIRST_SHARE
from mining.github.limits import Limits, Outages, decide, kind_of
from mining.github.raw import RawStore
from mining.github.requests import (
    GRAPHQL_PATH,
    ApiRequest,
    GraphqlAnswer,
    HttpAnswer,
    PageLink,
    Resource,
    links,
    path_of,
    problem,
)
from mining.github.shapes import JsonShape, Maybe, are_things, fits, is_anything

_log = logging.getLogger(__name__)

Judge = Callable[[ApiRequest, HttpAnswer], GitHubError | None]
MOST_HOPS = 3
MOST_LOGGED = 160
"""Characters of what is asked that are logged."""
MOST_ASKS = 4
"""Times that something is asked for, if GitHub gives parts of it alone."""
SKEW_WORTH_SAYING_S = 120.0


@dataclass
class Connection:
    """A way to GitHub: the connections, and the limits that are kept to on it."""

    account: Account
    client: Client
    limits: Limits
    progress: Progress

    def open(self) -> Mapping[str, str]:
        """Ask what is left of each budget, which costs nothing, and what time it is there.

        Returns
        -------
        Mapping
            What else the answer's headers say.

        Raises
        ------
        BadCredentialsError
            If the token is not accepted.
        NoAnswerError
            If there is no way to GitHub.
        """
        request = ApiRequest("/rate_limit", shape={"resources": Maybe(are_things)})
        attempt = 1
        while True:
            answer = self.ask(request, attempt)
            error = problem(request, answer)
            if error is None:
                break
            if isinstance(error, GoneError):  # an Enterprise server may have no limits
                return answer.headers
            decision = decide(error, attempt)
            if not decision.retry:
                raise error
            self.limits.wait(decision.after_s, _because(error), "core")
            attempt += 1
        for resource, budget in (answer.json().get("resources") or {}).items():
            numbers = {f"x-ratelimit-{name}": str(budget[name]) for name in budget}
            self.limits.learn({**numbers, "x-ratelimit-resource": resource})
        return answer.headers

    def ask(self, request: ApiRequest, attempt: int, *, etag: str | None = None) -> HttpAnswer:
        """Send a request, now, and take over what the answer says of limits and of time."""
        asked_at_s = self.limits.clock.now()
        response = self.client.send(request, etag=etag)
        took_s = self.limits.clock.now() - asked_at_s
        self._set_clock(response.headers.get("date"))
        self.limits.learn(response.headers)
        self._tell(request, response, attempt, took_s)
        return HttpAnswer(
            status=response.status,
            headers=response.headers,
            text=response.text,
            received_at_s=round(self.limits.now(), 3),
            attempt=attempt,
            failure=response.failure,
            took_s=round(took_s, 3),
        )

    def _tell(self, request: ApiRequest, response: Response, attempt: int, took_s: float) -> None:
        """Log a request and its answer, by what neither a token nor a header stands in."""
        asked = request.query or " ".join(f"{k}={v}" for k, v in request.params.items())
        _log.debug(
            "%s %s %s → %s in %.2f s, %s characters, attempt %d",
            request.method,
            request.path,
            self.account.clean(" ".join(asked.split()))[:MOST_LOGGED],
            response.failure or response.status,
            took_s,
            f"{len(response.text):,}",
            attempt,
        )

    def _set_clock(self, date: str | None) -> None:
        """Reset times are by GitHub's clock: learn how far this machine's is from it."""
        if date is None:
            return
        try:
            there = email.utils.parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        skew_s = there - self.limits.clock.now()
        if abs(skew_s - self.limits.skew_s) <= 2.0:  # the header has whole seconds
            return
        if abs(skew_s) >= SKEW_WORTH_SAYING_S and abs(skew_s - self.limits.skew_s) > 60.0:
            self.progress.say(
                f"this machine's clock is {abs(skew_s) / 60:.0f} min "
                f"{'behind' if skew_s > 0 else 'ahead of'} GitHub's: GitHub's is used"
            )
        self.limits.skew_s = skew_s


@dataclass
class Api:
    """GitHub's answers: from the raw store where they are there, else asked for and kept.

    Attributes
    ----------
    line
        The way to GitHub; None in a replay, where every answer must be there.
    before
        Answers of an earlier snapshot, for conditional requests by the same token.
    share
        Which part of the largest batches the first ones are.
    judge
        Tells what is wrong with an answer; the API's own judge unless another server is asked.
    asked
        Requests sent in this run, by resource; `stored`, answers that were there already.
    """

    store: RawStore
    line: Connection | None
    before: RawStore | None = None
    share: int = FIRST_SHARE
    judge: Judge = field(default=problem, repr=False)
    asked: Counter[Resource] = field(default_factory=Counter)
    stored: int = 0
    points: int = 0
    last_at_s: float = 0.0

    def __post_init__(self) -> None:
        self._outages = Outages(self._works)

    @property
    def last_at(self) -> datetime:
        """Return when the last answer so far was received (UTC)."""
        return datetime.fromtimestamp(self.last_at_s, UTC)

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        resource: Resource = "core",
        ask: int = 0,
        shape: JsonShape = None,
        anew: bool = False,
    ) -> HttpAnswer:
        """Return the answer to a GET, from wherever the thing is now.

        Parameters
        ----------
        shape
            What the content must look like, or it is trouble.
        anew
            Ask, even if there is an answer, unless it was received in this run.

        Raises
        ------
        GitHubError
            If there is no usable answer, after as many attempts as make sense.
        """
        request = ApiRequest(path, params or {}, resource, ask=ask, shape=shape)
        for _ in range(MOST_HOPS):
            try:
                return self.answer(request, anew=anew)
            except RenamedError as moved:
                request = self._moved(request, moved)
        raise ServerTroubleError("GitHub sends us round in circles.", where=path)

    def whole(self, path: str, params: Mapping[str, str], shape: JsonShape) -> HttpAnswer:
        """Return an answer, asking again for one that lacks something."""
        for ask in range(MOST_ASKS):
            answer = self.get(path, params, ask=ask, shape=shape)
            if not answer.text or fits(answer.json(), shape):
                return answer
        return self.get(path, params, ask=MOST_ASKS - 1, shape=shape, anew=True)

    def pages(
        self, path: str, params: Mapping[str, str], *, shape: JsonShape = is_anything
    ) -> Iterator[HttpAnswer]:
        """Yield the pages of a list, as GitHub links them; a page that leads nowhere new ends it.

        After a full page without any link, which a proxy may have cut off, the next by number is
        asked for.

        Raises
        ------
        ServerTroubleError
            If a page names itself, or an earlier one, as the next.
        """
        seen = set()
        while True:
            answer = self.whole(path, params, shape)
            yield answer
            following = next_page(answer, path)
            if following is None and "link" not in answer.headers:
                following = _by_number(answer, path, params)
            if following is None:
                return
            seen.add((path, tuple(sorted(params.items()))))
            path, params = following
            if (path, tuple(sorted(params.items()))) in seen:
                raise ServerTroubleError("GitHub's next page is one that we had.", where=path)

    def graphql(
        self,
        query: str,
        variables: Mapping[str, Any],
        *,
        splittable: bool = False,
        ask: int = 0,
        anew: bool = False,
    ) -> GraphqlAnswer:
        """Return what a query gives; errors of its parts are in the answer.

        Parameters
        ----------
        splittable
            The caller can ask for less, so a time-out is raised at once, as `TooLargeError`.
        anew
            Ask, even if there is an answer, unless it was received in this run.
        """
        request = ApiRequest(
            GRAPHQL_PATH,
            resource="graphql",
            query=query,
            variables=variables,
            ask=ask,
            splittable=splittable,
        )
        answer = self.answer(request, anew=anew)
        content = answer.json()
        told = content.get("errors")
        errors = tuple(e for e in told if isinstance(e, dict)) if isinstance(told, list) else ()
        limit = content["data"].get("rateLimit")
        cost = limit.get("cost") if isinstance(limit, dict) else None
        self.points += cost if isinstance(cost, int) else 1
        return GraphqlAnswer(
            content["data"], errors, answer.received_at, answer.is_new, answer.took_s
        )

    def answer(self, request: ApiRequest, *, anew: bool = False) -> HttpAnswer:
        """Return a usable answer to a request: the stored one, or one asked for now."""
        stored = self.store.last(request.key)
        attempt = 1
        if anew and self.line is not None and stored is not None and not stored.is_new:
            stored = None
        if stored is not None:
            error = self.judge(request, stored)
            if error is None:
                self.stored += 1
                self._outages.answered[kind_of(request)] = request
                return self._noted(stored)
            decision = decide(error, stored.attempt)
            if self.line is None and decision.retry:
                raise self._not_stored()
            if self.line is None or self._is_for_good(request, error):
                self._noted(stored)
                raise error
            left_s = stored.received_at_s + decision.after_s - self.line.limits.now()
            if decision.retry and left_s > 0:
                self.line.limits.wait(left_s, _because(error), request.resource)
            attempt = stored.attempt + 1 if decision.retry else 1
        if self.line is None:
            raise self._not_stored()
        return replace(self._asked(self.line, request, attempt), is_new=True)

    def _asked(self, line: Connection, request: ApiRequest, attempt: int) -> HttpAnswer:
        earlier = self.before.last(request.key) if self.before is not None else None
        etag = earlier.headers.get("etag") if earlier is not None else None
        while True:
            line.limits.spend(request.resource)
            self.asked[request.resource] += 1
            answer = line.ask(request, attempt, etag=etag)
            if answer.status == 304 and earlier is not None:
                # As it was: kept whole, so that this snapshot needs no other to be replayed.
                headers = {**earlier.headers, **answer.headers}
                answer = replace(answer, status=earlier.status, headers=headers, text=earlier.text)
            self.store.append(request, answer)
            error = self.judge(request, answer)
            if error is None:
                self._outages.note_answer(request)
                return self._noted(answer)
            decision = decide(error, attempt)
            if not decision.retry:
                if self._outages.waited(request, error, line.limits):
                    attempt = 1
                    continue
                self._noted(answer)
                raise error
            line.limits.wait(decision.after_s, _because(error), request.resource)
            attempt += 1

    def _works(self, request: ApiRequest) -> bool:
        """Tell whether GitHub answers what it answered before; the answer is not kept."""
        if self.line is None:
            return False
        self.line.limits.spend(request.resource)
        self.asked[request.resource] += 1
        return self.judge(request, self.line.ask(request, 1)) is None

    def _is_for_good(self, request: ApiRequest, error: GitHubError) -> bool:
        """Tell whether a later run would be told the same; all else may have passed by then."""
        match error:
            case TooLargeError():
                return request.splittable or error.is_final
            case RenamedError():
                return not self._leads_away(error)
            case _:
                return isinstance(error, GoneError)

    def _not_stored(self) -> NotStoredError:
        return NotStoredError(
            "The raw answers do not go so far: the mining was not finished, or by another study or "
            "version of opsatlas.",
            where=str(self.store.path),
            fix="finish it: run the same `opsatlas mine` without --replay",
        )

    def _noted(self, answer: HttpAnswer) -> HttpAnswer:
        self.last_at_s = max(self.last_at_s, answer.received_at_s)
        return answer

    def _moved(self, request: ApiRequest, moved: RenamedError) -> ApiRequest:
        """Return the request for where the thing is now; never one that leaves GitHub."""
        target = urlsplit(moved.location)
        if not target.path:
            raise ServerTroubleError(
                "GitHub says that it moved, and not where.", where=request.path
            )
        if self._leads_away(moved):
            raise ServerTroubleError("GitHub sends us elsewhere.", where=moved.location)
        params = dict(parse_qsl(target.query)) or dict(request.params)
        return replace(request, path=path_of(target.path), params=params)

    def _leads_away(self, moved: RenamedError) -> bool:
        target = urlsplit(moved.location)
        if self.line is None or not target.netloc:
            return False
        here = urlsplit(self.line.account.api_url)
        return (target.scheme, target.netloc) != (here.scheme, here.netloc)


def next_page(answer: HttpAnswer, path: str = "/") -> PageLink | None:
    """Return the path and parameters of the page that an answer names as the next."""
    return links(answer.headers.get("link", ""), path).get("next")


def _by_number(answer: HttpAnswer, path: str, params: Mapping[str, str]) -> PageLink | None:
    """Return the page after a full one."""
    content = answer.json() if answer.text else None
    if not isinstance(content, list) or str(len(content)) != params.get("per_page"):
        return None
    return path, {**params, "page": str(int(params.get("page", "1")) + 1)}


def token_mark(account: Account) -> str | None:
    """Return what tells one token from another without saying it: ETags are good for one alone."""
    if account.token is None:
        return None
    return hashlib.sha256(account.token.encode()).hexdigest()[:16]


def _because(error: GitHubError) -> str:
    return f"another attempt ({error.what.removesuffix('.')})"
