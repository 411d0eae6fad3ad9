"""A Dask cluster of two workers beside two processes: seconds, and whether the bytes are the same.

Then a worker is killed (`kill -9`) in the middle of the runs, and then the program that handed them
out, which goes on from the runs that it kept. Each side is a program of its own, as a user has it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.processes import computing_on
from artifacts.progress import SilentProgress
from benchmarks.commits import commit_messages
from benchmarks.common import arguments, publish, table, timed
from benchmarks.data import nlbse_windows
from benchmarks.scale import vectors_of
from taxonomy.engine import find_topics
from taxonomy.settings import TopicSettings, number_of_runs
from taxonomy.store import RunFiles
from tests.dask_cluster import cluster

N_DOCS = 20_000
MODULE = "benchmarks.cluster"
LOOK_EVERY_S = 0.2


def find(vectors: Path, texts: Path, runs: Path, scheduler: str | None) -> str:
    """Find topics, keep the runs, and return a hash of all that was found of documents."""
    documents = texts.read_text(encoding="utf-8").split("\0")
    with computing_on(scheduler):
        found = find_topics(
            documents,
            np.load(vectors, mmap_mode="r")[: len(documents)],
            TopicSettings(),
            progress=SilentProgress(),
            store=RunFiles(runs),
        )
    parts = (found.runs, found.consensus.topics, found.consensus.strengths, found.map)
    return hashlib.sha256(b"".join(each.tobytes() for each in parts)).hexdigest()


def program(*options: object) -> subprocess.Popen[bytes]:
    """Start this file as a program that finds topics and prints their hash."""
    command = [sys.executable, "-m", MODULE, "--find", *map(str, options)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def hash_told(process: subprocess.Popen[bytes]) -> str:
    """Return what such a program prints when it has ended."""
    told, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"it ended with {process.returncode}")
    return told.decode().strip()


def when_half_done(runs: Path, n_runs: int, act: Callable[[], object]) -> None:
    """Act once half of the runs are kept."""
    while len(list(runs.glob("*.npy"))) < n_runs // 2:
        time.sleep(LOOK_EVERY_S)
    act()


def a_worker(scheduler: Path) -> int:
    """Return the number of the process of a worker."""
    from distributed import Client

    with Client(scheduler_file=str(scheduler), set_as_default=False) as client:
        return int(min(client.run(os.getpid).values()))


def compare(vectors: Path, texts: Path, folder: Path, n_runs: int) -> dict[str, Any]:
    """Return seconds and hashes of each way."""
    seconds, hashes = {}, {}

    def take(name: str, *options: object, meanwhile: Callable[..., object] | None = None) -> None:
        process = program(vectors, texts, folder / name, *options)
        if meanwhile is not None:
            when_half_done(folder / name, n_runs, lambda: meanwhile(process))
        hashes[name], seconds[name] = timed(lambda: hash_told(process))

    def timed_from_start(name: str, *options: object) -> None:
        started = time.perf_counter()
        take(name, *options)
        seconds[name] = time.perf_counter() - started

    timed_from_start("processes")
    with cluster(folder) as scheduler:
        timed_from_start("Dask, at first", scheduler)
        timed_from_start("Dask, once warm", scheduler)
        victim = a_worker(scheduler)
        take("a worker killed", scheduler, meanwhile=lambda _: os.kill(victim, signal.SIGKILL))
        process = program(vectors, texts, folder / "the program killed", scheduler)
        when_half_done(folder / "the program killed", n_runs, process.kill)
        process.wait()
        take("the program killed", scheduler)
    return {
        "seconds": seconds,
        "same": {name: each == hashes["processes"] for name, each in hashes.items()},
        "times_processes": seconds["Dask, once warm"] / seconds["processes"],
    }


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--find", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--n", type=int, default=N_DOCS, help="number of documents")
    parser.add_argument("--histories", type=Path, help="folder of clones, for commits")
    parser.add_argument(
        "--cache", type=Path, default=Path("benchmarks/results/vectors"), help="folder of vectors"
    )
    return parser.parse_args()


def main() -> None:
    """Run the benchmark, or be one of the programs in it."""
    args = parse()
    if args.find:
        vectors, texts, runs, *scheduler = args.find
        print(find(Path(vectors), Path(texts), Path(runs), *(scheduler or [None])))
        return
    if args.histories is not None:
        corpus, documents = "commits", commit_messages(args.histories, args.n)
    else:
        corpus, documents = "windows", nlbse_windows(args.data, args.n)
    vectors = vectors_of(corpus, documents, args.cache)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = folder / "texts"
        texts.write_text("\0".join(documents), encoding="utf-8")
        n_runs = number_of_runs(args.n, TopicSettings())
        figures = compare(vectors, texts, folder, n_runs)
    rows = [
        [name, figures["seconds"].get(name), "yes" if same else "NO"]
        for name, same in figures["same"].items()
    ]
    shown = table(
        f"{args.n:,} {corpus}: a warm cluster takes {figures['times_processes']:.2f} × the time",
        ["", "seconds", "same bytes"],
        rows,
    )
    publish("cluster", {"n_docs": args.n, "corpus": corpus, **figures}, [shown], args.out)


if __name__ == "__main__":
    main()
