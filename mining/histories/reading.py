"""One clone's history in one pass over git's log: what happened in each month, and who was there.

Months are those of the committer's date: when a commit came to stand where it stands. The author's
date may lie years back, where a patch was picked up late or a branch was rebased, so that months
already observed would change afterwards; and it is from the author's own clock, while most commits
are merged by GitHub's. Where a history was rewritten at one stroke, its flag says so.

Names and e-mails stay in this process: what is returned are counts and dates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from artifacts.visible import visible
from mining.code.objects import UnlistedError
from mining.histories.authors import AuthorKind, author_kind
from mining.histories.clones import NO_COMMITS, HistoryClone, UnreadableError, open_clone
from mining.histories.factors import absence_factor
from mining.histories.file_work import clone_truck_factor
from mining.histories.observed import OTHER_BRANCH, UNKNOWN_DAY
from mining.histories.people import one_person
from mining.histories.tags import is_nightly, tag_times
from mining.tables import ANCIENT, EARLIEST, FUTURE, NO_DAY, OLDER, SHALLOW

Row = dict[str, Any]

EMPTY: Final = "empty"
UNREADABLE: Final = "unreadable"
BROKEN: Final = "broken"
PARTIAL: Final = "partial"
ROOTS: Final = "several roots"
SQUASHED: Final = "squashed import"
REWRITTEN: Final = "rewritten"
EMPTIED: Final = "emptied"
NIGHTLY: Final = "nightly tags"
REPLACED: Final = "replaced objects"
"""Somebody grafted history on, by refs that ordinary clones do not fetch: it is not read."""

NO_LAST_YEAR: Final = (
    "absence_factor is of the year before the day of observation, which was not known when the "
    "clone was read"
)
EARLIEST_S: Final = int(EARLIEST.timestamp())
DAY_S: Final = 86_400
WINDOW: Final = timedelta(days=365)
"""Of the contributor absence factor, before the day of observation: who left long ago is no risk
any more."""
MANY_FILES: Final = 100
"""Nobody writes so many before a first commit: they were written elsewhere."""
FEW_FILES: Final = 5
FEW_FILES_AFTER: Final = 50
REWRITTEN_FROM: Final = 100
_MOST_RECORD_BYTES: Final = 1 << 22
_LOG: Final = (
    "log",
    "-z",
    "--use-mailmap",
    "--encoding=UTF-8",
    "--format=%H %P%n%ct %at%n%aN%n%aE%n%s",
)


@dataclass(frozen=True)
class HistorySource:
    """A clone that is to be read.

    Attributes
    ----------
    full_name
        ``owner/name``.
    place
        Its folder.
    observed_at
        Up to when it shows its origin, where that is told; None: git may have recorded it.
    """

    full_name: str
    place: Path
    observed_at: datetime | None = None


@dataclass(frozen=True)
class HistoryOptions:
    """How histories are read.

    Attributes
    ----------
    read_at
        Now: what is dated later is an error of a clock.
    with_truck_factor
        Whether changes of files are read as well, which takes far longer.
    """

    read_at: datetime
    with_truck_factor: bool = False


@dataclass(frozen=True)
class ReadHistory:
    """What one clone told: rows without a key, of the tables of activity and of histories.

    Attributes
    ----------
    n_commits
        That were read.
    """

    months: tuple[Row, ...]
    history: Row
    n_commits: int = 0


def read_history(options: HistoryOptions, source: HistorySource) -> ReadHistory:
    """Return what a clone tells; what it does not is null, and ``reason`` says why.

    Raises
    ------
    InputError
        If git is not on the PATH.
    """
    try:
        clone = open_clone(source.place)
    except UnreadableError as error:
        return ReadHistory((), {"flags": [UNREADABLE], "reason": f"{error}"})
    observed = source.observed_at or clone.recorded_at
    if clone.head is None:
        empty: Row = {"observed_at": source.observed_at, "commits": 0, "roots": 0}
        return ReadHistory((), {**empty, "flags": [EMPTY], "reason": NO_COMMITS})
    log = _Log(latest_s=int((observed or options.read_at).timestamp()) + DAY_S, observed=observed)
    try:
        log.read(clone)
    except UnlistedError as error:
        known: Row = {"observed_at": observed, "head_commit": clone.head, "flags": [BROKEN]}
        return ReadHistory((), {**known, "reason": f"its history breaks off: {error}"})
    return _told(clone, log, observed, options)


@dataclass
class _Author:
    """What was made under one name and e-mail.

    `months` counts commits; `lately` those, without merges, of the last year.
    """

    kind: AuthorKind
    months: Counter[int] = field(default_factory=Counter)
    lately: int = 0


@dataclass
class _Log:
    """What the log tells, commit by commit."""

    latest_s: int
    observed: datetime | None
    authors: dict[tuple[bytes, bytes], _Author] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    ends: set[str] = field(default_factory=set)
    n_commits: int = 0
    n_merges: int = 0
    n_squashed: int = 0
    n_ancient: int = 0
    n_future: int = 0
    first_s: int | None = None
    last_s: int | None = None
    last_human_s: int | None = None
    cut_s: int | None = None
    days: Counter[int] = field(default_factory=Counter)
    late_days: Counter[int] = field(default_factory=Counter)

    def read(self, clone: HistoryClone) -> None:
        """Read the whole log.

        Raises
        ------
        UnlistedError
            If it breaks off.
        """
        assert clone.head is not None
        self.ends = set(clone.objects.shallow.decode("ascii", "replace").split())
        settings = ("-c", "core.bare=true", "-c", f"mailmap.blob={clone.head}:.mailmap")
        since_s = 0 if self.observed is None else int((self.observed - WINDOW).timestamp())
        records = clone.objects.printed(*settings, *_LOG, clone.head, "--", most=_MOST_RECORD_BYTES)
        for record in records:
            commit, times, name, email, subject = record.split(b"\n", 4)
            self.add(commit.split(), times, (name, email), subject, since_s)

    def add(
        self,
        commit: list[bytes],
        times: bytes,
        who: tuple[bytes, bytes],
        subject: bytes,
        since_s: int,
    ) -> None:
        """Count a commit: its id and parents, both of its times, its author and its subject."""
        self.n_commits += 1
        is_merge = len(commit) > 2
        self.n_merges += is_merge
        self.n_squashed += not is_merge and _ends_in_number(subject)
        author = self.authors.get(who)
        if author is None:
            name, email = (_text(each) for each in who)
            author = self.authors[who] = _Author(author_kind(name, email))
        committed, _, written = times.partition(b" ")
        at_s = int(committed) if committed.isdigit() else 0
        is_cut = len(commit) == 1 and commit[0].decode() in self.ends
        if is_cut:
            # One that has no date may be of any day.
            self.cut_s = max(self.cut_s or 0, at_s if at_s >= EARLIEST_S else self.latest_s)
        if len(commit) == 1 and not is_cut:
            self.roots.append(commit[0].decode())
        if at_s < EARLIEST_S:
            self.n_ancient += 1
            return
        if at_s > self.latest_s:
            self.n_future += 1
            return
        author.months[_month(at_s)] += 1
        author.lately += not is_merge and at_s > since_s
        self.first_s = at_s if self.first_s is None else min(self.first_s, at_s)
        self.last_s = at_s if self.last_s is None else max(self.last_s, at_s)
        if author.kind == "human":
            self.last_human_s = max(self.last_human_s or 0, at_s)
        self.days[at_s // DAY_S] += 1
        if written.isdigit() and at_s - int(written) > 30 * DAY_S:
            self.late_days[at_s // DAY_S] += 1

    @property
    def is_rewritten(self) -> bool:
        """Tell whether half of the commits came on one day, though written long before."""
        if self.n_commits < REWRITTEN_FROM or not self.late_days:
            return False
        ((_, most),) = self.late_days.most_common(1)
        return 2 * most >= self.n_commits

    def people(self) -> list[_Author]:
        """Return one author for each person."""
        pairs = [(who, author) for who, author in self.authors.items() if author.kind == "human"]
        numbers = one_person([(_text(name), _text(email)) for (name, email), _ in pairs])
        people = [_Author("human") for _ in range(max(numbers, default=-1) + 1)]
        for number, (_, author) in zip(numbers, pairs, strict=True):
            people[number].months.update(author.months)
            people[number].lately += author.lately
        return people


def _told(
    clone: HistoryClone, log: _Log, observed: datetime | None, options: HistoryOptions
) -> ReadHistory:
    people = log.people()
    why = UNKNOWN_DAY if clone.is_default else OTHER_BRANCH
    unknown = [] if observed is not None else [f"{NO_DAY}: {why}"]
    if clone.lacks_mailmap:
        unknown.append(
            "people may count more than once: the clone lacks its .mailmap, which `git show "
            f"{visible(clone.ref)}:.mailmap` in it fetches"
        )
    if observed is not None and log.n_future:
        unknown.append(f"commits dated after observed_at, in no month: {log.n_future:,}")
    tags, n_nightly = _tag_months(clone, log, unknown)
    # From the month after the cut on, all commits are there; before it, none is known.
    first = _month(log.cut_s) + 1 if clone.is_shallow and log.cut_s else 0
    # That it is counted from there on is told by that month's row, though nothing happened in it.
    is_quiet = observed is not None and 0 < first <= _month(int(observed.timestamp()))
    months = _months(log, people, tags, {first} if is_quiet else ())
    if clone.is_shallow:
        months = [(at, {**row, "newcomers": None}) for at, row in months if at >= first]
        unknown.append("the clone is shallow: how it began, and how much there was, is cut off")
    n_single = log.n_commits - log.n_merges
    history: Row = {
        "observed_at": observed,
        "first_commit_at": _moment(log.first_s),
        "last_human_at": _moment(log.last_human_s),
        "last_commit_at": _moment(log.last_s),
        "head_commit": clone.head,
        "commits": log.n_commits,
        "roots": len(log.roots),
        "merges": log.n_merges,
        "squash_share": log.n_squashed / n_single if n_single else None,
        "identities": len(people),
        "absence_factor": _absence_factor(log, people, unknown),
    }
    if clone.is_shallow:
        cut_off = ("first_commit_at", "commits", "roots", "merges", "squash_share", "identities")
        history.update(dict.fromkeys((*cut_off, "absence_factor")))
    if options.with_truck_factor:
        history["truck_factor"] = _truck_factor(clone, unknown)
    history["flags"] = sorted(_flags(clone, log, n_nightly))
    history["reason"] = "; ".join(unknown) or None
    return ReadHistory(tuple(row for _, row in months), history, log.n_commits)


def _months(
    log: _Log, people: Iterable[_Author], tags: Counter[int] | None, also: Iterable[int]
) -> list[tuple[int, Row]]:
    """Return what happened in each month in which something did, and in some ``also``."""
    by_kind: dict[str, Counter[int]] = {kind: Counter() for kind in ("human", "bot", "agent")}
    for author in log.authors.values():
        by_kind[author.kind].update(author.months)
    n_people: Counter[int] = Counter()
    newcomers: Counter[int] = Counter()
    for person in people:
        n_people.update(person.months.keys())
        if person.months:
            newcomers[min(person.months)] += 1
    each = sorted(set().union(*by_kind.values(), tags or (), also))
    return [
        (
            month,
            {
                "month": f"{month // 12:04}-{month % 12 + 1:02}",
                "commits": sum(counts[month] for counts in by_kind.values()),
                **{kind: counts[month] for kind, counts in by_kind.items()},
                "people": n_people[month],
                "newcomers": newcomers[month],
                "tags": None if tags is None else tags[month],
            },
        )
        for month in each
    ]


def _tag_months(
    clone: HistoryClone, log: _Log, unknown: list[str]
) -> tuple[Counter[int] | None, int]:
    """Return the tags of each month, without nightly ones, and how many of those there are."""
    months: Counter[int] = Counter()
    n_nightly = 0
    if clone.has_no_tags:
        unknown.append("tags are not known: the clone fetches none (--no-tags)")
        return None, 0
    try:
        for tag, at_s in tag_times(clone):
            if is_nightly(tag):
                n_nightly += 1
            elif EARLIEST_S <= at_s <= log.latest_s:
                months[_month(at_s)] += 1
    except UnreadableError as error:
        unknown.append(f"tags are not known: {error}")
        return None, 0
    return months, n_nightly


def _absence_factor(log: _Log, people: Iterable[_Author], unknown: list[str]) -> int | None:
    if log.observed is None:
        unknown.append(NO_LAST_YEAR)
        return None
    factor = absence_factor(person.lately for person in people)
    if factor is None:
        unknown.append("absence_factor is of the last year, in which no person committed")
    return factor


def _truck_factor(clone: HistoryClone, unknown: list[str]) -> int | None:
    if clone.is_shallow:
        return None
    try:
        factor = clone_truck_factor(clone)
    except UnlistedError as error:
        unknown.append(f"truck_factor is not known: {error}")
        return None
    if factor is None:
        unknown.append("truck_factor is not known: no source code has an author")
    return factor


def _flags(clone: HistoryClone, log: _Log, n_nightly: int) -> Iterator[str]:
    assert clone.head is not None
    odd = {
        SHALLOW: clone.is_shallow,
        OLDER: clone.is_shallow,
        PARTIAL: clone.is_partial,
        ANCIENT: log.n_ancient > 0,
        FUTURE: log.n_future > 0,
        ROOTS: len(log.roots) > 1,
        REWRITTEN: log.is_rewritten,
        NIGHTLY: n_nightly > 0,
        REPLACED: b" refs/replace/" in clone.refs,
    }
    yield from (flag for flag, holds in odd.items() if holds)
    if log.roots and _has_files(clone, log.roots[-1], MANY_FILES):
        yield SQUASHED
    if log.n_commits >= FEW_FILES_AFTER and not _has_files(clone, clone.head, FEW_FILES + 1):
        yield EMPTIED


def _has_files(clone: HistoryClone, commit: str, n: int) -> bool:
    """Tell whether a commit holds so many files; what cannot be listed is taken to be there."""
    listed = clone.objects.printed("ls-tree", "-r", "-z", "--name-only", commit)
    try:
        return any(at >= n for at, _ in enumerate(listed, start=1))
    except UnlistedError:
        return False


def _ends_in_number(subject: bytes) -> bool:
    """Tell whether a subject ends as GitHub ends that of a squashed pull request: ``(#12)``."""
    if not subject.endswith(b")"):
        return False
    before, mark, number = subject[:-1].rpartition(b" (#")
    return bool(before and mark and number.isdigit())


def _month(at_s: int) -> int:
    moment = datetime.fromtimestamp(at_s, UTC)
    return moment.year * 12 + moment.month - 1


def _moment(at_s: int | None) -> datetime | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
