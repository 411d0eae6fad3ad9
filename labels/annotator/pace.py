"""How long people take: a watch, what is left by their own pace, and where they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from labels.history.replay import CoderDesk

IDLE_S = 300.0
"""After so long without a key the coder is taken to be away: what comes then is not counted."""
BASIS, RECENT = 5, 20
"""Documents by which a pace can be told, and the latest that tell it: people get quicker."""
MINUTE_S = 60.0
HOUR_MIN = 60

SecondsClock = Callable[[], float]
"""Seconds from any beginning, never going back: `time.monotonic`."""


class Stopwatch:
    """Counts the seconds a coder spends here: not away, and not in another window."""

    def __init__(self, clock: SecondsClock) -> None:
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


def rest_in_words(spent_s: Sequence[float], n_left: int) -> list[str]:
    """Return how long a document takes and how long the rest will, as far as that can be told.

    Parameters
    ----------
    spent_s
        Of the documents that are done, the latest last.
    """
    if len(spent_s) < BASIS:
        return ["time left unknown yet"] if n_left else []
    recent = spent_s[-RECENT:]
    each_s = sum(recent) / len(recent)
    pace = f"{each_s:.0f} s a document"
    return [pace, f"about {_minutes(each_s * n_left)} left"] if n_left else [pace]


def _minutes(seconds: float) -> str:
    minutes = max(round(seconds / MINUTE_S), 1)
    hours, rest = divmod(minutes, HOUR_MIN)
    return " ".join([*([f"{hours:,} h"] if hours else []), *([f"{rest} min"] if rest else [])])


def last_coded(desk: CoderDesk) -> tuple[str, str, datetime] | None:
    """Return document and variable that somebody coded last, and when by the clock on the wall."""
    coded = ((item, what[1]) for item, what in reversed(desk.done.values()) if what[0] == "code")
    for item, variable in coded:
        entry = desk.entry(item, ("code", variable))
        if entry is not None and entry.value is not None:
            return item, variable, datetime.fromisoformat(desk.last[item]).astimezone()
    return None


def moment_in_words(moment: datetime) -> str:
    """Return a day and a time as people write them."""
    return f"{moment.day} {moment:%B}, {moment:%H:%M}"
