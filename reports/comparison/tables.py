"""The tables of a comparison, for spreadsheets and papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from embeddings.text.words import plain, words_of
from reports.comparison.inputs import ShownComparison, ShownLineage, ShownSide
from reports.comparison.words import DOCUMENTS, growth_name
from reports.tables import Cell, Column, Table, for_data, number
from taxonomy.lineage.joint import Joint
from taxonomy.lineage.values import Chain, Flow, Growth, LineageEvent, Move, NodeLink
from taxonomy.nodes import Node

P_NOTE = "p: corrected over all nodes by the maximum statistic, the larger of re-running and of "
P_NOTE += "exchanging documents."
_PAIR = for_data("from", "to")


def tables(shown: ShownComparison, *, in_print: bool) -> list[Table]:
    """Return all tables: each lists every pair of neighbours, in the order of time.

    ``in_print`` leaves out the documents that did not move.
    """
    pairs = shown.pairs()
    moves = partial(moves_table, moved_only=in_print)
    makers = (events_table, growth_table, links_table, moves, flows_table)
    made = [make(pairs) for make in makers]
    if shown.chain is not None:
        made.append(_chain_table(shown, shown.chain))
    if shown.joint is not None:
        made.append(_joint_table(shown, shown.joint))
    return made


def events_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return the events, changes first."""
    rows = [
        _pair(pair) | _event_cells(pair, event)
        for pair in pairs
        for event in pair.events(everything=True)
    ]
    columns = (
        *_PAIR,
        Column("event", "Event"),
        Column("verdict", "Verdict"),
        Column("earlier", "Earlier", width=0.22),
        Column("later", "Later", width=0.22),
        number("size", "Size", 2),
        number("p", "p", 3),
        *for_data("p_rerun", "p_documents", "reason"),
        Column("evidence", "Such as", width=0.22),
    )
    caption = "What became of the nodes. Size: of births and deaths, the share of documents that "
    caption += "had nowhere to be on the other side; of splits and merges, the share outside the "
    caption += f"largest part; else the cosine distance of the centroids. {P_NOTE}"
    return _table("events", _captioned(pairs, caption), columns, rows)


def _event_cells(pair: ShownLineage, event: LineageEvent) -> dict[str, Cell]:
    return vars(event) | {
        "event": event.kind,
        "earlier": pair.before(event),
        "later": pair.after(event),
        "p": event.p,
        "evidence": pair.titles(event.evidence),
    }


def growth_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return why sizes differ."""
    rows = [_pair(pair) | _growth_cells(pair, g) for pair in pairs for g in pair.lineage.growth]
    columns = (
        *_PAIR,
        *for_data("earlier_node", "later_node"),
        Column("name", "Node", width=0.28, in_data=False),
        number("earlier", "Earlier"),
        number("later", "Later"),
        number("low", "low"),
        number("high", "high"),
        number("new", "New"),
        number("left", "Left"),
        number("moved_in", "In"),
        number("moved_out", "Out"),
        number("stayed", "Stayed"),
        number("redescribed", "Re-described"),
        *for_data("share_earlier", "share_later"),
        number("p", "p", 3),
        Column("verdict", "Verdict"),
    )
    caption = "Why sizes differ: later less earlier is new less left plus in less out. Low and "
    caption += f"high: 95 % interval of the later size, by re-running. {P_NOTE}"
    return _table("growth", _captioned(pairs, caption), columns, rows)


def _growth_cells(pair: ShownLineage, growth: Growth) -> dict[str, Cell]:
    return vars(growth) | {
        "earlier_node": _named(pair.earlier, growth.earlier),
        "later_node": _named(pair.later, growth.later),
        "name": growth_name(pair, growth),
        "earlier": growth.size_earlier,
        "later": growth.size_later,
    }


def _named(side: ShownSide, number: int | None) -> str | None:
    return None if number is None else side.called(number)


def links_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return the pairs of nodes that have something to do with each other."""
    rows = [_pair(pair) | _link_cells(pair, link) for pair in pairs for link in pair.lineage.links]
    columns = (
        *_PAIR,
        Column("earlier", "Earlier", width=0.26),
        Column("later", "Later", width=0.26),
        number("shared", "Shared"),
        number("jaccard", "Jaccard", 2),
        number("part_of_earlier", "Of earlier", 2),
        number("part_of_later", "Of later", 2),
        number("content", "Content", 2),
        Column("assigned", "Paired"),
        *for_data("heir"),
    )
    caption = "Links between nodes: documents shared, their Jaccard index, the shares of the "
    caption += "earlier and of the later node that the other has (MONIC, Spiliopoulou et al. "
    caption += "2006), and the cosine of the centroids. Paired: by the best one-to-one assignment."
    return _table("links", _captioned(pairs, caption), columns, rows)


def _link_cells(pair: ShownLineage, link: NodeLink) -> dict[str, Cell]:
    return vars(link) | {
        "earlier": pair.earlier.called(link.earlier),
        "later": pair.later.called(link.later),
        "assigned": "yes" if link.is_assigned else "no",
        "heir": "yes" if link.is_heir else "no",
    }


