"""How two families separate in a taxonomy: whether they are in other topics, and mean other things.

Overlap
    Σ min(pᵢ, qᵢ) of the shares pᵢ and qᵢ of each family's tools in topic i: 1 where both are spread
    alike, 0 where they share no topic. Of shares it is the similarity of Bray and Curtis (1957),
    and the index of Schoener (1968).
Distance
    One less the cosine of the mean vectors of both: 0 where they mean the same on average.

Each is held against permutations: the tools that are of one family alone are dealt out anew, as
many to each as before, and those of both stay in both. A permutation is as far apart if its overlap
is as small, or its distance as large; p = (b + 1)/(m + 1) for b such of m (Phipson and Smyth 2010).
So p is one-sided: that the families lie apart as far by chance. Where one family is part of the
other, nobody can be dealt out: then neither an expected figure nor p is told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from artifacts.errors import InputError
from artifacts.words import NOISE
from insights.history.figures import Separation
from insights.history.settings import HistorySettings

OVERLAP: Final = "overlap"
DISTANCE: Final = "distance"
N_PERMUTATIONS: Final = 1_999
_AT_ONCE: Final = 100
"""Permutations, to hold memory down."""
_LAST_BITS: Final = 1e-12
"""A permutation may give the very figure but for these, which depend on the order of sums."""


@dataclass(frozen=True)
class _Space:
    """What tools lie in: topics, or the dimensions of vectors.

    Attributes
    ----------
    measure
        What is measured there.
    keys
        Of the n_docs tools that are there.
    matrix
        n_docs × n_dims.
    figure
        From the mean rows of two families, m × n_dims each, to m figures.
    sign
        1: the larger the figure, the farther apart; -1: the smaller.
    """

    measure: str
    keys: Sequence[str]
    matrix: Doubles
    figure: Callable[[Doubles, Doubles], Doubles]
    sign: int


@dataclass(frozen=True)
class _Sides:
    """Places of the tools of the first family alone, of the second alone, and of both."""

    first: list[int]
    second: list[int]
    both: list[int]

    @property
    def n_first(self) -> int:
        return len(self.first) + len(self.both)

    @property
    def n_second(self) -> int:
        return len(self.second) + len(self.both)


def separations(
    members: Mapping[str, Collection[str]],
    topic_of: Mapping[str, int],
    vectors: NDArray[np.floating] | None,
    keys: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    *,
    seed: int,
    smallest: int | None = None,
) -> tuple[Separation, ...]:
    """Return how families separate in a taxonomy, pair by pair: overlap first, then distance.

    Parameters
    ----------
    members
        Keys of the tools of each family; who is not in the taxonomy is left out.
    topic_of
        Topic of each document, by key. Those that are noise are in no topic: they do not count
        for the overlap.
    vectors
        n_docs × n_dims, as the taxonomy was made of; None: no distance is told.
    keys
        Of the n_docs documents, in the order of the vectors.
    pairs
        Families to be held against each other.
    seed
        Of the permutations.
    smallest
        Tools that each family needs; with fewer nothing but counts is told. None: as many as
        studies ask for unless they say another number.

    Raises
    ------
    InputError
        If a pair names no family of ``members``, or there is not one vector for each key.
    """
    if vectors is not None and len(vectors) != len(keys):
        raise InputError(f"There are {len(vectors)} vectors of {len(keys)} documents.")
    if smallest is None:
        smallest = HistorySettings().smallest_group
    for name in dict.fromkeys(name for pair in pairs for name in pair):
        if name not in members:
            raise InputError(f"There is no family '{name}'.", fix=f"name {', '.join(members)}")
    placed = [key for key in keys if topic_of.get(key, NOISE) != NOISE]
    topics = _in_topics([topic_of[key] for key in placed])
    spaces = [_Space(OVERLAP, placed, topics, _overlap, -1)]
    if vectors is not None:
        spaces.append(_Space(DISTANCE, keys, np.asarray(vectors, np.float64), _distance, 1))
    return tuple(
        _separation(pair, members, space, smallest=smallest, seed=seed)
        for pair in pairs
        for space in spaces
    )


def _separation(
    pair: tuple[str, str],
    members: Mapping[str, Collection[str]],
    space: _Space,
    *,
    smallest: int,
    seed: int,
) -> Separation:
    first, second = (set(members[name]) for name in pair)
    sides = _Sides(
        [at for at, key in enumerate(space.keys) if key in first - second],
        [at for at, key in enumerate(space.keys) if key in second - first],
        [at for at, key in enumerate(space.keys) if key in first & second],
    )
    value = expected = p = None
    if min(sides.n_first, sides.n_second) >= smallest:
        value, expected, p = _held(space, sides, seed=seed)
    return Separation(
        first=pair[0],
        second=pair[1],
        n_first=sides.n_first,
        n_second=sides.n_second,
        n_both=len(sides.both),
        measure=space.measure,
        value=value,
        expected=expected,
        p=p,
    )


def _held(space: _Space, sides: _Sides, *, seed: int) -> tuple[float, float | None, float | None]:
    """Return the figure, its mean over the permutations, and p."""
    apart = space.matrix[[*sides.first, *sides.second]]
    shared = space.matrix[sides.both].sum(axis=0)
    total = apart.sum(axis=0)

    def figures(is_first: NDArray[np.bool_]) -> Doubles:
        sums = is_first.astype(np.float64) @ apart
        first, second = sums + shared, total - sums + shared
        return space.figure(first / sides.n_first, second / sides.n_second)

    dealt = np.zeros((1, len(apart)), dtype=bool)
    dealt[0, : len(sides.first)] = True
    value = float(figures(dealt)[0])
    if not (sides.first and sides.second):
        return value, None, None
    rng = np.random.default_rng(seed)
    drawn = np.concatenate(
        [
            figures(rng.permuted(np.repeat(dealt, size, axis=0), axis=1))
            for size in _sizes(N_PERMUTATIONS)
        ]
    )
    n_as_far = int((space.sign * (drawn - value) >= -_LAST_BITS).sum())
    return value, float(drawn.mean()), (n_as_far + 1) / (N_PERMUTATIONS + 1)


def _sizes(total: int) -> Iterator[int]:
    for start in range(0, total, _AT_ONCE):
        yield min(_AT_ONCE, total - start)


def _in_topics(topics: Sequence[int]) -> Doubles:
    """Return documents × topics: 1 where a document is in the topic."""
    flags: Doubles = np.equal.outer(topics, np.unique(topics)).astype(np.float64)
    return flags


def _overlap(first: Doubles, second: Doubles) -> Doubles:
    shared: Doubles = np.minimum(first, second).sum(axis=1)
    return shared


def _distance(first: Doubles, second: Doubles) -> Doubles:
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    distance: Doubles = 1.0 - np.einsum("ij,ij->i", first, second) / lengths
    return distance
