"""What coders said becomes results: disputes are settled, originals stay, each has an origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from coding_people import kinds_book, label_set, some_documents
from label_sets import Ticks, change, close, copied, give, key, kinds_set, refused

from artifacts.errors import InputError
from labels.adjudication import Adjudication
from labels.agreement.coded import Coded, coded_by_version, coded_variables
from labels.changes import change_codebook
from labels.history.book import Change
from labels.joining import join
from labels.label_set import LabelSet, new_label_set
from labels.records import ADJUDICATED
from labels.results import Final, coded_items, final_codes, in_coding_order
from labels.session import Session
from labels.waves import WaveDocument, closed_waves, coders_of, open_wave

N = 6


@pytest.fixture
def labels(tmp_path: Path) -> Iterator[LabelSet]:
    """Yield a set that ada and ben coded, and closed.

    They agree on 0 and 1, and disagree on the use of 2 and on the kind of 3; 4 only ada coded.
    """
    with kinds_set(tmp_path / "kinds.sqlite", n=N) as made:
        give(made, "ada", {0: "tool", 1: "list", 2: "tool", 3: "tool", 4: "list"})
        give(made, "ada", {}, (0, "data"), (2, "data serving"), (3, "serving"))
        give(made, "ben", {0: "tool", 1: "list", 2: "tool", 3: "course"}, (0, "data"), (2, ""))
        Session(made, "ben").memo(key(2), "who knows")
        Session(made, "ben").flag(key(2), True)
        close(made)
        yield made


def adjudication(labels: LabelSet) -> Adjudication:
    """Return both coders at the table."""
    return Adjudication(labels, closed_waves(labels, None), by=["ada", "ben"])


def finals(labels: LabelSet) -> dict[int, dict[str, Final]]:
    """Return the codes that count, by the number of the document."""
    found = final_codes(labels, list(labels.state.waves.values()))
    return {int(item[-3:]): values for item, values in found.items()}


def values(coded: Coded) -> dict[tuple[int, str], str]:
    """Return what each coder gave, by the number of the document; codes as words."""
    return {
        (int(item[-3:]), who): " ".join(sorted(codes))
        for (item, who), codes in coded.values.items()
    }


# Adjudication


def test_only_disagreements_are_laid_before_those_who_adjudicate(labels: LabelSet) -> None:
    """Each with what every coder said of it, in the order of the sample."""
    found = adjudication(labels).disputes()
    assert [(each.item, each.variable) for each in found] == [(key(2), "use"), (key(3), "kind")]
    assert adjudication(labels).items == [key(2), key(3)]
    use, kind = found
    ada, ben = use.sides
    assert (ada.coder, ada.memo, ada.flagged) == ("ada", "", False)
    assert (ben.coder, ben.memo, ben.flagged) == ("ben", "who knows", True)
    assert ada.answer is not None
    assert ben.answer is not None
    assert (ada.answer.codes, ben.answer.codes) == (("serving", "data"), ())
    assert [side.answer.codes for side in kind.sides if side.answer] == [("tool",), ("course",)]
    assert use.outcome is kind.outcome is None
    assert adjudication(labels).disputes(key(0)) == []


def test_an_outcome_is_a_coder_of_its_own_and_nothing_else_is_changed(labels: LabelSet) -> None:
    """What each coder had said stays as it was, and who was there is on record."""
    before = {who: labels.state.answers(who, key(2)) for who in ("ada", "ben")}
    table = adjudication(labels)
    table.settle(key(2), "use", ["tracking", "data", "data"], memo="both wrong")
    (dispute,) = table.disputes(key(2))
    assert dispute.outcome == ("tracking", "data")
    assert table.memo_of(key(2)) == "both wrong"
    assert {who: labels.state.answers(who, key(2)) for who in ("ada", "ben")} == before
    assert labels.coders() == ["ada", "ben"]
    *_, memo, outcome = labels.store.all_events()
    assert (memo.kind, outcome.kind, outcome.coder) == ("memo", "code", ADJUDICATED)
    assert memo.body["by"] == outcome.body["by"] == ["ada", "ben"]
    table.settle(key(2), "use", [])
    assert table.disputes(key(2))[0].outcome == ()
    table.note(key(2), "neither")
    with LabelSet.open(labels.store.path) as reopened:
        assert adjudication(reopened).disputes() == table.disputes()
        assert adjudication(reopened).memo_of(key(2)) == "neither"


def test_what_adjudication_refuses(labels: LabelSet) -> None:
    """What nobody disagrees on, codes that are none, and a table with nobody at it."""
    table = adjudication(labels)
    n_events = len(labels.store.all_events())
    for item, variable, codes, said in (
        (key(0), "kind", ["list"], "Nobody disagrees on 'kind' here"),
        (key(3), "use", ["data"], "Nobody disagrees on 'use' here"),
        (key(99), "kind", ["list"], "Nobody disagrees on 'kind' here"),
        (key(3), "kind", [], "takes exactly one code"),
        (key(3), "kind", ["serving"], "'serving' is no code of 'kind'"),
    ):
        refused(
            lambda i=item, v=variable, c=codes: table.settle(i, v, c),  # type: ignore[misc]
            said,
            item,
            kind=InputError,
        )
    refused(lambda: table.note(key(0), "x"), "Nobody disagrees", kind=InputError)
    refused(lambda: Adjudication(labels, [], by=[]), "Nobody is named", kind=InputError)
    refused(lambda: Adjudication(labels, [], by=[" "]), "no name", kind=InputError)
    assert len(labels.store.all_events()) == n_events


def test_outcomes_are_undone_and_redone(labels: LabelSet) -> None:
    """The outcome goes first and its reason after it; coders' decisions are out of reach."""
    table = adjudication(labels)
    assert table.undo() is table.redo() is None
    table.settle(key(3), "kind", ["tool"])
    table.settle(key(2), "use", ["data"], memo="so")
    assert table.undo() == key(2)
    assert (table.disputes(key(2))[0].outcome, table.memo_of(key(2))) == (None, "so")
    assert table.undo() == key(2)
    assert table.memo_of(key(2)) == ""
    table = adjudication(labels)
    assert table.undo() == key(3)
    assert table.undo() is None
    assert finals(labels)[3] == {}
    assert [table.redo() for _ in range(4)] == [key(3), key(2), key(2), None]
    assert table.disputes(key(2))[0].outcome == ("data",)
    assert labels.state.answers("ada", key(2))["use"].codes == ("serving", "data")


