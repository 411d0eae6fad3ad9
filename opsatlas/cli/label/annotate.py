"""`opsatlas label annotate`: code documents in the terminal, blind, one key a code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.label.options import NameArgument
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from labels.session import Session


SuggestOption = Annotated[
    bool,
    typer.Option(
        "--suggest", help="Let the machine's guess be asked for with G; asking is recorded."
    ),
]


def annotate(
    name: NameArgument,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Who codes.")],
    wave: Annotated[
        str | None,
        typer.Option(
            metavar="WAVE", help="The wave to code. Default: all that are open.", show_default=False
        ),
    ] = None,
    suggest: SuggestOption = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read decisions as JSON lines from standard input.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Code documents one after another, blind.

    Nothing of other coders or the machine is shown. Each decision is on disk before the next
    document shows; U takes back, - says none of these, ? shows all keys.

    With --stdin each line is a JSON object about one document: item (its key or title), variable
    and codes (ids; none of them, or a word for none: no code applies), memo, confidence (low,
    medium, high, null), flag and skip (true, false). {"undo": true}, {"redo": true} and
    {"create": {"variable", "name", "definition", "reason"}} stand alone. Keys, variables and
    codes: opsatlas label codebook show NAME.

    Example: echo '{"item": "org/name", "variable": "kind", "codes": ["tool"]}' | opsatlas label
    annotate kinds --coder ann --stdin
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
            from opsatlas.cli.console import require_terminal

            require_terminal("code without one with --stdin, or import labels made elsewhere")
            show(session)


def _from_stdin(session: Session) -> None:
    import sys

    from labels.annotator.script import decide_from_lines
    from opsatlas.cli.console import out
    from opsatlas.cli.views.labels import script_sentence

    summary = decide_from_lines(session, sys.stdin)
    out().print(script_sentence(summary, session.tally()))
