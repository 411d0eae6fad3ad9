"""Colours and shapes that tell categories and topics apart, also for the colour-blind.

A category has a hue, and its topics have a shape each. Six hues are Okabe and Ito's (two of them
darker, so that each stands out from light paper by 3:1), and two more are a violet and a brown.
Hues by light and by dark are crossed with eight shapes: 64 topics have a mark of their own; beyond
that, marks repeat, and names and positions have to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HUES = (
    "#0072b2",
    "#d55e00",
    "#008f68",
    "#c0619b",
    "#a87400",
    "#2b8fd0",
    "#6a51c8",
    "#7f5539",
)
DARK_HUES = (
    "#3d9be0",
    "#ee7733",
    "#1fb88a",
    "#d98cba",
    "#e6a817",
    "#7cc7f2",
    "#9d8bf0",
    "#c39b77",
)
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


@dataclass(frozen=True)
class Mark:
    """How a topic is drawn: an index into `HUES` (None: grey) and the name of a shape."""

    hue: int | None
    shape: str


NOISE_MARK = Mark(None, NOISE_SHAPE)


def assign_hues(categories: Sequence[int]) -> dict[int, int]:
    """Give each category a hue, in the order given; they repeat when there are no more."""
    return {category: place % len(HUES) for place, category in enumerate(categories)}


def assign_marks(topics: Iterable[tuple[int, int]], hues: dict[int, int]) -> dict[int, Mark]:
    """Give each topic the hue of its category and the next shape that this hue has left.

    Parameters
    ----------
    topics
        Topic and category numbers, in the order of serving.
    hues
        The hue of each category. Categories that share one continue each other's shapes, so marks
        are distinct as long as a hue has no more topics than there are shapes.
    """
    marks: dict[int, Mark] = {}
    used: Counter[int] = Counter()
    for topic, category in topics:
        hue = hues[category]
        marks[topic] = Mark(hue, SHAPES[used[hue] % len(SHAPES)])
        used[hue] += 1
    return marks