def moves_table(pairs: Sequence[ShownLineage], *, moved_only: bool) -> Table:
    """Return what became of each document."""
    rows = [
        _pair(pair) | _move_cells(pair, move)
        for pair in pairs
        for move in pair.lineage.moves
        if move.stay == "moved" or not moved_only
    ]
    columns = (
        *_PAIR,
        Column("document", "Document", width=0.28),
        *for_data("key_earlier", "key_later"),
        Column("what", "What"),
        Column("earlier", "Earlier", width=0.26),
        Column("later", "Later", width=0.26),
        *for_data("redescribed"),
    )
    return _table("moves", _captioned(pairs, "What became of each document."), columns, rows)


def _move_cells(pair: ShownLineage, move: Move) -> dict[str, Cell]:
    return vars(move) | {
        "document": pair.title(move.key_later or move.key_earlier or ""),
        "what": move.stay,
        "earlier": _named(pair.earlier, None if move.key_earlier is None else move.earlier),
        "later": _named(pair.later, None if move.key_later is None else move.later),
        "redescribed": "yes" if move.is_redescribed else "no",
    }


def flows_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return how many documents went from where to where."""
    rows = [_pair(pair) | _flow_cells(pair, flow) for pair in pairs for flow in pair.lineage.flows]
    columns = (
        *_PAIR,
        Column("earlier", "From", width=0.36),
        Column("later", "To", width=0.36),
        number("documents", "Documents"),
    )
    return _table("flows", _captioned(pairs, "From where to where."), columns, rows)


def _flow_cells(pair: ShownLineage, flow: Flow) -> dict[str, Cell]:
    return vars(flow) | {
        "earlier": pair.earlier.called(flow.earlier),
        "later": pair.later.called(flow.later),
    }


def _chain_table(shown: ShownComparison, chain: Chain) -> Table:
    """Return the identity of each node over all snapshots of a chain."""
    rows = []
    for node in sorted(chain.nodes, key=lambda node: (node.identity, node.snapshot)):
        side = shown.sides[node.snapshot]
        cells = {
            "snapshot": side.name,
            "node": side.called(node.number),
            "size": side.size(node.number),
            "parents": ", ".join(map(str, node.parents)),
        }
        rows.append(vars(node) | cells)
    columns = (
        number("identity", "Id"),
        Column("snapshot", "Taxonomy", width=0.25),
        Column("node", "Node", width=0.3),
        number("size", "Size"),
        Column("since", "Since"),
        Column("parents", "Came of"),
    )
    caption = "Nodes over all snapshots: one that goes on keeps its id."
    return _table("identities", caption, columns, rows)


def _joint_table(shown: ShownComparison, joint: Joint) -> Table:
    """Return the nodes of the joint model, with their sizes in each snapshot."""
    pair = shown.pairs()[0]
    rows = [
        vars(node)
        | {
            "earlier": _named(pair.earlier, node.earlier),
            "later": _named(pair.later, node.later),
        }
        for node in joint.nodes
    ]
    columns = (
        Column("name", "Joint node", width=0.22),
        number("size_earlier", "Earlier"),
        number("size_later", "Later"),
        Column("reading", "Reading"),
        Column("earlier", "Like earlier", width=0.16),
        Column("later", "Like later", width=0.16),
        Column("disagreement", "Against the separate view", width=0.18),
    )
    caption = "One model of the documents of both snapshots, counted by snapshot, and where it "
    caption += "disagrees with the comparison of two."
    return _table("joint", caption, columns, rows)


def _table(
    name: str, caption: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Cell]]
) -> Table:
    return Table.of(columns, rows, name=f"lineage-{name}", caption=caption)


def _pair(pair: ShownLineage) -> dict[str, Cell]:
    return {"from": pair.earlier.name, "to": pair.later.name}


def _captioned(pairs: Sequence[ShownLineage], caption: str) -> str:
    first, last = pairs[0].earlier, pairs[-1].later
    return (
        f"{DOCUMENTS[first.corpus].capitalize()}, {first.layer}, {first.day.isoformat()} to "
        f"{last.day.isoformat()}. {caption}"
    )


def keywords_changed(
    before: str, after: str, nodes: Sequence[Node], *, most: int
) -> tuple[list[str], list[str]]:
    """Return the keywords of the nodes that a text has gained, and those that it has lost.

    Parameters
    ----------
    before, after
        What a document said of itself on each side.
    most
        Of each, those of the highest ranks among their nodes' keywords.
    """
    ranked = sorted((rank, word) for node in nodes for rank, word in enumerate(node.keywords))
    words = list(dict.fromkeys(word for _, word in ranked))
    old, new = _words(before), _words(after)
    gained = [word for word in words if _words(word) <= new and not _words(word) <= old]
    lost = [word for word in words if _words(word) <= old and not _words(word) <= new]
    return gained[:most], lost[:most]


def _words(text: str) -> set[str]:
    return set(words_of(plain(text)))
