"""GitHub's page of dependents: what it shows, and the chain of its pages.

There is no API for it. A page has 30 rows and a link to the next; the chain ends earlier than the
number in its headline says, pages are empty now and then although there are more, and the markup
changes. So what a page does not show is unknown, and it is said how much of the headline there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from packaging.utils import canonicalize_name

from artifacts.progress import Task
from configs.framework import Framework
from mining.dependents.claims import Gathered, whole_number
from mining.dependents.hosts import WEB_URL
from mining.github.api import Api
from mining.github.requests import PageLink
from mining.sources.lists import linked_repository

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

ROWS_A_PAGE = 30
ASKS = 3
"""Times that a page is asked for that shows nothing although it should."""
PLACE = "/network/dependents"
_ROWS = ('[data-test-id="dg-repo-pkg-dependent"]', "#dependents .Box-row")
"""The rows, by the markup of today, and by what they had in common with those of before."""
_REPOSITORY = ('a[data-hovercard-type="repository"]', "a.text-bold", "a")
_TABS = 'a[href*="dependent_type=REPOSITORY"]'
_HEADLINE = re.compile(r"(\d[\d,.\s]*)\s*Repositor(?:y|ies)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d,.]*")
_NONE = re.compile(r"(?:haven.t found any|no) dependents", re.IGNORECASE)


@dataclass(frozen=True)
class PageRow:
    """A dependent as a page shows it; `stars` is None where it does not."""

    project: str
    stars: int | None


@dataclass(frozen=True)
class DependentsPage:
    """What a page shows.

    Attributes
    ----------
    n_hidden
        Rows that name no repository: it is gone or private.
    headline
        How many dependents the page says there are; None: it does not, or not so that we see it.
    following
        The next page, if one is linked.
    packages
        Numbers and names of the repository's packages, if it has several.
    says_none
        Whether it says that there are no dependents.
    """

    rows: tuple[PageRow, ...]
    n_hidden: int
    headline: int | None
    following: PageLink | None
    packages: tuple[tuple[str, str], ...]
    says_none: bool

    @property
    def n_rows(self) -> int:
        """Return how many rows it has, hidden ones too."""
        return len(self.rows) + self.n_hidden

    @property
    def is_plausible(self) -> bool:
        """Tell whether it shows dependents, or says that there are none."""
        return self.n_rows > 0 or self.says_none or self.headline == 0

    @property
    def is_understood(self) -> bool:
        """Tell whether anything on it is known."""
        return self.is_plausible or self.headline is not None


def read_dependents_page(text: str, path: str = PLACE) -> DependentsPage:
    """Return what a page of dependents shows; nothing of what is not understood is a zero.

    Parameters
    ----------
    text
        Its HTML, of whatever kind.
    path
        Its own path, from where links are meant.
    """
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(text)
    named = [_row(node) for node in _row_nodes(page)]
    blank = " ".join(node.text() for node in page.css(".blankslate"))
    return DependentsPage(
        rows=tuple(row for row in named if row is not None),
        n_hidden=sum(row is None for row in named),
        headline=_headline(page),
        following=_following(page, path),
        packages=tuple(_packages(page)),
        says_none=bool(_NONE.search(blank)),
    )


def _row_nodes(page: LexborHTMLParser) -> list[LexborNode]:
    return next((nodes for selector in _ROWS if (nodes := page.css(selector))), [])


def _row(node: LexborNode) -> PageRow | None:
    """Return what a row names; None if that is no repository."""
    for selector in _REPOSITORY:
        for link in node.css(selector):
            path, _ = _target(link, "/")
            project = linked_repository(f"{WEB_URL}{path}")
            if project is not None and path.strip("/") == project:
                star = node.css_first("svg.octicon-star")
                told = star.parent.text() if star is not None and star.parent is not None else ""
                return PageRow(project, _number(told))
    return None


def _headline(page: LexborHTMLParser) -> int | None:
    for link in page.css(_TABS):
        if match := _HEADLINE.search(link.text()):
            return _number(match[1])
    return None


def _number(text: str) -> int | None:
    match = _NUMBER.search(text)
    digits = re.sub(r"[,.\s]", "", match[0]) if match else ""
    return whole_number(digits)


def _following(page: LexborHTMLParser, path: str) -> PageLink | None:
    for link in page.css('a[href*="dependents_after="]'):
        if link.text().strip().lower().startswith("next") or link.attributes.get("rel") == "next":
            following = _target(link, path)
            if following[0].endswith(PLACE):
                return following
    return None


def _target(link: LexborNode, path: str) -> PageLink:
    """Return where a link on the page at ``path`` leads, on this host; nowhere: an empty path."""
    try:
        target = urlsplit(urljoin(path, link.attributes.get("href") or ""))
    except ValueError:  # an address that is none
        return "", {}
    return target.path, dict(parse_qsl(target.query))


def _packages(page: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    seen = set()
    for link in page.css('a[href*="package_id="]'):
        _, asked = _target(link, PLACE)
        name = " ".join(link.text().split())
        is_tab = "dependent_type" in asked or "dependents_after" in asked
        number = asked.get("package_id", "")
        if not is_tab and name and number and number not in seen:
            seen.add(number)
            yield number, name


def ask_dependents_page(api: Api, framework: Framework, into: Gathered, task: Task) -> None:
    """Ask for all that GitHub's page shows of a framework's dependents.

    Of several packages, those count that the framework's file names; all, where it names none.

    Raises
    ------
    GitHubError
        If an answer is not to be had; what came before it is gathered.
    """
    path = f"/{framework.framework.repository}{PLACE}"
    params = {"dependent_type": "REPOSITORY"}
    first = _asked(api, path, params, into, task)
    if first is None:
        return
    wanted = {canonicalize_name(name) for name in framework.distributions}
    own = [(n, name) for n, name in first.packages if canonicalize_name(name) in wanted]
    if first.packages and not own:
        own = list(first.packages)
    if not own:
        _follow(api, first, framework.framework.repository, "network/dependents", into, task)
    for number, name in own:
        page = _asked(api, path, {**params, "package_id": number}, into, task)
        if page is not None:
            _follow(api, page, name, f"network/dependents?package_id={number}", into, task)


def _follow(
    api: Api, page: DependentsPage, name: str, evidence: str, into: Gathered, task: Task
) -> None:
    """Gather a chain of pages from its first on."""
    if page.headline is not None:
        into.count(page.headline)
    headline, n_pages, n_hidden, n_rows = page.headline, 0, 0, 0
    seen: set[str] = set()
    following: DependentsPage | None = page
    while following is not None:
        n_pages += 1
        n_hidden += following.n_hidden
        n_rows += following.n_rows
        for row in following.rows:
            into.add(row.project, evidence, stars=row.stars)
        link = following.following
        if link is None or str(link) in seen:
            break
        seen.add(str(link))
        following = _asked(api, *link, into, task)
    if headline is None:
        into.lack(f"{name}: the page does not say how many there are")
    elif n_rows < headline:
        into.lack(f"{name}: {n_rows:,} of {headline:,}; the chain of pages ends after {n_pages:,}")
    if n_hidden:
        into.lack(f"{name}: {n_hidden:,} rows name no repository (private or gone)")


def _asked(
    api: Api, path: str, params: dict[str, str], into: Gathered, task: Task
) -> DependentsPage | None:
    """Return a page that shows something; None if it does not, which is noted."""
    for ask in range(ASKS):
        answer = api.get(path, params, resource="pages", ask=ask)
        page = read_dependents_page(answer.text, path)
        if page.is_plausible:
            task.advance()
            return page
    if not answer.text.strip():
        into.lack(f"a page was empty {ASKS} times")
    elif page.is_understood:
        into.lack(
            f"a page shows none of its {page.headline:,} dependents, asked for {ASKS} times: it is "
            "empty, or its markup has changed"
        )
    else:
        into.lack("the page is not understood: its markup has changed, or it is another")
    return None
