"""How long a coder looks at a document."""

from __future__ import annotations

from collections.abc import Callable

IDLE_S = 300.0
"""After so long without a key the coder is taken to be away: what comes then is not counted."""

Clock = Callable[[], float]
"""Seconds from any beginning, never going back: `time.monotonic`."""


class Stopwatch:
    """Counts the seconds that a coder is there: not away, and not in another window."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counted_s = 0.0
        self._since: float | None = clock()

    def restart(self) -> None:
        """Begin at zero."""
        self._counted_s = 0.0
        self._since = self._clock()

    def touch(self) -> None:
        """Note that the coder is there: a key was pressed, or the window was looked at again."""
        self._counted_s = self.seconds()
        self._since = self._clock()

    def pause(self) -> None:
        """Stop until the next `touch`."""
        self._counted_s = self.seconds()
        self._since = None

    def seconds(self) -> float:
        """Return the seconds counted since the last restart."""
        if self._since is None:
            return self._counted_s
        return self._counted_s + min(self._clock() - self._since, IDLE_S)
