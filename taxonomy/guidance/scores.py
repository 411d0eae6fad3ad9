"""How well documents fit the codes of a codebook, and which code each gets, if any.

Nothing is trained: a document is compared with what the codebook says of each code (dataless
classification, Chang, Ratinov, Roth, Srikumar 2008), by meaning and by words, joined with what its
topic says, and has no code where two fit alike (the reject option of Chow 1970). Documents and
codes are centred, each by their own mean: what all of them share says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Floats, row_blocks, standardised, unit_rows
from artifacts.words import NOISE
from taxonomy.guidance.codes import CodeTexts
from taxonomy.types import Labels
from taxonomy.word_counts import TELLING_WORDS

TEXTS_COUNTED = 3
"""A code fits a document as well as the mean of this many of its texts that fit best."""
LEXICAL_WEIGHT = 0.5
"""Weight of shared words beside shared meaning, both at unit variance."""
TOPIC_WEIGHT = 0.3
"""How much of a document's score is the mean of its topic's."""
MARGIN = 0.3
"""A document whose best code leads the second by less has none: at the numbers above, a fifth of
the 357 tools of curated lists."""
FLOOR = 0.25
"""A document has no code if its cosine with every text of every code is below this. One of these
357 tools is; 48 of 50 texts on cooking, sports and law are."""
COVERED = 0.5
"""A node has no code if fewer than this share of its documents have one."""
SHARE = 0.5
"""A node has the commonest code of its documents if at least this share of the coded have it."""

UNLIKE = "unlike everything that the codebook says"
"""Why a document has no code, if it is below the floor."""


@dataclass(frozen=True)
class Coding:
    """Which code a document or a node has.

    Attributes
    ----------
    code
        Its id; None: abstained.
    best, second
        The two that fit best, whether it has one or not; None of a node with no coded document.
    margin
        By how much the best leads: of documents in standard deviations of the scores, of nodes in
        shares.
    share
        Of a node: the share of its coded documents that have ``best``; None of a document.
    n_coded
        Documents that have a code.
    size
        Documents in all.
    reason
        Why there is no code; None if there is one.
    """

    code: str | None
    best: str | None
    second: str | None
    margin: float
    share: float | None
    n_coded: int
    size: int
    reason: str | None


def own_scores(
    texts: Sequence[str], vectors: Floats, codes: Sequence[CodeTexts], phrases: Floats
) -> Doubles:
    """Return how well each document fits each code by itself.

    Parameters
    ----------
    texts, vectors
        n_docs texts and their n_docs × n_dims vectors of unit length.
    codes, phrases
        n_codes codes, and the n_texts × n_dims vectors of their texts, code after code.

    Returns
    -------
    Doubles
        n_docs × n_codes.
    """
    return joined_scores(words_shared(texts, codes), vectors, codes, phrases)


def joined_scores(
    shared: Doubles, vectors: Floats, codes: Sequence[CodeTexts], phrases: Floats
) -> Doubles:
    """Return `own_scores` of documents of which it is known what words they share with codes.

    Parameters
    ----------
    shared
        n_docs × n_codes of `words_shared`.
    vectors, codes, phrases
        As `own_scores`.
    """
    meaning = standardised(_meaning(vectors, codes, phrases))
    return meaning + LEXICAL_WEIGHT * standardised(shared)


def with_topics(scores: Doubles, topics: Labels, nearest: Labels) -> Doubles:
    """Join each document's scores with the mean of its topic's, or of the nearest if unplaced."""
    joined = scores.copy()
    for topic in np.unique(topics[topics != NOISE]):
        theirs = scores[topics == topic].mean(axis=0)
        near = nearest == topic
        joined[near] = (1 - TOPIC_WEIGHT) * scores[near] + TOPIC_WEIGHT * theirs
    return joined


def code_documents(
    scores: Doubles,
    vectors: Floats,
    phrases: Floats,
    codes: Sequence[CodeTexts],
    *,
    wanted_margin: float = MARGIN,
) -> list[Coding]:
    """Give each document the code that fits it best, or none where that is doubtful.

    Parameters
    ----------
    wanted_margin
        By how much the best code must lead the second, in standard deviations of the scores.

    Returns
    -------
    list[Coding]
        One for each row of ``scores``.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=1)
    margins = ranked[:, 0] - ranked[:, 1]
    likeness = (vectors @ phrases.T).max(axis=1)
    return [
        _coding(codes[one], codes[other], float(margin), float(like), wanted_margin)
        for one, other, margin, like in zip(
            order[:, 0], order[:, 1], margins, likeness, strict=True
        )
    ]


def _coding(
    best: CodeTexts, second: CodeTexts, margin: float, likeness: float, wanted_margin: float
) -> Coding:
    reason = None
    if likeness < FLOOR:
        reason = UNLIKE
    elif margin < wanted_margin:
        reason = f"between {best.id} and {second.id}"
    return Coding(
        code=best.id if reason is None else None,
        best=best.id,
        second=second.id,
        margin=margin,
        share=None,
        n_coded=int(reason is None),
        size=1,
        reason=reason,
    )


def code_node(members: Sequence[Coding]) -> Coding:
    """Give a node the code that most of its documents have, or none where they are at odds."""
    votes = Counter(member.code for member in members if member.code is not None)
    n_coded = votes.total()
    ranked = sorted(votes, key=lambda code: (-votes[code], code))
    shares = [votes[code] / n_coded for code in ranked]
    margin = shares[0] - (shares[1] if len(shares) > 1 else 0.0) if shares else 0.0
    reason = None
    if n_coded < COVERED * len(members) or not ranked:
        reason = f"only {n_coded} of its {len(members)} documents have a code"
    elif shares[0] < SHARE or margin == 0:
        reason = f"between {ranked[0]} and {ranked[1]}"
    return Coding(
        code=ranked[0] if reason is None else None,
        best=ranked[0] if ranked else None,
        second=ranked[1] if len(ranked) > 1 else None,
        margin=margin,
        share=shares[0] if shares else None,
        n_coded=n_coded,
        size=len(members),
        reason=reason,
    )


def _meaning(vectors: Floats, codes: Sequence[CodeTexts], phrases: Floats) -> Doubles:
    parts = np.split(phrases.astype(np.float64), np.cumsum([len(c.texts) for c in codes])[:-1])
    middle = np.mean([part.mean(axis=0) for part in parts], axis=0)
    mean = vectors.mean(axis=0, dtype=np.float64)
    meaning = np.empty((len(vectors), len(parts)))
    for at in row_blocks(len(vectors)):
        centred = unit_rows(vectors[at] - mean)
        for number, part in enumerate(parts):
            cosines = centred @ unit_rows(part - middle).T
            meaning[at, number] = np.sort(cosines, axis=1)[:, -TEXTS_COUNTED:].mean(axis=1)
    return meaning


def words_shared(texts: Sequence[str], codes: Sequence[CodeTexts]) -> Doubles:
    """Return the square root of the TF-IDF cosine of each document and all that a code says."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(
        stop_words="english", sublinear_tf=True, ngram_range=(1, 2), **TELLING_WORDS
    )
    try:
        weights = words.fit_transform([*texts, *(" ".join(code.texts) for code in codes)])
    except ValueError:  # there are no words at all
        return np.zeros((len(texts), len(codes)))
    cosines: Doubles = (weights[: len(texts)] @ weights[len(texts) :].T).toarray()
    shared: Doubles = np.sqrt(np.clip(cosines, 0.0, 1.0))
    return shared