def test_each_wave_is_settled_by_itself(labels: LabelSet) -> None:
    """Undo reaches no wave that is not on the table."""
    drawn = [WaveDocument(some_documents(10)[9], "all")]
    open_wave(labels, "w2", drawn, coder="ada", coders={}, design={}, seed=1)
    give(labels, "ada", {9: "tool"})
    give(labels, "ben", {9: "list"})
    refused(lambda: closed_waves(labels, None), "'w2' is open", "--wave w1", kind=InputError)
    close(labels, "w2")
    first = Adjudication(labels, closed_waves(labels, ["w1"]), by=["ada"])
    second = Adjudication(labels, closed_waves(labels, ["w2"]), by=["ada"])
    first.settle(key(3), "kind", ["tool"])
    assert second.items == [key(9)]
    assert second.undo() is None
    assert first.undo() == key(3)
    assert len(adjudication(labels).items) == 3


def test_coders_disagree_only_where_both_were_to_code(tmp_path: Path) -> None:
    """A document outside of a coder's share is in no dispute with that coder."""
    coders = {"ada": None, "ben": frozenset({key(1)})}
    with kinds_set(tmp_path / "a.sqlite", n=2, coders=coders) as labels:
        give(labels, "ada", {0: "list", 1: "list"})
        give(labels, "ben", {1: "course"})
        close(labels)
        assert adjudication(labels).items == [key(1)]
        assert finals(labels) == {0: {"kind": Final(("list",), "one coder")}, 1: {}}
        assert coders_of(labels, labels.state.waves["w1"]) == ["ada", "ben"]


# The codes that count


def test_codes_that_count_say_where_they_are_from(labels: LabelSet) -> None:
    """Agreed by all, said by the only one, or adjudicated; what is disputed is not there."""
    tool, data = Final(("tool",), "agreed"), Final(("data",), "agreed")
    assert finals(labels) == {
        0: {"kind": tool, "use": data},
        1: {"kind": Final(("list",), "agreed")},
        2: {"kind": tool},
        3: {},
        4: {"kind": Final(("list",), "one coder")},
        5: {},
    }
    table = adjudication(labels)
    table.settle(key(2), "use", [])
    table.settle(key(3), "kind", ["tool"])
    assert finals(labels)[2] == {"kind": tool, "use": Final((), "adjudicated")}
    assert finals(labels)[3] == {
        "kind": Final(("tool",), "adjudicated"),
        "use": Final(("serving",), "one coder"),
    }


