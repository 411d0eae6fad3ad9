"""The feature requests of a framework: issues with one of its labels, pull requests never."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mining.github.api import Api
from mining.github.errors import GoneError, ServerTroubleError, TooLargeError
from mining.github.facts import time_of
from mining.github.labels import matched
from mining.github.queries import ISSUES
from mining.github.requests import GraphqlAnswer
from mining.tables import Row
from mining.values import clean

PER_PAGE = 100
LEAST_PER_PAGE = 10
OPEN, CLOSED = "open", "closed"


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
    """Some issues as GraphQL gives them, and how many have one of the labels in all."""

    nodes: Sequence[Mapping[str, Any]]
    n_matched: int


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
    after = None
    while True:
        found, first = _whole_page(api, wanted, fixed, first, after)
        yield Page(found["issues"]["nodes"], found["matched"]["totalCount"])
        page = found["issues"]["pageInfo"]
        if not page["hasNextPage"]:
            return
        if page["endCursor"] == after:
            raise ServerTroubleError("GitHub's next page is this one.", where=wanted.full_name)
        after = page["endCursor"]


def _whole_page(
    api: Api, wanted: Wanted, fixed: Mapping[str, Any], first: int, after: str | None
) -> tuple[Mapping[str, Any], int]:
    """Return a page, and how many issues could be asked for at a time in the end."""
    while first > LEAST_PER_PAGE:
        try:
            answer = api.graphql(ISSUES, {**fixed, "first": first, "after": after}, splittable=True)
        except TooLargeError:
            pass
        else:
            if answer.problem_at("repository") in (None, "NOT_FOUND"):
                return _there(answer, wanted), first
        first = max(LEAST_PER_PAGE, first // 2)
    return _there(
        api.graphql_whole(ISSUES, {**fixed, "first": first, "after": after}), wanted
    ), first


def _there(answer: GraphqlAnswer, wanted: Wanted) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = answer.data["repository"]
    if found is None:
        raise GoneError("The repository is gone, or not public.", where=wanted.full_name)
    return found


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
        "comments": node["comments"]["totalCount"],
        "reactions_total": node["reactions"]["totalCount"],
        "reactions_plus1": node["plusOne"]["totalCount"],
        "matched_labels": matched(labels, wanted.labels),
    }


def rest_issues(api: Api, wanted: Wanted) -> Iterator[Row]:
    """Yield the issues without GraphQL, which needs a token: a list for each label.

    REST parts labels by commas, and wants all of them: for one that has a comma, all issues are
    looked through.
    """
    seen = set()
    path = f"/repos/{wanted.full_name}/issues"
    every = wanted.unlabelled or any("," in label for label in wanted.labels)
    for labels in [None] if every else wanted.labels:
        params = {
            "state": "all",
            "sort": "created",
            "direction": "asc",
            "per_page": str(PER_PAGE),
        } | ({"labels": labels} if labels is not None else {})
        for answer in api.pages(path, params):
            for each in answer.json():
                names = [label["name"] for label in each["labels"]]
                is_new = "pull_request" not in each and each["number"] not in seen
                if is_new and wanted.takes(names):
                    seen.add(each["number"])
                    yield _rest_row(each, names, wanted)


def _rest_row(each: Mapping[str, Any], names: list[str], wanted: Wanted) -> Row:
    reactions = each.get("reactions") or {}
    return {
        "repo_key": wanted.key,
        "number": each["number"],
        "node_id": each["node_id"],
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
