"""Changes of a living codebook: each with its reason, all or none, and never a contradiction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from coding_people import kinds_book
from hypothesis import given
from hypothesis import strategies as st
from label_sets import copied, give, key, kinds_set, refused

from artifacts.errors import InputError
from configs.codebook import Code, Codebook
from labels.changes import (
    change_codebook,
    changes_between,
    created,
    new_code,
    refuse_other_questions,
)
from labels.history.book import Book, Change
from labels.joining import join
from labels.label_set import LabelSet, new_label_set
from labels.session import Session


@pytest.fixture
def labels(tmp_path: Path) -> LabelSet:
    """Return a set of labels with six documents."""
    return kinds_set(tmp_path / "kinds.sqlite")


def new(code_id: str, variable: str = "kind", **values: object) -> Change:
    """Return the change that creates a code."""
    fields = {"id": code_id, "name": code_id.upper(), "definition": "New.", **values}
    return Change("create", variable, (code_id,), values=fields, reason="seen")


def made(kind: str, codes: str, into: str = "", reason: str = "seen", **values: object) -> Change:
    """Return a change of the variable kind; ids are words."""
    return Change(kind, "kind", tuple(codes.split()), tuple(into.split()), values, reason)


def bare(path: Path, book: Codebook) -> LabelSet:
    """Make and open a set of labels without documents."""
    with new_label_set(path, book, coder="ada"):
        pass
    return LabelSet.open(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([made("retire", "tool", reason=" ")], "needs a reason"),
        ([Change("retire", "theme", ("tool",), reason="x")], "no variable 'theme'"),
        ([made("retire", "nonsense")], "'nonsense' is not in the codebook"),
        ([made("retire", "serving")], "'serving' is not in the codebook"),
        ([made("retire", "tool"), made("rename", "tool", name="X")], "'tool' is no longer in use"),
        ([made("merge", "tool list", "nonsense")], "'nonsense' is not in the codebook"),
        ([made("merge", "tool", "tool")], "merged with itself alone"),
        ([made("merge", "tool list", "")], "merged into one"),
        ([made("merge", "tool list", "tool list")], "merged into one"),
        ([made("merge", "", "tool")], "merged with itself alone"),
        ([made("split", "tool", "tool")], "split into two or more"),
        ([made("split", "tool", "list list")], "split into two or more"),
        ([made("split", "tool list", "tool list")], "A split is of one code"),
        ([made("retire", "tool list")], "A retire is of one code"),
        ([made("rename", "", name="X")], "A rename is of one code"),
        ([made("rename", "tool", name="")], "at least 1 character"),
        ([made("rename", "tool", name="List")], "'tool' and 'list' would have one name: 'List'"),
        ([made("rename", "tool", definition="X.")], "A rename sets no definition"),
        ([made("redefine", "tool", id="other")], "A redefine sets no id"),
        ([made("redefine", "tool", colour="red")], "A redefine sets no colour"),
        ([made("redefine", "tool", definition="")], "at least 1 character"),
        ([made("redefine", "tool", key="K")], "should match pattern"),
        ([made("redefine", "tool", parent="nonsense")], "parent 'nonsense' is not in use"),
        ([made("redefine", "tool", parent="tool")], "its own ancestor: tool → tool"),
        (
            [made("redefine", "tool", parent="list"), made("redefine", "list", parent="tool")],
            "its own ancestor: tool → list → tool",
        ),
        (
            [
                made("redefine", "library", parent="tool"),
                made("redefine", "list", parent="library"),
                made("merge", "tool", "list"),
            ],
            "its own ancestor",
        ),
        ([new("tool")], "'tool' was used before"),
        ([made("merge", "tool list", "list"), new("tool")], "'tool' was used before"),
        ([new("a", name="Tool")], "would have one name: 'Tool'"),
        ([new("A b")], "should match pattern"),
        ([new("a", id="b")], "has another id"),
        ([new("a", parent="b")], "parent 'b' is not in use"),
        ([new("a", key="x"), new("b", key="x")], "'a' and 'b' would have one key: 'x'"),
        ([made("retire", each) for each in ("tool", "library", "list", "course")], "no code left"),
    ],
)
def test_what_contradicts_is_refused_and_nothing_is_changed(
    labels: LabelSet, changes: list[Change], said: str
) -> None:
    """Also what came before it in the same go is not done."""
    before = labels.book
    fine = made("rename", "course", name="Lecture")
    with labels:
        refused(
            lambda: change_codebook(labels, [fine, *changes], coder="ada"), said, kind=InputError
        )
        assert labels.book == before
        assert len(labels.store.all_events()) == 2


def test_each_change_is_kept_with_who_made_it_and_why(labels: LabelSet) -> None:
    """The log has one event a change, and the version counts them."""
    changes = [
        new("app", key="x", examples=["a shop"]),
        made("split", "tool", "tool app", reason="two sorts"),
        made("rename", "app", name="Application"),
        made("redefine", "app", when="It stands alone.", parent="tool"),
        made("merge", "list course", "list"),
        made("retire", "library"),
    ]
    with labels:
        change_codebook(labels, changes, coder="ben")
        assert labels.book.version == 7
        assert labels.book.codebook().codebook.version == 7
        assert [code.id for code in labels.book.codes_of("kind")] == ["tool", "list", "app"]
        assert [code.id for code in labels.book.gone] == ["course", "library"]
        app = labels.book.find("kind", "app")
        assert app is not None
        assert (app.name, app.key, app.when) == ("Application", "x", "It stands alone.")
        assert (app.examples, app.parent) == (("a shop",), "tool")
        kept = labels.state.changes
        assert [change for _, change in kept] == changes
        assert {event.coder for event, _ in kept} == {"ben"}
        assert [labels.state.book_at(number).version for number in range(1, 8)] == list(range(1, 8))
        assert len(labels.state.book_at(1).codes_of("kind")) == 4
        with LabelSet.open(labels.store.path) as reopened:
            assert reopened.book == labels.book
        refused(
            lambda: change_codebook(labels, [new("b")], coder="adjudicated"),
            "is kept for",
            kind=InputError,
        )


def test_codes_may_swap_what_each_has_alone(labels: LabelSet) -> None:
    """Names and keys are looked at when all is done, so two codes can change places."""
    with labels:
        swap = [made("rename", "tool", name="List"), made("rename", "list", name="Tool")]
        change_codebook(labels, swap, coder="ada")
        found = [labels.book.find("kind", code) for code in ("tool", "list")]
        assert [code.name for code in found if code] == ["List", "Tool"]


def test_what_copies_brought_in_stops_no_other_change(tmp_path: Path) -> None:
    """Two codes of one name, made in two copies, can be told apart, or wait while others change."""
    with kinds_set(tmp_path / "a.sqlite") as one, copied(one, tmp_path / "b.sqlite") as two:
        change_codebook(one, [new("app", name="App")], coder="ada")
        change_codebook(two, [new("shop", name="App")], coder="ben")
        join(one, [tmp_path / "b.sqlite"])
        change_codebook(one, [made("rename", "course", name="Lecture")], coder="ada")
        more = [new("store", name="App")]
        refused(lambda: change_codebook(one, more, coder="ada"), "one name: 'App'", kind=InputError)
        change_codebook(one, [made("rename", "shop", name="Shop")], coder="ada")
        assert {code.name for code in one.book.codes_of("kind")[-2:]} == {"App", "Shop"}


def test_a_scale_keeps_its_points_and_its_order(tmp_path: Path) -> None:
    """Each code of an interval variable has a value; codes of an ordinal one stay in order."""
    variables = [
        {"id": "kind", "name": "Kind", "level": "ordinal"},
        {"id": "use", "name": "Use", "level": "interval"},
    ]
    base = kinds_book(variables=[{"id": "kind", "name": "K"}, {"id": "use", "name": "U"}])
    codes = [
        {**code.model_dump(exclude_none=True), "value": float(number)}
        for number, code in enumerate(base.codes)
    ]
    book = kinds_book(variables=variables, codes=codes)
    with bare(tmp_path / "a.sqlite", book) as labels:
        for change in (
            new("more", "use"),
            new("more", "use", value=4.0),
            Change("redefine", "use", ("data",), values={"value": None}, reason="x"),
        ):
            refused(
                lambda each=change: change_codebook(labels, [each], coder="ada"),  # type: ignore[misc]
                "Each code of 'use' needs a value of its own",
                kind=InputError,
            )
        change_codebook(labels, [new("more", "use", value=9.0)], coder="ada")
    last = {"id": "app", "variable": "kind", "name": "App", "definition": "New.", "value": 8.0}
    wanted = kinds_book(variables=variables, codes=[*codes, last])
    refuse_other_questions(Book.of(book), wanted)
    assert [each.kind for each in changes_between(Book.of(book), wanted, "x")] == ["create"]
    for order in ([last, *codes], [codes[1], codes[0], *codes[2:]]):
        refused(
            lambda each=order: refuse_other_questions(  # type: ignore[misc]
                Book.of(book), kinds_book(variables=variables, codes=each)
            ),
            "'kind' would stand in another order",
            kind=InputError,
        )


# One codebook made into another

NAMES = ("Tool", "Library", "List", "Course", "App", "Shop")
WORDS = st.sampled_from(("", "x", "y and z"))
KINDS = ("tool", "library", "list", "course", "app", "shop")


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    """Return a codebook with the questions of `kinds_book` and any codes of kind."""
    ids = draw(
        st.lists(st.sampled_from(KINDS), min_size=2, unique=True).filter(lambda e: "tool" in e)
    )
    names = draw(st.permutations(NAMES))
    keys = draw(st.permutations("abcdef"))
    codes: list[dict[str, Any]] = []
    for number, code_id in enumerate(ids):
        code = {"id": code_id, "variable": "kind", "name": names[number], "definition": "It is."}
        code["key"] = keys[number] if draw(st.booleans()) else None  # type: ignore[assignment]
        code["when"] = draw(WORDS) or None  # type: ignore[assignment]
        more = {"examples": draw(st.lists(WORDS, max_size=2)), "aliases": draw(st.lists(WORDS))}
        parent = draw(st.sampled_from((None, *ids[:number], "other/code")))
        codes.append({**code, **more, "parent": parent})
    draw(st.randoms()).shuffle(codes)
    rest = [code for code in kinds_book().codes if code.variable == "use"]
    return kinds_book(codes=[*codes, *(code.model_dump() for code in rest)])


@given(codebooks(), codebooks())
def test_the_changes_between_two_codebooks_make_the_one_into_the_other(
    tmp_path_factory: pytest.TempPathFactory, one: Codebook, two: Codebook
) -> None:
    """Whatever people edited, the codes are then those of the file, and a second time nothing is.

    Codes that were retired never come back under their id.
    """
    path = tmp_path_factory.mktemp("changes") / "a.sqlite"

    def codes(book: Book) -> dict[tuple[str | None, str], Code]:
        return {(code.variable, code.id): code for code in book.codes}

    with bare(path, one) as labels:
        refuse_other_questions(labels.book, two)
        found = changes_between(labels.book, two, "edited")
        change_codebook(labels, found, coder="ada")
        assert codes(labels.book) == codes(Book.of(two))
        assert changes_between(labels.book, two, "edited") == []
        refuse_other_questions(labels.book, two)
        gone = {code.id for code in labels.book.gone}
        back = changes_between(labels.book, one, "back")
        if gone:
            refused(
                lambda: change_codebook(labels, back, coder="ada"), "used before", kind=InputError
            )
        else:
            change_codebook(labels, back, coder="ada")
            assert codes(labels.book) == codes(Book.of(one))
    path.unlink()


@pytest.mark.parametrize(
    "variables",
    [
        [{"id": "kind", "name": "Kind", "question": "What is it?"}],
        [{"id": "kind", "name": "Kind", "question": "What?"}, {"id": "use", "name": "Use"}],
        [
            {"id": "kind", "name": "Kind", "question": "What is it?"},
            {"id": "use", "name": "Use", "multiple": True, "only_if": {"kind": ["list"]}},
        ],
        [
            {"id": "kind", "name": "Kind", "question": "What is it?"},
            {"id": "use", "name": "Use", "multiple": True, "only_if": {"kind": ["tool", "list"]}},
        ],
        [
            {"id": "kind", "name": "Kind", "question": "What is it?"},
            {"id": "use", "name": "Use", "multiple": True},
        ],
    ],
)
def test_a_codebook_that_asks_something_else_is_refused(variables: list[dict[str, Any]]) -> None:
    """Also one that asks of other documents."""
    codes = [
        code.model_dump()
        for code in kinds_book().codes
        if code.variable in {each["id"] for each in variables}
    ]
    other = kinds_book(variables=variables, codes=codes)
    refused(
        lambda: refuse_other_questions(Book.of(kinds_book()), other),
        "has other variables",
        kind=InputError,
    )


def test_a_condition_that_went_along_with_a_change_is_no_other_question(labels: LabelSet) -> None:
    """The codebook as it is saved after a merge asks what the set asks; the old file does not."""
    with labels:
        change_codebook(labels, [made("merge", "tool library", "library")], coder="ada")
        saved = Codebook.model_validate(labels.book.codebook().model_dump())
        refuse_other_questions(labels.book, saved)
        assert changes_between(labels.book, saved, "x") == []
        refused(
            lambda: refuse_other_questions(labels.book, kinds_book()),
            "has other variables",
            kind=InputError,
        )


def test_a_code_that_is_retired_leaves_its_documents_open(labels: LabelSet) -> None:
    """An edited file without the code has them coded anew; what was said stays in the log."""
    rest = [code.model_dump() for code in kinds_book().codes if code.id != "list"]
    with labels:
        give(labels, "ada", {0: "list", 1: "tool"}, (1, "data"))
        found = changes_between(labels.book, kinds_book(codes=rest), "unclear")
        assert [(each.kind, each.codes) for each in found] == [("retire", ("list",))]
        change_codebook(labels, found, coder="ada")
        session = Session(labels, "ada")
        assert session.open_items() == [key(0)]
        assert session.card(key(0)).answers["kind"].open == (frozenset(),)


# New codes


@pytest.mark.parametrize(
    ("name", "code_id"),
    [
        ("Feature store", "feature-store"),
        ("  C++ & CUDA ", "c-cuda"),
        ("Ünïcode", "unicode"),
        ("再见", "code"),
        ("Tool", "tool-2"),
        ("---", "code"),
    ],
)
def test_an_id_is_made_of_the_name(name: str, code_id: str) -> None:
    """Of its plain letters, with a number where it was used before."""
    code = new_code(Book.of(kinds_book()), "kind", name, "")
    assert (code.id, code.name, code.definition) == (code_id, name.strip(), name.strip())


def test_a_code_says_the_same_after_it_was_created() -> None:
    """Every field goes into the change and comes back."""
    book = Book.of(kinds_book())
    values = {"when": "a", "not_when": "b", "examples": ("c",), "aliases": ("d",), "key": "9"}
    code = new_code(book, "use", "Drift", "It moves.", parent="data", value=1.5, **values)
    after = book.after(created(code, "seen"))
    assert after.codes_of("use")[-1] == code
    refused(lambda: new_code(book, "use", "X", "X", key="XX"), "key", kind=InputError)
