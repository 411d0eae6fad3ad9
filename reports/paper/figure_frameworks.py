"""Themes by framework: how many requests of each theme each framework gets, as a heat map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from artifacts.words import NOISE
from reports.palette import HUES
from reports.paper.figures import (
    FAINT,
    INK,
    LINE_HEIGHT,
    MARK,
    MARK_NOTE,
    PAGE_HEIGHT,
    PAPER,
    SMALL_SIZE,
    TEXT_SIZE,
    Sheet,
    shorten,
    text_width,
    tint,
)
from reports.paper.inputs import PaperCorpus

ROW = TEXT_SIZE * LINE_HEIGHT + 2.4
GAP = 2.5
INDENT = 6.0
NAMES = 0.44
"""Share of the width that names take."""
LEAST_CELL = 11.0
WIDEST_CELL = 34.0
SLANT = 60
OTHERS = "others"

_DARK = 0.85
"""Cells of more than this share of the full colour carry white numbers."""


@dataclass(frozen=True)
class Crosstab:
    """Documents by topic and framework.

    Attributes
    ----------
    frameworks
        By number of requests, most first.
    counts
        By (topic, framework); the unplaced under `NOISE`. What is not there is 0.
    """

    frameworks: tuple[str, ...]
    counts: Counter[tuple[int, str]]

    def row(self, topic: int, frameworks: Sequence[str]) -> list[int]:
        """Return the counts of a topic."""
        return [self.counts[topic, framework] for framework in frameworks]


def crosstab(corpus: PaperCorpus) -> Crosstab:
    """Count a corpus's documents by topic and framework."""
    asked = [(topic, corpus.frameworks.get(k, "")) for k, topic in corpus.taxonomy.topic_of.items()]
    counts, sums = Counter(asked), Counter(name for _, name in asked)
    return Crosstab(tuple(sorted(sums, key=lambda name: (-sums[name], name.lower()))), counts)


def draw_frameworks(corpus: PaperCorpus, width: float) -> Sheet:
    """Draw a row a theme, below its category, a column a framework, and the counts in the cells.

    Parameters
    ----------
    width
        In points. Frameworks that it has no room for are added up in a last column.
    """
    table, n_joined = _fold(crosstab(corpus), int((1 - NAMES) * width / LEAST_CELL) - 1)
    longest = max(text_width(name, SMALL_SIZE) for name in (*table.frameworks, "all"))
    head = min(longest, 0.3 * width) * 0.87 + 8
    shown = corpus.taxonomy
    n_rows = len(shown.topic_nodes) + len(shown.category_nodes) + 1
    height = head + n_rows * ROW + len(shown.category_nodes) * GAP + 12
    sheet = Sheet(width, height)
    # The slanted name of the last column leans out of it.
    cell = min(((1 - NAMES) * width - 0.4 * head) / (len(table.frameworks) + 1), WIDEST_CELL)
    grid = _Grid(sheet, table, cell, max(table.counts.values(), default=1))
    grid.heads(head)
    y = head + ROW / 2
    for category in shown.category_nodes:
        grid.name(category.name + ("" if category.is_stable else MARK), 0.0, y, bold=True)
        for topic in shown.topics_in(category.number):
            y += ROW
            grid.name(topic.name, INDENT, y, mark="" if topic.is_stable else MARK)
            grid.cells(topic.number, y)
        y += ROW + GAP
    grid.name("unplaced", 0.0, y)
    grid.cells(NOISE, y)
    sheet.text(0, height - 5, MARK_NOTE, size=SMALL_SIZE, colour=FAINT)
    if n_joined:
        sheet.notes.append(f"the {n_joined} frameworks with the fewest requests are joined")
    if height > PAGE_HEIGHT:
        sheet.notes.append("it is higher than a page")
    return sheet


def _fold(table: Crosstab, n_columns: int) -> tuple[Crosstab, int]:
    """Join the rarest frameworks where there are too many; return how many were joined."""
    if len(table.frameworks) <= n_columns:
        return table, 0
    kept, joined = table.frameworks[: n_columns - 1], set(table.frameworks[n_columns - 1 :])
    counts: Counter[tuple[int, str]] = Counter()
    for (topic, framework), count in table.counts.items():
        counts[topic, OTHERS if framework in joined else framework] += count
    return Crosstab((*kept, OTHERS), counts), len(joined)


@dataclass(frozen=True)
class _Grid:
    sheet: Sheet
    table: Crosstab
    cell: float
    largest: int

    @property
    def left(self) -> float:
        return NAMES * self.sheet.width

    def heads(self, bottom: float) -> None:
        for place, name in enumerate((*self.table.frameworks, "all")):
            words = shorten(name, (bottom - 6) / 0.87, SMALL_SIZE)
            x = self.left + (place + 0.5) * self.cell
            self.sheet.text(x, bottom - 3, words, size=SMALL_SIZE, rotation=SLANT)

    def name(self, name: str, left: float, y: float, *, bold: bool = False, mark: str = "") -> None:
        room = self.left - left - 4 - text_width(mark)
        self.sheet.text(left, y, shorten(name, room, bold=bold) + mark, bold=bold)

    def cells(self, topic: int, y: float) -> None:
        row = self.table.row(topic, self.table.frameworks)
        for place, count in enumerate(row):
            x = self.left + place * self.cell
            share = count / self.largest
            fill = tint(HUES[0], share)
            self.sheet.box(x, y - ROW / 2, self.cell, ROW, fill=fill, edge="#e4e4e4", line=0.4)
            if count:
                colour = PAPER if share > _DARK else INK
                middle = x + self.cell / 2
                self.sheet.text(
                    middle, y, f"{count:,}", size=SMALL_SIZE, colour=colour, align="center"
                )
        right = self.left + (len(row) + 0.5) * self.cell
        self.sheet.text(right, y, f"{sum(row):,}", size=SMALL_SIZE, align="center")
