"""Places of new documents, as a table for the terminal, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.spreadsheets import csv_text
from taxonomy.places.arrivals import Arrival
from taxonomy.places.placing import PlaceOutcome, Placer

WHY: dict[PlaceOutcome, str] = {
    "placed": "",
    "foreign": "unlike the collection",
    "unlike": "like no topic",
    "between": "between topics",
    "wordless": "no words",
}


def places_table(arrivals: Sequence[Arrival], placer: Placer) -> Group:
    """Return one line a document, and a line on how many are placed by which bounds."""
    table = Table("document", "topic", "name", "category", "likeness", "lead", box=None)
    for column in (1, 4, 5):
        table.columns[column].justify = "right"
    for each in arrivals:
        place = each.place
        figures = (f"{place.likeness:.2f}", f"{place.lead:.2f}")
        number = "" if each.number is None else str(each.number)
        table.add_row(
            Text(each.document.title), number, Text(_named(each)), Text(each.category or ""),
            *(figures if place.outcome != "wordless" else ("", "")),
        )  # fmt: skip
    return Group(table, Text(_summary(arrivals, placer)))


def _named(each: Arrival) -> str:
    if each.topic is None:
        why = "in the taxonomy" if each.known is not None else WHY[each.place.outcome]
        nearest = f"; nearest: {each.nearest}" if each.nearest else ""
        return f"unplaced ({why}){nearest}"
    remarks = [text for text, holds in _remarks(each) if holds]
    return f"{each.topic} ({', '.join(remarks)})" if remarks else each.topic


def _remarks(each: Arrival) -> list[tuple[str, bool]]:
    return [("already in the taxonomy", each.known is not None), ("hidden", each.is_hidden)]


def _summary(arrivals: Sequence[Arrival], placer: Placer) -> str:
    n_known = sum(each.known is not None for each in arrivals)
    new = [each for each in arrivals if each.known is None]
    n_placed = sum(each.topic is not None for each in new)
    known = f"; {n_known:,} more are in the taxonomy already" if n_known else ""
    return (
        f"{n_placed:,} of {len(new):,} new documents are placed{known}. To be placed, a document "
        f"must be close to the whole ({_least(placer.closeness)}), like its topic "
        f"({_least(placer.likeness)}), and less like any other ({_least(placer.lead)} less)."
    )


def _least(bound: float) -> str:
    if bound == float("-inf"):
        return "no bound: too few documents"
    return "more than there is" if bound == float("inf") else f"at least {bound:.2f}"


def as_rows(arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    """Return a plain row for each document; what it lacks is None."""
    return [
        {
            "document": each.document.title,
            "key": each.known or each.document.key,
            "known": each.known is not None,
            "placed": each.topic is not None,
            "topic": each.number,
            "name": each.topic,
            "category": each.category,
            "hidden": each.is_hidden,
            "outcome": each.place.outcome,
            "nearest_topic": each.nearest_number,
            "nearest_name": each.nearest,
            "likeness": round(each.place.likeness, 4),
            "lead": round(each.place.lead, 4),
        }
        for each in arrivals
    ]


def as_csv(arrivals: Sequence[Arrival]) -> str:
    """Return the rows as CSV with a header."""
    rows = as_rows(arrivals)
    return csv_text(list(rows[0]), (list(row.values()) for row in rows))
