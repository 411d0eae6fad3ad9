"""Comparisons of taxonomies for the terminal, readable at a hundred columns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.comparison.inputs import ShownComparison, ShownLineage, ShownSide, is_told
from reports.comparison.words import (
    floor_sentence,
    growth_name,
    headline,
    p_said,
    percent,
    sentences,
    size_said,
)
from taxonomy.lineage.joint import Joint
from taxonomy.lineage.values import Event, Growth

NODE_VALUES = ("number", "name", "keywords", "stability")
WIDTH = 100
EVIDENCE_SHOWN = 3
ROWS_SHOWN = 20


def comparison_view(shown: ShownComparison, *, everything: bool) -> Group:
    """Return the whole comparison; without ``everything``, without what is noise."""
    parts: list[RenderableType] = []
    for pair in shown.pairs():
        parts += _pair_parts(pair, everything=everything)
    if shown.chain is not None:
        parts += [_heading("Identities"), _chain_table(shown)]
    if shown.joint is not None:
        parts += [_heading("One model of both, counted by snapshot"), *_joint(shown, shown.joint)]
    parts.append(_heading("To quote"))
    for pair in shown.pairs():
        parts += [_hanging(sentence) for sentence in sentences(pair)]
    parts += [_hanging(note) for note in shown.notes]
    return Group(*parts)


def _pair_parts(pair: ShownLineage, *, everything: bool) -> list[RenderableType]:
    parts: list[RenderableType] = [
        Text(f"{pair.earlier.name} → {pair.later.name}, {pair.lineage.layer}", style="bold"),
        Text(""),
        Text(headline(pair)),
        Text(""),
    ]
    if events := pair.events(everything=everything):
        parts.append(_events_table(pair, events))
    n_others = sum(not is_told(event) for event in pair.lineage.events)
    if n_others and not everything:
        parts.append(_note(f"{n_others} go on, or are within the noise; --all shows them."))
    parts += [_heading("Growth"), *_growth(pair, everything=everything)]
    parts += [_heading("Moved"), *_movers(pair, everything=everything)]
    return [*parts, _heading("Noise floor"), Text(floor_sentence(pair)), Text("")]


def _events_table(pair: ShownLineage, events: list[Event]) -> Table:
    table = _table("verdict", "event", "earlier → later, such as", "size", "p")
    table.columns[0].no_wrap = table.columns[1].no_wrap = table.columns[4].no_wrap = True
    table.columns[3].max_width = 20
    for event in events:
        names = " → ".join(filter(None, (pair.before(event), pair.after(event))))
        told = Text(names, style="bold")
        if such := pair.titles(event.evidence[:EVIDENCE_SHOWN]):
            told.append(f"\n{such}", style="not bold")
        if event.reason:
            told.append(f"\n{event.reason}", style="not bold italic")
        p = p_said(event.p).removeprefix("p ").removeprefix("= ")
        table.add_row(event.verdict, event.kind, told, size_said(event), p)
    return table


def _growth(pair: ShownLineage, *, everything: bool) -> list[RenderableType]:
    rows = sorted(
        pair.lineage.growth,
        key=lambda g: (-abs(g.difference), g.later is None, g.later or 0, g.earlier or 0),
    )
    shown = rows if everything else rows[:ROWS_SHOWN]
    heads = ("node", "earlier", "later", "95 %", "new", "left", "in", "out", "re-d.", "p", "")
    table = _table(*heads)
    for column in table.columns[1:-1]:
        column.justify = "right"
        column.no_wrap = True
    for growth in shown:
        table.add_row(Text(growth_name(pair, growth)), *_growth_cells(growth))
    told = (
        "later = earlier + new − left + in − out; 95 %: of the later size, by re-running; re-d.: "
    )
    return [table, _note(f"{told}stayed, with another text.{_more(len(rows) - len(shown))}")]


def _growth_cells(growth: Growth) -> tuple[str, ...]:
    return (
        f"{growth.size_earlier:,} ({percent(growth.share_earlier)})",
        f"{growth.size_later:,} ({percent(growth.share_later)})",
        "" if growth.later is None else f"{growth.low:.0f}–{growth.high:.0f}",
        f"+{growth.new:,}",
        f"−{growth.left:,}",
        f"+{growth.moved_in:,}",
        f"−{growth.moved_out:,}",
        f"{growth.redescribed:,}",
        f"{growth.p:.2f}",
        growth.verdict,
    )


def _movers(pair: ShownLineage, *, everything: bool) -> list[RenderableType]:
    moved = [move for move in pair.lineage.moves if move.stay == "moved"]
    if not moved:
        return [Text("No document moved between nodes that do not continue each other.")]
    shown = moved if everything else moved[:ROWS_SHOWN]
    table = _table("document", "from", "to", "text")
    for move in shown:
        table.add_row(
            Text(pair.title(move.key_later or "")),
            Text(pair.earlier.called(move.earlier)),
            Text(pair.later.called(move.later)),
            "other" if move.is_redescribed else "same",
        )
    return [table, *([_note(_more(len(moved) - len(shown)).strip())] if shown != moved else [])]


def _chain_table(shown: ShownComparison) -> Table:
    table = _table("id", *(side.day.isoformat() for side in shown.sides), "came of")
    rows: dict[int, dict[int, str]] = {}
    parents: dict[int, tuple[int, ...]] = {}
    if shown.chain is not None:
        for node in shown.chain.nodes:
            side = shown.sides[node.snapshot]
            said = f"{side.called(node.number)}, {side.size(node.number):,}"
            rows.setdefault(node.identity, {})[node.snapshot] = said
            parents.setdefault(node.identity, node.parents)
    for identity in sorted(rows):
        cells = [Text(rows[identity].get(place, "–")) for place in range(len(shown.sides))]
        table.add_row(str(identity), *cells, ", ".join(map(str, parents[identity])))
    return table


def _joint(shown: ShownComparison, joint: Joint) -> list[RenderableType]:
    pair = shown.pairs()[0]
    table = _table("joint node", "earlier", "later", "reading", "against the separate view")
    for column in table.columns[1:3]:
        column.justify = "right"
    for node in joint.nodes:
        sizes = (f"{node.size_earlier:,}", f"{node.size_later:,}")
        table.add_row(Text(node.name), *sizes, node.reading, node.disagreement or "agrees")
    told = (
        f"A document of both is in it once, with its later text. In none: {joint.unplaced[0]:,} "
        f"earlier, {joint.unplaced[1]:,} later."
    )
    parts: list[RenderableType] = [table, _note(told)]
    if joint.unseen:
        parts.append(Text("Events of the separate view that no joint node shows:"))
        parts += [_hanging(_short(pair, event)) for event in joint.unseen]
    return parts


def _short(pair: ShownLineage, event: Event) -> str:
    names = " → ".join(filter(None, (pair.before(event), pair.after(event))))
    return f"{event.kind} ({event.verdict}): {names}"


def comparison_values(shown: ShownComparison) -> dict[str, Any]:
    """Return the whole comparison as JSON-compatible values, with the sentences."""
    return {
        "name": shown.name,
        "sides": [_side_values(side) for side in shown.sides],
        "lineages": [asdict(found) for found in shown.lineages],
        "identities": [] if shown.chain is None else [vars(node) for node in shown.chain.nodes],
        "joint": None if shown.joint is None else asdict(shown.joint),
        "sentences": [sentences(pair) for pair in shown.pairs()],
        "notes": list(shown.notes),
    }


def _side_values(side: ShownSide) -> dict[str, Any]:
    return {
        "name": side.name,
        "day": side.day.isoformat(),
        "documents": len(side.node_of),
        "placed": side.placed,
        "nodes": [
            {
                **{name: getattr(node, name) for name in NODE_VALUES},
                "size": side.size(node.number),
            }
            for node in side.nodes
        ],
    }


def _table(*heads: str) -> Table:
    return Table(*heads, box=None, pad_edge=False, padding=(0, 1), width=WIDTH)


def _heading(text: str) -> Padding:
    return Padding(Text(text, style="bold"), (1, 0, 0, 0))


def _note(text: str) -> Text:
    return Text(text, style="dim")


def _hanging(text: str) -> Padding:
    return Padding(Text(f"- {text}"), (0, 0, 0, 0))


def _more(count: int) -> str:
    return f" {count:,} more: --all, or --format csv." if count else ""
