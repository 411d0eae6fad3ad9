"""How long tools lasted, as far as it was seen: by a definition of the end, from birth on.

**Silence.** A tool that gave no sign of life in the k months before its own day of observation has
ended, at its last sign. One that was not silent for so long may still turn out to have ended at its
last sign, so that nobody is known to have lasted beyond k months before their observation: there
all others leave, whatever they did later. An announcement within those k months is not counted
either: of two tools that ended then, one would be counted for having said so, and the other not.
A month is 30.4375 days.

**Announcement.** The end is the day of the announcement. Where that is not known, it lies between
the last sign of life (who works on has not ended) and the observation. If a tool both fell silent
and announced its end, the earlier of the two counts.

**Delayed entry.** A tool that was found by something that finds living ones only, such as a curated
list, is seen from then on. Had it ended before, it would not be there; so one that ended before is
left out, and others are at risk from their age at entry on.

**Bounds.** Of a tool without a day of observation, or whose end has no known day, nothing is said
"as seen". The bounds take it as observed on the last day on which any tool was: as ended at its
last sign of life ("lower"), or as not ended, and where its end was announced, as ended on the day
of observation ("upper"). They are bounds of the curve of all tools, whichever of the others ended,
if an end is dated at the last sign; the curve of those seen is one of other tools, and need not lie
between them. Of an end that surely came they are the first and the last possible day, and no strict
bounds: at the ages after both, a later end, when fewer are watched, can take the curve lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from artifacts.arrays import Doubles, Integers
from insights.history.curves import Flags
from insights.history.figures import Bound
from insights.history.months import DAYS_A_MONTH, months_between
from insights.history.population import ToolHistory
from insights.history.settings import EndDefinition, Sign


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """How long each of n tools lasted, in months since birth.

    Attributes
    ----------
    entry
        The age at which it was first watched; minus infinity: from birth on.
    duration
        The age at which it ended or was watched no longer. NaN: not known. Negative: it is so young
        that no end of it could have been told yet.
    ended
        Whether it ended then.
    """

    entry: Doubles
    duration: Doubles
    ended: Flags

    @property
    def is_watched(self) -> Flags:
        """Return who was at risk at any age: on these a curve rests."""
        return (self.duration >= 0) & (self.duration > self.entry)

    @property
    def is_unknown(self) -> Flags:
        """Return of whom it is not known whether they ended while watched.

        Those whose day of birth, observation or end is not known, or who were not watched for long
        enough to tell. Those that ended before they were watched are neither watched nor unknown.
        """
        return ~self.is_watched & ~self.ended

    def starts_at(self, n_least: int) -> float:
        """Return the first age from which a curve can be told: 0, unless entry is delayed.

        Where it is, and at birth fewer than ``n_least`` were watched, it is the first age after
        which so many are; 0 if there is none. A curve from birth on would rest on the few.
        """
        entries, exits = (
            np.sort(self.entry[self.is_watched]),
            np.sort(self.duration[self.is_watched]),
        )
        late = entries[entries > 0]
        if not late.size:
            return 0.0
        ages = np.concatenate(([0.0], late))
        watched = np.searchsorted(entries, ages, side="right")
        enough = watched - np.searchsorted(exits, ages, side="right") >= n_least
        return float(ages[np.argmax(enough)])

    def of(self, index: Integers | Flags) -> Lifetimes:
        """Return the lifetimes of some of the tools."""
        return Lifetimes(self.entry[index], self.duration[index], self.ended[index])

    def equals(self, other: Lifetimes) -> bool:
        """Return whether the same is known of the same tools."""
        return all(
            np.array_equal(mine, its, equal_nan=True)
            for mine, its in (
                (self.entry, other.entry),
                (self.duration, other.duration),
                (self.ended, other.ended),
            )
        )


def lifetimes_of(
    tools: Sequence[ToolHistory],
    end: EndDefinition,
    *,
    bound: Bound = "as seen",
    latest: datetime | None = None,
) -> Lifetimes:
    """Return how long tools lasted, in their order.

    Parameters
    ----------
    end
        What counts as the end.
    bound
        What is supposed of those of which it is not known.
    latest
        The last day on which any tool was observed; the bounds need it.
    """
    rows = [_lifetime(tool, end, bound, latest) or _UNKNOWN for tool in tools]
    entry, duration, ended = zip(*rows, strict=True) if rows else ((), (), ())
    return Lifetimes(
        np.array(entry, dtype=np.float64),
        np.array(duration, dtype=np.float64),
        np.array(ended, dtype=np.bool_),
    )


_Lifetime = tuple[float, float, bool]
"""Age at entry, age at the end or when watched no longer, and whether it ended."""
_UNKNOWN: Final[_Lifetime] = (-np.inf, np.nan, False)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def _lifetime(
    tool: ToolHistory, end: EndDefinition, bound: Bound, latest: datetime | None
) -> _Lifetime | None:
    """Return how long a tool lasted; None: not known."""
    born = tool.born_at
    observed = tool.observed_at or (None if bound == "as seen" else latest)
    if born is None or observed is None:
        return None
    told_until = observed - timedelta(days=(end.silent_months or 0) * DAYS_A_MONTH)
    first, last = _end_between(tool, end, born, told_until, observed)
    if first != last and first <= told_until:
        if bound == "as seen":
            return None
        last = first if bound == "lower" else last
    ended = last <= told_until
    age = months_between(born, last if ended else told_until)
    entry = -np.inf if tool.entered_at is None else months_between(born, tool.entered_at)
    # What was begun elsewhere may have its last sign before it came to GitHub.
    return entry, max(age, 0.0) if ended else age, ended


def _end_between(
    tool: ToolHistory,
    end: EndDefinition,
    born: datetime,
    told_until: datetime,
    observed: datetime,
) -> tuple[datetime, datetime]:
    """Return the first and the last day on which a tool may have ended; `_NEVER`: it had not."""
    sign = _last_sign(tool, end.sign)
    earliest = sign or born
    first, last = _NEVER, _NEVER
    if end.announced and tool.ended is not None:
        first, last = (tool.ended_at or earliest), (tool.ended_at or observed)
    if _is_open(tool, end, sign):
        first = min(first, earliest)
    elif end.silent_months is not None and earliest <= told_until:
        first, last = min(first, earliest), min(last, earliest)
    return first, last


def _is_open(tool: ToolHistory, end: EndDefinition, sign: datetime | None) -> bool:
    """Return whether it is not known that a tool had or had not ended when it was observed."""
    if tool.observed_at is None:
        return True
    if end.silent_months is not None:
        return sign is None
    return tool.ended is None and tool.archived is None


def _last_sign(tool: ToolHistory, sign: Sign) -> datetime | None:
    """Return the last sign of life of a tool; None: not known."""
    if sign == "push" and tool.pushed_at is not None:
        return tool.pushed_at
    if sign == "human":
        if tool.last_human_at is not None:
            return tool.last_human_at
        if "human" in tool.monthly:
            # People are told apart, and none of them committed: there is no sign but its birth.
            return tool.born_at
    return tool.last_commit_at
