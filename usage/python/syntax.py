"""Text to syntax trees, as much of it as can be read."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from usage.python.commands import Command
from usage.python.magics import Cell, RunFile, databricks_cells, has_magics, without_magics
from usage.templates import has_marks, without_marks
from usage.uses import LineLabel

MAX_REPAIRS: Final = 60
_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_MERGE: Final = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_PRINT: Final = re.compile(
    r"^(\s*(?:[^#'\"\n]*:\s*)?)print\s+(?!\()(?:>>\s*([\w.]+)\s*,?)?(.*?);?\s*$"
)
_TYPE: Final = re.compile(r"^(\s*)type\s+(\w+)\s*(?:\[[^\]=]*\])?\s*=(?!=)\s*")
_GENERIC: Final = re.compile(
    r"^(\s*(?:async\s+def|def|class)\s+\w+)\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"
)
_EXEC: Final = re.compile(r"^(\s*)exec\s+(.+?)\s+in\s+(.+)$")
_EXCEPT: Final = re.compile(r"^(\s*except\s+(?:\([^()]*\)|[\w.]+))\s*,\s*(\w+)\s*:")
_RAISE: Final = re.compile(r"^(\s*raise\s+[\w.]+)\s*,\s*(.+)$")
_OCTAL: Final = re.compile(r"(?<![\w.])0([0-7]+)(?![\w.])")


@dataclass(frozen=True, slots=True)
class Problem:
    """What of a text could not be read: the first line, why, and how many statements."""

    line: int
    reason: str
    n: int

    def at(self, label: LineLabel) -> str:
        """Return it as a reason."""
        more = f"; {self.n} statements left out" if self.n > 1 else ""
        return f"line {label(self.line)}: {self.reason}{more}"


@dataclass(frozen=True, slots=True)
class Code:
    """Statements of a text, what of it could not be read, and what of it is no Python.

    Attributes
    ----------
    commands
        Texts of shell.
    loads
        Extensions of notebooks that are loaded, with their lines.
    files
        Files that the text writes, and the lines on which their texts begin.
    """

    body: list[ast.stmt] = field(default_factory=list)
    problem: Problem | None = None
    commands: list[Command] = field(default_factory=list)
    loads: list[tuple[int, str]] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)


def decoded(content: bytes) -> str:
    """Return the text of a Python file by its byte-order mark or declared encoding."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _COOKIE.search(b"\n".join(content.split(b"\n", 2)[:2]))
    try:
        return content.decode(declared[1].decode() if declared else "latin-1")
    except (UnicodeDecodeError, LookupError):
        return content.decode("latin-1")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, as the compiler counts them."""
    return re.split(r"\r\n|\r|\n", text)


def parsed(text: str) -> Code:
    """Return the statements of a text; what cannot be read is left out and said."""
    text = text.replace("\0", " ")
    code = _parsed(text)
    if "# MAGIC" in text:
        for first, lines in databricks_cells(lines_of(text)):
            cell = without_magics(lines, first)
            code.commands.extend(cell.commands)
            code.loads.extend(cell.loads)
            _insert(cell.runs, code.body)
    return code


def _insert(runs: list[RunFile], body: list[ast.stmt]) -> None:
    """Put files that are run among the statements, by their lines."""
    body.extend(runs)
    body.sort(key=lambda statement: statement.lineno)


def _parsed(text: str) -> Code:
    body, error = tried(text)
    if body is not None:
        return Code(body)
    if has_marks(text):
        text = without_marks(text)
    cell = Cell(lines_of(text))
    if has_magics(text):
        cell = without_magics(cell.lines)
        body, error = tried("\n".join(cell.lines))
        if body is not None:
            _insert(cell.runs, body)
            return Code(body, None, cell.commands, cell.loads, cell.files)
    lines = [_plain(line) for line in lines_of(_MERGE.sub("", "\n".join(cell.lines)))]
    body, error = tried("\n".join(lines))
    if body is None and "{" in text:
        lines = lines_of(_without_nested_quotes("\n".join(lines)))
        body, error = tried("\n".join(lines))
    if body is not None:
        _insert(cell.runs, body)
        return Code(body, None, cell.commands, cell.loads, cell.files)
    body, problem = _repaired(lines, error)
    _insert(cell.runs, body)
    return Code(body, problem, cell.commands, cell.loads, cell.files)


def tried(text: str) -> tuple[list[ast.stmt] | None, tuple[int, str]]:
    """Return the statements of a text, or None with the line and what is wrong there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text).body, (0, "")
        except SyntaxError as error:
            return None, (error.lineno or 1, error.msg or "invalid syntax")
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            return None, (0, str(error) or "nested too deeply")


