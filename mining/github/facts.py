"""What GitHub says of a repository, as rows of the snapshot's tables.

Its facts, by GraphQL; and extras, each of which costs a request of its own for each repository: who
contributes, and when stars came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mining.github.api import Api, next_page
from mining.github.batches import Answered, Batching, all_nodes, ask_in_batches
from mining.github.errors import ServerTroubleError
from mining.github.months import CommitMonths
from mining.github.queries import FACTS, RELEASES, UNTYPED_FACTS
from mining.github.requests import links
from mining.github.shapes import (
    PAGE,
    TOTAL,
    Agreeing,
    JsonShape,
    Maybe,
    fits,
    is_flag,
    is_name,
    is_number,
    is_plain,
    is_text,
    is_time,
    is_word,
)
from mining.github.unknown import Unknown
from mining.tables import TableRow, repo_key
from mining.values import clean

SIZE = 40
"""Repositories that are asked about at once, at most."""
PER_PAGE = 100
GraphqlNode = Mapping[str, Any]

COUNTED = (
    *("watchers", "issues_open", "issues_closed", "pulls_open", "pulls_closed", "pulls_merged"),
    *("releases", "tags", "archived_at"),
)
"""Columns that only GraphQL fills, and that change without a push."""

SEARCHED = (
    *("repo_key", "repo_id", "node_id", "full_name", "owner", "owner_type", "description"),
    *(
        "homepage",
        "topics",
        "language",
        "license_spdx",
        "stars",
        "forks",
        "open_issues",
        "size_kb",
        "created_at",
    ),
    *("updated_at", "pushed_at", "archived", "fork", "is_template", "default_branch"),
)
"""Columns that a search fills."""

DESCRIBED: Mapping[str, JsonShape] = {
    "id": is_word,
    "databaseId": is_number,
    "nameWithOwner": is_name,
    "owner": {"__typename": is_word, "login": is_word},
    "description": Maybe(is_text),
    "homepageUrl": Maybe(is_text),
    "diskUsage": Maybe(is_number),
    "createdAt": is_time,
    "updatedAt": is_time,
    "pushedAt": Maybe(is_time),
    "isArchived": is_flag,
    "isFork": is_flag,
    "isTemplate": is_flag,
    "stargazerCount": is_number,
    "forkCount": is_number,
    "licenseInfo": Maybe({"key": Maybe(is_plain), "spdxId": Maybe(is_plain)}),
    "primaryLanguage": Maybe({"name": is_plain}),
    "repositoryTopics": {"nodes": [{"topic": {"name": is_plain}}]},
    "issuesOpen": TOTAL,
    "pullsOpen": TOTAL,
    "defaultBranchRef": Maybe({"name": is_plain}),
}
"""What must be in an answer that describes a repository."""
ENTRIES: JsonShape = [{"name": is_plain, "type": is_plain, "mode": is_number, "oid": is_plain}]
_RELEASES: JsonShape = {
    **TOTAL,
    "pageInfo": PAGE,
    "nodes": [
        {
            "tagName": is_plain,
            "name": Maybe(is_text),
            "createdAt": is_time,
            "publishedAt": Maybe(is_time),
            "isPrerelease": is_flag,
            "isDraft": is_flag,
        }
    ],
}
_HEAD: JsonShape = {"oid": is_word, "committedDate": is_time, "tree": {"entries": ENTRIES}}
_COUNTED: Mapping[str, JsonShape] = {
    "archivedAt": Maybe(is_time),
    "isEmpty": is_flag,
    "watchers": TOTAL,
    "issuesClosed": TOTAL,
    "pullsClosed": TOTAL,
    "pullsMerged": TOTAL,
    "tags": TOTAL,
}
_SHAPE: Mapping[str, JsonShape] = {
    **DESCRIBED,
    **_COUNTED,
    "languages": {"edges": [{"size": is_number, "node": {"name": is_plain}}]},
    "releases": _RELEASES,
    "defaultBranchRef": Maybe(
        {"name": is_plain, "target": {"history": {**TOTAL, "nodes": [_HEAD]}}}
    ),
}
NEEDED = frozenset({*DESCRIBED, "isPrivate"})
"""Fields without which it is not known what a search tells of it."""
COMMITS = "commits and README"
_PARTS = {"languages": "languages", "releases": "releases", "defaultBranchRef": COMMITS}
"""What is unknown where a field is."""
WEEKS_A_PAGE, MOST_PAGES = 30, 100
DAYS_A_WEEK = 7
MOST_DIGITS = 12
LAST_SECOND = 250_000_000_000
"""Times in seconds since 1970 from which on a date cannot be told."""
_WEEK: JsonShape = {"week": is_number, "total": is_number, "days": [is_number]}


def _lacks_its_branch(node: GraphqlNode, until: str | None) -> Iterator[str]:
    """Name the default branch where there are commits, and it is not given or has none."""
    if node.get("isEmpty") is False:
        branch = node.get("defaultBranchRef")
        if branch is None or (until is None and not _history(node).get("nodes")):
            yield "defaultBranchRef"


_KNOWN: Mapping[str, JsonShape] = {
    **DESCRIBED,
    **_COUNTED,
    "isPrivate": is_flag,
    "releases": {**TOTAL, "nodes": [{"tagName": is_plain}]},
    "defaultBranchRef": Maybe({"name": is_plain, "target": {"oid": is_word}}),
}
_UNTYPED: Mapping[str, JsonShape] = {"owner": {"login": is_word}}


def known_shape(*, owner_types: bool) -> JsonShape:
    """Return what must be in an answer about a repository that is known."""
    shape = _KNOWN if owner_types else {**_KNOWN, **_UNTYPED}
    return Agreeing(shape, lambda node: _lacks_its_branch(node, "any time"))


@dataclass(frozen=True)
class TreeEntry:
    """A file or folder at the top of a repository: name, "blob" or "tree", mode, hash."""

    name: str
    kind: str
    mode: int
    oid: str


@dataclass(frozen=True)
class RepositoryFacts:
    """A repository: its row, further rows, and what is at its top at the commit in the row.

    Attributes
    ----------
    languages, releases
        None where they are not known.
    unknown
        Why, by what is not known.
    """

    row: TableRow
    languages: list[TableRow] | None
    releases: list[TableRow] | None
    entries: tuple[TreeEntry, ...]
    unknown: Mapping[str, Unknown]


def ask_facts(
    api: Api, node_ids: Sequence[str], *, until: datetime | None, owner_types: bool = True
) -> Iterator[Answered[str]]:
    """Yield what there is to know of each repository; its commits up to ``until``, if given."""
    moment = None if until is None else until.isoformat().replace("+00:00", "Z")
    query, shape = (FACTS, _SHAPE) if owner_types else (UNTYPED_FACTS, {**_SHAPE, **_UNTYPED})
    batching = Batching[str](
        query=lambda _: query,
        variables=lambda batch: {"ids": list(batch), "until": moment},
        place=lambda number: ("nodes", number),
        shape=lambda _: Agreeing(shape, lambda node: _lacks_its_branch(node, moment)),
        needs=frozenset({"id", "nameWithOwner"}),
    )
    return ask_in_batches(api, node_ids, batching, size=SIZE)


def facts_of(
    api: Api, answered: Answered[str], node: GraphqlNode, fetched_at: datetime
) -> RepositoryFacts:
    """Return the rows that a repository's facts make; further releases are asked for."""
    key = repo_key(node["nameWithOwner"], node["databaseId"])
    unknown = {_PARTS.get(str(at[0]), "some facts"): why for at, why in answered.holes.items()}
    head = next(iter(_history(node).get("nodes") or ()), None)
    row = {
        **_described(node, key),
        **_counted(node),
        "last_commit_at": time_of(head["committedDate"]) if head else None,
        "head_commit": head["oid"] if head else None,
        "fetched_at": fetched_at,
        "enriched_at": fetched_at,
    }
    languages = releases = None
    if node["languages"] is not None:
        edges = node["languages"]["edges"]
        languages = [
            {"repo_key": key, "language": e["node"]["name"], "bytes": e["size"]} for e in edges
        ]
    if node["releases"] is not None:
        nodes = _all_releases(api, node)
        if isinstance(nodes, Unknown):
            unknown["releases"] = nodes
        else:
            releases = [_release(key, release) for release in nodes if not release["isDraft"]]
    entries = entries_of(head["tree"]["entries"]) if head else ()
    return RepositoryFacts(row, languages, releases, entries, unknown)


