"""Small taxonomies in memory, rebuilds of them, and people who decide at random."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

from artifacts.errors import InputError
from artifacts.words import NOISE
from taxonomy.decisions import deciding
from taxonomy.decisions.deciding import Signature
from taxonomy.decisions.decisions import Log, Part
from taxonomy.nodes import Category, Topic, address
from taxonomy.taxonomy import Taxonomy

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ACTIONS = (
    "rename",
    "merge",
    "split",
    "move documents",
    "unplace",
    "move topics",
    "new category",
    "hide",
    "unhide",
    "note",
    "undo",
)


def taxonomy(topics: list[list[str]], categories: list[int], unplaced: list[str]) -> Taxonomy:
    """Return a taxonomy of these topics, in these categories, named by their documents."""
    topic_of = {key: number for number, keys in enumerate(topics) for key in keys}
    topic_of |= dict.fromkeys(unplaced, NOISE)
    nearest = {key: max(topic, 0) if topics else NOISE for key, topic in topic_of.items()}
    held: dict[int, list[str]] = {}
    for number, keys in enumerate(topics):
        held.setdefault(categories[number], []).extend(keys)
    return Taxonomy(
        topic_nodes=tuple(
            Topic(category=categories[number], **about(number, keys))
            for number, keys in enumerate(topics)
        ),
        category_nodes=tuple(Category(**about(number, held[number])) for number in sorted(held)),
        topic_of={key: topic_of[key] for key in sorted(topic_of)},
        nearest_of=nearest,
    )


def about(number: int, keys: list[str]) -> dict[str, object]:
    """Return what a node of these documents is described by, the same under any number."""
    words = tuple(sorted(keys)[:3])
    return {
        "number": number,
        "name": f"about {min(keys)}",
        "size": len(keys),
        "stability": 0.9,
        "keywords": words,
        "weights": tuple(1.0 / (1 + rank) for rank in range(len(words))),
        "exemplars": words,
    }


def random_taxonomy(rng: random.Random, n_docs: int) -> Taxonomy:
    """Return a taxonomy of documents d00, d01, … at random."""
    keys = [f"d{number:02}" for number in range(n_docs)]
    rng.shuffle(keys)
    n_topics = rng.randint(2, 6)
    cuts = sorted(rng.sample(range(1, n_docs), n_topics))
    groups = [keys[start:end] for start, end in zip([0, *cuts[:-1]], cuts, strict=True)]
    return in_categories(rng, groups, keys[cuts[-1] :])


def in_categories(rng: random.Random, groups: list[list[str]], unplaced: list[str]) -> Taxonomy:
    """Return a taxonomy with these topics put into categories at random."""
    groups = [group for group in groups if group]
    wanted = [rng.randrange(3) for _ in groups]
    numbers = {category: number for number, category in enumerate(dict.fromkeys(wanted))}
    return taxonomy(groups, [numbers[category] for category in wanted], unplaced)


def renumbered(rng: random.Random, found: Taxonomy) -> Taxonomy:
    """Return the same topics and categories under other numbers."""
    topics = found.members_of("topics")
    order = rng.sample(sorted(topics), len(topics))
    of = {topic.number: topic.category for topic in found.topic_nodes}
    categories = sorted(set(of.values()))
    other = dict(zip(categories, rng.sample(categories, len(categories)), strict=True))
    unplaced = [key for key, topic in found.topic_of.items() if topic == NOISE]
    return taxonomy([topics[n] for n in order], [other[of[n]] for n in order], unplaced)


def rebuilt(rng: random.Random, found: Taxonomy) -> Taxonomy:
    """Return what a rebuild may give: documents come, go and move; topics join and part."""
    groups = [list(keys) for keys in found.members_of("topics").values()]
    unplaced = [key for key, topic in found.topic_of.items() if topic == NOISE]
    if not groups:
        return found
    everybody = [*groups, unplaced]
    for _ in range(rng.randrange(6)):
        giver, taker = rng.choice(everybody), rng.choice(everybody)
        if giver:
            taker.append(giver.pop(rng.randrange(len(giver))))
    if rng.random() < 0.4:
        giver = rng.choice(groups)
        groups.append([giver.pop() for _ in range(len(giver) // 2)])
    if rng.random() < 0.4 and len(groups) > 2:
        groups[0] += groups.pop()
    if rng.random() < 0.4:
        rng.choice(groups).append(f"new{rng.randrange(10**6)}")
    for group in groups:
        if rng.random() < 0.2 and len(group) > 1:
            group.pop()
    return in_categories(rng, groups, unplaced)


def decide(rng: random.Random, action: str, found: Taxonomy, log: Log) -> Log:
    """Do something of this kind at random; the log is as it was where that is refused."""
    try:
        if action == "undo":
            return log.undoing(None, by="B", at=AT)[0]
        return deciding.added(found, log, lambda shown, log: _made(rng, action, shown, log))[0]
    except InputError:
        return log


def _made(rng: random.Random, action: str, shown: Taxonomy, log: Log) -> object:
    if not shown.topic_nodes:
        raise InputError("There is nothing to decide about.")
    sign = Signature(by="A", at=AT, because=rng.choice([None, "reasons"]))
    layer = rng.choice(["topics", "categories"])
    nodes = [address(layer, node.number) for node in shown.nodes(layer)]
    node, name = rng.choice(nodes), f"name {rng.randrange(8)}"
    if action == "rename":
        return deciding.rename(shown, log, sign, node, name)
    if action == "merge":
        some = rng.sample(nodes, min(len(nodes), rng.randint(2, 3)))
        return deciding.merge(shown, log, sign, some, rng.choice([None, name]))
    if action == "split":
        return _split(rng, shown, log, sign, node)
    if action in ("move documents", "unplace"):
        keys = rng.sample(sorted(shown.topic_of), 2)
        to = "-1" if action == "unplace" else str(rng.choice(shown.topic_nodes).number)
        return deciding.move_documents(shown, log, sign, keys, to)
    if action in ("move topics", "new category"):
        topic = str(rng.choice(shown.topic_nodes).number)
        if action == "new category":
            return deciding.move_topics(shown, log, sign, [topic], None, name)
        to = f"c{rng.choice(shown.category_nodes).number}"
        return deciding.move_topics(shown, log, sign, [topic], to, None)
    if action == "note":
        return deciding.note(shown, log, sign, node, f"seen {rng.randrange(100)}")
    return (deciding.hide if action == "hide" else deciding.unhide)(shown, log, sign, node)


def _split(rng: random.Random, shown: Taxonomy, log: Log, sign: Signature, text: str) -> object:
    node = deciding.find_node(shown, text)
    layer = node.layer
    keys = shown.members_of(layer)[node.number]
    units = sorted({shown.topic_of[key] for key in keys} if layer == "categories" else set(keys))
    if len(units) < 2:
        raise InputError("There is nothing to part.")
    rng.shuffle(units)
    cut = rng.randrange(1, len(units))
    parts = []
    for number, taken in enumerate((set(units[:cut]), set(units[cut:]))):
        mine = [k for k in keys if (shown.topic_of[k] if layer == "categories" else k) in taken]
        named = rng.random() < 0.5
        parts.append(
            Part(
                name=f"part {rng.randrange(8)}" if named else f"about {min(mine)}, {number}",
                named_by="person" if named else "documents",
                documents=tuple(sorted(mine)),
            )
        )
    return deciding.split(shown, log, sign, node, parts)


def structure(shown: Taxonomy) -> object:
    """Return all that a taxonomy says, whatever the numbers."""
    members = {layer: shown.members_of(layer) for layer in ("topics", "categories")}
    return (
        {
            (layer, frozenset(members[layer][node.number])): replace(
                node, number=0, **({"category": 0} if layer == "topics" else {})
            )
            for layer in ("topics", "categories")
            for node in shown.nodes(layer)
        },
        shown.moved,
        sorted(key for key, topic in shown.topic_of.items() if topic == NOISE),
    )
