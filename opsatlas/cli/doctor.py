"""`opsatlas doctor`: what works on this machine, and what would fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import InputError, OpsatlasError
from opsatlas.cli.console import TerminalProgress, out, show
from opsatlas.cli.options import JsonOption, WorkspaceOption
from opsatlas.cli.session import open_study
from opsatlas.workspace import open_workspace
from reports.tables import Column, Table

if TYPE_CHECKING:
    from artifacts.checks import CheckResult
    from embeddings.settings import VectorSettings

USUAL_WIDTH = 80
NetworkOption = Annotated[
    bool, typer.Option("--network", help="Also ask GitHub whether it answers, and takes the token.")
]


def doctor(
    network: NetworkOption = False, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Check what works on this machine, and what would fail.

    Python and packages, encoder and its speed, disk, locks, token, git, terminal. The exit code is
    2 if something that is needed does not work. No token is ever printed.
    """
    from opsatlas.doctor import check_machine, package_versions

    progress = TerminalProgress()
    found, folder, settings = _work_place(workspace)
    found += check_machine(folder, settings, progress=progress, network=network)
    found += _terminal()
    show_checks(
        found,
        bad="something that is needed does not work",
        good="everything that is needed works here",
        data={"checks": found, "packages": package_versions()},
        as_json=as_json,
    )


def show_checks(
    checks: Sequence[CheckResult], *, bad: str, good: str, data: Any = None, as_json: bool
) -> None:
    """Show what works and what does not; exit with 2 unless all that is needed does."""
    from artifacts.checks import CheckState

    marks = {CheckState.WORKS: "✓", CheckState.LOOK: "!", CheckState.FAILS: "✗"}
    columns = (
        Column("state", form=lambda state: marks[state]),
        Column("what", "what"),
        Column("said", "what came of it"),
        Column("fix", "to do"),
    )
    failed = [check.what for check in checks if check.state is CheckState.FAILS]
    whole = f"✗ {bad}: {', '.join(failed)}" if failed else f"✓ {good}"
    show(Table.of(columns, map(vars, checks), notes=[whole]), data=data, json=as_json)
    if failed:
        raise typer.Exit(2)


def _work_place(workspace: Path | None) -> tuple[list[CheckResult], Path, VectorSettings]:
    """Return the check of the workspace, its folder, and the encoder of its study.

    Without a workspace, these are the current folder and the default encoder.
    """
    from artifacts.checks import failed, works
    from embeddings.settings import VectorSettings

    try:
        folder = open_workspace(workspace)
    except InputError:
        if workspace is not None:
            raise
        said = "none here; the current folder is checked"
        return [works("workspace", said)], Path.cwd(), VectorSettings()
    try:
        pipeline = open_study(None, folder)
        vectors = pipeline.vectors(fetch=False)
    except OpsatlasError as error:
        return [failed("study", error)], folder, VectorSettings()
    said = f"{folder}, study '{pipeline.study.study.name}'"
    return [works("workspace", said)], folder, vectors


def _terminal() -> Iterator[CheckResult]:
    """Yield what the terminal can show, or that output is piped."""
    from artifacts.checks import CheckResult, CheckState

    console = out()
    encoding = console.encoding
    has_colours = console.color_system is not None and not console.no_color
    why = next((f" ({name})" for name in ("NO_COLOR", "FORCE_COLOR") if os.environ.get(name)), "")
    is_terminal = sys.stdout.isatty()
    kind = f"{console.width} columns" if is_terminal else "none: output is piped"
    said, fix = f"{kind}, {encoding}, {'' if has_colours else 'no '}colours{why}", None
    if not encoding.startswith("utf"):
        fix = "set PYTHONUTF8=1, or a locale with UTF-8: letters that are lacking are written out"
    elif is_terminal and console.width < USUAL_WIDTH:
        fix = f"make it {USUAL_WIDTH} columns wide: tables are folded"
    yield CheckResult("terminal", CheckState.LOOK if fix else CheckState.WORKS, said, fix)
