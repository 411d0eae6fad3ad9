"""Mining killed with SIGKILL: nothing that was received is lost or asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifacts.errors import BusyError
from mining.snapshots import open_snapshot
from tests.github import NOW, ScaledClock, make_world, serve
from tests.mining_processes import kill_again_and_again, miners, stored_twice
from tests.mining_worlds import SMALL, TOPICS, mined_world, study
from tests.writers import held

N_KILLS = 6


def test_kills_change_nothing(tmp_path: Path) -> None:
    """Killed at random moments, then left alone, mining gives the same content."""
    world = make_world(1, 40, TOPICS, SMALL, 80)
    with mined_world(world, tmp_path / "quiet") as mined:
        content = mined.mine(of=study(SMALL)).snapshot.manifest.content_hash
    clock = ScaledClock(30.0, NOW)
    with serve(world, clock=clock, latency_s=2.0) as github:
        found = miners(tmp_path / "killed", github, clock, SMALL)
        n_hit, code = kill_again_and_again(found, N_KILLS, longest_s=0.2, seed=0)
        assert code == 0
        assert n_hit > N_KILLS / 2
        assert github.violations == []
    (raw,) = (tmp_path / "killed" / "raw").iterdir()
    assert stored_twice(raw) == 0
    (folder,) = (tmp_path / "killed" / "snapshots").iterdir()
    assert open_snapshot(folder).manifest.content_hash == content


def test_two_minings_of_one_snapshot_do_not_mix(tmp_path: Path) -> None:
    """While one mines, another into the same snapshot is refused, and told what to do."""
    world = make_world(1, 10, TOPICS, (), 0)
    with mined_world(world, tmp_path) as mined:
        for what in ("raw/2026-11-25.topics/answers.jsonl.zst", "snapshots/2026-11-25.topics"):
            with held(tmp_path / what), pytest.raises(BusyError, match="Another opsatlas is at"):
                mined.mine(of=study(()))
        assert mined.mine(of=study(())).summary is not None
