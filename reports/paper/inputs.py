"""What is exported for papers: a taxonomy as it is shown, and its documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from artifacts.words import NOISE, Corpus
from mining.names import full_name_of_key
from mining.snapshots import load_table
from reports.data import clean
from taxonomy.shown import Category, Shown, Topic, read_shown
from taxonomy.store import read_taxonomy

AnyNode = TypeVar("AnyNode", Topic, Category)


@dataclass(frozen=True, kw_only=True)
class LayerParts:
    """Where a layer is found.

    Attributes
    ----------
    taxonomy, snapshot
        Folders.
    gold
        Lists to judge it by.
    titles
        How people know the documents, by key.
    crosswalks
        Folders of its crosswalks to codebooks.
    """

    taxonomy: Path
    snapshot: Path
    gold: Sequence[Path]
    titles: Mapping[str, str]
    crosswalks: Sequence[Path] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A document: its shown topic (`NOISE`: unplaced) and its place on the map.

    ``strength`` is the share of runs, in [0, 1], in which it was with its topic, or an unplaced
    one with the nearest; None where a person chose the topic. ``framework`` is the one that was
    asked, for requests alone.
    """

    key: str
    title: str
    topic: int
    strength: float | None
    x: float
    y: float
    framework: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExportLayer:
    """A layer without what people hid.

    Attributes
    ----------
    categories, topics
        Those that are shown, the largest first. The size of a category is the sum of its topics
        that are shown.
    documents
        Those of topics that are shown, and the unplaced.
    n_documents
        All documents of the taxonomy, those of hidden topics included.
    notes
        What was left out.
    """

    layer: Corpus
    categories: tuple[Category, ...]
    topics: tuple[Topic, ...]
    documents: tuple[Entry, ...]
    titles: Mapping[str, str]
    n_documents: int
    notes: tuple[str, ...] = ()

    @property
    def n_unplaced(self) -> int:
        """Return how many documents have no topic."""
        return sum(each.topic == NOISE for each in self.documents)

    def of(self, category: Category) -> list[Topic]:
        """Return the topics of a category."""
        return [topic for topic in self.topics if topic.category == category.number]

    def category_of(self, topic: Topic) -> Category:
        """Return the category of a topic."""
        return next(each for each in self.categories if each.number == topic.category)


def read_layer(parts: LayerParts, layer: Corpus, frameworks: Mapping[str, str]) -> ExportLayer:
    """Read a layer with people's decisions applied.

    Parameters
    ----------
    frameworks
        How frameworks are called, by full name in lower case; others go by their full name.

    Raises
    ------
    ArtifactError
        If a table is missing or damaged.
    """
    shown = read_shown(parts.taxonomy)
    categories, topics = _visible(shown)
    seen = {topic.number for topic in topics} | {NOISE}
    asked = {} if layer == "tools" else _asked(parts.snapshot, shown.topic_of, frameworks)
    stored = read_taxonomy(parts.taxonomy)
    titles = {key: one_line(title) for key, title in parts.titles.items()}
    places = {row["key"]: (row["x"], row["y"]) for row in stored.map.to_pylist()}
    documents = [
        Entry(
            key=row["key"],
            title=titles[row["key"]],
            topic=shown.topic_of[row["key"]],
            strength=None if row["key"] in shown.moved else row["strength"],
            x=places[row["key"]][0],
            y=places[row["key"]][1],
            framework=asked.get(row["key"]),
        )
        for row in stored.assignments.to_pylist()
        if shown.topic_of[row["key"]] in seen
    ]
    n_documents = stored.assignments.num_rows
    return ExportLayer(
        layer=layer,
        categories=categories,
        topics=topics,
        documents=tuple(documents),
        titles=titles,
        n_documents=n_documents,
        notes=_left_out(layer, shown, n_documents - len(documents), len(topics)),
    )


def _visible(shown: Shown) -> tuple[tuple[Category, ...], tuple[Topic, ...]]:
    """Return what nobody hid; a topic of a hidden category is hidden with it."""
    gone = {each.number for each in shown.categories if each.hidden}
    topics = [each for each in shown.topics if not each.hidden and each.category not in gone]
    there = {each.number for each in topics}
    keys = {key for key, topic in shown.topic_of.items() if topic in there}
    sizes: Counter[int] = Counter()
    for topic in topics:
        sizes[topic.category] += topic.size
    categories = [
        replace(_plain(each, keys), size=sizes[each.number])
        for each in shown.categories
        if each.number in sizes
    ]
    return (
        tuple(sorted(categories, key=lambda each: (-each.size, each.number))),
        tuple(sorted((_plain(t, keys) for t in topics), key=lambda t: (-t.size, t.number))),
    )


def one_line(text: str) -> str:
    """Return a text on one line, without control characters and what UTF-8 cannot hold."""
    return " ".join(clean(text).split())


def _plain(node: AnyNode, keys: set[str]) -> AnyNode:
    """Return a node with texts of one line each, and exemplars that are shown themselves."""
    return replace(
        node,
        name=one_line(node.name),
        keywords=tuple(one_line(word) for word in node.keywords),
        exemplars=tuple(key for key in node.exemplars if key in keys),
        notes=tuple(one_line(note) for note in node.notes),
    )


def _left_out(layer: Corpus, shown: Shown, n_documents: int, n_topics: int) -> tuple[str, ...]:
    n_hidden = len(shown.topics) - n_topics
    if n_hidden == 0:
        return ()
    return (
        f"{layer}: {n_hidden} of {len(shown.topics)} topics are hidden and left out, "
        f"with {n_documents:,} documents",
    )


def _asked(
    snapshot: Path, keys: Mapping[str, int], frameworks: Mapping[str, str]
) -> dict[str, str]:
    """Return the name of the framework that each issue asks, by the issue's key."""
    repositories = {
        row["repo_key"]: row for row in load_table(snapshot, "repositories").to_pylist()
    }
    names = {}
    for key in keys:
        name = full_name_of_key(key.rsplit("#", 1)[0], repositories)
        names[key] = one_line(frameworks.get(name.lower(), name))
    return names
