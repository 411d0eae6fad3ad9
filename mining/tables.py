"""The tables of a snapshot: their columns, their keys and the order of their rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from artifacts.errors import InputError
from artifacts.tables import STRINGS, UTC_TIME

TableRow = dict[str, Any]
"""One row of a table, by column; what the source lacks is None."""

CLOCKS = ("fetched_at", "enriched_at", "noticed_at")
"""Columns that content hashes leave out."""

REPOSITORIES = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        ("repo_id", pa.int64()),
        ("node_id", pa.string()),
        pa.field("full_name", pa.string(), nullable=False),
        ("aliases", STRINGS),
        ("owner", pa.string()),
        ("description", pa.string()),
        ("homepage", pa.string()),
        ("topics", STRINGS),
        ("language", pa.string()),
        ("license_spdx", pa.string()),
        ("stars", pa.int64()),
        ("forks", pa.int64()),
        ("open_issues", pa.int64()),
        ("watchers", pa.int64()),
        ("size_kb", pa.int64()),
        ("created_at", UTC_TIME),
        ("updated_at", UTC_TIME),
        ("pushed_at", UTC_TIME),
        ("archived", pa.bool_()),
        ("fork", pa.bool_()),
        ("is_template", pa.bool_()),
        ("default_branch", pa.string()),
        ("source", pa.string()),
        ("fetched_at", UTC_TIME),
        # What a git history tells where no API was asked.
        ("first_commit_at", UTC_TIME),
        ("last_commit_at", UTC_TIME),
        ("commits", pa.int64()),
        ("commit_authors", pa.int64()),
        # What GraphQL tells of a repository beyond the search.
        ("head_commit", pa.string()),
        ("issues_open", pa.int64()),
        ("issues_closed", pa.int64()),
        ("pulls_open", pa.int64()),
        ("pulls_closed", pa.int64()),
        ("pulls_merged", pa.int64()),
        ("releases", pa.int64()),
        ("tags", pa.int64()),
        ("contributors", pa.int64()),
        ("archived_at", UTC_TIME),
        ("enriched_at", UTC_TIME),
        ("owner_type", pa.string()),
    ]
)

READMES = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        ("path", pa.string()),
        ("commit", pa.string()),
        ("sha", pa.string()),
        pa.field("text", pa.string(), nullable=False),
        pa.field("truncated", pa.bool_(), nullable=False),
        ("fetched_at", UTC_TIME),
    ]
)

ISSUES = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        pa.field("number", pa.int64(), nullable=False),
        ("node_id", pa.string()),
        ("title", pa.string()),
        ("body", pa.string()),
        ("labels", STRINGS),
        ("state", pa.string()),
        ("state_reason", pa.string()),
        ("author_association", pa.string()),
        ("created_at", UTC_TIME),
        ("updated_at", UTC_TIME),
        ("closed_at", UTC_TIME),
        ("comments", pa.int64()),
        ("reactions_total", pa.int64()),
        ("reactions_plus1", pa.int64()),
        ("matched_labels", STRINGS),
        # Where the study names types of issues.
        ("issue_type", pa.string()),
        ("matched_types", STRINGS),
    ]
)

ACTIVITY = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        pa.field("month", pa.string(), nullable=False),
        ("commits", pa.int64()),
        ("stars_gained", pa.int64()),
        ("releases", pa.int64()),
        # What a git history tells.
        ("human", pa.int64()),
        ("bot", pa.int64()),
        ("agent", pa.int64()),
        ("people", pa.int64()),
        ("newcomers", pa.int64()),
        ("tags", pa.int64()),
    ]
)
"""What happened in a month (``2026-08``, UTC). A month without a row had none of what the source
counts of this repository; what it does not count is null in all of its rows."""

BY_WHOM = ("human", "bot", "agent", "people", "newcomers")
"""Columns of a month that tell of its commits who made them: parts of what ``commits`` counts."""

HISTORIES = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        ("observed_at", UTC_TIME),
        ("entered_at", UTC_TIME),
        ("first_commit_at", UTC_TIME),
        ("last_human_at", UTC_TIME),
        ("last_commit_at", UTC_TIME),
        ("head_commit", pa.string()),
        ("commits", pa.int64()),
        ("roots", pa.int64()),
        ("merges", pa.int64()),
        ("squash_share", pa.float64()),
        ("identities", pa.int64()),
        ("absence_factor", pa.int64()),
        ("truck_factor", pa.int64()),
        ("flags", STRINGS),
        ("reason", pa.string()),
    ]
)
"""What is known of a repository's history, and the day up to which it is known (`observed_at`):
without that day nothing is computed. ``reason`` says why what is null is not known."""

NO_DAY = "observed_at is not known"
"""So begins, of the parts of a history's ``reason`` with ``; `` between them, the one about it."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing of a repository is dated before that, but by a clock that was not set."""

