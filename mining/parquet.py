"""Rows of Parquet files; a value that Python cannot hold is a text, for its reader to refuse.

Such are times beyond the year 9999 and bytes that are not UTF-8; where nobody asks for the column
they do no harm.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from artifacts.errors import InputError
from artifacts.files import storage_errors
from mining.caps import MAX_BYTES, MAX_ROWS, too_large

MAGIC = b"PAR1"
BATCH_ROWS = 500
# What pyarrow raises where Python has no such value, or knows no such time zone.
_NO_VALUE = (OverflowError, ValueError, LookupError, pa.ArrowException)


def parquet_rows(path: Path, *, large: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of a Parquet file; raise `InputError` if it is none, or beyond the caps."""
    with storage_errors(path):
        data = io.BytesIO(path.read_bytes())
    try:
        with pq.ParquetFile(data) as source:
            if source.metadata.num_rows > MAX_ROWS and not large:
                raise too_large(path, f"has more than {MAX_ROWS:,} rows")
            n_bytes = 0
            for batch in source.iter_batches(batch_size=BATCH_ROWS):
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
        columns = [[_value(each) for each in column] for column in table.columns]
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
