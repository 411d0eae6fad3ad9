"""The other way to look at two snapshots: one model of all their documents, counted by snapshot.

That is what topic models over time do (BERTopic's topics over time, for one): the topics are
everybody's, so they cannot split, merge or move; only their sizes differ. Read beside the separate
view, it shows which of the events need the separate models, and which do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from artifacts.manifest import Counts, Dropped, Manifest
from artifacts.step import Content, Step
from artifacts.tables import write_table
from artifacts.words import NOISE
from embeddings.build import FILE, KIND, read_texts
from taxonomy.lineage.values import EventKind, Lineage, LineageEvent, Move

ALIKE = 1 / 3
"""Least Jaccard index of counterparts: of two equally large sets, each has half of the other."""

TWICE = "in both snapshots: counted once, with its later text"
VERSION = 1

SizeReading = Literal["born", "died", "goes on"]
"""What the sizes of a joint node say: next to none earlier, next to none later, or neither."""


@dataclass(frozen=True, kw_only=True)
class JointNode:
    """A topic or category of the joint model.

    Attributes
    ----------
    size_earlier, size_later
        Its documents in each snapshot; one in both counts in both.
    share_earlier, share_later
        Of all documents of the snapshot.
    earlier, later
        Its counterparts among the separate nodes: the most alike, if alike enough.
    disagreement
        What the separate view says otherwise, a clause; empty where the two agree.
    """

    number: int
    name: str
    size_earlier: int
    size_later: int
    share_earlier: float
    share_later: float
    reading: SizeReading
    earlier: int | None
    later: int | None
    disagreement: str


@dataclass(frozen=True, kw_only=True)
class Joint:
    """The joint view beside the separate one.

    Attributes
    ----------
    nodes
        By falling size.
    unplaced
        Documents of each snapshot that are in none.
    unseen
        Events beyond noise of the separate view that no joint node shows.
    """

    nodes: tuple[JointNode, ...]
    unplaced: tuple[int, int]
    unseen: tuple[LineageEvent, ...]


def union_step(earlier: Path, later: Path, *, moves: Sequence[Move]) -> Step:
    """Return the step that joins the texts of two snapshots: what both have once, its later text.

    Parameters
    ----------
    earlier, later
        Folders of the texts of each.
    moves
        One for each document, as a lineage has them.
    """
    made_of = [Manifest.read(earlier), Manifest.read(later)]

    def find(_key: str) -> Content:
        texts = union(read_texts(earlier), read_texts(later), moves=moves)
        n_read = sum((m.key_earlier is not None) + (m.key_later is not None) for m in moves)
        dropped = [Dropped(reason=TWICE, count=n_read - texts.num_rows)]
        counts = Counts(read=n_read, kept=texts.num_rows, dropped=dropped)
        return Content(
            write=lambda folder: write_table(folder / FILE, texts),
            about={"counts": {"documents": counts}},
        )

    return Step(
        kind=KIND,
        name_in_key=f"joint {KIND}",
        version=VERSION,
        depends_on={
            "texts": [made.content_hash for made in made_of],
            "documents": [[move.key_earlier, move.key_later] for move in moves],
        },
        inputs={made.name: made.content_hash for made in made_of},
        find=find,
    )


def union(earlier: pa.Table, later: pa.Table, *, moves: Sequence[Move]) -> pa.Table:
    """Return the later texts, then the earlier ones of documents that are not there later."""
    there = {move.key_later for move in moves}
    gone = {move.key_earlier for move in moves if move.key_later is None}
    parts = ((later, there), (earlier, gone))
    return pa.concat_tables(
        table.filter(pa.array([key in keys for key in table["key"].to_pylist()], pa.bool_()))
        for table, keys in parts
    )


def read_joint(
    lineage: Lineage,
    names: Mapping[int, str],
    joint: Mapping[str, int],
    *,
    earlier: Mapping[str, int],
    later: Mapping[str, int],
    nowhere: float,
) -> Joint:
    """Hold a joint model against the separate ones.

    Parameters
    ----------
    names
        Of the joint nodes, by number.
    joint, earlier, later
        Node of each document, by its key in the joint model: of the joint model, and of each
        separate one, which say thereby who is in which snapshot. `NOISE`: in none.
    nowhere
        A joint node is born (died) if the earlier (later) snapshot has at most this share of the
        documents that its size in the other one would lead to expect.
    """
    sides = (earlier, later)
    parts = [_members(joint, within=side) for side in sides]
    separate = [_members(side, within=side) for side in sides]
    likes = [_alike(part, nodes) for part, nodes in zip(parts, separate, strict=True)]
    joint_nodes = []
    for number in sorted(names):
        sizes = [len(part.get(number, ())) for part in parts]
        shares = [n / max(1, len(side)) for n, side in zip(sizes, sides, strict=True)]
        reading = _reading(*shares, nowhere=nowhere)
        mine = [like.get(number) for like in likes]
        node = JointNode(
            number=number,
            name=names[number],
            size_earlier=sizes[0],
            size_later=sizes[1],
            share_earlier=shares[0],
            share_later=shares[1],
            reading=reading,
            earlier=mine[0],
            later=mine[1],
            disagreement=_disagreement(lineage, reading, *mine),
        )
        joint_nodes.append(node)
    nodes = sorted(joint_nodes, key=lambda n: (-n.size_earlier - n.size_later, n.number))
    unplaced = (_unplaced(joint, earlier), _unplaced(joint, later))
    return Joint(nodes=tuple(nodes), unplaced=unplaced, unseen=tuple(_unseen(lineage, nodes)))


def _unplaced(joint: Mapping[str, int], side: Mapping[str, int]) -> int:
    return sum(joint[key] == NOISE for key in side)


def _unseen(lineage: Lineage, nodes: Sequence[JointNode]) -> Iterator[LineageEvent]:
    for event in lineage.events:
        is_told = event.kind != "persisted" and event.verdict != "noise"
        if is_told and not _is_seen(event, nodes):
            yield event


def _members(node_of: Mapping[str, int], *, within: Mapping[str, int]) -> dict[int, set[str]]:
    """Return the documents of each node that are in a snapshot."""
    members: dict[int, set[str]] = {}
    for key, number in node_of.items():
        if number != NOISE and key in within:
            members.setdefault(number, set()).add(key)
    return members


def _alike(joint: Mapping[int, Set[str]], separate: Mapping[int, Set[str]]) -> dict[int, int]:
    """Return the separate node that is most like each joint one, if it is alike enough.

    Of equals, the one of the lowest number.
    """
    counterparts = {}
    for number, documents in joint.items():
        scores = [
            (len(documents & others) / len(documents | others), -other)
            for other, others in separate.items()
        ]
        score, negative = max(scores, default=(0.0, 0))
        if score >= ALIKE:
            counterparts[number] = -negative
    return counterparts


def _reading(earlier: float, later: float, *, nowhere: float) -> SizeReading:
    if later > 0 and earlier <= nowhere * later:
        return "born"
    if earlier > 0 and later <= nowhere * earlier:
        return "died"
    return "goes on"


def _disagreement(
    lineage: Lineage, reading: SizeReading, earlier: int | None, later: int | None
) -> str:
    if earlier is None and later is None:
        return "nothing separate is like it"
    born, died = _numbers(lineage, "born"), _numbers(lineage, "died")
    if reading == "born":
        return "" if later in born else "the separate view does not call it born"
    if reading == "died":
        return "" if earlier in died else "the separate view does not call it died"
    if later in born:
        return "the separate view calls it born"
    if earlier in died:
        return "the separate view calls it died"
    if earlier is None:
        return "nothing earlier is like it"
    if later is None:
        return "nothing later is like it"
    if lineage.continuation().get(earlier) != later:
        return "the separate view does not let the one go on as the other"
    return ""


def _numbers(lineage: Lineage, kind: EventKind) -> set[int | None]:
    """Return the nodes of the births or deaths that are beyond noise."""
    events = [event for event in lineage.of(kind) if event.verdict != "noise"]
    return {number for event in events for number in (*event.earlier, *event.later)}


def _is_seen(event: LineageEvent, nodes: Sequence[JointNode]) -> bool:
    """Tell whether each node on the event's side of several is the like of a joint node."""
    if event.kind in ("died", "merged"):
        return set(event.earlier) <= {node.earlier for node in nodes}
    return set(event.later) <= {node.later for node in nodes}
