"""All that labels say of a taxonomy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from artifacts.words import Layer
from labels.validation.classifier import HeldOut, LearningCurve
from labels.validation.contingency import ContingencyTable
from labels.validation.next_documents import Next
from labels.validation.placing import Placement
from labels.validation.purity import NoiseRecall, Purity


@dataclass(frozen=True)
class Validation:
    """All that is known of a taxonomy from labels; None: it was not asked for.

    Attributes
    ----------
    nodes
        What the figures call topics: topics, or the categories above them.
    """

    purity: Purity
    noise: NoiseRecall
    crosswalk: ContingencyTable
    held_out: HeldOut | None
    curve: LearningCurve | None
    placement: Placement | None
    next: Sequence[Next]
    nodes: Layer = "topics"
