"""A taxonomy, a node of it, and a crosswalk as plain values, as JSON has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artifacts.words import NOISE, Layer
from taxonomy.guidance.crosswalk import Crosswalk
from taxonomy.guidance.gold import Ceiling, Judgement
from taxonomy.nodes import Node
from taxonomy.taxonomy import Taxonomy


def taxonomy_values(shown: Taxonomy, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the taxonomy as it is shown as JSON-compatible values."""
    return {
        "topics": [vars(topic) for topic in shown.topic_nodes],
        "categories": [vars(category) for category in shown.category_nodes],
        "documents": [
            {
                "key": key,
                "title": titles[key],
                "topic": topic,
                "nearest_topic": shown.nearest_of[key],
                "strength": shown.strength(key),
                "moved_by_a_person": key in shown.moved,
            }
            for key, topic in shown.topic_of.items()
        ],
        "halves_ami": shown.measured["halves_ami"],
        "structure": shown.measured.get("structure"),
        "guidance": None if shown.guidance is None else vars(shown.guidance),
        "decisions": len(shown.outcomes),
        "lost": [each.decision.id for each in shown.lost],
    }


def node_values(values: dict[str, Any], layer: Layer | None, number: int) -> dict[str, Any]:
    """Return of `taxonomy_values` what concerns one node, or with None the unplaced documents."""
    if layer is None:
        return {"documents": [each for each in values["documents"] if each["topic"] == NOISE]}
    node = next(each for each in values[layer] if each["number"] == number)
    topics = [t for t in values["topics"] if layer == "categories" and t["category"] == number]
    within = {topic["number"] for topic in topics} or {number}
    documents = [each for each in values["documents"] if each["topic"] in within]
    return {**node, "topics": topics, "documents": documents}


def crosswalk_values(
    found: Crosswalk, shown: Taxonomy, titles: Mapping[str, str], *, documents: bool
) -> dict[str, Any]:
    """Return a crosswalk as JSON-compatible values; each document only if they are asked for."""
    nodes = [
        {
            "node": node.address,
            "name": node.name,
            "stability": node.stability,
            **vars(found.nodes(node.layer)[node.number]),
        }
        for node in tree(shown)
    ]
    values: dict[str, Any] = {
        "codebook": found.codebook.name,
        "nodes": nodes,
        "documents_by_code": found.n_documents(),
        "documents_without_code": n_without_code(found),
    }
    if documents:
        fields = ("code", "best", "second", "margin", "reason")
        values["documents"] = [
            {"key": key, "title": titles[key]} | {name: getattr(coding, name) for name in fields}
            for key, coding in found.documents.items()
        ]
    return values


def tree(shown: Taxonomy) -> Iterator[Node]:
    """Yield each category, followed by its topics, without what people have hidden."""
    for category in shown.category_nodes:
        if category.hidden:
            continue
        yield category
        for topic in shown.topics_in(category.number):
            if not topic.hidden:
                yield topic


def n_without_code(found: Crosswalk) -> int:
    """Return how many documents have no code."""
    return sum(coding.code is None for coding in found.documents.values())


def judgement_values(
    codebook: str, found: Sequence[Judgement], ceiling: Sequence[Ceiling]
) -> dict[str, Any]:
    """Return what coders say of a crosswalk as JSON-compatible values."""
    return {
        "codebook": codebook,
        "coders": [
            {
                **vars(each),
                "abstention": each.abstention,
                "confusion": [
                    {"coder": theirs, "crosswalk": ours, "documents": n}
                    for (theirs, ours), n in sorted(each.confusion.items())
                ],
            }
            for each in found
        ],
        "ceiling": ceiling,
    }
