"""Labelled documents as a classifier takes them, and how they are dealt into folds.

Documents of equal vectors (equal texts) are one group, and a group is never divided: else a
classifier would be asked what it was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Integers, contingency
from artifacts.errors import InputError

FOLDS = 5
"""A code needs documents of as many different vectors."""
RARE = -1
"""Stands for a code that has too few documents to be learned."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Examples:
    """Labelled documents.

    Attributes
    ----------
    keys
        In order.
    vectors
        n_docs × n_dims.
    labels
        The code of each.
    known
        The codes that have documents enough, by name.
    truth
        Place of each document's code in ``known``, or `RARE`. n_docs.
    groups
        Equal where vectors are equal. n_docs.
    """

    keys: tuple[str, ...]
    vectors: Doubles
    labels: tuple[str, ...]
    known: tuple[str, ...]
    truth: Integers
    groups: Integers

    @property
    def reason(self) -> str | None:
        """Return why no classifier can be trained; None if one can."""
        if len(self.known) >= 2:
            return None
        return f"fewer than two codes have {FOLDS} different documents"

    def support(self, code: str) -> tuple[int, int]:
        """Return how many documents have the code, and how many different ones."""
        own = np.array([label == code for label in self.labels], dtype=bool)
        return int(own.sum()), len(np.unique(self.groups[own]))


@dataclass(frozen=True)
class FoldSplit:
    """One fold of one repeat: what is trained on, and what is held out.

    Attributes
    ----------
    train
        Documents of known codes outside the fold. n_docs.
    test
        All documents of the fold, those of rare codes included. n_docs.
    rng
        For what is left to chance in training.
    """

    repeat: int
    train: Mask
    test: Mask
    rng: np.random.Generator


def examples(
    labels: Mapping[str, str], *, keys: Sequence[str], vectors: NDArray[np.floating]
) -> Examples:
    """Join labels with the vectors of their documents.

    Parameters
    ----------
    labels
        The code of each labelled document.
    keys, vectors
        Of all documents: n_docs keys, and n_docs × n_dims.

    Raises
    ------
    InputError
        If a labelled document has no vector.
    """
    place = places(keys, vectors)
    chosen = sorted(labels)
    if lost := [key for key in chosen if key not in place]:
        raise InputError(f"{len(lost)} labelled documents have no vector.", where=f"'{lost[0]}'")
    own = np.asarray(vectors, dtype=np.float64)[[place[key] for key in chosen]]
    groups = np.unique(own, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    codes = [labels[key] for key in chosen]
    different: dict[str, set[int]] = {code: set() for code in sorted(set(codes))}
    for code, group in zip(codes, groups.tolist(), strict=True):
        different[code].add(group)
    known = tuple(code for code, group_ids in different.items() if len(group_ids) >= FOLDS)
    truth = [known.index(code) if code in known else RARE for code in codes]
    return Examples(
        keys=tuple(chosen),
        vectors=own,
        labels=tuple(codes),
        known=known,
        truth=np.array(truth, dtype=np.int64),
        groups=groups,
    )


def places(keys: Sequence[str], vectors: NDArray[np.floating]) -> dict[str, int]:
    """Return the row of each key; raise ``ValueError`` unless each key has one row."""
    row_of = {key: row for row, key in enumerate(keys)}
    if not len(row_of) == len(keys) == len(vectors):
        raise ValueError(
            f"{len(row_of)} keys, given {len(keys)} times, for {len(vectors)} vectors."
        )
    return row_of


def splits(given: Examples, *, n_repeats: int, seed: int) -> Iterator[FoldSplit]:
    """Yield each fold of each repeat of a stratified cross-validation."""
    for repeat in range(n_repeats):
        rng = np.random.default_rng([seed, repeat])
        folds = deal(given.truth, given.groups, n_folds=FOLDS, rng=rng)
        for fold in range(FOLDS):
            held = folds == fold
            yield FoldSplit(repeat, ~held & (given.truth != RARE), held, rng)


def deal(codes: Integers, groups: Integers, *, n_folds: int, rng: np.random.Generator) -> Integers:
    """Deal documents into folds: whole groups, and those of each code evenly.

    A group counts as of its commonest code, of equally common ones the first. The groups, sorted
    by code and at random within it, are dealt like cards, so that folds differ by one group of a
    code at most.
    """
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    counts = contingency(groups, codes + 1, (n_groups, int(codes.max(initial=RARE)) + 2))
    order = np.lexsort((rng.random(n_groups), counts.argmax(axis=1)))
    fold_of_group = np.empty(n_groups, dtype=np.int64)
    fold_of_group[order] = np.arange(n_groups) % n_folds
    return fold_of_group[groups]
