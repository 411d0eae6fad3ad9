"""A taxonomy held against people's labels: the whole report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from opsatlas.cli.views.sampling import estimates_table, estimates_values
from opsatlas.cli.views.validation import validation_tables, validation_values

if TYPE_CHECKING:
    from insights.validation import Validated
    from labels.validation.placing import Placement


WORST_SHOWN = 12
"""Topics that are shown, unless all are wanted."""


def validated_report(found: Validated, *, every: bool, codes: bool, places: bool) -> Group:
    """Return what is known: what is wrong first, what to label next last.

    Parameters
    ----------
    every
        Whether all topics are shown, not the worst alone.
    codes
        Whether the codes of each topic are shown.
    places
        Whether the report lists where the classifier places the other documents.
    """
    parts: list[Any] = [
        validation_tables(
            found.validation,
            names=found.names,
            titles=found.titles,
            n_worst=None if every else WORST_SHOWN,
            codes=codes,
            more=[] if found.estimates is None else [estimates_table(found.estimates)],
        )
    ]
    if places and found.validation.placement is not None:
        parts += [Text(""), _places(found.validation.placement, found)]
    if found.notes:
        parts += [Text(""), *map(Text, found.notes)]
    return Group(*parts)


def validated_values(found: Validated, *, places: bool) -> dict[str, Any]:
    """Return the same as JSON-compatible values."""
    shown = found.validation
    if not places and shown.placement is not None:
        shown = replace(shown, placement=replace(shown.placement, rows=()))
    return {
        **validation_values(shown),
        "population": None if found.estimates is None else estimates_values(found.estimates),
        "notes": list(found.notes),
    }


def _places(placement: Placement, found: Validated) -> Table:
    table = Table("document", "code", "probability", "second", box=None)
    table.columns[2].justify = "right"
    for row in placement.rows:
        best = "–" if row.best is None else f"{row.best[1]:.2f}"
        code = row.code or f"none: {row.reason}"
        second = "" if row.second is None else f"{row.second[0]} {row.second[1]:.2f}"
        table.add_row(*map(Text, (found.titles.get(row.key, row.key), code, best, second)))
    return table
