"""The space in which documents are neighbours, and who is near whom in it.

It joins what documents mean with the words they use.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats, Integers, row_blocks, unit_rows
from taxonomy.settings import are_many
from taxonomy.word_counts import STOP_WORDS, TELLING_WORDS, WordCounts

if TYPE_CHECKING:
    import scipy.sparse as sp

LEXICAL_DIMENSIONS = 100
_FEWEST_SOUGHT = 24
_SOUGHT = 1.5


@dataclass(frozen=True)
class Space:
    """A joined view as something that other documents can be put into.

    Attributes
    ----------
    centre
        n_dims: the mean vector of the documents that it was fitted on.
    lexical_weight
        Length of the lexical part beside a dense part of length 1.
    words, idf
        The n_words words that count, and how rare each is.
    directions
        n_words × n_lexical: what the words' weights are multiplied by. Without a word, no document
        has a lexical part; it is still n_lexical zeros long.
    """

    centre: Floats
    lexical_weight: float
    words: tuple[str, ...]
    idf: Floats
    directions: Floats

    def closeness(self, vectors: Floats) -> Floats:
        """Return the cosine of each vector with the centre: what it shares with all documents."""
        centre = unit_rows(self.centre[None, :])[0]
        cosines: Floats = unit_rows(vectors) @ centre
        return cosines

    def points(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return n_texts × (n_dims + n_lexical) points of unit length (zeros stay zeros)."""
        if self.lexical_weight == 0:
            return _joined(vectors, self.centre)
        lexical = np.zeros((len(texts), self.directions.shape[1]), dtype=np.float32)
        if self.words:
            lexical = (self._weights(texts) @ self.directions).astype(np.float32)
        return _joined(vectors, self.centre, lexical, self.lexical_weight)

    def _weights(self, texts: Sequence[str]) -> sp.csr_matrix:
        from sklearn.feature_extraction.text import TfidfVectorizer

        counter = TfidfVectorizer(
            stop_words=STOP_WORDS,
            sublinear_tf=True,
            dtype=np.float32,
            vocabulary=list(self.words),
            **TELLING_WORDS,
        )
        counter.idf_ = self.idf
        return counter.transform(texts)


@dataclass(frozen=True)
class NeighbourGraph:
    """Who is near whom.

    Attributes
    ----------
    neighbours
        n_docs × n_neighbours document numbers, nearest first, the document itself left out.
    memberships
        n_docs × n_docs, symmetric and sparse: UMAP's fuzzy memberships in [0, 1].
    start
        n_docs × n_dims: where the layout of every run starts (principal components).
    """

    neighbours: Integers
    memberships: sp.csr_matrix
    start: Floats


def joined_space(
    texts: Sequence[str] | WordCounts, vectors: Floats, *, lexical_weight: float, seed: int
) -> tuple[Space, Floats]:
    """Join dense vectors with a lexical view of the same documents.

    Dense vectors are centred first: the mean of a one-topic collection says what all its documents
    share, and hides what sets them apart. The lexical view is TF-IDF reduced by a truncated
    singular value decomposition (latent semantic analysis, Deerwester et al. 1990).

    Parameters
    ----------
    texts
        n_docs texts, or the counts of their words: the space is the same.
    vectors
        n_docs × n_dims, any length but zero.
    lexical_weight
        Length of the lexical part beside a dense part of length 1; 0 leaves it out.
    seed
        Seed of the decomposition.

    Returns
    -------
    tuple[Space, Floats]
        The space, and the documents in it: n_docs × (n_dims + up to 100), rows of unit length (a
        row of zeros stays zero).
    """
    centre = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    if lexical_weight == 0:
        return Space(centre, 0.0, (), *_no_words(len(texts))[:2]), _joined(vectors, centre)
    counts = texts if isinstance(texts, WordCounts) else WordCounts.of(texts)
    words, (idf, directions, lexical) = _lexical_parts(counts, seed)
    space = Space(centre, lexical_weight, words, idf, directions)
    return space, _joined(vectors, centre, lexical, lexical_weight)


def neighbour_graph(view: Floats, *, neighbours: int, dimensions: int, seed: int) -> NeighbourGraph:
    """Build the neighbour graph of the rows of ``view`` (unit length) under the cosine.

    Of up to `MANY` documents it is exact. Of more, neighbours are sought by nearest neighbour
    descent (Dong, Moses and Li 2011, doi 10.1145/1963405.1963487; `pynndescent`), which takes a
    time that grows little faster than their number; some are missed, and the next nearest stand in
    their place. What is found depends neither on the seed nor on the number of cores.
    """
    import scipy.sparse as sp
    from sklearn.decomposition import PCA
    from umap.umap_ import (
        compute_membership_strengths,
        fuzzy_simplicial_set,
        smooth_knn_dist,
    )

    # To compile them anew takes each process some seconds; where nothing may be kept, it must.
    with suppress(RuntimeError):
        for compiled in (smooth_knn_dist, compute_membership_strengths):
            compiled.enable_caching()
    n_docs = len(view)
    nearest, distances = _nearest(view, neighbours)
    memberships, _, _ = fuzzy_simplicial_set(
        view,
        nearest.shape[1],
        np.random.RandomState(seed),
        "cosine",
        knn_indices=nearest,
        knn_dists=(distances**2 / 2).astype(np.float32),
    )
    size = min(dimensions, n_docs - 1, view.shape[1])
    with np.errstate(all="ignore"):  # of documents all alike it also asks for shares of no variance
        components = PCA(size, random_state=seed).fit_transform(view).astype(np.float32)
    components = np.pad(components, ((0, 0), (0, dimensions - size)))
    widest = np.abs(components).max()
    return NeighbourGraph(
        neighbours=nearest[:, 1:],
        memberships=sp.csr_matrix(memberships),
        start=components * np.float32(10 / widest if widest > 0 else 1),
    )


