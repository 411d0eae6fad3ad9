"""The taxonomy's topics as a model of BERTopic's own, which `BERTopic.load` opens elsewhere.

It is written as safetensors and JSON, never as a pickle. It holds topics, sizes, names, keywords,
the c-TF-IDF of words that several documents share, one vector a topic, and the texts of each
topic's exemplars, but of no other document. BERTopic keeps no representative documents in such
files, so these are written as an aspect, which is a column of `get_topic_info`. From it
`taxonomy.places.loading` restores them, and gives the model the encoder that the folder names.

Of a loaded model, BERTopic's `transform` picks the topic whose vector has the highest cosine with
that of a document. Left to itself BERTopic would take the mean of a topic's documents. Here it is a
weighted mean: the documents that the mean would misplace weigh more, round by round, as in boosting
(Freund & Schapire 1997). The documents that are not placed have a row too, topic -1, but this
`transform` cannot tell that a document is like nothing at all; `taxonomy.places.placing` can.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.arrays import Floats, centroids, row_blocks
from artifacts.files import storage_errors
from artifacts.words import NOISE
from embeddings.encoder import Encoder, EncoderPlan
from embeddings.text.words import word_pattern
from taxonomy.describe import Description, manual_model
from taxonomy.store import write_json
from taxonomy.types import Labels

FOLDER = "model"
ENCODER = "encoder.json"
"""File with the settings of the encoder, where it is one that settings can name."""
EXEMPLARS = "Exemplars"
"""Aspect of the model: each topic's most typical texts, with their cosines with its vector."""
UNPLACED = "unplaced"
"""Name of topic -1."""
MOST_WORDS = 20_000
"""So many words and word pairs are kept, the most frequent ones."""
ROUNDS = 3
STEP = 0.5
"""What a misplaced document gains in weight each round; every weight begins as 1."""


def save_model(
    folder: Path,
    texts: Sequence[str],
    vectors: Floats,
    topics: Labels,
    descriptions: Sequence[Description],
    names: Sequence[str],
    *,
    stop_words: Set[str] = frozenset(),
    encoder: Encoder | None = None,
) -> bool:
    """Write the topics as a BERTopic model into ``folder``.

    Parameters
    ----------
    texts, vectors, topics
        The n_docs documents, their vectors, and their topics (`NOISE`: none).
    descriptions, names
        One for each topic, 0 first; each has an exemplar at least.
    stop_words
        Words that do not count, beside the English ones.
    encoder
        That of the vectors.

    Returns
    -------
    bool
        False, and nothing is written, where BERTopic can say nothing: of no topic, or of texts
        without a word that two of them share.
    """
    words = _shared_words(texts, stop_words)
    if topics.max(initial=NOISE) == NOISE or words is None:
        return False
    model = _fitted(texts, vectors, topics, words)
    _describe(model, descriptions, names)
    model.topic_embeddings_ = topic_vectors(vectors, topics)
    model.topic_aspects_ = {EXEMPLARS: _exemplars(model, texts, vectors, descriptions)}
    with storage_errors(folder):
        model.save(folder, serialization="safetensors", save_ctfidf=True)
        if isinstance(encoder, EncoderPlan):
            write_json(folder / ENCODER, _told(encoder))
        for path in folder.iterdir():
            path.chmod(0o644)  # safetensors leaves its files to their owner alone
    return True


def topic_vectors(vectors: Floats, topics: Labels) -> Floats:
    """Return the vector of each topic, at unit length; first that of the unplaced, if there are.

    Parameters
    ----------
    vectors, topics
        n_docs × n_dims, and n_docs topic numbers without gaps.
    """
    rows = np.unique(topics, return_inverse=True)[1]
    weights = np.ones(len(topics))
    found = centroids(vectors, rows)
    for _ in range(ROUNDS):
        nearest = [(vectors[at] @ found.T).argmax(axis=1) for at in row_blocks(len(vectors))]
        misplaced = (np.concatenate(nearest) != rows) & (topics != NOISE)
        weights[misplaced] += STEP
        found = centroids(vectors, rows, weights)
    return found


def _shared_words(texts: Sequence[str], stop_words: Set[str]) -> Any:
    """Return a counter of the words and word pairs that two documents share, or None."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    # What is saved is what counts: no preprocessor, for BERTopic leaves that out of its files.
    options = {
        "ngram_range": (1, 2),
        "token_pattern": word_pattern(texts),
        "stop_words": sorted(ENGLISH_STOP_WORDS | stop_words),
    }
    counter = CountVectorizer(min_df=2, max_features=MOST_WORDS, **options)
    try:
        counter.fit(texts)
    except ValueError:
        return None
    return CountVectorizer(vocabulary=counter.get_feature_names_out().tolist(), **options)


def _fitted(texts: Sequence[str], vectors: Floats, topics: Labels, words: Any) -> Any:
    """Return BERTopic fitted with our topics, numbered as ours are."""
    model = manual_model(words)
    model.fit(list(texts), embeddings=vectors, y=topics.tolist())
    _renumber(model, topics)
    return model


def _renumber(model: Any, topics: Labels) -> None:
    """Give topics their own numbers back: BERTopic sorts them by size, equals in any order."""
    numbers, first, sizes = np.unique(topics, return_index=True, return_counts=True)
    theirs = [int(model.topics_[document]) for document in first]
    kept = dict(zip(theirs, numbers.tolist(), strict=True))
    n_unplaced = int(NOISE in kept)
    told = {kept[number]: words for number, words in model.topic_representations_.items()}
    model.topic_representations_ = dict(sorted(told.items()))
    model.topics_ = topics.tolist()
    model.topic_sizes_ = dict(zip(numbers.tolist(), sizes.tolist(), strict=True))
    model.c_tf_idf_ = model.c_tf_idf_[[number + n_unplaced for number in theirs]]
    model.topic_mapper_.mappings_ = [[number, number] for number in numbers.tolist()]


def _describe(model: Any, descriptions: Sequence[Description], names: Sequence[str]) -> None:
    """Put our keywords and names in."""
    for topic, described in enumerate(descriptions):
        told = zip(described.keywords, described.weights, strict=True)
        # BERTopic's own sign for a topic without words.
        model.topic_representations_[topic] = list(told) or [("", 1e-5)]
    unplaced = [UNPLACED] if NOISE in model.topic_sizes_ else []
    model.set_topic_labels([*unplaced, *names])


def _exemplars(
    model: Any, texts: Sequence[str], vectors: Floats, descriptions: Sequence[Description]
) -> dict[int, list[tuple[str, float]]]:
    """Return the texts of each topic's exemplars; of the unplaced, those that BERTopic chose."""
    chosen = {topic: described.exemplars for topic, described in enumerate(descriptions)}
    if NOISE in model.topic_sizes_:
        numbers = {text: number for number, text in reversed(list(enumerate(texts)))}
        typical = [numbers[text] for text in model.representative_docs_[NOISE]]
        chosen = {NOISE: tuple(typical), **chosen}
    rows = dict(zip(sorted(model.topic_sizes_), model.topic_embeddings_, strict=True))
    return {
        topic: [(texts[document], float(vectors[document] @ rows[topic])) for document in found]
        for topic, found in chosen.items()
    }


def _told(plan: EncoderPlan) -> dict[str, Any]:
    """Return the settings by which the encoder is found wherever its model is."""
    told = {"model": plan.settings.model, "max_windows": plan.settings.max_windows}
    if plan.files is None:
        return told
    at = {"revision": plan.files.commit} if plan.files.commit else {}
    return {**told, **at, "sha256": plan.files.sha256, "dtype": plan.identity.dtype}
