"""Markdown that says what it is given, whatever characters that has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKS = re.compile(r"([\\*_<>\[\]#])")
_OUTSIDE_CODE = re.compile(r"(``.+?``|`.+?`)|[<>_]")
_BAR = re.compile(r"(`[^`]*`)|\|")  # within code it parts no cells
_OPTION = re.compile(r"(?<![\w`-])(--?[a-z][a-z-]*)(?![\w`])")


def literal(text: str) -> str:
    """Return plain text as Markdown that shows it as it is, options of commands as code."""
    parts = _OPTION.split(text)
    return "".join(
        f"`{part}`" if number % 2 else _MARKS.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    )


def prose(text: str) -> str:
    """Return a docstring's text as one line of Markdown: its code and emphasis stay."""
    joined = " ".join(text.split())
    return _OUTSIDE_CODE.sub(lambda found: found[1] or rf"\{found[0]}", joined)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a column in which no row has anything is left out."""
    cells = [[_BAR.sub(lambda found: found[1] or r"\|", cell) for cell in row] for row in rows]
    kept = [n for n in range(len(heads)) if any(row[n] for row in cells)]
    lines = [[heads[n] for n in kept], ["---"] * len(kept)]
    lines += [[row[n] for n in kept] for row in cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def sections(*parts: str) -> str:
    """Return parts with empty lines between them, those without anything left out."""
    return "\n\n".join(part for part in parts if part)


def code(text: str) -> str:
    """Return text as code in a line; nothing of nothing."""
    return f"`{text}`" if text else ""


def sentence(text: str) -> str:
    """Return a clause with a capital and a full stop; what begins as no word does stays so."""
    word = text.split(" ")[0]
    begun = text[:1].upper() + text[1:] if word.rstrip(",").isalpha() else text
    return begun if begun.endswith((".", "…")) or not begun else f"{begun}."
