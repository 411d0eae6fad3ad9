"""Notebooks: missing values in data frames, objects as HTML, and progress below a cell."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

MOST_ROWS = 100
"""Rows that are shown of a table; the rest is counted."""
NO_MATHS = "tex2jax_ignore mathjax_ignore"
"""Classes that keep a notebook from setting ``$…$`` in texts as formulas."""

EVERY_S = 0.2
"""Seconds between two updates of a bar: each is a message to the browser."""
CELL = "padding: 0.1em 0.6em; white-space: pre-wrap"


def as_html(
    line: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | int]],
    *,
    notes: Sequence[str] = (),
    heads: Collection[int] = (),
) -> str:
    """Return an object as HTML for a notebook; every text is escaped.

    Parameters
    ----------
    line
        What it is, in a sentence.
    columns, rows
        Of its table; numbers are aligned to the right.
    heads
        Numbers of the rows, from 0, that are headings of the rows below them.
    """
    parts = [f'<div class="{NO_MATHS}">', f"<p>{escape(line)}</p>"]
    if rows:
        parts += ['<table class="dataframe">', f"<thead><tr>{_cells(columns, 'th')}</tr></thead>"]
        shown = enumerate(rows[:MOST_ROWS])
        body = (f"<tr>{_cells(row, 'th' if place in heads else 'td')}</tr>" for place, row in shown)
        parts += ["<tbody>", *body, "</tbody>", "</table>"]
    if (more := len(rows) - MOST_ROWS) > 0:
        notes = (f"and {more:,} more rows", *notes)
    return "\n".join([*parts, *(f"<p>{escape(note)}</p>" for note in notes), "</div>"])


@contextmanager
def no_advice_on_widgets() -> Iterator[None]:
    """Silence the advice of tqdm, which libraries import, to install ipywidgets: none are shown."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        yield


def in_notebook() -> bool:
    """Tell whether this runs in a Jupyter kernel; IPython in a terminal is not one."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


def is_missing(value: Any) -> bool:
    """Tell whether a value of a data frame is missing: None, NaN, NaT or NA."""
    from pandas import api, isna

    return value is None or bool(api.types.is_scalar(value) and isna(value))


def _cells(cells: Sequence[str | int], tag: str) -> str:
    return "".join(
        f'<{tag} style="{CELL}; text-align: right">{cell:,}</{tag}>'
        if isinstance(cell, int)
        else f'<{tag} style="{CELL}; text-align: left">{escape(cell)}</{tag}>'
        for cell in cells
    )


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
