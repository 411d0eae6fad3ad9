"""What a mining will take, before it begins: its requests, by resource, and the time they last.

How much there is to mine is known by an earlier snapshot, or asked in a few requests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from artifacts.tables import rows_of
from mining.github import facts, issues, months, named, past, readmes, tracking
from mining.github.api import Api
from mining.github.facts import DAYS_A_WEEK, WEEKS_A_PAGE
from mining.github.issues import IssueCriteria, ask_issues
from mining.github.job import Job, by_repository
from mining.github.limits import MINUTE_S, POINTS_A_MINUTE, n_batches, pool_of
from mining.github.named import find_named
from mining.github.requests import Resource
from mining.github.search import AIM, PATH, PER_PAGE, topic_query
from mining.github.shapes import is_number
from mining.snapshots import load_table

HOUR_S = 3_600.0
BUDGETS: Mapping[tuple[Resource, bool], tuple[int, float]] = {
    ("core", True): (5_000, HOUR_S),
    ("core", False): (60, HOUR_S),
    ("search", True): (30, MINUTE_S),
    ("search", False): (10, MINUTE_S),
    ("graphql", True): (5_000, HOUR_S),
    ("graphql", False): (0, HOUR_S),
}
"""Requests (GraphQL: points) that GitHub allows, and in how many seconds, with a token or without.
"""
FACTS_POINTS, ISSUES_POINTS, KNOWN_POINTS, STILL_POINTS = 3 / 25, 3, 12 / 400, 20 / 2_000
"""Points of a repository's facts, a page of issues, a repository or an issue looked at again."""
ANSWER_S = 1.0
"""Seconds that GitHub takes for an answer, as a guess."""
YEARS = 4.0
"""Age of a repository, as a guess where it is not known."""
CHANGED_A_WEEK = 0.03
"""Share of repositories that change in a week, as a guess."""
SEARCH_BYTES, FACTS_BYTES, README_BYTES, MONTHS_BYTES, ISSUE_BYTES = 460, 700, 2_030, 100, 490
"""Of raw answers, compressed, about a repository and an issue. Of real ones were measured, at the
same compression: 1,000 repositories of a search, 441 READMEs, and 1,500 issues."""
WRITTEN = 2
"""Times that what is asked is on disk: as raw answers, and as a snapshot."""


@dataclass(frozen=True)
class MiningCounts:
    """How much there is to mine.

    Attributes
    ----------
    by_topic
        Repositories under each topic.
    repositories
        Different ones in all.
    issues
        Issues with a label that the study names; None where they cannot be counted beforehand.
    changed
        Share of the repositories and issues that must be asked about again.
    weeks
        That the repositories have existed, in all; None where it is unknown.
    source
        Where the numbers come from.
    """

    by_topic: Mapping[str, int]
    repositories: int
    issues: int | None
    source: str
    changed: float = 1.0
    weeks: float | None = None


@dataclass(frozen=True)
class PlannedRequests:
    """Requests of one kind."""

    what: str
    resource: Resource
    requests: int
    points: int
    n_bytes: int = 0

    @property
    def units(self) -> int:
        """Return what counts against the budget."""
        return self.points if self.resource == "graphql" else self.requests


@dataclass(frozen=True)
class RequestPlan:
    """What will be asked, and how long it takes at least."""

    counts: MiningCounts
    groups: tuple[PlannedRequests, ...]
    has_token: bool
    left_out: tuple[str, ...]

    @property
    def requests(self) -> int:
        """Return how many requests there are in all."""
        return sum(group.requests for group in self.groups)

    @property
    def n_bytes(self) -> int:
        """Return how much will be on disk, about."""
        return WRITTEN * sum(group.n_bytes for group in self.groups)

    def total(self, resource: Resource) -> PlannedRequests:
        """Return all requests of a resource together."""
        own = [group for group in self.groups if group.resource == resource]
        return PlannedRequests(
            "in all", resource, sum(s.requests for s in own), sum(s.points for s in own)
        )

    def limit_s(self, resource: Resource) -> float:
        """Return the seconds that the limits of a resource make its requests last at least."""
        total = self.total(resource)
        budget, period_s = BUDGETS[resource, self.has_token]
        if not total.units or not budget:
            return 0.0
        by_budget = (total.units - 1) // budget * period_s
        return max(by_budget, total.requests / POINTS_A_MINUTE[pool_of(resource)] * MINUTE_S)

    @property
    def seconds(self) -> float:
        """Return the seconds that it takes: the limits', and GitHub's answers one by one."""
        resources: tuple[Resource, ...] = ("search", "core", "graphql")
        return max(sum(self.limit_s(resource) for resource in resources), self.requests * ANSWER_S)


