"""Reads a side of a comparison: a taxonomy, as people's decisions have it, and its texts.

The resampled consensuses that it is held against are artifacts of their own: drawn from the stored
runs of a taxonomy once, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_text
from artifacts.manifest import Manifest
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.words import DOCUMENTS, Corpus, Layer
from embeddings.build import count_texts, read_texts
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import EncoderPlan, plan_encoder
from mining.names import document_names
from taxonomy.categories import resampled_categories
from taxonomy.consensus import Ensemble
from taxonomy.guidance.guide import Guide, read_guide
from taxonomy.lineage.settings import LineageSettings, Method, SideFolders
from taxonomy.lineage.store import POOL_KIND, pool_folder, read_pool, write_pool
from taxonomy.lineage.values import LineageSide, SideNode
from taxonomy.places.arrivals import refuse_other_encoder
from taxonomy.places.placing import FOLDER as PLACING
from taxonomy.places.placing import read_points
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.space import nearest_documents
from taxonomy.store import read_runs
from taxonomy.taxonomy import Taxonomy
from taxonomy.types import Labels

VERSION = 3
"""Raised whenever the same taxonomy and settings would give other resampled consensuses."""


def read_sides(
    sources: Sequence[SideFolders], *, method: Method, progress: Progress
) -> list[LineageSide]:
    """Read the sides of a comparison, as people's decisions have them.

    Their resampled consensuses are read, or drawn and kept if they are not there yet. Their vectors
    have one number format, that of the side with the most documents: what a smaller one lacks in it
    is encoded and kept.

    Raises
    ------
    InputError
        If the encoder is another one than that of a taxonomy, or cannot be used; or if not all
        taxonomies are guided by the same codebook, or by none.
    ArtifactError
        If something cannot be read.
    """
    n_texts = max(count_texts(source.texts) for source in sources)
    plan = plan_encoder(method.vector_settings, n_texts=n_texts)
    for source in sources:
        refuse_other_encoder(source.taxonomy, plan.identity)
    _refuse_other_guide([source.taxonomy for source in sources])
    return [_read_side(source, plan, method=method, progress=progress) for source in sources]


def _read_side(
    source: SideFolders, plan: EncoderPlan, *, method: Method, progress: Progress
) -> LineageSide:
    layer = method.layer
    shown = Taxonomy.open(source.taxonomy)
    keys = tuple(shown.topic_of)
    texts = _by_key(source, keys)
    return LineageSide(
        name=source.taxonomy.name,
        day=source.day,
        corpus=method.corpus,
        layer=layer,
        nodes=_nodes(shown, layer),
        keys=keys,
        aliases=_aliases(source.snapshot, keys, method.corpus),
        titles=tuple(title for title, _ in texts),
        texts=tuple(hash_text(text) for _, text in texts),
        vectors=vectors_of(
            [text for _, text in texts],
            plan,
            open_cache(method.vectors_folder, plan),
            progress=progress,
        ),
        labels=np.array(list(shown.node_of(layer).values()), dtype=np.int32),
        resampled=read_or_resample(
            source, keys, layer=layer, settings=method.settings, progress=progress
        ),
    )


def _refuse_other_guide(taxonomies: Sequence[Path]) -> None:
    """Raise `InputError` where what differs may be the codebook, and not the field."""
    told = {path.name: Taxonomy.open(path).measured.get("guide") for path in taxonomies}
    by = {name: guide and guide["weight"] > 0 and guide["book"] for name, guide in told.items()}
    (first, book), *others = by.items()
    for name, other in others:
        if (book or None) != (other or None):
            raise InputError(
                f"{first} is {_guided_by(book)}, {name} {_guided_by(other)}: what differs may be "
                "the codebook, and not the field.",
                fix="build both with the same guide and guide_weight, or without a guide",
            )


def _guided_by(book: Mapping[str, Any] | None) -> str:
    return f"guided by {book['name']}, version {book['version']}" if book else "guided by none"


def _by_key(source: SideFolders, keys: Sequence[str]) -> list[tuple[str, str]]:
    table = read_texts(source.texts)
    rows = zip(
        table["key"].to_pylist(), table["title"].to_pylist(), table["text"].to_pylist(), strict=True
    )
    known = {key: (title, text) for key, title, text in rows}
    if missing := [key for key in keys if key not in known]:
        raise ArtifactError(
            f"{len(missing)} documents of the taxonomy have no text, {missing[0]} for one.",
            where=str(source.texts),
            fix="build the taxonomy again",
        )
    return [known[key] for key in keys]


def _aliases(snapshot: Path, keys: Sequence[str], corpus: Corpus) -> tuple[tuple[str, ...], ...]:
    """Return every name that the snapshot knows each document by, in lower case, sorted."""
    named: dict[str, list[str]] = {}
    for name, key in document_names(snapshot, DOCUMENTS[corpus]).items():
        named.setdefault(key, []).append(name)
    return tuple(tuple(sorted(named.get(key, []))) for key in keys)


def _nodes(shown: Taxonomy, layer: Layer) -> tuple[SideNode, ...]:
    nodes = [
        SideNode(
            number=node.number, name=node.name, keywords=node.keywords, stability=node.stability
        )
        for node in shown.nodes(layer)
        if not node.hidden
    ]
    return tuple(sorted(nodes, key=lambda node: node.number))


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
        built_with, folder = self._built_with(), self.source.taxonomy
        points = read_points(folder / PLACING)
        self._refuse_others("points", points.keys, folder / PLACING)
        keys, runs = read_runs(folder)
        self._refuse_others("runs", keys, folder / "runs.parquet")
        return Ensemble(
            runs=runs,
            neighbours=nearest_documents(points.points, neighbours=built_with.neighbours),
            view=points.points,
            cohesion=built_with.cohesion,
            placement=built_with.placement,
            smallest=smallest_topic(len(self.keys), built_with),
            guide=self._guide(),
        )

    def _guide(self) -> Guide | None:
        values = Taxonomy.open(self.source.taxonomy).measured.get("guide")
        return read_guide(self.source.taxonomy, values) if values and values["weight"] > 0 else None

    def _refuse_others(self, what: str, keys: Sequence[str], path: Path) -> None:
        if tuple(keys) != self.keys:
            raise ArtifactError(
                f"The {what} are of other documents than the taxonomy.",
                where=str(path),
                fix="build the taxonomy again",
            )
