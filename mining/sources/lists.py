"""Lists of repositories that people keep: names, one a line, or Markdown (awesome lists).

An entry of a Markdown list is an item of a list or a row of a table. It is about the first
repository on GitHub that it links to, and its category is the path of headings that it stands
under. Below the headings, items without a link of their own part a list further. Links within the
page (tables of contents) are no entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from artifacts.encodings import encoding_of
from artifacts.errors import InputError
from mining.tables import GITHUB_ADDRESS, full_name_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from selectolax.lexbor import LexborNode

COMMENT = "#"
PATH_SEPARATOR = " > "
"""Between the headings of a category: they may hold slashes themselves."""
NO_LINK = "an entry without a link"
ELSEWHERE = "an entry that links to no repository on GitHub"
GIST = "an entry that links to a gist, not to a repository"
NO_REPOSITORY = "an entry that links to a page of GitHub that is no repository"
_REASONS = (NO_REPOSITORY, GIST, ELSEWHERE)  # the most telling first
_NOT_OWNERS = {
    "about", "apps", "codespaces", "collections", "contact", "customer-stories", "enterprise",
    "explore", "features", "login", "marketplace", "new", "notifications", "organizations", "orgs",
    "pricing", "search", "security", "settings", "site", "sponsors", "stars", "topics", "trending",
    "user-attachments", "users",
}  # fmt: skip
_GIST = re.compile(r"(?:https?://)?gist\.github(?:usercontent)?\.com(?:/|$)", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = {"ul", "ol", "table"}
"""Tags that have entries of their own."""
_PASSED = {*_LISTS, "li", "tr", "img", "svg", "script", "style", "template", "picture"}
"""Tags that are not part of the text around them."""
_APART = {"p", "br", "div", "dt", "dd"}
_CELLS = {"td", "th"}
_CELL_END = " | "
_ROW_TAGS = re.compile(r"<(li|tr|h[1-6])\b", re.IGNORECASE)
_LINE = "data-list-line"
_EDGES = " \t\r\n\u00a0-–—:|·•,;>~*"
_EMPTY = re.compile(r"[(\[{]\s*[)\]}]")
_WORD = re.compile(r"\w")
_NAME_END = re.compile(r"\s*\||\s+[-–—(]|\s*[:(]")
# What links are called where the tool's name stands before them.
_GENERIC = {
    "code", "git", "github", "github repo", "homepage", "here", "link", "project", "repo",
    "repository", "source", "source code", "site", "website",
}  # fmt: skip
_DEEPEST = 8
"""The most levels of items that divide a list below its headings."""


@dataclass(frozen=True)
class ListEntry:
    """One entry of a list.

    Attributes
    ----------
    line
        Where it begins in the file, from 1.
    name
        How the list calls it; ``owner/name`` where it does not.
    url
        What it links to: the first repository, else the first link; empty where there is none.
    description
        What the list says of it, without markup.
    headings
        The path of headings that it stands under, the outermost first.
    repository
        ``owner/name``; None where it links to no repository on GitHub.
    reason
        Why there is no repository; empty where there is one.
    """

    line: int
    name: str
    url: str
    description: str | None = None
    headings: tuple[str, ...] = ()
    repository: str | None = None
    reason: str = ""

    @property
    def category(self) -> str | None:
        """Return the headings as one text; None where it stands under none."""
        return PATH_SEPARATOR.join(self.headings) or None


@dataclass(frozen=True)
class Placements:
    """Where a list places repositories.

    Attributes
    ----------
    categories
        Category by full name, as the list writes it. Of a repository that stands under several,
        the first.
    n_several
        How many stand under several.
    """

    categories: dict[str, str]
    n_several: int


def list_entries(data: bytes) -> list[ListEntry]:
    """Return the entries of a file that is a Markdown list, in its order.

    The file is in UTF-8, -16 or -32, with or without a mark; other bytes become U+FFFD.
    """
    return markdown_entries(data.decode(encoding_of(data), errors="replace"))


def named_entries(text: str) -> list[ListEntry]:
    """Return the entries of a text that names one repository a line; ``#`` begins a comment."""
    entries = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if name := named(line):
            repository = listed_repository(name)
            reason = "" if repository else f"{name[:80]!r} is not a repository name (owner/name)"
            entries.append(ListEntry(number, name, name, repository=repository, reason=reason))
    return entries


