"""Taxonomies of generated snapshots; what is costly is kept in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artifacts.progress import SilentProgress
from benchmarks.ecosystems import Snapshot
from benchmarks.ours import SEEDS_APART, encode_cached
from taxonomy.consensus import find_consensus
from taxonomy.ensemble import Labels, plan_runs, run_ensemble
from taxonomy.lineage.resampling import resample
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Side, SideNode
from taxonomy.neighbours import neighbour_graph
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.views import joined_space

N_RUNS = 30
SMALLEST = 8
FIRST_YEAR = 2020

Vectors = NDArray[np.float32]


@dataclass
class Workshop:
    """Makes sides, and keeps vectors, ensembles and resampled consensuses below a folder."""

    folder: Path
    settings: LineageSettings
    known: dict[str, Vectors] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts by our default encoder."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            vectors = encode_cached(new, self.folder / "vec")
            self.known.update(zip(new, vectors, strict=True))
        return np.stack([self.known[text] for text in texts])

    def side(self, snapshot: Snapshot, *, at: int, seed: int) -> Side:
        """Return the taxonomy of a snapshot, the ``at``-th of its chain, by an ensemble's seed."""
        texts = snapshot.texts
        vectors = self.vectors(texts)
        runs, topics = self._ensemble(texts, vectors, seed)
        keys = tuple(each.key for each in snapshot.documents)
        return Side(
            name=f"snapshot {at}",
            day=date(FIRST_YEAR + at, 1, 1),
            kind="tools",
            layer="topics",
            nodes=tuple(
                SideNode(number=number, name=f"topic {number}")
                for number in range(int(topics.max()) + 1)
            ),
            keys=keys,
            aliases=((),) * len(keys),
            titles=keys,
            texts=tuple(texts),
            vectors=vectors,
            labels=topics,
            resampled=self._resampled(runs, topics),
        )

    def sides(self, snapshots: Sequence[Snapshot]) -> list[Side]:
        """Return the taxonomies of successive snapshots, each by seeds of its own."""
        self.vectors([text for each in snapshots for text in each.texts])
        return [self.side(each, at=at, seed=at) for at, each in enumerate(snapshots)]

    def _ensemble(self, texts: Sequence[str], vectors: Vectors, seed: int) -> tuple[Labels, Labels]:
        """Return the runs of an ensemble, and the topics of its consensus."""
        named = f"{chr(0).join(texts)}|{seed}|{N_RUNS}|{SMALLEST}"
        digest = hashlib.sha256(named.encode()).hexdigest()[:20]
        path = self.folder / "ens" / f"{digest}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(path, **_fitted(texts, vectors, seed))
        with np.load(path) as kept:
            return kept["runs"], kept["topics"]

    def _resampled(self, runs: Labels, topics: Labels) -> Labels:
        digest = hashlib.sha256(runs.tobytes()).hexdigest()[:20]
        path = self.folder / "res" / f"{SMALLEST}-{digest}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, resampled_of(runs, topics, n=self.settings.resamples))
        labels: Labels = np.load(path)
        return labels


def _fitted(texts: Sequence[str], vectors: Vectors, seed: int) -> dict[str, NDArray[np.generic]]:
    settings = TopicSettings(runs=N_RUNS, min_topic_size=SMALLEST, seed=seed * SEEDS_APART)
    weight = settings.lexical_weight
    _, view = joined_space(texts, vectors, lexical_weight=weight, seed=settings.seed)
    graph = neighbour_graph(
        view, neighbours=settings.neighbours, dimensions=settings.dimensions, seed=settings.seed
    )
    plans = plan_runs(len(texts), settings)
    runs = run_ensemble(graph, plans, settings, progress=SilentProgress(), workers=1)
    found = find_consensus(
        runs,
        graph,
        view,
        cohesion=settings.cohesion,
        placement=settings.placement,
        smallest=smallest_topic(len(texts), settings),
    )
    return {"runs": runs, "topics": found.topics}


def resampled_of(runs: Labels, nearest: Labels, *, n: int) -> Labels:
    """Return ``n`` resampled consensuses of an ensemble with the default settings."""
    settings = TopicSettings()
    return resample(
        runs,
        nearest,
        n=n,
        seed=0,
        cohesion=settings.cohesion,
        placement=settings.placement,
        smallest=SMALLEST,
        progress=SilentProgress(),
    )
