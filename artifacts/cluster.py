"""A Dask cluster that shares work (`distributed`, the extra ``dask``).

The user starts it, in any of Dask's ways; here it is connected to. A worker does one thing at a
time, whatever number of threads it has, for what it computes with is not safe for several.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from artifacts.errors import InputError, OpsatlasError
from artifacts.machine import differing, machine_facts

ANSWER_S = 20
"""How long a scheduler, and the first of its workers, are waited for."""
_SHOWN = 4


class UnlikeWorkerError(InputError):
    """A worker computes with another processor, or other packages, than this machine."""


class DaskCluster:
    """The workers of one scheduler; connected to when it is first asked something.

    Parameters
    ----------
    address
        ``tcp://HOST:PORT``, or a file that the scheduler wrote.
    allow_unlike
        Whether workers that are unlike this machine may take part.
    """

    def __init__(self, address: str, *, allow_unlike: bool) -> None:
        self.address = address
        self.allow_unlike = allow_unlike
        self.lost: tuple[type[BaseException], ...] = (CancelledError,)
        self.note = ""
        self._connected: Any = None  # a `distributed.Client`

    def count(self) -> int:
        """Return how many workers there are; none of them with more than one thing to do."""
        return len(self._client().nthreads())

    @contextmanager
    def open(self, shared: object, workers: int) -> Iterator[tuple[Executor, object]]:
        """Yield an executor, and what stands in its calls for ``shared``, which each worker gets.

        Raises
        ------
        InputError
            If workers are unlike this machine, and that is not allowed.
        OpsatlasError
            If the scheduler is gone.
        """
        client = self._client()
        self._refuse_unlike(client)
        facts = None if self.allow_unlike else machine_facts()
        try:
            handle = client.scatter(shared, broadcast=True, hash=False)
            executor = _WholeWorkers(client.get_executor(pure=False), facts)
            try:
                yield executor, handle
            finally:
                executor.shutdown(wait=False, cancel_futures=True)
        except self.lost as error:
            if client.status != "running":
                raise _gone(self.address) from error
            raise
        except (OSError, TimeoutError) as error:
            if client.status == "running":
                raise
            raise _gone(self.address) from error

    def look(self) -> None:
        """Raise `OpsatlasError` if the scheduler is gone: what is handed to it may never answer."""
        if self._client().status != "running":
            raise _gone(self.address)

    def close(self) -> None:
        """Let go of the cluster, which goes on."""
        if self._connected is not None:
            self._connected.close()
            self._connected = None

    def _client(self) -> Any:
        if self._connected is None:
            self._connected = _connect(self.address)
            from distributed import KilledWorker

            self.lost = (CancelledError, KilledWorker)
        return self._connected

    def _refuse_unlike(self, client: Any) -> None:
        """Raise `UnlikeWorkerError` where a worker is unlike this machine; say which, and how."""
        try:
            told = client.run(machine_facts, on_error="return")
        except OSError as error:
            raise _gone(self.address) from error
        for address, facts in sorted(told.items()):
            if not isinstance(facts, dict):
                raise InputError(
                    f"A worker cannot run opsatlas: {facts}.",
                    where=f"the worker at {address}",
                    fix="install opsatlas there, in the version that is here",
                )
        here = machine_facts()
        unlike = {at: how for at, facts in told.items() if (how := differing(facts, here))}
        if not unlike:
            return
        address, how = min(unlike.items())
        note = (
            f"Of {len(told)} workers, {len(unlike)} {'is' if len(unlike) == 1 else 'are'} unlike "
            f"this machine, so that last bits may differ: {_few(how)}."
        )
        if not self.allow_unlike:
            raise UnlikeWorkerError(
                note,
                where=f"the worker at {address}",
                fix="start workers on machines of this kind with the same packages, or allow it: "
                "--allow-unlike",
            )
        self.note = note


def _few(how: list[str]) -> str:
    more = f"; and {len(how) - _SHOWN} more" if len(how) > _SHOWN else ""
    return "; ".join(how[:_SHOWN]) + more


class _WholeWorkers(Executor):
    """An executor of Dask whose workers do one thing at a time, and only if they are alike.

    A worker may come while others work: each looks at itself before it does anything.
    """

    def __init__(self, executor: Executor, facts: dict[str, str] | None) -> None:
        self._executor = executor
        self._facts = facts

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call over."""
        return self._executor.submit(_alone, self._facts, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; without ``wait``, those under way are given up."""
        self._executor.shutdown(wait=wait)


_one_at_a_time = threading.Lock()


def _alone(facts: dict[str, str] | None, work: Callable[..., Any], *args: Any) -> Any:
    if facts is not None and (how := differing(machine_facts(), facts)):
        raise UnlikeWorkerError(
            f"A worker that came later is unlike this machine: {_few(how)}.",
            fix="end it, or allow it: --allow-unlike",
        )
    with _one_at_a_time:
        return work(*args)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "A cluster needs the package distributed, which is not installed.",
            where=address,
            fix="pip install 'opsatlas[dask]'",
        ) from error
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised
    at: dict[str, str] = {"address": address}
    if "://" not in address:
        if not Path(address).is_file():
            raise InputError(
                "This is neither the address of a scheduler nor a file that one wrote.",
                where=address,
                fix="name tcp://HOST:PORT, or the path that was given to --scheduler-file",
            )
        at = {"scheduler_file": address}
    try:
        connect: Any = Client
        client = connect(**at, timeout=ANSWER_S, set_as_default=False)
        client.wait_for_workers(1, timeout=ANSWER_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            f"No scheduler with workers answers there within {ANSWER_S} seconds.",
            where=address,
            fix="start them (`dask scheduler`, and `dask worker ADDRESS` for each worker), or "
            "leave --dask and [compute] out",
        ) from error
    return client


def _gone(address: str) -> OpsatlasError:
    return OpsatlasError(
        "The connection to the scheduler is lost.",
        where=address,
        fix="what is finished is kept: when it answers again, begin again",
    )
