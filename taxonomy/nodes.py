"""What a taxonomy is made of where people see it: topics and categories."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from artifacts.words import Layer

NamedBy = Literal["documents", "codebook", "service", "person"]
"""Where a shown name is from: the documents, a guiding codebook, a language model, or a person."""

Firmness = Literal["stable", "unstable", "unmeasured"]
"""Whether a node stood firm over the ensemble; what people made has not been measured."""

STABLE = 0.8
"""A node of less stability than this is marked as unstable wherever it is shown."""

BEYOND = "beyond the codebook"
"""In place of the code of a topic that no code of the codebook which guides is for."""

BY_PERSON = "by a person"
"""In place of a figure that no ensemble has measured."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A topic or a category.

    Attributes
    ----------
    number
        Its number in its layer. People's decisions leave gaps: a number is no position.
    size
        Documents placed in it.
    stability
        In [0, 1]; None for what people made, which no ensemble has measured.
    keywords, weights
        Most telling first.
    exemplars
        Keys of documents, most typical first.
    description
        What its documents are for, in one sentence; "" where that is not known, as of what people
        made.
    code
        Id of the code of the codebook that guides the taxonomy which most of its documents have,
        of a category that all its topics' codes are parts of; None: none guides, or it is beyond
        the codebook, no one of whose codes stands for it.
    of_noise
        The documents have no more structure than noise: however steady, it is not called stable.
    hidden
        A person took it out of what is shown; a topic also if its category is hidden.
    notes
        What people wrote about it.
    """

    layer: ClassVar[Layer]
    number: int
    name: str
    size: int
    stability: float | None
    keywords: tuple[str, ...]
    weights: tuple[float, ...]
    exemplars: tuple[str, ...]
    description: str = ""
    code: str | None = None
    named_by: NamedBy = "documents"
    of_noise: bool = False
    hidden: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_stable(self) -> bool:
        """Tell whether the node was measured to be at least `STABLE`, and is not of noise."""
        return self.stability is not None and self.stability >= STABLE and not self.of_noise

    @property
    def standing(self) -> Firmness:
        """Return how the node is drawn."""
        if self.stability is None or not math.isfinite(self.stability):
            return "unmeasured"
        return "stable" if self.is_stable else "unstable"

    @property
    def stability_in_words(self) -> str:
        """Return its stability as people read it, with a word where it is not stable."""
        if self.stability is None:
            return BY_PERSON
        return f"{self.stability:.2f}" + ("" if self.is_stable else " unstable")

    @property
    def code_in_words(self) -> str:
        """Return the code that it has in a guided taxonomy as people read it.

        Empty of a category whose topics are of several broader codes, and of what people made: no
        codebook was asked about that.
        """
        is_beyond = self.code is None and self.layer == "topics" and self.stability is not None
        return BEYOND if is_beyond else self.code or ""

    @property
    def address(self) -> str:
        """Return how it is written where people name it: `3` is a topic, `c3` a category."""
        return address(self.layer, self.number)

    @property
    def reference(self) -> str:
        """Return its address and name, as people read it."""
        return f'{self.address} "{self.name}"'


@dataclass(frozen=True, kw_only=True)
class Topic(Node):
    """A group of documents; ``category`` is the number of the category that holds it."""

    layer: ClassVar[Layer] = "topics"
    category: int


@dataclass(frozen=True, kw_only=True)
class Category(Node):
    """A group of topics: those that name it as their category."""

    layer: ClassVar[Layer] = "categories"


AnyNode = TypeVar("AnyNode", bound=Node)
"""A kind of node: what is given one returns one of the same kind."""


def address(layer: Layer, number: int) -> str:
    """Return how a node is written where people name it: `3` is a topic, `c3` a category."""
    return f"c{number}" if layer == "categories" else str(number)