def _history(node: GraphqlNode) -> GraphqlNode:
    """Return the commits of the default branch, as far as they were asked for."""
    history: Any = node
    for name in ("defaultBranchRef", "target", "history"):
        history = history.get(name) if isinstance(history, Mapping) else None
    return history if isinstance(history, Mapping) else {}


def _described(node: GraphqlNode, key: str) -> TableRow:
    """Return what the repository is."""
    licence = node.get("licenseInfo") or {}
    return {
        "repo_key": key,
        "repo_id": node["databaseId"],
        "node_id": node["id"],
        "full_name": node["nameWithOwner"],
        "owner": (node.get("owner") or {}).get("login"),
        "owner_type": (node.get("owner") or {}).get("__typename"),
        "description": _text(node.get("description")),
        "homepage": _text(node.get("homepageUrl")),
        "topics": _topics(node),
        "language": (node.get("primaryLanguage") or {}).get("name"),
        "license_spdx": licence.get("spdxId") or licence.get("key"),
        "created_at": time_of(node.get("createdAt")),
        "updated_at": time_of(node.get("updatedAt")),
        "pushed_at": time_of(node.get("pushedAt")),
        "archived": node.get("isArchived"),
        "fork": node.get("isFork"),
        "is_template": node.get("isTemplate"),
        "default_branch": (node.get("defaultBranchRef") or {}).get("name"),
        "archived_at": time_of(node.get("archivedAt")),
    }


