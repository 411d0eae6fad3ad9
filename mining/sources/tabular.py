"""Repositories and issues from JSONL, CSV and Parquet files, their columns mapped by name.

Repositories also come from lists that people keep (`mining.sources.lists`): a file is one by its
name (``.md``), or, where its name is not that of a table but ``.txt`` or any other, by its lines,
one of the first of which is a repository's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.manifest import Counts
from artifacts.progress import Progress, SilentProgress
from artifacts.tables import TableBuilder, gathered, rows_of
from mining.columns import (
    HISTORY_COLUMNS,
    ISSUE_COLUMNS,
    REPOSITORY_COLUMNS,
    ColumnMap,
    FieldError,
    ImportColumn,
    command_for,
)
from mining.commits import held
from mining.drafts import (
    ImportSummary,
    SourceRecord,
    import_options,
    open_draft,
    refuse_number_clash,
    source_files,
)
from mining.merging import NAMED_BY, Merged, name_index
from mining.reading import (
    MARKDOWN,
    FileFormat,
    InputFile,
    Reject,
    Rejects,
    content,
    input_files,
    lines,
)
from mining.records import Record, is_table, records, suffix_of
from mining.sources.lists import (
    ListEntry,
    Placements,
    listed_repository,
    markdown_entries,
    named,
    named_entries,
    placements,
)
from mining.tables import SCHEMAS, TableRow, repo_key

REPOSITORIES = "repositories"
ISSUES = "issues"
HISTORIES = "histories"
IN_MARKDOWN, NAMES = "markdown", "names"
LIST = "list"
"""The source of a row that a list has."""
LOOKED_AT = 20
"""Lines of a text that tell whether it is a list of names."""
MERGED_REASON = {
    REPOSITORIES: "the same repository again",
    ISSUES: "the same issue again",
    HISTORIES: "a history of the same repository again",
}

_TOLD = {
    REPOSITORIES: ("description",),
    ISSUES: ("title", "body"),
    HISTORIES: ("observed_at",),
}
"""Columns of which it is told how many rows lack them."""
_BEFORE_HISTORIES = (
    "import the repositories first, or their clones: `opsatlas import git DIR -s ID`"
)


@dataclass
class _TableIntake:
    """How many rows all files have, and what became of those that are not used."""

    n_read: int = 0
    n_kept: int = 0
    n_pull_requests: int = 0
    n_numbered: int = 0
    n_again: int = 0
    told_by_lists: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
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
    """Import repositories from tables and lists into a draft.

    Parameters
    ----------
    files
        JSONL, JSON, CSV, TSV (each plain or gzip) or Parquet files; and lists: Markdown, or texts
        that name one repository a line.
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
    intake = _TableIntake()
    rows, months = TableBuilder(SCHEMAS[REPOSITORIES]), TableBuilder(SCHEMAS["activity"])
    read = _read_all(inputs, REPOSITORY_COLUMNS, options, progress, intake, command=REPOSITORIES)
    for row in read:
        months.add(*_complete(row, fetched_at))
        rows.add(row)
    merged = draft.add(REPOSITORIES, rows.finish())
    record = _record(REPOSITORIES, inputs, options, intake, merged)
    if months.n_rows:
        kept = draft.add("activity", months.finish())
        record.counts["activity"] = Counts.of(kept.n_read, kept.n_rows, {})
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
    intake = _TableIntake()
    index = name_index(draft.table(REPOSITORIES, NAMED_BY))
    read = _read_all(inputs, ISSUE_COLUMNS, options, progress, intake, command=ISSUES)
    rows = gathered((_joined(row, index) for row in read), SCHEMAS[ISSUES])
    if intake.n_numbered:
        record = _record(ISSUES, inputs, options, intake, Merged(rows.slice(0, 0), 0, 0))
        refuse_number_clash(draft, record, rows)
    merged = draft.add(ISSUES, rows)
    del rows  # not to be held any more while the draft is written
    record = _record(ISSUES, inputs, options, intake, merged)
    return draft.commit(record, intake.rejects, allow_empty=False)


