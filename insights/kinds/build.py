"""The kinds of a snapshot's repositories or issues as an artifact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from artifacts.manifest import Counts, Dropped, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import TableRows, read_table, required, rows_of, write_table
from artifacts.words import Documents
from embeddings.encoder import EncoderIdentity, plan_encoder
from embeddings.settings import VectorSettings
from insights.kinds.kinds import FULL, MODEL_FILES, Kinds, classify
from insights.kinds.linear import KindModel, load_model, model_hash
from insights.kinds.shares import Share, shares
from mining.tables import issue_key
from taxonomy.build import Chosen

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


def kinds_step(
    snapshot_folder: Path,
    *,
    subject: Documents,
    vectors_folder: Path,
    settings: VectorSettings,
    progress: Progress,
) -> Step:
    """Return the step that says what kind each repository or issue of the snapshot is."""
    snapshot = Manifest.read(snapshot_folder)
    n_rows = snapshot.counts.get(subject, Counts()).kept

    def find(_key: str) -> Content:
        progress.say(f"telling the kinds of the {subject} of {snapshot.name}")
        rows = TableRows(read_table(snapshot_folder / f"{subject}.parquet"))
        found = classify(
            subject, rows, vectors_folder=vectors_folder, settings=settings, progress=progress
        )
        table = _table(rows, subject, found)
        about = _about(found, subject, plan_encoder(settings, n_texts=n_rows).identity)
        return Content(write=lambda folder: write_table(folder / FILE, table), about=about)

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "snapshot": snapshot.content_hash,
            "subject": subject,
            "vectors": settings.in_key(n_rows),
            "model": model_hash(MODEL_FILES[subject]),
        },
        inputs={snapshot.name: snapshot.content_hash},
        find=find,
    )


def read_kinds(folder: Path, subject: Documents) -> pa.Table:
    """Read the kinds that a step of `kinds_step` wrote."""
    return read_table(folder / FILE, kinds_schema(load_model(MODEL_FILES[subject])))


def choose(folder: Path, kinds: Collection[str], *, among: Iterable[str]) -> Chosen:
    """Return the repositories of some kinds, by the kinds in ``folder``, among those of these keys.

    A document counts as what it is likeliest to be, however unsure that is; those that are left
    out although no kind was likely enough are counted apart.
    """
    keys = set(among)
    told = read_kinds(folder, "repositories").select(["key", "kind", "abstained"])
    rows = [row for row in rows_of(told) if row["key"] in keys]
    others = Counter(
        f"kind: {row['kind']}" + (", unsure" if row["abstained"] else "")
        for row in rows
        if row["kind"] not in kinds
    )
    return Chosen(
        keys=frozenset(row["key"] for row in rows if row["kind"] in kinds),
        dropped=tuple(Dropped(reason=why, count=n) for why, n in sorted(others.items())),
    )


def read_found(folder: Path, subject: Documents, snapshot_id: str) -> FoundKinds:
    """Return the kinds in ``folder``, which are of that snapshot, with their shares."""
    table, manifest = read_kinds(folder, subject), Manifest.read(folder)
    model = load_model(MODEL_FILES[subject])
    errors = np.array(model.held_out[manifest.facts["heads"]])
    counted = shares(table["kind"].to_pylist(), model.classes, errors, drawn=model.drawn)
    return FoundKinds(snapshot_id, table.to_pylist(), counted, model, manifest)


def kinds_schema(model: KindModel) -> pa.Schema:
    """Return the columns: key, title, kind, its probability, whether abstained, p of each kind."""
    return pa.schema(
        [
            *required(pa.string(), "key", "title", "kind"),
            *required(pa.float64(), "probability"),
            *required(pa.bool_(), "abstained"),
            *required(pa.float64(), *(f"p_{kind}" for kind in model.classes)),
        ]
    )


def _table(rows: Sequence[Mapping[str, Any]], subject: Documents, found: Kinds) -> pa.Table:
    titled = [(_key(row, subject), row.get(_TITLES[subject])) for row in rows]
    keyed = sorted((key, number) for number, (key, _) in enumerate(titled))
    order = np.array([number for _, number in keyed], dtype=np.int64)
    # Probabilities to six decimals: sums over columns may differ in the last bits.
    columns = {
        "key": [key for key, _ in keyed],
        "title": [str(titled[number][1] or key) for key, number in keyed],
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


def _about(found: Kinds, subject: Documents, encoder: EncoderIdentity) -> dict[str, Any]:
    """Return what the manifest says of the kinds and of the way that they were found."""
    with_vectors = found.heads == FULL
    return {
        "packages": package_versions("numpy", "pyarrow", "scikit-learn", "scipy"),
        **(encoder.in_manifest() if with_vectors else {}),
        "counts": {subject: _counts(found)},
        "facts": _facts(found),
        "notes": [] if with_vectors else [_NO_VECTORS],
    }


def _counts(found: Kinds) -> Counts:
    n_abstained = sum(found.abstained)
    n_rows = len(found.probabilities)
    return Counts.of(n_rows, n_rows - n_abstained, {ABSTAINED: n_abstained})


def _facts(found: Kinds) -> dict[str, Any]:
    sure = Counter(
        kind for kind, abstained in zip(found.kinds, found.abstained, strict=True) if not abstained
    )
    return {
        "kinds": {kind: sure.get(kind, 0) for kind in found.model.classes},
        "threshold": found.model.threshold,
        "heads": found.heads,
    }
