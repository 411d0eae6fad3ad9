"""Codes and decisions in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from labels.history.book import Book
from labels.history.replay import Desk

Turn = Literal["undo", "redo"]


def code_name(book: Book, variable: str, code: str) -> str:
    """Return what a code is called, also one that is out of use."""
    found = book.find(variable, code) or book.find_gone(variable, code)
    return code if found is None else found.name


def names_of(book: Book, variable: str, codes: Sequence[str]) -> str:
    """Return what codes are called; none of them: that none applies."""
    return ", ".join(code_name(book, variable, code) for code in codes) or "none applies"


def turned_back(desk: Desk, book: Book, kind: Turn) -> tuple[str, str]:
    """Return what was undone or redone last: its variable, if it has one, and a sentence."""
    stack = desk.undone if kind == "undo" else desk.done
    uid, (item, what) = next(reversed(stack.items()))
    value = next(entry.value for entry in desk.fields[item][what] if entry.uid == uid)
    verb = "Undone" if kind == "undo" else "Redone"
    return what[1], f"{verb}: {_said(book, *what, value)}."


def _said(book: Book, kind: str, variable: str, value: Any) -> str:
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
