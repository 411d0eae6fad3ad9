"""Work that is many, spread over processes: of this machine, or of a cluster that is named.

This is the one seam: whatever is many goes through `spread`, which hands it to an executor with the
interface of `concurrent.futures`. Which one, `computing_on` says; what comes out does not depend on
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from artifacts.errors import OpsatlasError
from artifacts.pool import LocalPool

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items for each process that are handed over before their turn: enough that none waits."""
LOOK_S = 5
"""How long nothing may be finished before it is looked whether anybody is there."""
TRIES = 3
"""How often in a row workers may be lost with nothing finished in between."""


class Workplace(Protocol):
    """Where work that is many is done: on this machine, or on a cluster.

    Attributes
    ----------
    lost
        What is raised where a worker, or what it was sent, is lost: the work can be done again.
    note
        What whoever reads a result must know of where it was computed; mostly nothing.
    """

    lost: tuple[type[BaseException], ...]
    note: str

    def count(self) -> int:
        """Return how many workers there are."""

    def open(self, shared: object, workers: int) -> AbstractContextManager[tuple[Executor, object]]:
        """Open an executor, and return what stands for ``shared`` in its calls.

        ``shared`` is sent once to each worker.
        """

    def look(self) -> None:
        """Raise `OpsatlasError` if the workers cannot be reached any more."""


_here: Workplace = LocalPool()
_workplace: ContextVar[Workplace] = ContextVar("workplace", default=_here)


@contextmanager
def computing_on(dask: str | Path | None, *, allow_unlike: bool = False) -> Iterator[None]:
    """Let a Dask cluster do all work in the block that is many; the outermost block decides.

    Parameters
    ----------
    dask
        Address of the scheduler (``tcp://HOST:PORT``), or the file that it wrote
        (``--scheduler-file``); None: this machine does the work. It is connected to when there is
        work for it.
    allow_unlike
        Whether workers may compute with another processor or other packages than this machine: what
        comes out may then differ in its last bits from run to run.

    Raises
    ------
    InputError
        When there is work: if no scheduler answers there, or workers are unlike this machine.
    """
    if dask is None or _workplace.get() is not _here:
        yield
        return
    from artifacts.cluster import DaskCluster

    cluster = DaskCluster(str(dask), allow_unlike=allow_unlike)
    token = _workplace.set(cluster)
    try:
        yield
    finally:
        _workplace.reset(token)
        cluster.close()


def cores() -> int:
    """Return how many processes can work at once: of this machine, or of the cluster in use."""
    return _workplace.get().count()


def note_on_workers() -> str:
    """Return what whoever reads a result must know of where it was computed; mostly nothing."""
    return _workplace.get().note


def spread(
    work: Callable[[Shared, Item], Result],
    items: Iterable[Item],
    *,
    shared: Shared,
    workers: int,
    what: str,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what ``work`` makes of it, as they are finished.

    Items are taken as they are needed, so that however many there are, few are held at a time. What
    a worker had when it was killed is done again, by the others or by new ones.

    Parameters
    ----------
    work
        A function of a module; it is given ``shared``, which is sent once to each worker.
    workers
        Processes; with one, all is done in this one, in order. Of a cluster, all take part.
    what
        What the work is, for errors.

    Raises
    ------
    OpsatlasError
        If workers are lost again and again.
    """
    if workers <= 1:
        for item in items:
            yield item, work(shared, item)
        return
    place, rest = _workplace.get(), iter(items)
    under_way: dict[Future[Any], Item] = {}
    n_lost = 0
    while True:
        rest = chain(list(under_way.values()), rest)  # first what was lost
        under_way.clear()
        try:
            with place.open(shared, workers) as (executor, handle):
                while True:
                    for item in islice(rest, AHEAD * workers - len(under_way)):
                        _hand_over(executor, work, handle, item, under_way)
                    if not under_way:
                        return
                    finished = wait(under_way, LOOK_S, return_when=FIRST_COMPLETED).done
                    if not finished:
                        place.look()
                    for future in finished:
                        result = future.result()
                        n_lost = 0
                        yield under_way.pop(future), result
        except place.lost as error:
            n_lost += 1
            if n_lost == TRIES:
                raise OpsatlasError(
                    "Processes that shared the work were ended from outside, again and again.",
                    where=what,
                    fix="mostly memory is short: free some, and begin again",
                ) from error


def _hand_over(
    executor: Executor,
    work: Callable[..., Any],
    handle: object,
    item: Item,
    under_way: dict[Future[Any], Item],
) -> None:
    try:
        under_way[executor.submit(work, handle, item)] = item
    except BaseException:
        under_way[Future()] = item  # not lost with the executor
        raise
