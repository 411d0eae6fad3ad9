"""The two layers of a taxonomy: its nodes, and which documents are in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from artifacts.words import LAYERS, NOISE, Layer
from taxonomy.guidance.guide import Guidance
from taxonomy.nodes import AnyNode, Category, Node, Topic
from taxonomy.structure import Structure, structure_of

if TYPE_CHECKING:
    from taxonomy.decisions.overrides import DecisionOutcome


@dataclass(frozen=True, repr=False)
class Layers:
    """Topics, categories over them, and where each document is; never changed.

    Attributes
    ----------
    topic_nodes, category_nodes
        The two layers, by number. Every topic is in one category, nothing is empty.
    topic_of
        Topic number by document key, in the taxonomy's order of documents; `NOISE` (-1): unplaced.
    nearest_of
        Topic number by document key: its own, or the nearest of an unplaced document; `NOISE`
        where there is none.
    strength_of
        By document key: share of the runs, in [0, 1], in which it was with its topic, or an
        unplaced one with the nearest.
    place_of
        By document key: its place on the map, x and y without a unit.
    moved
        Keys of the documents that a person moved: their strength is that of another topic.
    measured
        What `taxonomy.consensus.stability` and `taxonomy.structure` measured of the whole.
    outcomes
        What became of each of people's decisions.
    """

    topic_nodes: tuple[Topic, ...]
    category_nodes: tuple[Category, ...]
    topic_of: Mapping[str, int] = field(default_factory=dict)
    nearest_of: Mapping[str, int] = field(default_factory=dict)
    strength_of: Mapping[str, float] = field(default_factory=dict)
    place_of: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    measured: Mapping[str, Any] = field(default_factory=dict)
    outcomes: tuple[DecisionOutcome, ...] = ()

    @property
    def summary(self) -> str:
        """Return in one line how much it holds."""
        unplaced = sum(topic == NOISE for topic in self.topic_of.values())
        return (
            f"Taxonomy of {len(self.topic_of):,} documents: {len(self.topic_nodes):,} topics in "
            f"{len(self.category_nodes):,} categories, {unplaced:,} unplaced"
        )

    def __repr__(self) -> str:
        return f"<{self.summary}>"

    def nodes(self, layer: Layer) -> tuple[Topic, ...] | tuple[Category, ...]:
        """Return the nodes of one layer."""
        return self.topic_nodes if layer == "topics" else self.category_nodes

    def node(self, layer: Layer, number: int) -> Node | None:
        """Return the node of that number, or None."""
        return self._numbered[layer].get(number)

    @cached_property
    def _numbered(self) -> dict[Layer, dict[int, Node]]:
        return {layer: {node.number: node for node in self.nodes(layer)} for layer in LAYERS}

    @cached_property
    def category_of(self) -> Mapping[int, int]:
        """Return the number of each topic's category, by the topic's number."""
        return {topic.number: topic.category for topic in self.topic_nodes}

    def topics_in(self, category: int) -> list[Topic]:
        """Return the topics of the category of that number."""
        return [topic for topic in self.topic_nodes if topic.category == category]

    def node_of(self, layer: Layer, *, hidden: bool = True) -> dict[str, int]:
        """Return the number of each document's node in one layer, by key; `NOISE`: in none.

        Parameters
        ----------
        hidden
            Whether nodes that people hid count; if not, what is in them is in none.
        """
        found = dict(self.topic_of)
        if layer == "categories":
            found = {key: self.category_of.get(topic, NOISE) for key, topic in found.items()}
        if hidden:
            return found
        seen = {node.number for node in self.nodes(layer) if not node.hidden}
        return {key: number if number in seen else NOISE for key, number in found.items()}

    def members_of(self, layer: Layer) -> dict[int, list[str]]:
        """Return the keys of each node's documents, by number, in the taxonomy's order."""
        found: dict[int, list[str]] = {node.number: [] for node in self.nodes(layer)}
        for key, number in self.node_of(layer).items():
            if number in found:
                found[number].append(key)
        return found

    def members(self, node: Node | str | int) -> list[str]:
        """Return the keys of a node's documents, in the taxonomy's order.

        Parameters
        ----------
        node
            Itself, the number of a topic, or as people call it: `3`, `c3`, or its whole name.

        Raises
        ------
        InputError
            If no node, or more than one, is called so.
        """
        found = self._node_called(node)
        return self.members_of(found.layer)[found.number]

    def _node_called(self, node: Node | str | int) -> Node:
        from taxonomy.decisions.deciding import find_node

        return node if isinstance(node, Node) else find_node(self, str(node))

    def strength(self, key: str) -> float | None:
        """Return how firmly a document is in its topic, in [0, 1]; None: a person put it there."""
        return None if key in self.moved else self.strength_of.get(key)

    def visible(self) -> Self:
        """Return it without what people hid: topics, and categories with all their topics.

        Their documents are left out, and nothing is nearest to them; the unplaced stay. A category
        is as large as the topics that are left of it; one that is left with none is gone. Nodes
        come largest first, equals by number.
        """
        gone = {category.number for category in self.category_nodes if category.hidden}
        left = [t for t in self.topic_nodes if not t.hidden and t.category not in gone]
        numbers = {topic.number for topic in left} | {NOISE}
        topic_of = {key: topic for key, topic in self.topic_of.items() if topic in numbers}
        sizes: Counter[int] = Counter()
        for topic in left:
            sizes[topic.category] += topic.size
        categories = [
            replace(category, size=sizes[category.number])
            for category in self.category_nodes
            if category.number in sizes
        ]
        return replace(
            self,
            topic_nodes=tuple(_largest_first(left, topic_of)),
            category_nodes=tuple(_largest_first(categories, topic_of)),
            topic_of=topic_of,
            nearest_of={
                key: self.nearest_of[key] if self.nearest_of[key] in numbers else NOISE
                for key in topic_of
            },
        )

    @property
    def lost(self) -> tuple[DecisionOutcome, ...]:
        """Return the decisions that it could not follow, wholly or partly."""
        return tuple(each for each in self.outcomes if each.state in ("partly", "lost"))

    @property
    def guidance(self) -> Guidance | None:
        """Return the codebook that guided it, or was to but does not fit; None: none."""
        return Guidance.of(self.measured)

    @property
    def is_guided(self) -> bool:
        """Tell whether a codebook guides it."""
        return self.guidance is not None and self.guidance.weight > 0

    @property
    def structure(self) -> Structure | None:
        """Return how much structure the documents have beside noise; None: not measured."""
        return structure_of(self.measured)


def _largest_first(nodes: Sequence[AnyNode], seen: Mapping[str, int]) -> list[AnyNode]:
    """Return nodes by size, with those of their exemplars that are seen themselves."""
    left = [replace(n, exemplars=tuple(k for k in n.exemplars if k in seen)) for n in nodes]
    return sorted(left, key=lambda node: (-node.size, node.number))
