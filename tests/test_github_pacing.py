"""Batches begin small and grow while GitHub is quick; a mining that goes on asks for the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mining.github.job import read_job
from mining.github.limits import Pace, n_batches
from mining.github.raw import read_raw
from tests.github import Fault, Faults, World, make_world
from tests.mining_worlds import TOPICS, Mined, mined_world, study


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world of some batches."""
    return make_world(2, 90, TOPICS, (), 0)


def sizes(mined: Mined) -> list[int]:
    """Return how many repositories' facts each request asked for, in order."""
    (raw,) = (mined.workspace / "raw").iterdir()
    kept = sorted(read_raw(raw).latest(), key=lambda each: each.start)
    asked = [read_raw(raw)._read(each)["request"] for each in kept]
    return [len(a["variables"]["ids"]) for a in asked if "query Facts" in a.get("query", "")]


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        ([0.5, 0.5, 0.5, 0.5], [5, 10, 20, 40, 40]),
        ([0.5, 5.0, 0.5], [5, 10, 10, 20]),
        ([0.5, 0.5, 9.0, 0.5, 9.0, 9.0], [5, 10, 20, 10, 10, 5, 5]),
        ([None, None], [5, 5, 5]),
    ],
)
def test_a_pace_follows_from_how_long_answers_took(
    seconds: list[float | None], found: list[int]
) -> None:
    """Quick ones double it, slow ones halve it for good, others leave it as it is."""
    pace = Pace.up_to(40, share=8)
    taken = [pace.size]
    for took_s in seconds:
        pace.took(pace.size, took_s)
        taken.append(pace.size)
    assert taken == found
    assert Pace.up_to(40, share=1).size == 40


@pytest.mark.parametrize(
    ("n", "found"), [(0, 0), (1, 1), (5, 1), (6, 2), (35, 3), (36, 4), (3_000, 78)]
)
def test_batches_are_counted_beforehand(n: int, found: int) -> None:
    """As many as a mining asks for whose answers are all quick."""
    assert n_batches(n, 40) == found


@pytest.mark.parametrize(
    ("latency_s", "found"), [(0.2, [5, 10, 20, 40]), (4.0, [5] * 17), (8.5, [5] * 17)]
)
def test_batches_grow_while_answers_are_quick(
    world: World, tmp_path: Path, latency_s: float, found: list[int]
) -> None:
    """GitHub's own speed decides; what is mined does not depend on it."""
    with mined_world(world, tmp_path, latency_s=latency_s) as mined:
        outcome = mined.mine(of=study(()))
        seen = sizes(mined)
        mining = mined.mining()
        assert seen[: len(found) - 1] == found[:-1]
        assert sum(seen) == len(mined.rows(outcome, "repositories"))
        assert mining.replay(None)[1]


def test_a_mining_that_goes_on_asks_for_the_same_batches(world: World, tmp_path: Path) -> None:
    """Stored answers say how long they took, so nothing is asked for again in other batches."""
    with mined_world(world, tmp_path / "whole", latency_s=1.0) as mined:
        mined.mine(of=study(()))
        whole = sizes(mined)
    faults = Faults(Fault("dropped", nth=range(4, 99), resource="graphql"), in_a_row=99)
    with mined_world(world, tmp_path / "parts", latency_s=1.0, faults=faults) as mined:
        with pytest.raises(Exception, match="GitHub"):
            mined.mine(of=study(()))
        mined.github.faults.faults = ()
        mined.clock.sleep(3_600)
        mined.github.latency_s = 4.0
        mined.mine(of=study(()))
        assert mined.github.requests.repeated().keys() <= {("GET", "/rate_limit", (), None)}
        assert sizes(mined)[:2] == whole[:2]


def test_minings_of_earlier_versions_are_found_again(world: World, tmp_path: Path) -> None:
    """A job that says nothing of pace was not paced: its batches were all of one size."""
    with mined_world(world, tmp_path) as mined:
        outcome = mined.mine(of=study(()))
        raw = tmp_path / "raw" / outcome.snapshot.id
        job = json.loads((raw / "job.json").read_text())
        assert job.pop("paced") is True
        (raw / "job.json").write_text(json.dumps(job))
    old = read_job(raw)
    assert old is not None
    assert old.paced is False
