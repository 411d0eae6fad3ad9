"""The feature requests of a framework: issues with a label or of a type, pull requests never.

They are asked for by GraphQL; by REST where there is no token for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mining.github.api import Api
from mining.github.batches import SAME_PAGE, Answered, Batching, answered_at, ask_one, value_at
from mining.github.errors import GoneError
from mining.github.facts import moment_of, time_of, total_of
from mining.github.named import matched
from mining.github.queries import ISSUES, TYPED_ISSUES
from mining.github.shapes import (
    PAGE,
    TOTAL,
    Each,
    FieldPath,
    JsonShape,
    Maybe,
    fitted,
    is_number,
    is_plain,
    is_text,
    is_time,
    is_word,
)
from mining.github.unknown import ISSUES as OF_ISSUES
from mining.github.unknown import (
    LEFT_OUT,
    NOT_TOLD,
    ONE_LESS,
    Ledger,
    Unknown,
    is_about_one,
    unknown_of_one,
)
from mining.tables import TableRow
from mining.values import clean

PER_PAGE = 100
LEAST_PER_PAGE = 10
"""Issues that are asked for at a time, at most and, where GitHub does not manage, at least."""
OPEN, CLOSED = "open", "closed"
TYPED: Mapping[str, JsonShape] = {"issueType": Maybe({"name": is_plain})}
_EVENT: JsonShape = {"__typename": is_word, "createdAt": is_time, "stateReason": Maybe(is_plain)}
ISSUE: Mapping[str, JsonShape] = {
    "id": is_word,
    "number": is_number,
    "title": is_text,
    "body": Maybe(is_text),
    "state": is_word,
    "stateReason": Maybe(is_plain),
    "authorAssociation": is_plain,
    "createdAt": is_time,
    "updatedAt": is_time,
    "closedAt": Maybe(is_time),
    "comments": TOTAL,
    "reactions": TOTAL,
    "plusOne": TOTAL,
    "labels": {"nodes": [{"name": is_plain}]},
}
_NEEDED = frozenset({"id", "number", "title", "state", "createdAt", "updatedAt", "labels"})
_REST_ISSUE: Mapping[str, JsonShape] = {
    "node_id": is_word,
    "number": is_number,
    "title": is_text,
    "body": Maybe(is_text),
    "state": is_word,
    "state_reason": Maybe(is_plain),
    "author_association": is_plain,
    "created_at": is_time,
    "updated_at": is_time,
    "closed_at": Maybe(is_time),
    "comments": is_number,
    "reactions": Maybe({"total_count": is_number, "+1": is_number}),
    "labels": [{"name": is_plain}],
    "type": TYPED["issueType"],
}
_REST_NEEDED = frozenset({"number", "title", "state", "created_at", "updated_at", "labels"})
_REST_PAGE = Each(_REST_ISSUE, _REST_NEEDED, with_more=True)


@dataclass(frozen=True)
class IssueCriteria:
    """Which issues of a repository: with one of the labels, or of one of the types.

    Attributes
    ----------
    unlabelled
        Those with no label at all as well.
    """

    key: str
    node_id: str
    full_name: str
    labels: tuple[str, ...]
    unlabelled: bool = False
    types: tuple[str, ...] = ()

    def takes(self, labels: Sequence[str], issue_type: str | None = None) -> bool:
        """Tell whether an issue with these labels, of this type if it has one, is wanted."""
        is_named = matched(labels, self.labels) or self.matched_types(issue_type)
        return bool(is_named) or (self.unlabelled and not labels)

    def matched_types(self, issue_type: str | None) -> list[str]:
        """Return the type of an issue, if it is wanted."""
        return [] if issue_type is None else matched([issue_type], self.types)

    def lists(self, *, every: bool) -> list[Mapping[str, Any]]:
        """Return the lists that hold all that is wanted between them, by what each is asked for.

        Labels are alternatives, but labels and types are conditions, and so is each type.
        """
        if every or self.unlabelled:
            return [{}]
        by_label: list[Mapping[str, Any]] = [{"labels": list(self.labels)}] if self.labels else []
        return [*by_label, *({"type": name} for name in self.types)]


@dataclass(frozen=True)
class IssuePage:
    """Some issues as GraphQL gives them.

    Attributes
    ----------
    n_matched, n_listed
        How many have one of the labels in all, and how many the list holds, if that is known.
    lost
        The numbers, if they are known, of issues that are not among the nodes, and why.
    partly
        The numbers of issues of which something is null, and why.
    broken
        Why no further page came, though there is one.
    """

    nodes: Sequence[Mapping[str, Any]]
    n_matched: int | None = None
    lost: Sequence[tuple[int | None, Unknown]] = ()
    partly: Sequence[tuple[int, Unknown]] = ()
    broken: Unknown | None = None
    n_listed: int | None = None


def note_lost(ledger: Ledger, wanted: IssueCriteria, page: IssuePage) -> None:
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
    wanted: IssueCriteria,
    *,
    since: datetime | None = None,
    events: bool = False,
    every: bool = False,
    first: int = PER_PAGE,
    until: datetime | None = None,
) -> Iterator[IssuePage]:
    """Yield pages of issues: of each list the oldest first, and none that an earlier one had.

    Parameters
    ----------
    since
        Only issues that were changed since then.
    events
        With when they were closed and opened again.
    every
        Whatever their labels and types; else those that are wanted alone.
    first
        How many are asked for at a time; fewer, if GitHub does not manage.
    until
        A list may end where issues are younger than this.
    """
    owner, name = wanted.full_name.split("/")
    numbers: set[int] = set()
    for asked in wanted.lists(every=every):
        narrow = {"type": asked["type"]} if "type" in asked else {}
        if since is not None:
            narrow["since"] = since.isoformat().replace("+00:00", "Z")
        fixed = {
            "owner": owner,
            "name": name,
            "labels": asked.get("labels"),
            "matched": list(wanted.labels) or None,
            "filter": narrow or None,
            "events": events,
        }
        for page in _list(api, wanted, fixed, first):
            nodes = [node for node in page.nodes if node["number"] not in numbers]
            numbers |= {node["number"] for node in nodes}
            yield replace(page, nodes=nodes, n_matched=page.n_matched if wanted.labels else 0)
            if until and page.nodes and moment_of(page.nodes[-1]["createdAt"]) > until:
                break


def _list(
    api: Api, wanted: IssueCriteria, fixed: Mapping[str, Any], first: int
) -> Iterator[IssuePage]:
    """Yield the pages of one list, the oldest first."""
    query = TYPED_ISSUES if wanted.types else ISSUES
    after: str | None = None
    seen: set[str | None] = set()
    while True:
        answered, first = _page_after(api, query, fixed, first, after)
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
            yield replace(page, broken=SAME_PAGE)
            return
        yield page


def _page_after(
    api: Api, query: str, fixed: Mapping[str, Any], first: int, after: str | None
) -> tuple[Answered[str | None], int]:
    """Return a page, and how many issues could be asked for at a time in the end."""
    while first > LEAST_PER_PAGE:
        asking = _asking(query, fixed, first)
        try:
            answer = api.graphql(query, asking.variables([after]), splittable=True)
        except ONE_LESS as error:
            if not is_about_one(error):
                raise
        else:
            answered = answered_at(answer, asking.place(0), after, shape=asking.shape(after))
            if not answered.is_cut:
                break
        first = max(LEAST_PER_PAGE, first // 2)
    return ask_one(api, after, _asking(query, fixed, first)), first


def _asking(query: str, fixed: Mapping[str, Any], first: int) -> Batching[str | None]:
    more = {"timelineItems": {**TOTAL, "nodes": [_EVENT]}} if fixed["events"] else {}
    if query is TYPED_ISSUES:
        more |= TYPED
    needs = _NEEDED | (more.keys() & TYPED.keys())
    issues = {**TOTAL, "pageInfo": PAGE, "nodes": Each({**ISSUE, **more}, needs)}
    return Batching(
        query=lambda _: query,
        variables=lambda batch: {**fixed, "first": first, "after": batch[0]},
        place=lambda _: ("repository",),
        shape=lambda _: {"matched": TOTAL, "issues": issues},
    )


def _page(answered: Answered[str | None]) -> IssuePage:
    """Return a page without the issues that GitHub did not show, which are named as known."""
    value = answered.value
    if value is None or value["issues"] is None:
        return IssuePage((), broken=answered.unknown or answered.lacks("issues") or LEFT_OUT)
    data = answered.answer.data if answered.answer is not None else None
    lost, partly = [], []
    for at, node in enumerate(value["issues"]["nodes"]):
        here = ("issues", "nodes", at)
        why = next((why for hole, why in answered.holes.items() if hole[:3] == here), None)
        if node is None:
            lost.append((number_at(data, ("repository", *here)), why or LEFT_OUT))
        elif why is not None:
            partly.append((node["number"], why))
    nodes = [node for node in value["issues"]["nodes"] if node is not None]
    n_listed = total_of(value, "issues")
    return IssuePage(nodes, total_of(value, "matched"), lost, partly, n_listed=n_listed)


def number_at(content: Any, place: FieldPath) -> int | None:
    """Return the number of an issue that lacks something else, if that is known."""
    number = value_at(content, (*place, "number"))
    return number if is_number(number) else None


def count_typed(api: Api, wanted: IssueCriteria) -> int | None:
    """Return how many issues have one of the types; None if it is not known."""
    n = 0
    for name in wanted.types:
        only = replace(wanted, labels=(), types=(name,), unlabelled=False)
        n_listed = next(ask_issues(api, only, first=1)).n_listed
        if n_listed is None:
            return None
        n += n_listed
    return n


def labels_of(node: Mapping[str, Any]) -> list[str]:
    """Return the names of an issue's labels."""
    return [label["name"] for label in node["labels"]["nodes"]]


