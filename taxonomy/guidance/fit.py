"""How well a codebook fits documents, beside topics that were found without it.

Everything here goes by documents alone (`taxonomy.guidance.scores.own_scores`): were they joined
with what their topics say, codes would agree with the topics for that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Floats
from artifacts.words import NOISE
from taxonomy.guidance.codes import CodeTexts
from taxonomy.guidance.scores import (
    FLOOR,
    UNLIKE,
    Coding,
    code_documents,
    code_node,
)
from taxonomy.types import Labels

WELL, BADLY = 0.4, 0.3
"""From here on a book fits well, below it badly: its AMI as a share of `most_of`. On 357 tools and
320 requests the books that were written for them reach 0.33 to 0.45, halves of these 0.21 to 0.43,
books of other fields 0.06 to 0.20: the bounds tell what is foreign, not every gap."""
FOREIGN = 0.38
"""A book that fits badly may be of another field if half the documents are less like its nearest
text than this: with those of other fields they have 0.24 to 0.35, with most others more."""
UNCOVERED = 0.4
"""With this share of the documents in topics that no code stands for, a book fits in part at best:
the rest may be a class of its own that agrees with topics very well. The books above leave out 0.21
to 0.43, foreign ones 0.42 to 0.78."""
FEW = 3
"""A code that is the best one of fewer documents is nearly empty."""
OVERLAP = 0.25
"""Codes are close if this share of the documents that one of them gets, or nearly gets, is between
the two."""


@dataclass(frozen=True)
class CodeFit:
    """What a code gets.

    Attributes
    ----------
    code
        Its id.
    documents
        Those that it fits best.
    sure
        Those of them that it fits clearly better than any other.
    """

    code: str
    documents: int
    sure: int


@dataclass(frozen=True)
class CodeOverlap:
    """Two codes that are hard to tell apart.

    Attributes
    ----------
    one, other
        Their ids.
    documents
        Those that are between the two.
    share
        Of those that one of them gets or nearly gets; of the two shares the larger, in [0, 1].
    """

    one: str
    other: str
    documents: int
    share: float


@dataclass(frozen=True)
class BookFit:
    """How well a codebook fits documents.

    Attributes
    ----------
    fit
        As `fit_of`.
    most
        As `most_of`.
    likeness
        Cosine of the median document and the text of the codebook that it is most like.
    documents
        How many there are.
    unlike, between
        How many have no code: they are like nothing that the codebook says, or between two codes.
    codes
        In the codebook's order.
    overlaps
        The closest first.
    topics
        Codings of topics by number, of their documents' own codes.
    """

    fit: float
    most: float
    likeness: float
    documents: int
    unlike: int
    between: int
    codes: tuple[CodeFit, ...]
    overlaps: tuple[CodeOverlap, ...]
    topics: Mapping[int, Coding]

    @property
    def verdict(self) -> str:
        """Return how the book fits: ``well``, ``in part`` or ``badly``."""
        share = self.fit / self.most if self.most > 0 else 0.0
        if share >= WELL and self.n_uncovered < UNCOVERED * self.documents:
            return "well"
        return "in part" if share >= BADLY else "badly"

    @property
    def uncovered(self) -> list[int]:
        """Return the numbers of the topics that no code stands for, the largest first."""
        none = [number for number, coding in self.topics.items() if coding.code is None]
        return sorted(none, key=lambda number: (-self.topics[number].size, number))

    @property
    def n_uncovered(self) -> int:
        """Return how many documents are in topics that no code stands for."""
        return sum(self.topics[number].size for number in self.uncovered)


def fit_book(
    codes: Sequence[CodeTexts], scores: Doubles, vectors: Floats, phrases: Floats, topics: Labels
) -> BookFit:
    """Return how well a codebook fits documents.

    Parameters
    ----------
    codes
        n_codes codes.
    scores
        n_docs × n_codes of `own_scores`.
    vectors, phrases
        n_docs × n_dims vectors of the documents, n_texts × n_dims of the codes' texts.
    topics
        Topic of each of the n_docs documents, or `NOISE`.
    """
    codings = code_documents(scores, vectors, phrases, codes)
    best = best_codes(scores, vectors, phrases)
    unlike = sum(coding.reason == UNLIKE for coding in codings)
    return BookFit(
        fit=fit_of(best, topics),
        most=most_of(best, topics),
        likeness=float(np.median((vectors @ phrases.T).max(axis=1))),
        documents=len(codings),
        unlike=unlike,
        between=sum(coding.code is None for coding in codings) - unlike,
        codes=codes_fit(codings, codes),
        overlaps=overlaps(codings),
        topics={
            int(topic): code_node([codings[at] for at in np.flatnonzero(topics == topic)])
            for topic in np.unique(topics[topics != NOISE])
        },
    )


def best_codes(scores: Doubles, vectors: Floats, phrases: Floats) -> Labels:
    """Return the place of the code that fits each document best; `NOISE` where none is like it.

    Parameters
    ----------
    scores, vectors, phrases
        As `fit_book`.
    """
    likeness = (vectors @ phrases.T).max(axis=1)
    return np.where(likeness < FLOOR, NOISE, scores.argmax(axis=1)).astype(np.int32)


def fit_of(best: Labels, topics: Labels) -> float:
    """Return the adjusted mutual information of documents' best codes and their topics.

    What has no code is a class of its own, and so is what has no topic. 1: they say the same; about
    0: no more than chance (Vinh, Epps and Bailey 2010). On 357 tools the book in twenty codes that
    was written for them reaches 0.45, halves of it 0.26 to 0.38, books of other fields 0.15 to
    0.20; with fewer codes less can be reached, see `most_of`.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(topics, best))


def most_of(best: Labels, topics: Labels) -> float:
    """Return the most that `fit_of` can be with classes of these sizes, in [0, 1].

    Two codings share no more than the one that tells less apart has to say: their information is at
    most the smaller entropy, and is measured against the mean of both.
    """
    one, other = (_entropy(labels) for labels in (best, topics))
    return 2 * min(one, other) / (one + other) if one + other > 0 else 0.0


def codes_fit(codings: Sequence[Coding], codes: Sequence[CodeTexts]) -> tuple[CodeFit, ...]:
    """Return how many documents each code gets, in the order of ``codes``."""
    best = Counter(coding.best for coding in codings if coding.reason != UNLIKE)
    sure = Counter(coding.code for coding in codings)
    return tuple(CodeFit(code.id, best[code.id], sure[code.id]) for code in codes)


def overlaps(codings: Sequence[Coding]) -> tuple[CodeOverlap, ...]:
    """Return the codes that at least `FEW` documents are between, and `OVERLAP` of one's."""
    between: Counter[tuple[str, str]] = Counter()
    reached: Counter[str] = Counter()
    for coding in codings:
        if coding.reason == UNLIKE or coding.best is None or coding.second is None:
            continue
        reached[coding.best] += 1
        if coding.code is None:
            reached[coding.second] += 1
            between[min(coding.best, coding.second), max(coding.best, coding.second)] += 1
    found = [
        CodeOverlap(one, other, n, n / min(reached[one], reached[other]))
        for (one, other), n in between.items()
    ]
    close = [pair for pair in found if pair.documents >= FEW and pair.share >= OVERLAP]
    return tuple(sorted(close, key=lambda pair: (-pair.share, pair.one, pair.other)))


def _entropy(labels: Labels) -> float:
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return float(-(shares * np.log(shares)).sum())
