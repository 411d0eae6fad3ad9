"""Saturation in a set of labels."""

from __future__ import annotations

from artifacts.errors import InputError
from labels.coders import same_name
from labels.label_set import LabelSet
from labels.results import in_coding_order, variable_named
from labels.saturation import Saturation, StoppingRule, saturation, saturation_by


def coding_of(
    labels: LabelSet, coder: str, variable: str | None, *, rule: StoppingRule, strata: bool
) -> tuple[Saturation, dict[str, Saturation]]:
    """Return the saturation of a coder's codes of one variable, and, if wanted, by stratum.

    A coder may look at the own saturation while a wave is open.

    Raises
    ------
    InputError
        If the variable is not there, or the coder coded nothing.
    """
    name, coder = variable_named(labels, variable).id, same_name(coder)
    state = labels.state
    items = in_coding_order(labels, state.wave_of, coder)
    coded = [
        (item, answer.codes)
        for item in items
        if (answer := state.answers(coder, item).get(name)) is not None
    ]
    if not coded:
        there = ", ".join(labels.coders()) or "nobody yet"
        raise InputError(f"'{coder}' coded nothing of '{name}'.", fix=f"coders: {there}")
    codes = [codes for _, codes in coded]
    stratum_of = {item: s for wave in state.waves.values() for item, s in wave.strata.items()}
    by_stratum = (
        saturation_by(codes, [stratum_of[item] for item, _ in coded], rule=rule) if strata else {}
    )
    return saturation(codes, rule=rule), by_stratum
