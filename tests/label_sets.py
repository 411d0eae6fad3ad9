"""Sets of labels for tests of their core: coded, copied, damaged, and worked on elsewhere."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from coding_people import kinds_book, label_set, some_documents

from artifacts.errors import OpsatlasError
from labels.changes import change_codebook
from labels.history.book import Change
from labels.label_set import LabelSet
from labels.session import Session
from labels.waves import close_wave

NOBODY = 65534
Given = Mapping[str, Mapping[str, Sequence[str]]]
"""Codes by document, by its number, and variable."""


class Ticks:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> datetime:
        """Return the next second."""
        self.n += 1
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.n)


def key(number: int) -> str:
    """Return the key of a document of `coding_people.some_documents`."""
    return f"name:org/repo-{number:03}"


def kinds_set(
    path: Path, *, n: int = 6, coders: Mapping[str, frozenset[str] | None] | None = None
) -> LabelSet:
    """Make and open a set of kinds with one wave of ``n`` documents; no coders: whoever comes."""
    return label_set(
        path, codebook=kinds_book(), documents=some_documents(n), coders=dict(coders or {})
    )


def give(labels: LabelSet, coder: str, kinds: Mapping[int, str], *uses: tuple[int, str]) -> None:
    """Let a coder say kinds by the number of the document, and uses, whose codes are words."""
    session = Session(labels, coder)
    for number, kind in kinds.items():
        session.code(key(number), "kind", [kind])
    for number, words in uses:
        session.code(key(number), "use", words.split())


def close(labels: LabelSet, wave: str = "w1") -> None:
    """Close a wave, whoever is not done."""
    close_wave(labels, wave, coder="ada", unfinished=True)


def change(labels: LabelSet, kind: str, codes: str, into: str = "", **values: object) -> None:
    """Change codes of the variable kind; ids are words."""
    made = Change(kind, "kind", tuple(codes.split()), tuple(into.split()), values, "seen")
    change_codebook(labels, [made], coder="ada")


def copied(labels: LabelSet, path: Path) -> LabelSet:
    """Write a copy of a set, and open it."""
    labels.store.copy(path)
    return LabelSet.open(path)


def again(path: Path, template: Path) -> LabelSet:
    """Open a fresh copy of a set that is closed: quicker than to make one."""
    shutil.copy(template, path)
    return LabelSet.open(path)


def altered(path: Path, *statements: str) -> None:
    """Change a file behind the back of its triggers."""
    connection = sqlite3.connect(path)
    for trigger in ("events_stay", "events_stay_as_they_are"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


def refused(work: Callable[[], object], *said: str, kind: type[OpsatlasError]) -> OpsatlasError:
    """Check that work is refused with an error that says all this, where and what to do."""
    with pytest.raises(kind) as raised:
        work()
    assert type(raised.value) is kind
    for each in said:
        assert each in str(raised.value)
    return raised.value


def in_child(work: Callable[[int], object], *, nobody: bool = False) -> tuple[int, int]:
    """Run work in another process; return its id and where to read what it writes.

    Parameters
    ----------
    nobody
        As another user where we are root, who may write everything.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(reading)
        if nobody and os.getuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        work(writing)
        status = 0
    except OpsatlasError as error:
        os.write(writing, f"{type(error).__name__}: {error}".encode())
    except BaseException as error:
        os.write(writing, f"a fault: {error!r}".encode())
    finally:
        os._exit(status)


def finished(children: Iterable[tuple[int, int]]) -> list[str]:
    """Wait for other processes, and return what each wrote."""
    said = []
    for pid, reading in children:
        with os.fdopen(reading) as file:
            said.append(file.read())
        os.waitpid(pid, 0)
    return said
