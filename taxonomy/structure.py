"""Whether documents have more structure than their words and vectors would, dealt out at random.

An ensemble finds groups in anything, and the same ones again. So the documents are compared with
reference collections, as the gap statistic does (Tibshirani, Walther and Hastie 2001, doi
10.1111/1467-9868.00293): in each, every document has as many words, and every word is in as many
documents, as they are; only which word is where is drawn anew, uniformly, by trades of pairs of
documents (curveball: Strona et al. 2014, doi 10.1038/ncomms5114; all pairs at once: Carstens et
al. 2018, doi 10.4230/LIPIcs.ESA.2018.11). What is compared is how near documents are to those
nearest to them.

Words alone tell it at once of most collections. Where they do not, because documents are few and
say the same in different words, a word counts by its vector: a document is the sum of its words,
joined with the words themselves as in `taxonomy.space`. Words with digits, mostly numbers of
documents, do not count: each document having one is no structure.

That says nothing of the documents' own vectors, which may be anybody's. What these know of the
documents shows in that documents near by words are near by vectors too: the correlation of both
over all pairs, beside that with the vectors dealt out among the documents (Mantel 1967, Cancer
Research 27:209). Whatever vectors are drawn from, if they are drawn without regard to the texts,
each such deal is as likely as the one given, so that no more than `LEVEL` of them pass.

There is structure where both comparisons show it, so that the larger p-value is that of the whole
(intersection-union test: Berger 1982, doi 10.1080/00401706.1982.10487790).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Floats, Integers, unit_rows
from embeddings.text.words import TELLING_WORD, lacks_spaces, words_of
from taxonomy.consensus import ROUNDING
from taxonomy.types import Encode
from taxonomy.word_counts import TELLING_WORDS

LEVEL = 0.01
"""Structure is told where the p-value is at most this."""
AT_ONCE = 1e-4
"""Words alone tell it where the p-value, by the normal distribution, is at most this."""
REFERENCES_AT_ONCE = 29
REFERENCES = 199
ENOUGH = 10
"""No more references are drawn than until so many are as near as the documents."""
MOST_DOCUMENTS = 300
"""So many documents, drawn with the seed, are enough to tell."""
MOST_WORDS = 1500
"""As many of the documents are looked at by meaning as have about so many words."""

_DIGIT = re.compile(r"\d")
_NEAREST = 5
_LEXICAL_WEIGHT = 0.5
_SWEEPS_FIRST, _SWEEPS = 10, 4


class Comparison(NamedTuple):
    """A figure of the documents, beside the mean of the references', and its p-value.

    The p-value is the share of the references, the documents among them, whose figure is at least
    as high (Besag and Clifford 1991, doi 10.1093/biomet/78.2.301); where it is so small that few
    references cannot show it, what a normal distribution of their figures gives.
    """

    observed: float
    by_chance: float
    p: float


@dataclass(frozen=True)
class Structure:
    """How much the documents have in common, beside the references.

    Attributes
    ----------
    nearness, by_chance
        Mean cosine of a document with its five nearest, by words; in the documents, and in the
        references.
    p
        In [0, 1]: the larger one of the p-values of nearness and of agreement.
    agreement
        In [-1, 1]: how the cosines of pairs of documents by words and by vectors correlate; by
        chance, 0. None in what earlier versions stored.
    agreement_p
        The p-value of agreement.
    """

    nearness: float
    by_chance: float
    p: float
    agreement: float | None = None
    agreement_p: float | None = None

    @property
    def is_noise(self) -> bool:
        """Tell whether there is no more structure than in noise."""
        return self.p > LEVEL

    @property
    def told(self) -> str:
        """Return what the reader of a taxonomy must know of it; nothing where there is structure.

        Of words and vectors, it speaks of whichever are more like noise.

        >>> Structure(0.121, 0.124, 0.43, 0.31, 0.005).told[:31]
        'No more structure than in noise'
        """
        if not self.is_noise:
            return ""
        if self.p == self.agreement_p:
            return (
                "No more structure than in noise: documents that are near by their words are no "
                "nearer by their vectors than if these were dealt out at random (correlation "
                f"{self.agreement:.3f}, at random 0, p = {self.p:.2f}). Its topics are chance: "
                "give vectors that are of these texts, in the same order, and build again."
            )
        return (
            "No more structure than in noise: the documents are no nearer to each other than if "
            f"their words were dealt out at random (nearness {self.nearness:.3f}, at random "
            f"{self.by_chance:.3f}, p = {self.p:.2f}). Its topics are chance: give more documents, "
            "or longer texts such as READMEs, and build again."
        )

    @property
    def facts(self) -> dict[str, float | None]:
        """Return what a manifest says of it: how likely by chance, and how large, each effect."""
        return {
            "structure_p": self.p,
            "structure_nearness_gain": self.nearness - self.by_chance,
            "structure_agreement": self.agreement,
        }


def structure_of(stability: Mapping[str, Any]) -> Structure | None:
    """Return what was found of a stored taxonomy; None where it was not or could not be."""
    values = stability.get("structure")
    return None if values is None else Structure(**values)


def find_structure(
    texts: Sequence[str], vectors: Floats, encode: Encode, *, seed: int
) -> Structure | None:
    """Compare documents with collections of the same words and vectors, dealt out at random.

    Parameters
    ----------
    texts, vectors
        n_docs texts and their n_docs × n_dims vectors.
    encode
        Words to vectors; called only where words alone do not tell.

    Returns
    -------
    Structure | None
        None where it cannot be told: of texts without words, or in scripts that do not part them.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(texts))[:MOST_DOCUMENTS]
    uses, words = _word_uses([texts[place] for place in chosen])
    if uses.nnz == 0:
        return None
    meant = None
    near = _at_once(map(_nearness, _all_cosines(uses, meant, rng)))
    if near.p > AT_ONCE:
        uses = uses[: _documents_with(uses, MOST_WORDS)]
        used = np.unique(uses.indices)
        uses, meant = uses[:, used], encode([words[place] for place in used]).astype(np.float64)
        near = _ranked(map(_nearness, _all_cosines(uses, meant, rng)))
    by_words = next(_all_cosines(uses, meant, rng))
    agreed = _ranked(_agreements(by_words, vectors[chosen[: uses.shape[0]]], rng))
    found = Structure(*near[:2], max(near.p, agreed.p), agreed.observed, agreed.p)
    if found.is_noise and 2 * sum(map(lacks_spaces, texts)) > len(texts):
        return None
    return found


