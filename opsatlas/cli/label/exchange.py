"""`opsatlas label import` and `export`: labels from and for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opsatlas.cli.label.options import ByOption, NameArgument, WaveOption
from opsatlas.workspace import WorkspaceOption

FORMATS = "csv, jsonl, label-studio, doccano, qdpx or qdc"
PeopleOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME|OLD=NEW",
        help="Who coded, where the file names nobody or one person; or who is meant by a name "
        "of the file. Repeatable.",
        show_default=False,
    ),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="VARIABLE=COLUMN",
        help="Where a column, field or control is not called as the variable is; key=COLUMN: "
        "what names the document. Repeatable.",
        show_default=False,
    ),
]


def import_labels(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"File of labels: {FORMATS}.")],
    coder: PeopleOption = None,
    column: ColumnOption = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="Default: by the file's suffix.", show_default=False),
    ] = None,
    codebook: Annotated[
        str | None,
        typer.Option(help="For a new set of labels, where the file has none.", show_default=False),
    ] = None,
    of: Annotated[str, typer.Option(help="For a new set: tools or themes.")] = "tools",
    snapshot: Annotated[
        str | None,
        typer.Option(help="For a new set: where its documents are.", show_default=False),
    ] = None,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Bring in labels made elsewhere: all of a file, or nothing.

    A set of labels that is not there yet is made of the documents that the file names. People
    are called as the file calls them.

    Example: opsatlas label import kinds export.json --coder ann@example.org=ann
    """
    from opsatlas.cli.console import out
    from opsatlas.cli.views.labels import imported_report
    from opsatlas.labelling.importing import Source, bring_in
    from opsatlas.labelling.opening import path_of, who

    coders, columns = tuple(coder or ()), tuple(column or ())
    source = Source(file, file_format, coders, columns, codebook, of, snapshot)
    found = bring_in(path_of(name, workspace), source, workspace, by=who(by))
    out().print(imported_report(found, name))


def export_labels(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"File to write: {FORMATS}.")],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Default: by the file's suffix. doccano: a .zip, or one coder's .jsonl.",
            show_default=False,
        ),
    ] = None,
    wave: WaveOption = None,
    coder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only this coder: also while a wave is open, for the coder's own use.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write labels, memos and codebook for another tool.

    A file that is there is not replaced.
    """
    from opsatlas.cli.console import out
    from opsatlas.labelling.exporting import export
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        n_items = export(labels, file, file_format, wave, coder)
    held = f"{n_items:,} codings" if n_items else "the codebook, and no codings"
    out().print(f"{file}: {held}.")
