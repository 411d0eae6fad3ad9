"""A comparison as text: tables and sentences for a terminal, and all of it as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from reports.comparison.inputs import ShownComparison, ShownLineage, is_told
from reports.comparison.words import (
    floor_sentence,
    growth_name,
    headline,
    p_in_words,
    percent,
    sentences,
    size_in_words,
)
from reports.tables import Column, Table, number, texts
from taxonomy.lineage.joint import Joint
from taxonomy.lineage.values import Chain, LineageEvent

ROWS_SHOWN = 20


def parts(shown: ShownComparison, *, everything: bool) -> Iterator[Table | str]:
    """Yield the whole comparison; without ``everything``, without what is noise."""
    for pair in shown.pairs():
        yield from _pair_parts(pair, everything=everything)
    if shown.chain is not None:
        yield from ("", _chain_table(shown, shown.chain))
    if shown.joint is not None:
        yield from ("", _joint_table(shown, shown.joint))
    yield from ("", "To quote")
    for pair in shown.pairs():
        yield from (f"- {sentence}" for sentence in sentences(pair))
    yield from (f"- {note}" for note in shown.notes)


def _pair_parts(pair: ShownLineage, *, everything: bool) -> Iterator[Table | str]:
    yield f"{pair.earlier.name} → {pair.later.name}, {pair.lineage.layer}"
    yield from ("", headline(pair), "")
    n_others = 0 if everything else sum(not is_told(event) for event in pair.lineage.events)
    events = _events_table(pair, pair.events(everything=everything))
    if events.rows:
        yield events
    if n_others:
        yield f"{n_others} go on, or are within the noise; --all shows them."
    yield from ("", _growth_table(pair, everything=everything))
    yield from ("", _moves_table(pair, everything=everything))
    yield from ("", "Noise floor", floor_sentence(pair), "")


def _events_table(pair: ShownLineage, events: Sequence[LineageEvent]) -> Table:
    columns = (
        *texts("verdict", "event"),
        Column("nodes", "earlier → later, such as"),
        *texts("size", "p"),
    )
    rows = [
        {
            "verdict": event.verdict,
            "event": event.kind,
            "nodes": "\n".join(
                filter(None, (_nodes(pair, event), pair.titles(event.evidence[:3]), event.reason))
            ),
            "size": size_in_words(event),
            "p": p_in_words(event.p).removeprefix("p ").removeprefix("= "),
        }
        for event in events
    ]
    return Table.of(columns, rows)


def _nodes(pair: ShownLineage, event: LineageEvent) -> str:
    return " → ".join(filter(None, (pair.before(event), pair.after(event))))


def _growth_table(pair: ShownLineage, *, everything: bool) -> Table:
    columns = (
        Column("name", "node"),
        *(Column(key, key, is_number=True) for key in ("earlier", "later", "95 %")),
        *(Column(key, key, is_number=True) for key in ("new", "left", "in", "out", "re-d.")),
        number("p", "p", 2),
        Column("verdict"),
    )
    in_order = sorted(
        pair.lineage.growth,
        key=lambda g: (-abs(g.difference), g.later is None, g.later or 0, g.earlier or 0),
    )
    rows = [
        {
            "name": growth_name(pair, growth),
            "earlier": f"{growth.size_earlier:,} ({percent(growth.share_earlier)})",
            "later": f"{growth.size_later:,} ({percent(growth.share_later)})",
            "95 %": "" if growth.later is None else f"{growth.low:.0f}–{growth.high:.0f}",
            "new": f"+{growth.new:,}",
            "left": f"−{growth.left:,}",
            "in": f"+{growth.moved_in:,}",
            "out": f"−{growth.moved_out:,}",
            "re-d.": f"{growth.redescribed:,}",
            "p": growth.p,
            "verdict": growth.verdict,
        }
        for growth in in_order
    ]
    note = "later = earlier + new − left + in − out; 95 %: of the later size, by re-running; "
    note += "re-d.: stayed, with another text."
    return _first(Table.of(columns, rows, caption="Growth", notes=[note]), everything=everything)


def _moves_table(pair: ShownLineage, *, everything: bool) -> Table:
    columns = (*texts("document", "from", "to", "text"),)
    rows = [
        {
            "document": pair.title(move.key_later or ""),
            "from": pair.earlier.called(move.earlier),
            "to": pair.later.called(move.later),
            "text": "other" if move.is_redescribed else "same",
        }
        for move in pair.lineage.moves
        if move.stay == "moved"
    ]
    none = "No document moved between nodes that do not continue each other."
    table = Table.of(columns, rows, caption="Moved", notes=[] if rows else [none])
    return _first(table, everything=everything)


def _first(table: Table, *, everything: bool) -> Table:
    """Return the first rows of a table, and how many there are more; all if wanted."""
    more = len(table.rows) - ROWS_SHOWN
    if everything or more <= 0:
        return table
    notes = (*table.notes, f"{more:,} more: --all, or --format csv.")
    return replace(table, rows=table.rows[:ROWS_SHOWN], notes=notes)


def _chain_table(shown: ShownComparison, chain: Chain) -> Table:
    names: dict[int, dict[str, str | None]] = {}
    parents: dict[int, tuple[int, ...]] = {}
    for node in chain.nodes:
        side = shown.sides[node.snapshot]
        name = f"{side.called(node.number)}, {side.size(node.number):,}"
        names.setdefault(node.identity, {})[str(node.snapshot)] = name
        parents.setdefault(node.identity, node.parents)
    columns = (
        Column("id", "id"),
        *(
            Column(str(place), side.day.isoformat(), form=lambda name: name or "–")
            for place, side in enumerate(shown.sides)
        ),
        Column("parents", "came of"),
    )
    nowhere: dict[str, str | None] = {str(place): None for place in range(len(shown.sides))}
    rows = [
        {"id": str(identity), "parents": ", ".join(map(str, parents[identity])), **nowhere}
        | names[identity]
        for identity in sorted(names)
    ]
    return Table.of(columns, rows, caption="Identities")


def _joint_table(shown: ShownComparison, joint: Joint) -> Table:
    pair = shown.pairs()[0]
    columns = (
        Column("name", "joint node"),
        number("size_earlier", "earlier"),
        number("size_later", "later"),
        Column("reading", "reading"),
        Column("disagreement", "against the separate view", form=lambda other: other or "agrees"),
    )
    notes = [
        f"A document of both is in it once, with its later text. In none: {joint.unplaced[0]:,} "
        f"earlier, {joint.unplaced[1]:,} later."
    ]
    if joint.unseen:
        notes.append("Events of the separate view that no joint node shows:")
        notes += [f"- {e.kind} ({e.verdict}): {_nodes(pair, e)}" for e in joint.unseen]
    caption = "One model of both, counted by snapshot"
    return Table.of(columns, map(vars, joint.nodes), caption=caption, notes=notes)


def values(shown: ShownComparison) -> dict[str, Any]:
    """Return the whole comparison as JSON-compatible values, with the sentences."""
    return {
        "name": shown.name,
        "sides": [
            {
                "name": side.name,
                "day": side.day,
                "documents": len(side.node_of),
                "placed": side.placed,
                "nodes": [{**vars(node), "size": side.size(node.number)} for node in side.nodes],
            }
            for side in shown.sides
        ],
        "lineages": shown.lineages,
        "identities": [] if shown.chain is None else [vars(node) for node in shown.chain.nodes],
        "joint": shown.joint,
        "sentences": [sentences(pair) for pair in shown.pairs()],
        "notes": shown.notes,
    }
