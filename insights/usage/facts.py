"""Uses as facts in a CSV file: what a scan found, to be read without the code.

So uses can be published where the code may not be, and people's own lists of uses be held against
a scan (`insights.usage.evaluation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from artifacts.delimited import CellValue, csv_text
from artifacts.errors import InputError
from artifacts.explaining import suggestion
from taxonomy.evaluation import list_table
from usage.uses import CHANNELS, Kind, Use

Names = tuple[str, ...]
PROJECT: Final[Names] = ("project", "repo", "repository", "full_name")
NEEDED: Final[Mapping[str, Names]] = {
    "project": PROJECT,
    "framework": ("framework",),
    "channel": ("channel",),
    "kind": ("kind",),
    "path": ("path",),
    "line": ("line",),
    "symbol": ("symbol",),
}
"""Columns that there must be, each with the names that it is known by."""
OPTIONAL: Final[Mapping[str, Names]] = {
    "how": ("how",),
    "resolved": ("resolved", "as_resolved"),
    "in_test": ("in_test",),
    "in_example": ("in_example",),
    "commit": ("commit",),
    "feature": ("feature",),
}
FACT_COLUMNS: Final = (
    *("framework", "channel", "kind", "path", "line", "symbol", "how", "resolved"),
    *("in_test", "in_example"),
)
"""Of a file that is written, beside ``project`` and ``commit``: all but what a scan adds."""
_YES: Final = ("1", "true", "yes")


def fact_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file of uses, by the names of `Use` and ``project``.

    What a file does not say is empty. A row without a framework tells of a project in which nothing
    was found.

    Raises
    ------
    InputError
        If the file cannot be read, a needed column is not there, or a row has no project, or
        another channel or kind than there are.
    """
    table = list_table(path)
    called = {
        column: next((name for name in names if name in table.head), "")
        for column, names in {**NEEDED, **OPTIONAL}.items()
    }
    if lacking := [column for column in NEEDED if not called[column]]:
        raise InputError(
            f"The file of uses has no column {', '.join(lacking)}.",
            where=f"{path}, line 1: {', '.join(table.head) or 'empty'}",
            fix=f"it needs {', '.join(NEEDED)}",
        )
    for line, cells in table.records():
        row = {column: cells.get(name, "") for column, name in called.items()}
        if row["framework"]:
            _check(row, f"{path}, line {line}", called)
        _check_project(row, f"{path}, line {line}", called)
        yield row


def _check(row: Mapping[str, str], where: str, called: Mapping[str, str]) -> None:
    allowed: dict[str, Names] = {"channel": CHANNELS, "kind": get_args(Kind)}
    for column, values in allowed.items():
        if row[column] not in values:
            raise InputError(
                f"There is no {column} '{row[column]}'.",
                where=f"{where}, {called[column]}",
                fix=suggestion(row[column], values),
            )


def _check_project(row: Mapping[str, str], where: str, called: Mapping[str, str]) -> None:
    if row["project"].count("/") != 1:
        raise InputError(
            f"'{row['project']}' is no project.",
            where=f"{where}, {called['project']}",
            fix="write owner/name",
        )


def use_of(row: Mapping[str, str]) -> Use:
    """Return the use that a row of facts tells."""
    return Use(
        framework=row["framework"],
        channel=row["channel"],  # type: ignore[arg-type]  # checked as it was read
        kind=row["kind"],  # type: ignore[arg-type]
        path=row["path"],
        line=row["line"],
        symbol=row["symbol"],
        how=row["how"],
        resolved=row["resolved"],
        in_test=row["in_test"].lower() in _YES,
        in_example=row["in_example"].lower() in _YES,
    )


def facts_text(uses: Iterable[Mapping[str, Any]], projects: Iterable[Mapping[str, Any]]) -> str:
    """Return uses as the CSV that `fact_rows` reads, with the commits that they are of.

    Parameters
    ----------
    uses, projects
        Rows of `insights.usage.tables.USES` and `PROJECTS`. A scanned project without uses has a
        row of its own; one that is unknown has none.
    """
    commits = {row["project"]: row["commit"] for row in projects if row["status"] == "scanned"}
    rows = [[row["project"], commits.get(row["project"]), *_cells(row)] for row in uses]
    told = {row[0] for row in rows}
    blank = [""] * len(FACT_COLUMNS)
    rows += [
        [project, commit, *blank] for project, commit in commits.items() if project not in told
    ]
    rows.sort(key=lambda row: str(row[0]).lower())  # and as they were given in a project
    return csv_text(["project", "commit", *FACT_COLUMNS], rows, exact=True)


def _cells(row: Mapping[str, Any]) -> list[CellValue]:
    cells = (row[column] for column in FACT_COLUMNS)
    return [int(cell) if isinstance(cell, bool) else cell for cell in cells]
