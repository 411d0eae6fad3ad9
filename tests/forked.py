"""Functions of the tests in real processes, started at once and killed at will."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from warm import warm_opsatlas

MOST_S = 30.0
"""How long the moment for a kill is waited for."""


@dataclass(frozen=True)
class Forked:
    """A process that is started again and again: what ``module:name`` returns, given ``what``.

    All is loaded before it is forked, so that a kill hits the run and not the loading.
    """

    job: str
    what: Mapping[str, Any]

    def run(
        self, *, kill_after_s: float | None = None, kill_when: Callable[[], bool] | None = None
    ) -> int:
        """Run to the end, or until the kill; return the exit code (negative: the signal)."""
        running = warm_opsatlas().start_job(self.job, self.what)
        if kill_when is not None:
            patience_s = time.monotonic() + MOST_S
            while not kill_when() and time.monotonic() < patience_s:
                time.sleep(0.001)
            kill_after_s = 0.0
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            running.signal(signal.SIGKILL)
        return running.wait().code
