"""Reads what a comparison shows of a taxonomy, from its folder and its snapshot's."""

from __future__ import annotations

from artifacts.words import Corpus, Layer
from embeddings.build import read_titles, taglines
from mining.snapshots import load_table
from mining.tables import issue_key
from reports.comparison.inputs import ShownSide
from taxonomy.lineage.settings import SideFolders
from taxonomy.taxonomy import Taxonomy


def shown_side(folders: SideFolders, *, corpus: Corpus, layer: Layer) -> ShownSide:
    """Return a taxonomy as people read it: what a person has hidden counts as unplaced."""
    return ShownSide(
        name=folders.taxonomy.name,
        day=folders.day,
        corpus=corpus,
        layer=layer,
        taxonomy=Taxonomy.open(folders.taxonomy),
        titles=read_titles(folders.texts),
        descriptions=_descriptions(folders, corpus),
    )


def _descriptions(folders: SideFolders, corpus: Corpus) -> dict[str, str]:
    if corpus == "tools":
        said = taglines(folders.texts)
        rows = load_table(folders.snapshot, "repositories").to_pylist()
        keyed = ((row["repo_key"], row["description"]) for row in rows)
        return {key: description or said.get(key, "") for key, description in keyed}
    rows = load_table(folders.snapshot, "issues").select(["repo_key", "number", "body"]).to_pylist()
    return {issue_key(row["repo_key"], row["number"]): row["body"] or "" for row in rows}
