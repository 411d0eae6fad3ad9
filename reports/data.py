"""How texts, numbers and days of documents come into a page: clean, and as plain values."""

from __future__ import annotations

import math
from datetime import date
from statistics import median
from urllib.parse import urlsplit

from artifacts.visible import visible
from artifacts.words import NOISE
from reports.inputs import AnyDocument, PageDocument, PageSection, Tool
from reports.palette import NOISE_MARK, Mark, assign_hues, assign_marks

DESCRIPTION_CHARACTERS = 600

_DROPPED = {code: None for code in (*range(32), 127) if chr(code) not in "\n\t"}

Point = tuple[float, float]


def clean(text: str) -> str:
    """Replace what UTF-8 cannot hold (lone surrogates) and drop control characters.

    Those beyond ASCII, and marks that turn the order of letters round, are written out.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return visible(whole.translate(_DROPPED))


def one_line(text: str) -> str:
    """Return a text on one line, without control characters and what UTF-8 cannot hold."""
    return " ".join(clean(text).split())


def beginning(text: str, most: int) -> str:
    """Return a text on one line, after so many characters cut at a space."""
    line = one_line(text)
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def web_address(url: str | None) -> str | None:
    """Return ``url`` if it leads to the web, else None: a page never links to scripts or files."""
    if url is None:
        return None
    try:
        parts = urlsplit(clean(url).strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in {"http", "https"} and parts.netloc else None


def number(value: float | None) -> float | None:
    """Return ``value``, or None where it is not a finite number."""
    return None if value is None or not math.isfinite(value) else value


def short_number(value: float | None) -> float | None:
    """Return `number` to four decimals: finer than anything is drawn or told on the page."""
    found = number(value)
    return None if found is None else round(found, 4)


def day(value: date | None) -> str | None:
    """Return the day as YYYY-MM-DD."""
    return None if value is None else f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def short_description(document: PageDocument) -> str | None:
    """Return a document's description, else its topics on GitHub and its language."""
    if document.description and document.description.strip():
        return beginning(document.description, DESCRIPTION_CHARACTERS)
    if isinstance(document, Tool):
        parts = [*document.github_topics, *([document.language] if document.language else [])]
        return clean(", ".join(parts)) or None
    return None


def centres(section: PageSection[AnyDocument]) -> dict[int, Point]:
    """Return the median place on the map of each topic's documents."""
    places: dict[int, list[Point]] = {}
    for document in section.documents:
        x, y = number(document.x), number(document.y)
        if document.topic != NOISE and x is not None and y is not None:
            places.setdefault(document.topic, []).append((x, y))
    return {
        topic: (median(p[0] for p in points), median(p[1] for p in points))
        for topic, points in places.items()
    }


def hues(section: PageSection[AnyDocument]) -> dict[int, int]:
    """Return the hue of each category."""
    return assign_hues([category.number for category in section.categories])


def marks(section: PageSection[AnyDocument]) -> dict[int, Mark]:
    """Return the mark of each topic, and of the unplaced."""
    topics = ((topic.number, topic.category) for topic in section.topics)
    return {**assign_marks(topics, hues(section)), NOISE: NOISE_MARK}
