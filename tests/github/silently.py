"""Changes of which GitHub gives no sign: what is changed is not called modified.

Each returns another world; the times at which anything was updated stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.github.world import Event, Issue, Label, Repository, World


def changed(world: World, name: str, **columns: Any) -> World:
    """Change a repository."""
    each = _named(world, name)
    repositories = {**world.repositories, each.database_id: replace(each, **columns)}
    return replace(world, repositories=repositories)


def each_issue(world: World, name: str, change: Callable[[Issue], Issue | None]) -> World:
    """Change issues of a repository, or delete those that become None."""
    now = [change(issue) for issue in _named(world, name).issues]
    return changed(world, name, issues=tuple(issue for issue in now if issue is not None))


def one_issue(world: World, name: str, number: int, **columns: Any) -> World:
    """Change one issue."""
    return each_issue(
        world, name, lambda issue: replace(issue, **columns) if issue.number == number else issue
    )


def without_issue(world: World, name: str, number: int) -> World:
    """Delete one issue."""
    return each_issue(world, name, lambda issue: None if issue.number == number else issue)


def relabelled(world: World, name: str, old: str, new: str | None) -> World:
    """Rename a label of a repository, or delete it: its issues have the other, or it no more."""
    offered = [one if one.name != old else new and Label(new) for one in _named(world, name).labels]
    world = changed(world, name, labels=tuple(one for one in offered if one))

    def change(issue: Issue) -> Issue:
        labels = [label if label != old else new for label in issue.labels]
        return replace(issue, labels=tuple(label for label in labels if label))

    return each_issue(world, name, change)


def moved(world: World, name: str, number: int, to: str) -> World:
    """Move an issue to another repository, where its id still leads to it."""
    issue = next(each for each in _named(world, name).issues if each.number == number)
    there = _named(world, to)
    first = 1 + max((i.number for i in (*there.issues, *there.pull_requests)), default=0)
    world = without_issue(world, name, number)
    return changed(world, to, issues=(*there.issues, replace(issue, number=first)))


def one_closed_one_opened(world: World, name: str, at: int) -> World:
    """Close an issue of a repository and open another, so that as many are open as before."""
    each = _named(world, name)
    numbers = [issue.number for issue in each.issues]
    first = 1 + max((*numbers, *(pull.number for pull in each.pull_requests)), default=0)
    made = Issue(
        database_id=9 * 10**9 + each.database_id,
        number=first,
        title="Another",
        body="",
        labels=(),
        author="someone",
        author_association="NONE",
        created_at=at,
        updated_at=at,
    )
    was_open = next((issue.number for issue in each.issues if issue.is_open), None)
    closed = tuple(
        replace(issue, events=(*issue.events, Event("closed", at, "COMPLETED")), updated_at=at)
        if issue.number == was_open
        else issue
        for issue in each.issues
    )
    return changed(world, name, issues=closed if was_open is None else (*closed, made))


def other_ids(world: World, *, old: bool, one_form: bool = False) -> World:
    """Give everything its global name in the other form; `one_form`: no name of the other."""
    repositories = {
        number: replace(
            each, old_id=old, issues=tuple(replace(issue, old_id=old) for issue in each.issues)
        )
        for number, each in world.repositories.items()
    }
    return replace(world, repositories=repositories, one_form=one_form)


def _named(world: World, name: str) -> Repository:
    found = world.find(name)
    if found is None:
        raise ValueError(f"there is no {name}")
    return found