ANCIENT, FUTURE = "ancient dates", "future dates"
"""Flags of a history with dates before `EARLIEST`, or after its observation: these are left out."""

OLDER = "older commits not counted"
"""The flag of a history that is longer than the months in which its commits are counted."""

SHALLOW = "shallow"
"""The flag of a history of a clone without its older commits: of these nothing is known, either."""

LANGUAGES = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        ("bytes", pa.int64()),
    ]
)

RELEASES = pa.schema(
    [
        pa.field("repo_key", pa.string(), nullable=False),
        pa.field("tag", pa.string(), nullable=False),
        ("name", pa.string()),
        ("published_at", UTC_TIME),
        ("prerelease", pa.bool_()),
    ]
)

DISAPPEARANCES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("repo_key", pa.string(), nullable=False),
        ("full_name", pa.string()),
        ("number", pa.int64()),
        pa.field("reason", pa.string(), nullable=False),
        ("now_name", pa.string()),
        ("since", pa.string()),
        ("noticed_at", UTC_TIME),
    ]
)
"""What an earlier snapshot has (`since`) and this one has not, or under another name."""

SCHEMAS = {
    "repositories": REPOSITORIES,
    "readmes": READMES,
    "issues": ISSUES,
    "activity": ACTIVITY,
    "histories": HISTORIES,
    "languages": LANGUAGES,
    "releases": RELEASES,
    "disappearances": DISAPPEARANCES,
}
"""Every table that a snapshot may hold, by name."""

LATER = {
    "activity": ("human", "bot", "agent", "people", "newcomers", "tags"),
    "issues": ("issue_type", "matched_types"),
    "repositories": ("owner_type",),
}
"""Columns that are left out where all of them are null: earlier versions did not write them, and
content hashes stay as they were."""


KEYS = {
    "repositories": ("repo_key",),
    "readmes": ("repo_key",),
    "issues": ("repo_key", "number"),
    "activity": ("repo_key", "month"),
    "histories": ("repo_key",),
    "languages": ("repo_key", "language"),
    "releases": ("repo_key", "tag"),
    "disappearances": ("key",),
}
"""The columns that name one row of a table, and that its rows are sorted by."""

GITHUB_ADDRESS = re.compile(
    r"^(?:(?:https?|git|ssh)://)?(?:git@)?(?:www\.|api\.)?github\.com[/:]", re.I
)
"""What an address of GitHub begins with."""
_FULL_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}")


def full_name_of(text: str) -> str:
    """Return ``owner/name`` from a name or any GitHub address of a repository or an issue.

    Raises
    ------
    InputError
        If ``text`` holds no such name.
    """
    name, is_address = GITHUB_ADDRESS.subn("", text.strip())
    if is_address:
        parts = name.removeprefix("repos/").split("/")
        name = "/".join(parts[:2]).removesuffix(".git")
    if not _FULL_NAME.fullmatch(name) or name.split("/")[1] in {".", ".."}:
        raise InputError(f"{text[:80]!r} is not a repository name (owner/name).")
    return name


def repo_key(full_name: str, repo_id: int | None = None) -> str:
    """Return the key of a repository: by GitHub's numeric id where it is known, else by name."""
    return f"gh:{repo_id}" if repo_id is not None else f"name:{full_name.lower()}"


def issue_key(repo_key: str, number: int) -> str:
    """Return the key of an issue."""
    return f"{repo_key}#{number}"
