"""Coders can say that none of the codes applies, and that counts as an answer of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from coding_people import kinds_book, label_set, some_documents
from label_sets import change, close, give, key, refused
from label_studies import lines
from test_annotator import press, settle, shown

from artifacts.errors import InputError
from labels.adjudication import Adjudication
from labels.agreement.coded import coded_variables
from labels.agreement.report import confusions
from labels.annotator.script import decide_from_lines, settle_from_lines
from labels.changes import changes_between, refuse_other_questions
from labels.importing import import_items
from labels.label_set import LabelSet
from labels.records import NONE, CodedItem
from labels.results import coded_items, final_codes
from labels.saturation import StoppingRule, saturation_of
from labels.session import Session
from labels.waves import closed_waves

HEAD = {"name": "kinds", "title": "Kinds", "version": 1}
BOOK = kinds_book(codebook={**HEAD, "none": ["other", "None"]})


@pytest.fixture
def labels(tmp_path: Path) -> Iterator[LabelSet]:
    """Yield a set of six documents whose codebook has words for no code."""
    documents = some_documents(6)
    with label_set(
        tmp_path / "kinds.sqlite", codebook=BOOK, documents=documents, coders={}
    ) as made:
        yield made


def none(labels: LabelSet, coder: str, *numbers: int) -> None:
    """Let a coder say of some documents that no kind applies."""
    for number in numbers:
        Session(labels, coder).code(key(number), "kind", [])


def test_none_is_an_answer_where_the_codebook_has_a_word_for_it(labels: LabelSet) -> None:
    """The document is done, what hangs on a kind is not asked, and undo takes it back."""
    session = Session(labels, "ada")
    session.code(key(0), "kind", [])
    card = session.card(key(0))
    assert (card.is_done, [each.id for each in card.variables]) == (True, ["kind"])
    assert card.answers["kind"].codes == ()
    assert session.undo() == key(0) and not session.card(key(0)).is_done
    session.clear(key(0), "kind")
    assert session.card(key(0)).waiting == "kind"


def test_without_such_a_word_one_code_must_be_given(tmp_path: Path) -> None:
    """A codebook that has none is as it was; a scale has none whatever the codebook says."""
    documents = some_documents(2)
    with label_set(tmp_path / "a", codebook=kinds_book(), documents=documents, coders={}) as made:
        refused(lambda: none(made, "ada", 0), "'kind' takes exactly one code", kind=InputError)
    scale = [
        {"id": "kind", "name": "Kind", "level": "ordinal"},
        {"id": "use", "name": "Use", "multiple": True},
    ]
    book = kinds_book(codebook=dict(BOOK.codebook), variables=scale)
    with label_set(tmp_path / "b", codebook=book, documents=documents, coders={}) as made:
        refused(lambda: none(made, "ada", 0), "'kind' takes exactly one code", kind=InputError)


def test_lines_may_say_it_with_no_code_or_with_the_word(labels: LabelSet) -> None:
    """Both are the empty answer, in coding and in settling; a word beside a code is none."""
    script = lines(
        {"item": key(0), "variable": "kind", "codes": []},
        {"item": key(1), "variable": "kind", "codes": ["OTHER"]},
    )
    summary = decide_from_lines(Session(labels, "ada"), io.StringIO(script))
    assert summary.n_decisions == 2
    assert {labels.state.answers("ada", key(n))["kind"].codes for n in (0, 1)} == {()}
    both = lines({"item": key(2), "variable": "kind", "codes": ["other", "tool"]})
    with pytest.raises(InputError, match="'other' is no code of 'kind'"):
        decide_from_lines(Session(labels, "ada"), io.StringIO(both))
    give(labels, "ben", {0: "tool", 1: "list"})
    close(labels)
    adjudication = Adjudication(labels, closed_waves(labels, None), by=["ada"])
    line = lines({"item": key(0), "variable": "kind", "codes": ["none"]})
    assert settle_from_lines(adjudication, io.StringIO(line)) == 1
    assert [each.outcome for each in adjudication.disputes(key(0))] == [()]


def test_a_key_says_none_of_these(labels: LabelSet) -> None:
    """It is shown below the codes, is marked when chosen, and goes on like a code."""
    session = Session(labels, "ada")
    app = press(session, "minus", "left", size=(80, 24))
    assert labels.state.answers("ada", session.items[0])["kind"].codes == ()
    assert "- ● None of these" in shown(app.book)
    app = press(session, "t", "enter", size=(80, 24))
    assert "-   None of these" in shown(app.book)
    app = press(session, "right", "enter")
    assert "- says none of these" in shown(app.foot)


def test_a_key_settles_on_none_of_these(labels: LabelSet) -> None:
    """Adjudicators take a coder's none by the column, or say it themselves."""
    give(labels, "ada", {0: "tool", 1: "list"}, (0, "data"))
    none(labels, "ben", 0)
    give(labels, "ben", {1: "course"})
    close(labels)
    adjudication = Adjudication(labels, closed_waves(labels, None), by=["ada", "ben"])
    app = settle(adjudication, ".", "minus")
    assert [each.outcome for item in (0, 1) for each in adjudication.disputes(key(item))] == [
        ()
    ] * 2
    assert app.hearing.is_over


