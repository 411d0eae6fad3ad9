"""The annotator: a coder reads, presses a key for a code, and the next document is there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from labels.annotator.asking import NONE_KEY
from labels.annotator.board import FOUND_SHOWN, HELD_LINES, READING, Board, Shortcut, bindings, run
from labels.annotator.panels import (
    LINES_DEFINED,
    book_rows,
    document_rows,
    held_rows,
    over_rows,
    progress,
)
from labels.annotator.rows import TextRow, row
from labels.annotator.sitting import SecondsClock, Sitting, matching
from labels.session import Session

COMMANDS = (
    Shortcut("enter", "go_on", "Enter", "go on; where several may apply and none does, say so"),
    Shortcut("minus", "none", NONE_KEY, "none of these: no code applies, where that is an answer"),
    Shortcut("tab", "turn(1)", "Tab", "ask the next variable"),
    Shortcut("shift+tab", "turn(-1)", "Shift+Tab", "ask the variable before"),
    Shortcut("M", "memo", "M", "write a memo", "memo"),
    Shortcut("C", "confidence", "C", "say how sure you are: low, medium, high, not said", "sure"),
    Shortcut("F", "flag", "F", "flag the document to talk it over, or take the flag away", "flag"),
    Shortcut("S", "put_aside", "S", "put the document aside and go on", "aside"),
    Shortcut("U,ctrl+z", "take_back", "U", "undo, as often as you like (also Ctrl+Z)", "undo"),
    Shortcut("R,ctrl+y", "do_again", "R", "redo (also Ctrl+Y)"),
    Shortcut("X", "clear", "X", "take the codes of the variable back"),
    Shortcut("slash", "search", "/", "search the codes by name, definition or alias", "search"),
    Shortcut("D", "details", "D", "read the codebook: when to use which code", "details"),
    Shortcut("N", "new_code", "N", "make a new code, where the variable is open"),
    Shortcut("left", "step(-1)", "←", "the document before"),
    Shortcut("right", "step(1)", "→", "the document after"),
    Shortcut("J", "jump", "J", "jump to a document, by its number or words of its title"),
    Shortcut("O", "next_open", "O", "the next document that is to be coded anew"),
    Shortcut("G", "ask_machine", "G", "see the machine's guess; that you saw it is recorded"),
    Shortcut("question_mark", "help", "?", "all keys", "keys"),
    Shortcut("Q,ctrl+c", "quit", "Q", "leave; everything is saved already", "quit"),
)


class Annotator(Board):
    """The annotator on the screen.

    Parameters
    ----------
    clock
        Tells how long the coder takes.
    """

    WORK = COMMANDS
    OVER = "No document is in sight: ← goes back to the last one."
    BINDINGS: ClassVar[list[BindingType]] = bindings((*READING, *COMMANDS))

    def __init__(self, session: Session, *, clock: SecondsClock) -> None:
        super().__init__()
        self.session = session
        self.sitting = Sitting(session, clock=clock)
        self._titles: dict[str, str] = {}

    @property
    def asking(self) -> Sitting:
        """Return what is asked."""
        return self.sitting

    def paint(self) -> None:
        """Show the document, what is asked of it and what is held of it."""
        sitting, session = self.sitting, self.session
        self.side.display = not sitting.is_over
        if sitting.is_over:
            self.head.show([row(f" {session.labels.name}")])
            self._read = None
            self.reading.read(over_rows(sitting), "")
        else:
            self._paint_document()
            self.book.show(*(book_rows(sitting, n_lines=n) for n in LINES_DEFINED))
            self.show_in_height(self.held, held_rows(sitting), HELD_LINES)
        self.show_foot(f" {progress(session)}")

    def look_anew(self) -> None:
        """Read what others changed, the codebook above all."""
        self.sitting.refresh()

    def on_app_blur(self) -> None:
        """Stop counting the seconds while the coder is in another window."""
        self.sitting.watch.pause()

    def on_app_focus(self) -> None:
        """Go on counting the seconds."""
        self.sitting.watch.touch()

    async def on_event(self, event: events.Event) -> None:
        """Note that the coder is there, whichever pane or page takes the key."""
        if isinstance(event, events.InputEvent):
            self.sitting.watch.touch()
        await super().on_event(event)

    def action_confidence(self) -> None:
        """Say the next confidence."""
        self.decide(self.sitting.turn_confidence)

    def action_flag(self) -> None:
        """Flag the document, or take the flag away."""
        self.decide(self.sitting.turn_flag)

    def action_put_aside(self) -> None:
        """Put the document aside."""
        self.decide(self.sitting.put_aside)

    def action_clear(self) -> None:
        """Take the codes of the variable back."""
        self.decide(self.sitting.clear)

    def action_next_open(self) -> None:
        """Show the next document that is to be coded anew."""
        self.do(self.sitting.next_open)

    def action_ask_machine(self) -> None:
        """Show the machine's guess."""
        self.decide(self.sitting.ask_machine)

    def action_memo(self) -> None:
        """Write a memo."""
        if not self.sitting.is_over:
            title = f"Memo: {self.session.document(self.sitting.item).title}"
            self.write(title, self.sitting.card.memo, self.sitting.write_memo)

    def action_new_code(self) -> None:
        """Make a new code."""
        if self.sitting.is_over:
            return
        if not self.sitting.asked.open:
            name = self.sitting.asked.name
            self.do(lambda: f"{name} takes no new codes: its variable is not open.")
            return
        self._fill_in(("", "", ""))

    def action_search(self) -> None:
        """Search the codes."""
        from labels.annotator.screens import Picker

        if not self.sitting.is_over:
            self.push_screen(Picker("Search the codes", self._codes_found), self._take_code)

    def action_jump(self) -> None:
        """Jump to a document."""
        from labels.annotator.screens import Picker

        self.push_screen(
            Picker("Jump: number or title", self._documents_found), self._take_document
        )

    def _paint_document(self) -> None:
        sitting = self.sitting
        document, card = self.document(self.session.document, sitting.item), sitting.card
        states = ((card.is_done, "✓ done"), (card.flagged, "⚑ flagged"))
        marks = [mark for holds, mark in states if holds]
        if card.skipped and not card.is_done:
            marks.append("aside")
        place, of = self.session.place[sitting.item], len(self.session.items)
        self.show_head(document, place=place, of=of, marks=marks)
        self.read(sitting.item, document_rows(document), document.text)

    def _fill_in(self, values: tuple[str, ...]) -> None:
        from labels.annotator.screens import Form

        def add(fields: tuple[str, ...] | None) -> None:
            if fields is None:
                return
            name, definition, reason = fields
            if not self.do(lambda: self.sitting.add_code(name, definition, reason)):
                self._fill_in(fields)

        title = f"A new code of {self.sitting.asked.name}"
        self.push_screen(Form(title, ("name", "definition", "why it is needed"), values), add)

    def _codes_found(self, query: str) -> Sequence[tuple[str, TextRow]]:
        key_of = {code: key for key, code in self.sitting.keys().items()}
        return [
            (
                code.id,
                row(
                    f"{code.name}: {code.definition}",
                    first=f" {key_of.get(code.id, ' ')}  ",
                    n_lines=1,
                ),
            )
            for code in matching(self.sitting.codes(), query)
        ]

    def _take_code(self, code: str | None) -> None:
        if code is not None:
            self.decide(lambda: self.sitting.choose(code))

    def _documents_found(self, query: str) -> Sequence[tuple[str, TextRow]]:
        """Return documents whose title holds the query, or the one of that number."""
        items, wanted = self.session.items, query.strip().lower()
        if wanted.isdecimal() and 0 < int(wanted) <= len(items):
            return [self._document_row(items[int(wanted) - 1])]
        rows = []
        for item in items:
            if wanted and wanted in self._title(item).lower():
                rows.append(self._document_row(item))
            if len(rows) == FOUND_SHOWN:
                break
        return rows

    def _document_row(self, item: str) -> tuple[str, TextRow]:
        number = f" {self.session.place[item] + 1:>6,}  "
        return item, row(self._title(item), first=number, n_lines=1)

    def _title(self, item: str) -> str:
        if not self._titles:
            self._titles = self.session.labels.titles()
        return self._titles[item]

    def _take_document(self, item: str | None) -> None:
        if item is not None:
            self.do(lambda: self.sitting.jump(item))


def annotate(session: Session, *, clock: SecondsClock = time.monotonic) -> None:
    """Let a coder work in the terminal until the coder leaves.

    Raises
    ------
    InputError
        If no document is the coder's.
    """
    run(Annotator(session, clock=clock))
