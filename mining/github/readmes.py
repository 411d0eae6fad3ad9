"""The README of each repository, under its true name, at the commit that its row names.

GitHub shows the README in `.github`, else that at the top, else that in `docs`, and follows a link
(docs.github.com, "About the repository README file"). What is at the top is known with the facts,
and `.github` is looked into beside it: so most READMEs take one step, a few two or three.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from artifacts.shelf import ShelvedList
from mining.github.api import Api
from mining.github.batches import Answered, Batching, ask_in_batches
from mining.github.facts import ENTRIES, RepositoryFacts, TreeEntry, entries_of
from mining.github.queries import files_query
from mining.github.shapes import Agreeing, JsonShape, Maybe, OneOf, is_flag, is_text, is_word
from mining.github.unknown import Unknown
from mining.sources.readmes import LFS_REASON, MAX_README_CHARACTERS, is_lfs_pointer, readme_rank
from mining.tables import TableRow
from mining.values import clean

SIZE = 32
"""READMEs that are asked for at once, at most; each may be half a megabyte."""
FIRST, LAST = ".github", "docs"
SHOWN = {
    f"readme{ending}"
    for ending in (
        *("", ".txt", ".md", ".markdown", ".mdown", ".mdwn", ".mkd", ".mkdn", ".mdx", ".rmd"),
        *(".rst", ".rest", ".rst.txt", ".rest.txt", ".adoc", ".asciidoc", ".asc", ".org"),
        *(".textile", ".rdoc", ".pod", ".pod6", ".creole", ".mediawiki", ".wiki", ".litcoffee"),
    )
}
"""Names that GitHub shows as a README: plain, or with an ending that github/markup knows, and
README.Rmd; not those of translations, such as README.zh-CN.md."""


def _lacks_its_text(blob: Mapping[str, Any]) -> Iterator[str]:
    """Name the text where it is null, and not because the file is none."""
    if blob.get("text") is None and blob.get("isBinary") is not True:
        yield "text"


_BLOB: Mapping[str, JsonShape] = {
    "oid": is_word,
    "isBinary": Maybe(is_flag),
    "isTruncated": Maybe(is_flag),
    "text": Maybe(is_text),
}
_OBJECT = OneOf(
    {
        "entries": {"entries": ENTRIES},
        "text": Agreeing(_BLOB, _lacks_its_text),
    }
)
LINK_MODE = 0o120000
MOST_STEPS = 5
NOWHERE = "it is a link that leads nowhere"


@dataclass(frozen=True)
class ReadmeLocation:
    """A file or folder to look at: of which repository (by position), at which commit, which path.

    Attributes
    ----------
    shown
        What the README is called, where a link leads elsewhere.
    is_first
        Nothing was looked at before: a README in `.github` goes before this one.
    otherwise
        A folder to look into if there is no README here.
    is_there, has_first
        Whether it is known that there is such a file or folder, and one named `.github`.
    """

    repository: int
    node_id: str
    commit: str
    path: str
    shown: str | None = None
    is_first: bool = True
    is_link: bool = False
    otherwise: str | None = None
    is_there: bool = True
    has_first: bool = False

    @property
    def shape(self) -> JsonShape:
        """Return what must come back: null where it may not be there."""
        return {
            "file": _OBJECT if self.is_there else Maybe(_OBJECT),
            "beside": _OBJECT if self.has_first else Maybe(_OBJECT),
        }

    @property
    def variables(self) -> tuple[str, str, str]:
        """Return the repository, the place and the folder beside it, in git's words."""
        return self.node_id, f"{self.commit}:{self.path}", f"{self.commit}:{FIRST}"


@dataclass(frozen=True)
class ReadmeResult:
    """The README of one repository: a row of the table, why there is none, or why it is unknown."""

    repository: int
    row: TableRow | None
    reason: str | None = None
    unknown: Unknown | None = None


def best_readme(entries: Sequence[TreeEntry]) -> TreeEntry | None:
    """Return the entry of a folder that GitHub would show as its README."""
    shown = [e for e in entries if e.kind == "blob" and e.name.lower() in SHOWN]
    return min(shown, key=lambda entry: readme_rank(entry.name), default=None)


