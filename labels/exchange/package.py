"""ZIP files: written the same each time, and read as if a stranger had made them.

Nothing is ever unpacked to the disk, so a member's name can lead nowhere.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from artifacts.errors import InputError

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 64 * 2**20
MAX_BYTES = 2**30
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o644 << 16
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a ZIP; the same files give the same bytes, whenever and wherever."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            about = zipfile.ZipInfo(name, _EPOCH)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.create_system, about.external_attr = _UNIX, _MODE
            archive.writestr(about, data)
    return buffer.getvalue()


def is_zip(data: bytes) -> bool:
    """Tell whether the bytes begin like a ZIP."""
    return data.startswith(b"PK")


class Package:
    """A ZIP that may be damaged, or made to exhaust memory.

    Raises
    ------
    InputError
        If it is no ZIP, has too many members, or too large ones.
    """

    def __init__(self, data: bytes, *, path: Path) -> None:
        self.path = path
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (*_DAMAGE, ValueError) as error:
            raise InputError(f"The file is no ZIP: {error}.", where=str(path)) from error
        members = [member for member in self._archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_BYTES:
            size = sum(member.file_size for member in members) / 2**20
            raise InputError(
                f"The file is too large to unpack: {len(members)} members, {size:,.0f} MiB.",
                where=str(path),
            )
        self.names = tuple(member.filename for member in members)
        self._n_bytes = 0

    def read(self, name: str, *, most: int | None = None) -> bytes:
        """Return what a member holds; raise `InputError` if it cannot be read or is too large.

        Parameters
        ----------
        most
            Bytes that it may have; None: as many as any.
        """
        where = f"{self.path}, {name}"
        most = min(most or MAX_MEMBER_BYTES, MAX_MEMBER_BYTES, MAX_BYTES - self._n_bytes)
        try:
            with self._archive.open(name) as member:
                data = member.read(most + 1)
        except _DAMAGE as error:
            raise InputError(f"The ZIP is damaged or locked: {error}.", where=where) from error
        except KeyError:
            raise InputError("The ZIP lacks a file that it needs.", where=where) from None
        if len(data) > most:
            size = f"{most / 2**20:,.0f} MiB"
            raise InputError(f"A file in the ZIP is larger than {size}.", where=where)
        self._n_bytes += len(data)
        return data
