"""The house rules: sizes, docstrings, a quick `--help`, pinned and free dependencies."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MAX_MODULE_LINES = 600
MAX_FUNCTION_LINES = 50
HEAVY = ["torch", "pandas", "pyarrow", "numpy", "sklearn", "scipy", "numba", "plotly", "bertopic"]
HEAVY += ["matplotlib"]
# What torch brings along where it is built for CUDA; it pins these itself.
BROUGHT_BY_TORCH = ("nvidia-", "cuda-", "triton")
# Offered under several licences: the one that we take, and why the GPL does not bind us.
CHOICES = {"docutils": "public domain and BSD; only an editor mode, not installed, is GPL"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.fixture(scope="session")
def project(root: Path) -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pins(root: Path) -> dict[str, str]:
    """Return the pinned version of each distribution in constraints.txt."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def sources(root: Path) -> list[Path]:
    """Return every module of the packages and of the benchmarks."""
    folders = [path.parent for path in root.glob("*/__init__.py") if path.parent.name != "tests"]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def oversize(path: Path) -> Iterator[str]:
    """Yield what is too long in one module."""
    text = path.read_text(encoding="utf-8")
    n_lines = len(text.splitlines())
    if n_lines > MAX_MODULE_LINES:
        yield f"{path}: {n_lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function):
            n_lines = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
            if n_lines > MAX_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {n_lines} lines"


def docstring_lines(function: Function) -> int:
    """Return how many lines tell what a function does: they make it no longer."""
    first = function.body[0]
    if ast.get_docstring(function) is None or first.end_lineno is None:
        return 0
    return first.end_lineno - first.lineno + 1


def undocumented(path: Path) -> Iterator[str]:
    """Yield the public functions, classes and methods of one module without a docstring."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None:
                yield f"{path}:{node.lineno}: {node.name}"
            if isinstance(node, ast.ClassDef):
                waiting.append(node)


def test_modules_and_functions_are_small(root: Path) -> None:
    """No module is longer than 600 lines and no function, its docstring aside, than 50."""
    assert [line for path in sources(root) for line in oversize(path)] == []


def test_everything_public_is_documented(root: Path) -> None:
    """Every public function, class and method has a docstring."""
    assert [line for path in sources(root) for line in undocumented(path)] == []


def test_every_test_says_what_it_shows(root: Path) -> None:
    """Every test function has a docstring of one sentence."""
    silent = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, Function) or not node.name.startswith("test_"):
                continue
            if not (ast.get_docstring(node) or "").strip():
                silent.append(f"{path.name}:{node.lineno}: {node.name}")
    assert silent == []


def test_a_long_or_silent_function_is_found(tmp_path: Path) -> None:
    """The checks of size and docstrings report what they are there to find."""
    path = tmp_path / "long.py"
    body = "    x = 1\n" * MAX_FUNCTION_LINES
    path.write_text(f"class A:\n  def f(self):\n{body}\ndef _g():\n    pass\n" + "\n" * 600)
    assert [line.split(": ", 1)[1] for line in oversize(path)] == ["655 lines", "f has 51 lines"]
    assert [line.rsplit(" ", 1)[1] for line in undocumented(path)] == ["A", "f"]


def test_packages_are_listed_one_by_one(root: Path, project: dict[str, Any]) -> None:
    """The packages in pyproject are those in the tree that users need, and all typed."""
    listed = project["tool"]["setuptools"]["packages"]
    there = {
        ".".join(path.parent.relative_to(root).parts)
        for top in root.glob("*/__init__.py")
        for path in top.parent.rglob("__init__.py")
        if top.parent.name not in ("tests", "benchmarks", "docs")
    }
    assert sorted(there) == sorted(listed)
    typed = project["tool"]["mypy"]["packages"]
    assert {name.split(".")[0] for name in listed} <= set(typed)


def requirements(lines: list[str], extra: str = "") -> Iterator[str]:
    """Yield the names that the requirements ask for on this machine, with what their extras ask."""
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield canonicalize_name(requirement.name)
            for asked in requirement.extras:
                yield from requirements(metadata.requires(requirement.name) or [], asked)


def closure(names: list[str]) -> set[str]:
    """Return the named distributions and all that they stand on, as installed here."""
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name in seen or name.startswith(BROUGHT_BY_TORCH):
            continue
        seen.add(name)
        waiting += requirements(metadata.requires(name) or [])
    return seen


@pytest.fixture(scope="session")
def installed(project: dict[str, Any]) -> set[str]:
    """Return all that opsatlas installs, the tools for development included."""
    extras = project["project"]["optional-dependencies"]
    lines = project["project"]["dependencies"] + [
        line for extra in extras.values() for line in extra
    ]
    return closure(list(requirements(lines)))


def test_every_dependency_is_pinned(installed: set[str], pins: dict[str, str]) -> None:
    """What opsatlas stands on is pinned, nothing else is, and this environment has the pins."""
    build_tool = {"setuptools"}
    assert installed | build_tool == set(pins)
    here = {name: metadata.version(name).split("+")[0] for name in installed}
    assert here == {name: version for name, version in pins.items() if name in installed}


def test_every_dependency_has_a_lower_bound_that_its_pin_meets(
    project: dict[str, Any], pins: dict[str, str]
) -> None:
    """`python -m benchmarks.lowest_versions` tries the bounds; the pins are what is tested with."""
    for line in project["project"]["dependencies"]:
        requirement = Requirement(line)
        assert [bound.operator for bound in requirement.specifier] == [">="], line
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), line


def test_torch_is_pinned_to_the_version_agreed(pins: dict[str, str]) -> None:
    """Another torch would give other vectors."""
    assert pins["torch"] == "2.13.0"


def licence(name: str) -> str:
    """Return what the metadata of an installed distribution says of its licence."""
    about = metadata.metadata(name)
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    first_lines = [
        text.strip().split("\n")[0]
        for field in ("License-Expression", "License")
        for text in about.get_all(field) or []
    ]
    return " | ".join([*first_lines, *classifiers])


def test_no_dependency_is_gpl(installed: set[str]) -> None:
    """Every dependency names a licence, and none leaves us only the GPL."""
    licences = {name: licence(name) for name in installed}
    assert [name for name, said in licences.items() if not said] == []
    gpl = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
    assert {name for name, said in licences.items() if gpl.search(said)} <= set(CHOICES)


WALK = """
import io, json, sys
from contextlib import redirect_stdout
from typer.main import get_command
from opsatlas.cli.main import app
heavy = sys.argv[1:]
found, silent, broken = {}, [], []
whole = get_command(app)
def visit(command, path):
    name = " ".join(path)
    if not (command.help or "").strip():
        silent.append(name)
    with redirect_stdout(io.StringIO()) as out:
        code = whole.main([*path[1:], "--help"], prog_name="opsatlas", standalone_mode=False)
    if code not in (None, 0) or "Usage:" not in out.getvalue():
        broken.append(name)
    found[name] = [module for module in heavy if module in sys.modules]
    for child, below in getattr(command, "commands", {}).items():
        visit(below, [*path, child])