def type_of(node: Mapping[str, Any], name: str = "issueType") -> str | None:
    """Return the name of an issue's type, if it was asked for and there is one."""
    issue_type: str | None = (node.get(name) or {}).get("name")
    return issue_type


def typed_row(issue_type: str | None, wanted: IssueCriteria) -> TableRow:
    """Return what a row says of an issue's type, where the study names types."""
    if not wanted.types:
        return {}
    return {"issue_type": issue_type, "matched_types": wanted.matched_types(issue_type)}


def issue_row(node: Mapping[str, Any], wanted: IssueCriteria) -> TableRow:
    """Return an issue as a row."""
    return {
        "repo_key": wanted.key,
        "title": clean(node["title"]),
        "body": clean(node["body"] or "") or None,
        "created_at": time_of(node["createdAt"]),
        **standing(node, wanted),
    }


def standing(node: Mapping[str, Any], wanted: IssueCriteria) -> TableRow:
    """Return how an issue stands: all that may change while its text stays as it is."""
    labels = labels_of(node)
    reason = node.get("stateReason")
    return {
        "number": node["number"],
        "node_id": node["id"],
        "labels": labels,
        "state": node["state"].lower(),
        "state_reason": reason.lower() if reason else None,
        "author_association": node["authorAssociation"],
        "updated_at": time_of(node["updatedAt"]),
        "closed_at": time_of(node["closedAt"]),
        "comments": total_of(node, "comments"),
        "reactions_total": total_of(node, "reactions"),
        "reactions_plus1": total_of(node, "plusOne"),
        "matched_labels": matched(labels, wanted.labels),
        **typed_row(type_of(node), wanted),
    }


