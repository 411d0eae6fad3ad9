"""Repositories whose uses people listed, as the benchmarks of usage read them: facts and code."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from configs.framework import Framework, read_frameworks
from insights.usage.evaluation import OF_VARIABLES_AND_IMAGES
from insights.usage.facts import fact_rows
from mining.code.local import read
from usage.catalog import Catalog
from usage.features import Features, read_feature_map
from usage.scan import Scan, is_relevant
from usage.uses import SourceFile, Use

FOLDER = "usage-2026"
FRAMEWORKS = Path(__file__).parents[1] / "configs" / "frameworks"
NOTEBOOK = ".ipynb"
IMPORTS = ("import", "import-indirect")

Row = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """What people found.

    Attributes
    ----------
    repositories
        ``repo``, ``commit`` and ``role`` of each.
    uses
        As facts.
    maps
        Which symbols and commands are of which feature: words of the map, and codes.
    """

    repositories: tuple[Row, ...]
    uses: tuple[Row, ...]
    maps: Mapping[str, Features]

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
    with (folder / "repositories.csv").open(encoding="utf-8", newline="") as file:
        repositories = tuple(csv.DictReader(file))
    where = folder / "feature_map.csv"
    text = where.read_text(encoding="utf-8")
    maps = {
        column: read_feature_map(text, where=str(where), column=column, otherwise=otherwise)
        for column, otherwise in OF_VARIABLES_AND_IMAGES.items()
    }
    return Listed(repositories, tuple(fact_rows(folder / "truth.csv")), maps)


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


def rows_of(project: str, scanned: Scan, catalog: Catalog) -> list[Row]:
    """Return the uses that a scan found, as rows of the table of uses."""
    names = [field.name for field in fields(Use)]
    return [
        {
            "project": project,
            "feature": catalog.feature_of(use),
            **{name: getattr(use, name) for name in names},
        }
        for use in scanned.uses
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
