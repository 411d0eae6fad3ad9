"""Which repositories belong to the ecosystem: by topic, by list, as a framework of the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from artifacts.errors import InputError
from artifacts.progress import Progress
from artifacts.shelf import Shelf
from mining.columns import ColumnMap, FieldError
from mining.github.api import Api
from mining.github.errors import GoneError, UnfinishedError
from mining.github.job import FrameworkJob, Job, united
from mining.github.named import (
    REST_REPOSITORY,
    NamedRepository,
    find_named,
    find_with_labels,
    label_notes,
    type_notes,
)
from mining.github.past import Earlier, KnownRepositories, belongs, look_again
from mining.github.search import SearchPart, find_all, topic_query
from mining.github.unknown import NOT_TOLD, Ledger, Unknown, UnknownKind, unknown_of_one
from mining.sources.github_search import search_mapping, search_row
from mining.tables import TableRow

TOPICS, LIST, FRAMEWORK = "topics", "list", "framework"
_GONE = "deleted, private, or never was"


@dataclass
class Population:
    """The repositories of an ecosystem.

    Attributes
    ----------
    rows
        By key; of those that no search found only the name, ids and source are there.
    n_searched
        How many a search found, whose facts are therefore known.
    frameworks
        The repository of each framework that the study names.
    untold
        Why it is not known where a name of the study leads, by that name in lower case.
    unknown
        What GitHub did not tell.
    """

    rows: Shelf[str, TableRow] = field(default_factory=Shelf)
    n_searched: int = 0
    frameworks: list[tuple[FrameworkJob, NamedRepository]] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known: KnownRepositories | None = None
    untold: dict[str, Unknown] = field(default_factory=dict)
    unknown: Ledger = field(default_factory=Ledger)

    def find(self, row: TableRow) -> None:
        """Add a repository that a search found, or would find."""
        before = self.rows.get(row["repo_key"])
        self.n_searched += before is None or not is_searched(before)
        self.add(row, TOPICS)

    def add(self, row: TableRow, source: str) -> None:
        """Add a repository, or another way in which it was found."""
        before = self.rows.get(row["repo_key"], {})
        sources = {source, *before.get("source", source).split("+")}
        joined = {**before, **row, "source": "+".join(sorted(sources))}
        names = [*(row.get("aliases") or ()), *(before.get("aliases") or ())]
        aliases = {name.lower(): name for name in names}
        if aliases:
            joined["aliases"] = [aliases[name] for name in sorted(aliases)]
        self.rows[row["repo_key"]] = joined


@dataclass(frozen=True)
class _Odd:
    """A repository of which a search tells what cannot be."""

    full_name: str
    why: Unknown


def is_searched(row: TableRow) -> bool:
    """Tell whether a search found a repository of the population."""
    return TOPICS in row["source"].split("+")


def discover(api: Api, job: Job, earlier: Earlier | None, *, progress: Progress) -> Population:
    """Find the repositories of the job.

    Raises
    ------
    InputError
        If a framework is not there, no repository has a topic, or none is found at all.
    """
    population = Population()
    _find_frameworks(api, job, population, progress)
    if earlier is not None and job.has_token:
        population.known = look_again(api, earlier, owner_types=job.histories, progress=progress)
    mapping = search_mapping()
    for topic in job.topics:
        _find_topic(api, job, topic, population, mapping, progress)
    for name, row, unknown in _listed(api, job, mapping):
        if row is not None:
            population.add(row, LIST)
        elif unknown is not None:
            population.untold[name.lower()] = unknown
            population.unknown.note("repository that a list names", name, unknown)
        else:
            population.notes.append(f"{name}, which a list names, is not there ({_GONE})")
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
    known = population.known

    def members() -> Iterator[TableRow]:
        return (r for r in (known.rows.values() if known else ()) if belongs(r, topic, job))

    expected = None if known is None else [row["created_at"] for row in members()]
    parts: list[tuple[int, bool]] = []
    found: Shelf[int, TableRow | _Odd] = Shelf()
    with progress.task(f"repositories under {topic}", None, unit="repositories") as task:
        for part in find_all(api, query, until=job.until, expected=expected):
            n_before = len(found)
            for repo_id, item in part.items.items():
                found[repo_id] = _row_of(item, mapping)
            task.advance(len(found) - n_before)
            parts.append((part.total, part.is_complete))
            _note_incomplete(population, query, part)
    if not found and not expected:
        raise InputError(
            f"GitHub found no repository under the topic {topic!r}"
            f"{'' if job.as_of is None else ' that was created by then'}.",
            where="ecosystem.topics",
            fix="check its spelling at https://github.com/topics; if it is right, run the same "
            "command again later: GitHub's search finds nothing at times",
        )
    _take(population, found, api.last_at)
    n_found = len(found)
    for row in members():
        population.find(row)
        n_found += row["repo_id"] not in found
    population.searches.append(_summary(query, parts, n_found))


def _note_incomplete(population: Population, query: str, part: SearchPart) -> None:
    """Note that not all of a part of a search was found, if so."""
    if not part.is_complete:
        words = f"{query} {part.slice.qualifiers()}"
        population.notes.append(
            f"{words}: {len(part.items):,} found of {part.total:,} that GitHub reports; its "
            "answers did not agree"
        )
        why = Unknown(UnknownKind.FOR_NOW, "GitHub's answers did not agree")
        population.unknown.note("repositories found", words, why, n=part.n_missing)


def _row_of(item: Mapping[str, Any], mapping: ColumnMap) -> TableRow | _Odd:
    """Return what a search tells of a repository as a row, or what is odd about it."""
    try:
        return search_row(item, mapping)
    except FieldError as error:
        why = Unknown(UnknownKind.FOR_NOW, f"what the search tells of it is odd: {error}")
        return _Odd(item["full_name"], why)


def _take(
    population: Population, found: Mapping[int, TableRow | _Odd], fetched_at: datetime
) -> None:
    """Add what a search found."""
    for row in found.values():
        if isinstance(row, _Odd):
            population.unknown.note("repository", row.full_name, row.why)
        else:
            population.find({**row, "fetched_at": fetched_at})


def _summary(query: str, parts: Sequence[tuple[int, bool]], n_found: int) -> dict[str, Any]:
    """Return what is told of a search: of each part how many there are, and whether all came."""
    return {
        "query": query,
        "reported_total": sum(total for total, _ in parts),
        "repositories": n_found,
        "parts": len(parts),
        "parts_not_proved_complete": sum(not is_complete for _, is_complete in parts),
    }


def _find_frameworks(api: Api, job: Job, population: Population, progress: Progress) -> None:
    """Find the frameworks first: a misspelt name is told before anything long begins."""
    by_name: dict[str, list[FrameworkJob]] = {}
    for framework in job.frameworks:
        by_name.setdefault(framework.repository.lower(), []).append(framework)
    names = [frameworks[0].repository for frameworks in by_name.values()]
    by_key: dict[str, tuple[list[FrameworkJob], NamedRepository]] = {}
    for name, named, unknown in find_with_labels(api, job, names):
        frameworks = by_name[name.lower()]
        if named is None:
            _note_framework(population, united(frameworks), unknown, job, progress)
            continue
        if named.full_name.lower() != name.lower():
            population.notes.append(f"{name} is now {named.full_name}")
        by_key.setdefault(named.key, ([], named))[0].extend(frameworks)
    for frameworks, named in by_key.values():
        framework = united(frameworks)
        population.frameworks.append((framework, named))
        if len(frameworks) > 1:
            population.notes.append(
                f"{framework.name} are of one repository, {named.full_name}: its issues are those "
                "of all of them, with the labels of any"
            )
        if isinstance(named.labels, Unknown):
            population.unknown.note("labels", named.full_name, named.labels)
        else:
            population.notes += label_notes(named.full_name, framework.labels, named.labels)
        for note in type_notes(api, framework, named, has_token=job.has_token):
            if isinstance(note, Unknown):
                population.unknown.note("issue types", named.full_name, note)
            else:
                population.notes.append(note)
        population.notes += _asking_notes(framework, named, job)


def _asking_notes(framework: FrameworkJob, named: NamedRepository, job: Job) -> Iterator[str]:
    """Yield what is to be said of how a framework's issues are asked for."""
    if not (framework.labels or framework.types):
        yield f"{named.full_name}: the study names no labels, so no issue is mined"
    commas = [repr(label) for label in framework.labels if "," in label]
    if commas and not job.has_token:
        yield (
            f"{named.full_name}: REST parts labels by commas, so {' and '.join(commas)} cannot be "
            "asked for without a token: all issues were looked through, 100 in a request"
        )


