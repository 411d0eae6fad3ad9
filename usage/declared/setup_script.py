"""Requirements and entry points in setup.py, as far as they stand there in words."""

from __future__ import annotations

import ast
import re
from typing import Final

from usage.catalog import Catalog
from usage.configured.keys import record_key
from usage.declared.requirements import record_requirement
from usage.recorder import Recorder
from usage.uses import Found, LineLabel, Place

_OTHERS: Final = frozenset(
    {
        *("keywords", "classifiers", "packages", "py_modules", "scripts", "platforms", "name"),
        *("package_data", "package_dir", "entry_points", "description", "author", "url"),
        *(
            "long_description",
            "include",
            "exclude",
            "data_files",
            "ext_modules",
            "namespace_packages",
        ),
    }
)
_REQUIRED: Final = re.compile(r"req|extras|depend|deps|install", re.IGNORECASE)


def setup_uses(text: str, *, at: LineLabel, place: Place, catalog: Catalog) -> Found:
    """Return the frameworks that a setup.py asks for, and those that it extends."""
    recorder = Recorder(place)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        recorder.miss(f"setup.py: not Python: {error}")
        return recorder.found
    _Requirements(at, recorder, catalog).visit(tree)
    return recorder.found


class _Requirements(ast.NodeVisitor):
    """Visits lists of words, but for those that are known to list something else."""

    def __init__(self, at: LineLabel, recorder: Recorder, catalog: Catalog) -> None:
        self.at, self.recorder, self.catalog = at, recorder, catalog

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg == "entry_points":
            self._read_entry_points(node.value)
        elif node.arg not in _OTHERS:
            if node.arg is not None and _REQUIRED.search(node.arg):
                self._read_text(node.value)
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if names and all(name.lower().strip("_") in _OTHERS for name in names):
            if "entry_points" in names:
                self._read_entry_points(node.value)
            return
        if any(_REQUIRED.search(ast.unparse(target)) for target in node.targets):
            self._read_text(node.value)
        self.visit(node.value)

    def visit_List(self, node: ast.List) -> None:
        self._read_items(node.elts)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        self._read_items(node.elts)

    def visit_Set(self, node: ast.Set) -> None:
        self._read_items(node.elts)

    def visit_Call(self, node: ast.Call) -> None:
        # Words in other calls are arguments: deps_list("wandb") names what a table holds.
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in ("append", "extend", "add", "update", "insert", "split", "splitlines"):
            self._read_items(node.args)
            if name in ("split", "splitlines"):
                self._read_text(node.func)
        self.generic_visit(node)

    def _read_items(self, items: list[ast.expr]) -> None:
        for item in items:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                if "\n" not in item.value:
                    line = self.at(item.lineno)
                    record_requirement(item.value, line, self.recorder, self.catalog)
            else:
                self.visit(item)

    def _read_text(self, node: ast.AST) -> None:
        """Record requirements that stand as lines of one text, or as a text alone."""
        if isinstance(node, ast.Dict):
            for value in node.values:
                self._read_text(value)
        elif isinstance(node, ast.Attribute):
            self._read_text(node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for offset, line in enumerate(node.value.split("\n")):
                label = self.at(node.lineno + offset)
                record_requirement(line.partition("#")[0], label, self.recorder, self.catalog)

    def _read_entry_points(self, node: ast.expr) -> None:
        for each in ast.walk(node):
            if isinstance(each, ast.Dict):
                for key in each.keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        symbol = f"entry-point {key.value}"
                        record_key(
                            symbol, self.at(key.lineno), self.recorder, self.catalog, "entry-point"
                        )
            elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                for offset, line in enumerate(each.value.split("\n")):
                    symbol = f"entry-point {line.strip().strip('[]')}"
                    if line.strip().startswith("["):
                        record_key(
                            symbol,
                            self.at(each.lineno + offset),
                            self.recorder,
                            self.catalog,
                            "entry-point",
                        )
