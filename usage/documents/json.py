"""JSON, with comments and trailing commas as editors allow them, and its lines."""

from __future__ import annotations

import json
import re
from typing import Final

from usage.documents.tree import Items, Node, Pairs, Text, UnreadableError

_MAX_DEPTH: Final = 100
_TOKEN: Final = re.compile(
    r'(?P<space>\s+|//[^\n]*|/\*.{0,500}?\*/)|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<sign>[\[\]{}:,])'
    r"|(?P<bare>[^\s\[\]{}:,\"]+)",
    re.DOTALL,
)


def json_trees(text: str) -> list[Node]:
    """Return the values of a text: one, or several of JSON lines.

    Raises
    ------
    UnreadableError
        If it is no JSON, or more than 100 levels deep.
    """
    documents: list[Node] = []
    open_: list[Items | Pairs] = []
    keys: list[Text | None] = []
    at, row = 0, 1
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise UnreadableError(f"not JSON: unexpected {text[at]!r}, line {row}")
        piece = token.group()
        if token.lastgroup == "sign" and piece in "]}":
            if not open_ or isinstance(open_[-1], Items) != (piece == "]"):
                raise UnreadableError(f"not JSON: unexpected {piece!r}, line {row}")
            open_.pop()
            keys.pop()
        elif token.lastgroup != "space" and piece not in (":", ","):
            node = _node(piece, row)
            _put(node, documents, open_, keys)
            if not isinstance(node, Text):
                if len(open_) >= _MAX_DEPTH:
                    raise UnreadableError(f"more than {_MAX_DEPTH} levels deep")
                open_.append(node)
                keys.append(None)
        row += piece.count("\n")
        at = token.end()
    if open_:
        raise UnreadableError(f"not JSON: ends early, line {row}")
    return documents


def _node(piece: str, row: int) -> Node:
    if piece == "[":
        return Items()
    if piece == "{":
        return Pairs()
    if not piece.startswith('"'):
        return Text(piece, row)
    try:
        return Text(str(json.loads(piece, strict=False)), row)
    except ValueError:
        return Text(piece[1:-1], row)


def _put(
    node: Node, documents: list[Node], open_: list[Items | Pairs], keys: list[Text | None]
) -> None:
    if not open_:
        documents.append(node)
        return
    holder = open_[-1]
    if isinstance(holder, Items):
        holder.items.append(node)
    elif (key := keys[-1]) is None:
        keys[-1] = node if isinstance(node, Text) else Text("", 0)
    else:
        holder.pairs.append((key, node))
        keys[-1] = None
