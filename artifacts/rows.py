"""Rows of a table as frozen dataclasses: what a class says of itself is the table's schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa

from artifacts.intervals import Estimate
from artifacts.tables import STRINGS, UTC_TIME, read_table, table_from_rows

_Row = TypeVar("_Row")

ESTIMATE = pa.struct(
    [
        *((name, pa.float64()) for name in ("value", "low", "high")),
        ("n", pa.int64()),
        ("reason", pa.string()),
    ]
)
"""An `artifacts.intervals.Estimate`."""
_TYPES: Mapping[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: UTC_TIME,
    tuple[str, ...]: STRINGS,
    Estimate: ESTIMATE,
}


def schema_of(row: type) -> pa.Schema:
    """Return the schema of a table whose rows are objects of a dataclass.

    Its fields are texts, numbers, flags, times, tuples of texts, `Estimate`, or literals of texts;
    those that may be None are null there.
    """
    hints = get_type_hints(row)
    return pa.schema([_field(each.name, hints[each.name]) for each in fields(row)])


def table_of(rows: Iterable[Any], row: type) -> pa.Table:
    """Return objects of a dataclass as a table, in their order."""
    return table_from_rows(map(asdict, rows), schema_of(row))


def read_rows(path: Path, row: type[_Row]) -> tuple[_Row, ...]:
    """Return the objects of a dataclass that `table_of` made a table of.

    Raises
    ------
    ArtifactError
        If the table is missing, damaged, or of another version.
    """
    return objects(read_table(path, schema_of(row)), row)


def objects(table: pa.Table, row: type[_Row]) -> tuple[_Row, ...]:
    """Return the rows of a table as objects of a dataclass, in their order."""
    return tuple(
        row(**{name: _value(cell) for name, cell in each.items()}) for each in table.to_pylist()
    )


def _field(name: str, hint: Any) -> pa.Field:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    (meant,) = [each for each in options if each is not type(None)]
    if get_origin(meant) is Literal:
        meant = str
    return pa.field(name, _TYPES[meant], nullable=len(options) > 1)


def _value(cell: Any) -> Any:
    if isinstance(cell, Mapping):
        return Estimate(**cell)
    return tuple(cell) if isinstance(cell, list) else cell
