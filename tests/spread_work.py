"""What the tests of `artifacts.processes` let workers do; a worker imports it by name."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path


def tenfold(shared: int, item: int) -> int:
    """Return an item times what all share, times ten."""
    return shared * 10 * item


class Sent:
    """Leaves a file in its folder whenever it arrives in a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setstate__(self, state: dict[str, Path]) -> None:
        self.folder = state["folder"]
        (self.folder / uuid.uuid4().hex).touch()


def process_of(_shared: Sent, _item: int) -> int:
    """Return which process this is."""
    time.sleep(0.01)
    return os.getpid()


def killed_once(marks: Path, item: int) -> int:
    """Die as by `kill -9` when it is first asked for the item 3."""
    mark = marks / str(item)
    if item == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item**2


def killed_always(_shared: None, item: int) -> int:
    """Die whenever it is asked for the item 3."""
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return item**2
