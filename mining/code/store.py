"""The code of dependents as it was fetched: each content once, by its hash, and a record a project.

    raw/code/objects/ab/cdef….zst     a file's content (zstd), or the listing of a project's files
    raw/code/records/owner/name.json  what a project is, its commit, and the hash of its listing

An object is written before what names it, and each appears whole or not at all; so a process that
dies leaves objects that nobody needs, at worst. Objects are not synced one by one, which would take
longer than to fetch them: what a power failure damages is told by its hash, and fetched again.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import zstandard
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from artifacts.errors import ArtifactError
from artifacts.files import clear_leftovers, storage_errors, write_text
from artifacts.hashing import hash_bytes
from mining.code.projects import (
    MOST_FILE_BYTES,
    CodeStatus,
    Content,
    Keep,
    ProjectCode,
    UnreadFile,
)

FOLDER: Final = "raw/code"
RECORD_VERSION: Final = 1
NOT_FETCHED: Final = "it is not fetched yet"
LEVEL: Final = 9
MOST_LISTING_BYTES: Final = 1 << 30
OBJECTS, RECORDS, INCOMING = "objects", "records", "incoming"
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FETCH_AGAIN: Final = "fetch the code again: what is damaged is found and fetched"
Way = Literal["tarball", "trees"]


class CodeFile(BaseModel):
    """A file that was kept: its path, its size in bytes, the SHA-256 of its content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    size: int
    sha256: str


class CodeListing(BaseModel):
    """The files of a project at a commit: those kept, those unread and why, and all paths."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[CodeFile, ...]
    unread: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    n_bytes: int


NOTHING: Final = CodeListing(files=(), unread=(), paths=(), n_bytes=0)


class CodeRecord(BaseModel):
    """What is known of a project that was asked for.

    Attributes
    ----------
    asked, asked_commit
        ``owner/name`` and commit as a list of candidates has them; without one, HEAD was meant.
    project
        What it is called now.
    status
        ``pinned``: its commit is known, and its code is still to be fetched.
    reason, is_final
        Why there is no code, and whether a later run would be told the same.
    size_kb
        Of the whole repository, as GitHub counts it.
    has_exports
        Whether its tarball leaves files out.
    way, listing
        How the code came, and the hash of its listing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = RECORD_VERSION
    asked: str
    asked_commit: str | None = None
    project: str
    repo_id: int | None = None
    node_id: str | None = None
    status: CodeStatus | Literal["pinned"]
    reason: str | None = None
    is_final: bool = False
    commit: str | None = None
    committed_at: datetime | None = None
    size_kb: int | None = None
    stars: int | None = None
    is_archived: bool | None = None
    is_fork: bool | None = None
    is_private: bool | None = None
    description: str | None = None
    topics: tuple[str, ...] | None = None
    has_exports: bool = False
    observed_at: datetime
    fetched_at: datetime | None = None
    way: Way | None = None
    listing: str | None = None
    n_files: int = Field(0, ge=0)
    n_bytes: int = Field(0, ge=0)