visit(whole, ["opsatlas"])
print(json.dumps({"found": found, "silent": silent, "broken": broken}))
"""


@pytest.fixture(scope="session")
def commands(root: Path) -> dict[str, Any]:
    """Return what the help of each command imports, and the commands without one."""
    run = subprocess.run(
        [sys.executable, "-c", WALK, *HEAVY], cwd=root, capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def test_every_command_says_what_it_does(commands: dict[str, Any]) -> None:
    """Every command and group has a help text, and --help prints it."""
    assert len(commands["found"]) > 1
    assert commands["silent"] == []
    assert commands["broken"] == []


def test_help_never_imports_what_is_heavy(commands: dict[str, Any]) -> None:
    """No command's --help imports torch, pandas, pyarrow, numpy or another heavy library."""
    assert {name: heavy for name, heavy in commands["found"].items() if heavy} == {}


def test_the_entry_point_starts_light(root: Path) -> None:
    """The process `opsatlas --help` itself ends well without a heavy import."""
    code = "import sys; sys.argv = ['opsatlas', '--help']; from opsatlas.cli import start; start()"
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0
    assert "Usage:" in run.stdout
    imported = {line.rsplit("|", 1)[1].strip() for line in run.stderr.splitlines() if "|" in line}
    assert "opsatlas.cli.main" in imported
    assert sorted(imported & set(HEAVY)) == []


def test_what_a_stranger_needs_is_there(root: Path) -> None:
    """The root holds what is read first, and the CI script can be run."""
    read_first = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE")
    for name in (*read_first, "Makefile", "constraints.txt"):
        assert (root / name).is_file(), name
    assert (root / ".ci" / "run").stat().st_mode & 0o111
