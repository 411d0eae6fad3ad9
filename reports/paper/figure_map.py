"""The map of documents: a mark a document, by category, and topics named where they lie."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from artifacts.arrays import Doubles
from artifacts.words import NOISE
from reports.data import Point
from reports.palette import HUES, SHAPES, assign_hues
from reports.paper.figures import (
    FAINT,
    INK,
    LINE_HEIGHT,
    MARK,
    MARK_NOTE,
    PAGE_HEIGHT,
    PAPER,
    SMALL_SIZE,
    Sheet,
    shorten,
    text_width,
    wrap,
)
from reports.paper.inputs import PaperCorpus

LINE = SMALL_SIZE * LINE_HEIGHT
MARGIN = 5.0
PAD = 1.2
LABEL_WIDTH = 84.0
LABEL_SHARE = 0.24
"""A name is at most this wide, in points and as a share of the sheet."""
LABEL_LINES = 3
RINGS = (0.0, 6.0, 10.0, 15.0, 20.0, 26.0, 32.0)
ANGLES = 16
DISTANCE_COST = 0.4
"""Marks covered that a point (1/72 inch) between a topic and its name is worth."""
CROSSING_COST = 20.0
"""Marks covered that a name on another name's line is worth."""
LEADER_FROM = 5.0
TALLEST = 1.05
"""Height of the plot as a share of the width, at most."""
FLATTEST = 0.6


@dataclass(frozen=True)
class Box:
    """A rectangle around its middle, in points."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        """Tell whether two boxes share an area."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width
            and abs(self.y - other.y) * 2 < self.height + other.height
        )

    def covers(self, points: Doubles) -> int:
        """Return how many points (n × 2) lie inside."""
        inside = (np.abs(points[:, 0] - self.x) * 2 < self.width) & (
            np.abs(points[:, 1] - self.y) * 2 < self.height
        )
        return int(inside.sum())

    def nearest(self, point: Point) -> Point:
        """Return the place in the box that is nearest to a point."""
        across, down = self.width / 2, self.height / 2
        return (
            min(max(point[0], self.x - across), self.x + across),
            min(max(point[1], self.y - down), self.y + down),
        )

    def is_crossed(self, start: Point, end: Point) -> bool:
        """Tell whether a straight line runs through the box (Liang and Barsky 1984)."""
        enters, leaves = 0.0, 1.0
        for from_, to, middle, size in (
            (start[0], end[0], self.x, self.width),
            (start[1], end[1], self.y, self.height),
        ):
            low, high = middle - size / 2 - from_, middle + size / 2 - from_
            step = to - from_
            if step == 0:
                if low >= 0 or high <= 0:
                    return False
                continue
            first, last = sorted((low / step, high / step))
            enters, leaves = max(enters, first), min(leaves, last)
        return enters < leaves


@dataclass(frozen=True)
class Label:
    """A name that has found its place."""

    topic: int
    lines: tuple[str, ...]
    box: Box
    anchor: Point

    @property
    def leader(self) -> tuple[Point, Point] | None:
        """Return the line from the topic to its name, if the name is not right beside it."""
        end = self.box.nearest(self.anchor)
        return (self.anchor, end) if math.dist(self.anchor, end) > LEADER_FROM else None


def draw_map(corpus: PaperCorpus, width: float) -> Sheet:
    """Draw every document that is shown; topics that find no room for a name get their number.

    Parameters
    ----------
    width
        In points. The axes mean nothing: near is alike, and no more.
    """
    points, height = _fitted(corpus, width)
    shown = corpus.taxonomy
    topics = list(shown.topic_of.values())
    names = {t.number: t.name + ("" if t.is_stable else MARK) for t in shown.topic_nodes}
    anchors = {number: _middle(points, topics, number) for number in names if number in topics}
    wanted = [(number, names[number], anchors[number]) for number in names if number in anchors]
    labels = place_labels(wanted, points, (width, height))
    named = {label.topic for label in labels if label.lines[0] != str(label.topic)}
    unnamed = [number for number in names if number not in named]
    keys = _key_lines(names, unnamed, width)
    if not all(node.is_stable for node in (*shown.topic_nodes, *shown.category_nodes)):
        keys.append(MARK_NOTE)
    sheet = Sheet(width, height + _legend_height(corpus, width) + len(keys) * LINE + 4)
    _documents(sheet, corpus, points)
    _draw_labels(sheet, labels)
    bottom = _legend(sheet, corpus, height)
    if sheet.height > PAGE_HEIGHT:
        sheet.notes.append("it is higher than a page")
    for number, words in enumerate(keys):
        sheet.text(0, bottom + (number + 0.5) * LINE, words, size=SMALL_SIZE)
    return sheet


