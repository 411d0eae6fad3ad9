"""What a comparison shows: its figures, with the names and texts of what they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

from artifacts.words import NOISE, Corpus, Layer
from taxonomy.lineage.joint import Joint
from taxonomy.lineage.values import Chain, ChangeVerdict, Lineage, LineageEvent
from taxonomy.nodes import Node, Topic, address
from taxonomy.taxonomy import Taxonomy

UNPLACED = "unplaced"
ABSENT = "not there"
SHOWN_FIRST: tuple[ChangeVerdict, ...] = ("change", "unclear", "noise")
"""The order of events where people read them."""


@dataclass(frozen=True, kw_only=True)
class ShownSide:
    """One taxonomy, as people read it.

    Attributes
    ----------
    name, day, corpus, layer
        As `taxonomy.lineage.values.LineageSide` has them.
    taxonomy
        With people's decisions; what they hid counts as unplaced.
    titles, descriptions
        How people know each document, and what it says of itself, by key.
    """

    name: str
    day: date
    corpus: Corpus
    layer: Layer
    taxonomy: Taxonomy
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes that are seen, by number."""
        seen = [node for node in self.taxonomy.nodes(self.layer) if not node.hidden]
        return tuple(sorted(seen, key=lambda node: node.number))

    @cached_property
    def groups(self) -> Mapping[int, str]:
        """Return the name of the category that holds each node; of a category, its own."""
        names = {category.number: category.name for category in self.taxonomy.category_nodes}
        return {
            node.number: names[node.category] if isinstance(node, Topic) else node.name
            for node in self.nodes
        }

    @cached_property
    def node_of(self) -> Mapping[str, int]:
        """Return the number of the node of each document, by key; `NOISE` if it is in none."""
        return self.taxonomy.node_of(self.layer, hidden=False)

    @cached_property
    def _nodes(self) -> dict[int, Node]:
        return {node.number: node for node in self.nodes}

    @cached_property
    def _sizes(self) -> Counter[int]:
        return Counter(self.node_of.values())

    @property
    def placed(self) -> int:
        """Return how many documents are in a node."""
        return len(self.node_of) - self._sizes[NOISE]

    def node(self, number: int) -> Node:
        """Return the node of that number."""
        return self._nodes[number]

    def called(self, number: int | None) -> str:
        """Return a node's address and name; a word where there is no node."""
        if number is None:
            return ABSENT
        if number == NOISE:
            return UNPLACED
        return f"{address(self.layer, number)} {self.node(number).name}"

    def named(self, number: int | None) -> str:
        """Return a node's name, with its address where another has the same; a word for no node."""
        if number is None or number == NOISE:
            return self.called(number)
        name = self.node(number).name
        is_alone = sum(node.name == name for node in self.nodes) == 1
        return name if is_alone else f"{name} (no. {address(self.layer, number)})"

    def size(self, number: int) -> int:
        """Return how many documents the node has."""
        return self._sizes[number]


def is_told(event: LineageEvent) -> bool:
    """Tell whether an event is a difference that is not just noise."""
    return event.kind != "persisted" and event.verdict != "noise"


@dataclass(frozen=True, kw_only=True)
class ShownLineage:
    """Two taxonomies and what they have to do with each other."""

    earlier: ShownSide
    later: ShownSide
    lineage: Lineage

    def events(self, *, everything: bool) -> list[LineageEvent]:
        """Return the events, changes first; without ``everything`` only those that `is_told`."""
        wanted = [event for event in self.lineage.events if everything or is_told(event)]
        return sorted(wanted, key=lambda event: SHOWN_FIRST.index(event.verdict))

    def title(self, key: str) -> str:
        """Return how people know a document of either side."""
        return self.later.titles.get(key) or self.earlier.titles.get(key, key)

    def titles(self, keys: Sequence[str]) -> str:
        """Return how people know some documents, in one line."""
        return ", ".join(map(self.title, keys))

    def before(self, event: LineageEvent) -> str:
        """Return the event's earlier nodes by name."""
        return "; ".join(map(self.earlier.called, event.earlier))

    def after(self, event: LineageEvent) -> str:
        """Return the event's later nodes by name."""
        return "; ".join(map(self.later.called, event.later))


@dataclass(frozen=True, kw_only=True)
class ShownComparison:
    """All that a comparison shows.

    Attributes
    ----------
    sides
        Two or more, in the order of time.
    lineages
        Of each side with the next.
    chain
        Identities over all of them; None for two sides.
    joint
        One model of the documents of both, where it was asked for: of two sides only.
    notes
        Sentences on what the comparison can show.
    """

    sides: tuple[ShownSide, ...]
    lineages: tuple[Lineage, ...]
    chain: Chain | None = None
    joint: Joint | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the comparison's folder."""
        return "--".join(side.name for side in self.sides)

    def pairs(self) -> list[ShownLineage]:
        """Return each side with the next."""
        return [
            ShownLineage(earlier=earlier, later=later, lineage=found)
            for (earlier, later), found in zip(pairwise(self.sides), self.lineages, strict=True)
        ]
