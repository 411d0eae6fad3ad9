"""What the templates print: rows, columns, filters and counts, so that templates only lay out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from artifacts.words import NOISE
from reports.data import clean, hues, marks, number, web_address
from reports.inputs import AnyDocument, FeatureRequest, PageInputs, PageSection
from reports.page.filters import Filter, filters
from reports.palette import Mark
from taxonomy.nodes import STABLE, Category, Firmness, NamedBy, Node


@dataclass(frozen=True)
class Link:
    """A text, and where it leads, if anywhere."""

    text: str
    url: str | None


@dataclass(frozen=True)
class NodeRow:
    """One line of the tree: a category with its topics `inside`, or a topic.

    `bar` is its size as a share of the largest of its layer; `mark` is None for a category;
    `codes` are pairs of a codebook and the name of a code.
    """

    number: int
    label: str
    hue: int
    mark: Mark | None
    size: int
    bar: float
    stability: float | None
    standing: Firmness
    named_by: NamedBy
    notes: tuple[str, ...]
    verdicts: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    keywords: tuple[str, ...]
    exemplars: tuple[Link, ...]
    inside: tuple[NodeRow, ...] = ()


@dataclass(frozen=True)
class DocumentColumn:
    """One column of the table of documents; `kind` says how a value is printed and sorted."""

    field: str
    heading: str
    kind: str


@dataclass(frozen=True)
class Words:
    """What a section's documents and topics are called, one and many."""

    name: str
    document: str
    documents: str
    group: str
    groups: str


@dataclass(frozen=True)
class SectionView:
    """A section as it is shown. `words.name` is its anchor and its key in the data."""

    words: Words
    snapshot: str
    categories: tuple[NodeRow, ...]
    filters: tuple[Filter, ...]
    n_documents: int
    n_unplaced: int
    n_hidden: int
    n_hidden_topics: int
    lost: tuple[str, ...]
    n_off_map: int
    n_without_text: int
    columns: tuple[DocumentColumn, ...]
    unknown: tuple[str, ...]
    runs: int | None
    self_agreement: float | None
    warning: str
    notes: tuple[str, ...]

    @property
    def topics(self) -> tuple[NodeRow, ...]:
        """Return the topics of all categories, the largest first."""
        rows = [topic for category in self.categories for topic in category.inside]
        return tuple(sorted(rows, key=lambda row: (-row.size, row.number)))

    @property
    def codebooks(self) -> tuple[str, ...]:
        """Return the titles of the codebooks that nodes have codes of."""
        rows = (*self.categories, *self.topics)
        return tuple(dict.fromkeys(codebook for row in rows for codebook, _ in row.codes))

    @property
    def n_placed(self) -> int:
        """Return how many documents are in a topic."""
        return self.n_documents - self.n_unplaced

    def n_standing(self, standing: Firmness, layer: str) -> int:
        """Return how many nodes of a layer ("categories" or "topics") stand so."""
        nodes = self.categories if layer == "categories" else self.topics
        return sum(node.standing == standing for node in nodes)

    @property
    def stable(self) -> float:
        """Return the stability below which a node is called unstable."""
        return STABLE


def stability_text(node: NodeRow) -> str:
    """Return a node's stability as it is printed.

    One that would round up to firm, and is not, is cut off instead: 0.799, not 0.80.
    """
    value = node.stability or 0.0
    text = f"{value:.2f}"
    if node.standing == "unstable" and float(text) >= STABLE:
        return f"{math.floor(1000 * value) / 1000:.3f}"
    return text


