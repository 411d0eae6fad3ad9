"""A coder at work: an order of one's own, blind, every decision kept, undone and redone at will."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coding_people import kinds_book, label_set, some_documents
from hypothesis import given
from hypothesis import strategies as st
from label_sets import again, change, close, copied, give, key, kinds_set, refused

from artifacts.errors import InputError
from labels.keys import KEYS, keys_of
from labels.label_set import LabelSet
from labels.session import CodebookChangedError, Session, Suggestion, Tally
from labels.waves import WaveDocument, open_wave

N = 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a set of labels with five documents, closed."""
    kinds_set(tmp_path / "kinds.sqlite", n=N).close()
    return tmp_path / "kinds.sqlite"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of such a set, to be copied."""
    path = tmp_path_factory.mktemp("template") / "kinds.sqlite"
    kinds_set(path, n=N).close()
    return path


def more(labels: LabelSet, *numbers: int, wave: str = "w2", seed: int = 1) -> None:
    """Draw more documents."""
    drawn = [WaveDocument(some_documents(number + 1)[number], "all") for number in numbers]
    open_wave(labels, wave, drawn, coder="ada", coders={}, design={}, seed=seed)


# The order


def test_each_coder_has_an_order_of_ones_own_that_stays(path: Path, tmp_path: Path) -> None:
    """It hangs on seed, coder and document alone, so it is the same again, and in any copy."""
    with LabelSet.open(path) as labels:
        orders = {who: Session(labels, who).items for who in ("ada", "ben", "cy")}
        assert {tuple(sorted(order)) for order in orders.values()} == {
            tuple(sorted(labels.state.wave_of))
        }
        assert len({tuple(order) for order in orders.values()}) == 3
        with copied(labels, tmp_path / "copy.sqlite") as copy:
            assert Session(copy, "ada").items == orders["ada"]
    other = label_set(
        tmp_path / "other.sqlite",
        codebook=kinds_book(),
        documents=some_documents(N),
        coders={},
        seed=2,
    )
    with other:
        assert Session(other, "ada").items != orders["ada"]


def test_an_order_stays_when_a_sample_is_extended(path: Path, tmp_path: Path) -> None:
    """What is drawn later comes after, and within one wave more documents move none."""
    with LabelSet.open(path) as labels:
        before = Session(labels, "ada").items
        more(labels, 8, 9)
        after = Session(labels, "ada").items
        assert after[:N] == before
        assert set(after[N:]) == {key(8), key(9)}
        assert set(Session(labels, "ada", wave="w2").items) == {key(8), key(9)}
    with kinds_set(tmp_path / "larger.sqlite", n=3 * N) as larger:
        assert [item for item in Session(larger, "ada").items if item in before] == before


def test_a_coder_meets_only_the_documents_of_ones_share(tmp_path: Path) -> None:
    """Who overlaps codes a part; who is not named codes nothing."""
    coders = {"ada": None, "ben": frozenset({key(1), key(3)})}
    with kinds_set(tmp_path / "a.sqlite", n=N, coders=coders) as labels:
        assert len(Session(labels, "ada").items) == N
        ben = Session(labels, "ben")
        assert set(ben.items) == {key(1), key(3)}
        assert ben.tally().total == 2
        refused(lambda: ben.code(key(0), "kind", ["tool"]), "not yours to code", kind=InputError)
        refused(lambda: Session(labels, "cy"), "'cy' was not named", "ada, ben", kind=InputError)


def test_a_session_needs_something_to_code(path: Path) -> None:
    """A wave that is not there or closed, and a name that nobody can have, are refused."""
    with LabelSet.open(path) as labels:
        refused(lambda: Session(labels, "ada", wave="w9"), "no wave 'w9'", "w1", kind=InputError)
        refused(lambda: Session(labels, "adjudicated"), "is kept for", kind=InputError)
        more(labels, 9)
        close(labels, "w1")
        assert Session(labels, "ada").items == [key(9)]
        refused(lambda: Session(labels, "ada", wave="w1"), "'w1' is closed", kind=InputError)
        close(labels, "w2")
        refused(lambda: Session(labels, "ada"), "Every wave is closed", kind=InputError)


# Blind


def test_nothing_of_a_session_shows_what_others_or_the_machine_say(path: Path) -> None:
    """Whatever another coder decides, everything that a session returns stays as it was."""

    def shown(session: Session) -> list[Any]:
        cards = [session.card(item) for item in session.items]
        documents = [session.document(item) for item in session.items]
        parts = (session.items, session.tally(), session.next_item(), session.open_items())
        return [cards, documents, *parts, session.conflicts(), session.desk]

    guess = {key(0): {"kind": Suggestion("tool", "near Repo-003")}}
    with LabelSet.open(path) as labels, LabelSet.open(path) as other:
        blind, guided = Session(labels, "ada"), Session(labels, "ada", suggestions=guess)
        before = shown(blind), shown(guided)
        give(other, "ben", {0: "tool", 1: "list"}, (0, "data"))
        session = Session(other, "ben")
        session.flag(key(1), True)
        session.memo(key(1), "odd")
        assert blind.refresh() is False
        assert (shown(blind), shown(guided)) == before
        assert "tool" not in repr(before[0][0])
        assert (blind.can_suggest, guided.can_suggest) == (False, True)


def test_a_guess_is_recorded_as_seen_only_when_it_is_asked_for(path: Path) -> None:
    """Neither opening nor coding a document shows it; asking leaves an event."""
    guess = {key(0): {"kind": Suggestion("tool", "near Repo-003")}}
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada", suggestions=guess)
        session.code(key(0), "kind", ["list"])
        session.card(key(0))
        assert session.desk.saw == {}
        assert session.suggestion(key(1), "kind") is None
        assert session.suggestion(key(0), "use") is None
        assert session.desk.saw == {}
        assert session.suggestion(key(0), "kind") == guess[key(0)]["kind"]
        assert session.undo() == key(0)  # seeing cannot be undone
    with LabelSet.open(path) as labels:
        (seen,) = labels.state.desk("ada").saw[key(0)]
        assert seen == {"variable": "kind", "code": "tool", "text": "near Repo-003"}


# Codes


def test_a_variable_is_asked_only_where_its_condition_holds(path: Path) -> None:
    """Another kind hides the use of a tool; the kind back again brings it back."""
    item = key(0)
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")

        def asked() -> tuple[list[str], str | None, dict[str, tuple[str, ...]]]:
            card = session.card(item)
            values = {name: answer.codes for name, answer in card.answers.items()}
            return [each.id for each in card.variables], card.waiting, values

        assert asked() == (["kind"], "kind", {})
        said = "'use' is not asked of this document as it is coded"
        refused(lambda: session.code(item, "use", ["data"]), said, "asked: kind", kind=InputError)
        session.code(item, "kind", ["tool"])
        assert asked() == (["kind", "use"], "use", {"kind": ("tool",)})
        session.code(item, "use", ["data", "serving"])
        full = (["kind", "use"], None, {"kind": ("tool",), "use": ("serving", "data")})
        assert asked() == full
        session.code(item, "kind", ["list"])
        assert asked() == (["kind"], None, {"kind": ("list",)})
        session.code(item, "kind", ["tool"])
        assert asked() == full
        session.clear(item, "kind")
        assert asked() == (["kind"], "kind", {})
        assert session.tally().done == 0


def test_several_codes_or_none_may_apply(path: Path) -> None:
    """They are kept in the codebook's order, once each; that none applies is an answer."""
    item = key(0)
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        session.code(item, "kind", ["tool"])
        session.code(item, "use", ["data", "serving", "data"])
        assert session.card(item).answers["use"].codes == ("serving", "data")
        session.code(item, "use", [])
        card = session.card(item)
        assert card.answers["use"].codes == ()
        assert card.answers["use"].is_settled
        assert card.is_done


