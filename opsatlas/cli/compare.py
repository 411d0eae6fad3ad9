"""`opsatlas compare`: what changed between snapshots, beyond noise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from opsatlas.comparing import Asked
    from opsatlas.pipeline import Pipeline

Format = Literal["text", "json", "csv", "html", "latex"]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder for the files. Default: reports/lineages in the workspace.",
        show_default=False,
    ),
]


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SNAPSHOT",
            help="Two snapshots or more, or taxonomies, the earlier first. Default: the "
            "study's [compare].",
            show_default=False,
        ),
    ] = None,
    of: Annotated[
        Literal["tools", "themes"] | None,
        typer.Option(help="What is compared. Default: the study's.", show_default=False),
    ] = None,
    layer: Annotated[
        Literal["topics", "categories"] | None,
        typer.Option(help="Which nodes. Default: the study's.", show_default=False),
    ] = None,
    joint: Annotated[
        bool, typer.Option("--joint", help="Hold one model of the documents of both against it.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show also what is within the noise.")
    ] = False,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="text and json are printed; of csv, html and latex, the paths of the files.",
        ),
    ] = "text",
    to: OutOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare snapshots: what was born, died, split, merged, drifted or grew, beyond noise.

    Taxonomies that are not there yet are built. What has not changed is not made again.
    """
    from opsatlas.cli.console import progress
    from opsatlas.cli.session import open_study
    from opsatlas.comparing import asked, check_output

    check_output(form, to)
    pipeline = open_study(None, workspace, progress=progress())
    wanted = asked(pipeline, names or (), of=of, layer=layer, joint=joint)
    _print(pipeline, wanted, form, to, everything=everything)


def _print(
    pipeline: Pipeline, wanted: Asked, form: Format, to: Path | None, *, everything: bool
) -> None:
    from opsatlas.cli.console import out
    from opsatlas.cli.views import lineage as views
    from opsatlas.comparing import comparison_of, make_comparison
    from reports.comparison.build import copy_files, report_files

    page = make_comparison(pipeline, wanted)
    made = comparison_of(pipeline, wanted)
    if form == "text":
        out().print(views.comparison_view(made.read(), everything=everything), width=views.WIDTH)
        out().print(f"\nThe page is at {page.resolve()}", soft_wrap=True)
    elif form == "json":
        out().print_json(data=views.comparison_values(made.read()))
    else:
        files = report_files(page.parent, form)
        for path in files if to is None else copy_files(files, to):
            out().print(str(path), soft_wrap=True)
