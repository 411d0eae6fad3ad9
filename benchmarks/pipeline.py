"""The whole pipeline against BERTopic with defaults, on the same texts in the same run.

Each side has a process of its own for each corpus: it loads its model, is warmed up, encodes the
texts once, then clusters and describes them with each seed. A seed of ours and of BERTopic's
share nothing but the number. Noise counts as one class wherever partitions are compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks import metrics
from benchmarks.common import Measured, arguments, measure, publish, table, timed
from benchmarks.data import Corpus, foreign, mixed, repositories_2023, requests, tools_2026
from benchmarks.ours import find_topics_by_default, load_encoder
from benchmarks.peers import bertopic_by_default, encode_by_default, load_sentence_transformer

N_WARM_UP = 150


@dataclass(frozen=True)
class Runs:
    """One side on one corpus: the labels and seconds of each seed, and the time to encode."""

    labels: list[metrics.Labels]
    cluster_s: list[float]
    encode_s: float


def bertopic_case(corpus: Corpus, seeds: list[int]) -> Runs:
    """Run sentence-transformers and BERTopic with each seed."""
    model = load_sentence_transformer()
    warm = corpus.texts[:N_WARM_UP]
    bertopic_by_default(warm, encode_by_default(model, warm), seed=0)
    vectors, encode_s = timed(lambda: encode_by_default(model, corpus.texts))
    return _runs(
        lambda seed: bertopic_by_default(corpus.texts, vectors, seed=seed), seeds, encode_s
    )


def our_case(corpus: Corpus, seeds: list[int]) -> Runs:
    """Run opsatlas with each seed."""
    encoder = load_encoder()
    texts = corpus.texts
    warm = texts[:N_WARM_UP]
    find_topics_by_default(warm, encoder.encode(warm), seed=0)
    vectors, encode_s = timed(lambda: encoder.encode(texts))
    return _runs(lambda seed: find_topics_by_default(texts, vectors, seed=seed), seeds, encode_s)


def _runs(cluster: Callable[[int], metrics.Labels], seeds: list[int], encode_s: float) -> Runs:
    runs = [timed(partial(cluster, seed)) for seed in seeds]
    return Runs([labels for labels, _ in runs], [seconds for _, seconds in runs], encode_s)


CASES: dict[str, Callable[[Corpus, list[int]], Runs]] = {
    "BERTopic": bertopic_case,
    "opsatlas": our_case,
}


def figures_of(corpus: Corpus, runs: Runs, peak_mib: float, n_foreign: int) -> dict[str, Any]:
    """Return the figures of one side on one corpus: a list holds one value a seed."""
    by_list = {
        name: [metrics.agreement_with(gold, corpus, labels) for labels in runs.labels]
        for name, gold in corpus.gold.items()
    }
    figures: dict[str, Any] = {
        "n_topics": [len(metrics.sizes(labels)) for labels in runs.labels],
        "noise_share": [metrics.noise_share(labels) for labels in runs.labels],
        "largest_share": [metrics.largest_share(labels) for labels in runs.labels],
        "ami": by_list,
        "mean_ami": fmean(map(fmean, by_list.values())) if by_list else None,
        "ami_between_seeds": metrics.agreement_of_runs(runs.labels),
        "encode_s": runs.encode_s,
        "cluster_s": runs.cluster_s,
        "wall_s": runs.encode_s + fmean(runs.cluster_s),
        "peak_mib": peak_mib,
    }
    if n_foreign:
        figures["foreign"] = [metrics.strangers(labels, n_foreign) for labels in runs.labels]
    return figures


def compare(corpus: Corpus, seeds: list[int], *, n_foreign: int = 0) -> dict[str, Any]:
    """Measure both sides on one corpus; the last ``n_foreign`` documents are strangers."""
    figures: dict[str, Any] = {"corpus": corpus.name, "n_docs": len(corpus.keys), "seeds": seeds}
    known = set(corpus.keys)
    figures["n_gold"] = {name: len(known & gold.keys()) for name, gold in corpus.gold.items()}
    if len(corpus.gold) == 2:
        figures["ami_of_the_lists"] = metrics.agreement_of_lists(*corpus.gold.values())
    for side, case in CASES.items():
        measured: Measured[Runs] = measure(case, corpus, seeds)
        figures[side] = figures_of(corpus, measured.value, measured.peak_mib, n_foreign)
    return figures


def corpora(data: Path) -> dict[str, tuple[Corpus, int]]:
    """Return each corpus by its short name, with the number of strangers at its end."""
    repositories, strangers = repositories_2023(data), foreign()
    return {
        "tools": (tools_2026(data), 0),
        "repositories": (repositories, 0),
        "requests": (requests(data), 0),
        "foreign": (mixed(repositories, strangers), len(strangers.keys)),
    }


def rows_of(figures: dict[str, Any]) -> list[list[Any]]:
    """Return the rows of the table of one corpus: a figure a row, means over the seeds."""
    sides = [figures[side] for side in CASES]
    rows: list[list[Any]] = [
        [f"AMI with {name} ({n})", *(fmean(side["ami"][name]) for side in sides)]
        for name, n in figures["n_gold"].items()
    ]
    if len(rows) > 1:
        rows.append(["AMI, mean of the lists", *(side["mean_ami"] for side in sides)])
    rows.append(["AMI between seeds", *(side["ami_between_seeds"] for side in sides)])
    for key, name in (("noise_share", "unplaced"), ("largest_share", "largest topic")):
        rows.append([name, *(f"{fmean(side[key]):.1%}" for side in sides)])
    rows.append(["topics", *(fmean(side["n_topics"]) for side in sides)])
    for kind in ("unplaced", "alone", "in their own", "mixed in"):
        if "foreign" in sides[0]:
            counts = [fmean(seed[kind] for seed in side["foreign"]) for side in sides]
            rows.append([f"foreign texts {kind}", *counts])
    rows.append(["seconds to encode", *(side["encode_s"] for side in sides)])
    rows.append(["seconds to cluster and describe", *(fmean(s["cluster_s"]) for s in sides)])
    rows.append(["peak MiB", *(side["peak_mib"] for side in sides)])
    return rows


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds (default: 5)")
    parser.add_argument(
        "--only", nargs="+", choices=("tools", "repositories", "requests", "foreign")
    )
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    args = parse()
    seeds = list(range(args.seeds))
    results, tables = [], []
    for name, (corpus, n_foreign) in corpora(args.data).items():
        if args.only and name not in args.only:
            continue
        figures = compare(corpus, seeds, n_foreign=n_foreign)
        results.append(figures)
        title = f"{corpus.name}: {len(corpus.keys):,} texts, mean of {len(seeds)} seeds"
        tables.append(table(title, ["", *CASES], rows_of(figures)))
    publish("pipeline", {"corpora": results}, tables, args.out)


if __name__ == "__main__":
    main()
