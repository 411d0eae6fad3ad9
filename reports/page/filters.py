"""The filters above a map and a table: what can be chosen, and how many documents have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from artifacts.words import NOISE
from reports.data import clean, day
from reports.inputs import AnyDocument, PageSection, Tool

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


def filters(section: PageSection[AnyDocument], group: str, groups: str) -> tuple[Filter, ...]:
    """Return the filters that can leave something out.

    Parameters
    ----------
    group, groups
        What a topic is called here, one and many.
    """
    tools = bool(section.documents) and isinstance(section.documents[0], Tool)
    facts = (
        (
            _values(section, "language", "Language", "all languages"),
            _values(section, "license", "Licence", "all licences"),
            _years(section, "last_commit", "Last changed in"),
        )
        if tools
        else (
            _values(section, "repository", "Framework", "all frameworks"),
            _values(section, "state", "State", "all states"),
            _years(section, "created_at", "Asked in"),
        )
    )
    found = (_categories(section), _topics(section, group, groups), _placed(section), *facts)
    return tuple(each for each in found if sum(len(options) for _, options in each.options) > 1)


def _categories(section: PageSection[AnyDocument]) -> Filter:
    options = tuple(
        Option(str(c.number), f"{clean(c.name)} ({c.size:,})") for c in section.categories
    )
    return Filter("category", "Category", "all categories", "", (("", options),))


def _topics(section: PageSection[AnyDocument], group: str, groups: str) -> Filter:
    def inside(category: int) -> tuple[Option, ...]:
        return tuple(
            Option(str(topic.number), f"{clean(topic.name)} ({topic.size:,})")
            for topic in section.topics
            if topic.category == category
        )

    options = tuple((clean(c.name), inside(c.number)) for c in section.categories)
    return Filter("topic", group.capitalize(), f"all {groups}", "", options)


def _placed(section: PageSection[AnyDocument]) -> Filter:
    unplaced = sum(document.topic == NOISE for document in section.documents)
    placed = len(section.documents) - unplaced
    counts = (("yes", "placed", placed), ("no", "unplaced", unplaced))
    options = tuple(Option(value, f"{text} ({n:,})") for value, text, n in counts if n)
    return Filter("placed", "Placed", "placed or not", "", (("", options),))


def _values(section: PageSection[AnyDocument], field: str, label: str, everything: str) -> Filter:
    """Return a filter by a field's values, the most frequent first."""
    counts = _counts(section, lambda document: getattr(document, field) or None)
    order = sorted(counts, key=lambda value: (value == UNKNOWN, -counts[value], value))
    return Filter(field, label, everything, field, (("", _options(order, counts)),))


def _years(section: PageSection[AnyDocument], field: str, label: str) -> Filter:
    """Return a filter by the year of a date, the latest first."""
    counts = _counts(section, lambda document: (day(getattr(document, field)) or "")[:4] or None)
    order = sorted(counts, key=lambda value: (value != UNKNOWN, value), reverse=True)
    return Filter("year", label, "any year", field, (("", _options(order, counts)),))


def _counts(
    section: PageSection[AnyDocument], value_of: Callable[[AnyDocument], str | None]
) -> Counter[str]:
    return Counter(clean(value_of(document) or UNKNOWN) for document in section.documents)


def _options(order: Iterable[str], counts: Counter[str]) -> tuple[Option, ...]:
    return tuple(
        Option(value, f"{'not known' if value == UNKNOWN else value} ({counts[value]:,})")
        for value in order
    )
