"""Who depends on what in the made-up world, as GitHub's pages, its code search and ecosyste.ms say.

The pages have their faults: the chain ends early, rows hide what is private, a repository that was
renamed leads elsewhere. Faults that come and go are those of every server (`Faults`, `spoil`).
"""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.github.limits import Resource
from tests.github.replies import RefusedError, Reply, invalid, reply

PAGE = re.compile(r"/([^/]+/[^/]+)/network/dependents")
USAGE = re.compile(r"/api/v1/usage/pypi/([^/]+)(/dependencies)?")
PACKAGES = re.compile(r"/api/v1/registries/pypi\.org/packages/([^/]+)/dependent_packages")
ROWS = 30
SEARCH_CAP = 1_000
MOST_ROWS = 100
"""Of ecosyste.ms, however many are asked for."""
LANGUAGES = {"python": ".py"}


@dataclass(frozen=True)
class CodeFile:
    """A file that code search knows; `size` in bytes."""

    path: str
    text: str
    size: int


@dataclass(frozen=True)
class Dependent:
    """A repository that depends on something.

    Attributes
    ----------
    former
        The name under which ecosyste.ms still has it; None: today's.
    on_page, at_ecosystems
        Names of packages as whose dependent each of the two knows it.
    is_hidden
        It is private or gone: its row on the page names nothing.
    publishes
        The package that is made of it.
    """

    full_name: str
    number: int
    stars: int = 0
    description: str | None = None
    former: str | None = None
    on_page: tuple[str, ...] = ()
    at_ecosystems: tuple[str, ...] = ()
    is_hidden: bool = False
    publishes: str | None = None
    files: tuple[CodeFile, ...] = ()


@dataclass
class DependentWorld:
    """All dependents, and how the sources show them.

    Attributes
    ----------
    packages
        Names of the packages of each repository.
    renamed
        Today's name by former name of a repository with packages.
    most_pages
        After how many pages a chain ends, whatever is left.
    counted
        What ecosyste.ms says it counted, by package; None: what it has.
    """

    packages: Mapping[str, Sequence[str]]
    dependents: Sequence[Dependent] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    most_pages: int = 1_000
    counted: Mapping[str, int | None] = field(default_factory=dict)


def resource_of(path: str) -> Resource | None:
    """Return what a path is of, if it is of one of these sources."""
    if path == "/search/code":
        return "code_search"
    if PAGE.fullmatch(path):
        return "pages"
    return "ecosystems" if path.startswith("/api/v1/") else None


def answer_page(
    world: DependentWorld, path: str, params: Mapping[str, str], base_url: str
) -> Reply:
    """Return GitHub's page of dependents."""
    match = PAGE.fullmatch(path)
    name = match[1] if match else ""
    if name in world.renamed:
        query = f"?{urlencode(params)}" if params else ""
        place = f"{base_url}/{world.renamed[name]}/network/dependents{query}"
        return Reply(301, headers={"location": place})
    if name not in world.packages:
        return _html("<title>Page not found · GitHub</title>", 404)
    packages = list(world.packages[name])
    asked = params.get("package_id", _number(packages[0]) if packages else "")
    package = next((each for each in packages if _number(each) == asked), "")
    found = [each for each in world.dependents if package in each.on_page]
    start = int(params.get("dependents_after", "0"))
    rows = "".join(map(_row, found[start : start + ROWS]))
    end = start + ROWS
    is_last = end >= len(found) or end // ROWS >= world.most_pages
    query = {"dependent_type": "REPOSITORY", "package_id": asked, "dependents_after": str(end)}
    link = f'<a class="btn BtnGroup-item" href="{base_url}{path}?{urlencode(query)}">Next</a>'
    following = '<button class="btn" disabled>Next</button>' if is_last else link
    noun = "Repository" if len(found) == 1 else "Repositories"
    tab = f"{path}?dependent_type=REPOSITORY&amp;package_id={asked}"
    menu = "".join(
        f'<a role="menuitemradio" href="{path}?package_id={_number(each)}">'
        f'<span class="select-menu-item-text"> {each} </span></a>'
        for each in (packages if len(packages) > 1 else ())
    )
    none = '<div class="blankslate">We haven’t found any dependents for this repository yet.</div>'
    return _html(
        f'<a data-hovercard-type="organization" href="/{name.split("/")[0]}">o</a>'
        f'<div id="dependents"><details-menu>{menu}</details-menu>'
        f'<a class="btn-link selected" href="{tab}"><svg></svg> {len(found):,}\n {noun}</a>'
        f'<a class="btn-link" href="{path}?dependent_type=PACKAGE">7 Packages</a>'
        f'<div class="Box">{rows or none}</div>'
        f'<div class="paginate-container"><div class="BtnGroup">{following}</div></div></div>'
    )


