"""`opsatlas taxonomy` and `opsatlas themes`: one engine, over repositories and over issues."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from opsatlas.pipeline import Pipeline
    from taxonomy.store import Layer


def topics_app(layer: Layer, documents: str) -> typer.Typer:
    """Return the commands for one layer."""
    app = typer.Typer(no_args_is_help=True, help=f"Topics of {documents}: build, show, evaluate.")

    @app.command(help=f"Derive the topics of the study's {documents}.")
    def build(workspace: WorkspaceOption = None) -> None:
        pipeline = _pipeline(workspace)
        pipeline.settings(layer)
        pipeline.check()
        pipeline.make_snapshots()
        pipeline.make_taxonomy(layer)
        _show(pipeline, layer, None)

    @app.command(
        help=f"Show the topics of the {documents}, or the documents of one topic.",
        context_settings={"ignore_unknown_options": True},  # -1 is a topic, not an option
    )
    def show(
        topic: Annotated[
            int | None, typer.Argument(help="Topic whose documents to list; -1: the unplaced.")
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _show(_pipeline(workspace), layer, topic)

    @app.command(help=f"Judge the topics of the {documents} by lists that people made.")
    def evaluate(
        gold: Annotated[
            list[Path] | None,
            typer.Option(
                help="CSV with a column of names, one of categories, maybe one of lists. "
                "Repeatable. Default: the study's own.",
                show_default=False,
            ),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        _evaluate(_pipeline(workspace), layer, gold, as_json=as_json)

    return app


def _pipeline(workspace: Path | None) -> Pipeline:
    from opsatlas.console import progress
    from opsatlas.session import open_study

    return open_study(None, workspace, progress=progress())


def _show(pipeline: Pipeline, layer: Layer, topic: int | None) -> None:
    from opsatlas.console import out
    from opsatlas.views import documents_table, topics_table
    from taxonomy.store import read_taxonomy

    stored = read_taxonomy(pipeline.built_taxonomy(layer))
    if topic is None:
        out().print(topics_table(stored, pipeline.titles(layer)))
    else:
        out().print(documents_table(stored, pipeline.titles(layer), topic))


def _evaluate(pipeline: Pipeline, layer: Layer, gold: list[Path] | None, *, as_json: bool) -> None:
    from artifacts.errors import InputError
    from opsatlas.console import out
    from opsatlas.views import evaluation_table
    from reports.build import as_json as to_json
    from reports.build import evaluate_taxonomy

    lists = gold or pipeline.gold(layer)
    if not lists:
        raise InputError("There is no list to judge by.", fix="name one with --gold FILE.csv")
    found = evaluate_taxonomy(
        pipeline.built_taxonomy(layer), pipeline.snapshot_folder(layer), layer, lists
    )
    if as_json:
        out().print_json(data=to_json(found))
    else:
        out().print(evaluation_table(found))
