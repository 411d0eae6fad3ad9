"""`opsatlas run`: a whole study, from its sources to the page."""

from __future__ import annotations

from opsatlas.cli.console import say
from opsatlas.cli.options import StudyArgument, WorkspaceOption
from opsatlas.cli.session import open_study


def run(study: StudyArgument = None, workspace: WorkspaceOption = None) -> None:
    """Carry out a whole study, from its sources to the page.

    What has not changed since the last run is skipped; an interrupted run goes on.
    """
    from opsatlas.cli.decisions import tell_lost
    from opsatlas.comparing import make_comparison, planned
    from opsatlas.steps import run as run_steps

    pipeline = open_study(study, workspace)
    comparison = planned(pipeline)
    page = run_steps(pipeline)
    for corpus in pipeline.corpora():
        tell_lost(pipeline, corpus)
    say(f"The page is at {page.resolve()}")
    if comparison is not None:
        page = make_comparison(pipeline, comparison)
        say(f"The comparison is at {page.resolve()}")
