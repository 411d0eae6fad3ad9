"""Rows of files of every format: what cannot be read is rejected by row, and the rest goes on.

A value in Parquet that Python cannot hold is a text, for its reader to refuse. Such are times
beyond the year 9999 and bytes that are not UTF-8; where nobody asks for the column they do no harm.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from artifacts.delimited import COMMA, DELIMITERS, UnclosedError, delimited
from artifacts.errors import InputError
from artifacts.files import storage_errors
from mining.reading import (
    MARKDOWN,
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_ROWS,
    ZERO_BYTE,
    InputFile,
    Rejects,
    joined,
    lines,
    refuse_other_formats,
    too_large,
)

MAGIC = b"PAR1"
HEAD_BYTES = 16
"""So many tell the formats apart."""
BATCH_ROWS = 500
# What pyarrow raises where Python has no such value, or knows no such time zone.
_NO_VALUE = (OverflowError, ValueError, LookupError, pa.ArrowException)
Record = tuple[int, dict[str, Any]]
"""The number of a row in its file, from 1 (a CSV's header is not a row), and its values."""
RowT = TypeVar("RowT")
_LISTS_ARE_READ = (
    "; lists of repositories in Markdown are read by `opsatlas import repositories FILE -s ID`"
)
_JSON = {".jsonl", ".ndjson", ".json"}
_DELIMITED = {".csv": COMMA, ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
"""What separates the cells of a file of that name, where nothing says otherwise."""


def records(file: InputFile, rejects: Rejects) -> Iterator[Record]:
    """Yield the rows of a JSONL, JSON, CSV, TSV or Parquet file, the text ones plain or gzip.

    Raises
    ------
    InputError
        If the file is none of these, or goes beyond the caps.
    """
    with storage_errors(file.path), file.path.open("rb") as raw:
        head = raw.read(HEAD_BYTES)
    suffix = suffix_of(file.path)
    if head.startswith(MAGIC):
        yield from _counted(parquet_rows(file.path, large=file.format.large), file)
    elif suffix in _JSON:
        yield from _json_records(file, rejects)
    elif suffix in _DELIMITED:
        yield from _delimited_records(file, rejects, otherwise=_DELIMITED[suffix])
    else:
        refuse_other_formats(file, head)
        raise InputError(
            "The file is neither JSONL, CSV nor Parquet.",
            where=str(file.path),
            fix="name it .jsonl, .csv, .tsv (each also with .gz) or .parquet"
            + (_LISTS_ARE_READ if suffix in MARKDOWN else ""),
        )


def suffix_of(path: Path) -> str:
    """Return what a file's name ends in, in lower case; ``.gz`` at its end does not count."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return next((suffix for suffix in reversed(suffixes) if suffix != ".gz"), "")


def is_table(path: Path) -> bool:
    """Tell whether a file's name is that of a table."""
    return suffix_of(path) in _JSON | _DELIMITED.keys() | {".parquet"}


def _counted(rows: Iterable[RowT], file: InputFile) -> Iterator[tuple[int, RowT]]:
    """Yield rows with their numbers from 1; raise `InputError` if they are too many."""
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS and not file.format.large:
            raise too_large(file.path, f"has more than {MAX_ROWS:,} rows")
        yield number, row


def objects_in_array(text: str, start: int) -> tuple[list[Any], int | None]:
    """Return the values of a JSON array whose bracket is at ``start``, and where it breaks off.

    The second is None if the array is whole.
    """
    decoder = json.JSONDecoder()
    items: list[Any] = []
    at = skip_blank(text, start + 1)
    while at < len(text) and text[at] != "]" and len(items) <= MAX_ROWS:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return items, at
        items.append(value)
        at = skip_blank(text, at)
        if text[at : at + 1] == ",":
            at = skip_blank(text, at + 1)
    return items, (None if text[at : at + 1] == "]" else at)


def skip_blank(text: str, at: int) -> int:
    """Return the place of the first character from ``at`` on that JSON does not skip."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _json_records(file: InputFile, rejects: Rejects) -> Iterator[Record]:
    stream = lines(file, rejects)
    n_objects = 0
    first: str | None = None
    for number, line in _counted(stream, file):
        text = line.strip()
        if not text:
            continue
        if first is None:
            first = text[0]
            if first == "[" or text == "{":  # one document, maybe on many lines
                yield from _document_records(joined(chain([line], stream), file), file, rejects)
                return
        if "\0" in text:
            rejects.add(file, number, ZERO_BYTE)
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            rejects.add(file, number, f"broken JSON: {error}")
            continue
        if isinstance(value, dict):
            n_objects += 1
            yield number, value
        else:
            rejects.add(file, number, f"a JSON {type(value).__name__} where an object should be")
    if n_objects == 0 and first != "{" and not (first is None and rejects.name(file)):
        raise InputError(
            "The file holds no JSON objects.",
            where=str(file.path),
            fix="give JSONL: one object on each line",
        )


def _document_records(text: str, file: InputFile, rejects: Rejects) -> Iterator[Record]:
    """Yield the objects of JSON arrays, or objects, that stand one after the other."""
    broken_at: list[int] = []
    number = 0
    for number, value in _counted(_values(text, broken_at), file):
        if isinstance(value, dict):
            yield number, value
        else:
            rejects.add(file, number, f"a JSON {type(value).__name__} where an object should be")
    for at in broken_at:
        rejects.add(file, number + 1, f"broken JSON from character {at} on")


def _values(text: str, broken_at: list[int]) -> Iterator[Any]:
    """Yield the values of JSON documents, those in an array one by one; note where they break."""
    decoder = json.JSONDecoder()
    at = skip_blank(text, 0)
    while at < len(text) and not broken_at:
        if text[at] == "[":
            at = yield from _items(text, at, broken_at)
        else:
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                broken_at.append(at)
                return
            yield value
        at = skip_blank(text, at)


def _items(text: str, start: int, broken_at: list[int]) -> Generator[Any, None, int]:
    """Yield the values of the JSON array at ``start``; return where it ends.

    Where its commas are not as they should be, it is used all the same, but is broken as a whole.
    """
    decoder = json.JSONDecoder()
    is_right, n_values = True, 0
    at = skip_blank(text, start + 1)
    while at < len(text) and text[at] != "]" and (is_right or n_values <= MAX_ROWS):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        yield value
        n_values += 1
        at = skip_blank(text, at)
        is_right = is_right and text[at : at + 1] in {",", "]"}
        if text[at : at + 1] == ",":
            at = skip_blank(text, at + 1)
            is_right = is_right and text[at : at + 1] != "]"
    if text[at : at + 1] != "]":
        broken_at.append(at)
        return at
    if not is_right:
        broken_at.append(start)
    return at + 1


def _delimited_records(file: InputFile, rejects: Rejects, *, otherwise: str) -> Iterator[Record]:
    delimiter = file.format.delimiter
    table = delimited(
        lines(file, rejects),
        where=str(file.path),
        delimiter=delimiter,
        otherwise=otherwise,
        max_cell_characters=MAX_CHARACTERS,
    )
    head = table.head
    if not head and rejects.name(file):
        return
    if not head or len(set(head)) < len(head):
        raise InputError(
            "The first line does not name each column once.",
            where=str(file.path),
            fix="give a CSV with a header line",
        )
    if delimiter is None and table.delimiter not in (COMMA, otherwise):
        name = DELIMITERS.get(table.delimiter, repr(table.delimiter))
        rejects.detected.append(f"{file.label}: its columns are separated by {name}.")
    number = 0
    try:
        for number, (_, cells) in _counted(table.rows, file):
            if len(cells) != len(head):
                rejects.add(file, number, f"{len(cells)} cells where the header has {len(head)}")
            elif any("\0" in cell for cell in cells):
                rejects.add(file, number, ZERO_BYTE)
            else:
                yield number, dict(zip(head, cells, strict=True))
    except UnclosedError as error:
        rejects.add(file, number + 1, f"{error.what} It takes up the rest of the file.")


def parquet_rows(path: Path, *, large: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of a Parquet file; raise `InputError` if it is none, or beyond the caps."""
    with storage_errors(path):
        file = path.open("rb")
    try:
        with file, pq.ParquetFile(file, pre_buffer=False) as source:
            if source.metadata.num_rows > MAX_ROWS and not large:
                raise too_large(path, f"has more than {MAX_ROWS:,} rows")
            n_bytes = 0
            # In this thread alone, as in `artifacts.tables`.
            for batch in source.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                n_bytes += batch.nbytes
                if n_bytes > MAX_BYTES and not large:
                    raise too_large(path, f"unpacks to more than {MAX_BYTES >> 30} GiB")
                yield from _rows(_plain_times(pa.Table.from_batches([batch])))
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"The Parquet file cannot be read: {(str(error) or repr(error)).splitlines()[0]}",
            where=str(path),
            fix="get the file again",
        ) from error


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = table.to_pylist()
    except _NO_VALUE:
        columns = [[_value(cell) for cell in column] for column in table.columns]
        rows = [
            dict(zip(table.column_names, cells, strict=True))
            for cells in zip(*columns, strict=True)
        ]
    return rows


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError as error:
        return error.object.decode("utf-8", "replace")
    except _NO_VALUE:
        return f"{scalar.type} that cannot be read"


def _plain_times(table: pa.Table) -> pa.Table:
    """Cast times to microseconds: finer ones would come out as pandas objects."""
    for index, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            cast = table.column(index).cast(pa.timestamp("us", tz=column.type.tz), safe=False)
            table = table.set_column(index, column.name, cast)
    return table