def test_what_no_longer_applies_after_adjudication_is_left_out(labels: LabelSet) -> None:
    """The kind was settled as a course, so what it is used for as a tool does not count."""
    table = adjudication(labels)
    table.settle(key(2), "use", ["data"])
    table.settle(key(3), "kind", ["course"])
    assert finals(labels)[3] == {"kind": Final(("course",), "adjudicated")}
    change(labels, "merge", "tool library", "library")
    assert finals(labels)[2]["use"] == Final(("data",), "adjudicated")
    change(labels, "split", "library", "library list")
    assert finals(labels)[2] == {}
    (item,) = [
        each
        for each in coded_items(labels, closed_waves(labels, None))
        if (each.key, each.coder) == (key(2), ADJUDICATED)
    ]
    assert item.values == {}


def test_everything_that_was_said_can_be_taken_along(tmp_path: Path) -> None:
    """An item for each document that a coder touched, and for each that was adjudicated."""
    path = tmp_path / "a.sqlite"
    kinds_set(path, n=3).close()
    with LabelSet.open(path, clock=Ticks()) as labels:
        session = Session(labels, "ada")
        session.code(key(0), "kind", ["tool"], seconds=2)
        session.code(key(0), "use", ["data"])
        session.code(key(0), "kind", ["list"], seconds=1)
        session.skip(key(1), True)
        give(labels, "ben", {0: "course"})
        close(labels)
        adjudication(labels).settle(key(0), "kind", ["list"])
        found = coded_items(labels, closed_waves(labels, None))
    assert [(each.coder, each.key) for each in found] == [
        ("ada", key(0)),
        ("ada", key(1)),
        ("ben", key(0)),
        (ADJUDICATED, key(0)),
    ]
    first, second, third, outcome = found
    assert first.values == outcome.values == {"kind": ("list",)}
    assert (first.seconds, first.skipped, third.seconds) == (3, False, None)
    assert (second.values, second.skipped) == ({}, True)
    assert first.coded_at is not None
    assert first.coded_at.isoformat() == "2026-01-01T00:00:03+00:00"


def test_the_order_in_which_a_coder_came_to_documents_is_known(labels: LabelSet) -> None:
    """By the first decision about each, whatever was decided again later."""
    items = [key(number) for number in range(N)]
    assert in_coding_order(labels, items, "ada") == [key(n) for n in (0, 1, 2, 3, 4)]
    assert in_coding_order(labels, items[::-1], "ben") == [key(n) for n in (0, 1, 2, 3)]
    assert in_coding_order(labels, items, "cy") == []


# What agreement is measured on


def test_what_coders_said_is_there_variable_by_variable(labels: LabelSet) -> None:
    """Only what applies and was answered, without what was adjudicated."""
    adjudication(labels).settle(key(3), "kind", ["list"])
    kind, use = coded_variables(labels, closed_waves(labels, None))
    assert (kind.variable, kind.level, kind.multiple) == ("kind", "nominal", False)
    assert kind.codes == ("tool", "library", "list", "course")
    assert kind.coders == use.coders == ("ada", "ben")
    assert kind.items == tuple(key(number) for number in range(5))
    assert set(kind.wave_of.values()) == {"w1"}
    assert values(kind) == {
        **{(0, who): "tool" for who in ("ada", "ben")},
        **{(1, who): "list" for who in ("ada", "ben")},
        **{(2, who): "tool" for who in ("ada", "ben")},
        (3, "ada"): "tool",
        (3, "ben"): "course",
        (4, "ada"): "list",
    }
    assert use.multiple
    assert values(use) == {
        (0, "ada"): "data",
        (0, "ben"): "data",
        (2, "ada"): "data serving",
        (2, "ben"): "",
        (3, "ada"): "serving",
    }


def test_what_was_said_reads_under_the_codebook_as_it_is(labels: LabelSet) -> None:
    """Merged codes agree; what a split left open is missing, and so is all that hangs on it."""
    change(labels, "merge", "course tool", "tool")
    kind, use = coded_variables(labels, closed_waves(labels, None))
    assert kind.codes == ("tool", "library", "list")
    assert values(kind)[3, "ben"] == "tool"
    change(labels, "split", "tool", "tool library")
    kind, use = coded_variables(labels, closed_waves(labels, None))
    assert values(kind) == {(1, "ada"): "list", (1, "ben"): "list", (4, "ada"): "list"}
    assert values(use) == {}


