"""Names as tables for the terminal, and as values for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from artifacts.words import Layer
from taxonomy.nodes import Node, address

if TYPE_CHECKING:
    from taxonomy.names.choosing import Named

ORDER: tuple[Layer, Layer] = ("categories", "topics")


def names_values(named: Named) -> dict[str, Any]:
    """Return all names as JSON values."""
    service = named.proposals
    return {
        "shown": "documents" if service is None else service.shown,
        "service": None
        if service is None
        else {
            "endpoint": service.endpoint,
            "model": service.model,
            "asked_at": service.asked_at.isoformat(),
        },
        "lost": [] if named.matched is None else [p.name for p in named.matched.lost],
        **{layer: [_values(named, layer, node) for node in named.found.nodes(layer)]
           for layer in ORDER},
    }  # fmt: skip


def _values(named: Named, layer: Layer, node: Node) -> dict[str, Any]:
    made = named.names.of(layer)[node.number]
    now = _now(named, layer, node.number)
    return {
        "node": address(layer, node.number),
        "documents": node.size,
        "shown": None if now is None else now.name,
        "named_by": None if now is None else now.named_by,
        "name": made.name,
        "shares": dict(made.shares),
        "meets_share": made.meets_share,
        "alternatives": list(made.alternatives),
        "proposed": _proposed(named, layer, node.number),
    }


def names_tables(named: Named) -> Group:
    """Return a table a layer: names, the share of documents that say each word, and others."""
    parts: list[Table | Text] = [_table(named, layer) for layer in ORDER]
    short = named.names.short()
    if short:
        parts.append(Text(f"! a word is in less than a fifth of the documents: {', '.join(short)}"))
    if named.proposals is not None and named.matched is not None:
        service = named.proposals
        parts.append(
            Text(
                f"{service.model} at {service.endpoint} proposed names on "
                f"{service.asked_at:%Y-%m-%d %H:%M} UTC; shown: those of the {service.shown}."
            )
        )
        if lost := [p.name for p in named.matched.lost]:
            parts.append(Text(f"Proposed for what is no more, or taken: {', '.join(lost)}."))
    return Group(*parts)


def _table(named: Named, layer: Layer) -> Table:
    table = Table(title=layer.capitalize(), title_justify="left")
    table.add_column("", justify="right")
    table.add_column("name")
    table.add_column("words in documents")
    table.add_column("n", justify="right")
    with_service = named.proposals is not None
    table.add_column("proposed" if with_service else "alternatives")
    for node in named.found.nodes(layer):
        made = named.names.of(layer)[node.number]
        shares = ", ".join(f"{word} {share:.0%}" for word, share in made.shares)
        others = _proposed(named, layer, node.number) or "–"
        table.add_row(
            address(layer, node.number),
            Text(("" if made.meets_share else "! ") + made.name + _shown_as(named, layer, node)),
            Text(shares),
            str(node.size),
            Text(others if with_service else "; ".join(made.alternatives)),
        )
    return table


def _shown_as(named: Named, layer: Layer, node: Node) -> str:
    now = _now(named, layer, node.number)
    if now is None:
        return " (not shown: people regrouped it)"
    made = named.names.of(layer)[node.number].name
    return "" if now.name == made else f"\n→ {now.name} ({now.named_by})"


def _now(named: Named, layer: Layer, number: int) -> Node | None:
    """Return the node of that number as people see it."""
    return next((node for node in named.shown.nodes(layer) if node.number == number), None)


def _proposed(named: Named, layer: Layer, number: int) -> str | None:
    return None if named.matched is None else named.matched.names.get((layer, number))
