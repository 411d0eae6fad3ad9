"""`opsatlas label codebook`: codebooks in files, and the living one of a set of labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.label.options import ByOption, JsonOption, NameArgument
from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from labels.history.book import Book, Change

app = typer.Typer(
    no_args_is_help=True,
    help="Codebooks: check, show and compare them; create, rename, merge, split, retire codes.",
)
BookArgument = Annotated[
    str,
    typer.Argument(
        metavar="CODEBOOK",
        help="A shipped one's name, a .toml, .qdc, .qdpx or .jsonl file, or a set of labels.",
    ),
]
CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help="Id of a code; VARIABLE/ID where there are several.")
]
BecauseOption = Annotated[str, typer.Option("--because", help="Why.", metavar="REASON")]


@app.command()
def check(book: BookArgument, workspace: WorkspaceOption = None) -> None:
    """Check that a codebook can be used; say what is wrong, and where."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.codebooks import checked_report
    from opsatlas.labelling.books import any_codebook

    out().print(checked_report(any_codebook(book, workspace)))


@app.command()
def show(
    book: BookArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show the questions of a codebook, its codes and their keys."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.codebooks import codebook_report, codebook_values
    from opsatlas.labelling.books import any_codebook

    found = any_codebook(book, workspace)
    if as_json:
        out().print_json(data=codebook_values(found))
    else:
        out().print(codebook_report(found))


@app.command()
def diff(
    book: BookArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The codebook to compare it with.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Show what is new, gone or other in another codebook."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.codebooks import differences_report
    from opsatlas.labelling.books import any_codebook, differences, other_questions

    one, another = any_codebook(book, workspace), any_codebook(other, workspace)
    out().print(differences_report(differences(one, another), other_questions(one, another)))


@app.command()
def history(name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Show every change of a set's codebook: who, when, and why."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.codebooks import history_table
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace, read_only=True) as labels:
        out().print(history_table(labels.state))


@app.command()
@writes
def create(
    name: NameArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="The code's name.")],
    because: BecauseOption,
    definition: Annotated[str, typer.Option(help="What it means.")],
    variable: Annotated[
        str | None, typer.Option(help="Default: the first.", show_default=False)
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Its key. Default: a free one.", show_default=False)
    ] = None,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a code."""
    from opsatlas.labelling import changing

    _change(
        name,
        workspace,
        by,
        lambda book: [changing.creation(book, variable, title, definition, key, because)],
    )


@app.command()
@writes
def rename(
    name: NameArgument,
    code: CodeArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Its new name.")],
    because: BecauseOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a code another name; its labels stay."""
    from opsatlas.labelling import changing

    _change(name, workspace, by, lambda book: [changing.renaming(book, code, title, because)])


@app.command()
@writes
def merge(
    name: NameArgument,
    code: Annotated[list[str], typer.Argument(metavar="CODE", help="Codes to merge.")],
    into: Annotated[str, typer.Option(metavar="CODE", help="The code that stands in their place.")],
    because: BecauseOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Merge codes: their labels become labels of one."""
    from opsatlas.labelling import changing

    _change(name, workspace, by, lambda book: [changing.merging(book, code, into, because)])


@app.command()
@writes
def split(
    name: NameArgument,
    code: CodeArgument,
    into: Annotated[
        list[str],
        typer.Option(metavar="CODE", help="A part, a code that is there. Repeatable."),
    ],
    because: BecauseOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Split a code into others: its documents wait to be coded anew."""
    from opsatlas.labelling import changing

    _change(name, workspace, by, lambda book: [changing.splitting(book, code, into, because)])


@app.command()
@writes
def retire(
    name: NameArgument,
    code: CodeArgument,
    because: BecauseOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a code out of use: its documents wait to be coded anew."""
    from opsatlas.labelling import changing

    _change(name, workspace, by, lambda book: [changing.retirement(book, code, because)])


@app.command()
@writes
def update(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A codebook, edited: a .toml or .qdc file.")
    ],
    because: BecauseOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make the codebook of a set of labels into that of a file.

    Each difference is a change of its own.
    """
    from labels.exchange.formats import read_codebook_file
    from opsatlas.labelling import changing

    wanted = read_codebook_file(file)
    _change(name, workspace, by, lambda book: changing.updating(book, wanted, because))


@app.command()
@writes
def save(
    book: BookArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write, ending in .toml or .qdc.")
    ],
    workspace: WorkspaceOption = None,
) -> None:
    """Write a codebook to a file: that of a set of labels, or of another program's project.

    Example: opsatlas label codebook save interviews.qdpx interviews.toml
    """
    from opsatlas.cli.console import out
    from opsatlas.labelling.books import any_codebook, save_codebook

    found = any_codebook(book, workspace)
    save_codebook(found, file)
    head = found.codebook
    out().print(f"{file} is written: '{head.name}', version {head.version}.")


def _change(
    name: str,
    workspace: Path | None,
    by: str | None,
    changes: Callable[[Book], list[Change]],
) -> None:
    """Change the codebook of a set of labels, and say what it means for the labels there are."""
    from labels.changes import change_codebook
    from opsatlas.cli.console import out
    from opsatlas.cli.views.codebooks import changed_report
    from opsatlas.labelling.opening import change_labels, who

    with change_labels(name, workspace) as labels:
        made = changes(labels.book)
        change_codebook(labels, made, coder=who(by))
        out().print(changed_report(made, labels))
