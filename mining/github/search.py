"""All repositories that a search finds, beyond the 1,000 that GitHub gives for one query.

A query is parted by when repositories were created, which never changes, until each part has at
most 1,000; where one second has more, by stars. A part counts as complete if GitHub says that it
looked everywhere, and the different repositories on its pages are as many as it says there are, on
every page. Else it is asked again, then parted further; what still does not add up is told.

Where it is known which repositories belong to a query, a part counts as complete if GitHub says
that there are as many; only other parts are looked through.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mining.github.api import Api
from mining.github.errors import RefusedError
from mining.github.job import MiningSettings
from mining.github.shapes import (
    Each,
    JsonShape,
    fitted,
    is_flag,
    is_name,
    is_number,
    is_time,
    is_word,
)
from mining.sources.github_search import SEARCH_CAP

PATH = "/search/repositories"
PER_PAGE = 100
AIM = 850
"""Repositories in a part, when parting: so that few parts have more than the cap."""
ASKS = 3
"""Times that a part is asked for in one run, if its answers disagree."""
FIRST = datetime(2007, 10, 1, tzinfo=UTC)
"""Before GitHub's first repository."""
SECOND = timedelta(seconds=1)
MOST_STARS = 10_000_000
_ITEM: JsonShape = {
    "id": is_number,
    "node_id": is_word,
    "full_name": is_name,
    "created_at": is_time,
    "stargazers_count": is_number,
}
_PAGE: JsonShape = {
    "total_count": is_number,
    "incomplete_results": is_flag,
    "items": Each(_ITEM, frozenset(_ITEM), with_more=True),
}
LONGEST_QUERY = 256
MOST_COUNTED = 4_000
"""Repositories up to which GitHub's totals are counts: it looks at no more."""


@dataclass(frozen=True)
class SearchSlice:
    """A part of a query: created from `since` to `until`, both included; maybe of some stars.

    Attributes
    ----------
    least
        How many there are at least, by what is known of it.
    """

    since: datetime
    until: datetime
    stars: tuple[int, int] | None = None
    least: int = 0

    def holds(self, moment: datetime) -> bool:
        """Tell whether what was created then is in the part."""
        return self.since <= moment <= self.until

    def qualifiers(self) -> str:
        """Return the part in GitHub's words."""
        created = f"created:{_time(self.since)}..{_time(self.until)}"
        return created + (f" stars:{self.stars[0]}..{self.stars[1]}" if self.stars else "")


@dataclass(frozen=True)
class SearchPart:
    """What was found of a part, and whether it is all.

    Attributes
    ----------
    items
        By GitHub's id; without those that are known, if all of the part are.
    """

    slice: SearchSlice
    total: int
    items: Mapping[int, Mapping[str, Any]]
    is_complete: bool

    @property
    def n_missing(self) -> int:
        """Return how many may be missing, as far as numbers tell; none of a complete part."""
        there = max(self.total, self.slice.least) - len(self.items)
        return 0 if self.is_complete else max(1, there)


def topic_query(topic: str, settings: MiningSettings) -> str:
    """Return the search for the repositories under a topic; GitHub leaves out forks by itself."""
    words = [f"topic:{topic}", *(f"-topic:{name}" for name in settings.exclude_topics)]
    words += ["fork:true"] * settings.forks + ["archived:false"] * (not settings.archived)
    return " ".join(words)


def find_all(
    api: Api, query: str, *, until: datetime, expected: Sequence[datetime] | None = None
) -> Iterator[SearchPart]:
    """Yield the parts of a query, each as complete as GitHub's answers allow.

    Parameters
    ----------
    until
        The latest time of creation; what is created while we mine is left to the next snapshot.
    expected
        When the repositories were created that are known to belong to the query.
    """
    # A query that finds nothing is no reason to believe that there is nothing.
    waiting = [SearchSlice(FIRST, until, least=1)]
    if expected:
        # What is younger than all that are known is new: it is no use to count the two together.
        newest = min(max(expected), until - SECOND)
        waiting = [SearchSlice(FIRST, newest, least=1), SearchSlice(newest + SECOND, until)]
    while waiting:
        part = waiting.pop(0)
        outcome = _ask(api, query, part, expected)
        if isinstance(outcome, SearchPart):
            yield outcome
        else:
            waiting[:0] = outcome


