"""Resampled consensuses as artifacts: drawn from the stored runs of a taxonomy once, and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError
from artifacts.files import new_folder
from artifacts.hashing import hash_value
from artifacts.manifest import Manifest, fresh
from artifacts.progress import Progress
from artifacts.words import Layer
from taxonomy.lineage.resampled_categories import Categories
from taxonomy.lineage.resampling import resample
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.sources import SideFolders
from taxonomy.lineage.store import POOL_KIND, pool_folder, read_pool, write_pool
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import read_points
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.store import read_runs
from taxonomy.taxonomy import Taxonomy
from taxonomy.types import Labels

VERSION = 1
"""Raised whenever the same taxonomy and settings would give other resampled consensuses."""


def read_or_resample(
    source: SideFolders,
    keys: Sequence[str],
    *,
    layer: Layer,
    settings: LineageSettings,
    progress: Progress,
) -> Labels:
    """Return the resampled consensuses of a taxonomy, n_resamples × n_docs, drawn if need be.

    Parameters
    ----------
    keys
        Of the taxonomy's documents, in their order.
    layer
        Categories are resampled from the runs and the resampled topics, which are kept as well.

    Raises
    ------
    ArtifactError
        If the runs, or for categories the points, are missing or of other documents.
    """
    ensemble = _Ensemble(source, tuple(keys), settings, progress)
    topics = ensemble.kept(source.taxonomy.name, ensemble.topics)
    if layer == "topics":
        return topics
    name = f"{source.taxonomy.name}.{layer}"
    return ensemble.kept(name, lambda: ensemble.categories(topics))


@dataclass(frozen=True)
class _Ensemble:
    """The stored ensemble of a taxonomy, and how it is resampled."""

    source: SideFolders
    keys: tuple[str, ...]
    settings: LineageSettings
    progress: Progress

    def kept(self, name: str, draw: Callable[[], Labels]) -> Labels:
        """Return the pool of that name; draw and keep it if it is not there, or of others."""
        started = time.perf_counter()
        folder = pool_folder(self.source.workspace, name)
        made = Manifest.read(self.source.taxonomy)
        config = {"seed": self.settings.seed, "resamples": self.settings.resamples}
        inputs = {made.name: made.content_hash}
        stage = f"{POOL_KIND} {VERSION}"
        key = hash_value({"stage": stage, "inputs": inputs, "config": config})
        if fresh(folder, key):
            return read_pool(folder, self.keys)
        resampled = draw()
        manifest = Manifest(
            kind=POOL_KIND,
            name=name,
            key=key,
            inputs=inputs,
            config=config,
            seeds=[self.settings.seed],
        )
        with new_folder(folder) as building:
            write_pool(building, self.keys, resampled)
            manifest.finish(building, started_s=started)
        self.progress.say(
            f"{len(resampled)} resampled consensuses of {name} took {manifest.wall_time_s:.0f} s"
        )
        return resampled

    def topics(self) -> Labels:
        """Draw resampled topics."""
        built_with = self._built_with()
        return resample(
            self._runs(),
            self._nearest(),
            n=self.settings.resamples,
            seed=self.settings.seed,
            cohesion=built_with.cohesion,
            placement=built_with.placement,
            smallest=smallest_topic(len(self.keys), built_with),
            progress=self.progress,
        )

    def categories(self, topics: Labels) -> Labels:
        """Join resampled topics into categories."""
        built_with = self._built_with()
        how = Categories(
            runs=self._runs(),
            nearest=self._nearest(),
            view=self._view(),
            cohesion=built_with.cohesion,
            placement=built_with.placement,
            smallest=smallest_topic(len(self.keys), built_with),
            number=built_with.categories,
        )
        return how.resample(topics, seed=self.settings.seed, progress=self.progress)

    def _built_with(self) -> TopicSettings:
        return TopicSettings(**Manifest.read(self.source.taxonomy).config)

    def _nearest(self) -> Labels:
        nearest_of = Taxonomy.open(self.source.taxonomy, decided=False).nearest_of
        return np.array(list(nearest_of.values()), dtype=np.int32)

    def _view(self) -> Floats:
        folder = self.source.taxonomy / PLACING
        points = read_points(folder)
        self._refuse_others("points", points.keys, folder)
        return points.points

    def _runs(self) -> Labels:
        keys, runs = read_runs(self.source.taxonomy)
        self._refuse_others("runs", keys, self.source.taxonomy / "runs.parquet")
        return runs

    def _refuse_others(self, what: str, keys: Sequence[str], path: Path) -> None:
        if tuple(keys) != self.keys:
            raise ArtifactError(
                f"The {what} are of other documents than the taxonomy.",
                where=str(path),
                fix="build the taxonomy again",
            )