def plan(job: Job, counts: MiningCounts) -> RequestPlan:
    """Return what a job will ask, as far as it can be told beforehand."""
    is_next = job.since is not None and job.has_token
    groups = [_search(topic, n, is_next) for topic, n in counts.by_topic.items()]
    n_asked = math.ceil(counts.repositories * counts.changed)
    n_issues = math.ceil((counts.issues or 0) * counts.changed)
    frameworks = [f for f in job.frameworks if f.labels or f.types]
    left_out: list[str] = []
    if job.has_token:
        groups += _with_token(job, counts, n_asked, n_issues, len(frameworks))
    else:
        pages = math.ceil(n_issues / issues.PER_PAGE)
        pages += sum(len(framework.labels) for framework in frameworks) + 2 * len(job.frameworks)
        pages += sum(len(framework.types) + 1 for framework in frameworks if framework.types)
        groups.append(PlannedRequests("frameworks, labels and issues", "core", pages, pages))
        left_out.append("READMEs, languages, releases, commits: they need a token")
        if counts.issues is None:
            left_out.append("in the plan, how many pages of issues there are: unknown until asked")
    n_named = n_batches(len(job.names), named.SIZE, job.share) if job.has_token else len(job.names)
    by_name: Resource = "graphql" if job.has_token else "core"
    groups.append(PlannedRequests("repositories that lists name", by_name, n_named, n_named))
    if job.settings.contributors and job.as_of is None:
        groups.append(PlannedRequests("contributors", "core", n_asked, n_asked))
    if job.settings.star_history:
        weeks = counts.repositories * YEARS * 52 if counts.weeks is None else counts.weeks
        n_pages = math.ceil(weeks / WEEKS_A_PAGE) + counts.repositories // 2
        groups.append(PlannedRequests("weekly stars", "core", n_pages, n_pages))
    return RequestPlan(
        counts, tuple(group for group in groups if group.requests), job.has_token, tuple(left_out)
    )


def _search(topic: str, n: int, is_next: bool) -> PlannedRequests:
    parts = max(1, math.ceil(n / AIM))
    n_requests = max(1, math.ceil(n / PER_PAGE)) + parts // 2 + (parts > 1)
    if is_next:  # counted, and looked through where the numbers differ
        n_requests = 2 + n_requests // 4
    n_bytes = SEARCH_BYTES * n
    return PlannedRequests(f"repositories under {topic}", "search", n_requests, n_requests, n_bytes)


def _with_token(
    job: Job, counts: MiningCounts, n_asked: int, n_issues: int, n_frameworks: int
) -> list[PlannedRequests]:
    n_facts = n_batches(n_asked, facts.SIZE, job.share)
    n_readmes = n_batches(n_asked, readmes.SIZE, job.share)
    n_typed = sum(len(framework.types) for framework in job.frameworks)
    n_pages = math.ceil(n_issues / issues.PER_PAGE) + n_frameworks // 2 + n_typed
    n_named = n_batches(len(job.frameworks), named.SIZE, job.share)
    groups = [
        PlannedRequests("frameworks and their labels", "graphql", n_named, n_named),
        PlannedRequests(
            "repository facts",
            "graphql",
            n_facts,
            math.ceil(FACTS_POINTS * n_asked),
            FACTS_BYTES * n_asked,
        ),
        PlannedRequests("READMEs", "graphql", n_readmes, n_readmes, README_BYTES * n_asked),
        _commits(job, counts, n_asked),
        PlannedRequests(
            "feature requests",
            "graphql",
            n_pages,
            ISSUES_POINTS * n_pages,
            ISSUE_BYTES * n_issues,
        ),
    ]
    if job.since is not None:
        for what, n, size, points in (
            ("known repositories", counts.repositories, past.SIZE, KNOWN_POINTS),
            ("known issues", counts.issues or 0, tracking.SIZE, STILL_POINTS),
        ):
            n_requests = n_batches(n, size, job.share)
            groups.append(PlannedRequests(what, "graphql", n_requests, math.ceil(points * n)))
    return groups


