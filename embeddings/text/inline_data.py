"""Pictures and files written into a text as ``data:`` addresses: no words, however long.

They are taken out before anything is cut or parsed: one picture can be longer than what is read of
a README, and parsers take for words what they do not take for an address.
"""

from __future__ import annotations

import re

PLACEHOLDER = "data:,"
"""What stands where a ``data:`` address stood, so that a picture still counts as one."""

_START = re.compile(
    r"(?<![\w-])data:(?:[a-z]+/[\w.+-]{1,80})?(?:;[\w-]+(?:=[\w.-]+|=\"[^\"\n]{0,60}\")?){0,9},",
    re.IGNORECASE,
)
# Base64 goes on over line breaks where the lines are filled.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/_=-]|%[0-9A-F]{2})*"
    r"(?:[ \t]*\n[ \t>]*[A-Za-z0-9+/]{40,}={0,2}(?=[\s\"')>]|\Z))*"
    r"(?:[ \t]*\n[ \t>]*[A-Za-z0-9+/]{1,76}={1,2}(?=[\s\"')>]|\Z))?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"(?:<|%3c)(?:\?xml|!doctype|!--|svg|html)", re.IGNORECASE)
_EMPTY_TAG = re.compile(r"<svg[^<>]*/>|%3csvg(?:(?!%3[ce])[^\s<>])*/%3e", re.IGNORECASE)
_MARKUP_END = re.compile(r"(?:</|%3c/|%3c%2f)(?:svg|html)(?:>|%3e)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s\"'<>()\[\]]*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def without_inline_data(text: str) -> str:
    """Return ``text`` with `PLACEHOLDER` for each ``data:`` address, in time linear in its length.

    The data may be base64, percent-encoded, or the markup of a picture as it is, with its spaces
    and quotation marks; they end with their paragraph at the latest.
    """
    parts: list[str] = []
    place = paragraph_end = 0
    is_closed = True
    while match := _START.search(text, place):
        start = match.end()
        if start > paragraph_end:
            blank = _BLANK_LINE.search(text, start)
            paragraph_end, is_closed = blank.start() if blank else len(text), True
        closing = None
        if match[0].lower().endswith(";base64,"):
            closing = _BASE64.match(text, start)
        elif _MARKUP.match(text, start):
            closing = _EMPTY_TAG.match(text, start, paragraph_end)
            if closing is None and is_closed:
                closing = _MARKUP_END.search(text, start, paragraph_end)
                is_closed = closing is not None
        closing = closing or _ADDRESS.match(text, start)
        parts += (text[place : match.start()], PLACEHOLDER)
        place = closing.end() if closing else start
    return "".join([*parts, text[place:]])
