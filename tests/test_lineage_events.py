"""What became of planted nodes, and why they grew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.words import NOISE
from taxonomy.lineage.store import read_lineage, write_lineage
from tests.planted_sides import Doc, compared, docs, found, steady

SPLIT = (
    docs("x", range(40), 3, 3, 4),
    docs("x", range(24), 3, 3, version=1) + docs("x", range(24, 40), 4, 4, version=1),
)
BORN = docs("n", range(20), 5, 5)


def test_a_split_is_found() -> None:
    """Documents of one node that part in content and in node are a split, and no other change."""
    lineage = compared(steady() + SPLIT[0], steady() + SPLIT[1])
    assert found(lineage) == {("split", (3,), (3, 4))}
    (event,) = lineage.of("split")
    assert event.size == pytest.approx(16 / 40)
    assert {key[0] for key in event.evidence} == {"x"}
    assert event.p_rerun <= 0.05
    assert event.p_documents <= 0.05


def test_a_merge_is_a_split_backwards() -> None:
    """The same documents the other way round have merged."""
    lineage = compared(steady() + SPLIT[1], steady() + SPLIT[0])
    assert found(lineage) == {("merged", (3, 4), (3,))}


def test_birth_and_death_are_found() -> None:
    """A node whose documents the other side has nowhere is born, or died."""
    other = docs("w", range(20), 6, 6)
    assert found(compared(steady() + other, steady() + BORN)) == {
        ("born", (), (5,)),
        ("died", (6,), ()),
    }


def test_a_drift_is_found_and_keeps_its_pair() -> None:
    """A node whose documents tell of something else now has drifted, and goes on."""
    earlier = steady() + docs("x", range(25), 3, 3)
    later = steady() + docs("x", range(25), 9, 3, 4, version=1)
    lineage = compared(earlier, later)
    assert found(lineage) == {("drifted", (3,), (9,))}
    assert lineage.continuation() == {0: 0, 1: 1, 2: 2, 3: 9}


def test_nothing_changed_where_no_document_did() -> None:
    """Same documents and texts in other nodes: events, if any, are noise, whatever their size."""
    earlier = steady() + docs("x", range(40), 3, 3, 4)
    later = steady() + docs("x", range(20), 3, 3, 4) + docs("x", range(20, 40), 4, 3, 4)
    lineage = compared(earlier, later)
    assert lineage.of("split")
    assert lineage.changes() == []
    assert {event.p_documents for event in lineage.events} == {1.0}
    assert all("same in both" in event.reason for event in lineage.events)


def test_a_node_that_only_churns_persists() -> None:
    """Documents that leave and come with the same content are no event."""
    earlier, later = (
        steady() + docs("x", range(30), 3, 3),
        steady() + docs("x", range(10, 40), 3, 3),
    )
    lineage = compared(earlier, later)
    assert lineage.changes() == []
    assert {event.kind for event in lineage.events} == {"persisted"}
    growth = next(each for each in lineage.growth if each.earlier == 3)
    assert (growth.new, growth.left, growth.stayed, growth.difference) == (10, 10, 20, 0)


def test_each_reason_of_growth_is_counted() -> None:
    """Eight stayed, three of them with another text; one left, two came, one moved in, two out."""
    earlier = steady() + docs("x", range(11), 3, 3)
    later = (
        [replace(each, node=3) if each.key == "s0-0" else each for each in steady()]
        + docs("x", range(3), 3, 3, version=1)
        + docs("x", range(3, 8), 3, 3)
        + [Doc("x8", 0, (3,)), Doc("x9", NOISE, (3,))]
        + docs("n", range(2), 3, 3)
    )
    lineage = compared(earlier, later)
    growth = next(each for each in lineage.growth if each.earlier == 3)
    parts = (growth.stayed, growth.redescribed, growth.left, growth.new)
    assert parts == (8, 3, 1, 2)
    assert (growth.moved_in, growth.moved_out) == (1, 2)
    assert (growth.size_earlier, growth.size_later, growth.difference) == (11, 11, 0)
    stays = {move.key_later: move.stay for move in lineage.moves}
    assert (stays["s0-0"], stays["x8"], stays["x9"], stays["n0"]) == (
        "moved",
        "moved",
        "unplaced",
        "new",
    )
    assert growth.low <= growth.size_later <= growth.high


def test_growth_beyond_noise_is_told_from_none() -> None:
    """A node that has four times the documents has grown; where nothing came, nothing has."""
    earlier = steady(40) + docs("x", range(20), 3, 3)
    later = steady(40) + docs("x", range(80), 3, 3)
    verdicts = {each.earlier: each.verdict for each in compared(earlier, later).growth}
    assert verdicts[3] == "change"
    assert "change" not in {each.verdict for each in compared(earlier, earlier).growth}


DOCUMENTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(NOISE, 3)),
    min_size=4,
    max_size=40,
    unique_by=lambda d: d[0],
)


@settings(max_examples=25)  # each is a whole comparison
@given(DOCUMENTS, DOCUMENTS)
def test_growth_adds_up(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    """Size later less earlier is new less left, plus moved in less out; sizes are those given."""
    sides = [
        [Doc(f"k{number}", node, (max(node, 0),)) for number, node in chosen]
        + docs(name, [0, 1], 0, 0)
        + docs(name, [2, 3], 1, 1)
        for name, chosen in (("p", first), ("q", second))
    ]
    lineage = compared(*sides)
    for each in lineage.growth:
        assert each.difference == each.new - each.left + each.moved_in - each.moved_out
        assert each.size_earlier == sum(doc.node == each.earlier for doc in sides[0])
        assert each.size_later == sum(doc.node == each.later for doc in sides[1])
        assert each.redescribed <= each.stayed
    assert sum(flow.documents for flow in lineage.flows) == len(lineage.moves)
    told = {node for event in lineage.events for node in event.earlier}
    assert told == {doc.node for doc in sides[0]} - {NOISE}


def test_a_comparison_comes_back_from_disk(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What is written is read, value for value."""
    lineage = compared(steady() + SPLIT[0], steady() + SPLIT[1] + BORN)
    write_lineage(tmp_path, lineage)
    assert read_lineage(tmp_path) == lineage
