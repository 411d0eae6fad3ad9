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
from artifacts.words import Layer
from benchmarks.ecosystems import Snapshot
from benchmarks.ours import SEEDS_APART, encode_cached
from taxonomy.categories import (
    JoinedRuns,
    RunScales,
    find_categories,
    over,
    resampled_categories,
)
from taxonomy.consensus import Ensemble, halves
from taxonomy.ensemble import plan_runs, run_ensemble
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import LineageSide, SideNode
from taxonomy.settings import TopicSettings
from taxonomy.space import joined_space, nearest_documents, neighbour_graph
from taxonomy.types import Labels

N_RUNS = 30
SMALLEST = 8
FIRST_YEAR = 2020

Vectors = NDArray[np.float32]


@dataclass
class Workshop:
    """Makes sides, and keeps vectors, ensembles and resampled consensuses below a folder."""

    folder: Path
    settings: LineageSettings
    layer: Layer = "topics"
    known: dict[str, Vectors] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts by our default encoder."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            vectors = encode_cached(new, self.folder / "vec")
            self.known.update(zip(new, vectors, strict=True))
        return np.stack([self.known[text] for text in texts])

    def side(self, snapshot: Snapshot, *, at: int, seed: int) -> LineageSide:
        """Return the taxonomy of a snapshot, the ``at``-th of its chain, by an ensemble's seed."""
        texts = snapshot.texts
        vectors = self.vectors(texts)
        runs, labels = self._ensemble(texts, vectors, seed)
        view = _view(texts, vectors, _settings(seed))
        resampled = self._resampled(runs, view)
        if self.layer == "categories":
            labels, resampled = self._categories(runs, view, resampled)
        keys = tuple(each.key for each in snapshot.documents)
        return LineageSide(
            name=f"snapshot {at}",
            day=date(FIRST_YEAR + at, 1, 1),
            corpus="tools",
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

    def sides(self, snapshots: Sequence[Snapshot]) -> list[LineageSide]:
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

    def _resampled(self, runs: Labels, view: Vectors) -> Labels:
        digest = hashlib.sha256(runs.tobytes()).hexdigest()[:20]
        path = self.folder / "res" / f"{SMALLEST}-{digest}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, resampled_of(runs, view, n=self.settings.resamples))
        labels: Labels = np.load(path)
        return labels

    def _categories(self, runs: Labels, view: Vectors, resampled: Labels) -> tuple[Labels, Labels]:
        """Return the categories of an ensemble's topics, and of its resampled topics."""
        digest = hashlib.sha256(runs.tobytes() + resampled.tobytes()).hexdigest()[:20]
        path = self.folder / "cat" / f"{digest}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            ensemble = ensemble_of(runs, view)
            drawn = resampled_categories(ensemble, resampled, seed=0, progress=SilentProgress())
            np.savez_compressed(path, found=_categories_of(ensemble), drawn=drawn)
        with np.load(path) as kept:
            return kept["found"], kept["drawn"]


def _view(texts: Sequence[str], vectors: Vectors, settings: TopicSettings) -> Vectors:
    """Return the documents in the space in which they are neighbours."""
    weight, seed = settings.lexical_weight, settings.seed
    return joined_space(texts, vectors, lexical_weight=weight, seed=seed)[1]


def _settings(seed: int) -> TopicSettings:
    return TopicSettings(runs=N_RUNS, min_topic_size=SMALLEST, seed=seed * SEEDS_APART)


def _fitted(texts: Sequence[str], vectors: Vectors, seed: int) -> dict[str, NDArray[np.generic]]:
    settings = _settings(seed)
    view = _view(texts, vectors, settings)
    near, dimensions = settings.neighbours, settings.dimensions
    graph = neighbour_graph(view, neighbours=near, dimensions=dimensions, seed=settings.seed)
    plans = plan_runs(len(texts), settings)
    runs = run_ensemble(graph, plans, settings, progress=SilentProgress(), workers=1)
    ensemble = ensemble_of(runs, view)
    return {"runs": runs, "topics": ensemble.consensus(ensemble.all_rows()).topics}


def ensemble_of(runs: Labels, view: Vectors) -> Ensemble:
    """Return runs with what joins them by the default settings."""
    settings = TopicSettings()
    return Ensemble(
        runs=runs,
        neighbours=nearest_documents(view, neighbours=settings.neighbours),
        view=view,
        cohesion=settings.cohesion,
        placement=settings.placement,
        smallest=SMALLEST,
    )


def resampled_of(runs: Labels, view: Vectors, *, n: int) -> Labels:
    """Return ``n`` resampled consensuses of an ensemble with the default settings."""
    return ensemble_of(runs, view).resampled(n=n, seed=0, progress=SilentProgress())


def _categories_of(ensemble: Ensemble) -> Labels:
    """Return the category of each document, as the product finds it."""
    scales = [RunScales.of(run, ensemble.view) for run in ensemble.runs]
    rows = ensemble.all_rows()
    whole, *parts = (
        JoinedRuns([scales[row] for row in some], ensemble.consensus(some).topics)
        for some in (rows, *halves(rows))
    )
    return over(find_categories(whole, parts).category_of, whole.topics)
