"""A comparison as an artifact: read from two taxonomies of one workspace, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.hashing import hash_value
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.words import NOISE, Layer
from taxonomy.lineage.compare import compare, join
from taxonomy.lineage.settings import Method, SideFolders
from taxonomy.lineage.sides import read_sides
from taxonomy.lineage.store import CHAIN_KIND, KIND, read_lineage, write_identities, write_lineage
from taxonomy.lineage.values import LineageSide
from taxonomy.taxonomy import Taxonomy

VERSION = 3
"""Raised whenever the same taxonomies and settings would give another comparison."""

CHAIN_VERSION = 2


def lineage_step(
    earlier: SideFolders, later: SideFolders, *, method: Method, progress: Progress
) -> Step:
    """Return the step that compares two taxonomies, as people have regrouped them by now.

    Made, it raises `InputError` if the taxonomies are of other encoders, kinds or layers, in the
    wrong order, or have fewer than two nodes, and `ArtifactError` if one cannot be read.

    Raises
    ------
    InputError
        If the taxonomies are of two studies.
    ArtifactError
        If one is not there.
    """
    refuse_other_study(earlier, later)
    folders = (earlier, later)
    states = [_state(side, method.layer) for side in folders]
    config = method.config()

    def find(_key: str) -> Content:
        sides = read_sides(folders, method=method, progress=progress)
        lineage = compare(sides[0], sides[1], settings=method.settings, progress=progress)
        about = {
            "packages": package_versions("numpy", "scipy", "scikit-learn"),
            "model": Manifest.read(later.taxonomy).model,
            "seeds": [method.settings.seed],
            "counts": {side.name: _placed(side) for side in sides},
            "facts": {"changes": len(lineage.changes()), "events": len(lineage.events)},
        }
        return Content(write=lambda folder: write_lineage(folder, lineage), about=about)

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={"inputs": states, "config": config},
        inputs={side.taxonomy.name: state for side, state in zip(folders, states, strict=True)},
        config=config,
        find=find,
    )


def chain_step(
    sides: Sequence[SideFolders],
    lineages: Sequence[Path],
    *,
    method: Method,
    progress: Progress,
) -> Step:
    """Return the step that carries ids along comparisons of successive taxonomies.

    It depends on what these are, and of what. Made, it raises `InputError` and `ArtifactError` as
    that of `lineage_step`.
    """
    made = [Manifest.read(folder) for folder in lineages]

    def find(_key: str) -> Content:
        read = read_sides(sides, method=method, progress=progress)
        chain = join(read, [read_lineage(folder) for folder in lineages], settings=method.settings)
        return Content(
            write=lambda folder: write_identities(folder, chain.nodes),
            about={"facts": {"ids": len({node.identity for node in chain.nodes})}},
        )

    return Step(
        kind=CHAIN_KIND,
        version=CHAIN_VERSION,
        depends_on={"inputs": [[manifest.key, manifest.content_hash] for manifest in made]},
        inputs={manifest.name: manifest.content_hash for manifest in made},
        find=find,
    )


def refuse_other_study(earlier: SideFolders, later: SideFolders) -> None:
    """Raise `InputError` if two taxonomies are of different workspaces: of different studies."""
    if earlier.workspace.resolve() != later.workspace.resolve():
        raise InputError(
            "The taxonomies are of two studies.",
            where=f"{earlier.taxonomy}, {later.taxonomy}",
            fix="name two taxonomies of one workspace: topics of other texts or settings differ "
            "for reasons that no comparison can tell from change",
        )


def _state(side: SideFolders, layer: Layer) -> str:
    """Return a hash of what a comparison reads of a taxonomy: names and notes are not in it."""
    made = Manifest.read(side.taxonomy).content_hash
    shown, found = (
        _grouping(Taxonomy.open(side.taxonomy, decided=decided), layer) for decided in (True, False)
    )
    return hash_value({"taxonomy": made, "decisions": hash_value({} if shown == found else shown)})


def _grouping(taxonomy: Taxonomy, layer: Layer) -> dict[str, Any]:
    """Return which nodes of a layer are shown, and which document is in which."""
    shown = sorted(node.number for node in taxonomy.nodes(layer) if not node.hidden)
    return {"nodes": shown, "documents": taxonomy.node_of(layer)}


def _placed(side: LineageSide) -> Counts:
    return Counts(read=len(side.keys), kept=int((side.labels != NOISE).sum()))
