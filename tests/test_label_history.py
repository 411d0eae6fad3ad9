"""The log of a set of labels: replay is exact, copies join without loss, nothing is rewritten."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_histories import BOOK, N_COPIES, Step, plain_labels, play, random_steps, replayed_labels

from labels.history.book import Book, Change
from labels.history.events import EventDraft
from labels.history.replay import Causality, LabelState, replay

N_HISTORIES = 1_000

steps = st.lists(
    st.tuples(
        st.integers(0, N_COPIES - 1),
        st.integers(0, 19),
        st.integers(0, 7),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    max_size=30,
)


def check(history: list[Step], rng: random.Random) -> None:
    """Every copy's state, kept step by step, is what a replay and the plain reading say."""
    world = play(history)
    for copy in world.copies:
        assert replayed_labels(copy.state) == plain_labels(world, copy)
    copy = rng.choice(world.copies)
    shuffled = list(copy.events.values())
    rng.shuffle(shuffled)
    again = replay(shuffled)
    assert replayed_labels(again) == replayed_labels(copy.state)
    assert again.known_book() == copy.state.known_book()


def test_a_thousand_random_histories_replay_exactly() -> None:
    """Codes, undo, redo, every change of the codebook, and joins, over three copies."""
    rng = random.Random(0)
    n_joins = n_open = 0
    for seed in range(N_HISTORIES):
        history = random_steps(seed)
        check(history, rng)
        n_joins += any(step[1] >= 18 for step in history)
        n_open += any(step[1] == 16 for step in history)
    assert min(n_joins, n_open) > N_HISTORIES / 4


@given(steps)
@settings(max_examples=120)
def test_histories_that_are_searched_for_replay_exactly(history: list[Step]) -> None:
    """The same, with histories that are made smaller where they fail."""
    check(history, random.Random(0))


@given(steps, st.permutations(range(N_COPIES)))
def test_joining_copies_in_any_order_gives_the_same(history: list[Step], order: list[int]) -> None:
    """No event is lost, and every copy that knows all says the same."""
    world = play(history)
    everything = {uid for copy in world.copies for uid in copy.events}
    first = world.copies[order[0]]
    for number in (*order, *order):
        world.take(first, world.copies[number])
    assert set(first.events) == everything == set(world.past)
    for copy in world.copies:
        world.take(copy, first)
        assert set(copy.events) == everything
        assert replayed_labels(copy.state) == replayed_labels(first.state)
        assert copy.state.known_book() == first.state.known_book()


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), max_size=25))
def test_who_could_know_of_whom_is_what_the_parents_say(graph: list[list[int]]) -> None:
    """On any graph of events, chains and clocks agree with the sets of ancestors."""
    causality = Causality()
    past: list[set[int]] = []
    for number, wanted in enumerate(graph):
        parents = {parent % number for parent in wanted} if number else set()
        past.append(set().union(*({p} | past[p] for p in parents)))
        causality.add(str(number), [str(parent) for parent in sorted(parents)])
    for one in range(len(graph)):
        for two in range(len(graph)):
            if one != two:
                assert causality.before(str(one), str(two)) == (one in past[two])
    with_children = set().union(*past) if past else set()
    assert {int(uid) for uid in causality.heads} >= set(range(len(graph))) - with_children


@pytest.mark.parametrize(
    ("changes", "given", "codes", "waiting"),
    [
        ([("merge", "ab", "b")], "a", "b", []),
        ([("merge", "ab", "c")], "ab", "c", []),
        ([("split", "a", "bc")], "a", "", ["bc"]),
        ([("split", "a", "ab")], "a", "", ["ab"]),
        ([("split", "a", "bc"), ("merge", "bc", "b")], "a", "b", []),
        ([("split", "a", "bc"), ("retire", "c", "")], "a", "", ["b"]),
        ([("retire", "a", "")], "ab", "b", [""]),
        ([("merge", "ab", "b"), ("split", "b", "bc")], "a", "", ["bc"]),
    ],
)
def test_what_changes_do_to_an_old_label(
    changes: list[tuple[str, str, str]], given: str, codes: str, waiting: list[str]
) -> None:
    """A merge takes it along; a split or a retirement leaves it open; merged parts settle it."""
    world = play([])
    copy = world.copies[0]
    world.write(copy, EventDraft("code", "ada", "i1", {"variable": "v", "value": list(given)}))
    for kind, sources, into in changes:
        body = Change(kind, "v", tuple(sources), tuple(into), reason="x").body()
        world.write(copy, EventDraft(kind, "ada", None, body))  # type: ignore[arg-type]
    answer = copy.state.answer("ada", "i1", "v")
    assert answer is not None
    assert answer.codes == tuple(codes)
    assert [set(each) for each in answer.open] == [set(each) for each in waiting]


