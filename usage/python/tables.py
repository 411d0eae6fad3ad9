"""Frameworks as reading Python asks about them, compiled once for a scan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from configs.framework import Indirect
from usage.catalog import Catalog
from usage.python.types import Types

_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Tables:
    """What a catalog says, by the questions that reading Python has.

    Attributes
    ----------
    catalog
        Of the frameworks that are looked for.
    """

    catalog: Catalog

    @cached_property
    def types(self) -> Types:
        """Return what calls and attributes give."""
        return Types(self.catalog)

    @cached_property
    def roots(self) -> dict[str, str]:
        """Return the framework of each import root."""
        return dict(self.catalog.roots)

    @cached_property
    def indirect(self) -> dict[str, list[tuple[str, Indirect]]]:
        """Return frameworks and ways to use them, by names in other libraries."""
        found: dict[str, list[tuple[str, Indirect]]] = {}
        for each in self.catalog.frameworks:
            for way in each.indirect:
                if way.symbol:
                    found.setdefault(way.symbol, []).append((each.name, way))
        return found

    def brought_by(self, name: str) -> list[str]:
        """Return the frameworks that an import of another library's name brings in."""
        parts = name.split(".")
        begins = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        ways = (each for begin in begins for each in self.indirect.get(begin, ()))
        return sorted({framework for framework, way in ways if way.argument is None})

    @cached_property
    def foreign_roots(self) -> frozenset[str]:
        """Return the import roots of libraries through which frameworks are used."""
        return frozenset(name.partition(".")[0] for name in self.indirect) - self.roots.keys()

    def framework_of(self, dotted_name: str) -> str | None:
        """Return the framework that a dotted name is of."""
        root = dotted_name.partition(".")[0]
        if (found := self.roots.get(root)) is not None:
            return found
        for module, framework in self.roots.items():
            if "." in module and f"{dotted_name}.".startswith(f"{module}."):
                return framework
        return None

    def framework_of_variable(self, text: str) -> str | None:
        """Return the framework that an environment variable is of; whole names only."""
        return self.catalog.framework_of_variable(text) if _VARIABLE.fullmatch(text) else None

    def may_show(self, content: bytes) -> bool:
        """Tell whether a file has a word without which nothing in it can be a framework's."""
        content = content.lower()
        return any(word in content for word in self.catalog.code_words)
