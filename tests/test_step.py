"""A step makes its artifact once, whole or not at all, and again when what goes in has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from artifacts.hashing import hash_value
from artifacts.manifest import FILE_NAME, Manifest, changed_files
from artifacts.step import Content, Step, make

TEXT = "a.txt"


def step(says: str = "one", *, found: list[str] | None = None, **other: Any) -> Step:
    """Return a step that writes what it depends on, and notes each time that it does."""

    def find(key: str) -> Content:
        if found is not None:
            found.append(key)
        return Content(write=lambda folder: (folder / TEXT).write_text(says, encoding="utf-8"))

    usual: dict[str, Any] = {
        "kind": "note",
        "version": 1,
        "depends_on": {"says": says},
        "inputs": {"source": "0" * 64},
        "find": find,
    }
    return Step(**usual | other)


def test_the_key_is_of_all_that_goes_in() -> None:
    """Its kind, its version and what it depends on; the kind may go by another name in it."""
    assert step().key == hash_value({"stage": "note 1", "says": "one"})
    others = (step("two"), step(version=2), step(kind="other"))
    assert len({step().key, *(other.key for other in others)}) == 4
    assert step(kind="other", name_in_key="note").key == step().key


def test_why_an_artifact_is_made_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What it depends on and has changed, or what else; and where nothing has, that."""
    caplog.set_level("INFO", "artifacts.step")
    folder = tmp_path / "notes" / "one"

    def told(made: Step) -> list[str]:
        caplog.clear()
        make(made, folder)
        return caplog.messages

    first = told(step(depends_on={"number": 0}))
    assert first[0] == "notes/one is to be made: missing"
    assert first[1].startswith("notes/one is made, in ")
    assert told(step(depends_on={"number": 0})) == ["notes/one is up to date"]
    assert told(step(depends_on={"number": 1}))[0] == "notes/one is to be made: stale: number"
    other = step(depends_on={"number": 1}, version=2)
    assert told(other)[0] == "notes/one is to be made: stale: made by another version of opsatlas"
    (folder / TEXT).write_text("other", encoding="utf-8")
    assert told(other)[0] == f"notes/one is to be made: changed: {TEXT}"


def test_an_artifact_is_made_once(tmp_path: Path) -> None:
    """What is there and as it was written is not made again; what was changed or damaged is."""
    found: list[str] = []
    folder = tmp_path / "made"
    first = make(step(found=found), folder)
    assert make(step(found=found), folder) == first == Manifest.read(folder)
    assert found == [first.key]
    assert changed_files(folder, first) == []
    (folder / TEXT).write_text("other", encoding="utf-8")
    make(step(found=found), folder)
    (folder / FILE_NAME).write_text("{", encoding="utf-8")
    make(step(found=found), folder)
    make(step("two", found=found), folder)
    assert len(found) == 4
    assert (folder / TEXT).read_text(encoding="utf-8") == "two"


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """Neither a half folder nor a changed one stays, wherever it fails."""
    folder = tmp_path / "made"
    make(step(), folder)
    before = Manifest.read(folder)

    def fail(_: object) -> Content:
        raise ValueError

    half = Content(write=fail)
    for failing in (step("two", find=fail), step("two", find=lambda _: half)):
        with pytest.raises(ValueError):
            make(failing, folder)
    assert Manifest.read(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_the_manifest_says_what_the_step_says(tmp_path: Path) -> None:
    """Settings with their hash, what was found, and a hash of its own where files hold clocks."""
    content = Content(write=lambda _: None, about={"seeds": [3]}, content_hash="f" * 64)
    made = make(step(config={"a": 1}, find=lambda _: content), tmp_path / "made")
    assert (made.config, made.config_hash) == ({"a": 1}, hash_value({"a": 1}))
    assert (made.seeds, made.content_hash, made.inputs) == ([3], "f" * 64, {"source": "0" * 64})
    assert make(step(), tmp_path / "other").config_hash == ""


def test_the_lock_is_held_while_the_folder_is_switched(tmp_path: Path) -> None:
    """Not while the work is done; what is half done is cleared whether it was made or there."""
    told: list[str] = []

    @contextmanager
    def lock(folder: Path) -> Iterator[None]:
        told.append(f"locked {folder.name}")
        yield
        told.append(f"there {(folder / TEXT).exists()}")

    careful = step(found=told, lock=lock, tidy=lambda folder: told.append(f"tidy {folder.name}"))
    for _ in range(2):
        make(careful, tmp_path / "made")
    assert told == [careful.key, "locked made", "there True", "tidy made", "tidy made"]


def test_a_manifest_is_read_once_for_each_state_of_it(tmp_path: Path) -> None:
    """The same object comes back until the file is another."""
    make(step(), tmp_path / "made")
    first = Manifest.read(tmp_path / "made")
    assert Manifest.read(tmp_path / "made") is first
    make(step("two"), tmp_path / "made")
    assert Manifest.read(tmp_path / "made").key == step("two").key
