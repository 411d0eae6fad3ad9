"""The heat map: how many requests of each theme, and of each category, a framework received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from artifacts.words import NOISE
from reports.data import clean, hues, marks
from reports.inputs import FeatureRequest, PageSection
from reports.palette import NOISE_MARK, Mark

RowKind = Literal["category", "topic", "unplaced"]


@dataclass(frozen=True)
class HeatColumn:
    """One framework and its number of requests."""

    repository: str
    total: int


@dataclass(frozen=True)
class HeatCell:
    """How many requests of one row one framework received, and as a share of its requests."""

    repository: str
    count: int
    share: float


@dataclass(frozen=True)
class HeatRow:
    """A category, a theme of the category above it, or the unplaced, across the frameworks.

    `hue` is that of the category; `mark` is None for a category.
    """

    kind: RowKind
    number: int
    label: str
    hue: int | None
    mark: Mark | None
    total: int
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatMap:
    """Categories, each followed by its themes, by frameworks; the last row is the unplaced."""

    columns: tuple[HeatColumn, ...]
    rows: tuple[HeatRow, ...]

    @property
    def total(self) -> int:
        """Return the number of requests."""
        return sum(column.total for column in self.columns)


def heat_map(section: PageSection[FeatureRequest]) -> HeatMap:
    """Count the requests of each category, theme and framework."""
    columns = heat_columns(section)
    return HeatMap(columns, tuple(_rows(section, columns)))


def heat_columns(section: PageSection[FeatureRequest]) -> tuple[HeatColumn, ...]:
    """Return the frameworks, those with most requests first."""
    totals = Counter(clean(document.repository) for document in section.documents)
    order = sorted(totals, key=lambda name: (-totals[name], name))
    return tuple(HeatColumn(name, totals[name]) for name in order)


def _rows(
    section: PageSection[FeatureRequest], columns: tuple[HeatColumn, ...]
) -> Iterator[HeatRow]:
    category_of = {topic.number: topic.category for topic in section.topics}
    pairs = [(d.topic, clean(d.repository)) for d in section.documents]
    by_topic = Counter(pairs)
    by_category = Counter((category_of[t], name) for t, name in pairs if t != NOISE)
    mark_of, hue_of = marks(section), hues(section)

    def cells(found: Counter[tuple[int, str]], number: int) -> tuple[HeatCell, ...]:
        counts = [(column, found[number, column.repository]) for column in columns]
        return tuple(HeatCell(c.repository, count, count / c.total) for c, count in counts)

    for category in section.categories:
        number = category.number
        hue, row = hue_of[number], cells(by_category, number)
        yield HeatRow("category", number, clean(category.name), hue, None, _sum(row), row)
        for topic in section.topics:
            if topic.category == number:
                mark, row = mark_of[topic.number], cells(by_topic, topic.number)
                label = clean(topic.name)
                yield HeatRow("topic", topic.number, label, hue, mark, _sum(row), row)
    row = cells(by_topic, NOISE)
    yield HeatRow("unplaced", NOISE, "Unplaced", None, NOISE_MARK, _sum(row), row)


def _sum(cells: tuple[HeatCell, ...]) -> int:
    return sum(cell.count for cell in cells)
