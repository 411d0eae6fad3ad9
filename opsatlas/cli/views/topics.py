"""Taxonomies and evaluations as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.errors import InputError
from artifacts.words import NOISE, Layer
from taxonomy.evaluation import Agreement, Evaluation
from taxonomy.nodes import Node, Topic, address, called
from taxonomy.taxonomy import Taxonomy

EXEMPLARS_SHOWN = 3
BY_PERSON = "by a person"
NAMED_BY = {"documents": "documents", "service": "service", "person": "a person"}


def tree_table(shown: Taxonomy) -> Group:
    """Return the layers as a tree: a line a category, below it a line for each of its topics."""
    table = Table("node", "size", "stability", "name", "named by", box=None)
    table.columns[1].justify = "right"
    for column in table.columns[:3]:
        column.no_wrap = True
    for category in sorted(shown.category_nodes, key=_largest):
        table.add_row(*_tree_cells("", "categories", category), style="bold")
        topics = sorted(shown.topics_in(category.number), key=_largest)
        for topic in topics:
            branch = "└─ " if topic is topics[-1] else "├─ "
            table.add_row(*_tree_cells(branch, "topics", topic))
    return Group(table, *_summary(shown))


def _tree_cells(branch: str, layer: Layer, node: Node) -> tuple[str | Text, ...]:
    return (
        f"{branch}{address(layer, node.number)}",
        f"{node.size:,}",
        stability_said(node),
        Text(node.name + (" (hidden)" if node.hidden else "")),
        NAMED_BY[node.named_by],
    )


def _largest(node: Node) -> tuple[bool, int, int]:
    return (node.hidden, -node.size, node.number)


def stability_said(node: Node) -> str:
    """Return a node's stability as people read it, with a word where it is not stable."""
    if node.stability is None:
        return BY_PERSON
    return f"{node.stability:.2f}" + ("" if node.is_stable else " unstable")


def topics_table(shown: Taxonomy, titles: Mapping[str, str]) -> Group:
    """Return one line a topic, with keywords and exemplars, and a line on what is not placed."""
    table = Table("topic", "in", "size", "stability", "keywords", "such as", box=None)
    table.columns[0].justify = table.columns[2].justify = "right"
    for topic in shown.topic_nodes:
        hidden = " (hidden)" if topic.hidden else ""
        table.add_row(
            str(topic.number),
            address("categories", topic.category),
            f"{topic.size:,}",
            stability_said(topic),
            Text(", ".join(topic.keywords[:5]) + hidden),
            Text(", ".join(titles[key] for key in topic.exemplars[:EXEMPLARS_SHOWN])),
        )
    return Group(table, *_summary(shown))


def _summary(shown: Taxonomy) -> list[Text]:
    n_docs = len(shown.topic_of)
    unplaced = list(shown.topic_of.values()).count(NOISE)
    share = unplaced / n_docs if n_docs else 0.0
    lines = [
        f"{len(shown.topic_nodes)} topics in {len(shown.category_nodes)} categories; "
        f"{unplaced:,} of {n_docs:,} documents ({share:.0%}) are unplaced; the two halves of the "
        f"ensemble agree with AMI {shown.measured['halves_ami']:.2f}."
    ]
    structure = shown.structure
    if structure is not None and structure.is_noise:
        lines.insert(0, structure.told)
    standing = sum(each.state != "undone" for each in shown.outcomes)
    if standing:
        lines.append(f"Decisions by people: {standing}, of which lost: {len(shown.lost)}.")
    return [Text(line) for line in lines]


