"""What stands in a bundle for the texts that a taxonomy was made of, where they stay out of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from artifacts.errors import ArtifactError
from embeddings.build import FILE
from opsatlas.bundling.contents import BundledArtifact, Contents
from opsatlas.bundling.named import WORKSPACE
from opsatlas.bundling.withholding import SharedFiles
from opsatlas.comparing import SUFFIXES
from opsatlas.pipeline import Pipeline
from opsatlas.steps import chosen
from opsatlas.topics import topics_parts
from taxonomy.store import KIND

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from taxonomy.views import Views

VIEWS: Final = "views"


def views_folder(taxonomy: str) -> str:
    """Return where the views of a taxonomy are in a bundle, by its path in the workspace.

    >>> views_folder("taxonomies/2026-11-21.topics.tools")
    'views/2026-11-21.topics.tools'
    """
    return f"{VIEWS}/{PurePosixPath(taxonomy).name}"


def add_views(shared: SharedFiles, contents: Contents, pipeline: Pipeline, scratch: Path) -> None:
    """Add the views of each taxonomy whose texts are withheld, from which it is found again.

    Parameters
    ----------
    scratch
        An empty folder, which must be there until the bundle is written.
    """
    held = {file.path: place for place, file in enumerate(shared.withheld)}
    for artifact in contents.artifacts:
        if artifact.manifest.kind != KIND or (side := _side(pipeline, artifact)) is None:
            continue
        study, corpus = side
        texts = study.texts_folder(corpus).relative_to(pipeline.workspace).as_posix()
        place = held.get(f"{WORKSPACE}/{texts}/{FILE}")
        if place is None or (views := _views(study, corpus, artifact)) is None:
            continue
        at = views_folder(artifact.path)
        views.write(scratch / at)
        paths = [f"{at}/{path.name}" for path in sorted((scratch / at).iterdir())]
        for path in paths:
            shared.add(path, scratch / path)
        file = shared.withheld[place]
        shared.withheld[place] = replace(file, instead=(*file.instead, *paths))


def _side(pipeline: Pipeline, artifact: BundledArtifact) -> tuple[Pipeline, Corpus] | None:
    """Return the study on the snapshot of a taxonomy, and its corpus; None: it has none such."""
    snapshot_id, dot, kind = artifact.manifest.name.rpartition(".")
    corpus = SUFFIXES.get(dot + kind)
    if corpus is None or corpus not in pipeline.corpora():
        return None
    return pipeline.on_snapshot(corpus, snapshot_id), corpus


def _views(study: Pipeline, corpus: Corpus, artifact: BundledArtifact) -> Views | None:
    """Return what a taxonomy rests on; None where it is not of the texts that are there."""
    from taxonomy.places.placing import FOLDER, read_points
    from taxonomy.views import views_of

    texts = study.texts_folder(corpus)
    try:
        only = chosen(study, corpus, texts, make_them=False)
        points = read_points(artifact.folder / FOLDER)
    except ArtifactError:
        return None
    views = views_of(topics_parts(study, corpus, texts, only=only), study.progress)
    return views if views.keys == points.keys else None
