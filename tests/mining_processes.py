"""Real processes that mine; nothing in them is replaced but the clock, which runs faster."""

from __future__ import annotations

import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zstandard

from tests.forked import Forked, forking, obey
from tests.github import TOKEN, FakeGitHub, ScaledClock


@contextmanager
def miners(
    workspace: Path,
    github: FakeGitHub,
    clock: ScaledClock,
    frameworks: Sequence[str],
    *,
    of_dependents: bool = False,
) -> Iterator[Forked]:
    """Start the process that forks minings of a made-up GitHub into a workspace.

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
        "of_dependents": of_dependents,
    }
    workspace.mkdir(parents=True, exist_ok=True)
    with forking("tests.mining_processes", what) as found:
        yield found


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


def _finding(what: dict[str, Any]) -> Callable[[], object]:
    from mining.dependents.find import find_dependents
    from tests.dependent_worlds import EVERY_SOURCE, FLOW, hosts_at

    hosts = hosts_at(what["url"], ScaledClock(*what["clock"]))
    folder = Path(what["workspace"]) / "dependents"
    return lambda: find_dependents(folder, [FLOW], EVERY_SOURCE, hosts)


def _mining(what: dict[str, Any]) -> Callable[[], object]:
    from artifacts.progress import SilentProgress
    from mining.github.http import Account
    from mining.github.run import Target
    from opsatlas.pipeline import Pipeline
    from tests.mining_worlds import study

    def mine() -> None:
        account = Account(what["url"], f"{what['url']}/graphql", TOKEN)
        workspace = Path(what["workspace"])
        of = study(tuple(what["frameworks"]))
        clock = ScaledClock(*what["clock"])
        pipeline = Pipeline(workspace, of, workspace / "study.toml", SilentProgress())
        pipeline.mining(clock).run(Target(), account=account)

    return mine


def _serve(what: dict[str, Any]) -> None:
    from artifacts.network import trusted_certificates

    job = _finding(what) if what["of_dependents"] else _mining(what)
    trusted_certificates()  # they are read once, and then in every child
    obey(job)


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
