r"""Texts by strangers, made so that they can be printed: nothing in them acts on what shows them.

A control character can move a terminal's cursor or rename its window, a mark of direction can turn
the order of letters round, and a lone surrogate (half of a character, or a byte of a file's name
that is not UTF-8) can be written to no file. They are shown as ``\uXXXX``, which JSON reads back.
"""

from __future__ import annotations

import codecs
import re

ESCAPED = "opsatlas.escaped"
"""The handler of characters that an output's encoding does not have (`codecs`)."""

SURROGATES = re.compile("[\ud800-\udfff]")
"""Halves of characters, and bytes that are not UTF-8: no file can hold them."""
# All controls but tab and line ends; embeddings, overrides and isolates of direction; surrogates.
_UNSAFE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_WRITTEN = re.compile(r"\\u([0-9a-f]{4})")


def visible(text: str) -> str:
    """Return a text in which what cannot be seen, or acts on a terminal, is written out."""
    return _UNSAFE.sub(_escape, text)


def restored(text: str) -> str:
    """Return the text that `visible` was given."""
    return _WRITTEN.sub(_unescape, text)


def storable(text: str) -> str:
    """Return a text in which what UTF-8 cannot hold is written out: a file's name, as a rule."""
    return text if text.isascii() else SURROGATES.sub(_escape, text)


def _unescape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNSAFE.match(character) else match[0]


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Write out what an encoding does not have, so that JSON stays JSON."""
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


codecs.register_error(ESCAPED, _escaped)
