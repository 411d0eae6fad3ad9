"""The figures of comparisons: events, what is wrongly called a change, ids, cost.

Twenty generated ecosystems (seeds from `--first`) are compared with their truth; pairs in which
nothing changed are the same documents with other seeds, and disjoint halves of one population; some
of them are compared by their categories as well. Ensembles are of 30 runs, where the product's own
are of 200 for so few documents.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from benchmarks.common import arguments, measure, publish, table, timed
from benchmarks.ecosystems import (
    KINDS,
    Difficulty,
    Snapshot,
    Source,
    evolving,
    grouped,
    halves,
    read_texts,
    unchanged,
)
from benchmarks.lineage_sides import Workshop, ensemble_of
from benchmarks.metrics import agreement
from benchmarks.peers import bertopic_by_default
from taxonomy.categories import resampled_categories
from taxonomy.lineage.compare import chain, compare
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Chain, Lineage, LineageSide, SideNode
from taxonomy.types import UNSEEN

Told = tuple[str, frozenset[int], frozenset[int]]
"""An event: its kind, and the true topics that it is about."""

DETECTED = 0.5
"""Least Jaccard similarity of a node and the true topic that it has found."""

N_DOCS, N_TOPICS, N_DIMS, N_RUNS, N_RESAMPLES = 20_000, 300, 384, 20, 99
SAMPLED = 3
"""Resampled consensuses that are timed at 20,000 documents."""

CHURNS = (0.0, 0.1, 0.2, 0.3, 0.4)
DRIFTS = (0.2, 0.4, 0.6, 0.8)


def commonest(side: LineageSide, snapshot: Snapshot) -> dict[int, int]:
    """Return, for each node, the true topic that most of its documents are of."""
    return {
        node.number: Counter(snapshot.topics[side.labels == node.number].tolist()).most_common(1)[
            0
        ][0]
        for node in side.nodes
    }


def told(lineage: Lineage, topics: Sequence[dict[int, int]]) -> list[Told]:
    """Return the changes that a comparison tells of, in terms of true topics."""
    return [
        (
            event.kind,
            frozenset(topics[0][node] for node in event.earlier),
            frozenset(topics[1][node] for node in event.later),
        )
        for event in lineage.changes()
    ]


def score(found: Sequence[Told], snapshot: Snapshot, counts: Counter[tuple[str, str]]) -> None:
    """Count by kind what is right, wrong and missed."""
    missed = [(e.kind, frozenset(e.earlier), frozenset(e.later)) for e in snapshot.events]
    for each in found:
        if each in missed:
            missed.remove(each)
            counts[each[0], "right"] += 1
        else:
            counts[each[0], "wrong"] += 1
    for kind, *_ in missed:
        counts[kind, "missed"] += 1


def f1(counts: Counter[tuple[str, str]], kinds: Sequence[str]) -> float:
    """Return the F1 of the events of some kinds."""
    right, wrong, missed = (
        sum(counts[kind, what] for kind in kinds) for what in ("right", "wrong", "missed")
    )
    return 2 * right / max(1, 2 * right + wrong + missed)


def events(
    workshop: Workshop, source: Source, difficulty: Difficulty, seeds: Sequence[int]
) -> Counter[tuple[str, str]]:
    """Compare the first two snapshots of each ecosystem, and count what is right."""
    counts: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        snapshots = evolving(source, difficulty, seed=seed, n_snapshots=2)
        sides = workshop.sides(snapshots)
        lineage = compare(*sides, settings=workshop.settings, progress=SilentProgress())
        topics = [commonest(*pair) for pair in zip(sides, snapshots, strict=True)]
        score(told(lineage, topics), snapshots[1], counts)
    return counts


def difficulty_of(workshop: Workshop, source: Source, seeds: Sequence[int]) -> list[float]:
    """Return the agreement of one run of BERTopic with the truth, for each first snapshot."""
    found = []
    for seed in seeds:
        snapshot = evolving(source, Difficulty(), seed=seed, n_snapshots=1)[0]
        labels = bertopic_by_default(snapshot.texts, workshop.vectors(snapshot.texts), seed=0)
        found.append(agreement(snapshot.topics, labels))
    return found


def false_changes(
    workshop: Workshop, source: Source, seeds: Sequence[int]
) -> dict[str, list[tuple[int, int]]]:
    """Return, of each pair in which nothing changed, the changes found, and `beyond_reruns`."""
    found: dict[str, list[tuple[int, int]]] = {"same documents": [], "disjoint halves": []}
    for seed in seeds:
        whole = unchanged(source, Difficulty(), seed=seed)
        parts = halves(whole, seed=seed)
        workshop.vectors(whole.texts)
        for kind, pair in zip(found, ((whole, whole), parts), strict=True):
            sides = [workshop.side(each, at=at, seed=at) for at, each in enumerate(pair)]
            lineage = compare(*sides, settings=workshop.settings, progress=SilentProgress())
            beyond = beyond_reruns(lineage, workshop.settings)
            found[kind].append((len(lineage.changes()), beyond))
    return found


def beyond_reruns(lineage: Lineage, settings: LineageSettings) -> int:
    """Return how many events would be changes if only re-running were asked.

    Of the same documents, none should be but by the bad luck that the bound allows.
    """
    told = [e for e in lineage.events if e.kind != "persisted" or e.size >= settings.drift]
    return sum(event.p_rerun <= settings.rerun for event in told)


def idf1(found: Chain, sides: Sequence[LineageSide], snapshots: Sequence[Snapshot]) -> float:
    """Return IDF1 (Ristani et al. 2016, doi 10.1007/978-3-319-48881-3_2, eq. 11) of a chain's ids.

    A detection is a node of one snapshot; it is of a true topic if their documents' Jaccard
    similarity is at least `DETECTED`. Ids are matched one to one over the whole chain.
    """
    from scipy.optimize import linear_sum_assignment

    together: Counter[tuple[int, int]] = Counter()
    n_true = 0
    for at, (side, snapshot) in enumerate(zip(sides, snapshots, strict=True)):
        topics = np.unique(snapshot.topics).tolist()
        n_true += len(topics)
        for topic in topics:
            for node in side.nodes:
                here, there = snapshot.topics == topic, side.labels == node.number
                if (here & there).sum() >= DETECTED * (here | there).sum():
                    together[topic, found.identity(at, node.number)] += 1
    shape = [max((pair[axis] for pair in together), default=0) + 1 for axis in (0, 1)]
    counts = np.zeros(shape)
    for pair, n in together.items():
        counts[pair] = n
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(2 * counts[rows, columns].sum() / (n_true + len(found.nodes)))


def ids(workshop: Workshop, source: Source, seeds: Sequence[int]) -> list[float]:
    """Return IDF1 of each chain of four snapshots."""
    found = []
    for seed in seeds:
        snapshots = evolving(source, Difficulty(), seed=seed, n_snapshots=4)
        sides = workshop.sides(snapshots)
        made = chain(sides, settings=workshop.settings, progress=SilentProgress())
        found.append(idf1(made, sides, snapshots))
    return found


def large_side(at: int) -> tuple[LineageSide, NDArray[np.int32]]:
    """Return a side of 20,000 documents in 300 topics, and its runs; a fifth of it churns."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(N_TOPICS, N_DIMS))
    first = at * N_DOCS // 5
    numbers = np.arange(first, first + N_DOCS)
    truth = (numbers % N_TOPICS).astype(np.int32)
    own = np.random.default_rng(at)
    vectors = centres[truth] + own.normal(scale=1.5, size=(N_DOCS, N_DIMS))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    noisy = _noisy(truth, N_RUNS * 2, own)
    noisy[own.random(noisy.shape) < 0.2] = UNSEEN
    keys = tuple(f"name:org/r{number}" for number in numbers)
    side = LineageSide(
        name=f"snapshot {at}",
        day=date(2020 + at, 1, 1),
        corpus="tools",
        layer="topics",
        nodes=tuple(SideNode(number=n, name=str(n)) for n in range(N_TOPICS)),
        keys=keys,
        aliases=((),) * N_DOCS,
        titles=keys,
        texts=tuple(
            f"{key} {number % 10 == at}" for key, number in zip(keys, numbers, strict=True)
        ),
        vectors=vectors,
        labels=_noisy(truth, 1, own)[0],
        resampled=_noisy(truth, N_RESAMPLES, own),
    )
    return side, noisy


