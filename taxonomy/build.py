"""A taxonomy as an artifact: built from texts and vectors, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from artifacts.arrays import Floats
from artifacts.manifest import Counts, Dropped, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import table_from_rows
from artifacts.words import NOISE
from embeddings.build import read_texts
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import EncoderIdentity, plan_encoder
from embeddings.settings import VectorSettings
from taxonomy.chosen import Chosen
from taxonomy.decisions.decision_file import changing
from taxonomy.describe import Description
from taxonomy.engine import Topics, find_topics, refuse_few
from taxonomy.names.named import Names, name_encoder, name_layers, write_names
from taxonomy.names.naming import Encode, NodeName
from taxonomy.places.model import FOLDER as MODEL
from taxonomy.places.model import save_model
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import Points, write_points
from taxonomy.settings import TopicSettings
from taxonomy.store import (
    ASSIGNMENTS,
    CATEGORIES,
    KIND,
    MAP,
    TOPICS,
    RunFiles,
    StoredTaxonomy,
    write_taxonomy,
)
from taxonomy.structure import Structure, find_structure
from taxonomy.types import Labels

VERSION = 6
"""Raised whenever the same texts and settings would give another taxonomy."""

WORDS_IN_LABEL = 3
UNPARTED = "no_word_spaces"
"""Flag of the texts whose words nothing parts (`embeddings.text.words`)."""
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


@dataclass(frozen=True, kw_only=True)
class TaxonomyParts:
    """What a taxonomy is made of.

    Attributes
    ----------
    texts_folder, vectors_folder
        The texts of the documents, and where the vectors of texts are kept.
    vector_settings, settings
        Of the encoder, and of the topics.
    stop_words, vocabulary
        No name or keyword has a stop word; names may be terms of the vocabulary.
    only
        Documents to build it on; all where None.
    """

    texts_folder: Path
    vectors_folder: Path
    vector_settings: VectorSettings
    settings: TopicSettings
    stop_words: Set[str]
    vocabulary: Sequence[str] = ()
    only: Chosen | None = None

    def texts(self) -> pa.Table:
        """Return the texts of the documents that it is built on."""
        texts = read_texts(self.texts_folder)
        return texts if self.only is None else self.only.texts(texts)


def taxonomy_step(parts: TaxonomyParts, folder: Path, *, progress: Progress) -> Step:
    """Return the step that encodes texts and derives topics, for a taxonomy in ``folder``.

    Made after an interruption, it goes on where it stopped: vectors and runs that are on disk are
    used. Where there are fewer than 10 documents, it raises `TooFewDocumentsError`; where the model
    is unknown or its weights are not the expected ones, `InputError`.
    """
    texts = Manifest.read(parts.texts_folder)
    config = parts.settings.model_dump(mode="json")
    depends_on: dict[str, Any] = {
        "texts": texts.content_hash,
        "vectors": parts.vector_settings.model_dump(mode="json"),
        "settings": config,
        "stop_words": sorted(parts.stop_words),
        "vocabulary": list(parts.vocabulary),
    }
    if parts.only is not None:
        depends_on["only"] = parts.only.as_value()
    return Step(
        kind=KIND,
        version=VERSION,
        depends_on=depends_on,
        inputs={texts.name: texts.content_hash},
        config=config,
        find=lambda key: _find(parts, RunFiles(_runs_at(folder) / key[:16]), progress),
        lock=changing,  # nobody decides anything about the old one meanwhile
        tidy=clear_runs,
    )


def _find(parts: TaxonomyParts, finished: RunFiles, progress: Progress) -> Content:
    """Find topics and all about them; runs that are finished are used, and new ones kept."""
    table, settings, stop_words = parts.texts(), parts.settings, parts.stop_words
    refuse_few(table.num_rows)
    plan = plan_encoder(parts.vector_settings)
    documents = table["text"].to_pylist()
    cache = open_cache(parts.vectors_folder, plan)
    vectors = vectors_of(documents, plan, cache, progress=progress)
    topics = find_topics(
        documents, vectors, settings, stop_words=stop_words, progress=progress, store=finished
    )
    encode = name_encoder(plan, cache)
    structure = _structure(documents, encode, settings, progress)
    names = _named(table, vectors, topics, encode, parts.vocabulary, stop_words, progress)
    stored = as_tables(table["key"].to_pylist(), topics, names, structure)

    def write(folder: Path) -> None:
        write_taxonomy(folder, stored, runs=topics.runs, plans=topics.plans)
        write_names(folder, names)
        _write_for_others(folder, documents, vectors, topics, stored, stop_words)

    about = _method(plan.identity) | _findings(table, topics, names, structure, parts.only)
    return Content(write=write, about=about)


def _structure(
    documents: Sequence[str], encode: Encode, settings: TopicSettings, progress: Progress
) -> Structure | None:
    """Compare the documents with noise, and tell where they have no more structure."""
    progress.say("comparing with noise")
    found = find_structure(documents, encode, seed=settings.seed)
    if found is not None and found.is_noise:
        progress.say(found.told)
    return found


def _named(
    table: pa.Table,
    vectors: Floats,
    topics: Topics,
    encode: Encode,
    vocabulary: Sequence[str],
    stop_words: Set[str],
    progress: Progress,
) -> Names:
    progress.say("naming the topics")
    return name_layers(
        table["text"].to_pylist(),
        vectors,
        topics.consensus.topics,
        topics.categories,
        titles=table["title"].to_pylist(),
        encode=encode,
        vocabulary=vocabulary,
        stop_words=stop_words,
    )


def _write_for_others(
    folder: Path,
    texts: Sequence[str],
    vectors: Floats,
    topics: Topics,
    stored: StoredTaxonomy,
    stop_words: Set[str],
) -> None:
    """Write what places documents that are yet to come: our own points, and BERTopic's model."""
    keys = tuple(stored.assignments["key"].to_pylist())
    closeness = topics.space.closeness(vectors)
    write_points(folder / PLACING, Points(topics.space, keys, topics.points, closeness))
    save_model(
        folder / MODEL,
        texts,
        vectors,
        topics.consensus.topics,
        topics.descriptions,
        stored.topics["label"].to_pylist(),
        stop_words=stop_words,
    )


