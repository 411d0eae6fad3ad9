"""`opsatlas usage evaluate`: how right the uses are that were found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsatlas.cli.console import show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, bounded, for_data, number

if TYPE_CHECKING:
    from insights.usage.evaluation import Score

TRIPLES = {
    "feature": "features, the map's words",
    "code": "features, the frameworks' codes",
}


def evaluate(
    truth: Annotated[
        Path, typer.Option(help="CSV of uses that people found: project, path, line, symbol, …")
    ],
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help="CSV of patterns with their features (framework, kind, pattern, feature, code): "
            "judges features, too.",
        ),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Judge the uses that were found by uses that people found.

    Both are of the same code. A use is right if the truth has its project, path, line and symbol.
    Every project that was scanned counts: what is found where the truth has nothing is wrong.
    """
    from opsatlas.usages import judged

    found = judged(open_study(None, workspace), truth, map_file)
    rows = [{"what": name, **_cells(score)} for name, score in found.classes.items()]
    rows += [{"what": TRIPLES[name], **_cells(score)} for name, score in found.triples.items()]
    columns = (
        Column("what", "class of uses"),
        number("found", "found"),
        bounded("precision", "precision (95 %)", 3, 3),
        Column("mean_precision", "mean (n)", is_number=True, form=_mean),
        number("true", "true"),
        bounded("recall", "recall (95 %)", 3, 3),
        Column("mean_recall", "mean (n)", is_number=True, form=_mean),
        *for_data("right", "recalled"),
    )
    wrong = {project: n for project, n in found.decoys.items() if n}
    told = f"{len(found.decoys):,} projects have no use in the truth"
    named = ", ".join(f"{project} ({n:,})" for project, n in wrong.items())
    notes = [
        "Intervals by a bootstrap over projects; means over the projects that have such rows.",
        f"{told}; in {len(wrong):,} of them uses were found{': ' + named if wrong else ''}.",
    ]
    data = {"classes": found.classes, "triples": found.triples, "decoys": found.decoys}
    show(Table.of(columns, rows, notes=notes), data=data, json=as_json)


def _cells(score: Score) -> Mapping[str, Any]:
    return vars(score)


def _mean(told: tuple[float, int] | None) -> str:
    return "–" if told is None else f"{told[0]:.3f} ({told[1]:,})"
