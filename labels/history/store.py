"""The log on disk: one SQLite file, to which events are added and from which none is ever taken.

Two processes may write to one file. Each adds events only to a log that it has read to the end, so
every event names as parents what its writer really knew.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from artifacts.errors import ArtifactError, InputError, StorageError
from artifacts.files import clear_leftovers, refuse_existing, storage_errors
from artifacts.hashing import hash_text
from artifacts.locks import writing
from labels.history.events import LogEvent, dumped, uid_of
from labels.records import Document

APPLICATION_ID = 0x6F706C62  # "oplb"
SCHEMA_VERSION = 1
BUSY_S = 5.0
SUFFIX = ".sqlite"
PRIVATE = 0o600
DIED_WRITING = "SQLITE_READONLY_ROLLBACK"
"""SQLite's word for a file whose last writer has to be undone first, which a reader may not do."""

SCHEMA = f"""
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    lamport INTEGER NOT NULL,
    parents TEXT NOT NULL,
    at TEXT NOT NULL,
    coder TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE documents (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never taken away'); END;
CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""
_COLUMNS = "uid, lamport, parents, at, coder, kind, item, body"


class BehindError(Exception):
    """Somebody else wrote to the log since it was read: read on, then try again."""


class EventStore:
    """A log in a file. `new_events` reads on; `add` writes, once everything was read."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._seq = 0

    @classmethod
    def create(cls, path: Path) -> EventStore:
        """Make a new log in a file that does not exist yet, readable by its owner alone."""
        with storage_errors(path):
            path.touch(PRIVATE, exist_ok=False)
        with _connected(path, mode="rwc") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE;\n{SCHEMA}\nCOMMIT;")
        return cls(path, connection)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> EventStore:
        """Open a log, to read and write or to read alone.

        Raises
        ------
        InputError
            If there is no such file, or it holds no labels.
        ArtifactError
            If it is no database, damaged, or a newer version wrote it.
        StorageError
            If it cannot be read, or written where that is asked for.
        """
        refuse_missing(path)
        try:
            with _connected(path, mode="ro" if read_only else "rw") as connection:
                _refuse_others(connection, path)
                if not read_only:
                    connection.execute("PRAGMA journal_mode = WAL")
                    # Find out now, not after the first decision, that nothing can be written.
                    connection.executescript("BEGIN IMMEDIATE; ROLLBACK;")
        except StorageError as error:
            died_writing = getattr(error.__cause__, "sqlite_errorname", "") == DIED_WRITING
            if not (read_only and died_writing):
                raise
            connection = _as_it_was(path)
        return cls(path, connection)

    def close(self) -> None:
        """Fold the journal into the file, so that the file alone holds everything, and close it."""
        with suppress(sqlite3.Error):  # read-only, or somebody else has it open: they will do it
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def new_events(self) -> list[LogEvent]:
        """Return the events since the last call, in the order in which they came into this file.

        Raises
        ------
        ArtifactError
            If one of them is not as it was written.
        """
        with _sqlite_errors(self.path):
            rows = self._connection.execute(
                f"SELECT seq, {_COLUMNS} FROM events WHERE seq > ? ORDER BY seq", (self._seq,)
            ).fetchall()
        if not all(_is_as_written(row[1:]) for row in rows):
            raise damaged(self.path, self.damage())
        if rows:
            self._seq = rows[-1][0]
        return [_event(row[1:]) for row in rows]

    def all_events(self) -> list[LogEvent]:
        """Return every event, from the beginning."""
        self._seq = 0
        return self.new_events()

    def add(self, events: Sequence[LogEvent], documents: Iterable[Document] = ()) -> None:
        """Add events and the documents that they speak of: all on disk, or none.

        Raises
        ------
        BehindError
            If the log holds events that `new_events` has not returned yet; nothing is added.
        StorageError
            If the file is locked for long, read-only, or the disk is full; nothing is added.
        """
        with self._writing():
            if self._last() != self._seq:
                raise BehindError
            texts = (_document_text(document) for document in documents)
            self._insert(events, ((hash_text(text), text) for text in texts))
            last = self._last()
        self._seq = last

    def take(self, other: EventStore) -> int:
        """Add every event and document of another log that this one lacks; return how many events.

        The next `new_events` returns them too.
        """
        theirs = other._rows(f"SELECT {_COLUMNS} FROM events ORDER BY seq")
        texts = other._rows("SELECT hash, body FROM documents")
        with self._writing():
            known = {row[0] for row in self._rows("SELECT uid FROM events")}
            missing = [_event(row) for row in theirs if row[0] not in known]
            self._insert(missing, texts)
        return len(missing)

    def document(self, name: str) -> Document:
        """Return the document of that hash."""
        for (body,) in list(self._rows("SELECT body FROM documents WHERE hash = ?", (name,))):
            value = self._checked(name, body)
            return Document(**{**value, "labels": tuple(value["labels"])})
        raise ArtifactError(
            "The text of a document is missing.",
            where=f"{self.path}, document {name}",
            fix="take the file from a backup, or join it with a copy: opsatlas label merge "
            f"{shlex.quote(self.path.stem)} COPY.sqlite",
        )

    def titles(self) -> dict[str, str]:
        """Return the title of every document, by hash."""
        rows = list(self._rows("SELECT hash, body FROM documents"))
        return {name: self._checked(name, body)["title"] for name, body in rows}

    def copy(self, target: Path) -> None:
        """Write the whole log into a new file, or nothing, also while others write to this one."""
        with writing(target), storage_errors(target):
            refuse_existing(target)
            clear_leftovers(target)
            building = target.with_name(f".{target.name}.tmp")
            building.touch(PRIVATE)
            try:
                with _sqlite_errors(target), closing(sqlite3.connect(building)) as copy:
                    self._connection.backup(copy)
                    copy.execute("PRAGMA journal_mode = DELETE")
                building.rename(target)
            finally:
                clear_leftovers(target)

    def damage(self) -> list[str]:
        """Return what is wrong with the file: events and texts that are altered or missing."""
        problems = []
        uids: set[str] = set()
        texts: set[str] = set()
        for name, body in self._rows("SELECT hash, body FROM documents"):
            if name != hash_text(body):
                problems.append(f"document {name} is not as it was written")
            texts.add(name)
        for row in self._rows(f"SELECT {_COLUMNS} FROM events ORDER BY lamport, uid"):
            uid, _, parents, _, _, kind, _, body = row
            names = parents.split()
            if not _is_as_written(row):
                problems.append(f"event {uid} is not as it was written")
            missing = [parent for parent in names if parent not in uids]
            problems += [f"event {parent}, which {uid} follows, is missing" for parent in missing]
            uids.add(uid)
            if kind == "wave" and not problems:
                wanted = {row[2] for row in json.loads(body)["items"]}
                problems += [f"document {name} is missing" for name in sorted(wanted - texts)]
        return problems

    def _checked(self, name: str, body: str) -> dict[str, Any]:
        """Return the values of a document's text, which must be the one of that hash."""
        if name != hash_text(body):
            raise damaged(self.path, [f"document {name} is not as it was written"])
        values: dict[str, Any] = json.loads(body)
        return values

    def _last(self) -> int:
        return self._connection.execute("SELECT max(seq) FROM events").fetchone()[0] or 0

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        with _sqlite_errors(self.path):
            yield from self._connection.execute(query, values)

    def _insert(self, events: Sequence[LogEvent], texts: Iterable[tuple[str, str]]) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO documents VALUES (?, ?)", texts)
        self._connection.executemany(
            f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [_row(event) for event in events],
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the file for one transaction."""
        with _sqlite_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already
                    self._connection.execute("ROLLBACK")
                raise


def refuse_missing(path: Path) -> None:
    """Raise `InputError` if there is no such file."""
    with storage_errors(path):
        is_there = path.is_file()
    if not is_there:
        raise InputError(
            f"There are no labels called '{path.stem}'.",
            where=str(path),
            fix="see those that are there: `opsatlas label list`; to begin one: "
            f"`opsatlas label sample {shlex.quote(path.stem)} --codebook CODEBOOK`",
        )


def damaged(path: Path, problems: Sequence[str]) -> ArtifactError:
    """Return the error that tells what is altered or missing in a log."""
    more = f" (and {len(problems) - 1:,} more)" if problems[1:] else ""
    return ArtifactError(
        f"The labels are damaged: {problems[0]}{more}.",
        where=str(path),
        fix="keep the file, and take one from a backup, or a copy that somebody coded in",
    )


def text_hash(document: Document) -> str:
    """Return the hash that a document goes by in a log."""
    return hash_text(_document_text(document))


def _document_text(document: Document) -> str:
    fields = vars(document)  # nothing in a document is nested: `asdict` would copy for nothing
    return dumped({**fields, "labels": list(document.labels), "facts": dict(document.facts)})


def _row(event: LogEvent) -> tuple[Any, ...]:
    uid, lamport, parents, *middle, body = event
    return (uid, lamport, " ".join(parents), *middle, dumped(body))


def _is_as_written(row: Sequence[Any]) -> bool:
    """Tell whether an event is the one that its uid names."""
    uid, lamport, parents, at, coder, kind, item, body = row
    return bool(uid == uid_of(lamport, parents.split(), at, coder, kind, item, body))


def _event(row: Sequence[Any]) -> LogEvent:
    uid, lamport, parents, at, coder, kind, item, body = row
    return LogEvent(uid, lamport, tuple(parents.split()), at, coder, kind, item, json.loads(body))


@contextmanager
def _connected(path: Path, *, mode: str) -> Iterator[sqlite3.Connection]:
    """Connect to a file; close the connection if the block fails."""
    with _sqlite_errors(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=BUSY_S, isolation_level=None
        )
        try:
            # What was decided is on the disk itself before the next document shows.
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        except BaseException:
            connection.close()
            raise


def _as_it_was(path: Path) -> sqlite3.Connection:
    """Return, in memory, what a file held before its last writer died while writing."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    with tempfile.TemporaryDirectory() as aside, storage_errors(path):
        for name in (path.name, f"{path.name}-journal"):
            shutil.copy(path.with_name(name), aside)
        with _connected(Path(aside) / path.name, mode="rw") as connection, closing(connection):
            _refuse_others(connection, path)
            connection.backup(memory)
    memory.execute("PRAGMA query_only = ON")
    return memory


def _refuse_others(connection: sqlite3.Connection, path: Path) -> None:
    name = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if name != APPLICATION_ID:
        raise InputError(
            "The file is a database, but holds no labels.",
            where=str(path),
            fix="name a file that `opsatlas label` made",
        )
    if version > SCHEMA_VERSION:
        raise ArtifactError(
            f"The labels are of version {version}; this opsatlas knows version {SCHEMA_VERSION}.",
            where=str(path),
            fix="use the opsatlas that wrote them, or a newer one; the file was left as it is",
        )
    # Pages that went missing take events along that nothing else would miss.
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    if problems != ["ok"]:
        raise damaged(path, problems)


@contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's refusals into errors that say what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        message = str(error)
        if "locked" in message or "busy" in message:
            what = f"Another program has held the file for more than {BUSY_S:g} seconds."
            raise StorageError(
                what, where=str(path), fix="close it there, and run this again"
            ) from error
        if "readonly" in message or "read-only" in message or "unable to open" in message:
            raise StorageError(
                f"The file cannot be {'opened' if 'unable to open' in message else 'written'}.",
                where=str(path),
                fix="check the owner and the mode of the file and of its folder, or work on a copy",
            ) from error
        if "full" in message or "disk I/O" in message:
            raise StorageError(
                f"The disk refuses to write: {message}.",
                where=str(path),
                fix="free some space and run the command again; what was decided before is kept",
            ) from error
        raise _unreadable(path, message) from error
    except UnicodeDecodeError as error:  # not even what SQLite says of it can be read
        raise _unreadable(path, "text is not in UTF-8") from error
    except UnicodeEncodeError as error:
        raise InputError(
            "A text holds half a character, and so cannot be kept.",
            where=str(path),
            fix="type it anew; it came from a terminal or a file that is not in UTF-8",
        ) from error


def _unreadable(path: Path, message: str) -> ArtifactError:
    return ArtifactError(
        f"The file is not a database of labels, or is damaged: {message}.",
        where=str(path),
        fix="keep it, and take one from a backup, or a copy that somebody coded in",
    )
