"""What a person is shown who looks at a node, and the table of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.words import Layer
from opsatlas.cli.views.topics import stability_said
from taxonomy.decisions.audit_table import Looked, StandingVerdict, standings
from taxonomy.decisions.auditing import Evidence
from taxonomy.nodes import Node, address, called
from taxonomy.taxonomy import Taxonomy

LONGEST = 160


def audit_view(
    shown: Taxonomy,
    layer: Layer,
    node: Node,
    evidence: Evidence,
    titles: Mapping[str, str],
    about: Mapping[str, str],
) -> Group:
    """Return a node with its exemplars, borderline documents and neighbours, all described."""
    head = Text.assemble(
        (called(layer, node), "bold"),
        f"\n{node.size:,} documents; stability {stability_said(node)}"
        f"\nkeywords: {', '.join(node.keywords)}",
        *(f"\nnote: {note}" for note in node.notes),
    )
    exemplars: Iterable[tuple[str, float | None]] = ((key, None) for key in node.exemplars)
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1)
    for title, rows in (
        ("most typical", _documents(exemplars, titles, about)),
        ("least firmly in it (strength)", _documents(evidence.borderline, titles, about)),
        ("unplaced, nearest to it (strength)", _documents(evidence.outside, titles, about)),
        ("next to it (share of the runs that join them)", _nodes(layer, evidence, titles)),
    ):
        table.add_row("", Text(f"\n{title}", style="bold"))
        for figure, text in rows or [("", Text("none"))]:
            table.add_row(figure, text)
    return Group(head, table)


def _documents(
    keys: Iterable[tuple[str, float | None]], titles: Mapping[str, str], about: Mapping[str, str]
) -> list[tuple[str, Text]]:
    return [
        (
            "" if strength is None else f"{strength:.2f}",
            Text.assemble((titles[key], "underline"), f": {_short(about.get(key, ''))}"),
        )
        for key, strength in keys
    ]


def _nodes(layer: Layer, evidence: Evidence, titles: Mapping[str, str]) -> list[tuple[str, Text]]:
    return [
        (
            f"{share:.2f}",
            Text(
                f"{called(layer, node)}, such as {', '.join(titles[k] for k in node.exemplars[:3])}"
            ),
        )
        for node, share in evidence.neighbours
    ]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1].rstrip()}…"


def verdicts_table(shown: Taxonomy, verdicts: Sequence[Looked]) -> Group:
    """Return the verdicts, oldest first, and how each stands in the taxonomy as it is now."""
    table = Table("when", "who", "looked at", "size", "stability", "said", "now", box=None)
    table.columns[0].no_wrap = True
    table.columns[3].justify = table.columns[4].justify = "right"
    found = standings(shown, verdicts)
    for each in found:
        looked = each.looked
        kind = "category " if looked.layer == "categories" else ""
        because = f": {looked.because}" if looked.because else ""
        table.add_row(
            f"{looked.at:%Y-%m-%d}",
            Text(looked.by),
            Text(f'{kind}"{looked.name}"'),
            f"{looked.size:,}",
            "-" if looked.stability is None else f"{looked.stability:.2f}",
            Text(f"{looked.verdict}{because}"),
            Text(_standing(each)),
        )
    return Group(table, *map(Text, _count(shown, found)))


def _standing(each: StandingVerdict) -> str:
    if each.node is None:
        return f"stale: at most {each.likeness:.0%} the same"
    now = address(each.looked.layer, each.node.number)
    return now if each.likeness == 1 else f"{now}, changed: {each.likeness:.0%} the same"


def _count(shown: Taxonomy, found: Sequence[StandingVerdict]) -> Iterator[str]:
    latest = {
        each.node.number: each.looked.verdict
        for each in found
        if each.node is not None and each.looked.layer == "topics"
    }
    said = list(latest.values())
    yield (
        f"Of {len(shown.topic_nodes)} topics, {said.count('accepted')} are accepted, "
        f"{said.count('rejected')} rejected, and "
        f"{len(shown.topic_nodes) - len(said)} not looked at."
    )
    if stale := sum(each.node is None for each in found):
        yield f"{stale} of {len(found)} verdicts are stale."
