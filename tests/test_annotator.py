"""The annotator and the adjudicator, driven by their keys, and what they write."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot

from artifacts.errors import InputError
from configs.codebook import Codebook
from labels.adjudication import Adjudication
from labels.annotator.adjudicator import Adjudicator
from labels.annotator.app import Annotator
from labels.annotator.asking import matching
from labels.annotator.board import Board
from labels.annotator.markdown import PIECE_CHARS, pieces, rows_of
from labels.annotator.pace import IDLE_S, Stopwatch
from labels.annotator.rows import Lines
from labels.annotator.screens import Form, Memo
from labels.annotator.script import decide_from_lines
from labels.changes import change_codebook, created, new_code
from labels.history.book import Change
from labels.label_set import LabelSet
from labels.records import Document
from labels.session import Session, Suggestion
from labels.waves import close_wave
from tests.coding_people import kinds_book, label_set, some_documents

Play = Callable[[Pilot[None]], Awaitable[None]]


class FakeClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the set of labels is."""
    return tmp_path / "kinds.sqlite"


@pytest.fixture
def labels(path: Path) -> Iterator[LabelSet]:
    """Return a set of six documents, to be coded by ada and bob."""
    coders = {"ada": None, "bob": None}
    made = label_set(path, codebook=kinds_book(), documents=some_documents(6), coders=coders)
    with made:
        yield made


@pytest.fixture
def session(labels: LabelSet) -> Session:
    """Return ada at work."""
    return Session(labels, "ada")


def play(
    session: Session,
    script: Callable[[Annotator, Pilot[None]], Awaitable[None]],
    *,
    size: tuple[int, int] = (100, 30),
    clock: Callable[[], float] | None = None,
) -> Annotator:
    """Run the annotator without a terminal, and do what the script does."""
    app = Annotator(session, clock=clock or FakeClock())
    run(app, lambda pilot: script(app, pilot), size)
    return app


def run(app: Board, script: Play, size: tuple[int, int] = (100, 30)) -> None:
    """Run an app without a terminal."""

    async def main() -> None:
        async with app.run_test(size=size) as pilot:
            while not app.foot.lines:
                await asyncio.sleep(0.001)
            await script(pilot)

    asyncio.run(main())


def press(session: Session, *keys: str, size: tuple[int, int] = (100, 30)) -> Annotator:
    """Run the annotator, and press keys."""

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        await type_keys(pilot, *keys)

    return play(session, script, size=size)


