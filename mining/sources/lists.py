"""Lists of repositories that people keep: names, one a line, or Markdown (awesome lists).

An entry of a Markdown list is an item of a list, a row of a table, or a line of text that begins
with a link. It is about the first repository on GitHub that it links to, and its category is the
path of headings that it stands under. Below the headings, items without a link of their own part a
list further, and so do parts that fold. Links within the page (tables of contents) are no entries;
what stands under headings about the list itself (Contributing) or about other lists is passed over.
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
ASIDE = "an entry under a heading about the list itself or other lists"
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
_PASSED = {
    *_LISTS, "li", "tr", "img", "svg", "script", "style", "template", "picture", "kbd", "pre",
}  # fmt: skip
"""Tags that are not part of the text around them."""
_APART = {"p", "br", "div", "dt", "dd"}
_LINES = {"p", "summary", "dt"}
"""What is an entry if it begins with a link."""
_CELLS = {"td", "th"}
_CELL_END = " | "
_ROW_TAGS = re.compile(r"<(li|tr|p|summary|dt|h[1-6])\b", re.IGNORECASE)
_LINE = "data-list-line"
_SYMBOLS = "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u200d\ufe0f"
_FRONT = re.compile(r"(?:(?![\w(\[{<\"'“‘«「『【《@#$&%§¿¡…`]|[.+/~\\](?=\w)).)+", re.DOTALL)
"""What joins a description to a name, or adorns it."""
_BACK = re.compile(rf"[\s\-–—:|·•,;*~：，、；｜{_SYMBOLS}]+$")
_SHORTCODE = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])")
_EMPTY = re.compile(r"[(\[{][\s,;|/·&]*[)\]}]")
_WORD = re.compile(r"\w")
# Words of links, and code, are told apart from other words until a description is cleaned.
_LINK, _LINK_END, _CODE, _CODE_END = "\ue000", "\ue001", "\ue002", "\ue003"
_MARKS = dict.fromkeys(map(ord, (_LINK, _LINK_END, _CODE, _CODE_END)))
_MARKED = rf"{_LINK}[^{_LINK_END}]*{_LINK_END}"
_BRACKETED = re.compile(rf"\s*[(\[{{]\s*(?:{_MARKED}[\s,;|/·&]*)+[)\]}}]")
"""Brackets that hold nothing but links."""
_LICENCES = re.compile(rf"(?<=[.!?)。])(?:\s*{_CODE}[^{_CODE_END}]*{_CODE_END})+\s*$")
_FIGURES = re.compile(rf"^\W*\([^)]*[{_SYMBOLS}★][^)]*\)")
"""Stars and the like, which some lists tell in front."""
_LAST_LINK = re.compile(rf"([\s,;|/·&–—-]*){_LINK}([^{_LINK_END}]*){_LINK_END}[\s.]*$")
_ADDRESS = re.compile(r"(?:https?://|www\.|github\.com/)\S+$", re.IGNORECASE)
_LABEL = re.compile(r"^\w{1,12}\s*[:：]\s*")
_AGAIN = re.compile(r"(?<=[.!?。])\s[\s.,;|·&]*$")
_CONTENTS = re.compile(r"(?:table of )?contents?|toc|目录|目次", re.IGNORECASE)
_FOLDED = re.compile(r"(?:show|see|view|click|expand|toggle|more|open)\b|展开|点击", re.IGNORECASE)
"""How parts that fold are called where they are called nothing."""
_ASIDE = re.compile(
    r"(?:how to )?contribut(?:e|ing|ions?|ors?)(?: guidelines?| guide)?|licen[sc]es?|credits?"
    r"|acknowledge?ments?|sponsors?|code of conduct|star history|disclaimer|changelog"
    r"|(?:related|other|similar|more)(?: awesome)? (?:lists?|collections?|resources?)"
    r"|(?:related|other|similar|more) awesome|awesome lists?|贡献.*|许可.*|相关列表",
    re.IGNORECASE,
)
_NAME_END = re.compile(r"\s*\||\s+[-–—(]|\s*[:(]")
# What links are called where the tool's name stands before them.
_GENERIC = {
    "arxiv", "blog", "code", "demo", "docs", "documentation", "git", "github", "github repo",
    "homepage", "here", "link", "paper", "pdf", "project", "project page", "repo", "repository",
    "site", "source", "source code", "video", "web", "website",
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


def is_aside(heading: str) -> bool:
    """Tell whether a heading is about the list itself or other lists: what it says is no topic."""
    return bool(_ASIDE.fullmatch(heading) or _CONTENTS.fullmatch(heading))


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
        if token.type in {"list_item_open", "tr_open", "paragraph_open"}:
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
        self.loose: set[ListEntry] = set()
        self.headings: list[tuple[float, str]] = []
        self.seen: list[tuple[int, str]] = []
        self.line = 1

    def read(self, body: LexborNode) -> list[ListEntry]:
        waiting: list[tuple[LexborNode | None, tuple[str, ...], bool]] = [(body, (), False)]
        unfolded: list[list[tuple[float, str]]] = []
        while waiting:
            node, groups, in_item = waiting.pop()
            if node is None:  # a part that folds ends, and with it the headings in it
                self.headings = unfolded.pop()
                continue
            tag = node.tag or ""
            if tag in _HEADINGS and not in_item:  # in an item it is the item's name
                self._head(_HEADINGS[tag], _Words(node).title())
            if tag == "details":
                unfolded.append(self.headings)
                waiting.append((None, (), False))
                self._fold(node)
            if tag in _LINES and not in_item:
                self._take_lines(node, groups)
            if tag in {"li", "tr"}:
                if (under := self._take(node, groups)) is None:
                    continue
                groups = under
            in_item = in_item or tag in {"li", "td", "th"}
            children = list(node.iter())
            if tag == "details" and _is_entry(node):  # all that folds is about it
                children = [child for child in children if child.tag == "summary"]
            waiting += [(child, groups, in_item) for child in reversed(children)]
        return self._settled()

    def _head(self, level: int, text: str) -> None:
        if text:
            self.headings = [*(h for h in self.headings if h[0] < level), (level, text)]
            self.seen.append((level, text))

    def _fold(self, node: LexborNode) -> None:
        """Take what a part that folds is called as a heading of what is in it."""
        summary = _summary(node)
        if summary is None or summary.css_first(",".join(_HEADINGS)) or _Words(summary).links:
            return
        title = _Words(summary).title()
        if title and not _FOLDED.match(title) and len(self.headings) < _DEEPEST:
            level = self.headings[-1][0] if self.headings else 0
            self.headings = [*self.headings, (level + 0.5, title)]

    def _headings(self, groups: tuple[str, ...]) -> tuple[str, ...]:
        return (*(text for _, text in self.headings), *groups)

    def _take_lines(self, node: LexborNode, groups: tuple[str, ...]) -> None:
        """Keep each line of a text that begins with a link as an entry."""
        line = int(node.attributes.get(_LINE) or self.line)
        pieces: list[list[LexborNode]] = [[]]
        for child in node.iter(include_text=True):
            if child.tag == "br":
                pieces.append([])
            if child.tag not in _PASSED:
                pieces[-1].append(child)
        if node.tag == "dt":
            pieces[-1] += _definitions(node)
        joined: list[_Words] = []
        for piece in reversed(pieces):
            words = _Words(*piece, *(joined.pop().nodes if joined and not joined[-1].leads else ()))
            joined.append(words)
        for words in reversed(joined):
            if words.leads:
                self.line = line + words.n_before
                entry = words.entry(self.line, self._headings(groups))
                self.entries.append(entry)
                self.loose.add(entry)
            line += words.n_breaks

    def _take(self, node: LexborNode, groups: tuple[str, ...]) -> tuple[str, ...] | None:
        """Keep an item or a row as an entry, if it is one.

        Return what its own items are under; None where they tell of itself.
        """
        words = _Words(node)
        told = None
        if not words.links:
            title = words.title()
            if node.tag == "tr" or words.is_navigation or not title:
                return groups
            parts_further = any(child.tag in _LISTS for child in node.iter())
            if parts_further and (told := _told_below(node)) is None:
                return (*groups, title)[:_DEEPEST]
        self.line = int(node.attributes.get(_LINE) or self.line)  # HTML within a line has none
        if told is None:
            self.entries.append(words.entry(self.line, self._headings(groups)))
            return groups
        entry = told[0].entry(self.line, self._headings(groups))
        self.entries.append(replace(entry, name=title, description=told[1]))
        return None

    def _settled(self) -> list[ListEntry]:
        """Return the entries with the paths that count, without what is before the first heading.

        Left out of paths are the list's title and tables of contents.
        """
        title = self._title()
        titled = any(e.headings[1:] for e in self.entries if e.headings[:1] == (title,))
        with_lines = any(entry.repository for entry in self.loose)
        settled = []
        for entry in self.entries:
            path = entry.headings
            if titled and path[:1] == (title,):
                path = path[1:]
            path = tuple(text for text in path if not _CONTENTS.fullmatch(text))
            if entry in self.loose and not (with_lines and (path or not self.seen)):
                continue
            if entry.repository and any(map(_ASIDE.fullmatch, path)):
                entry = replace(entry, repository=None, reason=ASIDE)
            settled.append(replace(entry, headings=path))
        return settled

    def _title(self) -> str | None:
        """Return the list's title, if it has one.

        The first heading is it if no other has its level or it says that the list is awesome, and
        other headings stand below it.
        """
        if not self.seen:
            return None
        level, title = self.seen[0]
        is_outermost = all(level <= other for other, _ in self.seen)
        is_only = sum(level == other for other, _ in self.seen) == 1
        return title if is_outermost and (is_only or "awesome" in title.lower()) else None


def _summary(details: LexborNode) -> LexborNode | None:
    return next((child for child in details.iter() if child.tag == "summary"), None)


def _is_entry(details: LexborNode) -> bool:
    summary = _summary(details)
    return summary is not None and _Words(summary).leads


def _definitions(term: LexborNode) -> list[LexborNode]:
    """Return what a term of a list of definitions is told to be."""
    found = []
    node = term.next
    while node is not None and node.tag != "dt":
        if node.tag == "dd":
            found.append(node)
        node = node.next
    return found


def _told_below(node: LexborNode) -> tuple[_Words, str | None] | None:
    """Return the words with the address of an item whose own items tell of it, and the others.

    None where they are entries of their own: where more than one links to a repository, or the
    link has a name.
    """
    lists = [child for child in node.iter() if child.tag in {"ul", "ol"}]
    below = [_Words(item) for each in lists for item in each.iter() if item.tag == "li"]
    homes = [words for words in below if words.has_repository()]
    if len(homes) != 1 or not homes[0].is_address():
        return None
    rest = " ".join(_LABEL.sub("", words.all()) for words in below if not words.links)
    return homes[0], _cleaned(rest)


class _Words:
    """The words and links of an item, a row, a line or a heading, without those of lists in it.

    Attributes
    ----------
    links
        Addresses that lead out of the page.
    is_navigation
        Whether it links within the page.
    leads
        Whether the first of its words are those of a link that leads out.
    n_before, n_breaks
        Line ends in the file before that link, and in all.
    """

    def __init__(self, *nodes: LexborNode) -> None:
        self.nodes = nodes
        self.links: list[str] = []
        self.is_navigation = False
        self._runs: list[tuple[str, int | None, bool]] = []
        waiting: list[tuple[LexborNode, int | None, bool, bool]]
        waiting = [(node, None, False, True) for node in reversed(nodes)]
        in_heading = len(nodes) == 1 and nodes[0].tag in _HEADINGS
        while waiting:
            self._walk(waiting, in_heading)
        first = next((n for n, run in enumerate(self._runs) if _WORD.search(run[0])), None)
        self.leads = first is not None and self._runs[first][1] is not None
        self.n_before = sum(text.count("\n") for text, _, _ in self._runs[: first or 0])
        self.n_breaks = sum(text.count("\n") for text, _, _ in self._runs)

    def _walk(
        self, waiting: list[tuple[LexborNode, int | None, bool, bool]], in_heading: bool
    ) -> None:
        at, link, is_code, is_root = waiting.pop()
        tag = at.tag or ""
        if tag == "-text":
            self._runs.append((at.text_content or "", link, is_code))
            return
        if not is_root and (tag in _PASSED or (tag in _HEADINGS and in_heading)):
            return
        if tag in _CELLS or tag in _APART:
            self._runs.append((_CELL_END if tag in _CELLS else " ", None, False))
        if tag == "a":
            link = self._linked(at.attributes.get("href") or "", link)
        is_code = is_code or tag == "code"
        children = list(at.iter(include_text=True))
        waiting += [(child, link, is_code, False) for child in reversed(children)]

    def _linked(self, url: str, outer: int | None) -> int | None:
        if not url or url.startswith("#"):
            self.is_navigation = self.is_navigation or bool(url)
            return outer
        self.links.append(url)
        return len(self.links) - 1

    def all(self) -> str:
        """Return all words."""
        return " ".join("".join(text for text, _, _ in self._runs).split())

    def title(self) -> str:
        """Return all words as a heading, without what adorns them."""
        return _trimmed(self.all())

    def has_repository(self) -> bool:
        """Tell whether a link leads to a repository."""
        return any(map(linked_repository, self.links))

    def is_address(self) -> bool:
        """Tell whether the first link has no name but its address, or a word such as "code"."""
        label = next((text for text, link, _ in self._runs if link is not None), "").strip()
        return label.lower() in _GENERIC or bool(_ADDRESS.match(label))

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
            (link for text, link, _ in self._runs if link is not None and _WORD.search(text)), None
        )
        if number is None:
            name, rest = _parted(self.all())
            return name, _cleaned(rest)
        places = [at for at, (_, link, _) in enumerate(self._runs) if link == number]
        before, after = self._marked(0, places[0]), self._marked(places[-1] + 1, None)
        texts = [text for text, _, _ in self._runs]
        label = _trimmed("".join(texts[places[0] : places[-1] + 1]))
        if label.lower() not in _GENERIC:
            return label, _cleaned(after) or _cleaned(before)
        name, rest = _parted(_trimmed(before))
        return name.translate(_MARKS), _cleaned(f"{rest} {after}")

    def _marked(self, start: int, stop: int | None) -> str:
        """Return a stretch of the words, those of links and code marked."""
        pieces = []
        for text, link, is_code in self._runs[start:stop]:
            marked = text if link is None else f"{_LINK}{text}{_LINK_END}"
            pieces.append(f"{_CODE}{marked}{_CODE_END}" if is_code else marked)
        return "".join(pieces).replace(_LINK_END + _LINK, "").replace(_CODE_END + _CODE, "")


def _parted(text: str) -> tuple[str, str]:
    """Return the name that a text begins with, and what follows it."""
    end = _NAME_END.search(text)
    return (text, "") if end is None else (text[: end.start()], text[end.start() :])


def _trimmed(text: str) -> str:
    """Return words without what adorns them: emoji, arrows, dashes at their ends."""
    words = " ".join(_SHORTCODE.sub(" ", text).split())
    trimmed = _BACK.sub("", words[front.end() :] if (front := _FRONT.match(words)) else words)
    return trimmed or words


def _cleaned(text: str) -> str | None:
    """Return a description without what joined it to the name, and without links at its end.

    None if no word is left. Gone are also brackets of links alone, and licences told as code.
    """
    words = _BRACKETED.sub(" ", _FIGURES.sub("", " ".join(text.split())))
    words = _LICENCES.sub("", words.rstrip())
    while last := _LAST_LINK.search(words):
        joint, label = last[1].strip(), last[2].strip()
        before = words[: last.start()].rstrip()
        is_apart = joint or not before or before[-1] in ".!?)]。"
        if not is_apart or not (label.lower() in _GENERIC or _ADDRESS.match(label)):
            break
        words = words[: last.start()]
    words = _EMPTY.sub(" ", words.translate(_MARKS))
    words = _AGAIN.sub("", _trimmed(words))
    return words if _WORD.search(words) else None


def _why_none(url: str) -> str:
    if _GIST.match(url):
        return GIST
    return NO_REPOSITORY if GITHUB_ADDRESS.match(url) else ELSEWHERE
