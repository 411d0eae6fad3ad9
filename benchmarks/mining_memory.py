"""How much memory mining takes, by how many repositories there are; first, and a month later.

The GitHub is the one of the tests, in a process of its own, so that only the mining is measured.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.common import arguments, measure, publish, table

SIZES = (1_000, 4_000, 16_000)
FRAMEWORK = "bentoml/BentoML"
TOPICS = ("mlops", "machine-learning-operations")
WIDE = 10**9
SEED = 1
MONTH_S = 30 * 86_400.0
KIB = 1024


def serving(pipe: Connection, n: int) -> None:
    """Serve a world of ``n`` repositories and as many issues; a month later, once asked."""
    from tests.github import NOW, FakeClock, Limits, a_month_later, make_world, serve

    world = make_world(SEED, n, TOPICS, (FRAMEWORK,), n)
    wide = Limits(core=WIDE, search=WIDE, graphql=WIDE, rest_a_minute=WIDE, graphql_a_minute=WIDE)
    clock = FakeClock(NOW)
    with serve(world, clock=clock, limits=wide) as github:
        pipe.send(github.url)
        pipe.recv()
        github.world, _ = a_month_later(github.world, SEED)
        clock.sleep(MONTH_S)
        pipe.send(True)
        pipe.recv()


def mined(n: int, again: bool, contributors: bool) -> dict[str, float]:
    """Mine ``n`` repositories, and again a month later; return the MiB that each took at most."""
    from tests.github import NOW, FakeClock

    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serving, args=(there, n), daemon=True)
    server.start()
    with ExitStack() as stack:
        stack.callback(server.terminate)
        url = here.recv()
        workspace = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
        clock = FakeClock(NOW)
        small, _ = _taken(workspace / "small", url, clock, None, contributors, only_names=True)
        took = {"before": small}
        took["first"], snapshot = _taken(workspace / "all", url, clock, None, contributors)
        if again:
            here.send(True)
            here.recv()
            clock.sleep(MONTH_S)
            took["next"], _ = _taken(workspace / "all", url, clock, snapshot, contributors)
    return took


def _taken(
    workspace: Path,
    url: str,
    clock: Any,
    since: str | None,
    contributors: bool,
    *,
    only_names: bool = False,
) -> tuple[float, str]:
    from mining.github.http import Account
    from mining.github.run import Target
    from opsatlas.pipeline import Pipeline
    from opsatlas.study import Study
    from tests.github import TOKEN
    from tests.github.writing import FRAMEWORKS
    from tests.hearing import Heard

    workspace.mkdir(exist_ok=True)
    (workspace / "names.txt").write_text(f"{FRAMEWORK}\n")
    study = Study.model_validate(
        {
            "study": {"name": "made-up", "title": "Made up"},
            "ecosystem": {"lists": ["names.txt"]} if only_names else {"topics": TOPICS},
            "frameworks": [
                {"name": FRAMEWORK, "repository": FRAMEWORK}
                | ({} if only_names else {"request_labels": FRAMEWORKS[FRAMEWORK]})
            ],
            "mining": {"most_unknown": 1.0, "contributors": contributors and not only_names},
        }
    )
    mining = Pipeline(workspace, study, workspace / "study.toml", Heard()).mining(clock)
    Path("/proc/self/clear_refs").write_text("5")
    outcome = mining.run(Target(since=since), account=Account(url, f"{url}/graphql", TOKEN))
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) / KIB, outcome.snapshot.id


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--once", action="store_true", help="leave out the month later")
    parser.add_argument("--contributors", action="store_true")
    args = parser.parse_args()
    figures = {n: measure(mined, n, not args.once, args.contributors).value for n in args.sizes}
    heads = ["repositories", *next(iter(figures.values()))]
    rows = [[f"{n:,}", *(f"{mib:,.0f}" for mib in took.values())] for n, took in figures.items()]
    publish("mining_memory", figures, [table("MiB at most", heads, rows)], args.out)


if __name__ == "__main__":
    main()