async def type_keys(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, as the pilot does but sooner: it waits until the whole process is idle."""
    app = pilot.app
    for key in keys:
        covered = len(app.screen_stack)
        if covered > 1 and len(key) > 1:  # it may take the screen away
            await pilot.press(key)
            continue
        app.post_message(events.Key(key, key if len(key) == 1 else None))
        for node in (app, app.focused or app.screen, app.screen, app):  # the way that a key takes
            await passed_by(node.call_later)
        if len(app.screen_stack) != covered:
            await pilot.pause()
    for _ in range(2):  # what is painted may make a pane higher, which is painted then
        await passed_by(app.call_after_refresh)


async def passed_by(call: Callable[[Callable[[], None]], object]) -> None:
    """Wait until it is the turn of what is called last."""
    passed = asyncio.Event()
    call(passed.set)
    await passed.wait()


def shown(pane: Lines) -> str:
    """Return what a pane shows, lines out of sight too."""
    return "\n".join(pane.lines)


def log(labels: LabelSet) -> list[tuple[str, str | None, object]]:
    """Return kind, document and value of all that was decided, in order."""
    events = labels.store.all_events()
    skipped = ("begin", "wave")
    return [(e.kind, e.item, e.body.get("value")) for e in events if e.kind not in skipped]


def test_a_key_decides_and_the_next_document_shows(session: Session, labels: LabelSet) -> None:
    """A variable with one code takes one key; the document that follows is the order's next."""
    first, second = session.items[:2]
    app = press(session, "l")
    assert log(labels) == [("code", first, ["library"])]
    assert app.sitting.item == second
    assert session.document(second).title in shown(app.head)
    assert "1 of 6" in shown(app.foot)


def test_several_codes_are_toggled_and_each_is_written(session: Session, labels: LabelSet) -> None:
    """Each key of a variable with several codes is written at once, and Enter goes on."""
    first = session.items[0]
    app = press(session, "t", "s", "d", "s", "enter")
    said = [["tool"], ["serving"], ["serving", "data"], ["data"]]
    assert log(labels) == [("code", first, value) for value in said]
    assert app.sitting.item == session.items[1]


def test_enter_with_nothing_chosen_says_that_none_applies(
    session: Session, labels: LabelSet
) -> None:
    """Where several codes may apply, Enter alone is an answer; where one must, it is none."""
    first = session.items[0]
    app = press(session, "enter", "t", "enter")
    assert log(labels) == [("code", first, ["tool"]), ("code", first, [])]
    assert session.card(first).is_done
    assert app.sitting.item == session.items[1]


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
def test_all_keys_and_names_are_in_sight(path: Path, size: tuple[int, int]) -> None:
    """Sixteen codes with long definitions are all seen, also in a terminal of 80 by 24."""
    codes = [
        {"id": f"code-{n}", "name": f"Code number {n}", "definition": "Many words. " * 9}
        for n in range(16)
    ]
    book = Codebook.model_validate(
        {"codebook": {"name": "many", "title": "Many", "version": 1}, "codes": codes}
    )
    labels = label_set(path, codebook=book, documents=some_documents(1), coders={})
    seen: list[list[str]] = []

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        pane = app.book
        seen.append([pane.render_line(y).text for y in range(pane.size.height)])

    app = play(Session(labels, "ada"), script, size=size)
    for key, code in app.sitting.keys().items():
        wanted = f" {key}   Code number {code.removeprefix('code-')}"
        assert any(line.rstrip() == wanted for line in seen[0]), wanted


@pytest.mark.parametrize("n_codes", [3, 6, 10])
def test_no_definition_is_cut_while_lines_are_empty(path: Path, n_codes: int) -> None:
    """At 80 by 24 definitions share what the names leave, a line each before any has two."""
    codes = [
        {"id": f"code-{n}", "name": f"Code number {n}", "definition": "Many words. " * 9}
        for n in range(n_codes)
    ]
    book = Codebook.model_validate(
        {"codebook": {"name": "many", "title": "Many", "version": 1}, "codes": codes}
    )
    labels = label_set(path, codebook=book, documents=some_documents(1), coders={})
    lines = press(Session(labels, "ada"), size=(80, 24)).book.lines
    assert len(lines) == 20
    spans = [
        sum("words" in line for line in part.split("\n"))
        for part in "\n".join(lines).split("Code number")[1:]
    ]
    assert max(spans) - min(spans) < 2
    whole = press(Session(labels, "ada"), size=(160, 60)).book.lines
    assert not any(line.endswith("…") for line in whole)


def test_a_capital_letter_is_the_key_that_its_small_one_is(
    session: Session, labels: LabelSet
) -> None:
    """Under Caps Lock a key codes, also in lists to read; no command is a letter or a digit."""
    first = session.items[0]
    press(session, "L", "equals_sign", "C", "escape")
    assert log(labels) == [("code", first, ["library"])]
    for board in (Annotator, Adjudicator):
        keys = [key for shortcut in board.WORK for key in shortcut.keys.split(",")]
        assert [key for key in keys if len(key) == 1] == []


def test_time_left_is_told_by_the_coders_own_pace(session: Session) -> None:
    """It is unknown until five documents are done; then it is what the rest takes so."""
    clock, feet = FakeClock(), list[str]()

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        feet.append(shown(app.foot))
        for _ in range(5):
            clock.now_s += 150.0
            await type_keys(pilot, "l")
            feet.append(shown(app.foot))

    play(session, script, clock=clock)
    assert ["time left unknown yet" in foot for foot in feet] == [True] * 5 + [False]
    assert "5 of 6 · 150 s a document · about 2 min left" in feet[-1]


def test_examples_of_a_code_are_on_a_key(session: Session) -> None:
    """* shows the codebook's examples of one code, and what the coder coded so; a key another's."""
    coded = session.document(session.items[0]).title
    pages = []

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        await type_keys(pilot, "l", "asterisk")
        for key in ("l", "C", "right", "left"):
            await type_keys(pilot, key)
            pages.append("\n".join(app.screen.query_one(Lines).lines))
        await type_keys(pilot, "escape")
        assert not app.is_covered

    play(session, script)
    assert f"Coded so by you\n  • {coded}" in pages[0]
    assert "Examples in the codebook: none yet" in pages[0]
    assert ["It is a course." in page for page in pages] == [False, True, False, True]
    assert coded not in pages[1]


def test_who_comes_back_is_told_where_that_was(session: Session) -> None:
    """The first screen says at which document one is, and what was coded last; a beginner's not."""
    assert "You were" not in shown(press(session, "l", "c").foot)
    second = session.document(session.items[1]).title
    foot = " ".join(shown(press(session).foot).split())
    assert f"You were at document 3 of 6; last coded: {second} as Course, " in foot
    assert "? keys ^Q quit" in foot
    assert "Coded: Library." in shown(press(session, "l").foot)


def test_the_choice_is_marked_without_colour(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR the annotator works, and the chosen codes are told by a mark."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = press(session, "t", "s")
    assert app.no_color
    assert "s [x] Serving" in shown(app.book)
    assert "d [ ] Data" in shown(app.book)
    app = press(session, "left")
    assert "t ● Tool" in shown(app.book)


def test_without_colour_all_is_in_the_terminals_own(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR nothing has a colour of its own, which might be black on black."""
    monkeypatch.setenv("NO_COLOR", "1")
    seen: list[str] = []

    async def look(app: Annotator, pilot: Pilot[None]) -> None:
        seen.append(app.export_screenshot())

    play(session, look)
    assert "fill: #c5c8c6" in seen[0]
    assert "fill: #000000" not in seen[0]


def test_a_code_can_be_clicked(session: Session, labels: LabelSet) -> None:
    """A click on the name of a code does what its key does."""

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        line = app.book.first_line("code:list")
        assert line is not None
        await pilot.click("#book", offset=(4, line))
        await pilot.pause()

    play(session, script)
    assert log(labels) == [("code", session.items[0], ["list"])]


def test_memo_confidence_and_flag_are_kept(session: Session) -> None:
    """: writes a memo that is kept when it is left, % says how sure, ! flags."""
    first = session.items[0]
    app = press(session, "colon", "h", "i", "escape", *["percent_sign"] * 2, "exclamation_mark")
    card = session.card(first)
    assert (card.memo, card.confidence, card.flagged) == ("hi", "medium", True)
    assert "memo: hi" in shown(app.held)
    assert "sure: medium" in shown(app.held)
    assert "1 flagged" in shown(app.foot)
    press(session, *["percent_sign"] * 2, "exclamation_mark")
    assert (session.card(first).confidence, session.card(first).flagged) == (None, False)


def test_what_is_put_aside_comes_back_at_the_end(session: Session) -> None:
    """When all others are done, a screen says what was put aside, and Enter goes through it."""
    first = session.items[0]
    app = press(session, "semicolon", *"lllll")
    assert app.sitting.is_over
    over = shown(app.reading)
    assert "5 of 6 documents are done." in over
    assert "1 put aside" in over
    assert "opsatlas label wave close kinds w1" in over
    app = press(session, "enter", "semicolon")
    assert app.sitting.is_over
    app = press(session, "enter", "l")
    assert session.card(first).is_done
    assert "Everything is coded." in shown(app.reading)


def test_nothing_out_of_sight_is_decided(session: Session, labels: LabelSet) -> None:
    """On the last screen the keys of decisions do nothing, and ← goes back."""
    app = press(session, *"llllll", "l", "exclamation_mark", "colon", "delete", "semicolon")
    assert len(log(labels)) == 6
    assert app.sitting.is_over
    app = press(session, "left")
    assert app.sitting.item == session.items[-1]


def test_undo_goes_back_and_says_what_it_undid(labels: LabelSet) -> None:
    """Undo shows the document concerned, without end and after a restart, and redo comes back."""
    session = Session(labels, "ada")
    first, second = session.items[:2]
    press(session, "l", "i")
    again = Session(labels, "ada")
    app = press(again, "backspace")
    assert app.sitting.item == second
    assert "Undone: Kind = List." in shown(app.foot)
    app = press(again, "ctrl+z", "backspace")
    assert app.sitting.item == first
    assert "There is nothing to undo." in shown(app.foot)
    app = press(again, "ctrl+y", "ctrl+y")
    assert "Redone: Kind = List." in shown(app.foot)
    assert [again.card(item).is_done for item in (first, second)] == [True, True]


def test_codes_beyond_the_keys_are_found_by_searching(path: Path, labels: LabelSet) -> None:
    """A code with no key is searched by words of its name, definition or aliases."""
    codes = [
        {"id": f"c-{n}", "name": f"Code {n}", "definition": f"Says {n}.", "aliases": [f"alt{n}"]}
        for n in range(40)
    ]
    book = Codebook.model_validate(
        {"codebook": {"name": "many", "title": "Many", "version": 1}, "codes": codes}
    )
    other = path.with_name("many.sqlite")
    made = label_set(other, codebook=book, documents=some_documents(2), coders={})
    session = Session(made, "ada")
    app = press(session, "slash", *"alt39", "enter")
    assert log(made) == [("code", session.items[0], ["c-39"])]
    assert len(app.sitting.keys()) == 36
    assert [code.id for code in matching(book.codes, "says 39")] == ["c-39"]
    assert next(iter(matching(book.codes, "code 3"))).id == "c-3"


def test_a_search_can_be_left(session: Session, labels: LabelSet) -> None:
    """Esc leaves the search and decides nothing; the arrows choose another line."""
    press(session, "slash", "i", "escape")
    assert log(labels) == []
    press(session, "slash", "down", "enter")
    assert log(labels) == [("code", session.items[0], ["library"])]


def test_jumping_by_number_title_and_arrows(session: Session) -> None:
    """# takes a place in the order or words of a title; the arrows go to the neighbours."""
    items = session.items
    assert press(session, "number_sign", "4", "enter").sitting.item == items[3]
    title = session.document(items[4]).title
    assert (
        press(session, "number_sign", *title.removeprefix("org/").lower(), "enter").sitting.item
        == items[4]
    )
    assert press(session, "right", "right", "left").sitting.item == items[1]
    app = press(session, "left")
    assert "first document" in shown(app.foot)


def test_a_new_code_can_be_made_where_the_variable_is_open(path: Path) -> None:
    """+ asks for name, definition and reason, and the new code has a key at once."""
    book = kinds_book(
        variables=[
            {"id": "kind", "name": "Kind", "open": True},
            {"id": "use", "name": "Use", "multiple": True, "only_if": {"kind": ["tool"]}},
        ]
    )
    labels = label_set(path, codebook=book, documents=some_documents(2), coders={})
    session = Session(labels, "ada")
    app = press(session, "plus", *"Paper", "enter", *"text", "enter", *"seen", "enter")
    assert "'Paper' is a code now: press p." in shown(app.foot)
    press(session, "p")
    assert session.card(session.items[0]).answers["kind"].codes == ("paper",)
    app = press(session, "t", "plus")
    assert "Use takes no new codes" in shown(app.foot)


def test_a_form_that_is_refused_comes_back(path: Path) -> None:
    """A code without a reason is refused, and what was written stands in the form again."""
    book = kinds_book(
        variables=[{"id": "kind", "name": "Kind", "open": True}, {"id": "use", "name": "Use"}]
    )
    labels = label_set(path, codebook=book, documents=some_documents(1), coders={})

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        await type_keys(pilot, "plus", *"Paper", "enter", *"text", "enter", "enter")
        assert isinstance(app.screen, Form)
        assert app.screen.query("Input").first().value == "Paper"  # type: ignore[attr-defined]

    app = play(Session(labels, "ada"), script)
    assert "needs a reason" in app.notice.plain


def test_help_and_details_can_be_read_and_left(session: Session, labels: LabelSet) -> None:
    """? shows every key, = what the codebook says, and Esc goes back; no key decides there."""

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        await type_keys(pilot, "question_mark", "l")
        page = "\n".join(app.screen.query_one(Lines).lines)
        assert all(each.says.split(",")[0][:20] in page for each in app.WORK)
        await type_keys(
            pilot, "escape", "equals_sign", "c", "end", "home", "pagedown", "space", "up", "down"
        )
        page = "\n".join(app.screen.query_one(Lines).lines)
        assert "It is a course." in page
        await type_keys(pilot, "escape")
        assert not app.is_covered

    play(session, script)
    assert log(labels) == []


def test_the_machine_is_seen_only_when_asked(labels: LabelSet) -> None:
    """& shows the machine's guess and records it; before that nothing of it is on the screen."""
    key = Session(labels, "ada").items[0]
    guesses = {key: {"kind": Suggestion("course", "near two courses")}}
    session = Session(labels, "ada", suggestions=guesses)
    app = press(session)
    assert "near two courses" not in shown(app.book)
    app = press(session, "ampersand")
    assert "machine: Course. near two courses" in shown(app.book).replace("\n  ", " ")
    assert [event.kind for event in labels.store.all_events()][-1] == "seen"
    app = press(Session(labels, "bob"), "ampersand")
    assert "There is no machine here to ask." in shown(app.foot)


def test_other_coders_are_not_seen(labels: LabelSet) -> None:
    """What bob said of a document is not on ada's screen."""
    bob, ada = Session(labels, "bob"), Session(labels, "ada")
    first = ada.items[0]
    bob.memo(first, "bob was here")
    bob.code(first, "kind", ["course"])
    app = press(ada)
    panes = "\n".join(map(shown, (app.head, app.reading, app.book, app.held, app.foot)))
    assert "bob" not in panes
    assert "●" not in panes
    assert "0 of 6" in panes


def test_a_code_can_be_cleared(session: Session) -> None:
    """Del takes the codes of the variable back, so that it waits again."""
    first = session.items[0]
    app = press(session, "l", "left", "delete")
    assert session.card(first).waiting == "kind"
    assert "Cleared: Kind." in shown(app.foot)
    assert "There is nothing to clear." in shown(press(session, "delete").foot)


def test_a_changed_code_is_asked_anew_with_its_candidates(labels: LabelSet) -> None:
    """_ goes to a label that a split left open; what it may be comes first, and why is said."""
    session = Session(labels, "ada")
    first = session.items[0]
    press(session, "l", "c", "c")
    book = labels.book
    new = [new_code(book, "kind", name, f"{name}.") for name in ("Framework", "Client")]
    parts = tuple(code.id for code in new)
    split = Change("split", "kind", ("library",), into=parts, reason="too broad")
    change_codebook(labels, [*(created(code, "split") for code in new), split], coder="bob")
    app = press(Session(labels, "ada"), "underscore")
    assert app.sitting.item == first
    assert "1 to code anew" in shown(app.foot)
    book_lines = shown(app.book)
    flat = " ".join(book_lines.split())
    assert "Library was split into Framework, Client: too broad (bob)" in flat
    first_lines = book_lines[book_lines.index("It may be:") : book_lines.index("or another:")]
    assert ["Framework" in first_lines, "Client" in first_lines, "Tool" in first_lines] == [
        True,
        True,
        False,
    ]
    fresh = Session(labels, "ada")
    key = next(key for key, code in app.sitting.keys().items() if code == "framework")
    press(fresh, "underscore", key)
    assert fresh.card(first).answers["kind"].codes == ("framework",)
    assert fresh.tally().open == 0
    assert "No document is to be coded anew." in shown(press(fresh, "underscore").foot)


def test_a_codebook_that_changes_meanwhile_is_shown_first(
    path: Path, session: Session, labels: LabelSet
) -> None:
    """Under a codebook that was changed meanwhile nothing is written: it is asked again."""
    first, second = session.items[:2]

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        await type_keys(pilot, "l")
        with LabelSet.open(path) as other:
            code = new_code(other.book, "kind", "Paper", "A text.")
            retired = Change("retire", "kind", ("library",), reason="too broad")
            change_codebook(other, [created(code, "missing"), retired], coder="bob")
        await type_keys(pilot, "c")
        assert "codebook was changed meanwhile" in shown(app.foot)
        assert "1 to code anew" in shown(app.foot)
        assert "Paper" in shown(app.book)
        assert app.sitting.item == second
        await type_keys(pilot, "c", "underscore")
        assert app.sitting.item == first
        assert "Library was retired: too broad (bob)" in shown(app.book).replace("\n ", "")

    play(session, script)
    assert [kind for kind, *_ in log(labels)] == ["code", "create", "retire", "code"]
    assert log(labels)[-1] == ("code", second, ["course"])


def test_a_file_that_is_held_is_said_and_nothing_is_lost(
    path: Path, labels: LabelSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that cannot be written is told, the screen stays, and the key works later."""
    monkeypatch.setattr("labels.history.store.BUSY_S", 0.05)
    with LabelSet.open(path) as mine:
        session = Session(mine, "ada")
        first = session.items[0]

        async def script(app: Annotator, pilot: Pilot[None]) -> None:
            holder = sqlite3.connect(path, isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            await type_keys(pilot, "l")
            assert app.sitting.item == first
            assert "Nothing was written" in shown(app.foot)
            await type_keys(pilot, "colon", *"kept", "escape")
            assert isinstance(app.screen, Memo)
            holder.execute("ROLLBACK")
            holder.close()
            await type_keys(pilot, "escape", "l")

        play(session, script)
    labels.sync()
    assert log(labels) == [("memo", first, "kept"), ("code", first, ["library"])]


def test_a_memo_is_kept_also_by_who_quits_out_of_it(session: Session) -> None:
    """Ctrl+Q in a memo keeps it and goes back to the board; from there it leaves."""

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        await type_keys(pilot, "colon", *"so", "ctrl+q")
        assert session.card(session.items[0]).memo == "so"
        assert app.is_running
        await pilot.press("ctrl+q")
        assert not app.is_running

    play(session, script)


def test_a_document_that_is_lost_is_said(path: Path, session: Session) -> None:
    """Where the text of a document is missing, the screen says so and the others can be coded."""
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM documents")
    connection.close()
    app = press(session)
    assert "The document cannot be read." in shown(app.reading)


def test_a_closed_wave_is_said_in_the_app(path: Path, session: Session, labels: LabelSet) -> None:
    """Where the wave was closed meanwhile, the coder is told and nothing is written."""

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        with LabelSet.open(path) as other:
            close_wave(other, "w1", coder="bob", unfinished=True)
        await type_keys(pilot, "l")
        assert "The wave 'w1' was closed." in shown(app.foot)

    play(session, script)
    assert [kind for kind, *_ in log(labels)] == ["close"]


def test_seconds_are_those_since_the_document_or_the_last_decision(session: Session) -> None:
    """Each decision carries the seconds since the one before, or since the document was shown."""
    clock = FakeClock()
    first, second = session.items[:2]

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        clock.now_s = 7.0
        await type_keys(pilot, "t")
        clock.now_s = 10.0
        await type_keys(pilot, "s", "enter")
        clock.now_s = 12.5
        await type_keys(pilot, "l")

    play(session, script, clock=clock)
    assert session.desk.seconds == {first: 10.0, second: 2.5}


def test_the_stopwatch_does_not_count_who_is_away() -> None:
    """Neither time in another window counts, nor what comes after five minutes without a key."""
    clock = FakeClock()
    watch = Stopwatch(clock)
    clock.now_s = 10.0
    watch.pause()
    clock.now_s = 500.0
    assert watch.seconds() == 10.0
    watch.touch()
    clock.now_s = 505.0
    assert watch.seconds() == 15.0
    clock.now_s = 505.0 + 2 * IDLE_S
    watch.touch()
    assert watch.seconds() == 10.0 + IDLE_S
    watch.restart()
    assert watch.seconds() == 0.0


def test_a_document_is_read_with_the_keys(path: Path) -> None:
    """A long text is laid out as it is read, to its end; the codes stay where they are."""
    text = "\n\n".join(f"Paragraph {n} has some words." for n in range(2000))
    long = Document("name:a/b", "a/b", text, url="https://example.org", labels=("x",))
    labels = label_set(path, codebook=kinds_book(), documents=[long], coders={})

    async def script(app: Annotator, pilot: Pilot[None]) -> None:
        assert len(app.reading.lines) < 400
        await type_keys(pilot, "pagedown", "space", "down", "up", "pageup")
        assert app.reading.scroll_y == app.reading.room.height - 1
        await type_keys(pilot, "end")
        assert app.reading.lines[-1] == "Paragraph 1999 has some words."
        assert app.reading.scroll_y == app.reading.max_scroll_y > 0
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await type_keys(pilot, "home", "greater_than_sign", "less_than_sign")
        assert app.reading.scroll_y == 0
        assert app.reading.lines[0] == "https://example.org"

    play(Session(labels, "ada"), script)


def plain(text: str) -> list[str]:
    """Return the rows of Markdown as plain lines."""
    return [f"{row.first}{row.text.plain}" for piece in pieces(text) for row in rows_of(piece)]


def test_markdown_is_shown_without_what_nobody_reads() -> None:
    """Badges, comments and tags are left out; words, links, lists and code stay."""
    text = """<!-- a
comment -->
<p align="center"><img src="logo.png" alt="The logo"><br><b>Bold &amp; free</b></p>

# Title [![build](https://img.shields.io/x.svg)](https://travis-ci.org/x)

Words with a [link](https://example.org), [a place](#here) and `code`.<br>New line.

1. one
   - two
2. three

> quoted

| a | b |
|---|---|
| 1 | 2 |

```sh
pip install x
```

[later][ref]

[ref]: https://example.org/ref
"""
    assert [line for line in plain(text) if line.strip()] == [
        "[image: The logo]",
        "Bold & free",
        "# Title ",
        "Words with a link <https://example.org>, a place and `code`.",
        "New line.",
        "1. one",
        "   • two",
        "2. three",
        "▏ quoted",
        "a │ b",
        "1 │ 2",
        "  pip install x",
        "later <https://example.org/ref>",
    ]


def test_a_text_cannot_speak_to_the_terminal() -> None:
    """Escape sequences and marks that turn the reading direction do not reach the screen."""
    text = (
        "a\x1b[31mred\x07 \u202egnp.exe `\x1b]0;x\x07`\n\n    \x1b[2J\n\n<b title='\x9b'>\x9b</b>"
    )
    shown_text = "\n".join(plain(text))
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown_text)
    assert "red" in shown_text


@given(st.text(max_size=400))
def test_any_text_can_be_shown(text: str) -> None:
    """No text breaks the reader, and none brings a control character to the screen."""
    assert not [c for line in plain(text) for c in line if ord(c) < 0x20 and c != "\n"]


@given(st.lists(st.sampled_from(["", "word " * 60, "```", "- item", "<!--", "-->"]), max_size=200))
def test_pieces_put_together_are_the_text(lines: list[str]) -> None:
    """Splitting a document loses nothing, and no piece is much longer than it should be."""
    text = "\n".join(lines)
    found = pieces(text)
    assert "\n".join(found) == text
    assert max(map(len, found)) < 6 * PIECE_CHARS


LIGHT = """
import sys
from labels.annotator import adjudicator, app, script
heavy = ("torch", "pandas", "pyarrow", "numpy", "sklearn", "scipy", "statsmodels")
print([name for name in heavy if name in sys.modules])
"""


def test_the_annotator_starts_light(root: Path) -> None:
    """Neither annotator nor adjudicator imports what takes long to import."""
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_coder_without_documents_is_told(path: Path) -> None:
    """Where no document is the coder's, there is a sentence, not an empty screen."""
    coders = {"ada": None, "bob": frozenset[str]()}
    labels = label_set(path, codebook=kinds_book(), documents=some_documents(2), coders=coders)
    with pytest.raises(InputError, match="No document is yours"):
        Annotator(Session(labels, "bob"), clock=FakeClock())


def test_decisions_from_lines(session: Session, labels: LabelSet) -> None:
    """Lines name a document by key or by title in any case, and say what the keys would say."""
    first, second = session.items[:2]
    title = session.document(second).title
    summary = decide_from_lines(
        session,
        [
            f'{{"item": "{first}", "variable": "kind", "codes": ["tool"], "memo": "why"}}\n',
            "\n",
            f'{{"item": "{title.upper()}", "confidence": "low", "flag": true, "skip": true}}\n',
            '{"undo": true}\n',
            '{"redo": true}\n',
            f'{{"item": "{first}", "variable": "use", "codes": []}}',
        ],
    )
    assert (summary.n_lines, summary.n_decisions) == (5, 6)
    assert session.card(first).is_done
    assert session.card(first).memo == "why"
    card = session.card(second)
    assert (card.confidence, card.flagged, card.skipped) == ("low", True, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no json", "no JSON"),
        ("[1]", "no JSON object"),
        ('{"item": "x", "colour": "red"}', "'colour' is unknown"),
        ('{"item": "x"}', "says nothing"),
        ('{"codes": ["tool"], "variable": "kind"}', "names no item"),
        ('{"item": "x", "memo": "m"}', "No document of yours"),
        ('{"item": "org/repo-000", "codes": ["tool"]}', "go together"),
        ('{"item": "org/repo-000", "variable": "kind", "codes": ["x"]}', "'x' is no code"),
        ('{"item": "org/repo-000", "flag": "yes"}', "'flag' cannot be used"),
        ('{"undo": false}', "stands alone"),
        ('{"undo": true, "item": "org/repo-000"}', "stands alone"),
        ('{"redo": true}', "nothing to redo"),
        (
            '{"create": {"variable": "kind", "name": "X", "definition": "", "reason": "r"}}',
            "takes no",
        ),
    ],
)
def test_a_bad_line_stops_the_script_and_what_came_before_holds(
    session: Session, labels: LabelSet, line: str, said: str
) -> None:
    """The first bad line is named by its number; the lines before it are kept."""
    good = '{"item": "org/repo-001", "variable": "kind", "codes": ["list"]}'
    after = '{"item": "org/repo-002", "variable": "kind", "codes": ["list"]}'
    with pytest.raises(InputError, match=said) as caught:
        decide_from_lines(session, [good, line, after])
    assert "1 line before it was carried out" in caught.value.what
    assert caught.value.where is not None
    assert caught.value.where.startswith("line 2")
    assert log(labels) == [("code", "name:org/repo-001", ["list"])]


def test_a_title_that_two_documents_have_is_refused(path: Path) -> None:
    """Where a title means two documents, a line must name the key."""
    twins = [Document(f"gh:{n}#1", "Same Title", "text") for n in range(2)]
    labels = label_set(path, codebook=kinds_book(), documents=twins, coders={})
    with pytest.raises(InputError, match="2 documents are called") as caught:
        decide_from_lines(Session(labels, "ada"), ['{"item": "same title", "flag": true}'])
    assert "gh:0#1" in str(caught.value.fix)


def disputed(labels: LabelSet) -> Adjudication:
    """Return the adjudication of a wave that ada and bob coded, three documents differently."""
    ada, bob = Session(labels, "ada"), Session(labels, "bob")
    items = labels.state.waves["w1"].items
    for number, item in enumerate(items):
        ada.code(item, "kind", ["tool" if number == 0 else "list"])
        bob.code(item, "kind", ["tool" if number == 0 else "course" if number < 3 else "list"])
    ada.code(items[0], "use", ["serving"])
    bob.code(items[0], "use", ["serving", "data"])
    bob.memo(items[0], "reads data too")
    bob.confidence(items[0], "low")
    bob.flag(items[0], True)
    close_wave(labels, "w1", coder="ada")
    return Adjudication(labels, [labels.state.waves["w1"]], by=["ada", "bob"])


def adjudicated(labels: LabelSet) -> list[tuple[str | None, object]]:
    """Return what was settled, in order."""
    events = labels.store.all_events()
    return [(e.item, e.body.get("value")) for e in events if e.coder == "adjudicated"]


def settle(adjudication: Adjudication, *keys: str) -> Adjudicator:
    """Run the adjudicator, and press keys."""
    app = Adjudicator(adjudication)

    async def script(pilot: Pilot[None]) -> None:
        await type_keys(pilot, *keys)

    run(app, script, (80, 24))
    return app


def test_disagreements_stand_side_by_side(labels: LabelSet) -> None:
    """Each coder has a column with its key, codes, memo, confidence and flag."""
    app = settle(disputed(labels))
    sides = shown(app.sides).split("\n")
    assert sides[0].split() == ["[,]", "ada", "[.]", "bob"]
    assert sides[1].split("  ")[0].strip() == "Serving"
    assert "Serving, Data" in sides[1]
    assert {"sure: low", "⚑ flagged", "memo: reads data too"} <= {s.strip() for s in sides[2:]}
    assert "0 of 3 settled, by ada, bob" in shown(app.foot)


def test_a_disagreement_is_settled_by_column_or_by_codes(labels: LabelSet) -> None:
    """A comma takes the first coder's answer, keys give another; each goes on to what is left."""
    adjudication = disputed(labels)
    items = adjudication.items
    app = settle(adjudication, ".", ",", "c")
    assert adjudicated(labels) == [
        (items[0], ["serving", "data"]),
        (items[1], ["list"]),
        (items[2], ["course"]),
    ]
    assert app.hearing.is_over
    assert "Every disagreement is settled." in shown(app.reading)


def test_adjudicators_toggle_undo_and_say_why(labels: LabelSet) -> None:
    """Several codes are toggled, undo goes back to its document, and : keeps the reason."""
    adjudication = disputed(labels)
    first, second = adjudication.items[:2]
    app = settle(
        adjudication, "t", "enter", "backspace", "backspace", "colon", *"so", "escape", "#"
    )
    assert adjudication.memo_of(first) == "so"
    assert "There is no column #." in shown(app.foot)
    assert app.hearing.item == first
    assert [d.outcome for d in adjudication.disputes(first)] == [None]
    app = settle(adjudication, "s", "enter", "right", "right", "left", "left")
    assert [d.outcome for d in adjudication.disputes(first)] == [("serving",)]
    assert app.hearing.item == second or app.hearing.item == first


def test_adjudicators_are_told_their_pace_and_where_they_were(labels: LabelSet) -> None:
    """Seconds are kept with what is settled; examples are documents that were settled so."""
    adjudication, clock = disputed(labels), FakeClock()
    app = Adjudicator(adjudication, clock=clock)

    async def script(pilot: Pilot[None]) -> None:
        assert "time left unknown yet" in shown(app.foot)
        clock.now_s = 30.0
        await type_keys(pilot, ".", "C")

    run(app, script, (80, 24))
    first, second = adjudication.items[:2]
    assert adjudication.desk.seconds == {first: 30.0, second: 0.0}
    foot = " ".join(shown(settle(adjudication).foot).split())
    title = labels.document(second).title
    assert f"You were at document 3 of 3; last settled: {title} as Course, " in foot
    app = Adjudicator(adjudication)

    async def look(pilot: Pilot[None]) -> None:
        await type_keys(pilot, "asterisk", "c")
        page = "\n".join(app.screen.query_one(Lines).lines)
        assert f"Settled so\n  • {title}" in page

    run(app, look, (80, 24))


def test_coders_who_agree_need_no_adjudication(labels: LabelSet) -> None:
    """Where nothing is in dispute there is a sentence, not an empty screen."""
    close_wave(labels, "w1", coder="ada", unfinished=True)
    adjudication = Adjudication(labels, [labels.state.waves["w1"]], by=["ada"])
    with pytest.raises(InputError, match="nothing to settle"):
        Adjudicator(adjudication)
