"""`opsatlas taxonomy crosswalk` and `opsatlas themes crosswalk`: a taxonomy beside codebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from configs.codebook import Codebook
    from opsatlas.pipeline import Pipeline


def add_crosswalk(app: typer.Typer, corpus: Corpus) -> None:
    """Add the command to the commands of one corpus."""

    @app.command(
        help="Say which code of a codebook each topic and category is, or that it is none."
    )
    @writes
    def crosswalk(
        codebook: Annotated[
            str | None,
            typer.Argument(
                help="Name of a codebook that is shipped, or a .toml file. Default: those that the "
                "study names.",
                show_default=False,
            ),
        ] = None,
        documents: Annotated[
            bool, typer.Option("--documents", help="List the documents with their codes.")
        ] = False,
        gold: Annotated[
            list[Path] | None,
            typer.Option(help="Judge the codes by a coder's CSV. Repeatable.", show_default=False),
        ] = None,
        column: Annotated[
            str | None,
            typer.Option(
                help="The CSV's column of codes. Default: category, theme, kind, label or code.",
                show_default=False,
            ),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas.cli.console import progress
        from opsatlas.cli.session import open_study
        from opsatlas.crosswalks import named_codebook, suited_codebooks

        pipeline = open_study(None, workspace, progress=progress())
        books = (
            [named_codebook(codebook, corpus)] if codebook else suited_codebooks(pipeline, corpus)
        )
        _refuse_none(books, corpus)
        if gold:
            _judge(pipeline, corpus, books, gold, column, as_json=as_json)
        else:
            _show(pipeline, corpus, books, documents=documents, as_json=as_json)


def _refuse_none(books: list[Codebook], corpus: Corpus) -> None:
    from artifacts.errors import InputError
    from configs import codebook_names

    if not books:
        raise InputError(
            f"The study names no codebook for {corpus}.",
            fix=f"name one: {', '.join(codebook_names())}, or a .toml file",
        )


def _show(
    pipeline: Pipeline, corpus: Corpus, books: list[Codebook], *, documents: bool, as_json: bool
) -> None:
    from opsatlas.cli.console import out
    from opsatlas.cli.views.crosswalks import crosswalk_table, crosswalk_values, documents_table
    from opsatlas.crosswalks import make_crosswalk
    from taxonomy.guidance.crosswalk import read_crosswalk
    from taxonomy.taxonomy import Taxonomy

    found = [read_crosswalk(make_crosswalk(pipeline, corpus, book)[0]) for book in books]
    shown = Taxonomy.open(pipeline.built_taxonomy(corpus))
    titles = pipeline.titles(corpus)
    if as_json:
        values = [crosswalk_values(each, shown, titles, documents=documents) for each in found]
        out().print_json(data=values)
        return
    for each in found:
        out().print(documents_table(each, titles) if documents else crosswalk_table(each, shown))


def _judge(
    pipeline: Pipeline,
    corpus: Corpus,
    books: list[Codebook],
    gold: list[Path],
    column: str | None,
    *,
    as_json: bool,
) -> None:
    from artifacts.words import DOCUMENTS
    from mining.names import document_names
    from opsatlas.cli.console import out
    from opsatlas.cli.views.crosswalks import judgement_table, judgement_values
    from opsatlas.crosswalks import make_crosswalk
    from taxonomy.guidance.crosswalk import read_crosswalk
    from taxonomy.guidance.gold import ceilings, judge, read_coder

    coders = [read_coder(path, column=column) for path in gold]
    values = []
    for book in books:
        called = book.codes_called()
        folder, _ = make_crosswalk(pipeline, corpus, book)
        key_of = document_names(pipeline.snapshot_folder(corpus), DOCUMENTS[corpus])
        coded = read_crosswalk(folder).documents
        found = [judge(coded, key_of, coder, called) for coder in coders]
        ceiling = ceilings(coders, key_of, called)
        if as_json:
            values.append(judgement_values(book.codebook.name, found, ceiling))
        else:
            out().print(judgement_table(book.codebook.title, found, ceiling))
    if as_json:
        out().print_json(data=values)
