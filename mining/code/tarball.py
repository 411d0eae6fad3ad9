"""A project's code from a tarball as GitHub packs it: hostile until it is read.

It is unpacked while it comes and written nowhere; of its members one wanted file at a time is held
in memory. What no archive of git's has, such as devices, sparse files, or more than one top folder,
is refused or named; so are archives that unpack to far more than came, and headers without end.
"""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final, Self, cast

from artifacts.errors import OpsatlasError
from artifacts.visible import storable, visible
from mining.code.projects import (
    LINKED,
    MOST_FILES,
    Keep,
    UnreadFile,
    fault_of_path,
    why_unread,
)

CHUNK_BYTES: Final = 1 << 16
_GZIP: Final = zlib.MAX_WBITS | 16
_OBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ROOT: Final = re.compile(r".+-([0-9a-f]{7,64})")
ATTRIBUTES: Final = ".gitattributes"
_EXPORT: Final = re.compile(r"\sexport-ignore\b")
_MOST_ATTRIBUTES: Final = 1 << 20
_EXTENDED: Final = frozenset({tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE})
_LONG: Final = frozenset({tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK})


def has_exports(attributes: str) -> bool:
    """Tell whether attributes make tarballs leave files out (gitattributes(5), `export-ignore`).

    What `export-subst` fills in, a version as a rule, changes no use.
    """
    lines = (line.strip() for line in attributes.splitlines())
    return any(_EXPORT.search(line) for line in lines if not line.startswith("#"))


class TarballError(OpsatlasError):
    """A tarball cannot be read; `is_final`: not because it broke off, but for what it is."""

    def __init__(self, what: str, *, is_final: bool) -> None:
        super().__init__(what)
        self.is_final = is_final


@dataclass(frozen=True)
class TarballLimits:
    """What no honest tarball goes beyond.

    Attributes
    ----------
    bytes
        Unpacked, in all.
    members
        Files, folders and links.
    ratio, free_bytes
        Times what came that it may unpack to, from `free_bytes` on; zlib manages 1,032.
    header_bytes, extended_bytes
        Of all headers of one member, and of one that extends another. Before Python 3.11.10 the
        time for one grows with the square of its length (CVE-2024-6232).
    """

    bytes: int = 8 << 30
    members: int = MOST_FILES
    ratio: int = 200
    free_bytes: int = 64 << 20
    header_bytes: int = 1 << 15
    extended_bytes: int = 1 << 13


