"""The tools whose histories are looked at, as a snapshot tells of them; nothing is made up.

What a snapshot lacks is None. A tool without a day of observation is in the population, and
nothing of its history is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from insights.history.ended import ended_by_readme
from insights.history.months import month_from, month_of
from mining.snapshots import RowsBeside, open_snapshot, rows_in
from mining.tables import ANCIENT, BY_WHOM, EARLIEST, FUTURE, OLDER, SHALLOW

Counts = NDArray[np.int64]
COUNTED: Final = (
    "commits",
    "human",
    "bot",
    "agent",
    "people",
    "newcomers",
    "tags",
    "releases",
    "stars_gained",
)
"""Columns of the table of activity."""
_CUT_OFF: Final = frozenset({OLDER, SHALLOW})
"""Flags of histories whose older commits are not counted."""


@dataclass(frozen=True, eq=False)
class ToolHistory:
    """A tool, as far as its snapshot tells of its history.

    Attributes
    ----------
    kind
        As people or the classifier told it.
    topics
        Of GitHub; None: the source has none.
    created_at, first_commit_at
        On GitHub; and of its git history, which may be older.
    entered_at
        Since when it would have been seen, had it ended: before that nobody watched. None: since
        its birth.
    observed_at
        Up to when its history is known.
    archived
        Whether it was read-only then.
    ended, ended_at
        The announcement of its end: ``archived``, or the README's words.
    first_month
        Of `monthly`, as `insights.history.months` counts them.
    monthly
        By column of `COUNTED`: how many there were in each month from `first_month` to that of
        observation, which is not over (to the last with anything, where that is not known); what
        the source does not count of this tool is not there.
    absence_factor, identities
        The contributor absence factor; and people who committed.
    numbers
        Further columns of the table of repositories, by name: ``stars``, ``forks``,
        ``issues_open``, …; None: not known.
    flags
        What is odd about its history.
    fork
        Whether it is a copy of another repository.
    """

    repo_key: str
    full_name: str
    owner: str
    owner_type: str | None
    kind: str | None
    category: str | None
    topics: frozenset[str] | None
    description: str | None
    language: str | None
    licence: str | None
    created_at: datetime | None
    first_commit_at: datetime | None
    entered_at: datetime | None
    observed_at: datetime | None
    last_human_at: datetime | None
    last_commit_at: datetime | None
    pushed_at: datetime | None
    last_release_at: datetime | None
    archived: bool | None
    ended: str | None
    ended_at: datetime | None
    first_month: int | None
    monthly: Mapping[str, Counts]
    absence_factor: int | None
    identities: int | None
    numbers: Mapping[str, int | None]
    flags: tuple[str, ...] = ()
    fork: bool | None = None

    @property
    def born_at(self) -> datetime | None:
        """Return when it began: the earlier of its first commit and its creation on GitHub.

        A repository is often created long after its project began; and one whose history began
        anew, as a copy of what had been elsewhere, was created before its first commit.
        """
        return min(filter(None, (self.first_commit_at, self.created_at)), default=None)

    @property
    def born_by(self) -> str | None:
        """Return by which sign."""
        if self.born_at is None:
            return None
        return "first commit" if self.born_at == self.first_commit_at else "created_at"

    @property
    def lacks_older(self) -> bool:
        """Return whether there were commits before the first that are counted."""
        return not _CUT_OFF.isdisjoint(self.flags)

    @property
    def observed_month(self) -> int | None:
        """Return the month of its observation, which was not over."""
        return None if self.observed_at is None else month_of(self.observed_at)

    @cached_property
    def commits(self) -> Counts | None:
        """Return the commits of each month: by people where these are told apart."""
        return self.monthly.get("human", self.monthly.get("commits"))


@dataclass(frozen=True, eq=False)
class HistoryPopulation:
    """The tools of a snapshot, and what is to be known of how they were found.

    Attributes
    ----------
    snapshot
        Its id.
    tools
        Each once, by key.
    n_rows, n_duplicates
        Rows that were read, and of those the ones about a repository that was there already.
    n_archived
        Of those of which it is known; `n_archived_unknown` has the rest.
    kinds
        How many of each kind; None: not known.
    notes
        The caps and choices of the source, in sentences.
    """

    snapshot: str
    tools: tuple[ToolHistory, ...]
    n_rows: int
    n_duplicates: int
    n_archived: int
    n_archived_unknown: int
    kinds: Mapping[str | None, int]
    notes: tuple[str, ...] = ()

    @cached_property
    def earliest_observation(self) -> int | None:
        """Return the month in which the first of the tools was observed for the last time."""
        months = [tool.observed_month for tool in self.tools if tool.observed_month is not None]
        return min(months, default=None)

    @cached_property
    def latest_observation(self) -> datetime | None:
        """Return the last day on which one of the tools was observed."""
        days = [tool.observed_at for tool in self.tools if tool.observed_at is not None]
        return max(days, default=None)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What else is known of the repositories of a snapshot, by key.

    Attributes
    ----------
    kinds, categories
        The kind, and the category of the taxonomy; who is not in it: not known.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


_CLOCKS: Final = timedelta(days=2)
"""A day of observation may be said by its first moment, and clocks of committers may be ahead."""
_EARLIEST_MONTH: Final = month_of(EARLIEST)
_NUMBERS: Final = (
    "stars",
    "forks",
    "watchers",
    "open_issues",
    "issues_open",
    "issues_closed",
    "pulls_open",
    "pulls_closed",
    "pulls_merged",
    "commits",
    "commit_authors",
    "contributors",
    "releases",
    "tags",
)


def read_population(folder: Path, told: Told | None = None) -> HistoryPopulation:
    """Return the tools of the sealed snapshot in ``folder`` with their histories.

    Raises
    ------
    ArtifactError
        If the snapshot is missing or damaged.
    """
    told = told or Told()
    snapshot = open_snapshot(folder)
    histories, months = RowsBeside(folder, "histories"), RowsBeside(folder, "activity")
    releases = RowsBeside(folder, "releases", ["published_at"])
    readmes = RowsBeside(folder, "readmes", ["text"])
    tools = tuple(
        _tool(
            row,
            next(iter(histories.of(row["repo_key"])), {}),
            months.of(row["repo_key"]),
            last_release_at=_last(releases.of(row["repo_key"])),
            readme=_end_told(readmes.of(row["repo_key"])),
            told=told,
        )
        for row in rows_in(folder, "repositories")
    )
    counts = snapshot.manifest.counts.get("repositories")
    return HistoryPopulation(
        snapshot=snapshot.id,
        tools=tools,
        n_rows=len(tools) if counts is None else counts.read,
        n_duplicates=0
        if counts is None
        else sum(drop.count for drop in counts.dropped if "again" in drop.reason),
        n_archived=sum(tool.archived is True for tool in tools),
        n_archived_unknown=sum(tool.archived is None for tool in tools),
        kinds=Counter(tool.kind for tool in tools),
        notes=(*snapshot.manifest.notes, *_notes(tools)),
    )


def _notes(tools: Iterable[ToolHistory]) -> Iterator[str]:
    """Yield what was left out of the histories of tools."""
    counts = Counter(flag for tool in tools for flag in tool.flags)
    for flag, when in ((ANCIENT, f"before {EARLIEST.year}"), (FUTURE, "after their observation")):
        if counts[flag]:
            yield f"Dates {when} are left out; so many tools have some: {counts[flag]:,}."


def _last(releases: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when the last release was made, if that of any is known."""
    made = [row["published_at"] for row in releases if row["published_at"] is not None]
    return max(made, default=None)


