"""Time and memory of clustering and describing at 1,000, 5,000 and 20,000 documents.

The vectors are given: they are computed once and kept under `--cache`. BERTopic with defaults
does beside it, once, what our ensemble, consensus and description do.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import arguments, measure, publish, table, timed
from benchmarks.data import nlbse_windows
from benchmarks.metrics import noise_share, sizes
from benchmarks.ours import find_topics_by_default
from benchmarks.peers import bertopic_by_default, encode_by_default, load_sentence_transformer

SIZES = (1_000, 5_000, 20_000)
N_WARM_UP = 200
SEED = 0

Case = tuple[NDArray[np.int32], float]


def encode(texts: list[str]) -> NDArray[np.float32]:
    """Encode with sentence-transformers: both sides get the same vectors."""
    return encode_by_default(load_sentence_transformer(), texts)


def vectors_of(texts: list[str], cache: Path) -> Path:
    """Return the file of the vectors of ``texts``; compute it if it is not there."""
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = cache / f"windows-{len(texts)}-{digest}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        vectors = measure(encode, texts).value
        with path.with_suffix(".part").open("wb") as file:
            np.save(file, vectors)
        path.with_suffix(".part").rename(path)
    return path


def bertopic_case(texts: list[str], path: Path) -> Case:
    """Cluster and describe with BERTopic, once."""
    vectors = np.load(path)[: len(texts)]
    bertopic_by_default(texts[:N_WARM_UP], vectors[:N_WARM_UP], seed=SEED)
    return timed(lambda: bertopic_by_default(texts, vectors, seed=SEED))


def our_case(texts: list[str], path: Path) -> Case:
    """Run our ensemble, its consensus and the description."""
    vectors = np.load(path)[: len(texts)]
    find_topics_by_default(texts[:N_WARM_UP], vectors[:N_WARM_UP], seed=SEED)
    return timed(lambda: find_topics_by_default(texts, vectors, seed=SEED))


CASES: dict[str, Callable[[list[str], Path], Case]] = {
    "BERTopic": bertopic_case,
    "opsatlas": our_case,
}


def compare(texts: list[str], path: Path) -> dict[str, Any]:
    """Measure both sides on ``texts``, whose vectors open the file at ``path``."""
    figures: dict[str, Any] = {"n_docs": len(texts)}
    for side, case in CASES.items():
        measured = measure(case, texts, path)
        labels, seconds = measured.value
        figures[side] = {
            "wall_s": seconds,
            "peak_mib": measured.peak_mib,
            "n_topics": len(sizes(labels)),
            "noise_share": noise_share(labels),
        }
    figures["times_bertopic"] = figures["opsatlas"]["wall_s"] / figures["BERTopic"]["wall_s"]
    return figures


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument(
        "--cache", type=Path, default=Path("benchmarks/results/vectors"), help="folder of vectors"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of documents")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    args = parse()
    texts = nlbse_windows(args.data, max(args.sizes))
    path = vectors_of(texts, args.cache)
    results = [compare(texts[:n_docs], path) for n_docs in sorted(args.sizes)]
    rows = [
        [f"{figures['n_docs']:,}, {side}", *figures[side].values()]
        for figures in results
        for side in CASES
    ]
    columns = ["documents", "seconds", "peak MiB", "topics", "noise share"]
    publish("scale", {"sizes": results}, [table("Cluster and describe", columns, rows)], args.out)


if __name__ == "__main__":
    main()
