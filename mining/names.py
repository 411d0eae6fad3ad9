"""The names under which people may know a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from artifacts.tables import rows_of
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
    names: dict[str, str] = {}
    if kind == "repositories":
        columns = ["repo_key", "full_name", "aliases"]
        repositories = load_table(snapshot_folder, "repositories", columns)
        for row in rows_of(repositories):
            names[row["repo_key"].lower()] = row["repo_key"]
            names[row["full_name"].lower()] = row["repo_key"]
            names[GITHUB + row["full_name"].lower()] = row["repo_key"]
        for row in rows_of(repositories):
            for alias in row["aliases"] or []:
                names.setdefault(alias.lower(), row["repo_key"])
        return names
    owners = read_owners(snapshot_folder)
    for issue in rows_of(load_table(snapshot_folder, "issues", ["repo_key", "number"])):
        key = issue_key(issue["repo_key"], issue["number"])
        full_name = owners.name(issue["repo_key"])
        names[key.lower()] = key
        names[f"{full_name}#{issue['number']}".lower()] = key
        names[issue_url(full_name, issue["number"]).lower()] = key
    return names


@dataclass(frozen=True)
class Owners:
    """How the repositories of a snapshot are called: their full names by their keys."""

    full_names: Mapping[str, str]

    def name(self, key: str) -> str:
        """Return the full name of a repository, or of the one that an issue is of, by its key.

        One that has no row is called by its key.
        """
        repo_key = key.rsplit("#", 1)[0]
        return self.full_names.get(repo_key, repo_key.removeprefix("name:"))


def read_owners(snapshot_folder: Path) -> Owners:
    """Return how the repositories of a snapshot are called."""
    table = load_table(snapshot_folder, "repositories", ["repo_key", "full_name"])
    keys, names = table["repo_key"].to_pylist(), table["full_name"].to_pylist()
    return Owners(dict(zip(keys, names, strict=True)))


def issue_url(full_name: str, number: int) -> str:
    """Return the address of an issue of a repository."""
    return f"{GITHUB}{full_name}/issues/{number}"
