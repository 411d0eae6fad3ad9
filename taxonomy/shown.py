"""A taxonomy as it is shown: its layers, with what people decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from taxonomy.store import StoredTaxonomy, read_taxonomy

NamedBy = Literal["documents", "service", "person"]
"""Where a shown name is from: keywords of the documents, a language model, or a person."""

STABLE = 0.8
"""A node of less stability than this is marked as unstable wherever it is shown."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A topic or a category.

    Attributes
    ----------
    number
        Its number in its layer.
    size
        Documents placed in it.
    stability
        In [0, 1]; None for what people made, which no ensemble has measured.
    keywords, weights
        Most telling first.
    exemplars
        Keys of documents, most typical first.
    hidden
        A person took it out of what is shown.
    notes
        What people wrote about it.
    """

    number: int
    name: str
    size: int
    stability: float | None
    keywords: tuple[str, ...]
    weights: tuple[float, ...]
    exemplars: tuple[str, ...]
    named_by: NamedBy = "documents"
    hidden: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_stable(self) -> bool:
        """Tell whether the node was measured to be at least `STABLE`."""
        return self.stability is not None and self.stability >= STABLE


@dataclass(frozen=True, kw_only=True)
class Topic(Node):
    """A group of documents; ``category`` is the number of the category that holds it."""

    category: int


@dataclass(frozen=True, kw_only=True)
class Category(Node):
    """A group of topics: those that name it as their category."""


@dataclass(frozen=True)
class Shown:
    """A whole taxonomy as it is shown.

    Attributes
    ----------
    topics, categories
        The two layers. Every topic is in one category, no category is empty.
    topic_of
        Topic number by document key, in the taxonomy's order of documents; `NOISE` (-1): unplaced.
    """

    topics: tuple[Topic, ...]
    categories: tuple[Category, ...]
    topic_of: Mapping[str, int] = field(default_factory=dict)


def as_found(stored: StoredTaxonomy) -> Shown:
    """Return the taxonomy as the ensemble found it, nobody's decisions applied."""
    return Shown(
        topics=tuple(
            Topic(
                number=row["topic"],
                category=row["category"],
                name=row["label"],
                size=row["size"],
                stability=row["stability"],
                keywords=tuple(row["keywords"]),
                weights=tuple(row["weights"]),
                exemplars=tuple(row["exemplars"]),
            )
            for row in stored.topics.to_pylist()
        ),
        categories=tuple(
            Category(
                number=row["category"],
                name=row["label"],
                size=row["size"],
                stability=row["stability"],
                keywords=tuple(row["keywords"]),
                weights=tuple(row["weights"]),
                exemplars=tuple(row["exemplars"]),
            )
            for row in stored.categories.to_pylist()
        ),
        topic_of=dict(
            zip(
                stored.assignments["key"].to_pylist(),
                stored.assignments["topic"].to_pylist(),
                strict=True,
            )
        ),
    )


def read_shown(folder: Path) -> Shown:
    """Read the taxonomy in ``folder`` as it is shown.

    Raises
    ------
    ArtifactError
        If a table is missing or damaged.
    """
    return as_found(read_taxonomy(folder))
