"""Codes and decisions in words, and the keys that coders press for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from configs.codebook import Code
from labels.history.book import Book
from labels.history.replay import CoderDesk

Turn = Literal["undo", "redo"]


def code_name(book: Book, variable: str, code: str) -> str:
    """Return what a code is called, also one that is out of use."""
    found = book.find(variable, code) or book.find_gone(variable, code)
    return code if found is None else found.name


def names_of(book: Book, variable: str, codes: Sequence[str]) -> str:
    """Return what codes are called; none of them: that none applies."""
    return ", ".join(code_name(book, variable, code) for code in codes) or "none applies"


def turned_back(desk: CoderDesk, book: Book, kind: Turn) -> tuple[str, str]:
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
