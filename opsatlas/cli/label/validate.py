"""`opsatlas label validate`: how right the machine's taxonomy is, by what people said."""

from __future__ import annotations

from typing import Annotated

import typer

from opsatlas.cli.label.options import JsonOption, NameArgument, WaveOption
from opsatlas.workspace import WorkspaceOption

VariableOption = Annotated[
    str | None, typer.Option(metavar="ID", help="Default: the first.", show_default=False)
]
CodeOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="One code against the rest; for variables of which a document can have several.",
        show_default=False,
    ),
]
LayerOption = Annotated[str, typer.Option(help="topics or categories.")]
CoderOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="One coder's labels. Default: what was agreed or adjudicated.",
        show_default=False,
    ),
]
ClassifyOption = Annotated[
    bool,
    typer.Option(
        "--classify/--no-classify",
        help="Train a classifier on the labels, and say how good it is.",
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="Show all topics, not the worst alone.")]
CrosswalkOption = Annotated[
    bool, typer.Option("--crosswalk", help="Show which codes each topic's documents have.")
]
PlaceOption = Annotated[
    bool, typer.Option("--place", help="List where the classifier places other documents.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of folds and resamples.")]


def validate(
    name: NameArgument,
    variable: VariableOption = None,
    code: CodeOption = None,
    layer: LayerOption = "topics",
    coder: CoderOption = None,
    wave: WaveOption = None,
    classify: ClassifyOption = True,
    every: AllOption = False,
    crosswalk: CrosswalkOption = False,
    place: PlaceOption = False,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say how right the taxonomy is, where it is wrong, and what to label next."""
    from opsatlas.cli.console import out, progress
    from opsatlas.cli.session import open_study
    from opsatlas.cli.views.validated import validated_report, validated_values
    from opsatlas.labelling.opening import path_of
    from opsatlas.labelling.validating import Question
    from opsatlas.labelling.validating import validate as hold_against

    pipeline = open_study(None, workspace, progress=progress())
    asked = Question(variable, code, layer, coder, tuple(wave or ()), classify or place, seed)
    found = hold_against(pipeline, path_of(name, pipeline.workspace), asked)
    if as_json:
        out().print_json(data=validated_values(found, places=place))
    else:
        out().print(validated_report(found, every=every, codes=crosswalk, places=place))