def _topics(repository: GraphqlNode) -> list[str] | None:
    topics = repository.get("repositoryTopics")
    return None if topics is None else [node["topic"]["name"] for node in topics["nodes"]]


def _counted(node: GraphqlNode) -> TableRow:
    """Return the numbers of stars, forks, issues and the like that a repository has."""
    issues_open, pulls_open = (total_of(node, name) for name in ("issuesOpen", "pullsOpen"))
    return {
        "stars": node.get("stargazerCount"),
        "forks": node.get("forkCount"),
        "open_issues": _sum(issues_open, pulls_open),
        "watchers": total_of(node, "watchers"),
        "size_kb": node.get("diskUsage"),
        "commits": 0 if node.get("isEmpty") else _history(node).get("totalCount"),
        "issues_open": issues_open,
        "issues_closed": total_of(node, "issuesClosed"),
        "pulls_open": pulls_open,
        "pulls_closed": total_of(node, "pullsClosed"),
        "pulls_merged": total_of(node, "pullsMerged"),
        "releases": total_of(node, "releases"),
        "tags": total_of(node, "tags"),
    }


def known_row(node: GraphqlNode, fetched_at: datetime) -> TableRow:
    """Return what GraphQL says of a repository without going into its history or its files."""
    row = {
        **_described(node, repo_key(node["nameWithOwner"], node["databaseId"])),
        **_counted(node),
    }
    return {**{name: row[name] for name in (*SEARCHED, *COUNTED)}, "fetched_at": fetched_at}


def head_of(node: GraphqlNode) -> str | None:
    """Return the last commit of the default branch; None where there is none, or it is unknown."""
    head: str | None = ((node.get("defaultBranchRef") or {}).get("target") or {}).get("oid")
    return head


def entries_of(entries: Sequence[GraphqlNode]) -> tuple[TreeEntry, ...]:
    """Return the entries of a folder, as GraphQL gives them."""
    return tuple(TreeEntry(e["name"], e["type"], int(e["mode"]), e["oid"]) for e in entries)


def time_of(text: str | None) -> datetime | None:
    """Return a time as GitHub writes it (UTC); None stays None."""
    return None if text is None else moment_of(text)


