"""Tells which of people's decisions a rebuilt taxonomy does not follow."""

from __future__ import annotations

from artifacts.words import Corpus
from opsatlas.pipeline import Pipeline
from taxonomy.decisions.decision_file import overrides_path


def tell_lost(pipeline: Pipeline, corpus: Corpus) -> None:
    """Tell, in one paragraph, which decisions the taxonomy as it is now does not follow."""
    folder = pipeline.taxonomy_folder(corpus)
    if not overrides_path(folder).exists():
        return
    from opsatlas.cli.views.decisions import lost_paragraph
    from taxonomy.taxonomy import Taxonomy

    command = "taxonomy" if corpus == "tools" else corpus
    if told := lost_paragraph(Taxonomy.open(folder), folder.name, command):
        pipeline.progress.say(told)
