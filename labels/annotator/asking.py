"""What people are asked and answer: codes and decisions in words, keys for them, the choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from configs.codebook import Code, Variable
from labels.history.book import Book
from labels.history.replay import CoderDesk
from labels.records import Codes
from labels.session import Work

Turn = Literal["undo", "redo"]


def code_name(book: Book, variable: str, code: str) -> str:
    """Return what a code is called, also one that is out of use."""
    known = book.find(variable, code) or book.find_gone(variable, code)
    return code if known is None else known.name


def names_of(book: Book, variable: str, codes: Sequence[str]) -> str:
    """Return what codes are called; none of them: that none applies."""
    return ", ".join(code_name(book, variable, code) for code in codes) or "none applies"


def turned_back(desk: CoderDesk, book: Book, kind: Turn) -> tuple[str, str]:
    """Return what was undone or redone last: its variable, if it has one, and a sentence."""
    stack = desk.undone if kind == "undo" else desk.done
    uid, (item, what) = next(reversed(stack.items()))
    value = next(entry.value for entry in desk.fields[item][what] if entry.uid == uid)
    verb = "Undone" if kind == "undo" else "Redone"
    return what[1], f"{verb}: {_decision_text(book, *what, value)}."


def _decision_text(book: Book, kind: str, variable: str, value: Any) -> str:
    if kind == "code":
        asked = book.variable(variable)
        name = variable if asked is None else asked.name
        return f"{name} {'cleared' if value is None else f'= {names_of(book, variable, value)}'}"
    if kind == "memo":
        return "the memo" if value else "the memo taken away"
    if kind == "confidence":
        return f"sure: {value or 'not said'}"
    on = {"flag": "flagged", "skip": "put aside"}[kind]
    return on if value else f"no longer {on}"


KEYS = "1234567890abcdefghijklmnopqrstuvwxyz"
"""Small letters and digits are for codes; everything else is left to commands."""
NONE_KEY = "-"
"""What says that no code applies."""


def keys_of(codes: Sequence[Code]) -> dict[str, str]:
    """Return the id of a code by its key, in the order of the codes.

    A code has the key that it names; else the first letter of its id or name that is free, else
    the first free one of `KEYS`. A code that comes later takes no key from those before it. Beyond
    36 codes the rest have none, and are found by searching.
    """
    key_of: dict[str, str] = {}
    taken: set[str] = set()
    for code in codes:
        if code.key and code.key not in taken:
            key_of[code.id] = code.key
            taken.add(code.key)
    for code in codes:
        if code.id in key_of:
            continue
        wanted = [letter for letter in f"{code.id}{code.name.lower()}" if letter in KEYS]
        free = next((letter for letter in (*wanted, *KEYS) if letter not in taken), None)
        if free is not None:
            key_of[code.id] = free
            taken.add(free)
    return {key: code.id for code in codes if (key := key_of.get(code.id))}


class Asking:
    """One variable asked of one document, the choice of codes for it, and the way to the next.

    Each method that decides something writes it before it returns, and returns a line to show.

    Attributes
    ----------
    item
        The document that is shown.
    variable
        The id of the variable that is asked.
    is_over
        No document is left to go on to.
    """

    item: str
    variable: str
    is_over: bool

    @property
    def work(self) -> Work:
        """Return whose documents are gone through, and where answers are written."""
        raise NotImplementedError

    @property
    def variables(self) -> Sequence[Variable]:
        """Return the variables of the document that can be asked, in order."""
        raise NotImplementedError

    @property
    def chosen(self) -> Codes:
        """Return the codes that are chosen so far."""
        raise NotImplementedError

    @property
    def items(self) -> list[str]:
        """Return the documents, in order."""
        return self.work.items

    @property
    def book(self) -> Book:
        """Return the codebook as it is now."""
        return self.work.labels.book

    @property
    def asked(self) -> Variable:
        """Return the variable that is asked."""
        return next(variable for variable in self.variables if variable.id == self.variable)

    @property
    def takes_none(self) -> bool:
        """Tell whether the answer can be that no code applies."""
        return self.book.head.takes_none(self.asked)

    def codes(self) -> tuple[Code, ...]:
        """Return the codes to choose from."""
        return self.book.codes_of(self.variable)

    def keys(self) -> dict[str, str]:
        """Return the id of each code that can be chosen, by its key."""
        return keys_of(self.codes())

    def choose(self, code: str) -> str:
        """Take a code and go on; where several may apply, take it or put it back."""
        if self.asked.multiple:
            self._answer(sorted(set(self.chosen) ^ {code}))
            return ""
        self._answer([code])
        return self._go_on()

    def choose_none(self) -> str:
        """Answer that no code applies, and go on."""
        if not self.takes_none:
            return f"{self.asked.name} takes a code: its codebook has no words for none of them."
        self._answer(())
        return self._go_on()

    def go_on(self) -> str:
        """Go on to the next variable or document; none chosen of several says: none applies."""
        raise NotImplementedError

    def turn(self, step: int) -> str:
        """Ask another variable of the document."""
        ids = [variable.id for variable in self.variables]
        self.variable = ids[(ids.index(self.variable) + step) % len(ids)]
        return ""

    def step(self, by: int) -> str:
        """Show the document after this one, or before it."""
        place = self.items.index(self.item) + by
        if not 0 <= place < len(self.items):
            return "This is the last document." if by > 0 else "This is the first document."
        self._show(self.items[place])
        return ""

    def take_back(self) -> str:
        """Undo the last decision, and show its document."""
        return self._turn_back(self.work.undo, "undo")

    def do_again(self) -> str:
        """Redo what was undone last, and show its document."""
        return self._turn_back(self.work.redo, "redo")

    def _turn_back(self, turn: Callable[[], str | None], kind: Turn) -> str:
        item = turn()
        if item is None:
            return f"There is nothing to {kind}."
        variable, sentence = turned_back(self.work.desk, self.book, kind)
        if item in self.items:
            self._show(item)
            if variable in {asked.id for asked in self.variables}:
                self.variable = variable
        return sentence

    def _answer(self, codes: Sequence[str]) -> None:
        """Write an answer to the variable down."""
        raise NotImplementedError

    def _go_on(self) -> str:
        """Ask the next variable, or show the next document."""
        raise NotImplementedError

    def _show(self, item: str) -> None:
        """Show a document, and ask the first variable that waits for an answer."""
        raise NotImplementedError