def _row(each: Dependent) -> str:
    if each.is_hidden:
        return '<div class="Box-row" data-test-id="dg-repo-pkg-dependent"><span>ghost</span></div>'
    owner, name = map(html.escape, each.full_name.split("/"))
    return (
        '<div class="Box-row d-flex" data-test-id="dg-repo-pkg-dependent"><span class="f5">'
        f'<a data-hovercard-type="user" href="/{owner}">{owner}</a> / '
        f'<a class="text-bold" data-hovercard-type="repository" href="/{owner}/{name}">{name}</a>'
        f'</span><span><svg class="octicon octicon-star"></svg> {each.stars:,}</span>'
        '<span><svg class="octicon octicon-repo-forked"></svg> 3</span></div>'
    )


def _number(package: str) -> str:
    return f"UGFja2FnZS0{package}"


def _html(body: str, status: int = 200) -> Reply:
    page = f"<!DOCTYPE html><html><body>{body}</body></html>"
    return Reply(status, page.encode(), {"content-type": "text/html; charset=utf-8"})


def answer_ecosystems(world: DependentWorld, path: str, params: Mapping[str, str]) -> Reply:
    """Return what ecosyste.ms says."""
    size = min(MOST_ROWS, int(params.get("per_page", "100")))
    known = {name for names in world.packages.values() for name in names}
    if match := USAGE.fullmatch(path):
        name = match[1]
        if name not in known:
            return reply(404, {"error": "not found"})
        own = [each for each in world.dependents if name in each.at_ecosystems]
        if match[2] is None:
            return reply(200, {"name": name, "dependents_count": world.counted.get(name, len(own))})
        after = int(params.get("after", "0"))
        rows = [_dependency(each, name) for each in sorted(own, key=lambda each: each.number)]
        return reply(200, [row for row in rows if row["id"] > after][:size])
    if match := PACKAGES.fullmatch(path):
        if match[1] not in known:
            return reply(404, {"error": "not found"})
        made = [e for e in world.dependents if e.publishes and match[1] in e.at_ecosystems]
        start = (int(params.get("page", "1")) - 1) * size
        return reply(200, [_package(each) for each in made[start : start + size]])
    return reply(404, {"error": "not found"})


def _known(each: Dependent) -> dict[str, Any]:
    return {
        "full_name": each.former or each.full_name,
        "uuid": str(each.number),
        "stargazers_count": each.stars,
        "description": each.description,
        "fork": False,
        "html_url": f"https://github.com/{each.former or each.full_name}",
        "previous_names": [],
        "host": {"name": "GitHub"},
    }


def _dependency(each: Dependent, name: str) -> dict[str, Any]:
    return {
        "id": each.number,
        "package_name": name,
        "requirements": "*",
        "repository": _known(each),
        "manifest": {"filepath": "requirements.txt", "kind": "manifest"},
    }


def _package(each: Dependent) -> dict[str, Any]:
    return {
        "name": each.publishes,
        "repository_url": f"https://github.com/{each.full_name}",
        "repo_metadata": {k: v for k, v in _known(each).items() if k != "html_url"},
    }


def answer_code_search(world: DependentWorld, params: Mapping[str, str]) -> Reply:
    """Return what code search finds, 1,000 files at most.

    Raises
    ------
    RefusedError
        If the query makes no sense, or goes beyond the 1,000.
    """
    tests = [_test(word) for word in shlex.split(params.get("q", ""))]
    if not tests:
        raise invalid("Validation Failed")
    found = [
        (each, file)
        for each in world.dependents
        for file in each.files
        if all(test(file) for test in tests)
    ]
    size, page = int(params.get("per_page", "30")), int(params.get("page", "1"))
    start = (page - 1) * size
    if start >= SEARCH_CAP:
        raise RefusedError(422, "Only the first 1000 search results are available")
    rows = found[start : min(start + size, SEARCH_CAP)]
    content = {
        "total_count": len(found),
        "incomplete_results": False,
        "items": [_item(each, file) for each, file in rows],
    }
    return reply(200, content)


def _item(each: Dependent, file: CodeFile) -> dict[str, Any]:
    about = {"id": each.number, "full_name": each.full_name, "description": each.description}
    return {"name": file.path.split("/")[-1], "path": file.path, "repository": about}


def _test(word: str) -> Callable[[CodeFile], bool]:
    """Return the test of a file that one word of a query stands for."""
    name, _, value = word.partition(":")
    if name == "language":
        return lambda file: file.path.endswith(LANGUAGES[value])
    if name == "extension":
        return lambda file: file.path.endswith(f".{value}")
    if name == "filename":
        return lambda file: file.path.split("/")[-1] == value
    if name == "size":
        first, last = map(int, value.split(".."))
        return lambda file: first <= file.size <= last
    if name == "path":
        return lambda file: file.path.startswith(f"{value}/")
    if name == "-path":
        return lambda file: not file.path.startswith(f"{value}/")
    if value:
        raise invalid(f"The search does not know {word} here.")
    return lambda file: word.lower() in file.text.lower()
