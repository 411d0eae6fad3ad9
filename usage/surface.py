"""A draft of a framework file, from the framework's own code, for a person to finish."""

from __future__ import annotations

import ast
import json
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from artifacts.errors import ConfigError
from artifacts.files import storage_errors
from usage.wheels import Distribution, read_distribution

if TYPE_CHECKING:
    import griffe

_SIDE_ROOMS: Final = frozenset(
    {"benchmarks", "docs", "examples", "test", "testing", "tests", "vendor", "vendored"}
)
_MANY: Final = frozenset(
    {"list", "List", "Sequence", "Iterable", "Iterator", "Generator", "Collection", "set", "tuple"}
)
_NOTHING: Final = frozenset({"None", "Optional", "Union", "typing.Optional", "typing.Union"})


@dataclass
class _Surface:
    """What a distribution lets others use.

    Attributes
    ----------
    symbols
        Public functions and classes by the module that they are public in.
    exported
        What modules list in ``__all__``.
    names
        The shortest public name of each class, by where it is defined.
    returned
        Annotations of what functions and methods return, by their public names.
    entered
        Those of them that give it by ``with``.
    """

    symbols: dict[str, list[str]] = field(default_factory=dict)
    exported: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    returned: dict[str, griffe.Expr] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)


def draft_framework(source: str | Path) -> str:
    """Return a framework file for a distribution: all that is public, each of code ``other``.

    Parameters
    ----------
    source
        A wheel, a folder, or the name of an installed distribution; nothing in it is run.

    Raises
    ------
    InputError
        If it cannot be read, or is hostile.
    ConfigError
        If griffe, which reads it, is not installed.
    """
    distribution = read_distribution(source)
    roots = _roots(distribution.sources)
    surface = _Surface()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python says of the code is its authors' to know
        _lay_out(distribution.sources, Path(folder))
        for root in roots:
            _add_package(surface, root, Path(folder))
    return "\n".join(_lines(distribution, roots, surface)) + "\n"


def _lay_out(sources: Mapping[str, str], folder: Path) -> None:
    """Write the sources that Python can parse; of the others nothing is known."""
    with storage_errors(folder):
        for name, text in sources.items():
            if _parses(text):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _roots(sources: Iterable[str]) -> list[str]:
    """Return the import roots: packages and modules at the top that are not side rooms."""
    tops = {name.split("/")[0].removesuffix(".pyi").removesuffix(".py") for name in sources}
    return sorted(top for top in tops if top.isidentifier() and top not in _SIDE_ROOMS)


def _add_package(surface: _Surface, root: str, folder: Path) -> None:
    try:
        import griffe
    except ImportError as error:
        raise ConfigError(
            "Framework files are drafted by griffe, which is not installed.",
            where="griffe",
            fix='run pip install "opsatlas[surface]"',
        ) from error
    try:
        package = griffe.load(
            root, search_paths=[folder], allow_inspection=False, try_relative_path=False
        )
    except (ImportError, griffe.LoadingError, SyntaxError):  # a folder that is no package
        return
    for module in _public_modules(package):
        _add_module(surface, module, root)


def _public_modules(module: griffe.Object | griffe.Alias) -> Iterator[griffe.Module]:
    import griffe

    if not isinstance(module, griffe.Module):
        return
    yield module
    for name, inner in sorted(module.modules.items()):
        if not name.startswith("_") and name not in _SIDE_ROOMS:
            yield from _public_modules(inner)


def _add_module(surface: _Surface, module: griffe.Module, root: str) -> None:
    exports = [str(each) for each in module.exports or ()]
    if exports:
        surface.exported[module.path] = sorted(set(exports))
    for name, member in sorted(module.members.items()):
        if name.startswith("_") or (exports and name not in exports):
            continue
        target = _target(member, root if exports else module.path)
        if target is None:
            continue
        public = f"{module.path}.{name}"
        surface.symbols.setdefault(module.path, []).append(public)
        _add_definition(surface, public, target)


