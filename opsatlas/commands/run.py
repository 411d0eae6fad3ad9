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
    from opsatlas.console import out, progress
    from opsatlas.session import open_study

    page = open_study(study, workspace, progress=progress()).run()
    out().print(f"The page is at {page.resolve()}", markup=False, soft_wrap=True)
