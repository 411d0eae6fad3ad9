"""A comparison as an artifact: read from two taxonomies of one workspace, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import new_folder
from artifacts.hashing import hash_value
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.words import NOISE
from taxonomy.lineage.chain import join
from taxonomy.lineage.compare import compare
from taxonomy.lineage.sides import read_side
from taxonomy.lineage.sources import Method, SideFolders
from taxonomy.lineage.store import CHAIN_KIND, KIND, read_lineage, write_identities, write_lineage
from taxonomy.lineage.values import Side
from taxonomy.origin import decisions_hash

__all__ = [
    "Method",
    "SideFolders",
    "build_chain",
    "build_lineage",
    "chain_key",
    "lineage_key",
    "read_side",
]

VERSION = 2
"""Raised whenever the same taxonomies and settings would give another comparison."""

CHAIN_VERSION = 2


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
    # Before anything is read: what people decide meanwhile makes it out of date.
    key = lineage_key(earlier, later, method=method)
    inputs = {each.taxonomy.name: _state(each) for each in (earlier, later)}
    sides = [read_side(each, method=method, progress=progress) for each in (earlier, later)]
    lineage = compare(sides[0], sides[1], settings=method.settings, progress=progress)
    config = method.config()
    manifest = Manifest(
        kind=KIND,
        name=folder.name,
        key=key,
        inputs=inputs,
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
        manifest.finish(building, started_s=started)
    return manifest


def chain_key(lineages: Sequence[Path]) -> str:
    """Return what the ids along comparisons depend on, hashed: what these are, and of what."""
    made = [Manifest.read(each) for each in lineages]
    inputs = [[each.key, each.content_hash] for each in made]
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
        manifest.finish(building, started_s=started)
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
