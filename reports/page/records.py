"""What the page's script knows of each node and document: one record each, of plain values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from artifacts.words import NOISE
from reports.data import (
    centres,
    clean,
    day,
    hues,
    marks,
    number,
    short_description,
    short_number,
    web_address,
)
from reports.history.cells import UNKNOWN
from reports.history.figures import STAGE_COLOURS
from reports.history.lives import STAGES
from reports.inputs import AnyDocument, FeatureRequest, NodeId, PageDocument, PageSection, Tool
from reports.page.views import node_codes
from taxonomy.nodes import Node


def stage_records() -> list[tuple[str, str]]:
    """Return the stages in the order of a life, the unknown last, each with its colour's name."""
    return [(stage, STAGE_COLOURS[stage]) for stage in STAGES]


def script_data(
    section: PageSection[AnyDocument],
    slugs: Mapping[NodeId, str],
    stage_of: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Return what the script needs of a section: both layers, and one row a document.

    Parameters
    ----------
    slugs
        What addresses call each node.
    stage_of
        The stage of each tool of the section; None: it is of requests, or no history was made.
    """
    mark_of, hue_of, where = marks(section), hues(section), centres(section)
    rows = [_record(document) for document in section.documents]
    stages = {} if stage_of is None else _stage_counts(section, stage_of)
    categories = [
        {
            "category": category.number,
            "hue": hue_of[category.number],
            **_node(section, category, slugs, stages),
        }
        for category in section.categories
    ]
    topics = [
        {
            "topic": topic.number,
            "category": topic.category,
            **_node(section, topic, slugs, stages),
            "hue": mark_of[topic.number].hue,
            "shape": mark_of[topic.number].shape,
            "centre": where.get(topic.number),
        }
        for topic in section.topics
    ]
    fields = list(rows[0]) if rows else []
    return {
        "snapshot": clean(section.snapshot),
        "categories": categories,
        "topics": topics,
        "fields": fields,
        "rows": [[row[field] for field in fields] for row in rows],
    }


def _stage_counts(
    section: PageSection[AnyDocument], stage_of: Mapping[str, str | None]
) -> dict[tuple[str, int], list[int]]:
    """Return how many tools of each node are in each stage, those of unknown stage too."""
    category_of = {topic.number: topic.category for topic in section.topics}
    counts: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for document in section.documents:
        if document.topic != NOISE:
            stage = stage_of[document.key] or UNKNOWN
            counts["topics", document.topic][stage] += 1
            counts["categories", category_of[document.topic]][stage] += 1
    return {node: [found[stage] for stage in STAGES] for node, found in counts.items()}


def _node(
    section: PageSection[AnyDocument],
    node: Node,
    slugs: Mapping[NodeId, str],
    stages: Mapping[tuple[str, int], list[int]],
) -> dict[str, Any]:
    at: NodeId = (node.layer, node.number)
    typical = set(node.exemplars)
    places = {d.key: n for n, d in enumerate(section.documents) if d.key in typical}
    return {
        "slug": slugs[at],
        "label": clean(node.name),
        "description": clean(node.description),
        "size": node.size,
        "stages": stages.get(at),
        "stability": number(node.stability),
        "standing": node.standing,
        "keywords": [clean(word) for word in node.keywords],
        "code": node.code,
        "codes": node_codes(section, node),
        "named_by": node.named_by,
        "notes": [clean(note) for note in node.notes],
        "verdicts": [clean(verdict) for verdict in section.verdicts.get(at, ())],
        "exemplars": [places[key] for key in node.exemplars],
    }


def _record(document: PageDocument) -> dict[str, Any]:
    common = {
        "key": clean(document.key),
        "title": clean(document.title),
        "url": web_address(document.url),
        "description": short_description(document),
        "topic": document.topic,
        "nearest": document.nearest_topic,
        "strength": short_number(document.strength),
        "x": short_number(document.x),
        "y": short_number(document.y),
    }
    if isinstance(document, Tool):
        return common | {
            "stars": document.stars,
            "language": clean(document.language) if document.language else None,
            "license": clean(document.license) if document.license else None,
            "first_commit": day(document.first_commit),
            "last_commit": day(document.last_commit),
            "commits": document.commits,
        }
    assert isinstance(document, FeatureRequest)
    return common | {
        "repository": clean(document.repository),
        "number": document.number,
        "state": clean(document.state) if document.state else None,
        "created_at": day(document.created_at),
    }
