"""Colours and shapes that tell categories and topics apart, also for the colour-blind.

A category has a hue, and its topics have a shape each: colour alone tells nothing. The twelve hues
were searched for: of any two of them, or one and the grey of what has no hue, the colour difference
(CIEDE2000) is 15 at least, and 9 at least as protan, deutan and tritan people see them (Machado et
al. 2009, without any cones of the kind); each stands out from its paper by 3:1. From the thirteenth
category on, hues repeat in their order. Hues are crossed with eight shapes: 96 topics have a mark
of their own; beyond that, marks repeat, and names and positions have to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HUES = (
    "#185692",
    "#dc760c",
    "#087351",
    "#e53283",
    "#8c6702",
    "#0581b7",
    "#663ddf",
    "#512b00",
    "#03a39d",
    "#a00631",
    "#7a9b59",
    "#2e0a85",
)
DARK_HUES = (
    "#6c8acc",
    "#ef7c02",
    "#05a47f",
    "#febdf6",
    "#dcb56c",
    "#0bb4fd",
    "#785bfa",
    "#b9755b",
    "#56e8d0",
    "#ba3849",
    "#adea28",
    "#a8479e",
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


def hue_rules() -> str:
    """Return the style of a page that gives it the hues: `--hue-N`, and `.hue-N` for what is so.

    By light and on paper they are `HUES`, on a dark screen `DARK_HUES`.
    """
    light, dark = (
        "".join(f"--hue-{place}: {hue}; " for place, hue in enumerate(hues))
        for hues in (HUES, DARK_HUES)
    )
    classes = "".join(f".hue-{n} {{ color: var(--hue-{n}); }}\n" for n in range(len(HUES)))
    on_dark = "@media screen and (prefers-color-scheme: dark)"
    return f":root {{ {light}}}\n{on_dark} {{ :root {{ {dark}}} }}\n{classes}"


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
