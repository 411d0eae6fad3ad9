"""Which repositories belong to the ecosystem: by topic, by list, as a framework of the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from artifacts.errors import InputError
from artifacts.progress import Progress
from mining.columns import ColumnMap, FieldError
from mining.github.api import Api
from mining.github.batches import GONE
from mining.github.earlier import Earlier, Known, belongs, look_again
from mining.github.errors import BlockedError, GoneError
from mining.github.job import FrameworkJob, Job, united
from mining.github.labels import label_notes
from mining.github.named import Named, find_named
from mining.github.search import Expected, Part, find_all, topic_query
from mining.sources.github_search import search_mapping, search_row
from mining.tables import Row

TOPICS, LIST, FRAMEWORK = "topics", "list", "framework"


@dataclass
class Population:
    """The repositories of an ecosystem.

    Attributes
    ----------
    rows
        By key; of those that no search found only the name, ids and source are there.
    searched
        Keys of those that a search found, whose facts are therefore known.
    frameworks
        The repository of each framework that the study names.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)
    frameworks: list[tuple[FrameworkJob, Named]] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known: Known | None = None

    def find(self, row: Row) -> None:
        """Add a repository that a search found, or would find."""
        self.searched.add(row["repo_key"])
        self.add(row, TOPICS)

    def add(self, row: Row, source: str) -> None:
        """Add a repository, or another way in which it was found."""
        there = self.rows.get(row["repo_key"], {})
        sources = {source, *there.get("source", source).split("+")}
        joined = {**there, **row, "source": "+".join(sorted(sources))}
        aliases = {n.lower(): n for each in (row, there) for n in each.get("aliases") or ()}
        if aliases:
            joined["aliases"] = [aliases[name] for name in sorted(aliases)]
        self.rows[row["repo_key"]] = joined


def discover(api: Api, job: Job, earlier: Earlier | None, *, progress: Progress) -> Population:
    """Find the repositories of the job.

    Raises
    ------
    InputError
        If a framework is not there, no repository has a topic, or none is found at all.
    """
    population = Population()
    _find_frameworks(api, job, population)
    if earlier is not None and job.has_token:
        population.known = look_again(api, earlier, progress=progress)
    mapping = search_mapping()
    for topic in job.topics:
        _find_topic(api, job, topic, population, mapping, progress)
    for name, row, problem in _listed(api, job, mapping):
        if row is None:
            population.notes.append(f"{name}, which a list names, is not there ({_why(problem)})")
        else:
            population.add(row, LIST)
    for _, named in population.frameworks:
        population.add(_bare(named), FRAMEWORK)
    if not population.rows:
        raise InputError("No repository is left to mine.", fix="name other topics, or a list")
    return population


def _find_topic(
    api: Api,
    job: Job,
    topic: str,
    population: Population,
    mapping: ColumnMap,
    progress: Progress,
) -> None:
    query = topic_query(topic, job.settings)
    members, blocked = _members(population, topic, job)
    expected = None
    if population.known is not None:
        expected = Expected(
            *(tuple(row["created_at"] for row in rows) for rows in (members, blocked))
        )
    parts: list[Part] = []
    found: dict[int, Mapping[str, Any]] = {}
    with progress.task(f"repositories under {topic}", None, unit="repositories") as task:
        for part in find_all(api, query, until=job.until, expected=expected):
            parts.append(part)
            task.advance(len(part.items.keys() - found.keys()))
            found |= part.items
            if part.with_doubtful:
                members += [row for row in blocked if part.slice.holds(row["created_at"])]
    if not found and not members:
        raise InputError(
            f"GitHub has no repository under the topic {topic!r}"
            f"{'' if job.as_of is None else ' that was created by then'}.",
            where="ecosystem.topics",
            fix="check its spelling at https://github.com/topics",
        )
    _take(population, found, mapping, api.last_at)
    for row in members:
        population.find(row)
    n_found = len({row["repo_id"] for row in members} | found.keys())
    population.searches.append(_summary(query, parts, n_found))
    population.notes += [
        f"{query} {part.slice.qualifiers()}: {len(part.items):,} found of {part.total:,} that "
        "GitHub reports; its answers did not agree"
        for part in parts
        if not part.is_complete
    ]


def _members(population: Population, topic: str, job: Job) -> tuple[list[Row], list[Row]]:
    """Return the known repositories under a topic, and those that are blocked now."""
    if population.known is None:
        return [], []
    known = (population.known.rows, population.known.blocked)
    members, blocked = ([r for r in rows.values() if belongs(r, topic, job)] for rows in known)
    return members, blocked


