"""Classifiers as plain numbers: fitted elsewhere, kept as JSON, applied with matrix products.

A model is a few heads, each a multinomial logistic regression over some blocks of inputs (named
features, vectors of texts, hashed words); its answer is the weighted mean of their probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from artifacts.arrays import Doubles
from artifacts.errors import ArtifactError
from artifacts.files import write_text
from artifacts.hashing import hash_bytes

TrainingDraw = Literal["at random", "by class"]
"""How rows were chosen: as they come, or so many of each class."""
FeatureBlock = Any
"""n_rows × n_columns: an array, or a SciPy sparse matrix."""

WORDS_BUCKETS = 1 << 14
"""Buckets of hashed words: few enough to be kept, many enough to keep most words apart."""
FEATURES = "features"
"""The block of named features; NaN is what is not known, and stands for the mean."""


class Head(BaseModel):
    """One multinomial logistic regression.

    Attributes
    ----------
    weight
        Of its probabilities in the mean.
    intercepts
        One a class.
    coefficients
        By block: one row a class, one column an input.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float
    intercepts: list[float]
    coefficients: dict[str, list[list[float]]]

    def probabilities(self, blocks: Mapping[str, FeatureBlock]) -> Doubles:
        """Return n_rows × n_classes probabilities."""
        scores: Doubles = np.asarray(self.intercepts, dtype=np.float64)
        for name, rows in self.coefficients.items():
            scores = scores + np.asarray(blocks[name] @ np.asarray(rows, dtype=np.float64).T)
        odds: Doubles = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: Doubles = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


class KindModel(BaseModel):
    """A classifier with all that it needs to be applied, and what is known of its errors.

    Attributes
    ----------
    classes
        What it tells apart.
    names, means
        Of the features, and what stands for one that is not known.
    document_weights
        By hashed block: the inverse document frequency of each bucket.
    heads
        Heads by what there is to judge by, such as ``full`` and ``without vectors``.
    threshold
        Below this probability of the likeliest class the model abstains.
    encoder
        Model and SHA-256 of the weights of the encoder whose vectors it was trained on.
    held_out
        By set of heads: how many rows that it had not seen were of class i (row) and called j.
    drawn
        How those rows were chosen.
    training
        On what, how and by which command it was made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    classes: list[str]
    names: list[str]
    means: list[float]
    document_weights: dict[str, list[float]] = {}
    heads: dict[str, list[Head]]
    threshold: float
    encoder: dict[str, str]
    held_out: dict[str, list[list[int]]]
    drawn: TrainingDraw
    training: dict[str, Any]

    def features(self, rows: Iterable[Mapping[str, float]]) -> Doubles:
        """Return named features as n_rows × n_features; the mean stands for what is not known."""
        means = np.asarray(self.means, dtype=np.float64)
        told = (row[name] for row in rows for name in self.names)
        values = np.fromiter(told, dtype=np.float64).reshape(-1, len(self.names))
        features: Doubles = np.where(np.isnan(values), means, values)
        return features

    def probabilities(self, blocks: Mapping[str, FeatureBlock], heads: str) -> Doubles:
        """Return n_rows × n_classes probabilities, as the named set of heads gives them."""
        chosen = self.heads[heads]
        total = sum(head.weight for head in chosen)
        parts = [head.weight / total * head.probabilities(blocks) for head in chosen]
        mean: Doubles = np.sum(parts, axis=0)
        return mean

    def save(self, path: Path) -> None:
        """Write the model: equal models give equal bytes."""
        values = self.model_dump(mode="json")
        lines = [f"{json.dumps(key)}: {_compact(value)}" for key, value in values.items()]
        write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=4)
def load_model(path: Path) -> KindModel:
    """Read a model that `KindModel.save` wrote; raise `ArtifactError` if it is damaged."""
    try:
        return KindModel.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"The classifier cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            fix="install opsatlas again",
        ) from error


@lru_cache(maxsize=4)
def model_hash(path: Path) -> str:
    """Return the SHA-256 of a model's file, for the keys of what depends on it."""
    return hash_bytes(path.read_bytes())


def hashed_words(texts: Iterable[str], document_weights: Sequence[float]) -> FeatureBlock:
    """Return n_texts × n_buckets weights of the words and word pairs of each text, of unit length.

    Words are known by their hash alone (MurmurHash3), so no vocabulary is kept. Counts are damped
    (1 + log n) and weighted by ``document_weights``, as TF-IDF is.
    """
    counts = word_counts(texts, len(document_weights))
    return weighted(counts, np.asarray(document_weights, dtype=np.float64))


def word_counts(texts: Iterable[str], n_buckets: int) -> FeatureBlock:
    """Return n_texts × n_buckets counts of hashed words, signs and pairs of them."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        n_features=n_buckets,
        alternate_sign=False,
        norm=None,
        ngram_range=(1, 2),
        token_pattern=r"[\w']+|[?!#`*<>|]+",
    )
    return hashing.transform(texts)


def weighted(counts: FeatureBlock, document_weights: Doubles) -> FeatureBlock:
    """Return counts damped, weighted by bucket, and scaled to unit length by row."""
    weights = counts.astype(np.float64)
    weights.data = (1 + np.log(weights.data)) * document_weights[weights.indices]
    lengths = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    weights.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(weights.indptr))
    return weights
