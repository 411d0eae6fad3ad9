"""Labels from elsewhere come in as their coders' decisions: all or none, and never over others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from label_sets import change, close, give, key, kinds_set, refused

from artifacts.errors import InputError
from labels.adjudication import Adjudication
from labels.importing import Added, import_items
from labels.label_set import LabelSet
from labels.records import ADJUDICATED, CodedItem
from labels.results import coded_items, final_codes
from labels.session import Session
from labels.waves import closed_waves


@pytest.fixture
def labels(tmp_path: Path) -> Iterator[LabelSet]:
    """Yield a set of labels with six documents that nobody coded."""
    with kinds_set(tmp_path / "kinds.sqlite") as made:
        yield made


def coded(number: int, coder: str = "ada", **values: str) -> CodedItem:
    """Return what a coder said of a document; the codes are words."""
    return CodedItem(key(number), coder, {name: tuple(v.split()) for name, v in values.items()})


FULL = replace(
    coded(0, kind="tool", use="data serving"),
    memo="odd",
    confidence="low",
    flagged=True,
    skipped=True,
    seconds=4.5,
)


def n_events(labels: LabelSet) -> int:
    """Return how many events a set holds."""
    return len(labels.store.all_events())


def test_everything_a_coder_said_comes_in(labels: LabelSet) -> None:
    """Codes in the codebook's order, memo, confidence, marks and time; each says where from."""
    found = import_items(labels, [FULL, coded(1, "ben", kind="list")], source="a.csv")
    assert found == Added(("ada", "ben"), n_items=2, n_decisions=7, n_same=0)
    mine, theirs = coded_items(labels, list(labels.state.waves.values()))
    assert replace(mine, coded_at=None) == replace(
        FULL, values={"kind": ("tool",), "use": ("serving", "data")}
    )
    assert (theirs.coder, theirs.values, theirs.seconds) == ("ben", {"kind": ("list",)}, None)
    assert {event.body["source"] for event in labels.store.all_events()[2:]} == {"a.csv"}
    assert Session(labels, "ada").undo() == key(0)


def test_importing_again_changes_nothing(labels: LabelSet) -> None:
    """Neither the same file, nor what the set itself would write; what says nothing is no same."""
    items = [FULL, coded(1, "ben", kind="list"), coded(2)]
    import_items(labels, items, source="a.csv")
    before = n_events(labels)
    own = coded_items(labels, list(labels.state.waves.values()))
    for again in (items, own, items[::-1]):
        found = import_items(labels, again, source="b.csv")
        assert (found.n_decisions, n_events(labels)) == (0, before)
        assert (found.n_same, found.n_empty) == (2, len(again) - 2)
    found = import_items(labels, [*own, coded(3, kind="list")], source="b.csv")
    assert (found.n_decisions, found.n_same) == (1, len(own))
    assert labels.state.desk("ada").seconds == {key(0): 4.5}


def test_what_a_change_took_along_is_the_same_still(labels: LabelSet) -> None:
    """After a merge the set reads otherwise than it was coded; a split waits for an answer."""
    give(labels, "ada", {0: "course", 1: "tool"}, (1, "data"))
    change(labels, "merge", "course list", "list")
    before = n_events(labels)
    waves = list(labels.state.waves.values())
    found = import_items(labels, coded_items(labels, waves), source="own")
    assert (found.n_same, n_events(labels)) == (2, before)
    change(labels, "split", "tool", "tool library")
    found = import_items(labels, [coded(1, kind="library", use="data")], source="new")
    assert found.n_decisions == 1
    assert Session(labels, "ada").open_items() == []
    assert Session(labels, "ada").card(key(1)).answers["kind"].codes == ("library",)


