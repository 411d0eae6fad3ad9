"""`opsatlas tool`: all that a study knows of one tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import plain, spaced

if TYPE_CHECKING:
    from reports.answers.tool import ToolAnswer


def tool(
    name: Annotated[
        str,
        typer.Argument(help="Tool: owner/name, its name alone, or a former name."),
    ],
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Draw its life into a new file, too."),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show one tool: its purpose, life and use, what its users want.

    What the study does not look at is not known, and it says so with the reason.
    """
    from artifacts.files import refuse_existing
    from opsatlas.answers import answer_of
    from reports.answers.parts import answer_parts

    if svg is not None:
        refuse_existing(svg)
    answer = answer_of(open_study(None, workspace), name)
    if svg is not None:
        _draw(answer, svg)
    show(*spaced(answer_parts(answer)), data=plain(answer), json=as_json)
    if svg is not None and not as_json:
        say(f"\nIts life is drawn in {svg.resolve()}")


def _draw(answer: ToolAnswer, file: Path) -> None:
    from artifacts.errors import InputError
    from artifacts.files import write_bytes
    from reports.answers.drawing import WIDE, draw_life
    from reports.history.svg import svg_file

    drawing = draw_life(answer)
    if drawing is None:
        raise InputError(
            f"The life of {answer.full_name} cannot be drawn: "
            f"{answer.stage_unknown or 'its commits are not known by month'}.",
            where=str(file),
            fix="leave out --svg",
        )
    write_bytes(file, svg_file(drawing, WIDE))