def _lexical_parts(
    counts: WordCounts, seed: int
) -> tuple[tuple[str, ...], tuple[Floats, Floats, Floats]]:
    """Return the words that documents share, how rare they are, their directions, the documents."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer

    size = min(LEXICAL_DIMENSIONS, len(counts) // 4, len(counts.words) - 1)
    if size < 1:  # words say nothing, or too little, about likeness
        return (), _no_words(len(counts))
    rarity = TfidfTransformer(sublinear_tf=True)
    weights = rarity.fit_transform(counts.counts)
    found = TruncatedSVD(size, algorithm="arpack", random_state=seed)
    with np.errstate(all="ignore"):  # of texts all alike it also asks for shares of no variance
        reduced = found.fit_transform(weights).astype(np.float32)
    directions = np.ascontiguousarray(found.components_.T, dtype=np.float32)
    return counts.words, (rarity.idf_.astype(np.float32), directions, reduced)


def _no_words(n_docs: int) -> tuple[Floats, Floats, Floats]:
    none = np.zeros((n_docs, 1), dtype=np.float32)
    return none[:0, 0], none[:0], none


def _joined(
    vectors: Floats, centre: Floats, lexical: Floats | None = None, lexical_weight: float = 0.0
) -> Floats:
    """Return what vectors are beside their centre, with the lexical part if there is one."""
    n_lexical = 0 if lexical is None else lexical.shape[1]
    joined = np.empty((len(vectors), vectors.shape[1] + n_lexical), dtype=np.float32)
    for at in row_blocks(len(vectors)):
        dense = unit_rows(vectors[at] - centre)
        if lexical is not None:
            weighted = np.float32(lexical_weight) * unit_rows(lexical[at])
            dense = unit_rows(np.hstack([dense, weighted]))
        joined[at] = dense
    return joined


def neighbours_in_key(n_docs: int) -> dict[str, str]:
    """Return what the key of an artifact holds of how neighbours among so many are found."""
    return {"neighbours": "by descent"} if are_many(n_docs) else {}


def nearest_documents(view: Floats, *, neighbours: int) -> Integers:
    """Return the `neighbours` of a graph, n_docs × n_neighbours, without the rest of it."""
    return _nearest(view, neighbours)[0][:, 1:]


def _nearest(view: Floats, neighbours: int) -> tuple[Integers, NDArray[np.floating]]:
    """Return each document, then its neighbours, and how far they are."""
    wanted = min(neighbours, len(view) - 1) + 1
    found = _by_descent if are_many(len(view)) else _compared_with_all
    distances, nearest = found(view, wanted)
    return _self_first(nearest.astype(np.int64), distances)


def _compared_with_all(view: Floats, wanted: int) -> tuple[NDArray[np.floating], Integers]:
    from sklearn.neighbors import NearestNeighbors

    distances, nearest = (
        NearestNeighbors(n_neighbors=wanted, algorithm="brute").fit(view).kneighbors(view)
    )
    return distances, nearest


def _by_descent(view: Floats, wanted: int) -> tuple[NDArray[np.floating], Integers]:
    """Seek more than are wanted: of 15 neighbours among 20,000 documents, 97 % are found so."""
    from pynndescent import NNDescent

    sought = max(_FEWEST_SOUGHT, round(_SOUGHT * wanted))
    # With another number of threads its first guesses are others, and so is what it finds.
    index = NNDescent(view, "euclidean", n_neighbors=sought, random_state=0, n_jobs=1)
    nearest, distances = index.neighbor_graph
    return distances[:, :wanted], nearest[:, :wanted]


def _self_first(
    found: Integers, distances: NDArray[np.floating]
) -> tuple[Integers, NDArray[np.floating]]:
    """Put each document first among its own neighbours, also where twins are as near as itself."""
    own = np.arange(len(found))[:, None]
    is_own = found == own
    is_own[~is_own.any(axis=1), -1] = True  # crowded out by twins: takes the last place
    order = np.argsort(~is_own, axis=1, kind="stable")
    found = np.take_along_axis(np.where(is_own, own, found), order, axis=1)
    distances = np.take_along_axis(np.where(is_own, 0.0, distances), order, axis=1)
    return found, distances
