"""Files of labels that were altered, cut short or killed: refused, or exactly what was written."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from label_sets import altered, give, in_child, key, kinds_set, refused
from writers import tree

from artifacts.errors import ArtifactError, OpsatlasError
from labels.history.store import EventStore
from labels.label_set import LabelSet

N_FLIPS = 400


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a set that three coders worked on; tests must leave it as it is."""
    path = tmp_path_factory.mktemp("coded") / "kinds.sqlite"
    with kinds_set(path, n=12) as labels:
        for coder in ("ada", "ben", "eve"):
            give(labels, coder, dict.fromkeys(range(12), "tool"), (0, "data"), (1, "serving"))
    return path


@pytest.fixture
def path(coded: Path, tmp_path: Path) -> Path:
    """Return a copy of one's own."""
    return Path(shutil.copy(coded, tmp_path))


def content(path: Path) -> tuple[Any, ...]:
    """Return everything that a set of labels says."""
    with LabelSet.open(path, read_only=True) as labels:
        items = list(labels.state.wave_of)
        return (
            labels.store.all_events(),
            labels.titles(),
            [labels.document(item) for item in items],
            {coder: desk.fields for coder, desk in labels.state.desks.items()},
        )


def test_a_flipped_bit_is_refused_or_without_effect(coded: Path, path: Path) -> None:
    """Wherever in the file, there is one clear error, or the same labels; never other labels."""
    whole, expected = coded.read_bytes(), content(coded)
    rng, outcomes = random.Random(11), Counter[str]()
    for _ in range(N_FLIPS):
        at, bit = rng.randrange(len(whole)), rng.randrange(8)
        data = bytearray(whole)
        data[at] ^= 1 << bit
        path.write_bytes(data)
        try:
            found = content(path)
        except OpsatlasError as error:
            assert error.where, (at, bit)
            assert error.fix, (at, bit)
            outcomes["refused"] += 1
        else:
            assert found == expected, (at, bit)
            outcomes["the same"] += 1
    assert outcomes["refused"] > N_FLIPS / 4
    assert outcomes["the same"] > 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = replace(body, 'tool', 'list') WHERE coder = 'ben'",
        "UPDATE events SET coder = 'ada' WHERE coder = 'ben'",
        "UPDATE events SET at = '2000-01-01T00:00:00.000+00:00' WHERE coder = 'ben'",
        "UPDATE events SET item = 'name:org/repo-001' WHERE coder = 'ben'",
    ],
)
def test_altered_labels_are_never_opened(path: Path, statement: str) -> None:
    """Labels that replay well but are not those that were given: how many, and what to do."""
    altered(path, statement)
    for read_only in (True, False):
        error = refused(
            lambda ro=read_only: LabelSet.open(path, read_only=ro),  # type: ignore[misc]
            "is not as it was written (and ",
            kind=ArtifactError,
        )
        assert "keep the file" in str(error.fix)


def test_an_altered_text_is_refused_when_it_is_read(path: Path) -> None:
    """The set opens, for its labels are whole; the text is never shown, nor any title."""
    altered(path, "UPDATE documents SET body = replace(body, 'Repo-003', 'Rope-003')")
    with LabelSet.open(path) as labels:
        assert labels.document(key(1)).title == "org/Repo-001"
        said = "is not as it was written"
        refused(lambda: labels.document(key(3)), said, "backup", kind=ArtifactError)
        refused(labels.titles, said, "backup", kind=ArtifactError)


def killed_while_writing(path: Path) -> None:
    """Let a process die when half of what it writes is in the file."""

    def write(_: int) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        for number in range(500):
            connection.execute("INSERT INTO documents VALUES (?, ?)", (f"{number}", "x" * 2000))
        os.kill(os.getpid(), signal.SIGKILL)

    pid, reading = in_child(write)
    os.close(reading)
    os.waitpid(pid, 0)


def test_what_a_killed_writer_left_is_read_as_it_was(coded: Path, path: Path) -> None:
    """A reader sees the labels without what was never finished, and leaves the files alone."""
    killed_while_writing(path)
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0
    before = tree(path.parent)
    assert content(path) == content(coded)
    assert tree(path.parent) == before
    LabelSet.open(path).close()
    assert list(tree(path.parent)) == [path.name]
    assert content(path) == content(coded)


def test_a_killed_copy_is_not_there_and_can_be_made_again(tmp_path: Path) -> None:
    """Killed at any moment, the copy is whole or not there; the next one clears what was left."""
    source, target = tmp_path / "large.sqlite", tmp_path / "copies" / "copy.sqlite"
    kinds_set(source, n=4_000).close()
    target.parent.mkdir()
    rng, n_killed = random.Random(5), 0

    def work(out: int) -> None:
        with LabelSet.open(source, read_only=True) as labels:
            os.write(out, b"begins\n")
            labels.store.copy(target)

    for _ in range(8):
        pid, reading = in_child(work)
        with os.fdopen(reading) as file:
            assert file.readline() == "begins\n"
            time.sleep(rng.random() * 0.02)
            os.kill(pid, signal.SIGKILL)
            n_killed += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        if target.exists():
            with closing(EventStore.open(target, read_only=True)) as copy:
                assert copy.damage() == []
            target.unlink()
    assert n_killed > 0
    with LabelSet.open(source, read_only=True) as labels:
        labels.store.copy(target)
    assert list(tree(target.parent)) == [target.name]
    assert content(target) == content(source)
