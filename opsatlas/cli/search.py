"""`opsatlas search`: the tools that answer a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from opsatlas.cli.console import first_words, out, say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from rich.text import Text

WIDTH: Final = 100
INDENT: Final = "  "
GAP: Final = 2


def search(
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY", help='Words, a name, or "alternatives to NAME"; best in quotes.'
        ),
    ],
    n: Annotated[int, typer.Option("--number", "-n", min=1, help="Most tools.")] = 10,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Find tools by purpose, name or likeness.

    The best come first; words that were found are bold. A typing error is no harm.
    """
    from opsatlas.searching import built_search, check_query, found_rows

    pipeline, asked = open_study(None, workspace), " ".join(query)
    check_query(asked)
    index = built_search(pipeline)
    found = found_rows(pipeline, index, asked, n)
    meant = index.did_you_mean(asked)
    if as_json:
        show(data={"query": asked, "did_you_mean": meant, "found": found}, json=True)
        return
    if meant is not None:
        say(f"Did you mean “{meant}”?")
    if not found:
        say("Nothing is found. Try other words: what a tool is for, or a part of its name.")
    width = min(out().width, WIDTH)
    for row in found:
        for line in _lines(row, width):
            out().print(line, no_wrap=True, overflow="ellipsis", width=width)


def _lines(row: dict[str, Any], width: int) -> Iterator[Text]:
    """Yield a tool in two lines: its name and where it is, and what it is."""
    purpose = row["topic"] or "in no topic"
    room = max(width - GAP - len(purpose), width // 2)
    name = _marked(first_words(row["name"], most=room), row["matched"])
    name.pad_right(max(room - len(name), 0) + GAP)
    yield name.append(first_words(purpose, most=width - room - GAP), style="dim")
    told = first_words(row["description"] or "what it is, is not known", most=width - len(INDENT))
    yield _marked(INDENT + told, row["matched"])


def _marked(text: str, matched: tuple[str, ...]) -> Text:
    """Return a text with the words in bold that were found."""
    from rich.text import Text

    from insights.search.words import pieces

    shown = ((piece, "bold") if is_found else piece for piece, is_found in pieces(text, matched))
    return Text.assemble(*shown)
