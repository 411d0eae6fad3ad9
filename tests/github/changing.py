"""Lets time pass: a later world, and what is different in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.github.clock import DAY_S
from tests.github.git import commit
from tests.github.making import Maker
from tests.github.tracker import closed as closing
from tests.github.tracker import tracker
from tests.github.world import Issue, Repository, World

Place = tuple[int, int]
"""Number of a repository, number of an issue in it."""


@dataclass
class Changes:
    """What is different in the later world: numbers of repositories, places of issues.

    Attributes
    ----------
    pushed, described, retopiced, starred
        With a new README; with another description; with a topic more; with more stars.
    renamed
        Old and new name.
    transferred
        The old place of each issue, and the new one.
    """

    pushed: list[int] = field(default_factory=list)
    described: list[int] = field(default_factory=list)
    retopiced: list[int] = field(default_factory=list)
    starred: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    renamed: dict[int, tuple[str, str]] = field(default_factory=dict)
    untagged: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    new_issues: list[Place] = field(default_factory=list)
    edited: list[Place] = field(default_factory=list)
    closed: list[Place] = field(default_factory=list)
    relabelled: list[Place] = field(default_factory=list)
    deleted_issues: list[Place] = field(default_factory=list)
    transferred: dict[Place, Place] = field(default_factory=dict)


def a_month_later(
    world: World,
    seed: int,
    *,
    days: int = 30,
    changed: float = 0.05,
    deleted: int = 20,
    renamed: int = 5,
    untagged: int = 10,
    new: int = 30,
    new_issues: int = 300,
    edited: int = 40,
    closed: int = 40,
    relabelled: int = 20,
    deleted_issues: int = 10,
    transferred: int = 5,
) -> tuple[World, Changes]:
    """Return a changed copy of the world, and what was changed.

    Each repository, and each issue, is changed in one way at most; nobody's past is changed. Issues
    come and change in the repositories with the topic "framework".

    Parameters
    ----------
    changed
        Share of the repositories with a push, another description, a topic more or more stars.
    renamed
        Of them the first goes to another owner.
    untagged
        Repositories that drop their first topic.

    Raises
    ------
    ValueError
        If the world is too small for that.
    """
    passing = _Passing(world, seed, days)
    passing.change(round(changed * len(passing.waiting)))
    passing.delete(deleted)
    passing.rename(renamed)
    passing.untag(untagged)
    passing.create(new)
    passing.add_issues(new_issues)
    passing.edit(edited)
    passing.close(closed)
    passing.relabel(relabelled)
    passing.delete_issues(deleted_issues)
    passing.transfer(transferred)
    return World(passing.now, passing.repositories), passing.changes


class _Passing:
    """The world while it changes."""

    def __init__(self, world: World, seed: int, days: int) -> None:
        self.rng = random.Random(seed)
        self.then, self.now = world.now, world.now + days * DAY_S
        self.repositories = dict(world.repositories)
        self.changes = Changes()
        highest = [each.database_id for each in world.repositories.values()]
        highest += [each.database_id for r in world.repositories.values() for each in r.issues]
        self.maker = Maker(self.rng, self.now, max(highest, default=0) + 1_000_000)
        usual = [each for each in world.repositories.values() if _is_usual(each)]
        self.waiting = [each.database_id for each in usual if "framework" not in each.topics]
        self.rng.shuffle(self.waiting)
        self.topics = list(dict.fromkeys(self.repositories[key].topics[0] for key in self.waiting))
        self.frameworks = [each.database_id for each in usual if "framework" in each.topics]
        self.issues = [
            (key, issue.number) for key in self.frameworks for issue in self._of(key).issues
        ]
        self.rng.shuffle(self.issues)

    def change(self, n: int) -> None:
        """Change the content, the description, the topics or the stars, in turn."""
        for place, key in enumerate(_taken(self.waiting, n)):
            each, at = self._of(key), self._at()
            if place % 4 == 0:
                tree = self.maker.tree("README.md")
                commits = (*each.commits, commit(tree, at, f"{key} {len(each.commits)}"))
                self._put(each, at, commits=commits, pushed_at=at)
                self.changes.pushed.append(key)
            elif place % 4 == 1:
                self._put(each, at, description=f"{self.maker.writer.title()}, anew")
                self.changes.described.append(key)
            elif place % 4 == 2:
                self._put(each, at, topics=(*each.topics, f"new-topic-{place}"))
                self.changes.retopiced.append(key)
            else:
                more = {at // DAY_S: each.stars.get(at // DAY_S, 0) + self.rng.randint(1, 90)}
                self._put(each, each.updated_at, stars={**each.stars, **more})
                self.changes.starred.append(key)

    def delete(self, n: int) -> None:
        """Delete repositories."""
        for key in _taken(self.waiting, n):
            self._put(self._of(key), self._of(key).updated_at, gone_at=self._at())
            self.changes.deleted.append(key)

    def rename(self, n: int) -> None:
        """Rename repositories; the first goes to another owner."""
        for place, key in enumerate(_taken(self.waiting, n)):
            each, at = self._of(key), self._at()
            name = f"{each.owner}/new-{key}" if place else f"new-owner/{each.name}"
            self._put(each, at, names=(*each.names, (at, name)))
            self.changes.renamed[key] = (each.full_name, name)

    def untag(self, n: int) -> None:
        """Let repositories drop the topic that they are listed under."""
        for key in _taken(self.waiting, n):
            each = self._of(key)
            left = tuple(topic for topic in each.topics if topic not in self.topics)
            self._put(each, self._at(), topics=left)
            self.changes.untagged.append(key)

    def create(self, n: int) -> None:
        """Add repositories."""
        for _ in range(n):
            each = self.maker.repository(self.topics, since=self.then)
            self.repositories[each.database_id] = each
            self.changes.new.append(each.database_id)

    def add_issues(self, n: int) -> None:
        """Add issues to the frameworks, and some pull requests between them."""
        for place, key in enumerate(self.frameworks):
            each = self._of(key)
            share = n // len(self.frameworks) + (place < n % len(self.frameworks))
            first = 1 + max((i.number for i in (*each.issues, *each.pull_requests)), default=0)
            maker = self.maker
            issues, pulls = tracker(
                self.rng,
                maker.writer,
                maker.numbers,
                each.labels,
                share,
                self.then,
                self.now,
                first,
            )
            self.changes.new_issues += [(key, issue.number) for issue in issues]
            self._put(
                each,
                each.updated_at,
                issues=(*each.issues, *issues),
                pull_requests=(*each.pull_requests, *pulls),
            )

    def edit(self, n: int) -> None:
        """Edit the texts of issues."""
        writer = self.maker.writer
        self.changes.edited += self._each_issue(
            n, lambda issue, at: replace(issue, body=f"{writer.text(1, 5)} Edited.", updated_at=at)
        )

    def close(self, n: int) -> None:
        """Close open issues."""
        still = [place for place in self.issues if self._issue(place).is_open]
        if len(still) < n:
            raise ValueError(f"{n} issues are to be closed, and {len(still)} are open")
        self.issues = [place for place in self.issues if place not in set(still[:n])] + still[:n]
        self.changes.closed += self._each_issue(
            n,
            lambda issue, at: replace(
                issue, events=(*issue.events, closing(self.rng, at)), updated_at=at
            ),
        )

    def relabel(self, n: int) -> None:
        """Give issues another label instead of theirs."""
        for key, number in _taken(self.issues, n):
            issue = self._issue((key, number))
            others = [each.name for each in self._of(key).labels if each.name not in issue.labels]
            labels = (self.rng.choice(others),)
            self._replace(key, number, replace(issue, labels=labels, updated_at=self._at()))
            self.changes.relabelled.append((key, number))

    def delete_issues(self, n: int) -> None:
        """Delete issues."""
        self.changes.deleted_issues += self._each_issue(n, lambda issue, at: None)

    def transfer(self, n: int) -> None:
        """Move issues from one framework to the next, where they have another number."""
        for key, number in _taken(self.issues, n):
            issue = self._issue((key, number))
            self._replace(key, number, None)
            other = self.frameworks[(self.frameworks.index(key) + 1) % len(self.frameworks)]
            there = self._of(other)
            first = 1 + max(i.number for i in (*there.issues, *there.pull_requests))
            moved = replace(
                issue,
                number=first,
                database_id=self.maker.numbers.next(),
                updated_at=self._at(),
            )
            self._put(there, there.updated_at, issues=(*there.issues, moved))
            self.changes.transferred[key, number] = (other, first)

    def _each_issue(self, n: int, change: Callable[[Issue, int], Issue | None]) -> list[Place]:
        places = _taken(self.issues, n)
        for key, number in places:
            self._replace(key, number, change(self._issue((key, number)), self._at()))
        return places

    def _of(self, key: int) -> Repository:
        return self.repositories[key]

    def _at(self) -> int:
        return self.rng.randint(self.then + 1, self.now)

    def _issue(self, place: Place) -> Issue:
        key, number = place
        return next(issue for issue in self._of(key).issues if issue.number == number)

    def _replace(self, key: int, number: int, issue: Issue | None) -> None:
        each = self._of(key)
        kept = tuple(
            (issue if old.number == number else old)
            for old in each.issues
            if old.number != number or issue is not None
        )
        self._put(each, each.updated_at, issues=kept)

    def _put(self, each: Repository, updated_at: int, **changes: Any) -> None:
        self.repositories[each.database_id] = replace(each, updated_at=updated_at, **changes)


def _is_usual(each: Repository) -> bool:
    return not (each.is_gone or each.blocked or each.is_fork or each.is_empty)


def _taken(waiting: list[Any], n: int) -> list[Any]:
    """Take ``n`` things from the end of a list."""
    if n > len(waiting):
        raise ValueError(f"{n} things are to change, and only {len(waiting)} are left")
    return [waiting.pop() for _ in range(n)]