@pytest.mark.parametrize(
    ("variable", "codes", "said"),
    [
        ("kind", ["serving"], "'serving' is no code of 'kind'"),
        ("kind", ["nonsense"], "in use: tool, library, list, course"),
        ("kind", [], "takes exactly one code"),
        ("kind", ["tool", "list"], "takes exactly one code"),
        ("use", ["serving", "x"], "'x' is no code of 'use'"),
        ("theme", ["tool"], "'theme' is not asked"),
    ],
)
def test_codes_that_are_no_answer_are_refused(
    path: Path, variable: str, codes: list[str], said: str
) -> None:
    """The document and what would do are named, and nothing is written."""
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        session.code(key(0), "kind", ["tool"])
        refused(lambda: session.code(key(0), variable, codes), said, key(0), kind=InputError)
        assert len(labels.store.all_events()) == 3


def test_what_else_is_said_of_a_document_is_kept(path: Path) -> None:
    """Memo, confidence, flag and time are there again after a restart; seconds add up."""
    item = key(2)
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        session.memo(item, "first", seconds=1.5)
        session.memo(item, "second", seconds=0.25)
        session.confidence(item, "low", seconds=2)
        session.flag(item, True)
        refused(
            lambda: session.confidence(item, "sure"),  # type: ignore[arg-type]
            "'sure' is no confidence",
            kind=InputError,
        )
        session.code(item, "kind", ["list"], seconds=0.1)
        session.undo()
    with LabelSet.open(path) as labels:
        card = Session(labels, "ada").card(item)
        assert (card.memo, card.confidence, card.flagged) == ("second", "low", True)
        assert card.seconds == pytest.approx(3.85)
        assert card.waiting == "kind"


