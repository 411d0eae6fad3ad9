"""`opsatlas replay` and `opsatlas bundle verify`: what somebody else's bundle is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsatlas.cli.console import TerminalProgress, say, show
from opsatlas.cli.options import JsonOption
from reports.tables import Column, Table, texts

if TYPE_CHECKING:
    from opsatlas.bundling.replaying import Replay, ReplayedStep

BundleArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Bundle, as `opsatlas bundle` writes it.")
]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="New folder to replay it in, which is kept. Default: a temporary one.",
    ),
]


def verify(bundle: BundleArgument, as_json: JsonOption = False) -> None:
    """Check every file of a bundle, and all that it says of them; nothing is unpacked."""
    from opsatlas.bundling.verifying import verify_bundle

    check = verify_bundle(bundle, TerminalProgress())
    check.refuse_problems(bundle)
    withheld = len(check.index.withheld)
    values = {
        "study": check.index.study,
        "intact": True,
        "private": check.index.private,
        "files": check.n_files,
        "bytes": check.n_bytes,
        "withheld": withheld,
    }
    size = f"{check.n_files:,} files, {check.n_bytes / 1e6:,.1f} MB unpacked, {withheld:,} withheld"
    told = f"✓ {bundle.name} is intact: study '{check.index.study}' ({size})"
    show(told, data=values, json=as_json)


def replay(
    bundle: BundleArgument, workspace: FolderOption = None, as_json: JsonOption = False
) -> None:
    """Make everything again that can be made of what is in a bundle, and compare it.

    The network is closed meanwhile. What was mined, and what a run does not make, is taken as it
    is; where texts are withheld, topics and categories are found again from vectors and counts of
    words. The exit code is 0 if all that was made again is the same, else 2.
    """
    from opsatlas.bundling.replaying import replay_bundle

    found = replay_bundle(bundle, TerminalProgress(), workspace)
    show(_table(found), data=_values(found), json=as_json)
    if not as_json:
        for line in _verdict(found):
            say(line)
    if not found.all_equal:
        raise typer.Exit(2)


def _table(found: Replay) -> Table:
    columns = (
        *texts("path", "outcome"),
        Column("equal", "", form=lambda equal: {True: "✓", False: "✗"}.get(equal, "")),
        Column("told", "what differs, or why"),
    )
    return Table.of(columns, [{**vars(step), "told": _told(step)} for step in found.steps])


def _told(step: ReplayedStep) -> str:
    differs = f"differs: {', '.join(step.different)}" if step.different else ""
    return "; ".join(filter(None, [differs, step.why]))


def _verdict(found: Replay) -> list[str]:
    """Return what came of it, in a few sentences."""
    made, same = len(found.made), sum(bool(step.equal) for step in found.made)
    mark, rest = "✓" if found.all_equal else "✗", len(found.steps) - made
    again = f"{same:,} of {made:,} artifacts that were made again are as in the bundle"
    lines = [f"{mark} {again}; {rest:,} were not made again"]
    if not made:
        lines.append("  nothing could be made again of what is in the bundle")
    if same < made and found.environment:
        lines.append("  this machine is not the one that the bundle was made on:")
        lines += [f"    {sentence}" for sentence in found.environment]
    if found.folder is not None:
        lines.append(f"  the workspace is {found.folder / 'workspace'}")
    return lines


def _values(found: Replay) -> dict[str, Any]:
    return {
        "study": found.study,
        "equal": found.all_equal,
        "steps": [vars(step) for step in found.steps],
        "environment": list(found.environment),
        "workspace": None if found.folder is None else str(found.folder / "workspace"),
    }
