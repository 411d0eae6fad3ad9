"""Whether the model travels: placed documents find their topics again, and strangers none.

Three collections; topics by the defaults. In sample: BERTopic's own `load` and `transform` on the
model that we save, on the documents that it was made from. Held out: a fifth of the placed
documents is left out of all that is learned (five folds; the topics themselves are those of the
whole), and placed then. Abstention: on what is held out, on documents that the topics left
unplaced, and on 50 texts about cooking, sports and law.

Beside: centroids of the same vectors without bounds, and BERTopic fitted by itself with its
defaults, whose `transform` is compared with its own `fit_transform`.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import data, ours, peers
from benchmarks.common import arguments, measure, publish, table

SEEDS = (0, 1)
FOLDS = 5

Flags = NDArray[np.bool_]


def main() -> None:
    """Measure, print and write."""
    options = arguments(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {
            f"{name} {seed}": measure(case, name, seed, options.data, Path(folder)).value
            for name in ("tools", "requests", "repositories")
            for seed in SEEDS
        }
    show(found, options.out)


def show(found: dict[str, dict[str, Any]], out: Path | None) -> None:
    """Print a column for each collection and seed, and write the figures."""
    figures = list(next(iter(found.values())))
    rows = [[figure, *(each[figure] for each in found.values())] for figure in figures]
    publish("placing", found, [table("Placing", ["collection and seed", *found], rows)], out)


def case(name: str, seed: int, folder: Path, cache: Path) -> dict[str, Any]:
    """Return the figures of one collection and one seed."""
    warnings.simplefilter("ignore")
    read = {
        "tools": data.tools_2026,
        "requests": data.requests,
        "repositories": data.repositories_2023,
    }[name]
    texts, strange = read(folder).texts, data.foreign().texts
    vectors, strange_vectors = (ours.encode_cached(each, cache) for each in (texts, strange))
    found = ours.topics_by_default(texts, vectors, seed=seed)
    topics = found.consensus.topics
    placed = topics >= 0
    theirs = ours.transform_of_loaded(texts, vectors, found, cache / f"{name}-{seed}")
    itself = peers.bertopic_found_again(texts, vectors, seed=seed)
    return {
        "documents": len(topics),
        "topics": found.consensus.n_topics,
        "BERTopic.load: agree": _share(theirs == topics, placed),
        "unplaced -> -1": _share(theirs == -1, ~placed),
        **_held_out(texts, vectors, topics, strange, strange_vectors, seed=seed),
        "BERTopic itself: agree": _share(itself[0] == itself[1], itself[0] >= 0),
    }


def _held_out(
    texts: list[str],
    vectors: ours.Vectors,
    topics: NDArray[np.int32],
    strange: list[str],
    strange_vectors: ours.Vectors,
    *,
    seed: int,
) -> dict[str, float]:
    """Return agreement and abstention on documents that nothing was learned from."""
    from sklearn.model_selection import StratifiedKFold

    placed, unplaced = np.flatnonzero(topics >= 0), np.flatnonzero(topics < 0)
    found = np.full(len(topics), -1)
    nearest, plain, transformed = found.copy(), found.copy(), found.copy()
    others: list[NDArray[np.int32]] = []
    strangers: list[NDArray[np.int32]] = []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for inside, outside in folds.split(placed, topics[placed]):
        learned, left = placed[inside], placed[outside]
        placer = ours.FoldPlacer([texts[n] for n in learned], vectors[learned], topics[learned])
        found[left], nearest[left] = placer.places([texts[n] for n in left], vectors[left])
        plain[left], transformed[left] = placer.by_vectors_alone(vectors[left])
        others.append(placer.places([texts[n] for n in unplaced], vectors[unplaced])[0])
        strangers.append(placer.places(strange, strange_vectors)[0])
    abstained = found[placed] == -1
    right = found[placed] == topics[placed]
    return {
        "held out: nearest agrees": float((nearest[placed] == topics[placed]).mean()),
        "held out: abstain": float(abstained.mean()),
        "held out: agree where placed": _share(right, ~abstained),
        "unplaced: abstain": float((np.concatenate(others) == -1).mean()),
        "foreign: abstain": float((np.concatenate(strangers) == -1).mean()),
        "held out, plain centroids": float((plain[placed] == topics[placed]).mean()),
        "held out, BERTopic.load's vectors": float((transformed[placed] == topics[placed]).mean()),
    }


def _share(holds: Flags, among: Flags) -> float:
    return float(holds[among].mean()) if among.any() else float("nan")


if __name__ == "__main__":
    main()