_STRENGTH = DocumentColumn("strength", "Strength", "percent")
_TOOL_COLUMNS = (
    DocumentColumn("title", "Tool", "title"),
    DocumentColumn("topic", "Topic", "topic"),
    _STRENGTH,
    DocumentColumn("stars", "Stars", "number"),
    DocumentColumn("language", "Language", "text"),
    DocumentColumn("license", "Licence", "text"),
    DocumentColumn("first_commit", "Begun", "date"),
    DocumentColumn("last_commit", "Last change", "date"),
    DocumentColumn("commits", "Commits", "number"),
)
_REQUEST_COLUMNS = (
    DocumentColumn("title", "Request", "title"),
    DocumentColumn("topic", "Theme", "topic"),
    _STRENGTH,
    DocumentColumn("repository", "Framework", "text"),
    DocumentColumn("state", "State", "text"),
    DocumentColumn("created_at", "Asked on", "date"),
)
_TOOLS = Words("tools", "tool", "tools", "topic", "topics")
_REQUESTS = Words("requests", "request", "requests", "theme", "themes")


def tools_view(inputs: PageInputs) -> SectionView:
    """Return the section on tools."""
    return _section_view(inputs.tools, _TOOLS, _TOOL_COLUMNS)


def requests_view(section: PageSection[FeatureRequest]) -> SectionView:
    """Return the section on feature requests."""
    return _section_view(section, _REQUESTS, _REQUEST_COLUMNS)


def _section_view(
    section: PageSection[AnyDocument], words: Words, columns: tuple[DocumentColumn, ...]
) -> SectionView:
    documents = section.documents
    # A column that is empty throughout says nothing in every row: it is named once instead.
    empty = {
        column.field
        for column in columns
        if documents and all(getattr(d, column.field) in (None, "") for d in documents)
    }
    return SectionView(
        words=words,
        snapshot=section.snapshot,
        categories=_tree(section),
        filters=filters(section, words.group, words.groups),
        n_documents=len(documents),
        n_unplaced=sum(d.topic == NOISE for d in documents),
        n_hidden=section.n_hidden,
        n_hidden_topics=section.n_hidden_topics,
        lost=tuple(clean(each) for each in section.lost),
        n_off_map=sum(number(d.x) is None or number(d.y) is None for d in documents),
        n_without_text=sum(not (d.description or "").strip() for d in documents),
        columns=tuple(c for c in columns if c.field not in empty),
        unknown=tuple(_in_sentence(c.heading) for c in columns if c.field in empty),
        runs=section.runs,
        self_agreement=number(section.self_agreement),
        warning=section.warning,
        notes=tuple(clean(note) for note in section.notes),
    )


def _in_sentence(heading: str) -> str:
    return heading[0].lower() + heading[1:]


def _tree(section: PageSection[AnyDocument]) -> tuple[NodeRow, ...]:
    mark_of, hue_of = marks(section), hues(section)
    typical = {key for node in (*section.categories, *section.topics) for key in node.exemplars}
    links = {
        d.key: Link(clean(d.title), web_address(d.url))
        for d in section.documents
        if d.key in typical
    }
    topic_unit = max((topic.size for topic in section.topics), default=1) or 1
    category_unit = max((c.size for c in section.categories), default=1) or 1

    def inside(category: int) -> tuple[NodeRow, ...]:
        rows = (
            _row(section, topic, hue_of[category], topic_unit, links)
            for topic in section.topics
            if topic.category == category
        )
        return tuple(replace(row, mark=mark_of[row.number]) for row in rows)

    def row(category: Category) -> NodeRow:
        found = _row(section, category, hue_of[category.number], category_unit, links)
        return replace(found, inside=inside(category.number))

    return tuple(row(category) for category in section.categories)


def _row(
    section: PageSection[AnyDocument], node: Node, hue: int, unit: int, links: Mapping[str, Link]
) -> NodeRow:
    at = (node.layer, node.number)
    return NodeRow(
        number=node.number,
        label=clean(node.name),
        hue=hue,
        mark=None,
        size=node.size,
        bar=node.size / unit,
        stability=number(node.stability),
        standing=node.standing,
        named_by=node.named_by,
        notes=tuple(clean(note) for note in node.notes),
        verdicts=tuple(clean(verdict) for verdict in section.verdicts.get(at, ())),
        codes=tuple(
            (clean(code.codebook), clean(code.name or "none fits"))
            for code in section.codes.get(at, ())
        ),
        keywords=tuple(clean(word) for word in node.keywords),
        exemplars=tuple(links[key] for key in node.exemplars),
    )
