"""The raw store: every answer as it came, appended before it is read, for replay and for resuming.

One file of zstd frames, each one line of JSON, so that `zstd -dc` prints the whole as JSONL. A
process that dies leaves at most a torn last frame, which is cut off when the store is next opened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import zstandard

from artifacts.errors import ArtifactError
from artifacts.files import storage_errors
from artifacts.locks import writing
from artifacts.shelf import disk_errors, scratch_table
from mining.github.requests import ApiRequest, HttpAnswer

FILE = "answers.jsonl.zst"
CHUNK_BYTES = 1 << 16
LEVEL = 9
AT_ONCE = 200
"""Places that are read at a time, where all are gone through."""


@dataclass(frozen=True)
class Kept:
    """Where an answer stands in the file, and what the limits need to know of it."""

    start: int
    length: int
    attempt: int
    resource: str
    received_at_s: float
    headers: dict[str, str]


class _Places:
    """Where the last answer to each request stands, on disk: there may be millions."""

    def __init__(self) -> None:
        columns = "key PRIMARY KEY, start UNIQUE, length, attempt, resource, received_at_s, headers"
        self._database, self._table = scratch_table(columns, self)
        self.n = 0

    def put(self, key: str, kept: Kept) -> None:
        values = (key, *vars(kept).values())
        told = (*values[:-1], json.dumps(kept.headers))
        taken = f"DELETE FROM {self._table} WHERE key = ?"
        with disk_errors():
            erased = self._database.execute(taken, (key,)).rowcount
            self._database.execute(f"INSERT INTO {self._table} VALUES (?, ?, ?, ?, ?, ?, ?)", told)
        self.n += 1 - erased

    def get(self, key: str) -> Kept | None:
        asked = f"SELECT * FROM {self._table} WHERE key = ?"
        found = self._database.execute(asked, (key,)).fetchone()
        return None if found is None else _kept_in(found)

    def latest(self) -> Iterator[Kept]:
        asked = f"SELECT * FROM {self._table} {{}} ORDER BY start DESC LIMIT {AT_ONCE}"
        rows = self._database.execute(asked.format("")).fetchall()
        while rows:
            yield from map(_kept_in, rows)
            before = (rows[-1][1],)
            rows = self._database.execute(asked.format("WHERE start < ?"), before).fetchall()


def _kept_in(row: tuple[Any, ...]) -> Kept:
    _, start, length, attempt, resource, received_at_s, headers = row
    return Kept(start, length, attempt, resource, received_at_s, json.loads(headers))


@dataclass
class RawStore:
    """The answers of one snapshot.

    Attributes
    ----------
    clean
        Takes what is secret out of a text before it is written.
    n_requests
        Answers in all, those that were no good included; `len` counts different requests.
    """

    path: Path
    clean: Callable[[str], str] = field(default=str, repr=False)
    _file: IO[bytes] | None = None
    _lock: ExitStack = field(default_factory=ExitStack, repr=False)
    _places: _Places = field(default_factory=_Places, repr=False)
    _opened_at: int | None = None
    n_requests: int = 0

    def __len__(self) -> int:
        return self._places.n

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and let others write."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.close()

    def last(self, key: str) -> HttpAnswer | None:
        """Return the last answer to the request of this key, if there was one.

        It is new if it was added since the store was opened.
        """
        kept = self._places.get(key)
        if kept is None:
            return None
        record = self._read(kept)
        return HttpAnswer(
            status=record["status"],
            headers=record["headers"],
            text=record["body"],
            received_at_s=record["received_at_s"],
            attempt=record["attempt"],
            failure=record.get("failure"),
            took_s=record.get("took_s"),
            is_new=self._opened_at is not None and kept.start >= self._opened_at,
        )

    def latest(self) -> Iterator[Kept]:
        """Yield what is known of the answers, the last received first."""
        yield from self._places.latest()

    def append(self, request: ApiRequest, answer: HttpAnswer) -> None:
        """Write one answer to the disk."""
        if self._file is None:
            raise ArtifactError("The raw answers are open for reading only.", where=str(self.path))
        record = {
            "key": request.key,
            "attempt": answer.attempt,
            "resource": request.resource,
            "received_at_s": answer.received_at_s,
            "took_s": answer.took_s,
            "request": request.document(),
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.text,
        }
        if answer.failure is not None:
            record["failure"] = answer.failure
        line = self.clean(json.dumps(record, ensure_ascii=False)) + "\n"
        frame = _compressor().compress(line.encode("utf-8", "replace"))
        with storage_errors(self.path):
            start = self._file.seek(0, os.SEEK_END)
            rest = memoryview(frame)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        self._remember(record, start, len(frame))

    def _remember(self, record: dict[str, Any], start: int, length: int) -> None:
        self.n_requests += 1
        told = (record[name] for name in ("attempt", "resource", "received_at_s", "headers"))
        self._places.put(record["key"], Kept(start, length, *told))

    def _read(self, kept: Kept) -> dict[str, Any]:
        with storage_errors(self.path), self.path.open("rb") as file:
            file.seek(kept.start)
            frame = file.read(kept.length)
        line = zstandard.ZstdDecompressor().decompressobj().decompress(frame)
        record: dict[str, Any] = json.loads(line)
        return record

    def _load(self) -> int:
        """Read what is there; return where the last whole frame ends."""
        end = 0
        for record, start, length in _frames(self.path):
            self._remember(record, start, length)
            end = start + length
        return end


class PassingStore(RawStore):
    """Keeps no answer; for those whose content is kept elsewhere."""

    def last(self, key: str) -> HttpAnswer | None:
        """Return that there is none."""
        return None

    def append(self, request: ApiRequest, answer: HttpAnswer) -> None:
        """Count an answer."""
        self.n_requests += 1


def open_raw(folder: Path, *, clean: Callable[[str], str] = str) -> RawStore:
    """Open the store in ``folder`` to add to it; made if it is not there.

    Raises
    ------
    BusyError
        If another process is adding to it.
    ArtifactError
        If the file is damaged before its end.
    """
    path = folder / FILE
    store = RawStore(path, clean)
    store._lock.enter_context(writing(path))
    try:
        with storage_errors(path):
            path.touch(0o600)
            store._file = path.open("ab", buffering=0)
            store._opened_at = store._load()
            store._file.truncate(store._opened_at)
    except BaseException:
        store.close()
        raise
    return store


def read_raw(folder: Path) -> RawStore:
    """Open the store in ``folder`` for reading.

    Raises
    ------
    ArtifactError
        If it is not there or damaged before its end.
    """
    path = folder / FILE
    if not path.exists():
        raise ArtifactError(
            "There are no raw answers here.", where=str(path), fix="mine the snapshot first"
        )
    store = RawStore(path)
    store._load()
    return store


def has_answers(folder: Path) -> bool:
    """Tell whether there is an answer in the store of ``folder``, which may not be there."""
    path = folder / FILE
    return path.exists() and next(_frames(path), None) is not None


def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_content_size=True)


def _frames(path: Path) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Yield each record with the place and length of its frame; a torn last frame is left out."""
    with path.open("rb") as file:
        start, rest = 0, b""
        while True:
            frame = _frame(file, rest)
            if frame is None:
                _refuse_hidden_frames(path, start)
                return
            content, length, rest = frame
            try:
                record = json.loads(content)
            except ValueError as error:
                raise _damaged(path, start) from error
            yield record, start, length
            start += length