def _noisy(truth: NDArray[np.int32], n: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """Return ``n`` copies in which every tenth document is elsewhere, and every tenth nowhere."""
    copies = np.tile(truth, (n, 1))
    chance = rng.random(copies.shape)
    copies[chance < 0.1] = rng.integers(N_TOPICS, size=int((chance < 0.1).sum()))
    copies[chance > 0.9] = NOISE
    return copies


def large_case() -> float:
    """Return the seconds that comparing two large taxonomies takes."""
    sides = [large_side(at)[0] for at in (0, 1)]
    settings = LineageSettings()
    return timed(lambda: compare(*sides, settings=settings, progress=SilentProgress()))[1]


def large_pool() -> float:
    """Return the seconds that one resampled consensus of a large ensemble takes."""
    side, runs = large_side(0)
    ensemble = ensemble_of(runs, side.vectors)
    draw = partial(ensemble.resampled, n=SAMPLED, seed=0, progress=SilentProgress())
    return timed(draw)[1] / SAMPLED


def large_categories() -> float:
    """Return the seconds that joining both pools into categories takes, from a few resamples."""
    side, runs = large_side(0)
    join = partial(resampled_categories, ensemble_of(runs, side.vectors))
    seconds = [
        timed(partial(join, side.resampled[:n], seed=0, progress=SilentProgress()))[1]
        for n in (0, SAMPLED)
    ]
    return 2 * (seconds[0] + N_RESAMPLES * (seconds[1] - seconds[0]) / SAMPLED)


def sweep(
    workshop: Workshop, source: Source, seeds: Sequence[int], name: str, values: Sequence[float]
) -> dict[float, float]:
    """Return the F1 of all events for each value of one part of the difficulty."""
    return {
        value: f1(
            events(workshop, source, replace(Difficulty(), **{name: value}), seeds),  # type: ignore[arg-type]
            KINDS,
        )
        for value in values
    }


def draw(found: Mapping[str, Mapping[float, float]], path: Path) -> None:
    """Draw the F1 of events by churn and by drift, one panel each, on one scale."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.9, 2.8), layout="constrained")
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for panel, (name, values) in zip(panels, found.items(), strict=True):
        panel.plot(list(values), list(values.values()), marker="o", color="black")
        panel.set(xlabel=name, ylim=(0, 1.02), xticks=list(values))
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("F1 of events")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument(
        "--cache", type=Path, default=Path("benchmarks/results/lineage"), help="folder of ensembles"
    )
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--ecosystems", type=int, default=20)
    parser.add_argument("--populations", type=int, default=50)
    parser.add_argument("--chains", type=int, default=20)
    parser.add_argument("--categories", type=int, default=20, help="populations, by categories")
    parser.add_argument("--sweep", type=int, default=0, help="ecosystems for each churn and drift")
    parser.add_argument("--plot", type=Path, help="draw what --sweep finds there, as SVG")
    parser.add_argument("--no-scale", action="store_true", help="leave out 20,000 documents")
    return parser.parse_args()


def scale() -> list[list[Any]]:
    """Return the rows of the table of what a comparison of 20,000 documents costs."""
    case, pool, more = measure(large_case), measure(large_pool), measure(large_categories)
    return [
        ["comparison", case.value, case.peak_mib],
        ["one resampled consensus", pool.value, pool.peak_mib],
        [f"the pool: {N_RESAMPLES} of each", 2 * N_RESAMPLES * pool.value, pool.peak_mib],
        ["and of categories, besides", more.value, more.peak_mib],
    ]


def _pairs(title: str, found: Mapping[str, Sequence[tuple[int, int]]]) -> Table:
    """Return the table of pairs in which nothing changed."""
    rows = [
        [kind, len(each), *(sum(n > 0 for n in column) for column in zip(*each, strict=True))]
        for kind, each in found.items()
    ]
    heads = ["pairs", "number", "with a change", "beyond re-running alone"]
    return table(title, heads, rows)


def main() -> None:
    """Run the benchmark."""
    args = parse()
    workshop = Workshop(args.cache, LineageSettings())
    texts = read_texts(args.data)
    source = grouped(texts, workshop.vectors(texts), seed=0)
    seeds: Callable[[int], range] = lambda n: range(args.first, args.first + n)  # noqa: E731
    figures: dict[str, Any] = {"settings": workshop.settings.model_dump()}
    tables = []
    if args.ecosystems:
        counts = events(workshop, source, Difficulty(), seeds(args.ecosystems))
        rows = [
            [k, *(counts[k, what] for what in ("right", "wrong", "missed")), f1(counts, [k])]
            for k in KINDS
        ]
        rows.append(["all", "", "", "", f1(counts, KINDS)])
        figures["events"] = rows
        figures["bertopic_ami"] = difficulty_of(workshop, source, seeds(args.ecosystems))
        title = f"{args.ecosystems} ecosystems; AMI of a run {fmean(figures['bertopic_ami']):.2f}"
        tables.append(table(title, ["events", "right", "wrong", "missed", "F1"], rows))
    if args.populations:
        found = false_changes(workshop, source, seeds(args.populations))
        figures["false_changes"] = found
        tables.append(_pairs("Nothing changed", found))
    if args.categories:
        by_category = replace(workshop, layer="categories")
        found = false_changes(by_category, source, seeds(args.categories))
        figures["false_changes_of_categories"] = found
        tables.append(_pairs("Nothing changed, by categories", found))
    if args.chains:
        figures["idf1"] = ids(workshop, source, seeds(args.chains))
        row = ["IDF1", fmean(figures["idf1"]), min(figures["idf1"])]
        tables.append(table(f"{args.chains} chains of four", ["", "mean", "least"], [row]))
    for name, values in (("churn", CHURNS), ("drift", DRIFTS)) if args.sweep else ():
        figures[name] = sweep(workshop, source, seeds(args.sweep), name, values)
        rows = [[f"{value:.1f}", found_f1] for value, found_f1 in figures[name].items()]
        tables.append(table(f"Events by {name}", [name, "F1"], rows))
    if args.plot is not None and args.sweep:
        draw({name: figures[name] for name in ("churn", "drift")}, args.plot)
    if not args.no_scale:
        figures["scale"] = scale()
        title = f"2 × {N_DOCS:,} documents, {N_TOPICS} topics each"
        tables.append(table(title, ["", "seconds", "peak MiB"], figures["scale"]))
    publish("lineage", figures, tables, args.out)


if __name__ == "__main__":
    main()
