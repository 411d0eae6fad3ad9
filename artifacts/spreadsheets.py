"""CSV that is safe to open in a spreadsheet: the texts in it are by strangers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from artifacts.visible import visible

CellValue = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(
    head: Sequence[str], rows: Iterable[Sequence[CellValue]], *, exact: bool = False
) -> str:
    """Return a table as CSV (RFC 4180, lines end in CR LF); None is an empty cell.

    A text that a spreadsheet would run as a formula gets an apostrophe before it. What cannot be
    seen, or acts on a terminal, is written out, unless ``exact``: for what is read again.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    writer.writerows([inert(cell, exact=exact) for cell in row] for row in rows)
    return buffer.getvalue()


def inert(cell: CellValue, *, exact: bool = False) -> CellValue:
    """Return the cell as a spreadsheet shows it without running it."""
    if not isinstance(cell, str):
        return cell
    shown = cell if exact else visible(cell)
    return f"'{shown}" if cell.startswith(_FORMULA) else shown
