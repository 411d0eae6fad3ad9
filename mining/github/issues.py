"""The feature requests of a framework: issues with one of its labels, pull requests never."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mining.github.api import Api
from mining.github.batches import Batching, ask_one
from mining.github.errors import BlockedError, GoneError, NotAllowedError
from mining.github.facts import time_of
from mining.github.labels import matched
from mining.github.outages import ONE_LESS, is_about_one
from mining.github.parts import Answered, part_of, value_at
from mining.github.queries import ISSUES
from mining.github.requests import Steps
from mining.github.shapes import (
    PAGE,
    TOTAL,
    Each,
    Maybe,
    Shape,
    fitted,
    is_number,
    is_plain,
    is_text,
    is_time,
    is_word,
)
from mining.github.unknown import ISSUES as OF_ISSUES
from mining.github.unknown import LEFT_OUT, Kind, Ledger, Unknown, unknown_of
from mining.tables import Row
from mining.values import clean

PER_PAGE = 100
LEAST_PER_PAGE = 10
OPEN, CLOSED = "open", "closed"
_EVENT: Shape = {"__typename": is_word, "createdAt": is_time, "stateReason": Maybe(is_plain)}
_ISSUE: Mapping[str, Shape] = {
    "id": is_word,
    "number": is_number,
    "title": is_text,
    "body": Maybe(is_text),
    "state": is_word,
    "stateReason": Maybe(is_plain),
    "authorAssociation": Maybe(is_plain),
    "createdAt": is_time,
    "updatedAt": is_time,
    "closedAt": Maybe(is_time),
    "comments": TOTAL,
    "reactions": TOTAL,
    "plusOne": TOTAL,
    "labels": {"nodes": [{"name": is_plain}]},
}
_NEEDS = frozenset({"id", "number", "title", "state", "createdAt", "updatedAt", "labels"})
_REST_ISSUE: Mapping[str, Shape] = {
    "node_id": is_word,
    "number": is_number,
    "title": is_text,
    "body": Maybe(is_text),
    "state": is_word,
    "state_reason": Maybe(is_plain),
    "author_association": Maybe(is_plain),
    "created_at": is_time,
    "updated_at": is_time,
    "closed_at": Maybe(is_time),
    "comments": is_number,
    "reactions": Maybe({"total_count": is_number, "+1": is_number}),
    "labels": [{"name": is_plain}],
}
_REST_NEEDS = frozenset({"number", "title", "state", "created_at", "updated_at", "labels"})
_REST_PAGE = Each(_REST_ISSUE, _REST_NEEDS, with_more=True)


@dataclass(frozen=True)
class Wanted:
    """Which issues of a repository: with one of the labels; or, if so, with no label at all."""

    key: str
    node_id: str
    full_name: str
    labels: tuple[str, ...]
    unlabelled: bool = False

    def takes(self, labels: Sequence[str]) -> bool:
        """Tell whether an issue with these labels is wanted."""
        return bool(matched(labels, self.labels)) or (self.unlabelled and not labels)


@dataclass(frozen=True)
class Page:
    """Some issues as GraphQL gives them.

    Attributes
    ----------
    n_matched
        How many have one of the labels in all, if that is known.
    lost
        The numbers, if they are known, of issues that are not among the nodes, and why.
    partly
        The numbers of issues of which something is null, and why.
    broken
        Why the list goes no further, though it does.
    """

    nodes: Sequence[Mapping[str, Any]]
    n_matched: int | None = None
    lost: Sequence[tuple[int | None, Unknown]] = ()
    partly: Sequence[tuple[int, Unknown]] = ()
    broken: Unknown | None = None


def note_lost(ledger: Ledger, wanted: Wanted, page: Page) -> None:
    """Note what of a page is unknown."""
    name = wanted.full_name
    for known, why in page.partly:
        ledger.note("part of an issue", f"{name}#{known}", why, scope=OF_ISSUES)
    near = f"near #{page.nodes[0]['number']}" if page.nodes else "alone on its page"
    for at, (number, why) in enumerate(page.lost):
        who = f"{name}#{number}" if number is not None else f"{name}#? ({near}, {at + 1})"
        ledger.note("issue", who, why, scope=OF_ISSUES)
    if page.broken is not None:
        ledger.note("further issues", name, page.broken, scope=OF_ISSUES, boundless=True)


def ask_issues(
    api: Api,
    wanted: Wanted,
    *,
    since: datetime | None = None,
    events: bool = False,
    every: bool = False,
    first: int = PER_PAGE,
) -> Iterator[Page]:
    """Yield pages of issues, the oldest first.

    Parameters
    ----------
    since
        Only issues that were changed since then.
    events
        With when they were closed and opened again.
    every
        Whatever their labels; else those with one of the labels alone.
    first
        How many are asked for at a time; fewer, if GitHub does not manage.
    """
    owner, name = wanted.full_name.split("/")
    fixed = {
        "owner": owner,
        "name": name,
        "labels": None if every else list(wanted.labels),
        "matched": list(wanted.labels),
        "filter": None if since is None else {"since": since.isoformat().replace("+00:00", "Z")},
        "events": events,
    }
    after: str | None = None
    seen: set[str | None] = set()
    while True:
        answered, first = _page_after(api, fixed, first, after)
        if answered.is_gone:
            raise GoneError("The repository is gone, or not public.", where=wanted.full_name)
        page = _page(answered)
        info = answered.value["issues"]["pageInfo"] if answered.value and not page.broken else None
        if info is None or not info["hasNextPage"]:
            yield page
            return
        seen.add(after)
        after = info["endCursor"]
        if after is None or after in seen:
            why = Unknown(Kind.FOR_NOW, "GitHub's next page is one that we had")
            yield replace(page, broken=why)
            return
        yield page


def _page_after(
    api: Api, fixed: Mapping[str, Any], first: int, after: str | None
) -> tuple[Answered[str | None], int]:
    """Return a page, and how many issues could be asked for at a time in the end."""
    while first > LEAST_PER_PAGE:
        asking = _asking(fixed, first)
        try:
            answer = api.graphql(ISSUES, asking.variables([after]), splittable=True)
        except ONE_LESS as error:
            if not is_about_one(error):
                raise
        else:
            found = part_of(answer, asking.place(0), after, shape=asking.shape(after))
            if not found.is_cut:
                break
        first = max(LEAST_PER_PAGE, first // 2)
    return ask_one(api, after, _asking(fixed, first)), first


def _asking(fixed: Mapping[str, Any], first: int) -> Batching[str | None]:
    timeline = {"timelineItems": {**TOTAL, "nodes": [_EVENT]}} if fixed["events"] else {}
    issues = {**TOTAL, "pageInfo": PAGE, "nodes": Each({**_ISSUE, **timeline}, _NEEDS)}
    return Batching(
        query=lambda _: ISSUES,
        variables=lambda batch: {**fixed, "first": first, "after": batch[0]},
        place=lambda _: ("repository",),
        shape=lambda _: {"matched": TOTAL, "issues": issues},
    )


def _page(answered: Answered[str | None]) -> Page:
    """Return a page without the issues that GitHub did not show, which are named as known."""
    value = answered.value
    if value is None or value["issues"] is None:
        return Page((), broken=answered.unknown or answered.lacks("issues") or LEFT_OUT)
    data = answered.answer.data if answered.answer is not None else None
    lost, partly = [], []
    for at, node in enumerate(value["issues"]["nodes"]):
        here = ("issues", "nodes", at)
        why = next((why for hole, why in answered.holes.items() if hole[:3] == here), None)
        if node is None:
            lost.append((_number(data, ("repository", *here)), why or LEFT_OUT))
        elif why is not None:
            partly.append((node["number"], why))
    nodes = [node for node in value["issues"]["nodes"] if node is not None]
    return Page(nodes, total_of(value, "matched"), lost, partly)


def _number(content: Any, place: Steps) -> int | None:
    """Return the number of an issue that lacks something else, if that is known."""
    number = value_at(content, (*place, "number"))
    return number if is_number(number) else None


def total_of(node: Mapping[str, Any], name: str) -> int | None:
    """Return how many there are of something, if that is known."""
    total: int | None = (node[name] or {}).get("totalCount")
    return total


def labels_of(node: Mapping[str, Any]) -> list[str]:
    """Return the names of an issue's labels."""
    return [label["name"] for label in node["labels"]["nodes"]]


