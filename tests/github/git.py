"""Git objects: what has the same content has the same name, as in git."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

FILE = 0o100644
FOLDER = 0o040000
SYMLINK = 0o120000


@dataclass(frozen=True)
class Blob:
    """The content of a file, or the path that a symbolic link leads to."""

    content: bytes

    @cached_property
    def oid(self) -> str:
        """Return the name that git gives it."""
        return _oid("blob", self.content)

    @property
    def is_binary(self) -> bool:
        """Tell whether it is no text, as git does: by a NUL near the start."""
        return b"\0" in self.content[:8_000]


@dataclass(frozen=True)
class Tree:
    """A folder: its entries, by name."""

    entries: tuple[Entry, ...]

    @cached_property
    def oid(self) -> str:
        """Return the name that git gives it."""
        lines = [
            f"{each.mode:o} {each.name}\0".encode() + bytes.fromhex(each.target.oid)
            for each in self.entries
        ]
        return _oid("tree", b"".join(lines))

    def at(self, path: str) -> Entry | None:
        """Return the entry at a path below this folder, symbolic links not followed."""
        head, _, rest = path.partition("/")
        for each in self.entries:
            if each.name == head:
                if not rest:
                    return each
                return each.target.at(rest) if isinstance(each.target, Tree) else None
        return None

    def objects(self) -> Iterator[Blob | Tree]:
        """Yield this folder and all that is in it."""
        yield self
        for each in self.entries:
            if isinstance(each.target, Tree):
                yield from each.target.objects()
            else:
                yield each.target


@dataclass(frozen=True)
class Entry:
    """A file, folder or symbolic link, by its name in a folder."""

    name: str
    mode: int
    target: Blob | Tree

    @property
    def type(self) -> str:
        """Return "blob" or "tree"."""
        return "tree" if isinstance(self.target, Tree) else "blob"


@dataclass(frozen=True)
class Commit:
    """A state of all files, with the time of its making."""

    oid: str
    committed_at: int
    tree: Tree


def folder(*entries: Entry) -> Tree:
    """Return a folder of entries in any order."""
    return Tree(tuple(sorted(entries, key=lambda entry: entry.name)))


def commit(tree: Tree, committed_at: int, of: str) -> Commit:
    """Return a commit; ``of`` tells those of one repository from those of another."""
    return Commit(_oid("commit", f"{tree.oid} {committed_at} {of}".encode()), committed_at, tree)


def _oid(kind: str, content: bytes) -> str:
    head = f"{kind} {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()
