"""Reads what a comparison shows of a taxonomy, from its folder and its snapshot's."""

from __future__ import annotations

from artifacts.words import NOISE, Corpus, Layer
from embeddings.build import read_texts, taglines
from mining.snapshots import load_table
from mining.tables import issue_key
from reports.comparison.inputs import ShownSide
from taxonomy.lineage.build import SideFolders
from taxonomy.lineage.values import SideNode
from taxonomy.nodes import Topic
from taxonomy.taxonomy import Taxonomy


def shown_side(folders: SideFolders, *, kind: Corpus, layer: Layer) -> ShownSide:
    """Return a taxonomy as people read it: what a person has hidden counts as unplaced."""
    shown = Taxonomy.open(folders.taxonomy)
    rows = read_texts(folders.texts).select(["key", "title"]).to_pylist()
    names = {category.number: category.name for category in shown.category_nodes}
    nodes = sorted(
        (node for node in shown.nodes(layer) if not node.hidden), key=lambda node: node.number
    )
    return ShownSide(
        name=folders.taxonomy.name,
        day=folders.day,
        kind=kind,
        layer=layer,
        nodes=tuple(
            SideNode(
                number=node.number,
                name=node.name,
                keywords=node.keywords,
                stability=node.stability,
            )
            for node in nodes
        ),
        groups={
            node.number: names[node.category] if isinstance(node, Topic) else node.name
            for node in nodes
        },
        node_of=node_of(shown, layer),
        titles={row["key"]: row["title"] for row in rows},
        descriptions=_descriptions(folders, kind),
    )


def node_of(shown: Taxonomy, layer: Layer) -> dict[str, int]:
    """Return the node of each document, in the taxonomy's order; `NOISE` if in none, or hidden."""
    seen = {node.number for node in shown.nodes(layer) if not node.hidden}
    return {key: node if node in seen else NOISE for key, node in shown.node_of(layer).items()}


def _descriptions(folders: SideFolders, kind: Corpus) -> dict[str, str]:
    if kind == "tools":
        said = taglines(folders.texts)
        rows = load_table(folders.snapshot, "repositories").to_pylist()
        keyed = ((row["repo_key"], row["description"]) for row in rows)
        return {key: description or said.get(key, "") for key, description in keyed}
    rows = load_table(folders.snapshot, "issues").select(["repo_key", "number", "body"]).to_pylist()
    return {issue_key(row["repo_key"], row["number"]): row["body"] or "" for row in rows}
