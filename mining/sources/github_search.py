"""Pages of GitHub's repository search (`/search/repositories`), as `gh api` saves them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.manifest import Counts
from artifacts.progress import Progress, SilentProgress
from artifacts.tables import TableBuilder
from mining import values
from mining.columns import (
    REPOSITORY_COLUMNS,
    ColumnMap,
    FieldError,
    ImportColumn,
    command_for,
    reads_it,
)
from mining.commits import held
from mining.drafts import ImportSummary, SourceRecord, open_draft, source_files
from mining.merging import GITHUB_SEARCH, Merged
from mining.reading import FileFormat, InputFile, Rejects, content, input_files
from mining.records import objects_in_array, skip_blank
from mining.tables import SCHEMAS, TableRow, repo_key

SEARCH_CAP = 1_000
"""GitHub gives at most so many results for one query."""

_FIELDS = {
    "repo_id": "id",
    "node_id": "node_id",
    "full_name": "full_name",
    "owner": "owner",
    "description": "description",
    "homepage": "homepage",
    "topics": "topics",
    "language": "language",
    "license_spdx": "license",
    "stars": "stargazers_count",
    "forks": "forks_count",
    "open_issues": "open_issues_count",
    # `watchers_count` repeats the stars: search does not tell who watches.
    "watchers": "subscribers_count",
    "size_kb": "size",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "pushed_at": "pushed_at",
    "archived": "archived",
    "fork": "fork",
    "is_template": "is_template",
    "default_branch": "default_branch",
}


def _owner_type(value: object) -> str | None:
    told = value.get("type") if isinstance(value, dict) else None
    return None if told is None else values.text(told)


_COLUMNS = (
    *(column for column in REPOSITORY_COLUMNS if column.target in _FIELDS),
    ImportColumn("owner_type", _owner_type, ("owner",)),
)
_MAY_BE_NULL = ("description", "homepage", "language", "license_spdx")
_PAGE_NUMBER = re.compile(r"(?:^|[-_. ])(?:pages?|pg|p)?[-_. ]?\d+$", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_TOTAL = re.compile(r'"total_count"\s*:\s*(\d+)')


@dataclass
class _Query:
    """What the pages of one query held."""

    totals: set[int] = field(default_factory=set)
    n_rows: int = 0
    ids: set[int] = field(default_factory=set)
    incomplete: bool = False
    other_keys: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Page:
    total_count: int | None
    incomplete: bool
    items: list[Any]


@held
def import_github_search(
    files: Sequence[Path],
    draft_folder: Path,
    *,
    fetched_at: datetime | None = None,
    file_format: FileFormat | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import pages of `/search/repositories` (plain or gzip) into a draft.

    A file may hold one page, pages one after the other (`gh api --paginate`) or a list of them
    (`--slurp`). Files whose names differ in the trailing page number only belong to one query.
    Of rows that contradict each other the later updated one is kept.

    Parameters
    ----------
    files
        The saved pages, in any order.
    draft_folder
        Folder of the draft; made if it is not there.
    fetched_at
        When the pages were fetched; they do not say.
    file_format
        How the files are to be read; what it does not say is found out.
    progress
        Where to report to.

    Raises
    ------
    InputError
        If a file is no search page at all, or no page holds a repository.
    ArtifactError
        If the snapshot is sealed.
    """
    draft = open_draft(draft_folder)
    inputs = input_files(files, file_format)
    rejects = Rejects()
    queries: dict[str, _Query] = {}
    rows = TableBuilder(SCHEMAS["repositories"])
    with (progress or SilentProgress()).task("Reading pages", len(inputs), unit="files") as task:
        for file in inputs:
            query = queries.setdefault(query_name(file.path), _Query())
            for row in _rows_of(file, query, rejects, fetched_at):
                rows.add(row)
            task.advance()
    merged = draft.add("repositories", rows.finish())
    record = _record(inputs, queries, merged, rejects)
    other = command_for(set().union(*(query.other_keys for query in queries.values())))
    return draft.commit(
        record, rejects, allow_empty=False, advice=reads_it(other) if other else None
    )


def query_name(path: Path) -> str:
    """Return the name of the query that a page belongs to: the file's, without its page number."""
    stem = re.sub(r"(\.(jsonl?|ndjson|txt|gz))+$", "", path.name, flags=re.IGNORECASE)
    name = stem if _DAY.search(stem) else _PAGE_NUMBER.sub("", stem)
    return name or path.resolve().parent.name


def _rows_of(
    file: InputFile, query: _Query, rejects: Rejects, fetched_at: datetime | None
) -> Iterator[TableRow]:
    mapping = search_mapping()
    number = 0
    for page in _pages(file, query, rejects):
        if page.total_count is not None:
            query.totals.add(page.total_count)
        query.incomplete = query.incomplete or page.incomplete
        for item in page.items:
            number += 1
            query.n_rows += 1
            try:
                row = search_row(item, mapping)
            except FieldError as error:
                rejects.add(file, number, error.reason, column=error.field or None)
                continue
            query.ids.add(row["repo_id"])
            yield {**row, "source": GITHUB_SEARCH, "fetched_at": fetched_at}


