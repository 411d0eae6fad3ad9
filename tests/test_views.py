"""The joined view: dense vectors, centred, beside the words that documents share."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from planted import blobs, planted_texts

from artifacts.arrays import Floats
from embeddings.encoder import HashedWords
from taxonomy.space import LEXICAL_DIMENSIONS, joined_space


def joined_view(texts: list[str], vectors: Floats, *, lexical_weight: float, seed: int) -> Floats:
    """Return the documents' points in the space that is fitted on them."""
    return joined_space(texts, vectors, lexical_weight=lexical_weight, seed=seed)[1]


def test_rows_have_unit_length_and_both_parts() -> None:
    """The dense and the lexical part are beside each other, weighted, at unit length."""
    texts, _ = planted_texts(10)
    vectors = HashedWords().encode(texts)
    view = joined_view(texts, vectors, lexical_weight=0.5, seed=0)
    n_dims = vectors.shape[1]
    assert view.dtype == np.float32
    assert n_dims < view.shape[1] <= n_dims + LEXICAL_DIMENSIONS
    assert np.linalg.norm(view, axis=1) == pytest.approx(1, abs=1e-5)
    ratio = np.linalg.norm(view[:, n_dims:], axis=1) / np.linalg.norm(view[:, :n_dims], axis=1)
    assert ratio == pytest.approx(0.5, abs=1e-5)


def test_weight_0_leaves_the_words_out() -> None:
    """Without words the view is the centred dense vectors, whatever the texts say."""
    vectors = blobs(10)
    view = joined_view(["same words"] * 30, vectors, lexical_weight=0, seed=0)
    centred = vectors - vectors.mean(axis=0)
    assert view == pytest.approx(centred / np.linalg.norm(centred, axis=1)[:, None], abs=1e-5)


def test_what_all_documents_share_is_taken_out() -> None:
    """A direction that is added to every vector changes nothing."""
    vectors = blobs(10)
    shifted = vectors + np.full(8, 3, dtype=np.float32)
    views = [joined_view([""] * 30, each, lexical_weight=0, seed=0) for each in (vectors, shifted)]
    assert views[0] == pytest.approx(views[1], abs=1e-5)


def test_words_bring_documents_together_that_vectors_do_not() -> None:
    """With vectors that say nothing, documents of one theme are still the more alike ones."""
    texts, truth = planted_texts(10)
    vectors = np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32)
    view = joined_view(texts, vectors, lexical_weight=2.0, seed=0)
    likeness = view @ view.T
    same = truth[:, None] == truth[None, :]
    assert likeness[same].mean() > likeness[~same].mean() + 0.3


@pytest.mark.parametrize(
    "texts",
    [
        [""] * 12,
        ["🚀🔥", "📦"] * 6,
        ["the of and"] * 12,
        [f"own{number}" for number in range(12)],
        ["one and the same text"] * 12,
        ["word"] * 12,
    ],
    ids=["empty", "emoji", "stop words", "nothing shared", "identical", "one word"],
)
def test_texts_that_say_nothing_leave_the_vectors(texts: list[str]) -> None:
    """Texts without words, or with the same, make no NaN, no warning and no difference."""
    vectors = blobs(6, groups=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        view = joined_view(texts, vectors, lexical_weight=0.5, seed=0)
    assert np.isfinite(view).all()
    dense = joined_view(texts, vectors, lexical_weight=0, seed=0)
    likeness, dense_likeness = view @ view.T, dense @ dense.T
    assert np.corrcoef(likeness.ravel(), dense_likeness.ravel())[0, 1] > 0.999


def test_identical_vectors_give_identical_rows() -> None:
    """Nothing is left of vectors that are all the same, and nothing is divided by zero."""
    vectors = np.tile(blobs(1, groups=1), (12, 1))
    view = joined_view(["text"] * 12, vectors, lexical_weight=0.5, seed=0)
    assert np.isfinite(view).all()
    assert (view == view[0]).all()


def test_the_same_seed_gives_the_same_view() -> None:
    """Views are equal bit by bit, and the inputs are left as they were."""
    texts, _ = planted_texts(10)
    vectors = HashedWords().encode(texts)
    before = vectors.copy()
    one, other = (joined_view(texts, vectors, lexical_weight=0.5, seed=3) for _ in range(2))
    assert (one == other).all()
    assert (vectors == before).all()
