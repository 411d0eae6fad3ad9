"""Work that is many, spread over processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from types import ModuleType
from typing import Any, TypeVar

from artifacts.errors import OpsatlasError

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_PROCESSES = 61
"""Windows waits for no more at once."""
AHEAD = 4
"""Items for each process that are handed over before their turn: enough that none waits."""


def cores() -> int:
    """Return how many processes can work at once on this machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[Shared, Item], Result],
    items: Iterable[Item],
    *,
    shared: Shared,
    workers: int,
    what: str,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what ``work`` makes of it, as they are finished.

    Items are taken as they are needed, so that however many there are, few are held at a time.

    Parameters
    ----------
    work
        A function of a module; it is given ``shared``, which is sent once to each process.
    workers
        Processes; with one, all is done in this one, in order.
    what
        What the work is, for errors.

    Raises
    ------
    OpsatlasError
        If a process was ended from outside.
    """
    workers = min(workers, MOST_PROCESSES)
    if workers <= 1:
        for item in items:
            yield item, work(shared, item)
        return
    # A forked child of a process with live threads (BLAS, torch) can hang, so start afresh.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_receive, initargs=(work, shared)
    ) as pool:
        rest = iter(items)
        waiting: dict[Future[Any], Item] = {}
        try:
            while True:
                with _program_hidden():
                    for item in islice(rest, AHEAD * workers - len(waiting)):
                        waiting[pool.submit(_carry_out, item)] = item
                if not waiting:
                    return
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool as error:
            raise OpsatlasError(
                "A process that shared the work was ended from outside.",
                where=what,
                fix="mostly memory is short: free some, and begin again",
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


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


_received: tuple[Callable[[Any, Any], Any], Any] | None = None


def _receive(work: Callable[[Any, Any], Any], shared: object) -> None:
    global _received
    _received = (work, shared)
    # Ctrl-C is the parent's to handle, and a worker must not outlive a parent that was killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _carry_out(item: object) -> object:
    if _received is None:
        raise RuntimeError("the worker was started without its work")
    work, shared = _received
    return work(shared, item)
