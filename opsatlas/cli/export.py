"""`opsatlas export`: tables and figures for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.console import say, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from opsatlas.pipeline import Pipeline
    from reports.paper.export import ExportParts


def export(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WHAT",
            help="taxonomy, documents, evaluation, crosswalk (tables); icicle, map, stability "
            "(figures); themes-by-framework (both). Of the use of frameworks: usage-dependents, "
            "usage-features, usage-channels, usage-together, usage-wishes (tables); usage-gap "
            "(both); usage-facts (CSV, for [usage] facts of a study). Of histories: "
            "history-growth, history-stages, history-survival, history-shares (both); "
            "history-lorenz (figure); history-population, history-fits, history-concentration, "
            "history-stage-counts, history-cycle, history-log-rank, history-transitions, "
            "history-group-shares, history-separation, history-together (tables); history-months "
            "(CSV). Default: all that there is.",
        ),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="Of figures svg, pdf; of tables csv, latex.")
    ] = "svg,pdf,csv,latex",
    to: Annotated[
        Path | None, typer.Option("--out", help="Folder. Default: reports/export in the workspace.")
    ] = None,
    width: Annotated[
        float, typer.Option(help="Of figures, in inches: a column 3.33, two columns 6.9.")
    ] = 3.33,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write tables (CSV, LaTeX) and figures (SVG, PDF) for a paper.

    They show what the page shows. Files that no export wrote are never replaced.
    """
    from reports.paper.export import Wanted
    from reports.paper.export import export as write

    chosen = [form.strip() for form in formats.split(",") if form.strip()]
    wanted = Wanted(what=tuple(dict.fromkeys(what or ())), formats=chosen, width=width)
    wanted.check()
    pipeline = open_study(None, workspace)
    folder = to or pipeline.workspace / "reports" / "export"
    with pipeline.working():
        written = write(_parts(pipeline), folder, wanted, progress=pipeline.progress)
    paths = [str(folder / name) for name in written]
    if as_json:
        show(data=paths, json=True)
    else:
        for path in paths:
            say(path)


def _parts(pipeline: Pipeline) -> ExportParts:
    """Return what the study has built; raise `ArtifactError` if that is nothing."""
    from artifacts.manifest import FILE_NAME
    from opsatlas.steps import history_folders, usage_parts
    from reports.paper.export import ExportParts

    corpora = pipeline.corpora()
    built = [
        corpus for corpus in corpora if (pipeline.taxonomy_folder(corpus) / FILE_NAME).exists()
    ]
    for corpus in corpora:
        if built and corpus not in built:
            pipeline.progress.say(f"{corpus}: left out, there is no such taxonomy yet")
    return ExportParts(
        corpora={
            corpus: (
                pipeline.built_taxonomy(corpus),
                pipeline.snapshot_folder(corpus),
                pipeline.judging(corpus),
            )
            for corpus in built or corpora
        },
        frameworks=pipeline.study.framework_names(),
        vectors=pipeline.vectors(),
        usage=usage_parts(pipeline),
        histories=history_folders(pipeline),
    )