def named(line: str) -> str:
    """Return what a line of a list of names holds beside a comment."""
    return line.split(COMMENT, 1)[0].strip()


def listed_repository(name: str) -> str | None:
    """Return the repository that a name or an address stands for, if it is one."""
    if GITHUB_ADDRESS.match(name):
        return linked_repository(name)
    try:
        return full_name_of(name)
    except InputError:
        return None


def linked_repository(url: str) -> str | None:
    """Return the repository on GitHub that an address leads to or into, if it does."""
    address = url.strip().split("?", 1)[0].split("#", 1)[0].rstrip("/")
    if not GITHUB_ADDRESS.match(address):
        return None
    try:
        name = full_name_of(address)
    except InputError:
        return None
    return None if name.split("/")[0].lower() in _NOT_OWNERS else name


def markdown_links(text: str) -> Iterator[str]:
    """Yield what Markdown links to: by its links, bare addresses, and HTML in it."""
    from selectolax.lexbor import LexborHTMLParser

    for link in LexborHTMLParser(_parser().render(text)).css("a[href]"):
        yield link.attributes["href"] or ""


def markdown_entries(text: str) -> list[ListEntry]:
    """Return the entries of a Markdown list, in its order."""
    from selectolax.lexbor import LexborHTMLParser

    parser = _parser()
    tokens = parser.parse(text.removeprefix("\ufeff"))
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type in {"list_item_open", "tr_open"}:
            token.attrSet(_LINE, str(line))
        elif token.type == "html_block":
            token.content = _with_lines(token.content, line)
    page = LexborHTMLParser(parser.renderer.render(tokens, parser.options, {}))
    return [] if page.body is None else _Reader().read(page.body)


def placements(entries: Iterable[ListEntry]) -> Placements:
    """Return the category of each repository that stands under a heading."""
    found: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for entry in entries:
        if entry.repository and entry.category:
            key = entry.repository.lower()
            names.setdefault(key, entry.repository)
            found.setdefault(key, {})[entry.category] = None
    first = {names[key]: next(iter(categories)) for key, categories in found.items()}
    return Placements(first, sum(len(categories) > 1 for categories in found.values()))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"linkify": True}).enable(["linkify", "table"])


def _with_lines(html: str, first: int) -> str:
    """Return HTML in which items, rows and headings say on which line they begin."""
    return "\n".join(
        _ROW_TAGS.sub(rf'<\1 {_LINE}="{number}"', line)
        for number, line in enumerate(html.split("\n"), start=first)
    )


class _Reader:
    """Walks a page in reading order and gathers its entries."""

    def __init__(self) -> None:
        self.entries: list[ListEntry] = []
        self.headings: list[tuple[int, str]] = []
        self.seen: list[tuple[int, str]] = []
        self.line = 1

    def read(self, body: LexborNode) -> list[ListEntry]:
        waiting: list[tuple[LexborNode, tuple[str, ...], bool]] = [(body, (), False)]
        while waiting:
            node, groups, in_item = waiting.pop()
            tag = node.tag or ""
            if tag in _HEADINGS and not in_item:  # in an item it is the item's name
                self._head(_HEADINGS[tag], _Words(node).all())
            if tag in {"li", "tr"}:
                groups = self._take(node, groups)
            in_item = in_item or tag == "li"
            waiting += [(child, groups, in_item) for child in reversed(list(node.iter()))]
        return self._untitled()

    def _head(self, level: int, text: str) -> None:
        if text:
            self.headings = [*(h for h in self.headings if h[0] < level), (level, text)]
            self.seen.append((level, text))

    def _take(self, node: LexborNode, groups: tuple[str, ...]) -> tuple[str, ...]:
        """Keep an item or a row as an entry, if it is one; return what its own items are under."""
        words = _Words(node)
        if not words.links:
            title = words.all().strip(_EDGES)
            if node.tag == "tr" or words.is_navigation or not title:
                return groups
            if any(child.tag in _LISTS for child in node.iter()):
                return (*groups, title)[:_DEEPEST]
        self.line = int(node.attributes.get(_LINE) or self.line)  # HTML within a line has none
        headings = (*(text for _, text in self.headings), *groups)
        self.entries.append(words.entry(self.line, headings))
        return groups

    def _untitled(self) -> list[ListEntry]:
        """Return the entries, the list's title left out of their paths.

        The first heading is the title if no other has its level or it says that the list is
        awesome, and other headings stand below it.
        """
        if not self.seen:
            return self.entries
        level, title = self.seen[0]
        is_outermost = all(level <= other for other, _ in self.seen)
        is_only = sum(level == other for other, _ in self.seen) == 1
        is_title = is_outermost and (is_only or "awesome" in title.lower())
        below = [entry.headings[1:] for entry in self.entries if entry.headings[:1] == (title,)]
        if not is_title or not any(below):
            return self.entries
        return [
            replace(entry, headings=entry.headings[1:]) if entry.headings[:1] == (title,) else entry
            for entry in self.entries
        ]


