"""A Dask cluster as users start one: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

SOON_S = 60


@contextmanager
def cluster(folder: Path, *, workers: int = 2) -> Iterator[Path]:
    """Yield the file that the scheduler of a cluster wrote."""
    told = folder / "scheduler.json"
    with ExitStack() as stack:
        port = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        stack.enter_context(_running("scheduler", *port, "--scheduler-file", str(told)))
        for _ in range(workers):
            stack.enter_context(worker(told))
        wait_for(told, workers)
        yield told


@contextmanager
def worker(told: Path, **env: str) -> Iterator[None]:
    """Let one worker more take part, with these variables in its environment."""
    options = ("--scheduler-file", str(told), "--nthreads", "1", "--no-dashboard")
    with _running("worker", *options, "--local-directory", str(told.parent), env=env):
        yield


@contextmanager
def _running(*words: str, env: Mapping[str, str] | None = None) -> Iterator[None]:
    command = [sys.executable, "-m", "dask", *words]
    process = subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(SOON_S)


def wait_for(told: Path, workers: int) -> None:
    """Return when a scheduler has so many workers."""
    from distributed import Client

    deadline = time.monotonic() + SOON_S
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    with Client(scheduler_file=str(told), set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=SOON_S)
