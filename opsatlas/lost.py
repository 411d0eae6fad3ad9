"""Tells which of people's decisions a rebuilt taxonomy does not follow."""

from __future__ import annotations

from opsatlas.pipeline import Pipeline
from taxonomy.decisions.decision_file import overrides_path
from taxonomy.store import Layer


def tell_lost(pipeline: Pipeline, layer: Layer) -> None:
    """Tell, in one paragraph, which decisions the taxonomy as it is now does not follow."""
    folder = pipeline.taxonomy_folder(layer)
    if not overrides_path(folder).exists():
        return
    from opsatlas.cli.views.decisions import lost_paragraph
    from taxonomy.shown import read_decided

    command = "taxonomy" if layer == "tools" else layer
    if told := lost_paragraph(read_decided(folder), folder.name, command):
        pipeline.progress.say(told)
