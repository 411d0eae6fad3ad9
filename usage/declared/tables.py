"""Requirements in the tables of TOML and YAML: pyproject, Pipfile, conda, bentofile."""

from __future__ import annotations

import re
from typing import Final

from packaging.utils import canonicalize_name

from usage.catalog import Catalog
from usage.declared.requirements import record_requirement
from usage.documents.tree import Items, Node, Pairs, Path, Text, walk_document
from usage.recorder import Recorder
from usage.uses import Found, LineLabel, Place

_LISTS: Final = frozenset(
    {
        *("dependencies", "dev-dependencies", "extra-dependencies", "build_dependencies"),
        *("requires", "requires-dist", "dev-requires", "install_requires", "requirements"),
        *("pip", "pip_packages", "python_packages", "python-packages", "pip-packages"),
        *("pip_requirements", "requirements_list", "pypi"),
    }
)
_LISTS_BELOW: Final = frozenset(
    {
        *("optional-dependencies", "dependency-groups", "dev-dependencies", "requires-extra"),
        *("extras_require", "optional_dependencies", "requirements"),
    }
)
_TABLES: Final = frozenset(
    {
        *("dependencies", "dev-dependencies", "pypi-dependencies", "host-dependencies"),
        *("build-dependencies", "dev-packages", "packages"),
    }
)
_OTHERS: Final = frozenset(
    {"mypy", "isort", "deptry", "sources", "importlinter", "ruff", "pyright"}
)


def table_requirements(
    roots: list[Node], *, at: LineLabel, place: Place, catalog: Catalog
) -> Found:
    """Return the frameworks that the tables and lists of a document ask for."""
    recorder = Recorder(place)
    for root in roots:
        for path, node in walk_document(root):
            if not _OTHERS.intersection(path):
                _read(path, node, at, recorder, catalog)
    return recorder.found


def _read(path: Path, node: Node, at: LineLabel, recorder: Recorder, catalog: Catalog) -> None:
    if isinstance(node, Items) and _is_list(path):
        for text in node.texts:
            record_requirement(text.text, at(text.row), recorder, catalog)
    elif isinstance(node, Pairs) and path and path[-1] in _TABLES:
        for key, _ in node.pairs:
            name = canonicalize_name(key.text)
            if (framework := catalog.distributions.get(name)) is not None:
                recorder.add(framework, "declared", at(key.row), name)
    elif isinstance(node, Text) and path[-2:] == ("pypi", "package"):
        record_requirement(node.text, at(node.row), recorder, catalog)
    elif isinstance(node, Text) and path and path[-1] in _LISTS and "\n" in node.text:
        for line, piece in enumerate(node.text.split("\n"), 1):
            bare = re.split(r"\s#", piece)[0].strip().removesuffix("\\")
            record_requirement(bare, at(node.row_of(line)), recorder, catalog)


def _is_list(path: Path) -> bool:
    last, above = path[-1:], path[-2:-1]
    return bool(
        _LISTS.intersection(last)
        or _LISTS_BELOW.intersection(above)
        or (last == ("packages",) and "python" in above)
    )
