"""Real processes that do one thing, started at once and killed at will.

A process loads everything and then forks a child for each run, so that a kill hits the run and not
the loading.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_S = 30.0
"""How long the moment for a kill is waited for."""
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Forked:
    """The process that forks, and what it forks for."""

    process: subprocess.Popen[str]

    def run(
        self, *, kill_after_s: float | None = None, kill_when: Callable[[], bool] | None = None
    ) -> int:
        """Run to the end, or until the kill; return the exit code (negative: the signal)."""
        pid = self._ask("start")
        if kill_when is not None:
            patience_s = time.monotonic() + MOST_S
            while not kill_when() and time.monotonic() < patience_s:
                time.sleep(0.001)
            kill_after_s = 0.0
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(self._ask(f"wait {pid}"))

    def _ask(self, what: str) -> int:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the process has no pipes")
        print(what, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())


@contextmanager
def forking(module: str, what: Mapping[str, Any]) -> Iterator[Forked]:
    """Start a module that forks at our orders, told what for."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, json.dumps(what)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdin is not None and process.stdout is not None
    with process.stdout:
        try:
            assert process.stdout.readline().strip() == "ready"
            yield Forked(process)
        finally:
            process.stdin.close()
            process.wait(timeout=60)


def obey(run: Callable[[], object]) -> None:
    """Take orders: fork a child that runs, or tell how one ended."""
    print("ready", flush=True)
    for line in sys.stdin:
        order, _, pid = line.strip().partition(" ")
        if order == "wait":
            print(os.waitpid(int(pid), 0)[1], flush=True)
            continue
        started = os.fork()
        if started == 0:
            code = 1
            try:
                run()
                code = 0
            finally:
                os._exit(code)
        print(started, flush=True)
