"""The sub-commands, one module a command or group; `start` is the program."""

from __future__ import annotations

import sys


def start() -> None:
    """Load the command line and run it; Control-C before a command begins leaves no traceback."""
    try:
        from opsatlas.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
