"""What GraphQL says of a repository, as rows of the snapshot's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mining.github.api import Api
from mining.github.batches import Answered, Batching, ask_in_batches
from mining.github.errors import ServerTroubleError
from mining.github.queries import FACTS, RELEASES
from mining.tables import Row, repo_key
from mining.values import clean

SIZE = 40
"""Repositories that are asked about at once, at most."""
PER_PAGE = 100
Node = Mapping[str, Any]

ENRICHED = (
    "watchers",
    "commits",
    "last_commit_at",
    "head_commit",
    "issues_open",
    "issues_closed",
    "pulls_open",
    "pulls_closed",
    "pulls_merged",
    "releases",
    "tags",
    "archived_at",
    "enriched_at",
)
"""Columns that only GraphQL fills."""


SEARCHED = (
    *("repo_key", "repo_id", "node_id", "full_name", "owner", "description", "homepage", "topics"),
    *("language", "license_spdx", "stars", "forks", "open_issues", "size_kb", "created_at"),
    *("updated_at", "pushed_at", "archived", "fork", "is_template", "default_branch"),
)
"""Columns that a search fills."""


@dataclass(frozen=True)
class Entry:
    """A file or folder at the top of a repository: name, "blob" or "tree", mode, hash."""

    name: str
    kind: str
    mode: int
    oid: str


@dataclass(frozen=True)
class Facts:
    """A repository: its row, further rows, and what is at its top at the commit in the row."""

    row: Row
    languages: list[Row]
    releases: list[Row]
    entries: tuple[Entry, ...]


def ask_facts(
    api: Api, node_ids: Sequence[str], *, until: datetime | None
) -> Iterator[Answered[str]]:
    """Yield what there is to know of each repository; its commits up to ``until``, if given."""
    moment = None if until is None else until.isoformat().replace("+00:00", "Z")
    batching = Batching[str](
        query=lambda _: FACTS,
        variables=lambda batch: {"ids": list(batch), "until": moment},
        place=lambda number: ("nodes", number),
    )
    return ask_in_batches(api, node_ids, batching, size=SIZE)


def facts_of(api: Api, node: Node, fetched_at: datetime) -> Facts:
    """Return the rows that a repository's facts make; further releases are asked for."""
    key = repo_key(node["nameWithOwner"], node["databaseId"])
    head = next(iter(_history(node).get("nodes") or ()), None)
    row = {
        **_described(node, key),
        **_counted(node),
        "last_commit_at": time_of(head["committedDate"]) if head else None,
        "head_commit": head["oid"] if head else None,
        "fetched_at": fetched_at,
        "enriched_at": fetched_at,
    }
    edges = (node.get("languages") or {}).get("edges") or ()
    languages = [
        {"repo_key": key, "language": edge["node"]["name"], "bytes": edge["size"]} for edge in edges
    ]
    releases = [_release(key, each) for each in _all_releases(api, node) if not each["isDraft"]]
    entries = ((head or {}).get("tree") or {}).get("entries") or ()
    return Facts(row, languages, releases, entries_of(entries))


def _history(node: Node) -> Node:
    """Return the commits of the default branch, as far as they were asked for."""
    branch = node.get("defaultBranchRef") or {}
    history: Node = (branch.get("target") or {}).get("history") or {}
    return history


def _described(node: Node, key: str) -> Row:
    """Return what the repository is."""
    licence = node.get("licenseInfo") or {}
    return {
        "repo_key": key,
        "repo_id": node["databaseId"],
        "node_id": node["id"],
        "full_name": node["nameWithOwner"],
        "owner": (node.get("owner") or {}).get("login"),
        "description": _text(node.get("description")),
        "homepage": _text(node.get("homepageUrl")),
        "topics": [each["topic"]["name"] for each in _nodes(node, "repositoryTopics")],
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


def _counted(node: Node) -> Row:
    """Return how much there is of what."""
    issues_open, pulls_open = (_total(node, name) for name in ("issuesOpen", "pullsOpen"))
    return {
        "stars": node.get("stargazerCount"),
        "forks": node.get("forkCount"),
        "open_issues": _sum(issues_open, pulls_open),
        "watchers": _total(node, "watchers"),
        "size_kb": node.get("diskUsage"),
        "commits": _history(node).get("totalCount", 0 if node.get("isEmpty") else None),
        "issues_open": issues_open,
        "issues_closed": _total(node, "issuesClosed"),
        "pulls_open": pulls_open,
        "pulls_closed": _total(node, "pullsClosed"),
        "pulls_merged": _total(node, "pullsMerged"),
        "releases": _total(node, "releases"),
        "tags": _total(node, "tags"),
    }


def searched_row(node: Node, fetched_at: datetime) -> Row:
    """Return the columns that a search tells, from what GraphQL says of a repository."""
    row = {
        **_described(node, repo_key(node["nameWithOwner"], node["databaseId"])),
        **_counted(node),
    }
    return {**{name: row[name] for name in SEARCHED}, "fetched_at": fetched_at}


def entries_of(entries: Sequence[Node]) -> tuple[Entry, ...]:
    """Return the entries of a folder, as GraphQL gives them."""
    return tuple(Entry(e["name"], e["type"], int(e["mode"]), e["oid"]) for e in entries)


def time_of(text: str | None) -> datetime | None:
    """Return a time as GitHub writes it (UTC); None stays None."""
    return None if text is None else moment_of(text)


def moment_of(text: str) -> datetime:
    """Return a time as GitHub writes it (UTC)."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _all_releases(api: Api, node: Node) -> Iterator[Node]:
    after = None
    found: Node | None = node
    while found is not None:
        yield from _nodes(found, "releases")
        page = (found.get("releases") or {}).get("pageInfo") or {}
        if not page.get("hasNextPage"):
            return
        if page["endCursor"] == after:
            raise ServerTroubleError("GitHub's next page is this one.", where=node["nameWithOwner"])
        after = page["endCursor"]
        variables = {"id": node["id"], "first": PER_PAGE, "after": after}
        found = api.graphql_whole(RELEASES, variables).data["node"]


def _release(key: str, node: Node) -> Row:
    return {
        "repo_key": key,
        "tag": node["tagName"],
        "name": _text(node.get("name")),
        "published_at": time_of(node.get("publishedAt") or node.get("createdAt")),
        "prerelease": node.get("isPrerelease"),
    }


def _nodes(node: Node, name: str) -> list[Node]:
    return [each for each in (node.get(name) or {}).get("nodes") or () if each is not None]


def _total(node: Node, name: str) -> int | None:
    total: int | None = (node.get(name) or {}).get("totalCount")
    return total


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def _text(value: str | None) -> str | None:
    """Return a text without what no file can hold; an empty one is none."""
    return clean(value) if value else None
