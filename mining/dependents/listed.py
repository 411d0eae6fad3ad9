"""Candidates that are at hand: a user's list, and the repositories of a sealed snapshot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from artifacts.errors import ArtifactError
from mining import values
from mining.columns import REPOSITORY_COLUMNS, ImportColumn
from mining.dependents.claims import Gathered
from mining.drafts import few
from mining.reading import input_files
from mining.snapshots import load_table, open_snapshot
from mining.sources.tabular import REPOSITORIES, read_rows

_COLUMNS = (
    *REPOSITORY_COLUMNS,
    ImportColumn("framework", values.lower_text, ("framework",)),
    ImportColumn("commit", values.lower_text, ("commit", "sha", "head_commit")),
)
SHOWN = 3
"""Rows that could not be read, of which a reason shows the first."""


def read_lists(files: Sequence[Path], frameworks: Collection[str]) -> Gathered:
    """Return the repositories of lists: names one a line, tables with columns, Markdown.

    A table may have a column ``framework``; where it has none, a row is a candidate for all. Rows
    of frameworks that are not asked about are left out.

    Raises
    ------
    InputError
        If a file is no such list, or names no repository.
    """
    into = Gathered("list", None)
    for file in input_files(files):
        rows = read_rows([file.path], _COLUMNS, command=REPOSITORIES)
        for row in rows.rows:
            framework = row.get("framework")
            if framework is None or framework in frameworks:
                into.add(
                    row["full_name"],
                    file.label,
                    framework=framework,
                    repo_id=row.get("repo_id"),
                    stars=row.get("stars"),
                    description=row.get("description"),
                    fork=row.get("fork"),
                    aliases=tuple(row.get("aliases") or ()),
                )
        if rejected := rows.rejects.items:
            told = [reject.sentence() for reject in rejected]
            into.lack(f"{len(told):,} rows could not be read ({few(told, SHOWN)})")
    return into


def pinned_commits(files: Sequence[Path]) -> dict[str, str]:
    """Return the commits that tables pin repositories to, by name in lower case.

    Raises
    ------
    InputError
        As `read_lists`.
    """
    return {
        row["full_name"].lower(): row["commit"]
        for file in files
        for row in read_rows([file], _COLUMNS, command=REPOSITORIES).rows
        if row.get("commit")
    }


def read_snapshot_repositories(folder: Path) -> Gathered:
    """Return the repositories of a sealed snapshot: candidates for every framework.

    Raises
    ------
    ArtifactError
        If it is not there, not sealed, or damaged.
    """
    snapshot = open_snapshot(folder)
    if not snapshot.is_sealed:
        raise ArtifactError(
            f"Snapshot {snapshot.id} is not sealed, so it may still change.",
            where=str(folder),
            fix=f"opsatlas snapshot seal {snapshot.id}",
        )
    into = Gathered("snapshot", None)
    for row in load_table(folder, "repositories").to_pylist():
        into.add(
            row["full_name"],
            snapshot.id,
            repo_id=row["repo_id"],
            stars=row["stars"],
            description=row["description"],
            fork=row["fork"],
            aliases=tuple(row["aliases"] or ()),
        )
    return into
