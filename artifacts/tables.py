"""Tables with a declared schema, kept in Parquet."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from artifacts.aside import AsideFile, let_go
from artifacts.errors import ArtifactError
from artifacts.files import new_file
from artifacts.shelf import disk_errors

if TYPE_CHECKING:
    import numpy as np

CHUNK_ROWS = 50_000
"""Rows that are written at a time."""
ROWS_AT_ONCE = 1_000
"""Rows that are held as Python's objects at a time."""
READ_BYTES = 1 << 20
"""Of a column that are read at a time, where rows are few at a time."""
PIECE_BYTES = 1 << 23
"""So much, about, of a growing table, or of the texts of a column, is held in memory."""
LARGE_BYTES = 1 << 29
"""Of texts in a column: one that has more is not made one piece."""
MOST_TEXT_BYTES = (1 << 31) - 1
"""Of texts in one piece of a column."""
_TAKEN_AT_ONCE = 4_096
_PIECE_ROWS = 16_384  # a multiple of the rows that Parquet takes at a time: to its bytes no matter
UTC_TIME = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())


def required(type_: pa.DataType, *names: str) -> list[pa.Field]:
    """Return columns of one type, for a schema, in which no value is missing."""
    return [pa.field(name, type_, nullable=False) for name in names]


def table_from_rows(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return ``rows`` as a table of ``schema``; what a row lacks is null."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


class TableBuilder:
    """A table that grows row by row: few of its rows are Python's objects at a time.

    One that is large is on disk, and what it gives is read from there (`artifacts.aside`).

    Parameters
    ----------
    schema
        Of the table; what a row lacks is null.

    Attributes
    ----------
    n_rows
        How many rows were added.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self.n_rows = 0
        self._schema = schema
        self._waiting: list[Mapping[str, Any]] = []
        self._small: list[pa.Table] = []
        self._n_bytes = 0
        self._aside: AsideFile | None = None
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    def add(self, *rows: Mapping[str, Any]) -> None:
        """Add rows at the end."""
        self._waiting.extend(rows)
        self.n_rows += len(rows)
        if len(self._waiting) >= ROWS_AT_ONCE:
            self._settle()

    def append(self, rows: pa.Table) -> None:
        """Add rows at the end that are a table already, a small one."""
        self._settle()
        self.n_rows += rows.num_rows
        self._keep(rows)

    def finish(self) -> pa.Table:
        """Return the table, and hold none of its rows any more."""
        self._settle()
        if self._aside is None or self._writer is None:
            small, self._small = self._small, []
            return pa.concat_tables(small).combine_chunks() if small else self._schema.empty_table()
        self._put_aside()
        with disk_errors():
            self._writer.close()
        reader = pa.ipc.open_file(self._aside.finish())
        self._aside = self._writer = None
        batches = map(reader.get_batch, range(reader.num_record_batches))
        return pa.Table.from_batches(batches, self._schema)

    def _settle(self) -> None:
        """Make a table of the rows that wait."""
        if self._waiting:
            rows, self._waiting = self._waiting, []
            self._keep(table_from_rows(rows, self._schema))

    def _keep(self, small: pa.Table) -> None:
        self._small.append(small)
        self._n_bytes += small.nbytes
        if self._n_bytes >= PIECE_BYTES:
            self._put_aside()

    def _put_aside(self) -> None:
        """Write the small tables to disk as one piece."""
        if self._aside is None or self._writer is None:
            self._aside = AsideFile()
            self._writer = pa.ipc.new_file(self._aside.file, self._schema)
        if self._small:
            piece = pa.concat_tables(self._small).combine_chunks()
            with disk_errors():
                self._writer.write_table(piece)
        piece, self._small, self._n_bytes = None, [], 0
        pa.default_memory_pool().release_unused()  # which Arrow would keep for what comes next


def gathered(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table of ``schema``, as `table_from_rows`, but take them as they come."""
    builder = TableBuilder(schema)
    for row in rows:
        builder.add(row)
    return builder.finish()


def taken(table: pa.Table, places: np.ndarray) -> pa.Table:
    """Return the rows at some places, in this order; those of a large table are on disk.

    Parameters
    ----------
    places
        Row numbers from 0, shape (rows,).
    """
    import numpy as np

    places, n = places.astype(np.int64), len(places)
    if n == 0 or (places[-1] - places[0] == n - 1 and (np.diff(places) == 1).all()):
        return table.slice(int(places[0]) if n else 0, n)
    batches = table.to_batches()
    starts = np.cumsum([0, *(batch.num_rows for batch in batches)])
    builder = TableBuilder(table.schema)
    for first in range(0, n, _TAKEN_AT_ONCE):
        some = places[first : first + _TAKEN_AT_ONCE]
        holder = np.searchsorted(starts, some, side="right") - 1
        order = np.argsort(holder, kind="stable")
        parts = []
        for each in np.unique(holder):
            parts.append(batches[each].take(pa.array(some[holder == each] - starts[each])))
            let_go()
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        joined = pa.Table.from_batches(parts).combine_chunks()
        builder.append(joined.take(pa.array(back)))
    return builder.finish()


def in_equal_pieces(table: pa.Table, *, large_bytes: int = LARGE_BYTES) -> pa.Table:
    """Return a table in pieces that its rows alone determine, in whatever pieces it came.

    Its columns are of one piece each; one with a large amount of text has a piece of every 16,384
    rows. What is in such pieces already is not copied, and the copy of much text is on disk.
    """
    columns = [_in_equal_pieces(column, large_bytes) for column in table.columns]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _in_equal_pieces(column: pa.ChunkedArray, large_bytes: int) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    is_text = pa.types.is_string(column.type)
    n_bytes = (pc.sum(pc.binary_length(column)).as_py() or 0) if is_text else 0
    step = _PIECE_ROWS if n_bytes > large_bytes else max(1, len(column))
    parts = [column.slice(at, step) for at in range(0, len(column), step)]
    if n_bytes > PIECE_BYTES and any(part.num_chunks > 1 for part in parts):
        pieces = _texts_aside(parts)
    else:
        pieces = [p.chunk(0) if p.num_chunks == 1 else p.combine_chunks() for p in parts]
    return pa.chunked_array(pieces, column.type)


def _texts_aside(parts: Sequence[pa.ChunkedArray]) -> list[pa.Array]:
    """Return each part of a column of texts in one piece, with its texts on disk."""
    import numpy as np
    import pyarrow.compute as pc

    aside = AsideFile()
    found = []
    for part in parts:
        start, ends = aside.n_bytes, [np.zeros(1, dtype=np.int32)]
        for chunk in part.chunks:
            _, offsets, texts = chunk.buffers()
            if len(chunk):
                own = np.frombuffer(offsets, np.int32)[chunk.offset :][: len(chunk) + 1]
                ends.append(own[1:] - own[0] + np.int32(aside.n_bytes - start))
                aside.write(memoryview(texts or b"")[own[0] : own[-1]])
                let_go()
        is_there = np.packbits(pc.is_valid(part).to_numpy(), bitorder="little")
        found.append((start, part, np.concatenate(ends), is_there))
    every = aside.finish()
    return [
        pa.Array.from_buffers(
            part.type,
            len(part),
            [pa.py_buffer(is_there), pa.py_buffer(ends), every.slice(start, ends[-1])],
            part.null_count,
        )
        for start, part, ends, is_there in found
    ]


def write_parquet(table: pa.Table, file: BinaryIO) -> None:
    """Write the table as Parquet: equal tables give equal bytes (for one pyarrow version).

    Tables of equal rows are equal if they are also in equal pieces (`in_equal_pieces`).
    """
    pq.write_table(table, _Sink(file.write), compression="zstd", write_page_checksum=True)


class _Sink(io.RawIOBase):
    """Takes what is written piece by piece, and keeps none; what was read for it is let go."""

    def __init__(self, take: Callable[[Any], object]) -> None:
        super().__init__()
        self._take = take
        self._n_bytes = 0

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Take bytes; return how many they are."""
        self._take(data)
        let_go()
        n = memoryview(data).nbytes
        self._n_bytes += n
        return n

    def tell(self) -> int:
        """Return how many bytes were taken."""
        return self._n_bytes


def to_bytes(table: pa.Table) -> bytes:
    """Return the table as Parquet, as `write_parquet` writes it."""
    buffer = io.BytesIO()
    write_parquet(table, buffer)
    return buffer.getvalue()


def write_table(path: Path, table: pa.Table) -> None:
    """Write the table as Parquet, whole or not at all."""
    with new_file(path) as file:
        write_parquet(table, file)


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write rows as Parquet as they come, so that however many there are, few are held at a time.

    It is for a new folder that appears whole or not at all: the file alone does not.
    """
    rest = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        while (chunk := gathered(islice(rest, CHUNK_ROWS), schema)).num_rows:
            writer.write_table(chunk.combine_chunks())


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
        let_go()


class TableRows(Sequence[dict[str, Any]]):
    """The rows of a table, gone through as often as need be: few are Python's objects at a time."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return rows_of(self.table)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return self.table.to_pylist()[place]
        return self.table.slice(range(len(self))[place], 1).to_pylist()[0]


def batches_of(path: Path, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """Yield a table from a file few rows at a time; of the columns those that it has, None: all.

    Errors as `read_table`, but for its schema, which is not looked at.
    """
    try:
        with path.open("rb") as file:
            source = _source(file, buffer_size=READ_BYTES)
            there = source.schema_arrow.names
            wanted = None if columns is None else [name for name in columns if name in there]
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
    return _checked(table, path, schema, older=older, columns=columns)


def read_aside(
    path: Path,
    schema: pa.Schema | None = None,
    *,
    older: bool = False,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Read a table few rows at a time; one that is large is on disk, uncompressed.

    Parameters and errors as of `read_table`.
    """
    builder: TableBuilder | None = None
    for batch in batches_of(path, columns):
        builder = builder or TableBuilder(batch.schema)
        builder.append(pa.Table.from_batches([batch]))
    if builder is None:
        return read_table(path, schema, older=older, columns=columns)
    return _checked(builder.finish(), path, schema, older=older, columns=columns)


def _checked(
    table: pa.Table,
    path: Path,
    schema: pa.Schema | None,
    *,
    older: bool,
    columns: Sequence[str] | None,
) -> pa.Table:
    """Return a table whose columns are those of the schema that are wanted; None: whatever it has.

    Raises `ArtifactError` if they are not.
    """
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


def iter_rows(
    path: Path, schema: pa.Schema, *, older: bool = False, columns: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table few at a time, without the whole of it in memory.

    Parameters and errors as of `read_table`.
    """
    for batch in batches_of(path, columns):
        table = _checked(pa.Table.from_batches([batch]), path, schema, older=older, columns=columns)
        yield from table.to_pylist()


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
    digest = hashlib.sha256()
    left = table.drop_columns([c for c in leave_out if c in table.schema.names])
    pq.write_table(left, _Sink(digest.update), compression="zstd", write_page_checksum=True)
    return digest.hexdigest()
