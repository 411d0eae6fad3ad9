"""`opsatlas label adjudicate`: settle disagreements together."""

from __future__ import annotations

from typing import Annotated

import typer

from artifacts.visible import visible
from opsatlas.cli.label.options import NameArgument, WaveOption
from opsatlas.workspace import WorkspaceOption


def adjudicate(
    name: NameArgument,
    by: Annotated[
        list[str], typer.Option("--by", metavar="NAME", help="Who is there. Repeatable.")
    ],
    wave: WaveOption = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read outcomes as JSON lines from standard input.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--list", help="List the disagreements as JSON lines, and end.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Settle together what coders disagree on.

    Each disagreement is shown with the coders' memos, side by side. The outcome is a coder of its
    own; what each coder had said stays as it was.

    With --stdin each line is a JSON object: item, variable, codes (none: no code applies), memo.

    Example: echo '{"item": "name:org/name", "variable": "kind", "codes": ["tool"]}' | opsatlas
    label adjudicate kinds --by ann --by ben --stdin
    """
    from labels.adjudication import Adjudication
    from labels.waves import closed_waves
    from opsatlas.labelling.opening import open_labels

    with open_labels(name, workspace) as labels:
        adjudication = Adjudication(labels, closed_waves(labels, wave), by=by)
        if show:
            from opsatlas.cli.views.labels import dispute_lines

            for line in dispute_lines(adjudication):
                typer.echo(visible(line))
        elif stdin:
            import sys

            from opsatlas.cli.console import out
            from opsatlas.cli.views.labels import settled_sentence
            from opsatlas.labelling.settling import settle_from_lines

            n_settled = settle_from_lines(adjudication, sys.stdin)
            out().print(settled_sentence(adjudication, n_settled))
        else:
            from labels.annotator.adjudicator import adjudicate as go_through
            from opsatlas.cli.console import require_terminal

            require_terminal("settle without one with --stdin")
            go_through(adjudication)
