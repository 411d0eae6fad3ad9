"""Resampled consensuses as artifacts: drawn from the stored runs of a taxonomy once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError
from artifacts.manifest import Manifest
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import read_table
from artifacts.words import Layer
from taxonomy.lineage.resampled_categories import Categories
from taxonomy.lineage.resampling import resample
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.sources import SideFolders
from taxonomy.lineage.store import POOL_KIND, pool_folder, read_pool, write_pool
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import read_points
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.store import read_taxonomy
from taxonomy.types import UNSEEN, Labels

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
        folder = pool_folder(self.source.workspace, name)
        made = Manifest.read(self.source.taxonomy)
        config = {"seed": self.settings.seed, "resamples": self.settings.resamples}
        inputs = {made.name: made.content_hash}

        def find(_key: str) -> Content:
            resampled = draw()
            return Content(
                write=lambda building: write_pool(building, self.keys, resampled),
                about={"seeds": [self.settings.seed]},
            )

        step = Step(
            kind=POOL_KIND,
            version=VERSION,
            depends_on={"inputs": inputs, "config": config},
            inputs=inputs,
            config=config,
            find=find,
        )
        if step.made(folder) is None:
            took_s = step.build(folder).wall_time_s
            n = self.settings.resamples
            self.progress.say(f"{n} resampled consensuses of {name} took {took_s:.0f} s")
        return read_pool(folder, self.keys)

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
        nearest: Labels = (
            read_taxonomy(self.source.taxonomy).assignments["nearest_topic"].to_numpy()
        )
        return nearest

    def _view(self) -> Floats:
        folder = self.source.taxonomy / PLACING
        points = read_points(folder)
        self._refuse_others("points", points.keys, folder)
        return points.points

    def _runs(self) -> Labels:
        path = self.source.taxonomy / "runs.parquet"
        table = read_table(path)
        self._refuse_others("runs", table["key"].to_pylist(), path)
        columns = [
            pa.compute.fill_null(table[name], UNSEEN).to_numpy() for name in table.column_names[1:]
        ]
        return np.stack(columns).astype(np.int32)

    def _refuse_others(self, what: str, keys: Sequence[str], path: Path) -> None:
        if tuple(keys) != self.keys:
            raise ArtifactError(
                f"The {what} are of other documents than the taxonomy.",
                where=str(path),
                fix="build the taxonomy again",
            )
