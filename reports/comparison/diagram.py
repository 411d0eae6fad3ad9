"""The diagram of flows: a column a snapshot, a bar a node, a band for the documents of two bars.

One layout serves the page, which draws it as SVG in its reader's colours, and papers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Literal, NamedTuple

import numpy as np

from artifacts.words import NOISE
from reports.comparison.inputs import ShownComparison, ShownLineage
from reports.data import clean
from reports.palette import HUES, assign_hues
from reports.paper.figures import FAINT, INK, POINTS_PER_INCH, TEXT_SIZE, Sheet, text_width
from taxonomy.nodes import Topic

KEYWORDS_SHOWN = 6
WIDE, NARROW = (1040.0, 13.0), (368.0, 11.0)
"""Width and text size on the page: of a screen, and of a telephone."""
PRINTED = (6.9 * POINTS_PER_INCH, TEXT_SIZE)
"""The same on paper, over two columns of text."""
LEAST_TEXT, LARGEST_TEXT = 9.5, 16.0
"""Pixels that its text may have on the page: below, it is scrolled; above, it has margins."""
BAND_ALPHA, PANE_ALPHA = 0.42, 0.22

# In text sizes.
ALL = 32.0
"""Height of all documents of a column, were they in one bar."""
LINE, GAP, BAR, PAD = 1.25, 0.5, 0.7, 0.5
LEAST_ROOM, MOST_ROOM = 9.0, 24.0
"""Of a column."""
SHARE = 0.62
"""Of the width: what columns take; bands have the rest."""
SWEEPS = 8
"""Over the columns, there and back, to put nodes in order."""

FlowPlace = tuple[int, int | None]
"""The number of a column and of a node in it; `NOISE`: unplaced, None: not there."""
Align = Literal["left", "center", "right"]
_IDS = {NOISE: "unplaced", None: "absent"}


@dataclass(frozen=True, kw_only=True)
class FlowNode:
    """What the diagram tells of a node, or of all documents that are in none.

    Attributes
    ----------
    size
        In documents. Of those not in the snapshot: as many as come next, or were there before.
    hue
        An index into `HUES`; None: grey.
    is_node
        Whether it is one, not the documents that are in none.
    keywords, events
        Its first keywords; kind and verdict of each event that it is part of.
    """

    name: str
    size: int
    group: str = ""
    hue: int | None = None
    keywords: tuple[str, ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    is_node: bool = True


@dataclass(frozen=True)
class FlowColumn:
    """Where the bars and labels of one snapshot are.

    Attributes
    ----------
    left, right
        Of its bars: at the side of the bands. Between two rows of bands they are panes behind
        the labels.
    anchor, align, room
        Where labels are anchored, by which end, and how wide they may be.
    """

    day: str
    left: float
    right: float
    anchor: float
    align: Align
    room: float


@dataclass(frozen=True, kw_only=True)
class FlowBar:
    """A node where it is drawn.

    Attributes
    ----------
    id
        What bands call it by: the number of its column, and its own or why it has none.
    y, height
        Of the bar, from its upper end.
    lines, label_y
        Of its label, one below the other; where the middle of the first one is.
    """

    id: str
    node: FlowNode
    column: FlowColumn
    y: float
    height: float
    lines: tuple[str, ...]
    label_y: float


@dataclass(frozen=True, kw_only=True)
class Band:
    """A flow where it is drawn: from the right of one bar to the left of another.

    Attributes
    ----------
    start, end
        Its upper ends; it is equally high at both.
    """

    source: FlowBar
    target: FlowBar
    documents: int
    start: tuple[float, float]
    end: tuple[float, float]
    height: float

    @property
    def hue(self) -> int | None:
        """Return the hue of where it comes from; where that has none, of where it goes."""
        return self.target.node.hue if self.source.node.hue is None else self.source.node.hue

    @property
    def path(self) -> str:
        """Return its outline in the words of SVG."""
        (x0, y0), (x1, y1) = self.start, self.end
        low0, low1 = y0 + self.height, y1 + self.height
        left, middle, right = map(_short, (x0, (x0 + x1) / 2, x1))
        up0, up1, down0, down1 = map(_short, (y0, y1, low0, low1))
        there = f"M{left} {up0}C{middle} {up0} {middle} {up1} {right} {up1}"
        return f"{there}V{down1}C{middle} {down1} {middle} {down0} {left} {down0}z"


def _short(place: float) -> str:
    """Return a place to the hundredth of a pixel."""
    return f"{round(place, 2):g}"


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The diagram at one width; places are from the upper left.

    Attributes
    ----------
    size, line
        Of text, and from one line to the next.
    """

    width: float
    height: float
    size: float
    line: float
    columns: tuple[FlowColumn, ...]
    bars: tuple[FlowBar, ...]
    bands: tuple[Band, ...]

    @property
    def fitting(self) -> str:
        """Return the style that lets it grow and shrink with the page, as text allows."""
        low, high = (round(self.width * text / self.size) for text in (LEAST_TEXT, LARGEST_TEXT))
        return f"width:100%;min-width:{low}px;max-width:{high}px"


