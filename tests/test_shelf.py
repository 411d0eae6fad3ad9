"""Things on disk by key: a dictionary's ways, in the order of the keys, with little in memory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.shelf import AT_ONCE, PACKED_FROM, Shelf, listed

DEEDS = st.lists(
    st.tuples(st.sampled_from(["put", "take"]), st.text("ab\0é", max_size=3), st.integers()),
    max_size=30,
)


@given(DEEDS)
@settings(max_examples=40)
def test_it_holds_what_a_dictionary_holds(deeds: list[tuple[str, str, int]]) -> None:
    """Whatever is put and taken, in whatever order; it is gone through by its keys."""
    shelf: Shelf[str, int] = Shelf()
    held: dict[str, int] = {}
    for deed, key, value in deeds:
        if deed == "put":
            shelf[key] = held[key] = value
        else:
            assert shelf.pop(key, None) == held.pop(key, None)
        assert (len(shelf), key in shelf, shelf.get(key)) == (len(held), key in held, held.get(key))
    assert list(shelf.items()) == sorted(held.items())
    assert (list(shelf), list(shelf.values())) == (sorted(held), [held[k] for k in sorted(held)])


def test_things_come_back_as_they_were_and_not_as_they_became() -> None:
    """Times, large texts and lists; what was taken out is a copy."""
    shelf: Shelf[int, dict[str, object]] = Shelf()
    thing = {"at": datetime(2026, 1, 1, tzinfo=UTC), "text": "é" * PACKED_FROM, "none": None}
    shelf[3] = thing
    taken = shelf[3]
    taken["none"] = 1
    assert shelf[3] == thing
    with pytest.raises(KeyError):
        shelf[4]
    with pytest.raises(KeyError):
        del shelf[4]


def test_it_may_change_while_it_is_gone_through() -> None:
    """What is taken on the way is not met again, and nothing else is left out."""
    shelf: Shelf[int, int] = Shelf()
    n = 2 * AT_ONCE + 1
    for number in range(n):
        shelf[number] = number
    met = []
    for number in shelf:
        met.append(number)
        del shelf[number]
    assert (met, len(shelf)) == (list(range(n)), 0)


def test_a_list_on_disk_is_a_list() -> None:
    """By place, from the end, in slices."""
    numbers = listed(range(10))
    assert (numbers[0], numbers[-1], numbers[2:8:3], len(numbers)) == (0, 9, [2, 5], 10)
    assert list(numbers) == list(range(10))
    with pytest.raises(IndexError):
        numbers[10]