def _plain(line: str) -> str:
    """Return a line of another Python as every Python 3 has it, where that is plain."""
    if match := _TYPE.match(line):
        return f"{match[1]}{match[2]} = {line[match.end() :]}"
    line = _GENERIC.sub(r"\1", line)
    if match := _PRINT.match(line):
        arguments = match[3].rstrip().rstrip(",")
        open_ = arguments.count("(") - arguments.count(")")
        if open_ == 0 and not arguments.endswith("\\"):
            return f"{match[1]}print({arguments})"
    if match := _EXCEPT.match(line):
        return f"{match[1]} as {match[2]}:{line[match.end() :]}"
    if match := _EXEC.match(line):
        return f"{match[1]}exec({match[2]})"
    if match := _RAISE.match(line):
        return f"{match[1]}({match[2]})"
    return _OCTAL.sub(r"0o\1", line) if "0" in line and _OCTAL.search(line) else line


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_python.language()))


def _without_nested_quotes(text: str) -> str:
    """Return code with a tuple of what is put into it for each text that holds its own quotes.

    Python has them since 3.12 (PEP 701); older ones cannot read them.
    """
    source = text.encode("utf-8", "surrogatepass")
    pending, found = [_parser().parse(source).root_node], []
    while pending:
        node = pending.pop()
        parts = [each for each in node.children if each.type == "interpolation"]
        if node.type == "string" and parts:
            quote = (node.children[0].text or b"")[-1:]
            if any(quote in (part.text or b"") or b"\\" in (part.text or b"") for part in parts):
                found.append((node, parts))
                continue
        pending.extend(node.children)
    for node, parts in sorted(found, key=lambda each: each[0].start_byte, reverse=True):
        inner, row = b"", node.start_point.row
        for part in parts:
            value = part.child_by_field_name("expression")
            if value is not None:
                inner += b"\n" * (value.start_point.row - row) + (value.text or b"0") + b","
                row = value.end_point.row
        inner += b"\n" * (node.end_point.row - row)
        source = source[: node.start_byte] + b"(" + inner + b")" + source[node.end_byte :]
    return source.decode("utf-8", "surrogatepass")


def _repaired(lines: list[str], error: tuple[int, str]) -> tuple[list[ast.stmt], Problem]:
    """Leave out the statements that cannot be read, one after the other."""
    first, n = error, 0
    root = _parser().parse("\n".join(lines).encode("utf-8", "surrogatepass")).root_node
    left_out: set[int] = set()
    while n < MAX_REPAIRS:
        at = min(max(error[0], 1), len(lines)) - 1
        if error[0] == 0:
            return _top_level(root), Problem(1, error[1], 1)
        begin, end = _statement(root, at)
        if at in left_out or not begin <= at <= end:
            begin = end = at
        if all(not lines[row].strip() for row in range(begin, end + 1)):
            begin, end = _previous(lines, at)
        n += 1
        _leave_out(lines, begin, end, as_pass=begin not in left_out)
        left_out.update(range(begin, end + 1))
        body, error = tried("\n".join(lines))
        if body is not None:
            return body, Problem(*first, n)
    return _top_level(root), Problem(*first, n)


def _statement(root: Node, row: int) -> tuple[int, int]:
    """Return the rows of the smallest statement around a row."""
    node, best = root, (row, row)
    while True:
        inner = next(
            (each for each in node.children if each.start_point[0] <= row <= each.end_point[0]),
            None,
        )
        if inner is None:
            return best
        is_statement = inner.type.endswith("_statement") or inner.type == "ERROR"
        if is_statement and inner.child_by_field_name("body") is None:
            best = inner.start_point[0], inner.end_point[0]
        node = inner


def _previous(lines: list[str], at: int) -> tuple[int, int]:
    while at > 0 and not lines[at].strip():
        at -= 1
    return at, at


def _leave_out(lines: list[str], begin: int, end: int, *, as_pass: bool) -> None:
    line = lines[begin]
    indent = line[: len(line) - len(line.lstrip())]
    for row in range(begin, end + 1):
        lines[row] = ""
    if as_pass:
        lines[begin] = f"{indent}pass"


def _top_level(root: Node) -> list[ast.stmt]:
    """Return the statements of the outermost level that can be read, each for itself."""
    body: list[ast.stmt] = []
    for node in root.children:
        statements, _ = tried((node.text or b"").decode("utf-8", "replace"))
        body.extend(
            ast.increment_lineno(statement, node.start_point[0]) for statement in statements or ()
        )
    return body
