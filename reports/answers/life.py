"""The life of a tool, drawn: commits a month, its stages below them, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from insights.history.months import MONTHS_A_YEAR, month_from, month_name, month_of
from reports.answers.tool import ToolAnswer

LEVELS: Final = 35
"""Height of the best month in a `LifeShape`: a height is one digit to the base of 36."""
RECENT: Final = 36
"""Months of a small drawing of the last years."""
ENDED: Final = ("dormant", "dead")
"""Stages that a tool can return from."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


Spells = Sequence[tuple[str, int, int]]
"""Stages in order: which, after how many months it begins, and how many months it takes."""


@dataclass(frozen=True)
class LifeShape:
    """A life as a script draws it: numbers and digits alone, no markup.

    A month is one unit to the right, so that a drawing is stretched to the width that there is
    (``preserveAspectRatio="none"``); words stand beside it, at their share of ``width``.

    Attributes
    ----------
    first
        The month at its left, that of the birth (``2019-05``).
    width
        Months until that of the last observation, which was not over.
    known
        Place from which on commits are known; before it nothing is, which is not none.
    top
        Commits of the best month.
    heights
        Of each month from ``known`` on, one digit (`LEVELS`): 0 is none, 1 at least one commit,
        ``z`` the best month. Empty: commits are not known.
    recent
        Of the last `RECENT` months, or of as many as are known, beside the best of these.
    spells
        Stages: which, where each begins, and how wide it is.
    """

    first: str
    width: int
    known: int
    top: int
    heights: str
    recent: str
    spells: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class LifeSpan:
    """The months of a life, as `insights.history.months` counts them.

    Attributes
    ----------
    born, seen
        The first month, and that of the observation, which was not over.
    commits
        By month; empty: not known.
    """

    born: int
    seen: int
    commits: Mapping[int, int]

    @classmethod
    def of(cls, answer: ToolAnswer) -> LifeSpan | None:
        """Return the months of a tool's life; None: nothing of it can be drawn."""
        life = answer.life
        if life is None or life.observed_at is None or not (answer.commits or answer.spells):
            return None
        seen = month_of(life.observed_at)
        commits = {month_from(month): n for month, n in answer.commits.items()}
        begun = [month_from(each.first) for each in answer.spells[:1]] + list(commits)[:1]
        born = begun if life.born_at is None else [*begun, month_of(life.born_at)]
        return cls(min(born), max(seen, *begun, 1 + min(born)), commits)

    @property
    def width(self) -> int:
        """Return how many whole months it has."""
        return self.seen - self.born

    @property
    def known(self) -> int:
        """Return after how many months commits are known."""
        return min(self.commits, default=self.seen) - self.born

    @cached_property
    def counts(self) -> Sequence[int]:
        """Return the commits of each month from `known` on; the month of observation is left out.

        Once commits are known, a month that is not among them had none.
        """
        return [self.commits.get(at, 0) for at in range(self.born + self.known, self.seen)]

    def years(self) -> Iterator[tuple[int, str]]:
        """Yield where years begin, as months after the birth, and which."""
        for month in range(self.born, self.seen):
            if month % MONTHS_A_YEAR == 0:
                yield month - self.born, str(month // MONTHS_A_YEAR)

    def spells(self, answer: ToolAnswer) -> Iterator[tuple[str, int, int]]:
        """Yield the stages of its life, where each begins, and how many months it takes."""
        for each in answer.spells:
            first, last = month_from(each.first), month_from(each.last)
            yield each.stage, first - self.born, max(1, min(last + 1, self.seen) - first)


def life_shape(answer: ToolAnswer) -> LifeShape | None:
    """Return the life of a tool for a script; None: there is nothing to draw."""
    span = LifeSpan.of(answer)
    if span is None:
        return None
    return LifeShape(
        first=month_name(span.born),
        width=span.width,
        known=span.known,
        top=max(span.counts, default=0),
        heights=heights_of(span.counts),
        recent=heights_of(span.counts[-RECENT:]),
        spells=tuple(span.spells(answer)),
    )


def heights_of(counts: Sequence[int]) -> str:
    """Return how high each month is beside the best: one digit each, as in `LifeShape`."""
    top = max(counts, default=0)
    # One commit is seen, however many the best month has.
    return "".join(_DIGITS[max(1, round(LEVELS * n / top)) if n else 0] for n in counts)


def returns_in(spells: Spells) -> tuple[int, ...]:
    """Return where a life came back from being dormant or dead."""
    return tuple(
        later[1]
        for earlier, later in pairwise(spells)
        if earlier[0] in ENDED and later[0] not in ENDED
    )
