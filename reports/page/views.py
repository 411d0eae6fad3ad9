"""What the templates print: trees, filters, columns, heat maps, so that templates only lay out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from artifacts.words import NOISE
from reports.data import clean, hues, marks, number, web_address
from reports.inputs import AnyDocument, FeatureRequest, PageGuidance, PageInputs, PageSection
from reports.palette import NOISE_MARK, Mark
from taxonomy.nodes import BEYOND, STABLE, Category, Firmness, NamedBy, Node

RowKind = Literal["category", "topic", "unplaced"]


@dataclass(frozen=True)
class Link:
    """A text, and where it leads, if anywhere."""

    text: str
    url: str | None


@dataclass(frozen=True)
class NodeRow:
    """One line of the tree: a category with its topics `inside`, or a topic.

    `bar` is its size as a share of the largest of its layer; `mark` is None for a category;
    `codes` are pairs of a codebook and the name of a code, first of the codebook that guides, if
    one does; `beyond` tells that no code of that one is for it.
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
    description: str
    beyond: bool = False
    inside: tuple[NodeRow, ...] = ()


@dataclass(frozen=True)
class UnguidedView:
    """What the runs find without the codebook that guides: categories, each before its topics."""

    nodes: tuple[Node, ...]
    n_topics: int
    n_categories: int
    n_unplaced: int


@dataclass(frozen=True)
class Words:
    """What a section's documents and topics are called, one and many."""

    name: str
    document: str
    documents: str
    group: str
    groups: str


@dataclass(frozen=True)
class Option:
    """A value that can be chosen, and what is read."""

    value: str
    text: str


@dataclass(frozen=True)
class Filter:
    """One select element. `options` are in groups, each with its label; an empty one is no group.

    Filters by a fact are the script's: it counts what there is in each of its tables.
    """

    name: str
    label: str
    everything: str
    options: tuple[tuple[str, tuple[Option, ...]], ...]


@dataclass(frozen=True)
class SectionView:
    """A section as it is shown. `words.name` is its anchor and its key in the data.

    `guided` is the title of the codebook that guides, `guidance` what is told of it or of one that
    was to.
    """

    words: Words
    section: PageSection[Any]
    categories: tuple[NodeRow, ...]
    filters: tuple[Filter, ...]
    n_documents: int
    n_unplaced: int
    decisions: tuple[str, ...]
    lost: tuple[str, ...]
    n_off_map: int
    n_without_text: int
    self_agreement: float | None
    notes: tuple[str, ...]
    guided: str
    guidance: str
    unguided: UnguidedView | None

    @property
    def n_beyond(self) -> int:
        """Return how many topics are beyond the codebook that guides."""
        return sum(topic.beyond for topic in self.topics)

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


def stability_text(node: NodeRow | Node) -> str:
    """Return a node's stability as it is printed.

    One that would round up to firm, and is not, is cut off instead: 0.799, not 0.80.
    """
    value = node.stability or 0.0
    text = f"{value:.2f}"
    if node.standing == "unstable" and float(text) >= STABLE:
        return f"{math.floor(1000 * value) / 1000:.3f}"
    return text


_TOOLS = Words("tools", "tool", "tools", "topic", "topics")
_REQUESTS = Words("requests", "request", "requests", "theme", "themes")


def tools_view(inputs: PageInputs) -> SectionView:
    """Return the section on tools."""
    return _section_view(inputs.tools, _TOOLS)


def requests_view(section: PageSection[FeatureRequest]) -> SectionView:
    """Return the section on feature requests."""
    return _section_view(section, _REQUESTS)


def _section_view(section: PageSection[AnyDocument], words: Words) -> SectionView:
    documents = section.documents
    return SectionView(
        words=words,
        section=section,
        categories=_tree(section),
        filters=_filters(section, words.group, words.groups),
        n_documents=len(documents),
        n_unplaced=sum(d.topic == NOISE for d in documents),
        decisions=tuple(map(clean, section.decisions)),
        lost=tuple(map(clean, section.lost)),
        n_off_map=sum(number(d.x) is None or number(d.y) is None for d in documents),
        n_without_text=sum(not (d.description or "").strip() for d in documents),
        self_agreement=number(section.self_agreement),
        notes=tuple(map(clean, section.notes)),
        **_guided(section),
    )


def _guided(section: PageSection[AnyDocument]) -> dict[str, Any]:
    """Return what a section shows of the codebook that guides it, or was to."""
    guidance = section.guidance
    if guidance is None:
        return {"guided": "", "guidance": "", "unguided": None}
    is_guided = guidance.by.weight > 0
    return {
        "guided": clean(guidance.by.title) if is_guided else "",
        "guidance": clean(guidance.by.told),
        "unguided": _unguided(guidance) if is_guided else None,
    }


def _unguided(guidance: PageGuidance) -> UnguidedView:
    nodes: list[Node] = []
    for category in guidance.categories:
        inside = [topic for topic in guidance.topics if topic.category == category.number]
        nodes += [category, *inside]
    plain = (
        replace(node, name=clean(node.name), keywords=tuple(map(clean, node.keywords)))
        for node in nodes
    )
    n_topics, n_categories = len(guidance.topics), len(guidance.categories)
    return UnguidedView(tuple(plain), n_topics, n_categories, guidance.n_unplaced)


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
        codes=node_codes(section, node),
        keywords=tuple(clean(word) for word in node.keywords),
        exemplars=tuple(links[key] for key in node.exemplars),
        description=clean(node.description),
        beyond=any(code == BEYOND for _, code in _code_of_guide(section, node)),
    )


