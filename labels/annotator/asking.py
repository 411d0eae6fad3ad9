"""What people are asked and answer: codes and decisions in words, keys for them, the choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from configs.codebook import Code, Variable
from labels.annotator.pace import Stopwatch, last_coded, moment_in_words
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
"""Digits and letters are for codes; commands have other keys.

A capital letter is the key that its small one is: under Caps Lock nothing else happens.
"""
NONE_KEY, ASIDE_KEY, OPEN_KEY, NEW_KEY, QUIT_KEY = "-", ";", "_", "+", "^Q"
"""Keys of commands that sentences name: no code applies; put aside; code anew; new code; leave."""
SHOWN_SO = 5
"""Documents that are named of those that have a code."""


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


def matching(codes: Sequence[Code], query: str) -> list[Code]:
    """Return the codes that a query means: all its words, in the name first, then anywhere."""
    words = query.lower().split()

    def place(code: Code) -> int | None:
        name = code.name.lower()
        anywhere = " ".join((name, code.id, code.definition, *code.aliases)).lower()
        ways = (name.startswith(" ".join(words)), _has(name, words), _has(anywhere, words))
        return next((number for number, holds in enumerate(ways) if holds), None)

    hits = [(way, number) for number, code in enumerate(codes) if (way := place(code)) is not None]
    return [codes[number] for _, number in sorted(hits)]


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


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
    watch
        Counts the seconds since the document was shown, or the last decision.
    """

    CODED: ClassVar[str] = "Coded"
    """What is said of a document that is decided on."""

    item: str
    variable: str
    is_over: bool
    watch: Stopwatch

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
        return self._moved_on()

    def choose_none(self) -> str:
        """Answer that no code applies, and go on."""
        if not self.takes_none:
            return f"{self.asked.name} takes a code: its codebook has no words for none of them."
        self._answer(())
        return self._moved_on()

    def go_on(self) -> str:
        """Go on to the next variable or document; none chosen of several says: none applies."""
        raise NotImplementedError

    def coded_so(self) -> dict[str, list[str]]:
        """Return the latest documents, other than this one, that were given each code."""
        desk, found = self.work.desk, dict[str, list[str]]()
        for item, what in reversed(desk.done.values()):
            entry = desk.entry(item, what) if what == ("code", self.variable) else None
            for code in (entry and entry.value) or ():
                documents = found.setdefault(code, [])
                if item != self.item and item not in documents and len(documents) < SHOWN_SO:
                    documents.append(item)
        return found

    def where_one_was(self) -> str:
        """Return a sentence for people who come back; empty for those who begin."""
        last = last_coded(self.work.desk)
        if last is None or self.is_over:
            return ""
        item, variable, moment = last
        answer = self.work.labels.state.answer(self.work.coder, item, variable)
        named = self.work.labels.titles().get(item, item)
        said = names_of(self.book, variable, answer.codes if answer else ())
        return (
            f"You were at document {self.items.index(self.item) + 1:,} of {len(self.items):,}; "
            f"last {self.CODED.lower()}: {named} as {said}, {moment_in_words(moment)}."
        )

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

    def _moved_on(self) -> str:
        """Go on, and say what was decided of the document that is left."""
        left, said = self.item, names_of(self.book, self.variable, self.chosen)
        message = self._go_on()
        is_here = self.item == left and not self.is_over
        return message if message or is_here else f"{self.CODED}: {said}."

    def _answer(self, codes: Sequence[str]) -> None:
        """Write an answer to the variable down."""
        raise NotImplementedError

    def _go_on(self) -> str:
        """Ask the next variable, or show the next document."""
        raise NotImplementedError

    def _show(self, item: str) -> None:
        """Show a document, and ask the first variable that waits for an answer."""
        raise NotImplementedError
