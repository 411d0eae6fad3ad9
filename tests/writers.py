"""Others at work, and whether a byte has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from artifacts.locks import writing


@contextmanager
def held(path: Path) -> Iterator[Event]:
    """Let another thread, which a lock tells from us, write at ``path`` till the event is set."""
    taken, done = Event(), Event()

    def hold() -> None:
        with writing(path):
            taken.set()
            done.wait(60)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        try:
            assert taken.wait(10)
            yield done
        finally:
            done.set()
            holding.result()


def tree(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder but locks, and every empty folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else ""
        for path in folder.rglob("*")
        if path.suffix != ".lock" and (path.is_file() or not any(path.iterdir()))
    }
