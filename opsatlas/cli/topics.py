"""`opsatlas taxonomy` and `opsatlas themes`: one engine, over repositories and over issues."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import InputError
from artifacts.words import DOCUMENTS, NOISE
from opsatlas.cli.audits import add_audit
from opsatlas.cli.console import say, show
from opsatlas.cli.crosswalk import add_crosswalk
from opsatlas.cli.decisions import add_decisions, tell_lost
from opsatlas.cli.names import add_names
from opsatlas.cli.node_pages import (
    DOCUMENTS_SHOWN,
    DocumentsTable,
    further,
    node_parts,
    sure_parts,
    taxonomy_parts,
    topics_table,
    unplaced_parts,
)
from opsatlas.cli.options import JsonOption, WorkspaceOption, computes, writes
from opsatlas.cli.place import add_place
from opsatlas.cli.root import Group
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, bounded, number

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline
    from taxonomy.evaluation import Evaluation
    from taxonomy.taxonomy import Taxonomy


def topics_app(corpus: Corpus, documents: str) -> typer.Typer:
    """Return the commands for one corpus."""
    app = typer.Typer(
        cls=Group, no_args_is_help=True, help=f"Topics of {documents}: build, show, judge, decide."
    )

    _add_build(app, corpus, documents)
    _add_show(app, corpus, documents)

    @app.command(help=f"Judge the topics of {documents} by lists that people made.")
    def evaluate(
        gold: Annotated[
            list[Path] | None,
            typer.Option(
                help="CSV with a column of names, one of categories, maybe one of lists; or a list "
                "in Markdown (.md), by its headings. Repeatable. Default: the study's own."
            ),
        ] = None,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        _evaluate(open_study(None, workspace), corpus, gold, as_json=as_json)

    add_crosswalk(app, corpus)
    add_place(app, corpus, documents)
    add_names(app, corpus)
    n_looking = len(app.registered_commands)
    add_audit(app, corpus)
    add_decisions(app, corpus)
    for place, command in enumerate(app.registered_commands):
        command.rich_help_panel = "Look and judge" if place < n_looking else "Decide"
    return app


def _add_build(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    @app.command(help=f"Derive the topics of the study's {documents}.")
    @computes
    @writes
    def build(
        categories: Annotated[
            int | None,
            typer.Option(
                min=1,
                help="Number of categories over the topics, this once; for good: categories in "
                "the study. Default: four for nine topics.",
            ),
        ] = None,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas.steps import make_snapshots, make_taxonomy

        pipeline = open_study(None, workspace).with_categories(corpus, categories)
        pipeline.settings(corpus)
        pipeline.check()
        make_snapshots(pipeline)
        make_taxonomy(pipeline, corpus)
        _show(pipeline, corpus, None, as_json=as_json)
        tell_lost(pipeline, corpus)


def _add_show(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    @app.command(
        "show",
        help=f"Show categories and topics of {documents}, or one of them.",
        context_settings={"ignore_unknown_options": True},  # -1 is the unplaced, not an option
    )
    def show_taxonomy(
        node: Annotated[
            str | None,
            typer.Argument(metavar="NODE", help="A topic (3), a category (c1); -1: the unplaced."),
        ] = None,
        how_sure: Annotated[
            bool, typer.Option("--how-sure", help="How firmly each stands, and what names it.")
        ] = False,
        show_all: Annotated[
            bool, typer.Option("--all", help=f"Of a NODE, more than {DOCUMENTS_SHOWN} documents.")
        ] = False,
        flat: Annotated[
            bool, typer.Option("--flat", help="A line a topic, with keywords and exemplars.")
        ] = False,
        unguided: Annotated[
            bool,
            typer.Option(
                "--unguided", help="What the same runs find without the codebook that guides."
            ),
        ] = False,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        if node and node.startswith("-") and node != str(NOISE):
            raise typer.BadParameter(f"There is no option {node}.")
        pipeline = open_study(None, workspace)
        most = None if show_all else DOCUMENTS_SHOWN
        view = _View(flat=flat, how_sure=how_sure, unguided=unguided, most=most)
        _show(pipeline, corpus, node, view, as_json=as_json)


@dataclass(frozen=True)
class _View:
    """How a taxonomy is looked at; ``most`` documents of a node are shown, None: all."""

    flat: bool = False
    how_sure: bool = False
    unguided: bool = False
    most: int | None = None


def _show(
    pipeline: Pipeline, corpus: Corpus, node: str | None, view: _View = _View(), *, as_json: bool
) -> None:
    from taxonomy.decisions.deciding import find_node
    from taxonomy.taxonomy import Taxonomy
    from taxonomy.values import node_values, taxonomy_values

    folder = pipeline.built_taxonomy(corpus)
    shown, titles = Taxonomy.open(folder), pipeline.titles(corpus)
    if view.unguided:
        shown = _alone(shown, folder)
    values = taxonomy_values(shown, titles)
    if node is None:
        if view.flat:
            parts: list[Table | str] = [topics_table(shown, titles, how_sure=view.how_sure)]
        else:
            parts = sure_parts(shown) if view.how_sure else taxonomy_parts(shown, corpus)
        show(*parts, data=values, json=as_json)
        if not (as_json or view.flat or view.how_sure):
            for line in further(shown, corpus):
                say(line)
        return
    from embeddings.build import descriptions

    snapshot = pipeline.snapshot_folder(corpus)
    about = descriptions(pipeline.workspace, snapshot, DOCUMENTS[corpus])
    documents = DocumentsTable(
        shown, titles, about, corpus=corpus, how_sure=view.how_sure, most=view.most
    )
    if node == str(NOISE):
        parts = unplaced_parts(shown, documents)
        values = node_values(values, None, NOISE)
    else:
        found = find_node(shown, node)
        parts = node_parts(shown, corpus, found, documents)
        values = node_values(values, found.layer, found.number)
    for document in values["documents"]:
        document["about"] = about.get(document["key"], "")
    show(*parts, data=values, json=as_json)


def _alone(shown: Taxonomy, folder: Path) -> Taxonomy:
    """Return what the runs find alone; raise `InputError` where no codebook guides the taxonomy."""
    if shown.unguided is None:
        guidance = shown.guidance
        raise InputError(
            "No codebook guides the taxonomy: it is what the runs find alone.",
            where=str(folder),
            fix=f"show it without --unguided. {guidance.told}" if guidance else "show it without",
        )
    return shown.unguided


def _evaluate(
    pipeline: Pipeline, corpus: Corpus, gold: list[Path] | None, *, as_json: bool
) -> None:
    from reports.page.build import as_json as to_json
    from reports.page.build import evaluate_taxonomy

    lists = pipeline.judging(corpus, gold or ())
    if not lists:
        raise InputError("There is no list to judge by.", fix="name one with --gold FILE.csv")
    evaluation = evaluate_taxonomy(
        pipeline.built_taxonomy(corpus), pipeline.snapshot_folder(corpus), corpus, lists
    )
    show(_evaluation_table(evaluation), data=to_json(evaluation), json=as_json)


def _evaluation_table(evaluation: Evaluation) -> Table:
    """Return the figures of an evaluation, with the lists' own agreement as the ceiling.

    Those of guided topics have those of the unguided ones below them, list by list.
    """
    columns = (
        Column("name", "list"),
        number("n_docs", "documents"),
        bounded("ami", "AMI (95 %)", 3),
        number("v_measure", "V", 2),
        number("purity", "purity", 2),
        Column("placed", "placed", is_number=True, form="{:.0%}".format),
    )
    rows: list[dict[str, Any]] = []
    for agreement, alone in zip_longest(evaluation.lists, evaluation.unguided):
        rows.append(vars(agreement))
        if alone is not None:
            rows.append(vars(alone) | {"name": f"{alone.name}, unguided"})
    # Of two lists, every document has its place in both.
    rows += [
        vars(agreement) | {"name": f"ceiling: {agreement.name}", "placed": ""}
        for agreement in evaluation.ceiling
    ]
    unguided = evaluation.mean_ami_unguided
    notes = [
        f"mean AMI over {len(evaluation.lists)} lists: {evaluation.mean_ami:.3f}"
        + ("" if unguided is None else f", unguided {unguided:.3f}"),
        "ceiling: the lists with each other" if evaluation.ceiling else "",
        *evaluation.notes,
    ]
    return Table.of(columns, rows, notes=notes)
