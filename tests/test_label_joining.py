"""Copies of a set of labels, coded apart and joined: nothing is lost, what does not fit is told."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from coding_people import some_documents
from label_sets import altered, change, close, copied, give, key, kinds_set, refused

from artifacts.errors import ArtifactError, InputError
from labels.history.replay import Conflict
from labels.joining import Joined, join
from labels.label_set import LabelSet
from labels.results import final_codes
from labels.session import Session
from labels.waves import WaveDocument, open_wave


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[list[LabelSet]]:
    """Yield three copies of one set of labels, a, b and c."""
    with (
        kinds_set(tmp_path / "a.sqlite") as first,
        copied(first, tmp_path / "b.sqlite") as second,
        copied(first, tmp_path / "c.sqlite") as third,
    ):
        yield [first, second, third]


def uids(labels: LabelSet) -> set[str]:
    """Return which events a set holds."""
    return {event.uid for event in labels.store.all_events()}


def whole(labels: LabelSet) -> tuple[object, ...]:
    """Return all that holds in a set: desks, codebook, waves and what is in conflict."""
    state = labels.state
    desks = {
        who: (desk.fields, desk.void, desk.seconds, desk.last, list(desk.done), list(desk.undone))
        for who, desk in state.desks.items()
        if desk.fields
    }
    waves = (state.waves, state.wave_of, set(state.closed))
    return desks, labels.book, waves, tuple(state.conflicts()), [e.uid for e in state.late]


def path_of(labels: LabelSet) -> Path:
    """Return a set's file."""
    return labels.store.path


def test_what_was_coded_apart_is_all_there_after_joining(copies: list[LabelSet]) -> None:
    """The join is the union of the events and their texts, and says who brought what."""
    one, two, three = copies
    give(one, "ada", {0: "tool", 1: "list"})
    give(two, "ben", {0: "tool"}, (0, "data"))
    give(three, "cy", {2: "course"})
    drawn = [WaveDocument(some_documents(10)[9], "all")]
    open_wave(three, "w2", drawn, coder="cy", coders={}, design={}, seed=1)
    both = uids(one) | uids(two) | uids(three)
    found = join(one, [path_of(two), path_of(three)])
    assert found == Joined(added={"ben": 2, "cy": 2}, conflicts=(), late={}, doubled=())
    assert uids(one) == both
    assert one.store.damage() == []
    assert one.coders() == ["ada", "ben", "cy"]
    assert one.document(key(9)) == some_documents(10)[9]
    assert Session(one, "ben").card(key(0)).answers["use"].codes == ("data",)
    give(one, "ada", {2: "course"})  # the next event knows of all
    assert len(one.store.all_events()[-1].parents) == 3
    with LabelSet.open(path_of(one)) as reopened:
        assert whole(reopened) == whole(one)


def test_joining_again_changes_nothing(copies: list[LabelSet]) -> None:
    """Also with the same copy twice, an older copy, or the set itself."""
    one, two, _ = copies
    give(two, "ben", {0: "tool"})
    join(one, [path_of(two), path_of(two)])
    give(one, "ada", {0: "list"})
    before, events = whole(one), one.store.all_events()
    for others in ([two], [two, two], [one], []):
        found = join(one, [path_of(each) for each in others])
        assert found == Joined(added={}, conflicts=(), late={}, doubled=())
        assert whole(one) == before
    assert one.store.all_events() == events


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_joining_does_not_matter(copies: list[LabelSet], seed: int) -> None:
    """Copies that were coded, changed, undone and joined at random all say the same in the end."""
    rng = random.Random(seed)
    for _ in range(25):
        labels = rng.choice(copies)
        labels.sync()
        session = Session(labels, rng.choice(("ada", "ben")))
        chance = rng.random()
        if chance < 0.6:
            codes = [code.id for code in labels.book.codes_of("kind")]
            session.code(key(rng.randrange(6)), "kind", [rng.choice(codes)], seconds=1)
        elif chance < 0.75:
            session.undo()
        elif chance < 0.85:
            session.redo()
        elif chance < 0.9:
            change(labels, "rename", "list", name=f"List {rng.random()}")
        elif chance < 0.95:
            if labels.book.find("kind", "course"):
                change(labels, "merge", "course list", "list")
        else:
            join(labels, [path_of(rng.choice(copies))])
    both = set().union(*(uids(labels) for labels in copies))
    order = rng.sample(copies, 3)
    join(order[0], [path_of(each) for each in rng.sample(order, 3)])
    for labels in order[1:]:
        join(labels, [path_of(order[0])])
    for labels in copies:
        assert uids(labels) == both
        assert whole(labels) == whole(order[0])
        assert labels.store.damage() == []