def rest_issues(api: Api, wanted: IssueCriteria, ledger: Ledger) -> Iterator[TableRow]:
    """Yield the issues without GraphQL, which needs a token: a list for each label and type.

    REST parts labels by commas, and wants all of them: for one that has a comma, all issues are
    looked through.
    """
    seen = set()
    every = wanted.unlabelled or any("," in label for label in wanted.labels)
    narrow: list[Mapping[str, str]] = [{"labels": label} for label in wanted.labels]
    narrow += [{"type": name} for name in wanted.types]
    for asked in [{}] if every else narrow:
        for page in _rest_pages(api, wanted, asked):
            note_lost(ledger, wanted, page)
            for issue in page.nodes:
                names = [label["name"] for label in issue["labels"]]
                is_new = "pull_request" not in issue and issue["number"] not in seen
                if is_new and wanted.takes(names, type_of(issue, "type")):
                    seen.add(issue["number"])
                    yield _rest_row(issue, names, wanted)


def _rest_pages(api: Api, wanted: IssueCriteria, asked: Mapping[str, str]) -> Iterator[IssuePage]:
    params = {"state": "all", "sort": "created", "direction": "asc", "per_page": str(PER_PAGE)}
    params |= asked
    try:
        for answer in api.pages(f"/repos/{wanted.full_name}/issues", params, shape=_REST_PAGE):
            items, holes = fitted(answer.json(), _REST_PAGE)
            odd = sorted({int(hole[0]) for hole in holes})
            lost = [(number_at(answer.json(), (at,)), LEFT_OUT) for at in odd if items[at] is None]
            partly = [(items[at]["number"], LEFT_OUT) for at in odd if items[at] is not None]
            yield IssuePage([item for item in items if item is not None], lost=lost, partly=partly)
    except NOT_TOLD as error:
        yield IssuePage((), broken=unknown_of_one(error))


def _rest_row(issue: Mapping[str, Any], names: list[str], wanted: IssueCriteria) -> TableRow:
    reactions = issue.get("reactions") or {}
    return {
        "repo_key": wanted.key,
        "number": issue["number"],
        "node_id": issue.get("node_id"),
        "title": clean(issue["title"]),
        "body": clean(issue["body"] or "") or None,
        "labels": names,
        "state": issue["state"],
        "state_reason": issue.get("state_reason"),
        "author_association": issue.get("author_association"),
        "created_at": time_of(issue["created_at"]),
        "updated_at": time_of(issue["updated_at"]),
        "closed_at": time_of(issue["closed_at"]),
        "comments": issue["comments"],
        "reactions_total": reactions.get("total_count"),
        "reactions_plus1": reactions.get("+1"),
        "matched_labels": matched(names, wanted.labels),
        **typed_row(type_of(issue, "type"), wanted),
    }
