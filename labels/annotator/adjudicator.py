"""The adjudicator: what coders said of a document side by side, and what holds in the end.

What is looked at and settled, key by key, does not depend on the screen (`Hearing`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from artifacts.errors import InputError
from configs.codebook import Variable, as_tree
from labels.adjudication import Adjudication, Dispute, DisputeSide
from labels.annotator.asking import NONE_KEY, QUIT_KEY, Asking, names_of
from labels.annotator.board import (
    DETAILS,
    EXAMPLES,
    HELD_LINES,
    LAST,
    MEMO,
    READING,
    REDO,
    SEARCH,
    STYLE,
    UNDO,
    Board,
    Shortcut,
    bindings,
    run,
)
from labels.annotator.pace import SecondsClock, Stopwatch, rest_in_words
from labels.annotator.panels import SAVED, asked_rows, codes_rows, document_rows, none_row
from labels.annotator.rows import BLANK, Lines, TextRow, lines_of, row
from labels.records import Codes

COLUMN_KEYS = ",.;!%&+()_#"
"""What is pressed to take a coder's answer: no letter or digit, for these are of codes."""


class Hearing(Asking):
    """The disputes about one document of an adjudication, one of them asked.

    It is over when no dispute is left.
    """

    CODED = "Settled"

    def __init__(self, adjudication: Adjudication, *, clock: SecondsClock = time.monotonic) -> None:
        if not adjudication.items:
            raise InputError("The coders agree on everything: there is nothing to settle.")
        self.adjudication = adjudication
        self.watch = Stopwatch(clock)
        self.variable = ""
        self.waiting = {
            dispute.item for dispute in adjudication.disputes() if dispute.outcome is None
        }
        self._show(next((item for item in self.items if item in self.waiting), self.items[-1]))
        self.is_over = not self.waiting

    @property
    def work(self) -> Adjudication:
        """Return the adjudication."""
        return self.adjudication

    @property
    def variables(self) -> Sequence[Variable]:
        """Return the variables of the document that are in dispute, in order."""
        disputed = {dispute.variable for dispute in self.disputes}
        return [variable for variable in self.book.variables if variable.id in disputed]

    @property
    def dispute(self) -> Dispute:
        """Return the dispute that is asked."""
        return next(dispute for dispute in self.disputes if dispute.variable == self.variable)

    @property
    def chosen(self) -> Codes:
        """Return the outcome so far."""
        return self.dispute.outcome or ()

    @property
    def sides(self) -> dict[str, DisputeSide]:
        """Return what each coder said, by the key of the column."""
        return dict(zip(COLUMN_KEYS, self.dispute.sides, strict=False))

    def take(self, column: str) -> str:
        """Settle on what one coder said."""
        side = self.sides.get(column)
        if side is None:
            return f"There is no column {column}."
        if side.answer is None:
            return f"{side.coder} said nothing here."
        if not side.answer.is_settled:
            return f"What {side.coder} said was left open by a change of the codebook."
        self._answer(side.answer.codes)
        return self._moved_on()

    def go_on(self) -> str:
        """Go on to the next dispute; no outcome where several may apply says: none applies."""
        if self.is_over:
            return f"Everything is settled; {QUIT_KEY} leaves."
        if self.dispute.outcome is None:
            if not self.asked.multiple:
                return "Choose a code or a column first; → passes the document."
            self._answer(())
        return self._moved_on()

    def spent_s(self) -> list[float]:
        """Return the seconds that each document took which is settled, the latest begun last."""
        spent = self.adjudication.desk.seconds
        return [each for item, each in spent.items() if item not in self.waiting]

    def write_memo(self, text: str) -> str:
        """Write down why the document was settled so."""
        if text.strip() == self.memo:
            return ""
        self.adjudication.note(self.item, text.strip())
        self._look_again()
        return "The reason is kept." if text.strip() else "The reason is taken away."

    def _answer(self, codes: Sequence[str]) -> None:
        spent = self.watch.seconds()
        self.adjudication.settle(self.item, self.variable, codes, seconds=spent)
        self.watch.restart()
        self._look_again()

    def _go_on(self) -> str:
        left = [dispute.variable for dispute in self.disputes if dispute.outcome is None]
        if left:
            self.variable = left[0]
            return ""
        here = self.items.index(self.item)
        ahead = (*self.items[here + 1 :], *self.items[:here])
        following = next((item for item in ahead if item in self.waiting), None)
        if following is None:
            self.is_over = True
        else:
            self._show(following)
        return ""

    def _show(self, item: str) -> None:
        self.item, self.is_over = item, False
        self.watch.restart()
        self._look_again()
        left = [dispute.variable for dispute in self.disputes if dispute.outcome is None]
        self.variable = (left or [self.disputes[0].variable])[0]

    def _look_again(self) -> None:
        self.disputes = self.adjudication.disputes(self.item)
        self.memo = self.adjudication.memo_of(self.item)
        is_waiting = any(dispute.outcome is None for dispute in self.disputes)
        (self.waiting.add if is_waiting else self.waiting.discard)(self.item)


