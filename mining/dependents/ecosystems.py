"""What ecosyste.ms knows: repositories whose files declare a package, and packages that need it.

Its counts of dependents stopped in January 2026; the declarations themselves are still listed, each
with the file that has it. Of the repositories only those on GitHub count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name

from artifacts.progress import Task
from configs.framework import Framework
from mining.dependents.claims import Gathered, whole_number
from mining.dependents.hosts import WEB_URL, is_for_one, may_pass
from mining.github.api import Api
from mining.github.errors import GitHubError, GoneError, ServerTroubleError
from mining.github.shapes import (
    Each,
    JsonShape,
    Maybe,
    fitted,
    is_flag,
    is_number,
    is_plain,
    is_word,
)
from mining.sources.lists import linked_repository, listed_repository

ROWS_A_PAGE = 500
_DEPENDENCIES: JsonShape = Each({"id": is_number}, frozenset({"id"}), with_more=True)
_PACKAGES: JsonShape = Each({"name": is_plain}, frozenset({"name"}), with_more=True)
_USAGE: JsonShape = {"dependents_count": Maybe(is_number)}
_KNOWN: Mapping[str, tuple[str, JsonShape]] = {
    "stars": ("stargazers_count", is_number),
    "description": ("description", is_plain),
    "fork": ("fork", is_flag),
}
"""What is taken over of a repository: under which name, and what it must be."""


def ask_ecosystems(
    packages: Api, repositories: Api, framework: Framework, into: Gathered, task: Task
) -> None:
    """Ask for the repositories that declare a framework's distributions, and for packages' own.

    A distribution that is unknown there, or whose list cannot be had, is a gap; the others are
    asked for nevertheless.

    Raises
    ------
    GitHubError
        If the server gives no answers any more; what came before it is gathered.
    """
    for name in dict.fromkeys(map(canonicalize_name, framework.distributions)):
        for ask, api in ((_ask_dependencies, repositories), (_ask_packages, packages)):
            try:
                ask(api, name, into, task)
            except GoneError:
                into.lack(f"{name} is unknown there")
            except GitHubError as error:
                if not is_for_one(error):
                    raise
                into.lack(f"{name}: {error.what.removesuffix('.')}", may_pass=may_pass(error))


def _ask_dependencies(api: Api, name: str, into: Gathered, task: Task) -> None:
    path = f"/api/v1/usage/pypi/{quote(name, safe='')}"
    usage = api.get(path, resource="ecosystems", shape=_USAGE).json()
    headline, found = usage["dependents_count"], set()
    params = {"per_page": str(ROWS_A_PAGE)}
    path = f"{path}/dependencies"
    while rows := _rows(api, path, params, _DEPENDENCIES):
        for row in rows:
            manifest = row.get("manifest")
            file = manifest.get("filepath") if isinstance(manifest, dict) else None
            evidence = str(file) if is_word(file) else f"declares {name}"
            project = _take(row.get("repository"), evidence, into)
            if project is not None:
                found.add(project.lower())
        task.advance()
        last = str(max(row["id"] for row in rows))
        if last == params.get("after"):
            break
        params = {**params, "after": last}
    if headline is not None:
        into.count(headline)
        if len(found) < headline:
            into.lack(f"{name}: {len(found):,} of {headline:,} that it counted")


def _ask_packages(api: Api, name: str, into: Gathered, task: Task) -> None:
    path = f"/api/v1/registries/pypi.org/packages/{quote(name, safe='')}/dependent_packages"
    for page in _numbers():
        params = {"per_page": str(ROWS_A_PAGE), "page": page}
        rows = _rows(api, path, params, _PACKAGES)
        for row in rows:
            about = row.get("repo_metadata")
            url = row.get("repository_url")
            known = {"html_url": url, **(about if isinstance(about, dict) else {})}
            _take(known, f"package {row['name']}", into)
        if not rows:
            return
        task.advance()


def _numbers() -> Iterator[str]:
    number = 1
    while True:
        yield str(number)
        number += 1


def _rows(
    api: Api, path: str, params: Mapping[str, str], shape: JsonShape
) -> list[Mapping[str, Any]]:
    """Return the rows of a page; none: it is the end, for how many it has is the server's choice.

    Raises
    ------
    ServerTroubleError
        If there are rows, and none of them is what it should be.
    """
    answer = api.get(path, params, resource="ecosystems", shape=shape)
    rows = fitted(answer.json(), shape)[0]
    good = [row for row in rows if row is not None]
    if rows and not good:
        raise ServerTroubleError("the rows of ecosyste.ms are not what they should be", where=path)
    return good


def _take(repository: Any, evidence: str, into: Gathered) -> str | None:
    """Take a repository on GitHub as a claim; return its name, None if it is elsewhere."""
    if not isinstance(repository, dict):
        return None
    host = repository.get("host")
    host_name = host.get("name") if isinstance(host, dict) else None
    url, name = repository.get("html_url"), repository.get("full_name")
    project = linked_repository(url) if isinstance(url, str) else None
    if project is None and host_name == "GitHub" and isinstance(name, str):
        project = linked_repository(f"{WEB_URL}/{name}")
    if project is None:
        return None
    known = {
        target: value
        for target, (source, shape) in _KNOWN.items()
        if (value := repository.get(source)) is not None and shape(value)
    }
    former = repository.get("previous_names")
    aliases = former if isinstance(former, list) else []
    into.add(
        project,
        evidence,
        repo_id=whole_number(repository.get("uuid")),
        aliases=tuple(n for n in aliases if isinstance(n, str) and listed_repository(n)),
        **known,
    )
    return project
