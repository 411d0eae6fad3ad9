"""The snapshot before: what of it still holds is carried over, what is gone is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mining.github.api import Api
from mining.github.batches import BLOCKED, Answered, Batching, ask_in_batches
from mining.github.facts import ENRICHED
from mining.github.queries import PRESENCE
from mining.snapshots import load_table
from mining.tables import Row, issue_key

PRESENCE_SIZE = 100
MARGIN = timedelta(hours=1)
"""Asked for again before the earlier mining began: clocks and caches are not exact."""
SAME = ("full_name", "pushed_at", "updated_at", "open_issues")
"""A repository in which none of these differ is as it was."""
BELONGINGS = ("languages", "releases", "activity")
DELETED = "deleted or private"


@dataclass(frozen=True)
class Earlier:
    """A snapshot, by key of repository."""

    id: str
    started_at: datetime
    repositories: Mapping[str, Row]
    readmes: Mapping[str, Row]
    belongings: Mapping[str, Mapping[str, list[Row]]]
    issues: Mapping[str, Mapping[int, Row]]

    @property
    def asked_since(self) -> datetime:
        """Return from when on changes are asked for."""
        return self.started_at - MARGIN

    def created_under(self, topic: str) -> list[datetime]:
        """Return when the repositories under a topic were created."""
        return [
            row["created_at"]
            for row in self.repositories.values()
            if row["created_at"] is not None and topic in (row["topics"] or ())
        ]

    def unchanged(self, row: Row) -> Row | None:
        """Return the earlier row of a repository that is as it was, if it was looked at in full."""
        earlier = self.repositories.get(row["repo_key"])
        if earlier is None or earlier["enriched_at"] is None:
            return None
        same = all(earlier[column] == row.get(column) for column in SAME)
        return earlier if same else None


def read_earlier(folder: Path, started_at: datetime) -> Earlier:
    """Read a sealed snapshot, to carry over from it."""
    issues: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in load_table(folder, "issues").to_pylist():
        issues[row["repo_key"]][row["number"]] = row
    belongings = {}
    for name in BELONGINGS:
        by_key: dict[str, list[Row]] = defaultdict(list)
        for row in load_table(folder, name).to_pylist():
            by_key[row["repo_key"]].append(row)
        belongings[name] = by_key
    return Earlier(
        id=folder.name,
        started_at=started_at,
        repositories=_by_key(folder, "repositories"),
        readmes=_by_key(folder, "readmes"),
        belongings=belongings,
        issues=issues,
    )


def carried_row(row: Row, earlier: Row) -> Row:
    """Return a repository's row with what GraphQL told earlier, where it is as it was."""
    return {**row, **{column: earlier[column] for column in (*ENRICHED, "contributors")}}


def moves(rows: Mapping[str, Row], earlier: Earlier, noticed_at: datetime) -> Iterator[Row]:
    """Yield a row for each repository that has another name or owner than before."""
    for key, row in sorted(rows.items()):
        before = earlier.repositories.get(key)
        if before is None or before["full_name"].lower() == row["full_name"].lower():
            continue
        owners = {each["full_name"].split("/")[0].lower() for each in (before, row)}
        reason = "renamed" if len(owners) == 1 else "transferred"
        yield _gone(before, reason, earlier, noticed_at, row["full_name"])


def losses(
    api: Api, rows: Mapping[str, Row], earlier: Earlier, topics: Sequence[str]
) -> Iterator[Row]:
    """Yield a row, with the reason, for each repository that was there before and is not now."""
    lost = [row for key, row in sorted(earlier.repositories.items()) if key not in rows]
    by_node = {row["node_id"]: row for row in lost if row["node_id"] is not None}
    batching = Batching[str](
        query=lambda _: PRESENCE,
        variables=lambda batch: {"ids": list(batch)},
        place=lambda number: ("nodes", number),
    )
    for answered in ask_in_batches(api, list(by_node), batching, size=PRESENCE_SIZE):
        before = by_node[answered.item]
        reason, name = _reason(answered, before, topics)
        at = answered.answer.received_at if answered.answer is not None else None
        yield _gone(before, reason, earlier, at, name)


def issue_loss(row: Row, full_name: str, reason: str, since: str, at: datetime) -> Row:
    """Return a row on an issue that was a feature request before and is none now."""
    return {
        "key": issue_key(row["repo_key"], row["number"]),
        "repo_key": row["repo_key"],
        "full_name": full_name,
        "number": row["number"],
        "reason": reason,
        "now_name": None,
        "since": since,
        "noticed_at": at,
    }


def _reason(answered: Answered[str], before: Row, topics: Sequence[str]) -> tuple[str, str | None]:
    node: Mapping[str, Any] | None = answered.value
    if node is None:
        return ("blocked" if answered.problem == BLOCKED else DELETED), None
    name = node["nameWithOwner"]
    now = {each["topic"]["name"] for each in node["repositoryTopics"]["nodes"]}
    moved = name if name.lower() != before["full_name"].lower() else None
    if node["isPrivate"]:
        return "private", moved
    if not now & set(topics):
        return "topic dropped", moved
    if node["isArchived"] and not before["archived"]:
        return "archived", moved
    return "not found by the search", moved


def _gone(
    before: Row, reason: str, earlier: Earlier, at: datetime | None, now_name: str | None
) -> Row:
    return {
        "key": before["repo_key"],
        "repo_key": before["repo_key"],
        "full_name": before["full_name"],
        "number": None,
        "reason": reason,
        "now_name": now_name,
        "since": earlier.id,
        "noticed_at": at,
    }


def _by_key(folder: Path, table: str) -> dict[str, Row]:
    return {row["repo_key"]: row for row in load_table(folder, table).to_pylist()}
