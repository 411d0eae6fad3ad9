"""Encoders that a user brings: whatever turns texts into vectors, made to keep to one form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from artifacts.arrays import Floats, unit_rows
from artifacts.errors import InputError
from artifacts.progress import Progress
from embeddings.encoder import (
    Encoder,
    EncoderPlan,
    HashedWords,
    TransformerEncoder,
    encode_by_chunk,
    plan_encoder,
)
from embeddings.settings import VectorSettings

OURS = (EncoderPlan, HashedWords, TransformerEncoder)
AS_ASKED = "give one row of finite numbers a text, all rows equally long"


class Encodes(Protocol):
    """Anything that has ``encode``, such as a ``SentenceTransformer``."""

    def encode(self, texts: list[str], /) -> Any:
        """Return n_texts rows of n_dims numbers, as an array or as lists."""


EncoderLike = Encoder | Encodes | Callable[[list[str]], Any] | str
"""An encoder, a function from texts to rows, or the name or folder of a model."""


def as_encoder(given: EncoderLike, *, n_texts: int = 0) -> Encoder:
    """Return what a user gave as an encoder of vectors of unit length.

    Parameters
    ----------
    given
        An encoder of `embeddings.encoder`; anything with ``encode(texts)``; a function of texts;
        or, as in a study's ``[vectors]``, a known model, ``"hashed-words"``, or the path of a
        sentence-transformers folder.
    n_texts
        How many documents it is for, by which the number format of a named model is chosen.

    Raises
    ------
    InputError
        If it is none of these, or the model is unknown or not the expected one.
    """
    if isinstance(given, str):
        return plan_encoder(VectorSettings(model=given), n_texts=n_texts)
    if isinstance(given, (*OURS, GivenEncoder)):
        return given
    encode = getattr(given, "encode", given)
    if isinstance(given, type) or not callable(encode):
        raise InputError(
            f"{given!r} is no encoder.",
            fix="give an object with encode(texts), a function of texts, or the name of a model",
        )
    return GivenEncoder(encode)


@dataclass(frozen=True)
class GivenEncoder:
    """Encodes by a user's function, and checks what comes of it.

    Attributes
    ----------
    function
        From a list of n_texts texts to n_texts rows of numbers, whatever their type.
    """

    function: Callable[[list[str]], Any]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return n_texts × n_dims vectors of unit length; a text without a word may have zeros.

        Raises
        ------
        InputError
            If it does not give one row of numbers a text, or one of zeros for a text with words.
        """
        return unit_vectors(self.function(list(texts)), texts, what="The encoder gave")


def vectors_of_user(
    texts: Sequence[str], vectors: Any, encoder: Encoder, progress: Progress
) -> Floats:
    """Return the vectors that a user gave of texts at unit length; None: the texts are encoded.

    Raises
    ------
    InputError
        As `unit_vectors`, or if vectors of the encoder have another width.
    """
    if vectors is None:
        parts: dict[int, Floats] = {}
        encode_by_chunk(texts, encoder, progress, parts.__setitem__)
        return np.concatenate([parts[start] for start in sorted(parts)])
    rows = unit_vectors(vectors, texts, what="The vectors are")
    width = encoder.encode(texts[:1]).shape[1]
    if rows.shape[1] != width:
        raise InputError(
            f"The vectors have {rows.shape[1]:,} dimensions, those of the encoder {width:,}.",
            fix="give the encoder that the vectors are of: encoder=…",
        )
    return rows


def unit_vectors(rows: Any, texts: Sequence[str], *, what: str) -> Floats:
    """Return rows of numbers, of whatever type, as n_texts × n_dims vectors of unit length.

    Rows that are so already are the same to the last bit.

    Parameters
    ----------
    rows
        An array, dense or sparse, a tensor, or lists.
    what
        Where they are from, as the beginning of a sentence: ``The encoder gave``.

    Raises
    ------
    InputError
        If there is not one row a text, some numbers are not finite, or the vector of a text that
        has words is zero: it points nowhere.
    """
    if hasattr(rows, "toarray"):  # as scikit-learn's vectorizers give them
        rows = rows.toarray()
    try:
        vectors = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{what} no matrix of numbers: {reason}", fix=AS_ASKED) from error
    if vectors.ndim != 2 or len(vectors) != len(texts) or vectors.shape[1] == 0:
        n = f"{len(texts):,} text{'s' * (len(texts) != 1)}"
        raise InputError(f"{what} an array of shape {vectors.shape} for {n}.", fix=AS_ASKED)
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(lengths).all():
        place = int(np.flatnonzero(~np.isfinite(lengths))[0])
        raise InputError(
            f"{what} numbers that are not finite (NaN or infinite).",
            where=_where(place, texts),
            fix=AS_ASKED,
        )
    for place in np.flatnonzero(lengths == 0).tolist():
        if texts[place].strip():
            raise InputError(
                f"{what} a vector of zeros, which is like no other.",
                where=_where(place, texts),
                fix="leave such texts out, or use another encoder",
            )
    as_given: Floats = vectors.astype(np.float32)
    is_unit = np.abs(lengths - 1) < 1e-6
    return as_given if is_unit.all() else unit_rows(vectors).astype(np.float32)


def _where(place: int, texts: Sequence[str]) -> str:
    return f"text {place}, {texts[place][:60]!r}"
