"""The one place where the benchmarks meet opsatlas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats, centroids, unit_rows
from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import Encoder, plan_encoder
from embeddings.settings import VectorSettings
from embeddings.text.words import words_of
from taxonomy.consensus import find_consensus
from taxonomy.engine import Topics, find_topics
from taxonomy.ensemble import plan_runs, run_ensemble
from taxonomy.places.model import save_model, topic_vectors
from taxonomy.places.placing import learn_places
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.space import joined_space, neighbour_graph

SEEDS_APART = 1_000
RARITY = 1e-3
"""Share of all words at which a word counts half."""


def load_encoder(n_texts: int = 0) -> Encoder:
    """Return our default encoder for a corpus of so many texts, with its model loaded."""
    return plan_encoder(VectorSettings(), n_texts=n_texts).load()


def encode_cached(texts: Sequence[str], folder: Path) -> Floats:
    """Return the vectors of ``texts`` by way of a cache in ``folder``."""
    plan = plan_encoder(VectorSettings())
    return vectors_of(texts, plan, open_cache(folder, plan), progress=SilentProgress())


def encode_words(texts: Sequence[str]) -> Floats:
    """Return sums of the vectors of each text's words, the rarer the heavier, at unit length.

    A word is encoded once. Arora, Liang and Ma (2017) weigh words so: a / (a + its share).
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(tokenizer=words_of, token_pattern=None, min_df=2, dtype=np.float32)
    counts = counter.fit_transform(texts)
    words = counter.get_feature_names_out().tolist()
    shares = np.asarray(counts.sum(axis=0)).ravel() / counts.sum()
    vectors = load_encoder().encode(words)
    weighted = vectors * (RARITY / (RARITY + shares)).astype(np.float32)[:, None]
    return unit_rows(np.asarray(counts @ weighted, dtype=np.float32))


def find_topics_by_default(
    texts: Sequence[str], vectors: Floats, *, seed: int, **others: int | None
) -> NDArray[np.int32]:
    """Run the ensemble, its consensus and the description with the defaults; -1 is unplaced.

    Whole runs with other seeds share no seed of their ensembles. ``others`` are settings that are
    to be as given.
    """
    return topics_by_default(texts, vectors, seed=seed, **others).consensus.topics


def topics_by_default(
    texts: Sequence[str], vectors: Floats, *, seed: int, **others: int | None
) -> Topics:
    """Return all that the defaults find."""
    return find_topics(texts, vectors, TopicSettings(seed=seed * SEEDS_APART, **others))


def transform_of_loaded(
    texts: Sequence[str], vectors: Floats, found: Topics, folder: Path
) -> NDArray[np.int32]:
    """Save the model, open it with BERTopic's own `load`, and return what it says of the texts."""
    from bertopic import BERTopic

    names = [", ".join(each.keywords[:3]) for each in found.descriptions]
    save_model(folder, texts, vectors, found.consensus.topics, found.descriptions, names)
    topics, _ = BERTopic.load(str(folder)).transform(list(texts), vectors)
    return np.asarray(topics, dtype=np.int32)


class FoldPlacer:
    """Places documents by what some others teach; bounds, words and centre are theirs alone."""

    def __init__(
        self, texts: Sequence[str], vectors: Floats, topics: NDArray[np.int32], *, seed: int = 0
    ) -> None:
        weight = TopicSettings().lexical_weight
        self._space, points = joined_space(texts, vectors, lexical_weight=weight, seed=seed)
        self._placer = learn_places(points, self._space.closeness(vectors), topics)
        self._means = centroids(vectors, topics)
        self._rows = topic_vectors(vectors, topics)

    def places(
        self, texts: Sequence[str], vectors: Floats
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the topics of new documents, -1 where it abstains, and the nearest topics."""
        points = self._space.points(texts, vectors)
        found = self._placer.place(points, self._space.closeness(vectors))
        topics = np.array([place.topic for place in found], dtype=np.int32)
        return topics, np.array([place.nearest for place in found], dtype=np.int32)

    def by_vectors_alone(self, vectors: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return topics by plain centroids, and by the vectors that BERTopic is given."""
        return (vectors @ self._means.T).argmax(axis=1), (vectors @ self._rows.T).argmax(axis=1)


def topics_in_view(view: Floats, *, seed: int, runs: int) -> NDArray[np.int32]:
    """Return the consensus of an ensemble over any space of documents; -1 is unplaced.

    ``view`` is n_docs × n_dims, rows of unit length; everything else is by default.
    """
    settings = TopicSettings(seed=seed * SEEDS_APART)
    graph = neighbour_graph(
        view, neighbours=settings.neighbours, dimensions=settings.dimensions, seed=settings.seed
    )
    plans = plan_runs(len(view), settings)[:runs]
    labels = run_ensemble(graph, plans, settings, progress=SilentProgress())
    if runs == 1:
        return np.maximum(labels[0], NOISE)
    return find_consensus(
        labels,
        graph.neighbours,
        view,
        cohesion=settings.cohesion,
        placement=settings.placement,
        smallest=smallest_topic(len(view), settings),
    ).topics
