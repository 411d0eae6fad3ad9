"""The texts of a snapshot as an artifact: what was kept, what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from artifacts.files import write_bytes
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import batches_to_bytes, count_rows, read_table, rows_of
from artifacts.words import Documents
from embeddings.documents import TEXTS
from embeddings.preparing import prepare_texts
from embeddings.settings import TextSettings
from embeddings.text.sections import section_model_hash
from mining.snapshots import load_table
from mining.tables import issue_key

KIND = "texts"
FOLDER = "texts"
FILE = "texts.parquet"
SAID_IN: dict[Documents, str] = {
    "repositories": "description, topics and README (a name alone says too little)",
    "issues": "title and body",
}
VERSION = 2
"""Raised whenever the same snapshot and settings would give other texts."""


def texts_folder(workspace: Path, snapshot_id: str, kind: Documents) -> Path:
    """Return where the texts of a snapshot's repositories or issues are kept."""
    return workspace / FOLDER / f"{snapshot_id}.{kind}"


def texts_step(
    snapshot_folder: Path, *, kind: Documents, settings: TextSettings, progress: Progress
) -> Step:
    """Return the step that prepares the texts of a snapshot's repositories or issues.

    Documents without words are dropped and counted; what else is odd stays, flagged.
    """
    snapshot = Manifest.read(snapshot_folder)
    config = settings.model_dump(mode="json")

    def find(_key: str) -> Content:
        progress.say(f"preparing the texts of the {kind} of {snapshot.name}")
        return _prepared(prepare_texts(snapshot_folder, kind, settings, progress=progress), kind)

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "snapshot": snapshot.content_hash,
            "kind": kind,
            "settings": config,
            "sections": section_model_hash(),
        },
        inputs={snapshot.name: snapshot.content_hash},
        config=config,
        find=find,
    )


def _prepared(prepared: Iterable[pa.RecordBatch], kind: Documents) -> Content:
    n_prepared, n_kept = 0, 0
    flags: Counter[str] = Counter()

    def with_words() -> Iterator[pa.RecordBatch]:
        nonlocal n_prepared, n_kept
        for batch in prepared:
            texts = batch.filter(pa.compute.not_equal(batch["text"], ""))
            n_prepared += batch.num_rows
            n_kept += texts.num_rows
            flags.update(chain.from_iterable(batch["flags"].to_pylist()))
            yield texts

    data = batches_to_bytes(with_words(), TEXTS)
    reasons = {f"no words in {SAID_IN[kind]}": n_prepared - n_kept}
    return Content(
        write=lambda folder: write_bytes(folder / FILE, data),
        about={
            "packages": package_versions(
                "docutils", "markdown-it-py", "py3langid", "pyarrow", "selectolax"
            ),
            "counts": {kind: Counts.of(n_prepared, n_kept, reasons)},
            "facts": {"flags": dict(sorted(flags.items()))},
        },
    )


def read_texts(folder: Path) -> pa.Table:
    """Read the texts that a step of `texts_step` wrote."""
    return read_table(folder / FILE, TEXTS)


def count_texts(folder: Path) -> int:
    """Return how many documents the texts in ``folder`` are of."""
    return count_rows(folder / FILE)


def read_titles(folder: Path) -> dict[str, str]:
    """Return how people know the documents, by key, of texts in ``folder``."""
    return _by_key(folder, "title")


def read_documents(folder: Path) -> dict[str, str]:
    """Return the texts themselves, by key, of texts in ``folder``."""
    return _by_key(folder, "text")


def taglines(folder: Path) -> dict[str, str]:
    """Return what READMEs say in one line that their projects are, by key, of texts in ``folder``.

    For readers, where a repository has no description.
    """
    return {key: line for key, line in _by_key(folder, "tagline").items() if line}


def _by_key(folder: Path, column: str) -> dict[str, Any]:
    texts = read_table(folder / FILE, TEXTS, columns=["key", column])
    return dict(zip(texts["key"].to_pylist(), texts[column].to_pylist(), strict=True))


def descriptions(workspace: Path, snapshot: Path, kind: Documents) -> dict[str, str]:
    """Return what each document says of itself: its description or tagline, or an issue's words."""
    if kind == "issues":
        columns = ["repo_key", "number", "title", "body"]
        return {
            issue_key(row["repo_key"], row["number"]): " · ".join(
                part for part in (row["title"], row["body"]) if part
            )
            for row in rows_of(load_table(snapshot, kind, columns))
        }
    lines = taglines(texts_folder(workspace, snapshot.name, kind))
    return {
        row["repo_key"]: row["description"] or lines.get(row["repo_key"], "")
        for row in rows_of(load_table(snapshot, kind, ["repo_key", "description"]))
    }
