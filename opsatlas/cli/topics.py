"""`opsatlas taxonomy` and `opsatlas themes`: one engine, over repositories and over issues."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.audit import add_audit
from opsatlas.cli.crosswalk import add_crosswalk
from opsatlas.cli.decide import add_decisions
from opsatlas.cli.names import add_names
from opsatlas.cli.place import add_place
from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline


def topics_app(corpus: Corpus, documents: str) -> typer.Typer:
    """Return the commands for one corpus."""
    app = typer.Typer(
        no_args_is_help=True, help=f"Topics of {documents}: build, show, judge, decide."
    )

    _add_build(app, corpus, documents)
    _add_show(app, corpus, documents)

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
        _evaluate(_pipeline(workspace), corpus, gold, as_json=as_json)

    add_crosswalk(app, corpus)
    add_place(app, corpus, documents)
    add_names(app, corpus)
    add_decisions(app, corpus)
    add_audit(app, corpus)
    return app


def _add_build(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    @app.command(help=f"Derive the topics of the study's {documents}.")
    @writes
    def build(
        categories: Annotated[
            int | None,
            typer.Option(
                min=1,
                help="Number of categories over the topics, this once; for good: categories in "
                "the study. Default: the most that are about as steady as any.",
                show_default=False,
            ),
        ] = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas.lost import tell_lost

        pipeline = _pipeline(workspace).with_categories(corpus, categories)
        pipeline.settings(corpus)
        pipeline.check()
        pipeline.make_snapshots()
        pipeline.make_taxonomy(corpus)
        _show(pipeline, corpus, None)
        tell_lost(pipeline, corpus)


def _add_show(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    @app.command(
        help=f"Show the categories and topics of the {documents}, or all about one of them.",
        context_settings={"ignore_unknown_options": True},  # -1 is the unplaced, not an option
    )
    def show(
        node: Annotated[
            str | None,
            typer.Argument(metavar="NODE", help="A topic (3), a category (c1); -1: the unplaced."),
        ] = None,
        flat: Annotated[
            bool, typer.Option("--flat", help="A line a topic, with keywords and exemplars.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        _show(_pipeline(workspace), corpus, node, flat=flat, as_json=as_json)


def _pipeline(workspace: Path | None) -> Pipeline:
    from opsatlas.cli.console import progress
    from opsatlas.cli.session import open_study

    return open_study(None, workspace, progress=progress())


def _show(
    pipeline: Pipeline,
    corpus: Corpus,
    node: str | None,
    *,
    flat: bool = False,
    as_json: bool = False,
) -> None:
    from artifacts.words import NOISE
    from opsatlas.cli.console import out
    from opsatlas.cli.views import topics as views
    from taxonomy.decisions.deciding import find_node
    from taxonomy.taxonomy import Taxonomy

    folder = pipeline.built_taxonomy(corpus)
    shown, titles = Taxonomy.open(folder), pipeline.titles(corpus)
    unplaced = node == str(NOISE)
    found = None if node is None or unplaced else find_node(shown, node)
    if as_json:
        values = views.shown_values(shown, titles)
        if found is not None:
            values = views.node_values(values, found[0], found[1].number)
        elif unplaced:
            values = views.node_values(values, None, NOISE)
        out().print_json(data=values)
    elif found is not None:
        out().print(views.node_view(shown, *found, titles))
    elif unplaced:
        out().print(views.unplaced_view(shown, titles))
    elif flat:
        out().print(views.topics_table(shown, titles))
    else:
        out().print(views.tree_table(shown))


def _evaluate(
    pipeline: Pipeline, corpus: Corpus, gold: list[Path] | None, *, as_json: bool
) -> None:
    from artifacts.errors import InputError
    from opsatlas.cli.console import out
    from opsatlas.cli.views.topics import evaluation_table
    from reports.page.build import as_json as to_json
    from reports.page.build import evaluate_taxonomy

    lists = gold or pipeline.gold(corpus)
    if not lists:
        raise InputError("There is no list to judge by.", fix="name one with --gold FILE.csv")
    found = evaluate_taxonomy(
        pipeline.built_taxonomy(corpus), pipeline.snapshot_folder(corpus), corpus, lists
    )
    if as_json:
        out().print_json(data=to_json(found))
    else:
        out().print(evaluation_table(found))
