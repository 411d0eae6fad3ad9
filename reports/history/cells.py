"""Columns and cells that the tables of a history share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from string import ascii_lowercase

from artifacts.intervals import Estimate
from insights.history.history import History, PopulationFigures
from reports.tables import Cell, Column, Table, for_data, with_bounds

UNKNOWN = "unknown"
"""What is read where something is not known; never 0, and nothing that sorts as 0."""
MOST_NOTES = 3
"""Of the source, that are told beside figures."""


def estimate_columns(key: str, heading: str) -> list[Column]:
    """Return the columns of a figure: with its interval in print, in parts in data."""
    shown = Column(f"{key}_shown", heading, is_number=True, in_data=False)
    return [shown, *for_data(key, f"{key}_low", f"{key}_high", f"{key}_n", f"{key}_reason")]


def estimate_cells(
    key: str, figure: Estimate | None, decimals: int = 2, scale: float = 1
) -> dict[str, Cell]:
    """Return the cells of a figure for `estimate_columns`; in print ``unknown`` without a value."""
    known = figure if figure is not None else Estimate(None, None, None, 0)
    return {
        f"{key}_shown": shown_estimate(figure, decimals, scale),
        key: known.value,
        f"{key}_low": known.low,
        f"{key}_high": known.high,
        f"{key}_n": known.n,
        f"{key}_reason": known.reason,
    }


def shown_estimate(figure: Estimate | None, decimals: int = 2, scale: float = 1) -> str:
    """Return a figure with its interval, or ``unknown``."""
    if figure is None or figure.value is None:
        return UNKNOWN
    return with_bounds(figure, decimals, decimals, scale)


def reasons_note(figures: Iterable[Estimate]) -> str:
    """Return why figures are unknown, each reason once; empty where all are known."""
    reasons = dict.fromkeys(each.reason for each in figures if each.value is None and each.reason)
    return f"{UNKNOWN.capitalize()}: {'; '.join(filter(None, reasons))}." if reasons else ""


class Remarks:
    """Remarks on cells: each is written once, below the table, under the letter that cells bear.

    Remarks that differ in their numbers alone are one, with all of the numbers.
    """

    def __init__(self) -> None:
        self._numbers: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def letters(self, reason: str | None) -> str:
        """Return the letters of a reason's clauses, for the end of a cell; empty without any."""
        places = []
        for clause in filter(None, (reason or "").split("; ")):
            found = _NUMBER.search(clause)
            kind = clause if found is None else f"{clause[: found.start()]}…{clause[found.end() :]}"
            self._numbers[kind][found.group() if found else ""] = None
            places.append(list(self._numbers).index(kind))
        return "".join(f" {ascii_lowercase[place]}" for place in sorted(set(places)))

    def notes(self) -> Iterator[str]:
        """Yield what each letter stands for."""
        for place, (kind, numbers) in enumerate(self._numbers.items()):
            shown = sorted(numbers, key=float) if "…" in kind else [""]
            words = ", ".join(shown[:-1]) + " or " * (len(shown) > 1) + shown[-1]
            yield f"{ascii_lowercase[place]} {kind.replace('…', words)}."


_NUMBER = re.compile(r"\d+(\.\d+)?")


def told(value: object) -> str:
    """Return a value in words: a day as ``2026-08-23``, None as ``unknown``."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return value.date().isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)


def slug(words: str) -> str:
    """Return words as part of the name of a file: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "other"


def of_whom(history: History) -> str:
    """Return of whom the figures of a history are, for the caption of a table."""
    return f"{history.population.n_distinct:,} tools of snapshot {history.snapshot}"


def uncaptioned(history: History, table: Table) -> Table:
    """Return a table whose caption does not say of whom it is, as what stands above it does."""
    return replace(table, caption=table.caption.removesuffix(f"; {of_whom(history)}"))


def population_sentence(history: History) -> str:
    """Return of whom all figures of a history are told, and what of them is not known.

    With what the source says of how they were found, such as the most that a search gives.
    """
    whose = history.population
    rows = f"{whose.n_rows:,} rows"
    if whose.n_duplicates:
        rows += f", {whose.n_duplicates:,} of them about a tool that was there already"
    kinds = [f"{kind} {n:,}" for kind, n in whose.kinds.items()]
    kinds += [f"not known {whose.n_kind_unknown:,}"] * (whose.n_kind_unknown > 0)
    by_kind = f"By kind: {', '.join(kinds)}." if whose.kinds else ""
    said = [f"{whose.n_distinct:,} tools, each once ({rows}).", _archived(whose), by_kind]
    notes = [f"{note.rstrip('.')}." for note in whose.notes[:MOST_NOTES]]
    if len(whose.notes) > MOST_NOTES:
        notes.append(
            f"{len(whose.notes) - MOST_NOTES:,} more notes are in the snapshot's manifest."
        )
    return " ".join(filter(None, [*said, _observed(whose), *notes]))


def _archived(whose: PopulationFigures) -> str:
    if whose.n_archived_unknown == whose.n_distinct:
        return "Whether they are archived is not known."
    alive = whose.n_distinct - whose.n_archived - whose.n_archived_unknown
    words = f"Of these {alive:,} are not archived, {whose.n_archived:,} are"
    if whose.n_archived_unknown:
        words += f", of {whose.n_archived_unknown:,} it is not known"
    return f"{words}."


def _observed(whose: PopulationFigures) -> str:
    if whose.earliest is None:
        return "None has a day of observation: nothing of their history is computed."
    is_one_day = whose.earliest == whose.latest
    days = f"on {whose.earliest}" if is_one_day else f"from {whose.earliest} to {whose.latest}"
    if not whose.n_unobserved:
        return f"Last observed {days}."
    return (
        f"Last observed {days}; {whose.n_unobserved:,} have no day of observation, and nothing of "
        "their history is computed."
    )
