"""GitHub's code search beyond the 1,000 files that it gives for one query.

It looks at default branches, at files below 384 KB, about ten times a minute. A query is parted by
the size of files until each part has at most 1,000; where files of one size are more, by folders.
The parts are asked breadth first, so that where a query is given up (`MOST_A_QUERY`) its files of
all sizes have been looked at. Which totals do not add up is told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from artifacts.progress import Task
from configs.framework import Framework
from mining.dependents.claims import Gathered
from mining.dependents.hosts import is_for_one, may_pass
from mining.dependents.queries import code_queries
from mining.github.api import Api
from mining.github.errors import GitHubError, RefusedError
from mining.github.search import LONGEST_QUERY
from mining.github.shapes import (
    Each,
    JsonShape,
    fitted,
    is_anything,
    is_flag,
    is_name,
    is_number,
    is_plain,
)
from mining.sources.github_search import SEARCH_CAP

PATH = "/search/code"
ROWS_A_PAGE = 100
ASKS = 3
"""Times that a page is asked for, if GitHub did not look everywhere."""
LARGEST = 384 * 1024
"""Bytes of a file that code search knows."""
MOST_FOLDERS = 4
"""Folders that one part may name or leave out: a query may have five such words."""
MOST_A_QUERY = 60
"""Requests for one query, unless told otherwise: half an hour for five queries."""
_REPOSITORY: JsonShape = {
    "id": is_number,
    "full_name": is_name,
    "description": is_anything,
    "fork": is_anything,
}
_PAGE: JsonShape = {
    "total_count": is_number,
    "incomplete_results": is_flag,
    "items": Each(
        {"path": is_plain, "repository": _REPOSITORY},
        frozenset({"path", "repository"}),
        with_more=True,
    ),
}


@dataclass(frozen=True)
class CodePart:
    """A part of a query: files of some sizes, in bytes, maybe below and not below some folders."""

    smallest: int = 0
    largest: int = LARGEST
    below: str | None = None
    not_below: tuple[str, ...] = ()

    def qualifiers(self) -> str:
        """Return the part in GitHub's words; nothing for the whole."""
        words = [f"size:{self.smallest}..{self.largest}"] * (self != CodePart())
        words += [f"path:{self.below}"] * (self.below is not None)
        return " ".join([*words, *(f"-path:{folder}" for folder in self.not_below)])

    def parted(self, paths: Sequence[str]) -> list[CodePart]:
        """Return two parts that make it up, by what a sample of its paths tells; none if it is one.

        Sizes of files are spread over orders of magnitude, so a part is cut at the geometric mean.
        """
        if self.smallest < self.largest:
            middle = math.isqrt((self.smallest + 1) * (self.largest + 1)) - 1
            middle = min(max(middle, self.smallest), self.largest - 1)
            return [replace(self, largest=middle), replace(self, smallest=middle + 1)]
        if self.below is not None or len(self.not_below) == MOST_FOLDERS:
            return []
        folders = Counter(path.split("/")[0] for path in paths if "/" in path)
        new = [(-n, folder) for folder, n in folders.items() if folder not in self.not_below]
        if not new:
            return []
        _, folder = min(new)
        if not folder.replace("-", "").replace("_", "").replace(".", "").isalnum():
            return []
        return [
            replace(self, below=folder),
            replace(self, not_below=(*self.not_below, folder)),
        ]


@dataclass
class _Query:
    """One query under way."""

    api: Api
    words: str
    most: int
    task: Task
    n_asked: int = 0
    is_incomplete: bool = False

    def page(self, part: CodePart, number: int) -> Mapping[str, Any]:
        """Return a page, asked for again where GitHub ran out of time for it."""
        words = f"{self.words} {part.qualifiers()}".strip()
        if len(words) > LONGEST_QUERY:
            raise RefusedError(
                f"the search is longer than the {LONGEST_QUERY} characters that GitHub allows"
            )
        params = {"q": words, "per_page": str(ROWS_A_PAGE), "page": str(number)}
        for ask in range(ASKS):
            answer = self.api.get(PATH, params, resource="code_search", ask=ask, shape=_PAGE)
            self.n_asked += 1
            page: dict[str, Any] = fitted(answer.json(), _PAGE)[0]
            if not page["incomplete_results"]:
                break
        self.is_incomplete |= page["incomplete_results"]
        self.task.advance()
        return page

    def files(self, into: Gathered) -> Iterator[Mapping[str, Any]]:
        """Yield the files that are found, part by part; note what of them is missing."""
        waiting, total, seen = [CodePart()], None, set()
        while waiting and self.n_asked < self.most:
            part = waiting.pop(0)
            first = self.page(part, 1)
            items = [item for item in first["items"] if item is not None]
            n = first["total_count"]
            total = n if total is None else total
            smaller = part.parted([item["path"] for item in items]) if n > SEARCH_CAP else []
            waiting += smaller
            if not smaller:
                for number in range(2, math.ceil(min(n, SEARCH_CAP) / ROWS_A_PAGE) + 1):
                    items += [item for item in self.page(part, number)["items"] if item is not None]
            for item in items:
                seen.add((item["repository"]["id"], item["path"]))
                yield item
        if total is not None and len(seen) < total:
            why = f"given up after {self.n_asked:,} requests" if waiting else "GitHub gave no more"
            into.lack(f"{self.words}: {len(seen):,} of {total:,} files; {why}")
        if self.is_incomplete:
            into.lack(f"{self.words}: GitHub ran out of time and did not look everywhere")


def ask_code_search(
    api: Api, framework: Framework, into: Gathered, task: Task, *, most: int = MOST_A_QUERY
) -> None:
    """Ask for the files that name a framework; each repository with one of them is claimed.

    Parameters
    ----------
    most
        Requests for one query; a list that is begun is read to its end.

    Raises
    ------
    GitHubError
        If GitHub gives no answers any more; what came before it is gathered.
    """
    for words in code_queries(framework):
        query = _Query(api, words, most, task)
        try:
            for item in query.files(into):
                repository = item["repository"]
                about, fork = repository["description"], repository["fork"]
                into.add(
                    repository["full_name"],
                    item["path"],
                    repo_id=repository["id"],
                    description=about if is_plain(about) else None,
                    fork=fork if is_flag(fork) else None,
                )
        except GitHubError as error:
            if not is_for_one(error):
                raise
            into.lack(f"{words}: {error.what.removesuffix('.')}", may_pass=may_pass(error))
