"""A taxonomy as an artifact: built from texts and vectors, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence, Set
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
from artifacts.tables import table_from_rows
from embeddings.build import read_texts
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import EncoderIdentity, plan_encoder
from embeddings.settings import VectorSettings
from taxonomy.describe import Description
from taxonomy.engine import Topics, find_topics, refuse_few
from taxonomy.ensemble import NOISE, Labels
from taxonomy.settings import TopicSettings
from taxonomy.store import (
    ASSIGNMENTS,
    CATEGORIES,
    FOLDER,
    KIND,
    MAP,
    TOPICS,
    RunFiles,
    StoredTaxonomy,
    write_taxonomy,
)

VERSION = 2
"""Raised whenever the same texts and settings would give another taxonomy."""

WORDS_IN_LABEL = 3
WORDLESS = "(no words)"
"""Label of a topic whose texts have none, say only emoji."""
PACKAGES = (
    "bertopic",
    "hdbscan",
    "scikit-learn",
    "sentence-transformers",
    "torch",
    "umap-learn",
)


def taxonomy_folder(workspace: Path, name: str) -> Path:
    """Return where the taxonomy of that name is kept."""
    return workspace / FOLDER / name


def taxonomy_key(
    texts_hash: str, vectors: VectorSettings, settings: TopicSettings, stop_words: Set[str]
) -> str:
    """Return what a taxonomy depends on, hashed."""
    parts = {
        "stage": f"{KIND} {VERSION}",
        "texts": texts_hash,
        "vectors": vectors.model_dump(mode="json"),
        "settings": settings.model_dump(mode="json"),
        "stop_words": sorted(stop_words),
    }
    return hash_value(parts)


def build_taxonomy(
    texts_folder: Path,
    folder: Path,
    *,
    vectors_folder: Path,
    vector_settings: VectorSettings,
    settings: TopicSettings,
    stop_words: Set[str],
    progress: Progress,
) -> Manifest:
    """Encode the texts, derive topics, and write the taxonomy with its manifest to ``folder``.

    An interrupted build goes on where it stopped: vectors and runs that are on disk are used.

    Raises
    ------
    TooFewDocumentsError
        Below 10 documents.
    InputError
        If the model is unknown or its weights are not the expected ones.
    """
    started = time.perf_counter()
    texts = Manifest.read(texts_folder)
    table = read_texts(texts_folder)
    refuse_few(table.num_rows)
    plan = plan_encoder(vector_settings)
    documents = table["text"].to_pylist()
    vectors = vectors_of(documents, plan, open_cache(vectors_folder, plan), progress=progress)
    key = taxonomy_key(texts.content_hash, vector_settings, settings, stop_words)
    finished_runs = RunFiles(_runs_at(folder) / key[:16])
    topics = find_topics(
        documents, vectors, settings, stop_words=stop_words, progress=progress, store=finished_runs
    )
    made = Manifest(
        kind=KIND,
        name=folder.name,
        key=key,
        inputs={texts.name: texts.content_hash},
        **_method(settings, plan.identity),
        **_findings(topics),
    )
    stored = as_tables(table["key"].to_pylist(), topics)
    with new_folder(folder) as building:
        write_taxonomy(building, stored, runs=topics.runs, plans=topics.plans)
        made.files = hash_files(building)
        made.content_hash = joint_hash(made.files)
        made.wall_time_s = time.perf_counter() - started
        made.write(building)
    clear_runs(folder)
    return made


def clear_runs(folder: Path) -> None:
    """Remove the single runs, of whatever build, that the finished taxonomy does not need."""
    RunFiles(_runs_at(folder)).clear()


def _runs_at(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.runs"


def as_tables(keys: Sequence[str], topics: Topics) -> StoredTaxonomy:
    """Return found topics as the tables that a taxonomy is kept in."""
    consensus = topics.consensus
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
    return StoredTaxonomy(
        assignments=assignments,
        topics=table_from_rows(_topic_rows(keys, topics), TOPICS),
        categories=table_from_rows(_category_rows(keys, topics), CATEGORIES),
        map=pa.table(columns).cast(MAP),
        stability={"halves_ami": topics.stability.halves_ami},
    )


def _topic_rows(keys: Sequence[str], topics: Topics) -> list[dict[str, Any]]:
    sizes = np.bincount(_placed(topics.consensus.topics), minlength=len(topics.descriptions))
    return [
        {
            "topic": topic,
            "category": int(topics.category_of[topic]),
            "size": int(sizes[topic]),
            "stability": float(topics.stability.topics[topic]),
            **_described(keys, found),
        }
        for topic, found in enumerate(topics.descriptions)
    ]


def _category_rows(keys: Sequence[str], topics: Topics) -> list[dict[str, Any]]:
    found = topics.category_descriptions
    sizes = np.bincount(_placed(topics.categories), minlength=len(found))
    return [
        {
            "category": category,
            "size": int(sizes[category]),
            "stability": float(topics.stability.categories[category]),
            **_described(keys, description),
        }
        for category, description in enumerate(found)
    ]


def _placed(labels: Labels) -> Labels:
    return labels[labels != NOISE]


def _described(keys: Sequence[str], found: Description) -> dict[str, Any]:
    return {
        "label": ", ".join(found.keywords[:WORDS_IN_LABEL]) or WORDLESS,
        "keywords": list(found.keywords),
        "weights": list(found.weights),
        "exemplars": [keys[document] for document in found.exemplars],
    }


def _method(settings: TopicSettings, encoder: EncoderIdentity) -> dict[str, Any]:
    """Return what the manifest says of the way that the topics were found."""
    config = settings.model_dump(mode="json")
    return {
        "config": config,
        "config_hash": hash_value(config),
        "packages": package_versions(*PACKAGES),
        "model": encoder.as_dict(),
        "device": encoder.device,
        "dtype": encoder.dtype,
    }


def _findings(topics: Topics) -> dict[str, Any]:
    """Return what the manifest says of the topics found."""
    n_docs = len(topics.consensus.topics)
    placed = int((topics.consensus.topics >= 0).sum())
    reason = "unplaced: with no topic in more than half of the runs, or unlike the rest of it"
    dropped = [Dropped(reason=reason, count=n_docs - placed)] if placed < n_docs else []
    alike = "The runs agree on no topic: the documents are all alike, or all different."
    return {
        "seeds": [run.seed for run in topics.plans],
        "counts": {"documents": Counts(read=n_docs, kept=placed, dropped=dropped)},
        "facts": {
            "topics": topics.consensus.n_topics,
            "categories": len(topics.category_descriptions),
            "halves_ami": topics.stability.halves_ami,
        },
        "notes": [] if topics.consensus.n_topics else [alike],
    }