def test_documents_that_were_put_aside_come_last(path: Path) -> None:
    """They come after all others, and when nothing else is left they come again."""
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        first, second, third, *rest = session.items
        assert session.next_item() == first
        session.skip(first, True)
        assert session.next_item() == second
        assert session.next_item(after=third) == rest[0]
        assert session.next_item(after=rest[-1]) == second
        for item in session.items[1:]:
            session.code(item, "kind", ["list"])
        assert session.tally() == Tally(total=N, done=N - 1, skipped=1, flagged=0, open=0)
        assert session.next_item() == session.next_item(after=first) == first
        session.skip(first, False)
        assert session.tally().skipped == 0
        session.code(first, "kind", ["list"])
        assert session.next_item() is session.next_item(after=first) is None


# Undo and redo


def test_undo_and_redo_go_all_the_way_also_after_a_restart(path: Path) -> None:
    """Back to nothing and forth to everything, from a log that only grows."""
    states = []
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        steps: list[Callable[[], None]] = [
            lambda: session.code(key(0), "kind", ["tool"]),
            lambda: session.code(key(0), "use", ["data"]),
            lambda: session.memo(key(1), "odd"),
            lambda: session.code(key(0), "kind", ["list"]),
            lambda: session.flag(key(1), True),
            lambda: session.skip(key(2), True),
        ]
        states.append(seen(session))
        for step in steps:
            step()
            states.append(seen(session))
    for turn in ("undo", "redo"):
        for state in states[-2::-1] if turn == "undo" else states[1:]:
            with LabelSet.open(path) as labels:
                session = Session(labels, "ada")
                assert getattr(session, turn)() in session.items
                assert seen(session) == state
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        assert session.redo() is None
        assert len(labels.store.all_events()) == 2 + 3 * len(steps)
        session.undo()
        session.memo(key(0), "new")
        assert session.redo() is None  # something else was decided since
        give(labels, "ben", {0: "tool"})
        assert session.undo() == key(0)
        assert session.card(key(0)).memo == ""  # one's own, never another's


def seen(session: Session) -> list[object]:
    """Return all that a session shows but the time spent."""
    return [session.tally(), *(session.card(item) for item in session.items)]


def test_undo_stays_within_what_is_being_coded(path: Path) -> None:
    """A session of one wave takes nothing of another back, nor of one that was closed."""
    with LabelSet.open(path) as labels:
        give(labels, "ada", {0: "tool"})
        more(labels, 9)
        session = Session(labels, "ada", wave="w2")
        assert session.undo() is None
        session.code(key(9), "kind", ["list"])
        assert session.undo() == key(9)
        assert session.undo() is None
        assert session.redo() == key(9)
        everything = Session(labels, "ada")
        close(labels, "w2")
        refused(session.undo, "'w2' was closed", kind=InputError)
        refused(everything.undo, "'w2' was closed", kind=InputError)
        assert Session(labels, "ada").undo() == key(0)


