"""Which columns of a file fill which columns of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from artifacts.errors import InputError
from artifacts.visible import storable
from mining import values
from mining.tables import TableRow

ValueReader = Callable[[object], Any]
SAMPLE_ROWS = 20
"""Rows that are looked at to say which column may be the missing one."""


@dataclass(frozen=True)
class ImportColumn:
    """A column of a table: how its values are read, and what files call it, best first."""

    target: str
    read: ValueReader
    sources: tuple[str, ...] = ()


class FieldError(Exception):
    """A row cannot be used because of one field.

    Parameters
    ----------
    field
        The field, by the name that the file gives it.
    reason
        What is wrong with its value.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


_NAME = ImportColumn(
    "full_name",
    values.member("full_name", "nameWithOwner", then=values.full_name),
    ("full_name", "name_with_owner", "repository", "repo", "repository_url", "html_url", "url"),
)

REPOSITORY_COLUMNS = (
    _NAME,
    ImportColumn("repo_id", values.integer, ("repo_id", "database_id", "repository_id")),
    ImportColumn("node_id", values.text),
    ImportColumn("aliases", values.full_names, ("aliases", "former_names", "previous_names")),
    ImportColumn("owner", values.member("login", then=values.text)),
    ImportColumn("owner_type", values.text),
    ImportColumn("description", values.text),
    ImportColumn("homepage", values.text, ("homepage", "homepage_url")),
    ImportColumn("topics", values.strings, ("topics", "repository_topics")),
    ImportColumn(
        "language", values.member("name", then=values.text), ("language", "primary_language")
    ),
    ImportColumn(
        "license_spdx",
        values.member("spdx_id", "spdxId", "key", then=values.text),
        ("license_spdx", "license", "spdx_id", "license_info"),
    ),
    ImportColumn(
        "stars", values.integer, ("stars", "stargazers_count", "stargazer_count", "stargazers")
    ),
    ImportColumn("forks", values.integer, ("forks", "forks_count", "fork_count")),
    ImportColumn("open_issues", values.integer, ("open_issues", "open_issues_count")),
    ImportColumn("watchers", values.integer, ("subscribers_count", "watchers")),
    ImportColumn("size_kb", values.integer, ("size_kb", "size", "disk_usage")),
    ImportColumn("created_at", values.time, ("created_at", "created")),
    ImportColumn("updated_at", values.time, ("updated_at", "updated")),
    ImportColumn("pushed_at", values.time, ("pushed_at", "pushed")),
    ImportColumn("archived", values.boolean, ("archived", "is_archived")),
    ImportColumn("fork", values.boolean, ("fork", "is_fork")),
    ImportColumn("is_template", values.boolean),
    ImportColumn(
        "default_branch",
        values.member("name", then=values.text),
        ("default_branch", "default_branch_ref"),
    ),
    ImportColumn("fetched_at", values.time),
    ImportColumn("first_commit_at", values.time),
    ImportColumn("last_commit_at", values.time),
    ImportColumn("commits", values.integer),
    ImportColumn("commit_authors", values.integer, ("commit_authors", "commit_emails")),
    ImportColumn("commits_per_month", values.months),
)

ISSUE_COLUMNS = (
    _NAME,
    ImportColumn("number", values.integer, ("number", "issue_number")),
    ImportColumn("node_id", values.text),
    ImportColumn("title", values.text),
    ImportColumn("body", values.text),
    ImportColumn("labels", values.strings, ("labels", "label")),
    ImportColumn("state", values.lower_text),
    ImportColumn("state_reason", values.lower_text),
    ImportColumn("author_association", values.text),
    ImportColumn("created_at", values.time, ("created_at", "created")),
    ImportColumn("updated_at", values.time, ("updated_at", "updated")),
    ImportColumn("closed_at", values.time, ("closed_at", "closed")),
    ImportColumn("comments", values.integer, ("comments", "comments_count")),
    ImportColumn(
        "reactions_total",
        values.member("total_count", then=values.integer),
        ("reactions_total", "reactions"),
    ),
    ImportColumn(
        "reactions_plus1",
        values.member("+1", then=values.integer),
        ("reactions_plus1", "reactions"),
    ),
    ImportColumn("matched_labels", values.strings),
)

README_COLUMNS = (
    _NAME,
    ImportColumn("text", values.text, ("text", "readme", "content")),
    ImportColumn("path", values.text),
    ImportColumn("commit", values.text),
    ImportColumn("sha", values.text),
    ImportColumn("fetched_at", values.time),
)

HISTORY_COLUMNS = (
    _NAME,
    ImportColumn("observed_at", values.day_seen, ("observed_at", "observed", "seen_at")),
    ImportColumn("entered_at", values.day_seen, ("entered_at", "entered")),
    ImportColumn("first_commit_at", values.time),
    ImportColumn("last_human_at", values.time),
    ImportColumn("last_commit_at", values.time),
    ImportColumn("head_commit", values.text),
    ImportColumn("commits", values.integer),
    ImportColumn("roots", values.integer),
    ImportColumn("merges", values.integer),
    ImportColumn("squash_share", values.share),
    ImportColumn("identities", values.integer),
    ImportColumn(
        "absence_factor", values.integer, ("absence_factor", "contributor_absence_factor")
    ),
    ImportColumn("truck_factor", values.integer),
    ImportColumn("flags", values.strings),
    ImportColumn("reason", values.text),
)


