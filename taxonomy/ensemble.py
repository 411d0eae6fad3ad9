"""The ensemble: many runs of UMAP and HDBSCAN over one shared neighbour graph.

Each run has its own seed, sees its own subsample of the documents and asks for its own smallest
clusters, so that what they agree on hangs on none of the three. Subsamples and sizes are balanced
over the runs, as in stratified sampling: it takes fewer runs until the answer no longer depends on
their seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from artifacts.arrays import Floats, Integers
from artifacts.processes import cores, spread
from artifacts.progress import Progress
from artifacts.words import NOISE
from taxonomy.settings import TopicSettings, number_of_epochs, number_of_runs, smallest_topic
from taxonomy.space import NeighbourGraph
from taxonomy.types import CUTS, UNSEEN, Labels, count_nodes

WORTH_PROCESSES = 200_000
"""Documents times runs below which starting processes takes longer than it saves."""

GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, less their whole part, fill [0, 1) evenly, however many there are."""


@dataclass(frozen=True)
class RunPlan:
    """One run: its seed, and the smallest clusters that it asks for, one after the other."""

    seed: int
    sizes: tuple[int, ...]


class RunStore(Protocol):
    """Where finished runs are kept, so that an interrupted ensemble goes on where it stopped.

    The labels of a run are n_sizes × n_docs.
    """

    def load(self, plan: RunPlan) -> Labels | None:
        """Return the labels of a finished run, or None."""

    def save(self, plan: RunPlan, labels: Labels) -> None:
        """Keep the labels of a finished run."""


def plan_runs(n_docs: int, settings: TopicSettings) -> list[RunPlan]:
    """Return the plans of all runs: seeds in sequence, sizes spread evenly from m to 2 m."""
    smallest = smallest_topic(n_docs, settings)
    seeds = range(settings.seed, settings.seed + number_of_runs(n_docs, settings))
    return [RunPlan(seed, _sizes(seed, smallest)) for seed in seeds]


def _sizes(seed: int, smallest: int) -> tuple[int, ...]:
    places = [(seed * GOLDEN + cut / CUTS) % 1 for cut in range(CUTS)]
    return tuple(smallest + int(place * (smallest + 1)) for place in places)


def run_ensemble(
    graph: NeighbourGraph,
    plans: Sequence[RunPlan],
    settings: TopicSettings,
    *,
    progress: Progress,
    store: RunStore | None = None,
    workers: int | None = None,
) -> Labels:
    """Carry out the planned runs, in parallel, and return their labels.

    Parameters
    ----------
    store
        Finished runs are taken from it and added to it.
    workers
        Processes; by default one for each processor, or this one alone where there is little to
        do. The result does not depend on it.

    Returns
    -------
    Labels
        (n_runs · n_sizes) × n_docs: cluster number, `NOISE` or `UNSEEN`.

    Raises
    ------
    OpsatlasError
        If one of the processes is ended from outside.
    """
    kept = {plan: None if store is None else store.load(plan) for plan in plans}
    finished = {plan: labels for plan, labels in kept.items() if labels is not None}
    missing = [plan for plan in plans if plan not in finished]
    workers = workers or _worthwhile_workers(len(missing) * len(graph.start))
    with progress.task("runs of the ensemble", len(plans), unit="runs") as task:
        task.advance(len(finished))
        runs = spread(
            _run_alone,
            missing,
            shared=(graph, settings),
            workers=min(workers, len(missing)),
            what="runs of the ensemble",
        )
        for plan, labels in runs:
            if store is not None:
                store.save(plan, labels)
            finished[plan] = labels
            task.advance()
    return np.concatenate([finished[plan] for plan in plans])


def one_run(graph: NeighbourGraph, plan: RunPlan, settings: TopicSettings) -> Labels:
    """Lay out a subsample with UMAP and cluster it with HDBSCAN, once for each size.

    This is the seam for another engine, such as one that computes on a graphics processor: what it
    is given and what it returns is all that the rest knows of UMAP and HDBSCAN. It must return the
    same labels whenever it is asked for the same plan, in whatever process.

    Returns n_sizes × n_docs labels.
    """
    import hdbscan
    from threadpoolctl import threadpool_limits

    n_docs = len(graph.start)
    seen = subsample(n_docs, plan.seed, settings.subsample)
    rows, tree = [], _OneTree()
    with threadpool_limits(1):
        epochs = number_of_epochs(n_docs, settings)
        layout = lay_out(graph, seen, plan.seed, epochs=epochs).astype(np.float64)
        for size in plan.sizes:
            clusterer = hdbscan.HDBSCAN(
                min_cluster_size=min(size, len(seen)),
                min_samples=1,
                core_dist_n_jobs=1,
                memory=tree,
            )
            labels = np.full(n_docs, UNSEEN, dtype=np.int32)
            labels[seen] = clusterer.fit_predict(layout)
            rows.append(attach_borders(labels, graph, share=settings.attachment))
    return np.stack(rows)


