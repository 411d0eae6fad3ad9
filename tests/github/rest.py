"""GitHub's REST paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.github import shapes
from tests.github.clock import seconds
from tests.github.code import about_code
from tests.github.history import Readme, preferred_readme
from tests.github.limits import Resource
from tests.github.replies import RefusedError, Reply, invalid, not_found, reply
from tests.github.searching import SORTS, search
from tests.github.world import Issue, PullRequest, Repository, World

MOST_PER_PAGE = 100
WEEKS_PER_PAGE = 30
MOST_PAGES_OF_WEEKS = 100
BY_NAME = re.compile(r"/repos/([^/]+/[^/]+)(/.*)?")
BY_NUMBER = re.compile(r"/repositories/(\d+)(/.*)?")
TOO_LARGE = (
    "The history or contributor list is too large to list contributors for this repository via "
    "the API."
)


@dataclass(frozen=True)
class Question:
    """One GET: where, with what, and by what address the server is known."""

    world: World
    path: str
    params: Mapping[str, str]
    accept: str
    base_url: str
    search_cap: int
    shift: int = 0
    """By how many rows the results of a search moved since they were sorted."""
    issue_types: bool = True
    tree_entries: int = 100_000

    @property
    def resource(self) -> Resource:
        """Return which budget it is of."""
        return "search" if self.path.startswith("/search/") else "core"

    def number(self, name: str, default: int, most: int) -> int:
        """Return a parameter that is a number; what is none is not minded, as on GitHub."""
        text = self.params.get(name, "")
        return min(most, int(text)) if text.isdigit() and int(text) > 0 else default


def answer(question: Question) -> Reply:
    """Return what GitHub says."""
    try:
        if question.path == "/search/repositories":
            return _search(question)
        return _about_repository(question)
    except RefusedError as error:
        return error.reply


def _search(question: Question) -> Reply:
    sort = question.params.get("sort")
    if sort not in (None, "", "help-wanted-issues", *SORTS):
        raise invalid("Validation Failed")
    q, order = question.params.get("q", ""), question.params.get("order", "desc")
    found = search(question.world, q, sort, order)
    start, per_page, page = _start(question)
    if start >= question.search_cap:
        raise invalid(f"Only the first {question.search_cap} search results are available")
    end = min(start + per_page, question.search_cap, len(found))
    rows = found[max(0, start - question.shift) : max(0, end - question.shift)]
    content = {
        "total_count": len(found),
        "incomplete_results": False,
        "items": [{**shapes.repository(each), "score": 1.0} for each in rows],
    }
    last = -(-min(len(found), question.search_cap) // per_page)
    return reply(200, content, _link(question, question.path, page, last))


def _about_repository(question: Question) -> Reply:
    found, rest = _named(question)
    if found is None or found.is_gone:
        raise not_found()
    if found.blocked:
        block = {
            "reason": "dmca",
            "created_at": "2024-02-02T15:50:17Z",
            "html_url": "https://github.com/github/dmca/blob/master/2024/02/2024-02-01.md",
        }
        raise RefusedError(451, "Repository access blocked", block=block)
    handler = HANDLERS.get(rest)
    if handler is None and not rest.startswith(("/tarball/", "/git/")):
        raise not_found()
    named = BY_NAME.fullmatch(question.path)
    if named and named[1].lower() != found.full_name.lower():
        query = f"?{urlencode(question.params)}" if question.params else ""
        url = f"{question.base_url}/repositories/{found.database_id}{rest}{query}"
        return reply(301, {"message": "Moved Permanently", "url": url}, {"location": url})
    answered = about_code(question, found, rest) if handler is None else handler(question, found)
    if answered is None:
        raise not_found()
    return answered


def _named(question: Question) -> tuple[Repository | None, str]:
    """Return the repository that a path names, and what of it is asked for."""
    if match := BY_NAME.fullmatch(question.path):
        return question.world.find(match[1]), match[2] or ""
    if match := BY_NUMBER.fullmatch(question.path):
        return question.world.repositories.get(int(match[1])), match[2] or ""
    raise not_found()


def _repository(question: Question, each: Repository) -> Reply:
    return reply(200, shapes.full_repository(each))


def _readme(question: Question, each: Repository) -> Reply:
    found = _readme_in(each, question.params.get("ref", each.default_branch))
    if "raw" in question.accept:
        kind = "application/vnd.github.raw+json; charset=utf-8"
        return Reply(200, found.blob.content, {"content-type": kind})
    return reply(200, shapes.readme(each, found))


def _readme_in(each: Repository, ref: str) -> Readme:
    if ref in ("HEAD", each.default_branch):
        commits = each.commits[-1:]
    else:
        oid = dict(each.tags).get(ref, ref)
        commits = tuple(one for one in each.commits if one.oid == oid)
        if not commits:
            raise RefusedError(404, f"No commit found for the ref {ref}")
    found = preferred_readme(commits[-1]) if commits else None
    if found is None:
        raise not_found()
    return found


def _contributors(question: Question, each: Repository) -> Reply:
    if each.huge:
        raise RefusedError(403, TOO_LARGE)
    if each.is_empty:
        return Reply(204)
    anonymous = question.params.get("anon") in ("1", "true")
    return _page(question, each, shapes.contributors(each, anonymous=anonymous))


def _labels(question: Question, each: Repository) -> Reply:
    return _page(question, each, [shapes.label(each, one) for one in each.labels])


def _issues(question: Question, each: Repository) -> Reply:
    if not each.has_issues:
        raise RefusedError(410, "Issues has been disabled in this repository.")
    state = question.params.get("state", "open")
    wanted = [name.strip().lower() for name in question.params.get("labels", "").split(",") if name]
    since = _since(question)
    found = [
        one
        for one in (*each.issues, *each.pull_requests)
        if (state == "all" or _is_open(one) == (state == "open"))
        and set(wanted) <= {name.lower() for name in one.labels}
        and (since is None or one.updated_at >= since)
        and _is_of_type(question, one)
    ]
    if since is not None and since <= 0:
        found = []  # GitHub takes the beginning of time for no time at all
    field = "updated_at" if question.params.get("sort") == "updated" else "created_at"
    descending = question.params.get("direction", "desc") == "desc"
    found.sort(key=lambda one: (getattr(one, field), one.number), reverse=descending)
    return _page(question, each, found, lambda one: shapes.issue(each, one))


def _is_of_type(question: Question, one: Issue | PullRequest) -> bool:
    """Tell whether an issue has the type that is asked for, in a server that knows of types."""
    wanted = question.params.get("type") if question.issue_types else None
    name = one.type if isinstance(one, Issue) else None
    return wanted is None or (name or "").lower() == wanted.lower()


def _issue_types(question: Question, each: Repository) -> Reply:
    if not (question.issue_types and each.issue_types):
        raise not_found()
    return reply(200, [shapes.issue_type(name) for name in each.issue_types])


def _since(question: Question) -> int | None:
    text = question.params.get("since")
    try:
        return seconds(text) if text else None
    except ValueError as error:
        raise invalid("Validation Failed") from error


def _is_open(one: Issue | PullRequest) -> bool:
    return one.is_open if isinstance(one, Issue) else one.state == "OPEN"


def _releases(question: Question, each: Repository) -> Reply:
    public = [one for one in each.releases if not one.draft]
    public.sort(key=lambda one: one.created_at, reverse=True)
    return _page(question, each, [shapes.release(each, one) for one in public])


def _tags(question: Question, each: Repository) -> Reply:
    return _page(question, each, [shapes.tag(each, name, oid) for name, oid in each.tags])


def _star_history(question: Question, each: Repository) -> Reply:
    weeks = shapes.star_weeks(each, question.world.now)
    return _page(question, each, weeks, most=WEEKS_PER_PAGE, pages=MOST_PAGES_OF_WEEKS)


HANDLERS: dict[str, Callable[[Question, Repository], Reply]] = {
    "": _repository,
    "/readme": _readme,
    "/contributors": _contributors,
    "/labels": _labels,
    "/issue-types": _issue_types,
    "/issues": _issues,
    "/releases": _releases,
    "/tags": _tags,
    "/stargazers/history": _star_history,
}


def _start(question: Question, most: int = MOST_PER_PAGE) -> tuple[int, int, int]:
    """Return the first row that is asked for, how many, and the page."""
    per_page = question.number("per_page", 30, most)
    page = question.number("page", 1, 10**9)
    return (page - 1) * per_page, per_page, page


def _page(
    question: Question,
    each: Repository,
    rows: Sequence[Any],
    shape: Callable[[Any], Any] = lambda row: row,
    *,
    most: int = MOST_PER_PAGE,
    pages: int = 10**9,
) -> Reply:
    """Return one page of a list, with links to the others."""
    start, per_page, page = _start(question, most)
    if page > pages:
        raise invalid(f"There are no more than {pages} pages.")
    content = [shape(row) for row in rows[start : start + per_page]]
    path = f"/repositories/{each.database_id}{_named(question)[1]}"
    last = min(pages, -(-len(rows) // per_page))
    return reply(200, content, _link(question, path, page, last))


def _link(question: Question, path: str, page: int, last: int) -> dict[str, str]:
    """Return the header that leads to the other pages; none where there is but one."""
    places = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page >= last:
        del places["next"], places["last"]
    if page <= 1:
        del places["prev"], places["first"]
    links = [
        f'<{question.base_url}{path}?{urlencode({**question.params, "page": n})}>; rel="{name}"'
        for name, n in places.items()
    ]
    return {"link": ", ".join(links)} if links else {}
