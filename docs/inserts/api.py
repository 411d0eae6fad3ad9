"""The page of the public API: each name of ``opsatlas.__all__``, documented where it is defined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from pydoc import locate

import griffe
from pydantic import BaseModel

import opsatlas
from docs.inserts.markdown import sections
from docs.inserts.settings import keys_of

ROOT = Path(__file__).resolve().parents[2]


def homes() -> Iterator[tuple[str, str]]:
    """Yield each public name, and the path of what it stands for where that is defined.

    Nothing is imported for that: the names may be loaded as late as they like.
    """
    package = griffe.load(opsatlas.__name__, search_paths=[ROOT], submodules=False)
    for name in getattr(opsatlas, "__all__", ()):
        member = package.members[name]
        yield name, member.target_path if isinstance(member, griffe.Alias) else member.path


def public_names() -> str:
    """Return what mkdocstrings makes a section for each public name of."""
    found = list(homes()) or [("Taxonomy", "taxonomy.taxonomy.Taxonomy")]
    return sections(*(_section(name, home) for name, home in sorted(found, key=_place)))


def _place(named: tuple[str, str]) -> tuple[int, str]:
    """Return where a name stands, told by how it is written: what one begins with comes first."""
    name, _ = named
    is_value = name.isupper() or name.startswith("_")
    kinds = [name.islower() and not is_value, not name.endswith("Error"), True]
    return (3 if is_value else kinds.index(True)), name


def _section(name: str, home: str) -> str:
    """Return a section, by mkdocstrings; of a model with the keys that it takes."""
    directive = f"::: {home}\n    options:\n      heading: {name}\n      toc_label: {name}"
    value = locate(home)
    if not (isinstance(value, type) and issubclass(value, BaseModel)):
        return directive
    return sections(f"{directive}\n      members: false", keys_of(value))
