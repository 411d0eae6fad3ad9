"""Resampled consensuses as artifacts: drawn from the stored runs of a taxonomy once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError
from artifacts.manifest import Manifest
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.words import Layer
from taxonomy.categories import resampled_categories
from taxonomy.consensus import Ensemble
from taxonomy.lineage.settings import LineageSettings, SideFolders
from taxonomy.lineage.store import POOL_KIND, pool_folder, read_pool, write_pool
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import read_points
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.space import nearest_documents
from taxonomy.store import read_runs
from taxonomy.types import Labels

VERSION = 2
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
        If the runs or the points are missing or of other documents.
    """
    stored = _Stored(source, tuple(keys), settings, progress)
    topics = stored.kept(source.taxonomy.name, stored.topics)
    if layer == "topics":
        return topics
    name = f"{source.taxonomy.name}.{layer}"
    return stored.kept(name, lambda: stored.categories(topics))


@dataclass(frozen=True)
class _Stored:
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
        return self._joined_as_built().resampled(
            n=self.settings.resamples, seed=self.settings.seed, progress=self.progress
        )

    def categories(self, topics: Labels) -> Labels:
        """Join resampled topics into categories."""
        return resampled_categories(
            self._joined_as_built(),
            topics,
            n_categories=self._built_with().categories,
            seed=self.settings.seed,
            progress=self.progress,
        )

    def _built_with(self) -> TopicSettings:
        return TopicSettings(**Manifest.read(self.source.taxonomy).config)

    def _joined_as_built(self) -> Ensemble:
        """Return the ensemble with what it was joined by when the taxonomy was built."""
        built_with = self._built_with()
        view = self._view()
        return Ensemble(
            runs=self._runs(),
            neighbours=nearest_documents(view, neighbours=built_with.neighbours),
            view=view,
            cohesion=built_with.cohesion,
            placement=built_with.placement,
            smallest=smallest_topic(len(self.keys), built_with),
        )

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
