"""Repositories and issues from JSONL, CSV and Parquet files, their columns mapped by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.manifest import Counts
from artifacts.progress import Progress, SilentProgress
from mining.columns import ISSUE_COLUMNS, REPOSITORY_COLUMNS, ColumnMap, FieldError, ImportColumn
from mining.commits import held
from mining.drafts import (
    Draft,
    ImportSummary,
    SourceRecord,
    import_options,
    open_draft,
    refuse_number_clash,
    source_files,
)
from mining.merging import Merged, name_index
from mining.reading import FileFormat, InputFile, Rejects, input_files
from mining.records import records
from mining.tables import TableRow, repo_key

REPOSITORIES = "repositories"
ISSUES = "issues"
MERGED_REASON = {
    REPOSITORIES: "the same repository again",
    ISSUES: "the same issue again",
}


@dataclass
class _TableIntake:
    """The rows of all files, and what became of the rest."""

    rows: list[TableRow] = field(default_factory=list)
    n_read: int = 0
    n_pull_requests: int = 0
    n_numbered: int = 0
    ignored: set[str] = field(default_factory=set)
    rejects: Rejects = field(default_factory=Rejects)


@held
def import_repositories(
    files: Sequence[Path],
    draft_folder: Path,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    fetched_at: datetime | None = None,
    file_format: FileFormat | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import repositories from tables into a draft.

    Parameters
    ----------
    files
        JSONL, JSON, CSV, TSV (each plain or gzip) or Parquet files.
    draft_folder
        Folder of the draft; made if it is not there.
    columns
        Source column by target; targets not named are found by their usual names.
    constants
        Text by target, for what the files do not say.
    fetched_at
        When the figures were taken.
    file_format
        How the files are to be read; what it does not say is found out.
    progress
        Where to report to.

    Raises
    ------
    InputError
        If a file is no such table, no column holds the repository's name, or no row can be used.
    ArtifactError
        If the snapshot is sealed.
    """
    draft = open_draft(draft_folder)
    inputs = input_files(files, file_format)
    options = import_options(columns, constants, file_format)
    intake = _read_all(inputs, REPOSITORY_COLUMNS, options, progress, command=REPOSITORIES)
    activity = [month for row in intake.rows for month in _complete(row, fetched_at)]
    merged = draft.add(REPOSITORIES, intake.rows)
    record = _record(REPOSITORIES, inputs, options, intake, merged)
    if activity:
        kept = draft.add("activity", activity)
        record.counts["activity"] = Counts.of(len(activity), len(kept.rows), {})
    return draft.commit(record, intake.rejects, allow_empty=False)


