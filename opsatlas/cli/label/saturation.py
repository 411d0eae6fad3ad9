"""`opsatlas label saturation`: whether coding still brings new codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import show
from opsatlas.cli.label.sets import open_labels
from opsatlas.cli.options import JsonOption, LabelsArgument, WorkspaceOption
from reports.tables import Column, Table, numbers

if TYPE_CHECKING:
    from labels.saturation import Saturation

ROWS = 12
"""Batches shown after the base."""
BAR = 40
"""Characters of the longest bar."""


def saturation(
    name: LabelsArgument,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Whose coding.")],
    variable: Annotated[
        str | None, typer.Option(help="Question of the codebook. Default: the first.")
    ] = None,
    base_size: Annotated[int, typer.Option(min=1, help="Documents in the base.")] = 4,
    run_length: Annotated[int, typer.Option(min=1, help="Documents in a run.")] = 2,
    threshold: Annotated[float, typer.Option(help="New information that is too little.")] = 0.05,
    strata: Annotated[bool, typer.Option("--strata", help="Also within each stratum.")] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show whether coding still brings new codes.

    The stopping rule is that of Guest, Namey and Chen (2020).
    """
    from labels.saturation import StoppingRule, saturation_of

    rule = StoppingRule(base_size, run_length, threshold)
    with open_labels(name, workspace, read_only=True) as labels:
        found, by_stratum = saturation_of(labels, coder, variable, rule=rule, strata=strata)
    inside = {stratum: each.values() for stratum, each in by_stratum.items()}
    tables = [saturation_table(found), *([strata_table(by_stratum)] if by_stratum else [])]
    show(*tables, data={**found.values(), "strata": inside}, json=as_json)


def saturation_table(found: Saturation) -> Table:
    """Return the curve: for the base and each further batch the new codes and all so far."""
    columns = (
        Column("documents", "documents", is_number=True),
        *numbers("new", "all"),
        Column("curve", "codes so far"),
    )
    n_codes = sum(map(len, found.new_codes))
    so_far, rows = 0, []
    for first, last in _batches(len(found.new_codes), found.rule.base_size):
        new = sum(map(len, found.new_codes[first:last]))
        so_far += new
        places = f"{first + 1}–{last}" if last - first > 1 else f"{last}"
        bar = "█" * round(BAR * so_far / n_codes) if n_codes else ""
        rows.append({"documents": places, "new": new, "all": so_far, "curve": bar})
    notes = [found.sentence, found.caution or "", found.rule.in_words]
    return Table.of(columns, rows, notes=notes)


def strata_table(found: Mapping[str, Saturation]) -> Table:
    """Return a line for each stratum: documents, codes, and where the rule is met."""
    columns = (
        Column("stratum", "stratum"),
        *numbers("documents", "codes"),
        Column("met", "met at", is_number=True),
        Column("sentence"),
    )
    rows = [
        {
            "stratum": name,
            "documents": len(each.new_codes),
            "codes": sum(map(len, each.new_codes)),
            "met": each.notation or "–",
            "sentence": each.sentence,
        }
        for name, each in found.items()
    ]
    notes = dict.fromkeys(each.rule.in_words for each in found.values())
    return Table.of(columns, rows, notes=notes)


def _batches(n_items: int, base_size: int) -> list[tuple[int, int]]:
    """Return where the base and then equal batches start and end, at most `ROWS` of these."""
    base = min(base_size, n_items)
    size = max(1, -(-(n_items - base) // ROWS))
    starts = range(base, n_items, size)
    first = [(0, base)] if base else []
    return first + [(start, min(start + size, n_items)) for start in starts]