def test_a_set_that_was_begun_apart_is_refused(copies: list[LabelSet], tmp_path: Path) -> None:
    """Nothing is taken then, from no copy that was named with it, though it is called the same."""
    one, two, _ = copies
    give(two, "ben", {0: "tool"})
    before = uids(one)
    with kinds_set(tmp_path / "other" / "a.sqlite") as stranger:
        refused(
            lambda: join(one, [path_of(two), path_of(stranger)]),
            "'a' is no copy of 'a': the two were begun apart",
            str(path_of(stranger)),
            kind=InputError,
        )
    assert uids(one) == before
    assert "ben" not in one.coders()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = replace(body, 'tool', 'list') WHERE kind = 'code'",
        "DELETE FROM events WHERE body LIKE '%tool%' AND kind = 'code'",
        "UPDATE documents SET body = replace(body, 'Repo', 'Rope')",
        "DELETE FROM documents",
    ],
)
def test_a_damaged_copy_is_refused(copies: list[LabelSet], tmp_path: Path, statement: str) -> None:
    """An altered or missing event or text is named, and nothing is taken."""
    one, two, three = copies
    give(two, "ben", {0: "tool", 1: "list"})
    give(three, "cy", {0: "list"})
    two.close()
    bad = tmp_path / "bad.sqlite"
    shutil.copy(path_of(two), bad)
    altered(bad, statement)
    before = uids(one)
    refused(
        lambda: join(one, [path_of(three), bad]),
        "The labels are damaged",
        str(bad),
        "backup",
        kind=ArtifactError,
    )
    assert uids(one) == before


def test_a_file_that_is_no_copy_is_refused(copies: list[LabelSet], tmp_path: Path) -> None:
    """A missing file and a text are errors of their own, and nothing is taken."""
    one, two, _ = copies
    give(two, "ben", {0: "tool"})
    before = uids(one)
    text = tmp_path / "text.sqlite"
    text.write_text("no database" * 100)
    missing = tmp_path / "none.sqlite"
    refused(lambda: join(one, [path_of(two), text]), str(text), kind=ArtifactError)
    refused(lambda: join(one, [path_of(two), missing]), str(missing), kind=InputError)
    assert uids(one) == before


def test_one_coder_in_two_copies_is_a_conflict_until_decided_anew(copies: list[LabelSet]) -> None:
    """Both are shown, the later in the log holds, and a decision that knows of both ends it."""
    one, two, _ = copies
    give(one, "ada", {0: "tool", 1: "list", 2: "list"})
    give(two, "ada", {0: "list", 1: "list"})
    Session(two, "ada").memo(key(0), "unsure")
    Session(one, "ada").memo(key(0), "sure")
    found = join(one, [path_of(two)]).conflicts
    assert {(each.coder, each.item, each.what) for each in found} == {
        ("ada", key(0), "kind"),
        ("ada", key(0), "memo"),
    }
    by_what = {each.what: each for each in found}
    kind = by_what["kind"]
    assert {tuple(kind.first), tuple(kind.last)} == {("tool",), ("list",)}
    session = Session(one, "ada")
    assert session.card(key(0)).answers["kind"].codes == tuple(kind.last)
    assert session.conflicts() == [key(0)]
    assert Session(one, "ben").conflicts() == []
    session.code(key(0), "kind", ["course"])
    assert [each.what for each in one.state.conflicts()] == ["memo"]
    session.memo(key(0), "sure")
    assert session.conflicts() == []
    assert join(two, [path_of(one)]).conflicts == ()
    assert isinstance(kind, Conflict)


