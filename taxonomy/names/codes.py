"""Codes of a codebook that nodes firmly have, and that name them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NodeCode:
    """The code that most of a node's documents have: its id, its name, and what it means."""

    id: str
    name: str
    definition: str


@dataclass(frozen=True)
class NodeCodes:
    """The codes of a taxonomy's nodes, each by the node's number; None of a node that has none."""

    topics: tuple[NodeCode | None, ...]
    categories: tuple[NodeCode | None, ...]