def _take(
    population: Population,
    found: Mapping[int, Mapping[str, Any]],
    mapping: ColumnMap,
    fetched_at: datetime,
) -> None:
    """Add what a search found."""
    for item in found.values():
        try:
            row = search_row(item, mapping)
        except FieldError as error:
            population.notes.append(f"{item.get('full_name')}: left out ({error})")
            continue
        population.find({**row, "fetched_at": fetched_at})


def _summary(query: str, parts: Sequence[Part], n_found: int) -> dict[str, Any]:
    return {
        "query": query,
        "reported_total": sum(part.total for part in parts),
        "repositories": n_found,
        "parts": len(parts),
        "parts_not_proved_complete": sum(not part.is_complete for part in parts),
    }


def _find_frameworks(api: Api, job: Job, population: Population) -> None:
    """Find the frameworks first: a misspelt name is told before anything long begins."""
    by_name: dict[str, list[FrameworkJob]] = {}
    for framework in job.frameworks:
        by_name.setdefault(framework.repository.lower(), []).append(framework)
    names = [frameworks[0].repository for frameworks in by_name.values()]
    found: dict[str, tuple[list[FrameworkJob], Named]] = {}
    for name, named, problem in _with_labels(api, job, names):
        frameworks = by_name[name.lower()]
        if named is None:
            raise InputError(
                f"There is no public repository {name} (framework {frameworks[0].name}): it is "
                f"{_why(problem)}.",
                where="frameworks.repository",
                fix="correct the name in the study",
            )
        if named.full_name.lower() != name.lower():
            population.notes.append(f"{name} is now {named.full_name}")
        found.setdefault(named.key, ([], named))[0].extend(frameworks)
    for frameworks, named in found.values():
        framework = united(frameworks)
        population.frameworks.append((framework, named))
        if len(frameworks) > 1:
            population.notes.append(
                f"{framework.name} are of one repository, {named.full_name}: its issues are those "
                "of all of them, with the labels of any"
            )
        population.notes += _label_notes(framework, named, job)


def _label_notes(framework: FrameworkJob, named: Named, job: Job) -> Iterator[str]:
    """Yield what is to be said of a framework's labels before its issues are mined."""
    yield from label_notes(named.full_name, framework.labels, named.labels)
    if not framework.labels:
        yield f"{named.full_name}: the study names no labels, so no issue is mined"
    commas = [repr(label) for label in framework.labels if "," in label]
    if commas and not job.has_token:
        yield (
            f"{named.full_name}: REST parts labels by commas, so {' and '.join(commas)} cannot be "
            "asked for without a token: all issues were looked through, 100 in a request"
        )


def _with_labels(
    api: Api, job: Job, names: Sequence[str]
) -> Iterator[tuple[str, Named | None, str | None]]:
    if job.has_token:
        yield from find_named(api, names, labels=True)
        return
    for name in names:
        try:
            found = api.get(f"/repos/{name}").json()
        except (GoneError, BlockedError) as error:
            yield name, None, None if isinstance(error, GoneError) else error.what
            continue
        pages = api.pages(f"/repos/{found['full_name']}/labels", {"per_page": "100"})
        labels = tuple(label["name"] for page in pages for label in page.json())
        yield name, Named(name, found["full_name"], found["node_id"], found["id"], labels), None


def _listed(api: Api, job: Job, mapping: ColumnMap) -> Iterator[tuple[str, Row | None, str | None]]:
    if job.has_token:
        for name, named, problem in find_named(api, job.names, labels=False):
            yield name, None if named is None else _bare(named), problem
        return
    for name in job.names:
        try:
            answer = api.get(f"/repos/{name}")
        except (GoneError, BlockedError) as error:
            yield name, None, None if isinstance(error, GoneError) else error.what
            continue
        row = {**search_row(answer.json(), mapping), "fetched_at": answer.received_at}
        yield name, _called(row, name), None


def _why(problem: str | None) -> str:
    return "deleted, private, or never was" if problem in (None, GONE) else problem


def _bare(named: Named) -> Row:
    row: Row = {
        "repo_key": named.key,
        "repo_id": named.repo_id,
        "node_id": named.node_id,
        "full_name": named.full_name,
        "owner": named.full_name.split("/")[0],
    }
    return _called(row, named.asked)


def _called(row: Row, name: str) -> Row:
    """Return a repository's row with the name that led to it, where it has another now."""
    return row if name.lower() == row["full_name"].lower() else {**row, "aliases": [name]}
