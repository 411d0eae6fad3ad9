"""What the page's script knows of each node and document: one record each, of plain values."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
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
from reports.history.figures import SPARK_MONTHS, STAGE_COLOURS, spark_path
from reports.history.lives import NO_REASON, STAGES
from reports.inputs import AnyDocument, FeatureRequest, PageDocument, PageSection, Tool
from reports.page.views import node_codes
from taxonomy.nodes import Node

NOT_LOOKED_AT: Final = "this study does not look at how tools live"
"""Why nothing is known of a tool's life where no history was made."""


@dataclass(frozen=True)
class Spark:
    """The outline of 36 months of commits, how many they are, and how many in the best month."""

    spark: str | None
    lately: int | None
    busiest: int | None


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
    sparks = {} if history is None else _sparks(history)
    rows = [_record(document, lives, sparks) for document in section.documents]
    slugs = _slugs((*section.categories, *section.topics))
    stages = _stage_counts(section, rows)
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
    section: PageSection[AnyDocument],
    node: Node,
    slugs: Mapping[tuple[str, int], str],
    stages: Mapping[tuple[str, int], list[int]],
) -> dict[str, Any]:
    at = (node.layer, node.number)
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


def _record(
    document: PageDocument, lives: Mapping[str, ToolRow], sparks: Mapping[str, Spark]
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
            | _life(lives.get(document.key), sparks.get(document.key))
        )
    assert isinstance(document, FeatureRequest)
    return common | {
        "repository": clean(document.repository),
        "number": document.number,
        "state": clean(document.state) if document.state else None,
        "created_at": day(document.created_at),
    }


def _life(tool: ToolRow | None, spark: Spark | None) -> dict[str, Any]:
    """Return where a tool stands; what is not known is None, and ``why`` says why the stage is so.

    ``recent`` are its commits of twelve months; ``spark`` is the outline of 36 months of them,
    which are ``lately`` together, and ``busiest`` in the month with most.
    """
    drawn = asdict(spark or Spark(None, None, None))
    if tool is None:
        names = ("stage", "since", "seen", "human", "release", "people", "recent", "born", "owner")
        return {**dict.fromkeys(names), "why": NOT_LOOKED_AT, **drawn}
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
        **drawn,
    }


def _sparks(history: History) -> dict[str, Spark]:
    """Return the last commits of each tool before it was observed, where these are known."""
    commits: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for each in history.tool_months:
        commits[each.repo_key][month_from(each.month)] = each.commits
    return {
        tool.repo_key: _spark(commits[tool.repo_key], month_of(tool.observed_at))
        for tool in history.tools
        if tool.observed_at is not None and tool.repo_key in commits
    }


def _spark(commits: Mapping[int, int], observed: int) -> Spark:
    months = range(observed - SPARK_MONTHS, observed)
    counts = [commits.get(month, 0) for month in months]
    return Spark(spark_path(commits, observed), sum(counts), max(counts))
