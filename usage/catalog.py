"""The frameworks that are looked for, as the scanner asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
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
class Results:
    """What calls and attributes give, by dotted names; ``*`` is any part of one name.

    Attributes
    ----------
    of
        The type that each gives, as in `configs.framework.Framework.returns`.
    """

    of: Mapping[str, str]
    _known: dict[str, str | None] = field(default_factory=dict, init=False, compare=False)

    @cached_property
    def _by_length(self) -> dict[int, list[tuple[Names, str]]]:
        """Return the patterns with a ``*`` by their number of names, most letters first."""
        patterns = sorted(
            (pattern for pattern in self.of if "*" in pattern),
            key=lambda pattern: (pattern.count("*"), -len(pattern), pattern),
        )
        by_length: dict[int, list[tuple[Names, str]]] = {}
        for pattern in patterns:
            names = tuple(pattern.split("."))
            by_length.setdefault(len(names), []).append((names, self.of[pattern]))
        return by_length

    def find(self, name: str) -> str | None:
        """Return what ``name`` gives, ``""`` if nothing of the framework's, None if unknown."""
        if name not in self._known:
            self._known[name] = self._look_up(name)
        return self._known[name]

    def _look_up(self, name: str) -> str | None:
        given = self.of.get(name)
        if given is None:
            names = tuple(name.split("."))
            for pattern, value in self._by_length.get(len(names), ()):
                if all(map(fnmatchcase, names, pattern)):
                    given = value
                    break
        return name.rpartition(".")[0] if given == "self" else given


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

    @cached_property
    def _results(self) -> Results:
        return Results(
            {name: gives for each in self.frameworks for name, gives in each.returns.items()}
        )

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """Return the type of parameters that are handed in, by their names."""
        return {name: of for each in self.frameworks for name, of in each.parameters.items()}

    @cached_property
    def surfaces(self) -> Mapping[str, tuple[str, ...]]:
        """Return the public names of modules that are imported by ``*``."""
        return {name: of for each in self.frameworks for name, of in each.surfaces.items()}

    def result_of(self, dotted_name: str) -> str | None:
        """Return the type that a call or an attribute gives.

        In ``[…]`` if it gives many of the type, ``""`` if nothing of a framework's, None if the
        files do not say.
        """
        return self._results.find(dotted_name)
