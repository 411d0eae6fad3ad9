"""The texts of a snapshot as an artifact: what was kept, what was dropped, and why."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute

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
from embeddings.documents import TEXTS, prepare_texts
from embeddings.settings import TextSettings
from embeddings.text.sections import section_model_hash

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


def texts_key(snapshot_hash: str, kind: Documents, settings: TextSettings) -> str:
    """Return what the texts depend on, hashed."""
    parts = {
        "stage": f"{KIND} {VERSION}",
        "snapshot": snapshot_hash,
        "kind": kind,
        "settings": settings.model_dump(mode="json"),
        "sections": section_model_hash(),
    }
    return hash_value(parts)


def build_texts(
    snapshot_folder: Path,
    folder: Path,
    *,
    kind: Documents,
    settings: TextSettings,
    progress: Progress,
) -> Manifest:
    """Prepare the texts of a snapshot and write them, with their manifest, to ``folder``.

    Documents without words are dropped and counted; what else is odd stays, flagged.
    """
    started = time.perf_counter()
    snapshot = Manifest.read(snapshot_folder)
    progress.say(f"preparing the texts of the {kind} of {snapshot.name}")
    everything = prepare_texts(snapshot_folder, kind, settings)
    texts = everything.filter(pa.compute.not_equal(everything["text"], ""))
    n_empty = everything.num_rows - texts.num_rows
    dropped = [Dropped(reason=f"no words in {SAID_IN[kind]}", count=n_empty)]
    with new_folder(folder) as building:
        write_table(building / FILE, texts)
        files = hash_files(building)
        manifest = Manifest(
            kind=KIND,
            name=folder.name,
            key=texts_key(snapshot.content_hash, kind, settings),
            inputs={snapshot.name: snapshot.content_hash},
            config=settings.model_dump(mode="json"),
            config_hash=hash_value(settings.model_dump(mode="json")),
            packages=package_versions(
                "docutils", "markdown-it-py", "py3langid", "pyarrow", "selectolax"
            ),
            counts={
                kind: Counts(
                    read=everything.num_rows,
                    kept=texts.num_rows,
                    dropped=dropped if n_empty else [],
                )
            },
            facts={"flags": _flag_counts(everything)},
            files=files,
            content_hash=joint_hash(files),
            wall_time_s=time.perf_counter() - started,
        )
        manifest.write(building)
    return manifest


def read_texts(folder: Path) -> pa.Table:
    """Read the texts that `build_texts` wrote."""
    return read_table(folder / FILE, TEXTS)


def read_titles(folder: Path) -> dict[str, str]:
    """Return how people know the documents, by key, of texts in ``folder``."""
    return _by_key(folder, "title")


def read_documents(folder: Path) -> dict[str, str]:
    """Return the texts themselves, by key, of texts in ``folder``."""
    return _by_key(folder, "text")


def _by_key(folder: Path, column: str) -> dict[str, str]:
    texts = read_texts(folder)
    return dict(zip(texts["key"].to_pylist(), texts[column].to_pylist(), strict=True))


def taglines(folder: Path) -> dict[str, str]:
    """Return what READMEs say in one line that their projects are, by key, of texts in ``folder``.

    For readers, where a repository has no description.
    """
    rows = read_texts(folder).select(["key", "tagline"]).to_pylist()
    return {row["key"]: row["tagline"] for row in rows if row["tagline"]}


def _flag_counts(texts: pa.Table) -> dict[str, int]:
    counts: dict[str, int] = {}
    for flags in texts["flags"].to_pylist():
        for flag in flags:
            counts[flag] = counts.get(flag, 0) + 1
    return dict(sorted(counts.items()))
