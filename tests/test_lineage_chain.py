"""Ids that last over snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifacts.errors import InputError
from artifacts.progress import SilentProgress
from taxonomy.lineage.compare import chain
from taxonomy.lineage.store import read_identities, write_identities
from taxonomy.lineage.values import Chain
from tests.planted_sides import SETTINGS, Doc, docs, side, steady

SPLIT = docs("x", range(24), 3, 3, version=1) + docs("x", range(24, 40), 4, 4, version=1)
WHOLE = docs("x", range(40), 3, 3, 4)
GUEST = docs("g", range(20), 5, 7)


def chained(*snapshots: list[Doc]) -> Chain:
    """Return the chain of a snapshot a year."""
    sides = [side(each, name=f"s{at}", year=2020 + at) for at, each in enumerate(snapshots)]
    return chain(sides, settings=SETTINGS, progress=SilentProgress())


def renumbered(documents: list[Doc], by: int) -> list[Doc]:
    """Return the documents with other numbers of nodes."""
    return [Doc(d.key, d.node + by, d.at, d.version) for d in documents]


def test_ids_do_not_hang_on_numbers() -> None:
    """Nodes that only have other numbers keep their ids over four snapshots."""
    found = chained(*(renumbered(steady(), by) for by in (0, 4, 1, 7)))
    assert [found.identity(at, by) for at, by in enumerate((0, 4, 1, 7))] == [1, 1, 1, 1]
    assert {node.identity for node in found.nodes} == {1, 2, 3}
    assert {node.since for node in found.nodes} == {"start", "continued"}


def test_the_largest_part_keeps_the_id() -> None:
    """After a split the larger part goes on, and the other has a new id and says of whom."""
    found = chained(steady() + WHOLE, steady() + SPLIT)
    (larger, smaller) = (node for node in found.nodes if node.snapshot == 1 and node.number > 2)
    assert (larger.identity, larger.since) == (found.identity(0, 3), "continued")
    assert (smaller.identity, smaller.since, smaller.parents) == (5, "split", (4,))


def test_a_merge_has_the_larger_id_and_names_the_other() -> None:
    """What two nodes merge into goes on as the larger; the smaller's id is gone."""
    found = chained(steady() + SPLIT, steady() + WHOLE, steady() + WHOLE)
    ids = [[n for n in found.nodes if n.snapshot == at and n.number == 3] for at in (1, 2)]
    assert [(n.identity, n.since, n.parents) for (n,) in ids] == [
        (4, "continued", (5,)),
        (4, "continued", ()),
    ]


def test_a_node_that_returns_has_its_id_again() -> None:
    """A node that is missing in one snapshot returns under its id; after two it is another."""
    once = chained(steady() + GUEST, steady(), steady() + GUEST)
    assert once.identity(2, 5) == once.identity(0, 5) == 4
    assert {n.since for n in once.nodes if (n.snapshot, n.number) == (2, 5)} == {"returned"}
    twice = chained(steady() + GUEST, steady(), steady(), steady() + GUEST)
    assert twice.identity(3, 5) == 5


def test_what_merged_does_not_return() -> None:
    """A part that leaves the node that it merged into has a new id: its own did not go away."""
    found = chained(steady() + SPLIT, steady() + WHOLE, steady() + SPLIT)
    (part,) = (node for node in found.nodes if (node.snapshot, node.number) == (2, 4))
    assert (part.identity, part.since, part.parents) == (6, "split", (4,))


def test_ids_are_never_used_again() -> None:
    """The id of a node that died goes to no other, and what is born says so."""
    found = chained(steady() + GUEST, steady() + docs("n", range(20), 5, 9))
    (born,) = (node for node in found.nodes if (node.snapshot, node.number) == (1, 5))
    assert (born.identity, born.since, born.parents) == (5, "born", ())
    with pytest.raises(KeyError):
        found.identity(1, 99)


def test_one_taxonomy_is_no_chain() -> None:
    """A chain of one is refused."""
    with pytest.raises(InputError, match="two taxonomies or more"):
        chained(steady())


def test_ids_come_back_from_disk(tmp_path: Path) -> None:
    """What is written is read, value for value."""
    found = chained(steady() + WHOLE, steady() + SPLIT)
    write_identities(tmp_path, found.nodes)
    assert read_identities(tmp_path) == found.nodes
