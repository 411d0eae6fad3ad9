"""The snapshot before: what of it still holds is carried over, what is gone is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mining.github.job import Job
from mining.snapshots import load_table, open_snapshot
from mining.tables import Row, issue_key

MARGIN = timedelta(hours=1)
"""Asked for again before the earlier mining began: clocks and caches are not exact."""
BELONGINGS = ("languages", "releases", "activity")


@dataclass(frozen=True)
class Earlier:
    """A snapshot, by key of repository; `unknown` are those of which it lacks something."""

    id: str
    started_at: datetime
    repositories: Mapping[str, Row]
    readmes: Mapping[str, Row]
    belongings: Mapping[str, Mapping[str, list[Row]]]
    issues: Mapping[str, Mapping[int, Row]]
    unlabelled: bool
    unknown: frozenset[str]

    @property
    def asked_since(self) -> datetime:
        """Return from when on changes are asked for."""
        return self.started_at - MARGIN


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
    repositories = _by_key(folder, "repositories")
    return Earlier(
        id=folder.name,
        started_at=job.started_at,
        repositories=repositories,
        readmes=_by_key(folder, "readmes"),
        belongings=belongings,
        issues=issues,
        unlabelled=job.settings.unlabelled,
        unknown=_unknown(folder, repositories),
    )


def _unknown(folder: Path, repositories: Mapping[str, Row]) -> frozenset[str]:
    """Return the keys of the repositories of which something was not told when it was mined."""
    names = {
        who.lower()
        for source in open_snapshot(folder).sources
        for entry in source.facts.get("unknown", ())
        for who in entry["who"]
    }
    return frozenset(key for key, row in repositories.items() if row["full_name"].lower() in names)


def moves(rows: Mapping[str, Row], earlier: Earlier, noticed_at: datetime) -> Iterator[Row]:
    """Yield a row for each repository that has another name or owner than before."""
    for key, row in sorted(rows.items()):
        before = earlier.repositories.get(key)
        if before is None or before["full_name"].lower() == row["full_name"].lower():
            continue
        owners = {each["full_name"].split("/")[0].lower() for each in (before, row)}
        reason = "renamed" if len(owners) == 1 else "transferred"
        yield loss(before, reason, earlier, noticed_at, now_name=row["full_name"])


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
