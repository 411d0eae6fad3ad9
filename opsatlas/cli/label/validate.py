"""`opsatlas label validate`: how right the machine's taxonomy is, by what people said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsatlas.cli.console import show
from opsatlas.cli.label.sets import path_of
from opsatlas.cli.options import JsonOption, LabelsArgument, WaveOption, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import Table

if TYPE_CHECKING:
    from insights.validation import Question, Validated
    from opsatlas.pipeline import Pipeline

WORST_SHOWN = 12
"""Topics that are shown, unless all are wanted."""
VariableOption = Annotated[
    str | None, typer.Option(metavar="ID", help="Question of the codebook. Default: the first.")
]
CodeOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="One code against the rest; for variables of which a document can have several.",
    ),
]
LayerOption = Annotated[str, typer.Option(metavar="<topics|categories>", help="Which nodes.")]
CoderOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="One coder's labels. Default: what was agreed or adjudicated."
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
    name: LabelsArgument,
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
    """Say how right the taxonomy is by a set of labels.

    Also where it is wrong, and what to label next.
    """
    from insights.validation import Question

    pipeline = open_study(None, workspace)
    asked = Question(variable, code, layer, coder, tuple(wave or ()), classify or place, seed)
    found = _validated(pipeline, name, asked)
    parts = _parts(found, every=every, codes=crosswalk, places=place)
    show(*parts, data=_validated_values(found, places=place), json=as_json)


def _parts(found: Validated, *, every: bool, codes: bool, places: bool) -> Iterator[Table | str]:
    """Yield what is known: what is wrong first, what to label next last.

    Parameters
    ----------
    every
        Whether all topics are shown, not the worst alone.
    codes
        Whether the codes of each topic are shown.
    places
        Whether to list where the classifier places the other documents.
    """
    from reports.validation import estimates_table, places_table, validation_parts

    yield from validation_parts(
        found.validation,
        names=found.names,
        titles=found.titles,
        n_worst=None if every else WORST_SHOWN,
        codes=codes,
        more=[] if found.estimates is None else [estimates_table(found.estimates)],
    )
    if places and found.validation.placement is not None:
        yield from ("", places_table(found.validation.placement, found.titles))
    if found.notes:
        yield from ("", *found.notes)


def _validated_values(found: Validated, *, places: bool) -> dict[str, Any]:
    """Return all that is known as JSON-compatible values; the places only if they are wanted."""
    from reports.validation import validation_values

    shown = found.validation
    if not places and shown.placement is not None:
        shown = replace(shown, placement=replace(shown.placement, rows=()))
    return {
        **validation_values(shown),
        "population": found.estimates,
        "notes": found.notes,
    }


def _validated(pipeline: Pipeline, name: str, asked: Question) -> Validated:
    """Hold the taxonomy of a set of labels' snapshot against its labels."""
    from embeddings.cache import vectors_of_documents
    from insights.validation import corpus_of
    from insights.validation import validate as hold_against
    from labels.label_set import LabelSet
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