def test_a_label_given_after_a_split_is_settled() -> None:
    """The coder knew of the split, and chose the part that kept the name."""
    world = play([])
    copy = world.copies[0]
    world.write(
        copy, EventDraft("split", "ada", None, Change("split", "v", ("a",), ("a", "b")).body())
    )
    world.write(copy, EventDraft("code", "ada", "i1", {"variable": "v", "value": ["a"]}))
    answer = copy.state.answer("ada", "i1", "v")
    assert answer is not None
    assert (answer.codes, answer.open, answer.version) == (("a",), (), 2)


def test_a_label_from_a_copy_that_knew_nothing_of_a_split_is_open_after_joining() -> None:
    """However the two sort in the log, what the coder could not know of applies."""
    world = play([])
    one, two = world.copies[:2]
    world.write(
        one, EventDraft("split", "ada", None, Change("split", "v", ("a",), ("a", "b")).body())
    )
    for _ in range(3):  # so that the label sorts after the split
        world.write(two, EventDraft("code", "ben", "i1", {"variable": "v", "value": ["a"]}))
    world.take(one, two)
    answer = one.state.answer("ben", "i1", "v")
    assert answer is not None
    assert (answer.codes, answer.version) == ((), None)
    assert answer.open == (frozenset("ab"),)


def test_conflicts_are_where_one_coder_decided_apart() -> None:
    """The later one holds until the coder, knowing of both, decides again."""
    world = play([])
    one, two = world.copies[:2]
    world.write(one, EventDraft("code", "ada", "i1", {"variable": "v", "value": ["a"]}))
    world.write(two, EventDraft("code", "ada", "i1", {"variable": "v", "value": ["b"]}))
    world.write(two, EventDraft("code", "ben", "i1", {"variable": "v", "value": ["c"]}))
    world.take(one, two)
    (conflict,) = one.state.conflicts()
    assert (conflict.coder, conflict.item, conflict.what) == ("ada", "i1", "v")
    assert {tuple(conflict.first), tuple(conflict.last)} == {("a",), ("b",)}
    world.write(one, EventDraft("code", "ada", "i1", {"variable": "v", "value": ["c"]}))
    assert list(one.state.conflicts()) == []


def test_a_condition_follows_the_code_that_it_names() -> None:
    """A variable that is asked of tools is asked of what tools were merged into or split into."""
    values = {
        "codebook": {"name": "k", "title": "K", "version": 1},
        "variables": [
            {"id": "kind", "name": "Kind"},
            {"id": "step", "name": "Step", "open": True, "only_if": {"kind": ["tool"]}},
        ],
        "codes": [
            {"id": name, "name": name, "definition": "x."} for name in ("tool", "list", "app")
        ],
    }
    book = Book.of(BOOK.model_validate(values))
    merged = book.after(Change("merge", "kind", ("tool",), ("app",)))
    assert merged.variables[1].only_if == {"kind": ("app",)}
    split = book.after(Change("split", "kind", ("tool",), ("tool", "app")))
    assert split.variables[1].only_if == {"kind": ("tool", "app")}
    assert (merged.version, split.version) == (2, 2)


def test_an_empty_log_says_nothing() -> None:
    """There is no codebook before the first event."""
    with pytest.raises(LookupError):
        LabelState().known_book()
