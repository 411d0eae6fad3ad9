"""The terminal: results on stdout, progress and errors on stderr; every text as it is."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import InputError
from artifacts.notebook import NotebookProgress, in_notebook, no_advice_on_widgets
from artifacts.progress import Progress as Reporter
from artifacts.progress import SilentProgress
from artifacts.visible import ESCAPED, visible
from opsatlas.cli.advice import located
from reports.tables import Column, Table, as_json, plain, terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

_log = logging.getLogger(__name__)

PIPE_WIDTH = 120
WORTH_SAYING_S = 5.0
"""A task of this length says how long it took, where no bar does."""


def show(
    *parts: Table | str, data: Any = None, json: bool = False, width: int | None = None
) -> None:
    """Print what a command shows: tables and lines, or all that is known as JSON.

    Parameters
    ----------
    data
        The JSON; None: the records of the table, of several by name.
    json
        Whether JSON was asked for.
    width
        Most columns of the terminal that are used; None: all.
    """
    if not json:
        most = out().width if width is None else min(width, out().width)
        for part in map(_located, parts):
            out().print(terminal(part) if isinstance(part, Table) else part, width=most)
        return
    tables = [part for part in parts if isinstance(part, Table)]
    if data is None:
        data = as_json(tables[0]) if len(tables) == 1 else {t.name: as_json(t) for t in tables}
    out().print_json(data=plain(data))


def _located(part: Table | str) -> Table | str:
    if isinstance(part, Table):
        return replace(part, notes=tuple(map(located, part.notes)))
    return located(part)


def say(line: str) -> None:
    """Print one line as it is, however long: of paths, and of commands to be copied."""
    out().print(located(line), soft_wrap=True)


def tell(sentences: Iterable[str]) -> None:
    """Print sentences: as a list that is broken between words in a terminal, else a line each."""
    if not out().is_terminal:
        for sentence in sentences:
            say(sentence)
        return
    rows = [{"mark": "•", "said": sentence} for sentence in sentences]
    show(Table.of([Column("mark"), Column("said")], rows))


def first_words(text: str, *, most: int = 160) -> str:
    """Return a text on one line, cut after so many characters, between two words if it can be."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    end = flat.rfind(" ", most // 2, most)
    return f"{flat[: end if end > 0 else most - 1].rstrip()}…"


def styled(*parts: str | tuple[str, str]) -> Text:
    """Return a line of texts, each as it is, or as a pair with its style."""
    from rich.text import Text

    return Text.assemble(*parts)


@cache
def out() -> Console:
    """Return the console for results (stdout); piped output keeps a steady width."""
    return _console(stderr=False)


@cache
def err() -> Console:
    """Return the console for progress and errors (stderr)."""
    return _console(stderr=True)


def open_closed_streams() -> None:
    """Let what is not there (``<&-``, ``>&-``, a service) be empty, and take what is printed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def write_out_what_cannot_be_printed() -> None:
    """Let stdout and stderr write characters that their encoding lacks as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class VisibleConsole(Console):
        """Prints what strangers wrote without letting it control the terminal."""

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterator[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else visible(text), style, control)

    # NO_COLOR, FORCE_COLOR and TERM=dumb are rich's to obey; but colours that are forced make no
    # terminal of a pipe: no bars, and a steady width.
    is_pipe = not (sys.stderr if stderr else sys.stdout).isatty()
    # What is printed came from elsewhere for the most part: no `[markup]`, no `:emoji:` in it.
    console = VisibleConsole(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        force_interactive=False if is_pipe else None,
    )
    if is_pipe:
        console.width = PIPE_WIDTH
    return console


class _RichTask:
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def advance(self, steps: int = 1) -> None:
        self._bar.advance(self._task, steps)


class TerminalProgress:
    """Progress bars with rate and time left, on stderr; plain lines where there is no terminal."""

    @contextmanager
    def task(self, name: str, total: int | None, *, unit: str = "steps") -> Iterator[_RichTask]:
        """Show a bar for ``total`` steps until the block ends."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            SpinnerColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                speed = task.finished_speed or task.speed
                return Text(f"{speed:,.0f} {unit}/s" if speed and speed >= 1 else "")

        columns = (
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        )
        has_bar = err().is_interactive and not err().quiet
        self._tell(name + (f" ({total:,} {unit})" if total is not None else ""), show=not has_bar)
        started = time.perf_counter()
        with Progress(*columns, console=err(), disable=not has_bar) as bar:
            yield _RichTask(bar, bar.add_task(name, total=total))
        took_s = time.perf_counter() - started
        if took_s >= WORTH_SAYING_S:
            self._tell(f"{name}: done in {took_s:,.0f} s", show=not has_bar)

    def say(self, message: str) -> None:
        """Print one line."""
        self._tell(located(message))

    def _tell(self, line: str, *, show: bool = True) -> None:
        """Print a line, unless a bar says it; a log file holds it in any case."""
        if show:
            err().print(line)
        _log.info("%s", line)


@contextmanager
def shown(progress: bool | Reporter | None) -> Iterator[Reporter]:
    """Yield where a library call reports its progress to until the block ends.

    Parameters
    ----------
    progress
        None: bars if a person is there to see them, in a terminal or a notebook; True: bars, or
        lines, in any case; False: nothing; or where to report to.
    """
    if not isinstance(progress, bool | None):
        yield progress
    elif progress is False:
        yield SilentProgress()
    elif in_notebook():
        bar = NotebookProgress()
        try:
            with no_advice_on_widgets():
                yield bar
        finally:
            bar.clear()
    else:
        yield TerminalProgress() if progress or sys.stderr.isatty() else SilentProgress()


def require_terminal(otherwise: str) -> None:
    """Raise `InputError` if a stream is no terminal; ``otherwise`` says what to do.

    What is on the screen is written to stderr: with that in a file, nothing would be seen.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream.isatty() for stream in streams) or out().is_dumb_terminal:
        raise InputError("This needs a terminal, and there is none.", fix=otherwise)