def _commits(job: Job, counts: MiningCounts, n_asked: int) -> PlannedRequests:
    """Return the counting of commits: of each repository for every year that it lived.

    GitHub says of no list without pages what it costs: the plan takes it for a page of a list.
    """
    n_months = job.settings.commit_months
    years = YEARS if counts.weeks is None else counts.weeks / 52 / max(1, counts.repositories)
    n_spans = min(math.ceil(n_months / months.SPAN), math.ceil(years))
    n_requests = n_spans * n_batches(n_asked, months.SIZE, job.share)
    points = math.ceil(n_asked * (min(n_months, n_spans * months.SPAN) + n_spans) / 100)
    n_bytes = MONTHS_BYTES * n_spans * n_asked
    return PlannedRequests("commits a month", "graphql", n_requests, points, n_bytes)


def weeks_between(start_s: float, end_s: float) -> float:
    """Return the weeks between two times in seconds."""
    return max(0.0, end_s - start_s) / (DAYS_A_WEEK * 86_400.0)


def known_counts(folder: Path, job: Job) -> MiningCounts:
    """Return the counts of a snapshot that is there."""
    repositories = load_table(folder, "repositories", ["topics", "created_at"])
    now_s = job.started_at_s
    by_topic = dict.fromkeys(job.topics, 0)
    weeks = 0.0
    for row in rows_of(repositories):
        if row["created_at"]:
            weeks += weeks_between(row["created_at"].timestamp(), now_s)
        for topic in by_topic.keys() & set(row["topics"] or ()):
            by_topic[topic] += 1
    changed = 1.0
    if job.since is not None:
        day = datetime.fromisoformat(folder.name.split(".")[0]).replace(tzinfo=UTC)
        changed = min(1.0, CHANGED_A_WEEK * max(1.0, weeks_between(day.timestamp(), now_s)))
    return MiningCounts(
        by_topic=by_topic,
        repositories=repositories.num_rows,
        issues=load_table(folder, "issues", ["number"]).num_rows,
        source=f"as many as in {folder.name}",
        changed=changed,
        weeks=weeks,
    )


def expected_counts(job: Job) -> MiningCounts | None:
    """Return the counts that the study expects; None if it does not say so of every topic."""
    expected = job.settings.expected
    if not job.topics or any(topic not in expected for topic in job.topics):
        return None
    by_topic = {topic: expected[topic] for topic in job.topics}
    return MiningCounts(
        by_topic=by_topic,
        repositories=sum(by_topic.values()) + len(job.names),
        issues=sum(expected.get(f.repository, 0) for f in by_repository(job.frameworks).values()),
        source="as many as the study expects, nobody was asked",
    )


def asked_counts(api: Api, job: Job) -> MiningCounts:
    """Ask GitHub how much there is: one request a topic, and one or two for each framework."""
    by_topic = {}
    for topic in job.topics:
        query = topic_query(topic, job.settings)
        params = {"q": query, "per_page": "1", "page": "1"}
        page = api.get(PATH, params, resource="search", shape={"total_count": is_number})
        by_topic[topic] = int(page.json()["total_count"])
    n_issues = 0 if job.has_token else None
    if n_issues is not None:
        frameworks = by_repository(job.frameworks)
        names = [framework.repository for framework in frameworks.values()]
        for name, there, _ in find_named(api, names, labels=False):
            framework = frameworks[name.lower()]
            if there is None:
                continue
            lists = [(framework.labels, ())] if framework.labels else []
            for labels, types in [*lists, *(((), (one,)) for one in framework.types)]:
                wanted = IssueCriteria(
                    there.key, there.node_id, there.full_name, labels, False, types
                )
                n_issues += next(ask_issues(api, wanted, first=1)).n_listed or 0
    return MiningCounts(
        by_topic=by_topic,
        repositories=sum(by_topic.values()) + len(job.names),
        issues=n_issues,
        source=f"asked now, in {sum(api.asked.values())} requests",
    )
