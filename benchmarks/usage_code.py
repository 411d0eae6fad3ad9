"""Repositories whose uses people listed, as the benchmarks of usage read them: facts and code."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from configs.framework import Framework, read_frameworks
from mining.code.local import read
from usage.catalog import Catalog
from usage.scan import Scan, is_relevant, scan
from usage.uses import SourceFile, Use

FOLDER = "usage-2026"
FRAMEWORKS = Path(__file__).parents[1] / "configs" / "frameworks"
NOTEBOOK = ".ipynb"
IMPORTS = ("import", "import-indirect")

Row = dict[str, str]


@dataclass(frozen=True)
class Listed:
    """What people found.

    Attributes
    ----------
    repositories
        ``repo``, ``commit`` and ``role`` of each.
    uses
        Its uses, with the repository as ``project``.
    feature_map
        Which symbols and commands are of which feature: words of the map, and codes.
    """

    repositories: tuple[Row, ...]
    uses: tuple[Row, ...]
    feature_map: Path

    @property
    def decoys(self) -> list[str]:
        """Return the repositories that only look as if they used a framework."""
        return [each["repo"] for each in self.repositories if each["role"] == "decoy"]


@dataclass(frozen=True)
class CodeText:
    """A file as peers read it: in one part, or the cells of a notebook, and where each stands.

    Attributes
    ----------
    parts
        What stands before the number of a line in the part, and its text.
    """

    project: str
    path: str
    parts: tuple[tuple[str, str], ...]

    @property
    def is_python(self) -> bool:
        """Tell whether it is Python, in a file or in a notebook."""
        return self.path.endswith((".py", NOTEBOOK))


def read_listed(data: Path) -> Listed:
    """Return the facts in a folder of outside data."""
    folder = data / FOLDER
    uses = tuple({**row, "project": row["repo"]} for row in _rows(folder / "truth.csv"))
    repositories = tuple(_rows(folder / "repositories.csv"))
    return Listed(repositories, uses, folder / "feature_map.csv")


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shipped_catalog() -> Catalog:
    """Return the frameworks that opsatlas ships."""
    return Catalog(tuple(shipped()))


def shipped() -> list[Framework]:
    """Return the framework files that opsatlas ships."""
    return read_frameworks(sorted(FRAMEWORKS.glob("*.toml")))


def files_of(code: Path, repository: Row) -> list[SourceFile]:
    """Return what the scan wants of a repository, at its commit."""
    found = read(code / repository["repo"], repository["commit"], is_relevant)
    return [SourceFile(path, content) for path, content in found]


def rows_of(project: str, scanned: Scan) -> list[Row]:
    """Return the uses that a scan found, as rows like those that people listed."""
    names = [field.name for field in fields(Use)]
    return [
        {"project": project, **{name: str(getattr(use, name)) for name in names}}
        for use in scanned.uses
    ]


def scanned_rows(code: Path, repositories: Sequence[Row], catalog: Catalog) -> list[Row]:
    """Scan repositories, and return the uses in all of them."""
    return [
        row
        for each in repositories
        for row in rows_of(each["repo"], scan(files_of(code, each), catalog))
    ]


def code_texts(project: str, files: Sequence[SourceFile]) -> Iterator[CodeText]:
    """Yield the files of a repository as they are, notebooks as their cells of code.

    Lines of magics and shells in cells are emptied, as anybody does who reads notebooks.
    """
    for file in files:
        text = file.content.decode("utf-8", "replace")
        parts = _cells(text) if file.path.endswith(NOTEBOOK) else [("", text)]
        yield CodeText(project, file.path, tuple(parts))


def _cells(text: str) -> Iterator[tuple[str, str]]:
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError):
        return
    for number, cell in enumerate(cells):
        if cell.get("cell_type") == "code":
            source = "".join(cell.get("source", ""))
            yield f"{number}:", re.sub(r"(?m)^[ \t]*[%!].*$", "", source)
