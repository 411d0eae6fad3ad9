"""The Python of a repository: its own modules, and what they hand on to each other."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

from usage.catalog import Catalog
from usage.places import is_python, place_of
from usage.python.commands import Command, command_uses
from usage.python.marks import Marks
from usage.python.statements import Statements
from usage.python.syntax import Code, decoded, parsed
from usage.python.tables import Tables
from usage.python.values import OwnFunction, OwnModule, Symbol, Value
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place, SourceFile

_SOURCE_FOLDERS: Final = ("", "src")
_IMPORT: Final = re.compile(r"^[ \t]*(?:import|from)\b.*", re.MULTILINE)


@dataclass(slots=True)
class _Module:
    """What reading a file gave."""

    marks: Marks
    commands: list[Command]
    names: dict[str, Value] = field(default_factory=dict)
    exports: dict[str, Value | None] = field(default_factory=dict)
    flows: frozenset[str] = frozenset()


class Project:
    """The index of a repository, and what its Python says, each file read once when it is asked.

    Parameters
    ----------
    files
        All files of the repository; of those that are Python the content is used.
    catalog
        The frameworks that are looked for.
    """

    def __init__(self, files: Iterable[SourceFile], catalog: Catalog) -> None:
        self.catalog = catalog
        self.tables = Tables(catalog)
        by_path = {file.path: file for file in files}
        self.paths = frozenset(by_path)
        self.files = {path: file for path, file in by_path.items() if is_python(path)}
        self.folders = {
            str(parent) if str(parent) != "." else ""
            for path in self.files
            for parent in PurePosixPath(path).parents
        }
        self._read: dict[str, _Module] = {}
        self._reading: set[str] = set()
        self._bound: dict[str, frozenset[str]] = {}
        self._matters: dict[str, bool] = {}

    # own modules

    def find(self, importer: str, module: str, names: tuple[str, ...]) -> OwnModule | None:
        """Return the own module that an absolute name means in the file ``importer``."""
        root, _, rest = module.partition(".")
        is_framework = root in self.tables.roots
        for folder in _above(importer):
            for source in _SOURCE_FOLDERS:
                base = "/".join(part for part in (folder, source) if part)
                own = self._module(base, module)
                if own is None:
                    continue
                if is_framework and not self._answers(base, root, rest, names, importer, own):
                    continue
                return own
        return None

    def _answers(
        self, base: str, root: str, rest: str, names: tuple[str, ...], importer: str, own: OwnModule
    ) -> bool:
        """Tell whether what is asked of a module with a framework's name is in the own one."""
        if self._join(base, "__init__.py") in self.files or own.path not in self.files:
            return False
        if own.path == importer or self._module(base, root) is None:
            return False
        top = self._module(base, root)
        if names:
            # Without a file of its own the top is a folder of that name, or a namespace that
            # several distributions share: what stands in a file below is the repository's.
            is_shared = top is None or top.path not in self.files
            if is_shared and "." not in rest:
                return False
            return any(
                name in self._names(own.path) or self.inside(own, name) is not None
                for name in names
            )
        if top is None or top.path not in self.files:
            return False
        if rest:
            return True
        asked = set(
            re.findall(rf"\b{re.escape(root)}\.(\w+)", decoded(self.files[importer].content))
            if importer in self.files
            else ()
        )
        if asked:
            return bool(asked & self._names(own.path)) or any(
                self.inside(own, name) is not None for name in asked
            )
        return base in _SOURCE_FOLDERS

    def _names(self, path: str) -> frozenset[str]:
        """Return the names that a file binds of its own, or of its own package."""
        if path not in self._bound:
            bound: set[str] = set()
            for node in parsed(decoded(self.files[path].content)).body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    bound.add(node.name)
                elif isinstance(node, ast.Assign):
                    bound |= {each.id for each in node.targets if isinstance(each, ast.Name)}
                elif isinstance(node, ast.ImportFrom) and node.level:
                    bound |= {alias.asname or alias.name for alias in node.names}
            self._bound[path] = frozenset(bound)
        return self._bound[path]

    @staticmethod
    def _join(folder: str, rest: str) -> str:
        return f"{folder}/{rest}" if folder else rest

    def _module(self, folder: str, dotted: str) -> OwnModule | None:
        path = self._join(folder, dotted.replace(".", "/")) if dotted else folder
        for candidate in (f"{path}/__init__.py" if path else "__init__.py", f"{path}.py"):
            if candidate in self.files:
                return OwnModule(candidate)
        if path in self.folders:
            return OwnModule(f"{path}/__init__.py" if path else "__init__.py")
        return None

    def near(self, importer: str, level: int, module: str) -> OwnModule | None:
        """Return the own module that a relative name means."""
        folder = importer.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        return self._module(folder, module)

    def inside(self, module: OwnModule, name: str) -> OwnModule | None:
        """Return the module of a name in a package."""
        if module.path.rpartition("/")[2] != "__init__.py":
            return None
        return self._module(module.path.rpartition("/")[0], name)

    def beside(self, importer: str, path: str) -> OwnModule | None:
        """Return the own file of a path that is told from the file ``importer``."""
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
        candidates = (whole, f"{whole}.py")
        return next((OwnModule(each) for each in candidates if each in self.files), None)

    def exports(self, module: OwnModule) -> dict[str, Value | None]:
        """Return what the names stand for that an own module hands on."""
        return self._of(module.path).exports if self._may_bind(module.path) else {}

    def bound(self, module: OwnModule) -> dict[str, Value]:
        """Return what all names of an own file stand for, also those it does not hand on."""
        return self._of(module.path).names if self._may_bind(module.path) else {}

    def _may_bind(self, path: str) -> bool:
        if path in self._reading or path not in self.files:
            return False
        content = self.files[path].content
        return self.may_matter(path) or b"import *" in content or b"%run" in content

    # reading

    def may_matter(self, path: str) -> bool:
        """Tell whether a file has a word without which nothing in it can be a framework's."""
        if path not in self._matters:
            file = self.files.get(path)
            self._matters[path] = file is not None and self.tables.may_show(file.content)
        return self._matters[path]

    @cached_property
    def around(self) -> Surroundings:
        """Return what reading files that are no Python needs of the repository."""
        self._spread()
        flows = {
            path: min(self._of(path).flows)
            for path in sorted(self.files)
            if self.may_matter(path) and self._of(path).flows
        }
        return Surroundings(
            paths=self.paths,
            flows=flows,
            python=self.read,
        )

    def _spread(self) -> None:
        """Find the files that use a framework only by names that own modules gave to it.

        A framework that is handed on under another name is imported by that name from a module,
        so both words are in the file.
        """
        pending = [path for path in sorted(self.files) if self.may_matter(path)]
        while pending:
            handed: dict[str, set[str]] = {}
            for path in pending:
                for name in self._of(path).exports:
                    if len(name) > 2 and not self.tables.may_show(name.encode()):
                        handed.setdefault(module_name(path), set()).add(name)
            pending = [
                path
                for path in sorted(self.files)
                if not self.may_matter(path) and self._takes(path, handed)
            ]
            self._matters.update(dict.fromkeys(pending, True))

    def _takes(self, path: str, handed: dict[str, set[str]]) -> bool:
        content = self.files[path].content
        return any(
            module.encode() in content and any(name.encode() in content for name in names)
            for module, names in handed.items()
        )

    @cached_property
    def _flow_files(self) -> tuple[bytes, ...]:
        names = {path.rpartition("/")[2] for path in self.around.flows}
        return tuple(sorted(name.encode("utf-8", "surrogateescape") for name in names))

    def is_of_interest(self, file: SourceFile) -> bool:
        """Tell whether a file may use a framework, or run a file that defines a flow."""
        if any(name in file.content for name in self._flow_files):
            return True
        return self.has_word(file)

    def has_word(self, file: SourceFile) -> bool:
        """Tell whether a file has a word that a use of a framework needs."""
        own = file.path in self.files
        return self.may_matter(file.path) if own else self.tables.may_show(file.content)

    def read_file(self, path: str) -> Found:
        """Return what a Python file of the repository uses."""
        return self._complete(self._of(path))

    def read(self, text: str, at: LineLabel, place: Place, prefix: str = "") -> Found:
        """Return what Python uses that stands somewhere in a file of the repository."""
        return self._complete(self._reading_of(text, at, place, prefix))

    def _of(self, path: str) -> _Module:
        if path not in self._read:
            self._reading.add(path)
            text = decoded(self.files[path].content)
            self._read[path] = self._reading_of(text, str, place_of(path), "")
            self._reading.discard(path)
        return self._read[path]

    def read_code(
        self, code: Code, text: str, at: LineLabel, place: Place, prefix: str = ""
    ) -> Found:
        """Return what code uses that is parsed already; ``text`` is what it was parsed from."""
        return self._complete(self._module_of(code, text, at, place, prefix))

    def _reading_of(self, text: str, at: LineLabel, place: Place, prefix: str) -> _Module:
        return self._module_of(parsed(text), text, at, place, prefix)

    def _module_of(
        self, code: Code, text: str, at: LineLabel, place: Place, prefix: str
    ) -> _Module:
        marks = Marks(place, at, prefix)
        reader = Statements(self.tables, self, marks, place.path)
        reader.imported = self._imported(text)
        reader.read_file(code.body)
        if code.problem:
            marks.miss(code.problem.at(at))
        for line, name in code.loads:
            framework = self.tables.framework_of(name)
            if framework is not None:
                marks.mark(framework, "magic", line, name, "notebook-shell")
        commands = [*code.commands, *reader.commands]
        names = {name: value for name, value in reader.scope.names.items() if value is not None}
        exports: dict[str, Value | None] = {
            name: value for name, value in names.items() if carries(value)
        }
        return _Module(marks, commands, names, exports, frozenset(reader.flows))

    def _complete(self, module: _Module) -> Found:
        """Return what a module uses, its commands read by what is known of the repository."""
        marks, at = module.marks, module.marks.at
        for command in module.commands:
            marks.join(command_uses(command, at, marks.place, self.catalog, self.around))
        module.commands = []
        return marks.found

    def _imported(self, text: str) -> set[str]:
        """Return the frameworks that the imports of a text name."""
        words = {word for line in _IMPORT.findall(text) for word in re.findall(r"\w+", line)}
        return {framework for root, framework in self.tables.roots.items() if root in words}


def module_name(path: str) -> str:
    """Return the last part of the name by which the module of a file is imported."""
    stem = path.removesuffix("/__init__.py").rpartition("/")[2]
    return stem.partition(".")[0]


def carries(value: Value | None) -> bool:
    """Tell whether a value of one file says something in another one.

    What was imported there does, and functions that give it. A repository's own names for a
    framework's classes are its own interface: their use elsewhere is no use of the framework.
    """
    if isinstance(value, OwnFunction):
        value = value.gives
    return isinstance(value, Symbol) and value.imported


def _above(path: str) -> list[str]:
    """Return the folders above a file, the nearest first, the repository's own last."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:end]) for end in range(len(parts), -1, -1)]
