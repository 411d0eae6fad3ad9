"""TOML with its lines, which the standard library's reader does not tell."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from usage.documents.tree import Items, Node, Pairs, Text, UnreadableError

_MAX_DEPTH: Final = 50
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r]+|#[^\n]*)|(?P<line>\n)"
    r'|(?P<string>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\')'
    r"|(?P<sign>[\[\]{}=,])|(?P<bare>[^\s\[\]{}=,\"'#]+)",
    re.DOTALL,
)


def toml_tree(text: str) -> Pairs:
    """Return the table that a text is.

    Raises
    ------
    UnreadableError
        If it is no TOML.
    """
    try:
        tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UnreadableError(f"not TOML: {error}") from error
    return loose_toml_tree(text)


def loose_toml_tree(text: str) -> Pairs:
    """Return what can be read of a text that need not be TOML: bad lines are left out."""
    return _Reader(text).read()


class _Reader:
    """Reads statement after statement, and goes on at the next line after a bad one."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        row, at = 1, 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                at += 1
                continue
            if token.lastgroup != "space":
                self.tokens.append((str(token.lastgroup), token.group(), row))
            row += token.group().count("\n")
            at = token.end()
        self.at = 0
        self.root = Pairs()
        self.table = self.root

    def read(self) -> Pairs:
        while self.at < len(self.tokens):
            kind, piece, _ = self.tokens[self.at]
            if kind == "line":
                self.at += 1
                continue
            try:
                if piece == "[":
                    self._header()
                else:
                    keys = self._keys()
                    self._expect("=")
                    _descend(self.table, keys[:-1]).pairs.append((keys[-1], self._value(0)))
            except UnreadableError:
                self._skip_line()
        return self.root

    def _peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise UnreadableError(f"no {sign}")
        self.at += 1

    def _skip_line(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at][0] != "line":
            self.at += 1

    def _header(self) -> None:
        self.at += 1
        many = self._peek() == "["
        self.at += many
        keys = self._keys()
        self._expect("]")
        if not many:
            self.table = _descend(self.root, keys)
            return
        self._expect("]")
        holder, table = _descend(self.root, keys[:-1]), Pairs()
        there = holder.get(keys[-1].text)
        if isinstance(there, Items):
            there.items.append(table)
        else:
            holder.pairs.append((keys[-1], Items([table])))
        self.table = table

    def _keys(self) -> list[Text]:
        keys: list[Text] = []
        while self.at < len(self.tokens):
            kind, piece, row = self.tokens[self.at]
            if kind == "string":
                keys.append(Text(_unquoted(piece), row))
            elif kind == "bare":
                keys.extend(Text(part, row) for part in piece.split(".") if part)
            else:
                break
            self.at += 1
        if not keys:
            raise UnreadableError("no key")
        return keys

    def _value(self, depth: int) -> Node:
        if self.at >= len(self.tokens) or depth > _MAX_DEPTH:
            raise UnreadableError("no value")
        kind, piece, row = self.tokens[self.at]
        self.at += 1
        if kind == "string":
            if piece.startswith(('"""', "'''")):
                inner = _unquoted(piece)
                return Text(inner, row + piece[3:].startswith(("\n", "\r\n")), flat=False)
            return Text(_unquoted(piece), row)
        if piece == "[":
            return self._array(depth)
        if piece == "{":
            return self._inline(depth)
        if kind != "bare":
            raise UnreadableError("no value")
        return Text(piece, row)

    def _array(self, depth: int) -> Items:
        found = Items()
        while self._peek() != "]":
            if self._peek() in ("\n", ","):
                self.at += 1
                continue
            found.items.append(self._value(depth + 1))
        self.at += 1
        return found

    def _inline(self, depth: int) -> Pairs:
        found = Pairs()
        while self._peek() != "}":
            if self._peek() in ("\n", ","):
                self.at += 1
                continue
            keys = self._keys()
            self._expect("=")
            _descend(found, keys[:-1]).pairs.append((keys[-1], self._value(depth + 1)))
        self.at += 1
        return found


def _descend(table: Pairs, keys: list[Text]) -> Pairs:
    """Return the table under keys, made where it is not there yet."""
    for key in keys:
        there = table.get(key.text)
        if isinstance(there, Items) and there.items and isinstance(there.items[-1], Pairs):
            table = there.items[-1]
        elif isinstance(there, Pairs):
            table = there
        else:
            below = Pairs()
            table.pairs.append((key, below))
            table = below
    return table


def _unquoted(piece: str) -> str:
    """Return what a string says; backslashes at ends of lines stay, as a shell wants them."""
    if piece.startswith("'''"):
        return piece[3:-3].removeprefix("\r").removeprefix("\n")
    if piece.startswith('"""'):
        inner = piece[3:-3].removeprefix("\r").removeprefix("\n")
        return re.sub(r"\\(?=[\"\\])", "", inner)
    if piece.startswith("'"):
        return piece[1:-1]
    try:
        return str(tomllib.loads(f"x = {piece}")["x"])
    except tomllib.TOMLDecodeError:
        return piece[1:-1]
