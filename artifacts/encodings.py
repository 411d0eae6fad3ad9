"""Which encoding a text is in: told by the mark at its start, or by how its bytes lie."""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter

UTF_8 = "utf-8"
SAMPLE_BYTES = 1 << 13
MOST_ODD = 0.1
"""A text in which more than this share of the characters is none that people write is no text."""
LEAST_ALIKE = 0.2
"""In UTF-8, a larger share of the bytes is found at even and at odd places alike."""
_MARKS = {  # UTF-32's little-endian mark begins with UTF-16's
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_ODD = {"Cc", "Cn", "Co", "Cs"}


def encoding_of(head: bytes) -> str:
    """Return the encoding that a text's first bytes speak for, by Python's name.

    Without a mark it is UTF-8, unless zero bytes lie in it as UTF-16 or UTF-32 has them. Bytes that
    are not UTF-8 do not tell what else they are.
    """
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    head = head[:SAMPLE_BYTES]
    if b"\0" not in head or (_oddness(head, UTF_8) <= MOST_ODD and not _alternates(head)):
        return UTF_8
    scores = {name: _oddness(head, name) for name in _WIDE}
    best = min(scores, key=lambda name: scores[name] - _ascii_share(head, name))
    return best if scores[best] <= MOST_ODD and _ascii_share(head, best) else UTF_8


def _alternates(head: bytes) -> bool:
    """Tell whether the even bytes differ from the odd ones, as they do in UTF-16.

    Scripts such as Devanagari show no other odd characters: their high byte reads as a tab.
    """
    even, odd = Counter(head[::2]), Counter(head[1::2])
    alike, blank = (even & odd).total(), sum(head.count(c) for c in b"\t\n\f\r")
    return alike < LEAST_ALIKE * len(head) / 2 and blank > LEAST_ALIKE * len(head)


def _oddness(head: bytes, encoding: str) -> float:
    """Return the share of characters that no text holds: controls, unassigned, broken ones."""
    text = _read(head, encoding)
    odd = sum(
        c == "\ufffd" or (c not in "\t\n\r\f" and unicodedata.category(c) in _ODD) for c in text
    )
    return odd / len(text) if text else 1.0


def _ascii_share(head: bytes, encoding: str) -> float:
    """Return the share of ASCII: there is none with the bytes of characters the wrong way round."""
    text = _read(head, encoding)
    return sum(c.isascii() for c in text) / len(text) if text else 0.0


def _read(head: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(head)


def spoken(encoding: str) -> str:
    """Return an encoding's name as people write it."""
    return encoding.removesuffix("-sig").upper()
