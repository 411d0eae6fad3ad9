"""The feature requests of the frameworks: all of them, or what changed since a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from artifacts.progress import Progress
from mining.github.api import Api
from mining.github.as_of import issue_then
from mining.github.batches import ask_in_batches, by_ids
from mining.github.discovery import Population
from mining.github.earlier import Earlier, loss
from mining.github.issues import (
    Wanted,
    ask_issues,
    issue_row,
    labels_of,
    note_lost,
    rest_issues,
    type_of,
)
from mining.github.job import FrameworkJob, Job
from mining.github.labels import matched
from mining.github.named import Named
from mining.github.queries import still_query
from mining.github.unknown import Ledger
from mining.tables import Row

RELABELLED = "label dropped"
GONE = "deleted or transferred"
STILL_SIZE = 2_000
"""Issues that are looked for at once, to see whether they are still there."""


@dataclass
class Tracked:
    """Rows of `issues`, and of what was an issue of the snapshot before and is none now."""

    issues: list[Row] = field(default_factory=list)
    losses: list[Row] = field(default_factory=list)
    n_carried: int = 0


@dataclass
class _Changing:
    """The issues of a framework since a snapshot: as they were, as they are, how many there are."""

    wanted: Wanted
    before: dict[int, Row]
    now: dict[int, Row]
    n_matched: int | None = 0

    @property
    def adds_up(self) -> bool:
        """Tell whether there are as many with a label of the study as GitHub says."""
        return sum(bool(row["matched_labels"]) for row in self.now.values()) == self.n_matched


def track(
    api: Api, job: Job, population: Population, earlier: Earlier | None, *, progress: Progress
) -> Tracked:
    """Return the feature requests of every framework that names labels."""
    tracked = Tracked()
    changing = []
    for framework, named in population.frameworks:
        if not (framework.labels or framework.types):
            continue
        wanted = _wanted(job, framework, named)
        before = _before(job, wanted, earlier)
        with progress.task(f"issues of {named.full_name}", None, unit="issues") as task:
            if earlier is not None and before:
                changing.append(_changed(api, wanted, earlier, before, tracked))
                continue
            rows = _listed(api, job, wanted, population.unknown)
            task.advance(len(rows))
        tracked.issues += rows
    if earlier is not None:
        _reconcile(api, changing, earlier, tracked)
    return tracked


def _wanted(job: Job, framework: FrameworkJob, named: Named) -> Wanted:
    return Wanted(
        named.key,
        named.node_id,
        named.full_name,
        framework.labels,
        job.settings.unlabelled,
        framework.types,
    )


def _before(job: Job, wanted: Wanted, earlier: Earlier | None) -> dict[int, Row]:
    """Return the earlier issues that are still wanted; none if they were mined another way."""
    if earlier is None or not job.has_token or earlier.unlabelled != wanted.unlabelled:
        return {}
    found = {}
    for number, row in earlier.issues.get(wanted.key, {}).items():
        labels = matched(row["labels"] or (), wanted.labels)
        if wanted.takes(row["labels"] or (), row["issue_type"]):
            same = labels == row["matched_labels"]
            found[number] = row if same else {**row, "matched_labels": labels}
    return found


def _listed(api: Api, job: Job, wanted: Wanted, ledger: Ledger) -> list[Row]:
    """Return all that are wanted; of a day in the past, as they stood then."""
    if not job.has_token:
        return list(rest_issues(api, wanted, ledger))
    rows = []
    events, every = job.as_of is not None, wanted.unlabelled
    for page in ask_issues(api, wanted, events=events, every=every, until=job.until):
        note_lost(ledger, wanted, page)
        for node in page.nodes:
            if not wanted.takes(labels_of(node), type_of(node)):
                continue
            row: Row | None = issue_row(node, wanted)
            if row is not None and job.as_of is not None:
                row = issue_then(row, node, job.as_of)
            if row is not None and row["created_at"] <= job.until:
                rows.append(row)
    return rows


def _changed(
    api: Api, wanted: Wanted, earlier: Earlier, before: dict[int, Row], tracked: Tracked
) -> _Changing:
    """Ask for the issues that changed since the snapshot, whatever their labels are now."""
    changing = _Changing(wanted, before, dict(before))
    for page in ask_issues(api, wanted, since=earlier.asked_since, every=True):
        changing.n_matched = page.n_matched
        for node in page.nodes:
            row = issue_row(node, wanted)
            if wanted.takes(row["labels"], row.get("issue_type")):
                changing.now[row["number"]] = row
            elif changing.now.pop(row["number"], None) is not None:
                lost = before[row["number"]]
                tracked.losses.append(_lost(lost, wanted, RELABELLED, earlier, api))
    return changing


def _reconcile(api: Api, changing: Sequence[_Changing], earlier: Earlier, tracked: Tracked) -> None:
    """Make the numbers add up: issues are deleted and transferred without a trace.

    First each issue is looked for; where that does not explain the number, all are listed anew.
    """
    doubtful = [each for each in changing if not each.adds_up]
    by_node = {row["node_id"]: (each, n) for each in doubtful for n, row in each.now.items()}
    for answered in ask_in_batches(api, sorted(by_node), by_ids(still_query), size=STILL_SIZE):
        each, number = by_node[answered.item]
        here = answered.value["repository"]["id"] if answered.value is not None else None
        if here != each.wanted.node_id:
            lost = each.now.pop(number)
            tracked.losses.append(_lost(lost, each.wanted, GONE, earlier, api))
    for each in changing:
        if not each.adds_up:
            _list_anew(api, each, earlier, tracked)
        tracked.n_carried += sum(row is each.before.get(n) for n, row in each.now.items())
        tracked.issues += each.now.values()


def _list_anew(api: Api, changing: _Changing, earlier: Earlier, tracked: Tracked) -> None:
    wanted = changing.wanted
    rows = {
        node["number"]: issue_row(node, wanted)
        for page in ask_issues(api, wanted, every=wanted.unlabelled)
        for node in page.nodes
        if wanted.takes(labels_of(node), type_of(node))
    }
    tracked.losses += [
        _lost(row, wanted, GONE, earlier, api)
        for number, row in sorted(changing.now.items())
        if number not in rows
    ]
    changing.now = rows


def _lost(row: Row, wanted: Wanted, reason: str, earlier: Earlier, api: Api) -> Row:
    return loss(row, reason, earlier, api.last_at, full_name=wanted.full_name)
