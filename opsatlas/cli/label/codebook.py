"""`opsatlas label codebook`: codebooks in files, and the living one of a set of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import InputError
from opsatlas.cli import completing
from opsatlas.cli.console import out, show
from opsatlas.cli.label.sets import change_labels, counted, open_labels, path_of, who
from opsatlas.cli.options import ByOption, JsonOption, LabelsArgument, WorkspaceOption, writes
from opsatlas.cli.root import Group
from reports.tables import Column, Table, texts
from reports.tables import as_json as records

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from configs.codebook import Code, Codebook, Variable
    from labels.history.book import Book, Change
    from labels.history.replay import LabelState
    from labels.label_set import LabelSet
    from opsatlas.pipeline import Pipeline

FILES = ".toml, .qdc or .qdpx file"
app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Codebooks: check, show, compare and change them.",
)
BookArgument = Annotated[
    str,
    typer.Argument(
        metavar="CODEBOOK",
        autocompletion=completing.books,
        help="A shipped one's name, a .toml, .qdc, .qdpx or .jsonl file, or a set of labels.",
    ),
]
CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help="Id of a code; VARIABLE/ID where there are several.")
]
ReasonOption = Annotated[str, typer.Option("--because", help="Why.", metavar="REASON")]


@app.command()
def check(
    book: BookArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Check that a codebook can be used; say what is wrong, and where."""
    found = any_codebook(book, workspace)
    head, told = found.codebook, list(_checked(found))
    values = {"codebook": head.name, "version": head.version, "usable": True, "notes": told}
    show(*told, data=values, json=as_json)