class _Flow(NamedTuple):
    source: FlowPlace
    target: FlowPlace
    documents: int


def groups_of(shown: ShownComparison) -> list[str]:
    """Return the names of all categories, the last side's first, each in its order."""
    names = [clean(name) for side in reversed(shown.sides) for name in side.groups.values()]
    return list(dict.fromkeys(names))


def draw_flows(shown: ShownComparison) -> Sheet:
    """Return the diagram as a figure for a paper."""
    drawing = lay_out(shown, *PRINTED)
    sheet = Sheet(drawing.width, drawing.height)
    for band in drawing.bands:
        fill = FAINT if band.hue is None else HUES[band.hue]
        sheet.band(band.start, band.end, band.height, fill=fill, alpha=BAND_ALPHA)
    for column in drawing.columns:
        sheet.text(column.anchor, drawing.line / 2, column.day, bold=True, align=column.align)
    for bar in drawing.bars:
        column, hue = bar.column, bar.node.hue
        fill = FAINT if hue is None else HUES[hue]
        alpha = PANE_ALPHA if column.align == "center" else 1.0
        sheet.box(
            column.left, bar.y, column.right - column.left, bar.height, fill=fill, alpha=alpha
        )
        for number, words in enumerate(bar.lines):
            y = bar.label_y + number * drawing.line
            colour = INK if bar.node.is_node else FAINT
            sheet.text(column.anchor, y, words, colour=colour, align=column.align)
    return sheet


def lay_out(shown: ShownComparison, width: float, size: float) -> Drawing:
    """Lay the diagram out; its height follows from the nodes.

    Bars and bands are as high as they have documents, on one scale. A label has the lines that it
    needs, and room for them: none is cut, and none is where another is.

    Parameters
    ----------
    width
        The drawing is wider where it has too many columns for it.
    size
        Of text, in the unit of ``width``.
    """
    flows = [
        _Flow((place, flow.earlier), (place + 1, flow.later), flow.documents)
        for place, lineage in enumerate(shown.lineages)
        for flow in lineage.flows
    ]
    nodes = _nodes(shown, flows)
    count = len(shown.sides)
    order = _ordered(nodes, flows, count)
    scale = ALL * size / max(sum(nodes[place].size for place in places) for places in order)
    width = max(width, count * LEAST_ROOM * size / SHARE)
    columns = _columns([side.day.isoformat() for side in shown.sides], width, size)
    bars = _bars(nodes, order, columns, scale, size)
    line = LINE * size
    feet = [
        max(bar.y + bar.height, bar.label_y + line * (len(bar.lines) - 0.5))
        for bar in bars.values()
    ]
    return Drawing(
        width=width,
        height=max(feet) + PAD * size,
        size=size,
        line=line,
        columns=columns,
        bars=tuple(bars.values()),
        bands=tuple(_bands(flows, bars, scale)),
    )


