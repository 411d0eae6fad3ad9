"""`opsatlas run`: a whole study, from its sources to the page."""

from __future__ import annotations

from typing import Annotated

import typer

from opsatlas.workspace import WorkspaceOption


def run(
    study: Annotated[
        str | None,
        typer.Argument(
            help="Study file, or the name of one that is shipped (mlops). Default: the "
            "workspace's own.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Carry out a whole study, from its sources to the page.

    What has not changed since the last run is skipped; an interrupted run goes on.
    """
    from opsatlas.cli.console import out, progress
    from opsatlas.cli.session import open_study
    from opsatlas.comparing import make_comparison, planned
    from opsatlas.lost import tell_lost
    from opsatlas.steps import run as run_steps

    pipeline = open_study(study, workspace, progress=progress())
    comparison = planned(pipeline)
    page = run_steps(pipeline)
    for corpus in pipeline.corpora():
        tell_lost(pipeline, corpus)
    out().print(f"The page is at {page.resolve()}", soft_wrap=True)
    if comparison is not None:
        page = make_comparison(pipeline, comparison)
        out().print(f"The comparison is at {page.resolve()}", soft_wrap=True)
