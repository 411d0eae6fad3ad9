"""How firmly the answer stands: would other seeds and subsamples have given it as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, contingency
from artifacts.words import NOISE
from taxonomy.types import Labels


@dataclass(frozen=True)
class Stability:
    """Agreement of the answer with answers from parts of its own ensemble.

    Attributes
    ----------
    topics
        n_topics figures in [0, 1]: mean over the other answers of the topic's best Jaccard
        similarity with one of their topics (Hennig 2007, doi 10.1016/j.csda.2006.11.025).
    halves_ami
        Adjusted mutual information between the answers of the two halves of the ensemble, which
        share no seed; unplaced documents count as one class. The whole answer is steadier than
        either half, so this is a lower bound in tendency.
    """

    topics: Doubles
    halves_ami: float


def stability(answer: Labels, halves: Sequence[Labels]) -> Stability:
    """Compare an answer (n_docs topics) with the answers of the two halves of its ensemble."""
    from sklearn.metrics import adjusted_mutual_info_score

    return Stability(
        topics=mean_jaccard(answer, halves),
        halves_ami=float(adjusted_mutual_info_score(*halves)),
    )


def mean_jaccard(answer: Labels, others: Sequence[Labels]) -> Doubles:
    """Return, for each topic of ``answer``, its best Jaccard similarity, mean over the others."""
    n_topics = int(answer.max(initial=NOISE)) + 1
    mean: Doubles = np.mean([best_jaccard(answer, other, n_topics) for other in others], axis=0)
    return mean


def best_jaccard(answer: Labels, other: Labels, n_topics: int) -> Doubles:
    """Return, for each topic of ``answer``, its best Jaccard similarity in ``other``."""
    n_other = int(other.max(initial=NOISE)) + 1
    if n_topics == 0 or n_other == 0:
        return np.zeros(n_topics)
    shared = contingency(answer, other, (n_topics, n_other))
    sizes = np.bincount(answer[answer >= 0], minlength=n_topics)[:, None]
    others = np.bincount(other[other >= 0], minlength=n_other)[None, :]
    best: Doubles = (shared / (sizes + others - shared)).max(axis=1)
    return best
