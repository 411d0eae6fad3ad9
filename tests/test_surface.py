"""Drafts of framework files from wheels, which are strangers' archives."""

from __future__ import annotations

import stat
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from artifacts.errors import ConfigError, InputError
from configs.framework import Framework, read_frameworks
from usage import wheels
from usage.surface import draft_framework

METADATA = """\
Metadata-Version: 2.1
Name: Ship_Shape
Version: 1.2
Project-URL: Source, https://github.com/harbour/ship-shape
"""
FILES = {
    "ship_shape/__init__.py": (
        "from ship_shape.core.hull import Hull, load\n"
        "from ship_shape._private import hidden\n"
        '__all__ = ["Hull", "load"]\n'
    ),
    "ship_shape/core/__init__.py": "",
    "ship_shape/core/hull.py": (
        "from __future__ import annotations\n"
        "from contextlib import contextmanager\n"
        "from pathlib import Path\n"
        "from typing import Iterator, Optional, Self\n"
        "class Plank:\n    pass\n"
        "class Hull:\n"
        "    def planks(self) -> list[Plank]: ...\n"
        "    def best(self) -> Optional[Plank]: ...\n"
        "    def copy(self) -> Self: ...\n"
        "    def name(self) -> str: ...\n"
        "    def _sink(self) -> Plank: ...\n"
        "def load(path: Path) -> Hull | None: ...\n"
        "@contextmanager\n"
        "def afloat() -> Iterator[Hull]: ...\n"
        "def _load() -> Hull: ...\n"
    ),
    "ship_shape/_private.py": "def hidden(): ...\n",
    "ship_shape/tests/test_hull.py": "def test_hull(): ...\n",
    "ship_shape/broken.py": "def (:\n",
    "ship_shape-1.2.dist-info/METADATA": METADATA,
    "ship_shape-1.2.dist-info/entry_points.txt": "[console_scripts]\nship = ship_shape:main\n",
    "ship_shape/data.bin": "no text",
}


