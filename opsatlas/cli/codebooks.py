"""`opsatlas codebook`: draft a codebook from a list that people keep, and see how well one fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from opsatlas.cli import completing
from opsatlas.cli.console import err, say, show
from opsatlas.cli.label.sets import counted
from opsatlas.cli.options import JsonOption, WorkspaceOption, writes
from opsatlas.cli.root import Group
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, number, numbers, texts

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from configs.codebook import Codebook
    from labels.exchange.list_codebook import Draft
    from taxonomy.guidance.fit import BookFit
    from taxonomy.taxonomy import Taxonomy

EXAMPLES, EXEMPLARS_SHOWN = 6, 3
NAMED = 8
"""Codes and headings that a sentence names."""

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Codebooks: draft one from a list, see how well one fits.",
)


@app.command("from-list")
@writes
def from_list(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="List in Markdown (.md), with headings.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write (.toml). Default: printed."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="What files and commands call the codebook. Default: as the file."),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="What people call it. Default: as its name.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="URL", help="Where the list is from.")
    ] = None,
    licence: Annotated[
        str | None, typer.Option(help="Licence of the list, as SPDX writes it, e.g. CC0-1.0.")
    ] = None,
    examples: Annotated[
        int, typer.Option(min=0, metavar="N", help="Examples that a code has at most.")
    ] = EXAMPLES,
    depth: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Levels of headings that become codes. Default: all."
        ),
    ] = None,
) -> None:
    """Draft a codebook from a list: headings become codes.

    What entries say of themselves become examples. It is a draft: read it, put away codes that are
    no kinds of tools, and say what the others mean.
    """
    from artifacts.files import refuse_existing
    from configs.codebook import codebook_text
    from labels.exchange.formats import save_codebook
    from labels.exchange.list_codebook import DraftSettings, draft_codebook

    if out is not None:
        refuse_existing(out)
    settings = DraftSettings(
        name=name, title=title, url=source, licence=licence, examples=examples, depth=depth
    )
    draft = draft_codebook(file, settings)
    if out is None:
        typer.echo(codebook_text(draft.book), nl=False)
    else:
        save_codebook(draft.book, out)
        say(f"{out} is written: {_made(draft)}.")
    for note in _draft_notes(draft, out):
        err().print(note, soft_wrap=True)


def _made(draft: Draft) -> str:
    codes = draft.book.codes
    inner = sum(code.parent is not None for code in codes)
    within = f" ({inner} of them within others)" if inner else ""
    return f"{counted(len(codes), 'code')}{within}, " + counted(
        sum(len(code.examples) for code in codes), "example"
    )


def _draft_notes(draft: Draft, out: Path | None) -> Iterator[str]:
    """Yield what of the list is not in a draft, and what to do with it."""
    if draft.left_out:
        told = [f"{name} ({n})" for name, n in draft.left_out.items()]
        yield f"Left out, with so many entries: {_some(told)}."
    if bare := _without_examples(draft.book):
        yield f"Without examples: {_some(bare)}."
    if out is not None:
        yield f"Edit it, then: opsatlas label codebook check {out}"


@app.command()
@writes
def fit(
    book: Annotated[
        str,
        typer.Argument(
            metavar="CODEBOOK",
            autocompletion=completing.codebooks,
            help="The name of a shipped one or of one that the study names, or a file (.toml, "
            ".qdc, .qdpx).",
        ),
    ],
    of: Annotated[
        Literal["tools", "themes"] | None,
        typer.Option(help="What it is to fit. Default: tools, where the study has them."),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Say how well a codebook fits documents, and what it leaves out.

    Documents are held against the codes by what they say themselves, not by their topics. AMI of
    the two is the measure of fit; topics that no code stands for are proposed as codes. Of a guided
    taxonomy, the topics are the unguided ones.
    """
    from opsatlas.steps import measure_fit
    from opsatlas.study import GROUP
    from taxonomy.taxonomy import Taxonomy

    pipeline = open_study(None, workspace)
    corpus: Corpus = of if of is not None else (*pipeline.corpora(), "tools")[0]
    found = pipeline.codebook(book, corpus)
    measured = measure_fit(pipeline, corpus, found)
    shown, titles = Taxonomy.open(pipeline.built_taxonomy(corpus)), pipeline.titles(corpus)
    proposals = _proposals(measured, shown.unguided or shown, titles)
    told = list(_told(found, measured, corpus))
    if shown.unguided is not None and shown.guidance is not None:
        told.append(
            f"The topics are those that the runs find without the codebook {shown.guidance.book}, "
            f"which guides the taxonomy: opsatlas {GROUP[corpus]} show --unguided"
        )
    values = _values(found, measured, corpus, proposals, told)
    tables = [_codes_table(found, measured, told)]
    if proposals:
        tables.append(_proposals_table(proposals))
    show(*tables, data=values, json=as_json)