def test_what_was_said_under_each_version_reads_as_it_was_given(tmp_path: Path) -> None:
    """Under the codes of then; documents on which coders knew other versions are left out."""
    with kinds_set(tmp_path / "a.sqlite") as labels:
        give(labels, "ada", {0: "tool", 1: "course", 2: "list"}, (0, "data"))
        give(labels, "ben", {0: "library", 1: "course"})
        change(labels, "merge", "course list", "list")
        give(labels, "ben", {2: "list"})
        give(labels, "ada", {3: "list", 4: "tool"})
        give(labels, "ben", {3: "tool"})
        close(labels)
        found = coded_by_version(labels, closed_waves(labels, None))
        assert list(found) == [1, 2]
        first, use = found[1]
        (second,) = found[2]
        assert first.codes == ("tool", "library", "list", "course")
        assert values(first) == {
            (0, "ada"): "tool",
            (0, "ben"): "library",
            (1, "ada"): "course",
            (1, "ben"): "course",
        }
        assert values(use) == {(0, "ada"): "data"}
        assert second.codes == ("tool", "library", "list")
        assert values(second) == {(3, "ada"): "list", (3, "ben"): "tool", (4, "ada"): "tool"}
        present = values(coded_variables(labels, closed_waves(labels, None))[0])
        assert (present[1, "ada"], present[2, "ada"], present[2, "ben"]) == ("list",) * 3


def test_what_copies_said_apart_is_of_no_version(tmp_path: Path) -> None:
    """What sorts after a change that its coder could not know of was said under neither version."""
    with kinds_set(tmp_path / "a.sqlite") as one, copied(one, tmp_path / "b.sqlite") as two:
        give(one, "ada", {0: "tool"})
        change(one, "rename", "tool", name="Software")
        for number in (0, 1, 2):  # the last sorts after the change, the first before it
            give(two, "ben", {number: "list"})
        give(one, "ada", {1: "list"})
        join(one, [tmp_path / "b.sqlite"])
        close(one)
        found = coded_by_version(one, closed_waves(one, None))
        assert list(found) == [1]
        assert values(found[1][0]) == {(0, "ada"): "tool", (0, "ben"): "list"}
        assert len(values(coded_variables(one, closed_waves(one, None))[0])) == 5


def test_a_scale_brings_its_points_and_one_code_is_no_variable(tmp_path: Path) -> None:
    """An interval variable has a value for each code; one without two codes is left out."""
    names = [("kind", "tool", None), ("kind", "list", None)]
    names += [("age", "new", 1.0), ("age", "old", 9.5)]  # type: ignore[list-item]
    codes = [
        {"id": code, "variable": variable, "name": code, "definition": "x.", "value": value}
        for variable, code, value in names
    ]
    variables = [
        {"id": "kind", "name": "Kind"},
        {"id": "age", "name": "Age", "level": "interval"},
        {"id": "more", "name": "More", "open": True},
    ]
    book = kinds_book(variables=variables, codes=codes)
    path = tmp_path / "a.sqlite"
    with label_set(path, codebook=book, documents=some_documents(1), coders={}) as labels:
        session = Session(labels, "ada")
        session.code(key(0), "kind", ["tool"])
        session.code(key(0), "age", ["old"])
        close(labels)
        waves = closed_waves(labels, None)
        kind, age = coded_variables(labels, waves)
        assert (kind.points, kind.level) == ({}, "nominal")
        assert (age.points, age.level) == ({"new": 1.0, "old": 9.5}, "interval")
        retired = Change("retire", "kind", ("list",), reason="unused")
        change_codebook(labels, [retired], coder="ada")
        assert [each.variable for each in coded_variables(labels, waves)] == ["age"]
        assert [each.variable for each in coded_by_version(labels, waves)[1]] == ["kind", "age"]


def test_a_set_without_waves_has_no_results(tmp_path: Path) -> None:
    """There is nothing to close and nothing to look at."""
    with new_label_set(tmp_path / "a.sqlite", kinds_book(), coder="ada") as labels:
        refused(lambda: closed_waves(labels, None), "There is no wave yet", kind=InputError)
        assert final_codes(labels, []) == {}
        assert coded_items(labels, []) == []
        assert coded_by_version(labels, []) == {}
