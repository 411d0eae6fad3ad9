"""A taxonomy as data frames: its nodes, its documents, where texts belong, who was with whom."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from artifacts.notebook import as_html
from artifacts.words import NODE, NOISE, Layer
from taxonomy.consensus import Consensus, memberships

if TYPE_CHECKING:
    from pandas import DataFrame

    from taxonomy.nodes import Node
    from taxonomy.places.placing import Place
    from taxonomy.taxonomy import Taxonomy

WORDS_SHOWN = 4
"""Keywords of a node that a notebook shows."""


def nodes_frame(shown: Taxonomy, layer: Layer) -> DataFrame:
    """Return a row for each node of one layer, by its number."""
    from pandas import DataFrame, Series

    nodes = shown.nodes(layer)
    columns = ["name", *(["category"] if layer == "topics" else []), "size", "stability"]
    columns += ["description", "keywords", "exemplars", "code", "named_by", "hidden", "notes"]
    values = {name: [getattr(node, name) for node in nodes] for name in columns}
    values["stability"] = [nan if each is None else each for each in values["stability"]]
    numbers = [node.number for node in nodes]
    codes = Series(values["code"], index=numbers, dtype=object)  # None stays None
    frame = DataFrame({**values, "code": codes}, index=numbers, columns=columns)
    return frame.rename_axis(NODE[layer])


def documents_frame(shown: Taxonomy) -> DataFrame:
    """Return a row for each document, by key, in the taxonomy's order."""
    from pandas import DataFrame

    keys = list(shown.topic_of)
    places = [shown.place_of.get(key, (nan, nan)) for key in keys]
    category_of = shown.node_of("categories")
    values = {
        "title": [shown.titles.get(key) for key in keys],
        "topic": list(shown.topic_of.values()),
        "category": [category_of[key] for key in keys],
        "nearest_topic": [shown.nearest_of.get(key, NOISE) for key in keys],
        "strength": _strengths(shown, keys),
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
    }
    if not shown.titles:
        del values["title"]
    return DataFrame(values, index=keys).rename_axis("key")


def representative_frame(shown: Taxonomy, node: Node, n: int) -> DataFrame:
    """Return a row for each document of a node: exemplars first, then the others, firmest first."""
    from pandas import DataFrame

    members = shown.members(node)
    first = [key for key in node.exemplars if key in set(members)]
    rest = sorted(set(members) - set(first), key=lambda key: (-(shown.strength(key) or 0), key))
    keys = [*first, *rest][:n]
    values: dict[str, Any] = {"strength": _strengths(shown, keys)}
    for name, known in (("text", shown.texts), ("title", shown.titles)):
        if known:
            values = {name: [known.get(key) for key in keys], **values}
    return DataFrame(values, index=keys).rename_axis("key")


def places_frame(shown: Taxonomy, places: Sequence[Place]) -> DataFrame:
    """Return a row for each place."""
    from pandas import DataFrame

    nodes = [shown.node("topics", place.topic) for place in places]
    rows = {
        "topic": [place.topic for place in places],
        "name": [None if node is None else node.name for node in nodes],
        "category": [shown.category_of.get(place.topic, NOISE) for place in places],
        "nearest": [place.nearest for place in places],
        "likeness": [place.likeness for place in places],
        "lead": [place.lead for place in places],
        "outcome": [place.outcome for place in places],
    }
    return DataFrame(rows)


def memberships_frame(shown: Taxonomy) -> DataFrame:
    """Return how often documents and topics were together: a row and a column for each.

    The columns of topics that people made are NaN: the runs know nothing of them.
    """
    from pandas import DataFrame

    found = shown.found
    n_topics = len(found.topic_nodes)
    consensus = Consensus(
        topics=np.array(list(found.topic_of.values()), dtype=np.int32),
        nearest=np.array(list(found.nearest_of.values()), dtype=np.int32),
        strengths=np.array(list(found.strength_of.values()), dtype=np.float64),
        n_topics=n_topics,
    )
    shares = memberships(found.runs, consensus)
    frame = DataFrame(shares, index=list(found.topic_of), columns=range(n_topics))
    numbers = [topic.number for topic in shown.topic_nodes]
    frame = frame.reindex(index=list(shown.topic_of), columns=numbers)
    made = [topic.number for topic in shown.topic_nodes if topic.stability is None]
    frame[made] = nan
    return frame.rename_axis(index="key", columns="topic")


def taxonomy_html(shown: Taxonomy) -> str:
    """Return the tree as HTML for a notebook: categories over topics, without what people hid."""
    from taxonomy.values import tree

    rows: list[tuple[str | int, ...]] = []
    heads = []
    for node in tree(shown.visible()):
        if node.layer == "categories":
            heads.append(len(rows))
        indent = "" if node.layer == "categories" else "    "
        cells = (node.size, node.stability_in_words, ", ".join(node.keywords[:WORDS_SHOWN]))
        rows.append((indent + node.address, indent + node.name, *cells))
    structure = shown.structure
    notes = [structure.told] if structure is not None and structure.is_noise else []
    if shown.guidance is not None:
        notes.append(shown.guidance.told)
    columns = ("node", "name", "size", "stability", "keywords")
    return as_html(shown.summary, columns, rows, notes=notes, heads=heads)


def _strengths(shown: Taxonomy, keys: Sequence[str]) -> list[float]:
    strengths = (shown.strength(key) for key in keys)
    return [nan if each is None else each for each in strengths]
