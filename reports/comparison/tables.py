"""The tables of a comparison, for spreadsheets and papers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from embeddings.text.words import plain, words_of
from reports.comparison.inputs import ShownComparison, ShownLineage, ShownSide
from reports.comparison.words import DOCUMENTS, growth_name
from reports.tables import Cell, Column, Row, Table
from taxonomy.lineage.values import Flow, Growth, LineageEvent, Move, NodeLink
from taxonomy.nodes import Node

P_NOTE = "p: corrected over all nodes by the maximum statistic, the larger of re-running and of "
P_NOTE += "exchanging documents."
_PAIR = (Column(key="from", in_print=False), Column(key="to", in_print=False))


def tables(shown: ShownComparison, *, in_print: bool) -> list[Table]:
    """Return all tables: each lists every pair of neighbours, in the order of time.

    ``in_print`` leaves out the documents that did not move.
    """
    pairs = shown.pairs()
    moves = partial(moves_table, moved_only=in_print)
    makers = (events_table, growth_table, links_table, moves, flows_table)
    made = [make(pairs) for make in makers]
    if shown.chain is not None:
        made.append(chain_table(shown))
    if shown.joint is not None:
        made.append(joint_table(shown))
    return made


def events_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return the events, changes first."""
    rows = [
        Row(_pair(pair) | _event_cells(pair, event))
        for pair in pairs
        for event in pair.events(everything=True)
    ]
    columns = (
        *_PAIR,
        Column(key="event", heading="Event"),
        Column(key="verdict", heading="Verdict"),
        Column(key="earlier", heading="Earlier", width=0.22),
        Column(key="later", heading="Later", width=0.22),
        Column(key="size", heading="Size", is_number=True, decimals=2),
        Column(key="p", heading="p", is_number=True, decimals=3),
        Column(key="p_rerun", in_print=False),
        Column(key="p_documents", in_print=False),
        Column(key="reason", in_print=False),
        Column(key="evidence", heading="Such as", width=0.22),
    )
    caption = "What became of the nodes. Size: of births and deaths, the share of documents that "
    caption += "had nowhere to be on the other side; of splits and merges, the share outside the "
    caption += f"largest part; else the cosine distance of the centroids. {P_NOTE}"
    return _table("events", _captioned(pairs, caption), columns, rows)


def _event_cells(pair: ShownLineage, event: LineageEvent) -> dict[str, Cell]:
    return {
        "event": event.kind,
        "verdict": event.verdict,
        "earlier": pair.before(event),
        "later": pair.after(event),
        "size": event.size,
        "p": event.p,
        "p_rerun": event.p_rerun,
        "p_documents": event.p_documents,
        "reason": event.reason,
        "evidence": pair.titles(event.evidence),
    }


def growth_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return why sizes differ."""
    rows = [
        Row(_pair(pair) | _growth_cells(pair, g)) for pair in pairs for g in pair.lineage.growth
    ]
    columns = (
        *_PAIR,
        Column(key="earlier_node", in_print=False),
        Column(key="later_node", in_print=False),
        Column(key="name", heading="Node", width=0.28, in_data=False),
        Column(key="earlier", heading="Earlier", is_number=True),
        Column(key="later", heading="Later", is_number=True),
        Column(key="low", heading="low", is_number=True),
        Column(key="high", heading="high", is_number=True),
        Column(key="new", heading="New", is_number=True),
        Column(key="left", heading="Left", is_number=True),
        Column(key="moved_in", heading="In", is_number=True),
        Column(key="moved_out", heading="Out", is_number=True),
        Column(key="stayed", heading="Stayed", is_number=True),
        Column(key="redescribed", heading="Re-described", is_number=True),
        Column(key="share_earlier", in_print=False),
        Column(key="share_later", in_print=False),
        Column(key="p", heading="p", is_number=True, decimals=3),
        Column(key="verdict", heading="Verdict"),
    )
    caption = "Why sizes differ: later less earlier is new less left plus in less out. Low and "
    caption += f"high: 95 % interval of the later size, by re-running. {P_NOTE}"
    return _table("growth", _captioned(pairs, caption), columns, rows)


def _growth_cells(pair: ShownLineage, growth: Growth) -> dict[str, Cell]:
    return {
        "earlier_node": _named(pair.earlier, growth.earlier),
        "later_node": _named(pair.later, growth.later),
        "name": growth_name(pair, growth),
        "earlier": growth.size_earlier,
        "later": growth.size_later,
        "low": growth.low,
        "high": growth.high,
        "new": growth.new,
        "left": growth.left,
        "moved_in": growth.moved_in,
        "moved_out": growth.moved_out,
        "stayed": growth.stayed,
        "redescribed": growth.redescribed,
        "share_earlier": growth.share_earlier,
        "share_later": growth.share_later,
        "p": growth.p,
        "verdict": growth.verdict,
    }


def _named(side: ShownSide, number: int | None) -> str | None:
    return None if number is None else side.called(number)


def links_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return the pairs of nodes that have something to do with each other."""
    rows = [
        Row(_pair(pair) | _link_cells(pair, link)) for pair in pairs for link in pair.lineage.links
    ]
    columns = (
        *_PAIR,
        Column(key="earlier", heading="Earlier", width=0.26),
        Column(key="later", heading="Later", width=0.26),
        Column(key="shared", heading="Shared", is_number=True),
        Column(key="jaccard", heading="Jaccard", is_number=True, decimals=2),
        Column(key="part_of_earlier", heading="Of earlier", is_number=True, decimals=2),
        Column(key="part_of_later", heading="Of later", is_number=True, decimals=2),
        Column(key="content", heading="Content", is_number=True, decimals=2),
        Column(key="assigned", heading="Paired"),
        Column(key="heir", in_print=False),
    )
    caption = "Links between nodes: documents shared, their Jaccard index, the shares of the "
    caption += "earlier and of the later node that the other has (MONIC, Spiliopoulou et al. "
    caption += "2006), and the cosine of the centroids. Paired: by the best one-to-one assignment."
    return _table("links", _captioned(pairs, caption), columns, rows)


