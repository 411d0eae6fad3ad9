"""A comparison as an artifact: read from two taxonomies of one workspace, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from artifacts.errors import ArtifactError, InputError
from artifacts.files import new_folder
from artifacts.hashing import hash_text, hash_value
from artifacts.manifest import Counts, Manifest, fresh, hash_files, joint_hash, package_versions
from artifacts.progress import Progress
from artifacts.tables import read_table
from embeddings.build import read_texts
from embeddings.cache import open_cache
from embeddings.encoder import EncoderPlan, plan_encoder
from embeddings.settings import VectorSettings
from mining.names import document_names
from taxonomy.ensemble import NOISE, UNSEEN, Labels
from taxonomy.lineage.chain import join
from taxonomy.lineage.compare import compare
from taxonomy.lineage.resampling import resample
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.store import (
    CHAIN_KIND,
    KIND,
    POOL_KIND,
    pool_folder,
    read_lineage,
    read_pool,
    write_identities,
    write_lineage,
    write_pool,
)
from taxonomy.lineage.values import Side, SideNode
from taxonomy.nodes import LayerName, Shown
from taxonomy.places.arrivals import refuse_other_encoder
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.shown import decisions_hash, read_shown
from taxonomy.store import DOCUMENTS, Layer, read_taxonomy
from taxonomy.views import Floats

VERSION = 1
"""Raised whenever the same taxonomies and settings would give another comparison."""

CHAIN_VERSION = 1
POOL_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class SideFolders:
    """Where one side of a comparison is read from; the snapshot's name opens with its date."""

    taxonomy: Path
    snapshot: Path
    texts: Path

    @property
    def workspace(self) -> Path:
        """Return the workspace that the taxonomy is in."""
        return self.taxonomy.parent.parent

    @property
    def day(self) -> date:
        """Return the day of the snapshot."""
        return date.fromisoformat(self.snapshot.name.split(".")[0])


@dataclass(frozen=True, kw_only=True)
class Method:
    """How taxonomies are compared.

    Attributes
    ----------
    kind, layer
        What the documents are, and which layer of nodes is compared.
    vectors_folder, vector_settings
        Where the vectors are, and of which encoder. Nothing is encoded: a text without a vector is
        an error.
    """

    kind: Layer
    layer: LayerName
    settings: LineageSettings
    vectors_folder: Path
    vector_settings: VectorSettings

    def config(self) -> dict[str, Any]:
        """Return what a comparison depends on besides the taxonomies."""
        fields = set(LineageSettings.model_fields)
        chosen = self.settings.model_dump(mode="json", include=fields)
        return {"kind": self.kind, "layer": self.layer, **chosen}


def lineage_key(earlier: SideFolders, later: SideFolders, *, method: Method) -> str:
    """Return what a comparison depends on, hashed."""
    inputs = [_state(earlier), _state(later)]
    stage = f"{KIND} {VERSION}"
    return hash_value({"stage": stage, "inputs": inputs, "config": method.config()})


def build_lineage(
    earlier: SideFolders,
    later: SideFolders,
    folder: Path,
    *,
    method: Method,
    progress: Progress,
) -> Manifest:
    """Compare two taxonomies and write the comparison, with its manifest, to ``folder``.

    Raises
    ------
    InputError
        If the taxonomies are of other studies, encoders, kinds or layers, in the wrong order, have
        fewer than two nodes, or a document has no vector in the cache.
    ArtifactError
        If one cannot be read.
    """
    started = time.perf_counter()
    refuse_other_study(earlier, later)
    sides = [read_side(each, method=method, progress=progress) for each in (earlier, later)]
    lineage = compare(sides[0], sides[1], settings=method.settings, progress=progress)
    config = method.config()
    manifest = Manifest(
        kind=KIND,
        name=folder.name,
        key=lineage_key(earlier, later, method=method),
        inputs={each.taxonomy.name: _state(each) for each in (earlier, later)},
        config=config,
        config_hash=hash_value(config),
        packages=package_versions("numpy", "scipy", "scikit-learn"),
        model=Manifest.read(later.taxonomy).model,
        seeds=[method.settings.seed],
        counts={each.name: _placed(each) for each in sides},
        facts={"changes": len(lineage.changes()), "events": len(lineage.events)},
    )
    with new_folder(folder) as building:
        write_lineage(building, lineage)
        _finish(manifest, building, started)
    return manifest


