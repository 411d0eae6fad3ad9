"""How firmly each node stands: a dot a node, beside the line below which it is marked."""

from __future__ import annotations

from dataclasses import dataclass

from reports.palette import HUES
from reports.paper.figures import (
    FAINT,
    INK,
    LINE_HEIGHT,
    PAGE_HEIGHT,
    PAPER,
    SMALL_SIZE,
    TEXT_SIZE,
    Sheet,
    shorten,
    text_width,
)
from reports.paper.inputs import PaperCorpus
from taxonomy.nodes import STABLE, Category, Node

HEAD = 12.0
AXIS = 24.0
ROW = TEXT_SIZE * LINE_HEIGHT + 1.0
GAP = 3.0
INDENT = 6.0
NAMES = 0.46
"""Share of the width that names take."""
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

_FIRM, _WEAK = HUES[0], HUES[1]


@dataclass(frozen=True)
class _Plot:
    """Where stabilities of 0 and 1 lie."""

    left: float
    right: float

    def at(self, stability: float) -> float:
        return self.left + stability * (self.right - self.left)


def draw_stability(corpus: PaperCorpus, width: float) -> Sheet:
    """Draw a row a node, topics below their category; what is unstable is an open mark.

    Parameters
    ----------
    width
        In points; the height follows from the number of nodes.
    """
    n_rows = len(corpus.taxonomy.category_nodes) + len(corpus.taxonomy.topic_nodes)
    height = HEAD + n_rows * ROW + (len(corpus.taxonomy.category_nodes) - 1) * GAP + AXIS
    sheet = Sheet(width, height)
    largest = max(node.size for node in corpus.taxonomy.category_nodes)
    numbers = max(text_width("size", SMALL_SIZE), text_width(f"{largest:,}", bold=True))
    plot = _Plot(NAMES * width + 6, width - numbers - 10)
    _frame(sheet, plot, height - AXIS + 2)
    sheet.text(width, HEAD / 2, "size", size=SMALL_SIZE, colour=FAINT, align="right")
    y = HEAD + ROW / 2
    for category in corpus.taxonomy.category_nodes:
        for node in (category, *corpus.taxonomy.topics_in(category.number)):
            _row(sheet, node, plot, y)
            y += ROW
        y += GAP
    _legend(sheet, height - 5)
    if height > PAGE_HEIGHT:
        sheet.notes.append("it is higher than a page")
    return sheet


def _frame(sheet: Sheet, plot: _Plot, bottom: float) -> None:
    for tick in TICKS:
        x = plot.at(tick)
        sheet.line((x, HEAD), (x, bottom), colour="#dddddd", width=0.4)
        sheet.text(x, bottom + 5, f"{tick:g}", size=SMALL_SIZE, align="center")
    sheet.line((plot.at(STABLE), HEAD), (plot.at(STABLE), bottom), width=0.8, dashed=True)
    middle = (plot.left + plot.right) / 2
    sheet.text(middle, HEAD / 2, "stability", size=SMALL_SIZE, colour=FAINT, align="center")


def _row(sheet: Sheet, node: Node, plot: _Plot, y: float) -> None:
    is_category = isinstance(node, Category)
    left = 0.0 if is_category else INDENT
    name = shorten(node.name, plot.left - 8 - left, bold=is_category)
    sheet.text(left, y, name, bold=is_category)
    sheet.text(sheet.width, y, f"{node.size:,}", bold=is_category, align="right")
    if node.stability is None:
        sheet.text(plot.left, y, "not measured", size=SMALL_SIZE, colour=FAINT)
        return
    colour = _FIRM if node.is_stable else _WEAK
    x = plot.at(node.stability)
    sheet.line((plot.left, y), (x, y), colour=colour, width=1.4 if is_category else 0.6)
    fill = colour if node.is_stable else PAPER
    shape = "square" if is_category else "circle"
    sheet.marks([(x, y)], shape=shape, fill=fill, edge=colour, size=4.5)


def _legend(sheet: Sheet, y: float) -> None:
    x = 3.0
    for shape, fill, edge, words in (
        ("square", INK, INK, "category"),
        ("circle", INK, INK, "topic"),
        ("circle", PAPER, INK, f"open: below {STABLE}"),
    ):
        sheet.marks([(x, y)], shape=shape, fill=fill, edge=edge, size=4.5)
        sheet.text(x + 5, y, words, size=SMALL_SIZE)
        x += text_width(words, SMALL_SIZE) + 16
