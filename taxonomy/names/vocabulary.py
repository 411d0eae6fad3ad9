"""Words that do not say what a topic is for: names have others where there are any.

How words spread over topics and owners, and the documents' own titles, tell most of them. Common
technologies, and words for software of any kind, are listed (``words.toml``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from artifacts.arrays import Doubles
from artifacts.notation import read_toml
from taxonomy.names.phrases import stem
from taxonomy.names.texts import Texts, Vocabulary
from taxonomy.types import Labels, count_nodes, node_sizes

FEWEST_TOPICS = 3
"""With fewer topics, how a word spreads over them says nothing."""
ONE_OWNER = 0.75
"""A word is a product's if one owner has this share of the documents that say it."""
OTHERS = 3
"""A tool's name is a common word, too, if documents of this many other owners say it."""

_LISTS = Path(__file__).with_name("words.toml")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is known of words beside the documents.

    Attributes
    ----------
    vocabulary
        Names of the codes that the study uses.
    fillers
        Stems spread evenly over the topics, and of words for any software: no name is made of them
        alone where there is another.
    barred
        Stems that may be in no name, e.g. of verbs that any request is made with.
    products
        Stems that name products or technologies: names without them come first.
    are_requests
        The documents are issues: names read as wishes.
    """

    vocabulary: Sequence[str] = ()
    fillers: Set[str] = frozenset()
    barred: Set[str] = frozenset()
    products: Set[str] = frozenset()
    are_requests: bool = False


def wording_of(
    texts: Texts,
    topics: Labels,
    *,
    titles: Sequence[str],
    vocabulary: Sequence[str] = (),
    stop_words: Set[str] = frozenset(),
) -> Wording:
    """Learn from the documents which words to keep out of names.

    Parameters
    ----------
    texts, topics, titles
        n_docs documents, their topics at the lowest layer, and their titles: OWNER/NAME of a
        repository, of an issue OWNER/NAME: #NUMBER.
    vocabulary
        Names of codes.
    stop_words
        Words in lower case that may be in no name.
    """
    are_requests = any("#" in title for title in titles)
    listed = listed_words()
    # What a request is about may well be a technology or a kind of software: "Run on Kubernetes".
    forms = frozenset[str]() if are_requests else listed["forms"]
    products = frozenset[str]() if are_requests else listed["technologies"]
    return Wording(
        vocabulary=tuple(vocabulary),
        fillers=evenly_spread(texts, topics) | forms,
        barred=frozenset(map(stem, stop_words)) | generic_verbs(texts, topics),
        products=products | product_words(texts, titles),
        are_requests=are_requests,
    )


@cache
def listed_words() -> dict[str, frozenset[str]]:
    """Return the stems of the words that are listed: technologies, forms, and verbs of wishes."""
    lists = read_toml(_LISTS, what="The list of words")[0]
    return {kind: frozenset(map(stem, words)) for kind, words in lists.items()}


def evenly_spread(texts: Texts, topics: Labels, *, level: float = 0.01) -> frozenset[str]:
    """Return frequent words whose spread over the topics cannot be told from chance.

    Such words ("wants", "asks", in feature requests) say nothing of any topic. The test is the
    G-test of a word's documents against the sizes of the topics (Dunning 1993), Williams'
    correction left out, at ``level``; only words in at least as many documents as there are
    topics, twice over, are judged: rarer ones could not fail it.

    Returns
    -------
    frozenset[str]
        Stems; none if there are fewer than three topics.
    """
    from scipy.stats import chi2

    n_topics = count_nodes(topics)
    if n_topics < FEWEST_TOPICS:
        return frozenset()
    counts = texts.said_in(topics, n_topics).tocsc()
    n_said = counts.sum(axis=0).A1
    often = np.flatnonzero(n_said >= 2 * n_topics)
    shares = node_sizes(topics, n_topics) / (topics >= 0).sum()
    limit = float(chi2.isf(level, n_topics - 1))
    return frozenset(
        texts.stems.words[number]
        for number in often.tolist()
        if _g_statistic(counts[:, [number]].toarray()[:, 0].astype(float), shares) < limit
    )


def _g_statistic(seen: Doubles, shares: Doubles) -> float:
    there = seen > 0
    return float(2 * (seen[there] * np.log(seen[there] / (seen.sum() * shares[there]))).sum())


def generic_verbs(texts: Texts, topics: Labels) -> frozenset[str]:
    """Return words that stand as verbs and are said in at least half of the topics."""
    n_topics = count_nodes(topics)
    if n_topics < FEWEST_TOPICS:
        return frozenset()
    flow = texts.flow
    is_said = np.zeros((len(flow.low.words), n_topics), dtype=bool)
    topic_of = topics[flow.documents]
    is_said[flow.lows[topic_of >= 0], topic_of[topic_of >= 0]] = True
    often = np.flatnonzero(2 * is_said.sum(axis=1) >= n_topics)
    words = [flow.low.words[number] for number in often.tolist()]
    return frozenset(stem(word) for word in words if texts.headness(word) < 0.25)


def product_words(texts: Texts, titles: Sequence[str]) -> frozenset[str]:
    """Return words that name single products.

    They are the one-word names of repositories and their owners, unless several other owners say
    them in lower case ("serving"); and words that, said in three documents or more, are said by one
    owner in at least `ONE_OWNER` of them. Issues name none: all that is said of a tool is said in
    its own issues.
    """
    if any("#" in title for title in titles):
        return frozenset()
    owners = Vocabulary()
    owner_of = np.empty(len(titles), dtype=np.int32)
    named: dict[str, set[int]] = defaultdict(set)
    for document, title in enumerate(titles):
        owner_of[document] = owner = owners.add(title.split("/", 1)[0].lower())
        for part in title.split("/", 1):
            named[stem(part)].add(owner)
    said_by = texts.said_in(owner_of, len(owners.words)).tocsc()

    def owners_saying(word: str) -> set[int]:
        number = texts.stems.number(word)
        if number is None:
            return set()
        return set(said_by.indices[said_by.indptr[number] : said_by.indptr[number + 1]].tolist())

    names = {
        name
        for name, owned_by in named.items()
        if texts.usual(name) != name or len(owners_saying(name) - owned_by) < OTHERS
    }
    n_said = said_by.sum(axis=0).A1
    most = said_by.max(axis=0).toarray()[0]
    of_one = np.flatnonzero((n_said >= 3) & (most >= ONE_OWNER * n_said)).tolist()
    return frozenset(names | {texts.stems.words[number] for number in of_one})