def search_mapping() -> ColumnMap:
    """Return how the items of a search fill the columns of `repositories`."""
    return ColumnMap(_COLUMNS, chosen=_FIELDS)


def search_row(item: Any, mapping: ColumnMap) -> TableRow:
    """Return the row that an item of a search gives; raise `FieldError` if it gives none."""
    if not isinstance(item, dict):
        raise FieldError("", f"a JSON {type(item).__name__} where a repository should be")
    row = mapping.row(item)
    for target in ("repo_id", "full_name"):
        if target not in row:
            raise FieldError(_FIELDS[target], "the key is missing")
    row.setdefault("owner", row["full_name"].split("/")[0])
    return {"repo_key": repo_key(row["full_name"], row["repo_id"]), **row}


def _pages(file: InputFile, query: _Query, rejects: Rejects) -> Iterator[_Page]:
    """Yield the pages of a file; of a broken one what precedes the break."""
    text = content(file, rejects)
    at = skip_blank(text, 0)
    start = text[at : at + 1]
    if start not in {"{", "["} and not (start == "" and rejects.name(file)):
        raise InputError(
            "The file holds no JSON, so it is no page of GitHub's repository search.",
            where=str(file.path),
            fix="give files saved by `gh api '/search/repositories?q=…'`",
        )
    decoder = json.JSONDecoder()
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield from _broken_page(text, at, file, query, rejects)
            return
        yield from _pages_in(value, file, query, rejects)
        at = skip_blank(text, at)


def _pages_in(value: Any, file: InputFile, query: _Query, rejects: Rejects) -> Iterator[_Page]:
    if isinstance(value, list):
        for part in value:
            yield from _pages_in(part, file, query, rejects)
    elif isinstance(value, dict) and isinstance(value.get("items"), list):
        total = value.get("total_count")
        known = total if isinstance(total, int) and not isinstance(total, bool) else None
        yield _Page(known, value.get("incomplete_results") is True, value["items"])
    elif isinstance(value, dict) and "full_name" in value:
        yield _Page(None, False, [value])
    else:
        message = value.get("message") if isinstance(value, dict) else None
        query.other_keys.update(value if isinstance(value, dict) else ())
        reason = f"GitHub answered: {message}" if message else "no page: the key is missing"
        rejects.add(file, None, reason, column="items")


def _broken_page(
    text: str, start: int, file: InputFile, query: _Query, rejects: Rejects
) -> Iterator[_Page]:
    if text[start] == "[":
        whole, broken_at = objects_in_array(text, start)
        yield from _pages_in(whole, file, query, rejects)
        start = broken_at or start
    items_at = _ITEMS.search(text, start)
    total = _TOTAL.search(text, start)
    items: list[Any] = []
    if items_at:
        items, _ = objects_in_array(text, items_at.end() - 1)
        yield _Page(int(total.group(1)) if total else None, False, items)
    rejects.add(file, len(items) + 1, "broken JSON from this row on; what precedes it is used")


def _record(
    inputs: Sequence[InputFile], queries: dict[str, _Query], merged: Merged, rejects: Rejects
) -> SourceRecord:
    n_read = sum(query.n_rows for query in queries.values())
    n_refused = n_read - merged.n_read
    reasons = {
        "the same repository again": merged.n_repeats,
        "could not be read (rejects.jsonl)": n_refused,
    }
    facts = {
        "queries": [_query_facts(name, query) for name, query in sorted(queries.items())],
        "duplicates": merged.n_repeats,
        "contradicting_duplicates": merged.n_contradicting,
        "nulls": {column: merged.table[column].null_count for column in _MAY_BE_NULL},
    }
    notes = [note for name, query in sorted(queries.items()) for note in _query_notes(name, query)]
    if merged.n_contradicting:
        notes.append(
            f"{merged.n_contradicting} repositories came in versions that differ; "
            "the later updated one was kept."
        )
    return SourceRecord(
        command=GITHUB_SEARCH,
        options=inputs[0].format.options(),
        files=source_files(inputs),
        counts={"repositories": Counts.of(n_read, merged.n_rows, reasons)},
        n_rejected=len(rejects.items),
        facts=facts,
        notes=[*notes, *rejects.notes()],
    )


def _query_facts(name: str, query: _Query) -> dict[str, Any]:
    total = max(query.totals, default=None)
    return {
        "query": name,
        "reported_total": total,
        "rows": query.n_rows,
        "repositories": len(query.ids),
        "left_out_at_least": None if total is None else max(0, total - query.n_rows),
        "incomplete_results": query.incomplete,
    }


def _query_notes(name: str, query: _Query) -> Iterator[str]:
    total = max(query.totals, default=0)
    left_out = total - query.n_rows
    if left_out > 0:
        cause = (
            f"the search cap ({SEARCH_CAP:,} results a query) left"
            if query.n_rows >= SEARCH_CAP
            else "the pages given leave"
        )
        yield (
            f"{name}: GitHub reported {total:,} repositories, the pages hold {query.n_rows:,} rows "
            f"({len(query.ids):,} repositories): {cause} at least {left_out:,} out."
        )
    if len(query.totals) > 1:
        yield f"{name}: the reported total varies between pages, from {min(query.totals):,}."
    if query.incomplete:
        yield f"{name}: GitHub marked results as incomplete (its search timed out)."
