"""How common each kind is: as called, and corrected for the calls that are wrong.

What a model calls rows that it had not seen, beside what people say they are, tells how to correct,
in one of two ways, by how those rows came about:

at random
    From what is called j, the share that is of kind k is known: the sum over what is called
    (post-stratification). It holds as far as a call is right as often here as it was there.
by class
    Of the kinds k, the share M[k, j] that is called j is known, while how common they are was
    chosen. Calls are as p·M, and p is found by expectation-maximisation (for two kinds the
    estimate of Rogan and Gladen 1978, kept within [0, 1]). It holds as far as a kind is mistaken
    here as often as it was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import PERCENTILES, Interval
from insights.kinds.linear import TrainingDraw

SEED = 0
DRAWS = 1000
STEPS = 500
PRIOR = 0.5
"""Shared out over the counts of a class or a call: what was not seen is not impossible."""


@dataclass(frozen=True)
class Share:
    """How common a kind is.

    Attributes
    ----------
    kind
        One of the model's classes.
    n_called
        Rows that are called it, the uncertain among them included.
    raw
        Their share.
    corrected
        The share that it would have without the model's errors, with its 95 % interval.
    """

    kind: str
    n_called: int
    raw: float
    corrected: Interval


def shares(
    kinds: Sequence[str], classes: Sequence[str], held_out: Integers, *, drawn: TrainingDraw
) -> list[Share]:
    """Return the share of each class.

    Intervals come from draws of both tables, not of rows: of the errors from the Dirichlet
    distribution that their counts leave, and of the calls from the multinomial one.

    Parameters
    ----------
    kinds
        What each row is called; at least one.
    classes
        All there are.
    held_out
        n_classes × n_classes: how many of class i the model called j on rows that it had not seen.
    drawn
        How those rows came about.
    """
    counts = np.array([kinds.count(kind) for kind in classes])
    if not counts.sum():
        raise ValueError("There are no rows to take shares of.")
    # One row for each distribution that is known: of the kinds within a call, or the other way.
    seen = np.asarray(held_out, dtype=np.float64)
    known = (seen.T if drawn == "at random" else seen) + PRIOR / len(classes)
    correct = _summed if drawn == "at random" else _unmixed
    best = correct(counts[None, :], (known / known.sum(axis=1, keepdims=True))[None])[0]
    rng = np.random.default_rng(SEED)
    drawn_known = np.stack([rng.dirichlet(row, DRAWS) for row in known], axis=1)
    drawn_counts = rng.multinomial(counts.sum(), counts / counts.sum(), DRAWS)
    low, high = np.percentile(correct(drawn_counts, drawn_known), PERCENTILES, axis=0)
    return [
        Share(
            kind=kind,
            n_called=int(counts[place]),
            raw=float(counts[place] / counts.sum()),
            corrected=Interval(float(best[place]), float(low[place]), float(high[place])),
        )
        for place, kind in enumerate(classes)
    ]


def _summed(counts: Integers, within: Doubles) -> Doubles:
    """Return n × n_classes shares from n × n_classes counts and what is within each call."""
    calls = counts / counts.sum(axis=1, keepdims=True)
    mixed: Doubles = np.einsum("nj,njk->nk", calls, within)
    return mixed


def _unmixed(counts: Integers, errors: Doubles) -> Doubles:
    """Return n × n_classes shares from n × n_classes counts and n matrices of errors."""
    calls = counts / counts.sum(axis=1, keepdims=True)
    mixture: Doubles = np.full_like(calls, 1 / calls.shape[1])
    for _ in range(STEPS):
        expected = np.einsum("nk,nkj->nj", mixture, errors)
        mixture = mixture * np.einsum("nj,nkj->nk", calls / np.maximum(expected, 1e-300), errors)
        mixture /= mixture.sum(axis=1, keepdims=True)
    return mixture
