"""Repositories by name, wherever they are now; and the labels that their issues may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mining.github.api import Api
from mining.github.batches import Answered, Batching, ask_in_batches
from mining.github.errors import ServerTroubleError
from mining.github.queries import LABELS, named_query
from mining.tables import repo_key

SIZE = 50
PER_PAGE = 100


@dataclass(frozen=True)
class Named:
    """A repository that a name led to; `labels` if they were asked for."""

    asked: str
    full_name: str
    node_id: str
    repo_id: int
    labels: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return its `repo_key`."""
        return repo_key(self.full_name, self.repo_id)


def find_named(
    api: Api, names: Sequence[str], *, labels: bool
) -> Iterator[tuple[str, Named | None, str | None]]:
    """Yield for each name its repository, or None and what the problem is."""
    batching = Batching[str](
        query=named_query,
        variables=lambda batch: {"labels": labels, **by_names(batch)},
        place=lambda number: (f"r{number}",),
    )
    for answered in ask_in_batches(api, names, batching, size=SIZE):
        yield answered.item, _named(api, answered, labels), answered.problem


def _named(api: Api, answered: Answered[str], labels: bool) -> Named | None:
    node = answered.value
    if node is None:
        return None
    return Named(
        asked=answered.item,
        full_name=node["nameWithOwner"],
        node_id=node["id"],
        repo_id=node["databaseId"],
        labels=tuple(_labels(api, node)) if labels else (),
    )


def _labels(api: Api, named: Mapping[str, Any]) -> Iterator[str]:
    owner, name = named["nameWithOwner"].split("/")
    after = None
    node: Mapping[str, Any] | None = named
    while node is not None and node["labels"] is not None:
        yield from (label["name"] for label in node["labels"]["nodes"])
        page = node["labels"]["pageInfo"]
        if not page["hasNextPage"]:
            return
        if page["endCursor"] == after:
            raise ServerTroubleError(
                "GitHub's next page is this one.", where=named["nameWithOwner"]
            )
        after = page["endCursor"]
        variables = {"owner": owner, "name": name, "first": PER_PAGE, "after": after}
        node = api.graphql_whole(LABELS, variables).data["repository"]


def by_names(names: Sequence[str]) -> dict[str, str]:
    """Return the variables of a query for repositories by name."""
    variables = {}
    for number, full_name in enumerate(names):
        variables[f"owner{number}"], variables[f"name{number}"] = full_name.split("/", 1)
    return variables
