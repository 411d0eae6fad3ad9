"""Colours and shapes that tell topics apart, also for readers who see fewer colours.

Six hues of Okabe and Ito's palette (its yellow and black vanish on light and dark paper) are
crossed with eight shapes, so 48 topics have a mark of their own; beyond that, marks repeat.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "x",
    "star",
)
NOISE_SHAPE = "circle-open"

Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """How a topic is drawn: an index into `HUES` (None: grey) and a plotly marker symbol."""

    hue: int | None
    shape: str


NOISE_MARK = Mark(None, NOISE_SHAPE)


def assign_marks(topics: Sequence[int], centres: Mapping[int, Point]) -> dict[int, Mark]:
    """Give each topic a mark so that neighbours on the map differ in hue.

    Topics are served in the order given. Each takes, among the hues used least so far, the one
    whose nearest topic of that hue is farthest away; the shape is then the next one of that hue.
    """
    marks: dict[int, Mark] = {}
    used: Counter[int] = Counter()
    for topic in topics:
        least = min(used[hue] for hue in range(len(HUES)))
        free = [hue for hue in range(len(HUES)) if used[hue] == least]
        hue = max(free, key=lambda h: (_room(topic, h, marks, centres), -h))
        marks[topic] = Mark(hue, SHAPES[used[hue] % len(SHAPES)])
        used[hue] += 1
    return marks


def _room(topic: int, hue: int, marks: Mapping[int, Mark], centres: Mapping[int, Point]) -> float:
    """Return the distance from `topic` to the nearest topic that already has this hue."""
    if topic not in centres:
        return 0.0
    return min(
        (
            math.dist(centres[topic], centres[other])
            for other, mark in marks.items()
            if mark.hue == hue and other in centres
        ),
        default=math.inf,
    )
