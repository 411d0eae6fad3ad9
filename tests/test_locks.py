"""Locks: one writer at a time, who says who it is, and whose death frees what it held."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from label_sets import finished, in_child
from writers import held, tree

from artifacts import files, locks
from artifacts.errors import BusyError
from artifacts.locks import waiting, writing


def test_a_second_writer_is_told_who_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Process, command and since when, and what to do; nothing is left of the lock afterwards."""
    monkeypatch.setattr(sys, "argv", ["/usr/bin/opsatlas", "run", "my study.toml"])
    with held(tmp_path / "thing"):
        with pytest.raises(BusyError) as raised, writing(tmp_path / "thing"):
            raise AssertionError("two are at work")
        said = rf"at work here \(pid {os.getpid()}, `opsatlas run 'my study.toml'`, "
        assert re.search(said + r"since \d\d:\d\d UTC\)", raised.value.what)
        assert raised.value.where == str(tmp_path / "thing")
        assert "--wait" in str(raised.value.fix)
        with writing(tmp_path / "other"):
            pass
    with writing(tmp_path / "thing"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_holder_of_another_day_or_who_cannot_say_is_told_so(tmp_path: Path) -> None:
    """The day is said where it is not today's; a lock that is no text tells nobody."""
    with held(tmp_path / "thing"):
        lock = tmp_path / ".thing.lock"
        who = json.loads(lock.read_bytes()[1:])
        for text, said in (
            (json.dumps({**who, "since": "2026-01-02T03:04:00+00:00"}), "since 2026-01-02 03:04 "),
            ("", "at work here."),
            ("[]", "at work here."),
            ("\xff", "at work here."),
        ):
            lock.write_bytes(b"\n" + text.encode("latin-1"))
            with pytest.raises(BusyError, match=re.escape(said)), writing(tmp_path / "thing"):
                pass


def test_a_thread_may_take_again_what_it_holds(tmp_path: Path) -> None:
    """A step within a step goes on, and the lock is let go by the outer one alone."""
    with writing(tmp_path / "thing"):
        with writing(tmp_path / "thing"):
            pass
        assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]
    assert list(tmp_path.iterdir()) == []


def test_a_failing_block_frees_its_lock_and_what_was_made_for_it(tmp_path: Path) -> None:
    """A folder that was made for the lock alone goes with it."""
    with pytest.raises(ValueError, match="no"), writing(tmp_path / "new" / "thing"):
        assert (tmp_path / "new" / ".thing.lock").exists()
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    """After SIGKILL the next writer goes on at once, and takes the lock's file away."""

    def hold(out: int) -> None:
        with writing(tmp_path / "thing"):
            os.write(out, b"held\n")
            time.sleep(60)

    pid, reading = in_child(hold)
    with os.fdopen(reading) as file:
        assert file.readline() == "held\n"
        with pytest.raises(BusyError, match=f"pid {pid}"), writing(tmp_path / "thing"):
            pass
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    with writing(tmp_path / "thing"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_who_waits_says_once_for_whom_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes; without being asked to, only a moment."""
    monkeypatch.setattr(locks, "GRACE_S", 0.05)
    said: list[str] = []
    with held(tmp_path / "thing") as done:
        threading.Timer(0.6, done.set).start()
        with waiting(said.append), writing(tmp_path / "thing", patience_s=0.1):
            assert done.is_set()
    assert len(said) == 1
    assert said[0].startswith(f"waiting for another opsatlas (pid {os.getpid()}, `")
    with held(tmp_path / "thing"), pytest.raises(BusyError), writing(tmp_path / "thing"):
        pass


def test_writers_take_turns(tmp_path: Path) -> None:
    """Of many that read, think and write, each builds on the one before it."""
    count = tmp_path / "count"
    count.write_text("0")

    def add(_: int) -> None:
        with waiting(lambda _: None), writing(count):
            n = int(count.read_text())
            time.sleep(0.005)
            count.write_text(str(n + 1))

    assert finished([in_child(add) for _ in range(8)]) == [""] * 8
    assert count.read_text() == "8"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


def test_who_may_not_write_holds_no_lock() -> None:
    """In a folder that is read-only to us, the block runs, and fails only if it writes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)

        def look(out: int) -> None:
            with writing(folder / "thing"):
                os.write(out, f"{list(folder.iterdir())}".encode())

        assert finished([in_child(look, nobody=True)]) == ["[]"]


def test_only_leftovers_of_what_is_locked_are_cleared(tmp_path: Path) -> None:
    """Beside it and below it; what has another name, or is no leftover, stays."""
    mine = [".thing.a1b2c3d4.tmp", ".thing.building-wal", ".thing.tmp", "thing/x/.y.b2.tmp"]
    others = [".other.tmp", ".thing.more.tmp", "thing/.hidden", "thing/plain.tmp", "x/.y.b2.tmp"]
    (tmp_path / ".thing.a1b2c3d4.retired.building" / "deep").mkdir(parents=True)
    for name in (*mine, *others, ".thing.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    files.clear_leftovers(tmp_path / "thing")
    assert {name for name, digest in tree(tmp_path).items() if digest} == set(others)
    assert (tmp_path / ".thing.lock").exists()
    assert list(tmp_path.glob("*.building")) == []
