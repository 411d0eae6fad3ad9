"""A taxonomy as it is shown: its layers, with what people decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artifacts.hashing import hash_file, hash_value
from taxonomy.decisions import audit_table, decision_file
from taxonomy.decisions.decision_file import read_log
from taxonomy.decisions.overrides import Decided, replay
from taxonomy.names import proposals
from taxonomy.nodes import STABLE, Category, NamedBy, Node, Shown, Topic
from taxonomy.store import StoredTaxonomy, read_taxonomy
from taxonomy.structure import structure_of

__all__ = [
    "STABLE",
    "Category",
    "NamedBy",
    "Node",
    "Shown",
    "Topic",
    "as_found",
    "decisions_hash",
    "read_decided",
    "read_found",
    "read_shown",
]

BESIDE = (decision_file.SUFFIX, audit_table.SUFFIX, proposals.SUFFIX)
"""What the files beside a taxonomy's folder are called after its name."""


def as_found(stored: StoredTaxonomy) -> Shown:
    """Return the taxonomy as the ensemble found it, nobody's decisions applied."""
    structure = structure_of(stored.stability)
    of_noise = structure is not None and structure.is_noise
    return Shown(
        topics=tuple(
            Topic(number=row["topic"], category=row["category"], **_described(row, of_noise))
            for row in stored.topics.to_pylist()
        ),
        categories=tuple(
            Category(number=row["category"], **_described(row, of_noise))
            for row in stored.categories.to_pylist()
        ),
        topic_of=_by_key(stored, "topic"),
        nearest_of=_by_key(stored, "nearest_topic"),
    )


def _described(row: Mapping[str, Any], of_noise: bool) -> dict[str, Any]:
    """Return what the tables of both layers say of a node."""
    return {
        "name": row["label"],
        "size": row["size"],
        "stability": row["stability"],
        "of_noise": of_noise,
        "keywords": tuple(row["keywords"]),
        "weights": tuple(row["weights"]),
        "exemplars": tuple(row["exemplars"]),
    }


def _by_key(stored: StoredTaxonomy, column: str) -> dict[str, int]:
    table = stored.assignments
    return dict(zip(table["key"].to_pylist(), table[column].to_pylist(), strict=True))


def read_found(folder: Path) -> Shown:
    """Read the taxonomy in ``folder`` as it was before any person decided anything.

    Raises
    ------
    ArtifactError
        If a table is missing or damaged.
    """
    found = as_found(read_taxonomy(folder))
    return proposals.apply_proposals(found, proposals.read_proposals(folder))


def read_decided(folder: Path) -> Decided:
    """Read the taxonomy in ``folder`` as it is shown, and what became of people's decisions.

    Raises
    ------
    ArtifactError
        If a table is missing or damaged, or the decisions are another taxonomy's.
    InputError
        If the decisions cannot be read.
    """
    log = read_log(folder)
    return replay(read_found(folder), log)


def read_shown(folder: Path) -> Shown:
    """Read the taxonomy in ``folder`` as it is shown: with people's decisions applied.

    Raises
    ------
    ArtifactError, InputError
        As `read_decided`.
    """
    return read_decided(folder).shown


def decisions_hash(folder: Path) -> str:
    """Return a hash of all that lies beside the taxonomy in ``folder`` and changes how it is shown.

    That is people's decisions, names that were proposed, and what people looked at.
    """
    files = [folder.parent / f"{folder.name}{suffix}" for suffix in BESIDE]
    return hash_value({path.name: hash_file(path) for path in files if path.exists()})
