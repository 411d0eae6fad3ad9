"""Time and memory of clustering and describing at 1,000 to 200,000 documents, and how they grow.

Two corpora. *Windows* of issues, of which there are 7,954: beyond, they come again with words
dropped. *Commits*, with `--histories FOLDER` of clones: distinct messages of public histories.

The vectors are given: they are computed once and kept under `--cache`, and both sides get the same.
Those of commits are of the default encoder. Those of windows, whose encoding takes hours on a small
machine, are sums of the encoder's vectors of their words, rare ones weighing more.

BERTopic with defaults does beside it, once, at one size, what our ensemble, consensus and
description do. Seconds hang on what else the machine does, seconds of processors hardly.
"""

from __future__ import annotations

import argparse
import hashlib
import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.commits import commit_messages
from benchmarks.common import arguments, measure, publish, table, timed
from benchmarks.data import nlbse_windows
from benchmarks.metrics import agreement, noise_share, sizes
from benchmarks.ours import encode_words, find_topics_by_default, load_encoder
from benchmarks.peers import bertopic_by_default
from embeddings.encoder import CHUNK

SIZES = (1_000, 10_000, 100_000, 200_000)
BESIDE = 20_000
N_WARM_UP = 200
SEEDS = (0, 1)

Case = tuple[NDArray[np.int32], float]
Side = Callable[..., Case]
Figures = dict[str, Any]


def encode_commits(texts: list[str], parts: Path) -> NDArray[np.float32]:
    """Encode with the default encoder; each thousands' vectors are kept, to go on from."""
    encoder, found = load_encoder(len(texts)), []
    parts.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(texts), CHUNK * 16):
        part = parts / f"{start:06d}.npy"
        if not part.exists():
            _save(part, encoder.encode(texts[start : start + CHUNK * 16]))
        found.append(np.load(part))
    return np.concatenate(found)


def encode_windows(texts: list[str], _parts: Path) -> NDArray[np.float32]:
    """Return sums of the vectors of words."""
    return encode_words(texts)


ENCODINGS: dict[str, Callable[[list[str], Path], NDArray[np.float32]]] = {
    "windows": encode_windows,
    "commits": encode_commits,
}


def vectors_of(corpus: str, texts: list[str], cache: Path) -> Path:
    """Return the file of the vectors of ``texts``; compute it if it is not there."""
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = cache / f"{corpus}-{len(texts)}-{digest}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _save(path, measure(ENCODINGS[corpus], texts, path.with_suffix("")).value)
    return path


def _save(path: Path, vectors: NDArray[np.float32]) -> None:
    with path.with_suffix(".part").open("wb") as file:
        np.save(file, vectors)
    path.with_suffix(".part").rename(path)


def bertopic_case(texts: list[str], path: Path, seed: int) -> Case:
    """Cluster and describe with BERTopic, once."""
    vectors = np.load(path)[: len(texts)]
    bertopic_by_default(texts[:N_WARM_UP], vectors[:N_WARM_UP], seed=seed)
    return timed(lambda: bertopic_by_default(texts, vectors, seed=seed))


def our_case(texts: list[str], path: Path, seed: int, **others: int | None) -> Case:
    """Run our ensemble, its consensus and the description; vectors stay in their file."""
    vectors = np.load(path, mmap_mode="r")[: len(texts)]
    find_topics_by_default(texts[:N_WARM_UP], vectors[:N_WARM_UP], seed=seed)
    return timed(lambda: find_topics_by_default(texts, vectors, seed=seed, **others))


def measured(
    case: Side, texts: list[str], path: Path, seed: int
) -> tuple[NDArray[np.int32], Figures]:
    """Return the topics that a side finds, and what that took."""
    found = measure(case, texts, path, seed)
    labels, seconds = found.value
    return labels, {
        "wall_s": seconds,
        "cpu_s": found.cpu_s,
        "own_cpu_s": found.own_cpu_s,
        "peak_mib": found.peak_mib,
        "n_topics": len(sizes(labels)),
        "noise_share": noise_share(labels),
    }


def at_size(ours: Side, texts: list[str], path: Path, seeds: Sequence[int]) -> Figures:
    """Measure ours on ``texts``, whose vectors open the file at ``path``, with one seed or two."""
    labels, figures = zip(*(measured(ours, texts, path, seed) for seed in seeds), strict=True)
    again = {"ami_of_seeds": agreement(*labels), "again": figures[1]} if len(seeds) > 1 else {}
    return {"n_docs": len(texts), **figures[0], **again}