def node_codes(section: PageSection[AnyDocument], node: Node) -> tuple[tuple[str, str], ...]:
    """Return pairs of a codebook and a node's code there, first of the one that guides."""
    others = section.codes.get((node.layer, node.number), ())
    return (
        *_code_of_guide(section, node),
        *((clean(code.codebook), clean(code.name or "none fits")) for code in others),
    )


def _is_guided(section: PageSection[AnyDocument]) -> bool:
    return section.guidance is not None and section.guidance.by.weight > 0


def _code_of_guide(section: PageSection[AnyDocument], node: Node) -> Iterator[tuple[str, str]]:
    """Yield the codebook that guides and the node's code there, if one does."""
    if section.guidance is not None and _is_guided(section):
        name = section.guidance.codes.get((node.layer, node.number))
        yield clean(section.guidance.by.title), clean(name or node.code_in_words or "none fits")


def _filters(section: PageSection[AnyDocument], group: str, groups: str) -> tuple[Filter, ...]:
    """Return the filters that can leave something out.

    Parameters
    ----------
    group, groups
        What a topic is called here, one and many.
    """
    choices = (_categories(section), _topics(section, group, groups), _placed(section))
    return tuple(
        choice for choice in choices if sum(len(options) for _, options in choice.options) > 1
    )


def _categories(section: PageSection[AnyDocument]) -> Filter:
    options = tuple(
        Option(str(c.number), f"{clean(c.name)} ({c.size:,})") for c in section.categories
    )
    return Filter("category", "Category", "all categories", (("", options),))


def _topics(section: PageSection[AnyDocument], group: str, groups: str) -> Filter:
    def inside(category: int) -> tuple[Option, ...]:
        return tuple(
            Option(str(topic.number), f"{clean(topic.name)} ({topic.size:,})")
            for topic in section.topics
            if topic.category == category
        )

    options = tuple((clean(c.name), inside(c.number)) for c in section.categories)
    return Filter("topic", group.capitalize(), f"all {groups}", options)


def _placed(section: PageSection[AnyDocument]) -> Filter:
    unplaced = sum(document.topic == NOISE for document in section.documents)
    placed = len(section.documents) - unplaced
    counts = (("yes", "placed", placed), ("no", "unplaced", unplaced))
    options = tuple(Option(value, f"{text} ({n:,})") for value, text, n in counts if n)
    return Filter("placed", "Placed", "placed or not", (("", options),))


@dataclass(frozen=True)
class HeatColumn:
    """One framework and its number of requests."""

    repository: str
    total: int


@dataclass(frozen=True)
class HeatCell:
    """How many requests of one row one framework received, and as a share of its requests."""

    repository: str
    count: int
    share: float


@dataclass(frozen=True)
class HeatRow:
    """A category, a theme of the category above it, or the unplaced, across the frameworks.

    `hue` is that of the category; `mark` is None for a category.
    """

    kind: RowKind
    number: int
    label: str
    hue: int | None
    mark: Mark | None
    total: int
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatMap:
    """Categories, each followed by its themes, by frameworks; the last row is the unplaced."""

    columns: tuple[HeatColumn, ...]
    rows: tuple[HeatRow, ...]

    @property
    def total(self) -> int:
        """Return the number of requests."""
        return sum(column.total for column in self.columns)


def heat_map(section: PageSection[FeatureRequest]) -> HeatMap:
    """Count the requests of each category, theme and framework."""
    columns = _heat_columns(section)
    return HeatMap(columns, tuple(_heat_rows(section, columns)))


def _heat_columns(section: PageSection[FeatureRequest]) -> tuple[HeatColumn, ...]:
    """Return the frameworks, those with most requests first."""
    totals = Counter(clean(document.repository) for document in section.documents)
    order = sorted(totals, key=lambda name: (-totals[name], name))
    return tuple(HeatColumn(name, totals[name]) for name in order)


def _heat_rows(
    section: PageSection[FeatureRequest], columns: tuple[HeatColumn, ...]
) -> Iterator[HeatRow]:
    category_of = {topic.number: topic.category for topic in section.topics}
    pairs = [(d.topic, clean(d.repository)) for d in section.documents]
    by_topic = Counter(pairs)
    by_category = Counter((category_of[t], name) for t, name in pairs if t != NOISE)
    mark_of, hue_of = marks(section), hues(section)

    def cells(found: Counter[tuple[int, str]], number: int) -> tuple[HeatCell, ...]:
        counts = [(column, found[number, column.repository]) for column in columns]
        return tuple(HeatCell(c.repository, count, count / c.total) for c, count in counts)

    for category in section.categories:
        number = category.number
        hue, row = hue_of[number], cells(by_category, number)
        yield HeatRow("category", number, clean(category.name), hue, None, _sum(row), row)
        for topic in section.topics:
            if topic.category == number:
                mark, row = mark_of[topic.number], cells(by_topic, topic.number)
                label = clean(topic.name)
                yield HeatRow("topic", topic.number, label, hue, mark, _sum(row), row)
    row = cells(by_topic, NOISE)
    yield HeatRow("unplaced", NOISE, "Unplaced", None, NOISE_MARK, _sum(row), row)


def _sum(cells: tuple[HeatCell, ...]) -> int:
    return sum(cell.count for cell in cells)