@pytest.mark.parametrize("n_before", [0, 20])
def test_what_was_coded_while_another_copy_closed_the_wave_counts_and_is_told(
    copies: list[LabelSet], n_before: int
) -> None:
    """However the log sorts it, before the close or after; what the close knew of is not late."""
    one, two, three = copies
    give(two, "ben", {0: "tool", 1: "list"})
    join(one, [path_of(two)])
    for _ in range(n_before):  # so that the close sorts after what it could not know of
        Session(one, "ada").memo(key(0), "so")
    close(one)
    give(two, "ben", {2: "course", 3: "course"})
    give(three, "cy", {0: "tool"})
    found = join(one, [path_of(two), path_of(three)])
    assert found.late == {"ben": 2, "cy": 1}
    assert final_codes(one, list(one.state.waves.values()))[key(2)]["kind"].codes == ("course",)
    with LabelSet.open(path_of(one)) as reopened:
        assert len(reopened.state.late) == 3
    assert join(two, [path_of(one)]).late == {"ben": 2, "cy": 1}


def test_a_code_that_two_copies_created_is_told_if_it_means_two_things(
    copies: list[LabelSet],
) -> None:
    """One id is one code, as the first says; alike in both, it is nothing to tell."""
    one, two, _ = copies
    for labels, definition in ((one, "Stands alone."), (two, "Runs in a browser.")):
        values = {"id": "app", "name": "App", "definition": definition}
        change(labels, "create", "app", **values)
        change(labels, "create", "shop", id="shop", name="Shop", definition="Sells.")
    found = join(one, [path_of(two)])
    assert found.doubled == ("kind/app",)
    assert [code.id for code in one.book.codes_of("kind")][-2:] == ["app", "shop"]


def test_what_two_copies_drew_is_coded_once(copies: list[LabelSet]) -> None:
    """A document stays in the first wave that it is in; a second wave of a name gets another."""
    one, two, _ = copies
    documents = some_documents(12)
    for labels, numbers in ((one, (8, 9)), (two, (9, 10))):
        drawn = [WaveDocument(documents[number], "all") for number in numbers]
        open_wave(labels, "w2", drawn, coder="ada", coders={}, design={}, seed=1)
    join(one, [path_of(two)])
    join(two, [path_of(one)])
    waves = one.state.waves
    assert len(waves) == 3
    assert {name.partition("-")[0] for name in waves} == {"w1", "w2"}
    items = [item for wave in waves.values() for item in wave.items]
    assert sorted(items) == [key(number) for number in (0, 1, 2, 3, 4, 5, 8, 9, 10)]
    assert all(
        one.state.wave_of[item] == wave.name for wave in waves.values() for item in wave.items
    )
    assert sorted(Session(one, "ada").items) == sorted(items)
    assert whole(one) == whole(two)
    for name in list(waves)[:2]:
        close(one, name)
    left = Session(one, "ada")
    left.code(left.items[0], "kind", ["list"])
    assert left.tally().done == 1


def test_who_works_on_goes_on_after_a_copy_was_joined_elsewhere(copies: list[LabelSet]) -> None:
    """A session that is open counts what came in, also what sorts before its own decisions."""
    one, two, _ = copies
    session = Session(one, "ada")
    for number in range(4):
        session.code(key(number), "kind", ["list"])
    give(two, "ada", {5: "course"})
    with LabelSet.open(path_of(one)) as other:
        join(other, [path_of(two)])
    assert session.tally().done == 4
    session.flag(key(0), True)
    assert session.tally().done == 5
    assert session.tally() == Session(one, "ada").tally()
