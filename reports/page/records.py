"""What the page's script knows of each node and document: one record each, of plain values."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from artifacts.words import NOISE
from insights.history.history import History
from insights.history.months import month_from, month_of
from insights.history.rows import ToolRow
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
from reports.history.figures import STAGE_COLOURS, spark_path
from reports.history.lives import NO_REASON, STAGES
from reports.inputs import AnyDocument, FeatureRequest, PageDocument, PageSection, Tool
from taxonomy.nodes import Node

NOT_LOOKED_AT: Final = "this study does not look at how tools live"
"""Why nothing is known of a tool's life where no history was made."""


def stage_records() -> list[tuple[str, str]]:
    """Return the stages in the order of a life, the unknown last, each with its colour's name."""
    return [(stage, STAGE_COLOURS[stage]) for stage in STAGES]


def script_data(
    section: PageSection[AnyDocument], history: History | None = None
) -> dict[str, Any]:
    """Return what the script needs of a section: both layers, and one row a document.

    Parameters
    ----------
    history
        Of the tools of the section; None: it is of requests, or no history was made.
    """
    mark_of, hue_of, where = marks(section), hues(section), centres(section)
    lives = {} if history is None else {tool.repo_key: tool for tool in history.tools}
    paths = {} if history is None else _paths(history)
    rows = [_record(document, lives, paths) for document in section.documents]
    slugs = _slugs((*section.categories, *section.topics))
    stages = _stage_counts(section, rows)
    categories = [
        {
            "category": category.number,
            "hue": hue_of[category.number],
            **_node(category, slugs, stages),
        }
        for category in section.categories
    ]
    topics = [
        {
            "topic": topic.number,
            "category": topic.category,
            **_node(topic, slugs, stages),
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


def _slugs(nodes: Iterable[Node]) -> dict[tuple[str, int], str]:
    """Return the name of each node as an address has it, once each."""
    found: dict[tuple[str, int], str] = {}
    for node in nodes:
        slug = re.sub(r"[^a-z0-9]+", "-", clean(node.name).lower()).strip("-")
        taken = set(found.values())
        if not slug or slug in taken:
            slug = f"{slug or node.layer}-{node.number}"
        found[node.layer, node.number] = slug
    return found


def _stage_counts(
    section: PageSection[AnyDocument], rows: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, int], list[int]]:
    """Return how many tools of each node are in each stage, those of unknown stage too."""
    category_of = {topic.number: topic.category for topic in section.topics}
    counts: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for row in rows:
        topic = row["topic"]
        if topic != NOISE and "stage" in row:
            stage = row["stage"] or UNKNOWN
            counts["topics", topic][stage] += 1
            counts["categories", category_of[topic]][stage] += 1
    return {node: [found[stage] for stage in STAGES] for node, found in counts.items()}


def _node(
    node: Node,
    slugs: Mapping[tuple[str, int], str],
    stages: Mapping[tuple[str, int], list[int]],
) -> dict[str, Any]:
    at = (node.layer, node.number)
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
    }


def _record(
    document: PageDocument, lives: Mapping[str, ToolRow], paths: Mapping[str, str]
) -> dict[str, Any]:
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
        return (
            common
            | {
                "stars": document.stars,
                "language": clean(document.language) if document.language else None,
                "license": clean(document.license) if document.license else None,
                "first_commit": day(document.first_commit),
                "last_commit": day(document.last_commit),
                "commits": document.commits,
            }
            | _life(lives.get(document.key), paths.get(document.key))
        )
    assert isinstance(document, FeatureRequest)
    return common | {
        "repository": clean(document.repository),
        "number": document.number,
        "state": clean(document.state) if document.state else None,
        "created_at": day(document.created_at),
    }


def _life(tool: ToolRow | None, path: str | None) -> dict[str, Any]:
    """Return where a tool stands; what is not known is None, and ``why`` says why the stage is so.

    ``recent`` are its commits of twelve months; ``spark`` is the outline of 36 months of them.
    """
    if tool is None:
        names = ("stage", "since", "seen", "human", "release", "people", "recent", "born", "owner")
        return {**dict.fromkeys(names), "why": NOT_LOOKED_AT, "spark": None}
    return {
        "stage": tool.stage,
        "since": tool.since,
        "seen": day(tool.observed_at),
        "human": day(tool.last_human_at),
        "release": day(tool.last_release_at),
        "people": tool.people,
        "recent": tool.commits,
        "born": day(tool.born_at),
        "owner": tool.owner_type,
        "why": clean(tool.reason or tool.unknown or NO_REASON),
        "spark": path,
    }


def _paths(history: History) -> dict[str, str]:
    """Return the outline of each tool's commits before it was observed, where that is known."""
    commits: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for each in history.tool_months:
        commits[each.repo_key][month_from(each.month)] = each.commits
    return {
        tool.repo_key: spark_path(commits[tool.repo_key], month_of(tool.observed_at))
        for tool in history.tools
        if tool.observed_at is not None and tool.repo_key in commits
    }