@app.command("show")
def show_codebook(
    book: BookArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show the questions of a codebook, its codes and their keys."""
    from labels.annotator.asking import keys_of

    found = any_codebook(book, workspace)
    values = found.model_dump(mode="json", exclude_none=True)
    values["keys"] = {v.id: keys_of(found.codes_of(v.id)) for v in found.asked()}
    show(*_codebook_parts(found), data=values, json=as_json)


@app.command()
def diff(
    book: BookArgument,
    other: Annotated[
        str,
        typer.Argument(
            metavar="OTHER",
            autocompletion=completing.books,
            help="The codebook to compare it with.",
        ),
    ],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what is new, gone or other in another codebook."""
    from labels.changes import changes_between, other_questions
    from labels.history.book import Book

    one, another = any_codebook(book, workspace), any_codebook(other, workspace)
    changes = changes_between(Book.of(one), another, reason="")
    questions = other_questions(one, another)
    same = "The codebooks have the same codes."
    parts = [_changes_table(changes) if changes else same]
    values = {"questions": questions, "changes": records(_changes_table(changes))}
    show(*questions, *parts, data=values, json=as_json)


@app.command()
def history(
    name: LabelsArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show every change of a set's codebook: who, when, and why."""
    with open_labels(name, workspace, read_only=True) as labels:
        show(_history_table(labels.state), json=as_json)


@app.command()
@writes
def create(
    name: LabelsArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="The code's name.")],
    because: ReasonOption,
    definition: Annotated[str, typer.Option(help="What it means.")],
    variable: Annotated[
        str | None, typer.Option(help="Question of the codebook. Default: the first.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Its key. Default: a free one.")] = None,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a code."""
    from labels import changes

    _change(
        name,
        workspace,
        by,
        lambda book: [changes.creation(book, variable, title, definition, key, because)],
    )


@app.command()
@writes
def rename(
    name: LabelsArgument,
    code: CodeArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Its new name.")],
    because: ReasonOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a code another name; its labels stay."""
    from labels import changes

    _change(name, workspace, by, lambda book: [changes.renaming(book, code, title, because)])


@app.command()
@writes
def merge(
    name: LabelsArgument,
    code: Annotated[list[str], typer.Argument(metavar="CODE", help="Codes to merge.")],
    into: Annotated[str, typer.Option(metavar="CODE", help="The code that stands in their place.")],
    because: ReasonOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Merge codes: their labels become labels of one."""
    from labels import changes

    _change(name, workspace, by, lambda book: [changes.merging(book, code, into, because)])


@app.command()
@writes
def split(
    name: LabelsArgument,
    code: CodeArgument,
    into: Annotated[
        list[str],
        typer.Option(metavar="CODE", help="A part, a code that is there. Repeatable."),
    ],
    because: ReasonOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Split a code into others: its documents wait to be coded anew."""
    from labels import changes

    _change(name, workspace, by, lambda book: [changes.splitting(book, code, into, because)])


@app.command()
@writes
def retire(
    name: LabelsArgument,
    code: CodeArgument,
    because: ReasonOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a code out of use: its documents wait to be coded anew."""
    from labels import changes

    _change(name, workspace, by, lambda book: [changes.retirement(book, code, because)])


@app.command()
@writes
def update(
    name: LabelsArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A codebook, edited: a .toml or .qdc file.")
    ],
    because: ReasonOption,
    by: ByOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make the codebook of a set of labels into that of a file.

    Each difference is a change of its own.
    """
    from labels import changes
    from labels.exchange.formats import read_codebook_file

    wanted = read_codebook_file(file)
    _change(name, workspace, by, lambda book: changes.updating(book, wanted, because))


@app.command()
@writes
def save(
    book: BookArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write, ending in .toml or .qdc.")
    ],
    workspace: WorkspaceOption = None,
) -> None:
    """Write a codebook to a file.

    That of a set of labels, or of another program's project.
    """
    from labels.exchange.formats import save_codebook

    found = any_codebook(book, workspace)
    save_codebook(found, file)
    head = found.codebook
    out().print(f"{file} is written: '{head.name}', version {head.version}.")


def _change(
    name: str, workspace: Path | None, by: str | None, make: Callable[[Book], list[Change]]
) -> None:
    """Change the codebook of a set of labels, and say what it means for the labels there are."""
    from labels.changes import change_codebook

    with change_labels(name, workspace) as labels:
        made = make(labels.book)
        change_codebook(labels, made, coder=who(by))
        show(_changes_table(made), *_consequences(labels))


def label_codebook(name: str | None, pipeline: Pipeline, corpus: Corpus) -> Codebook:
    """Return the codebook of that name or path, for labels of a study's corpus.

    Raises
    ------
    InputError
        If none is named, there is none such, or it is for another corpus.
    ConfigError
        If it cannot be used.
    """
    from configs import codebook_names

    if name is None:
        raise InputError(
            "A new set of labels needs a codebook.",
            fix=f"name one with --codebook: {', '.join(codebook_names())}, or a {FILES}",
        )
    return pipeline.codebook(name, corpus)


def any_codebook(name: str, workspace: Path | None) -> Codebook:
    """Return a codebook: shipped, in a file, or the living one of a set of labels.

    Raises
    ------
    InputError
        If nothing is called so.
    ConfigError
        If it cannot be used.
    """
    from configs import codebook_names
    from configs.finding import find_codebook
    from labels.exchange.formats import is_codebook_file, read_codebook_file

    if is_codebook_file(name) or name in codebook_names():
        return read_codebook_file(find_codebook(name, where="CODEBOOK"))
    try:
        path = path_of(name, workspace)
    except InputError:
        path = None
    if path is None or not path.exists():
        raise InputError(
            f"There is no codebook and no set of labels '{name}'.",
            fix=f"name one of {', '.join(codebook_names())}, a {FILES}, or a set of labels",
        )
    with open_labels(str(path), None, read_only=True) as labels:
        return labels.book.codebook()


def _checked(book: Codebook) -> Iterator[str]:
    """Yield that a codebook can be used, and what a coder may stumble over."""
    from labels.annotator.asking import keys_of

    variables = book.asked()
    sizes = ", ".join(f"{v.id} ({counted(len(book.codes_of(v.id)), 'code')})" for v in variables)
    yield f"'{book.codebook.name}' version {book.codebook.version} can be used: {sizes}."
    for variable in variables:
        codes = book.codes_of(variable.id)
        without = len(codes) - len(keys_of(codes))
        if without:
            yield f"{variable.id}: {without} without a key, to be found by searching."
        bare = [code.id for code in codes if not (code.when or code.examples)]
        if bare:
            yield f"{variable.id}: neither 'when' nor examples: {', '.join(bare)}."


def _codebook_parts(book: Codebook) -> Iterator[Table | str]:
    """Yield the questions of a codebook, each with its codes."""
    from configs.codebook import as_tree
    from labels.annotator.asking import keys_of

    head = book.codebook
    yield f"{head.title} ({head.name}, version {head.version})"
    if source := book.source:
        told = (source.list, source.url, source.licence)
        yield f"made from {', '.join(filter(None, told))}"
    columns = (
        *texts("key", "id", "name"),
        Column("meaning", "definition"),
    )
    for variable in book.asked():
        codes = book.codes_of(variable.id)
        key_of = {code: key for key, code in keys_of(codes).items()}
        rows = [
            {
                "key": key_of.get(code.id, ""),
                "id": code.id,
                "name": "  " * depth + code.name,
                "meaning": _meaning(code),
            }
            for depth, code in as_tree(codes)
        ]
        yield ""
        yield _question(variable, takes_none=head.takes_none(variable))
        yield Table.of(columns, rows)


def _question(variable: Variable, *, takes_none: bool) -> str:
    from labels.annotator.asking import NONE_KEY

    one = f"one code, or {NONE_KEY} for none of these" if takes_none else "one code"
    facts = [
        f"variable '{variable.id}'",
        variable.level if variable.level != "nominal" else "",
        "any number of codes" if variable.multiple else one,
    ]
    if variable.open:
        facts.append("coders may add codes")
    if variable.only_if:
        facts.append(
            "only if "
            + " and ".join(f"{v} is {' or '.join(codes)}" for v, codes in variable.only_if.items())
        )
    asked = f": {variable.question}" if variable.question else ""
    return f"{variable.name} ({', '.join(filter(None, facts))}){asked}"


def _meaning(code: Code) -> str:
    parts = [code.definition]
    if code.when:
        parts.append(f"When: {code.when}")
    if code.not_when:
        parts.append(f"Not when: {code.not_when}")
    return "\n".join(parts)


def _changes_table(changes: Sequence[Change]) -> Table:
    """Return a line for each change."""
    columns = (Column("change", "change"), Column("code", "code"), Column("what", "what"))
    return Table.of(columns, map(_change_cells, changes))


def _change_cells(change: Change) -> dict[str, str]:
    values = {field: value for field, value in change.values.items() if field != "id"}
    what = "; ".join(f"{field}: {value}" for field, value in values.items())
    return {
        "change": change.kind,
        "code": ", ".join(f"{change.variable}/{code}" for code in change.codes),
        "what": f"into {', '.join(change.into)}" if change.into else what,
        "why": change.reason,
    }


def _history_table(state: LabelState) -> Table:
    """Return a line for each change of a living codebook: when, who, what, and why."""
    columns = (
        Column("version", "version", is_number=True, form=str),
        Column("at", "when (UTC)", form=lambda at: at[:16].replace("T", " ")),
        *texts("who", "change", "code", "what", "why"),
    )
    first = state.begin["codebook"]["codebook"]["version"]
    rows = [
        {"version": version, "at": event.at, "who": event.coder, **_change_cells(change)}
        for version, (event, change) in enumerate(state.changes, start=first + 1)
    ]
    none = "The codebook is as the set began with it."
    return Table.of(columns, rows, notes=[] if rows else [none])


def _consequences(labels: LabelSet) -> Iterator[str]:
    """Yield what a change of the codebook means for the labels there are."""
    from labels.adjudication import left_open
    from labels.overview import open_items

    yield f"The codebook is in version {labels.book.codebook().codebook.version} now."
    waiting = {coder: len(open_items(labels, coder)) for coder in labels.coders()}
    for coder, n in waiting.items():
        if n:
            yield f"{coder} has {counted(n, 'document')} to code anew."
    if any(waiting.values()):
        yield f"They come with O in: opsatlas label annotate {labels.name} --coder NAME"
    if closed := left_open(labels):
        yield (
            f"{counted(len(closed), 'document')} of closed waves wait to be settled: "
            f"opsatlas label adjudicate {labels.name} --by NAME"
        )
