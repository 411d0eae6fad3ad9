"""What topics are about: keywords and exemplars, by BERTopic through its modular interface.

The topics are ours; BERTopic is handed the finished labels (its "manual" mode: a reducer and a
clusterer that do nothing) and describes them by class-based TF-IDF (Grootendorst 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats
from embeddings.text.words import overlap, plain, words_of
from taxonomy.names.phrases import stem
from taxonomy.names.texts import Texts
from taxonomy.names.vocabulary import evenly_spread, generic_verbs
from taxonomy.types import Labels, count_nodes

CANDIDATES = 60
SHARED_BY = 0.2
"""Keywords that are said in at least this share of a topic's documents come before the others."""

WORDS: dict[str, Any] = {
    "ngram_range": (1, 2),
    "preprocessor": plain,
    "tokenizer": words_of,
    "token_pattern": None,
}
"""How texts are cut into words and word pairs that are counted."""


@dataclass(frozen=True)
class Description:
    """What one topic is about.

    Attributes
    ----------
    keywords, weights
        Words and word pairs, most telling first, with their c-TF-IDF; none where a topic's texts
        have no words.
    exemplars
        Document numbers, most typical first.
    """

    keywords: tuple[str, ...]
    weights: tuple[float, ...]
    exemplars: tuple[int, ...]


@dataclass(frozen=True)
class _Empty:
    """Stems that say nothing: at all (verbs), or by themselves (fillers)."""

    verbs: Set[str]
    fillers: Set[str]

    def says_nothing(self, keyword: str) -> bool:
        words = keyword.split()
        stems = set(map(stem, words))
        return overlap(words) or not stems.isdisjoint(self.verbs) or stems <= self.fillers


def describe_topics(
    texts: Sequence[str],
    vectors: Floats,
    topics: Labels,
    centrality: NDArray[np.floating],
    *,
    n_keywords: int,
    n_exemplars: int,
    stop_words: Set[str] = frozenset(),
    cut: Texts | None = None,
) -> list[Description]:
    """Describe each topic by its words and its most typical documents.

    Verbs that most topics are told with, and words spread evenly over the topics, are no keywords
    (`taxonomy.names.vocabulary`), unless a topic has no others.

    Parameters
    ----------
    texts, vectors, topics
        The n_docs documents, their vectors, and their topics (`NOISE`: none).
    centrality
        n_docs figures, higher for documents nearer to the heart of their topic; it orders the
        exemplars that follow BERTopic's own.
    stop_words
        Words that say nothing here, beside the English ones; e.g. names of the frameworks.
    cut
        The documents cut into words, where others ask for them too.

    Returns
    -------
    list[Description]
        One for each topic, 0 first; empty if there is no topic.
    """
    n_topics = count_nodes(topics)
    if n_topics == 0:
        return []
    model = _fitted(texts, cut or Texts(texts), vectors, topics, n_keywords, stop_words)
    numbers = {text: number for number, text in reversed(list(enumerate(texts)))}
    descriptions = []
    for topic in range(n_topics):
        members = np.flatnonzero(topics == topic)
        keywords, typical = _keywords_and_texts(model, members[0]) if model else ([], [])
        near = [numbers[text] for text in typical]
        central = members[np.argsort(-centrality[members], kind="stable")].tolist()
        exemplars = list(dict.fromkeys([d for d in near if topics[d] == topic] + central))
        descriptions.append(
            Description(
                keywords=tuple(word for word, _ in keywords),
                weights=tuple(weight for _, weight in keywords),
                exemplars=tuple(exemplars[:n_exemplars]),
            )
        )
    return descriptions


def _fitted(
    texts: Sequence[str],
    cut: Texts,
    vectors: Floats,
    topics: Labels,
    n_keywords: int,
    stop_words: Set[str],
) -> Any:
    words = word_counter(stop_words)
    if not any(map(words.build_analyzer(), texts)):
        return None
    empty = _Empty(generic_verbs(cut, topics), evenly_spread(cut, topics))
    model = manual_model(
        words, representation_model=_shared_words()(n_keywords, empty), top_n_words=CANDIDATES
    )
    return model.fit(list(texts), embeddings=vectors, y=topics.tolist())


def word_counter(stop_words: Set[str]) -> Any:
    """Return what counts words and word pairs, but for the English stop words and these."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

    return CountVectorizer(stop_words=sorted(ENGLISH_STOP_WORDS | stop_words), **WORDS)


def manual_model(words: Any, **options: Any) -> Any:
    """Return BERTopic in its "manual" mode: it describes the topics that it is fitted with.

    Parameters
    ----------
    words
        What counts the words of texts.
    options
        Further ones of BERTopic.
    """
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.vectorizers import ClassTfidfTransformer

    return BERTopic(
        language="multilingual",  # "english" would strip all that is not A to Z from every word
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=words,
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        calculate_probabilities=False,
        verbose=False,
        **options,
    )


def _keywords_and_texts(model: Any, document: int) -> tuple[list[tuple[str, float]], list[str]]:
    """Return the keywords, weighted, and the typical texts of the topic that a document is in."""
    name = int(model.topics_[document])
    keywords = [(word, float(weight)) for word, weight in model.get_topics()[name] if word]
    return keywords, model.get_representative_docs(name)


@cache
def _shared_words() -> type:
    """Return the representation; made late, because its base class is slow to import."""
    from bertopic.representation._base import BaseRepresentation
    from sklearn.feature_extraction.text import CountVectorizer

    class SharedWords(BaseRepresentation):  # type: ignore[misc]
        """Keeps keywords that a topic's documents share, and drops those that repeat others."""

        def __init__(self, n_keywords: int, empty: _Empty) -> None:
            self.n_keywords = n_keywords
            self.empty = empty

        def extract_topics(
            self,
            topic_model: Any,
            documents: Any,
            c_tf_idf: Any,
            topics: Mapping[int, list[tuple[str, float]]],
        ) -> dict[int, list[tuple[str, float]]]:
            """Return the keywords of each topic with their weights, most telling first."""
            by_topic = documents.groupby("Topic").Document
            chosen = {}
            for topic, found in topics.items():
                telling = [each for each in found if not self.empty.says_nothing(each[0])]
                candidates = telling if any(word for word, _ in telling) else found
                texts = by_topic.get_group(topic)
                words = [word for word, _ in candidates if word]
                said_in = _document_counts(texts, words) if words else {}
                repeated = [(w, v) for w, v in candidates if said_in.get(w, 0) >= 2]
                common = SHARED_BY * len(texts)
                told = sorted(repeated or candidates, key=lambda c: said_in.get(c[0], 0) < common)
                chosen[topic] = without_repeats(told)[: self.n_keywords]
            return chosen

    def _document_counts(texts: Any, words: list[str]) -> dict[str, int]:
        counter = CountVectorizer(vocabulary=words, binary=True, **WORDS)
        counts = np.asarray(counter.transform(texts).sum(axis=0)).ravel()
        return dict(zip(words, counts.tolist(), strict=True))

    return SharedWords


def without_repeats(keywords: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Drop a keyword all of whose words, plural or not, stand in the keywords before it."""
    kept: list[tuple[str, float]] = []
    said: set[str] = set()
    for keyword, weight in keywords:
        stems = {stem(word) for word in keyword.split()}
        if not stems <= said:
            kept.append((keyword, weight))
            said |= stems
    return kept