def make_wheel(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a wheel with these members."""
    path = folder / "ship_shape-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def drafted(text: str) -> Framework:
    """Return the framework that a draft describes."""
    return Framework.model_validate(tomllib.loads(text))


def test_a_wheel_gives_a_framework_file(tmp_path: Path) -> None:
    """The draft reads as a framework file, and says what the metadata say."""
    path = tmp_path / "ship-shape.toml"
    path.write_text(draft_framework(make_wheel(tmp_path, FILES)), encoding="utf-8")
    (framework,) = read_frameworks([path])
    assert framework.name == "ship-shape"
    assert framework.framework.title == "Ship_Shape"
    assert framework.framework.repository == "harbour/ship-shape"
    assert framework.modules == ("ship_shape",)
    assert framework.scripts == ("ship",)


def test_public_names_are_listed_where_they_are_public(tmp_path: Path) -> None:
    """What is private, a test, or broken is no use of anybody's."""
    (feature,) = drafted(draft_framework(make_wheel(tmp_path, FILES))).features
    assert feature.code == "other"
    assert feature.symbols == (
        "ship_shape.Hull",
        "ship_shape.load",
        "ship_shape.core.hull.Hull",
        "ship_shape.core.hull.Plank",
        "ship_shape.core.hull.afloat",
        "ship_shape.core.hull.load",
    )


def test_annotations_say_what_calls_give(tmp_path: Path) -> None:
    """Types are called by their shortest public names; what is not the framework's is left out."""
    framework = drafted(draft_framework(make_wheel(tmp_path, FILES)))
    assert framework.returns == {
        "ship_shape.core.hull.Hull": "ship_shape.Hull",
        "ship_shape.Hull.planks": "[ship_shape.core.hull.Plank]",
        "ship_shape.Hull.best": "ship_shape.core.hull.Plank",
        "ship_shape.Hull.copy": "self",
        "ship_shape.core.hull.afloat": "ship_shape.Hull",
        "ship_shape.core.hull.load": "ship_shape.Hull",
        "ship_shape.load": "ship_shape.Hull",
    }
    assert framework.surfaces == {"ship_shape": ("Hull", "load")}


def test_a_folder_and_an_installed_distribution_do_as_well(tmp_path: Path) -> None:
    """A package's folder gives the same names as its wheel; installed ones are asked by name."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert drafted(draft_framework(tmp_path)).framework.title == "Ship_Shape"
    alone = drafted(draft_framework(tmp_path / "ship_shape"))
    assert "ship_shape.Hull" in alone.features[0].symbols
    assert drafted(draft_framework("packaging")).modules == ("packaging",)


def test_nothing_of_a_wheel_is_run(tmp_path: Path) -> None:
    """A module that would leave a trace leaves none."""
    trace = tmp_path / "trace"
    module = f"open({str(trace)!r}, 'w').close()\nasked = 1\ndef shown(): ...\n"
    text = draft_framework(make_wheel(tmp_path, FILES | {"ship_shape/loud.py": module}))
    assert "ship_shape.loud.shown" in text
    assert not trace.exists()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("/etc/ship.py", "", "leads out of it"),
        ("../ship.py", "", "leads out of it"),
        ("ship/../../out.py", "", "leads out of it"),
        ("ship\\..\\out.py", "", "leads out of it"),
        ("C:/ship.py", "", "leads out of it"),
        ("ship_shape/__init__.py/deep.py", "", "two files of one path"),
    ],
)
def test_members_that_lead_out_are_refused(
    tmp_path: Path, name: str, content: str, what: str
) -> None:
    """A path that is absolute, climbs, or stands below a file ends the reading."""
    with pytest.raises(InputError, match=what):
        draft_framework(make_wheel(tmp_path, FILES | {name: content}))


def test_links_are_refused(tmp_path: Path) -> None:
    """A member that is a symbolic link ends the reading."""
    path = make_wheel(tmp_path, FILES)
    link = zipfile.ZipInfo("ship_shape/link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="a link"):
        draft_framework(path)


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, or all of them, larger than the limits end the reading, and so do too many."""
    path = make_wheel(tmp_path, FILES | {"ship_shape/bomb.py": b"#" * 5_000})
    for limit, value, what in (
        ("MAX_FILE_BYTES", 4_000, "a file of more than"),
        ("MAX_BYTES", 5_000, "bytes of Python"),
        ("MAX_FILES", 3, "more than 3 files"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(wheels, limit, value)
            with pytest.raises(InputError, match=what):
                draft_framework(path)


@pytest.mark.parametrize(
    "source", ["(" * 5_000, "x = '\x00'\n", "\udcff".encode("utf-8", "surrogateescape"), "if:\n"]
)
def test_modules_that_do_not_parse_are_passed_over(tmp_path: Path, source: str | bytes) -> None:
    """One file that Python cannot parse does not hide the others."""
    text = draft_framework(make_wheel(tmp_path, FILES | {"ship_shape/odd.py": source}))
    assert "ship_shape.core.hull.Hull" in text


def test_what_is_no_wheel_is_told(tmp_path: Path) -> None:
    """Damaged wheels, empty folders and unknown names are errors that say what to do."""
    damaged = tmp_path / "damaged-1-py3-none-any.whl"
    damaged.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InputError, match="cannot be read"):
        draft_framework(damaged)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no Python file"):
        draft_framework(tmp_path / "empty")
    with pytest.raises(InputError, match="no such distribution is installed"):
        draft_framework("no-such-ship==1")
    with pytest.raises(InputError, match="another one is asked for"):
        draft_framework("packaging==0.1")
    with pytest.raises(InputError, match="no wheel and no folder"):
        draft_framework(tmp_path / "gone")


def test_without_griffe_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tool that reads the code is optional."""
    monkeypatch.setitem(sys.modules, "griffe", None)
    with pytest.raises(ConfigError, match="not installed") as raised:
        draft_framework(make_wheel(tmp_path, FILES))
    assert "opsatlas[surface]" in str(raised.value.fix)
