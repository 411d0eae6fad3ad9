"""The page of the public API: each name of ``opsatlas.__all__``, documented where it is defined."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import opsatlas
from docs.inserts.markdown import sections

BEFORE_THERE_IS_AN_API = ("taxonomy.taxonomy.Taxonomy",)


def homes() -> Iterator[tuple[str, str]]:
    """Yield each public name, and the path of what it stands for where that is defined."""
    for name in getattr(opsatlas, "__all__", ()):
        value = getattr(opsatlas, name)
        if isinstance(value, ModuleType):
            yield name, value.__name__
        else:
            where = getattr(value, "__module__", opsatlas.__name__)
            yield name, f"{where}.{getattr(value, '__qualname__', name)}"


def public_names() -> str:
    """Return what mkdocstrings makes a section for each public name of."""
    found = list(homes()) or [(path.split(".")[-1], path) for path in BEFORE_THERE_IS_AN_API]
    return sections(*(_directive(name, home) for name, home in found))


def _directive(name: str, home: str) -> str:
    return f"::: {home}\n    options:\n      heading: {name}\n      toc_label: {name}"