@dataclass
class Tarball:
    """The code in a tarball, to be gone through once.

    Attributes
    ----------
    chunks
        Its bytes as they come.
    commit
        The one that it must be of.
    keep
        Tells which files are wanted.
    paths
        Of all files, without the top folder; as what follows, complete at the end.
    has_exports
        Whether attributes in it say that files may be missing.
    """

    chunks: Iterable[bytes]
    commit: str
    keep: Keep
    limits: TarballLimits = field(default_factory=TarballLimits)
    paths: list[str] = field(default_factory=list)
    n_bytes: int = 0
    has_exports: bool = False
    unread: list[UnreadFile] = field(default_factory=list)
    _root: str | None = None
    _seen: set[str] = field(default_factory=set)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of each wanted file.

        Raises
        ------
        TarballError
            If it breaks off, or is not what it should be: then what was yielded is to be dropped.
        """
        unpacked = _Unpacked(self.chunks, self.limits)
        try:
            yield from self._members(unpacked)
        except RecursionError as error:
            raise _refused("its headers extend each other without end") from error
        except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
            raise _refused(f"it is no good tar archive ({error})") from error
        unpacked.finish()

    def _members(self, unpacked: _Unpacked) -> Iterator[tuple[str, bytes]]:
        unpacked.allow(self.limits.header_bytes)
        n, source = 0, cast(IO[bytes], unpacked)
        opened: Any = tarfile.open(  # noqa: SIM115
            fileobj=source,
            mode="r|",
            bufsize=tarfile.RECORDSIZE,
            tarinfo=_header_class(self.limits),
            encoding="utf-8",
            errors="surrogateescape",
        )
        with opened as tar:
            while (member := tar.next()) is not None:
                tar.members.clear()  # or it would keep them all
                n += 1
                if n > self.limits.members:
                    raise _refused(f"it has more than {self.limits.members:,} members")
                if member.size < 0 or member.issparse():
                    raise _refused("it has a sparse file, or one with less than no bytes")
                self._check(tar.pax_headers.get("comment"))
                unpacked.allow(self.limits.header_bytes + member.size)
                content = self._content(tar, member)
                if content is not None:
                    yield content
            self._end(tar, unpacked)

    def _end(self, tar: Any, unpacked: _Unpacked) -> None:
        """Refuse what is behind the end that the archive marks but zeros, which pad it."""
        unpacked.allow(CHUNK_BYTES)
        while padding := tar.fileobj.read(CHUNK_BYTES):
            if padding.strip(b"\0"):
                raise _refused("something follows its end")
            unpacked.allow(CHUNK_BYTES)

    def _check(self, comment: str | None) -> None:
        """Refuse a tarball that says itself that it is of another commit, as git notes in it."""
        is_named = comment is not None and _OBJECT.fullmatch(comment)
        if is_named and comment != self.commit:
            raise _refused(f"it is of another commit, {comment}")

    def _content(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[str, bytes] | None:
        """Return path and bytes of a member, if it is a wanted file; note it if it is unread."""
        path = self._path(storable(member.name))
        if path is None or member.isdir():
            return None
        is_file = member.isreg()
        if is_file:
            self.paths.append(path)
            self.n_bytes += member.size
        is_wanted = self.keep(path, member.size)
        why = fault_of_path(path)
        if why is None and not is_file:
            is_wanted = self.keep(path, 0)
            why = LINKED if member.issym() or member.islnk() else "it is no regular file"
        if why is None and path in self._seen:
            why = "there is another file of this path"
        if why is None or not is_wanted:
            why = why_unread(path, member.size, self.keep) if is_file else None
        if why is not None:
            self.unread.append(UnreadFile(path, why))
        is_about = is_file and path.rpartition("/")[2] == ATTRIBUTES
        if why is not None or not (is_wanted or (is_about and member.size < _MOST_ATTRIBUTES)):
            return None
        self._seen.add(path)
        file = tar.extractfile(member)
        content = b"" if file is None else file.read()
        if len(content) != member.size:
            raise TarballError("The tarball breaks off.", is_final=False)
        self.has_exports |= is_about and has_exports(content.decode("utf-8", "replace"))
        return (path, content) if is_wanted else None

    def _path(self, name: str) -> str | None:
        """Return the path below the top folder, None for that itself; judge the first by it."""
        root, _, path = name.partition("/")
        if self._root is None:
            match = _ROOT.fullmatch(root)
            if match is None or not self.commit.startswith(match[1]):
                raise _refused(f"its top folder is {visible(root)[:100]!r}, not that of the commit")
            self._root = root
        return (path or None) if root == self._root else f"/{name}"


class _Unpacked:
    """What is in a gzip stream, as a file that is read once, within the limits."""

    def __init__(self, chunks: Iterable[bytes], limits: TarballLimits) -> None:
        self._chunks = iter(chunks)
        self._limits = limits
        self._inflating = zlib.decompressobj(_GZIP)
        self._packed = b""
        self._ready = bytearray()
        self._allowed = self._n_packed = self._n_unpacked = 0

    def allow(self, n: int) -> None:
        """Let so many bytes be read until the next call."""
        self._allowed = n + 2 * tarfile.RECORDSIZE  # which is read ahead

    def read(self, n: int) -> bytes:
        """Return the next bytes; fewer only at the end."""
        self._allowed -= n
        if self._allowed < 0:
            raise _refused("its headers are longer than those of any file")
        while len(self._ready) < n and (piece := self._piece()):
            self._ready += piece
        taken = bytes(self._ready[:n])
        del self._ready[:n]
        return taken

    def finish(self) -> None:
        """Make sure that it ends here, as its checksum says."""
        is_more = self._piece() or self._inflating.unused_data or self._packed
        if is_more or next((chunk for chunk in self._chunks if chunk), b""):
            raise _refused("something follows the archive")

    def _piece(self) -> bytes:
        """Return some more bytes; none at the end."""
        while not self._inflating.eof:
            if not self._packed:
                self._packed = next((chunk for chunk in self._chunks if chunk), b"")
                self._n_packed += len(self._packed)
                if not self._packed:
                    raise TarballError("The tarball breaks off.", is_final=False)
            try:
                piece = self._inflating.decompress(self._packed, CHUNK_BYTES)
            except zlib.error as error:
                what = "is no gzip, or is damaged"
                raise TarballError(f"The tarball {what} ({error}).", is_final=False) from error
            self._packed = self._inflating.unconsumed_tail
            self._count(len(piece))
            if piece:
                return piece
        return b""

    def _count(self, n: int) -> None:
        self._n_unpacked += n
        limits = self._limits
        if self._n_unpacked > limits.bytes:
            raise _refused(f"it unpacks to more than {limits.bytes:,} bytes")
        allowed = max(limits.free_bytes, limits.ratio * self._n_packed)
        if self._n_unpacked > allowed:
            raise _refused(f"it unpacks to more than {limits.ratio} times its size")


def _header_class(limits: TarballLimits) -> type[tarfile.TarInfo]:
    """Return what reads headers; at a broken one tarfile alone would end as at the end."""

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: Any, encoding: str, errors: str) -> Self:
            try:
                header = super().frombuf(buf, encoding, errors)
            except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
                raise
            except tarfile.HeaderError as error:
                raise _refused(f"it has a broken header ({error})") from error
            is_long = header.type in _EXTENDED | _LONG and header.size > limits.extended_bytes
            if header.size < 0 or is_long:
                raise _refused("it has a header that is longer than any path")
            if header.type == tarfile.GNUTYPE_SPARSE:
                raise _refused("it has a sparse file")
            return header

    return Header


def _refused(why: str) -> TarballError:
    return TarballError(f"The tarball is refused: {why}.", is_final=True)
