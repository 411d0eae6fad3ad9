"""Tables as LaTeX: everything escaped, rules of booktabs, long ones over several pages."""

from __future__ import annotations

import re

from reports.data import one_line
from reports.tables import Cell, Column, Marked, Row, Table

LONG = 40
"""A table of more rows than this is a longtable, which breaks over pages."""
ROTATED_FROM = 7
"""With this many columns or more, the headings of numbers stand upright."""

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\symbol{34}",  # the only form that every font encoding takes
    # After the end of a row, these would be read as its arguments.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "/": r"/\allowbreak{}",  # or owner/name never breaks
    "→": r"$\rightarrow$",
}
# What LaTeX would join into another character: -- to a dash, '' to a quotation mark, and so on.
_LIGATURES = re.compile(r"([-',])(?=\1)")
# What pdfLaTeX knows without a further package.
_COMMON = re.compile("[\t\n -~\u00a0-\u017e–—‘’‚“”„†‡•…‰‹›€™]")
_MANY = 12
_STYLE = r"\small\setlength{\tabcolsep}{4pt}"


def escape(text: str) -> str:
    """Return a text so that LaTeX sets it as it is, on one line.

    Letters beyond ASCII stay as they are: LaTeX reads UTF-8. What there is no font for in pdfLaTeX
    is named at the head of the table.
    """
    escaped = "".join(_SPECIAL.get(character, character) for character in one_line(text))
    return _LIGATURES.sub(r"\1{}", escaped)


def as_latex(table: Table) -> str:
    """Return a table as LaTeX, with caption and label, for a document to input."""
    columns = [column for column in table.columns if column.in_print]
    form = _long if len(table.rows) > LONG else _short
    body = form(table, columns)
    return "\n".join([*_usage(table, columns, body), *body]) + "\n"


def _usage(table: Table, columns: list[Column], body: list[str]) -> list[str]:
    """Return comments that say what the table needs."""
    packages = ["array", "booktabs"]
    packages += ["graphicx"] if _upright(columns) else []
    packages += ["longtable"] if len(table.rows) > LONG else []
    lines = [rf"% \usepackage{{{','.join(packages)}}}"]
    if len(table.rows) > LONG:
        lines.append(r"% A longtable needs \onecolumn in a document of two columns.")
    rare = sorted({character for line in body for character in _COMMON.sub("", line)})
    if rare:
        names = ", ".join(f"U+{ord(character):04X}" for character in rare[:_MANY])
        more = f" and {len(rare) - _MANY} more" if len(rare) > _MANY else ""
        lines.append(f"% Use XeLaTeX or LuaLaTeX and a font that has {names}{more}.")
    return lines


def _short(table: Table, columns: list[Column]) -> list[str]:
    return [
        r"\begin{table}[tbp]",
        rf"\centering{_STYLE}",
        rf"\caption{{{escape(table.caption)}}}",
        rf"\label{{tab:{table.name}}}",
        rf"\begin{{tabular}}{{@{{}}{''.join(map(_alignment, columns))}@{{}}}}",
        r"\toprule",
        _heads(columns),
        r"\midrule",
        *_rows(table, columns),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def _long(table: Table, columns: list[Column]) -> list[str]:
    n_columns = len(columns)
    return [
        rf"\begingroup{_STYLE}",
        rf"\begin{{longtable}}{{@{{}}{''.join(map(_alignment, columns))}@{{}}}}",
        rf"\caption{{{escape(table.caption)}}}\label{{tab:{table.name}}}\\",
        r"\toprule",
        _heads(columns),
        r"\midrule",
        r"\endfirsthead",
        rf"\multicolumn{{{n_columns}}}{{@{{}}l}}{{\emph{{continued}}}}\\",
        r"\toprule",
        _heads(columns),
        r"\midrule",
        r"\endhead",
        r"\midrule",
        rf"\multicolumn{{{n_columns}}}{{r@{{}}}}{{\emph{{continued on the next page}}}}\\",
        r"\endfoot",
        r"\bottomrule",
        r"\endlastfoot",
        *_rows(table, columns),
        r"\end{longtable}",
        r"\endgroup",
    ]


def _alignment(column: Column) -> str:
    if column.width is not None:
        return rf">{{\raggedright\arraybackslash}}p{{{column.width:.2f}\linewidth}}"
    return "r" if column.is_number else "l"


def _upright(columns: list[Column]) -> bool:
    return sum(column.is_number for column in columns) >= ROTATED_FROM


def _heads(columns: list[Column]) -> str:
    upright = _upright(columns)
    heads = []
    for column in columns:
        words = escape(column.heading)
        rotated = upright and column.is_number
        heads.append(rf"\rotatebox{{90}}{{{words}}}" if rotated else words)
    return " & ".join(heads) + r" \\"


def _rows(table: Table, columns: list[Column]) -> list[str]:
    lines = []
    for number, row in enumerate(table.rows):
        if row.is_group and number:
            lines.append(r"\addlinespace")
        lines.append(" & ".join(_cells(row, columns)) + r" \\")
    return lines


def _cells(row: Row, columns: list[Column]) -> list[str]:
    cells = [_cell(row.cells[column.key], column) for column in columns]
    if row.is_group:
        cells[0] = rf"\textbf{{{cells[0]}}}"
    if row.is_member:
        cells[0] = r"\quad " + cells[0]
    return cells


def _cell(value: Cell, column: Column) -> str:
    if value is None:
        return "--" if column.is_number else ""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Marked):
        # The mark takes no room, so that the numbers stay aligned.
        return _number(value.value, column) + r"\rlap{\textsuperscript{\textdagger}}"
    return _number(value, column)


def _number(value: float, column: Column) -> str:
    return f"{value * column.scale:.{column.decimals}f}"