@held
def import_histories(
    files: Sequence[Path],
    draft_folder: Path,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    file_format: FileFormat | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import what tables say of the histories of the repositories that a draft holds.

    They are joined by name or former name. Say until when each is known (`observed_at`) before its
    clone is read: its months end there.

    Parameters
    ----------
    files
        JSONL, JSON, CSV, TSV (each plain or gzip) or Parquet files.
    draft_folder
        Folder of the draft.
    columns
        Source column by target; targets not named are found by their usual names.
    constants
        Text by target, for what the files do not say.
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
    intake = _TableIntake()
    index = name_index(draft.table(REPOSITORIES, NAMED_BY))
    before = draft.table(HISTORIES, ["repo_key", "head_commit", "observed_at"])
    counted = {row["repo_key"]: row for row in rows_of(before) if row["head_commit"] is not None}
    labels = ", ".join(file.label for file in inputs)
    rows = TableBuilder(SCHEMAS[HISTORIES])
    unmatched, beyond = Rejects(), Rejects()
    read = _read_all(inputs, HISTORY_COLUMNS, options, progress, intake, command=HISTORIES)
    for row in read:
        name = row["full_name"]
        if name.lower() not in index:
            reason = f"{name} is not in the draft ({repo_key(name)})"
            unmatched.items.append(Reject(labels, None, "full_name", reason))
        elif not _is_beyond(_joined(row, index), counted, beyond, labels):
            rows.add(row)
    intake.n_kept = rows.n_rows
    for rejects in (unmatched, beyond):
        intake.rejects.take(rejects)
    merged = draft.add(HISTORIES, rows.finish())
    advice = _BEFORE_HISTORIES if unmatched.items else None
    record = _record(HISTORIES, inputs, options, intake, merged)
    return draft.commit(record, intake.rejects, allow_empty=False, advice=advice)


def _is_beyond(row: TableRow, read: Mapping[str, TableRow], rejects: Rejects, label: str) -> bool:
    """Reject a later day than that up to which a history was read: months up to it would be silent.

    Parameters
    ----------
    read
        Histories of the draft that were read from clones, by key.
    """
    before, day = read.get(row["repo_key"]), row.get("observed_at")
    if day is None or before is None or before["observed_at"] is None:
        return False
    if day <= before["observed_at"]:
        return False
    reason = (
        f"the history of {row['repo_key']} was read up to {before['observed_at']:%Y-%m-%d}, and "
        "nothing later was counted; read its clone again: `opsatlas import git DIR -s ID "
        f"--observed-at {day:%Y-%m-%d}`"
    )
    rejects.items.append(Reject(label, None, "observed_at", reason))
    return True


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
    required: tuple[str, ...] = ("full_name",),
    file_format: FileFormat | None = None,
    command: str | None = None,
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
    command
        `REPOSITORIES`, if lists are read as well (Markdown, or names one a line).

    Raises
    ------
    InputError
        If a file is no such table, or lacks a required or chosen column.
    """
    inputs = input_files(files, file_format)
    options = import_options(columns, None, None)
    intake = _TableIntake()
    read = _read_all(inputs, table, options, None, intake, required=required, command=command)
    return Rows(list(read), intake.rejects, intake.n_numbered > 0)


def _joined(row: TableRow, index: Mapping[str, str]) -> TableRow:
    """Give a row the key of its repository in the place of its name, and return it."""
    name = row.pop("full_name")
    row["repo_key"] = index.get(name.lower(), repo_key(name))
    return row


def _complete(row: TableRow, fetched_at: datetime | None) -> list[TableRow]:
    """Add to a repository's row what follows from the rest; return its months of activity."""
    key = repo_key(row["full_name"], row.get("repo_id"))
    row["repo_key"] = key
    row.setdefault("source", REPOSITORIES)
    row.setdefault("owner", row["full_name"].split("/")[0])
    row.setdefault("fetched_at", fetched_at)
    months = row.pop("commits_per_month", {})
    return [{"repo_key": key, "month": month, "commits": n} for month, n in months.items()]


def _read_all(
    inputs: Sequence[InputFile],
    columns: tuple[ImportColumn, ...],
    options: Mapping[str, Any],
    progress: Progress | None,
    intake: _TableIntake,
    *,
    required: tuple[str, ...] = ("full_name",),
    command: str | None = None,
) -> Iterator[TableRow]:
    """Yield the rows of all files that can be used; ``intake`` is whole after the last."""
    with (progress or SilentProgress()).task("Reading rows", None, unit="rows") as task:
        for file in inputs:
            n_before = intake.n_read
            mapping = ColumnMap(columns, options.get("columns", {}), options.get("constants", {}))
            form = list_form(file) if command == REPOSITORIES else None
            for row in _rows_of(file, mapping, intake, required, form):
                intake.n_kept += 1
                task.advance()
                yield row
            # Pull requests, or what is no repository.
            only_others = n_before < intake.n_read and not mapping.seen
            if mapping.seen or not (only_others or intake.rejects.name(file)):
                mapping.check(str(file.path), required=required, command=command)
            intake.ignored |= set(mapping.ignored())


def _rows_of(
    file: InputFile,
    mapping: ColumnMap,
    intake: _TableIntake,
    required: tuple[str, ...],
    form: str | None,
) -> Iterator[TableRow]:
    """Yield the rows of a file that can be used, the issues among them numbered."""
    offset = intake.n_read
    with_number = any(column.target == "number" for column in mapping.columns)
    rows = _listed(file, intake, form) if form else records(file, intake.rejects)
    for number, raw in rows:
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
        if form is not None:
            row["source"] = LIST
        yield row


def list_form(file: InputFile) -> str | None:
    """Return which kind of list a file is: `IN_MARKDOWN`, `NAMED_BY`, or None for a table."""
    suffix = suffix_of(file.path)
    if suffix in MARKDOWN:
        return IN_MARKDOWN
    if is_table(file.path) and suffix != ".txt":
        return None
    told = filter(None, map(named, lines(file, Rejects())))
    first = list(islice(told, LOOKED_AT))
    is_headed = bool(first) and ("\t" in first[0] or command_for([first[0]]) is not None)
    return NAMES if not is_headed and any(map(listed_repository, first)) else None


def _entries(file: InputFile, rejects: Rejects, form: str) -> list[ListEntry]:
    text = content(file, rejects)
    return markdown_entries(text) if form == IN_MARKDOWN else named_entries(text)


def list_placements(
    files: Sequence[Path], file_format: FileFormat | None = None
) -> dict[str, Placements]:
    """Return where each Markdown list among some files places repositories, by its name.

    Raises
    ------
    InputError
        If a file is missing or no text, or no list places any.
    """
    found = {}
    for file in input_files(files, file_format):
        if list_form(file) == IN_MARKDOWN:
            placed = placements(_entries(file, Rejects(), IN_MARKDOWN))
            if placed.categories:
                found[str(Path(file.label).with_suffix(""))] = placed
    if not found:
        raise InputError(
            "No file is a list with categories: Markdown with headings, and repositories below.",
            where=", ".join(map(str, files)),
            fix="leave --gold-out out, or give such a list, named .md",
        )
    return found


def _listed(file: InputFile, intake: _TableIntake, form: str) -> Iterator[Record]:
    """Yield the repositories of a list, each once, as records; count the other entries."""
    found: dict[str, ListEntry] = {}
    for entry in _entries(file, intake.rejects, form):
        if entry.repository is None:
            intake.n_read += 1
            if form == NAMES:
                intake.rejects.add(file, entry.line, entry.reason, column="full_name")
            else:
                intake.passed_over[entry.reason] += 1
            continue
        key = entry.repository.lower()
        if key in found:
            intake.n_read += 1
            intake.n_again += 1
            description = found[key].description or entry.description
            found[key] = replace(found[key], description=description)
        else:
            found[key] = entry
    for entry in found.values():
        intake.told_by_lists[file.label] += entry.description is not None
        yield entry.line, {"full_name": entry.repository, "description": entry.description}


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
    others = intake.n_pull_requests + intake.n_again + intake.passed_over.total()
    refused = intake.n_read - intake.n_kept - others
    n_repeats = merged.n_repeats + intake.n_again
    reasons = {
        MERGED_REASON[command]: n_repeats,
        **dict(sorted(intake.passed_over.items())),
        "a pull request, not an issue": intake.n_pull_requests,
        "could not be read (rejects.jsonl)": refused,
    }
    notes = []
    if merged.n_contradicting:
        notes.append(
            f"{merged.n_contradicting:,} {command} came in versions that differ; "
            "the later updated one was kept; where no time tells, one of them."
        )
    notes += [
        f"Descriptions by the list {name}, not by GitHub: {n:,}."
        for name, n in sorted(intake.told_by_lists.items())
        if n
    ]
    if merged.ambiguous:
        notes.append(
            f"Names that fit several repositories, joined with none: {', '.join(merged.ambiguous)}."
        )
    if intake.n_numbered:
        notes.append(
            f"{intake.n_numbered:,} issues came without a number: the row in their file stands in "
            "for it, it is not GitHub's."
        )
    nulls = {name: merged.table[name].null_count for name in _TOLD[command]}
    return SourceRecord(
        command=command,
        options=dict(options),
        files=source_files(inputs),
        counts={command: Counts.of(intake.n_read, merged.n_rows, reasons)},
        n_rejected=len(intake.rejects.items),
        ignored_columns=sorted(intake.ignored),
        facts={"duplicates": n_repeats, "nulls": nulls},
        notes=[*notes, *intake.rejects.notes()],
    )
