"""A taxonomy under people's hands: the edits that one decision comes down to.

Documents are conserved: whatever is done, each is in one topic or unplaced, every topic is in one
category, and nothing is empty. Where two nodes are equal in what decides, the one with the first
key comes first, so that nothing depends on how nodes happen to be numbered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, zip_longest

from artifacts.words import LAYERS, NOISE, Layer
from taxonomy.decisions.decisions import Part
from taxonomy.describe import without_repeats
from taxonomy.nodes import AnyNode, Category, Node, Topic
from taxonomy.taxonomy import Taxonomy

FOLLOWED = 0.5
"""Least Jaccard similarity of a node's documents with an anchor at which the anchor means it."""

SAME = 0.9
"""Least Jaccard similarity with what was found at which a node keeps the figures of that."""

N_EXEMPLARS = 5


@dataclass(frozen=True)
class Match:
    """What an anchor means now.

    Attributes
    ----------
    number
        The node, or None if no node is like the anchor.
    best, jaccard
        The most like node, if any shares a document, and how like it is, in [0, 1].
    gone
        Keys of the anchor that the taxonomy no longer has.
    """

    number: int | None
    best: Node | None
    jaccard: float
    gone: tuple[str, ...]


class EditedTaxonomy:
    """A taxonomy that is being changed."""

    def __init__(self, found: Taxonomy) -> None:
        self._found = found
        self.topics: dict[int, Topic] = {node.number: node for node in found.topic_nodes}
        self.categories: dict[int, Category] = {node.number: node for node in found.category_nodes}
        self.topic_of = dict(found.topic_of)
        self.notices: list[str] = []
        self._moved: set[str] = set()
        self._made: set[tuple[Layer, int]] = set()
        self._found_members: dict[Layer, dict[int, set[str]]] = {
            layer: {number: set(keys) for number, keys in found.members_of(layer).items()}
            for layer in LAYERS
        }
        self._next: dict[Layer, int] = {
            "topics": max(self.topics, default=-1) + 1,
            "categories": max(self.categories, default=-1) + 1,
        }
        self._members = {
            number: set(keys) for number, keys in self._found_members["topics"].items()
        }

    def node(self, layer: Layer, number: int) -> Node:
        """Return a node."""
        return self.topics[number] if layer == "topics" else self.categories[number]

    def nodes(self, layer: Layer) -> Collection[Node]:
        """Return the nodes of a layer."""
        return self.topics.values() if layer == "topics" else self.categories.values()

    def members(self, layer: Layer, number: int) -> set[str]:
        """Return the keys of a node's documents."""
        if layer == "topics":
            return set(self._members[number])
        return set().union(*(self._members[topic] for topic in self.topics_in(number)))

    def topics_in(self, category: int) -> list[int]:
        """Return the numbers of a category's topics."""
        return [topic.number for topic in self.topics.values() if topic.category == category]

    def match(self, layer: Layer, anchor: Sequence[str]) -> Match:
        """Return the node that an anchor means."""
        gone = tuple(key for key in anchor if key not in self.topic_of)
        shared = Counter(number for key in anchor if (number := self.place(layer, key)) is not None)
        if not shared:
            return Match(None, None, 0.0, gone)
        likeness = {
            number: count / (len(anchor) + self.size(layer, number) - count)
            for number, count in shared.items()
        }
        most = max(likeness.values())
        best = min(
            (number for number, value in likeness.items() if value == most),
            key=lambda number: min(self.members(layer, number)),
        )
        number = best if most >= FOLLOWED else None
        return Match(number, self.node(layer, best), most, gone)

    def place(self, layer: Layer, key: str) -> int | None:
        """Return the node that holds a document, if one does."""
        topic = self.topics.get(self.topic_of.get(key, NOISE))
        if topic is None:
            return None
        return topic.number if layer == "topics" else topic.category

    def size(self, layer: Layer, number: int) -> int:
        """Return how many documents a node has."""
        if layer == "topics":
            return len(self._members[number])
        return sum(len(self._members[topic]) for topic in self.topics_in(number))

    def change(self, node: Node) -> None:
        """Put a changed node in the place of the one with its number."""
        if isinstance(node, Topic):
            self.topics[node.number] = node
        elif isinstance(node, Category):
            self.categories[node.number] = node

    def rename(self, layer: Layer, number: int, name: str) -> None:
        """Give a node a name by a person."""
        self.change(replace(self.node(layer, number), name=name, named_by="person"))

    def merge(self, layer: Layer, numbers: Iterable[int]) -> int:
        """Make nodes one, under the number of the largest, and return it."""
        order = sorted(
            set(numbers), key=lambda n: (-self.size(layer, n), min(self.members(layer, n)))
        )
        kept, others = order[0], order[1:]
        parts = [replace(self.node(layer, n), size=self.size(layer, n)) for n in order]
        named = next((part for part in parts if part.named_by == "person"), parts[0])
        self._tell_given_up([part for part in parts if part is not named])
        hidden = [part for part in parts if part.hidden]
        if 0 < len(hidden) < len(parts):
            names = ", ".join(part.reference for part in hidden)
            self.notices.append(f"no longer hidden: {names}")
        keywords, weights = joined_keywords(parts)
        merged = replace(
            parts[0],
            name=named.name,
            named_by=named.named_by,
            keywords=keywords,
            weights=weights,
            exemplars=joined_exemplars(parts),
            hidden=all(part.hidden for part in parts),
            notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        )
        self.change(merged)
        self._made.add((layer, kept))
        for other in others:
            if layer == "topics":
                self._hand_over(self._members[other], kept)
            else:
                self._set_category(self.topics_in(other), kept)
            self._remove(layer, other)
        heirs = {"categories": self.topics[kept].category} if layer == "topics" else {}
        self._drop_empty(heirs)
        return kept

    def split(self, layer: Layer, number: int, parts: Sequence[Part]) -> list[int]:
        """Part a node, and return the numbers of the parts, in their order.

        Documents, or topics, that no part knows go with the largest part. Parts of which nothing
        is there are left out; the caller sees to it that two are left.
        """
        whole = self.node(layer, number)
        groups = self.groups(layer, number, parts)
        if whole.named_by == "person":
            self._tell_given_up([whole])
        made = []
        for part, group in zip(parts, groups, strict=True):
            if not group:
                continue
            new = self._new_number(layer)
            piece = replace(
                whole,
                number=new,
                name=part.name,
                named_by=part.named_by,
                keywords=part.keywords,
                weights=part.weights,
                exemplars=part.exemplars,
            )
            self.change(piece)
            made.append(new)
            if layer == "topics":
                self._members[new] = set()
                self._hand_over(group, new)
            else:
                self._set_category({self.topic_of[key] for key in group}, new)
        self._remove(layer, number)
        return made

    def groups(self, layer: Layer, number: int, parts: Sequence[Part]) -> list[set[str]]:
        """Return the documents that each part would have now."""
        units = (
            [{key} for key in self._members[number]]
            if layer == "topics"
            else [set(self._members[topic]) for topic in self.topics_in(number)]
        )
        known = [set(part.documents) for part in parts]
        groups: list[set[str]] = [set() for _ in parts]
        unknown: set[str] = set()
        for unit in units:
            shared = [len(unit & documents) for documents in known]
            if max(shared):
                groups[shared.index(max(shared))] |= unit
            else:
                unknown |= unit
        largest = max(range(len(parts)), key=lambda part: (len(groups[part]), -part))
        groups[largest] |= unknown
        return groups

    def move_documents(self, keys: Iterable[str], topic: int) -> None:
        """Place documents in a topic, or in none (`NOISE`)."""
        moved = set(keys)
        self._moved |= moved
        self._hand_over(moved, topic)
        target = self.topics.get(topic)
        heirs = {"topics": topic, "categories": target.category} if target else {}
        self._drop_empty(heirs)

    def move_topics(self, numbers: Iterable[int], category: int | None, name: str | None) -> int:
        """Put topics into a category, or, with a name, into a new one; return its number."""
        chosen = sorted(set(numbers))
        if category is None:
            category = self._new_number("categories")
            self.categories[category] = Category(
                number=category,
                name=name or "",
                size=0,
                stability=None,
                keywords=(),
                weights=(),
                exemplars=(),
                named_by="person",
            )
            self._made.add(("categories", category))
        self._set_category(chosen, category)
        self._drop_empty({"categories": category})
        return category

    def shown(self) -> Taxonomy:
        """Return the taxonomy as it is now."""
        first = {n: min(keys) for n, keys in self._members.items()}
        finished = [self._finished(self.topics[n]) for n in sorted(self.topics)]
        topics = distinct_names(finished, first)
        in_category = {n: min(first[t] for t in self.topics_in(n)) for n in self.categories}
        joined = [self._finished(self.categories[n]) for n in sorted(self.categories)]
        categories = distinct_names(joined, in_category)
        hidden = {category.number for category in categories if category.hidden}
        return replace(
            self._found,
            topic_nodes=tuple(
                replace(topic, hidden=topic.hidden or topic.category in hidden) for topic in topics
            ),
            category_nodes=tuple(categories),
            topic_of=dict(self.topic_of),
            nearest_of=self._nearest(),
            moved=frozenset(self._moved),
        )

    def _drop_empty(self, heirs: Mapping[str, int]) -> None:
        """Take out nodes that have nothing left; what was written about them goes to the heirs."""
        for layer in LAYERS:
            for node in [node for node in self.nodes(layer) if self.size(layer, node.number) == 0]:
                notice = f"{node.reference} has nothing left and is gone"
                if node.notes and layer in heirs:
                    heir = self.node(layer, heirs[layer])
                    self.change(replace(heir, notes=(*heir.notes, *node.notes)))
                    notice += f"; its notes are with {heir.reference}"
                elif node.notes:
                    notice += f", with its notes: {'; '.join(node.notes)}"
                if node.notes or node.hidden or node.named_by == "person":
                    self.notices.append(notice)
                self._remove(layer, node.number)

    def _remove(self, layer: Layer, number: int) -> None:
        if layer == "topics":
            del self.topics[number], self._members[number]
        else:
            del self.categories[number]

    def _hand_over(self, keys: Iterable[str], topic: int) -> None:
        for key in list(keys):
            if self.topic_of[key] in self._members:
                self._members[self.topic_of[key]].discard(key)
            self.topic_of[key] = topic
            if topic != NOISE:
                self._members[topic].add(key)

    def _set_category(self, topics: Iterable[int], category: int) -> None:
        for topic in topics:
            self.topics[topic] = replace(self.topics[topic], category=category)

    def _new_number(self, layer: Layer) -> int:
        number = self._next[layer]
        self._next[layer] = number + 1
        self._made.add((layer, number))
        return number

    def _tell_given_up(self, nodes: Iterable[Node]) -> None:
        names = [f'"{node.name}"' for node in nodes if node.named_by == "person"]
        if names:
            self.notices.append(f"a name that a person gave is given up: {', '.join(names)}")

    def _finished(self, node: AnyNode) -> AnyNode:
        """Return a node with the figures of what it holds now."""
        layer, number = node.layer, node.number
        members = self.members(layer, number)
        node = replace(node, size=len(members))
        made = (layer, number) in self._made
        if not made and members == self._found_members[layer][number]:
            return node
        if made or jaccard(members, self._found_members[layer][number]) < SAME:
            node = replace(node, stability=None, description="", code=None)
            if layer == "categories":  # its words are those of the topics that it holds
                within = [
                    replace(self.topics[t], size=self.size("topics", t))
                    for t in self.topics_in(number)
                ]
                keywords, weights = joined_keywords(within)
                node = replace(
                    node, keywords=keywords, weights=weights, exemplars=joined_exemplars(within)
                )
        here = tuple(key for key in node.exemplars if key in members)
        return replace(node, exemplars=here or tuple(sorted(members)[:N_EXEMPLARS]))

    def _nearest(self) -> dict[str, int]:
        """Return each document's topic, or for the unplaced what became of their nearest."""
        heirs = {}
        for number, members in self._found_members["topics"].items():
            held = Counter(topic for key in members if (topic := self.topic_of[key]) != NOISE)
            most = max(held.values(), default=0)
            heirs[number] = min(
                (topic for topic, count in held.items() if count == most),
                key=lambda topic: min(self._members[topic]),
                default=NOISE,
            )
        return {
            key: topic
            if topic != NOISE
            else heirs.get(self._found.nearest_of.get(key, NOISE), NOISE)
            for key, topic in self.topic_of.items()
        }


