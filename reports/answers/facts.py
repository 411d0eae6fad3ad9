"""The figures of a tool, each known or with the reason why it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from insights.history.history import History
from insights.history.rows import ToolRow
from reports.answers.tool import Known, ToolFact
from reports.data import day
from reports.history.lives import NO_REASON
from reports.inputs import Tool

DOES_NOT_TELL: Final = " does not tell "
"""Between a source and what it has of no tool."""
NOT_GIVEN: Final = "not given for this tool"
NO_END: Final = "none is known"
"""That nobody announced its end is known, and no reason is asked for."""


@dataclass(frozen=True)
class FactColumn:
    """A figure that tools may have.

    Attributes
    ----------
    field
        Where a row holds it.
    lacking
        What a source does not tell that has it of no tool.
    """

    field: str
    key: str
    name: str
    lacking: str


SOURCE_FACTS: Final = (
    FactColumn("license", "licence", "licence", "licences"),
    FactColumn("stars", "stars", "stars", "stars"),
    FactColumn("language", "language", "main language", "languages"),
    FactColumn("archived", "archived", "archived", "which tools are archived"),
    FactColumn("owner_type", "owner", "owner", "whether a person or an organization owns a tool"),
    FactColumn("first_commit", "born", "born", "when tools began"),
    FactColumn("last_commit", "last_commit", "last commit or push", "when tools last changed"),
    FactColumn("commits", "commits", "commits in all", "how many commits there are in all"),
    FactColumn("contributors", "contributors", "people who ever committed", "who ever committed"),
)
"""What the source of its description tells of a tool, in `reports.inputs.Tool`."""

LIFE_FACTS: Final = (
    FactColumn("observed_at", "seen", "history known up to", "when tools were last observed"),
    FactColumn(
        "last_human_at", "last_human", "last commit by a person", "who is a person and who a bot"
    ),
    FactColumn("last_release_at", "last_release", "last release", "releases"),
    FactColumn("releases", "releases_year", "releases in twelve months", "releases"),
    FactColumn("commits", "commits_year", "commits in twelve months", "commits by month"),
    FactColumn("commits_before", "commits_before", "in the twelve before", "commits by month"),
    FactColumn("commits_best", "commits_best", "in its best twelve", "commits by month"),
    FactColumn(
        "people",
        "people",
        "people who committed, most in a month of these",
        "how many people commit",
    ),
    FactColumn("newcomers", "newcomers", "of these for the first time", "who is new"),
    FactColumn("silent_months", "silent", "months without a commit", "commits by month"),
    FactColumn("changes", "changes", "changes of stage", "stages"),
    FactColumn("returns", "returns", "returns from being dormant or dead", "stages"),
    FactColumn("kind", "kind", "kind", "kinds of repositories"),
)
"""What a history tells of a tool, in `insights.history.rows.ToolRow`."""

ENDED: Final = FactColumn("ended", "ended", "end announced, by", "whose end was announced")
"""By which sign; none is known of most tools, and that is an answer."""


class FactTeller:
    """Tells the facts of tools: what is known, and of the rest whether others have it.

    Parameters
    ----------
    tools
        All tools of each snapshot, by its id.
    """

    def __init__(self, tools: Mapping[str, Sequence[Tool]]) -> None:
        self._lacking = {each: _lacking(its, SOURCE_FACTS) for each, its in tools.items()}
        self._lacking_lives: dict[str, frozenset[str]] = {}

    def of_source(self, snapshot: str, tool: Tool) -> Iterator[ToolFact]:
        """Yield what a snapshot tells of a tool in it."""
        yield from _facts(tool, SOURCE_FACTS, self._lacking[snapshot], snapshot, NOT_GIVEN)

    def of_life(self, history: History, row: ToolRow) -> Iterator[ToolFact]:
        """Yield what a history tells of a tool in it."""
        if history.snapshot not in self._lacking_lives:
            self._lacking_lives[history.snapshot] = _lacking(history.tools, LIFE_FACTS)
        lacking = self._lacking_lives[history.snapshot]
        why = NOT_GIVEN if row.stage is not None else row.unknown or NO_REASON
        yield from _facts(row, LIFE_FACTS, lacking, history.snapshot, why)
        yield ToolFact(ENDED.key, ENDED.name, row.ended or NO_END)


def unknown_facts(columns: Iterable[FactColumn], reason: str) -> Iterator[ToolFact]:
    """Yield facts of which none is known."""
    yield from (ToolFact(column.key, column.name, None, reason) for column in columns)


def _lacking(rows: Iterable[Any], columns: Iterable[FactColumn]) -> frozenset[str]:
    """Return the fields that no row has."""
    left = {column.field for column in columns}
    for row in rows:
        left -= {name for name in left if getattr(row, name) is not None}
        if not left:
            break
    return frozenset(left)


def _facts(
    row: Tool | ToolRow,
    columns: Iterable[FactColumn],
    lacking: frozenset[str],
    snapshot: str,
    not_given: str,
) -> Iterator[ToolFact]:
    for column in columns:
        value = _plain(getattr(row, column.field))
        reason = not_given
        if column.field in lacking:
            reason = f"{snapshot}{DOES_NOT_TELL}{column.lacking}"
        yield ToolFact(column.key, column.name, value, None if value is not None else reason)


def _plain(value: Any) -> Known | None:
    return day(value) if isinstance(value, date) else value
