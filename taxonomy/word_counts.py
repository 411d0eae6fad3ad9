"""Which words documents share, and how often each says them: all that likeness by words rests on.

Counts that are written have no order of words. So they may be handed on where the texts may not,
and the space of the documents (`taxonomy.space`) is the same from both but for rounding: in memory
the words of a document are in the order in which the documents first said them, and sums of floats
go by that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from artifacts.errors import ArtifactError
from artifacts.tables import STRINGS, read_table, required, write_table
from embeddings.text.words import TELLING_WORD, normal, words_of

if TYPE_CHECKING:
    import scipy.sparse as sp

TELLING_WORDS: dict[str, Any] = {
    "preprocessor": lambda text: normal(text).lower(),
    "tokenizer": partial(words_of, word=TELLING_WORD),
    "token_pattern": None,
}
"""How texts are cut into the words by which they are alike."""
STOP_WORDS = "english"
"""The words that are left out, as scikit-learn calls them."""
SHARED_BY = 2
"""A word that fewer documents say makes no two of them alike."""
COUNTS = pa.schema(
    [
        *required(pa.string(), "key"),
        *required(STRINGS, "words"),
        *required(pa.list_(pa.int32()), "counts"),
    ]
)


@dataclass(frozen=True)
class WordCounts:
    """How often documents say the words that at least two of them say.

    Attributes
    ----------
    words
        n_words words, sorted.
    counts
        n_docs × n_words, sparse, float32; of texts, in each row in the order of first mention.
    """

    words: tuple[str, ...]
    counts: sp.csr_matrix

    def __len__(self) -> int:
        """Return how many documents there are."""
        return int(self.counts.shape[0])

    @classmethod
    def of(cls, texts: Sequence[str]) -> WordCounts:
        """Count the words of n_docs texts."""
        import scipy.sparse as sp
        from sklearn.feature_extraction.text import CountVectorizer

        counter = CountVectorizer(
            stop_words=STOP_WORDS, min_df=SHARED_BY, dtype=np.float32, **TELLING_WORDS
        )
        try:
            counts = counter.fit_transform(texts)
        except ValueError:  # no word is shared by two documents
            return cls((), sp.csr_matrix((len(texts), 0), dtype=np.float32))
        return cls(tuple(counter.get_feature_names_out().tolist()), counts)

    def write(self, path: Path, keys: Sequence[str]) -> None:
        """Write the words of each of n_docs documents, sorted, with their counts."""
        by_word = self.counts.sorted_indices()
        starts = pa.array(by_word.indptr, pa.int32())
        said = pa.array(self.words, pa.string()).take(pa.array(by_word.indices))
        counted = pa.array(by_word.data.astype(np.int32))
        lists = (pa.ListArray.from_arrays(starts, each) for each in (said, counted))
        write_table(path, pa.Table.from_arrays([pa.array(keys), *lists], schema=COUNTS))


def read_word_counts(path: Path) -> tuple[tuple[str, ...], WordCounts]:
    """Read what `WordCounts.write` wrote: n_docs keys, and their counts.

    Raises
    ------
    ArtifactError
        If it is missing or damaged.
    """
    import scipy.sparse as sp

    table = read_table(path, COUNTS)
    said, counted = (table[name].combine_chunks() for name in ("words", "counts"))
    starts = said.offsets.to_numpy()
    words = sorted(said.flatten().unique().to_pylist())
    places = pa.compute.index_in(said.flatten(), pa.array(words, pa.string())).to_numpy()
    rising = np.diff(places) > 0
    rising[starts[(starts > 0) & (starts < len(places))] - 1] = True
    if not np.array_equal(starts, counted.offsets.to_numpy()) or not rising.all():
        raise ArtifactError("The words and their counts do not fit.", where=str(path))
    data = counted.flatten().to_numpy().astype(np.float32)
    shape = (table.num_rows, len(words))
    counts = sp.csr_matrix((data, places.astype(np.int32), starts.astype(np.int32)), shape=shape)
    return tuple(table["key"].to_pylist()), WordCounts(tuple(words), counts)