def fetch_readmes(
    api: Api,
    facts: Sequence[RepositoryFacts],
    *,
    carried: Mapping[str, TableRow],
    advance: Callable[[int], None],
) -> Iterator[ReadmeResult]:
    """Yield the README of each repository.

    Parameters
    ----------
    facts
        The repositories, with what is at their top.
    carried
        READMEs of an earlier snapshot by `repo_key`: one whose file is the same is not asked for.
    advance
        Told how many repositories are done.
    """
    waiting: ShelvedList[ReadmeLocation] = ShelvedList()
    for number, repository in enumerate(facts):
        outcome = _first_step(number, repository, carried)
        if isinstance(outcome, ReadmeLocation):
            waiting.append(outcome)
        else:
            advance(1)
            yield outcome
    batching = Batching[ReadmeLocation](
        query=files_query,
        variables=_variables,
        place=lambda number: (f"r{number}",),
        shape=lambda place: place.shape,
        needs=frozenset({"file", "beside"}),
    )
    for _ in range(MOST_STEPS):
        places, waiting = waiting, ShelvedList()
        for answered in ask_in_batches(api, places, batching, size=SIZE):
            outcome = _next_step(answered, facts)
            if isinstance(outcome, ReadmeLocation):
                waiting.append(outcome)
            else:
                advance(1)
                yield outcome
    for place in waiting:
        advance(1)
        yield ReadmeResult(place.repository, None, NOWHERE)


def _first_step(
    number: int, facts: RepositoryFacts, carried: Mapping[str, TableRow]
) -> ReadmeLocation | ReadmeResult:
    commit = facts.row["head_commit"]
    if commit is None:
        return ReadmeResult(number, None)
    node_id = facts.row["node_id"]
    folders = {e.name for e in facts.entries if e.kind == "tree"}
    last, first = LAST if LAST in folders else None, FIRST in folders
    entry = best_readme(facts.entries)
    if entry is not None:
        earlier = None if first else carried.get(facts.row["repo_key"])
        if earlier is not None and earlier["sha"] == entry.oid and earlier["path"] == entry.name:
            return ReadmeResult(number, {**earlier, "commit": commit})
        is_link = entry.mode == LINK_MODE
        place = ReadmeLocation(number, node_id, commit, entry.name, has_first=first)
        return replace(place, is_link=is_link, otherwise=last)
    if last or first:
        return ReadmeLocation(number, node_id, commit, last or FIRST, has_first=first)
    return ReadmeResult(number, None)


def _next_step(
    answered: Answered[ReadmeLocation], facts: Sequence[RepositoryFacts]
) -> ReadmeLocation | ReadmeResult:
    place = answered.item
    if answered.value is None:
        gone = "it cannot be read, gone" if answered.is_gone else None
        return ReadmeResult(place.repository, None, gone, answered.unknown)
    beside = best_readme(entries_of((answered.value["beside"] or {}).get("entries") or ()))
    if place.is_first and beside is not None:
        path, is_link = f"{FIRST}/{beside.name}", beside.mode == LINK_MODE
        place = replace(place, path=path, is_first=False, is_link=is_link, is_there=True)
        return replace(place, otherwise=None)
    file = answered.value["file"]
    place = replace(place, is_first=False)
    if not file:
        return _elsewhere(place)
    if "entries" in file:
        entry = best_readme(entries_of(file["entries"]))
        if entry is None:
            return _elsewhere(place)
        path = f"{place.path}/{entry.name}"
        return replace(place, path=path, is_link=entry.mode == LINK_MODE, is_there=True)
    if file["isBinary"] or file["text"] is None:
        return ReadmeResult(place.repository, None, "it is not text")
    if place.is_link:
        target = posixpath.join(posixpath.dirname(place.path), file["text"].strip())
        path = posixpath.normpath(target)
        return replace(place, path=path, shown=place.path, is_link=False, is_there=False)
    text = clean(file["text"])
    if is_lfs_pointer(text):
        return ReadmeResult(place.repository, None, LFS_REASON)
    row = {
        "repo_key": facts[place.repository].row["repo_key"],
        "path": place.shown or place.path,
        "commit": place.commit,
        "sha": file["oid"],
        "text": text[:MAX_README_CHARACTERS],
        "truncated": bool(file["isTruncated"]) or len(text) > MAX_README_CHARACTERS,
        "fetched_at": answered.answer.received_at if answered.answer else None,
    }
    return ReadmeResult(place.repository, row)


def _elsewhere(place: ReadmeLocation) -> ReadmeLocation | ReadmeResult:
    if place.otherwise is not None:
        return replace(place, path=place.otherwise, otherwise=None, is_link=False, is_there=True)
    return ReadmeResult(place.repository, None, None if place.shown is None else NOWHERE)


def _variables(places: Sequence[ReadmeLocation]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for number, place in enumerate(places):
        names = (f"id{number}", f"place{number}", f"beside{number}")
        variables |= dict(zip(names, place.variables, strict=True))
    return variables
