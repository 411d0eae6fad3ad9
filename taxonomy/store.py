"""Taxonomies on disk."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from artifacts.arrays import Doubles
from artifacts.errors import ArtifactError, InputError
from artifacts.files import storage_errors, write_bytes, write_text
from artifacts.notation import json_value
from artifacts.tables import STRINGS, read_table, required, table_from_rows, write_table
from taxonomy.ensemble import RunPlan
from taxonomy.types import CUTS, UNSEEN, Labels, node_sizes

if TYPE_CHECKING:
    from taxonomy.describe import Description
    from taxonomy.engine import Topics
    from taxonomy.guidance.codes import CodeTexts
    from taxonomy.names.naming import Names, NodeName
    from taxonomy.structure import Structure

KIND = "taxonomy"
FOLDER = "taxonomies"

ASSIGNMENTS = pa.schema(
    [
        *required(pa.string(), "key"),
        *required(pa.int32(), "topic", "nearest_topic"),
        *required(pa.float64(), "strength"),
    ]
)
_NODE = [
    *required(pa.string(), "label"),
    *required(pa.int32(), "size"),
    *required(pa.float64(), "stability"),
    *required(STRINGS, "keywords"),
    *required(pa.list_(pa.float64()), "weights"),
    *required(STRINGS, "exemplars"),
    pa.field("description", pa.string()),
    pa.field("code", pa.string()),  # of the codebook that guides, if one does
]
CATEGORIES = pa.schema([*required(pa.int32(), "category"), *_NODE])
TOPICS = pa.schema([*required(pa.int32(), "topic", "category"), *_NODE])
UNGUIDED = "unguided"
"""Folder in that of a guided taxonomy: the tables of what the same runs find alone."""
MAP = pa.schema([*required(pa.string(), "key"), *required(pa.float64(), "x", "y")])
TABLES = {"assignments": ASSIGNMENTS, "topics": TOPICS, "categories": CATEGORIES, "map": MAP}
FILES = (*(f"{name}.parquet" for name in TABLES), "runs.parquet", "stability.json")
"""What a taxonomy's folder holds, besides names and what places documents that are yet to come."""
WORDS_IN_LABEL = 3
WORDLESS = "(no words)"
"""Label, and name, of a node whose texts have none, say only emoji."""


def refuse_to_replace(folder: Path) -> None:
    """Raise `InputError` where writing a taxonomy would remove what is none."""
    with storage_errors(folder):
        is_ours = folder.is_dir() and all((folder / name).exists() for name in FILES)
        is_empty = folder.is_dir() and not any(folder.iterdir())
        is_other = folder.exists() and not (is_ours or is_empty)
    if is_other:
        raise InputError(
            "Something that is no taxonomy is there, and saving one would remove it.",
            where=str(folder),
            fix="name a new folder",
        )


@dataclass(frozen=True)
class StoredTaxonomy:
    """A taxonomy as its tables hold it.

    Attributes
    ----------
    assignments, topics, categories, map
        Tables of the schemas above.
    stability
        What `taxonomy.consensus.stability` measured of the whole.
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
    plan_rows = [vars(plan) for plan in plans]
    write_found(folder, replace(taxonomy, stability={**taxonomy.stability, "runs": plan_rows}))
    write_table(folder / "runs.parquet", _runs_table(taxonomy.assignments["key"], runs))


def write_found(folder: Path, taxonomy: StoredTaxonomy) -> None:
    """Write what `read_taxonomy` reads into ``folder``, which is made if need be."""
    folder.mkdir(exist_ok=True)
    for name in TABLES:
        write_table(folder / f"{name}.parquet", getattr(taxonomy, name))
    write_json(folder / "stability.json", taxonomy.stability)


def read_taxonomy(folder: Path) -> StoredTaxonomy:
    """Read the tables of a taxonomy; raise `ArtifactError` if one is missing or damaged."""
    paths = {name: folder / f"{name}.parquet" for name in TABLES}
    tables = {name: read_table(at, TABLES[name], older=True) for name, at in paths.items()}
    path = folder / "stability.json"
    with unreadable("The file", path, fix="make the taxonomy again"):
        return StoredTaxonomy(**tables, stability=json_value(path.read_text(encoding="utf-8")))


def read_runs(folder: Path) -> tuple[tuple[str, ...], Labels]:
    """Read the runs of the ensemble: n_docs keys, and (n_runs · n_sizes) × n_docs labels.

    Raises
    ------
    ArtifactError
        If they are missing or damaged.
    """
    table = read_table(folder / "runs.parquet")
    runs = [table[name].fill_null(UNSEEN).to_numpy() for name in table.column_names[1:]]
    return tuple(table["key"].to_pylist()), np.array(runs, dtype=np.int32)


def runs_by_plan(folder: Path) -> dict[RunPlan, Labels]:
    """Read the runs of the ensemble, n_sizes × n_docs each; errors as of `read_runs`."""
    path = folder / "stability.json"
    with unreadable("The file", path, fix="make the taxonomy again"):
        rows = json_value(path.read_text(encoding="utf-8"))["runs"]
        plans = [RunPlan(row["seed"], tuple(row["sizes"])) for row in rows]
    ends = np.cumsum([len(plan.sizes) for plan in plans])
    return dict(zip(plans, np.split(read_runs(folder)[1], ends[:-1]), strict=True))


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def unreadable(what: str, path: Path, *, fix: str) -> Iterator[None]:
    """Raise `ArtifactError`, with this advice, where a file is missing or not what it should be."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{what} cannot be read: {error}.", where=str(path), fix=fix) from error


