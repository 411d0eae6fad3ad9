"""Issues of an earlier snapshot looked at again: how they stand, where they are, what is gone.

GitHub does not call an issue modified when one of its labels is renamed or deleted, nor when
somebody reacts to it; so each is looked at, not only those that changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mining.github.api import Api
from mining.github.batches import Batching, ask_if_told, ask_one, by_ids
from mining.github.facts import moment_of
from mining.github.issues import (
    ISSUE,
    TYPED,
    IssueCriteria,
    issue_row,
    labels_of,
    standing,
    type_of,
)
from mining.github.labels import matched
from mining.github.queries import UNLABELLED, still_by_number_query, still_query
from mining.github.shapes import TOTAL, JsonShape, is_name, is_number
from mining.github.unknown import Unknown
from mining.tables import Row, repo_key

SIZE = 4_000
"""Issues that are looked at at once."""
SIZE_BY_NUMBER = 50
RELABELLED, RETYPED, LABELLED = "label dropped", "type dropped", "no longer without a label"
TRANSFERRED = "transferred"
GONE = "deleted or transferred"
_WHOLE: Mapping[str, JsonShape] = {
    **ISSUE,
    "repository": {"databaseId": is_number, "nameWithOwner": is_name},
}
_STANDING = {name: _WHOLE[name] for name in _WHOLE if name not in {"title", "body", "createdAt"}}


@dataclass(frozen=True)
class EarlierIssue:
    """An issue as an earlier snapshot has it."""

    wanted: IssueCriteria
    row: Row

    @property
    def place(self) -> tuple[str, int]:
        """Return the key of its repository, and its number."""
        return self.wanted.key, self.row["number"]


@dataclass(frozen=True)
class IssueOutcome:
    """What came of the look at an issue: its row of today, or a reason for there being none.

    Attributes
    ----------
    now_name
        Where it is, if it was transferred.
    unknown
        Why neither is known, if that was said.
    """

    sought: EarlierIssue
    row: Row | None = None
    reason: str | None = None
    now_name: str | None = None
    unknown: Unknown | None = None


def look(api: Api, issues: Sequence[EarlierIssue]) -> Iterator[IssueOutcome]:
    """Yield what became of issues, by their ids.

    That GitHub knows an id no more says nothing: it has changed the form of its ids before. Nor is
    it known how an issue stands that was edited since it was asked what changed.
    """
    for typed, some in _by_typed(issues):
        yield from _look(api, some, typed=typed)


def _look(api: Api, issues: Sequence[EarlierIssue], *, typed: bool) -> Iterator[IssueOutcome]:
    by_node = {each.row["node_id"]: each for each in issues if each.row["node_id"]}
    yield from (IssueOutcome(each) for each in issues if not each.row["node_id"])
    shape = {**_STANDING, **(TYPED if typed else {})}
    query = partial(still_query, typed=typed)
    batching = by_ids(query, shape=shape, needs=frozenset(shape))
    for answered in ask_if_told(api, sorted(by_node), batching, size=SIZE):
        sought, node = by_node[answered.item], answered.value
        if node is None:
            yield IssueOutcome(sought, unknown=answered.unknown)
            continue
        found = _unwanted(sought, node)
        if found is None and moment_of(node["updatedAt"]) == sought.row["updated_at"]:
            row = {**sought.row, "issue_type": None, "matched_types": None}
            found = IssueOutcome(sought, row={**row, **standing(node, sought.wanted)})
        yield found or IssueOutcome(sought)


def look_closer(api: Api, issues: Sequence[EarlierIssue]) -> Iterator[IssueOutcome]:
    """Yield what became of issues, by their numbers, which are never given again."""
    for typed, some in _by_typed(issues):
        yield from _look_closer(api, some, typed=typed)


def _by_typed(issues: Sequence[EarlierIssue]) -> Iterator[tuple[bool, list[EarlierIssue]]]:
    """Yield the issues that are looked at with their types, and those without."""
    for typed in (False, True):
        yield typed, [each for each in issues if bool(each.wanted.types) is typed]


def _look_closer(
    api: Api, issues: Sequence[EarlierIssue], *, typed: bool
) -> Iterator[IssueOutcome]:
    shape = {**_WHOLE, **(TYPED if typed else {})}
    by_place = {each.place: each for each in issues}
    batching = Batching[tuple[str, int]](
        query=partial(still_by_number_query, typed=typed),
        variables=lambda places: _variables([by_place[place] for place in places]),
        place=lambda number: (f"r{number}", "issue"),
        shape=lambda _: shape,
        needs=frozenset(shape),
    )
    for answered in ask_if_told(api, sorted(by_place), batching, size=SIZE_BY_NUMBER):
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
    found = ask_one(api, wanted.key, batching).value
    return None if found is None else found["all"]["totalCount"] - found["labelled"]["totalCount"]


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
    for n, each in enumerate(issues):
        owner, name = each.wanted.full_name.split("/")
        variables |= {f"owner{n}": owner, f"name{n}": name, f"number{n}": each.row["number"]}
    return variables
