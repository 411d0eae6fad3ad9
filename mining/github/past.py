"""The past: an earlier snapshot, of which the next one goes on, and a day that is rebuilt.

What of an earlier snapshot still holds is carried over, what is gone is told: its repositories are
looked at again, and each is there, gone, or not known.

Of a day in the past only some can be known today. Committer dates can be set at will and history
can be rewritten, so a README "as of" a day is that of the last commit that today's history dates
before its end. Stars are those that came by then and are still given today. Names, descriptions,
topics and labels have no history: they are today's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from artifacts.progress import Progress
from artifacts.shelf import Shelf, listed
from mining.columns import FieldError
from mining.github.api import Api
from mining.github.batches import Answered, Batching, ask_if_told, by_ids
from mining.github.facts import (
    COUNTED,
    NEEDED,
    SEARCHED,
    GraphqlNode,
    head_of,
    known_row,
    known_shape,
    moment_of,
)
from mining.github.issues import CLOSED, OPEN
from mining.github.job import Job
from mining.github.named import by_names
from mining.github.queries import known_by_name_query, known_query
from mining.github.search import find_by_name
from mining.github.unknown import Ledger, Unknown
from mining.snapshots import open_snapshot, rows_in
from mining.sources.github_search import search_mapping, search_row
from mining.tables import TableRow, issue_key, repo_key

MARGIN = timedelta(hours=1)
"""Time before the earlier mining that is asked for again: clocks and caches are not exact."""
BELONGINGS = ("languages", "releases", "activity")
"""Tables that are carried over with a repository that is as it was; of its activity, what of the
commits of each month still counts."""
SIZE = 800
"""Repositories that are looked at again at once."""
SIZE_BY_NAME = 50
"""The same of those that are asked for by name."""
MOST_SOUGHT = 60
"""Repositories up to which it is worth to search for each by its name."""
BY_THE_HEAD = ("commits", "last_commit_at", "head_commit", "contributors", "enriched_at")
"""Columns that stay as they are while the last commit is the same."""
DELETED = "deleted or private"
WITHOUT_TOKEN = "not found any more (why, is not known without a token)"
LOOK = "what became of it"
Availability = Literal["as of then", "today", "unknown"]
_THEN: Availability = "as of then"
_TODAY: Availability = "today"
_UNKNOWN: Availability = "unknown"
COLUMNS_AS_OF: Mapping[str, Mapping[str, Availability]] = {
    "repositories": {
        **dict.fromkeys(
            ("repo_key", "repo_id", "node_id", "full_name", "aliases", "owner", "owner_type"),
            _TODAY,
        ),
        **dict.fromkeys(
            ("homepage", "topics", "language", "license_spdx", "fork", "is_template"), _TODAY
        ),
        **dict.fromkeys(("default_branch", "source", "description"), _TODAY),
        **dict.fromkeys(("created_at", "archived", "archived_at", "stars", "releases"), _THEN),
        **dict.fromkeys(("commits", "last_commit_at", "head_commit"), _THEN),
        **dict.fromkeys(("forks", "open_issues", "watchers", "size_kb"), _UNKNOWN),
        **dict.fromkeys(("updated_at", "pushed_at", "contributors", "tags"), _UNKNOWN),
        **dict.fromkeys(("issues_open", "issues_closed"), _UNKNOWN),
        **dict.fromkeys(("pulls_open", "pulls_closed", "pulls_merged"), _UNKNOWN),
    },
    "readmes": dict.fromkeys(("repo_key", "path", "commit", "sha", "text", "truncated"), _THEN),
    "issues": {
        **dict.fromkeys(("repo_key", "number", "node_id", "title", "body", "labels"), _TODAY),
        **dict.fromkeys(("matched_labels", "author_association"), _TODAY),
        **dict.fromkeys(("issue_type", "matched_types"), _TODAY),
        **dict.fromkeys(("created_at", "state", "state_reason", "closed_at"), _THEN),
        **dict.fromkeys(("updated_at", "comments"), _UNKNOWN),
        **dict.fromkeys(("reactions_total", "reactions_plus1"), _UNKNOWN),
    },
    "releases": dict.fromkeys(("repo_key", "tag", "name", "published_at", "prerelease"), _THEN),
    "activity": {
        **dict.fromkeys(("repo_key", "month", "commits", "stars_gained", "releases"), _THEN),
        **dict.fromkeys(("human", "bot", "agent", "people", "newcomers", "tags"), _UNKNOWN),
    },
    "histories": {
        **dict.fromkeys(("repo_key", "observed_at", "last_commit_at", "head_commit"), _THEN),
        **dict.fromkeys(("commits", "flags", "reason"), _THEN),
        **dict.fromkeys(("entered_at", "first_commit_at", "last_human_at", "roots"), _UNKNOWN),
        **dict.fromkeys(("merges", "squash_share", "identities"), _UNKNOWN),
        **dict.fromkeys(("absence_factor", "truck_factor"), _UNKNOWN),
    },
}
"""What a snapshot as of a day holds in each column; what is unknown is null."""
MOST_EVENTS = 100
"""Times of closing and reopening that are asked for with an issue."""


@dataclass(frozen=True)
class Earlier:
    """A snapshot, by key of repository.

    Attributes
    ----------
    commit_months
        How many months it counts the commits of.
    unknown
        Those of which it lacks something.
    """

    id: str
    started_at: datetime
    repositories: Mapping[str, TableRow]
    readmes: Mapping[str, TableRow]
    belongings: Mapping[str, Mapping[str, list[TableRow]]]
    histories: Mapping[str, TableRow]
    commit_months: int
    issues: Mapping[str, Mapping[int, TableRow]]
    unlabelled: bool
    unknown: frozenset[str]

    @property
    def asked_since(self) -> datetime:
        """Return the time from which on changes are asked for."""
        return self.started_at - MARGIN


def read_earlier(folder: Path, job: Job) -> Earlier:
    """Read a sealed snapshot, mined by ``job``, to carry over from it."""
    issues: dict[str, Shelf[int, TableRow]] = defaultdict(Shelf)
    for row in rows_in(folder, "issues"):
        issues[row["repo_key"]][row["number"]] = row
    repositories = _by_key(folder, "repositories")
    return Earlier(
        id=folder.name,
        started_at=job.started_at,
        repositories=repositories,
        readmes=_by_key(folder, "readmes"),
        belongings={name: _lists_by_key(folder, name) for name in BELONGINGS},
        histories=_by_key(folder, "histories"),
        commit_months=job.settings.commit_months,
        issues=issues,
        unlabelled=job.settings.unlabelled,
        unknown=_unknown(folder, repositories),
    )


def _by_key(folder: Path, table: str) -> Shelf[str, TableRow]:
    shelf: Shelf[str, TableRow] = Shelf()
    for row in rows_in(folder, table):
        shelf[row["repo_key"]] = row
    return shelf


def _lists_by_key(folder: Path, table: str) -> Shelf[str, list[TableRow]]:
    """Return the rows of each repository, which stand together in the table."""
    shelf: Shelf[str, list[TableRow]] = Shelf()
    for key, rows in groupby(rows_in(folder, table), key=itemgetter("repo_key")):
        shelf[key] = list(rows)
    return shelf


def _unknown(folder: Path, repositories: Mapping[str, TableRow]) -> frozenset[str]:
    """Return the keys of the repositories of which something was not told when it was mined."""
    names = {
        who.lower()
        for source in open_snapshot(folder).sources
        for entry in source.facts.get("unknown", ())
        for who in entry["who"]
    }
    if not names:
        return frozenset()
    return frozenset(key for key, row in repositories.items() if row["full_name"].lower() in names)


def moves(names: Mapping[str, str], earlier: Earlier, noticed_at: datetime) -> Iterator[TableRow]:
    """Yield a row for each repository that has another name or owner than before.

    Parameters
    ----------
    names
        Of the repositories that are there, by key.
    """
    for key, name in names.items():
        before = earlier.repositories.get(key)
        if before is None or before["full_name"].lower() == name.lower():
            continue
        owners = {each.split("/")[0].lower() for each in (before["full_name"], name)}
        reason = "renamed" if len(owners) == 1 else "transferred"
        yield loss(before, reason, earlier, noticed_at, now_name=name)


def loss(
    before: TableRow,
    reason: str,
    earlier: Earlier,
    at: datetime,
    *,
    full_name: str | None = None,
    now_name: str | None = None,
) -> TableRow:
    """Return the row that tells what became of an earlier row: a repository's, or an issue's.

    Parameters
    ----------
    full_name
        Of the repository, where the row does not say it.
    """
    key, number = before["repo_key"], before.get("number")
    return {
        "key": key if number is None else issue_key(key, number),
        "repo_key": key,
        "full_name": full_name or before["full_name"],
        "number": number,
        "reason": reason,
        "now_name": now_name,
        "since": earlier.id,
        "noticed_at": at,
    }


@dataclass
class KnownRepositories:
    """What became of the repositories of an earlier snapshot, by key.

    Attributes
    ----------
    rows
        What a search tells of each today.
    carried
        What else there is to tell of those whose files and releases are as they were.
    gone
        Why there is nothing to tell of others.
    unknown
        Why it is not known, of the rest.
    """

    rows: Shelf[str, TableRow] = field(default_factory=Shelf)
    carried: Shelf[str, TableRow] = field(default_factory=Shelf)
    gone: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, Unknown] = field(default_factory=dict)


def look_again(
    api: Api, earlier: Earlier, *, owner_types: bool, progress: Progress
) -> KnownRepositories:
    """Ask what is to be told today of every repository of the earlier snapshot."""
    known = KnownRepositories()
    by_node: Shelf[str, str] = Shelf()
    by_name: Shelf[str, str] = Shelf()
    for key, row in earlier.repositories.items():
        if row["node_id"]:
            by_node[row["node_id"]] = key
        else:
            by_name[row["full_name"]] = key
    shape = known_shape(owner_types=owner_types)
    batching = by_ids(partial(known_query, owner_types=owner_types), shape=shape, needs=NEEDED)
    with progress.task("known repositories", len(by_node), unit="repositories") as task:
        for answered in ask_if_told(api, listed(by_node), batching, size=SIZE):
            task.advance()
            before = earlier.repositories[by_node[answered.item]]
            if answered.is_gone:
                by_name[before["full_name"]] = before["repo_key"]
            else:
                _take(known, before, answered, earlier)
    # GitHub has changed the form of its ids before: gone is only what has no name there either.
    batching = Batching[str](
        query=partial(known_by_name_query, owner_types=owner_types),
        variables=by_names,
        place=lambda number: (f"r{number}",),
        shape=lambda _: shape,
        needs=NEEDED,
    )
    for answered in ask_if_told(api, listed(by_name), batching, size=SIZE_BY_NAME):
        before = earlier.repositories[by_name[answered.item]]
        if answered.is_gone or not _is_same(before, answered.value):
            known.gone[before["repo_key"]] = DELETED
        else:
            _take(known, before, answered, earlier)
    _search(api, known, earlier)
    return known


def _is_same(before: TableRow, node: GraphqlNode | None) -> bool:
    """Tell whether a name leads to the repository that had it, as far as is known."""
    key = None if node is None else repo_key(node["nameWithOwner"], node["databaseId"])
    return key in (None, before["repo_key"])


def _take(
    known: KnownRepositories, before: TableRow, answered: Answered[str], earlier: Earlier
) -> None:
    key, node = before["repo_key"], answered.value
    if node is None or answered.answer is None:
        if answered.unknown is not None:
            known.unknown[key] = answered.unknown
    elif node["isPrivate"]:
        known.gone[key] = "private"
    else:
        row = known_row(node, answered.answer.received_at)
        row["default_branch"] = row["default_branch"] or before["default_branch"]
        known.rows[key] = {name: row[name] for name in (*SEARCHED, "fetched_at")}
        if key not in earlier.unknown and _is_as_before(before, row, node, earlier):
            counted = {name: row[name] for name in COUNTED}
            known.carried[key] = counted | {name: before[name] for name in BY_THE_HEAD}


def _is_as_before(before: TableRow, row: TableRow, node: GraphqlNode, earlier: Earlier) -> bool:
    """Tell whether files and releases are those of the earlier snapshot, which has them all."""
    head, key = head_of(node), before["repo_key"]
    is_empty = head is None and node["isEmpty"] and before["commits"] == 0
    tags = {release["tag"] for release in earlier.belongings["releases"].get(key, ())}
    newest = {release["tagName"] for release in (node["releases"] or {"nodes": ()})["nodes"]}
    return (
        before["enriched_at"] is not None
        and all(row[name] is not None for name in COUNTED if name != "archived_at")
        and (is_empty or (head is not None and head == before["head_commit"]))
        and row["releases"] == before["releases"]
        and newest <= tags
    )


def _search(api: Api, known: KnownRepositories, earlier: Earlier) -> None:
    """Search for those of which GraphQL tells nothing: the search may tell of them none the less.

    Where they are too many, or not found, the search by topic misses them, and looks for them.
    """
    names = sorted(earlier.repositories[key]["full_name"] for key in known.unknown)
    if len(names) > MOST_SOUGHT:
        return
    mapping = search_mapping()
    for item in find_by_name(api, names):
        with suppress(FieldError):
            row = search_row(item, mapping)
            if row["repo_key"] in known.unknown:
                known.rows[row["repo_key"]] = {**row, "fetched_at": api.last_at}


def losses(
    there: Container[str],
    earlier: Earlier,
    known: KnownRepositories | None,
    *,
    untold: Mapping[str, Unknown],
    ledger: Ledger,
    job: Job,
    at: datetime,
) -> Iterator[TableRow]:
    """Yield a row, with the reason, for each repository that was there before and is not now.

    Parameters
    ----------
    there
        The keys of the repositories that are there.
    known
        What became of those that were; None if nobody could ask.
    untold
        Why it is not known where a name of the study leads, by that name in lower case.
    at
        When it was noticed.
    """
    for key, before in earlier.repositories.items():
        if key in there:
            continue
        names = (before["full_name"], *(before["aliases"] or ()))
        unknown = next((untold[n.lower()] for n in names if n.lower() in untold), None)
        reason, now_name = WITHOUT_TOKEN, None
        if known is not None and key in known.gone:
            reason = known.gone[key]
        elif known is not None and key in known.rows and unknown is None:
            now = known.rows[key]
            reason = _why_out(now, before, job)
            moved = now["full_name"].lower() != before["full_name"].lower()
            now_name = now["full_name"] if moved else None
        elif known is not None:
            unknown = unknown or known.unknown[key]
            reason = f"unknown: {unknown}"
            ledger.note(LOOK, before["full_name"], unknown)
        yield loss(before, reason, earlier, at, now_name=now_name)


def belongs(row: TableRow, topic: str, job: Job) -> bool:
    """Tell whether the search for a topic finds a repository."""
    settings = job.settings
    topics = set(row["topics"] or ())
    return (
        topic in topics
        and not topics & set(settings.exclude_topics)
        and (settings.forks or not row["fork"])
        and (settings.archived or not row["archived"])
        and row["created_at"] <= job.until
    )


def _why_out(row: TableRow, before: TableRow, job: Job) -> str:
    """Return why a repository that is there belongs to the study no more."""
    topics, wanted = set(row["topics"] or ()), set(job.topics)
    if not topics & wanted:
        dropped = wanted & set(before["topics"] or ())
        return "topic dropped" if dropped else "not named by the study any more"
    if topics & set(job.settings.exclude_topics):
        return "carries an excluded topic"
    if row["archived"] and not job.settings.archived:
        return "archived"
    if row["fork"] and not job.settings.forks:
        return "a fork"
    return "not found by the search"


def known_columns(*, star_history: bool, commit_months: int) -> dict[str, dict[str, Availability]]:
    """Return what is known in each column; stars, and commits a month, only if asked for."""
    columns = {table: dict(known) for table, known in COLUMNS_AS_OF.items()}
    if not star_history:
        columns["repositories"]["stars"] = _UNKNOWN
        columns["activity"]["stars_gained"] = _UNKNOWN
    if not commit_months:
        columns["activity"]["commits"] = _UNKNOWN
    return columns


def repository_then(row: TableRow, moment: datetime) -> TableRow:
    """Return a repository's row with what is unknown of the past left out."""
    then = {
        column: value
        for column, value in row.items()
        if COLUMNS_AS_OF["repositories"].get(column, _TODAY) != _UNKNOWN
    }
    archived_at = row.get("archived_at")
    if archived_at is not None:
        then["archived"] = archived_at <= moment
        then["archived_at"] = archived_at if then["archived"] else None
    elif row.get("archived"):
        then["archived"] = None  # archived before GitHub noted when
    then["stars"] = None
    return then