def _runs_table(keys: pa.ChunkedArray, runs: Labels) -> pa.Table:
    columns: dict[str, Any] = {"key": keys}
    for number, labels in enumerate(runs):
        run, cut = divmod(number, CUTS)
        columns[f"run_{run:03d}_{cut}"] = pa.array(labels, pa.int32(), mask=labels == UNSEEN)
    return pa.table(columns)


def as_tables(
    keys: Sequence[str],
    topics: Topics,
    names: Names | None = None,
    structure: Structure | None = None,
) -> StoredTaxonomy:
    """Return found topics as the tables that a taxonomy is kept in.

    Without ``names``, a node is labelled by its first keywords.
    """
    consensus, layer = topics.consensus, topics.category_layer
    assignments = pa.table(
        {
            "key": keys,
            "topic": consensus.topics,
            "nearest_topic": consensus.nearest,
            "strength": consensus.strengths,
        },
        schema=ASSIGNMENTS,
    )
    columns = {"key": keys, "x": topics.map[:, 0], "y": topics.map[:, 1]}
    of_topics, of_categories = (names.topics, names.categories) if names else (None, None)
    codes, parents = topics.codes()
    topic_rows = _node_rows(
        keys, consensus.topics, topics.stability.topics, topics.descriptions, of_topics, codes
    )
    for topic, row in enumerate(topic_rows):
        row |= {"topic": topic, "category": int(layer.category_of[topic])}
    category_rows = _node_rows(
        keys,
        topics.categories,
        layer.stability,
        topics.category_descriptions,
        of_categories,
        parents,
    )
    for category, row in enumerate(category_rows):
        row["category"] = category
    return StoredTaxonomy(
        assignments=assignments,
        topics=table_from_rows(topic_rows, TOPICS),
        categories=table_from_rows(category_rows, CATEGORIES),
        map=pa.table(columns).cast(MAP),
        stability={
            "halves_ami": topics.stability.halves_ami,
            "structure": None if structure is None else vars(structure),
            "guide": None if topics.guide is None else topics.guide.as_values(),
        },
    )


def _node_rows(
    keys: Sequence[str],
    labels: Labels,
    stability: Doubles,
    descriptions: Sequence[Description],
    names: Sequence[NodeName] | None,
    codes: Sequence[CodeTexts | None],
) -> list[dict[str, Any]]:
    """Return what the tables of both layers say of each node of one."""
    sizes = node_sizes(labels, len(descriptions))
    return [
        {
            "label": names[number].name if names else _label(description),
            "size": int(sizes[number]),
            "stability": float(stability[number]),
            "keywords": list(description.keywords),
            "weights": list(description.weights),
            "exemplars": [keys[document] for document in description.exemplars],
            "description": names[number].description if names else None,
            "code": None if (code := codes[number]) is None else code.id,
        }
        for number, description in enumerate(descriptions)
    ]


def _label(description: Description) -> str:
    return ", ".join(description.keywords[:WORDS_IN_LABEL]) or WORDLESS


class RunFiles:
    """Finished runs of one ensemble, a file each, so that an interrupted one goes on.

    Parameters
    ----------
    known
        Runs that are known beforehand, and in no file.
    """

    def __init__(self, folder: Path, known: Mapping[RunPlan, Labels] | None = None) -> None:
        self._folder = folder
        self._known = known or {}

    def load(self, plan: RunPlan) -> Labels | None:
        """Return the labels of a finished run, or None."""
        path = self._path(plan)
        if plan in self._known or not path.exists():
            return self._known.get(plan)
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
