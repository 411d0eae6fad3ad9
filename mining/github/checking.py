"""First contact: a handful of cheap questions that show whether a study can be mined from here.

Each is one of those that mining asks, by the same code, and costs a request or two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from artifacts.checks import CheckResult, CheckState, failed, works
from artifacts.errors import OpsatlasError
from mining.github.api import Api, Connection
from mining.github.collect import WITHOUT_TOKEN
from mining.github.errors import BadCredentialsError, UnfinishedError
from mining.github.facts import RepositoryFacts, ask_facts, facts_of
from mining.github.http import TOKEN_NAMES, account_from
from mining.github.job import FrameworkJob, Job, by_repository
from mining.github.limits import Limits, duration
from mining.github.named import find_named, find_with_labels, label_notes, type_notes
from mining.github.readmes import fetch_readmes
from mining.github.search import PATH, topic_query
from mining.github.shapes import is_name, is_number, is_word
from mining.github.unknown import Unknown

PATIENCE_S = 15.0
FEW = 5
"""Repositories whose facts are asked for."""
SCARCE = 0.1
"""Share of a budget below which it is worth saying that little is left."""
_SEARCH = {
    "total_count": is_number,
    "items": [{"node_id": is_word, "full_name": is_name}],
}


@dataclass
class ShortLimits(Limits):
    """Limits that are not waited for: what would take long is told instead."""

    def wait(self, seconds: float, why: str, resource: str) -> None:
        """Wait for a moment at most.

        Raises
        ------
        UnfinishedError
            If it would take longer.
        """
        if sum(self.waited_s.values()) + seconds > PATIENCE_S:
            raise UnfinishedError(
                f"It would take {duration(seconds)} of waiting for {why}.",
                fix="mining waits by itself; check again later",
            )
        super().wait(seconds, why, resource)


def check(line: Connection, job: Job, api: Api) -> Iterator[CheckResult]:
    """Yield what works and what does not; where there is no way to GitHub at all, that alone."""
    way = list(check_way(line))
    yield from way
    if way[0].state is not CheckState.FAILS:
        yield from _Questions(line, job, api).run()


def check_way(line: Connection) -> Iterator[CheckResult]:
    """Yield whether GitHub answers, what it says of the token, and what is left of its limits."""
    try:
        headers = line.open()
    except OpsatlasError as error:
        if isinstance(error, BadCredentialsError):
            line.account.tell_source(error)
        yield failed("way to GitHub and token", error)
        return
    yield works("way to GitHub", f"{line.account.api_url} answers")
    yield _token(line, headers)
    yield from _limits(line)


def _token(line: Connection, headers: Any) -> CheckResult:
    """Return where the token is from, and what GitHub says of it."""
    account = line.account
    if account.token is None:
        fix = "set GITHUB_TOKEN to a token that may read public repositories"
        return CheckResult("token", CheckState.LOOK, f"there is none: {WITHOUT_TOKEN}", fix)
    notes = [f"{account.token_name} is accepted"]
    if account.unused is not None:
        notes.append(f"{account.unused} is set as well, and not used")
    if (scopes := headers.get("x-oauth-scopes")) is not None:
        notes.append(f"its scopes: {scopes or 'none, which is enough'}")
    if until := headers.get("github-authentication-token-expiration"):
        notes.append(f"it expires on {until}")
    return CheckResult("token", CheckState.WORKS, "; ".join(notes))


def _limits(line: Connection) -> Iterator[CheckResult]:
    for name in ("core", "search", "graphql"):
        budget = line.limits.budgets.get(name)
        if budget is None or budget.limit is None or budget.remaining is None:
            continue
        detail = f"{budget.remaining:,} of {budget.limit:,} are left"
        is_scarce = budget.remaining < SCARCE * budget.limit
        if is_scarce:
            reset = datetime.fromtimestamp(budget.reset_at_s, UTC)
            detail += f", until {reset:%H:%M} UTC"
        if budget.limit or line.account.token is not None:
            yield CheckResult(
                f"limit of {name}", CheckState.LOOK if is_scarce else CheckState.WORKS, detail
            )


@dataclass
class _Questions:
    """The questions, each of which may fail on its own."""

    line: Connection
    job: Job
    api: Api
    node_ids: list[str] = field(default_factory=list)
    facts: list[RepositoryFacts] = field(default_factory=list)

    def run(self) -> Iterator[CheckResult]:
        """Ask."""
        if self.job.topics:
            yield from self._tried(f"search for topic {self.job.topics[0]}", self._search)
        if self.job.has_token:
            yield from self._tried("first of the lists", self._listed)
            yield from self._tried("facts", self._facts)
            yield from self._tried("README", self._readme)
        for framework in by_repository(self.job.frameworks).values():
            what = f"framework {framework.name}"
            yield from self._tried(what, partial(self._framework, framework))

    def _tried(self, what: str, ask: Callable[[], Iterator[CheckResult]]) -> Iterator[CheckResult]:
        try:
            yield from ask()
        except OpsatlasError as error:
            yield failed(what, error)

    def _search(self) -> Iterator[CheckResult]:
        topic = self.job.topics[0]
        query = topic_query(topic, self.job.settings)
        params = {"q": query, "per_page": str(FEW), "page": "1"}
        answer = self.api.get(PATH, params, resource="search", shape=_SEARCH)
        page = answer.json()
        self.node_ids += [item["node_id"] for item in page["items"]]
        total, what = page["total_count"], f"search for topic {topic}"
        if total:
            yield works(what, f"{total:,} repositories")
        else:
            fix = "check its spelling at https://github.com/topics, and try again later"
            yield CheckResult(what, CheckState.FAILS, "GitHub found none", fix)
        if sso := answer.headers.get("x-github-sso"):
            fix = "authorise the token for them: Configure SSO at github.com/settings/tokens"
            yield CheckResult(
                "single sign-on", CheckState.LOOK, f"organisations are left out: {sso}", fix
            )

    def _listed(self) -> Iterator[CheckResult]:
        for name, named, unknown in find_named(self.api, self.job.names[:1], labels=False):
            detail = "it is there" if named is not None else f"it is not there: {unknown or 'gone'}"
            state = CheckState.WORKS if named is not None else CheckState.LOOK
            yield CheckResult(f"first of the lists, {name}", state, detail)
            self.node_ids += [named.node_id] if named is not None else []

    def _facts(self) -> Iterator[CheckResult]:
        unknown = []
        for answered in ask_facts(self.api, self.node_ids[:FEW], until=None):
            if answered.value is not None and answered.answer is not None:
                at = answered.answer.received_at
                self.facts.append(facts_of(self.api, answered, answered.value, at))
            unknown += [answered.unknown] if answered.unknown is not None else []
        if not self.node_ids:
            return
        detail = f"of {len(self.facts)} of {len(self.node_ids[:FEW])} repositories"
        works = CheckState.LOOK if unknown else CheckState.WORKS
        state = works if self.facts else CheckState.FAILS
        if unknown:
            yield CheckResult("facts", state, f"{detail}; {unknown[0]}", unknown[0].fix)
        else:
            yield CheckResult("facts", state, detail)

    def _readme(self) -> Iterator[CheckResult]:
        readmes = fetch_readmes(self.api, self.facts[:1], carried={}, advance=lambda _: None)
        for readme in readmes:
            name = self.facts[readme.repository].row["full_name"]
            if readme.row is not None:
                detail = f"{readme.row['path']} of {name}, {len(readme.row['text']):,} characters"
                yield CheckResult("README", CheckState.WORKS, detail)
            else:
                why = readme.unknown or readme.reason or "it has none"
                state = CheckState.FAILS if readme.unknown else CheckState.WORKS
                yield CheckResult("README", state, f"{name}: {why}")

    def _framework(self, framework: FrameworkJob) -> Iterator[CheckResult]:
        what = f"framework {framework.name}"
        for name, named, unknown in find_with_labels(self.api, self.job, [framework.repository]):
            if named is None:
                fix = unknown.fix if unknown else "correct the name in the study"
                detail = f"{name}: {unknown or 'there is no such public repository'}"
                yield CheckResult(what, CheckState.FAILS, detail, fix)
                continue
            notes: list[str] = []
            if isinstance(named.labels, Unknown):
                notes.append(f"its labels are unknown: {named.labels}")
            else:
                notes += label_notes(named.full_name, framework.labels, named.labels)
            notes += map(str, type_notes(self.api, framework, named, has_token=self.job.has_token))
            asked = [*framework.labels, *framework.types]
            detail = f"{named.full_name}, by {', '.join(map(repr, asked)) or 'no label or type'}"
            state = CheckState.LOOK if notes or not asked else CheckState.WORKS
            yield CheckResult(what, state, "; ".join([detail, *notes]))


def check_token() -> Iterator[CheckResult]:
    """Yield whether a token is set, without asking anybody whether it is valid."""
    account = account_from()
    if account.token is None:
        fix = f"to mine GitHub, set {TOKEN_NAMES[0]}; everything else works without"
        yield CheckResult("token", CheckState.LOOK, "not set", fix)
    else:
        yield works("token", f"{account.token_name} is set")
