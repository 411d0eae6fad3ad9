"""The topics of some texts, as a study wants them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.step import Step, make

if TYPE_CHECKING:
    from artifacts.manifest import Manifest
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline
    from taxonomy.build import Chosen, TaxonomyParts


def topics_of(
    pipeline: Pipeline, corpus: Corpus, texts: Path, folder: Path, *, only: Chosen | None = None
) -> Manifest:
    """Derive topics of texts as the study wants them of a corpus, for a taxonomy in ``folder``."""
    return make(plan_topics(pipeline, corpus, texts, folder, only=only), folder)


def plan_topics(
    pipeline: Pipeline, corpus: Corpus, texts: Path, folder: Path, *, only: Chosen | None
) -> Step:
    """Return the step of `topics_of`; the texts must exist."""
    from taxonomy.build import taxonomy_step

    parts = topics_parts(pipeline, corpus, texts, only=only)
    return taxonomy_step(parts, folder, progress=pipeline.progress)


def topics_parts(
    pipeline: Pipeline, corpus: Corpus, texts: Path, *, only: Chosen | None
) -> TaxonomyParts:
    """Return what `topics_of` makes a taxonomy of."""
    from taxonomy.build import TaxonomyParts

    return TaxonomyParts(
        texts_folder=texts,
        vectors_folder=pipeline.vectors_folder,
        vector_settings=pipeline.vectors(),
        settings=pipeline.topic_settings(corpus),
        stop_words=pipeline.stop_words(corpus),
        vocabulary=pipeline.vocabulary(corpus),
        guide=pipeline.guide(corpus),
        code_settings=pipeline.code_vectors(),
        only=only,
    )
