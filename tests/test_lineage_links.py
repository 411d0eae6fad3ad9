"""Who is who in two snapshots, and which nodes have to do with each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import InputError
from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from taxonomy.lineage.compare import check_sides, compare
from taxonomy.lineage.ground import lay_ground, links, match_documents, read_links
from tests.planted_sides import SETTINGS, Doc, compared, docs, side, steady

LABELS = st.lists(st.integers(NOISE, 3), min_size=12, max_size=40)


def test_documents_are_known_by_former_keys() -> None:
    """A renamed repository is the same document, whichever side knows the other name."""
    earlier = [Doc("a", 0, (0,)), Doc("old/b", 0, (0,)), Doc("c", 1, (1,), aliases=("new/c",))]
    later = [Doc("new/c", 1, (1,)), Doc("b", 0, (0,), aliases=("old/b",)), Doc("a", 0, (0,))]
    pairs = match_documents(side(earlier), side(later))
    assert pairs.tolist() == [[0, 2], [1, 1], [2, 0]]


def test_a_key_goes_before_a_former_key() -> None:
    """A document that took over another's former name does not take its place."""
    earlier = [Doc("x", 0, (0,))]
    later = [Doc("y", 0, (0,), aliases=("x",)), Doc("x", 0, (0,))]
    assert match_documents(side(earlier), side(later)).tolist() == [[0, 1]]


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_matching_is_one_to_one(order: list[int], left: set[int], new: set[int]) -> None:
    """Whatever the order and the churn, exactly the common keys are matched, once each."""
    earlier = [Doc(f"k{n}", 0, (0,)) for n in range(12) if n not in new or n in left] or steady(1)
    later = [Doc(f"k{n}", 0, (0,)) for n in order if n not in left] or steady(1)
    first, second = side(earlier), side(later)
    pairs = match_documents(first, second)
    matched = {(first.keys[a], second.keys[b]) for a, b in pairs.tolist()}
    assert matched == {(key, key) for key in set(first.keys) & set(second.keys)}
    assert len(pairs) == len(matched)


def test_links_hold_both_scores() -> None:
    """Ten documents, six of them and four others later: shares, Jaccard and content by hand."""
    earlier = docs("x", range(10), 0, 0) + docs("y", range(10), 1, 1)
    later = docs("x", range(6), 5, 0) + docs("x", range(6, 10), 6, 0) + docs("y", range(10), 7, 1)
    found = {(link.earlier, link.later): link for link in compared(earlier, later).links}
    assert set(found) == {(0, 5), (0, 6), (1, 7)}
    link = found[0, 5]
    assert (link.shared, link.part_of_earlier, link.part_of_later) == (6, 0.6, 1.0)
    assert link.jaccard == pytest.approx(6 / 10)
    assert link.content > 0.9
    assert link.is_assigned
    assert link.is_heir
    assert (found[0, 6].is_assigned, found[0, 6].is_heir) == (False, True)


def test_documents_of_one_side_are_looked_up() -> None:
    """Without a document in common, nodes of the same content are linked, and no others."""
    earlier, later = steady(15), [replace(each, key=f"other {each.key}") for each in steady(15)]
    lineage = compared(earlier, later)
    assert {(a, b) for a, b in lineage.continuation().items()} == {(0, 0), (1, 1), (2, 2)}
    assert {link.shared for link in lineage.links} == {0}
    assert lineage.floor.observed_agreement is None


def test_the_larger_part_goes_on_though_the_smaller_is_more_like_the_whole() -> None:
    """27 of 50 documents go on with what others joined; 23 apart, nearer to the 14 that left."""
    earlier = steady() + docs("x", range(50), 3, 3, 4, 4) + docs("gone", range(14), 3, 4)
    later = (
        steady()
        + docs("x", range(27), 3, 3, version=1)
        + docs("new", range(14), 3, 3)
        + docs("x", range(27, 50), 4, 4, version=1)
    )
    lineage = compared(earlier, later)
    assert {link.later: link.shared for link in lineage.links if link.earlier == 3} == {
        3: 27,
        4: 23,
    }
    assert lineage.continuation()[3] == 3
    assert compared(later, earlier).continuation()[3] == 3


def test_pairs_that_cannot_go_on_keep_no_two_apart() -> None:
    """Two pairs with nine documents each, less than half of any node, weigh less than one of ten.

    Nodes 3 and 4 fall apart: ten documents of 3 are later with nine of 4, nine of 3 with others.
    """
    earlier = steady() + docs("a", range(20), 3, 6) + docs("b", range(20), 4, 7)
    later = (
        steady()
        + docs("a", range(10), 5, 6)
        + docs("b", range(9), 5, 7)
        + docs("a", range(10, 19), 6, 6)
        + docs("new", range(21), 6, 8)
        + docs("a", range(19, 20), NOISE, 10, version=1)
        + docs("b", range(9, 20), NOISE, 11, version=1)
    )
    assert compared(earlier, later).continuation() == {0: 0, 1: 1, 2: 2, 3: 5}


@given(LABELS, LABELS)
def test_the_assignment_is_one_to_one(first: list[int], second: list[int]) -> None:
    """No node is paired twice, shares lie in [0, 1], and shared documents are counted once."""
    sides = [
        side([Doc(f"k{at}", node, (max(node, 0),)) for at, node in enumerate([*labels, 0, 1])])
        for labels in (first, second)
    ]
    ground = lay_ground(*sides)
    readings = read_links(ground, SETTINGS)
    found = links(ground, readings)
    pairs = [(link.earlier, link.later) for link in found if link.is_assigned]
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(0 <= link.part_of_earlier <= 1 and 0 <= link.jaccard <= 1 for link in found)
    placed = [(sides[0].labels[a], sides[1].labels[b]) for a, b in ground.common.tolist()]
    assert sum(link.shared for link in found) == sum(NOISE not in pair for pair in placed)


@given(LABELS, LABELS)
def test_exchanged_sides_give_the_same_links(first: list[int], second: list[int]) -> None:
    """What is shared of the earlier node one way is shared of the later node the other way."""
    one, other = (
        side([Doc(f"k{at}", node, (max(node, 0),)) for at, node in enumerate([*labels, 0, 1])])
        for labels in (first, second)
    )
    forth, back = lay_ground(one, other), lay_ground(other, one)
    np.testing.assert_array_equal(forth.tables[0], back.tables[1])
    np.testing.assert_array_equal(forth.tables[1], back.tables[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "a"}, "with itself"),
        ({"corpus": "themes"}, "of themes"),
        ({"layer": "categories"}, "categories"),
        ({"day": date(2020, 1, 1)}, "wrong order"),
        ({"vectors": np.ones((60, 5), dtype=np.float32)}, "two models"),
        ({"vectors": np.ones((3, 12), dtype=np.float32)}, "3 vectors of 60"),
        ({"vectors": np.full((60, 12), np.nan, dtype=np.float32)}, "no numbers"),
        ({"labels": np.zeros(60, dtype=np.int32)}, "nothing to compare"),
        ({"labels": np.full(60, NOISE, dtype=np.int32), "nodes": ()}, "0 topics"),
        ({"resampled": np.zeros((20, 60), dtype=np.int32)}, "at least 99"),
    ],
)
def test_what_cannot_be_compared_is_refused(change: dict[str, object], said: str) -> None:
    """Each kind of bad input has its own sentence, and says what to do."""
    earlier, later = side(steady()), side(steady(), name="b", year=2024)
    check_sides(earlier, later)
    with pytest.raises(InputError, match=said) as caught:
        compare(earlier, replace(later, **change), settings=SETTINGS, progress=SilentProgress())
    assert caught.value.fix