def _end_told(readmes: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the words in which a README says that its project has ended."""
    return next((ended_by_readme(row["text"]) for row in readmes), None)


def _tool(
    row: Mapping[str, Any],
    history: Mapping[str, Any],
    months: Sequence[Mapping[str, Any]],
    *,
    last_release_at: datetime | None,
    readme: str | None,
    told: Told,
) -> ToolHistory:
    # The day of an answer of GitHub says nothing of how old a clone is.
    observed_at = history["observed_at"] if history else row["fetched_at"]
    observed = None if observed_at is None else month_of(observed_at)
    first_commit_at = history.get("first_commit_at") or row["first_commit_at"]
    flags = _odd_dates((row["created_at"], first_commit_at), months, observed)
    flags.update(history.get("flags") or ())
    first_commit_at = _believed(first_commit_at)
    last_commit_at = history.get("last_commit_at") or row["last_commit_at"]
    last_commit_at = _until(observed_at, last_commit_at, flags)
    first_month, monthly = _series(months, observed, first_commit_at, flags)
    ended, ended_at = _end(row, readme)
    return ToolHistory(
        repo_key=row["repo_key"],
        full_name=row["full_name"],
        owner=(row["owner"] or row["full_name"].split("/")[0]).lower(),
        owner_type=row["owner_type"],
        kind=told.kinds.get(row["repo_key"]),
        category=told.categories.get(row["repo_key"]),
        topics=None if row["topics"] is None else frozenset(row["topics"]),
        description=row["description"],
        language=row["language"],
        licence=row["license_spdx"],
        created_at=_believed(row["created_at"]),
        first_commit_at=first_commit_at,
        entered_at=history.get("entered_at"),
        observed_at=observed_at,
        last_human_at=_until(observed_at, history.get("last_human_at"), flags),
        last_commit_at=last_commit_at,
        pushed_at=row["pushed_at"],
        last_release_at=last_release_at,
        fork=row["fork"],
        archived=row["archived"],
        ended=ended,
        ended_at=ended_at,
        first_month=first_month,
        monthly=monthly,
        absence_factor=history.get("absence_factor"),
        identities=_people(history.get("identities"), row["commit_authors"]),
        numbers={name: row[name] for name in _NUMBERS},
        flags=tuple(sorted(flags)),
    )


def _end(row: Mapping[str, Any], readme: str | None) -> tuple[str | None, datetime | None]:
    """Return the announcement of an end, and since when it stands."""
    if row["archived"]:
        return "archived", row["archived_at"]
    return readme, None


def _believed(moment: datetime | None) -> datetime | None:
    """Return a moment, unless no clock that was set can have told it."""
    return None if moment is None or moment < EARLIEST else moment


def _people(told: int | None, addresses: int | None) -> int | None:
    """Return how many people committed; that none did, but bots, is told as well."""
    return addresses if told is None else told


def _until(
    observed_at: datetime | None, moment: datetime | None, flags: set[str]
) -> datetime | None:
    """Return a moment, unless it is later than the day on which it was seen, which is flagged."""
    if moment is None or observed_at is None or moment <= observed_at + _CLOCKS:
        return moment
    flags.add(FUTURE)
    return None


def _odd_dates(
    beginnings: Iterable[datetime | None],
    months: Iterable[Mapping[str, Any]],
    observed: int | None,
) -> set[str]:
    """Return the flags of what is left out: beginnings and months before or after all belief."""
    numbers = [month_from(row["month"]) for row in months]
    found = {ANCIENT for each in beginnings if each is not None and each < EARLIEST}
    found |= {ANCIENT for month in numbers if month < _EARLIEST_MONTH}
    return found | {FUTURE for month in numbers if observed is not None and month > observed}


def _series(
    rows: Iterable[Mapping[str, Any]],
    observed: int | None,
    first_commit_at: datetime | None,
    flags: Collection[str],
) -> tuple[int | None, dict[str, Counts]]:
    """Return the first month and the counts of each month of what is counted of a tool.

    A month without a row had none of it, from the first that is counted on: that of the first
    commit, or, where older commits are not counted, the first with a number of them. Who committed
    is known only if it is of all months with commits: one source may tell it, and another not.
    """
    by_month = {month_from(row["month"]): row for row in rows}
    by_month = {month: row for month, row in by_month.items() if month >= _EARLIEST_MONTH}
    if not _CUT_OFF.isdisjoint(flags):
        counted = [month for month, row in by_month.items() if row["commits"] is not None]
        start = min(counted, default=None)
        if start is None:
            return None, {}
        by_month = {month: row for month, row in by_month.items() if month >= start}
    elif by_month and first_commit_at is not None:
        start = min(*by_month, month_of(first_commit_at))
    else:
        start = min(by_month, default=None)
    if start is None:
        return None, {}
    last = max(by_month) if observed is None else max(observed, start)
    within = {month: row for month, row in by_month.items() if month <= last}
    monthly = {}
    for name in COUNTED:
        known = {month: row[name] for month, row in within.items() if row[name] is not None}
        if name in BY_WHOM and any(
            row["commits"] is not None and month not in known for month, row in within.items()
        ):
            continue
        if known:  # a month in which another source counted something else had none of this
            counts = np.zeros(last - start + 1, dtype=np.int64)
            counts[[month - start for month in known]] = [*known.values()]
            monthly[name] = counts
    return start, monthly
