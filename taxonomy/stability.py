"""How firmly the answer stands: would other seeds and subsamples have given it as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxonomy.ensemble import NOISE, Labels


@dataclass(frozen=True)
class Stability:
    """Agreement of the answer with answers from parts of its own ensemble.

    Attributes
    ----------
    topics, categories
        A figure in [0, 1] for each: mean over the other answers of the node's best Jaccard
        similarity with one of theirs (Hennig 2007, doi 10.1016/j.csda.2006.11.025).
    halves_ami
        Adjusted mutual information between the answers of the two halves of the ensemble, which
        share no seed; unplaced documents count as one class. The whole answer is steadier than
        either half, so this is a lower bound in tendency.
    """

    topics: NDArray[np.float64]
    halves_ami: float
    categories: NDArray[np.float64]


def stability(
    topics: Labels,
    halves: tuple[Labels, Labels],
    categories: Labels,
    category_halves: tuple[Labels, Labels],
) -> Stability:
    """Compare an answer with the answers of the two halves of its ensemble.

    Each layer is given as n_docs numbers, in the answer and in the halves.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return Stability(
        topics=_mean_jaccard(topics, halves),
        halves_ami=float(adjusted_mutual_info_score(*halves)),
        categories=_mean_jaccard(categories, category_halves),
    )


def _mean_jaccard(answer: Labels, halves: tuple[Labels, Labels]) -> NDArray[np.float64]:
    n_nodes = int(answer.max(initial=NOISE)) + 1
    mean: NDArray[np.float64] = np.mean(
        [best_jaccard(answer, half, n_nodes) for half in halves], axis=0
    )
    return mean


def best_jaccard(answer: Labels, other: Labels, n_topics: int) -> NDArray[np.float64]:
    """Return, for each topic of ``answer``, its best Jaccard similarity in ``other``."""
    n_other = int(other.max(initial=NOISE)) + 1
    if n_topics == 0 or n_other == 0:
        return np.zeros(n_topics)
    both = (answer >= 0) & (other >= 0)
    shared = np.zeros((n_topics, n_other))
    np.add.at(shared, (answer[both], other[both]), 1)
    sizes = np.bincount(answer[answer >= 0], minlength=n_topics)[:, None]
    others = np.bincount(other[other >= 0], minlength=n_other)[None, :]
    best: NDArray[np.float64] = (shared / (sizes + others - shared)).max(axis=1)
    return best
