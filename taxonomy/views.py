"""The space in which documents are neighbours: what they mean, joined with the words they use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LEXICAL_DIMENSIONS = 100
_WORD = r"[^\W\d_][\w+#-]{2,}"


def joined_view(
    texts: Sequence[str], vectors: Floats, *, lexical_weight: float, seed: int
) -> Floats:
    """Join dense vectors with a lexical view of the same documents.

    Dense vectors are centred first: the mean of a one-topic collection says what all its documents
    share, and hides what sets them apart. The lexical view is TF-IDF reduced by a truncated
    singular value decomposition (latent semantic analysis, Deerwester et al. 1990).

    Parameters
    ----------
    texts
        n_docs texts.
    vectors
        n_docs × n_dims, any length but zero.
    lexical_weight
        Length of the lexical part beside a dense part of length 1; 0 leaves it out.
    seed
        Seed of the decomposition.

    Returns
    -------
    Floats
        n_docs × (n_dims + up to 100), rows of unit length (a row of zeros stays zero).
    """
    dense = _unit_rows(vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32))
    if lexical_weight == 0:
        return dense
    lexical = _lexical_view(texts, seed)
    return _unit_rows(np.hstack([dense, np.float32(lexical_weight) * lexical]))


def _lexical_view(texts: Sequence[str], seed: int) -> Floats:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(
        stop_words="english", sublinear_tf=True, min_df=2, token_pattern=_WORD, dtype=np.float32
    )
    try:
        weights = words.fit_transform(texts)
    except ValueError:  # no word is shared by two documents, so words say nothing about likeness
        return np.zeros((len(texts), 1), dtype=np.float32)
    size = min(LEXICAL_DIMENSIONS, len(texts) // 4, weights.shape[1] - 1)
    if size < 1:
        return np.zeros((len(texts), 1), dtype=np.float32)
    with np.errstate(all="ignore"):  # of texts all alike it also asks for shares of no variance
        reduced = TruncatedSVD(size, random_state=seed).fit_transform(weights)
    return _unit_rows(reduced.astype(np.float32))


def _unit_rows(matrix: Floats) -> Floats:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: Floats = np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
    return unit
