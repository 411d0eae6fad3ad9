"""What speaks for and against a node: its borderline documents, and what is next to it."""

from __future__ import annotations

from dataclasses import dataclass

from artifacts.words import NOISE, Layer
from taxonomy.decisions.splitting import evidence_in, likeness
from taxonomy.nodes import Node
from taxonomy.taxonomy import Taxonomy

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


def evidence_of(shown: Taxonomy, layer: Layer, node: Node) -> Evidence:
    """Return what speaks for and against a node of a taxonomy."""
    strengths = shown.strength_of
    members = shown.members_of(layer)
    topics = {
        topic.number
        for topic in shown.topic_nodes
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
        neighbours=_neighbours(shown, layer, members, node),
    )


def _neighbours(
    shown: Taxonomy, layer: Layer, members: dict[int, list[str]], node: Node
) -> tuple[tuple[Node, float], ...]:
    nodes = shown.nodes(layer)
    at = next(index for index, each in enumerate(nodes) if each.number == node.number)
    near = likeness(evidence_in(shown), [members[each.number] for each in nodes])[at]
    others = [(each, float(near[index])) for index, each in enumerate(nodes) if index != at]
    others.sort(key=lambda pair: (-pair[1], pair[0].number))
    return tuple(others[:N_NEIGHBOURS])