class _OneTree:
    """The tree of one layout, as the ``memory`` of HDBSCAN: made once, cut once for each size.

    HDBSCAN's tree hangs on the smallest cluster only through the number of samples, which is set.
    """

    def __init__(self) -> None:
        self._made: Any = None

    def cache(self, make: Callable[..., Any]) -> Callable[..., Any]:
        """Return what returns what ``make`` made when it was called first."""

        def once(*given: Any, **named: Any) -> Any:
            if self._made is None:
                self._made = make(*given, **named)
            return self._made

        return once


def subsample(n_docs: int, seed: int, share: float) -> Integers:
    """Return the numbers of the documents that the run with this seed sees, in order.

    Runs with successive seeds leave out successive parts of one shuffled order, then of the next,
    so that every document is left out about as often as every other.
    """
    n_left_out = n_docs - max(2, round(share * n_docs))
    if n_left_out == 0:
        return np.arange(n_docs)
    block, part = divmod(seed, n_docs // n_left_out)
    order = np.random.default_rng(block).permutation(n_docs)
    left_out = order[part * n_left_out : (part + 1) * n_left_out]
    return np.setdiff1d(np.arange(n_docs), left_out)


def attach_borders(labels: Labels, graph: NeighbourGraph, *, share: float) -> Labels:
    """Count a run's noise with the cluster that holds most of its neighbours, if enough of them.

    A document at the border of a cluster falls out of it in one run and into it in the next. That
    says little of the document and much of the run, so it is the ensemble that judges: who is
    attached here and there to this and that cluster is placed nowhere in the end.

    Parameters
    ----------
    labels
        n_docs labels of one run.
    share
        Least share of a document's neighbours (weighted by fuzzy membership, among those that the
        run saw) that the cluster must hold.

    Returns
    -------
    Labels
        The labels with fewer `NOISE`; clusters and `UNSEEN` are as they were.
    """
    n_clusters = count_nodes(labels)
    noise = np.flatnonzero(labels == NOISE)
    if n_clusters == 0 or len(noise) == 0:
        return labels
    clustered = np.flatnonzero(labels >= 0)
    indicator = sp.csr_matrix(
        (np.ones(len(clustered)), (clustered, labels[clustered])), shape=(len(labels), n_clusters)
    )
    near = graph.memberships[noise]
    votes = (near @ indicator).tocsr()
    best = np.asarray(votes.argmax(axis=1)).ravel()
    held = np.asarray(votes.max(axis=1).todense()).ravel()
    seen_nearby = near @ (labels != UNSEEN).astype(np.float64)
    attached = (held > 0) & (held >= share * seen_nearby)
    joined = labels.copy()
    joined[noise[attached]] = best[attached]
    return joined


def lay_out(
    graph: NeighbourGraph,
    seen: Integers,
    seed: int,
    *,
    epochs: int,
    dimensions: int | None = None,
) -> Floats:
    """Lay out the documents ``seen`` by UMAP's optimisation over their part of the graph.

    Returns n_seen × ``dimensions`` coordinates (by default as many as the graph's start has). The
    start is shared, jittered by the run's seed.
    """
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    rng = np.random.default_rng(seed)
    start = graph.start[seen, :dimensions]
    jitter = rng.normal(scale=0.01, size=start.shape).astype(np.float32)
    a, b = find_ab_params(1.0, 0.0)
    layout, _ = simplicial_set_embedding(
        start,
        graph.memberships[seen][:, seen].tocoo(),
        start.shape[1],
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=epochs,
        init=start + jitter,
        random_state=np.random.RandomState(seed),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        parallel=False,
    )
    coordinates: Floats = np.asarray(layout, dtype=np.float32)
    return coordinates


def _run_alone(shared: tuple[NeighbourGraph, TopicSettings], plan: RunPlan) -> Labels:
    graph, settings = shared
    return one_run(graph, plan, settings)


def _worthwhile_workers(documents_times_runs: int) -> int:
    if documents_times_runs < WORTH_PROCESSES:
        return 1
    return cores()
