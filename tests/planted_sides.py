"""Planted taxonomies to compare: documents at known places of a small space."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from taxonomy.lineage.compare import compare
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Lineage, LineageSide, SideNode

N_DIMS = 12
SPREAD = 0.12
SETTINGS = LineageSettings(shuffles=99)


@dataclass(frozen=True)
class Doc:
    """A document: its node, the axes whose mean it lies near, and which text of its it has."""

    key: str
    node: int
    at: tuple[int, ...]
    version: int = 0
    aliases: tuple[str, ...] = ()

    def vector(self) -> np.ndarray:
        """Return its vector: the same wherever the same text is."""
        rng = np.random.default_rng(zlib.crc32(f"{self.key} {self.version}".encode()))
        vector = np.eye(N_DIMS)[list(self.at)].mean(axis=0)
        vector = vector / np.linalg.norm(vector) + rng.normal(scale=SPREAD, size=N_DIMS)
        return vector / np.linalg.norm(vector)


def docs(prefix: str, numbers: Iterable[int], node: int, *at: int, version: int = 0) -> list[Doc]:
    """Return documents of one node and one place."""
    return [Doc(f"{prefix}{number}", node, at, version) for number in numbers]


def side(documents: Sequence[Doc], *, name: str = "a", year: int = 2023) -> LineageSide:
    """Return a side; each resampled consensus leaves three documents unplaced."""
    labels = np.array([each.node for each in documents], dtype=np.int32)
    rng = np.random.default_rng(0)
    resampled = np.tile(labels, (99, 1))
    for row in resampled:
        row[rng.choice(len(row), size=min(3, len(row)), replace=False)] = NOISE
    keys = tuple(each.key for each in documents)
    return LineageSide(
        name=name,
        day=date(year, 1, 1),
        corpus="tools",
        layer="topics",
        nodes=tuple(
            SideNode(number=int(number), name=f"topic {number}")
            for number in np.unique(labels[labels != NOISE])
        ),
        keys=keys,
        aliases=tuple(each.aliases for each in documents),
        titles=keys,
        texts=tuple(f"{each.key} {each.version}" for each in documents),
        vectors=np.array([each.vector() for each in documents], dtype=np.float32),
        labels=labels,
        resampled=resampled,
    )


def compared(earlier: Sequence[Doc], later: Sequence[Doc]) -> Lineage:
    """Compare two lists of documents."""
    sides = side(earlier, name="a"), side(later, name="b", year=2024)
    return compare(*sides, settings=SETTINGS, progress=SilentProgress())


def steady(n: int = 20) -> list[Doc]:
    """Return three nodes in which nothing happens."""
    return [each for node in range(3) for each in docs(f"s{node}-", range(n), node, node)]


def found(lineage: Lineage) -> set[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """Return the changes."""
    return {(event.kind, event.earlier, event.later) for event in lineage.changes()}