def _link_cells(pair: ShownLineage, link: NodeLink) -> dict[str, Cell]:
    return {
        "earlier": pair.earlier.called(link.earlier),
        "later": pair.later.called(link.later),
        "shared": link.shared,
        "jaccard": link.jaccard,
        "part_of_earlier": link.part_of_earlier,
        "part_of_later": link.part_of_later,
        "content": link.content,
        "assigned": "yes" if link.is_assigned else "no",
        "heir": "yes" if link.is_heir else "no",
    }


def moves_table(pairs: Sequence[ShownLineage], *, moved_only: bool) -> Table:
    """Return what became of each document."""
    rows = [
        Row(_pair(pair) | _move_cells(pair, move))
        for pair in pairs
        for move in pair.lineage.moves
        if move.stay == "moved" or not moved_only
    ]
    columns = (
        *_PAIR,
        Column(key="document", heading="Document", width=0.28),
        Column(key="key_earlier", in_print=False),
        Column(key="key_later", in_print=False),
        Column(key="what", heading="What"),
        Column(key="earlier", heading="Earlier", width=0.26),
        Column(key="later", heading="Later", width=0.26),
        Column(key="redescribed", in_print=False),
    )
    return _table("moves", _captioned(pairs, "What became of each document."), columns, rows)


def _move_cells(pair: ShownLineage, move: Move) -> dict[str, Cell]:
    return {
        "document": pair.title(move.key_later or move.key_earlier or ""),
        "key_earlier": move.key_earlier,
        "key_later": move.key_later,
        "what": move.stay,
        "earlier": _named(pair.earlier, None if move.key_earlier is None else move.earlier),
        "later": _named(pair.later, None if move.key_later is None else move.later),
        "redescribed": "yes" if move.is_redescribed else "no",
    }


def flows_table(pairs: Sequence[ShownLineage]) -> Table:
    """Return how many documents went from where to where."""
    rows = [
        Row(_pair(pair) | _flow_cells(pair, flow)) for pair in pairs for flow in pair.lineage.flows
    ]
    columns = (
        *_PAIR,
        Column(key="earlier", heading="From", width=0.36),
        Column(key="later", heading="To", width=0.36),
        Column(key="documents", heading="Documents", is_number=True),
    )
    return _table("flows", _captioned(pairs, "From where to where."), columns, rows)


def _flow_cells(pair: ShownLineage, flow: Flow) -> dict[str, Cell]:
    return {
        "earlier": pair.earlier.called(flow.earlier),
        "later": pair.later.called(flow.later),
        "documents": flow.documents,
    }


def chain_table(shown: ShownComparison) -> Table:
    """Return the identity of each node over all snapshots of a chain."""
    if shown.chain is None:
        raise ValueError("two sides have no chain")
    rows = []
    for each in sorted(shown.chain.nodes, key=lambda node: (node.identity, node.snapshot)):
        side = shown.sides[each.snapshot]
        cells: dict[str, Cell] = {
            "identity": each.identity,
            "snapshot": side.name,
            "node": side.called(each.number),
            "size": side.size(each.number),
            "since": each.since,
            "parents": ", ".join(map(str, each.parents)),
        }
        rows.append(Row(cells))
    columns = (
        Column(key="identity", heading="Id", is_number=True),
        Column(key="snapshot", heading="Taxonomy", width=0.25),
        Column(key="node", heading="Node", width=0.3),
        Column(key="size", heading="Size", is_number=True),
        Column(key="since", heading="Since"),
        Column(key="parents", heading="Came of"),
    )
    caption = "Nodes over all snapshots: one that goes on keeps its id."
    return _table("identities", caption, columns, rows)


def joint_table(shown: ShownComparison) -> Table:
    """Return the nodes of the joint model, with their sizes in each snapshot."""
    if shown.joint is None:
        raise ValueError("the joint model was not asked for")
    pair = shown.pairs()[0]
    rows = [
        Row(
            {
                "name": node.name,
                "size_earlier": node.size_earlier,
                "size_later": node.size_later,
                "reading": node.reading,
                "earlier": _named(pair.earlier, node.earlier),
                "later": _named(pair.later, node.later),
                "disagreement": node.disagreement,
            }
        )
        for node in shown.joint.nodes
    ]
    columns = (
        Column(key="name", heading="Joint node", width=0.22),
        Column(key="size_earlier", heading="Earlier", is_number=True),
        Column(key="size_later", heading="Later", is_number=True),
        Column(key="reading", heading="Reading"),
        Column(key="earlier", heading="Like earlier", width=0.16),
        Column(key="later", heading="Like later", width=0.16),
        Column(key="disagreement", heading="Against the separate view", width=0.18),
    )
    caption = "One model of the documents of both snapshots, counted by snapshot, and where it "
    caption += "disagrees with the comparison of two."
    return _table("joint", caption, columns, rows)


def _table(name: str, caption: str, columns: tuple[Column, ...], rows: Sequence[Row]) -> Table:
    return Table(name=f"lineage-{name}", caption=caption, columns=columns, rows=tuple(rows))


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
