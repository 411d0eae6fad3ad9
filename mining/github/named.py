"""Repositories by name, wherever they are now; and the labels that their issues may have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mining.github.api import Api
from mining.github.batches import Batching, ask_in_batches, ask_one
from mining.github.parts import Answered
from mining.github.queries import LABELS, named_query
from mining.github.shapes import PAGE, JsonShape, is_name, is_number, is_plain, is_word
from mining.github.unknown import LEFT_OUT, Unknown, UnknownKind
from mining.tables import repo_key

SIZE = 50
PER_PAGE = 100
_LABELS: JsonShape = {"pageInfo": PAGE, "nodes": [{"name": is_plain}]}
_SHAPE: JsonShape = {"id": is_word, "databaseId": is_number, "nameWithOwner": is_name}


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
        yield answered.item, _named(api, answered, labels), answered.unknown


def _named(api: Api, answered: Answered[str], labels: bool) -> NamedRepository | None:
    node = answered.value
    if node is None:
        return None
    return NamedRepository(
        asked=answered.item,
        full_name=node["nameWithOwner"],
        node_id=node["id"],
        repo_id=node["databaseId"],
        labels=_labels(api, answered) if labels else (),
    )


def _labels(api: Api, answered: Answered[str]) -> tuple[str, ...] | Unknown:
    """Return all labels of a repository, or why not all are known."""
    node = answered.value or {}
    found, names, seen = node["labels"], [], set()
    while found is not None:
        names += [label["name"] for label in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return tuple(names)
        if after is None or after in seen:
            return Unknown(UnknownKind.FOR_NOW, "GitHub's next page is one that we had")
        seen.add(after)
        further = ask_one(api, (node["nameWithOwner"], after), _FURTHER)
        if further.value is None or further.holes:
            return further.unknown or further.lacks(*_LABELS) or LEFT_OUT
        found = further.value
    return answered.lacks("labels") or LEFT_OUT


def _further(asked: Sequence[tuple[str, str]]) -> dict[str, str | int]:
    full_name, after = asked[0]
    owner, name = full_name.split("/")
    return {"owner": owner, "name": name, "first": PER_PAGE, "after": after}


_FURTHER = Batching[tuple[str, str]](
    query=lambda _: LABELS,
    variables=_further,
    place=lambda _: ("repository", "labels"),
    shape=lambda _: _LABELS,
)


def by_names(names: Sequence[str]) -> dict[str, str]:
    """Return the variables of a query for repositories by name."""
    variables = {}
    for number, full_name in enumerate(names):
        variables[f"owner{number}"], variables[f"name{number}"] = full_name.split("/", 1)
    return variables
