"""A document as a tree of texts, lists and tables that know their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


class UnreadableError(ValueError):
    """A document that is not what its name says; the message says why, and on which line."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar.

    Attributes
    ----------
    row
        Line of the file, from 1, on which the text begins.
    flat
        Whether all lines of the text stand on that one line; else each on its own.
    tag
        Of YAML, such as ``!Ref``; empty if none.
    """

    text: str
    row: int
    flat: bool = True
    tag: str = ""

    def row_of(self, line: int) -> int:
        """Return the line of the file of a line of the text, both from 1."""
        return self.row if self.flat else self.row + line - 1


@dataclass(slots=True)
class Items:
    """A list."""

    items: list[Node] = field(default_factory=list)

    @property
    def texts(self) -> list[Text]:
        """Return those of its items that are texts."""
        return [item for item in self.items if isinstance(item, Text)]


@dataclass(slots=True)
class Pairs:
    """A table: keys, in their order, with values."""

    pairs: list[tuple[Text, Node]] = field(default_factory=list)

    def get(self, *keys: str) -> Node | None:
        """Return what stands under a key, or under keys one in another."""
        node: Node | None = self
        for key in keys:
            if not isinstance(node, Pairs):
                return None
            node = next((value for name, value in node.pairs if name.text == key), None)
        return node


Node = Text | Items | Pairs
Path = tuple[str, ...]


def walk_document(root: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every node with the keys that lead to it; items of a list have those of the list."""
    waiting: list[tuple[Path, Node]] = [(path, root)]
    while waiting:
        here, node = waiting.pop()
        yield here, node
        if isinstance(node, Items):
            waiting.extend((here, item) for item in reversed(node.items))
        elif isinstance(node, Pairs):
            waiting.extend(((*here, key.text), value) for key, value in reversed(node.pairs))
