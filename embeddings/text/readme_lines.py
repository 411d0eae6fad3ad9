"""Lines of Markdown mended before they are parsed: formulas out, headings as CommonMark asks."""

from __future__ import annotations

import re

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_MAX_FORMULA_LINES = 60
# GitHub accepts "#Heading" no longer, but older READMEs are full of it.
_TIGHT_HEADING = re.compile(r"^(#{1,6})(?=[^\s#!])")
_BLOCK = re.compile(
    r"[ >]{0,12}(?:(?P<dollars>\$\$)|(?P<bracket>\\\[)|(?P<environment>\\begin\{(?:equation|align|"
    r"gather|multline|eqnarray|displaymath|math|cases|[bpv]?matrix|array)\*?\}))"
)
_BLOCK_END = {"dollars": "$$", "bracket": "\\]", "environment": "\\end{"}
_NO_WORD = r"[^$\n]{0,200}[\\^_{}=<>]"
# As GitHub takes it: no space within the dollars and no word after them; inside, what no price has.
_FORMULA = re.compile(
    r"\$\$[^$\n]{1,400}\$\$|(?<![\w$\\])\$(?:`[^`$\n]{1,200}`|(?:(?="
    + _NO_WORD
    + r")|(?=[A-Za-z]\$))"
    r"[^\s$](?:[^$\n]{0,198}[^\s$])?)\$(?![\w$])|"
    r"\\\((?=[^()\n]{0,200}(?:[\^_{}=<>]|\\[a-z]))[^\n]{1,200}?\\\)"
)


def mended(text: str) -> str:
    """Return Markdown without formulas, and with ``# Heading`` for ``#Heading``, outside fences.

    GitHub shows formulas as such where a Markdown parser sees words.
    """
    lines = text.split("\n")
    fence, i = "", 0
    while i < len(lines):
        line = lines[i]
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        elif (end := _formula_end(lines, i)) is not None:
            lines[i : end + 1] = [""] * (end + 1 - i)
            i = end
        else:
            line = _FORMULA.sub(" ", line) if "$" in line or "\\(" in line else line
            lines[i] = _TIGHT_HEADING.sub(r"\1 ", line)
        i += 1
    return "\n".join(lines)


def _formula_end(lines: list[str], start: int) -> int | None:
    """Return the last line of the formula that begins on a line of its own; None: there is none."""
    found = _BLOCK.match(lines[start])
    if found is None:
        return None
    closing = _BLOCK_END[str(found.lastgroup)]
    rest = lines[start][found.end() :]
    if closing in rest:
        return start if closing in rest.rstrip()[-24:] else None
    for end in range(start + 1, min(start + _MAX_FORMULA_LINES, len(lines))):
        if FENCE.match(lines[end]):
            break
        if closing in lines[end]:
            return end
    return None
