"""What is together by chance, given how large baskets are and in how many of them each thing is.

A basket of many things pairs everything, and a thing that is in many baskets is paired with
everything; so both margins are kept. A basket of k things is drawn from all sets of k, each with a
probability proportional to the product of its things' weights (conditional Bernoulli sampling:
Chen, Dempster and Liu 1994), and the weights are those by which each thing is expected in as many
baskets as it was seen in. This keeps sizes exactly and frequencies on average. The bipartite
configuration model (Saracco et al. 2017) keeps both on average and so expects pairs even in baskets
of one thing, of which there are many here. With e_k the elementary symmetric polynomials of the
weights w, a basket of k has thing i with probability w_i · e_(k−1) without i / e_k, and both i and
j with w_i · w_j · e_(k−2) without i and j / e_k.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles

Numbers = NDArray[np.int64]

MOST_ROUNDS: Final = 2000
CLOSE_ENOUGH: Final = 1e-7
_ALMOST_SURE: Final = 1 - 1e-12
"""The highest probability, so that its complement has a logarithm."""


class ChanceOfBaskets:
    """How likely things, and pairs of them, are in baskets of each size.

    Parameters
    ----------
    sizes
        Of the baskets, each at least 1; n_baskets.
    counts
        In how many baskets each thing is, each at least 1; n_things. Their sum is that of `sizes`.
        What is in nearly all baskets is to be left out before: no finite weight puts a thing into
        all of them, and the fit would stop after `MOST_ROUNDS`, short of it.
    """

    def __init__(self, sizes: Numbers, counts: Numbers) -> None:
        # Things that are in equally many baskets have equal weights: the work is by level.
        levels, self._level_of, self._n_of = np.unique(
            counts, return_inverse=True, return_counts=True
        )
        n_of_size = np.bincount(sizes)
        weights = levels / 1.0
        for _ in range(MOST_ROUNDS):
            # Their scale is free; this one keeps the polynomials within what doubles can hold.
            weights = weights * (sizes.mean() / (weights @ self._n_of))
            self._weights = weights
            self._symmetric = _symmetric(weights, self._n_of, len(n_of_size) - 1)
            ratios = levels / (self._of_levels() @ n_of_size)
            if np.abs(ratios - 1).max() < CLOSE_ENOUGH:
                break
            weights = weights * ratios

    def _of_levels(self) -> Doubles:
        rest = _without(np.tile(self._symmetric, (len(self._weights), 1)), self._weights)
        return self._probability(self._weights, rest, 1)

    def _probability(self, products: Doubles, rest: Doubles, n_taken: int) -> Doubles:
        """Return w · e_(k−n_taken) without these / e_k for each k."""
        found = np.zeros_like(rest)
        found[:, n_taken:] = products[:, None] * rest[:, : rest.shape[1] - n_taken]
        found = np.divide(found, self._symmetric, out=found, where=self._symmetric > 0)
        return np.clip(found, 0.0, _ALMOST_SURE)

    def of_one(self, things: Numbers) -> Doubles:
        """Return the probability of each thing in baskets of 0, 1, …: n_asked × (1 + largest)."""
        found: Doubles = self._of_levels()[self._level_of[things]]
        return found

    def of_both(self, first: Numbers, second: Numbers) -> Doubles:
        """Return the probability of both of two things, of n_asked pairs, in the same way."""
        ones, others = (self._weights[self._level_of[things]] for things in (first, second))
        rest = _without(np.tile(self._symmetric, (len(ones), 1)), ones)
        return self._probability(ones * others, _without(rest, others), 2)


def _symmetric(weights: Doubles, n_of: Numbers, order: int) -> Doubles:
    """Return e_0 to e_order of weights that occur ``n_of`` times: ∏ (1 + w·z)^n in powers of z."""
    from scipy.special import comb

    powers = np.arange(order + 1)
    found: Doubles = np.eye(1, order + 1)[0]
    for weight, n in zip(weights, n_of, strict=True):
        found = np.convolve(found, comb(n, powers) * weight**powers)[: order + 1]
    return found


def _without(symmetric: Doubles, weights: Doubles) -> Doubles:
    """Return the polynomials of each row without one thing of this weight: divided by 1 + w·z."""
    found = symmetric.copy()
    for power in range(1, found.shape[1]):
        found[:, power] -= weights * found[:, power - 1]
    return found


def expected_owners(probabilities: Doubles, baskets: Numbers, n_owners: Numbers) -> Doubles:
    """Return how many owners are expected to have something in one of their baskets, at least.

    Parameters
    ----------
    probabilities
        Of the thing or pair in a basket of each size: n_asked × n_sizes.
    baskets
        How many of each size an owner has: n_profiles × n_sizes.
    n_owners
        How many owners have these: n_profiles.

    Returns
    -------
    Doubles
        n_asked, Σ over owners of 1 − ∏ over their baskets of (1 − p).
    """
    none = np.exp(np.log1p(-probabilities) @ baskets.T)
    expected: Doubles = (1 - none) @ n_owners
    return expected
