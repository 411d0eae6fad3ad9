"""The names under which people may know a document."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mining.snapshots import load_table
from mining.tables import issue_key

GITHUB = "https://github.com/"
NAME_COLUMNS = ("key", "repo_key", "full_name", "repository", "url")
"""Columns of other people's files that name a document; the first that is there counts."""


def document_names(
    snapshot_folder: Path, kind: Literal["repositories", "issues"]
) -> dict[str, str]:
    """Return the key of each document by every name it may go by, all names in lower case.

    A repository goes by its key, its full name, its former names, and its address; an issue by its
    key, ``owner/name#number`` and its address. A present name comes before a former one.
    """
    repositories = load_table(snapshot_folder, "repositories").to_pylist()
    by_key = {row["repo_key"]: row for row in repositories}
    names: dict[str, str] = {}
    if kind == "repositories":
        for row in repositories:
            names[row["repo_key"].lower()] = row["repo_key"]
            names[row["full_name"].lower()] = row["repo_key"]
            names[GITHUB + row["full_name"].lower()] = row["repo_key"]
        for row in repositories:
            for alias in row["aliases"] or []:
                names.setdefault(alias.lower(), row["repo_key"])
        return names
    for issue in load_table(snapshot_folder, "issues").select(["repo_key", "number"]).to_pylist():
        key = issue_key(issue["repo_key"], issue["number"])
        full_name = full_name_of_key(issue["repo_key"], by_key)
        names[key.lower()] = key
        names[f"{full_name}#{issue['number']}".lower()] = key
        names[f"{GITHUB}{full_name}/issues/{issue['number']}".lower()] = key
    return names


def full_name_of_key(repo_key: str, repositories: dict[str, dict[str, object]]) -> str:
    """Return a repository's full name: from its row, or from the key of one that has none."""
    row = repositories.get(repo_key)
    return str(row["full_name"]) if row else repo_key.removeprefix("name:")