def chain_key(lineages: Sequence[Path]) -> str:
    """Return what the ids along comparisons depend on, hashed."""
    inputs = [Manifest.read(each).content_hash for each in lineages]
    return hash_value({"stage": f"{CHAIN_KIND} {CHAIN_VERSION}", "inputs": inputs})


def build_chain(
    sides: Sequence[SideFolders],
    lineages: Sequence[Path],
    folder: Path,
    *,
    method: Method,
    progress: Progress,
) -> Manifest:
    """Carry ids along comparisons of successive taxonomies, and write them to ``folder``.

    Raises
    ------
    InputError, ArtifactError
        As `build_lineage`.
    """
    started = time.perf_counter()
    read = [read_side(each, method=method, progress=progress) for each in sides]
    made = join(read, [read_lineage(each) for each in lineages], settings=method.settings)
    manifest = Manifest(
        kind=CHAIN_KIND,
        name=folder.name,
        key=chain_key(lineages),
        inputs={each.name: Manifest.read(each).content_hash for each in lineages},
        facts={"ids": len({node.identity for node in made.nodes})},
    )
    with new_folder(folder) as building:
        write_identities(building, made.nodes)
        _finish(manifest, building, started)
    return manifest


def refuse_other_study(earlier: SideFolders, later: SideFolders) -> None:
    """Raise `InputError` if two taxonomies are of different workspaces: of different studies."""
    if earlier.workspace.resolve() != later.workspace.resolve():
        raise InputError(
            "The taxonomies are of two studies.",
            where=f"{earlier.taxonomy}, {later.taxonomy}",
            fix="name two taxonomies of one workspace: topics of other texts or settings differ "
            "for reasons that no comparison can tell from change",
        )


def _state(side: SideFolders) -> str:
    made = Manifest.read(side.taxonomy).content_hash
    return hash_value({"taxonomy": made, "decisions": decisions_hash(side.taxonomy)})


def _placed(side: Side) -> Counts:
    return Counts(read=len(side.keys), kept=int((side.labels != NOISE).sum()))


def _finish(manifest: Manifest, folder: Path, started: float) -> None:
    manifest.files = hash_files(folder)
    manifest.content_hash = joint_hash(manifest.files)
    manifest.wall_time_s = time.perf_counter() - started
    manifest.write(folder)


def read_side(source: SideFolders, *, method: Method, progress: Progress) -> Side:
    """Read one side of a comparison, as people's decisions have it.

    Its resampled consensuses are read, or drawn and kept if they are not there yet. A layer of
    categories is resampled by its topics: each of them counts with the category that holds most of
    its documents.

    Raises
    ------
    InputError
        If the encoder is another one, or a text has no vector in the cache.
    ArtifactError
        If something cannot be read.
    """
    plan, layer = plan_encoder(method.vector_settings), method.layer
    refuse_other_encoder(source.taxonomy, plan.identity)
    shown = read_shown(source.taxonomy)
    keys = tuple(shown.topic_of)
    texts = _by_key(source, keys)
    resampled = read_or_resample(source, keys, settings=method.settings, progress=progress)
    labels = _labels(shown, layer)
    if layer == "categories":
        resampled = np.stack([_over(row, labels) for row in resampled])
    return Side(
        name=source.taxonomy.name,
        day=source.day,
        kind=method.kind,
        layer=layer,
        nodes=_nodes(shown, layer),
        keys=keys,
        aliases=_aliases(source.snapshot, keys, method.kind),
        titles=tuple(title for title, _ in texts),
        texts=tuple(hash_text(text) for _, text in texts),
        vectors=_vectors(source, [text for _, text in texts], plan, method.vectors_folder),
        labels=labels,
        resampled=resampled,
    )


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


