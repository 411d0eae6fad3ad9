"""The tables of a snapshot: their columns, their keys and the order of their rows."""

from __future__ import annotations

import re
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
    ]
)

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
    "languages": LANGUAGES,
    "releases": RELEASES,
    "disappearances": DISAPPEARANCES,
}
"""Every table that a snapshot may hold, by name."""

LATER = {"issues": ("issue_type", "matched_types")}
"""Columns that are left out where all of them are null: earlier versions did not write them, and
content hashes stay as they were."""

MEANINGS = {
    "repositories": {
        "repo_key": "gh:ID where GitHub's numeric id is known, else name:owner/name in lower case",
        "repo_id": "GitHub's numeric id",
        "node_id": "GitHub's id for GraphQL",
        "full_name": "owner/name",
        "aliases": "former names, as owner/name",
        "owner": "account that it belongs to",
        "description": "one line by its owner",
        "homepage": "address that its owner names",
        "topics": "topics that its owner gave it, in lower case",
        "language": "programming language that it holds most of",
        "license_spdx": "identifier of its licence, as SPDX writes it",
        "stars": "accounts that starred it",
        "forks": "copies by other accounts",
        "open_issues": "open issues and pull requests together, as REST counts them",
        "watchers": "accounts that are told of what happens there",
        "size_kb": "size in KiB, as GitHub gives it",
        "created_at": "when it was created",
        "updated_at": "when anything of it was last changed",
        "pushed_at": "when commits were last pushed to any branch",
        "archived": "whether it was made read-only",
        "fork": "whether it is a copy of another",
        "is_template": "whether it is meant to be copied",
        "default_branch": "branch that is shown first",
        "source": "where the row is from; several sources are joined by +",
        "fetched_at": "when the source was asked",
        "first_commit_at": "when the oldest commit was made",
        "last_commit_at": "when the newest commit of the default branch was made",
        "commits": "commits of the default branch",
        "commit_authors": "different authors of these, as a git history tells them",
        "head_commit": "SHA-1 of the newest commit of the default branch",
        "issues_open": "open issues, without pull requests",
        "issues_closed": "closed issues, without pull requests",
        "pulls_open": "open pull requests",
        "pulls_closed": "pull requests that were closed without a merge",
        "pulls_merged": "merged pull requests",
        "releases": "published releases",
        "tags": "tags of git",
        "contributors": "accounts that committed, as GitHub counts them",
        "archived_at": "when it was made read-only",
        "enriched_at": "when GraphQL was asked for what the search does not tell",
    },
    "readmes": {
        "repo_key": "of the repository",
        "path": "of the file in the repository",
        "commit": "SHA-1 of the commit that it was read at",
        "sha": "SHA-1 of the file's content, as git computes it",
        "text": "the whole text",
        "truncated": "whether the source gave only its beginning",
        "fetched_at": "when the source was asked",
    },
    "issues": {
        "repo_key": "of the repository",
        "number": "of the issue in its repository",
        "node_id": "GitHub's id for GraphQL",
        "title": "as its author wrote it",
        "body": "as its author wrote it, Markdown",
        "labels": "labels that it carries",
        "state": "open or closed",
        "state_reason": "why it is so, as completed or not_planned",
        "author_association": "what its author is to the repository, as MEMBER or NONE",
        "created_at": "when it was opened",
        "updated_at": "when anything of it was last changed",
        "closed_at": "when it was closed",
        "comments": "comments on it",
        "reactions_total": "reactions to it of any kind",
        "reactions_plus1": "thumbs up",
        "matched_labels": "those of its labels that the study asks for",
        "issue_type": "GitHub's type of it; the column is there where the study names types",
        "matched_types": "its type, if the study asks for it",
    },
    "activity": {
        "repo_key": "of the repository",
        "month": "YYYY-MM, UTC",
        "commits": "commits of the default branch in that month",
        "stars_gained": "stars given in that month",
        "releases": "releases published in that month",
    },
    "languages": {
        "repo_key": "of the repository",
        "language": "a programming language that it holds",
        "bytes": "of code in it",
    },
    "releases": {
        "repo_key": "of the repository",
        "tag": "that the release is of",
        "name": "of the release",
        "published_at": "when it was published",
        "prerelease": "whether it is marked as not yet ready",
    },
    "disappearances": {
        "key": "of the repository, or of the issue: repo_key#number",
        "repo_key": "of the repository",
        "full_name": "owner/name that it had",
        "number": "of the issue; null of a repository",
        "reason": "what became of it; unknown: … where GitHub did not tell",
        "now_name": "its name now, if it is elsewhere",
        "since": "the earlier snapshot that has it",
        "noticed_at": "when that was found",
    },
}
"""What each column says, for people: it is no part of what is written."""

KEYS = {
    "repositories": ("repo_key",),
    "readmes": ("repo_key",),
    "issues": ("repo_key", "number"),
    "activity": ("repo_key", "month"),
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