def test_where_it_is_no_answer_the_key_says_so(tmp_path: Path) -> None:
    """Nothing is written, and nothing is shown to choose."""
    documents = some_documents(2)
    with label_set(tmp_path / "a", codebook=kinds_book(), documents=documents, coders={}) as made:
        app = press(Session(made, "ada"), "minus")
        assert "Kind takes a code" in shown(app.foot)
        assert "None of these" not in shown(app.book)
        assert made.state.desk("ada").fields == {}


def test_none_is_a_category_of_its_own_in_agreement(labels: LabelSet) -> None:
    """Two who say it agree; one who says it differs from one who gives a code."""
    none(labels, "ada", 0, 1)
    none(labels, "ben", 0)
    give(labels, "ben", {1: "tool"})
    close(labels)
    (kind,) = [each for each in coded_variables(labels, closed_waves(labels, None)) if each.items]
    assert kind.codes == ("tool", "library", "list", "course", NONE)
    assert kind.values[key(0), "ada"] == kind.values[key(0), "ben"] == {NONE}
    (found,) = confusions(kind)
    assert (found.counts[-1][-1], found.counts[-1][0]) == (1, 1)
    finals = final_codes(labels, closed_waves(labels, None))
    assert finals[key(0)]["kind"].codes == () and "kind" not in finals[key(1)]


def test_none_is_no_new_code_but_a_document(labels: LabelSet) -> None:
    """Saturation counts the document, and no code with it."""
    none(labels, "ada", 0)
    give(labels, "ada", {1: "tool", 2: "list"})
    found, _ = saturation_of(labels, "ada", "kind", rule=StoppingRule(), strata=False)
    assert found.new_codes == ((), ("tool",), ("list",))


def test_none_survives_changes_of_the_codes(labels: LabelSet) -> None:
    """A merge, split or retirement of codes leaves it as it is."""
    none(labels, "ada", 0)
    change(labels, "merge", "course list", "list")
    change(labels, "retire", "library")
    answer = labels.state.answers("ada", key(0))["kind"]
    assert (answer.codes, answer.is_settled) == ((), True)


def test_none_is_imported_once(labels: LabelSet) -> None:
    """It is a decision; a code where none was said, or the other way round, contradicts it."""
    said = [CodedItem(key(0), "ada", {"kind": ()})]
    assert import_items(labels, said, source="x").n_decisions == 1
    assert import_items(labels, said, source="x").n_same == 1
    assert [item.values for item in coded_items(labels, list(labels.state.waves.values()))] == [
        {"kind": ()}
    ]
    other = [CodedItem(key(0), "ada", {"kind": ("tool",)})]
    refused(
        lambda: import_items(labels, other, source="x"), "ada has none as kind", kind=InputError
    )


def test_no_code_may_be_called_as_none_is(labels: LabelSet) -> None:
    """A code of that name would make files mean two things; the words themselves stay."""
    said = "'other' stands for no code, and for a code"
    refused(
        lambda: change(labels, "rename", "tool", name="Other"),
        said,
        kind=InputError,
    )
    wanted = kinds_book(codebook={**HEAD, "none": ["rest"]})
    refused(
        lambda: refuse_other_questions(labels.book, wanted),
        "other words for no code",
        kind=InputError,
    )
    assert changes_between(labels.book, BOOK, "x") == []
