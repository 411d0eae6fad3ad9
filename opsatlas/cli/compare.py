"""`opsatlas compare`: what changed between snapshots, beyond noise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from artifacts.errors import InputError
from opsatlas.cli import completing
from opsatlas.cli.console import say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from opsatlas.comparing import Asked
    from opsatlas.pipeline import Pipeline

WIDTH = 100

ComparisonFormat = Literal["text", "json", "csv", "html", "latex"]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the files. Default: reports/lineages in the workspace."),
]


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SNAPSHOT",
            autocompletion=completing.compared,
            help="Two snapshots or more, or taxonomies, the earlier first. Default: the "
            "study's [compare].",
        ),
    ] = None,
    of: Annotated[
        Literal["tools", "themes"] | None,
        typer.Option(help="What is compared. Default: the study's."),
    ] = None,
    layer: Annotated[
        Literal["topics", "categories"] | None,
        typer.Option(help="Which nodes. Default: the study's."),
    ] = None,
    joint: Annotated[
        bool, typer.Option("--joint", help="Hold one model of the documents of both against it.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show also what is within the noise.")
    ] = False,
    form: Annotated[
        ComparisonFormat,
        typer.Option(
            "--format",
            help="text and json are printed; of csv, html and latex, the paths of the files.",
        ),
    ] = "text",
    to: OutOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare snapshots: what has changed in them, beyond noise.

    What was born, died, split, merged, drifted or grew. Taxonomies that are not there yet are
    built. What has not changed is not made again.
    """
    from opsatlas.comparing import asked

    form = "json" if as_json else form
    if to is not None and form in ("text", "json"):
        raise InputError(
            f"{form} is printed, not written into a folder.",
            where="--out",
            fix="leave --out away, or choose --format csv, html or latex",
        )
    pipeline = open_study(None, workspace)
    wanted = asked(pipeline, names or (), of=of, layer=layer, joint=joint)
    _show(pipeline, wanted, form, to, everything=everything)


def _show(
    pipeline: Pipeline, wanted: Asked, form: ComparisonFormat, to: Path | None, *, everything: bool
) -> None:
    from opsatlas.comparing import comparison_of
    from opsatlas.steps import make_comparison
    from reports.comparison.comparison import copy_files, report_files
    from reports.comparison.text import parts, values

    page = make_comparison(pipeline, wanted)
    if form in ("text", "json"):
        shown = comparison_of(pipeline, wanted).read()
        told = [*parts(shown, everything=everything), ""]
        show(*told, data=values(shown), json=form == "json", width=WIDTH)
        if form == "text":
            say(f"The page is at {page.resolve()}")
        return
    files = report_files(page.parent, form)
    for path in files if to is None else copy_files(files, to):
        say(str(path))
