"""The past rebuilt: what can be known today of a day that is gone, and what cannot.

Committer dates can be set at will and history can be rewritten, so a README "as of" a day is that
of the last commit that today's history dates before its end. Stars are those that came by then and
are still given today. Names, descriptions, topics and labels have no history: they are today's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from mining.github.facts import moment_of
from mining.github.issues import CLOSED, OPEN
from mining.tables import Row

Availability = Literal["as of then", "today", "unknown"]

_THEN: Availability = "as of then"
_TODAY: Availability = "today"
_UNKNOWN: Availability = "unknown"

COLUMNS: Mapping[str, Mapping[str, Availability]] = {
    "repositories": {
        **dict.fromkeys(
            ("repo_key", "repo_id", "node_id", "full_name", "aliases", "owner", "description"),
            _TODAY,
        ),
        **dict.fromkeys(
            ("homepage", "topics", "language", "license_spdx", "fork", "is_template"), _TODAY
        ),
        **dict.fromkeys(("default_branch", "source"), _TODAY),
        **dict.fromkeys(("created_at", "archived", "archived_at", "stars", "releases"), _THEN),
        **dict.fromkeys(("commits", "last_commit_at", "head_commit"), _THEN),
        **dict.fromkeys(("forks", "open_issues", "watchers", "size_kb"), _UNKNOWN),
        **dict.fromkeys(("updated_at", "pushed_at", "contributors", "tags"), _UNKNOWN),
        **dict.fromkeys(("issues_open", "issues_closed"), _UNKNOWN),
        **dict.fromkeys(("pulls_open", "pulls_closed", "pulls_merged"), _UNKNOWN),
    },
    "readmes": dict.fromkeys(("repo_key", "path", "commit", "sha", "text", "truncated"), _THEN),
    "issues": {
        **dict.fromkeys(("repo_key", "number", "node_id", "title", "body", "labels"), _TODAY),
        **dict.fromkeys(("matched_labels", "author_association"), _TODAY),
        **dict.fromkeys(("issue_type", "matched_types"), _TODAY),
        **dict.fromkeys(("created_at", "state", "state_reason", "closed_at"), _THEN),
        **dict.fromkeys(("updated_at", "comments"), _UNKNOWN),
        **dict.fromkeys(("reactions_total", "reactions_plus1"), _UNKNOWN),
    },
    "releases": dict.fromkeys(("repo_key", "tag", "name", "published_at", "prerelease"), _THEN),
    "activity": dict.fromkeys(("repo_key", "month", "stars_gained", "releases"), _THEN),
}
"""What a snapshot as of a day holds in each column; what is unknown is null."""

MOST_EVENTS = 100
"""Of closing and opening again that are asked for with an issue."""


def known_columns(*, star_history: bool) -> dict[str, dict[str, Availability]]:
    """Return what is known in each column; stars only if their history is asked for."""
    columns = {table: dict(by_column) for table, by_column in COLUMNS.items()}
    if not star_history:
        columns["repositories"]["stars"] = _UNKNOWN
        columns["activity"]["stars_gained"] = _UNKNOWN
    return columns


def repository_then(row: Row, moment: datetime) -> Row:
    """Return a repository's row with what is unknown of the past left out."""
    then = {
        column: value
        for column, value in row.items()
        if COLUMNS["repositories"].get(column, _TODAY) != _UNKNOWN
    }
    archived_at = row.get("archived_at")
    if archived_at is not None:
        then["archived"] = archived_at <= moment
        then["archived_at"] = archived_at if then["archived"] else None
    elif row.get("archived"):
        then["archived"] = None  # archived before GitHub noted when
    then["stars"] = None
    return then


def issue_then(row: Row, node: Mapping[str, Any], moment: datetime) -> Row | None:
    """Return an issue's row as it stood at a moment; None if it was not there yet."""
    if row["created_at"] > moment:
        return None
    then = {column: value for column, value in row.items() if COLUMNS["issues"][column] != _UNKNOWN}
    timeline = node["timelineItems"]
    if timeline is None:  # unknown
        return {**then, "state": None, "state_reason": None, "closed_at": None}
    events = sorted(
        (
            (moment_of(event["createdAt"]), event["__typename"], event.get("stateReason"))
            for event in timeline["nodes"]
        ),
        key=lambda event: event[0],
    )
    before = [event for event in events if event[0] <= moment]
    then |= {"state": OPEN, "state_reason": None, "closed_at": None}
    if timeline["totalCount"] > MOST_EVENTS and len(before) == len(events):
        then["state"] = None  # there may be more before the moment than were given
    elif before and before[-1][1] == "ClosedEvent":
        closed_at, _, reason = before[-1]
        reason = reason.lower() if reason else None
        then |= {"state": CLOSED, "state_reason": reason, "closed_at": closed_at}
    elif before:
        then["state_reason"] = "reopened"
    elif not events and row["closed_at"] is not None and row["closed_at"] <= moment:
        # Moved here from elsewhere, its events were lost.
        then |= {column: row[column] for column in ("state", "state_reason", "closed_at")}
    return then
