"""`opsatlas label validate`: how right the machine's taxonomy is, by what people said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.label.options import JsonOption, NameArgument, WaveOption
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from insights.validation import Question, Validated
    from opsatlas.pipeline import Pipeline

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
    from insights.validation import Question
    from opsatlas.cli.console import out, progress
    from opsatlas.cli.session import open_study
    from opsatlas.cli.views.validated import validated_report, validated_values

    pipeline = open_study(None, workspace, progress=progress())
    asked = Question(variable, code, layer, coder, tuple(wave or ()), classify or place, seed)
    found = _validated(pipeline, name, asked)
    if as_json:
        out().print_json(data=validated_values(found, places=place))
    else:
        out().print(validated_report(found, every=every, codes=crosswalk, places=place))


def _validated(pipeline: Pipeline, name: str, asked: Question) -> Validated:
    """Hold the taxonomy of a set of labels' snapshot against its labels."""
    from embeddings.cache import vectors_of_documents
    from insights.validation import corpus_of
    from insights.validation import validate as hold_against
    from labels.label_set import LabelSet
    from opsatlas.labelling.opening import path_of
    from taxonomy.taxonomy import Taxonomy

    with LabelSet.open(path_of(name, pipeline.workspace), read_only=True) as labels:
        corpus = corpus_of(labels, lambda corpus: pipeline.settings(corpus).snapshot)
        return hold_against(
            labels,
            Taxonomy.open(pipeline.built_taxonomy(corpus)),
            asked,
            vectors=lambda keys: vectors_of_documents(
                keys,
                pipeline.texts_folder(corpus),
                pipeline.vectors_folder,
                pipeline.vectors(),
                progress=pipeline.progress,
            ),
            titles=pipeline.titles(corpus),
            progress=pipeline.progress,
        )
