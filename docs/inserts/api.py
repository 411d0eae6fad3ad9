"""The page of the public API: each name of ``opsatlas.__all__``, documented where it is defined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import griffe

import opsatlas
from docs.inserts.markdown import sections

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
    return sections(*(_directive(name, home) for name, home in found))


def _directive(name: str, home: str) -> str:
    return f"::: {home}\n    options:\n      heading: {name}\n      toc_label: {name}"
