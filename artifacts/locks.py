"""One writer at a time, by locks that the system lifts when their holder ends, however it ends.

Who changes something holds its lock from reading to writing. Readers hold none: what they read is
switched at once. So that nobody waits in a circle, locks are taken in this order:

    the steps of a workspace, one snapshot's draft and its raw answers, one set of labels;
    then, for moments only, people's decisions and the vectors.

A lock is a hidden file beside what it is for, gone when it is let go. A thread may take again what
it holds.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from artifacts.errors import BusyError
from artifacts.files import storage_errors

GRACE_S = 0.2
"""So long a lock is waited for without being asked to: it may be on its way out."""
MOMENT_S = 30.0
"""So long a lock is waited for that is only ever held for moments."""
POLL_S = 0.02
COMMAND_LENGTH = 200

Say = Callable[[str], None]
_log = logging.getLogger(__name__)
_patient: ContextVar[Say | None] = ContextVar("patient", default=None)


@contextmanager
def waiting(say: Say) -> Iterator[None]:
    """Wait for every lock within the block, however long it takes, and say who holds it."""
    before = _patient.set(say)
    try:
        yield
    finally:
        _patient.reset(before)


@contextmanager
def writing(path: Path, *, patience_s: float | None = None) -> Iterator[None]:
    """Hold the write lock of ``path``, which need not exist yet, until the block ends.

    Raises
    ------
    BusyError
        If another is at it for longer than ``patience_s`` (`GRACE_S` unless told), and the block is
        not `waiting`.
    StorageError
        If the system refuses a lock.
    """
    folder = path.parent
    if folder.is_dir() and not os.access(folder, os.W_OK):
        yield  # who may not write there is no writer: what is up to date is so on a read-only disk
        return
    is_new = not folder.is_dir()
    with storage_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(
            folder.resolve() / f".{path.name}.lock",
            is_singleton=True,
            poll_interval=POLL_S,
            on_acquired=_sign,
        )
        _take(lock, path, GRACE_S if patience_s is None else patience_s)
    if lock.lock_counter == 1:
        _log.debug("holding the lock of %s", path)
    try:
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):  # before it is let go, so that it is nobody else's yet
                Path(lock.lock_file).unlink()
        lock.release()
        if is_new:
            with suppress(OSError):  # something is in it now
                folder.rmdir()


def at_work(path: Path) -> str | None:
    """Return who holds the write lock of ``path``, in words; None if nobody does. No lock is taken.

    A process that died holding it does not count: the system has released the lock, although the
    file is still there.
    """
    lock_file = path.parent / f".{path.name}.lock"
    if not lock_file.exists():
        return None
    if os.name == "nt":
        with suppress(OSError), lock_file.open("rb", buffering=0) as file:
            file.read(1)  # which nobody may while it is held
            return None
        return _holder(lock_file).strip() or "(unknown)"
    try:
        os.kill(_signature(lock_file)["pid"], 0)
    except (OSError, ValueError, LookupError, TypeError) as error:
        if not isinstance(error, PermissionError):  # another user's process is one
            return None
    return _holder(lock_file).strip()


def keeps_others_out(folder: Path) -> bool:
    """Tell whether a lock in ``folder`` is one: a second that is asked for is not given.

    Raises
    ------
    OSError, NotImplementedError
        If the file system has no locks.
    """
    path = folder / f".{os.getpid()}.try.lock"
    one, other = FileLock(path), FileLock(path)
    try:
        with one.acquire(timeout=GRACE_S):
            try:
                other.acquire(timeout=0)
            except Timeout:
                return True
            other.release()
            return False
    finally:
        path.unlink(missing_ok=True)


def _take(lock: FileLock, path: Path, patience_s: float) -> None:
    say, last_holder = _patient.get(), ""
    started = time.monotonic()
    while True:
        try:
            lock.acquire(timeout=patience_s)
            if last_holder:
                _log.info("waited %.1f s for the lock of %s", time.monotonic() - started, path)
            return
        except Timeout:
            holder = _holder(Path(lock.lock_file))
        if say is None:
            raise BusyError(
                f"Another opsatlas is at work here{holder}.",
                where=str(path),
                fix="wait until it has ended, or run the same command with --wait",
            )
        if holder != last_holder:
            say(f"waiting for another opsatlas{holder}")
            _log.info("the lock of %s is held by another%s", path, holder)
            last_holder = holder


def _sign(handle: int) -> None:
    """Write into the lock who holds it; not in its first byte, which nobody else may read then."""
    who = {
        "pid": os.getpid(),
        "command": _command(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(OSError):  # on a full disk it is a lock still
        os.ftruncate(handle, 0)
        os.write(handle, b"\n" + json.dumps(who).encode())


def _command() -> str:
    program, *arguments = sys.argv or ["python"]
    command = shlex.join([Path(program).stem, *arguments])
    return command if len(command) <= COMMAND_LENGTH else f"{command[:COMMAND_LENGTH]}…"


def _signature(lock_file: Path) -> dict[str, Any]:
    with lock_file.open("rb", buffering=0) as file:
        file.seek(1)
        return dict(json.loads(file.read()))


def _holder(lock_file: Path) -> str:
    """Return in words who holds a lock; nothing if that cannot be read."""
    try:
        who = _signature(lock_file)
        since = datetime.fromisoformat(who["since"])
        day = "" if since.date() == datetime.now(UTC).date() else f"{since:%Y-%m-%d} "
        return f" (pid {who['pid']}, `{who['command']}`, since {day}{since:%H:%M} UTC)"
    except (OSError, ValueError, LookupError, TypeError):
        return ""
