"""The words that every floor shares: of corpora, layers and noise; and how words are listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

Corpus = Literal["tools", "themes"]
"""Which documents: the tools of an ecosystem, or the feature requests of its users."""

CORPORA: Final[tuple[Corpus, Corpus]] = ("tools", "themes")

Documents = Literal["repositories", "issues"]
"""What the documents of a corpus are, and the table of a snapshot that holds them."""

DOCUMENTS: Final[dict[Corpus, Documents]] = {"tools": "repositories", "themes": "issues"}

Layer = Literal["topics", "categories"]
"""One of the two layers of a taxonomy's nodes: topics, and categories over them."""

LAYERS: Final[tuple[Layer, Layer]] = ("topics", "categories")

NODE: Final[dict[Layer, str]] = {"topics": "topic", "categories": "category"}
"""What one node of a layer is called."""

NOISE: Final = -1
"""In place of a node's number: the document is in no node. It is never a node itself."""


def listed(items: Sequence[str], joint: str = "and") -> str:
    """Return items as a sentence lists them: "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"
