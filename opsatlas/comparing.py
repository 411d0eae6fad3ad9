"""Comparisons: which taxonomies are meant, and where what is known of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from artifacts.errors import InputError
from artifacts.words import Corpus, Layer
from mining.snapshots import check_id
from opsatlas.pipeline import Pipeline
from opsatlas.topics import topics_of

if TYPE_CHECKING:
    from reports.comparison.comparison import Comparison

SUFFIXES: dict[str, Corpus] = {".tools": "tools", ".themes": "themes"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be compared.

    Attributes
    ----------
    snapshots
        Ids, in the order of time.
    of, layer
        What the documents are, and which nodes are compared.
    joint
        Whether one model of the documents of both is held against it.
    """

    snapshots: tuple[str, ...]
    of: Corpus
    layer: Layer
    joint: bool = False


def asked(
    pipeline: Pipeline,
    names: Sequence[str] = (),
    *,
    of: Corpus | None = None,
    layer: Layer | None = None,
    joint: bool = False,
) -> Asked:
    """Return what is meant by names of taxonomies or snapshots; by none, what the study compares.

    Raises
    ------
    InputError
        If they cannot be compared, whatever is in them: fewer than two, one twice, the later
        first, of two kinds, or of another study.
    """
    settings = pipeline.study.compare
    found = [_snapshot(name) for name in names] or [(each, None) for each in settings.snapshots]
    kinds = {kind for _, kind in found if kind is not None} | ({of} if of else set())
    if len(kinds) > 1:
        raise InputError(
            "These are of two kinds: repositories and feature requests.",
            where=", ".join(names),
            fix="compare tools with tools, and themes with themes",
        )
    kind = next(iter(kinds), settings.of)
    snapshots = tuple(snapshot for snapshot, _ in found)
    _check_order(snapshots)
    if joint and len(snapshots) != 2:
        raise InputError("One model of all documents is made of two snapshots.", where="--joint")
    return Asked(snapshots=snapshots, of=kind, layer=layer or settings.layer, joint=joint)


def planned(pipeline: Pipeline) -> Asked | None:
    """Return what the study compares in a run, if anything."""
    return asked(pipeline) if pipeline.study.compare.snapshots else None


def of_page(pipeline: Pipeline) -> Comparison | None:
    """Return what the study compares where its page shows it: tools, up to those of the page.

    None as well where it is not made, or not of what is there now: `opsatlas.steps.make_comparison`
    comes before the page.
    """
    wanted = planned(pipeline)
    if wanted is None or wanted.of != "tools":
        return None
    if wanted.snapshots[-1] != pipeline.settings("tools").snapshot:
        return None
    comparison = comparison_of(pipeline, wanted)
    return comparison if comparison.is_made() else None


def _snapshot(name: str) -> tuple[str, Corpus | None]:
    """Return the snapshot that is meant, and the kind if the name says it."""
    if "/" in name or "\\" in name:
        raise InputError(
            "Taxonomies are named, not given by their path: both are of one study.",
            where=name,
            fix="name snapshots or taxonomies of this workspace, such as 2023-01-18.curated",
        )
    for suffix, kind in SUFFIXES.items():
        if name.endswith(suffix) and name.count(".") > 1:
            return check_id(name.removesuffix(suffix)), kind
    return check_id(name), None


def _check_order(snapshots: Sequence[str]) -> None:
    if len(snapshots) < 2:
        raise InputError(
            "A comparison needs two snapshots or more.",
            where=", ".join(snapshots) or "no snapshot is named",
            fix="name them, the earlier first, or add [compare] with snapshots to the study",
        )
    if len(set(snapshots)) < len(snapshots):
        raise InputError(
            "A snapshot is named twice: there is nothing to compare it with.",
            where=", ".join(snapshots),
            fix="name each once",
        )
    for earlier, later in pairwise(snapshots):
        if earlier[:10] > later[:10]:
            raise InputError(
                f"The snapshots are in the wrong order: {later} is before {earlier}.",
                where=", ".join(snapshots),
                fix=f"name them in the order of time: {' '.join(sorted(snapshots))}",
            )


def comparison_of(pipeline: Pipeline, wanted: Asked) -> Comparison:
    """Return the comparison that is asked for, of taxonomies that may still have to be made."""
    from reports.comparison.comparison import Comparison
    from taxonomy.lineage.settings import Method, SideFolders

    of, settings = wanted.of, pipeline.study.compare

    return Comparison(
        sides=tuple(
            SideFolders(
                taxonomy=side.taxonomy_folder(of),
                snapshot=side.snapshot_folder(of),
                texts=side.texts_folder(of),
            )
            for side in sides_of(pipeline, wanted)
        ),
        method=Method(
            corpus=of,
            layer=wanted.layer,
            settings=settings,
            vectors_folder=pipeline.vectors_folder,
            vector_settings=pipeline.vectors(),
        ),
        title=pipeline.study.study.title,
        notes=settings.notes,
        fit_joint=partial(topics_of, pipeline, of) if wanted.joint else None,
        working=pipeline.working,
        progress=pipeline.progress,
    )


def sides_of(pipeline: Pipeline, wanted: Asked) -> list[Pipeline]:
    """Return the study on each of the snapshots that are to be compared."""
    return [pipeline.on_snapshot(wanted.of, snapshot) for snapshot in wanted.snapshots]
