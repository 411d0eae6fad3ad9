"""Comparisons on disk, and the resampled consensuses that they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from artifacts.errors import ArtifactError
from artifacts.notation import json_value
from artifacts.tables import STRINGS, read_table, required, table_from_rows, write_table
from taxonomy.lineage.values import (
    ChainNode,
    Flow,
    Growth,
    Lineage,
    LineageEvent,
    Move,
    NodeLink,
    NoiseFloor,
)
from taxonomy.store import unreadable, write_json
from taxonomy.types import Labels

FOLDER = "lineages"
KIND = "lineage"
CHAIN_KIND = "identities"
POOLS = "pools"
POOL_KIND = "pool"
POOL_FILE = "resampled.parquet"

NUMBERS = pa.list_(pa.int32())


LINKS = pa.schema(
    [
        *required(pa.int32(), "earlier", "later", "shared"),
        *required(pa.float64(), "jaccard", "part_of_earlier", "part_of_later", "content"),
        *required(pa.bool_(), "is_assigned", "is_heir"),
    ]
)
EVENTS = pa.schema(
    [
        *required(pa.string(), "kind"),
        *required(NUMBERS, "earlier", "later"),
        *required(pa.float64(), "size", "p_rerun", "p_documents"),
        *required(pa.string(), "verdict", "reason"),
        *required(STRINGS, "evidence"),
    ]
)
GROWTH = pa.schema(
    [
        pa.field("earlier", pa.int32()),
        pa.field("later", pa.int32()),
        *required(pa.int32(), "size_earlier", "size_later", "new", "left"),
        *required(pa.int32(), "moved_in", "moved_out", "stayed", "redescribed"),
        *required(pa.float64(), "low", "high", "share_earlier", "share_later", "p"),
        *required(pa.string(), "verdict"),
    ]
)
MOVES = pa.schema(
    [
        pa.field("key_earlier", pa.string()),
        pa.field("key_later", pa.string()),
        *required(pa.int32(), "earlier", "later"),
        *required(pa.string(), "stay"),
        *required(pa.bool_(), "is_redescribed"),
    ]
)
FLOWS = pa.schema(
    [
        pa.field("earlier", pa.int32()),
        pa.field("later", pa.int32()),
        *required(pa.int32(), "documents"),
    ]
)
TABLES: Mapping[str, tuple[pa.Schema, type[Any]]] = {
    "links": (LINKS, NodeLink),
    "events": (EVENTS, LineageEvent),
    "growth": (GROWTH, Growth),
    "moves": (MOVES, Move),
    "flows": (FLOWS, Flow),
}

IDENTITIES = pa.schema(
    [
        *required(pa.int32(), "snapshot", "number", "identity"),
        *required(pa.string(), "since"),
        *required(NUMBERS, "parents"),
    ]
)

T = TypeVar("T")


def pool_folder(workspace: Path, taxonomy: str) -> Path:
    """Return where the resampled consensuses of a taxonomy are kept."""
    return workspace / FOLDER / POOLS / taxonomy


def write_lineage(folder: Path, lineage: Lineage) -> None:
    """Write the tables of a comparison into ``folder``; the manifest is the caller's."""
    for name, (schema, _) in TABLES.items():
        rows = [asdict(value) for value in getattr(lineage, name)]
        write_table(folder / f"{name}.parquet", table_from_rows(rows, schema))
    about = {"earlier": lineage.earlier, "later": lineage.later, "layer": lineage.layer}
    floor = asdict(lineage.floor) | {"spread": dict(lineage.floor.spread)}
    write_json(folder / "noise_floor.json", about | {"floor": floor})


def read_lineage(folder: Path) -> Lineage:
    """Read what `write_lineage` wrote; raise `ArtifactError` if it is missing or damaged."""
    path = folder / "noise_floor.json"
    with unreadable("The comparison", path, fix="compare the taxonomies again"):
        about = json_value(path.read_text(encoding="utf-8"))
        floor = about["floor"]
        floor |= {name: tuple(floor[name]) for name in ("n_resamples", "agreement")}
        parts = {
            name: _values(folder / f"{name}.parquet", schema, made)
            for name, (schema, made) in TABLES.items()
        }
        return Lineage(
            earlier=about["earlier"],
            later=about["later"],
            layer=about["layer"],
            floor=NoiseFloor(**floor),
            **parts,
        )


def write_identities(folder: Path, nodes: Sequence[ChainNode]) -> None:
    """Write the ids of a chain into ``folder``."""
    rows = [asdict(node) for node in nodes]
    write_table(folder / "identities.parquet", table_from_rows(rows, IDENTITIES))


def read_identities(folder: Path) -> tuple[ChainNode, ...]:
    """Read the ids of a chain; raise `ArtifactError` if they are missing or damaged."""
    return _values(folder / "identities.parquet", IDENTITIES, ChainNode)


def _values(path: Path, schema: pa.Schema, made: type[T]) -> tuple[T, ...]:
    names = [field.name for field in fields(made)]  # type: ignore[arg-type]
    rows: Sequence[dict[str, Any]] = read_table(path, schema).to_pylist()
    return tuple(made(**{name: _value(row[name]) for name in names}) for row in rows)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def write_pool(folder: Path, keys: Sequence[str], resampled: Labels) -> None:
    """Write resampled consensuses (n_resamples × n_docs) into ``folder``: a row a document."""
    columns: dict[str, Any] = {"key": list(keys)}
    columns |= {f"resample_{n:04d}": labels for n, labels in enumerate(resampled)}
    write_table(folder / POOL_FILE, pa.table(columns))


def read_pool(folder: Path, keys: Sequence[str]) -> Labels:
    """Read resampled consensuses; raise `ArtifactError` if they are of other documents."""
    table = read_table(folder / POOL_FILE)
    if table["key"].to_pylist() != list(keys):
        raise ArtifactError(
            "The resampled consensuses are of other documents.",
            where=str(folder),
            fix="delete the folder: they are made again",
        )
    columns = [table[name].to_numpy() for name in table.column_names[1:]]
    return np.stack(columns).astype(np.int32)