def _note_framework(
    population: Population,
    framework: FrameworkJob,
    unknown: Unknown | None,
    job: Job,
    progress: Progress,
) -> None:
    """Note that a framework is unknown: for good, or accepted as it is; otherwise end at once.

    Raises
    ------
    InputError
        If it is not there.
    UnfinishedError
        If GitHub may tell of it later.
    """
    name = framework.repository
    if unknown is None:
        raise InputError(
            f"There is no public repository {name} (framework {framework.name}): it is {_GONE}.",
            where="frameworks.repository",
            fix="correct the name in the study",
        )
    if unknown.kind is UnknownKind.FOR_NOW and not job.accepts:
        raise UnfinishedError(
            f"GitHub does not tell of {name} (framework {framework.name}): {unknown.reason}.",
            where=name,
            fix="go on later with the same command",
        )
    population.untold[name.lower()] = unknown
    what = "framework and its feature requests"
    population.unknown.note(what, name, unknown)
    fix = f"; to do: {unknown.fix}" if unknown.fix else ""
    progress.say(f"{name} (framework {framework.name}) unknown, {unknown.kind}: {unknown}{fix}")


def _listed(
    api: Api, job: Job, mapping: ColumnMap
) -> Iterator[tuple[str, TableRow | None, Unknown | None]]:
    if job.has_token:
        for name, named, unknown in find_named(api, job.names, labels=False):
            yield name, None if named is None else _bare(named), unknown
        return
    for name in job.names:
        try:
            answer = api.get(f"/repos/{name}", shape=REST_REPOSITORY)
            row = search_row(answer.json(), mapping)
        except GoneError:
            yield name, None, None
        except NOT_TOLD as error:
            yield name, None, unknown_of_one(error)
        except FieldError as error:
            why = f"what GitHub tells of it is odd: {error}"
            yield name, None, Unknown(UnknownKind.FOR_NOW, why)
        else:
            yield name, _with_alias({**row, "fetched_at": answer.received_at}, name), None


def _bare(named: NamedRepository) -> TableRow:
    row: TableRow = {
        "repo_key": named.key,
        "repo_id": named.repo_id,
        "node_id": named.node_id,
        "full_name": named.full_name,
        "owner": named.full_name.split("/")[0],
    }
    return _with_alias(row, named.asked)


def _with_alias(row: TableRow, name: str) -> TableRow:
    """Return a repository's row with the name that led to it, where it has another now."""
    return row if name.lower() == row["full_name"].lower() else {**row, "aliases": [name]}
