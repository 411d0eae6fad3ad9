"""How many of the nearest documents are found by descent, and whether cores change what is found.

Above `taxonomy.settings.MANY` documents neighbours are sought by descent; here both ways are
gone with the same documents: windows of issues, by the vectors of their words.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numba
import numpy as np

import taxonomy.settings
from artifacts.arrays import Integers
from benchmarks.common import arguments, publish, table, timed
from benchmarks.data import nlbse_windows
from benchmarks.scale import vectors_of
from taxonomy.settings import TopicSettings
from taxonomy.space import joined_space, nearest_documents

N_DOCS = 20_000


def recall(exact: Integers, found: Integers) -> float:
    """Return the share of the nearest documents that are among those found."""
    common = [
        len({*one} & {*other}) for one, other in zip(exact.tolist(), found.tolist(), strict=True)
    ]
    return float(np.mean(common)) / exact.shape[1]


def compare(texts: list[str], vectors: Path) -> dict[str, Any]:
    """Return the recall, seconds of both ways, and whether one thread finds what all find."""
    settings = TopicSettings()
    _, view = joined_space(
        texts, np.load(vectors), lexical_weight=settings.lexical_weight, seed=settings.seed
    )
    ways: dict[str, Any] = {}
    taxonomy.settings.MANY = len(view)
    ways["exact"] = timed(lambda: nearest_documents(view, neighbours=settings.neighbours))
    taxonomy.settings.MANY = 0
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        way = f"by descent, {threads} threads"
        ways[way] = timed(lambda: nearest_documents(view, neighbours=settings.neighbours))
    exact, *found = (nearest for nearest, _ in ways.values())
    return {
        "seconds": {way: seconds for way, (_, seconds) in ways.items()},
        "recall": recall(exact, found[0]),
        "same_on_all_cores": bool((found[0] == found[1]).all()),
    }


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument(
        "--cache", type=Path, default=Path("benchmarks/results/vectors"), help="folder of vectors"
    )
    parser.add_argument("--n", type=int, default=N_DOCS, help="number of documents")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    args = parse()
    texts = nlbse_windows(args.data, args.n)
    figures = compare(texts, vectors_of("windows", texts, args.cache))
    same = "the same" if figures["same_on_all_cores"] else "NOT the same"
    title = f"{args.n:,} documents: {figures['recall']:.1%} found by descent, {same} on all cores"
    rows = [[way, seconds] for way, seconds in figures["seconds"].items()]
    publish("neighbours", figures, [table(title, ["", "seconds"], rows)], args.out)


if __name__ == "__main__":
    main()
