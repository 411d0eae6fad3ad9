"""A taxonomy as an artifact: built from texts and vectors, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from artifacts.arrays import Floats
from artifacts.files import new_folder
from artifacts.hashing import hash_value
from artifacts.manifest import (
    Counts,
    Dropped,
    Manifest,
    package_versions,
)
from artifacts.progress import Progress, SilentProgress
from embeddings.build import read_texts
from embeddings.cache import VectorCache, open_cache, vectors_of
from embeddings.encoder import Encoder, EncoderIdentity, EncoderPlan, plan_encoder
from embeddings.settings import VectorSettings
from taxonomy.chosen import Chosen
from taxonomy.decisions.decision_file import changing
from taxonomy.engine import Topics, check_documents, find_topics, refuse_few
from taxonomy.ensemble import RunStore
from taxonomy.names.named import Names, name_encoder, name_layers, write_names
from taxonomy.names.naming import Encode
from taxonomy.places.model import FOLDER as MODEL
from taxonomy.places.model import save_model
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import Points, write_points
from taxonomy.settings import TopicSettings
from taxonomy.store import FOLDER, KIND, RunFiles, StoredTaxonomy, as_tables, write_taxonomy
from taxonomy.structure import Structure, find_structure
from taxonomy.taxonomy import Taxonomy

VERSION = 6
"""Raised whenever the same texts and settings would give another taxonomy."""

UNPARTED = "no_word_spaces"
"""Flag of the texts whose words nothing parts (`embeddings.text.words`)."""
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
    texts_hash: str,
    vectors: VectorSettings,
    settings: TopicSettings,
    stop_words: Set[str],
    vocabulary: Sequence[str] = (),
    only: Chosen | None = None,
) -> str:
    """Return what a taxonomy depends on, hashed."""
    parts: dict[str, Any] = {
        "stage": f"{KIND} {VERSION}",
        "texts": texts_hash,
        "vectors": vectors.model_dump(mode="json"),
        "settings": settings.model_dump(mode="json"),
        "stop_words": sorted(stop_words),
        "vocabulary": list(vocabulary),
    }
    if only is not None:
        parts["only"] = only.as_value()
    return hash_value(parts)


def build_taxonomy(
    texts_folder: Path,
    folder: Path,
    *,
    vectors_folder: Path,
    vector_settings: VectorSettings,
    settings: TopicSettings,
    stop_words: Set[str],
    vocabulary: Sequence[str] = (),
    only: Chosen | None = None,
    progress: Progress,
) -> Manifest:
    """Encode the texts, derive topics, and write the taxonomy with its manifest to ``folder``.

    An interrupted build goes on where it stopped: vectors and runs that are on disk are used.
    No name or keyword has a stop word; names may be terms of the vocabulary. Built on all documents
    where ``only`` is None.

    Raises
    ------
    TooFewDocumentsError
        Below 10 documents.
    InputError
        If the model is unknown or its weights are not the expected ones.
    """
    started = time.perf_counter()
    texts = Manifest.read(texts_folder)
    table = read_texts(texts_folder) if only is None else only.texts(read_texts(texts_folder))
    refuse_few(table.num_rows)
    documents, titles = table["text"].to_pylist(), table["title"].to_pylist()
    plan, cache, vectors = _encoded(documents, vectors_folder, vector_settings, progress)
    key = taxonomy_key(texts.content_hash, vector_settings, settings, stop_words, vocabulary, only)
    topics, names, structure = derive(
        documents,
        titles,
        vectors,
        settings,
        encode=name_encoder(plan, cache),
        vocabulary=vocabulary,
        stop_words=stop_words,
        progress=progress,
        store=RunFiles(_runs_at(folder) / key[:16]),
    )
    stored = as_tables(table["key"].to_pylist(), topics, names, structure)
    about = _method(settings, plan.identity) | _findings(table, topics, names, structure, only)
    inputs = {texts.name: texts.content_hash}
    made = Manifest(kind=KIND, name=folder.name, key=key, inputs=inputs, **about)
    with _finished(folder, made, started) as building:
        _write(building, documents, vectors, topics, names, stored, stop_words)
    return made


def _encoded(
    texts: Sequence[str], folder: Path, settings: VectorSettings, progress: Progress
) -> tuple[EncoderPlan, VectorCache, Floats]:
    """Return the encoder, its cache, and the n_texts × n_dims vectors."""
    plan = plan_encoder(settings)
    cache = open_cache(folder, plan)
    return plan, cache, vectors_of(texts, plan, cache, progress=progress)


def build_in_memory(
    texts: Sequence[str],
    keys: Sequence[str] | None,
    titles: Sequence[str] | None,
    vectors: Floats | None,
    encoder: Encoder | None,
    settings: TopicSettings,
    stop_words: Set[str],
    progress: Progress | None,
) -> Taxonomy:
    """Derive a named taxonomy; for `Taxonomy.build`, which says what the parameters are."""
    keys = list(map(str, range(len(texts)))) if keys is None else keys
    titles = keys if titles is None else titles
    refuse_few(len(texts))
    check_documents(len(texts), keys=keys, titles=titles)
    encoder = plan_encoder(VectorSettings()) if encoder is None else encoder
    vectors = encoder.encode(texts) if vectors is None else vectors
    topics, names, structure = derive(
        texts,
        titles,
        vectors,
        settings,
        encode=encoder.encode,
        vocabulary=(),
        stop_words=stop_words,
        progress=progress or SilentProgress(),
    )
    close = topics.space.closeness(vectors)
    made = Taxonomy.of(keys, topics, names, structure, titles=titles, closeness=close)
    return replace(made, encoder=encoder)


def derive(
    texts: Sequence[str],
    titles: Sequence[str],
    vectors: Floats,
    settings: TopicSettings,
    *,
    encode: Encode,
    vocabulary: Sequence[str],
    stop_words: Set[str],
    progress: Progress,
    store: RunStore | None = None,
) -> tuple[Topics, Names, Structure | None]:
    """Find the topics of documents, compare these with noise, and name the topics; in memory.

    Parameters
    ----------
    texts, titles, vectors
        n_docs texts, their titles, and n_docs × n_dims rows of unit length.
    encode
        The encoder of the vectors, for names.

    Raises
    ------
    TooFewDocumentsError, InputError
        As `find_topics`.
    """
    topics = find_topics(
        texts, vectors, settings, stop_words=stop_words, progress=progress, store=store
    )
    progress.say("comparing with noise")
    structure = find_structure(texts, encode, seed=settings.seed)
    if structure is not None and structure.is_noise:
        progress.say(structure.told)
    progress.say("naming the topics")
    names = name_layers(
        texts,
        vectors,
        topics.consensus.topics,
        topics.categories,
        titles=titles,
        encode=encode,
        vocabulary=vocabulary,
        stop_words=stop_words,
    )
    return topics, names, structure


@contextmanager
def _finished(folder: Path, made: Manifest, started: float) -> Iterator[Path]:
    """Take what the block writes as the new ``folder``, with its manifest; end the runs' files.

    Nobody decides anything about the old one meanwhile.
    """
    with changing(folder), new_folder(folder) as building:
        yield building
        made.finish(building, started_s=started)
    clear_runs(folder)


def _write(
    folder: Path,
    texts: Sequence[str],
    vectors: Floats,
    topics: Topics,
    names: Names,
    stored: StoredTaxonomy,
    stop_words: Set[str],
) -> None:
    """Write tables and names, and what places documents yet to come: points, and a model."""
    write_taxonomy(folder, stored, runs=topics.runs, plans=topics.plans)
    write_names(folder, names)
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
