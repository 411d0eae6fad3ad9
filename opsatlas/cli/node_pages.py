"""A taxonomy and its nodes as a terminal shows them: what they are first, then how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from artifacts.errors import InputError
from artifacts.words import NOISE, Corpus
from opsatlas.cli.console import first_words, out
from reports.tables import Column, Row, Table, number, texts
from taxonomy.nodes import BEYOND, BY_PERSON, address

if TYPE_CHECKING:
    from taxonomy.nodes import Node
    from taxonomy.taxonomy import Taxonomy

BROAD: Final = 140
"""Columns of a terminal from which sentences stand beside names, not below them."""
EXEMPLARS_SHOWN, KEYWORDS_SHOWN, DOCUMENTS_SHOWN = 3, 5, 20
LINES_ABOUT, FEWEST_ABOUT, GAPS = 2, 60, 12
"""Lines that what a document says of itself takes, its characters at least, and room between."""
NAMED_BY = {
    "documents": "documents",
    "codebook": "codebook",
    "service": "service",
    "person": "a person",
}
COMMAND: Final[dict[Corpus, str]] = {"tools": "taxonomy", "themes": "themes"}
CALLED: Final[dict[Corpus, str]] = {"tools": "tools", "themes": "requests"}


def taxonomy_parts(shown: Taxonomy, corpus: Corpus) -> list[Table | str]:
    """Return the layers: categories, their topics below them, each with what it is for."""
    groups: list[Sequence[Node]] = [
        [category, *sorted(shown.topics_in(category.number), key=_largest)]
        for category in sorted(shown.category_nodes, key=_largest)
    ]
    n_docs, unplaced = len(shown.topic_of), list(shown.topic_of.values()).count(NOISE)
    return [
        *_noise(shown),
        f"{n_docs - unplaced:,} of {n_docs:,} {CALLED[corpus]} are in {len(shown.topic_nodes)} "
        f"topics of {len(shown.category_nodes)} categories.",
        "",
        _nodes_table(groups, corpus),
        "",
        *_said_of_all(shown),
        f"How sure is this? {_standing(shown)}",
    ]


def further(shown: Taxonomy, corpus: Corpus) -> list[str]:
    """Return what to type to see more; each is one line, to be copied."""
    command = f"opsatlas {COMMAND[corpus]} show"
    unplaced = list(shown.topic_of.values()).count(NOISE)
    return [
        f"its figures: {command} --how-sure",
        f"all about one, such as 0 or c0: {command} 0",
        *([f"the {unplaced:,} in no topic: {command} -1"] if unplaced else []),
    ]


def _nodes_table(groups: Iterable[Sequence[Node]], corpus: Corpus) -> Table:
    """Return nodes with what they are and how many documents they have; a group's first leads it.

    Sentences stand below the names, or beside them where there is room.
    """
    is_broad = out().width >= BROAD
    columns = (
        Column("node"),
        Column("name"),
        number("size", CALLED[corpus]),
        *([Column("about")] if is_broad else []),
    )
    rows: list[Row] = []
    for group in groups:
        if rows:
            rows.append(Row({column.key: "" for column in columns}))
        rows += _node_rows(group, is_broad=is_broad)
    return Table.of(columns, rows)


def _node_rows(group: Sequence[Node], *, is_broad: bool) -> Iterator[Row]:
    """Yield a row for each node; a category and its only topic have one together."""
    head, *rest = group
    is_led = head.layer == "categories"
    addresses = [head.address, *(f"{'  ' * is_led}{node.address}" for node in rest)]
    if is_led and len(rest) == 1:
        group, addresses = rest, [f"{head.address}, {rest[0].address}"]
    for node, place in zip(group, addresses, strict=True):
        name = node.name + (" (hidden)" if node.hidden else "")
        about = _about(node)
        cells = {
            "node": place,
            "name": name if is_broad else f"{name}\n{about}",
            "size": node.size,
            "about": f"\n{about}".lstrip() if is_broad else "",
        }
        yield Row(cells, is_group=is_led and place == addresses[0])


def _about(node: Node) -> str:
    """Return what a node is in a sentence; of what people made, its words."""
    return node.description or f"Words: {', '.join(node.keywords[:KEYWORDS_SHOWN])}."


def _noise(shown: Taxonomy) -> list[str]:
    structure = shown.structure
    return [structure.told, ""] if structure is not None and structure.is_noise else []


def _said_of_all(shown: Taxonomy) -> list[str]:
    """Return by what codebook it is guided, and what people decided of it."""
    lines = []
    guidance = shown.guidance
    if guidance is not None:
        lines.append(
            f"Guided by the codebook {guidance.book}: a topic that firmly has one of its codes is "
            "named by it."
            if guidance.weight
            else guidance.told
        )
    standing = sum(outcome.state != "undone" for outcome in shown.outcomes)
    if standing:
        lines.append(f"Decisions by people: {standing}, of which lost: {len(shown.lost)}.")
    return lines


def _standing(shown: Taxonomy) -> str:
    """Return which nodes stood firm, in words."""
    nodes = [*shown.category_nodes, *shown.topic_nodes]
    measured = [node for node in nodes if node.standing != "unmeasured"]
    loose = [node.address for node in measured if node.standing == "unstable"]
    told = f"{len(measured) - len(loose)} of {len(measured)} categories and topics are found again"
    if not loose:
        return f"{told} by either half of the runs."
    return f"{told} by either half of the runs; less so: {', '.join(loose)}."


def sure_parts(shown: Taxonomy) -> list[Table | str]:
    """Return the layers with how firmly each node stands, and what names it."""
    columns = (
        Column("node", "node"),
        number("size", "size"),
        *texts("stability", "name"),
        Column("named_by", "named by"),
    )
    rows: list[Row] = []
    for category in sorted(shown.category_nodes, key=_largest):
        rows.append(Row(_tree_cells(category), is_group=True))
        topics = sorted(shown.topics_in(category.number), key=_largest)
        rows += [Row(_tree_cells(topic), is_member=True) for topic in topics]
    return [*_noise(shown), Table.of(columns, rows, notes=_figures(shown))]


def _tree_cells(node: Node) -> dict[str, Any]:
    return {
        "node": node.address,
        "size": node.size,
        "stability": node.stability_in_words,
        "name": node.name + (" (hidden)" if node.hidden else ""),
        "named_by": NAMED_BY[node.named_by],
    }


def _largest(node: Node) -> tuple[bool, int, int]:
    return (node.hidden, -node.size, node.number)


def topics_table(shown: Taxonomy, titles: Mapping[str, str], *, how_sure: bool) -> Table:
    """Return one line a topic, with keywords and exemplars, and a line on what is not placed."""
    columns = (
        number("topic", "topic"),
        Column("category", "in"),
        number("size", "size"),
        *texts(*(["stability"] if how_sure else []), "keywords"),
        *([Column("code", "code")] if shown.is_guided else []),
        Column("exemplars", "such as"),
    )
    rows = [
        {
            "topic": topic.number,
            "code": topic.code_in_words,
            "category": address("categories", topic.category),
            "size": topic.size,
            "stability": topic.stability_in_words,
            "keywords": ", ".join(topic.keywords[:KEYWORDS_SHOWN])
            + (" (hidden)" if topic.hidden else ""),
            "exemplars": ", ".join(titles[key] for key in topic.exemplars[:EXEMPLARS_SHOWN]),
        }
        for topic in shown.topic_nodes
    ]
    notes = _figures(shown) if how_sure else _said_of_all(shown)
    return Table.of(columns, rows, notes=notes)


def _figures(shown: Taxonomy) -> list[str]:
    """Return how sure the whole is, in the words of the method."""
    n_docs = len(shown.topic_of)
    unplaced = list(shown.topic_of.values()).count(NOISE)
    share = unplaced / n_docs if n_docs else 0.0
    lines = [
        f"{len(shown.topic_nodes)} topics in {len(shown.category_nodes)} categories; "
        f"{unplaced:,} of {n_docs:,} documents ({share:.0%}) are unplaced.",
        "Stability, from 0 to 1: how far the two halves of the ensemble, each by itself, find the "
        "node; below 0.8 it is unstable. On the whole the halves agree with AMI "
        f"{shown.measured['halves_ami']:.2f}.",
    ]
    if shown.guidance is not None:
        lines.append(shown.guidance.told)
    beyond = [topic.address for topic in shown.topic_nodes if topic.code_in_words == BEYOND]
    if shown.is_guided and beyond:
        lines.append(f"Beyond the codebook, as none of its codes covers them: {', '.join(beyond)}.")
    return lines


def node_parts(
    shown: Taxonomy,
    corpus: Corpus,
    node: Node,
    documents: DocumentsTable,
) -> list[Table | str]:
    """Return all that is known of one node: what it is, its words, its topics, its documents."""
    from taxonomy.nodes import Topic

    kind, within = "Category", ""
    if isinstance(node, Topic):
        category = shown.node("categories", node.category)
        kind, within = "Topic", f", in {category.reference}" if category else ""
    sure = f"stability {node.stability_in_words}; named by {NAMED_BY[node.named_by]}"
    topics = sorted(shown.topics_in(node.number), key=_largest) if kind == "Category" else []
    code = node.code_in_words if shown.is_guided else ""
    parts: list[Table | str] = [
        f"{kind} {node.reference}{within}: {node.size:,} {CALLED[corpus]}"
        + (", hidden" if node.hidden else ""),
        *([node.description] if node.description else []),
        *([f"How sure is this? {sure}"] if documents.how_sure else []),
        f"Words: {', '.join(node.keywords)}",
        f"Typical: {', '.join(documents.titles[key] for key in node.exemplars)}",
        *([f"Code: {code}"] if code else []),
        *(f"Note: {note}" for note in node.notes),
        "",
    ]
    if topics:
        parts += [_nodes_table([topics], corpus), ""]
    return [*parts, *documents.parts(shown.members(node), where="in" if topics else "")]


def unplaced_parts(shown: Taxonomy, documents: DocumentsTable) -> list[Table | str]:
    """Return the documents that are in no topic; raise `InputError` where there is none."""
    keys = [key for key, topic in shown.topic_of.items() if topic == NOISE]
    if not keys:
        raise InputError("No document is unplaced.")
    return documents.parts(keys, where="nearest")


class DocumentsTable:
    """Documents of a taxonomy, the surest first, with what they say of themselves.

    Parameters
    ----------
    about
        What each says of itself, by key; its first words are shown.
    how_sure
        Whether the strength of each is shown.
    most
        How many are shown; None: all.
    """

    def __init__(
        self,
        shown: Taxonomy,
        titles: Mapping[str, str],
        about: Mapping[str, str],
        *,
        corpus: Corpus,
        how_sure: bool,
        most: int | None,
    ) -> None:
        self.titles, self.how_sure, self._called = titles, how_sure, CALLED[corpus]
        self._shown, self._about, self._most = shown, about, most

    def parts(self, keys: Sequence[str], *, where: str = "") -> list[Table | str]:
        """Return a table of documents, and how many more there are.

        Parameters
        ----------
        where
            What is said before the topic of each; empty: all are of one, which is not said.
        """
        shown = self._shown
        ordered = sorted(keys, key=lambda key: (key in shown.moved, -shown.strength_of[key], key))
        seen = ordered[: self._most]
        is_broad = out().width >= BROAD
        joint = "\n" if is_broad else " · "
        titles = {key: joint.join([self.titles[key], *self._more(key, where)]) for key in seen}
        lines = [line for title in titles.values() for line in title.split("\n")]
        beside = max(map(len, lines)) if is_broad else 0
        most = max(LINES_ABOUT * (out().width - beside - GAPS), FEWEST_ABOUT)
        columns = (
            Column("mark"),
            Column("title"),
            Column(
                "strength", "strength", is_number=True, in_print=self.how_sure,
                form=lambda strength: BY_PERSON if strength is None else f"{strength:.2f}",
            ),
            *([Column("about")] if is_broad else []),
        )  # fmt: skip
        rows = []
        for key, title in titles.items():
            about = first_words(self._about.get(key, ""), most=most)
            strength = shown.strength(key)
            cells = {"mark": "•", "title": title, "strength": strength, "about": about}
            rows.append(cells if is_broad else cells | {"title": f"{title}\n{about}".rstrip()})
        more = len(ordered) - len(seen)
        called = f"The {len(ordered):,} {self._called}, surest first:"
        table = Table.of(columns, rows)
        return [called, table, *([f"{more:,} more: --all shows them."] if more else [])]

    def _more(self, key: str, where: str) -> list[str]:
        """Return in which topic a document is, and that a person put it there."""
        node = self._shown.node("topics", self._shown.nearest_of[key])
        more = [f"{where} {node.address} {node.name}"] if where and node is not None else []
        return [*more, *(["put here by a person"] if key in self._shown.moved else [])]