def node_view(shown: Taxonomy, layer: Layer, node: Node, titles: Mapping[str, str]) -> Group:
    """Return all that is known of one node: keywords, exemplars, notes, and its documents."""
    kind = "Topic" if layer == "topics" else "Category"
    above = shown.node("categories", node.category) if isinstance(node, Topic) else None
    within = f", in {called('categories', above)}" if above else ""
    lines = [
        f"{kind} {called(layer, node)}{within}{', hidden' if node.hidden else ''}",
        f"size {node.size:,}; stability {stability_said(node)}; named by {NAMED_BY[node.named_by]}",
        f"keywords: {', '.join(node.keywords)}",
        f"exemplars: {', '.join(titles[key] for key in node.exemplars)}",
        *(f"note: {note}" for note in node.notes),
    ]
    topics = shown.topics_in(node.number) if layer == "categories" else []
    lines += [f"topic {called('topics', t)}, {t.size:,}, {stability_said(t)}" for t in topics]
    documents = documents_table(shown, shown.members(node), titles)
    return Group(*map(Text, lines), Text(""), documents)


def unplaced_view(shown: Taxonomy, titles: Mapping[str, str]) -> Table:
    """Return the documents that are in no topic; raise `InputError` where there is none."""
    keys = [key for key, topic in shown.topic_of.items() if topic == NOISE]
    if not keys:
        raise InputError("No document is unplaced.")
    return documents_table(shown, keys, titles)


def documents_table(shown: Taxonomy, keys: Sequence[str], titles: Mapping[str, str]) -> Table:
    """Return documents with how firmly they are in their topic, or near one, firmest first."""
    table = Table("document", "strength", "(nearest) topic", box=None)
    table.columns[1].justify = table.columns[2].justify = "right"
    for key in sorted(keys, key=lambda key: (key in shown.moved, -shown.strength_of[key], key)):
        strength = BY_PERSON if key in shown.moved else f"{shown.strength_of[key]:.2f}"
        near = shown.nearest_of[key]
        table.add_row(Text(titles[key]), strength, "none" if near == NOISE else str(near))
    return table


def shown_values(shown: Taxonomy, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the taxonomy as it is shown as JSON-compatible values."""
    return {
        "topics": [vars(topic) for topic in shown.topic_nodes],
        "categories": [vars(category) for category in shown.category_nodes],
        "documents": [
            {
                "key": key,
                "title": titles[key],
                "topic": topic,
                "nearest_topic": shown.nearest_of[key],
                "strength": shown.strength(key),
                "moved_by_a_person": key in shown.moved,
            }
            for key, topic in shown.topic_of.items()
        ],
        "halves_ami": shown.measured["halves_ami"],
        "structure": shown.measured.get("structure"),
        "decisions": len(shown.outcomes),
        "lost": [each.decision.id for each in shown.lost],
    }


def node_values(values: dict[str, Any], layer: Layer | None, number: int) -> dict[str, Any]:
    """Return of `shown_values` what concerns one node, or with None the unplaced documents."""
    if layer is None:
        return {"documents": [each for each in values["documents"] if each["topic"] == NOISE]}
    node = next(each for each in values[layer] if each["number"] == number)
    topics = [t for t in values["topics"] if layer == "categories" and t["category"] == number]
    within = {topic["number"] for topic in topics} or {number}
    documents = [each for each in values["documents"] if each["topic"] in within]
    return {**node, "topics": topics, "documents": documents}


def evaluation_table(found: Evaluation) -> Group:
    """Return the figures of an evaluation, with the lists' own agreement as the ceiling."""
    table = Table("list", "documents", "AMI (95 %)", "V", "purity", "placed", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in found.lists:
        figures = (f"{each.v_measure:.2f}", f"{each.purity:.2f}", f"{each.placed:.0%}")
        table.add_row(Text(each.name), str(each.n_docs), _interval(each), *figures)
    lines = [Text(f"mean AMI over {len(found.lists)} lists: {found.mean_ami:.3f}")]
    lines += [
        Text(f"ceiling, the lists with each other: {each.name}: {_interval(each)}")
        for each in found.ceiling
    ]
    return Group(table, *lines)


def _interval(each: Agreement) -> str:
    return f"{each.ami.value:.3f} ({each.ami.low:.2f}–{each.ami.high:.2f})"
