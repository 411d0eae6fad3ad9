"""Arguments that several commands of `opsatlas label` take."""

from __future__ import annotations

from typing import Annotated

import typer

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Set of labels: its name, or its .sqlite file.")
]
WaveOption = Annotated[
    list[str] | None,
    typer.Option("--wave", metavar="WAVE", help="Only this wave. Repeatable.", show_default=False),
]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who does it. Default: the name that git knows, else of the user.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