def place_labels(
    wanted: Sequence[tuple[int, str, Point]], points: Doubles, size: tuple[float, float]
) -> list[Label]:
    """Place names so that none overlaps another or leaves the sheet.

    Names are served in the order given. Each goes where it covers the fewest marks, a place
    farther from its topic being worth some more of them; what has no free place within reach is
    replaced by its number, and left out if there is none for that either.

    Parameters
    ----------
    wanted
        Number, name and middle of each topic.
    points
        n_docs × 2 places of marks.
    size
        Width and height of the sheet.
    """
    placed: list[Label] = []
    widest = min(LABEL_WIDTH, LABEL_SHARE * size[0])
    for topic, name, anchor in wanted:
        for lines in (wrap(name, widest, LABEL_LINES, SMALL_SIZE), [str(topic)]):
            best = _best(_choices(topic, lines, anchor, size), points, placed)
            if best is not None:
                placed.append(best)
                break
    return placed


def _choices(
    topic: int, lines: Sequence[str], anchor: Point, size: tuple[float, float]
) -> Iterator[tuple[float, Label]]:
    """Yield the labels that lie on the sheet, each with its distance from the topic."""
    if not lines:
        return
    width = max(text_width(words, SMALL_SIZE) for words in lines) + 2 * PAD
    height = len(lines) * LINE + 2 * PAD
    for distance, x, y in _candidates(anchor, width, height):
        across = width / 2 <= x <= size[0] - width / 2
        if across and height / 2 <= y <= size[1] - height / 2:
            yield distance, Label(topic, tuple(lines), Box(x, y, width, height), anchor)


def _best(
    choices: Iterator[tuple[float, Label]], points: Doubles, placed: Sequence[Label]
) -> Label | None:
    best, least = None, math.inf
    for distance, label in choices:
        if DISTANCE_COST * distance >= least:
            continue
        if any(label.box.overlaps(other.box) for other in placed):
            continue
        cost = DISTANCE_COST * distance + label.box.covers(points)
        cost += CROSSING_COST * _crossings(label, placed)
        if cost < least:
            best, least = label, cost
    return best


def _candidates(anchor: Point, width: float, height: float) -> Iterator[tuple[float, float, float]]:
    """Yield distance and middle of the places to try: rings around the topic, of the box's form."""
    yield 0.0, *anchor
    for ring in RINGS:
        for step in range(ANGLES):
            angle = 2 * math.pi * step / ANGLES
            across, down = math.cos(angle), math.sin(angle)
            x = anchor[0] + across * (ring + width / 2)
            yield ring + 4, x, anchor[1] + down * (ring + height / 2)


def _crossings(label: Label, placed: Sequence[Label]) -> int:
    """Return how many names the label's line runs through, and lines the label covers."""
    leader = label.leader
    found = 0
    for other in placed:
        found += leader is not None and other.box.is_crossed(*leader)
        found += other.leader is not None and label.box.is_crossed(*other.leader)
    return found


def _fitted(corpus: PaperCorpus, width: float) -> tuple[Doubles, float]:
    """Return the documents' places on the sheet, both axes to one scale, and its height."""
    places = (corpus.taxonomy.place_of[key] for key in corpus.taxonomy.topic_of)
    raw = np.array([(x, -y) for x, y in places], dtype=np.float64)
    low, high = raw.min(axis=0), raw.max(axis=0)
    extent = np.maximum(high - low, 1e-9)
    ratio = min(max(float(extent[1] / extent[0]), FLATTEST), TALLEST)
    size = np.array([width, width * ratio])
    scale = float(((size - 2 * MARGIN) / extent).min())
    points = (raw - (low + high) / 2) * scale + size / 2
    return points, float(size[1])