def jaccard(one: Collection[str], other: Collection[str]) -> float:
    """Return the Jaccard similarity of two sets of keys, in [0, 1]; 1 where both are empty."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def joined_keywords(parts: Sequence[Node]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the keywords of the parts with their mean weights, parts counted by their size.

    As many as the part with most has; equals in the order of the alphabet.
    """
    total = sum(part.size for part in parts)
    means: dict[str, float] = defaultdict(float)
    for part in sorted(parts, key=lambda part: (part.keywords, part.weights, part.size)):
        for keyword, weight in zip(part.keywords, part.weights, strict=True):
            means[keyword] += weight * part.size / total
    ranked = sorted(means.items(), key=lambda pair: (-pair[1], pair[0]))
    most = max((len(part.keywords) for part in parts), default=0)
    kept = without_repeats(ranked)[:most]
    return tuple(word for word, _ in kept), tuple(weight for _, weight in kept)


def joined_exemplars(parts: Sequence[Node]) -> tuple[str, ...]:
    """Return the exemplars of the parts in turn, the largest part's first."""
    order = sorted(parts, key=lambda part: (-part.size, part.exemplars))
    in_turn = chain.from_iterable(zip_longest(*(part.exemplars for part in order)))
    most = max((len(part.exemplars) for part in parts), default=0)
    return tuple(dict.fromkeys(key for key in in_turn if key is not None))[:most]


def distinct_names(nodes: Sequence[AnyNode], first: Mapping[int, str]) -> list[AnyNode]:
    """Return the nodes, each by a name that no other has, letters' case set aside.

    Names that people gave stay as they are. Another that is taken gets the node's next keyword,
    or a number.

    Parameters
    ----------
    first
        For each node, what puts it before or after others: the first key of its documents.
    """
    taken: set[str] = set()
    named: dict[int, AnyNode] = {}
    for node in sorted(nodes, key=lambda node: (node.named_by != "person", first[node.number])):
        name = node.name
        if name.casefold() in taken:
            name = next(
                each
                for each in chain(_longer(node), _numbered(node))
                if each.casefold() not in taken
            )
        taken.add(name.casefold())
        named[node.number] = replace(node, name=name) if name != node.name else node
    return [named[node.number] for node in nodes]


def _longer(node: Node) -> list[str]:
    told = node.name.casefold()
    return [f"{node.name}, {word}" for word in node.keywords if word.casefold() not in told]


def _numbered(node: Node) -> Iterator[str]:
    return (f"{node.name} ({number})" for number in count(2))
