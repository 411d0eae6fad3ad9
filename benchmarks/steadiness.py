"""How far ensembles that share no seed of a run find the same topics and categories.

Both of the topics that the runs find alone and of those that a codebook guides: how many there are
with each seed, and the agreement of every two of them, documents in no topic counted as one class.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean

from benchmarks.common import publish, table
from benchmarks.data import Corpus
from benchmarks.guidance import Shelf, Trial, shelves
from benchmarks.metrics import agreement
from benchmarks.sets import Answer, cache_of, read_sets, set_arguments
from taxonomy.types import count_nodes

SEEDS = 5


@dataclass(frozen=True)
class Steadiness:
    """One layer of one set over several ensembles; agreement is the mean and least of all pairs."""

    documents: str
    guided: bool
    layer: str
    nodes: tuple[int, ...]
    agreement: float
    least: float


def figures_of(corpus: Corpus, shelf: Shelf, cache: Path, *, seeds: int) -> list[Steadiness]:
    """Return the figures of both layers, unguided and guided by the set's own codebook."""
    trials = [Trial.of(corpus, cache, seed) for seed in range(seeds)]
    guided = []
    for trial in trials:
        guide = trial.guide(trial.coded(shelf.right))
        guided.append(trial.joining.answer(guide) if guide.weight > 0 else trial.alone)
    alone = [trial.alone for trial in trials]
    return [
        _of_layer(corpus.name, answers, layer, guided=is_guided)
        for answers, is_guided in ((alone, False), (guided, True))
        for layer in ("topics", "categories")
    ]


def _of_layer(name: str, answers: list[Answer], layer: str, *, guided: bool) -> Steadiness:
    found = [answer.topics if layer == "topics" else answer.categories for answer in answers]
    pairs = [agreement(one, other) for one, other in combinations(found, 2)]
    return Steadiness(name, guided, layer, tuple(map(count_nodes, found)), fmean(pairs), min(pairs))


def main() -> None:
    """Run the benchmark."""
    parser = set_arguments(__doc__ or "")
    parser.set_defaults(seeds=SEEDS)
    options = parser.parse_args()
    books = shelves(options)
    with cache_of(options) as cache:
        figures = [
            each
            for corpus in read_sets(options)
            for each in figures_of(corpus, books[corpus.name], cache, seeds=options.seeds)
        ]
    rows = [
        [
            each.documents,
            "guided" if each.guided else "unguided",
            each.layer,
            " ".join(map(str, each.nodes)),
            each.agreement,
            each.least,
        ]
        for each in figures
    ]
    columns = ["documents", "", "layer", "nodes by seed", "AMI between seeds", "least"]
    title = f"Steadiness over {options.seeds} ensembles"
    named = {"figures": [asdict(each) for each in figures]}
    publish("steadiness", named, [table(title, columns, rows)], options.out)


if __name__ == "__main__":
    main()