def exponents(rows: Sequence[Figures], what: str) -> Figures:
    """Return how seconds grow with documents: over all sizes (least squares), and step by step."""
    points = [(math.log(row["n_docs"]), math.log(row[what])) for row in rows]
    steps = {
        f"{one['n_docs']:,} to {other['n_docs']:,}": (b[1] - a[1]) / (b[0] - a[0])
        for (one, other), (a, b) in zip(pairwise(rows), pairwise(points), strict=True)
    }
    return {"all": float(np.polyfit(*zip(*points, strict=True), 1)[0]), **steps}


def beside(ours: Side, texts: list[str], path: Path) -> Figures:
    """Measure both sides once."""
    (_, theirs), (_, own) = (measured(side, texts, path, 0) for side in (bertopic_case, ours))
    times = {f"times_{what}": own[what] / theirs[what] for what in ("wall_s", "cpu_s", "peak_mib")}
    return {"n_docs": len(texts), "BERTopic": theirs, "opsatlas": own, **times}


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument(
        "--cache", type=Path, default=Path("benchmarks/results/vectors"), help="folder of vectors"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of documents")
    parser.add_argument("--histories", type=Path, help="folder of clones: measures commits as well")
    parser.add_argument("--no-windows", action="store_true", help="measure commits alone")
    parser.add_argument(
        "--again", type=int, default=SIZES[-1], help="up to so many, measure a second seed"
    )
    for name in ("runs", "epochs"):
        help_ = f"{name} in place of those that follow from the number of documents"
        parser.add_argument(f"--{name}", type=int, help=help_)
    parser.add_argument(
        "--beside", type=int, default=BESIDE, help="documents for BERTopic; 0: none"
    )
    return parser.parse_args()


def corpora(args: argparse.Namespace) -> dict[str, list[str]]:
    """Return the texts of each corpus."""
    most = max(*args.sizes, args.beside)
    found = {} if args.no_windows else {"windows": nlbse_windows(args.data, most)}
    if args.histories is not None:
        found["commits"] = commit_messages(args.histories, most)
    return found


COLUMNS = {
    "wall_s": "seconds",
    "cpu_s": "of processors",
    "own_cpu_s": "of these alone",
    "peak_mib": "peak MiB",
    "n_topics": "topics",
    "noise_share": "noise share",
    "ami_of_seeds": "AMI of two seeds",
}


def main() -> None:
    """Run the benchmark; what is measured is written after each size."""
    args = parse()
    ours = partial(our_case, runs=args.runs, epochs=args.epochs)
    results: dict[str, Figures] = {}
    for corpus, texts in corpora(args).items():
        path, rows = vectors_of(corpus, texts, args.cache), []
        results[corpus] = {"sizes": rows}
        if args.beside:
            results[corpus]["beside"] = beside(ours, texts[: args.beside], path)
        for n_docs in sorted(args.sizes):
            seeds = SEEDS if n_docs <= args.again else SEEDS[:1]
            rows.append(at_size(ours, texts[:n_docs], path, seeds))
            if len(rows) > 1:
                results[corpus]["growth"] = {
                    what: exponents(rows, what) for what in ("wall_s", "cpu_s")
                }
            publish("scale", results, tables(corpus, results[corpus]), args.out)


def tables(corpus: str, found: Figures) -> list[Any]:
    """Return what was measured of a corpus so far, to print."""
    rows = [[f"{row['n_docs']:,}", *(row.get(name) for name in COLUMNS)] for row in found["sizes"]]
    shown = [table(f"Cluster and describe: {corpus}", ["documents", *COLUMNS.values()], rows)]
    if both := found.get("beside"):
        names = list(COLUMNS)[:-1]
        rows = [[side, *(both[side][name] for name in names)] for side in ("BERTopic", "opsatlas")]
        title = (
            f"Beside BERTopic: {both['n_docs']:,} {corpus}, {both['times_wall_s']:.2f} × its time"
        )
        shown.append(table(title, ["", *(COLUMNS[name] for name in names)], rows))
    if growth := found.get("growth"):
        steps = list(growth["wall_s"])
        rows = [[COLUMNS[what], *(growth[what][step] for step in steps)] for what in growth]
        shown.append(table(f"Exponent of growth: {corpus}", ["", *steps], rows))
    return shown


if __name__ == "__main__":
    main()
