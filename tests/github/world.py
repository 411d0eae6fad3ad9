"""What is on this GitHub: repositories with all that belongs to them, at one moment."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from tests.github.git import Blob, Commit, Tree

Reason = Literal["COMPLETED", "NOT_PLANNED", "DUPLICATE", "REOPENED"]


@dataclass(frozen=True, slots=True)
class Event:
    """An issue was closed or reopened; old events have no reason."""

    kind: Literal["closed", "reopened"]
    at: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Label:
    """A label that a repository offers."""

    name: str
    description: str | None = None
    color: str = "ededed"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; its state follows from its events."""

    database_id: int
    number: int
    title: str
    body: str
    labels: tuple[str, ...]
    author: str
    author_association: str
    created_at: int
    updated_at: int
    events: tuple[Event, ...] = ()
    reactions: int = 0
    thumbs_up: int = 0
    comments: int = 0
    type: str | None = None
    old_id: bool = False

    @property
    def node_id(self) -> str:
        """Return its global name, in the form of today or in that of before."""
        return _names("I", self.database_id)[self.old_id]

    @property
    def is_open(self) -> bool:
        """Tell whether it is open."""
        return not self.events or self.events[-1].kind == "reopened"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request, which shares the numbers of the issues."""

    database_id: int
    number: int
    title: str
    labels: tuple[str, ...]
    author: str
    created_at: int
    updated_at: int
    state: Literal["OPEN", "CLOSED", "MERGED"]


@dataclass(frozen=True, slots=True)
class Release:
    """A release; a draft is seen by nobody but its authors."""

    database_id: int
    tag: str
    name: str | None
    created_at: int
    published_at: int | None
    prerelease: bool = False
    draft: bool = False


@dataclass(frozen=True)
class Repository:
    """A repository, with its past.

    Attributes
    ----------
    names
        Each full name that it has had, with the time since when; the last is today's.
    stars
        Stars that are still held, by the day (UTC, since 1970) on which they were given.
    languages
        Bytes by language, most first.
    license
        Key, SPDX id and name.
    commits
        Of the default branch, by time.
    tags
        Names, with the commit of each.
    issue_types
        That its organisation defines; none: it is a person's.
    contributors, anonymous
        Numbers of those with and without an account.
    gone_at
        When it was deleted or became private.
    is_private
        Only who may see it is shown it; here, who has a token.
    blocked
        Access is blocked by law.
    huge
        Its history is too large for some questions.
    old_id
        Its global name has the form of before.
    """

    database_id: int
    names: tuple[tuple[int, str], ...]
    description: str | None
    topics: tuple[str, ...]
    created_at: int
    pushed_at: int
    updated_at: int
    stars: Mapping[int, int]
    forks: int = 0
    watchers: int = 0
    disk_usage: int = 0
    license: tuple[str, str, str] | None = None
    homepage: str | None = None
    languages: Mapping[str, int] = field(default_factory=dict)
    archived_at: int | None = None
    is_archived: bool = False
    is_fork: bool = False
    is_template: bool = False
    is_disabled: bool = False
    has_issues: bool = True
    default_branch: str = "main"
    commits: tuple[Commit, ...] = ()
    releases: tuple[Release, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    contributors: int = 0
    anonymous: int = 0
    labels: tuple[Label, ...] = ()
    issue_types: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    pull_requests: tuple[PullRequest, ...] = ()
    gone_at: int | None = None
    is_private: bool = False
    blocked: bool = False
    huge: bool = False
    old_id: bool = False

    @property
    def node_id(self) -> str:
        """Return its global name, in the form of today or in that of before."""
        return _names("R", self.database_id)[self.old_id]

    @property
    def full_name(self) -> str:
        """Return owner and name of today."""
        return self.names[-1][1]

    @property
    def owner(self) -> str:
        """Return the owner's login."""
        return self.full_name.split("/")[0]

    @property
    def owner_type(self) -> str:
        """Return what the owner is: by the length of the login, so that there are some of each."""
        return "Organization" if len(self.owner) % 2 else "User"

    @property
    def name(self) -> str:
        """Return the name without the owner."""
        return self.full_name.split("/")[1]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was ever pushed."""
        return not self.commits

    @property
    def is_gone(self) -> bool:
        """Tell whether it was deleted or became private."""
        return self.gone_at is not None

    @cached_property
    def n_stars(self) -> int:
        """Return how many stars it has."""
        return sum(self.stars.values())

    @property
    def language(self) -> str | None:
        """Return the language with the most bytes."""
        return next(iter(self.languages), None)

    @cached_property
    def n_open(self) -> int:
        """Return how many issues and pull requests are open: GitHub adds them up."""
        issues = sum(issue.is_open for issue in self.issues)
        return issues + sum(each.state == "OPEN" for each in self.pull_requests)

    @cached_property
    def objects(self) -> dict[str, Blob | Tree | Commit]:
        """Return everything in its history by object name."""
        found: dict[str, Blob | Tree | Commit] = {each.oid: each for each in self.commits}
        for tree in {id(each.tree): each.tree for each in self.commits}.values():
            found |= {each.oid: each for each in tree.objects()}
        return found


@dataclass(frozen=True)
class World:
    """All repositories, by number, as they are at `now`; `one_form` if they have but one name."""

    now: int
    repositories: Mapping[int, Repository]
    one_form: bool = False

    @cached_property
    def _by_name(self) -> dict[str, Repository]:
        found: dict[str, Repository] = {}
        for each in self.repositories.values():
            for _, name in each.names[:-1]:
                found.setdefault(name.lower(), each)
        # Who bears a name today goes before who bore it once.
        found |= {each.full_name.lower(): each for each in self.repositories.values()}
        return found

    @cached_property
    def nodes(self) -> dict[str, tuple[Repository, Issue | None]]:
        """Return repositories, and issues with their repositories, by their global names."""
        found: dict[str, tuple[Repository, Issue | None]] = {}
        for each in self.repositories.values():
            for what in (each, *each.issues):
                kind, issue = ("R", None) if what is each else ("I", what)
                names = (what.node_id,) if self.one_form else _names(kind, what.database_id)
                found |= dict.fromkeys(names, (each, issue))
        return found

    @cached_property
    def by_topic(self) -> dict[str, list[Repository]]:
        """Return what the search can find, by topic; forks included, what is gone left out."""
        found: dict[str, list[Repository]] = {}
        for each in self.repositories.values():
            for topic in () if each.is_gone else each.topics:
                found.setdefault(topic, []).append(each)
        return found

    def find(self, full_name: str) -> Repository | None:
        """Return the repository that has this name, or had it, in whatever case."""
        return self._by_name.get(full_name.lower())

    def found(self, topic: str) -> set[int]:
        """Return the numbers of what a search for a topic alone must find: no forks."""
        return {each.database_id for each in self.by_topic.get(topic, ()) if not each.is_fork}


def node_id(kind: str, number: int) -> str:
    """Return a global name such as GitHub gives."""
    return f"{kind}_" + base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def _names(kind: str, number: int) -> tuple[str, str]:
    """Return the global names that GitHub gives today, and that it gave before."""
    word = {"R": "010:Repository", "I": "05:Issue"}[kind]
    return node_id(kind, number), base64.b64encode(f"{word}{number}".encode()).decode()
