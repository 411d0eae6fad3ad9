"""How much is printed besides results: less (-q), more (-v, -vv); and the log in a file."""

from __future__ import annotations

import logging
import os
import re
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from artifacts.visible import visible
from opsatlas.cli.console import err

PACKAGES = (
    *("artifacts", "configs", "embeddings", "insights", "labels", "mining"),
    *("opsatlas", "reports", "taxonomy", "usage"),
)
"""Packages with modules that log, each by a logger of its own name."""
SAID_ANYWAY = ("opsatlas.cli.console", "opsatlas.cli.root")
"""The loggers of messages that are printed on the terminal in any case: progress, and errors."""
SECRETS = ("GITHUB_TOKEN", "GH_TOKEN")
"""No message holds them; if one ever does, they are replaced."""
HIDDEN = "(token)"
USER_IN_ADDRESS = re.compile(r"//[^/\s@]+@")
ON_TERMINAL = ("%(asctime)s.%(msecs)03d %(name)s: %(message)s", "%H:%M:%S")
IN_FILE = ("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")

Undo = Callable[[], None]
_log = logging.getLogger(__name__)


class VisibleFormatter(logging.Formatter):
    """Times in UTC; nothing of what strangers wrote acts on a terminal, and no token is shown."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = super().format(record)
        for name in SECRETS:
            if secret := os.environ.get(name, "").strip():
                line = line.replace(secret, HIDDEN)
        return visible(USER_IN_ADDRESS.sub("//(user)@", line))


class TerminalHandler(logging.Handler):
    """Prints on stderr, above progress bars; messages of those are on the terminal already."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be printed."""
        return record.name not in SAID_ANYWAY and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        try:
            err().print(self.format(record), soft_wrap=True, style="dim")
        except Exception:
            self.handleError(record)


class LogFileHandler(logging.FileHandler):
    """Writes a log as long as it can be written; the work goes on without it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say once that no more can be written, and write no more."""
        if self.level <= logging.CRITICAL:
            self.setLevel(logging.CRITICAL + 1)
            why = getattr(sys.exception(), "strerror", None) or "unknown"
            err().print(f"The log is not written any more: {why} ({self.baseFilename}).")

    def close(self) -> None:
        """Close the file; what did not fit into it was told."""
        with suppress(OSError):
            super().close()


def be_quiet() -> Undo:
    """Print neither progress nor notes until this is undone; errors come after that."""
    console = err()
    console.quiet = True

    def undo() -> None:
        console.quiet = False

    return undo


def show_log(times: int) -> Undo:
    """Show on stderr what is done and why (asked for once), and each request (twice)."""
    return _attach(TerminalHandler(), logging.INFO if times == 1 else logging.DEBUG, ON_TERMINAL)


def write_log(path: Path) -> Undo:
    """Append every message to a file.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    from artifacts.files import storage_errors

    with storage_errors(path):
        handler = LogFileHandler(path, encoding="utf-8", errors="backslashreplace")
    undo = _attach(handler, logging.DEBUG, IN_FILE)
    _log.debug("begins: %s", shlex.join(["opsatlas", *sys.argv[1:]]))
    return undo


def _attach(handler: logging.Handler, level: int, form: tuple[str, str]) -> Undo:
    handler.setLevel(level)
    handler.setFormatter(VisibleFormatter(*form))
    loggers = [logging.getLogger(name) for name in PACKAGES]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(min(level, logger.level or level))

    def undo() -> None:
        for logger, before in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(before)
        handler.close()

    return undo
