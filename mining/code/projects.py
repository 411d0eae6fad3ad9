"""A project's code at one commit, wherever it is read from: its files, its paths, what is unread.

Names of files are data, and anybody's: none is ever used as a path on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from artifacts.visible import storable

CodeStatus = Literal["there", "empty", "unknown"]
"""Whether a project's code could be read; ``empty``: it is known that there is none."""
Keep = Callable[[str, int], bool]
"""Tells of a file, by its path and its size in bytes, whether it is wanted."""
MOST_FILE_BYTES: Final = 32_000_000
"""A larger file is never read, whatever is wanted: one at a time is held in memory."""
MOST_FILES: Final = 500_000
"""A project with more is refused: a few folders that hold each other can list any number."""
TOO_MANY: Final = "it lists more files than any project has"
MOST_PATH_CHARACTERS: Final = 4_096
UNLISTED: Final = ""
"""The path of what stands for files whose paths are unknown."""
LINKED: Final = "it is a link, and links are not followed"
_POINTERS: Final = (b"version https://git-lfs.github.com/spec/", b"/annex/objects/")
_LONGEST_POINTER: Final = 1_024
ELSEWHERE: Final = "its content is kept elsewhere (Git LFS or git-annex)"


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file, by its path, that was wanted and could not be read, and why."""

    path: str
    reason: str


Content = tuple[str, bytes] | UnreadFile
"""A file with its bytes, or one that turned out to be unreadable."""


@dataclass
class ProjectCode:
    """A project's code: what is known of it, and its wanted files, one at a time.

    Attributes
    ----------
    project
        ``owner/name``.
    commit
        The commit that is read; None where it is unknown: then `why_no_commit` says why.
    committed_at
        When it was made (UTC).
    content_hash
        Of a folder without commits: the SHA-256 over its wanted files, by path.
    status, reason
        Whether the code could be read, and if not, why.
    paths
        Of all files, wanted or not, sorted; those of links and submodules are left out.
    n_files, n_bytes
        Of all files whose size is known.
    unread
        Complete once `files` has been gone through.
    contents
        Reads the wanted files, in the order of their paths.
    """

    project: str
    status: CodeStatus = "there"
    reason: str | None = None
    commit: str | None = None
    committed_at: datetime | None = None
    why_no_commit: str | None = None
    content_hash: str | None = None
    paths: tuple[str, ...] = ()
    n_files: int = 0
    n_bytes: int = 0
    unread: list[UnreadFile] = field(default_factory=list)
    contents: Callable[[], Iterator[Content]] = field(default=lambda: iter(()), repr=False)

    def __post_init__(self) -> None:
        self._listed_unread = tuple(self.unread)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of the wanted files, in the order of their paths."""
        self.unread = list(self._listed_unread)
        for found in self.contents():
            if isinstance(found, UnreadFile):
                self.unread.append(found)
            elif is_pointer(found[1]):
                self.unread.append(UnreadFile(found[0], ELSEWHERE))
            else:
                yield found


def text_of_path(raw: bytes) -> str:
    """Return a path as a text that any table can hold: what is not UTF-8 is written out."""
    return storable(raw.decode("utf-8", "surrogateescape"))


def fault_of_path(path: str) -> str | None:
    """Return why a path cannot be that of a file inside a project; None if it can."""
    if len(path) > MOST_PATH_CHARACTERS:
        return f"its path has more than {MOST_PATH_CHARACTERS:,} characters"
    if "\0" in path:
        return "its path has a NUL"
    if path.startswith("/"):
        return "its path is absolute"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "its path leads elsewhere"
    return None


def why_unread(path: str, size: int, keep: Keep) -> str | None:
    """Return why a file that would be wanted is not read: it is too large; None otherwise."""
    if keep(path, size):
        return f"it is too large ({size:,} bytes)" if size > MOST_FILE_BYTES else None
    return f"it is too large ({size:,} bytes)" if size and keep(path, 0) else None


def is_pointer(content: bytes) -> bool:
    """Tell whether content only says where the real one is kept (Git LFS, git-annex)."""
    return len(content) <= _LONGEST_POINTER and content.startswith(_POINTERS)
