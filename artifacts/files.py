"""Files and folders that appear whole or not at all, and texts and pieces read from them."""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO

from artifacts.encodings import encoding_of, spoken
from artifacts.errors import InputError, StorageError

_TEMPORARY = ".tmp"
_BUILDING = ".building"
_HALF_MADE = (_TEMPORARY, _BUILDING)
_ADVICE = {
    errno.ENOSPC: ("No space is left on the disk.", "free some space and run the command again"),
    errno.EDQUOT: ("The disk quota is used up.", "free some space and run the command again"),
    errno.EISDIR: ("It is a folder, not a file.", "move it away, or name another path"),
    errno.EROFS: ("The file system is read-only.", "choose another workspace with -w"),
    errno.EACCES: (
        "Permission denied.",
        "check the owner and the mode of the path"
        + (", and close what has it open" if os.name == "nt" else ""),
    ),
    errno.EPERM: ("Operation not permitted.", "check the owner and the mode of the path"),
}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into a `StorageError` that names ``path``."""
    try:
        yield
    except OSError as error:
        what, fix = _ADVICE.get(error.errno or 0, (f"{error.strerror or error}.", None))
        refused = Path(error.filename or path)
        # A half-made file is gone again: what was to be written is `path`.
        where = path if is_leftover(refused) else refused
        raise StorageError(what, where=str(where), fix=fix) from error


def read_input(path: Path, *, what: str) -> bytes:
    """Return the bytes of a file that people name; ``what``: how errors call it, such as `list`.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        why = refusal(error)
        raise InputError(
            f"The {what} cannot be read: {why}.", where=str(path), fix="check the path"
        ) from error


def refusal(error: OSError) -> str:
    """Return in words why a file cannot be read or written, without a full stop."""
    known = {errno.ENOENT: "there is no such file", errno.EISDIR: "it is a folder"}
    return known.get(error.errno or 0, error.strerror or str(error))


def decoded(data: bytes, *, what: str, where: str) -> str:
    """Return a text in UTF-8, -16 or -32, without a mark at its start.

    Raises
    ------
    InputError
        If it is none.
    """
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"The {what} is not in {spoken(encoding)}.",
            where=f"{where}, line {line}",
            fix="save it as UTF-8",
        ) from error


class ChunkFile(io.RawIOBase):
    """Bytes that come piece by piece, as a file that is read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = (chunk for chunk in chunks if chunk)
        self._rest = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer as far as one piece goes; return how many bytes that is."""
        view = memoryview(buffer).cast("B")
        self._rest = self._rest or next(self._chunks, b"")
        n = min(len(view), len(self._rest))
        view[:n], self._rest = self._rest[:n], self._rest[n:]
        return n


def refuse_existing(path: Path) -> None:
    """Raise `InputError` if there is a file: nothing that is there is replaced."""
    if path.exists():
        raise InputError("The file is there already.", where=str(path), fix="name another")


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file so that a reader sees the old one or the new one, never half.

    When the block fails, the old one stays as it was.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_TEMPORARY)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never half."""
    with new_file(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` in UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def _replace_folder(path: Path, building: Path) -> None:
    retired = building.with_suffix(f".retired{_BUILDING}")
    os.rename(path, retired)
    try:
        os.rename(building, path)
    except OSError:
        os.rename(retired, path)
        raise
    # Where a file that a reader has open cannot be removed (Windows), the next writer clears it.
    shutil.rmtree(retired, ignore_errors=True)


def entries_below(folder: Path, *, but: str | None = None) -> Iterator[Path]:
    """Yield the files and folders below a folder that others may change meanwhile.

    What vanishes while it is gone through is not there, as is a folder that is not.

    Parameters
    ----------
    but
        Name of folders that are left out, with all that is in them.
    """
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != but]
        yield from (Path(place, name) for name in (*folders, *files))


def is_leftover(path: Path) -> bool:
    """Tell whether a file or folder is half-made: of a writer that is at work, or died."""
    suffix, _, _ = path.suffix.partition("-")  # what SQLite keeps beside one is so as well
    return path.name.startswith(".") and suffix in _HALF_MADE


def clear_leftovers(path: Path) -> None:
    """Remove half-made files and folders that dead writers left beside ``path`` or below it.

    Only who holds its lock may: the work of a living writer looks the same.
    """
    own = re.compile(rf"\.{re.escape(path.name)}(\.\w{{8}}(\.retired)?)?\.\w+(-\w+)?")
    beside = [leftover for leftover in path.parent.glob(".*") if own.fullmatch(leftover.name)]
    for leftover in filter(is_leftover, [*beside, *entries_below(path)]):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            with suppress(OSError):  # on a read-only disk it does no harm
                leftover.unlink()


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Build the folder ``path`` beside its place and move it there when the block succeeds.

    A folder that stood at ``path`` is replaced. When the block fails, or the process dies, the old
    folder stays as it was; what a dead process left behind is removed by the next call. Only who
    holds the lock of what the folder belongs to may build it.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        for leftover in path.parent.glob(f".{escape(path.name)}.*{_BUILDING}"):
            shutil.rmtree(leftover, ignore_errors=True)
        building = Path(
            tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=_BUILDING)
        )
        os.chmod(building, 0o755)
        try:
            yield building
            if path.exists():
                _replace_folder(path, building)
            else:
                os.rename(building, path)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
