"""What a taxonomy is made of where people see it: topics and categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from artifacts.words import Layer

NamedBy = Literal["documents", "service", "person"]
"""Where a shown name is from: keywords of the documents, a language model, or a person."""

STABLE = 0.8
"""A node of less stability than this is marked as unstable wherever it is shown."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A topic or a category.

    Attributes
    ----------
    number
        Its number in its layer. People's decisions leave gaps: a number is no position.
    size
        Documents placed in it.
    stability
        In [0, 1]; None for what people made, which no ensemble has measured.
    keywords, weights
        Most telling first.
    exemplars
        Keys of documents, most typical first.
    of_noise
        The documents have no more structure than noise: however steady, it is not called stable.
    hidden
        A person took it out of what is shown; a topic also if its category is hidden.
    notes
        What people wrote about it.
    """

    number: int
    name: str
    size: int
    stability: float | None
    keywords: tuple[str, ...]
    weights: tuple[float, ...]
    exemplars: tuple[str, ...]
    named_by: NamedBy = "documents"
    of_noise: bool = False
    hidden: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_stable(self) -> bool:
        """Tell whether the node was measured to be at least `STABLE`, and is not of noise."""
        return self.stability is not None and self.stability >= STABLE and not self.of_noise


@dataclass(frozen=True, kw_only=True)
class Topic(Node):
    """A group of documents; ``category`` is the number of the category that holds it."""

    category: int


@dataclass(frozen=True, kw_only=True)
class Category(Node):
    """A group of topics: those that name it as their category."""


@dataclass(frozen=True)
class Shown:
    """A whole taxonomy as it is shown.

    Attributes
    ----------
    topics, categories
        The two layers, by number. Every topic is in one category, nothing is empty.
    topic_of
        Topic number by document key, in the taxonomy's order of documents; `NOISE` (-1): unplaced.
    nearest_of
        Topic number by document key: its own, or the nearest of an unplaced document; `NOISE`
        where there is none.
    moved
        Keys of the documents whose place a person chose: no strength was measured for it.
    """

    topics: tuple[Topic, ...]
    categories: tuple[Category, ...]
    topic_of: Mapping[str, int] = field(default_factory=dict)
    nearest_of: Mapping[str, int] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()

    def nodes(self, layer: Layer) -> tuple[Topic, ...] | tuple[Category, ...]:
        """Return the nodes of one layer."""
        return self.topics if layer == "topics" else self.categories

    def members(self, layer: Layer) -> dict[int, list[str]]:
        """Return the keys of each node's documents, in the taxonomy's order of documents."""
        category_of = {topic.number: topic.category for topic in self.topics}
        found: dict[int, list[str]] = {node.number: [] for node in self.nodes(layer)}
        for key, topic in self.topic_of.items():
            if topic in category_of:
                found[topic if layer == "topics" else category_of[topic]].append(key)
        return found


def address(layer: Layer, number: int) -> str:
    """Return how a node is written where people name it: `3` is a topic, `c3` a category."""
    return f"c{number}" if layer == "categories" else str(number)


def called(layer: Layer, node: Node) -> str:
    """Return a node's address and name, as people read it."""
    return f'{address(layer, node.number)} "{node.name}"'
