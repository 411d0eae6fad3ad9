"""What the templates print: rows, columns and counts, so that templates only lay out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from reports.data import clean, marks, number, web_address
from reports.inputs import UNPLACED, AnyDocument, Grouping, PageInputs, Request
from reports.palette import NOISE_MARK, Mark


@dataclass(frozen=True)
class Link:
    """A text, and where it leads, if anywhere."""

    text: str
    url: str | None


@dataclass(frozen=True)
class TopicRow:
    """One line of the list of topics. `bar` is its size as a share of the largest."""

    topic: int
    label: str
    mark: Mark
    size: int
    share: float
    bar: float
    stability: float | None
    keywords: tuple[str, ...]
    exemplars: tuple[Link, ...]


@dataclass(frozen=True)
class Column:
    """One column of the table of documents; `kind` says how a value is printed and sorted."""

    field: str
    heading: str
    kind: str


@dataclass(frozen=True)
class GroupingView:
    """A grouping as its section shows it. `name` is the section's anchor and key in the data."""

    name: str
    document: str
    documents: str
    group: str
    groups: str
    snapshot: str
    topics: tuple[TopicRow, ...]
    n_documents: int
    n_unplaced: int
    n_off_map: int
    n_without_text: int
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    repositories: tuple[str, ...]
    runs: int | None
    notes: tuple[str, ...]

    @property
    def n_placed(self) -> int:
        """Return how many documents are in a topic."""
        return self.n_documents - self.n_unplaced


@dataclass(frozen=True)
class HeatCell:
    """How many requests of one theme one framework received, and as a share of its requests."""

    repository: str
    count: int
    share: float


@dataclass(frozen=True)
class HeatRow:
    """One theme across the frameworks."""

    topic: int
    label: str
    mark: Mark
    total: int
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatColumn:
    """One framework and its number of requests."""

    repository: str
    total: int


@dataclass(frozen=True)
class HeatMap:
    """Themes by frameworks; the last row is the unplaced."""

    columns: tuple[HeatColumn, ...]
    rows: tuple[HeatRow, ...]


_TOPIC = Column("topic", "Topic", "topic")
_THEME = Column("topic", "Theme", "topic")
_STRENGTH = Column("strength", "Strength", "percent")
_TOOL_COLUMNS = (
    Column("title", "Tool", "title"),
    _TOPIC,
    _STRENGTH,
    Column("stars", "Stars", "number"),
    Column("language", "Language", "text"),
    Column("license", "Licence", "text"),
    Column("first_commit", "Begun", "date"),
    Column("last_commit", "Last change", "date"),
    Column("commits", "Commits", "number"),
)
_REQUEST_COLUMNS = (
    Column("title", "Request", "title"),
    _THEME,
    _STRENGTH,
    Column("repository", "Framework", "text"),
    Column("state", "State", "text"),
    Column("created_at", "Asked on", "date"),
)


def tools_view(inputs: PageInputs) -> GroupingView:
    """Return the section on tools."""
    words = ("tools", "tool", "tools", "topic", "topics")
    return _grouping_view(inputs.tools, words, _TOOL_COLUMNS, ())


def requests_view(grouping: Grouping[Request]) -> GroupingView:
    """Return the section on feature requests."""
    names = tuple(column.repository for column in _heat_columns(grouping))
    words = ("requests", "request", "requests", "theme", "themes")
    return _grouping_view(grouping, words, _REQUEST_COLUMNS, names)


def _grouping_view(
    grouping: Grouping[AnyDocument],
    words: tuple[str, str, str, str, str],
    columns: tuple[Column, ...],
    repositories: tuple[str, ...],
) -> GroupingView:
    documents = grouping.documents
    # A column that is empty throughout says nothing in every row: it is named once instead.
    empty = {
        column.field
        for column in columns
        if documents and all(getattr(d, column.field) in (None, "") for d in documents)
    }
    name, document, plural, group, groups = words
    return GroupingView(
        name=name,
        document=document,
        documents=plural,
        group=group,
        groups=groups,
        snapshot=grouping.snapshot,
        topics=_topic_rows(grouping),
        n_documents=len(documents),
        n_unplaced=sum(d.topic == UNPLACED for d in documents),
        n_off_map=sum(number(d.x) is None or number(d.y) is None for d in documents),
        n_without_text=sum(not (d.description or "").strip() for d in documents),
        columns=tuple(c for c in columns if c.field not in empty),
        unknown=tuple(_in_sentence(c.heading) for c in columns if c.field in empty),
        repositories=repositories,
        runs=grouping.runs,
        notes=tuple(clean(note) for note in grouping.notes),
    )


def _in_sentence(heading: str) -> str:
    return heading[0].lower() + heading[1:]


def _topic_rows(grouping: Grouping[AnyDocument]) -> tuple[TopicRow, ...]:
    mark_of = marks(grouping)
    by_key = {document.key: document for document in grouping.documents}
    largest = max((topic.size for topic in grouping.topics), default=1) or 1
    total = len(grouping.documents) or 1
    return tuple(
        TopicRow(
            topic=topic.topic,
            label=clean(topic.label),
            mark=mark_of[topic.topic],
            size=topic.size,
            share=topic.size / total,
            bar=topic.size / largest,
            stability=number(topic.stability),
            keywords=tuple(clean(word) for word in topic.keywords),
            exemplars=tuple(
                Link(clean(by_key[key].title), web_address(by_key[key].url))
                for key in topic.exemplars
            ),
        )
        for topic in grouping.topics
    )


def heat_map(grouping: Grouping[Request]) -> HeatMap:
    """Count the requests of each theme and framework; the unplaced are the last row."""
    columns = _heat_columns(grouping)
    found = Counter((d.topic, clean(d.repository)) for d in grouping.documents)
    mark_of = marks(grouping)
    lines = [(topic.topic, clean(topic.label)) for topic in grouping.topics]
    lines.append((UNPLACED, "Unplaced"))

    def row(topic: int, label: str) -> HeatRow:
        counts = [(column, found[topic, column.repository]) for column in columns]
        cells = tuple(HeatCell(c.repository, count, count / c.total) for c, count in counts)
        total = sum(cell.count for cell in cells)
        return HeatRow(topic, label, mark_of.get(topic, NOISE_MARK), total, cells)

    return HeatMap(columns, tuple(row(topic, label) for topic, label in lines))


def _heat_columns(grouping: Grouping[Request]) -> tuple[HeatColumn, ...]:
    totals = Counter(clean(document.repository) for document in grouping.documents)
    order = sorted(totals, key=lambda name: (-totals[name], name))
    return tuple(HeatColumn(name, totals[name]) for name in order)
