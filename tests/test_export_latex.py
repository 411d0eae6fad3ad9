"""Tables as LaTeX and CSV: whatever the words, the same words are read back."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from artifacts.delimited import inert
from artifacts.visible import visible
from reports.latex import LONG, as_latex, escape
from reports.tables import Column, Marked, Row, Table, as_csv

# What a reader of LaTeX sees for each command that the tables use in cells.
COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textasciigrave{}": "`",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\symbol{34}": '"',
    r"\allowbreak{}": "",
    r"$\rightarrow$": "→",
    r"\{": "{",
    r"\}": "}",
    **{rf"\{character}": character for character in "&%$#_"},
}
TOKEN = re.compile("|".join(map(re.escape, sorted(COMMANDS, key=len, reverse=True))) + "|.", re.S)
NASTY = st.text(st.sampled_from("\\{}&%$#_~^<>|`'\"[]*/-,?! \t\nab\u2028é机→🙂\u0301"), max_size=30)
ANY = st.text(max_size=30)


def typeset(source: str) -> str:
    """Return what LaTeX would print of a cell; fail on what it would take for markup."""
    printed = []
    for token in TOKEN.findall(source):
        if token in COMMANDS:
            printed.append(COMMANDS[token])
        elif token in "{}":
            printed.append("")  # a group, which only holds apart
        else:
            assert token not in '\\&%$#_~^<>|`"', f"{token} in {source}"
            printed.append(token)
    return "".join(printed)


def one_line(text: str) -> str:
    """Return what is expected of a text: one line in which nothing acts unseen."""
    kept = "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\n\t")
    return " ".join(visible(kept.encode("utf-8", "replace").decode("utf-8")).split())


@given(NASTY | ANY)
def test_escaped_text_prints_as_it_was(text: str) -> None:
    """No character is markup, lost or another: also not as a ligature or a row's argument."""
    source = escape(text)
    assert typeset(source) == one_line(text)
    assert not re.search(r"--|''|,,|``|<<|>>", source)
    assert not re.search(r"(?<!\{)[\[*]", source)
    assert source.count("{") - source.count(r"\{") == source.count("}") - source.count(r"\}")


COLUMNS = (
    Column(key="name", heading="Name & more", width=0.4),
    Column(key="n", heading="N", is_number=True, decimals=2, scale=10),
    Column(key="only", in_print=False),
)
ROWS = st.lists(
    st.tuples(NASTY | ANY, st.one_of(st.none(), st.integers(0, 99)), st.booleans()), max_size=60
)


def table_of(rows: list[tuple[str, int | None, bool]]) -> Table:
    """Return a table of a text and a number, some of the numbers marked."""
    return Table(
        name="planted",
        caption="50 % of [it]",
        columns=COLUMNS,
        rows=tuple(
            Row({"name": text, "n": Marked(n) if marked and n is not None else n, "only": text})
            for text, n, marked in rows
        ),
    )


@given(ROWS)
def test_a_table_is_read_back_cell_by_cell(rows: list[tuple[str, int | None, bool]]) -> None:
    """Every row has its cells, in both formats; long tables break over pages."""
    table = table_of(rows)
    source = as_latex(table)
    assert (r"\begin{longtable}" in source) == (len(rows) > LONG)
    last = r"\endlastfoot" if len(rows) > LONG else r"\midrule"
    body = source.split(f"{last}\n", 1)[1].split("\n")[: len(rows)]
    for line, (text, n, marked) in zip(body, rows, strict=True):
        cells = re.split(r"(?<!\\) & ", line.removesuffix(r" \\"))
        assert typeset(cells[0]) == one_line(text)
        mark = r"\rlap{\textsuperscript{\textdagger}}" if marked else ""
        assert cells[1:] == ["--" if n is None else f"{n * 10:.2f}{mark}"]
    found = list(csv.reader(io.StringIO(as_csv(table_of(clean(rows))), newline="")))
    assert found[0] == ["name", "n", "only"]
    expected = [
        [inert(text), "" if n is None else str(n), inert(text)] for text, n, _ in clean(rows)
    ]
    assert found[1:] == expected


def clean(rows: list[tuple[str, int | None, bool]]) -> list[tuple[str, int | None, bool]]:
    """Return the rows with texts as layers are read: on one line."""
    return [(one_line(text), n, marked) for text, n, marked in rows]


def test_a_table_says_what_it_needs() -> None:
    """The packages, and the characters that pdfLaTeX has no font for; numbers are aligned."""
    source = as_latex(table_of([("机 → é", 1, False)]))
    assert source.startswith("% \\usepackage{array,booktabs}\n% Use XeLaTeX or LuaLaTeX")
    assert "a font that has U+673A." in source
    assert r"机 $\rightarrow$ é" in source
    assert r"p{0.40\linewidth}r@{}" in source
    assert r"\caption{50 \% of {[}it{]}}" in source
    assert r"\label{tab:planted}" in source
    assert "longtable" in as_latex(table_of([("a", 1, False)] * (LONG + 1))).splitlines()[0]
