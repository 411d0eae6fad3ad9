"""Bytes that are put aside on disk and read as if they were in memory, so that few of them are.

They are where the scratch database is (`artifacts.shelf`), in files without a name, which are gone
with those who need them, however the process ends.
"""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
import weakref
from contextlib import suppress
from typing import IO

import pyarrow as pa

from artifacts.shelf import disk_errors

_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


class AsideFile:
    """A file that is written once, then read as memory.

    Attributes
    ----------
    n_bytes
        How many `write` has written.
    """

    def __init__(self) -> None:
        self.n_bytes = 0
        with disk_errors():
            self.file: IO[bytes] = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115
        weakref.finalize(self, _close, self.file)

    def write(self, data: memoryview) -> None:
        """Write bytes at the end."""
        with disk_errors():
            self.file.write(data)
        self.n_bytes += data.nbytes

    def finish(self) -> pa.Buffer:
        """Return what was written; the file is there as long as somebody holds it."""
        with disk_errors(), self.file:
            self.file.flush()
            mapped = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        _mapped.add(mapped)
        return pa.py_buffer(mapped)


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be written has been told
        file.close()


def let_go() -> None:
    """Give back the memory of all that was read of what is aside; it can be read again."""
    if sys.platform != "win32":  # which takes it back by itself alone
        for mapped in list(_mapped):
            mapped.madvise(mmap.MADV_DONTNEED)


def _folder() -> str | None:
    """Return where SQLite keeps what passes: what is in `/tmp` may be in memory. None: anywhere."""
    named = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp")
    return next((each for each in named if each and os.access(each, os.W_OK | os.X_OK)), None)
