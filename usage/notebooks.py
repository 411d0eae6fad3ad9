"""Notebooks: the code in their cells, each line where it stands in its cell."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from usage.files import file_uses
from usage.python.project import Project
from usage.python.syntax import Code, lines_of, parsed
from usage.uses import Found, Place, SourceFile, Unread

_OTHER_LANGUAGES_TEXT: Final = (
    "r ir julia scala javascript typescript bash ruby go rust c++ c# f# java kotlin sql"
)
_OTHER_LANGUAGES: Final = frozenset(_OTHER_LANGUAGES_TEXT.split())


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of code: its number over all cells, and its lines."""

    number: int
    lines: list[str]


def notebook_uses(content: bytes, place: Place, project: Project) -> Found:
    """Return the uses in the cells of a notebook, which share one scope.

    Parameters
    ----------
    content
        JSON of nbformat 3 or 4; what is none is told as unread.
    """
    try:
        notebook = json.loads(content)
        cells = [] if _language(notebook) in _OTHER_LANGUAGES else list(_cells(notebook))
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
        return Found([], [Unread(place.path, f"not a notebook: {error}")])
    return _Notebook(cells, place, project).found()


def _language(notebook: Any) -> str:
    """Return the language that a notebook says it is in, or that its kernel speaks."""
    about = notebook.get("metadata") or {}
    said = (about.get("language_info") or {}).get("name")
    return str(said or (about.get("kernelspec") or {}).get("language") or "python").lower()


def _cells(notebook: Any) -> Iterator[_Cell]:
    cells = notebook.get("cells")
    if cells is None:
        cells = [cell for sheet in notebook["worksheets"] for cell in sheet.get("cells", ())]
    for number, cell in enumerate(cells):
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input")) or ""
            text = source if isinstance(source, str) else "".join(map(str, source))
            yield _Cell(number, lines_of(text))


class _Notebook:
    """The cells of a notebook, put together line by line."""

    def __init__(self, cells: list[_Cell], place: Place, project: Project) -> None:
        self._place = place
        self._project = project
        self._labels: list[str] = []
        self._code = Code()
        self._written = Found([], [])
        for cell in cells:
            self._add(cell)
        self._text = "\n".join(line for cell in cells for line in cell.lines)

    def _at(self, line: int) -> str:
        return self._labels[min(max(line, 1), len(self._labels)) - 1]

    def _add(self, cell: _Cell) -> None:
        before = len(self._labels)
        self._labels.extend(f"{cell.number}:{row}" for row in range(1, len(cell.lines) + 1))
        code = parsed("\n".join(cell.lines))
        for statement in code.body:
            ast.increment_lineno(statement, before)
        self._code.body.extend(code.body)
        self._code.commands.extend(command.moved(before) for command in code.commands)
        self._code.loads.extend((line + before, name) for line, name in code.loads)
        if code.problem is not None:
            reason = code.problem.at(lambda line: self._at(line + before))
            self._written.unread.append(Unread(self._place.path, reason))
        for name, first in code.files:
            self._write(name, "\n".join(cell.lines[first - 1 :]), before + first - 1)

    def _write(self, name: str, text: str, before: int) -> None:
        """Read a file that a cell writes."""

        def at(line: int) -> str:
            return self._at(line + before)

        if name.endswith(".py"):
            found = self._project.read(text, at, self._place)
        else:
            file = SourceFile(name, text.encode("utf-8", "replace"))
            found = file_uses(file, self._place, self._project.catalog, self._project.around)
            found.uses = [
                replace(use, line=at(int(use.line)))
                for use in found.uses
                if use.kind != "config-file" and use.line.isdigit()
            ]
        self._written.uses.extend(found.uses)
        self._written.unread.extend(found.unread)

    def found(self) -> Found:
        """Return what the notebook uses."""
        found = self._project.read_code(self._code, self._text, self._at, self._place)
        return Found([*found.uses, *self._written.uses], [*found.unread, *self._written.unread])
