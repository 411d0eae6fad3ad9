"""Input files, read row by row: what cannot be read is rejected by row and never stops the rest."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from artifacts.errors import InputError
from artifacts.files import storage_errors
from artifacts.hashing import hash_file

Record = tuple[int, dict[str, Any]]
"""The number of a row in its file, from 1 (a CSV's header is not a row), and its values."""

CHUNK_BYTES = 1 << 20
BATCH_ROWS = 2_000
CSV_FIELD_MAX_CHARACTERS = 2**31 - 1
_GZIP_MAGIC = b"\x1f\x8b"
_PARQUET_MAGIC = b"PAR1"
_TEXT_FORMATS = {".jsonl": "json", ".ndjson": "json", ".json": "json", ".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True)
class InputFile:
    """One file to import: where it is, what it is called in reports, and its content's hash."""

    path: Path
    label: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class Reject:
    """One thing that could not be read: in which file and row, which field, and why."""

    file: str
    row: int | None
    field: str | None
    reason: str


@dataclass
class Rejects:
    """What was rejected so far, and how many lines were not valid UTF-8 (used, but repaired)."""

    items: list[Reject] = field(default_factory=list)
    repaired: Counter[str] = field(default_factory=Counter)

    def add(
        self, file: InputFile, row: int | None, reason: str, *, column: str | None = None
    ) -> None:
        """Note that a row, or with None a stretch of the file, was rejected."""
        self.items.append(Reject(file.label, row, column, reason))

    def name(self, file: InputFile) -> bool:
        """Tell whether something of this file was rejected."""
        return any(item.file == file.label for item in self.items)

    def repair_notes(self) -> list[str]:
        """Return a note for each file in which bytes that are not UTF-8 were replaced."""
        return [
            f"{name}: bytes that are not UTF-8 in {n:,} lines; U+FFFD stands in their place."
            for name, n in sorted(self.repaired.items())
        ]


def input_files(paths: Sequence[Path]) -> list[InputFile]:
    """Return the files to import, ordered by label, so that the order they came in is no matter.

    Raises
    ------
    InputError
        If one is missing, a folder, or empty.
    """
    unique = sorted({path.resolve(): path for path in paths}.values())
    names = Counter(path.name for path in unique)
    files = []
    for path in unique:
        _refuse_what_is_no_file(path)
        label = path.name if names[path.name] == 1 else f"{path.resolve().parent.name}/{path.name}"
        with storage_errors(path):
            files.append(InputFile(path, label, hash_file(path), path.stat().st_size))
    return sorted(files, key=lambda file: (file.label, file.sha256))


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise InputError("This is a folder, not a file.", where=str(path), fix="name its files")
    if not path.exists():
        raise InputError("There is no such file.", where=str(path), fix="check the path")
    if not path.is_file():
        raise InputError("This is not a file that can be read twice.", where=str(path))
    if path.stat().st_size == 0:
        raise InputError("The file is empty.", where=str(path), fix="leave it out or get it again")


def chunks(file: InputFile, rejects: Rejects) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked if it is gzip; a damaged end is rejected, no more."""
    with storage_errors(file.path), file.path.open("rb") as raw:
        packed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        source = gzip.GzipFile(fileobj=raw) if packed else raw
        while True:
            try:
                chunk = source.read1(CHUNK_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                rejects.add(file, None, "the gzip file is cut off or damaged from here on")
                return
            if not chunk:
                return
            yield chunk


def lines(file: InputFile, rejects: Rejects) -> Iterator[str]:
    """Yield the lines of a text file; bytes that are not UTF-8 become U+FFFD and are counted.

    Raises
    ------
    InputError
        If the file is not text at all.
    """
    rest = b""
    first = True
    for chunk in chunks(file, rejects):
        if first:
            _refuse_binary(file, chunk)
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            first = False
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield _decoded(line, file, rejects) + "\n"
    if rest:
        yield _decoded(rest, file, rejects)


def content(file: InputFile, rejects: Rejects) -> str:
    """Return the whole text of a file."""
    return "".join(lines(file, rejects))


def records(file: InputFile, rejects: Rejects) -> Iterator[Record]:
    """Yield the rows of a JSONL, JSON, CSV, TSV or Parquet file, the text ones plain or gzip.

    Raises
    ------
    InputError
        If the file is none of these.
    """
    with storage_errors(file.path), file.path.open("rb") as raw:
        head = raw.read(4)
    if head == _PARQUET_MAGIC:
        yield from _parquet_records(file)
        return
    suffixes = [suffix.lower() for suffix in file.path.suffixes]
    suffix = next((s for s in reversed(suffixes) if s != ".gz"), "")
    kind = _TEXT_FORMATS.get(suffix)
    if kind is None:
        raise InputError(
            "The file is neither JSONL, CSV nor Parquet.",
            where=str(file.path),
            fix="name it .jsonl, .csv, .tsv (each also with .gz) or .parquet",
        )
    if kind == "json":
        yield from _json_records(file, rejects)
    else:
        yield from _csv_records(file, rejects, delimiter=kind)


def objects_in_array(text: str, start: int) -> tuple[list[Any], int | None]:
    """Return the values of a JSON array whose bracket is at ``start``, and where it breaks off.

    The second is None if the array is whole.
    """
    decoder = json.JSONDecoder()
    found: list[Any] = []
    at = skip_blank(text, start + 1)
    while at < len(text) and text[at] != "]":
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return found, at
        found.append(value)
        at = skip_blank(text, at)
        if text[at : at + 1] == ",":
            at = skip_blank(text, at + 1)
    return found, (None if text[at : at + 1] == "]" else at)


def skip_blank(text: str, at: int) -> int:
    """Return the place of the first character from ``at`` on that JSON does not skip."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _refuse_binary(file: InputFile, head: bytes) -> None:
    if b"\0" in head[:8192]:
        raise InputError(
            "The file is not text: it holds zero bytes.",
            where=str(file.path),
            fix="give the data file itself, in UTF-8",
        )


def _decoded(line: bytes, file: InputFile, rejects: Rejects) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        rejects.repaired[file.label] += 1
        return line.decode("utf-8", "replace")


def _json_records(file: InputFile, rejects: Rejects) -> Iterator[Record]:
    stream = lines(file, rejects)
    n_objects = 0
    first: str | None = None
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        if first is None:
            first = line.lstrip()[0]
            if first == "[":
                yield from _array_records(line + "".join(stream), file, rejects)
                return
        try:
            value = json.loads(line)
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


def _array_records(text: str, file: InputFile, rejects: Rejects) -> Iterator[Record]:
    values, broken_at = objects_in_array(text, text.index("["))
    for number, value in enumerate(values, start=1):
        if isinstance(value, dict):
            yield number, value
        else:
            rejects.add(file, number, f"a JSON {type(value).__name__} where an object should be")
    if broken_at is not None:
        rejects.add(file, len(values) + 1, f"broken JSON from character {broken_at} on")


def _csv_records(file: InputFile, rejects: Rejects, *, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(CSV_FIELD_MAX_CHARACTERS)
    reader = csv.reader(lines(file, rejects), delimiter=delimiter)
    header = next(reader, None)
    if header is None and rejects.name(file):
        return
    if not header or len(set(header)) < len(header):
        raise InputError(
            "The first line does not name each column once.",
            where=str(file.path),
            fix="give a CSV with a header line",
        )
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            rejects.add(file, number, f"broken CSV: {error}")
            continue
        if not cells:
            number -= 1
        elif len(cells) != len(header):
            rejects.add(file, number, f"{len(cells)} cells where the header has {len(header)}")
        else:
            yield number, dict(zip(header, cells, strict=True))


def _parquet_records(file: InputFile) -> Iterator[Record]:
    try:
        with storage_errors(file.path):
            data = io.BytesIO(file.path.read_bytes())
        with pq.ParquetFile(data) as source:
            number = 0
            for batch in source.iter_batches(batch_size=BATCH_ROWS):
                for row in _plain_times(pa.Table.from_batches([batch])).to_pylist():
                    number += 1
                    yield number, row
    except pa.ArrowException as error:
        raise InputError(
            f"The Parquet file cannot be read: {str(error).splitlines()[0]}",
            where=str(file.path),
            fix="get the file again",
        ) from error


def _plain_times(table: pa.Table) -> pa.Table:
    """Cast times to microseconds: finer ones would come out as pandas objects."""
    for index, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            cast = table.column(index).cast(pa.timestamp("us", tz=column.type.tz), safe=False)
            table = table.set_column(index, column.name, cast)
    return table