def issue_then(row: TableRow, node: Mapping[str, Any], moment: datetime) -> TableRow | None:
    """Return an issue's row as it stood at a moment; None if it was not there yet."""
    if row["created_at"] > moment:
        return None
    then = {
        column: value
        for column, value in row.items()
        if COLUMNS_AS_OF["issues"][column] != _UNKNOWN
    }
    timeline = node["timelineItems"]
    if timeline is None:  # unknown
        return {**then, "state": None, "state_reason": None, "closed_at": None}
    events = sorted(
        (
            (moment_of(event["createdAt"]), event["__typename"], event.get("stateReason"))
            for event in timeline["nodes"]
        ),
        key=lambda event: event[0],
    )
    before = [event for event in events if event[0] <= moment]
    then |= {"state": OPEN, "state_reason": None, "closed_at": None}
    if timeline["totalCount"] > MOST_EVENTS and len(before) == len(events):
        then["state"] = None  # there may be more before the moment than were given
    elif before and before[-1][1] == "ClosedEvent":
        closed_at, _, reason = before[-1]
        reason = reason.lower() if reason else None
        then |= {"state": CLOSED, "state_reason": reason, "closed_at": closed_at}
    elif before:
        then["state_reason"] = "reopened"
    elif not events and row["closed_at"] is not None and row["closed_at"] <= moment:
        # Moved here from elsewhere, its events were lost.
        then |= {column: row[column] for column in ("state", "state_reason", "closed_at")}
    return then