def _told(book: Codebook, fit: BookFit, corpus: Corpus) -> Iterator[str]:
    """Yield the verdict, and what speaks for it, as sentences."""
    from taxonomy.guidance.fit import FOREIGN

    n, topics = fit.documents, len(fit.topics)
    yield (
        f"The codebook fits {fit.verdict}: AMI of the documents' best codes and their topics is "
        f"{fit.fit:.2f}; {counted(len(book.codes), 'code')} and {counted(topics, 'topic')} of "
        f"these sizes can reach {fit.most:.2f}."
    )
    if fit.verdict == "badly" and fit.likeness < FOREIGN:
        yield (
            f"The {corpus} are little like what it says of its codes (median cosine "
            f"{fit.likeness:.2f}): it may be of another field, or say too little."
        )
    if bare := _without_examples(book):
        yield f"Without examples, by which codes are found above all: {_some(bare)}."
    none = fit.unlike + fit.between
    yield (
        f"{none:,} of {n:,} documents ({none / n:.0%}) have no clear code: {fit.unlike:,} are like "
        f"nothing that it says, {fit.between:,} are between two codes."
    )
    if lost := fit.uncovered:
        held = fit.n_uncovered
        yield (
            f"No code stands for {len(lost)} of {counted(topics, 'topic')}, which hold {held:,} "
            f"documents ({held / n:.0%}): candidates for codes."
        )


def _codes_table(book: Codebook, fit: BookFit, told: list[str]) -> Table:
    """Return a line a code: how many documents it gets, and what is odd about it."""
    columns = (*texts("code", "name"), *numbers("documents"), *numbers("sure"), Column("remark"))
    remarks = _remarks(book, fit)
    rows = [
        {**vars(each), "name": code.name, "remark": "; ".join(remarks[code.id])}
        for code, each in zip(book.codes, fit.codes, strict=True)
    ]
    caption = f"{book.codebook.title} ({book.codebook.name})"
    return Table.of(columns, rows, caption=caption, notes=told)


def _remarks(book: Codebook, fit: BookFit) -> dict[str, list[str]]:
    from taxonomy.guidance.fit import FEW

    broad = {code.parent for code in book.codes}
    remarks: dict[str, list[str]] = {code.id: [] for code in book.codes}
    for each in fit.codes:
        if each.documents < FEW and each.code not in broad:
            remarks[each.code].append("nearly empty" if each.documents else "empty")
    for pair in fit.overlaps:
        for code, near in ((pair.one, pair.other), (pair.other, pair.one)):
            remarks[code].append(f"close to {near} ({pair.share:.0%})")
    return remarks


def _proposals(fit: BookFit, shown: Taxonomy, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a code for each topic that none stands for: its name, documents and exemplars."""
    nodes = {topic.number: topic for topic in shown.topic_nodes}
    return [
        {
            "topic": number,
            "name": nodes[number].name,
            "documents": fit.topics[number].size,
            "reason": fit.topics[number].reason,
            "exemplars": [titles[key] for key in nodes[number].exemplars],
        }
        for number in fit.uncovered
        if number in nodes
    ]


def _proposals_table(proposals: list[dict[str, Any]]) -> Table:
    columns = (
        number("topic", "topic"),
        Column("name", "proposed code"),
        *numbers("documents"),
        Column("reason", "why none stands for it"),
        Column("exemplars", "such as", form=lambda names: ", ".join(names[:EXEMPLARS_SHOWN])),
    )
    return Table.of(columns, proposals, caption="Topics that no code stands for")


def _values(
    book: Codebook, fit: BookFit, corpus: Corpus, proposals: list[dict[str, Any]], told: list[str]
) -> dict[str, Any]:
    """Return how well a codebook fits as JSON-compatible values."""
    return {
        "codebook": book.codebook.name,
        "of": corpus,
        "verdict": fit.verdict,
        **{key: value for key, value in vars(fit).items() if key != "topics"},
        "without_examples": _without_examples(book),
        "proposals": proposals,
        "notes": told,
    }


def _without_examples(book: Codebook) -> list[str]:
    """Return the ids of codes with neither examples nor codes that are parts of them."""
    broad = {code.parent for code in book.codes}
    return [code.id for code in book.codes if not code.examples and code.id not in broad]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
