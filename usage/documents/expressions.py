"""Expressions of templates, hidden from grammars that do not know them, and shown again."""

from __future__ import annotations

import re
from typing import Final

# Bounded, so that many openings without an end do not each look for it to the end of the file.
_EXPRESSION: Final = re.compile(
    r"\$\{\{.{0,400}?\}\}|\{\{.{0,400}?\}\}|\{%.{0,400}?%\}|<%.{0,400}?%>|\$\[\[.{0,400}?\]\]",
    re.DOTALL,
)
_STATEMENT: Final = re.compile(r"(?m)^[ \t]*(?:\{\{-?[^}\n]*-?\}\}|\{%-?[^%\n]*-?%\})[ \t]*$")
_HIDDEN: Final = str.maketrans(
    {chr(at): chr(0xE000 + at) for at in range(32, 127) if not chr(at).isalnum() and chr(at) != "_"}
)
_SHOWN: Final = {0xE000 + at: at for at in range(32, 127)}


def hide_expressions(text: str) -> str:
    """Return the text with each ``{{ … }}`` as one word of its length, with its names and lines."""
    return _EXPRESSION.sub(lambda match: match.group().translate(_HIDDEN), text)


def hide_statements(text: str) -> str:
    """Return the text without lines that only hold a statement of a template, which stay empty."""
    return _STATEMENT.sub("", text)


def show_expressions(text: str) -> str:
    """Return the text as it was before its expressions were hidden."""
    return text if text.isascii() else text.translate(_SHOWN)
