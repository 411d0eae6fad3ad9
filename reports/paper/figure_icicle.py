"""The layers as an icicle: categories, their topics, and how firmly each stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from reports.palette import HUES, assign_hues
from reports.paper.figures import (
    FAINT,
    INK,
    LINE_HEIGHT,
    PAGE_HEIGHT,
    PAPER,
    SMALL_SIZE,
    TEXT_SIZE,
    UNMEASURED_HATCH,
    UNSTABLE_HATCH,
    Sheet,
    shorten,
    text_width,
    tint,
    wrap,
)
from reports.paper.inputs import PaperCorpus
from taxonomy.nodes import STABLE, Category, Node, Topic

HEAD = 12.0
FOOT = 22.0
PAD = 3.0
LINE = TEXT_SIZE * LINE_HEIGHT
LEAST_ROW = LINE + 0.6
ROOMY_ROW = 14.0
WITH_EVIDENCE = 5 * 72.0
"""From this width on (points), a column says what the topics are made of."""
EXEMPLARS = 4
KEYWORDS = 8

_CATEGORY_TINT = 0.45
_TOPIC_TINT = 0.22

AnyNode = TypeVar("AnyNode", bound=Node)
Place = tuple[float, float, float, float]
"""Left and top, width and height."""


def draw_icicle(corpus: PaperCorpus, width: float) -> Sheet:
    """Draw a box a node, as high as the node is large; unstable ones are hatched.

    Parameters
    ----------
    width
        In points. The height follows from it: every topic has room for its name, as far as the
        figure stays on one page; those that have none are in one box together.
    """
    total = sum(topic.size for topic in corpus.taxonomy.topic_nodes)
    scale = _points_a_document(corpus, total)
    sheet = Sheet(width, HEAD + total * scale + FOOT)
    columns = _columns(width)
    for left, title in zip(columns, ("category", "topic", _evidence(corpus)), strict=False):
        sheet.text(left + PAD, HEAD / 2, title, size=SMALL_SIZE, colour=FAINT)
    categories = corpus.taxonomy.category_nodes
    hues = assign_hues([category.number for category in categories])
    large, small = small_together(categories, scale)
    top, n_small = HEAD, sum(len(corpus.taxonomy.topics_in(each.number)) for each in small)
    for category in large:
        hue, height = HUES[hues[category.number]], category.size * scale
        _category(sheet, category, (0.0, top, columns[1], height), hue)
        topics, others = small_together(corpus.taxonomy.topics_in(category.number), scale)
        n_small += len(others)
        for topic in topics:
            box = (columns[1], top, columns[2] - columns[1], topic.size * scale)
            _topic(sheet, topic, box, hue)
            if len(columns) > 3:
                _write_evidence(sheet, corpus, topic, columns[2], top + box[3] / 2, box[3])
            top += box[3]
        top += _small(sheet, others, (columns[1], top, columns[2] - columns[1], scale), hue)
        sheet.line((0, top), (columns[2], top), colour=PAPER, width=1.6)
    top += _small(sheet, small, (0.0, top, columns[2], scale), FAINT)
    _legend(sheet, corpus, top + PAD)
    if n_small:
        sheet.notes.append(
            f"{n_small} topics are too small on one page for a box of their own; some boxes hold "
            "several"
        )
    return sheet


def small_together(nodes: Sequence[AnyNode], scale: float) -> tuple[list[AnyNode], list[AnyNode]]:
    """Return the nodes that have a box each, and those that share one, each in their order.

    What is too small for a line of text shares, the smallest first, until one line has room.

    Parameters
    ----------
    scale
        The height of one document.
    """
    rising = sorted(nodes, key=lambda node: (node.size, -node.number))
    most = sum(node.size * scale < LINE for node in rising) if len(nodes) > 1 else 0
    while 0 < most < len(rising) and sum(node.size for node in rising[:most]) * scale < LINE:
        most += 1
    shared = {node.number for node in rising[:most]}
    return (
        [node for node in nodes if node.number not in shared],
        [node for node in nodes if node.number in shared],
    )


def _small(sheet: Sheet, nodes: Sequence[Node], place: Place, hue: str) -> float:
    """Draw the box that several nodes share, and return how high it is.

    Parameters
    ----------
    place
        As of a node, but for the height: that of one document.
    """
    left, top, width, scale = place
    height = sum(node.size for node in nodes) * scale
    if nodes:
        sheet.box(left, top, width, height, fill=tint(hue, _TOPIC_TINT / 2), edge=PAPER, line=0.8)
        size = f"{sum(node.size for node in nodes):,}"
        names = f"{len(nodes)} small ones: {', '.join(node.name for node in nodes)}"
        room = width - text_width(size) - 4 * PAD
        lines = wrap(names, room, max(1, int(height // LINE)))
        middle = top + height / 2
        sheet.text(left + width - PAD, middle, size, align="right")
        for number, words in enumerate(lines):
            sheet.text(left + PAD, middle + (number - (len(lines) - 1) / 2) * LINE, words)
    return height


def _points_a_document(corpus: PaperCorpus, total: int) -> float:
    """Return the height of one document: all topics can be named, if one page has the room."""
    smallest = min(topic.size for topic in corpus.taxonomy.topic_nodes)
    roomy = len(corpus.taxonomy.topic_nodes) * ROOMY_ROW / total
    return min(max(LEAST_ROW / smallest, roomy), (PAGE_HEIGHT - HEAD - FOOT) / total)


def _columns(width: float) -> list[float]:
    """Return where the columns begin, and where the last one ends."""
    if width < WITH_EVIDENCE:
        return [0.0, 0.36 * width, width]
    return [0.0, 0.22 * width, 0.57 * width, width]


def _category(sheet: Sheet, category: Category, box: Place, hue: str) -> None:
    left, top, width, height = box
    _node_box(sheet, category, box, hue, _CATEGORY_TINT)
    room = width - 2 * PAD
    n_lines = max(1, int(height // LINE))
    figures = _figures(category)
    if n_lines == 1:
        lines = wrap(category.name, room - text_width(figures) - PAD, 1, bold=True)
        _write(sheet, category, left + width - PAD, top + height / 2, figures, align="right")
    else:
        lines = wrap(category.name, room, min(n_lines - 1, 4), bold=True)
        lines.append(figures)
    middle = top + height / 2 - (len(lines) - 1) * LINE / 2
    for number, words in enumerate(lines):
        bold = number < len(lines) - (n_lines > 1)
        _write(sheet, category, left + PAD, middle + number * LINE, words, bold=bold)


def _topic(sheet: Sheet, topic: Topic, box: Place, hue: str) -> None:
    left, top, width, height = box
    _node_box(sheet, topic, box, hue, _TOPIC_TINT)
    figures = _figures(topic)
    _write(sheet, topic, left + width - PAD, top + height / 2, figures, align="right")
    room = width - text_width(figures) - 4 * PAD
    lines = wrap(topic.name, room, max(1, min(int(height // LINE), 3)))
    middle = top + height / 2 - (len(lines) - 1) * LINE / 2
    for number, words in enumerate(lines):
        _write(sheet, topic, left + PAD, middle + number * LINE, words)


def _node_box(sheet: Sheet, node: Node, box: Place, hue: str, share: float) -> None:
    if node.is_stable:
        sheet.box(*box, fill=tint(hue, share), edge=PAPER, line=0.8)
        return
    hatch = UNMEASURED_HATCH if node.stability is None else UNSTABLE_HATCH
    sheet.box(*box, fill=PAPER, edge=tint(hue, 0.75), hatch=hatch, line=0.8)


def _write(
    sheet: Sheet,
    node: Node,
    x: float,
    y: float,
    words: str,
    *,
    bold: bool = False,
    align: str = "left",
) -> None:
    """Write on a node; on a hatched one, on a white ground."""
    if not node.is_stable:
        width = text_width(words, bold=bold)
        left = x - width if align == "right" else x
        sheet.box(left - 1, y - LINE / 2, width + 2, LINE, fill=PAPER)
    sheet.text(x, y, words, bold=bold, align="right" if align == "right" else "left")


def _figures(node: Node) -> str:
    """Return size and stability as they are written on a node."""
    return f"{node.size:,} · {'–' if node.stability is None else f'{node.stability:.2f}'}"


def _evidence(corpus: PaperCorpus) -> str:
    """Return what stands beside the topics: names of tools say much, numbers of issues nothing."""
    return "such as" if corpus.name == "tools" else "keywords"


def _write_evidence(
    sheet: Sheet, corpus: PaperCorpus, topic: Topic, left: float, middle: float, height: float
) -> None:
    if height < LINE:
        return
    if corpus.name == "tools":
        words = ", ".join(corpus.titles[key] for key in topic.exemplars[:EXEMPLARS])
    else:
        words = ", ".join(topic.keywords[:KEYWORDS])
    lines = wrap(words, sheet.width - left - 4 * PAD, min(int(height // LINE), 2), SMALL_SIZE)
    first = middle - (len(lines) - 1) * LINE / 2
    for number, line in enumerate(lines):
        sheet.text(left + 2 * PAD, first + number * LINE, line, size=SMALL_SIZE, colour=FAINT)


def _legend(sheet: Sheet, corpus: PaperCorpus, top: float) -> None:
    nodes: list[Node] = [*corpus.taxonomy.category_nodes, *corpus.taxonomy.topic_nodes]
    x, y = 0.0, top + LINE / 2
    unmeasured = [node for node in nodes if node.stability is None]
    unstable = [node for node in nodes if node.stability is not None and not node.is_stable]
    for hatch, words, hatched in (
        (UNSTABLE_HATCH, f"stability below {STABLE}", unstable),
        (UNMEASURED_HATCH, "made by people, not measured", unmeasured),
    ):
        if hatched:
            sheet.box(x, y - 3, 12, 6, fill=PAPER, edge=FAINT, hatch=hatch)
            sheet.text(x + 15, y, words, size=SMALL_SIZE)
            x += 15 + text_width(words, SMALL_SIZE) + 9
    words = "size · stability; "
    words += f"{corpus.n_unplaced:,} of {corpus.n_documents:,} documents are unplaced"
    if x and x + text_width(words, SMALL_SIZE) > sheet.width:
        x, y = 0.0, y + LINE
    sheet.text(x, y, shorten(words, sheet.width - x, SMALL_SIZE), size=SMALL_SIZE, colour=INK)
