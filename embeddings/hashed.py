"""An encoder without a model: hashed word counts (the hashing trick, Weinberger et al. 2009)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from artifacts.arrays import Floats, unit_rows
from embeddings.text.words import PLAIN_WORD, normal, words_of

N_DIMS = 512


class HashedWords:
    """Encodes which words a text has, not what they mean: for quick looks and for tests."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return n_texts × 512 vectors of unit length; a text without words points one way."""
        from sklearn.feature_extraction.text import HashingVectorizer

        hashing = HashingVectorizer(
            n_features=N_DIMS,
            stop_words="english",
            tokenizer=partial(words_of, word=PLAIN_WORD),
            token_pattern=None,
            norm=None,
            dtype=np.float32,
        )
        vectors: Floats = hashing.transform(map(normal, texts)).toarray()
        vectors[~vectors.any(axis=1), 0] = 1.0
        return unit_rows(vectors)
