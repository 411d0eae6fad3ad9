"""Delimited text and encodings, as programs and countries write them."""

from __future__ import annotations

import csv
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.delimited import DELIMITERS, UnclosedError, delimited, text_lines
from artifacts.encodings import encoding_of
from artifacts.errors import InputError
from artifacts.files import decoded

HEAD = ["repository", "number", "body"]
ROWS = [["o/a", "1", "Lots, of, commas; and | more\t."], ["o/b", "2,5", 'two\nlines, "quoted"']]
TEXTS = {
    "English": "# Pipewright\n\nRuns pipelines.\n",
    "French": "été à la plage, déjà vu\n",
    "Russian": "# Привет\n\nЭто инструмент, для моделей.\n",
    "Chinese": "模型部署推理服务接口,参数指标。\n版本 2\n",
    "Hindi": "नमस्ते दुनिया\n",
    "Arabic": "مرحبا بالعالم\n",
    "symbols": "\ue0a0 branch \U0001f600 emoji\n",
    "two letters": "ok",
}
ENCODINGS = [
    f"utf-{kind}" for kind in ("8", "8-sig", "16", "16-le", "16-be", "32", "32-le", "32-be")
]


def written(delimiter: str, end: str) -> str:
    """Return the table with that delimiter and end of line, as spreadsheets write it."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([HEAD, *ROWS])
    return text.getvalue()


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_separates_cells_and_lines_is_found(delimiter: str, end: str) -> None:
    """Every delimiter, with every end of line, gives the same rows; what is quoted is whole."""
    table = delimited(text_lines(written(delimiter, end)), where="x.csv")
    assert (table.delimiter, table.head) == (delimiter, HEAD)
    assert [cells for _, cells in table.rows] == ROWS


@pytest.mark.parametrize(
    ("text", "head", "rows"),
    [
        ("sep=;\r\na;b,c\r\n1,5;2,5\r\n", ["a", "b,c"], [(3, ["1,5", "2,5"])]),
        ("a;about\nx;1, 2, 3\ny;4\n", ["a", "about"], [(2, ["x", "1, 2, 3"]), (3, ["y", "4"])]),
        ("Price, EUR;Price, USD\n15;2,5\n", ["Price, EUR", "Price, USD"], [(2, ["15", "2,5"])]),
        ("name\na/b\nc/d", ["name"], [(2, ["a/b"]), (3, ["c/d"])]),
        ('"a;b";c\n1;2\n', ["a;b", "c"], [(2, ["1", "2"])]),
        ("a;b;;\n1;2;;\n\n3;4;;\n", ["a", "b"], [(2, ["1", "2"]), (4, ["3", "4"])]),
        ('a, b\n1, "x, y"\n', ["a", "b"], [(2, ["1", "x, y"])]),
        ("a|b\r1|2\n3|4\r\n", ["a", "b"], [(2, ["1", "2"]), (3, ["3", "4"])]),
        ("a,b\n1\n1,2,3\n", ["a", "b"], [(2, ["1"]), (3, ["1", "2", "3"])]),
        ("", [], []),
    ],
    ids=[
        "sep",
        "commas",
        "a fit",
        "one",
        "quoted",
        "empty",
        "spaces",
        "mixed",
        "ragged",
        "nothing",
    ],
)
def test_dialects(text: str, head: list[str], rows: list[tuple[int, list[str]]]) -> None:
    """What people's programs write is read as they mean it, rows with the line they begin on."""
    table = delimited(text_lines(text), where="x.csv")
    assert (table.head, list(table.rows)) == (head, rows)


def test_a_tie_is_refused_and_the_advice_ends_it() -> None:
    """Where two delimiters fit, neither is taken; the line that the error proposes settles it."""
    text = "Price, EUR;Price, USD\n1,5;2,5\n"
    with pytest.raises(InputError, match="commas or semicolons") as refused:
        delimited(text_lines(text), where="x.csv")
    assert "sep=;" in (refused.value.fix or "")
    assert delimited(text_lines(f"sep=;\n{text}"), where="x.csv").head[0] == "Price, EUR"
    assert len(delimited(text_lines(text), where="x.csv", delimiter=",").head) == 3


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line() -> None:
    """The rows before it are read; the one that takes up the rest is not passed off as one."""
    rows = delimited(text_lines('a,b\n1,2\n3,"4\n5,6\n'), where="x.csv").rows
    assert next(rows) == (2, ["1", "2"])
    with pytest.raises(UnclosedError) as refused:
        next(rows)
    assert "line 3" in (refused.value.where or "")


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(list(DELIMITERS)))
def test_whatever_is_written_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Any cells come back as they were, where they are quoted and the head has plain names."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    table = delimited(text_lines(text.getvalue()), where="x.csv")
    assert table.head == ["a", "b"]
    assert [tuple(cells) for _, cells in table.rows] == rows


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_is_told_by_its_mark_or_its_bytes(name: str, encoding: str) -> None:
    """UTF-8, -16 and -32 of either order, with a mark or without, short or long, are told."""
    for text in (TEXTS[name], TEXTS[name] * 400):
        assert decoded(text.encode(encoding), what="file", where="x") == text


def test_bytes_that_are_no_wide_text_are_taken_for_utf_8() -> None:
    """Noise, a picture and a stray zero byte are not made into other letters."""
    rows = b'{"full_name": "o/a", "description": "raw\0nul"}\n'
    for data in (os.urandom(9_000), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", rows, rows * 30, b"caf\xe9"):
        assert encoding_of(data) == "utf-8"
