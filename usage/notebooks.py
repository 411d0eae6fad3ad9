"""Notebooks: the code in their cells, each line where it stands in its cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from usage.catalog import Catalog
from usage.python.project import Project
from usage.python.syntax import lines_of
from usage.uses import Found, Place, Unread

_PYTHON_CELLS: Final = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "memit"})
_SHELL_CELLS: Final = frozenset({"bash", "sh", "script", "shell", "!", "system", "sx"})
_OTHER_CELLS: Final = frozenset(
    """html javascript js latex markdown svg sql bigquery r julia perl ruby scala cython
    writefile file template""".split()
)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of code: its number over all cells, and its lines."""

    number: int
    lines: list[str]


def notebook_uses(content: bytes, place: Place, catalog: Catalog, project: Project) -> Found:
    """Return the uses in the cells of a notebook, which share one scope."""
    try:
        cells = list(_cells(json.loads(content)))
    except (ValueError, RecursionError, TypeError, AttributeError) as error:
        return Found([], [Unread(place.path, f"no notebook: {error}")])
    labels: list[str] = []
    lines: list[str] = []
    for cell in cells:
        labels.extend(f"{cell.number}:{at}" for at in range(1, len(cell.lines) + 1))
        lines.extend(_masked(cell.lines))
    text = "\n".join(lines)
    return project.read(text, lambda line: labels[min(line, len(labels)) - 1], place).found


def _cells(notebook: Any) -> Iterator[_Cell]:
    cells = notebook.get("cells")
    if cells is None:
        cells = [cell for sheet in notebook.get("worksheets", ()) for cell in sheet["cells"]]
    for number, cell in enumerate(cells):
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        text = source if isinstance(source, str) else "".join(source)
        yield _Cell(number, lines_of(text))


def _masked(lines: list[str]) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        name = re.split(r"\s", first[2:].strip(), maxsplit=1)[0].lower()
        if name not in _PYTHON_CELLS:
            return [""] * len(lines)
    return [re.sub(r"^(\s*)(?:[%!?].*|[^#'\"]*\w\?\??\s*$)", r"\1pass", line) for line in lines]
