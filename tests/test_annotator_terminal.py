"""The annotator in a real terminal: killed, resumed, resized, and two of them at one file."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from benchmarks.annotator import PROGRAM, Terminal
from labels.label_set import LabelSet
from labels.records import Document
from labels.session import Session
from tests.coding_people import kinds_book, label_set, some_documents

N_DOCUMENTS = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a set of forty documents, to be coded by ada and bob."""
    path = tmp_path / "kinds.sqlite"
    coders = {"ada": None, "bob": None}
    documents = some_documents(N_DOCUMENTS)
    label_set(path, codebook=kinds_book(), documents=documents, coders=coders).close()
    return path


def order(path: Path, coder: str) -> tuple[list[str], list[str]]:
    """Return a coder's documents in their order, and their titles."""
    with LabelSet.open(path, read_only=True) as labels:
        session = Session(labels, coder)
        return session.items, [session.document(item).title for item in session.items]


def decisions(path: Path, coder: str) -> list[tuple[str, str | None, object]]:
    """Return kind, document and value of what a coder decided, in order; the log is sound."""
    with LabelSet.open(path, read_only=True) as labels:
        assert labels.store.damage() == []
        events = labels.store.all_events()
    mine = (e for e in events if e.coder == coder and e.kind not in ("begin", "wave"))
    return [(e.kind, e.item, e.body.get("value")) for e in mine]


def start(path: Path, coder: str, title: str, *, columns: int = 100, lines: int = 30) -> Terminal:
    """Return the annotator in a terminal, once it shows a document."""
    terminal = Terminal(
        [sys.executable, "-c", PROGRAM, str(path), coder], columns=columns, lines=lines
    )
    terminal.wait_for(title, "quit")
    return terminal


def test_an_afternoon_with_undo_resize_and_a_crash(path: Path) -> None:
    """Every key that decided is in the log exactly once, whatever happened to the terminal."""
    items, titles = order(path, "ada")
    said: list[tuple[str, str | None, object]] = []
    ada = start(path, "ada", titles[0])
    for number in range(20):
        ada.press("l")
        ada.wait_for(titles[number + 1])
        said.append(("code", items[number], ["library"]))
    ada.press("\x7f")
    ada.wait_for("Undone: Kind = Library.", titles[19])
    said.append(("undo", items[19], None))
    ada.resize(columns=80, lines=24)
    ada.wait_for("Tool", "Course")
    ada.press("i")
    ada.wait_for(titles[20])
    said.append(("code", items[19], ["list"]))
    ada.resize(columns=140, lines=40)
    ada.wait_for("It is a course.")
    ada.press("t")
    ada.wait_for("Several may apply")
    ada.press("s")
    ada.wait_for("[x]")
    said += [("code", items[20], ["tool"]), ("code", items[20], ["serving"])]
    ada.kill()
    assert decisions(path, "ada") == said

    ada = start(path, "ada", titles[21])
    for number in range(21, N_DOCUMENTS):
        ada.press("c")
        ada.wait_for(titles[number + 1] if number + 1 < N_DOCUMENTS else "Everything is coded.")
        said.append(("code", items[number], ["course"]))
    ada.press("\x11")
    assert ada.wait_for_end() == 0
    assert decisions(path, "ada") == said
    with LabelSet.open(path) as labels:
        assert Session(labels, "ada").tally().done == N_DOCUMENTS


def test_two_coders_in_one_file_lose_nothing(path: Path) -> None:
    """Two processes that write to one file at the same time both keep every decision."""
    keys = {"ada": ("l", "library"), "bob": ("c", "course")}
    orders = {coder: order(path, coder) for coder in keys}
    assert orders["ada"] != orders["bob"]
    terminals = {coder: start(path, coder, orders[coder][1][0]) for coder in keys}
    for number in range(15):
        for coder, terminal in terminals.items():
            terminal.press(keys[coder][0])
        for coder, terminal in terminals.items():
            terminal.wait_for(orders[coder][1][number + 1])
    for terminal in terminals.values():
        terminal.press("\x11")
        assert terminal.wait_for_end() == 0
    for coder, (_, code) in keys.items():
        assert decisions(path, coder) == [("code", item, [code]) for item in orders[coder][0][:15]]


def test_keys_pressed_faster_than_the_screen_all_count(path: Path) -> None:
    """Keys that come at once decide one document each, and none is dropped."""
    items, titles = order(path, "bob")
    bob = start(path, "bob", titles[0])
    bob.press("lclclclclc")
    bob.wait_for(titles[10])
    bob.kill()
    said = [["library"], ["course"]] * 5
    assert [value for _, _, value in decisions(path, "bob")] == said
    assert [item for _, item, _ in decisions(path, "bob")] == items[:10]


HOSTILE = (
    "a\x1b]0;OWNED\x07 \x1b[2J\x9b2J \u202egnp.exe\u2066 \u200fe\u0301\u0316 👩\u200d👧 模型 "
    + "x" * 300
)


def test_what_strangers_wrote_does_not_act_on_the_terminal(path: Path) -> None:
    """Titles, texts, facts, codes, definitions, examples and memos are shown, and do nothing."""
    codes = [
        {"id": code, "variable": "kind", "name": f"{code} {HOSTILE}", "definition": HOSTILE}
        | {"examples": [HOSTILE], "aliases": [HOSTILE], "when": HOSTILE}
        for code in ("tool", "list")
    ]
    variables = [{"id": "kind", "name": HOSTILE, "question": HOSTILE}]
    documents = [
        Document(f"o/{n}", f"n{n} {HOSTILE}", f"# {HOSTILE}", HOSTILE, (HOSTILE,), {"by": HOSTILE})
        for n in range(2)
    ]
    odd = path.with_name("odd.sqlite")
    book = kinds_book(variables=variables, codes=codes)
    with label_set(odd, codebook=book, documents=documents, coders={"ada": None}) as labels:
        first, second = (labels.document(item).title[:2] for item in Session(labels, "ada").items)
    ada = start(odd, "ada", first, columns=80, lines=24)
    for keys, seen in (
        (":", "Memo: "),
        ("why", "why"),
        ("\x11", "memo: why"),
        ("*", "Examples in the codebook"),
        ("\x11", "^Q quit"),
        ("=", "when: "),
        ("\x11", "^Q quit"),
        ("/", "Search"),
        ("\x11", "^Q quit"),
        ("#", "Jump"),
        ("\x11", "^Q quit"),
        ("T", "Coded: tool a\\u001b"),
        ("\x7f", "Undone: "),
    ):
        ada.press(keys)
        ada.wait_for(seen)
    ada.press("\x11")
    assert ada.wait_for_end() == 0
    assert "\\u001b]0;OWNED\\u0007" in ada.written
    assert not [
        each for each in ("\x1b]0;", "OWNED\x07", "\x9b", "\u202e", "\u2066") if each in ada.written
    ]
    assert second in ada.written


def test_a_program_that_ends_is_not_waited_for(path: Path) -> None:
    """The terminal of the tests says what is missing, and how the program ended."""
    terminal = Terminal([sys.executable, "-c", "print('here')"], columns=80, lines=24)
    with pytest.raises(TimeoutError, match="never shown"):
        terminal.wait_for("not here")
    assert terminal.wait_for_end() == 0
    sleeping = Terminal(
        [sys.executable, "-c", "print('up', flush=True); input()"], columns=80, lines=24
    )
    sleeping.wait_for("up")
    assert sleeping.kill() == -signal.SIGKILL
