"""Imports: what they bind, and whether a framework or a module of the repository is meant."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from usage.python.magics import RunFile
from usage.python.values import Foreign, OwnClass, OwnFunction, OwnModule, Symbol, Value

if TYPE_CHECKING:
    from usage.python.expressions import Expressions


class Imports:
    """Reads the imports of one file.

    Parameters
    ----------
    reader
        Whose scope the names are bound in.
    path
        Of the file.
    """

    def __init__(self, reader: Expressions, path: str) -> None:
        self._reader = reader
        self._path = path

    def read_import(self, node: ast.Import) -> None:
        """Read ``import a.b as c``."""
        reader = self._reader
        for alias in node.names:
            own = reader.modules.find(self._path, alias.name, ())
            framework = None if own else reader.tables.framework_of(alias.name)
            root = alias.name.partition(".")[0]
            if framework is not None:
                how = f"alias {alias.asname}" if alias.asname else "direct"
                reader.marks.mark(framework, "import", alias.lineno, alias.name, how)
            if alias.asname:
                value = self._whole(alias.name, own, framework is not None)
                if isinstance(value, Symbol):
                    value = Symbol(value.name, "alias")
                reader.bind(alias.asname, value)
            elif framework is not None:
                reader.bind(root, Symbol(root, "qualified"))
            elif own is not None:
                reader.bind(root, reader.modules.find(self._path, root, ()))
            else:
                reader.bind(root, self._whole(root, None, False))

    def _whole(self, name: str, own: OwnModule | None, is_framework: bool) -> Value | None:
        if own is not None:
            return own
        if is_framework:
            return Symbol(name, "qualified")
        foreign = name.partition(".")[0] in self._reader.tables.foreign_roots
        return Foreign(name) if foreign else None

    def read_from(self, node: ast.ImportFrom) -> None:
        """Read ``from a.b import c as d``."""
        module = node.module or ""
        names = tuple(alias.name for alias in node.names)
        modules = self._reader.modules
        if node.level:
            own = modules.near(self._path, node.level, module)
        else:
            own = modules.find(self._path, module, names)
        if own is not None:
            self._from_own(own, node)
        elif not node.level:
            if framework := self._reader.tables.framework_of(module):
                self._from_framework(framework, module, node)
            else:
                self._from_other(module, node)
        else:
            for alias in node.names:
                self._reader.bind(alias.asname or alias.name, None)

    def _from_framework(self, framework: str, module: str, node: ast.ImportFrom) -> None:
        reader = self._reader
        for alias in node.names:
            name = f"{module}.{alias.name}"
            if alias.name == "*":
                reader.marks.mark(framework, "import", alias.lineno, name, "star")
                self._bind_star(module)
                continue
            how = f"alias {alias.asname}" if alias.asname else "direct"
            reader.marks.mark(framework, "import", alias.lineno, name, how)
            bound = alias.asname or alias.name
            reader.bind(bound, Symbol(name, "alias" if alias.asname else "short"))

    def _bind_star(self, module: str) -> None:
        reader = self._reader
        surface = reader.tables.catalog.surfaces.get(module)
        if surface is None:
            reader.stars.append(module)
            return
        for name in surface:
            reader.bind(name, Symbol(f"{module}.{name}", "star"))

    def _from_other(self, module: str, node: ast.ImportFrom) -> None:
        reader = self._reader
        is_foreign = module.partition(".")[0] in reader.tables.foreign_roots
        for alias in node.names:
            if alias.name == "*":
                continue
            name = f"{module}.{alias.name}"
            for framework in reader.tables.brought_by(name) if is_foreign else ():
                reader.marks.mark(framework, "import-indirect", alias.lineno, name, "indirect")
            reader.bind(alias.asname or alias.name, Foreign(name) if is_foreign else None)

    def _from_own(self, own: OwnModule, node: ast.ImportFrom) -> None:
        reader = self._reader
        exports = reader.modules.exports(own)
        said = f"{'.' * node.level}{node.module or ''}"
        for alias in node.names:
            if alias.name == "*":
                for name, value in exports.items():
                    if not name.startswith("_") and value is not None:
                        reader.bind(name, value)
                continue
            bound = alias.asname or alias.name
            value = exports.get(alias.name)
            if value is None:
                value = reader.modules.inside(own, alias.name)
            if isinstance(value, Symbol):
                self._re_exported(value, said, bound, alias.lineno)
                continue
            kept = isinstance(value, OwnFunction | OwnClass | OwnModule | Foreign)
            reader.bind(bound, value if kept else None)

    def read_run(self, node: RunFile) -> None:
        """Read ``%run FILE``: all that the file binds is bound here."""
        modules = self._reader.modules
        own = modules.beside(self._path, node.path)
        for name, value in modules.bound(own).items() if own is not None else ():
            self._reader.bind(name, value)

    def _re_exported(self, value: Symbol, module: str, bound: str, line: int) -> None:
        reader = self._reader
        framework = reader.tables.framework_of(value.name)
        if framework is not None:
            reader.marks.mark(framework, "import", line, value.name, f"re-export from {module}")
        how = "qualified" if bound == value.name else "short"
        reader.bind(bound, Symbol(value.name, how))
