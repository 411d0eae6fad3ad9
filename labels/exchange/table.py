"""Labels as CSV: a row per document and coder, and labels from tables made elsewhere.

The columns are key, title, url, coder, one per variable, memo, confidence, flagged, skipped,
seconds and coded_at. In the column of a variable stand the ids of its codes, with ``;`` between
them; nothing: not answered; a lone ``;``, or the codebook's word for none where one code is asked
for: answered, and no code applies. The table holds no texts, tags or facts of documents, and no
codebook: it is read into a set that has them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from artifacts.delimited import CellValue, csv_text, delimited, text_lines
from artifacts.errors import InputError
from artifacts.files import write_text
from artifacts.visible import visible
from labels.exchange.bundle import Bundle, ImportedBundle, utc
from labels.exchange.people import NOBODY
from labels.exchange.reading import KEY, TEXT, Into, Reading, read_text
from labels.records import CONFIDENCES, CodedItem, Codes, Confidence

SEPARATOR = ";"
BEFORE = ("key", "title", "url", "coder")
AFTER = ("memo", "confidence", "flagged", "skipped", "seconds", "coded_at")
_TRUE = ("yes", "true", "1")
_FALSE = ("no", "false", "0")
# What `csv_text` protects, and what would read as if it had.
_QUOTED = re.compile(r"'+[=+\-@\t\r]")

LabelRow = Mapping[str, str]
T = TypeVar("T")


def write_csv(bundle: Bundle, path: Path) -> None:
    """Write the labels as a table."""
    asked = [variable.id for variable in bundle.codebook.asked()]
    none = {
        v.id: bundle.codebook.word_for_none(v) for v in bundle.codebook.asked() if not v.multiple
    }
    documents = {document.key: document for document in bundle.documents}
    rows = [
        [
            item.key,
            visible(documents[item.key].title),
            documents[item.key].url,
            item.coder,
            *(_codes_cell(item.values.get(variable), none.get(variable)) for variable in asked),
            *(item.memo, item.confidence, _yes(item.flagged), _yes(item.skipped), item.seconds),
            item.coded_at.isoformat() if item.coded_at else None,
        ]
        for item in bundle.items
    ]
    guarded = ([_guarded(cell) for cell in row] for row in rows)
    write_text(path, csv_text([*BEFORE, *asked, *AFTER], guarded, exact=True))


def read_csv(path: Path, into: Into) -> ImportedBundle:
    """Read a table of labels, ours or any with a column that names documents.

    That column is called key, repo_key, full_name, repository or url, or holds the text; the
    columns of variables are called by the variables' ids, or as ``into.columns`` says. A code is
    given by id, name or alias, in any case. Rows belong to the coder that the column ``coder``
    names, as ``into.people`` has it.

    Raises
    ------
    InputError
        If the file is no such table, or any of its cells cannot be used: with the first of them.
    """
    table = delimited(text_lines(read_text(path)), where=str(path))
    head = [name.strip() for name in table.head]
    columns = _columns(head, into, path)
    reading = Reading(path, into)
    reader = _Rows(columns, reading)
    for line, cells in table.rows:
        reader.take(cells, head, f"line {line}")
    known = {*reading.documents.fields, TEXT, *BEFORE, *AFTER, *columns.values()}
    unread = [name for name in head if name not in known]
    left_out = [f"Not read: the columns {', '.join(unread)}."] if unread else []
    return reading.imported(left_out)


@dataclass
class _Rows:
    """Turns rows into items."""

    columns: Mapping[str, str]
    reading: Reading

    def take(self, cells: list[str], head: list[str], place: str) -> None:
        if len(cells) != len(head):
            self.reading.fault(place, f"{len(cells)} cells under {len(head)} columns")
            return
        row = {name: _unguarded(cell) for name, cell in zip(head, cells, strict=True)}
        key = self._key(row, place)
        values = {
            variable: codes
            for variable in self.columns
            if (codes := self._codes(row, variable, place)) is not None
        }
        seconds = self._read(_decimal, row, "seconds", place)
        coded_at = self._read(utc, row, "coded_at", place)
        confidence = self._read(_confidence, row, "confidence", place)
        flagged = self._read(_truth, row, "flagged", place) or False
        skipped = self._read(_truth, row, "skipped", place) or False
        if key:
            memo, coder = row.get("memo", ""), row.get("coder", NOBODY).strip()
            item = CodedItem(
                key, coder, values, memo, confidence, flagged, skipped, seconds, coded_at
            )
            self.reading.add(item, place=place)

    def _key(self, row: LabelRow, place: str) -> str | None:
        try:
            return self.reading.documents.key_of(row)
        except ValueError as error:
            self.reading.fault(place, str(error))
            return None

    def _codes(self, row: LabelRow, variable: str, place: str) -> Codes | None:
        cell, words = row[self.columns[variable]].strip(), self.reading.words[variable]
        if not cell:
            return None
        several = words.variable.multiple or cell == SEPARATOR
        parts = cell.split(SEPARATOR) if several else [cell]
        try:
            return words.codes(word for word in parts if word.strip())
        except ValueError as error:
            self.reading.fault(f"{place}, column {self.columns[variable]}", str(error))
            return None

    def _read(
        self, convert: Callable[[str], T], row: LabelRow, column: str, place: str
    ) -> T | None:
        cell = row.get(column, "").strip()
        if not cell:
            return None
        try:
            return convert(cell)
        except ValueError as error:
            self.reading.fault(f"{place}, column {column}", f"{error}")
            return None


def _columns(head: list[str], into: Into, path: Path) -> dict[str, str]:
    """Return the columns that answer variables; refuse a head that cannot be used."""
    where = f"{path}, line 1: {', '.join(head) or 'empty'}"
    repeated = [name for name, count in Counter(head).items() if count > 1]
    if repeated:
        raise InputError(f"The column '{repeated[0]}' is there twice.", where=where)
    fields = into.names_in()
    if not any(name in head for name in (*fields, TEXT)):
        raise InputError(
            f"No column names the documents ({', '.join(fields)}).",
            where=where,
            fix=f"say which does, as owner/name or an address: --column {KEY}=COLUMN",
        )
    wanted = into.answered_by()
    missing = [column for column in into.columns.values() if column not in head]
    columns = {variable: column for variable, column in wanted.items() if column in head}
    if missing or not columns:
        names = ", ".join(f"'{name}'" for name in missing or wanted.values())
        raise InputError(
            f"There is no column {names}.",
            where=where,
            fix="say which column answers which variable: --column VARIABLE=COLUMN",
        )
    return columns


def _codes_cell(codes: Codes | None, none: str | None) -> str | None:
    return None if codes is None else SEPARATOR.join(codes) or none or SEPARATOR


def _yes(value: bool) -> str | None:
    return "yes" if value else None


def _guarded(cell: CellValue) -> CellValue:
    return f"'{cell}" if isinstance(cell, str) and _QUOTED.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _QUOTED.match(cell) else cell


def _decimal(cell: str) -> float:
    return float(cell.replace(",", "."))  # spreadsheets write the comma of their country


def _truth(cell: str) -> bool:
    if cell.lower() not in _TRUE + _FALSE:
        raise ValueError(f"'{cell}' is neither yes nor no")
    return cell.lower() in _TRUE


def _confidence(cell: str) -> Confidence:
    for confidence in CONFIDENCES:
        if cell.lower() == confidence:
            return confidence
    raise ValueError(f"'{cell}' is none of {', '.join(CONFIDENCES)}")
