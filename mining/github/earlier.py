"""The snapshot before: what of it still holds is carried over, what is gone is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from artifacts.progress import Progress
from mining.github.api import Api
from mining.github.batches import ask_in_batches, by_ids
from mining.github.facts import ENRICHED, SEARCHED, searched_row
from mining.github.job import Job
from mining.github.queries import known_query
from mining.snapshots import load_table
from mining.tables import Row, issue_key

KNOWN_SIZE = 400
"""Repositories that are looked at again at once."""
MARGIN = timedelta(hours=1)
"""Asked for again before the earlier mining began: clocks and caches are not exact."""
SAME = ("full_name", "pushed_at", "updated_at", "open_issues")
"""A repository in which none of these differ is as it was."""
BELONGINGS = ("languages", "releases", "activity")
DELETED = "deleted or private"
BLOCKED = "blocked"


@dataclass(frozen=True)
class Earlier:
    """A snapshot, by key of repository."""

    id: str
    started_at: datetime
    repositories: Mapping[str, Row]
    readmes: Mapping[str, Row]
    belongings: Mapping[str, Mapping[str, list[Row]]]
    issues: Mapping[str, Mapping[int, Row]]
    unlabelled: bool

    @property
    def asked_since(self) -> datetime:
        """Return from when on changes are asked for."""
        return self.started_at - MARGIN

    def unchanged(self, row: Row) -> Row | None:
        """Return the earlier row of a repository that is as it was, if it was looked at in full."""
        earlier = self.repositories.get(row["repo_key"])
        if earlier is None or earlier["enriched_at"] is None:
            return None
        same = all(earlier[column] == row.get(column) for column in SAME)
        return earlier if same else None


def read_earlier(folder: Path, job: Job) -> Earlier:
    """Read a sealed snapshot, mined by ``job``, to carry over from it."""
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
        started_at=job.started_at,
        repositories=_by_key(folder, "repositories"),
        readmes=_by_key(folder, "readmes"),
        belongings=belongings,
        issues=issues,
        unlabelled=job.settings.unlabelled,
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
        yield loss(before, reason, earlier, noticed_at, now_name=row["full_name"])


@dataclass(frozen=True)
class Known:
    """What became of an earlier snapshot's repositories: their rows now, or why none."""

    noticed_at: datetime
    rows: Mapping[str, Row] = field(default_factory=dict)
    blocked: Mapping[str, Row] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "not found any more (why, is not known without a token)"


def look_again(api: Api, earlier: Earlier, *, progress: Progress) -> Known:
    """Ask what a search would tell now of every repository of the earlier snapshot."""
    by_node = {row["node_id"]: row for row in earlier.repositories.values() if row["node_id"]}
    rows, blocked, reasons = {}, {}, {}
    with progress.task("known repositories", len(by_node), unit="repositories") as task:
        batching = by_ids(known_query)
        for answered in ask_in_batches(api, sorted(by_node), batching, size=KNOWN_SIZE):
            task.advance()
            before = by_node[answered.item]
            if answered.value is None or answered.answer is None:
                if answered.is_refused:
                    # Nobody can look into it, but a search may go on finding it.
                    blocked[before["repo_key"]] = {name: before[name] for name in SEARCHED}
                continue
            if answered.value["isPrivate"]:
                reasons[before["repo_key"]] = "private"
                continue
            row = searched_row(answered.value, answered.answer.received_at)
            row["default_branch"] = row["default_branch"] or before["default_branch"]
            rows[row["repo_key"]] = row
    return Known(api.last_at, rows, blocked, reasons, DELETED)


def losses(known: Known, rows: Mapping[str, Row], earlier: Earlier, job: Job) -> Iterator[Row]:
    """Yield a row, with the reason, for each repository that was there before and is not now."""
    for key, before in sorted(earlier.repositories.items()):
        if key in rows:
            continue
        now = known.rows.get(key)
        if now is None:
            otherwise = BLOCKED if key in known.blocked else known.otherwise
            reason = known.reasons.get(key, otherwise)
            yield loss(before, reason, earlier, known.noticed_at)
            continue
        moved = now["full_name"].lower() != before["full_name"].lower()
        name = now["full_name"] if moved else None
        yield loss(before, _why_out(now, job), earlier, known.noticed_at, now_name=name)


def belongs(row: Row, topic: str, job: Job) -> bool:
    """Tell whether the search for a topic finds a repository."""
    settings = job.settings
    topics = set(row["topics"] or ())
    return (
        topic in topics
        and not topics & set(settings.exclude_topics)
        and (settings.forks or not row["fork"])
        and (settings.archived or not row["archived"])
        and row["created_at"] <= job.until
    )


def _why_out(row: Row, job: Job) -> str:
    topics = set(row["topics"] or ())
    if not topics & set(job.topics):
        return "topic dropped"
    if topics & set(job.settings.exclude_topics):
        return "carries an excluded topic"
    if row["archived"] and not job.settings.archived:
        return "archived"
    return "not found by the search"


def loss(
    before: Row,
    reason: str,
    earlier: Earlier,
    at: datetime,
    *,
    full_name: str | None = None,
    now_name: str | None = None,
) -> Row:
    """Return the row that tells what became of an earlier row: a repository's, or an issue's.

    Parameters
    ----------
    full_name
        Of the repository, where the row does not say it.
    """
    key, number = before["repo_key"], before.get("number")
    return {
        "key": key if number is None else issue_key(key, number),
        "repo_key": key,
        "full_name": full_name or before["full_name"],
        "number": number,
        "reason": reason,
        "now_name": now_name,
        "since": earlier.id,
        "noticed_at": at,
    }


def _by_key(folder: Path, table: str) -> dict[str, Row]:
    return {row["repo_key"]: row for row in load_table(folder, table).to_pylist()}
