"""Frameworks as reading Python asks about them, compiled once for a scan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from configs.framework import Indirect
from usage.catalog import Catalog
from usage.python.types import Types

_ENVIRONMENT_NAME: Final = re.compile(r"_?[A-Z][A-Z0-9_]*_[A-Z0-9_]*[A-Z0-9]$")


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

    @cached_property
    def foreign_roots(self) -> frozenset[str]:
        """Return the import roots of libraries through which frameworks are used."""
        return frozenset(name.partition(".")[0] for name in self.indirect) - self.roots.keys()

    @cached_property
    def _environment(self) -> tuple[dict[str, str], list[tuple[str, str]]]:
        exact: dict[str, str] = {}
        beginnings: list[tuple[str, str]] = []
        for each in self.catalog.frameworks:
            for feature in each.features:
                for pattern in feature.environment:
                    if pattern.endswith("*"):
                        beginnings.append((pattern[:-1], each.name))
                    else:
                        exact[pattern] = each.name
        return exact, beginnings

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
        exact, beginnings = self._environment
        if (found := exact.get(text)) is not None:
            return found
        if _ENVIRONMENT_NAME.match(text):
            for beginning, framework in beginnings:
                if text.startswith(beginning):
                    return framework
        return None

    @cached_property
    def words(self) -> tuple[bytes, ...]:
        """Return words of which code that uses a framework has one."""
        words = set(self.roots) | set(self.catalog.parameters) | set(self.catalog.scripts)
        exact, beginnings = self._environment
        words |= set(exact) | {beginning for beginning, _ in beginnings}
        for each in self.catalog.frameworks:
            words |= set(each.distributions)
            for way in each.indirect:
                if way.symbol:
                    words.add(str(way.value) if isinstance(way.value, str) else way.symbol.split(".")[-1])
        # A word that holds another one is found with it.
        kept = {word for word in words if not any(o != word and o in word for o in words)}
        return tuple(sorted(word.encode() for word in kept))

    def may_show(self, content: bytes) -> bool:
        """Tell whether a file has a word without which nothing in it can be a framework's."""
        return any(word in content for word in self.words)