@held
def import_issues(
    files: Sequence[Path],
    draft_folder: Path,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    file_format: FileFormat | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import issues from tables into a draft.

    Pull requests are left out. Where a file has no issue numbers its rows are numbered instead,
    which the manifest notes. Repositories are found by name or former name in the draft.

    Parameters
    ----------
    files
        JSONL, JSON, CSV, TSV (each plain or gzip) or Parquet files.
    draft_folder
        Folder of the draft; made if it is not there.
    columns
        Source column by target, such as ``{"body": "summary"}``.
    constants
        Text by target, such as ``{"full_name": "owner/name"}``.
    file_format
        How the files are to be read; what it does not say is found out.
    progress
        Where to report to.

    Raises
    ------
    InputError
        If a file is no such table, no column holds the repository's name, or no row can be used.
    ArtifactError
        If the snapshot is sealed.
    """
    draft = open_draft(draft_folder)
    inputs = input_files(files, file_format)
    options = import_options(columns, constants, file_format)
    intake = _read_all(inputs, ISSUE_COLUMNS, options, progress, command=ISSUES)
    _join(intake.rows, draft)
    if intake.n_numbered:
        record = _record(ISSUES, inputs, options, intake, Merged([], 0, 0))
        refuse_number_clash(draft, record, intake.rows)
    merged = draft.add(ISSUES, intake.rows)
    record = _record(ISSUES, inputs, options, intake, merged)
    return draft.commit(record, intake.rejects, allow_empty=False)


@dataclass(frozen=True)
class Rows:
    """Rows read from files for a look, not for a snapshot.

    Parameters
    ----------
    rows
        One for each row that can be used, as read: nothing merged.
    rejects
        What could not be read.
    are_numbered
        Whether issues came without a number, and the row in their file stands in for it.
    """

    rows: list[TableRow]
    rejects: Rejects
    are_numbered: bool


def read_rows(
    files: Sequence[Path],
    table: tuple[ImportColumn, ...],
    *,
    columns: Mapping[str, str] | None = None,
    required: tuple[str, ...],
    file_format: FileFormat | None = None,
) -> Rows:
    """Read rows of repositories or issues from tables; pull requests are left out.

    Parameters
    ----------
    files
        JSONL, JSON, CSV, TSV (each plain or gzip) or Parquet files.
    table
        The columns to fill.
    columns
        Source column by target; targets not named are found by their usual names.
    required
        Columns without which a row is rejected, and a file refused.

    Raises
    ------
    InputError
        If a file is no such table, or lacks a required or chosen column.
    """
    inputs = input_files(files, file_format)
    intake = _read_all(inputs, table, import_options(columns, None, None), None, required=required)
    return Rows(intake.rows, intake.rejects, intake.n_numbered > 0)


def _join(issues: Sequence[TableRow], draft: Draft) -> None:
    """Give issues the key of their repository in the place of its name."""
    index = name_index(draft.rows.get(REPOSITORIES, []))
    for row in issues:
        name = row.pop("full_name")
        row["repo_key"] = index.get(name.lower(), repo_key(name))


def _complete(row: TableRow, fetched_at: datetime | None) -> list[TableRow]:
    """Add to a repository's row what follows from the rest; return its months of activity."""
    key = repo_key(row["full_name"], row.get("repo_id"))
    row.update(repo_key=key, source=REPOSITORIES)
    row.setdefault("owner", row["full_name"].split("/")[0])
    row.setdefault("fetched_at", fetched_at)
    months = row.pop("commits_per_month", {})
    return [{"repo_key": key, "month": month, "commits": n} for month, n in months.items()]


def _read_all(
    inputs: Sequence[InputFile],
    columns: tuple[ImportColumn, ...],
    options: Mapping[str, Any],
    progress: Progress | None,
    *,
    required: tuple[str, ...] = ("full_name",),
    command: str | None = None,
) -> _TableIntake:
    intake = _TableIntake()
    with (progress or SilentProgress()).task("Reading rows", None, unit="rows") as task:
        for file in inputs:
            n_before = intake.n_read
            mapping = ColumnMap(columns, options.get("columns", {}), options.get("constants", {}))
            for row in _rows_of(file, mapping, intake, required):
                intake.rows.append(row)
                task.advance()
            only_others = n_before < intake.n_read and not mapping.seen  # pull requests
            if mapping.seen or not (only_others or intake.rejects.name(file)):
                mapping.check(str(file.path), required=required, command=command)
            intake.ignored |= set(mapping.ignored())
    return intake


def _rows_of(
    file: InputFile, mapping: ColumnMap, intake: _TableIntake, required: tuple[str, ...]
) -> Iterator[TableRow]:
    """Yield the rows of a file that can be used, the issues among them numbered."""
    offset = intake.n_read
    with_number = any(column.target == "number" for column in mapping.columns)
    for number, raw in records(file, intake.rejects):
        intake.n_read += 1
        if raw.get("pull_request"):
            intake.n_pull_requests += 1
            continue
        try:
            row = mapping.row(raw)
            _check_required(row, mapping, required)
        except FieldError as error:
            intake.rejects.add(file, number, error.reason, column=error.field)
            continue
        if with_number and "number" not in row:
            if "number" in mapping.filled:
                intake.rejects.add(file, number, "the issue has no number", column="number")
                continue
            row["number"] = offset + number
            intake.n_numbered += 1
        yield row


def _check_required(row: TableRow, mapping: ColumnMap, required: tuple[str, ...]) -> None:
    for target in required:
        if target not in row:
            raise FieldError(mapping.chosen.get(target, target), "the value is missing")


def _record(
    command: str,
    inputs: Sequence[InputFile],
    options: Mapping[str, Any],
    intake: _TableIntake,
    merged: Merged,
) -> SourceRecord:
    refused = intake.n_read - len(intake.rows) - intake.n_pull_requests
    reasons = {
        MERGED_REASON[command]: merged.n_repeats,
        "a pull request, not an issue": intake.n_pull_requests,
        "could not be read (rejects.jsonl)": refused,
    }
    notes = []
    if merged.n_contradicting:
        notes.append(
            f"{merged.n_contradicting:,} {command} came in versions that differ; "
            "the later updated one was kept."
        )
    if merged.ambiguous:
        notes.append(
            f"Names that fit several repositories, joined with none: {', '.join(merged.ambiguous)}."
        )
    if intake.n_numbered:
        notes.append(
            f"{intake.n_numbered:,} issues came without a number: the row in their file stands in "
            "for it, it is not GitHub's."
        )
    texts = ("description",) if command == REPOSITORIES else ("title", "body")
    nulls = {text: sum(row.get(text) is None for row in merged.rows) for text in texts}
    return SourceRecord(
        command=command,
        options=dict(options),
        files=source_files(inputs),
        counts={command: Counts.of(intake.n_read, len(merged.rows), reasons)},
        n_rejected=len(intake.rejects.items),
        ignored_columns=sorted(intake.ignored),
        facts={"duplicates": merged.n_repeats, "nulls": nulls},
        notes=[*notes, *intake.rejects.notes()],
    )
