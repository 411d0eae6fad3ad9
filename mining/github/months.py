"""How many commits a repository has in each month, as GitHub counts them, and what its row says.

Months are counted from the last one backwards, a year of them in a request, until no commit is
older, or as many months are counted as the study wants. So where GitHub runs out of time, what is
not counted is older than all that is: no month in between is unknown.

GitHub counts by the dates of the committers, on the history of one commit, which is the one that
the facts name. Like git itself, it looks no further than commits that are older than the month, so
that of histories whose dates go up and down it may miss some. It tells nobody apart: who of those
who committed is a person, is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from artifacts.shelf import Shelf, ShelvedList
from mining.github.api import Api
from mining.github.batches import Answered, Batching, ask_in_batches
from mining.github.job import Job
from mining.github.queries import months_query
from mining.github.shapes import TOTAL, JsonShape
from mining.github.unknown import LEFT_OUT, Unknown
from mining.tables import OLDER, TableRow

SIZE = 20
"""Repositories that are asked about at once, at most: each is gone through 13 times."""
SPAN = 12
"""Months that are asked for at once."""
NOT_TOLD = "GitHub's API tells neither the first commit nor who of those who committed is a person"
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class CommitMonths:
    """The commits of a repository by month, counted from the last month back to `first`.

    Attributes
    ----------
    by_month
        Months that have some, by name (``2026-08``).
    first
        The first month that is counted.
    is_whole
        No commit is older.
    """

    by_month: Mapping[str, int]
    first: str
    is_whole: bool

    def of(self, month: str) -> int | None:
        """Return how many there are in a month; None where they are not counted."""
        return self.by_month.get(month, 0) if self.is_whole or month >= self.first else None

    def shown(self) -> tuple[str, ...]:
        """Return the months that have a row."""
        return (*self.by_month, *(() if self.is_whole else (self.first,)))

    def since(self, first: str) -> CommitMonths:
        """Return what is left of it where months before ``first`` are left out."""
        if first <= self.first:
            return self
        kept = {month: n for month, n in self.by_month.items() if month >= first}
        return CommitMonths(kept, first, self.is_whole and len(kept) == len(self.by_month))


@dataclass(frozen=True)
class CountedHistory:
    """A repository whose commits are counted: its ids, and the last commit that counts."""

    node_id: str
    head: str
    head_at: datetime


@dataclass
class _Counting:
    """What is counted of a repository so far; `unknown` is why it goes no further back."""

    by_month: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    is_whole: bool = False
    unknown: Unknown | None = None

    @property
    def is_open(self) -> bool:
        return not self.is_whole and self.unknown is None

    def take(self, span: Sequence[datetime], answered: Answered[CountedHistory]) -> None:
        """Note what GitHub counted in some months."""
        counts: Mapping[str, Any] | None = (answered.value or {}).get("object")
        if counts is None:
            self.unknown = answered.unknown or LEFT_OUT
            return
        for place, month in enumerate(span):
            if n := counts[f"m{place}"]["totalCount"]:
                self.by_month[month_of(month)] = n
        self.first = month_of(span[0])
        self.is_whole = counts["older"]["totalCount"] == 0

    def result(self) -> CommitMonths | None:
        """Return the months that are counted; None if none are."""
        if self.first is None:
            return None
        return CommitMonths(dict(sorted(self.by_month.items())), self.first, self.is_whole)


def month_of(moment: datetime) -> str:
    """Return the month (UTC) of a moment, as ``2026-08``."""
    return f"{moment:%Y-%m}"


def first_month(until: datetime, n_months: int) -> str:
    """Return the first of the ``n_months`` months of which that of ``until`` is the last."""
    return month_of(_month_before(until, n_months - 1))


def count_commits(
    api: Api, histories: Sequence[CountedHistory], *, until: datetime, n_months: int
) -> Iterator[tuple[str, CommitMonths | None, Unknown | None]]:
    """Yield the commits of each repository by month, by its node id; and why not all are counted.

    Parameters
    ----------
    until
        A moment in the last month that counts.
    n_months
        How many months count, at most.
    """
    counting: Shelf[str, _Counting] = Shelf()
    for history in histories:
        counting[history.node_id] = _Counting()
    for back in range(0, n_months, SPAN):
        n = min(SPAN, n_months - back)
        span = [_month_before(until, back + n - 1 - place) for place in range(n)]
        asked: ShelvedList[CountedHistory] = ShelvedList()
        for history in histories:
            own = counting[history.node_id]
            if own.is_open and history.head_at >= span[0]:
                asked.append(history)
            elif own.is_open:  # nothing that leads to this commit is as young
                counting[history.node_id] = replace(own, first=month_of(span[0]))
        for answered in ask_in_batches(api, asked, _batching(span), size=SIZE):
            own = counting[answered.item.node_id]
            own.take(span, answered)
            counting[answered.item.node_id] = own
    for node_id, own in counting.items():
        yield node_id, own.result(), own.unknown


def _batching(span: Sequence[datetime]) -> Batching[CountedHistory]:
    n = len(span)
    shape: JsonShape = {"object": {"older": TOTAL, **{f"m{place}": TOTAL for place in range(n)}}}
    fixed = {"older": _time(span[0] - _SECOND)}
    for place, month in enumerate(span):
        fixed |= {
            f"since{place}": _time(month),
            f"until{place}": _time(_month_before(month, -1) - _SECOND),
        }

    def variables(batch: Sequence[CountedHistory]) -> dict[str, str]:
        of_each = {f"id{place}": each.node_id for place, each in enumerate(batch)}
        return of_each | {f"oid{place}": each.head for place, each in enumerate(batch)} | fixed

    return Batching(
        query=lambda size: months_query(size, n),
        variables=variables,
        place=lambda number: (f"r{number}",),
        shape=lambda _: shape,
        needs=frozenset({"object"}),
    )


def _month_before(moment: datetime, n: int) -> datetime:
    """Return the beginning of the month that is ``n`` months before that of a moment."""
    years, month = divmod(moment.year * 12 + moment.month - 1 - n, 12)
    return datetime(years, month + 1, 1, tzinfo=UTC)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def history_row(
    row: TableRow,
    commits: CommitMonths | None,
    *,
    job: Job,
    why: str | None,
) -> TableRow:
    """Return what is known of a repository's history, up to when, and why not more.

    That is the day on which mining began; or the last commit that was seen, where it went on beyond
    that. It is no moment of an answer, so that the same content is the same.

    Parameters
    ----------
    row
        Of the table of repositories.
    commits
        Counted by month; None: they are not.
    why
        The reason why nothing is known of its commits, where that is so.
    """
    last, day = row.get("last_commit_at"), job.observed_at
    if last is not None and job.as_of is None and day < last <= row["enriched_at"]:
        day = last
    reasons = [NOT_TOLD if row.get("commits") != 0 else "it has no commits"]
    if row.get("commits") is None:
        reasons.insert(0, f"commits unknown: {why or LEFT_OUT}")
    if commits is not None and not commits.is_whole:
        reasons.append(f"commits a month are counted from {commits.first} on")
    return {
        "repo_key": row["repo_key"],
        "observed_at": day,
        "last_commit_at": last,
        "head_commit": row.get("head_commit"),
        "commits": row.get("commits"),
        "flags": [] if commits is None or commits.is_whole else [OLDER],
        "reason": "; ".join(reasons),
    }
