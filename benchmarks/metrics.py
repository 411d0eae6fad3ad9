"""What the pipelines are compared by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from benchmarks.data import Corpus

NOISE = -1
Labels = NDArray[np.int32]


def agreement(first: Sequence[Any] | Labels, second: Sequence[Any] | Labels) -> float:
    """Return the adjusted mutual information of two partitions, noise counted as one class."""
    return float(adjusted_mutual_info_score(first, second))


def agreement_with(gold: dict[str, str], corpus: Corpus, labels: Labels) -> float:
    """Return the agreement with one list, over the documents that the list names."""
    named = [place for place, key in enumerate(corpus.keys) if key in gold]
    return agreement([gold[corpus.keys[place]] for place in named], labels[named])


def agreement_of_lists(first: dict[str, str], second: dict[str, str]) -> float:
    """Return how far two lists agree on what both name: people's own ceiling."""
    common = sorted(first.keys() & second.keys())
    return agreement([first[key] for key in common], [second[key] for key in common])


def agreement_of_runs(runs: Sequence[Labels]) -> float | None:
    """Return the mean agreement of every two runs over all documents; None for a single run."""
    pairs = [agreement(first, second) for first, second in combinations(runs, 2)]
    return fmean(pairs) if pairs else None


def sizes(labels: Labels) -> list[int]:
    """Return the sizes of the topics, the largest first, noise left out."""
    return sorted(Counter(labels[labels != NOISE].tolist()).values(), reverse=True)


def noise_share(labels: Labels) -> float:
    """Return the share of documents in no topic."""
    return float((labels == NOISE).mean())


def largest_share(labels: Labels) -> float:
    """Return the share of all documents that the largest topic holds."""
    return max(sizes(labels), default=0) / len(labels)


def strangers(labels: Labels, n_foreign: int) -> dict[str, int]:
    """Return where the last ``n_foreign`` documents ended.

    Unplaced: in no topic. Alone: in a topic that no native document shares. In their own: in a
    topic where foreign documents are the majority (those alone included). Mixed in: the rest.
    """
    native, foreign = labels[:-n_foreign], labels[-n_foreign:]
    n_native, n_mine = Counter(native.tolist()), Counter(foreign.tolist())
    unplaced = n_mine.pop(NOISE, 0)
    alone = sum(n for topic, n in n_mine.items() if n_native[topic] == 0)
    own = sum(n for topic, n in n_mine.items() if n > n_native[topic])
    return {
        "unplaced": unplaced,
        "alone": alone,
        "in their own": own,
        "mixed in": n_foreign - unplaced - own,
    }