def _target(member: griffe.Object | griffe.Alias, owner: str) -> griffe.Object | None:
    """Return the function or class that a name stands for, None where it is neither.

    A module without ``__all__`` shows what is defined in it or below it; what it only imports from
    beside it is for its own use.
    """
    import griffe

    target: griffe.Object | griffe.Alias = member
    if isinstance(member, griffe.Alias):
        if not member.target_path.startswith(f"{owner}."):
            return None
        try:
            target = member.final_target
        except (griffe.AliasResolutionError, griffe.CyclicAliasError):
            return None
    if not isinstance(target, griffe.Function | griffe.Class):
        return None
    return target


def _add_definition(surface: _Surface, public: str, target: griffe.Object) -> None:
    import griffe

    functions: dict[str, griffe.Object | griffe.Alias] = {public: target}
    if isinstance(target, griffe.Class):
        known = surface.names.get(target.path, public)
        surface.names[target.path] = min(known, public, key=lambda each: (each.count("."), each))
        functions = {
            f"{target.path}.{name}": member
            for name, member in sorted(target.members.items())
            if not name.startswith("_")
        }
    for name, function in functions.items():
        if isinstance(function, griffe.Function) and isinstance(function.returns, griffe.Expr):
            surface.returned[name] = function.returns
            if any("contextmanager" in str(each.value) for each in function.decorators):
                surface.entered.add(name)


def _returns(surface: _Surface) -> dict[str, str]:
    """Return what calls give, by the shortest public names, and other names of classes."""
    found = {path: name for path, name in surface.names.items() if path != name}
    for name, annotation in surface.returned.items():
        owner, _, method = name.rpartition(".")
        if given := _given(annotation, surface.names):
            given = given.strip("[]") if name in surface.entered else given
            found[f"{surface.names.get(owner, owner)}.{method}"] = given
    return dict(sorted(found.items()))


def _given(annotation: griffe.Expr | str | None, names: Mapping[str, str]) -> str:
    """Return the one type of the framework that an annotation speaks of, else nothing."""
    import griffe

    if isinstance(annotation, griffe.ExprSubscript):
        outer = str(annotation.left).rpartition(".")[2]
        inner = _given(_element(annotation.slice), names)
        return f"[{inner}]" if inner and outer in _MANY else inner if outer in _NOTHING else ""
    if isinstance(annotation, griffe.ExprBinOp) and annotation.operator == "|":
        sides = {_given(side, names) for side in (annotation.left, annotation.right)} - {""}
        return sides.pop() if len(sides) == 1 else ""
    if isinstance(annotation, griffe.ExprName | griffe.ExprAttribute):
        path = annotation.canonical_path
        return "self" if path.rpartition(".")[2] == "Self" else names.get(path, "")
    return ""


def _element(part: griffe.Expr | str) -> griffe.Expr | str:
    import griffe

    return part.elements[0] if isinstance(part, griffe.ExprTuple) and part.elements else part


def _lines(distribution: Distribution, roots: list[str], surface: _Surface) -> Iterator[str]:
    name = canonicalize_name(distribution.name)
    yield f"# Drafted from {name} {distribution.version}".rstrip() + ": give each name its code,"
    yield "# and leave out what nobody uses."
    yield f"modules = {json.dumps(roots)}"
    yield f"distributions = {json.dumps([name])}"
    yield f"scripts = {json.dumps(list(distribution.scripts))}"
    yield "\n[framework]"
    yield f"name = {json.dumps(name)}"
    yield f"title = {json.dumps(distribution.name)}"
    yield f"repository = {json.dumps(distribution.repository or 'owner/name')}"
    yield "version = 1"
    yield '\n[[features]]\ncode = "other"\nsymbols = ['
    for module, symbols in surface.symbols.items():
        yield f"    # {module}"
        yield from (f"    {json.dumps(symbol)}," for symbol in symbols)
    yield "]"
    if distribution.scripts:
        yield f"commands = {json.dumps(list(distribution.scripts))}"
    yield "\n[returns]"
    yield from (f"{json.dumps(n)} = {json.dumps(given)}" for n, given in _returns(surface).items())
    yield "\n[surfaces]"
    for module, names in surface.exported.items():
        yield f"{json.dumps(module)} = ["
        yield from (f"    {json.dumps(each)}," for each in names)
        yield "]"
