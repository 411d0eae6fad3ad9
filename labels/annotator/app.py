"""The annotator: a coder reads, presses a key for a code, and the next document is there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from labels.annotator.asking import ASIDE_KEY, NEW_KEY, NONE_KEY, OPEN_KEY
from labels.annotator.board import (
    DETAILS,
    EXAMPLES,
    FOUND_SHOWN,
    HELD_LINES,
    LAST,
    MEMO,
    READING,
    REDO,
    SEARCH,
    UNDO,
    Board,
    Shortcut,
    bindings,
    run,
)
from labels.annotator.pace import SecondsClock
from labels.annotator.panels import book_rows, document_rows, held_rows, over_rows, progress
from labels.annotator.rows import TextRow, row
from labels.annotator.sitting import Sitting
from labels.session import Session

COMMANDS = (
    Shortcut("enter", "go_on", "Enter", "go on; where several may apply and none does, say so"),
    Shortcut("minus", "none", NONE_KEY, "none of these: no code applies, where that is an answer"),
    Shortcut("tab", "turn(1)", "Tab", "ask the next variable"),
    Shortcut("shift+tab", "turn(-1)", "Shift+Tab", "ask the variable before"),
    MEMO,
    Shortcut(
        "exclamation_mark",
        "flag",
        "!",
        "flag the document to talk it over, or take the flag away",
        "flag",
    ),
    Shortcut(
        "percent_sign",
        "confidence",
        "%",
        "say how sure you are: low, medium, high, not said",
        "sure",
    ),
    Shortcut("semicolon", "put_aside", ASIDE_KEY, "put the document aside and go on", "aside"),
    UNDO,
    EXAMPLES,
    SEARCH,
    DETAILS,
    REDO,
    Shortcut("delete,ctrl+x", "clear", "Del", "take the codes of the variable back (also ^X)"),
    Shortcut("plus", "new_code", NEW_KEY, "make a new code, where the variable is open"),
    Shortcut(
        "number_sign,ctrl+g",
        "jump",
        "#",
        "jump to a document, by its number or words of its title (also ^G)",
        "jump",
    ),
    Shortcut("underscore", "next_open", OPEN_KEY, "the next document that is to be coded anew"),
    Shortcut(
        "ampersand", "ask_machine", "&", "see the machine's guess; that you saw it is recorded"
    ),
    *LAST,
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
    OWN = "Coded so by you"
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
            self.book.show(book_rows(sitting))
            self.show_in_height(self.held, held_rows(sitting), HELD_LINES)
        self.show_foot(f" {progress(session)}")

    def look_anew(self) -> None:
        """Read what others changed, the codebook above all."""
        self.sitting.refresh()

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
