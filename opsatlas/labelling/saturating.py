"""Saturation in a set of labels."""

from __future__ import annotations

from artifacts.errors import InputError
from configs.codebook import Variable
from labels.label_set import LabelSet
from labels.records import same_name
from labels.results import in_coding_order
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


def variable_named(labels: LabelSet, name: str | None) -> Variable:
    """Return the variable of that id, or the first; raise `InputError` if there is none."""
    variables = labels.book.variables
    if name is None:
        return variables[0]
    found = labels.book.variable(name)
    if found is None:
        there = ", ".join(variable.id for variable in variables)
        raise InputError(f"There is no variable '{name}'.", fix=f"there are: {there}")
    return found
