"""The feature requests of the frameworks: all of them, or what changed since a snapshot.

The issues of an earlier snapshot are looked at again: how they stand, where they are, what is gone.
GitHub does not call an issue modified when one of its labels is renamed or deleted, nor when
somebody reacts to it; so each is looked at, not only those that changed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from artifacts.progress import Progress
from artifacts.shelf import Shelf, ShelvedList, listed
from mining.github.api import Api
from mining.github.batches import Batching, ask_if_told, ask_one, by_ids
from mining.github.discovery import Population
from mining.github.facts import moment_of
from mining.github.gathered import Tables
from mining.github.issues import (
    ISSUE,
    TYPED,
    IssueCriteria,
    ask_issues,
    count_typed,
    issue_row,
    labels_of,
    note_lost,
    rest_issues,
    standing,
    type_of,
)
from mining.github.job import Job
from mining.github.named import matched
from mining.github.past import LOOK, WITHOUT_TOKEN, Earlier, issue_then, loss
from mining.github.queries import UNLABELLED, still_by_number_query, still_query
from mining.github.shapes import TOTAL, JsonShape, is_name, is_number
from mining.github.unknown import ISSUES, Ledger, Unknown, UnknownKind
from mining.tables import TableRow, repo_key

SIZE = 4_000
"""Issues that are looked at again at once, at most."""
SIZE_BY_NUMBER = 50
RELABELLED, RETYPED, LABELLED = "label dropped", "type dropped", "no longer without a label"
TRANSFERRED = "transferred"
GONE = "deleted or transferred"
_WHOLE: Mapping[str, JsonShape] = {
    **ISSUE,
    "repository": {"databaseId": is_number, "nameWithOwner": is_name},
}
_STANDING = {name: _WHOLE[name] for name in _WHOLE if name not in {"title", "body", "createdAt"}}
MOST_CLOSER = 200
"""Issues of a framework that are looked for one by one, before all are listed anew."""
NOT_LISTED = Unknown(UnknownKind.FOR_NOW, "GitHub tells of it, but does not list it")


@dataclass(frozen=True)
class EarlierIssue:
    """An issue as an earlier snapshot has it."""

    wanted: IssueCriteria
    row: TableRow

    @property
    def place(self) -> str:
        """Return the key of its repository and its number, as they are sorted."""
        return f"{self.wanted.key} {self.row['number']:020}"


@dataclass(frozen=True)
class IssueOutcome:
    """What came of the look at an issue: its row of today, or a reason for there being none.

    Attributes
    ----------
    now_name
        Where it is, if it was transferred.
    unknown
        Why neither is known, if GitHub tells.
    """

    sought: EarlierIssue
    row: TableRow | None = None
    reason: str | None = None
    now_name: str | None = None
    unknown: Unknown | None = None


def look(api: Api, issues: Iterable[EarlierIssue]) -> Iterator[IssueOutcome]:
    """Yield what became of issues, by their ids.

    That GitHub knows an id no more says nothing: it has changed the form of its ids before. Nor is
    it known how an issue stands that was edited since it was asked what changed.
    """
    for typed, some in _by_typed(issues):
        yield from _look(api, some, typed=typed)


def _look(api: Api, issues: Sequence[EarlierIssue], *, typed: bool) -> Iterator[IssueOutcome]:
    by_node: Shelf[str, EarlierIssue] = Shelf()
    for issue in issues:
        if issue.row["node_id"]:
            by_node[issue.row["node_id"]] = issue
    yield from (IssueOutcome(issue) for issue in issues if not issue.row["node_id"])
    shape = {**_STANDING, **(TYPED if typed else {})}
    query = partial(still_query, typed=typed)
    batching = by_ids(query, shape=shape, needs=frozenset(shape))
    for answered in ask_if_told(api, listed(by_node), batching, size=SIZE):
        sought, node = by_node[answered.item], answered.value
        if node is None:
            yield IssueOutcome(sought, unknown=answered.unknown)
            continue
        outcome = _unwanted(sought, node)
        if outcome is None and moment_of(node["updatedAt"]) == sought.row["updated_at"]:
            row = {**sought.row, "issue_type": None, "matched_types": None}
            outcome = IssueOutcome(sought, row={**row, **standing(node, sought.wanted)})
        yield outcome or IssueOutcome(sought)


def look_closer(api: Api, issues: Iterable[EarlierIssue]) -> Iterator[IssueOutcome]:
    """Yield what became of issues, by their numbers, which are never given again."""
    for typed, some in _by_typed(issues):
        yield from _look_closer(api, some, typed=typed)


def _by_typed(issues: Iterable[EarlierIssue]) -> Iterator[tuple[bool, Sequence[EarlierIssue]]]:
    """Yield the issues that are looked at without their types, and those with them."""
    parts: dict[bool, ShelvedList[EarlierIssue]] = {False: ShelvedList(), True: ShelvedList()}
    for issue in issues:
        parts[bool(issue.wanted.types)].append(issue)
    yield from parts.items()


def _look_closer(
    api: Api, issues: Sequence[EarlierIssue], *, typed: bool
) -> Iterator[IssueOutcome]:
    shape = {**_WHOLE, **(TYPED if typed else {})}
    by_place: Shelf[str, EarlierIssue] = Shelf()
    for issue in issues:
        by_place[issue.place] = issue
    batching = Batching[str](
        query=partial(still_by_number_query, typed=typed),
        variables=lambda places: _variables([by_place[place] for place in places]),
        place=lambda number: (f"r{number}", "issue"),
        shape=lambda _: shape,
        needs=frozenset(shape),
    )
    for answered in ask_if_told(api, listed(by_place), batching, size=SIZE_BY_NUMBER):
        sought, node = by_place[answered.item], answered.value
        if answered.is_gone:
            yield IssueOutcome(sought, reason=GONE)
        elif node is None:
            yield IssueOutcome(sought, unknown=answered.unknown)
        else:
            yield _unwanted(sought, node) or IssueOutcome(
                sought, row=issue_row(node, sought.wanted)
            )


def count_unlabelled(
    api: Api, wanted: IssueCriteria, labels: Sequence[str] | Unknown
) -> int | None:
    """Return how many issues have none of the labels that there are; None if it is not known."""
    if isinstance(labels, Unknown) or not labels:
        return None
    owner, name = wanted.full_name.split("/")
    shape = {"all": TOTAL, "labelled": TOTAL}
    batching = Batching[str](
        query=lambda _: UNLABELLED,
        variables=lambda _: {"owner": owner, "name": name, "labels": list(labels)},
        place=lambda _: ("repository",),
        shape=lambda _: shape,
        needs=frozenset(shape),
    )
    counts = ask_one(api, wanted.key, batching).value
    return (
        None if counts is None else counts["all"]["totalCount"] - counts["labelled"]["totalCount"]
    )


def _unwanted(sought: EarlierIssue, node: Mapping[str, Any]) -> IssueOutcome | None:
    """Return that an issue is elsewhere, or has another label; None if it is wanted still."""
    here = node["repository"]
    if repo_key(here["nameWithOwner"], here["databaseId"]) != sought.wanted.key:
        now_name = f"{here['nameWithOwner']}#{node['number']}"
        return IssueOutcome(sought, reason=TRANSFERRED, now_name=now_name)
    wanted = sought.wanted
    if wanted.takes(labels_of(node), type_of(node)):
        return None
    if matched(sought.row["labels"] or (), wanted.labels):
        return IssueOutcome(sought, reason=RELABELLED)
    was_typed = wanted.matched_types(sought.row["issue_type"])
    return IssueOutcome(sought, reason=RETYPED if was_typed else LABELLED)


def _variables(issues: Sequence[EarlierIssue]) -> dict[str, str | int]:
    variables: dict[str, str | int] = {}
    for n, issue in enumerate(issues):
        owner, name = issue.wanted.full_name.split("/")
        variables |= {f"owner{n}": owner, f"name{n}": name, f"number{n}": issue.row["number"]}
    return variables


@dataclass
class _ChangingIssues:
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
    before: Shelf[int, TableRow]
    now: Shelf[int, TableRow] = field(default_factory=Shelf)
    lost: Shelf[int, IssueOutcome] = field(default_factory=Shelf)
    open: Shelf[int, Unknown | None] = field(default_factory=Shelf)
    n_matched: int | None = None
    n_unlabelled: int | None = 0
    n_typed: int | None = 0

    def sought(self) -> Iterator[EarlierIssue]:
        """Yield what is open."""
        return (EarlierIssue(self.wanted, self.before[number]) for number in self.open)

    @property
    def adds_up(self) -> bool:
        """Tell whether all are known: each was seen, and there are as many as GitHub says."""
        n_unlabelled = n_matched = n_typed = 0
        for row in self.now.values():
            n_unlabelled += self.wanted.unlabelled and not row["labels"]
            n_matched += bool(row["matched_labels"])
            n_typed += bool(row.get("matched_types"))
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

    def list(self, rows: Mapping[int, TableRow], *, is_whole: bool) -> None:
        """Take over a list of all that are wanted today, by number."""
        for number in self.now if is_whole else ():
            if number not in rows:
                if number in self.before:
                    self.open[number] = NOT_LISTED
                del self.now[number]
        for number, row in rows.items():
            if number not in self.now:  # what was looked at is whole, what is listed may not be
                self.now[number] = row
        for number in self.open:
            if number in self.now:
                del self.open[number]


def track(
    api: Api,
    job: Job,
    population: Population,
    earlier: Earlier | None,
    tables: Tables,
    *,
    progress: Progress,
) -> int:
    """Gather the feature requests of every framework that names labels, and what became of others.

    Returns
    -------
    int
        How many are as they were in the earlier snapshot.
    """
    all_changing = []
    for framework, named in population.frameworks:
        if not (framework.labels or framework.types):
            continue
        wanted = IssueCriteria(
            key=named.key,
            node_id=named.node_id,
            full_name=named.full_name,
            labels=framework.labels,
            unlabelled=job.settings.unlabelled,
            types=framework.types,
        )
        changing = _ChangingIssues(wanted, named.labels, _before(wanted, earlier))
        with progress.task(f"issues of {named.full_name}", None, unit="issues") as task:
            if earlier is not None and changing.before and job.has_token:
                all_changing.append(changing)
                _ask_changed(api, changing, earlier)
                continue
            for row in _Listing(api, job, wanted, population.unknown).rows():
                tables.add("issues", row)
                changing.before.pop(row["number"], None)
                task.advance()
        if earlier is not None:
            for row in changing.before.values():
                lost = loss(row, WITHOUT_TOKEN, earlier, api.last_at, full_name=named.full_name)
                tables.add("disappearances", lost)
    if earlier is None:
        return 0
    for row in _untold(api, job, population, earlier):
        tables.add("disappearances", row)
    _reconcile(api, job, all_changing, population.unknown)
    for changing in all_changing:
        for row in _tell(api, changing, earlier, population.unknown):
            tables.add("disappearances", row)
    return sum(_add_issues(tables, changing, job) for changing in all_changing)


def _add_issues(tables: Tables, changing: _ChangingIssues, job: Job) -> int:
    """Add the issues of a framework as they are; return how many are as they were."""
    n_same = 0
    for number, row in changing.now.items():
        # What is younger than the mining is left to the next; GitHub counts it all the same.
        if row["created_at"] <= job.until:
            tables.add("issues", row)
        before = changing.before.get(number)
        n_same += before is not None and row["updated_at"] == before["updated_at"]
    return n_same


def _untold(api: Api, job: Job, population: Population, earlier: Earlier) -> Iterator[TableRow]:
    """Yield what became of the issues of frameworks of which nothing is told: that is unknown."""
    untold = {framework.repository.lower() for framework in job.frameworks}
    untold &= population.untold.keys()
    keys = {
        name.lower(): key
        for key, row in (earlier.repositories.items() if untold else ())
        for name in (row["full_name"], *(row["aliases"] or ()))
        if name.lower() in untold
    }
    for framework in job.frameworks:
        name = framework.repository.lower()
        if name in keys:
            for row in earlier.issues.get(keys[name], {}).values():
                reason = f"unknown: {population.untold[name]}"
                yield loss(row, reason, earlier, api.last_at, full_name=framework.repository)


def _before(wanted: IssueCriteria, earlier: Earlier | None) -> Shelf[int, TableRow]:
    """Return the earlier issues that are still wanted."""
    before: Shelf[int, TableRow] = Shelf()
    for number, row in ({} if earlier is None else earlier.issues.get(wanted.key, {})).items():
        if _takes(wanted, row):
            before[number] = row
    return before


def _takes(wanted: IssueCriteria, row: TableRow) -> bool:
    return wanted.takes(row["labels"] or (), row.get("issue_type"))


@dataclass
class _Listing:
    """All issues of a framework that are wanted, listed.

    Attributes
    ----------
    seen
        Those of which all is known, whatever the list lacks.
    is_whole
        Whether all came, once they are gone through.
    """

    api: Api
    job: Job
    wanted: IssueCriteria
    ledger: Ledger
    seen: Container[int] = ()
    is_whole: bool = True

    def rows(self) -> Iterator[TableRow]:
        """Yield each as it is, or, of a day in the past, as it stood then."""
        job, wanted, seen = self.job, self.wanted, self.seen
        if not job.has_token:
            yield from rest_issues(self.api, wanted, self.ledger)
            return
        events, every = job.as_of is not None, wanted.unlabelled
        for page in ask_issues(self.api, wanted, events=events, every=every, until=job.until):
            lost = [(number, why) for number, why in page.lost if number not in seen]
            partly = [(number, why) for number, why in page.partly if number not in seen]
            note_lost(self.ledger, wanted, replace(page, lost=lost, partly=partly))
            self.is_whole = self.is_whole and page.broken is None and not page.lost
            for node in page.nodes:
                if not wanted.takes(labels_of(node), type_of(node)):
                    continue
                row: TableRow | None = issue_row(node, wanted)
                if row is not None and job.as_of is not None:
                    row = issue_then(row, node, job.as_of)
                if row is not None and row["created_at"] <= job.until:
                    yield row


def _ask_changed(api: Api, changing: _ChangingIssues, earlier: Earlier) -> None:
    """Ask for the issues that are wanted now and changed since the snapshot."""
    wanted = changing.wanted
    if earlier.unlabelled == wanted.unlabelled:
        for page in ask_issues(api, wanted, since=earlier.asked_since, every=wanted.unlabelled):
            changing.n_matched = page.n_matched
            partly = {number for number, _ in page.partly}
            rows = [issue_row(node, wanted) for node in page.nodes if node["number"] not in partly]
            for row in rows:
                if _takes(wanted, row):
                    changing.now[row["number"]] = row
    if wanted.unlabelled:
        changing.n_unlabelled = count_unlabelled(api, wanted, changing.labels)
    changing.n_typed = count_typed(api, wanted)
    for number in changing.before:
        if number not in changing.now:
            changing.open[number] = None


def _reconcile(api: Api, job: Job, all_changing: Sequence[_ChangingIssues], ledger: Ledger) -> None:
    """Look at what did not change, as GitHub says; where doubt is left, list all anew."""
    by_key = {changing.wanted.key: changing for changing in all_changing}

    def settle(outcomes: Iterable[IssueOutcome]) -> None:
        for outcome in outcomes:
            by_key[outcome.sought.wanted.key].take(outcome)

    settle(look(api, _all_sought(all_changing)))
    few = [changing for changing in all_changing if len(changing.open) <= MOST_CLOSER]
    settle(look_closer(api, _all_sought(few)))
    doubtful = [changing for changing in all_changing if not changing.adds_up]
    for changing in doubtful:
        listing = _Listing(api, job, changing.wanted, ledger, changing.now)
        rows: Shelf[int, TableRow] = Shelf()
        for row in listing.rows():
            rows[row["number"]] = row
        changing.list(rows, is_whole=listing.is_whole)
    settle(look_closer(api, _all_sought(doubtful)))


def _all_sought(all_changing: Iterable[_ChangingIssues]) -> Iterator[EarlierIssue]:
    return (issue for changing in all_changing for issue in changing.sought())


def _tell(
    api: Api, changing: _ChangingIssues, earlier: Earlier, ledger: Ledger
) -> Iterator[TableRow]:
    """Yield what became of the issues that are wanted, or there, no more."""
    name = changing.wanted.full_name
    for number, looked in changing.lost.items():
        if number not in changing.now and looked.reason is not None:
            row, now_name = changing.before[number], looked.now_name
            yield loss(row, looked.reason, earlier, api.last_at, full_name=name, now_name=now_name)
    for number, why in changing.open.items():
        unknown = why or NOT_LISTED
        ledger.note(LOOK, f"{name}#{number}", unknown, scope=ISSUES)
        reason = f"unknown: {unknown}"
        yield loss(changing.before[number], reason, earlier, api.last_at, full_name=name)
