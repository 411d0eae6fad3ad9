"""What adjudicators look at and settle, key by key, whatever the screen is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from artifacts.errors import InputError
from configs.codebook import Code, Variable
from labels.adjudication import Adjudication, Dispute, Side
from labels.annotator.wording import Turn, turned_back
from labels.history.book import Book
from labels.records import Codes

COLUMN_KEYS = "ABCEFGHIKLPTVWYZ"
"""What is pressed to take a coder's answer; the other capital letters are commands."""


class Hearing:
    """The disputes about one document of an adjudication, one of them asked.

    Each method that settles something writes it before it returns, and returns a line to show.

    Attributes
    ----------
    item
        The document that is shown.
    variable
        The variable whose dispute is asked.
    is_over
        No dispute is left.
    """

    def __init__(self, adjudication: Adjudication) -> None:
        if not adjudication.items:
            raise InputError("The coders agree on everything: there is nothing to settle.")
        self.adjudication = adjudication
        self.variable = ""
        self.items = list(adjudication.items)
        self.waiting = {each.item for each in adjudication.disputes() if each.outcome is None}
        self._show(next((item for item in self.items if item in self.waiting), self.items[-1]))
        self.is_over = not self.waiting

    @property
    def book(self) -> Book:
        """Return the codebook as it is now."""
        return self.adjudication.labels.book

    @property
    def dispute(self) -> Dispute:
        """Return the dispute that is asked."""
        return next(each for each in self.disputes if each.variable == self.variable)

    @property
    def asked(self) -> Variable:
        """Return the variable that is asked."""
        return next(each for each in self.book.variables if each.id == self.variable)

    @property
    def chosen(self) -> Codes:
        """Return the outcome so far."""
        return self.dispute.outcome or ()

    @property
    def sides(self) -> dict[str, Side]:
        """Return what each coder said, by the key of the column."""
        return dict(zip(COLUMN_KEYS, self.dispute.sides, strict=False))

    def codes(self) -> tuple[Code, ...]:
        """Return the codes to choose from."""
        return self.book.codes_of(self.variable)

    def choose(self, code: str) -> str:
        """Settle on a code, or take it away where several may apply."""
        if self.asked.multiple:
            self._settle(sorted(set(self.chosen) ^ {code}))
            return ""
        self._settle([code])
        return self._go_on()

    @property
    def takes_none(self) -> bool:
        """Tell whether it can be settled that no code applies."""
        return self.book.head.takes_none(self.asked)

    def choose_none(self) -> str:
        """Settle that no code applies."""
        if not self.takes_none:
            return f"{self.asked.name} takes a code: its codebook has no words for none of them."
        self._settle(())
        return self._go_on()

    def take(self, column: str) -> str:
        """Settle on what one coder said."""
        side = self.sides.get(column)
        if side is None:
            return f"There is no column {column}."
        if side.answer is None:
            return f"{side.coder} said nothing here."
        if not side.answer.is_settled:
            return f"What {side.coder} said was left open by a change of the codebook."
        self._settle(side.answer.codes)
        return self._go_on()

    def go_on(self) -> str:
        """Go on to the next dispute; no outcome where several may apply says: none applies."""
        if self.is_over:
            return "Everything is settled; Q leaves."
        if self.dispute.outcome is None:
            if not self.asked.multiple:
                return "Choose a code or a column first; → passes the document."
            self._settle(())
        return self._go_on()

    def turn(self, step: int) -> str:
        """Ask another dispute of the document."""
        ids = [each.variable for each in self.disputes]
        self.variable = ids[(ids.index(self.variable) + step) % len(ids)]
        return ""

    def write_memo(self, text: str) -> str:
        """Write down why the document was settled so."""
        if text.strip() == self.memo:
            return ""
        self.adjudication.note(self.item, text.strip())
        self._look_again()
        return "The reason is kept." if text.strip() else "The reason is taken away."

    def take_back(self) -> str:
        """Undo the last outcome, and show its document."""
        return self._turn_back(self.adjudication.undo, "undo")

    def do_again(self) -> str:
        """Redo what was undone last, and show its document."""
        return self._turn_back(self.adjudication.redo, "redo")

    def step(self, by: int) -> str:
        """Show the document after this one, or before it."""
        place = self.items.index(self.item) + by
        if not 0 <= place < len(self.items):
            return "This is the last document." if by > 0 else "This is the first document."
        self._show(self.items[place])
        return ""

    def _settle(self, codes: Sequence[str]) -> None:
        self.adjudication.settle(self.item, self.variable, codes)
        self._look_again()

    def _go_on(self) -> str:
        left = [each.variable for each in self.disputes if each.outcome is None]
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

    def _turn_back(self, turn: Callable[[], str | None], kind: Turn) -> str:
        item = turn()
        if item is None:
            return f"There is nothing to {kind}."
        variable, said = turned_back(self.adjudication.desk, self.book, kind)
        if item not in self.items:
            return said
        self._show(item)
        if variable in {each.variable for each in self.disputes}:
            self.variable = variable
        return said

    def _show(self, item: str) -> None:
        self.item, self.is_over = item, False
        self._look_again()
        left = [each.variable for each in self.disputes if each.outcome is None]
        self.variable = (left or [self.disputes[0].variable])[0]

    def _look_again(self) -> None:
        self.disputes = self.adjudication.disputes(self.item)
        self.memo = self.adjudication.memo_of(self.item)
        is_waiting = any(each.outcome is None for each in self.disputes)
        (self.waiting.add if is_waiting else self.waiting.discard)(self.item)
