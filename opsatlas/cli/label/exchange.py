"""`opsatlas label import` and `export`: labels from and for other tools."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import out
from opsatlas.cli.label.codebook import label_codebook
from opsatlas.cli.label.sample import corpus_of, criterion_of
from opsatlas.cli.label.sets import counted, open_labels, path_of, who
from opsatlas.cli.options import ByOption, LabelsArgument, WaveOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from labels.importing import BroughtIn, NewSet

FORMATS = "csv, jsonl, label-studio, doccano, qdpx or qdc"
PeopleOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME|OLD=NEW",
        help="Who coded, where the file names nobody or one person; or who is meant by a name "
        "of the file. Repeatable.",
    ),
]
FieldsOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="VARIABLE=COLUMN",
        help="Where a column, field or control is not called as the variable is; key=COLUMN: "
        "what names the document. Repeatable.",
    ),
]


def import_labels(
    name: LabelsArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"File of labels: {FORMATS}.")],
    coder: PeopleOption = None,
    column: FieldsOption = None,
    file_format: Annotated[
        str | None, typer.Option("--format", help="Default: by the file's suffix.")
    ] = None,
    codebook: Annotated[
        str | None, typer.Option(help="For a new set of labels, where the file has none.")
    ] = None,
    of: Annotated[
        str, typer.Option(metavar="<tools|themes>", help="For a new set: whose documents.")
    ] = "tools",
    snapshot: Annotated[
        str | None, typer.Option(help="For a new set: where its documents are.")
    ] = None,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring in labels made elsewhere: all of a file, or nothing.

    A set of labels that is not there yet is made of the documents that the file names. People
    are called as the file calls them.
    """
    from labels.importing import LabelFile, bring_in

    coders, columns = tuple(coder or ()), tuple(column or ())
    source = LabelFile(file, file_format, coders, columns, has_codebook=codebook is None)
    found = bring_in(
        path_of(name, workspace),
        source,
        lambda: _ground(codebook, of, snapshot, workspace),
        by=who(by),
    )
    for line in (*_brought_in(found, name), *found.left_out, *_next_file(found, name)):
        out().print(line)


def _ground(codebook: str | None, of: str, snapshot: str | None, workspace: Path | None) -> NewSet:
    """Return what a new set of labels is made of: a snapshot's documents, and a codebook."""
    from artifacts.words import DOCUMENTS
    from labels.documents import documents_of
    from labels.importing import NewSet
    from mining.names import document_names
    from mining.snapshots import snapshot_folder

    pipeline, corpus = open_study(None, workspace), corpus_of(of)
    snapshot = snapshot or pipeline.settings(corpus).snapshot
    folder = snapshot_folder(pipeline.workspace, snapshot)
    return NewSet(
        codebook=label_codebook(codebook, pipeline, corpus),
        documents=tuple(documents_of(folder, corpus)),
        names=document_names(folder, DOCUMENTS[corpus]),
        facts={"layer": corpus, "snapshot": snapshot},
        named=criterion_of(pipeline),
    )


def _brought_in(found: BroughtIn, name: str) -> Iterator[str]:
    done = found.imported
    if done is not None:
        same = f"; {done.n_same:,} of the codings were there already, just so"
        empty = f"; {done.n_empty:,} of the codings say nothing"
        yield (
            f"{counted(done.n_items, 'coding')} by {', '.join(done.coders)}: "
            + counted(done.n_decisions, "decision")
            + (same if done.n_same else "")
            + (empty if done.n_empty else "")
            + "."
        )
    elif found.codebook is not None:
        sample = f"opsatlas label sample {name} --codebook {shlex.quote(str(found.codebook))}"
        yield f"The file has a codebook, and no documents or labels: {found.codebook} is written."
        yield f"To code with it: {sample}"
    else:
        documents = counted(found.n_documents, "document")
        yield f"Nothing is coded in the file; its codebook and {documents} are here, to be coded."
        yield f"To code: opsatlas label annotate {name} --coder NAME"


def _next_file(found: BroughtIn, name: str) -> Iterator[str]:
    if found.imported is not None and found.wave is not None:
        yield f"The next coder's file: opsatlas label import {name} FILE --coder NAME"
        yield f"When all are in, close the wave: opsatlas label wave close {name} {found.wave}"


def export_labels(
    name: LabelsArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"File to write: {FORMATS}.")],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Default: by the file's suffix. doccano: a .zip, or one coder's .jsonl.",
        ),
    ] = None,
    wave: WaveOption = None,
    coder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only this coder: also while a wave is open, for the coder's own use.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write labels, memos and codebook for another tool.

    A file that is there is not replaced.
    """
    from labels.exchange.formats import export

    with open_labels(name, workspace, read_only=True) as labels:
        n_items = export(labels, file, file_format, wave, coder)
    held = f"{n_items:,} codings" if n_items else "the codebook, and no codings"
    out().print(f"{file}: {held}.")
