"""What is given away: a wheel of the packages and nothing else, and all of the source."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from email import message_from_bytes
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from test_floors import FLOORS, imports

BESIDE = (".ci", "benchmarks", "docs", "tests")
"""Folders that the source has and the wheel has not."""
MADE = shutil.ignore_patterns("__pycache__", "*.pyc", "results", "site", ".*_cache", ".DS_Store")
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


class Built(NamedTuple):
    """What a build gave: the files of the wheel and of the source, and the wheel's metadata."""

    source: set[str]
    in_wheel: set[str]
    in_source: set[str]
    about: Message
    said: str


def files_below(folder: Path) -> set[str]:
    """Return the path of every file below a folder."""
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def required(about: Message) -> list[str]:
    """Return what an installation without extras asks for."""
    return [line for line in about.get_all("Requires-Dist", []) if "extra ==" not in line]


def is_for_users(line: str) -> bool:
    """Tell whether a requirement is none of developing opsatlas."""
    return not re.search(r"extra == .(dev|docs)\b", line)


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return what the wheel of this tree holds, built from a copy."""
    source, out = tmp_path_factory.mktemp("source") / "copy", tmp_path_factory.mktemp("out")
    source.mkdir()
    for path in root.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, source)
        elif path.name in (*FLOORS, *BESIDE):
            shutil.copytree(path, source / path.name, ignore=MADE)
    there = files_below(source)
    build = [sys.executable, "-c", BUILD, str(out)]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True, check=True)
    (wheel,) = out.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (about,) = (name for name in names if name.endswith("/METADATA"))
        said = message_from_bytes(archive.read(about))
    listed = (source / "opsatlas.egg-info" / "SOURCES.txt").read_text(encoding="utf-8").splitlines()
    own = {name for name in names if ".dist-info/" not in name}
    return Built(there, own, set(listed), said, done.stdout + done.stderr)


def test_the_wheel_has_every_file_of_the_packages_and_no_other(built: Built) -> None:
    """A forgotten asset or package fails this; tests and benchmarks are not in it."""
    assert built.in_wheel == {name for name in built.source if name.split("/")[0] in FLOORS}
    assert {"reports/assets/page.html.j2", "configs/mlops.toml"} <= built.in_wheel


def test_the_source_has_every_file_of_the_tree(built: Built) -> None:
    """Who unpacks the source has tests, benchmarks, pins and Makefile as well."""
    made = {name for name in built.in_source if name.startswith("opsatlas.egg-info/")}
    assert built.in_source - made == built.source
    assert {"Makefile", "constraints.txt", "tests/test_wheel.py"} <= built.source


def test_each_package_says_that_it_is_typed(built: Built) -> None:
    """Type checkers of those who import opsatlas look for this file."""
    assert {f"{package}/py.typed" for package in FLOORS} <= built.in_wheel


def test_the_build_warns_of_nothing(built: Built) -> None:
    """Setuptools has no doubt about what belongs to the wheel."""
    assert "Deprecat" not in built.said
    assert "would be ignored" not in built.said


def test_what_is_imported_is_asked_for(root: Path, built: Built) -> None:
    """Each import is of something that opsatlas, or an extra, requires, or that these require."""
    everything = built.about.get_all("Requires-Dist", [])
    asked = {canonicalize_name(Requirement(line).name) for line in everything if is_for_users(line)}
    with_theirs = asked | {
        canonicalize_name(Requirement(line).name)
        for name in asked
        for line in metadata.requires(name) or []
        if "extra ==" not in line
    }
    modules = {
        name.split(".")[0]
        for package in FLOORS
        for path in (root / package).rglob("*.py")
        for _, name, _ in imports(ast.parse(path.read_text(encoding="utf-8")))
    }
    given_by = metadata.packages_distributions()
    in_notebooks = {"IPython"}  # whoever is in one has it
    for module in modules - set(FLOORS) - set(sys.stdlib_module_names) - in_notebooks:
        named = {canonicalize_name(name) for name in given_by[module]}
        assert named & with_theirs, module


def test_the_metadata_say_what_an_index_shows(built: Built, root: Path) -> None:
    """Name, licence, Python, typing and the README are there, as pyproject has them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert built.about["Name"] == "opsatlas"
    assert built.about["License-Expression"] == "MIT"
    assert built.about["Requires-Python"] == project["requires-python"]
    assert "Typing :: Typed" in built.about.get_all("Classifier", [])
    assert not [line for line in built.about.get_all("Classifier", []) if "License" in line]
    assert str(built.about.get_payload()).strip().startswith("# opsatlas")
