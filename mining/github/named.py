"""Repositories by name: where the lists have them from, where they are now, what their issues bear.

A list names one repository on each line, or links to them in Markdown (awesome lists). The labels
and the types that mean a feature request are those of the study, held against those that there are.
An organisation defines types for its repositories (docs.github.com, "Managing issue types in an
organization"). An older Enterprise server knows of none, nor does it of a repository of a person.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import decoded, storage_errors
from mining.github.api import Api
from mining.github.batches import Answered, Batching, all_nodes, ask_in_batches, ask_one
from mining.github.errors import GoneError, NotStoredError
from mining.github.job import FrameworkJob, Job
from mining.github.queries import LABELS, TYPES, named_query
from mining.github.shapes import (
    PAGE,
    JsonShape,
    Maybe,
    fitted,
    is_flag,
    is_name,
    is_number,
    is_plain,
    is_word,
)
from mining.github.unknown import LEFT_OUT, NOT_TOLD, Unknown, UnknownKind, unknown_of_one
from mining.reading import MARKDOWN
from mining.sources.lists import linked_repository, markdown_links, named_entries
from mining.tables import repo_key

SIZE = 50
"""Repositories that are asked for by name at once, at most."""
PER_PAGE = 100
_LABELS: JsonShape = {"pageInfo": PAGE, "nodes": [{"name": is_plain}]}
_SHAPE: JsonShape = {"id": is_word, "databaseId": is_number, "nameWithOwner": is_name}
REST_REPOSITORY: JsonShape = {"id": is_number, "node_id": is_word, "full_name": is_name}
_REST_LABELS: JsonShape = [{"name": is_plain}]
ALIKE = 0.8
"""Likeness of two labels (difflib's ratio) from which on one may be meant by the other."""
_LIKE_A_REQUEST = re.compile(
    r"enhance|feature|\bfr\b|\brfe\b|request|improve|suggest|proposal|idea|wish", re.IGNORECASE
)
_NOT_A_REQUEST = re.compile(r"pull[ -]?request|\bpr\b|(?<!p)review|question", re.IGNORECASE)
_TYPE: JsonShape = {"name": is_plain, "isEnabled": is_flag}
_TYPES = Batching[str](
    query=lambda _: TYPES,
    variables=lambda names: dict(zip(("owner", "name"), names[0].split("/"), strict=True)),
    place=lambda _: ("repository",),
    shape=lambda _: {"issueTypes": Maybe({"nodes": [_TYPE]})},
)
_UNKNOWN_FIELD = "issueTypes"
NO_TYPES = Unknown(UnknownKind.REFUSED, "this server knows no issue types of it")


def read_names(paths: Sequence[Path]) -> list[str]:
    """Return the repositories that some files name, each once, in the order of their names.

    Raises
    ------
    InputError
        If a file is not there or not text, names none, or has a line that is no name.
    """
    by_lower: dict[str, str] = {}
    for path in paths:
        if not path.is_file():
            raise InputError("There is no such list.", where=str(path), fix="correct the path")
        with storage_errors(path):
            text = decoded(path.read_bytes(), what="list", where=str(path))
        is_markdown = path.suffix.lower() in MARKDOWN
        names = list(_linked(text) if is_markdown else _listed(text, path))
        if not names:
            raise InputError(
                "The list names no repository.",
                where=str(path),
                fix="give owner/name on each line, or Markdown with links to github.com",
            )
        for name in names:
            by_lower.setdefault(name.lower(), name)
    return [by_lower[key] for key in sorted(by_lower)]


def _listed(text: str, path: Path) -> Iterator[str]:
    for entry in named_entries(text):
        if entry.repository is None:
            raise InputError(
                f"{entry.reason}.",
                where=f"{path}, line {entry.line}",
                fix="write owner/name, or its address",
            )
        yield entry.repository


def _linked(text: str) -> Iterator[str]:
    """Yield the repositories that Markdown links to; links to anything else are passed over."""
    return filter(None, map(linked_repository, markdown_links(text)))


@dataclass(frozen=True)
class NamedRepository:
    """A repository that a name led to; `labels` if they were asked for, or why they are unknown."""

    asked: str
    full_name: str
    node_id: str
    repo_id: int
    labels: tuple[str, ...] | Unknown = ()

    @property
    def key(self) -> str:
        """Return its `repo_key`."""
        return repo_key(self.full_name, self.repo_id)


def find_named(
    api: Api, names: Sequence[str], *, labels: bool
) -> Iterator[tuple[str, NamedRepository | None, Unknown | None]]:
    """Yield for each name its repository, or None: then why it is unknown, if it is not gone."""
    batching = Batching[str](
        query=named_query,
        variables=lambda batch: {"labels": labels, **by_names(batch)},
        place=lambda number: (f"r{number}",),
        shape=lambda _: {**_SHAPE, "labels": _LABELS} if labels else _SHAPE,
        needs=frozenset(_SHAPE),
    )
    for answered in ask_in_batches(api, names, batching, size=SIZE):
        node = answered.value
        repository = (
            None
            if node is None
            else NamedRepository(
                asked=answered.item,
                full_name=node["nameWithOwner"],
                node_id=node["id"],
                repo_id=node["databaseId"],
                labels=_labels(api, answered) if labels else (),
            )
        )
        yield answered.item, repository, answered.unknown


def _labels(api: Api, answered: Answered[str]) -> tuple[str, ...] | Unknown:
    """Return all labels of a repository, or why not all are known."""
    node = answered.value or {}
    if node["labels"] is None:
        return answered.lacks("labels") or LEFT_OUT
    owner, name = node["nameWithOwner"].split("/")
    fixed = {"owner": owner, "name": name, "first": PER_PAGE}
    batching = Batching[str](
        query=lambda _: LABELS,
        variables=lambda cursors: {**fixed, "after": cursors[0]},
        place=lambda _: ("repository", "labels"),
        shape=lambda _: _LABELS,
    )
    labels = all_nodes(api, node["labels"], batching)
    return labels if isinstance(labels, Unknown) else tuple(label["name"] for label in labels)


def find_with_labels(
    api: Api, job: Job, names: Sequence[str]
) -> Iterator[tuple[str, NamedRepository | None, Unknown | None]]:
    """Yield, as `find_named`, for each name its repository with its labels; by REST if need be."""
    if job.has_token:
        yield from find_named(api, names, labels=True)
        return
    for name in names:
        try:
            there = api.get(f"/repos/{name}", shape=REST_REPOSITORY).json()
        except GoneError:
            yield name, None, None
            continue
        except NOT_TOLD as error:
            yield name, None, unknown_of_one(error)
            continue
        full_name = there["full_name"]
        labels = _rest_labels(api, full_name)
        yield name, NamedRepository(name, full_name, there["node_id"], there["id"], labels), None


def _rest_labels(api: Api, full_name: str) -> tuple[str, ...] | Unknown:
    names: list[str] = []
    path, params = f"/repos/{full_name}/labels", {"per_page": str(PER_PAGE)}
    try:
        for page in api.pages(path, params, shape=_REST_LABELS):
            labels = fitted(page.json(), _REST_LABELS)[0]
            if labels is None:
                return LEFT_OUT
            names += [label["name"] for label in labels]
    except (GoneError, *NOT_TOLD) as error:
        return unknown_of_one(error)
    return tuple(names)


def by_names(names: Sequence[str]) -> dict[str, str]:
    """Return the variables of a query for repositories by name."""
    variables = {}
    for number, full_name in enumerate(names):
        variables[f"owner{number}"], variables[f"name{number}"] = full_name.split("/", 1)
    return variables


def matched(labels: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return those of an issue's labels that are wanted; capitals make no difference to GitHub."""
    low = {label.lower() for label in wanted}
    return [label for label in labels if label.lower() in low]


def label_notes(repository: str, wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    """Return a sentence for each label of the study that is not there, and one on others like it.

    Parameters
    ----------
    wanted
        What the study names.
    there
        What the repository has.
    """
    notes = []
    low = {label.lower(): label for label in there}
    for label in wanted:
        if label.lower() not in low:
            close = difflib.get_close_matches(label.lower(), list(low), n=1, cutoff=ALIKE)
            hint = f"; is {low[close[0]]!r} meant?" if close else ""
            notes.append(f"{repository} has no label {label!r} today{hint}")
    asked = {label.lower() for label in wanted}
    others = [
        label
        for label in there
        if _LIKE_A_REQUEST.search(label)
        and not _NOT_A_REQUEST.search(label)
        and label.lower() not in asked
    ]
    if others:
        notes.append(
            f"{repository}: labels like a request that the study does not name: {_shown(others)}"
        )
    return notes


def issue_types(api: Api, full_name: str, *, has_token: bool) -> tuple[str, ...] | Unknown:
    """Return the types that issues of a repository may have, or why they are not known."""
    if has_token:
        answered = ask_one(api, full_name, _TYPES)
        if answered.value is None or answered.holes:
            why = answered.unknown or answered.lacks(_UNKNOWN_FIELD) or LEFT_OUT
            return NO_TYPES if _UNKNOWN_FIELD in why.reason else why
        nodes = (answered.value["issueTypes"] or {"nodes": []})["nodes"]
        return tuple(node["name"] for node in nodes if node["isEnabled"])
    try:
        listed = api.get(f"/repos/{full_name}/issue-types", shape=[{"name": is_plain}]).json()
    except GoneError:
        return NO_TYPES
    except NOT_TOLD as error:
        return unknown_of_one(error)
    return tuple(kind["name"] for kind in listed if kind.get("is_enabled") is not False)


def type_notes(
    api: Api, framework: FrameworkJob, named: NamedRepository, *, has_token: bool
) -> Iterator[str | Unknown]:
    """Yield what is to be said of a framework's issue types, or why they are unknown.

    They are asked for if the study names some; or if it names only labels that are not there.

    Raises
    ------
    InputError
        If the study names types, and the server knows of none.
    """
    labels = named.labels if isinstance(named.labels, tuple) else framework.labels
    low = {label.lower() for label in labels}
    lacks_all = bool(framework.labels) and not any(name.lower() in low for name in framework.labels)
    if not framework.types and not lacks_all:
        return
    try:
        there = issue_types(api, named.full_name, has_token=has_token)
    except NotStoredError:
        if framework.types:
            raise
        return  # what is only a hint, a mining by an earlier version did not ask for
    if framework.types:
        yield from _missing_types(framework, named.full_name, there)
    elif not isinstance(there, Unknown) and there:
        shown = _shown(there)
        yield f"{named.full_name}: its issues have types; request_types may name some of: {shown}"


def _missing_types(
    framework: FrameworkJob, full_name: str, there: tuple[str, ...] | Unknown
) -> Iterator[str | Unknown]:
    if there is NO_TYPES:
        raise InputError(
            f"GitHub knows no issue types of {full_name} (framework {framework.name}): it is not "
            "an organisation's, or the server is too old for them.",
            where="frameworks.request_types",
            fix="leave request_types out, and name request_labels",
        )
    if isinstance(there, Unknown):
        yield there
        return
    low = {name.lower() for name in there}
    for name in framework.types:
        if name.lower() not in low:
            shown = f"; there are: {_shown(there)}" if there else ""
            yield f"{full_name} has no issue type {name!r} today{shown}"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names, key=str.lower))
