"""CSV that is safe to open in a spreadsheet: the texts in it are by strangers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV (RFC 4180, lines end in CR LF); None is an empty cell.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def inert(cell: Cell) -> Cell:
    """Return the cell as a spreadsheet shows it without running it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
