"""Taxonomies of generated snapshots; what is costly is kept in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats, Integers
from artifacts.progress import SilentProgress
from artifacts.words import Layer
from benchmarks.ecosystems import Snapshot
from benchmarks.ours import SEEDS_APART, encode_cached
from taxonomy.categories import Answer, find_categories, over
from taxonomy.consensus import find_consensus
from taxonomy.ensemble import plan_runs, run_ensemble
from taxonomy.lineage.resampled_categories import Categories, halves
from taxonomy.lineage.resampling import resample
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Side, SideNode
from taxonomy.settings import TopicSettings
from taxonomy.space import NeighbourGraph, joined_space, neighbour_graph
from taxonomy.types import Labels

N_RUNS = 30
SMALLEST = 8
FIRST_YEAR = 2020


@dataclass
class Workshop:
    """Makes sides, and keeps vectors, ensembles and resampled consensuses below a folder."""

    folder: Path
    settings: LineageSettings
    layer: Layer = "topics"
    known: dict[str, Floats] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str]) -> Floats:
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
        runs, labels = self._ensemble(texts, vectors, seed)
        resampled = self._resampled(runs, labels)
        if self.layer == "categories":
            labels, resampled = self._categories(texts, vectors, seed, runs, labels, resampled)
        keys = tuple(each.key for each in snapshot.documents)
        return Side(
            name=f"snapshot {at}",
            day=date(FIRST_YEAR + at, 1, 1),
            kind="tools",
            layer=self.layer,
            nodes=tuple(
                SideNode(number=number, name=f"{self.layer} {number}")
                for number in range(int(labels.max()) + 1)
            ),
            keys=keys,
            aliases=((),) * len(keys),
            titles=keys,
            texts=tuple(texts),
            vectors=vectors,
            labels=labels,
            resampled=resampled,
        )

    def sides(self, snapshots: Sequence[Snapshot]) -> list[Side]:
        """Return the taxonomies of successive snapshots, each by seeds of its own."""
        self.vectors([text for each in snapshots for text in each.texts])
        return [self.side(each, at=at, seed=at) for at, each in enumerate(snapshots)]

    def _ensemble(self, texts: Sequence[str], vectors: Floats, seed: int) -> tuple[Labels, Labels]:
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

    def _categories(
        self,
        texts: Sequence[str],
        vectors: Floats,
        seed: int,
        runs: Labels,
        topics: Labels,
        resampled: Labels,
    ) -> tuple[Labels, Labels]:
        """Return the categories of an ensemble's topics, and of its resampled topics."""
        digest = hashlib.sha256(runs.tobytes() + resampled.tobytes()).hexdigest()[:20]
        path = self.folder / "cat" / f"{digest}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            space = _Space.of(texts, vectors, _settings(seed))
            found = space.categories(runs)
            how = categories_of(runs, topics, space.view)
            drawn = how.resample(resampled, seed=0, progress=SilentProgress())
            np.savez_compressed(path, found=found, drawn=drawn)
        with np.load(path) as kept:
            return kept["found"], kept["drawn"]


@dataclass(frozen=True)
class _Space:
    """Where the documents of a snapshot are neighbours."""

    settings: TopicSettings
    view: Floats
    graph: NeighbourGraph

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Floats, settings: TopicSettings) -> _Space:
        weight, seed = settings.lexical_weight, settings.seed
        _, view = joined_space(texts, vectors, lexical_weight=weight, seed=seed)
        near, dimensions = settings.neighbours, settings.dimensions
        graph = neighbour_graph(view, neighbours=near, dimensions=dimensions, seed=seed)
        return cls(settings, view, graph)

    def answer(self, runs: Labels) -> Answer:
        found = find_consensus(
            runs,
            self.graph,
            self.view,
            cohesion=self.settings.cohesion,
            placement=self.settings.placement,
            smallest=SMALLEST,
        )
        return Answer(runs, found)

    def categories(self, runs: Labels) -> Labels:
        """Return the category of each document, as the product finds it."""
        whole, *parts = (self.answer(runs[rows]) for rows in _with_halves(len(runs)))
        return over(find_categories(whole, parts, self.view).category_of, whole.topics)


def _with_halves(n_rows: int) -> list[Integers]:
    rows = np.arange(n_rows)
    return [rows, *halves(rows)]


def _settings(seed: int) -> TopicSettings:
    return TopicSettings(runs=N_RUNS, min_topic_size=SMALLEST, seed=seed * SEEDS_APART)


def _fitted(texts: Sequence[str], vectors: Floats, seed: int) -> dict[str, NDArray[np.generic]]:
    settings = _settings(seed)
    space = _Space.of(texts, vectors, settings)
    plans = plan_runs(len(texts), settings)
    runs = run_ensemble(space.graph, plans, settings, progress=SilentProgress(), workers=1)
    return {"runs": runs, "topics": space.answer(runs).topics}


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


def categories_of(runs: Labels, nearest: Labels, view: Floats) -> Categories:
    """Return how an ensemble's topics are joined into categories with the default settings."""
    settings = TopicSettings()
    return Categories(
        runs=runs,
        nearest=nearest,
        view=view,
        cohesion=settings.cohesion,
        placement=settings.placement,
        smallest=SMALLEST,
    )