def test_a_wave_that_was_closed_takes_no_more_decisions(path: Path) -> None:
    """A session that is open meanwhile is told, and what was decided stays."""
    with LabelSet.open(path) as labels, LabelSet.open(path) as other:
        session = Session(labels, "ada")
        session.code(key(0), "kind", ["tool"])
        close(other)
        for work in (
            lambda: session.code(key(1), "kind", ["tool"]),
            lambda: session.clear(key(0), "kind"),
            lambda: session.memo(key(0), "x"),
            lambda: session.confidence(key(0), "high"),
            lambda: session.flag(key(0), True),
            lambda: session.skip(key(1), True),
            session.undo,
        ):
            refused(work, "The wave 'w1' was closed", kind=InputError)
        assert session.card(key(0)).answers["kind"].codes == ("tool",)
        assert len(labels.store.all_events()) == 4


# The codebook changes


def test_a_change_of_the_codebook_is_seen_before_the_next_decision(path: Path) -> None:
    """The coder is told, looks at it, and decides again; what a split left open is to be coded."""
    with LabelSet.open(path) as labels, LabelSet.open(path) as other:
        session = Session(labels, "ada")
        session.code(key(0), "kind", ["tool"])
        session.code(key(0), "use", ["data"])
        session.code(key(1), "kind", ["list"])
        change(other, "split", "tool", "tool library")
        refused(
            lambda: session.code(key(2), "kind", ["tool"]),
            "The codebook was changed meanwhile",
            kind=CodebookChangedError,
        )
        assert session.refresh() is True
        assert session.refresh() is False
        assert session.open_items() == [key(0)]
        assert session.tally() == Tally(total=N, done=1, skipped=0, flagged=0, open=1)
        card = session.card(key(0))
        assert card.waiting == "kind"
        assert card.answers["kind"].open == (frozenset({"tool", "library"}),)
        assert [each.id for each in card.variables] == ["kind"]
        session.code(key(0), "kind", ["library"])
        assert session.tally().open == 0
        assert session.card(key(0)).answers["use"].codes == ("data",)  # libraries were tools


def test_coders_may_add_codes_where_a_variable_is_open(tmp_path: Path) -> None:
    """The id is made of the name, and never used again."""
    variables = [{"id": "kind", "name": "Kind", "open": True}, {"id": "use", "name": "Use"}]
    book = kinds_book(variables=variables)
    coders: dict[str, frozenset[str] | None] = {}
    path = tmp_path / "a.sqlite"
    with label_set(path, codebook=book, documents=some_documents(2), coders=coders) as labels:
        session = Session(labels, "ada")
        code = session.add_code("kind", "Déjà vu!", "Seen before.", "seen twice")
        assert (code.id, code.name, code.definition) == ("deja-vu", "Déjà vu!", "Seen before.")
        session.code(key(0), "kind", ["deja-vu"])
        refused(
            lambda: session.add_code("kind", "Déjà vu!", "Again.", "x"),
            "'deja-vu' and 'deja-vu-2' would have one name",
            kind=InputError,
        )
        refused(
            lambda: session.add_code("use", "New", "New.", "x"), "no new codes", kind=InputError
        )
        refused(lambda: session.add_code("kind", " ", "", "x"), "cannot be made", kind=InputError)
        refused(lambda: session.add_code("kind", "Y", "Y.", " "), "a reason", kind=InputError)
        change(labels, "retire", "deja-vu")
        session.refresh()
        assert session.add_code("kind", "Déjà vu!", "", "again").id == "deja-vu-2"
        assert session.add_code("kind", "再见", "", "x").id == "code"
        assert session.open_items() == [key(0)]
        assert labels.state.changes[0][0].coder == "ada"


# Counts


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(("kind", "kind", "kind", "use", "clear", "flag", "skip", "undo", "redo")),
        st.integers(0, N - 1),
        st.integers(0, 3),
    ),
    max_size=25,
)


def decide(session: Session, what: str, number: int, x: int) -> bool:
    """Let a coder do something; tell whether it was possible."""
    item, book = key(number), session.labels.book
    try:
        if what == "kind":
            codes = [code.id for code in book.codes_of("kind")]
            session.code(item, "kind", [codes[x % len(codes)]])
        elif what == "use":
            session.code(item, "use", ["serving", "data"][: x % 3])
        elif what == "clear":
            session.clear(item, "kind")
        elif what in ("flag", "skip"):
            getattr(session, what)(item, bool(x % 2))
        else:
            return getattr(session, what)() is not None
    except CodebookChangedError:
        session.refresh()
        return False
    except InputError:
        assert what == "use"
        return False
    return True


