"""Delimited text (CSV and its kin), read row by row as programs and countries write it.

What is written is safe to open in a spreadsheet: the texts in it are by strangers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.visible import visible

if TYPE_CHECKING:
    from _csv import Reader

COMMA = ","
DELIMITERS = {COMMA: "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What is looked for, and what it is called."""
MAX_CELL_CHARACTERS = 1 << 17
"""A longer cell is one whose quotation mark was never closed, in tables that hold no texts."""
SAMPLE_CHARACTERS = 1 << 16
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ANY = 2**31 - 1
_END = "\0end of the table\0"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NAMED = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)

Cells = list[str]
CellValue = str | int | float | bool | None


class UnclosedError(InputError):
    """A quotation mark is opened and never closed, so that what follows is one cell."""


@dataclass(frozen=True)
class Delimited:
    """A delimited text that is being read.

    Attributes
    ----------
    delimiter
        What separates its cells: as told, as its first line says (Excel's ``sep=;``), or found.
    head
        The names of its columns; empty where the text is.
    rows
        Its rows that are not blank, each with the number of the line, from 1, that it begins on.
    """

    delimiter: str
    head: Cells
    rows: Iterator[tuple[int, Cells]]

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield rows as cells by column; short rows lack the last ones, surplus cells are lost."""
        for line, cells in self.rows:
            yield line, dict(zip(self.head, cells, strict=False))


def text_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, be these of Unix, Windows, old Macs, or mixed."""
    return (match[0] for match in _LINE.finditer(text))


def delimited(
    lines: Iterable[str],
    *,
    where: str,
    delimiter: str | None = None,
    otherwise: str = COMMA,
    max_cell_characters: int = MAX_CELL_CHARACTERS,
) -> Delimited:
    """Begin to read a delimited text.

    Parameters
    ----------
    lines
        Its lines with their ends; cells in quotes may go over several.
    where
        What errors name.
    delimiter
        What separates the cells; None: to be found.
    otherwise
        What is taken where there is one column, so that nothing separates cells.

    Raises
    ------
    InputError
        If several delimiters are as likely; and while rows are read, if a cell is too long, or as
        an `UnclosedError` in the place of the last row.
    """
    csv.field_size_limit(_ANY)
    rest = iter(lines)
    sample = _first_lines(rest, SAMPLE_CHARACTERS)
    skipped = 0
    if sample and (named := _NAMED.fullmatch(sample[0])):
        delimiter, skipped = delimiter or named[1], 1
        sample = sample[1:] or _first_lines(rest, SAMPLE_CHARACTERS)
    separator = delimiter or _sniffed(sample, where) or otherwise
    spaced = _is_spaced(sample, separator)
    csv.field_size_limit(max_cell_characters)  # from here on, for the sample may be broken off
    every = chain(sample, rest, ["\n", _END])
    reader = csv.reader(every, delimiter=separator, skipinitialspace=spaced)
    rows = _rows(reader, skipped, where)
    _, head = next(rows, (0, []))
    while head and not head[-1].strip():  # spreadsheets write columns that are empty
        head.pop()
    return Delimited(separator, head, (_trimmed(line, cells, len(head)) for line, cells in rows))


def _first_lines(lines: Iterator[str], n_characters: int) -> list[str]:
    taken = []
    for line in lines:
        taken.append(line)
        n_characters -= len(line)
        if n_characters <= 0:
            break
    return taken


def _rows(reader: Reader, skipped: int, where: str) -> Iterator[tuple[int, Cells]]:
    line = skipped + 1
    try:
        for cells in reader:
            if cells and cells[-1].endswith(_END):
                break
            if cells:
                yield line, cells
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"The file is no CSV that can be read: {error}.",
            where=f"{where}, after line {line - 1}",
            fix="see whether a quotation mark is opened there and never closed",
        ) from error
    if cells != [_END]:
        raise UnclosedError(
            "The file is no CSV that can be read: a quotation mark is never closed.",
            where=f"{where}, in the row that begins on line {line}",
            fix="close it, or write it twice if it is part of the text",
        )


def _trimmed(line: int, cells: Cells, n_columns: int) -> tuple[int, Cells]:
    while len(cells) > n_columns and not cells[-1]:
        cells.pop()
    return line, cells


def _sniffed(sample: list[str], where: str) -> str | None:
    """Return the delimiter: it splits the head, and the rows into as many cells as the head.

    None where nothing parts the head.
    """
    best = [delimiter for delimiter in DELIMITERS if len(_head(sample, delimiter)) > 1]
    if len(best) > 1:
        fits = {delimiter: _fit(sample, delimiter) for delimiter in best}
        best = [delimiter for delimiter in best if fits[delimiter] == max(fits.values())]
    if len(best) > 1:
        names = " or ".join(DELIMITERS[delimiter] for delimiter in best)
        raise InputError(
            f"The columns may be separated by {names}: both fit.",
            where=f"{where}, line 1",
            fix=f"say which in a line above the first, such as sep={best[-1]}",
        )
    return best[0] if best else None


def _fit(sample: list[str], delimiter: str) -> float:
    """Return the share of the sample's rows that have as many cells as the head.

    The last row counts only if there is no other: where the sample ends it may be broken off.
    """
    rows = [cells for cells in csv.reader(sample, delimiter=delimiter) if cells]
    below = rows[1:-1] or rows[1:]
    return sum(len(cells) == len(rows[0]) for cells in below) / max(len(below), 1)


def _head(sample: list[str], delimiter: str) -> Cells:
    return next((cells for cells in csv.reader(sample, delimiter=delimiter) if cells), [])


def _is_spaced(sample: list[str], delimiter: str) -> bool:
    """Tell whether a space follows each delimiter of the head, as in ``name, "a, b"``."""
    head = _head(sample, delimiter)
    return len(head) > 1 and all(name.startswith(" ") for name in head[1:])


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
