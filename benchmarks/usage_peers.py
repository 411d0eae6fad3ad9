"""What anybody writes in an afternoon to find uses of frameworks: a pattern, or a walk over trees.

Both see the files that the scan sees, notebooks by their cells. The pattern takes every line with
``framework.name``, lines of imports aside; the walk takes the calls whose names a file imports from
a framework, without scopes, and without what calls give.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator

from benchmarks.usage_code import IMPORTS, CodeText, Row
from insights.usage.evaluation import Score, score

Line = tuple[str, str, str]
"""Project, path and line."""
Symbol = tuple[str, str, str, str]
"""Project, path, line and symbol."""

_IMPORTING = re.compile(r"\s*(from|import)\s")


def lines_by_pattern(texts: Iterable[CodeText], roots: Collection[str]) -> set[Line]:
    """Return the lines that name something of a framework."""
    named = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, roots)))})\.\w")
    return {
        (text.project, text.path, f"{before}{number}")
        for text in texts
        for before, part in text.parts
        for number, line in enumerate(part.split("\n"), start=1)
        if named.search(line) and not _IMPORTING.match(line)
    }


def calls_by_imports(texts: Iterable[CodeText], roots: Collection[str]) -> tuple[set[Symbol], int]:
    """Return the calls of what files import from frameworks, and how many parts `ast` refuses."""
    found: set[Symbol] = set()
    n_refused = 0
    for text in filter(lambda each: each.is_python, texts):
        trees: list[tuple[str, ast.Module]] = []
        for before, part in text.parts:
            try:
                trees.append((before, _parsed(part)))
            except (SyntaxError, ValueError, RecursionError):
                n_refused += 1
        names = {name: of for _, tree in trees for name, of in _imported(tree, roots)}
        if not names:
            continue
        for before, tree in trees:
            for line, symbol in _called(tree, names):
                found.add((text.project, text.path, f"{before}{line}", symbol))
    return found, n_refused


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _imported(tree: ast.Module, roots: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that a file gives to modules and symbols of frameworks, and these."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                if root in roots:
                    yield (alias.asname, alias.name) if alias.asname else (root, root)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module.partition(".")[0] in roots:
                for alias in node.names:
                    yield alias.asname or alias.name, f"{module}.{alias.name}"


def _called(tree: ast.Module, names: dict[str, str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            below: list[str] = []
            named: ast.expr = node.func
            while isinstance(named, ast.Attribute):
                below.append(named.attr)
                named = named.value
            if isinstance(named, ast.Name) and named.id in names:
                yield node.func.end_lineno or node.lineno, ".".join([names[named.id], *below[::-1]])


def without_imports(rows: Iterable[Row]) -> list[Row]:
    """Return the uses but imports and declarations: what peers can be asked for."""
    return [
        row
        for row in rows
        if row["kind"] not in (*IMPORTS, "declared", "pip-install")
        and row["channel"] != "requirement"
    ]


def line_of(row: Row) -> Line:
    """Return where a use stands."""
    return row["project"], row["path"], row["line"]


def symbol_of(row: Row) -> Symbol:
    """Return where a use stands, and of what."""
    return row["project"], row["path"], row["line"], row["symbol"]


def score_of(found: Collection[tuple[str, ...]], true: Collection[tuple[str, ...]]) -> Score:
    """Return the score of what a peer found: each once, the project first."""
    return score(((each[0], each in true) for each in found), ((t[0], t in found) for t in true))