def moment_of(text: str) -> datetime:
    """Return a time as GitHub writes it (UTC)."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _all_releases(api: Api, node: GraphqlNode) -> list[GraphqlNode] | Unknown:
    """Return all releases, or why not all are known."""
    fixed = {"id": node["id"], "first": PER_PAGE}
    batching = Batching[str](
        query=lambda _: RELEASES,
        variables=lambda cursors: {**fixed, "after": cursors[0]},
        place=lambda _: ("node", "releases"),
        shape=lambda _: _RELEASES,
    )
    return all_nodes(api, node["releases"], batching)


def _release(key: str, node: GraphqlNode) -> TableRow:
    return {
        "repo_key": key,
        "tag": node["tagName"],
        "name": _text(node.get("name")),
        "published_at": time_of(node.get("publishedAt") or node.get("createdAt")),
        "prerelease": node.get("isPrerelease"),
    }


def total_of(node: GraphqlNode, name: str) -> int | None:
    """Return how many there are of something, if that is known."""
    total: int | None = (node.get(name) or {}).get("totalCount")
    return total


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def _text(value: str | None) -> str | None:
    """Return a text without what no file can hold; an empty one is none."""
    return clean(value) if value else None


@dataclass(frozen=True)
class StarHistory:
    """Stars by the day on which they were given, as far as they are still given today."""

    by_day: dict[date, int]

    def until(self, moment: datetime) -> int:
        """Return how many there were at the end of a day, of those still given today."""
        return sum(n for day, n in self.by_day.items() if day <= moment.date())

    def by_month(self) -> dict[str, int]:
        """Return how many came in each month in which some came."""
        months: Counter[str] = Counter()
        for day, n in self.by_day.items():
            months[f"{day:%Y-%m}"] += n
        return {month: n for month, n in sorted(months.items()) if n}


def count_contributors(api: Api, full_name: str) -> int:
    """Return how many people contributed to a repository, those without an account included.

    With one a page, the number of the last page is the number of people.

    Raises
    ------
    GitHubError
        If it is gone or blocked, or its history too large for GitHub to list them.
    """
    path = f"/repos/{full_name}/contributors"
    params = {"anon": "true", "per_page": "1", "page": "1"}
    for anew in (False, True):
        answer = api.get(path, params, shape=_are_people, anew=anew)
        if answer.status == 204:
            return 0
        pages = links(answer.headers.get("link", ""))
        if "next" not in pages and "last" not in pages:
            return len(answer.json())
        number = pages["last"][1].get("page", "") if "last" in pages else ""
        if number.isdecimal() and len(number) <= MOST_DIGITS:
            return int(number)
    raise ServerTroubleError("GitHub does not say how many there are.", where=full_name)


def star_history(api: Api, full_name: str) -> StarHistory:
    """Return when the stars of a repository came, by GitHub's days.

    Raises
    ------
    GitHubError
        If it is gone or blocked, or the answer is not as GitHub describes it.
    """
    by_day: Counter[date] = Counter()
    seen = set()
    for weeks in _pages_of_weeks(api, full_name):
        for week in weeks:
            start, days = week["week"], week["days"]
            if start in seen:  # a new week began between two pages
                continue
            seen.add(start)
            first = datetime.fromtimestamp(start, UTC).date()
            for number, n in enumerate(days):
                if n:
                    by_day[first + timedelta(days=number)] += n
    return StarHistory(dict(by_day))


def _pages_of_weeks(api: Api, full_name: str) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the weeks of a repository, the newest first; links may be left out of the answers."""
    for number in range(1, MOST_PAGES + 1):
        params = {"per_page": str(WEEKS_A_PAGE), "page": str(number)}
        path = f"/repos/{full_name}/stargazers/history"
        answer = api.get(path, params, shape=_are_weeks)
        weeks: list[Mapping[str, Any]] = answer.json()
        yield weeks
        has_links = "link" in answer.headers
        if next_page(answer) is None and (has_links or len(weeks) < WEEKS_A_PAGE):
            return


def _are_people(content: Any) -> bool:
    if content is None:  # of a repository that is empty
        return True
    return isinstance(content, list) and all(isinstance(person, dict) for person in content)


def _are_weeks(content: Any) -> bool:
    """Tell whether these are weeks of stars, each of which adds up."""
    return isinstance(content, list) and all(
        fits(week, _WEEK)
        and len(week["days"]) == DAYS_A_WEEK
        and sum(week["days"]) == week["total"]
        and week["week"] < LAST_SECOND
        for week in content
    )


def activity_rows(
    key: str,
    history: StarHistory | None,
    releases: list[TableRow] | None,
    commits: CommitMonths | None,
    *,
    until: datetime,
) -> Iterator[TableRow]:
    """Yield a row for each month with stars, releases or commits, as far as is known.

    Where commits are older than those that are counted, the first month that is counted has a row
    in any case, and in the months before it they are null.
    """
    stars = history.by_month() if history is not None else {}
    made: Counter[str] = Counter(
        f"{row['published_at']:%Y-%m}"
        for row in releases or ()
        if row["published_at"] is not None and row["published_at"] <= until
    )
    counted = () if commits is None else commits.shown()
    for month in sorted({*stars, *made, *counted}):
        if month <= f"{until:%Y-%m}":
            gained = None if history is None else stars.get(month, 0)
            yield {
                "repo_key": key,
                "month": month,
                "commits": None if commits is None else commits.of(month),
                "stars_gained": gained,
                "releases": None if releases is None else made.get(month, 0),
            }
