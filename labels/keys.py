"""Which key a coder presses for which code."""

from __future__ import annotations

from collections.abc import Sequence

from configs.codebook import Code

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
