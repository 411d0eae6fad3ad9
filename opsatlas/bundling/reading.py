"""Opening a bundle that a stranger may have made: nothing is unpacked before all of it is sound.

A ZIP can name files outside of the folder that it is unpacked into, hold links, two files of one
name, or far more bytes than it seems to. So every member must be a plain file that the index names,
by a path that means the same on every system, and no longer than the index says; while it is read,
its bytes are counted and hashed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from artifacts.errors import ArtifactError, InputError, StorageError
from artifacts.explaining import first_fault
from artifacts.files import refusal, storage_errors
from artifacts.notation import json_value
from opsatlas.bundling.writing import CHUNK, FORMAT, INDEX

MOST_FILES: Final = 200_000
MOST_INDEX_BYTES: Final = 1 << 28
MOST_RATIO: Final = 200
"""Times that a long member may grow when it is unpacked; pages and tables do by 10, bombs by 1,000.
"""
LONG: Final = 1 << 22
"""Bytes below which a member may grow by any ratio."""
LONGEST_NAME, LONGEST_PATH = 255, 1_000
AGAIN: Final = "get the file again from where it was published"
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


def fault_of_path(path: str) -> str | None:
    """Return what is wrong with the path of a file in a bundle; None: it is safe on every system.

    >>> fault_of_path("workspace/texts/texts.parquet"), fault_of_path("../study.toml")
    (None, "a part of it is '..'")
    """
    if not path or path.startswith("/"):
        return "it begins at the root" if path else "it is empty"
    if found := _FORBIDDEN.search(path):
        return f"it has {found[0]!r}"
    if not path.isprintable():
        return "it has characters that are not seen"
    if len(path) > LONGEST_PATH:
        return f"it has more than {LONGEST_PATH:,} characters"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return f"a part of it is {part!r}"
        if len(part.encode()) > LONGEST_NAME:
            return f"a part of it has more than {LONGEST_NAME} bytes"
        if part.endswith((" ", ".")) or _DEVICES.fullmatch(part):
            return f"{part!r} is no name of a file on every system"
    return None


def _safe(path: str) -> str:
    if fault := fault_of_path(path.removesuffix("/")):
        raise PydanticCustomError("path", "Input is no safe path: {fault}", {"fault": fault})
    return path


SafePath = Annotated[str, AfterValidator(_safe)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Bytes = Annotated[int, Field(ge=0)]


class _Read(BaseModel):
    # What later versions of the format 1 add is no concern of this one.
    model_config = ConfigDict(extra="ignore", frozen=True)


class IndexedFile(_Read):
    """A file as the index has it."""

    sha256: Sha256
    bytes: Bytes


class IndexedAbsence(_Read):
    """A file that is not in the bundle, and what is in its place."""

    path: SafePath
    sha256: Sha256
    bytes: Bytes
    rows: int | None = None
    reason: str
    instead: tuple[SafePath, ...] = ()
    mine_again: str = ""


class IndexedArtifact(_Read):
    """An artifact of the workspace; some of its files may be withheld."""

    path: SafePath
    kind: str
    key: str
    content_hash: str


class BundleIndex(_Read):
    """What a bundle holds and what not: its file ``bundle.json``."""

    format: int
    opsatlas: str
    study: str
    private: bool
    files: dict[SafePath, IndexedFile]
    withheld: tuple[IndexedAbsence, ...] = ()
    artifacts: tuple[IndexedArtifact, ...] = ()
    environment: dict[str, Any] = Field(default_factory=dict)

    @property
    def n_bytes(self) -> int:
        """Return how many bytes the files have in all."""
        return sum(file.bytes for file in self.files.values())


@dataclass(frozen=True)
class OpenBundle:
    """A bundle whose members are sound; what they say is not checked yet.

    Attributes
    ----------
    path
        The file.
    index
        What it says that it holds.
    index_text
        The bytes of the index.
    """

    path: Path
    index: BundleIndex
    index_text: bytes
    archive: zipfile.ZipFile

    def read(self, name: str) -> bytes:
        """Return the bytes of a file that the index names; errors as `pieces`."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file that the index names, which must be as the index says.

        Raises
        ------
        ArtifactError
            If they are more, fewer or others. What was yielded before is not to be used.
        """
        said = self.index.files[name]
        digest, n_bytes = hashlib.sha256(), 0
        with _sound(self.path, name), self.archive.open(name) as file:
            while piece := file.read(CHUNK):
                n_bytes += len(piece)
                if n_bytes > said.bytes:
                    break
                digest.update(piece)
                yield piece
        if n_bytes != said.bytes or digest.hexdigest() != said.sha256:
            raise ArtifactError(
                f"{name} is not as the bundle's index says: it was changed.",
                where=str(self.path),
                fix=AGAIN,
            )

    def restore(self, names: Sequence[str], folder: Path) -> None:
        """Write files into an empty folder, by their paths in the bundle.

        Raises
        ------
        ArtifactError
            If one is not as the index says.
        StorageError
            If there is no room for them.
        """
        wanted = sum(self.index.files[name].bytes for name in names)
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if wanted > shutil.disk_usage(folder).free:
                raise StorageError(
                    f"The bundle holds {wanted / 1e9:,.1f} GB: there is no room for them.",
                    where=str(folder),
                    fix="free some space, or name a folder on another disk with -w",
                )
            for name in names:
                target = folder.joinpath(*PurePosixPath(name).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    for piece in self.pieces(name):
                        file.write(piece)


@contextmanager
def open_bundle(path: Path) -> Iterator[OpenBundle]:
    """Open a bundle until the block ends; nothing is unpacked.

    Raises
    ------
    InputError
        If the file cannot be read, is no bundle, or holds what could do harm.
    ArtifactError
        If it is of another format, or does not hold what its index says.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise InputError(
            f"The bundle cannot be read: {refusal(error)}.", where=str(path), fix="check the path"
        ) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(
            f"The file is no bundle: {error}.",
            where=str(path),
            fix="name one that `opsatlas bundle` wrote, or get it again whole",
        ) from error
    with archive:
        members = archive.infolist()
        _refuse_harmful(members, path)
        text = _index_text(archive, path)
        index = _index(text, path)
        _refuse_unnamed(members, index, path)
        yield OpenBundle(path, index, text, archive)


