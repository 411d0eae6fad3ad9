"""Reads a side of a comparison: a taxonomy, as people's decisions have it, and its texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_text
from artifacts.progress import Progress
from artifacts.words import DOCUMENTS, Corpus, Layer
from embeddings.build import read_texts
from embeddings.cache import open_cache
from embeddings.encoder import EncoderPlan, plan_encoder
from mining.names import document_names
from taxonomy.lineage.pools import read_or_resample
from taxonomy.lineage.settings import Method, SideFolders
from taxonomy.lineage.values import LineageSide, SideNode
from taxonomy.places.arrivals import refuse_other_encoder
from taxonomy.taxonomy import Taxonomy
from taxonomy.types import Labels


def read_side(source: SideFolders, *, method: Method, progress: Progress) -> LineageSide:
    """Read one side of a comparison, as people's decisions have it.

    Its resampled consensuses are read, or drawn and kept if they are not there yet.

    Raises
    ------
    InputError
        If the encoder is another one, or a text has no vector in the cache.
    ArtifactError
        If something cannot be read.
    """
    plan, layer = plan_encoder(method.vector_settings), method.layer
    refuse_other_encoder(source.taxonomy, plan.identity)
    shown = Taxonomy.open(source.taxonomy)
    keys = tuple(shown.topic_of)
    texts = _by_key(source, keys)
    return LineageSide(
        name=source.taxonomy.name,
        day=source.day,
        corpus=method.corpus,
        layer=layer,
        nodes=_nodes(shown, layer),
        keys=keys,
        aliases=_aliases(source.snapshot, keys, method.corpus),
        titles=tuple(title for title, _ in texts),
        texts=tuple(hash_text(text) for _, text in texts),
        vectors=_vectors(source, [text for _, text in texts], plan, method.vectors_folder),
        labels=_labels(shown, layer),
        resampled=read_or_resample(
            source, keys, layer=layer, settings=method.settings, progress=progress
        ),
    )


def _by_key(source: SideFolders, keys: Sequence[str]) -> list[tuple[str, str]]:
    table = read_texts(source.texts)
    rows = zip(
        table["key"].to_pylist(), table["title"].to_pylist(), table["text"].to_pylist(), strict=True
    )
    known = {key: (title, text) for key, title, text in rows}
    if missing := [key for key in keys if key not in known]:
        raise ArtifactError(
            f"{len(missing)} documents of the taxonomy have no text, {missing[0]} for one.",
            where=str(source.texts),
            fix="build the taxonomy again",
        )
    return [known[key] for key in keys]


def _vectors(
    source: SideFolders, texts: Sequence[str], plan: EncoderPlan, vectors_folder: Path
) -> Floats:
    known = open_cache(vectors_folder, plan).load()
    hashes = [hash_text(text) for text in texts]
    if n_missing := sum(digest not in known for digest in hashes):
        raise InputError(
            f"{n_missing} of {len(texts)} documents have no vector in the cache.",
            where=f"{source.taxonomy.name}, {vectors_folder}",
            fix="build the taxonomy again: its vectors are kept then",
        )
    return np.stack([known[digest] for digest in hashes])


def _aliases(snapshot: Path, keys: Sequence[str], corpus: Corpus) -> tuple[tuple[str, ...], ...]:
    """Return every name that the snapshot knows each document by, in lower case, sorted."""
    named: dict[str, list[str]] = {}
    for name, key in document_names(snapshot, DOCUMENTS[corpus]).items():
        named.setdefault(key, []).append(name)
    return tuple(tuple(sorted(named.get(key, []))) for key in keys)


def _nodes(shown: Taxonomy, layer: Layer) -> tuple[SideNode, ...]:
    nodes = [
        SideNode(
            number=node.number, name=node.name, keywords=node.keywords, stability=node.stability
        )
        for node in shown.nodes(layer)
        if not node.hidden
    ]
    return tuple(sorted(nodes, key=lambda node: node.number))


def _labels(shown: Taxonomy, layer: Layer) -> Labels:
    return np.array(list(shown.node_of(layer).values()), dtype=np.int32)