class _Words:
    """The words and links of an item, a row or a heading, without those of lists in it.

    Attributes
    ----------
    links
        Addresses that lead out of the page.
    is_navigation
        Whether it links within the page.
    """

    def __init__(self, node: LexborNode) -> None:
        self.links: list[str] = []
        self.is_navigation = False
        self._runs: list[tuple[str, int | None]] = []
        waiting: list[tuple[LexborNode, int | None]] = [(node, None)]
        while waiting:
            at, link = waiting.pop()
            tag = at.tag or ""
            if tag == "-text":
                self._runs.append((at.text_content or "", link))
                continue
            if at is not node and (tag in _PASSED or (tag in _HEADINGS and node.tag in _HEADINGS)):
                continue
            if tag in _CELLS or tag in _APART:
                self._runs.append((_CELL_END if tag in _CELLS else " ", None))
            if tag == "a":
                link = self._linked(at.attributes.get("href") or "", link)
            waiting += [(child, link) for child in reversed(list(at.iter(include_text=True)))]

    def _linked(self, url: str, outer: int | None) -> int | None:
        if not url or url.startswith("#"):
            self.is_navigation = self.is_navigation or bool(url)
            return outer
        self.links.append(url)
        return len(self.links) - 1

    def all(self) -> str:
        """Return all words."""
        return " ".join("".join(text for text, _ in self._runs).split())

    def entry(self, line: int, headings: tuple[str, ...]) -> ListEntry:
        """Return them as an entry."""
        name, description = self._told()
        repositories = [(linked_repository(url), url) for url in self.links]
        for repository, url in repositories:
            if repository is not None:
                is_name = name and linked_repository(name) is None
                called = name if is_name else repository
                return ListEntry(line, called, url, description, headings, repository)
        url = self.links[0] if self.links else ""
        reasons = {_why_none(link) for link in self.links}
        reason = next((reason for reason in _REASONS if reason in reasons), NO_LINK)
        return ListEntry(line, name or url, url, description, headings, None, reason)

    def _told(self) -> tuple[str, str | None]:
        """Return the name, which the first link with words in it has as a rule, and the rest."""
        number = next(
            (link for text, link in self._runs if link is not None and text.strip()), None
        )
        if number is None:
            name, rest = _parted(self.all())
            return name, _cleaned(rest)
        places = [at for at, (_, link) in enumerate(self._runs) if link == number]
        texts = [text for text, _ in self._runs]
        before = "".join(texts[: places[0]])
        label = " ".join("".join(texts[places[0] : places[-1] + 1]).split())
        after = "".join(texts[places[-1] + 1 :])
        if label.lower() not in _GENERIC:
            return label, _cleaned(after) or _cleaned(before)
        name, rest = _parted(before.strip(_EDGES))
        return name, _cleaned(f"{rest} {after}")


def _parted(text: str) -> tuple[str, str]:
    """Return the name that a text begins with, and what follows it."""
    end = _NAME_END.search(text)
    return (text, "") if end is None else (text[: end.start()], text[end.start() :])


def _cleaned(text: str) -> str | None:
    """Return a description without what joined it to the name; None if no word is left."""
    words = " ".join(_EMPTY.sub(" ", text).split()).strip(_EDGES)
    return words if _WORD.search(words) else None


def _why_none(url: str) -> str:
    if _GIST.match(url):
        return GIST
    return NO_REPOSITORY if GITHUB_ADDRESS.match(url) else ELSEWHERE
