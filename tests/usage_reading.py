"""Files read on their own, as rows to compare: for tests of what is not Python."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from configs.framework import read_frameworks
from usage.catalog import Catalog
from usage.files import file_uses
from usage.places import place_of
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place, SourceFile, Use

FRAMEWORKS = Path(__file__).parent.parent / "configs" / "frameworks"


@cache
def shipped() -> Catalog:
    """Return the frameworks that are shipped."""
    return Catalog(tuple(read_frameworks(sorted(FRAMEWORKS.glob("*.toml")))))


def imports_of(text: str, at: LineLabel, place: Place, prefix: str) -> Found:
    """Return the imports of a text of Python: what a reader of Python may be."""
    uses = [
        Use(
            framework=name.name.partition(".")[0],
            channel=place.channel,
            kind="import",
            path=place.path,
            line=at(node.lineno),
            symbol=name.name,
            how=f"{prefix}direct",
        )
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for name in node.names
    ]
    return Found(uses, [])


def read(path: str, text: str | bytes, **flows: str) -> Found:
    """Return what a file shows; ``flows`` are files of flows, a dot for each slash left out."""
    content = text if isinstance(text, bytes) else text.encode()
    around = Surroundings(flows={"flows/train.py": "metaflow", **flows}, python=imports_of)
    return file_uses(SourceFile(path, content), place_of(path), shipped(), around)


def rows(path: str, text: str | bytes) -> list[str]:
    """Return what a file shows as ``LINE KIND SYMBOL``, by line."""
    uses = read(path, text).uses
    return [
        f"{use.line} {use.kind} {use.symbol}"
        for use in sorted(uses, key=lambda use: (int(use.line), use.kind, use.symbol))
    ]
