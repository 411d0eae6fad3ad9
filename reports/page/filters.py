"""The filters above a map and a table: what can be chosen, and how many documents have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from artifacts.words import NOISE
from reports.data import clean, day
from reports.inputs import AnyDocument, Grouping, Tool

UNKNOWN = "?"
"""The value that chooses the documents of which a fact is not known."""


@dataclass(frozen=True)
class Option:
    """A value that can be chosen, and what is read."""

    value: str
    text: str


@dataclass(frozen=True)
class Filter:
    """One select element.

    `field` is the field of a document that its values are compared with, by their beginning
    (so that a year chooses its days); empty where the script knows better. `options` are in
    groups, each with its label; an empty label is no group.
    """

    name: str
    label: str
    everything: str
    field: str
    options: tuple[tuple[str, tuple[Option, ...]], ...]


def filters(grouping: Grouping[AnyDocument], group: str, groups: str) -> tuple[Filter, ...]:
    """Return the filters that can leave something out.

    Parameters
    ----------
    group, groups
        What a topic is called here, one and many.
    """
    tools = bool(grouping.documents) and isinstance(grouping.documents[0], Tool)
    facts = (
        (
            _values(grouping, "language", "Language", "all languages"),
            _values(grouping, "license", "Licence", "all licences"),
            _years(grouping, "last_commit", "Last changed in"),
        )
        if tools
        else (
            _values(grouping, "repository", "Framework", "all frameworks"),
            _values(grouping, "state", "State", "all states"),
            _years(grouping, "created_at", "Asked in"),
        )
    )
    found = (_categories(grouping), _topics(grouping, group, groups), _placed(grouping), *facts)
    return tuple(each for each in found if sum(len(options) for _, options in each.options) > 1)


def _categories(grouping: Grouping[AnyDocument]) -> Filter:
    options = tuple(
        Option(str(c.category), f"{clean(c.label)} ({c.size:,})") for c in grouping.categories
    )
    return Filter("category", "Category", "all categories", "", (("", options),))


def _topics(grouping: Grouping[AnyDocument], group: str, groups: str) -> Filter:
    def inside(category: int) -> tuple[Option, ...]:
        return tuple(
            Option(str(topic.topic), f"{clean(topic.label)} ({topic.size:,})")
            for topic in grouping.topics
            if topic.category == category
        )

    options = tuple((clean(c.label), inside(c.category)) for c in grouping.categories)
    return Filter("topic", group.capitalize(), f"all {groups}", "", options)


def _placed(grouping: Grouping[AnyDocument]) -> Filter:
    unplaced = sum(document.topic == NOISE for document in grouping.documents)
    placed = len(grouping.documents) - unplaced
    counts = (("yes", "placed", placed), ("no", "unplaced", unplaced))
    options = tuple(Option(value, f"{text} ({n:,})") for value, text, n in counts if n)
    return Filter("placed", "Placed", "placed or not", "", (("", options),))


def _values(grouping: Grouping[AnyDocument], field: str, label: str, everything: str) -> Filter:
    """Return a filter by a field's values, the most frequent first."""
    counts = _counts(grouping, lambda document: getattr(document, field) or None)
    order = sorted(counts, key=lambda value: (value == UNKNOWN, -counts[value], value))
    return Filter(field, label, everything, field, (("", _options(order, counts)),))


def _years(grouping: Grouping[AnyDocument], field: str, label: str) -> Filter:
    """Return a filter by the year of a date, the latest first."""
    counts = _counts(grouping, lambda document: (day(getattr(document, field)) or "")[:4] or None)
    order = sorted(counts, key=lambda value: (value != UNKNOWN, value), reverse=True)
    return Filter("year", label, "any year", field, (("", _options(order, counts)),))


def _counts(
    grouping: Grouping[AnyDocument], value_of: Callable[[AnyDocument], str | None]
) -> Counter[str]:
    return Counter(clean(value_of(document) or UNKNOWN) for document in grouping.documents)


def _options(order: Iterable[str], counts: Counter[str]) -> tuple[Option, ...]:
    return tuple(
        Option(value, f"{'not known' if value == UNKNOWN else value} ({counts[value]:,})")
        for value in order
    )