def issue_row(node: Mapping[str, Any], wanted: Wanted) -> Row:
    """Return an issue as a row."""
    labels = labels_of(node)
    reason = node.get("stateReason")
    return {
        "repo_key": wanted.key,
        "number": node["number"],
        "node_id": node["id"],
        "title": clean(node["title"]),
        "body": clean(node["body"] or "") or None,
        "labels": labels,
        "state": node["state"].lower(),
        "state_reason": reason.lower() if reason else None,
        "author_association": node["authorAssociation"],
        "created_at": time_of(node["createdAt"]),
        "updated_at": time_of(node["updatedAt"]),
        "closed_at": time_of(node["closedAt"]),
        "comments": total_of(node, "comments"),
        "reactions_total": total_of(node, "reactions"),
        "reactions_plus1": total_of(node, "plusOne"),
        "matched_labels": matched(labels, wanted.labels),
    }


def rest_issues(api: Api, wanted: Wanted, ledger: Ledger) -> Iterator[Row]:
    """Yield the issues without GraphQL, which needs a token: a list for each label.

    REST parts labels by commas, and wants all of them: for one that has a comma, all issues are
    looked through.
    """
    seen = set()
    every = wanted.unlabelled or any("," in label for label in wanted.labels)
    for labels in [None] if every else wanted.labels:
        for page in _rest_pages(api, wanted, labels):
            note_lost(ledger, wanted, page)
            for each in page.nodes:
                names = [label["name"] for label in each["labels"]]
                is_new = "pull_request" not in each and each["number"] not in seen
                if is_new and wanted.takes(names):
                    seen.add(each["number"])
                    yield _rest_row(each, names, wanted)


