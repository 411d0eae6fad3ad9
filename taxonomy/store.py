"""Taxonomies on disk."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from artifacts.errors import ArtifactError
from artifacts.files import storage_errors, write_bytes, write_text
from artifacts.notation import json_value
from artifacts.tables import STRINGS, read_table, write_table
from taxonomy.ensemble import RunPlan
from taxonomy.types import CUTS, UNSEEN, Labels

KIND = "taxonomy"
FOLDER = "taxonomies"

ASSIGNMENTS = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("topic", pa.int32(), nullable=False),
        pa.field("nearest_topic", pa.int32(), nullable=False),
        pa.field("strength", pa.float64(), nullable=False),
    ]
)
_NODE = [
    pa.field("label", pa.string(), nullable=False),
    pa.field("size", pa.int32(), nullable=False),
    pa.field("stability", pa.float64(), nullable=False),
    pa.field("keywords", STRINGS, nullable=False),
    pa.field("weights", pa.list_(pa.float64()), nullable=False),
    pa.field("exemplars", STRINGS, nullable=False),
]
CATEGORIES = pa.schema([pa.field("category", pa.int32(), nullable=False), *_NODE])
TOPICS = pa.schema(
    [
        pa.field("topic", pa.int32(), nullable=False),
        pa.field("category", pa.int32(), nullable=False),
        *_NODE,
    ]
)
MAP = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("x", pa.float64(), nullable=False),
        pa.field("y", pa.float64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class StoredTaxonomy:
    """A taxonomy as its tables hold it.

    Attributes
    ----------
    assignments, topics, categories, map
        Tables of the schemas above.
    stability
        What `taxonomy.stability` measured of the whole.
    """

    assignments: pa.Table
    topics: pa.Table
    categories: pa.Table
    map: pa.Table
    stability: dict[str, Any]


def write_taxonomy(
    folder: Path, taxonomy: StoredTaxonomy, *, runs: Labels, plans: Sequence[RunPlan]
) -> None:
    """Write the tables of a taxonomy into ``folder``; the manifest is the caller's."""
    write_table(folder / "assignments.parquet", taxonomy.assignments)
    write_table(folder / "topics.parquet", taxonomy.topics)
    write_table(folder / "categories.parquet", taxonomy.categories)
    write_table(folder / "map.parquet", taxonomy.map)
    write_table(folder / "runs.parquet", _runs_table(taxonomy.assignments["key"], runs))
    plan_rows = [vars(plan) for plan in plans]
    write_json(folder / "stability.json", {**taxonomy.stability, "runs": plan_rows})


def read_taxonomy(folder: Path) -> StoredTaxonomy:
    """Read the tables of a taxonomy; raise `ArtifactError` if one is missing or damaged."""
    return StoredTaxonomy(
        assignments=read_table(folder / "assignments.parquet", ASSIGNMENTS),
        topics=read_table(folder / "topics.parquet", TOPICS),
        categories=read_table(folder / "categories.parquet", CATEGORIES),
        map=read_table(folder / "map.parquet", MAP),
        stability=_read_json(folder / "stability.json"),
    )


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json_value(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"The file cannot be read: {error}.", where=str(path), fix="make the taxonomy again"
        ) from error
    return value


def _runs_table(keys: pa.ChunkedArray, runs: Labels) -> pa.Table:
    columns: dict[str, Any] = {"key": keys}
    for number, labels in enumerate(runs):
        run, cut = divmod(number, CUTS)
        columns[f"run_{run:03d}_{cut}"] = pa.array(labels, pa.int32(), mask=labels == UNSEEN)
    return pa.table(columns)


class RunFiles:
    """Finished runs of one ensemble, a file each, so that an interrupted one goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, plan: RunPlan) -> Labels | None:
        """Return the labels of a finished run, or None."""
        path = self._path(plan)
        if not path.exists():
            return None
        try:
            labels: Labels = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactError(
                f"A finished run cannot be read: {error}.",
                where=str(path),
                fix="delete the file: the run is done again",
            ) from error
        return labels

    def save(self, plan: RunPlan, labels: Labels) -> None:
        """Keep the labels of a finished run: on disk, whole, when this returns."""
        buffer = io.BytesIO()
        np.save(buffer, labels, allow_pickle=False)
        write_bytes(self._path(plan), buffer.getvalue())

    def clear(self) -> None:
        """Remove the files, once the taxonomy that they were for is written."""
        with storage_errors(self._folder):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, plan: RunPlan) -> Path:
        return self._folder / f"{plan.seed}-{'-'.join(map(str, plan.sizes))}.npy"
