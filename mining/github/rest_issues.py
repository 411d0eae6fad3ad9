"""The feature requests of a framework by REST, where there is no token for GraphQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mining.github.api import Api
from mining.github.errors import BlockedError, NotAllowedError
from mining.github.facts import time_of
from mining.github.issues import (
    PER_PAGE,
    TYPED,
    IssueCriteria,
    IssuePage,
    note_lost,
    number_at,
    type_of,
    typed_row,
)
from mining.github.labels import matched
from mining.github.outages import ONE_LESS, is_about_one
from mining.github.shapes import (
    Each,
    JsonShape,
    Maybe,
    fitted,
    is_number,
    is_plain,
    is_text,
    is_time,
    is_word,
)
from mining.github.unknown import LEFT_OUT, Ledger, unknown_of
from mining.tables import Row
from mining.values import clean

_ISSUE: Mapping[str, JsonShape] = {
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
_NEEDS = frozenset({"number", "title", "state", "created_at", "updated_at", "labels"})
_PAGE = Each(_ISSUE, _NEEDS, with_more=True)


def rest_issues(api: Api, wanted: IssueCriteria, ledger: Ledger) -> Iterator[Row]:
    """Yield the issues without GraphQL, which needs a token: a list for each label and type.

    REST parts labels by commas, and wants all of them: for one that has a comma, all issues are
    looked through.
    """
    seen = set()
    every = wanted.unlabelled or any("," in label for label in wanted.labels)
    narrow: list[Mapping[str, str]] = [{"labels": label} for label in wanted.labels]
    narrow += [{"type": each} for each in wanted.types]
    for asked in [{}] if every else narrow:
        for page in _pages(api, wanted, asked):
            note_lost(ledger, wanted, page)
            for each in page.nodes:
                names = [label["name"] for label in each["labels"]]
                is_new = "pull_request" not in each and each["number"] not in seen
                if is_new and wanted.takes(names, type_of(each, "type")):
                    seen.add(each["number"])
                    yield _row(each, names, wanted)


def _pages(api: Api, wanted: IssueCriteria, asked: Mapping[str, str]) -> Iterator[IssuePage]:
    params = {"state": "all", "sort": "created", "direction": "asc", "per_page": str(PER_PAGE)}
    params |= asked
    try:
        for answer in api.pages(f"/repos/{wanted.full_name}/issues", params, shape=_PAGE):
            items, holes = fitted(answer.json(), _PAGE)
            odd = sorted({int(hole[0]) for hole in holes})
            lost = [(number_at(answer.json(), (at,)), LEFT_OUT) for at in odd if items[at] is None]
            partly = [(items[at]["number"], LEFT_OUT) for at in odd if items[at] is not None]
            yield IssuePage([each for each in items if each is not None], lost=lost, partly=partly)
    except (*ONE_LESS, NotAllowedError, BlockedError) as error:
        if not is_about_one(error):
            raise
        yield IssuePage((), broken=unknown_of(error))


def _row(each: Mapping[str, Any], names: list[str], wanted: IssueCriteria) -> Row:
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
        **typed_row(type_of(each, "type"), wanted),
    }