def _vectors(
    source: SideFolders, texts: Sequence[str], plan: EncoderPlan, vectors_folder: Path
) -> Floats:
    known = open_cache(vectors_folder, plan).load()
    hashes = [hash_text(text) for text in texts]
    if n_missing := sum(each not in known for each in hashes):
        raise InputError(
            f"{n_missing} of {len(texts)} documents have no vector in the cache.",
            where=f"{source.taxonomy.name}, {vectors_folder}",
            fix="build the taxonomy again: its vectors are kept then",
        )
    return np.stack([known[each] for each in hashes])


def _aliases(snapshot: Path, keys: Sequence[str], kind: Layer) -> tuple[tuple[str, ...], ...]:
    """Return every name that the snapshot knows each document by, in lower case, sorted."""
    named: dict[str, list[str]] = {}
    for name, key in document_names(snapshot, DOCUMENTS[kind]).items():
        named.setdefault(key, []).append(name)
    return tuple(tuple(sorted(named.get(key, []))) for key in keys)


def _nodes(shown: Shown, layer: LayerName) -> tuple[SideNode, ...]:
    nodes = [
        SideNode(
            number=node.number, name=node.name, keywords=node.keywords, stability=node.stability
        )
        for node in shown.nodes(layer)
        if not node.hidden
    ]
    return tuple(sorted(nodes, key=lambda node: node.number))


def _labels(shown: Shown, layer: LayerName) -> Labels:
    category_of = {topic.number: topic.category for topic in shown.topics}
    numbers = list(shown.topic_of.values())
    if layer == "categories":
        numbers = [category_of.get(number, NOISE) for number in numbers]
    return np.array(numbers, dtype=np.int32)


def _over(topics: Labels, categories: Labels) -> Labels:
    """Return the category that holds most of each resampled topic, for each document."""
    n_topics, n_categories = int(topics.max()) + 1, int(categories.max()) + 1
    if n_topics == 0 or n_categories == 0:
        return np.full_like(topics, NOISE)
    both = (topics >= 0) & (categories >= 0)
    table = np.zeros((n_topics, n_categories), dtype=np.int64)
    np.add.at(table, (topics[both], categories[both]), 1)
    return np.where(topics >= 0, table.argmax(axis=1)[topics], NOISE).astype(np.int32)


def read_or_resample(
    source: SideFolders, keys: Sequence[str], *, settings: LineageSettings, progress: Progress
) -> Labels:
    """Return the resampled consensuses of a taxonomy; draw and keep them if they are not there."""
    started = time.perf_counter()
    made = Manifest.read(source.taxonomy)
    folder = pool_folder(source.workspace, source.taxonomy.name)
    config = {"seed": settings.seed, "resamples": settings.resamples}
    inputs = {made.name: made.content_hash}
    key = hash_value({"stage": f"{POOL_KIND} {POOL_VERSION}", "inputs": inputs, "config": config})
    if fresh(folder, key):
        return read_pool(folder, keys)
    built_with = TopicSettings(**made.config)
    resampled = resample(
        _runs(source, keys),
        read_taxonomy(source.taxonomy).assignments["nearest_topic"].to_numpy(),
        n=settings.resamples,
        seed=settings.seed,
        cohesion=built_with.cohesion,
        placement=built_with.placement,
        smallest=smallest_topic(len(keys), built_with),
        progress=progress,
    )
    kept: dict[str, Any] = {"config": config, "seeds": [settings.seed]}
    manifest = Manifest(kind=POOL_KIND, name=folder.name, key=key, inputs=inputs, **kept)
    with new_folder(folder) as building:
        write_pool(building, keys, resampled)
        _finish(manifest, building, started)
    progress.say(
        f"{len(resampled)} resampled consensuses of {folder.name} took {manifest.wall_time_s:.0f} s"
    )
    return resampled


def _runs(source: SideFolders, keys: Sequence[str]) -> Labels:
    path = source.taxonomy / "runs.parquet"
    table = read_table(path)
    if table["key"].to_pylist() != list(keys):
        raise ArtifactError(
            "The runs are of other documents than the taxonomy.",
            where=str(path),
            fix="build the taxonomy again",
        )
    columns = [
        pa.compute.fill_null(table[name], UNSEEN).to_numpy() for name in table.column_names[1:]
    ]
    return np.stack(columns).astype(np.int32)