def _rest_pages(api: Api, wanted: Wanted, labels: str | None) -> Iterator[Page]:
    params = {"state": "all", "sort": "created", "direction": "asc", "per_page": str(PER_PAGE)}
    if labels is not None:
        params["labels"] = labels
    try:
        for answer in api.pages(f"/repos/{wanted.full_name}/issues", params, shape=_REST_PAGE):
            items, holes = fitted(answer.json(), _REST_PAGE)
            odd = sorted({int(hole[0]) for hole in holes})
            lost = [(_number(answer.json(), (at,)), LEFT_OUT) for at in odd if items[at] is None]
            partly = [(items[at]["number"], LEFT_OUT) for at in odd if items[at] is not None]
            yield Page([each for each in items if each is not None], lost=lost, partly=partly)
    except (*ONE_LESS, NotAllowedError, BlockedError) as error:
        if not is_about_one(error):
            raise
        yield Page((), broken=unknown_of(error))


def _rest_row(each: Mapping[str, Any], names: list[str], wanted: Wanted) -> Row:
    reactions = each.get("reactions") or {}
    return {
        "repo_key": wanted.key,
        "number": each["number"],
        "node_id": each.get("node_id"),
        "title": clean(each["title"]),
        "body": clean(each["body"] or "") or None,
        "labels": names,
        "state": each["state"],
        "state_reason": each.get("state_reason"),
        "author_association": each.get("author_association"),
        "created_at": time_of(each["created_at"]),
        "updated_at": time_of(each["updated_at"]),
        "closed_at": time_of(each["closed_at"]),
        "comments": each["comments"],
        "reactions_total": reactions.get("total_count"),
        "reactions_plus1": reactions.get("+1"),
        "matched_labels": matched(names, wanted.labels),
    }
