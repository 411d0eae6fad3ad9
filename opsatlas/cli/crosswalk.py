"""`opsatlas taxonomy crosswalk` and `opsatlas themes crosswalk`: a taxonomy beside codebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import InputError
from opsatlas.cli import completing
from opsatlas.cli.console import show
from opsatlas.cli.options import JsonOption, WorkspaceOption, writes
from opsatlas.cli.session import open_study
from reports.tables import Column, Row, Table, bounded, matrix, number, percent, texts

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from configs.codebook import Codebook
    from opsatlas.pipeline import Pipeline
    from taxonomy.guidance.crosswalk import Crosswalk
    from taxonomy.guidance.gold import Ceiling, Judgement
    from taxonomy.nodes import Node
    from taxonomy.taxonomy import Taxonomy

UNKNOWN_SHOWN = 5


def add_crosswalk(app: typer.Typer, corpus: Corpus) -> None:
    """Add the command to the commands of one corpus."""

    @app.command(help="Say which code of a codebook each topic is, if any.")
    @writes
    def crosswalk(
        codebook: Annotated[
            str | None,
            typer.Argument(
                autocompletion=completing.codebooks,
                help="Codebook: the name of a shipped one or of one that the study names, or a "
                "file (.toml, .qdc, .qdpx). Default: those that the study names.",
            ),
        ] = None,
        documents: Annotated[
            bool, typer.Option("--documents", help="List the documents with their codes.")
        ] = False,
        gold: Annotated[
            list[Path] | None, typer.Option(help="Judge the codes by a coder's CSV. Repeatable.")
        ] = None,
        column: Annotated[
            str | None,
            typer.Option(
                help="The CSV's column of codes. Default: category, theme, kind, label or code."
            ),
        ] = None,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from configs import codebook_names

        pipeline = open_study(None, workspace)
        books = [pipeline.codebook(codebook, corpus)] if codebook else pipeline.codebooks(corpus)
        if not books:
            raise InputError(
                f"The study names no codebook for {corpus}.",
                fix=f"name one: {', '.join(codebook_names())}, or a .toml file",
            )
        if gold:
            _judge(pipeline, corpus, books, gold, column, as_json=as_json)
        else:
            _show(pipeline, corpus, books, documents=documents, as_json=as_json)


def _show(
    pipeline: Pipeline, corpus: Corpus, books: list[Codebook], *, documents: bool, as_json: bool
) -> None:
    from opsatlas.steps import make_crosswalk
    from taxonomy.guidance.crosswalk import read_crosswalk
    from taxonomy.taxonomy import Taxonomy
    from taxonomy.values import crosswalk_values

    crosswalks = [read_crosswalk(make_crosswalk(pipeline, corpus, book)) for book in books]
    shown = Taxonomy.open(pipeline.built_taxonomy(corpus))
    titles = pipeline.titles(corpus)
    tables = [
        _documents_table(crosswalk, titles) if documents else _nodes_table(crosswalk, shown)
        for crosswalk in crosswalks
    ]
    values = [
        crosswalk_values(crosswalk, shown, titles, documents=documents) for crosswalk in crosswalks
    ]
    show(*tables, data=values, json=as_json)


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
    from opsatlas.steps import make_crosswalk
    from taxonomy.guidance.crosswalk import read_crosswalk
    from taxonomy.guidance.gold import ceilings, judge, read_coder, refuse_own_source
    from taxonomy.values import judgement_values

    for book in books:
        refuse_own_source(book, gold)
    coders = [read_coder(path, column=column) for path in gold]
    parts: list[Table | str] = []
    values = []
    for book in books:
        code_names = book.codes_called()
        folder = make_crosswalk(pipeline, corpus, book)
        key_of = document_names(pipeline.snapshot_folder(corpus), DOCUMENTS[corpus])
        coded = read_crosswalk(folder).documents
        judgements = [judge(coded, key_of, coder, code_names) for coder in coders]
        ceiling = ceilings(coders, key_of, code_names)
        values.append(judgement_values(book.codebook.name, judgements, ceiling))
        parts += [book.codebook.title, *judgement_tables(judgements, ceiling)]
    show(*parts, data=values, json=as_json)


def _nodes_table(crosswalk: Crosswalk, shown: Taxonomy) -> Table:
    """Return a line for each category and its topics, and how many documents have each code."""
    from taxonomy.values import tree

    columns = (
        *texts("node", "name"),
        number("size", "documents"),
        Column("code", "code", form=_or_dash),
        percent("share", "share"),
        percent("margin", "margin"),
        Column("reason", form=_reason),
    )
    rows = [
        Row(
            vars(crosswalk.nodes(node.layer)[node.number])
            | {"node": node.address, "name": _marked(node)},
            is_group=node.layer == "categories",
            is_member=node.layer == "topics",
        )
        for node in tree(shown)
    ]
    return Table.of(columns, rows, caption=_title(crosswalk), notes=[_counts(crosswalk)])


def _documents_table(crosswalk: Crosswalk, titles: Mapping[str, str]) -> Table:
    """Return a line for each document, by code, the surest first; those without one last."""
    place = {code.id: number for number, code in enumerate(crosswalk.codebook.codes)}
    in_order = sorted(
        crosswalk.documents.items(),
        key=lambda item: (place.get(item[1].code or "", len(place)), -item[1].margin, item[0]),
    )
    columns = (
        Column("title", "document"),
        Column("code", "code", form=_or_dash),
        number("margin", "margin", 2),
        Column("reason", form=_reason),
    )
    rows = [vars(coding) | {"title": titles[key]} for key, coding in in_order]
    return Table.of(columns, rows, caption=_title(crosswalk), notes=[_counts(crosswalk)])


def _title(crosswalk: Crosswalk) -> str:
    return f"{crosswalk.codebook.title} ({crosswalk.codebook.name})"


def _marked(node: Node) -> str:
    unstable = node.stability is not None and not node.is_stable
    return f"{node.name}{' (unstable)' if unstable else ''}"


def _or_dash(code: str | None) -> str:
    return code or "–"


def _reason(reason: str | None) -> str:
    return "" if reason is None else f"no code: {reason}"


def _counts(crosswalk: Crosswalk) -> str:
    from taxonomy.values import n_without_code

    counts = ", ".join(f"{code} {n:,}" for code, n in crosswalk.n_documents().items())
    n_docs, none = len(crosswalk.documents), n_without_code(crosswalk)
    share = none / n_docs if n_docs else 0.0
    return f"documents: {counts}; without a code {none:,} of {n_docs:,} ({share:.0%})"


def judgement_tables(
    judgements: Sequence[Judgement],
    ceiling: Sequence[Ceiling],
    *,
    abstained: str = "abstained",
    lacking: str = "{} codes {} that the taxonomy lacks",
) -> list[Table]:
    """Return the agreement with each coder, of the coders, and who was confused with whom.

    Parameters
    ----------
    abstained
        How it is called that no answer was given.
    lacking
        Says of a coder (first) how many names of theirs are not there (second).
    """
    from taxonomy.guidance.gold import ABSTAINED, NO_CODE

    columns = (
        Column("name", "coder"),
        number("n_judged", "documents"),
        percent("abstention", abstained),
        bounded("kappa", f"κ (95 %), {abstained} left out", 3),
        bounded("kappa_forced", "κ (95 %) of all", 3),
    )
    rows = [vars(judgement) | {"abstention": judgement.abstention} for judgement in judgements]
    rows += [
        {
            "name": f"ceiling, {each.name}",
            "n_judged": each.n_docs,
            "abstention": "",
            "kappa": "",
            "kappa_forced": each.kappa,
        }
        for each in ceiling
    ]
    notes = [_unknown(judgement, lacking) for judgement in judgements if judgement.unknown]
    tables = [Table.of(columns, rows, notes=notes)]
    for judgement in judgements:
        names = sorted(
            {name for pair in judgement.confusion for name in pair},
            key=lambda name: (name in (NO_CODE, ABSTAINED), name),
        )
        tables.append(matrix(names, names, judgement.confusion, heading=f"{judgement.name} says"))
    return tables


def _unknown(judgement: Judgement, lacking: str) -> str:
    names = ", ".join(judgement.unknown[:UNKNOWN_SHOWN])
    more = ", …" if len(judgement.unknown) > UNKNOWN_SHOWN else ""
    return f"{lacking.format(judgement.name, len(judgement.unknown))}: {names}{more}"
