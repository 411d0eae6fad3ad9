"""The house in figures: modules, lines, imports, names that mean two things, and what a run does.

``--root DIR`` measures another checkout (its files only); without it, the demo's study of tools is
run in a temporary workspace too, to count what one run loads and reads.
"""

from __future__ import annotations

import ast
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.common import arguments, publish, table

COMMAND_LINE = {"cli", "commands", "views", "console.py", "interrupts.py", "main.py", "session.py"}
"""Below opsatlas/: what parses and prints (with the names that it had before)."""


@dataclass
class House:
    """What the sources of a checkout hold.

    Attributes
    ----------
    lines
        Of each module, by its path below the root.
    imports
        Pairs of module and imported module, our own ones only.
    names
        Public classes and type aliases, and the modules that define each.
    """

    lines: dict[str, int] = field(default_factory=dict)
    imports: set[tuple[str, str]] = field(default_factory=set)
    names: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def of(self, *parts: str) -> tuple[int, int]:
        """Return the modules and lines below a folder."""
        start = "/".join(parts) + "/"
        chosen = [n for path, n in self.lines.items() if path.startswith(start)]
        return len(chosen), sum(chosen)

    @property
    def packages(self) -> list[str]:
        """Return the top-level packages, in order."""
        return sorted({path.split("/")[0] for path in self.lines})

    @property
    def ambiguous(self) -> dict[str, set[str]]:
        """Return the public names that several modules define."""
        return {name: modules for name, modules in self.names.items() if len(modules) > 1}


def read_house(root: Path) -> House:
    """Return what the packages of the checkout at ``root`` hold."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    tops = {name.split(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    house = House()
    for top in sorted(tops):
        for path in sorted((root / top).rglob("*.py")):
            place = path.relative_to(root)
            module = ".".join(place.with_suffix("").parts)
            text = path.read_text(encoding="utf-8")
            house.lines[place.as_posix()] = len(text.splitlines())
            tree = ast.parse(text)
            house.imports |= {(module, other) for other in imported(tree, tops)}
            for name in defined(tree):
                house.names[name].add(module)
    return house


def imported(tree: ast.Module, tops: set[str]) -> Iterator[str]:
    """Yield our own modules that a module imports from, wherever in it."""
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        yield from (name for name in modules if name.split(".")[0] in tops)


def defined(tree: ast.Module) -> Iterator[str]:
    """Yield the public classes and type aliases of a module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name[0].isupper() and not name.isupper():
                yield name


def one_run(house: House) -> dict[str, int]:
    """Run the demo's study of tools; return how much of the house took part, and its reads."""
    from typer.testing import CliRunner

    from opsatlas.cli.main import app

    root = Path(__file__).parents[1]
    modules = {str(root / path): path for path in house.lines}
    calls: Counter[tuple[str, str]] = Counter()

    def note(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call" and (path := modules.get(frame.f_code.co_filename)):
            calls[path, frame.f_code.co_qualname] += 1

    with tempfile.TemporaryDirectory() as folder:
        sys.setprofile(note)
        try:
            CliRunner().invoke(app, ["run", "mlops", "-w", folder], catch_exceptions=False)
        finally:
            sys.setprofile(None)
    named = Counter()
    for (_, name), times in calls.items():
        named[name] += times
    return {
        "functions that took part": len(calls),
        "modules that took part": len({path for path, _ in calls}),
        "encoders loaded": named["TransformerEncoder.__init__"],
        "taxonomies read": named["read_taxonomy"],
        "manifests read": named["_parsed"] or named["Manifest.read"],
        "tables read": named["read_table"],
    }


def main() -> None:
    """Measure the house."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--root", type=Path, help="another checkout, of which nothing is run")
    args = parser.parse_args()
    house = read_house(args.root or Path(__file__).parents[1])
    rows = [[top, *house.of(top)] for top in house.packages]
    rows.append(["all", len(house.lines), sum(house.lines.values())])
    command_line = [
        n
        for path, n in house.lines.items()
        if path.startswith("opsatlas/") and path.split("/")[1] in COMMAND_LINE
    ]
    rows.append(["opsatlas/, command line", len(command_line), sum(command_line)])
    figures: dict[str, Any] = {
        "modules": len(house.lines),
        "lines": sum(house.lines.values()),
        "imports": len(house.imports),
        "names": {name: sorted(modules) for name, modules in sorted(house.ambiguous.items())},
    }
    counts = [
        ["imports between our modules", figures["imports"]],
        ["names that several modules define", len(figures["names"])],
    ]
    if args.root is None:
        figures["run"] = one_run(house)
        counts += [[what, n] for what, n in figures["run"].items()]
    tables = [table("The house", ["", "modules", "lines"], rows), table("", ["", ""], counts)]
    publish("house", figures, tables, args.out)


if __name__ == "__main__":
    main()