def _nodes(shown: ShownComparison, flows: Sequence[_Flow]) -> dict[FlowPlace, FlowNode]:
    """Return what each column shows: nodes by category, then the documents that are in none."""
    out: Counter[FlowPlace] = Counter()
    into: Counter[FlowPlace] = Counter()
    for source, target, documents in flows:
        out[source] += documents
        into[target] += documents
    sizes = out | into  # the larger of both
    events: dict[FlowPlace, list[tuple[str, str]]] = defaultdict(list)
    for first, pair in enumerate(shown.pairs()):
        for event in pair.events(everything=True):
            for column, numbers in ((first, event.earlier), (first + 1, event.later)):
                for number in numbers:
                    events[column, number].append((event.kind, event.verdict))
    nodes: dict[FlowPlace, FlowNode] = {}
    for column, (side, hues) in enumerate(zip(shown.sides, node_hues(shown), strict=True)):
        groups = list(dict.fromkeys(side.groups.values()))
        for node in sorted(side.nodes, key=lambda node: groups.index(side.groups[node.number])):
            group = side.groups[node.number]
            nodes[column, node.number] = FlowNode(
                name=clean(side.named(node.number)),
                size=sizes[column, node.number],
                group=clean(group),
                hue=hues.get(node.number),
                keywords=tuple(map(clean, node.keywords[:KEYWORDS_SHOWN])),
                events=tuple(events[column, node.number]),
            )
        for place in ((column, NOISE), (column, None)):
            if size := sizes[place]:
                nodes[place] = FlowNode(name=side.named(place[1]), size=size, is_node=False)
    return nodes


def _ordered(
    nodes: Iterable[FlowPlace], flows: Sequence[_Flow], count: int
) -> list[list[FlowPlace]]:
    """Return what is in each column from top to bottom, so that few documents cross others.

    Column after column is sorted by where its documents are in the one before, there and back
    (barycentre method, Sugiyama, Tagawa & Toda 1981); the best order is kept. What is in no node
    stays at the bottom.
    """
    order = [[place for place in nodes if place[0] == column] for column in range(count)]
    best, fewest = order, _crossings(order, flows)
    for sweep in range(SWEEPS):
        step = 1 if sweep % 2 == 0 else -1
        order = list(order)
        for column in range(count)[::step][1:]:
            order[column] = _sorted(order[column], order[column - step], flows)
        if (crossings := _crossings(order, flows)) < fewest:
            best, fewest = order, crossings
    return best


def _sorted(
    places: Iterable[FlowPlace], beside: Iterable[FlowPlace], flows: Iterable[_Flow]
) -> list[FlowPlace]:
    """Return a column sorted by the mean rank that its documents have in the one beside."""
    ranks = {place: rank for rank, place in enumerate(beside)}
    sums: Counter[FlowPlace] = Counter()
    counts: Counter[FlowPlace] = Counter()
    for source, target, documents in flows:
        for here, there in ((source, target), (target, source)):
            if there in ranks:
                sums[here] += ranks[there] * documents
                counts[here] += documents
    return sorted(places, key=lambda p: (p[1] in _IDS, sums[p] / max(1, counts[p])))


def _crossings(order: Sequence[Sequence[FlowPlace]], flows: Iterable[_Flow]) -> int:
    """Return how many pairs of documents cross each other."""
    ranks = {place: rank for places in order for rank, place in enumerate(places)}
    counts = [np.zeros((len(a), len(b)), dtype=np.int64) for a, b in pairwise(order)]
    for source, target, documents in flows:
        counts[source[0]][ranks[source], ranks[target]] += documents
    total = 0
    for count in counts:
        below = count[::-1].cumsum(axis=0)[::-1] - count
        total += int((count * (below.cumsum(axis=1) - below)).sum())
    return total


def _columns(days: Sequence[str], width: float, size: float) -> tuple[FlowColumn, ...]:
    """Return the columns: at both sides labels are beyond the bars, else upon them."""
    room = min(MOST_ROOM * size, SHARE * width / len(days))
    bar, pad = BAR * size, PAD * size
    beside = room - bar - 2 * pad
    columns = []
    for number, day in enumerate(days):
        left = number * (width - room) / (len(days) - 1)
        right = left + room
        column = FlowColumn(day, left, right, (left + right) / 2, "center", room - 2 * pad)
        if number == 0:
            column = FlowColumn(day, right - bar, right, right - bar - pad, "right", beside)
        elif number == len(days) - 1:
            column = FlowColumn(day, left, left + bar, left + bar + pad, "left", beside)
        columns.append(column)
    return tuple(columns)