@contextmanager
def _sound(path: Path, name: str) -> Iterator[None]:
    """Raise `ArtifactError` where a member cannot be unpacked."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArtifactError(
            f"{name} cannot be unpacked: {error or 'it ends too early'}.",
            where=str(path),
            fix=AGAIN,
        ) from error


def _refuse_harmful(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
    """Raise `InputError` if a member is no plain file, or its name leads anywhere else."""
    if len(members) > MOST_FILES:
        raise _harmful(f"it holds more than {MOST_FILES:,} files", path)
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for member in members:
        name = member.orig_filename  # before zipfile cuts it at a NUL
        fault = fault_of_path(name) or _fault_of_member(member)
        if fault is not None:
            raise _harmful(f"of its member {name!r}, {fault}", path)
        folded = _folded(name)
        if folded in seen:
            raise _harmful(f"{seen[folded]!r} and {name!r} are one file on some systems", path)
        seen[folded] = name
        folders.update(map(str, PurePosixPath(folded).parents))
    if both := sorted(folders & seen.keys()):
        raise _harmful(f"{seen[both[0]]!r} is a file and a folder", path)


def _folded(name: str) -> str:
    """Return what stands for a name on systems that do not tell cases or forms of letters apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _fault_of_member(member: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link, or no plain file"
    if member.flag_bits & 0x1:
        return "it is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in a way that bundles are not"
    if member.file_size > max(LONG, MOST_RATIO * member.compress_size):
        return f"it grows to more than {MOST_RATIO} times its size when it is unpacked"
    return None


def _harmful(what: str, path: Path) -> InputError:
    return InputError(
        f"The file is not unpacked, as it could do harm: {what}.",
        where=str(path),
        fix="ask who gave it to you; `opsatlas bundle` writes no such file",
    )


def _index_text(archive: zipfile.ZipFile, path: Path) -> bytes:
    try:
        member = archive.getinfo(INDEX)
    except KeyError:
        raise InputError(
            f"The file is no bundle: it has no {INDEX}.",
            where=str(path),
            fix="name one that `opsatlas bundle` wrote",
        ) from None
    with _sound(path, INDEX), archive.open(member) as file:
        text = file.read(MOST_INDEX_BYTES + 1)
    if len(text) > MOST_INDEX_BYTES:
        raise _harmful(f"its {INDEX} has more than {MOST_INDEX_BYTES >> 20} MiB", path)
    return text


def _index(text: bytes, path: Path) -> BundleIndex:
    where = f"{path}, {INDEX}"
    try:
        raw = json_value(text)
    except ValueError as error:
        raise ArtifactError(
            f"The index of the bundle cannot be read: {error}.", where=where, fix=AGAIN
        ) from error
    told = raw.get("format") if isinstance(raw, dict) else None
    if told != FORMAT:
        known = f"this opsatlas knows format {FORMAT}"
        fix = "use the opsatlas that wrote it" if isinstance(told, int) else AGAIN
        raise ArtifactError(f"The bundle has format {told}; {known}.", where=where, fix=fix)
    try:
        return BundleIndex.model_validate(raw)
    except ValidationError as error:
        raise ArtifactError(
            f"The index of the bundle is damaged: {first_fault(error)}.", where=where, fix=AGAIN
        ) from error


def _refuse_unnamed(members: Sequence[zipfile.ZipInfo], index: BundleIndex, path: Path) -> None:
    """Raise `ArtifactError` if the members are not those of the index, as long as it says."""
    there = {member.filename: member for member in members if member.filename != INDEX}
    if added := sorted(there.keys() - index.files.keys()):
        raise ArtifactError(
            f"The bundle holds what its index does not name: {added[0]}.",
            where=str(path),
            fix=AGAIN,
        )
    if missing := sorted(index.files.keys() - there.keys()):
        raise ArtifactError(f"{missing[0]} is not in the bundle.", where=str(path), fix=AGAIN)
    for name, member in there.items():
        if member.file_size != index.files[name].bytes:
            raise ArtifactError(
                f"{name} has {member.file_size:,} bytes; the index says "
                f"{index.files[name].bytes:,}.",
                where=str(path),
                fix=AGAIN,
            )
