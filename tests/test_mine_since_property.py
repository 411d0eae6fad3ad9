"""Whatever changes and whatever fails: nothing is told that is not so, and nothing is missing."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.errors import OpsatlasError
from tests.github import Repository, World
from tests.github import silently as silent
from tests.github.clock import DAY_S
from tests.github.git import commit
from tests.github.holes import Failure, Hole, failing, holes
from tests.github.spoiling import Spoil, every
from tests.mining_since import DAYS, First, Next, mine_first, mine_next, unexcused, untrue
from tests.mining_worlds import SMALL, TOPICS, study

EXAMPLES = max(1, settings.default.max_examples // 10) if settings.default else 6
LOOKS = ("Known", "KnownByName", "Still", "StillByNumber")
EVERYTHING = (*LOOKS, "Facts", "Files", "Issues", "Named")
HOLES: tuple[Hole, ...] = ("INTERNAL", "FORBIDDEN", "null", "without a path")
FAILURES: tuple[Failure, ...] = ("502", "html")
Change = Callable[[random.Random, World, int], World]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> First:
    """Return the world as it was mined first."""
    return mine_first(tmp_path_factory.mktemp("first"))


def some(rng: random.Random, world: World) -> Repository:
    """Return a repository that is there, and no framework."""
    there = [
        each
        for _, each in sorted(world.repositories.items())
        if not each.is_gone and each.full_name not in SMALL
    ]
    return rng.choice(there)


def relabel(rng: random.Random, world: World, at: int) -> World:
    """Rename or delete a label; a name that is taken is freed before."""
    name = rng.choice(SMALL)
    offered = [one.name for one in world.find(name).labels]  # type: ignore[union-attr]
    if not offered:
        return world
    old = rng.choice(offered)
    new = rng.choice([None, "something else", "enhancement", "new feature", old.upper()])
    if new is not None and new.lower() in {one.lower() for one in offered} - {old.lower()}:
        taken = next(one for one in offered if one.lower() == new.lower())
        world = silent.relabelled(world, name, taken, None)
    return silent.relabelled(world, name, old, new)


def touch_issue(rng: random.Random, world: World, at: int) -> World:
    """Delete, move, edit or react to an issue of a framework."""
    name, other = rng.sample(SMALL, 2)
    issues = world.find(name).issues  # type: ignore[union-attr]
    if not issues:
        return world
    number = rng.choice(issues).number
    way = rng.randrange(5)
    if way == 0:
        return silent.without_issue(world, name, number)
    if way == 1:
        return silent.moved(world, name, number, other)
    if way == 2:
        return silent.one_issue(world, name, number, body="Edited.", updated_at=at)
    if way == 3:
        labels = rng.choice([(), ("bug",), ("enhancement", "bug")])
        return silent.one_issue(world, name, number, labels=labels, updated_at=at)
    return silent.one_issue(world, name, number, thumbs_up=77, reactions=78, comments=0)


def touch_repository(rng: random.Random, world: World, at: int) -> World:
    """Change one thing about a repository, with a sign that it was modified or without."""
    each = some(rng, world)
    changes: dict[str, Any] = rng.choice(
        [
            {"gone_at": at},
            {"topics": ("something",)},
            {"topics": (*TOPICS, "more")},
            {"description": "Another"},
            {"watchers": each.watchers + 1},
            {"stars": {**each.stars, at // DAY_S: 500}},
            {"names": (*each.names, (at, f"elsewhere/now-{each.database_id}"))},
            {"blocked": not each.blocked},
            {"is_archived": True, "archived_at": at},
            {"releases": each.releases[1:]},
        ]
    )
    if each.commits and rng.random() < 0.2:
        tree = each.commits[0].tree
        changes = {"commits": (*each.commits, commit(tree, at, "anew")), "pushed_at": at}
    if rng.random() < 0.3:
        changes["updated_at"] = at
    return silent.changed(world, each.full_name, **changes)


def open_and_close(rng: random.Random, world: World, at: int) -> World:
    """Close an issue of a repository and open another."""
    return silent.one_closed_one_opened(world, some(rng, world).full_name, at)


def other_ids(rng: random.Random, world: World, at: int) -> World:
    """Give everything the other form of ids."""
    return silent.other_ids(world, old=True, one_form=rng.random() < 0.5)


CHANGES: tuple[Change, ...] = (relabel, touch_issue, touch_repository, touch_repository)
CHANGES += (open_and_close, other_ids)


def a_fault(rng: random.Random, among: tuple[str, ...]) -> Spoil:
    """Return a fault of some kinds of answers."""
    if rng.random() < 0.2:
        return failing(rng.choice(FAILURES), rng.choice(among))
    n, rest = rng.choice([(1, 0), (1, 0), (2, 1), (3, 2), (7, 3)])
    looks = rng.sample(among, rng.randint(1, len(among)))
    how = rng.choice(HOLES)

    def is_unlucky(value: dict[str, Any]) -> bool:
        number = value.get("number", value.get("databaseId"))
        is_one = "authorAssociation" in value or "stargazerCount" in value
        return is_one and isinstance(number, int) and number % n == rest % n

    return holes(how, looks, is_unlucky)


def changed(rng: random.Random, world: World) -> World:
    """Let something happen within a month."""
    at = world.now + rng.randint(1, DAYS * DAY_S)
    for change in rng.choices(CHANGES, k=rng.randint(2, 10)):
        world = change(rng, world, at)
    return world


def mined(first: First, seed: int, among: tuple[str, ...], n_faults: int) -> Next:
    """Mine what changed while some answers fail; where that ends it, go on when GitHub is well."""
    rng = random.Random(seed)
    world = changed(rng, first.world)
    faults = [a_fault(rng, among) for _ in range(n_faults)]
    ended: list[Exception] = []
    with tempfile.TemporaryDirectory() as folder:
        found = mine_next(
            first, world, Path(folder), spoil=every(*faults), after_refusal=ended.append
        )
    assert all(isinstance(error, OpsatlasError) for error in ended)
    assert list(untrue(found, first, study())) == []
    return found


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32), n_faults=st.integers(0, 2))
def test_what_is_told_is_so_and_all_else_is_as_if_mined_anew(
    first: First, seed: int, n_faults: int
) -> None:
    """Random changes, and looks that fail: the same content, and each loss true or unknown."""
    assert mined(first, seed, LOOKS, n_faults).differing() == []


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32), n_faults=st.integers(1, 3))
def test_what_is_not_as_if_mined_anew_is_told(first: First, seed: int, n_faults: int) -> None:
    """Whatever fails: each row that a whole mining gives otherwise is counted as unknown."""
    assert list(unexcused(mined(first, seed, EVERYTHING, n_faults))) == []