@given(OPERATIONS)
def test_counts_are_what_a_plain_reading_of_the_decisions_says(
    template: Path, tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, int, int]]
) -> None:
    """The decisions that hold, kept as a list with undo and redo, give the same tally."""
    path = tmp_path_factory.mktemp("counts") / "a.sqlite"
    done: list[tuple[str, int, int]] = []
    undone: list[tuple[str, int, int]] = []
    with again(path, template) as labels:
        session = Session(labels, "ada")
        for operation in operations:
            if not decide(session, *operation):
                continue
            if operation[0] == "undo":
                undone.append(done.pop())
            elif operation[0] == "redo":
                done.append(undone.pop())
            else:
                done.append(operation)
                undone.clear()
            assert session.tally() == plain_tally(done)
    path.unlink()


def plain_tally(decisions: list[tuple[str, int, int]]) -> Tally:
    """Return the tally of decisions that hold, by the letter."""
    kinds = ["tool", "library", "list", "course"]
    last = {("kind" if w == "clear" else w, n): (w, x) for w, n, x in decisions}

    def on(what: str, number: int) -> bool:
        return bool(last.get((what, number), ("", 0))[1] % 2)

    def is_done(number: int) -> bool:
        what, x = last.get(("kind", number), ("clear", 0))
        return what == "kind" and (kinds[x] != "tool" or ("use", number) in last)

    done = {number for number in range(N) if is_done(number)}
    skipped = {number for number in range(N) if on("skip", number)} - done
    n_flagged = sum(on("flag", number) for number in range(N))
    return Tally(total=N, done=len(done), skipped=len(skipped), flagged=n_flagged, open=0)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from((0, 1)), OPERATIONS.filter(bool).map(lambda each: each[0])),
            st.sampled_from(
                (
                    ("split", "list", "list course"),
                    ("merge", "list course", "course"),
                    ("merge", "library tool", "tool"),
                    ("split", "tool", "tool library"),
                    ("retire", "library", ""),
                )
            ),
        ),
        max_size=15,
    )
)
def test_counts_are_those_of_a_new_session_whoever_did_what(
    template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    """One coder in two windows, and changes of the codebook: each window counts all in the end."""
    path = tmp_path_factory.mktemp("counts") / "a.sqlite"
    with again(path, template) as one, LabelSet.open(path) as two, LabelSet.open(path) as lead:
        windows = [Session(one, "ada"), Session(two, "ada")]
        for step in steps:
            if isinstance(step[0], str):
                try:
                    change(lead, *step)
                except InputError:
                    continue
                continue
            window, operation = step
            if decide(windows[window], *operation):
                fresh = Session(one, "ada")
                one.sync()
                fresh.refresh()
                assert windows[window].tally() == fresh.tally()
        for window in windows:
            window.refresh()
            with LabelSet.open(path) as labels:
                fresh = Session(labels, "ada")
                assert window.tally() == fresh.tally()
                assert window.open_items() == fresh.open_items()
                assert window.next_item() == fresh.next_item()
    path.unlink()


# Keys


def test_each_code_has_a_key_of_its_own() -> None:
    """The one it names, else a letter of its name, else any; the first comes first."""
    book = kinds_book()
    assert keys_of(book.codes_of("kind")) == {
        "t": "tool",
        "l": "library",
        "i": "list",
        "c": "course",
    }
    codes = list(book.codes_of("kind"))
    codes[3] = codes[3].model_copy(update={"key": "t"})
    assert keys_of(codes) == {"o": "tool", "l": "library", "i": "list", "t": "course"}
    codes[0] = codes[0].model_copy(update={"key": "t"})  # two copies that were joined
    assert keys_of(codes) == {"t": "tool", "l": "library", "i": "list", "c": "course"}


@given(st.lists(st.sampled_from(["aaa", "été", "x y", "Z9"]), max_size=50))
def test_keys_are_given_as_long_as_there_are_any(names: list[str]) -> None:
    """Up to 36 codes have one each, whatever they are called."""
    code = kinds_book().codes[0]
    codes = [
        code.model_copy(update={"id": f"c-{number}", "name": name})
        for number, name in enumerate(names)
    ]
    found = keys_of(codes)
    assert len(found) == len(set(found.values())) == min(len(names), len(KEYS))
    assert list(found.values()) == [each.id for each in codes if each.id in found.values()]
