"""Crosswalks and what coders say of them, as tables for the terminal and as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.words import Layer
from taxonomy.evaluation import Figure
from taxonomy.guidance.crosswalk import Crosswalk
from taxonomy.guidance.gold import ABSTAINED, NO_CODE, Ceiling, Judgement
from taxonomy.guidance.scores import Coding
from taxonomy.nodes import Node, address
from taxonomy.taxonomy import Taxonomy

UNKNOWN_SHOWN = 5
WIDEST = 6
"""Most classes that a table of confusions has room to name above its columns."""


def crosswalk_table(found: Crosswalk, shown: Taxonomy) -> Group:
    """Return a line for each category and its topics, and how many documents have each code."""
    table = Table("node", "name", "documents", "code", "share", "margin", "", box=None)
    for column in (0, 2, 4, 5):
        table.columns[column].justify = "right"
    for layer, node in _tree(shown):
        coding = found.nodes(layer)[node.number]
        table.add_row(
            address(layer, node.number),
            Text(_called(layer, node)),
            f"{coding.size:,}",
            coding.code or "–",
            "–" if coding.share is None else f"{coding.share:.0%}",
            f"{coding.margin:.0%}",
            Text("" if coding.reason is None else f"no code: {coding.reason}"),
        )
    return Group(Text(f"{found.codebook.title} ({found.codebook.name})"), table, _counts(found))


def documents_table(found: Crosswalk, titles: Mapping[str, str]) -> Group:
    """Return a line for each document, by code, the surest first; those without one last."""
    table = Table("document", "code", "margin", "", box=None)
    table.columns[2].justify = "right"
    place = {code.id: number for number, code in enumerate(found.codebook.codes)}
    in_order = sorted(
        found.documents.items(),
        key=lambda item: (place.get(item[1].code or "", len(place)), -item[1].margin, item[0]),
    )
    for key, coding in in_order:
        reason = "" if coding.reason is None else f"no code: {coding.reason}"
        code = coding.code or "–"
        table.add_row(Text(titles[key]), code, f"{coding.margin:.2f}", Text(reason))
    return Group(Text(f"{found.codebook.title} ({found.codebook.name})"), table, _counts(found))


def crosswalk_values(
    found: Crosswalk, shown: Taxonomy, titles: Mapping[str, str], *, documents: bool
) -> dict[str, Any]:
    """Return a crosswalk as JSON-compatible values; each document only if they are asked for."""
    nodes = [
        {
            "node": address(layer, node.number),
            "name": node.name,
            "stability": node.stability,
            **asdict(found.nodes(layer)[node.number]),
        }
        for layer, node in _tree(shown)
    ]
    values: dict[str, Any] = {
        "codebook": found.codebook.name,
        "nodes": nodes,
        "documents_by_code": found.n_documents(),
        "documents_without_code": _n_abstained(found),
    }
    if documents:
        values["documents"] = [
            {"key": key, "title": titles[key], **_of_document(coding)}
            for key, coding in found.documents.items()
        ]
    return values


def judgement_table(title: str, found: Sequence[Judgement], ceiling: Sequence[Ceiling]) -> Group:
    """Return a line for each coder, what coders agree on, and who was confused with whom."""
    columns = ("coder", "documents", "abstained", "κ (95 %)", "κ, none abstained")
    table = Table(*columns, box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for each in found:
        table.add_row(
            Text(each.name),
            str(each.n_judged),
            f"{each.abstention:.0%}",
            _figure(each.kappa),
            _figure(each.kappa_forced),
        )
    lines = [
        Text(f"ceiling, {c.name}, {c.n_docs} documents of both: {_figure(c.kappa)}")
        for c in ceiling
    ]
    lines += [_unknown(each) for each in found if each.unknown]
    return Group(Text(title), table, *lines, *(_confusion(each) for each in found))


def judgement_values(
    codebook: str, found: Sequence[Judgement], ceiling: Sequence[Ceiling]
) -> dict[str, Any]:
    """Return what coders say of a crosswalk as JSON-compatible values."""
    return {
        "codebook": codebook,
        "coders": [
            {
                **asdict(each),
                "abstention": each.abstention,
                "confusion": [
                    {"coder": theirs, "crosswalk": ours, "documents": n}
                    for (theirs, ours), n in sorted(each.confusion.items())
                ],
            }
            for each in found
        ],
        "ceiling": [asdict(each) for each in ceiling],
    }


def _tree(shown: Taxonomy) -> Iterator[tuple[Layer, Node]]:
    """Yield each category, followed by its topics, without what people have hidden."""
    for category in shown.category_nodes:
        if category.hidden:
            continue
        yield "categories", category
        for topic in shown.topic_nodes:
            if topic.category == category.number and not topic.hidden:
                yield "topics", topic


def _called(layer: Layer, node: Node) -> str:
    indent = "" if layer == "categories" else "  "
    unstable = node.stability is not None and not node.is_stable
    return f"{indent}{node.name}{' (unstable)' if unstable else ''}"


def _of_document(coding: Coding) -> dict[str, Any]:
    return {name: getattr(coding, name) for name in ("code", "best", "second", "margin", "reason")}


def _n_abstained(found: Crosswalk) -> int:
    return sum(coding.code is None for coding in found.documents.values())


def _counts(found: Crosswalk) -> Text:
    counts = ", ".join(f"{code} {n:,}" for code, n in found.n_documents().items())
    n_docs = len(found.documents)
    none = _n_abstained(found)
    share = none / n_docs if n_docs else 0.0
    return Text(f"documents: {counts}; without a code {none:,} of {n_docs:,} ({share:.0%})")


def _figure(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f} ({figure.low:.2f}–{figure.high:.2f})"


def _unknown(each: Judgement) -> Text:
    names = ", ".join(each.unknown[:UNKNOWN_SHOWN])
    more = ", …" if len(each.unknown) > UNKNOWN_SHOWN else ""
    return Text(f"{each.name} codes {len(each.unknown)} that the taxonomy lacks: {names}{more}")


def _confusion(each: Judgement) -> Table:
    """Return the coder's classes as rows, the crosswalk's as columns, numbered if many."""
    classes = sorted(
        {name for pair in each.confusion for name in pair},
        key=lambda name: (name in (NO_CODE, ABSTAINED), name),
    )
    numbered = len(classes) > WIDEST
    table = Table(box=None)
    table.add_column(Text(f"{each.name} says"))
    for number, name in enumerate(classes, start=1):
        table.add_column(Text(str(number) if numbered else name), justify="right")
    for number, row in enumerate(classes, start=1):
        cells = [each.confusion.get((row, column), 0) for column in classes]
        said = Text(f"{number} {row}" if numbered else row)
        table.add_row(said, *(str(n) if n else "·" for n in cells))
    return table
