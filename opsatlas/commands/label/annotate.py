"""`opsatlas label annotate`: code documents in the terminal, blind, one key a code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.commands.label.options import NameArgument
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from labels.session import Session


def annotate(
    name: NameArgument,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Who codes.")],
    wave: Annotated[
        str | None,
        typer.Option(
            metavar="WAVE", help="The wave to code. Default: all that are open.", show_default=False
        ),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest", help="Let the machine's guess be asked for with G; asking is recorded."
        ),
    ] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read decisions as JSON lines from standard input.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Code documents one after another, blind.

    Nothing of other coders or the machine is shown. Each decision is on disk before the next
    document shows; U takes back, ? shows all keys.
    """
    from labels.session import Session
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace) as labels:
        guesses = None
        if suggest:
            from opsatlas.labelling.suggestions import suggestions

            guesses = suggestions(labels, workspace)
        session = Session(labels, coder, wave=wave, suggestions=guesses)
        if stdin:
            _from_stdin(session)
        else:
            from labels.annotator.app import annotate as show
            from opsatlas.console import require_terminal

            require_terminal("code without one with --stdin, or import labels made elsewhere")
            show(session)


def _from_stdin(session: Session) -> None:
    import sys

    from labels.annotator.script import decide_from_lines
    from opsatlas.console import out
    from opsatlas.views.labels import script_sentence

    summary = decide_from_lines(session, sys.stdin)
    out().print(script_sentence(summary, session.tally()))
