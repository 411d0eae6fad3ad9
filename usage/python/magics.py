"""Lines that are no Python: magics of notebooks, and commands after ``!``."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from usage.python.commands import Command

_PYTHON_CELLS_TEXT: Final = (
    "time timeit capture prun python python3 memit mprun local spark pyspark wandb"
)
_PYTHON_CELLS: Final = frozenset(_PYTHON_CELLS_TEXT.split())
_SHELL_CELLS: Final = frozenset(
    ["bash", "sh", "zsh", "script", "shell", "system", "sx", "!", "sh-script"]
)
_SHELL_LINES: Final = frozenset(["pip", "conda", "mamba", "micromamba", "uv", "poetry"])
_ASSIGNED: Final = re.compile(r"^(\s*[\w.,\s\[\]]+=\s*)(?:!|%(?:sx|system)\s)(.*)$")
_LINE: Final = re.compile(r"^(\s*)(!!?|%(?=[A-Za-z_]))\s*(.*)$")
_HELP: Final = re.compile(
    r"^\s*\?{1,2}[\w.*]+\s*;?\s*$|^\s*%{0,2}[\w.*\[\]()'\"]+\s*\?{1,2}\s*;?\s*$"
)
_PYTHON_LINES: Final = re.compile(r"^(?:time|timeit|prun|memit|lprun)\b(?:\s+-\w+(?:\s*\d+)?)*\s*")
_RUN: Final = re.compile(r"""(?:-\w+\s+)*(?:["']([^"']+)["']|([^\s"'-]\S*))""")
_DATABRICKS: Final = re.compile(r"^\s*# MAGIC ?(.*)$")


class RunFile(ast.stmt):
    """``%run FILE``: another file's code, run in the scope of this one.

    Parameters
    ----------
    path
        Of the file, from the folder of this one; a suffix may be left out.
    line
        On which it is run.
    """

    _fields = ()

    def __init__(self, path: str, line: int) -> None:
        super().__init__(lineno=line, end_lineno=line, col_offset=0, end_col_offset=0)
        self.path = path


@dataclass(slots=True)
class Cell:
    """Code with what is no Python taken out, line for line.

    Attributes
    ----------
    lines
        Python, and ``pass`` or nothing where there was none.
    commands
        Texts of shell.
    files
        Of a cell that writes a file: its name, and the line on which its text begins.
    loads
        Extensions that are loaded, with the lines that do it.
    runs
        Files that are run in the same scope.
    """

    lines: list[str]
    commands: list[Command] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)
    loads: list[tuple[int, str]] = field(default_factory=list)
    runs: list[RunFile] = field(default_factory=list)


def has_magics(text: str) -> bool:
    """Tell whether a text may have lines that are no Python."""
    return re.search(r"(?m)^\s*[%!?]|\?\s*$|=\s*[!%]", text) is not None


def without_magics(lines: Sequence[str], first: int = 1) -> Cell:
    """Return the Python in the lines of a cell, of which the first one is line ``first``."""
    begin = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[begin].startswith("%%"):
        return _cell(lines, begin, first)
    cell = Cell([])
    for at, line in enumerate(lines):
        if cell.commands and at > 0 and lines[at - 1].endswith("\\") and not cell.lines[-1].strip():
            last = cell.commands[-1]
            cell.commands[-1] = _shell(last.line, f"{last.text}\n{line}")
            cell.lines.append("")
        else:
            cell.lines.append(_line(line, first + at, cell))
    return cell


def _shell(line: int, text: str) -> Command:
    return Command(line, line + text.count("\n"), "notebook-shell", text)


def _cell(lines: Sequence[str], begin: int, first: int) -> Cell:
    """Return what a cell is whose first line says how the whole of it is read."""
    words = lines[begin][2:].split()
    name = words[0].lower() if words else ""
    rest = list(lines[begin + 1 :])
    blank = [""] * len(lines)
    if name in _SHELL_CELLS:
        return Cell(blank, [_shell(first + begin + 1, "\n".join(rest))])
    if name in ("writefile", "file") and len(words) > 1:
        return Cell(blank, files=[(words[-1].strip("'\""), first + begin + 1)])
    if name in _PYTHON_CELLS:
        cell = without_magics(rest, first + begin + 1)
        cell.lines[:0] = blank[: begin + 1]
        if name == "wandb":
            cell.loads.append((first + begin, name))
        return cell
    return Cell(blank)


def _line(line: str, number: int, cell: Cell) -> str:
    """Return the Python of a line, and keep the command in it."""
    if match := _ASSIGNED.match(line):
        cell.commands.append(_shell(number, match[2]))
        return f"{match[1]}None"
    if match := _LINE.match(line):
        indent, mark, rest = match.groups()
        name, _, after = rest.partition(" ")
        if mark != "%":
            cell.commands.append(_shell(number, rest))
            return "" if rest.endswith("\\") else f"{indent}pass"
        if name in _SHELL_LINES:
            cell.commands.append(_shell(number, rest))
            return "" if rest.endswith("\\") else f"{indent}pass"
        if name in ("sh", "system", "sx"):
            cell.commands.append(_shell(number, after))
        elif name in ("env", "set_env") and "=" in after:
            cell.commands.append(_shell(number, f"export {after.replace(' ', '')}"))
        elif name in ("load_ext", "reload_ext"):
            cell.loads.append((number, after.strip()))
        elif name == "run" and (run := _RUN.match(after)):
            cell.runs.append(RunFile(run[1] or run[2], number))
        elif timed := _PYTHON_LINES.match(rest):
            return (
                f"{indent}{rest[timed.end() :]}" if rest[timed.end() :].strip() else f"{indent}pass"
            )
        return f"{indent}pass"
    return re.sub(r"\S.*", "pass", line) if _HELP.match(line) else line


def databricks_cells(lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return the cells that a notebook, kept as a script, has in its comments, by first line."""
    cells: list[tuple[int, list[str]]] = []
    before = -1
    for number, line in enumerate(lines, 1):
        if match := _DATABRICKS.match(line):
            if before != number - 1:
                cells.append((number, []))
            cells[-1][1].append(re.sub(r"^%(sh|md|sql|scala|r|python)\b", r"%%\1", match[1]))
            before = number
    return cells
