"""The feature requests of the frameworks: all of them, or what changed since a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field

from artifacts.progress import Progress
from mining.github.api import Api
from mining.github.as_of import issue_then
from mining.github.discovery import Population
from mining.github.earlier import Earlier, issue_loss
from mining.github.issues import Wanted, ask_issues, issue_row, labels_of, rest_issues
from mining.github.job import FrameworkJob, Job
from mining.github.named import Named
from mining.tables import Row

RELABELLED = "label dropped"
GONE = "deleted or transferred"


@dataclass
class Tracked:
    """Rows of `issues`, and of what was an issue of the snapshot before and is none now."""

    issues: list[Row] = field(default_factory=list)
    losses: list[Row] = field(default_factory=list)
    n_carried: int = 0


def track(
    api: Api, job: Job, population: Population, earlier: Earlier | None, *, progress: Progress
) -> Tracked:
    """Return the feature requests of every framework that names labels."""
    tracked = Tracked()
    for framework, named in population.frameworks:
        if not framework.labels:
            continue
        wanted = _wanted(job, framework, named)
        with progress.task(f"issues of {named.full_name}", None, unit="issues") as task:
            before = earlier.issues.get(wanted.key) if earlier is not None else None
            if not job.has_token:
                rows = list(rest_issues(api, wanted))
            elif earlier is not None and before:
                rows = _changed(api, wanted, earlier, dict(before), tracked)
            else:
                rows = _listed(api, job, wanted)
            task.advance(len(rows))
        tracked.issues += rows
    return tracked


def _wanted(job: Job, framework: FrameworkJob, named: Named) -> Wanted:
    return Wanted(named.key, named.full_name, framework.labels, job.settings.unlabelled)


def _listed(api: Api, job: Job, wanted: Wanted) -> list[Row]:
    """Return all that are wanted; of a day in the past, as they stood then."""
    rows = []
    for page in ask_issues(api, wanted, events=job.as_of is not None, every=wanted.unlabelled):
        for node in page.nodes:
            if not wanted.takes(labels_of(node)):
                continue
            row: Row | None = issue_row(node, wanted)
            if row is not None and job.as_of is not None:
                row = issue_then(row, node, job.as_of)
            if row is not None and row["created_at"] <= job.until:
                rows.append(row)
    return rows


def _changed(
    api: Api, wanted: Wanted, earlier: Earlier, before: dict[int, Row], tracked: Tracked
) -> list[Row]:
    """Return the earlier issues with what changed since; all anew if the numbers do not add up."""
    now = dict(before)
    n_matched = 0
    for page in ask_issues(api, wanted, since=earlier.asked_since, every=True):
        n_matched = page.n_matched
        for node in page.nodes:
            row = issue_row(node, wanted)
            if wanted.takes(row["labels"]):
                now[row["number"]] = row
            elif now.pop(row["number"], None) is not None:
                _lose(before[row["number"]], wanted, RELABELLED, earlier, api, tracked)
    if sum(bool(row["matched_labels"]) for row in now.values()) != n_matched:
        # Deleted and transferred issues change without a trace: only the whole list tells.
        now = _relisted(api, wanted, now, earlier, tracked)
    tracked.n_carried += sum(row is before.get(number) for number, row in now.items())
    return list(now.values())


def _relisted(
    api: Api, wanted: Wanted, now: dict[int, Row], earlier: Earlier, tracked: Tracked
) -> dict[int, Row]:
    pages = ask_issues(api, wanted, every=wanted.unlabelled)
    rows = {
        node["number"]: issue_row(node, wanted)
        for page in pages
        for node in page.nodes
        if wanted.takes(labels_of(node))
    }
    for number, row in sorted(now.items()):
        if number not in rows:
            _lose(row, wanted, GONE, earlier, api, tracked)
    return rows


def _lose(
    row: Row, wanted: Wanted, reason: str, earlier: Earlier, api: Api, tracked: Tracked
) -> None:
    tracked.losses.append(issue_loss(row, wanted.full_name, reason, earlier.id, api.last_at))