def _bars(
    nodes: Mapping[FlowPlace, FlowNode],
    order: Sequence[Sequence[FlowPlace]],
    columns: Sequence[FlowColumn],
    scale: float,
    size: float,
) -> dict[FlowPlace, FlowBar]:
    labels = {place: _lines(node, columns[place[0]].room, size) for place, node in nodes.items()}
    line = LINE * size
    slots = {p: max(scale * nodes[p].size, line * len(labels[p])) for p in nodes}
    heights = [sum(slots[p] + GAP * size for p in places) for places in order]
    bars = {}
    for places, column, height in zip(order, columns, heights, strict=True):
        gap = GAP * size + (max(heights) - height) / max(1, len(places) - 1)
        top = 2 * line
        for place in places:
            middle = top + slots[place] / 2
            bars[place] = FlowBar(
                id=f"{place[0]}/{_IDS.get(place[1], place[1])}",
                node=nodes[place],
                column=column,
                y=middle - scale * nodes[place].size / 2,
                height=scale * nodes[place].size,
                lines=labels[place],
                label_y=middle - line * (len(labels[place]) - 1) / 2,
            )
            top += slots[place] + gap
    return bars


def _lines(node: FlowNode, room: float, size: float) -> tuple[str, ...]:
    """Break a label into lines that are no wider than its room, with every letter of it."""
    label = f"{node.name} ({node.size:,})"
    together = "\N{NO-BREAK SPACE}".join(label.rsplit(" ", 1))
    for words, in_words in ((together, False), (label, False), (label, True)):
        for most in range(min(len(words), int(room / size * 4)), 0, -1):
            lines = wrap(words, most, break_long_words=in_words)
            if all(text_width(line, size) <= room for line in lines):
                return tuple(lines)
    return tuple(label)


def _bands(
    flows: Sequence[_Flow], bars: Mapping[FlowPlace, FlowBar], scale: float
) -> Iterator[Band]:
    """Yield the bands: at each bar one below the other, as their other ends are."""
    ends: dict[tuple[_Flow, int], float] = {}
    for end in (0, 1):
        used: Counter[FlowPlace] = Counter()
        for flow in sorted(flows, key=lambda flow: bars[flow[:2][1 - end]].y):
            place = flow[:2][end]
            ends[flow, end] = bars[place].y + scale * used[place]
            used[place] += flow.documents
    for flow in sorted(flows, key=lambda flow: -flow.documents):
        source, target = bars[flow.source], bars[flow.target]
        yield Band(
            source=source,
            target=target,
            documents=flow.documents,
            start=(source.column.right, ends[flow, 0]),
            end=(target.column.left, ends[flow, 1]),
            height=scale * flow.documents,
        )


def node_hues(shown: ShownComparison) -> list[dict[int, int]]:
    """Return the hue of each node of each side, by number.

    The last side has the hues of its atlas, by category. An earlier node has that of the later one
    in which it goes on, else of the one that has most of its documents. One that has left nothing
    in any later node has none.
    """
    last = shown.sides[-1]
    categories = assign_hues([node.number for node in last.taxonomy.visible().category_nodes])
    found = {
        node.number: categories[node.category if isinstance(node, Topic) else node.number]
        for node in last.nodes
    }
    sides = [found]
    for pair in reversed(shown.pairs()):
        found = _handed_back(pair, found)
        sides.append(found)
    return sides[::-1]


def _handed_back(pair: ShownLineage, later: Mapping[int, int]) -> dict[int, int]:
    most: dict[int, tuple[int, int]] = {}
    for flow in pair.lineage.flows:
        if flow.earlier is not None and flow.later is not None and flow.later in later:
            most[flow.earlier] = max(most.get(flow.earlier, (0, 0)), (flow.documents, -flow.later))
    heirs = {earlier: -number for earlier, (_, number) in most.items()}
    heirs |= pair.lineage.continuation()
    return {earlier: later[heir] for earlier, heir in heirs.items() if heir in later}
