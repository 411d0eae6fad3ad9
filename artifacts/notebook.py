"""Notebooks: what is missing in what they hand over, and how objects are shown in them."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

MOST_ROWS = 100
"""Rows that are shown of a table; the rest is counted."""
NO_MATHS = "tex2jax_ignore mathjax_ignore"
"""Classes that keep a notebook from setting ``$…$`` in texts as formulas."""

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
        Places of the rows, from 0, that head those below them.
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
    """Keep tqdm, which libraries load in the block, from asking for ipywidgets: we show no bars."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        yield


def is_missing(value: Any) -> bool:
    """Tell whether a value of a data frame is none: None, NaN, NaT or NA."""
    from pandas import api, isna

    return value is None or bool(api.types.is_scalar(value) and isna(value))


def _cells(cells: Sequence[str | int], tag: str) -> str:
    return "".join(
        f'<{tag} style="{CELL}; text-align: right">{cell:,}</{tag}>'
        if isinstance(cell, int)
        else f'<{tag} style="{CELL}; text-align: left">{escape(cell)}</{tag}>'
        for cell in cells
    )
