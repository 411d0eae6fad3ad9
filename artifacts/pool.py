"""Processes of this machine that share work."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from types import ModuleType
from typing import Any

MOST_PROCESSES = 61
"""Windows waits for no more at once."""


class LocalPool:
    """Where work is done if no cluster is named: in processes that are begun for it."""

    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    note = ""

    def count(self) -> int:
        """Return how many processes can work at once."""
        able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return able or 1

    def look(self) -> None:
        """Do nothing: a process that is lost is told by what it had to do."""

    @contextmanager
    def open(self, shared: object, workers: int) -> Iterator[tuple[ProcessPoolExecutor, object]]:
        """Yield an executor of so many processes, and what stands for ``shared`` in its calls."""
        with _Processes(min(workers, MOST_PROCESSES), shared) as executor:
            try:
                yield executor, _Received()
            finally:
                executor.shutdown(wait=True, cancel_futures=True)


class _Processes(ProcessPoolExecutor):
    """Fresh processes: a forked child of one with live threads (BLAS, torch) can hang."""

    def __init__(self, workers: int, shared: object) -> None:
        super().__init__(
            workers, mp_context=get_context("spawn"), initializer=_receive, initargs=(shared,)
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call over; processes are begun when the first ones are."""
        with _program_hidden():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _program_hidden() -> Iterator[None]:
    """Keep processes that start in the block from running the program that starts them.

    By default they import its ``__main__``: a script that does not guard what it does would do it
    again in each of them, and come here again. They need nothing of it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class _Received:
    """Stands for what was sent to each process once: unpickled there, it is that."""

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return _received, ()


_shared: object = None


def _received() -> object:
    return _shared


def _receive(shared: object) -> None:
    global _shared
    _shared = shared
    # Ctrl-C is the parent's to handle, and a worker must not outlive a parent that was killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
