"""The kinds of a snapshot's repositories or issues as an artifact."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from artifacts.files import new_folder
from artifacts.hashing import hash_value
from artifacts.manifest import (
    Counts,
    Dropped,
    Manifest,
    hash_files,
    joint_hash,
    package_versions,
)
from artifacts.progress import Progress
from artifacts.tables import read_table, write_table
from artifacts.words import Documents
from embeddings.encoder import plan_encoder
from embeddings.settings import VectorSettings
from insights.kinds.kinds import FULL, MODEL_FILES, Kinds, classify
from insights.kinds.linear import KindModel, load_model, model_hash
from insights.kinds.shares import Share
from mining.tables import issue_key
from taxonomy.guidance.gold import Ceiling, Judgement

KIND = "kinds"
FOLDER = "kinds"
FILE = "kinds.parquet"
VERSION = 1
"""Raised whenever the same snapshot and model would give other kinds."""

ABSTAINED = "no kind is likely enough"
_NO_VECTORS = (
    "Judged without vectors, because the study's encoder is not the one that the classifier was "
    "trained with."
)
_TITLES = {"repositories": "full_name", "issues": "title"}


@dataclass(frozen=True)
class FoundKinds:
    """The kinds of a snapshot's documents, with what is known of their errors."""

    snapshot: str
    rows: Sequence[Mapping[str, Any]]
    shares: Sequence[Share]
    model: KindModel
    manifest: Manifest

    @property
    def n_unseen(self) -> int:
        """Return on how many rows, which the model had not seen, its errors are known."""
        return sum(sum(row) for row in self.model.held_out[self.manifest.facts["heads"]])


def kinds_folder(workspace: Path, snapshot_id: str, subject: Documents) -> Path:
    """Return where the kinds of a snapshot's repositories or issues are kept."""
    return workspace / FOLDER / f"{snapshot_id}.{subject}"


def kinds_key(snapshot_hash: str, subject: Documents, vectors: VectorSettings) -> str:
    """Return what the kinds depend on, hashed."""
    parts = {
        "stage": f"{KIND} {VERSION}",
        "snapshot": snapshot_hash,
        "subject": subject,
        "vectors": vectors.model_dump(mode="json"),
        "model": model_hash(MODEL_FILES[subject]),
    }
    return hash_value(parts)


def build_kinds(
    snapshot_folder: Path,
    folder: Path,
    *,
    subject: Documents,
    vectors_folder: Path,
    settings: VectorSettings,
    progress: Progress,
) -> Manifest:
    """Say what kind each row of the snapshot is, and write it, with a manifest, to ``folder``."""
    started = time.perf_counter()
    snapshot = Manifest.read(snapshot_folder)
    progress.say(f"telling the kinds of the {subject} of {snapshot.name}")
    rows = read_table(snapshot_folder / f"{subject}.parquet").to_pylist()
    found = classify(
        subject, rows, vectors_folder=vectors_folder, settings=settings, progress=progress
    )
    keyed = sorted((_key(row, subject), number) for number, row in enumerate(rows))
    titles = [str(rows[number].get(_TITLES[subject]) or key) for key, number in keyed]
    order = np.array([number for _, number in keyed], dtype=np.int64)
    table = _table([key for key, _ in keyed], titles, found, order)
    identity = plan_encoder(settings).identity
    with new_folder(folder) as building:
        write_table(building / FILE, table)
        files = hash_files(building)
        manifest = Manifest(
            kind=KIND,
            name=folder.name,
            key=kinds_key(snapshot.content_hash, subject, settings),
            inputs={snapshot.name: snapshot.content_hash},
            packages=package_versions("numpy", "pyarrow", "scikit-learn", "scipy"),
            model=identity.as_dict() if found.heads == FULL else {},
            device=identity.device if found.heads == FULL else None,
            dtype=identity.dtype if found.heads == FULL else None,
            counts={subject: _counts(found)},
            facts=_facts(found),
            notes=[] if found.heads == FULL else [_NO_VECTORS],
            files=files,
            content_hash=joint_hash(files),
            wall_time_s=time.perf_counter() - started,
        )
        manifest.write(building)
    return manifest


def read_kinds(folder: Path, subject: Documents) -> pa.Table:
    """Read the kinds that `build_kinds` wrote."""
    return read_table(folder / FILE, kinds_schema(load_model(MODEL_FILES[subject])))


def kinds_schema(model: KindModel) -> pa.Schema:
    """Return the columns: key, title, kind, its probability, whether abstained, p of each kind."""
    return pa.schema(
        [
            pa.field("key", pa.string(), nullable=False),
            pa.field("title", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("probability", pa.float64(), nullable=False),
            pa.field("abstained", pa.bool_(), nullable=False),
            *(pa.field(f"p_{kind}", pa.float64(), nullable=False) for kind in model.classes),
        ]
    )


def _table(
    keys: list[str], titles: list[str], found: Kinds, order: np.ndarray[Any, Any]
) -> pa.Table:
    # Probabilities to six decimals: sums over columns may differ in the last bits.
    columns = {
        "key": keys,
        "title": titles,
        "kind": [found.kinds[number] for number in order],
        "probability": found.certainties[order].round(6),
        "abstained": [found.abstained[number] for number in order],
    }
    for place, kind in enumerate(found.model.classes):
        columns[f"p_{kind}"] = found.probabilities[order, place].round(6)
    return pa.table(columns, schema=kinds_schema(found.model))


def _key(row: Mapping[str, Any], subject: Documents) -> str:
    key = str(row["repo_key"])
    return key if subject == "repositories" else issue_key(key, row["number"])


def _counts(found: Kinds) -> Counts:
    n_abstained = sum(found.abstained)
    dropped = [Dropped(reason=ABSTAINED, count=n_abstained)] if n_abstained else []
    n_rows = len(found.probabilities)
    return Counts(read=n_rows, kept=n_rows - n_abstained, dropped=dropped)


def _facts(found: Kinds) -> dict[str, Any]:
    sure = Counter(
        kind for kind, abstained in zip(found.kinds, found.abstained, strict=True) if not abstained
    )
    return {
        "kinds": {kind: sure.get(kind, 0) for kind in found.model.classes},
        "threshold": found.model.threshold,
        "heads": found.heads,
    }


def judgement_values(found: Sequence[Judgement], ceiling: Sequence[Ceiling]) -> dict[str, Any]:
    """Return the agreement as JSON-compatible values."""
    return {
        "coders": [
            {
                "name": each.name,
                "documents": each.n_judged,
                "unknown": each.unknown,
                "unsure": each.n_abstained,
                "kappa": each.kappa_forced,
                "kappa_sure": each.kappa,
                "confusion": [
                    {"coder": theirs, "called": ours, "documents": n}
                    for (theirs, ours), n in sorted(each.confusion.items())
                ],
            }
            for each in found
        ],
        "coders_with_each_other": [
            {"name": each.name, "documents": each.n_docs, "kappa": each.kappa} for each in ceiling
        ],
    }
