"""The frameworks that are looked for, as the scanner asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from configs.framework import Framework

Names = tuple[str, ...]


@dataclass(frozen=True)
class Patterns:
    """Patterns of names, each with what it stands for; ``*`` is one name, the longest wins.

    Attributes
    ----------
    of
        What each pattern stands for. Between patterns of one length, that with fewer ``*`` wins.
    """

    of: Mapping[Names, str]

    @cached_property
    def _by_head(self) -> dict[str, list[Names]]:
        ranked = sorted(self.of, key=lambda names: (-len(names), names.count("*"), names))
        by_head: dict[str, list[Names]] = {}
        for names in ranked:
            by_head.setdefault(names[0], []).append(names)
        return by_head

    def find(self, names: Sequence[str]) -> str | None:
        """Return what the longest pattern that covers ``names`` stands for."""
        for pattern in self._by_head.get(names[0], ()) if names else ():
            if len(pattern) <= len(names) and all(
                mine in ("*", theirs) for mine, theirs in zip(pattern, names, strict=False)
            ):
                return self.of[pattern]
        return None


def dotted(patterns: Iterable[tuple[str, str]]) -> Patterns:
    """Return patterns of dotted names with what they stand for."""
    return Patterns({tuple(pattern.split(".")): value for pattern, value in patterns})


def worded(patterns: Iterable[tuple[str, str]]) -> Patterns:
    """Return patterns of commands with what they stand for."""
    return Patterns({tuple(pattern.split()): value for pattern, value in patterns})


@dataclass(frozen=True)
class Catalog:
    """Frameworks by the names that code knows them by.

    Attributes
    ----------
    frameworks
        Each once.
    """

    frameworks: tuple[Framework, ...]
    by_name: Mapping[str, Framework] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.frameworks})

    @cached_property
    def roots(self) -> Mapping[str, str]:
        """Return the framework of each import root."""
        return {module: each.name for each in self.frameworks for module in each.modules}

    @cached_property
    def scripts(self) -> Mapping[str, str]:
        """Return the framework of each command."""
        return {script: each.name for each in self.frameworks for script in each.scripts}

    def framework_of(self, dotted_name: str) -> str | None:
        """Return the framework that a dotted name is of."""
        return self.roots.get(dotted_name.partition(".")[0])