def find_by_name(api: Api, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield what a search tells of some repositories; of those that it does not find, nothing."""
    waiting = list(names)
    while waiting:
        words = "fork:true"
        while waiting and len(words) + len(f" repo:{waiting[0]}") <= LONGEST_QUERY:
            words += f" repo:{waiting.pop(0)}"
        params = {"q": words, "per_page": str(PER_PAGE), "page": "1"}
        with suppress(RefusedError):  # nothing of these is to be found
            answer = api.get(PATH, params, resource="search", shape=_PAGE)
            items = fitted(answer.json(), _PAGE)[0]["items"]
            yield from (item for item in items if item is not None)


def _ask(
    api: Api, query: str, part: SearchSlice, expected: Sequence[datetime] | None
) -> SearchPart | list[SearchSlice]:
    """Return all of a part, or the parts that it must be asked in."""
    seen: dict[int, list[dict[str, Any]]] = {}
    inside = [moment for moment in expected or () if part.holds(moment)]
    for anew, ask in itertools.product((False, True), range(ASKS)):
        first = _page(api, query, part, 1, ask, anew=anew)
        total = first["total_count"]
        can_count = expected is not None and part.stars is None and total <= MOST_COUNTED
        is_sure = total >= part.least and not first["incomplete_results"]
        if can_count and total == len(inside) and is_sure:
            return SearchPart(part, total, {}, True)
        if total > SEARCH_CAP or (inside and total > PER_PAGE):
            smaller = _parted(part, first["items"], total, inside)
            if smaller:
                return smaller
        numbers = range(2, math.ceil(min(total, SEARCH_CAP) / PER_PAGE) + 1)
        others = (_page(api, query, part, number, ask, anew=anew) for number in numbers)
        seen[ask] = [first, *others]
        items = {item["id"]: item for page in seen[ask] for item in page["items"]}
        agreed = total >= part.least and all(
            page["total_count"] == len(items) and not page["incomplete_results"]
            for page in seen[ask]
        )
        if agreed:
            return SearchPart(part, total, items, True)
    pages = [page for ask_pages in seen.values() for page in ask_pages]
    highest = max(page["total_count"] for page in pages)
    items = {item["id"]: item for page in pages for item in page["items"]}
    # Parting helps where pages contradict each other, so not where there is only one.
    smaller = _parted(part, list(items.values()), highest, inside) if highest > PER_PAGE else []
    return smaller or SearchPart(part, highest, items, False)


def _page(
    api: Api, query: str, part: SearchSlice, number: int, ask: int, *, anew: bool
) -> dict[str, Any]:
    words = f"{query} {part.qualifiers()}"
    if len(words) > LONGEST_QUERY:
        raise RefusedError(
            f"The search is longer than the {LONGEST_QUERY} characters that GitHub allows.",
            where=words,
            fix="exclude fewer topics",
        )
    params = {"q": words, "per_page": str(PER_PAGE), "page": str(number)}
    answer = api.get(PATH, params, resource="search", ask=ask, shape=_PAGE, anew=anew)
    page: dict[str, Any] = fitted(answer.json(), _PAGE)[0]
    return {**page, "items": [item for item in page["items"] if item is not None]}


def _parted(
    part: SearchSlice, items: Sequence[Mapping[str, Any]], total: int, known: Sequence[datetime]
) -> list[SearchSlice]:
    """Return smaller parts that make up a part, by what a sample of it tells; none if it is one."""
    if part.since < part.until:
        created = [datetime.fromisoformat(item["created_at"]) for item in items]
        parts = _by_times(part, known or created, 2 * AIM if known else total)
        return [replace(smaller, least=sum(map(smaller.holds, created))) for smaller in parts]
    low, high = part.stars or (0, MOST_STARS)
    if low == high:
        return []
    stars = sorted(item["stargazers_count"] for item in items)
    middle = stars[len(stars) // 2] if stars else (low + high) // 2
    middle = middle if low <= middle < high else (low + high) // 2
    return [
        SearchSlice(part.since, part.until, smaller)
        for smaller in ((low, middle), (middle + 1, high))
    ]


def _by_times(part: SearchSlice, created: Sequence[datetime], total: int) -> list[SearchSlice]:
    """Part by quantiles of a sample of the times; at least in two, by the middle if need be."""
    n_parts = max(2, math.ceil(total / AIM))
    times = sorted(created)
    cuts = {times[len(times) * i // n_parts] for i in range(1, n_parts)} if times else set()
    inner = sorted(cut for cut in cuts if part.since <= cut < part.until)
    if not inner:
        middle = part.since + (part.until - part.since) / 2
        inner = [middle.replace(microsecond=0)]
    starts = [part.since, *(cut + SECOND for cut in inner)]
    ends = [*inner, part.until]
    return [SearchSlice(start, end) for start, end in zip(starts, ends, strict=True)]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
