"""CSV for spreadsheets: nothing that a stranger wrote is run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.delimited import csv_text
from artifacts.visible import visible


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1"]
)
def test_formulas_become_text(text: str) -> None:
    """What begins like a formula gets an apostrophe before it."""
    assert list(csv.reader(io.StringIO(csv_text(["a"], [[text]]), newline="")))[1] == [f"'{text}"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_other_texts_are_read_back(texts: list[str]) -> None:
    """Commas, quotes and line ends survive; numbers stay numbers, also negative ones."""
    texts = [visible(text) for text in texts]
    texts = [text for text in texts if not text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    found = csv_text(["text", "n", "none"], ([text, -1.5, None] for text in texts))
    rows = list(csv.reader(io.StringIO(found, newline="")))
    assert rows == [["text", "n", "none"], *([text, "-1.5", ""] for text in texts)]
