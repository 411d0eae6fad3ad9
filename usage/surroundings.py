"""What stands around a file in its repository, as far as reading the file needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from usage.uses import Found, LineLabel, Place, PythonReader

TextReader = Callable[[str, str, LineLabel, Place], Found]
"""Reads a file that another one writes: its name, text, lines, and place."""


def _no_python(_text: str, _at: LineLabel, _place: Place, _prefix: str) -> Found:
    return Found([], [])


def _no_text(_name: str, _text: str, _at: LineLabel, _place: Place) -> Found:
    return Found([], [])


@dataclass(frozen=True)
class Surroundings:
    """The repository around a file.

    Attributes
    ----------
    paths
        All its files, also those that nobody reads.
    flows
        Files that define a flow, which is run as ``python FILE COMMAND``, with the framework.
    python
        Reads Python in strings and here-documents.
    texts
        Reads other files that commands write by here-documents.
    """

    paths: frozenset[str] = frozenset()
    flows: Mapping[str, str] = field(default_factory=dict)
    python: PythonReader = _no_python
    texts: TextReader = _no_text


ALONE = Surroundings()
"""Of a file of which nothing else is known."""
