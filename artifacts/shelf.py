"""Many things that are worked on, kept on disk meanwhile, so that few are held in memory.

They are in a database that SQLite makes where the system has room for what passes (`/var/tmp`), one
for the process, which is gone with it, however it ends.
"""

from __future__ import annotations

import itertools
import os
import pickle
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

import zstandard

from artifacts.errors import StorageError

Key = TypeVar("Key", str, int)
Thing = TypeVar("Thing")

AT_ONCE = 200
"""Things that are read at a time, where all are gone through."""
PACKED_FROM = 1_000
"""Bytes from which on a thing is packed."""
CACHE_KIB = 32_000
"""That the database may hold in memory."""
_PICKLED = pickle.PROTO
"""What each thing begins with that is not packed."""


class Shelf(MutableMapping[Key, Thing]):
    """Things by key, gone through in the order of the keys; it may be changed meanwhile.

    What is taken from it is a copy: to change a thing, it is put back.
    """

    def __init__(self) -> None:
        columns = "key PRIMARY KEY NOT NULL, thing BLOB NOT NULL"
        self._database, self._table = scratch_table(columns, self)
        self._n = 0

    def __getitem__(self, key: Key) -> Thing:
        found = self._database.execute(
            f"SELECT thing FROM {self._table} WHERE key = ?", (key,)
        ).fetchone()
        if found is None:
            raise KeyError(key)
        thing: Thing = _unpacked(found[0])
        return thing

    def __setitem__(self, key: Key, thing: Thing) -> None:
        packed = _packed(thing)
        with disk_errors():
            put = f"INSERT INTO {self._table} VALUES (?, ?) ON CONFLICT DO NOTHING"
            if self._database.execute(put, (key, packed)).rowcount:
                self._n += 1
            else:
                put = f"UPDATE {self._table} SET thing = ? WHERE key = ?"
                self._database.execute(put, (packed, key))

    def __delitem__(self, key: Key) -> None:
        with disk_errors():
            taken = f"DELETE FROM {self._table} WHERE key = ?"
            if not self._database.execute(taken, (key,)).rowcount:
                raise KeyError(key)
        self._n -= 1

    def __contains__(self, key: object) -> bool:
        asked = f"SELECT 1 FROM {self._table} WHERE key = ?"
        return self._database.execute(asked, (key,)).fetchone() is not None

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Key]:
        for (key,) in self._rows("key"):
            yield key

    def values(self) -> Iterator[Thing]:  # type: ignore[override]  # gone through once
        """Yield the things, in the order of their keys."""
        for _, thing in self._rows("key, thing"):
            yield _unpacked(thing)

    def items(self) -> Iterator[tuple[Key, Thing]]:  # type: ignore[override]
        """Yield each key with its thing, in order."""
        for key, thing in self._rows("key, thing"):
            yield key, _unpacked(thing)

    def _rows(self, columns: str) -> Iterator[tuple[Any, ...]]:
        asked = f"SELECT {columns} FROM {self._table} {{}} ORDER BY key LIMIT {AT_ONCE}"
        rows = self._database.execute(asked.format("")).fetchall()
        while rows:
            yield from rows
            rows = self._database.execute(asked.format("WHERE key > ?"), (rows[-1][0],)).fetchall()


class ShelvedList(Sequence[Thing]):
    """Things in the order in which they came."""

    def __init__(self) -> None:
        self._things: Shelf[int, Thing] = Shelf()

    def append(self, thing: Thing) -> None:
        """Add a thing at the end."""
        self._things[len(self._things)] = thing

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return self._things.values()

    @overload
    def __getitem__(self, place: int) -> Thing: ...
    @overload
    def __getitem__(self, place: slice) -> list[Thing]: ...
    def __getitem__(self, place: int | slice) -> Thing | list[Thing]:
        if isinstance(place, slice):
            return [self._things[at] for at in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._things[place % len(self)]


def listed(things: Iterable[Thing]) -> ShelvedList[Thing]:
    """Return some things as a list on disk."""
    found: ShelvedList[Thing] = ShelvedList()
    for thing in things:
        found.append(thing)
    return found


@dataclass
class _Scratch:
    """The database of this process; what nobody needs any more is dropped before more is made."""

    process: int = field(default_factory=os.getpid)
    left: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        # Its users see to it that no two threads use one table at once.
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.database.execute("BEGIN")


_scratch: list[_Scratch] = []


def scratch_table(columns: str, owner: object) -> tuple[sqlite3.Connection, str]:
    """Return a new table of some columns, and its database; it is there as long as its owner."""
    if not _scratch or _scratch[-1].process != os.getpid():  # one that was forked is the parent's
        _scratch.append(_Scratch())
    scratch = _scratch[-1]
    with disk_errors():
        while scratch.left:
            scratch.database.execute(f"DROP TABLE {scratch.left.pop()}")
        name = f"t{next(scratch.numbers)}"
        scratch.database.execute(f"CREATE TABLE {name} ({columns})")
    weakref.finalize(owner, scratch.left.append, name).atexit = False
    return scratch.database, name


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn the refusals of the scratch database, and of files beside it, into a `StorageError`."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise StorageError(
            f"There is no room for what passes: {error}.",
            where="the system's folder for temporary files",
            fix="free some space there, or name another folder: SQLITE_TMPDIR=FOLDER",
        ) from error


def _packed(thing: object) -> bytes:
    pickled = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
    return pickled if len(pickled) < PACKED_FROM else zstandard.compress(pickled, level=1)


def _unpacked(packed: bytes) -> Any:
    # Nobody else can have written into a database that has no name.
    return pickle.loads(packed if packed.startswith(_PICKLED) else zstandard.decompress(packed))