@dataclass(frozen=True)
class CodeStore:
    """The store in a folder; made when something is written."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Keep a content; return its SHA-256. What is there already is not written again."""
        name = hash_bytes(content)
        place = self._object(name)
        if place.exists():
            return name
        with storage_errors(place):
            incoming = self.folder / INCOMING
            incoming.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as file:
                made = Path(file.name)
                try:
                    file.write(_compressor().compress(content))
                except BaseException:
                    made.unlink(missing_ok=True)
                    raise
            made.chmod(0o644)
            made.replace(place)
        return name

    def get(self, name: str, *, most_bytes: int = MOST_FILE_BYTES) -> bytes:
        """Return the content of a hash.

        Raises
        ------
        ArtifactError
            If it is not there, or damaged.
        """
        place = self._object(name)
        try:
            packed = place.read_bytes()
            if zstandard.frame_content_size(packed) > most_bytes:
                raise _damaged(place)
            content = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
        except FileNotFoundError as error:
            raise ArtifactError(
                "A file of fetched code is missing.", where=str(place), fix=_FETCH_AGAIN
            ) from error
        except (zstandard.ZstdError, MemoryError) as error:
            raise _damaged(place) from error
        if hash_bytes(content) != name:
            raise _damaged(place)
        return content

    def has(self, name: str) -> bool:
        """Tell whether there is an object of a hash, whole or damaged."""
        return self._object(name).exists()

    def put_listing(self, listing: CodeListing) -> str:
        """Keep a listing; return its SHA-256."""
        return self.put(listing.model_dump_json().encode("utf-8"))

    def listing(self, name: str) -> CodeListing:
        """Return the listing of a hash; errors as of `get`."""
        try:
            content = self.get(name, most_bytes=MOST_LISTING_BYTES)
            return CodeListing.model_validate_json(content)
        except ValidationError as error:
            raise _damaged(self._object(name)) from error

    def write(self, record: CodeRecord) -> None:
        """Write a record, in place of an earlier one of what was asked."""
        place = self._record(record.asked, record.asked_commit)
        write_text(place, record.model_dump_json(indent=1) + "\n")

    def record(self, asked: str, commit: str | None = None) -> CodeRecord | None:
        """Return the record of what was asked; None if there is none, or none that can be read."""
        return _read_record(self._record(asked, commit))

    def records(self) -> Iterator[CodeRecord]:
        """Yield all records that can be read, in the order of their files' names."""
        for place in sorted((self.folder / RECORDS).glob("*/*.json")):
            record = _read_record(place)
            if record is not None:
                yield record

    def code(self, record: CodeRecord) -> ProjectCode:
        """Return the code of a record; a damaged file is unread, with the reason.

        Raises
        ------
        ArtifactError
            If its listing is missing or damaged.
        """
        status: CodeStatus = "unknown" if record.status == "pinned" else record.status
        reason = NOT_FETCHED if record.status == "pinned" else record.reason
        listing = NOTHING if record.listing is None else self.listing(record.listing)

        def contents() -> Iterator[Content]:
            for file in listing.files:
                try:
                    yield file.path, self.get(file.sha256)
                except ArtifactError as error:
                    yield UnreadFile(file.path, error.what.removesuffix("."))

        return ProjectCode(
            record.project,
            status,
            reason,
            commit=record.commit,
            committed_at=record.committed_at,
            why_no_commit=None if record.commit else reason,
            paths=listing.paths,
            n_files=len(listing.paths),
            n_bytes=listing.n_bytes,
            unread=[UnreadFile(path, why) for path, why in listing.unread],
            contents=contents,
        )

    def read(self, asked: str, commit: str | None = None) -> ProjectCode:
        """Return the code of what was asked for; where it cannot be read, why.

        Raises
        ------
        ArtifactError
            If another version of opsatlas wrote its record.
        """
        record = self.record(asked, commit)
        if record is None:
            return ProjectCode(asked, "unknown", NOT_FETCHED, commit=commit)
        try:
            return self.code(record)
        except ArtifactError as error:
            why = error.what.removesuffix(".")
            return ProjectCode(record.project, "unknown", why, commit=record.commit)

    def faults(self, record: CodeRecord, keep: Keep) -> list[str]:
        """Return what of a project's code is damaged, missing, or wanted by now and not kept.

        Damage is removed, so that it is written anew.
        """
        if record.listing is None:
            return []
        found = []
        try:
            listing = self.listing(record.listing)
            names = [file.sha256 for file in listing.files]
            known = {file.path for file in listing.files} | {path for path, _ in listing.unread}
            found += [path for path in listing.paths if path not in known and keep(path, 0)]
        except ArtifactError:
            names = [record.listing]
        for name in dict.fromkeys(names):
            try:
                self.get(name, most_bytes=MOST_LISTING_BYTES)
            except ArtifactError:
                found.append(str(self._object(name)))
                with storage_errors(self.folder):
                    self._object(name).unlink(missing_ok=True)
        return found

    def clear(self) -> None:
        """Remove what dead writers left half written; only who holds the store's lock may."""
        shutil.rmtree(self.folder / INCOMING, ignore_errors=True)
        clear_leftovers(self.folder / RECORDS)

    def _object(self, name: str) -> Path:
        return self.folder / OBJECTS / name[:2] / f"{name[2:]}.zst"

    def _record(self, asked: str, commit: str | None) -> Path:
        owner, _, name = asked.lower().partition("/")
        at = "" if commit is None else f"@{commit.lower()}"
        return self.folder / RECORDS / owner / f"{name}{at}.json"


def fault_of_candidate(project: str, commit: str | None) -> str | None:
    """Return why these cannot name a project on GitHub and a commit; None if they can."""
    owner, slash, name = project.partition("/")
    if not (slash and _NAME.fullmatch(owner) and _NAME.fullmatch(name.removeprefix("."))):
        return "it is not owner/name"
    if commit is not None and not _COMMIT.fullmatch(commit.lower()):
        return "its commit is not 40 hexadecimal digits"
    return None


def _read_record(place: Path) -> CodeRecord | None:
    """Return the record of a file; None if there is none, or a damaged one: it is made again.

    Raises
    ------
    ArtifactError
        If another version of opsatlas wrote it.
    """
    try:
        content = json.loads(place.read_bytes())
        if isinstance(content, dict) and content.get("version") not in (None, RECORD_VERSION):
            raise ArtifactError(
                f"This record of fetched code has version {content['version']!r}, which this "
                "opsatlas does not know.",
                where=str(place),
                fix="use the opsatlas that wrote it, or another workspace",
            )
        return CodeRecord.model_validate(content)
    except (FileNotFoundError, ValueError):
        return None


def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_content_size=True)


def _damaged(place: Path) -> ArtifactError:
    return ArtifactError("A file of fetched code is damaged.", where=str(place), fix=_FETCH_AGAIN)
