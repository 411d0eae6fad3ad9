"""Small multiples: the size of each node on both sides, with the interval of the later one."""

from __future__ import annotations

from dataclasses import dataclass

from reports.comparison.inputs import ShownLineage
from reports.comparison.words import growth_name, p_said
from reports.data import clean
from taxonomy.lineage.values import ChangeVerdict, Growth

WIDTH, HEIGHT = 150, 72
"""Of a panel, in its own units."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 112, 8, 64


@dataclass(frozen=True, kw_only=True)
class SizePanel:
    """One panel: places in it, with y for how high, and the words beside it.

    Attributes
    ----------
    y_earlier, y_later, y_low, y_high
        Heights of both sizes and of the interval's ends; all panels of a pair share one scale.
    parts
        Why the sizes differ, in words.
    """

    name: str
    size_earlier: int
    size_later: int
    y_earlier: float
    y_later: float
    y_low: float
    y_high: float
    parts: str
    p: str
    verdict: ChangeVerdict


def size_panels(pair: ShownLineage) -> tuple[SizePanel, ...]:
    """Return a panel for each node, the largest difference first."""
    growth = sorted(
        pair.lineage.growth,
        key=lambda g: (-abs(g.difference), -max(g.size_earlier, g.size_later)),
    )
    top = max((max(g.size_earlier, g.size_later, g.high) for g in growth), default=1) or 1

    def height(size: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * max(0.0, size) / top, 1)

    return tuple(
        SizePanel(
            name=clean(growth_name(pair, each)),
            size_earlier=each.size_earlier,
            size_later=each.size_later,
            y_earlier=height(each.size_earlier),
            y_later=height(each.size_later),
            y_low=height(each.low),
            y_high=height(each.high),
            parts=_parts(each),
            p=p_said(each.p),
            verdict=each.verdict,
        )
        for each in growth
    )


def _parts(growth: Growth) -> str:
    said = f"+{growth.new:,} new, −{growth.left:,} left, +{growth.moved_in:,} in, "
    said += f"−{growth.moved_out:,} out"
    if not growth.stayed:
        return said
    return f"{said}; {growth.redescribed:,} of {growth.stayed:,} that stayed have another text"
