"""Tables with a declared schema, kept in Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from artifacts.errors import ArtifactError
from artifacts.files import write_bytes
from artifacts.hashing import hash_bytes

CHUNK_ROWS = 50_000
"""Rows that are written at a time."""
ROWS_AT_ONCE = 1_000
"""Rows that are held as Python's objects at a time."""
BUFFER_BYTES = 1 << 20
"""Bytes of a column that are read at a time where its rows are read few at a time."""
UTC_TIME = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())


def required(type_: pa.DataType, *names: str) -> list[pa.Field]:
    """Return columns of one type, for a schema, in which no value is missing."""
    return [pa.field(name, type_, nullable=False) for name in names]


def table_from_rows(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return ``rows`` as a table of ``schema``; what a row lacks is null."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def to_bytes(table: pa.Table) -> bytes:
    """Return the table as Parquet: equal tables give equal bytes (for one pyarrow version)."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def write_table(path: Path, table: pa.Table) -> None:
    """Write the table as Parquet, whole or not at all."""
    write_bytes(path, to_bytes(table))


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write rows as Parquet as they come, so that however many there are, few are held at a time.

    It is for a new folder that appears whole or not at all: the file alone does not.
    """
    rest = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        while chunk := list(islice(rest, CHUNK_ROWS)):
            writer.write_table(table_from_rows(chunk, schema))


def batches_to_bytes(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, *, group_rows: int = CHUNK_ROWS
) -> bytes:
    """Return rows that come in batches as Parquet; what is held of them meanwhile is compressed.

    However they are cut into batches, up to ``group_rows`` rows give the bytes that `write_table`
    writes.

    Parameters
    ----------
    group_rows
        Rows that are held as they are, and that a reader can read by themselves.
    """
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd", write_page_checksum=True) as writer:
        waiting = schema.empty_table()
        for batch in batches:
            waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch], schema)])
            while waiting.num_rows > group_rows:
                writer.write_table(waiting.slice(0, group_rows).combine_chunks())
                waiting = waiting.slice(group_rows)
        writer.write_table(waiting.combine_chunks())
    data: bytes = sink.getvalue().to_pybytes()
    return data


def rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table one by one; few of them are Python's objects at a time."""
    for batch in table.to_batches(max_chunksize=ROWS_AT_ONCE):
        yield from batch.to_pylist()


def batches_of(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield a table from a file few rows at a time; of the columns those that it has.

    Errors as `read_table`, but for its schema, which is not looked at.
    """
    try:
        with path.open("rb") as file:
            source = _source(file, buffer_size=BUFFER_BYTES)
            there = source.schema_arrow.names
            wanted = [name for name in columns if name in there]
            yield from source.iter_batches(ROWS_AT_ONCE, columns=wanted, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def read_table(
    path: Path,
    schema: pa.Schema | None = None,
    *,
    older: bool = False,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Read a Parquet table; raise `ArtifactError` if missing, damaged or of another schema.

    Parameters
    ----------
    older
        Whether columns that an earlier version of opsatlas did not write yet are null.
    columns
        Those of the schema that are wanted, in this order: the others are not read. None: all.
    """
    try:
        with path.open("rb") as file:  # pyarrow takes no path that is not UTF-8
            table = _read(file, columns)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    if schema is None:
        return table
    if columns is not None:
        schema = pa.schema([schema.field(name) for name in columns])
    if older:
        table = _with_later_columns(table, schema)
    if not table.schema.equals(schema):
        raise ArtifactError(
            "The table has other columns than this version of opsatlas writes.",
            where=str(path),
            fix="make the artifact again",
        )
    return table


def count_rows(path: Path) -> int:
    """Return how many rows a Parquet table has; only its end is read. Errors as `read_table`."""
    try:
        with path.open("rb") as file:
            return int(pq.ParquetFile(file, pre_buffer=False).metadata.num_rows)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ArtifactError:
    return ArtifactError(
        f"The table cannot be read: {str(error).splitlines()[0]}",
        where=str(path),
        fix=_mending(path),
    )


def _mending(path: Path) -> str:
    """Return what to do about a damaged table: of a snapshot, which nothing makes again, or not."""
    if path.parent.parent.name != "snapshots":
        return "`opsatlas run`, or the command that made it, makes it again"
    verify = f"`opsatlas snapshot verify {path.parent.name}`"
    return f"see with {verify} what is damaged, and restore it from a copy"


def _read(file: BinaryIO, columns: Sequence[str] | None) -> pa.Table:
    """Read a table, or those of some columns that it has, in this thread alone.

    A thread of pyarrow's that lets go of a Python file while the interpreter ends takes the process
    with it, after all was done (apache/arrow#45017); for small tables threads take longer as well.
    """
    source = _source(file)
    if columns is None:
        return source.read(use_threads=False)
    there = source.schema_arrow.names
    return source.read([name for name in columns if name in there], use_threads=False)


def _source(file: BinaryIO, *, buffer_size: int = 0) -> pq.ParquetFile:
    return pq.ParquetFile(
        file, pre_buffer=False, buffer_size=buffer_size, page_checksum_verification=True
    )


def _with_later_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the table with the columns of the schema that it lacks, where these may be null."""
    lacking = [field for field in schema if field.name not in table.schema.names]
    if not lacking or not all(field.nullable for field in lacking):
        return table
    for field in lacking:
        table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    in_order = [field.name for field in schema if field.name in table.schema.names]
    return table.select(in_order) if len(in_order) == table.num_columns else table


def content_hash(table: pa.Table, *, leave_out: tuple[str, ...] = ()) -> str:
    """Return the hash of a table's content, the columns in ``leave_out`` (clocks) set aside."""
    return hash_bytes(
        to_bytes(table.drop_columns([c for c in leave_out if c in table.schema.names]))
    )