FINE = coded(5, "ben", kind="list")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (coded(1, kind="tool list"), "'kind' takes exactly one code"),
        (coded(1, kind=""), "'kind' takes exactly one code"),
        (coded(1, kind="nonsense"), "'nonsense' is no code of 'kind'"),
        (coded(1, theme="tool"), "no variable 'theme'"),
        (coded(1, kind="list", use="data"), "'use' has a code, but is asked only if kind is tool"),
        (coded(1, use="data"), "'use' has a code, but is asked only if kind is tool"),
        (coded(99, kind="list"), "The document is in no wave"),
        (coded(1, "a\u202eb", kind="list"), "holds a character that is not seen (U+202E)"),
        (coded(1, ADJUDICATED, kind="list"), "is open, and so nothing in it can be adjudicated"),
        (coded(0, kind="list"), "ada has tool as kind here already, and not list"),
        (coded(0, kind="tool", use=""), "ada has data as use here already, and not none"),
        (replace(coded(0), memo="other"), "ada has 'odd' as memo here already, and not 'other'"),
        (replace(coded(0), confidence="high"), "ada has 'low' as confidence here already"),
        (replace(coded(0), flagged=True), "ada has no as flag here already, and not yes"),
        (FINE, "'ben' coded the document twice"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_all_the_rest(
    labels: LabelSet, bad: CodedItem, said: str
) -> None:
    """The document is named, and nothing of the file comes in."""
    give(labels, "ada", {0: "tool"}, (0, "data"))
    session = Session(labels, "ada")
    session.memo(key(0), "odd")
    session.confidence(key(0), "low")
    session.flag(key(0), True)
    session.flag(key(0), False)
    before = n_events(labels)
    error = refused(
        lambda: import_items(labels, [FINE, bad], source="a.csv"), said, kind=InputError
    )
    assert bad.key in str(error) or "a\\u202eb" in str(error)
    assert n_events(labels) == before
    assert "ben" not in labels.coders()


def test_what_was_taken_back_may_come_in_again(labels: LabelSet) -> None:
    """A label that was cleared, an emptied memo and an undone decision say nothing any more."""
    session = Session(labels, "ada")
    session.code(key(0), "kind", ["list"])
    session.clear(key(0), "kind")
    session.memo(key(0), "x")
    session.memo(key(0), "")
    session.code(key(1), "kind", ["list"])
    session.undo()
    items = [replace(coded(0, kind="course"), memo="y"), coded(1, kind="course")]
    assert import_items(labels, items, source="a.csv").n_decisions == 3
    assert session.refresh() is False
    assert Session(labels, "ada").tally().done == 2


def test_only_a_coders_share_is_taken(tmp_path: Path) -> None:
    """What no result would count is refused: another's document, or a coder who was not named."""
    coders = {"ada": None, "ben": frozenset({key(1)})}
    with kinds_set(tmp_path / "a.sqlite", coders=coders) as labels:
        for item in (coded(0, "ben", kind="list"), coded(1, "cy", kind="list")):
            refused(
                lambda each=item: import_items(labels, [each], source="x"),  # type: ignore[misc]
                f"not for '{item.coder}' to code",
                "ada, ben",
                kind=InputError,
            )
        items = [coded(1, "ben", kind="list"), coded(0, "ada", kind="list")]
        assert import_items(labels, items, source="x").n_decisions == 2


def test_after_the_close_only_what_is_adjudicated_comes_in(labels: LabelSet) -> None:
    """Coders' labels are no longer blind then."""
    give(labels, "ada", {0: "tool"}, (0, "data"))
    close(labels)
    refused(
        lambda: import_items(labels, [coded(1, kind="list")], source="x"),
        "The wave 'w1' was closed",
        "no longer blind",
        kind=InputError,
    )
    found = import_items(labels, [coded(0, ADJUDICATED, kind="list")], source="x")
    assert (found.coders, found.n_decisions) == ((ADJUDICATED,), 1)
    assert labels.state.late == []
    assert final_codes(labels, closed_waves(labels, None))[key(0)]["kind"].codes == ("list",)


def test_an_outcome_comes_in_though_its_condition_was_agreed(
    labels: LabelSet, tmp_path: Path
) -> None:
    """Coders agreed on the kind and settled the use: that reads back into another set."""
    give(labels, "ada", {0: "tool"}, (0, "data"))
    give(labels, "ben", {0: "tool"}, (0, "serving"))
    close(labels)
    waves = closed_waves(labels, None)
    Adjudication(labels, waves, by=["ada", "ben"]).settle(key(0), "use", ["tracking"], memo="both")
    items = coded_items(labels, waves)
    assert [(item.coder, dict(item.values)) for item in items] == [
        ("ada", {"kind": ("tool",), "use": ("data",)}),
        ("ben", {"kind": ("tool",), "use": ("serving",)}),
        (ADJUDICATED, {"use": ("tracking",)}),
    ]
    before = n_events(labels)
    outcome = [item for item in items if item.coder == ADJUDICATED]
    assert import_items(labels, outcome, source="own").n_same == 1
    assert n_events(labels) == before
    with kinds_set(tmp_path / "other.sqlite") as other:
        import_items(other, [item for item in items if item not in outcome], source="x")
        close(other)
        import_items(other, outcome, source="x")
        assert final_codes(other, closed_waves(other, None)) == final_codes(labels, waves)
