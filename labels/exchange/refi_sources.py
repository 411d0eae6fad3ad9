"""The texts in a project of REFI-QDA, however its program writes their paths.

The standard has ``internal://NAME`` for a file in the folder ``sources``. Programs also write
backslashes, escapes (``%20``), the folder itself or none, one or three slashes, the place where the
file had been (``relative://``, ``absolute://``); they put the whole project into a folder, and name
files in the ZIP in an encoding of their own. A path finds the file that ends as it does, else the
only one of that name. Nothing is ever looked for outside of the package.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from artifacts.errors import InputError
from labels.exchange.package import Package

PROJECT_FILE = "project.qde"
SOURCES = "sources/"
INTERNAL = "internal://"
_SCHEME = re.compile(r"(internal|relative|absolute|file):/*", re.IGNORECASE)
_OUTSIDE = re.compile(r"(relative|absolute|file):", re.IGNORECASE)


def project_file(package: Package) -> str:
    """Return the project's name: as the standard has it, or the only one, highest in the ZIP."""
    names = [
        name
        for name in package.names
        if name.lower().endswith(".qde") and not _is_hidden(_slashed(name))
    ]
    top = min((_slashed(name).count("/") for name in names), default=0)
    found = [name for name in names if _slashed(name).count("/") == top]
    proper = [name for name in found if _slashed(name).rpartition("/")[2] == PROJECT_FILE]
    if len(found) != 1 and len(proper) != 1:
        raise InputError(
            f"The ZIP has {len(found) or 'no'} files that could be its project (.qde).",
            where=str(package.path),
            fix="export it as a REFI-QDA project",
        )
    return (proper or found)[0]


class Sources:
    """The texts of a project, by the paths that it has for them."""

    def __init__(self, package: Package, project: str) -> None:
        self._package = package
        self._root = _slashed(project).rpartition("/")[0]
        self._files = {
            called: name
            for name in reversed(package.names)
            if not _is_hidden(_slashed(name))
            for called in _called(name)
        }
        self._ending: dict[str, set[str]] = {}
        for called in self._files:
            self._ending.setdefault(called.rpartition("/")[2], set()).add(called)
        self._texts: dict[str, str] = {}

    def is_outside(self, path: str) -> bool:
        """Tell whether a path says that its file is not in the package."""
        return bool(_OUTSIDE.match(path.strip()))

    def text(self, path: str) -> str | None:
        """Return the text that a path leads to, or None: it is not in the package.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        name = self._found(path)
        if name is not None and name not in self._texts:
            self._texts[name] = self._decoded(name)
        return None if name is None else self._texts[name]

    def _found(self, path: str) -> str | None:
        root = f"{self._root}/".lower() if self._root else ""
        for wanted in _called(_SCHEME.sub("", path.strip(), count=1)):
            for place in (f"{root}{SOURCES}{wanted}", f"{root}{wanted}", f"{SOURCES}{wanted}"):
                if place in self._files:
                    return self._files[place]
            alike = self._ending.get(wanted.rpartition("/")[2], set())
            longer = {each for each in alike if each.endswith(f"/{wanted}")}
            names = {self._files[called] for called in longer or alike}
            if len(names) == 1:
                return names.pop()
        return None

    def _decoded(self, name: str) -> str:
        data = self._package.read(name)
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        else:
            data, encoding = data.removeprefix(codecs.BOM_UTF8), "utf-8"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            where = f"{self._package.path}, {name}"
            raise InputError(f"The text is not in {encoding.upper()}.", where=where) from error


def _slashed(path: str) -> str:
    return path.replace("\\", "/")


def _called(path: str) -> Iterator[str]:
    """Yield how a path may be written in lower case: as it is, and without escapes."""
    names = [path, unquote(path)]
    with suppress(UnicodeError):  # a ZIP that does not say that its names are in UTF-8
        names.append(path.encode("cp437").decode("utf-8"))
    for name in dict.fromkeys(names):
        yield unicodedata.normalize("NFC", _slashed(name).removeprefix("./").lstrip("/")).lower()


def _is_hidden(path: str) -> bool:
    """Tell whether a file is what macOS puts beside others."""
    return "__MACOSX/" in path or path.rpartition("/")[2].startswith("._")