def _middle(points: Doubles, topics: Sequence[int], number: int) -> Point:
    own = [place for place, topic in enumerate(topics) if topic == number]
    return median(points[own, 0].tolist()), median(points[own, 1].tolist())


def _documents(sheet: Sheet, corpus: PaperCorpus, points: Doubles) -> None:
    crowded = len(points) / (sheet.width * sheet.height) > 0.008
    size = 1.6 if crowded else 2.5
    places: dict[int, list[Point]] = {}
    categories = corpus.taxonomy.node_of("categories").values()
    for number, (x, y) in zip(categories, points.tolist(), strict=True):
        places.setdefault(number, []).append((x, y))
    if NOISE in places:
        sheet.marks(places[NOISE], fill="none", edge="#8c8c8c", size=size * 0.8)
    for category, (hue, shape) in _marks(corpus).items():
        own = places.get(category, [])
        sheet.marks(own, shape=shape, fill=hue, edge=PAPER, size=size + 0.6)


def _marks(corpus: PaperCorpus) -> dict[int, tuple[str, str]]:
    """Return hue and shape of each category, by number, so that they differ also in grey."""
    numbers = [category.number for category in corpus.taxonomy.category_nodes]
    hues = assign_hues(numbers)
    return {
        number: (HUES[hues[number]], SHAPES[place % len(SHAPES)])
        for place, number in enumerate(numbers)
    }


def _draw_labels(sheet: Sheet, labels: Sequence[Label]) -> None:
    for label in labels:
        if label.leader is not None:
            sheet.line(*label.leader, colour=INK, width=0.4)
    for label in labels:
        box = label.box
        left, top = box.x - box.width / 2, box.y - box.height / 2
        sheet.box(left, top, box.width, box.height, fill=PAPER, alpha=0.7)
        for number, words in enumerate(label.lines):
            y = top + PAD + (number + 0.5) * LINE
            sheet.text(box.x, y, words, size=SMALL_SIZE, align="center")


def _key_lines(names: dict[int, str], unnamed: Sequence[int], width: float) -> list[str]:
    """Return the names of the topics that are numbers on the map, as lines below it."""
    if not unnamed:
        return []
    words = "; ".join(f"{number}: {names[number]}" for number in sorted(unnamed))
    return wrap(words, width - 4, len(words), SMALL_SIZE)


def _legend_columns(width: float) -> int:
    return max(1, int(width // 118))


def _legend_height(corpus: PaperCorpus, width: float) -> float:
    n_entries = len(corpus.taxonomy.category_nodes) + 1
    return math.ceil(n_entries / _legend_columns(width)) * (LINE + 1) + 4


def _legend(sheet: Sheet, corpus: PaperCorpus, top: float) -> float:
    """Name the categories' marks below the map and return where the legend ends."""
    n_columns = _legend_columns(sheet.width)
    step = sheet.width / n_columns
    marks = _marks(corpus)
    entries = [
        (*marks[each.number], each.name, "" if each.is_stable else MARK)
        for each in corpus.taxonomy.category_nodes
    ]
    unplaced = (None, "circle", "unplaced", "")
    for number, (hue, shape, name, mark) in enumerate([*entries, unplaced]):
        x = number % n_columns * step
        y = top + 4 + (number // n_columns + 0.5) * (LINE + 1)
        fill, edge = ("none", "#8c8c8c") if hue is None else (hue, PAPER)
        sheet.marks([(x + 4, y)], shape=shape, fill=fill, edge=edge, size=4.2)
        colour = FAINT if hue is None else INK
        words = shorten(name, step - 14 - text_width(mark, SMALL_SIZE), SMALL_SIZE) + mark
        sheet.text(x + 9, y, words, size=SMALL_SIZE, colour=colour)
    return top + _legend_height(corpus, sheet.width)