@dataclass
class ColumnMap:
    """Fills a table's columns from rows whose keys may differ from row to row.

    Parameters
    ----------
    columns
        The columns of the table.
    chosen
        Source column by target, where the user chose one.
    constants
        Text by target that every row gets.
    """

    columns: tuple[ImportColumn, ...]
    chosen: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    _by_keys: dict[tuple[str, ...], list[tuple[ImportColumn, str]]] = field(default_factory=dict)
    _sample: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        allowed = {column.target for column in self.columns}
        for target in (*self.chosen, *self.constants):
            if target not in allowed:
                raise InputError(
                    f"There is no column {target!r} to fill.",
                    fix=f"choose one of {', '.join(sorted(allowed))}",
                )
        for target in self.chosen.keys() & self.constants.keys():
            raise InputError(f"{target!r} is given both a column and a constant.", fix="drop one")

    def row(self, raw: Mapping[str, Any]) -> TableRow:
        """Return the row that ``raw`` gives; raise `FieldError` for the first wrong value."""
        result: TableRow = {}
        if len(self._sample) < SAMPLE_ROWS:
            self._sample.append(raw)
        for column, source in self._sources(raw):
            value = raw[source]
            if not values.is_missing(value):
                result[column.target] = _read(column, value, source)
        for target, value in self.constants.items():
            column = next(column for column in self.columns if column.target == target)
            result[target] = _read(column, value, f"--constant {target}")
        return result

    def ignored(self) -> list[str]:
        """Return the columns that were seen and went nowhere."""
        return sorted(storable(name) for name in self.seen - self.used)

    def check(self, where: str, *, required: tuple[str, ...], command: str | None = None) -> None:
        """Raise `InputError` if a chosen or required column was in no row at all.

        Parameters
        ----------
        command
            The import that reads the rows, if one does.
        """
        if not self.seen:
            raise InputError("The file holds no rows.", where=where, fix="see what it holds")
        here = f"its columns are {', '.join(sorted(map(storable, self.seen)))}"
        for source in self.chosen.values():
            if source not in self.seen:
                raise InputError(f"There is no column {source!r}; {here}.", where=where)
        for target in required:
            if target not in self.filled and target not in self.constants:
                raise InputError(
                    f"No column gives the {target.replace('_', ' ')}; {here}.",
                    where=where,
                    fix=self._advice(target, command),
                )

    def _advice(self, target: str, command: str | None) -> str:
        """Return what can be done where no column gives a target: nothing that cannot work."""
        other = command_for(self.seen)
        if command is not None and other is not None and other != command:
            return reads_it(other)
        if readable := [name for name in self.ignored() if self._may_give(target, name)]:
            among = f", one of {', '.join(readable)}" if len(readable) > 1 else ""
            source = readable[0] if len(readable) == 1 else "COLUMN"
            return (
                f"say which column it is{among}: --column {target}={source}, or in a study "
                f'columns = {{ {target} = "{source}" }}'
            )
        if target == "full_name" and command == "issues":
            return (
                "if all are of one repository: --constant full_name=OWNER/NAME, or in a study "
                'constants = { full_name = "OWNER/NAME" }'
            )
        return f"give a table that has it, in a column called {target}"

    def _may_give(self, target: str, source: str) -> bool:
        """Tell whether all of a column's values that were looked at can be read as a target's."""
        column = next(column for column in self.columns if column.target == target)
        sample = [raw[source] for raw in self._sample if not values.is_missing(raw.get(source))]
        try:
            return [column.read(value) for value in sample] != []
        except values.BadValueError:
            return False

    def _sources(self, raw: Mapping[str, Any]) -> list[tuple[ImportColumn, str]]:
        keys = tuple(raw)
        if keys not in self._by_keys:
            columns = self._resolve(keys)
            self._by_keys[keys] = columns
            self.seen.update(keys)
            self.used.update(source for _, source in columns)
            self.filled.update(column.target for column, _ in columns)
        return self._by_keys[keys]

    def _resolve(self, keys: tuple[str, ...]) -> list[tuple[ImportColumn, str]]:
        plain: dict[str, str] = {}
        for key in keys:
            plain.setdefault(_bare(key), key)
        if "nodeid" in plain and "id" in plain:
            # Beside a node_id, `id` is GitHub's number; alone it may be anybody's row number.
            plain.setdefault("repoid", plain["id"])
        if "stargazerscount" in plain:
            # GitHub's REST answers repeat the stars as `watchers`.
            plain.pop("watchers", None)
        filling = []
        for column in self.columns:
            if column.target in self.constants:
                continue
            if column.target in self.chosen:
                names = [key for key in keys if key == self.chosen[column.target]]
            else:
                sources = column.sources or (column.target,)
                names = [plain[_bare(name)] for name in sources if _bare(name) in plain]
            if names:
                filling.append((column, names[0]))
        return filling


def command_for(keys: Iterable[str]) -> str | None:
    """Return the import that reads rows of these columns, or None where they tell nothing."""
    plain = {_bare(key) for key in keys}
    if {"items", "totalcount"} <= plain:
        return "github-search"
    if "title" in plain and plain & {"number", "body", "state"}:
        return "issues"
    if not plain & {_bare(name) for name in _NAME.sources}:
        return None
    if plain & {"readme", "text", "content"}:
        return "readmes"
    return "histories" if plain & {"observedat", "enteredat"} else "repositories"


def reads_it(command: str) -> str:
    """Return the advice to take another import."""
    what = {"github-search": "pages of GitHub's search", "readmes": "READMEs"}.get(command, command)
    reads = f"`opsatlas import {command} FILE --snapshot DATE.SOURCE`"
    return f"it seems to hold {what}, which {reads} reads"


def _read(column: ImportColumn, value: object, source: str) -> Any:
    try:
        return column.read(value)
    except values.BadValueError as error:
        raise FieldError(source, str(error)) from None


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
