"""The sample that a set of labels holds, as the waves in its log tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from labels.label_set import LabelSet
from labels.sampling.allocation import Rule
from labels.sampling.draw import Design, Drawn, Sample, Stratum

GIVEN = "given"
"""The method of a wave whose documents were given, not drawn."""


def sample_of(labels: LabelSet) -> Sample | None:
    """Return all that was drawn so far, as the last drawing left it; None: nothing was drawn.

    A later drawing only adds; so its design tells how likely each document was to be in.
    """
    drawn = [wave for wave in labels.state.waves.values() if wave.design["method"] != GIVEN]
    if not drawn:
        return None
    design = design_of(drawn[-1].design)
    chances = {stratum.name: stratum.n_drawn / stratum.n_population for stratum in design.strata}
    units = tuple(
        Drawn(item, wave.strata[item], chances[wave.strata[item]])
        for wave in drawn
        for item in wave.items
    )
    return Sample(units, design)


def weights_of(sample: Sample) -> dict[str, float]:
    """Return how many documents of the population each one that was drawn stands for."""
    return {unit.key: 1 / unit.probability for unit in sample.units}


def design_value(design: Design) -> dict[str, Any]:
    """Return a design as a wave of the log keeps it."""
    return asdict(design)


def design_of(value: Mapping[str, Any]) -> Design:
    """Return the design that a wave of the log keeps."""
    rule = value["rule"]
    return Design(
        method=value["method"],
        question=value["question"],
        seed=value["seed"],
        level=value["level"],
        frame_hash=value["frame_hash"],
        strata=tuple(Stratum(**stratum) for stratum in value["strata"]),
        by=value["by"],
        rule=None if rule is None else Rule(**rule),
    )
