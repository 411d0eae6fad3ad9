"""What several nodes are about together: their words, their exemplars, and names kept apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count, zip_longest

from taxonomy.describe import without_repeats
from taxonomy.nodes import Node

N_EXEMPLARS = 5


def joined_keywords(parts: Sequence[Node]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the keywords of the parts with their mean weights, parts counted by their size.

    As many as the part with most has; equals in the order of the alphabet.
    """
    total = sum(part.size for part in parts)
    means: dict[str, float] = defaultdict(float)
    for part in sorted(parts, key=lambda part: (part.keywords, part.weights, part.size)):
        for keyword, weight in zip(part.keywords, part.weights, strict=True):
            means[keyword] += weight * part.size / total
    ranked = sorted(means.items(), key=lambda each: (-each[1], each[0]))
    most = max((len(part.keywords) for part in parts), default=0)
    kept = without_repeats(ranked)[:most]
    return tuple(word for word, _ in kept), tuple(weight for _, weight in kept)


def joined_exemplars(parts: Sequence[Node]) -> tuple[str, ...]:
    """Return the exemplars of the parts in turn, the largest part's first."""
    order = sorted(parts, key=lambda part: (-part.size, part.exemplars))
    in_turn = chain.from_iterable(zip_longest(*(part.exemplars for part in order)))
    most = max((len(part.exemplars) for part in parts), default=0)
    return tuple(dict.fromkeys(key for key in in_turn if key is not None))[:most]


def distinct_names(nodes: Sequence[Node], first: Mapping[int, str]) -> list[Node]:
    """Return the nodes, each by a name that no other has, letters' case set aside.

    Names that people gave stay as they are. Another that is taken gets the node's next keyword,
    or a number.

    Parameters
    ----------
    first
        For each node, what puts it before or after others: the first key of its documents.
    """
    taken: set[str] = set()
    named: dict[int, Node] = {}
    for node in sorted(nodes, key=lambda each: (each.named_by != "person", first[each.number])):
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
