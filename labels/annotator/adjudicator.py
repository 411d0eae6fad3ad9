"""The adjudicator: what coders said of a document side by side, and what holds in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from configs.codebook import as_tree
from labels.adjudication import Adjudication, Side
from labels.annotator.board import HELD_LINES, READING, STYLE, Board, Command, bindings, run
from labels.annotator.hearing import COLUMN_KEYS, Hearing
from labels.annotator.panels import (
    LINES_DEFINED,
    asked_rows,
    codes_rows,
    document_rows,
    none_row,
    tagged_code,
)
from labels.annotator.rows import BLANK, Lines, Row, lines_of, row
from labels.annotator.wording import names_of
from labels.keys import NONE_KEY, keys_of

COMMANDS = (
    Command(",".join(COLUMN_KEYS), "take", "A B C E …", "take what the coder of that column said"),
    Command("enter", "go_on", "Enter", "go on; where several may apply and none does, say so"),
    Command("minus", "none", NONE_KEY, "none of these: no code applies, where that is an answer"),
    Command("tab", "turn(1)", "Tab", "the next disagreement about the document"),
    Command("shift+tab", "turn(-1)", "Shift+Tab", "the disagreement before"),
    Command("M", "memo", "M", "write down why it was settled so", "reason"),
    Command("U,ctrl+z", "take_back", "U", "undo, as often as you like (also Ctrl+Z)", "undo"),
    Command("R,ctrl+y", "do_again", "R", "redo (also Ctrl+Y)", "redo"),
    Command("D", "details", "D", "read the codebook: when to use which code", "details"),
    Command("left", "step(-1)", "←", "the document before"),
    Command("right", "step(1)", "→", "the document after"),
    Command("question_mark", "help", "?", "all keys", "keys"),
    Command("Q,ctrl+c", "quit", "Q", "leave; everything is saved already", "quit"),
)


class Adjudicator(Board):
    """The adjudicator on the screen."""

    WORK = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            *READING,
            *COMMANDS[1:],
            *(COMMANDS[0]._replace(keys=key, action=f"take('{key}')") for key in COLUMN_KEYS),
        )
    )
    CSS = f"""{STYLE}
    #sides {{ border-top: dashed $foreground; }}
    """

    def __init__(self, adjudication: Adjudication) -> None:
        super().__init__()
        self.adjudication = adjudication
        self.hearing = Hearing(adjudication)
        self.sides = Lines(id="sides")

    def compose(self) -> ComposeResult:
        """Lay out the panes: what the coders said stands between document and foot."""
        *panes, foot = super().compose()
        yield from panes
        yield self.sides
        yield foot

    def on_resize(self, event: events.Resize) -> None:
        """Set the columns anew."""
        self.call_after_refresh(self.paint)

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
        self.show_foot(f" {n_all - n_left:,} of {n_all:,} settled, by {self._by}")

    def press_code(self, key: str) -> None:
        """Take a key that stands for a code."""
        code = keys_of(self.hearing.codes()).get(key)
        self._settle(lambda: self.hearing.choose(code) if code else f"No code has the key {key}.")

    def look_anew(self) -> None:
        """Read what others wrote."""
        self.adjudication.labels.sync()

    def on_lines_picked(self, event: Lines.Picked) -> None:
        """Take a click on a code for its key."""
        code = tagged_code(event.tag)
        if code is not None and not self.is_covered:
            self._settle(lambda: self.hearing.choose(code) if code else self.hearing.choose_none())

    def action_none(self) -> None:
        """Settle that no code applies."""
        self._settle(self.hearing.choose_none)

    def action_take(self, column: str) -> None:
        """Take what one coder said."""
        self._settle(lambda: self.hearing.take(column))

    def action_go_on(self) -> None:
        """Go on to the next disagreement."""
        self.do(self.hearing.go_on)

    def action_turn(self, step: int) -> None:
        """Ask another disagreement."""
        self._settle(lambda: self.hearing.turn(step))

    def action_take_back(self) -> None:
        """Undo."""
        self.do(self.hearing.take_back)

    def action_do_again(self) -> None:
        """Redo."""
        self.do(self.hearing.do_again)

    def action_step(self, by: int) -> None:
        """Show the document before or after; the last one where everything is settled."""
        by = 0 if self.hearing.is_over else by
        self.do(lambda: self.hearing.step(by))

    def action_memo(self) -> None:
        """Write down why it was settled so."""
        if not self.hearing.is_over:
            title = f"Why: {self.adjudication.document(self.hearing.item).title}"
            self.write(title, self.hearing.memo, self.hearing.write_memo)

    def action_details(self) -> None:
        """Read the codebook."""
        if not self.hearing.is_over:
            self.show_details(self.hearing.asked.name, self.hearing.codes())

    @property
    def _by(self) -> str:
        return ", ".join(self.adjudication.by)

    def _settle(self, work: Callable[[], str]) -> None:
        over = "Everything is settled: ← goes back to the last document."
        self.do((lambda: over) if self.hearing.is_over else work)

    def _paint_document(self) -> None:
        hearing = self.hearing
        document = self.document(self.adjudication.document, hearing.item)
        marks = [] if hearing.item in hearing.waiting else ["✓ settled"]
        place = hearing.items.index(hearing.item)
        self.show_head(document, place=place, of=len(hearing.items), marks=marks)
        self.read(hearing.item, document_rows(document), document.text)
        self.book.show(
            *(self._book_rows(defined=True, n_lines=n) for n in LINES_DEFINED),
            self._book_rows(defined=False),
        )
        held = [row(hearing.memo, first="reason: ", rest="  ")] if hearing.memo else []
        self.show_in_height(self.held, held, HELD_LINES)
        sides = list(self._sides_rows(self.size.width - 1))
        self.show_in_height(self.sides, sides, self.size.height * 2 // 5)

    def _book_rows(self, *, defined: bool, n_lines: int = 0) -> list[Row]:
        hearing = self.hearing
        is_none = hearing.dispute.outcome == ()
        among = [each.variable for each in hearing.disputes]
        codes = hearing.codes()
        has_none = hearing.takes_none and not hearing.asked.multiple
        return [
            *asked_rows(hearing.asked, among, is_none=is_none),
            BLANK,
            *codes_rows(
                as_tree(codes),
                keys=keys_of(codes),
                chosen=hearing.chosen,
                multiple=hearing.asked.multiple,
                defined=defined,
                n_lines=n_lines,
            ),
            *([none_row(chosen=is_none)] if has_none else []),
        ]

    def _sides_rows(self, width: int) -> Iterator[Row]:
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
            yield Row(text, n_lines=1)

    def _column(self, key: str, side: Side, width: int) -> list[Text]:
        others = [each for each in self.hearing.disputes if each.variable != self.hearing.variable]
        rows = [row(f"{key}  {side.coder}", "bold"), row(self._said(side, self.hearing.variable))]
        for dispute in others:
            theirs = next(each for each in dispute.sides if each.coder == side.coder)
            asked = self.hearing.book.variable(dispute.variable)
            name = dispute.variable if asked is None else asked.name
            rows.append(row(f"{name}: {self._said(theirs, dispute.variable)}", "dim", rest="  "))
        if side.confidence:
            rows.append(row(f"sure: {side.confidence}"))
        if side.flagged:
            rows.append(row("⚑ flagged"))
        if side.memo:
            rows.append(row(side.memo, first="memo: ", rest="  "))
        return [line for each in rows for line in lines_of(each, width, self.console)]

    def _said(self, side: Side, variable: str) -> str:
        if side.answer is None:
            return "–"
        book = self.hearing.book
        settled = names_of(book, variable, side.answer.codes)
        if side.answer.is_settled:
            return settled
        either = [
            " or ".join(names_of(book, variable, (c,)) for c in sorted(each)) or "a code out of use"
            for each in side.answer.open
        ]
        return "; ".join([*([settled] if side.answer.codes else []), *either])

    def _over_rows(self) -> Sequence[Row]:
        name = self.adjudication.labels.name
        return [
            row("Every disagreement is settled.", "bold"),
            BLANK,
            row("Everything is saved. ← goes back to the last document, U undoes, Q leaves."),
            BLANK,
            row("The codes that hold in the end can be taken out:"),
            row(f"opsatlas label export {name}", "bold", first="  "),
        ]


def adjudicate(adjudication: Adjudication) -> None:
    """Let people settle disagreements in the terminal until they leave.

    Raises
    ------
    InputError
        If the coders agree on everything.
    """
    run(Adjudicator(adjudication))
