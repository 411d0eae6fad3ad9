"""Where a library call shows its progress: in a terminal, in a notebook, or nowhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from artifacts.notebook import no_advice_on_widgets
from artifacts.progress import Progress, SilentProgress

EVERY_S = 0.2
"""Seconds between two updates of a bar in a notebook: each is a message to the browser."""


@contextmanager
def shown(progress: bool | Progress | None) -> Iterator[Progress]:
    """Yield where progress is shown until the block ends.

    Parameters
    ----------
    progress
        None: bars if a person is there to see them, in a terminal or a notebook; True: bars, or
        lines, in any case; False: nothing; or where to report to.
    """
    from opsatlas.cli.console import TerminalProgress

    if not isinstance(progress, bool | None):
        yield progress
    elif progress is False:
        yield SilentProgress()
    elif _in_notebook():
        bar = NotebookProgress()
        try:
            with no_advice_on_widgets():
                yield bar
        finally:
            bar.clear()
    else:
        yield TerminalProgress() if progress or sys.stderr.isatty() else SilentProgress()


def _in_notebook() -> bool:
    """Tell whether a Jupyter kernel runs this; IPython in a terminal is none."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


class NotebookProgress:
    """One line below the cell, which is gone when the work is done.

    Plain HTML: rich's bars need ipywidgets in a notebook.
    """

    def __init__(self) -> None:
        self._handle: Any = None
        self._task: tuple[str, int, int | None, str] = ("", 0, None, "")
        self._updated = 0.0

    @contextmanager
    def task(
        self, name: str, total: int | None, *, unit: str = "steps"
    ) -> Iterator[NotebookProgress]:
        """Show a bar for ``total`` steps until the block ends."""
        self._task = (name, 0, total, unit)
        self._show(self._bar())
        yield self

    def advance(self, steps: int = 1) -> None:
        """Say that ``steps`` more steps are done."""
        name, done, total, unit = self._task
        self._task = (name, done + steps, total, unit)
        if done + steps == total or time.monotonic() - self._updated > EVERY_S:
            self._show(self._bar())

    def say(self, message: str) -> None:
        """Show one line."""
        self._show(escape(message))

    def clear(self) -> None:
        """Take the line away."""
        if self._handle is not None:
            self._show("")

    def _bar(self) -> str:
        name, done, total, unit = self._task
        if total is None:
            return f"{escape(name)}: {done:,} {escape(unit)}"
        return (
            f'<progress value="{done}" max="{total}"></progress> '
            f"{escape(name)}: {done:,} of {total:,}"
        )

    def _show(self, html: str) -> None:
        from IPython import display

        data = {"text/html": html, "text/plain": ""}
        if self._handle is None:
            self._handle = display.display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)
        self._updated = time.monotonic()