COMMANDS = (
    Shortcut("enter", "go_on", "Enter", "go on; where several may apply and none does, say so"),
    Shortcut("minus", "none", NONE_KEY, "none of these: no code applies, where that is an answer"),
    Shortcut("tab", "turn(1)", "Tab", "the next disagreement about the document"),
    Shortcut("shift+tab", "turn(-1)", "Shift+Tab", "the disagreement before"),
    MEMO._replace(says="write down why it was settled so", hint="reason"),
    UNDO,
    REDO._replace(hint="redo"),
    EXAMPLES,
    SEARCH,
    DETAILS,
    *LAST,
)


class Adjudicator(Board):
    """The adjudicator on the screen."""

    WORK = COMMANDS
    OVER = "Everything is settled: ← goes back to the last document."
    OWN = "Settled so"
    BINDINGS: ClassVar[list[BindingType]] = bindings((*READING, *COMMANDS))
    CSS = f"""{STYLE}
    #sides {{ border-top: dashed $foreground; padding: 0 1; }}
    """

    def __init__(self, adjudication: Adjudication, *, clock: SecondsClock = time.monotonic) -> None:
        super().__init__()
        self.adjudication = adjudication
        self.hearing = Hearing(adjudication, clock=clock)
        self.sides = Lines(id="sides")

    @property
    def asking(self) -> Hearing:
        """Return what is asked."""
        return self.hearing

    def compose(self) -> ComposeResult:
        """Lay out the panes: what the coders said stands between document and foot."""
        *panes, foot = super().compose()
        yield from panes
        yield self.sides
        yield foot

    def chooses(self, key: str) -> bool:
        """Take the key of a column, or of a code."""
        if len(key) != 1 or key not in COLUMN_KEYS:
            return super().chooses(key)
        self.decide(lambda: self.hearing.take(key))
        return True

    def paint(self) -> None:
        """Show the document, what the coders said of it, and what was settled."""
        hearing = self.hearing
        for pane in (self.side, self.sides):
            pane.display = not hearing.is_over
        if hearing.is_over:
            self.head.show([row(f" {self.adjudication.labels.name}")])
            self.read(None, self._over_rows(), "")
        else:
            self._paint_document()
        n_left, n_all = len(hearing.waiting), len(hearing.items)
        parts = [f"{n_all - n_left:,} of {n_all:,} settled, by {self._by}"]
        self.show_foot(" " + " · ".join([*parts, *rest_in_words(hearing.spent_s(), n_left)]))

    def look_anew(self) -> None:
        """Read what others wrote."""
        self.adjudication.labels.sync()

    def action_memo(self) -> None:
        """Write down why it was settled so."""
        if not self.hearing.is_over:
            title = f"Why: {self.adjudication.document(self.hearing.item).title}"
            self.write(title, self.hearing.memo, self.hearing.write_memo)

    def _help_rows(self) -> list[TextRow]:
        keys, says = " ".join(COLUMN_KEYS[:3]), "take what the coder of that column said"
        return [row(says, first=f" {f'{keys} …':<12}", rest=" " * 13), *super()._help_rows()]

    @property
    def _by(self) -> str:
        return ", ".join(self.adjudication.by)

    def _paint_document(self) -> None:
        hearing = self.hearing
        document = self.document(self.adjudication.document, hearing.item)
        marks = [] if hearing.item in hearing.waiting else ["✓ settled"]
        place = hearing.items.index(hearing.item)
        self.show_head(document, place=place, of=len(hearing.items), marks=marks)
        self.read(hearing.item, document_rows(document), document.text)
        self.book.show(self._book_rows())
        held = [row(hearing.memo, first="reason: ", rest="  ")] if hearing.memo else []
        self.show_in_height(self.held, held, HELD_LINES)
        sides = list(self._sides_rows(self.size.width - 3))
        self.show_in_height(self.sides, sides, self.size.height * 2 // 5)

    def _book_rows(self) -> list[TextRow]:
        hearing = self.hearing
        is_none = hearing.dispute.outcome == ()
        has_none = hearing.takes_none and not hearing.asked.multiple
        return [
            *asked_rows(hearing, is_none=is_none),
            BLANK,
            *codes_rows(hearing, as_tree(hearing.codes())),
            *([none_row(chosen=is_none)] if has_none else []),
        ]

    def _sides_rows(self, width: int) -> Iterator[TextRow]:
        """Yield a column for each coder, the answers to the variable that is asked first."""
        sides = self.hearing.sides
        room = max(width // max(len(sides), 1) - 2, 8)
        columns = [self._column(key, side, room) for key, side in sides.items()]
        for line in zip_longest(*columns, fillvalue=Text()):
            text = Text()
            for cell in line:
                padded = cell.copy()
                padded.pad_right(room - padded.cell_len + 2)
                text.append_text(padded)
            yield TextRow(text, n_lines=1)

    def _column(self, key: str, side: DisputeSide, width: int) -> list[Text]:
        others = [
            dispute
            for dispute in self.hearing.disputes
            if dispute.variable != self.hearing.variable
        ]
        rows = [
            row(f"[{key}] {side.coder}", "bold"),
            row(self._answer_text(side, self.hearing.variable)),
        ]
        for dispute in others:
            theirs = next(other for other in dispute.sides if other.coder == side.coder)
            asked = self.hearing.book.variable(dispute.variable)
            name = dispute.variable if asked is None else asked.name
            rows.append(
                row(f"{name}: {self._answer_text(theirs, dispute.variable)}", "dim", rest="  ")
            )
        if side.confidence:
            rows.append(row(f"sure: {side.confidence}"))
        if side.flagged:
            rows.append(row("⚑ flagged"))
        if side.memo:
            rows.append(row(side.memo, first="memo: ", rest="  "))
        return [line for paragraph in rows for line in lines_of(paragraph, width, self.console)]

    def _answer_text(self, side: DisputeSide, variable: str) -> str:
        if side.answer is None:
            return "–"
        book = self.hearing.book
        settled = names_of(book, variable, side.answer.codes)
        if side.answer.is_settled:
            return settled
        either = [
            " or ".join(names_of(book, variable, (c,)) for c in sorted(candidates))
            or "a code out of use"
            for candidates in side.answer.open
        ]
        return "; ".join([*([settled] if side.answer.codes else []), *either])

    def _over_rows(self) -> Sequence[TextRow]:
        name = self.adjudication.labels.name
        return [
            row("Every disagreement is settled.", "bold"),
            BLANK,
            row(SAVED),
            BLANK,
            row("The codes that hold in the end can be taken out:"),
            row(f"opsatlas label export {name} FILE.csv", "bold", first="  "),
        ]


def adjudicate(adjudication: Adjudication) -> None:
    """Let people settle disagreements in the terminal until they leave.

    Raises
    ------
    InputError
        If the coders agree on everything.
    """
    run(Adjudicator(adjudication))
