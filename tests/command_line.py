"""The command line, run in this process: for commands that neither are killed nor load much."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import chdir, nullcontext, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from unittest.mock import patch

from typer.main import get_command
from warm import Done

from opsatlas.cli import main as command_line


def opsatlas(*arguments: object, stdin: str = "", cwd: Path | None = None) -> Done:
    """Run the command line in this process; an error that it does not know is raised."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = ["opsatlas", *map(str, arguments)]
    with (
        nullcontext() if cwd is None else chdir(cwd),
        patch.object(sys, "argv", argv),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")),
        patch.object(command_line, "app", command()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            command_line.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Done(code, out.getvalue(), err.getvalue())


@cache
def command() -> Callable[[], object]:
    """Return the command line, its options gathered once: that takes longer than a command."""
    return get_command(command_line.app)
