"""Axes of a drawing: what is where, round numbers beside, years below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from insights.history.months import MONTHS_A_YEAR
from reports.history.svg import SMALL, Drawing, Place, width_of

FEW = 4
"""About as many marks has the upright axis."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def round_steps(high: float, n: int = FEW, *, whole: bool = False) -> list[float]:
    """Return about ``n`` round numbers from 0 that reach ``high`` or beyond."""
    if high <= 0:
        return [0.0, 1.0]
    power = 10 ** math.floor(math.log10(high / n))
    step = next(power * each for each in _STEPS if power * each * n >= high * 0.999)
    if whole:
        step = max(1.0, math.ceil(step))
    return [step * place for place in range(math.ceil(high / step - 1e-9) + 1)]


def in_short(value: float) -> str:
    """Return a number as an axis has it: ``1,500``, ``20k``, ``1.5M``."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= 10 * unit or (unit == 1e6 and value >= unit):
            return f"{value / unit:g}{name}"
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


@dataclass(frozen=True, kw_only=True)
class Axes:
    """Where values stand in a drawing.

    Attributes
    ----------
    left, right, top, bottom
        Of the space between the axes, in the drawing's units.
    first, last
        What is at its left and at its right.
    low, high
        What is at its bottom and at its top.
    """

    left: float
    right: float
    top: float
    bottom: float
    first: float
    last: float
    low: float = 0.0
    high: float

    def x(self, value: float) -> float:
        """Return how far to the right a value stands."""
        span = (self.last - self.first) or 1.0
        return self.left + (self.right - self.left) * (value - self.first) / span

    def y(self, value: float) -> float:
        """Return how far down a value stands."""
        span = (self.high - self.low) or 1.0
        return self.bottom - (self.bottom - self.top) * (value - self.low) / span

    def at(self, values: Iterable[Place]) -> list[Place]:
        """Return the places of pairs of values."""
        return [(self.x(across), self.y(up)) for across, up in values]

    def levels(
        self, drawing: Drawing, marks: Sequence[float], form: Callable[[float], str] = in_short
    ) -> None:
        """Draw a faint level for each mark, with its number to the left."""
        heights = [self.y(mark) for mark in marks]
        for mark, y in zip(marks, heights, strict=True):
            colour = "soft" if mark == self.low else "line"
            drawing.line([(self.left, y), (self.right, y)], colour, width=0.75)
        for mark, y in zip(marks, heights, strict=True):
            drawing.text(self.left - 5, y, form(mark), colour="soft", size=SMALL, anchor="end")

    def below(self, drawing: Drawing, marks: Iterable[tuple[float, str]]) -> None:
        """Write below the axis what stands where, with a short line to each."""
        free, shown = -math.inf, []
        for value, words in marks:
            x, half = self.x(value), width_of(words, SMALL) / 2
            if x - half >= free:
                free = x + half + 6
                shown.append((x, words))
        for x, _ in shown:
            drawing.line([(x, self.bottom), (x, self.bottom + 3)], "soft", width=0.75)
        for x, words in shown:
            drawing.text(x, self.bottom + 11, words, colour="soft", size=SMALL, anchor="middle")

    def years(self, drawing: Drawing) -> None:
        """Write the years below an axis of months, as many as there is room for."""
        first = -(-int(self.first) // MONTHS_A_YEAR)
        years = range(first, int(self.last) // MONTHS_A_YEAR + 1)
        step = next(n for n in (1, 2, 5, 10, 100) if len(years) / n <= 9)
        shown = [year for year in years if year % step == 0]
        self.below(drawing, [(year * MONTHS_A_YEAR, str(year)) for year in shown])
