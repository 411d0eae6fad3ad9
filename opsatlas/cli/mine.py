"""`opsatlas mine`: from a study's topics and frameworks to a sealed snapshot."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from opsatlas.workspace import WorkspaceOption

Study = Annotated[
    str | None,
    typer.Argument(
        help="Study file, or the name of one that is shipped. Default: the workspace's own.",
        show_default=False,
    ),
]
Snapshot = Annotated[
    str | None,
    typer.Option(
        "--snapshot", "-s", help="Snapshot to make. Default: today's.", show_default=False
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], help="Rebuild what can be known of a past day.", show_default=False
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        help="Mined snapshot to carry over from: only what changed is asked.", show_default=False
    ),
]
Unlabelled = Annotated[
    bool,
    typer.Option("--include-unlabelled", help="Also issues with no label, to be classified."),
]
AcceptUnknown = Annotated[
    bool,
    typer.Option(
        "--accept-unknown", help="Seal, however much GitHub did not tell; the manifest names it."
    ),
]
Check = Annotated[
    bool, typer.Option("--check", help="Only ask a little of all, and tell what works.")
]
Plan = Annotated[bool, typer.Option("--plan", help="Only tell what would be asked, and how long.")]
Replay = Annotated[
    bool, typer.Option("--replay", help="Rebuild from the raw answers, without a network.")
]


def mine(
    study: Study = None,
    snapshot: Snapshot = None,
    as_of: AsOf = None,
    since: Since = None,
    include_unlabelled: Unlabelled = False,
    accept_unknown: AcceptUnknown = False,
    check: Check = False,
    plan: Plan = False,
    replay: Replay = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Mine GitHub: repositories by topic, and feature requests, into a sealed snapshot.

    Reads the token from GITHUB_TOKEN, else from GH_TOKEN. An interrupted mining goes on where it
    stopped.
    """
    from mining.github.mining import Target, check_scope, end_of_day
    from opsatlas.cli.console import progress
    from opsatlas.cli.session import open_study, study_of
    from opsatlas.cli.views.mining import show_checked, show_outcome, show_plan, show_replay
    from opsatlas.mining import mining_of, scope_of

    if check:
        scope = scope_of(*study_of(study, workspace))
        if not show_checked(check_scope(scope, progress())):
            raise typer.Exit(2)
        return
    pipeline = open_study(study, workspace, progress=progress())
    mining = mining_of(pipeline.workspace, pipeline.study, pipeline.study_path, progress())
    if replay:
        show_replay(*mining.replay(snapshot))
        return
    target = Target(snapshot, end_of_day(as_of), since, include_unlabelled, accept_unknown)
    if plan:
        show_plan(mining.plan(target))
    else:
        show_outcome(mining.run(target))
