"""What speaks for and against a node: its borderline documents, and what is next to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from artifacts.words import NOISE, Layer
from taxonomy.decisions.splitting import likeness, read_evidence
from taxonomy.nodes import Node, Shown
from taxonomy.store import StoredTaxonomy

N_BORDERLINE = 5
N_NEIGHBOURS = 3


@dataclass(frozen=True)
class Evidence:
    """What a person should see before accepting a node.

    Attributes
    ----------
    borderline
        Keys of the documents that are least firmly in it, with their strengths in [0, 1].
    outside
        Keys of the unplaced documents that are nearest to it, with their strengths.
    neighbours
        The nodes of its layer that the runs most often join with it, with the mean share of the
        runs, over all pairs of documents, that do.
    """

    borderline: tuple[tuple[str, float], ...]
    outside: tuple[tuple[str, float], ...]
    neighbours: tuple[tuple[Node, float], ...]


def evidence_of(
    folder: Path, shown: Shown, stored: StoredTaxonomy, layer: Layer, node: Node
) -> Evidence:
    """Return what speaks for and against a node of the taxonomy in ``folder``."""
    strengths = {row["key"]: row["strength"] for row in stored.assignments.to_pylist()}
    members = shown.members(layer)
    topics = {
        topic.number
        for topic in shown.topics
        if (topic.number if layer == "topics" else topic.category) == node.number
    }
    outside = [
        key
        for key, topic in shown.topic_of.items()
        if topic == NOISE and shown.nearest_of[key] in topics
    ]
    inside = [key for key in members[node.number] if key not in shown.moved]
    weakest = sorted(inside, key=lambda key: (strengths[key], key))[:N_BORDERLINE]
    nearest = sorted(outside, key=lambda key: (-strengths[key], key))[:N_BORDERLINE]
    return Evidence(
        borderline=tuple((key, strengths[key]) for key in weakest),
        outside=tuple((key, strengths[key]) for key in nearest),
        neighbours=_neighbours(folder, shown.nodes(layer), members, node),
    )


def _neighbours(
    folder: Path, nodes: Sequence[Node], members: dict[int, list[str]], node: Node
) -> tuple[tuple[Node, float], ...]:
    at = next(index for index, each in enumerate(nodes) if each.number == node.number)
    near = likeness(read_evidence(folder), [members[each.number] for each in nodes])[at]
    others = [(each, float(near[index])) for index, each in enumerate(nodes) if index != at]
    others.sort(key=lambda pair: (-pair[1], pair[0].number))
    return tuple(others[:N_NEIGHBOURS])
