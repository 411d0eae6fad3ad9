"""Codes of a codebook that nodes firmly have, and that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from taxonomy.guidance.codes import CodeTexts


@dataclass(frozen=True)
class NodeCode:
    """The code that most of a node's documents have: its id, its name, and what it means."""

    id: str
    name: str
    definition: str

    @classmethod
    def of(cls, code: CodeTexts | None) -> Self | None:
        """Return what names need of a code; None where there is none."""
        return None if code is None else cls(code.id, code.name, code.definition)


@dataclass(frozen=True)
class NodeCodes:
    """The codes of a taxonomy's nodes, each by the node's number; None of a node that has none."""

    topics: tuple[NodeCode | None, ...]
    categories: tuple[NodeCode | None, ...]