def clear_runs(folder: Path) -> None:
    """Remove the single runs, of whatever build, that the finished taxonomy does not need."""
    RunFiles(_runs_at(folder)).clear()


def _runs_at(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.runs"


def as_tables(
    keys: Sequence[str],
    topics: Topics,
    names: Names | None = None,
    structure: Structure | None = None,
) -> StoredTaxonomy:
    """Return found topics as the tables that a taxonomy is kept in.

    Without ``names``, a node is labelled by its first keywords.
    """
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
    topic_rows, category_rows = _topic_rows(keys, topics), _category_rows(keys, topics)
    if names is not None:
        topic_rows = _with_names(topic_rows, names.topics)
        category_rows = _with_names(category_rows, names.categories)
    return StoredTaxonomy(
        assignments=assignments,
        topics=table_from_rows(topic_rows, TOPICS),
        categories=table_from_rows(category_rows, CATEGORIES),
        map=pa.table(columns).cast(MAP),
        stability={
            "halves_ami": topics.stability.halves_ami,
            "structure": None if structure is None else vars(structure),
            "categories": {str(n): mean for n, mean in topics.category_layer.criterion.items()},
        },
    )


def _topic_rows(keys: Sequence[str], topics: Topics) -> list[dict[str, Any]]:
    sizes = np.bincount(_placed(topics.consensus.topics), minlength=len(topics.descriptions))
    return [
        {
            "topic": topic,
            "category": int(topics.category_layer.category_of[topic]),
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
            "stability": float(topics.category_layer.stability[category]),
            **_described(keys, description),
        }
        for category, description in enumerate(found)
    ]


def _with_names(rows: list[dict[str, Any]], names: Sequence[NodeName]) -> list[dict[str, Any]]:
    return [row | {"label": each.name} for row, each in zip(rows, names, strict=True)]


def _placed(labels: Labels) -> Labels:
    placed: Labels = labels[labels != NOISE]
    return placed


def _described(keys: Sequence[str], found: Description) -> dict[str, Any]:
    return {
        "label": ", ".join(found.keywords[:WORDS_IN_LABEL]) or WORDLESS,
        "keywords": list(found.keywords),
        "weights": list(found.weights),
        "exemplars": [keys[document] for document in found.exemplars],
    }


def _method(encoder: EncoderIdentity) -> dict[str, Any]:
    """Return what the manifest says of the way that the topics were found."""
    return {
        "packages": package_versions(*PACKAGES),
        "model": encoder.as_dict(),
        "device": encoder.device,
        "dtype": encoder.dtype,
    }


def _findings(
    table: pa.Table,
    topics: Topics,
    names: Names,
    structure: Structure | None,
    only: Chosen | None,
) -> dict[str, Any]:
    """Return what the manifest says of the topics found."""
    n_docs = len(topics.consensus.topics)
    placed = int((topics.consensus.topics >= 0).sum())
    reason = "unplaced: with no topic in more than half of the runs, or unlike the rest of it"
    dropped = [Dropped(reason=reason, count=n_docs - placed)] if placed < n_docs else []
    dropped += only.dropped if only else ()
    n_read = n_docs + (sum(each.count for each in only.dropped) if only else 0)
    alike = "The runs agree on no topic: the documents are all alike, or all different."
    short = names.short()
    notes = [structure.told] if structure is not None and structure.is_noise else []
    notes += [] if topics.consensus.n_topics else [alike]
    if unparted := sum(UNPARTED in flags for flags in table["flags"].to_pylist()):
        notes.append(
            f"{unparted} of {n_docs} documents are in scripts without spaces between words, such "
            "as Chinese or Thai: in names and keywords their words are pairs of characters, or "
            "whole phrases."
        )
    if short:
        notes.append(f"Names with a word that too few documents say: {'; '.join(short)}.")
    return {
        "seeds": [run.seed for run in topics.plans],
        "counts": {"documents": Counts(read=n_read, kept=placed, dropped=dropped)},
        "facts": {
            "topics": topics.consensus.n_topics,
            "categories": len(topics.category_descriptions),
            "halves_ami": topics.stability.halves_ami,
            "structure_p": None if structure is None else structure.p,
            "names_short_of_share": len(short),
        },
        "notes": notes,
    }
