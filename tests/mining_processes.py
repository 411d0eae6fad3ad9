"""Real processes that mine; nothing in them is replaced but the clock, which runs faster."""

from __future__ import annotations

import json
import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import zstandard

from artifacts.network import trusted_certificates
from tests.forked import Forked
from tests.github import TOKEN, FakeGitHub, ScaledClock


def miners(
    workspace: Path,
    github: FakeGitHub,
    clock: ScaledClock,
    frameworks: Sequence[str],
    *,
    of_dependents: bool = False,
) -> Forked:
    """Return the process that mines a made-up GitHub into a workspace.

    Parameters
    ----------
    of_dependents
        Whether not a snapshot is mined, but the dependents of `FLOW` are found.
    """
    what = {
        "workspace": str(workspace),
        "url": github.url,
        "clock": [clock.factor, clock.start_s, clock.epoch_s],
        "frameworks": list(frameworks),
    }
    workspace.mkdir(parents=True, exist_ok=True)
    return Forked(f"tests.mining_processes:{'finding' if of_dependents else 'mining'}", what)


def kill_again_and_again(
    found: Forked, n_kills: int, *, longest_s: float, seed: int
) -> tuple[int, int]:
    """Kill minings of one snapshot at random moments, then let one end.

    Returns
    -------
    tuple[int, int]
        How many kills hit a mining under way, and the exit code of the last one.
    """
    rng = random.Random(seed)
    n_hit = 0
    for _ in range(n_kills):
        n_hit += found.run(kill_after_s=rng.uniform(0.0, longest_s)) == -signal.SIGKILL
    return n_hit, found.run()


def stored_twice(raw: Path) -> int:
    """Return how many requests were made again though their answer was stored.

    An answer is stored when it comes, so such a request has two good answers in the store.
    """
    with (
        (raw / "answers.jsonl.zst").open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as text,
    ):
        records = [json.loads(line) for line in text.read().decode().splitlines()]
    good = Counter(record["key"] for record in records if record["status"] == 200)
    return sum(times > 1 for times in good.values())


def finding(what: dict[str, Any]) -> Callable[[], object]:
    """Return what finds the dependents of `FLOW`, all of it loaded."""
    from mining.dependents.find import find_dependents
    from tests.dependent_worlds import EVERY_SOURCE, FLOW, hosts_at

    trusted_certificates()  # they are read once, and then known to every child
    hosts = hosts_at(what["url"], ScaledClock(*what["clock"]))
    folder = Path(what["workspace"]) / "dependents"
    return lambda: find_dependents(folder, [FLOW], EVERY_SOURCE, hosts)


def mining(what: dict[str, Any]) -> Callable[[], object]:
    """Return what mines a snapshot, all of it loaded."""
    from artifacts.progress import SilentProgress
    from mining.github.http import Account
    from mining.github.run import Target
    from opsatlas.pipeline import Pipeline
    from tests.mining_worlds import study

    trusted_certificates()

    def mine() -> None:
        account = Account(what["url"], f"{what['url']}/graphql", TOKEN)
        workspace = Path(what["workspace"])
        of = study(tuple(what["frameworks"]))
        clock = ScaledClock(*what["clock"])
        pipeline = Pipeline(workspace, of, workspace / "study.toml", SilentProgress())
        pipeline.mining(clock).run(Target(), account=account)

    return mine
