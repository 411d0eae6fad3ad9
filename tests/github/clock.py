"""Clocks for the server and its clients, and times as GitHub writes them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

DAY_S = 86_400


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Return the seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class FakeClock:
    """A clock that stands still until somebody sleeps; may be shared by threads."""

    def __init__(self, start_s: float) -> None:
        self._now_s = start_s
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the seconds since 1970."""
        with self._lock:
            return self._now_s

    def sleep(self, seconds: float) -> None:
        """Advance the clock; nobody waits."""
        with self._lock:
            self._now_s += max(0.0, seconds)


@dataclass(frozen=True)
class ScaledClock:
    """Real time, only faster: clocks that are made alike agree in every process.

    Attributes
    ----------
    factor
        Seconds of this clock in one real second.
    epoch_s
        The real time at which this clock showed `start_s`; hand it to the other processes.
    """

    factor: float
    start_s: float
    epoch_s: float = field(default_factory=time.time)

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self.start_s + (time.time() - self.epoch_s) * self.factor

    def sleep(self, seconds: float) -> None:
        """Wait the scaled time."""
        time.sleep(max(0.0, seconds) / self.factor)


def iso(at: float | None) -> str | None:
    """Return a time as GitHub writes it: whole seconds, UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> int:
    """Return the seconds since 1970 of a date or time; without a zone it is UTC.

    Raises
    ------
    ValueError
        If the text is no date or time.
    """
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
