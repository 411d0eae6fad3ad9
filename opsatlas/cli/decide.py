"""What people decide about a taxonomy: `rename`, `merge`, `split`, `move`, `hide`, `note`, `undo`.

Each adds an entry to the file beside the taxonomy, which survives every rebuild.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.decisions import Desk

ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        help="Who decides. Default: the name that git knows, else of the user.",
        show_default=False,
    ),
]
BecauseOption = Annotated[
    str | None, typer.Option("--because", help="Why.", show_default=False, metavar="REASON")
]
NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="A topic (3), a category (c1), or a whole name.")
]
NameOption = Annotated[str | None, typer.Option("--name", help="Its name.", show_default=False)]


def add_decisions(app: typer.Typer, corpus: Corpus) -> None:
    """Add the commands by which people decide about one taxonomy."""
    _add_edits(app, corpus)
    _add_groupings(app, corpus)
    _add_split(app, corpus)
    _add_log(app, corpus)


def _add_edits(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Give a topic or category a name of yours.")
    @writes
    def rename(
        node: NodeArgument,
        name: Annotated[str, typer.Argument(metavar="NAME", help="The name.")],
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, because).rename(node, name)

    @app.command(help="Take a topic or category out of what is shown; its documents stay in it.")
    @writes
    def hide(
        node: NodeArgument,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, because).hide(node)

    @app.command(help="Show a topic or category again.")
    @writes
    def unhide(
        node: NodeArgument,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, because).unhide(node)

    @app.command(help="Write something about a topic or category.")
    @writes
    def note(
        node: NodeArgument,
        text: Annotated[str, typer.Argument(metavar="TEXT", help="One line.")],
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, because).note(node, text)


def _add_groupings(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Make one of several topics, or of several categories.")
    @writes
    def merge(
        nodes: Annotated[list[str], typer.Argument(metavar="NODE NODE…", help="Two or more.")],
        name: NameOption = None,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, because).merge(nodes, name)

    @app.command(
        help="Move documents to a topic (--to 3; --to -1: to none), or topics to a category "
        "(--to c1; --to new --name NAME)."
    )
    @writes
    def move(
        what: Annotated[
            list[str],
            typer.Argument(metavar="WHAT…", help="Documents by title or key; or topics."),
        ],
        to: Annotated[str, typer.Option("--to", help="A topic, -1, a category, or new.")],
        name: NameOption = None,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, because).move(what, to, name)


def _add_split(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Part a topic, or a category's topics: by what the runs tell, or as you say.")
    @writes
    def split(
        node: NodeArgument,
        into: Annotated[
            int | None, typer.Option(help="Into how many parts.", show_default=False)
        ] = None,
        documents: Annotated[
            list[str] | None,
            typer.Option(help="A document of the new part. Repeatable.", show_default=False),
        ] = None,
        keys: Annotated[
            list[Path] | None,
            typer.Option(
                help="File that names a new part's documents, one a line. Repeatable: a part each.",
                show_default=False,
            ),
        ] = None,
        topics: Annotated[
            list[str] | None,
            typer.Option(
                help="Of a category: a topic of the new part. Repeatable.", show_default=False
            ),
        ] = None,
        name: Annotated[
            list[str] | None,
            typer.Option(
                help="Name of a part. Repeatable: the largest part first, or, of parts that you "
                "say, the rest first.",
                show_default=False,
            ),
        ] = None,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        desk = _desk(corpus, workspace, by, because)
        desk.split(
            node,
            into=into,
            documents=documents or [],
            files=keys or [],
            topics=topics or [],
            names=name or [],
        )


def _add_log(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Take a decision back: the last, or the one of that id.")
    @writes
    def undo(
        which: Annotated[
            int | None, typer.Argument(metavar="ID", help="See `decisions`.", show_default=False)
        ] = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        _desk(corpus, workspace, by, None).undo(which)

    @app.command(help="List what people decided: what is followed, what is lost, and why.")
    def decisions(
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas.decisions import list_decisions, open_taxonomy

        list_decisions(open_taxonomy(corpus, workspace), as_json=as_json)


def _desk(corpus: Corpus, workspace: Path | None, by: str | None, because: str | None) -> Desk:
    from opsatlas.decisions import Desk, open_taxonomy

    return Desk(open_taxonomy(corpus, workspace), by=by, because=because)