def _frame(file: IO[bytes], rest: bytes) -> tuple[bytes, int, bytes] | None:
    """Return the content and length of the next frame, and the bytes read beyond it."""
    reader = zstandard.ZstdDecompressor().decompressobj()
    content, n_read = [], 0
    while not reader.eof:
        chunk = rest or file.read(CHUNK_BYTES)
        rest = b""
        if not chunk:
            return None
        n_read += len(chunk)
        try:
            content.append(reader.decompress(chunk))
        except zstandard.ZstdError as error:
            raise _damaged(Path(file.name), file.tell()) from error
    return b"".join(content), n_read - len(reader.unused_data), reader.unused_data


def _refuse_hidden_frames(path: Path, start: int) -> None:
    """Raise if there is a whole frame behind what looks torn: then that is no end, but damage."""
    with path.open("rb") as file:
        file.seek(start)
        rest = file.read()
    at = rest.find(zstandard.FRAME_HEADER, 1)
    while at > 0:
        reader = zstandard.ZstdDecompressor().decompressobj()
        with suppress(zstandard.ZstdError):
            reader.decompress(rest[at:])
            if reader.eof:
                raise _damaged(path, start)
        at = rest.find(zstandard.FRAME_HEADER, at + 1)


def _damaged(path: Path, at: int) -> ArtifactError:
    return ArtifactError(
        "The raw answers are damaged.",
        where=f"{path}, near byte {at:,}",
        fix="keep the file, and restore it from a backup; or mine the snapshot again under another "
        "id: --snapshot",
    )
