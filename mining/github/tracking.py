"""The feature requests of the frameworks: all of them, or what changed since a snapshot."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from artifacts.progress import Progress
from mining.github.api import Api
from mining.github.as_of import issue_then
from mining.github.discovery import Population
from mining.github.earlier import Earlier, loss
from mining.github.issues import (
    IssueCriteria,
    ask_issues,
    count_typed,
    issue_row,
    labels_of,
    note_lost,
    type_of,
)
from mining.github.job import FrameworkJob, Job
from mining.github.known import LOOK, WITHOUT_TOKEN
from mining.github.named import NamedRepository
from mining.github.rest_issues import rest_issues
from mining.github.still import EarlierIssue, IssueOutcome, count_unlabelled, look, look_closer
from mining.github.unknown import ISSUES, Ledger, Unknown, UnknownKind
from mining.tables import Row

MOST_CLOSER = 200
"""Issues of a framework that are looked for one by one, before all are listed anew."""
NOT_LISTED = Unknown(UnknownKind.FOR_NOW, "GitHub tells of it, but does not list it")


@dataclass
class TrackedIssues:
    """Rows of `issues`, and of what was an issue of the snapshot before and is none now."""

    issues: list[Row] = field(default_factory=list)
    losses: list[Row] = field(default_factory=list)
    n_carried: int = 0


@dataclass
class _Changing:
    """The issues of a framework since a snapshot.

    Attributes
    ----------
    before
        As they were; those that the study still wants.
    now
        As they are.
    lost
        Of which it is known why they are wanted no more.
    open
        Of which neither is known, and why, if there is a reason.
    n_matched, n_unlabelled, n_typed
        How many have a label of the study, none at all, and a type of it, says GitHub.
    """

    wanted: IssueCriteria
    labels: Sequence[str] | Unknown
    before: dict[int, Row]
    now: dict[int, Row] = field(default_factory=dict)
    lost: dict[int, IssueOutcome] = field(default_factory=dict)
    open: dict[int, Unknown | None] = field(default_factory=dict)
    n_matched: int | None = None
    n_unlabelled: int | None = 0
    n_typed: int | None = 0

    @property
    def sought(self) -> list[EarlierIssue]:
        """Return what is open."""
        return [EarlierIssue(self.wanted, self.before[number]) for number in self.open]

    @property
    def adds_up(self) -> bool:
        """Tell whether all are known: each was seen, and there are as many as GitHub says."""
        rows = self.now.values()
        n_unlabelled = sum(not row["labels"] for row in rows) if self.wanted.unlabelled else 0
        n_matched = sum(bool(row["matched_labels"]) for row in rows)
        n_typed = sum(bool(row.get("matched_types")) for row in rows)
        counted = (self.n_matched, self.n_unlabelled, self.n_typed)
        return not self.open and (n_matched, n_unlabelled, n_typed) == counted

    def take(self, looked: IssueOutcome) -> None:
        """Note what came of the look at an issue."""
        number = looked.sought.row["number"]
        if looked.row is not None:
            self.now[number] = looked.row
        elif looked.reason is not None:
            self.lost[number] = looked
        else:
            self.open[number] = looked.unknown or self.open.get(number)
            return
        self.open.pop(number, None)

    def list(self, rows: Iterable[Row], *, is_whole: bool) -> None:
        """Take over a list of all that are wanted today."""
        listed = {row["number"]: row for row in rows}
        if is_whole:
            missing = (self.now.keys() & self.before.keys()) - listed.keys()
            self.open |= dict.fromkeys(missing, NOT_LISTED)
            self.now = {n: row for n, row in self.now.items() if n in listed}
        self.now = listed | self.now  # what was looked at is whole, what is listed may not be
        self.open = {number: why for number, why in self.open.items() if number not in self.now}


def track(
    api: Api, job: Job, population: Population, earlier: Earlier | None, *, progress: Progress
) -> TrackedIssues:
    """Return the feature requests of every framework that names labels."""
    tracked = TrackedIssues()
    changing = []
    for framework, named in population.frameworks:
        if not (framework.labels or framework.types):
            continue
        wanted = _wanted(job, framework, named)
        each = _Changing(wanted, named.labels, _before(wanted, earlier))
        with progress.task(f"issues of {named.full_name}", None, unit="issues") as task:
            if earlier is not None and each.before and job.has_token:
                changing.append(each)
                _ask_changed(api, each, earlier)
                continue
            rows, _ = _listed(api, job, wanted, population.unknown)
            task.advance(len(rows))
        tracked.issues += rows
        gone = each.before.keys() - {row["number"] for row in rows}
        if earlier is not None:
            tracked.losses += [
                loss(each.before[n], WITHOUT_TOKEN, earlier, api.last_at, full_name=named.full_name)
                for n in sorted(gone)
            ]
    if earlier is None:
        return tracked
    tracked.losses += _untold(api, job, population, earlier)
    _reconcile(api, job, changing, population.unknown)
    for each in changing:
        tracked.losses += _tell(api, each, earlier, population.unknown)
        # What is younger than the mining is left to the next; GitHub counts it all the same.
        tracked.issues += [row for row in each.now.values() if row["created_at"] <= job.until]
        tracked.n_carried += sum(
            row["updated_at"] == each.before[n]["updated_at"]
            for n, row in each.now.items()
            if n in each.before
        )
    return tracked


def _untold(api: Api, job: Job, population: Population, earlier: Earlier) -> Iterator[Row]:
    """Yield what became of the issues of frameworks of which nothing is told: that is unknown."""
    keys = {
        name.lower(): key
        for key, row in earlier.repositories.items()
        for name in (row["full_name"], *(row["aliases"] or ()))
    }
    for framework in job.frameworks:
        name = framework.repository.lower()
        if name in population.untold and name in keys:
            for _, row in sorted(earlier.issues.get(keys[name], {}).items()):
                reason = f"unknown: {population.untold[name]}"
                yield loss(row, reason, earlier, api.last_at, full_name=framework.repository)


def _wanted(job: Job, framework: FrameworkJob, named: NamedRepository) -> IssueCriteria:
    return IssueCriteria(
        named.key,
        named.node_id,
        named.full_name,
        framework.labels,
        job.settings.unlabelled,
        framework.types,
    )


def _before(wanted: IssueCriteria, earlier: Earlier | None) -> dict[int, Row]:
    """Return the earlier issues that are still wanted."""
    rows = {} if earlier is None else earlier.issues.get(wanted.key, {})
    return {n: row for n, row in rows.items() if _takes(wanted, row)}


def _takes(wanted: IssueCriteria, row: Row) -> bool:
    return wanted.takes(row["labels"] or (), row.get("issue_type"))


def _listed(
    api: Api, job: Job, wanted: IssueCriteria, ledger: Ledger, seen: Container[int] = ()
) -> tuple[list[Row], bool]:
    """Return all that are wanted, of a day in the past as they stood then; and whether it is all.

    Parameters
    ----------
    seen
        Those of which all is known, whatever the list lacks.
    """
    if not job.has_token:
        return list(rest_issues(api, wanted, ledger)), True
    rows = []
    is_whole = True
    events, every = job.as_of is not None, wanted.unlabelled
    for page in ask_issues(api, wanted, events=events, every=every, until=job.until):
        lost = [(number, why) for number, why in page.lost if number not in seen]
        partly = [(number, why) for number, why in page.partly if number not in seen]
        note_lost(ledger, wanted, replace(page, lost=lost, partly=partly))
        is_whole = is_whole and page.broken is None and not page.lost
        for node in page.nodes:
            if not wanted.takes(labels_of(node), type_of(node)):
                continue
            row: Row | None = issue_row(node, wanted)
            if row is not None and job.as_of is not None:
                row = issue_then(row, node, job.as_of)
            if row is not None and row["created_at"] <= job.until:
                rows.append(row)
    return rows, is_whole


def _ask_changed(api: Api, each: _Changing, earlier: Earlier) -> None:
    """Ask for the issues that are wanted now and changed since the snapshot."""
    wanted = each.wanted
    if earlier.unlabelled == wanted.unlabelled:
        for page in ask_issues(api, wanted, since=earlier.asked_since, every=wanted.unlabelled):
            each.n_matched = page.n_matched
            partly = {number for number, _ in page.partly}
            rows = [issue_row(node, wanted) for node in page.nodes if node["number"] not in partly]
            each.now |= {row["number"]: row for row in rows if _takes(wanted, row)}
    if wanted.unlabelled:
        each.n_unlabelled = count_unlabelled(api, wanted, each.labels)
    each.n_typed = count_typed(api, wanted)
    each.open = dict.fromkeys(each.before.keys() - each.now.keys())


def _reconcile(api: Api, job: Job, changing: Sequence[_Changing], ledger: Ledger) -> None:
    """Look at what did not change, as GitHub says; where doubt is left, list all anew."""
    by_key = {each.wanted.key: each for each in changing}

    def settle(found: Iterable[IssueOutcome]) -> None:
        for looked in found:
            by_key[looked.sought.wanted.key].take(looked)

    settle(look(api, [one for each in changing for one in each.sought]))
    few = [each for each in changing if len(each.open) <= MOST_CLOSER]
    settle(look_closer(api, [one for each in few for one in each.sought]))
    doubtful = [each for each in changing if not each.adds_up]
    for each in doubtful:
        rows, is_whole = _listed(api, job, each.wanted, ledger, each.now)
        each.list(rows, is_whole=is_whole)
    settle(look_closer(api, [one for each in doubtful for one in each.sought]))


def _tell(api: Api, each: _Changing, earlier: Earlier, ledger: Ledger) -> Iterator[Row]:
    """Yield what became of the issues that are none any more."""
    name = each.wanted.full_name
    for number, looked in each.lost.items():
        if number not in each.now and looked.reason is not None:
            row, now_name = each.before[number], looked.now_name
            yield loss(row, looked.reason, earlier, api.last_at, full_name=name, now_name=now_name)
    for number, why in each.open.items():
        unknown = why or NOT_LISTED
        ledger.note(LOOK, f"{name}#{number}", unknown, scope=ISSUES)
        reason = f"unknown: {unknown}"
        yield loss(each.before[number], reason, earlier, api.last_at, full_name=name)