def _word_uses(texts: Sequence[str]) -> tuple[sp.csr_matrix, list[str]]:
    """Return n_docs × n_words, 1 where a document says a word, and the words."""
    from sklearn.feature_extraction.text import CountVectorizer

    options = {**TELLING_WORDS, "tokenizer": _first_words}
    counter = CountVectorizer(stop_words="english", binary=True, dtype=np.float64, **options)
    try:
        uses = counter.fit_transform(texts)
    except ValueError:  # there are no words at all
        return sp.csr_matrix((len(texts), 0)), []
    words = counter.get_feature_names_out().tolist()
    kept = [place for place, word in enumerate(words) if _DIGIT.search(word) is None]
    return uses[:, kept], [words[place] for place in kept]


def _first_words(text: str) -> list[str]:
    """Return the first word between each two spaces: what follows is there because of it."""
    return [word for part in text.split() for word in words_of(part, TELLING_WORD)[:1]]


def _documents_with(uses: sp.csr_matrix, n_words: int) -> int:
    """Return how many documents, from the first on, have so many different words together."""
    first = np.sort(np.unique(uses.indices, return_index=True)[1])
    if len(first) <= n_words:
        return int(uses.shape[0])
    return int(np.searchsorted(uses.indptr, first[n_words], side="right")) - 1


def _at_once(figures: Iterator[float]) -> Comparison:
    """Judge the first figure by few others: as one more draw from a normal distribution."""
    from scipy.stats import t

    observed, *others = islice(figures, 1 + REFERENCES_AT_ONCE)
    by_chance, spread = float(np.mean(others)), float(np.std(others, ddof=1))
    if spread < ROUNDING:  # nothing can be dealt out anew
        return Comparison(observed, by_chance, 1.0)
    beyond = (observed - by_chance) / (spread * np.sqrt(1 + 1 / len(others)))
    return Comparison(observed, by_chance, float(t.sf(beyond, len(others) - 1)))


