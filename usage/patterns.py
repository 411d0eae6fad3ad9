"""Patterns of names, and what stands for a name that several of them cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

Names = tuple[str, ...]


@dataclass(frozen=True)
class Patterns:
    """Patterns of names, each with what it stands for; ``*`` is one name, the longest wins.

    Attributes
    ----------
    of
        What each pattern stands for. Between patterns of one length, that with fewer ``*`` wins.
    begins
        Whether the last name of a pattern may be only the beginning of one; whole names win.
    """

    of: Mapping[Names, str]
    begins: bool = False

    @cached_property
    def _by_head(self) -> dict[str, list[Names]]:
        ranked = sorted(self.of, key=lambda names: (-len(names), names.count("*"), names))
        by_head: dict[str, list[Names]] = {}
        for names in ranked:
            by_head.setdefault(names[0], []).append(names)
        return by_head

    def find(self, names: Sequence[str]) -> str | None:
        """Return what the longest pattern that covers ``names`` stands for."""
        for head in (names[0], "*") if names else ():
            begun: Names | None = None
            for pattern in self._by_head.get(head, ()):
                if begun is not None and len(pattern) < len(begun):
                    break
                if _covers(pattern, names):
                    return self.of[pattern]
                if self.begins and _begins(pattern, names):
                    begun = pattern if begun is None else max(begun, pattern, key=_last_length)
            if begun is not None:
                return self.of[begun]
        return None


def _covers(pattern: Names, names: Sequence[str]) -> bool:
    return len(pattern) <= len(names) and all(
        mine in ("*", theirs) for mine, theirs in zip(pattern, names, strict=False)
    )


def _begins(pattern: Names, names: Sequence[str]) -> bool:
    at = len(pattern) - 1
    return _covers(pattern[:at], names) and len(names) > at and names[at].startswith(pattern[at])


def _last_length(pattern: Names) -> int:
    return len(pattern[-1])


def dotted(patterns: Iterable[tuple[str, str]]) -> Patterns:
    """Return patterns of dotted names with what they stand for."""
    return Patterns({tuple(pattern.split(".")): value for pattern, value in patterns})


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
