"""Codes for the documents that nobody labelled, where the classifier is sure enough.

How sure is enough is found on documents held out, with the very penalty that the last training
has: with a laxer one all probabilities are larger, and a threshold means something else. This one
penalty is chosen with all labelled documents in view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from artifacts.intervals import Estimate
from labels.validation.classifier import (
    RARE,
    REPEATS,
    STRENGTHS,
    Examples,
    Mask,
    examples,
    log_losses,
    places,
    probabilities,
    splits,
)
from labels.validation.values import share, undefined

PRECISION = 0.8
FEWEST = 10
"""A threshold rests on so many documents at least."""


@dataclass(frozen=True)
class Threshold:
    """The probability from which calls are as precise as wanted.

    Attributes
    ----------
    wanted
        The precision that is asked for.
    value
        The lowest probability from which the held-out calls reach it; None: they never do.
    precision
        Of the held-out calls from there on; it was looked for, so it flatters a little.
    coverage
        Their share of the held-out calls.
    """

    wanted: float
    value: float | None
    precision: Estimate
    coverage: float


@dataclass(frozen=True)
class Placed:
    """What the classifier says of a document that nobody labelled.

    Attributes
    ----------
    code
        None: abstained, for the reason given.
    best, second
        The two likeliest codes with their probabilities; empty if no classifier can be trained.
    """

    key: str
    code: str | None
    best: tuple[str, float] | None
    second: tuple[str, float] | None
    reason: str | None


@dataclass(frozen=True)
class Placement:
    """What the classifier says of all documents without a label, by key.

    Attributes
    ----------
    strength
        Inverse penalty; None if no classifier can be trained.
    """

    rows: tuple[Placed, ...]
    threshold: Threshold
    strength: float | None


def place(
    labels: Mapping[str, str],
    *,
    keys: Sequence[str],
    vectors: NDArray[np.floating],
    precision: float = PRECISION,
    seed: int = 0,
    n_repeats: int = REPEATS,
) -> Placement:
    """Train on all labelled documents, and say of each other one what its code is.

    A code with too few labelled documents is given to none.

    Parameters
    ----------
    labels
        The code of each labelled document.
    keys, vectors
        Of all documents: n_docs keys, and n_docs × n_dims.
    precision
        Wanted of what is given a code, in (0, 1].
    seed, n_repeats
        Of the cross-validation.
    """
    if not 0 < precision <= 1:
        raise ValueError(f"A precision of {precision} is not above 0 and at most 1.")
    given = examples(labels, keys=keys, vectors=vectors)
    row_of = places(keys, vectors)
    rest = sorted(key for key in keys if key not in labels)
    if given.reason:
        none = undefined(given.reason, n=len(given.keys))
        rows = tuple(Placed(key, None, None, None, given.reason) for key in rest)
        return Placement(rows, Threshold(precision, None, none, 0.0), None)
    train = given.truth != RARE
    rngs = [np.random.default_rng([seed, repeat]) for repeat in range(n_repeats)]
    losses = np.sum([log_losses(given, train, rng=rng) for rng in rngs], axis=0)
    strength = STRENGTHS[int(losses.argmin())]
    threshold = _threshold(given, strength, precision, seed=seed, n_repeats=n_repeats)
    own = np.asarray(vectors, dtype=np.float64)[[row_of[key] for key in rest]]
    predicted = probabilities(given, train, own, strength=strength)
    rows = tuple(
        _placed(key, given.known, row, threshold) for key, row in zip(rest, predicted, strict=True)
    )
    return Placement(rows, threshold, strength)


def _threshold(
    given: Examples, strength: float, wanted: float, *, seed: int, n_repeats: int
) -> Threshold:
    """Return the lowest probability from which held-out calls are as precise as wanted."""
    sure = np.zeros((n_repeats, len(given.keys)))
    right = np.zeros_like(sure)
    for split in splits(given, n_repeats=n_repeats, seed=seed):
        predicted = probabilities(given, split.train, given.vectors[split.test], strength=strength)
        sure[split.repeat, split.test] = predicted.max(axis=1)
        right[split.repeat, split.test] = predicted.argmax(axis=1) == given.truth[split.test]
    for value in np.unique(sure):
        above = sure >= value
        if right[above].mean() >= wanted and above.any(axis=0).sum() >= FEWEST:
            reached = _by_document(above, right)
            return Threshold(wanted, float(value), reached, float(above.mean()))
    reason = f"no {FEWEST} documents are called with a precision of {wanted:g}"
    return Threshold(wanted, None, undefined(reason, n=len(given.keys)), 0.0)


def _by_document(above: Mask, right: Doubles) -> Estimate:
    """Return the share of right calls; those of one document in several repeats are one draw."""
    calls = above.sum(axis=0)
    called = calls > 0
    hits = (above * right).sum(axis=0)[called] / calls[called]
    return share(hits, calls[called].astype(np.float64), size=None, empty="nothing was called")


def _placed(key: str, codes: Sequence[str], row: Doubles, threshold: Threshold) -> Placed:
    first, second = np.argsort(-row, kind="stable")[:2]
    best, other = (codes[first], float(row[first])), (codes[second], float(row[second]))
    reason = None
    if threshold.value is None:
        reason = threshold.precision.reason
    elif best[1] < threshold.value:
        reason = f"a probability of {best[1]:.2f} is below {threshold.value:.2f}"
    return Placed(key, best[0] if reason is None else None, best, other, reason)