def _ranked(figures: Iterator[float]) -> Comparison:
    """Judge the first figure by how many others are as high."""
    observed = next(figures)
    others: list[float] = []
    n_as_high = 0
    while len(others) < REFERENCES and n_as_high < ENOUGH:
        others.append(next(figures))
        n_as_high += others[-1] > observed - ROUNDING
    p = n_as_high / len(others) if n_as_high == ENOUGH else (1 + n_as_high) / (1 + REFERENCES)
    return Comparison(observed, float(np.mean(others)), p)


def _all_cosines(
    uses: sp.csr_matrix, vectors: Doubles | None, rng: np.random.Generator
) -> Iterator[Doubles]:
    """Yield the cosines of the documents, and then, without end, those of a reference each."""
    n_docs, n_words = uses.shape
    documents, words = (rows.astype(np.int64) for rows in uses.nonzero())
    seen_in = np.bincount(words, minlength=n_words)
    rarity = np.log((1 + n_docs) / (1 + seen_in)) + 1
    if vectors is not None:
        vectors = vectors - np.average(vectors, axis=0, weights=seen_in)
    for n_sweeps in chain([0, _SWEEPS_FIRST], repeat(_SWEEPS)):
        documents = _traded(documents, words, uses.shape, rng, n_sweeps)
        weights = sp.csr_matrix((rarity[words], (documents, words)), shape=uses.shape)
        yield _cosines(weights, seen_in >= 2, vectors)


def _cosines(weights: sp.csr_matrix, shared: NDArray[np.bool_], vectors: Doubles | None) -> Doubles:
    """Return n_docs × n_docs cosines of documents, by words and maybe what these mean."""
    from sklearn.preprocessing import normalize

    cosines = np.zeros((weights.shape[0], weights.shape[0]))
    if shared.any():
        by_words = normalize(weights[:, shared])
        cosines = (by_words @ by_words.T).toarray()
    if vectors is not None:
        meant = weights @ vectors
        meant = normalize(meant - meant.mean(axis=0))
        cosines = (meant @ meant.T + _LEXICAL_WEIGHT**2 * cosines) / (1 + _LEXICAL_WEIGHT**2)
    return cosines


def _nearness(cosines: Doubles) -> float:
    """Return the mean cosine of each document with its nearest."""
    np.fill_diagonal(cosines, -np.inf)
    n_near = min(_NEAREST, len(cosines) - 1)
    return float(np.partition(cosines, -n_near, axis=1)[:, -n_near:].mean())


def _agreements(by_words: Doubles, vectors: Floats, rng: np.random.Generator) -> Iterator[float]:
    """Yield how cosines by words and by vectors correlate, and then, without end, by chance."""
    centred = unit_rows(vectors - vectors.mean(axis=0, dtype=np.float64))
    one, other = (_standardized(cosines) for cosines in (by_words, centred @ centred.T))
    order = np.arange(len(other))
    while True:
        yield float((one * other[np.ix_(order, order)]).sum())
        order = rng.permutation(len(other))


def _standardized(cosines: Doubles) -> Doubles:
    """Return the cosines of each two documents with mean 0 and, where they differ, length 1."""
    pairs = ~np.eye(len(cosines), dtype=bool)
    centred = (cosines - cosines[pairs].mean()) * pairs
    length = np.linalg.norm(centred)
    return centred / length if length > ROUNDING else np.zeros_like(centred)


def _traded(
    documents: Integers, words: Integers, shape: tuple[int, int], rng: np.random.Generator, n: int
) -> Integers:
    """Return the documents of the words after ``n`` sweeps in which all trade, two by two.

    Of the words that only one of the two says, each gets as many as it had, whichever they are.
    """
    n_docs, n_words = shape
    for _ in range(n):
        pair = (rng.permutation(n_docs) // 2)[documents]
        _, kind, count = np.unique(pair * n_words + words, return_inverse=True, return_counts=True)
        single = np.flatnonzero(count[kind] == 1)
        of = pair[single]
        in_turn = single[np.argsort(of, kind="stable")]
        dealt = single[np.lexsort((rng.random(len(single)), of))]
        documents = documents.copy()
        documents[dealt] = documents[in_turn]
    return documents
