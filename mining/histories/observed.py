"""Up to when a clone shows what its origin held: what git itself wrote down of it.

A clone made years ago looks as if nobody had worked since. So the day on which it was made or last
fetched is part of what it says, and only git's own records tell it:

- the reflog, where git writes the time of each clone, fetch, pull and push as text. It is copied
  with the clone and says the same there. A fetch that brought nothing is not in it.
- the time of the file ``FETCH_HEAD``, which every fetch writes, if it names the commit that is
  read as that of this branch of the origin (another branch, or a fork, may have stood still there),
  and only if times of files are git's own here: if a reflog was written, by its file's time, when
  its last entry says. In a copy made without them, all times are those of the copying.

The newest commit proves nothing: an observation that ends with the last commit would call every
tool alive. Neither do the times of other files, nor the moment of reading.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mining.values import is_to_come

UNKNOWN_DAY: Final = (
    "git recorded no clone or fetch of it, and times of files may be those of copying"
)
OTHER_BRANCH: Final = (
    "what is checked out may not be the default branch of its origin; fetch that, and let "
    "`git remote set-head origin --auto` note which it is"
)
_ENTRY: Final = re.compile(
    rb"> (?P<time>[0-9]{1,11}) [+-][0-9]{4}\t(?P<what>clone:|fetch\b|pull\b|update by push)?"
)
_TAIL_BYTES: Final = 1 << 16
_MOST_FETCHED_BYTES: Final = 1 << 22
_GIT_BEGAN_S: Final = 1_112_911_993
"""Its first commit."""
_AT_ONCE_S: Final = 60
"""So close are the time of a reflog's file and that in its last entry, if it was not copied."""


@dataclass(frozen=True)
class _Reflog:
    """A reflog's last entries: when origin was last seen; and whether its file's time is right."""

    seen_s: int | None
    is_original: bool


def observed_at(git_dir: Path, ref: str, head: str, origin: str) -> datetime | None:
    """Return until when a clone's branch is known to be that of its origin; None: not recorded.

    Parameters
    ----------
    git_dir
        The directory of git that the worktrees of the clone share.
    ref
        The ref that is read, such as ``refs/remotes/origin/main``.
    head
        The commit that it is at.
    origin
        The address of its origin.
    """
    logs = [_reflog(git_dir / "logs" / name) for name in _logs_of(ref)]
    seen = [log.seen_s for log in logs if log.seen_s is not None]
    if any(log.is_original for log in logs):
        seen += _fetched(git_dir / "FETCH_HEAD", head, _branch_of(ref), origin)
    days = [datetime.fromtimestamp(each, UTC) for each in seen]
    # By a clock that was ahead: every month until then would be a silent one.
    return max((day for day in days if not is_to_come(day)), default=None)


def _logs_of(ref: str) -> Iterator[str]:
    yield ref
    if ref.startswith("refs/remotes/"):
        yield f"{ref.rsplit('/', 1)[0]}/HEAD" if ref.count("/") == 3 else "refs/remotes/origin/HEAD"
    else:
        yield "HEAD"


def _reflog(path: Path) -> _Reflog:
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            file.seek(max(0, about.st_size - _TAIL_BYTES))
            lines = file.read(_TAIL_BYTES).split(b"\n")
            entries = [match for line in lines if (match := _ENTRY.search(line))]
    except OSError:
        return _Reflog(None, is_original=False)
    times = [int(entry["time"]) for entry in entries if entry["what"]]
    seen = max((time for time in times if time >= _GIT_BEGAN_S), default=None)
    last = int(entries[-1]["time"]) if entries else 0
    return _Reflog(seen, is_original=abs(about.st_mtime - last) <= _AT_ONCE_S)


def _branch_of(ref: str) -> str:
    return re.sub(r"refs/(?:heads|remotes/origin)/", "", ref, count=1)


def _fetched(path: Path, head: str, branch: str, origin: str) -> list[int]:
    """Return when the last fetch was, if it brought or confirmed the commit of a branch."""
    try:
        with path.open("rb") as file:
            fetched = file.read(_MOST_FETCHED_BYTES)
            at_s = int(os.fstat(file.fileno()).st_mtime)
    except OSError:
        return []
    line = re.compile(rf"{head}\t[^\t]*\tbranch '{re.escape(branch)}' of (.*)")
    told = map(line.fullmatch, fetched.decode("utf-8", "surrogateescape").split("\n"))
    addresses = {_address(each[1]) for each in told if each is not None}
    return [at_s] if _address(origin) in addresses else []


def _address(url: str) -> str:
    """Return an address as a fetch notes it: without who asks, and without what may be left out."""
    return re.sub(r"^([a-z+]+://)?[^/@]*@", r"\1", url).rstrip("/").removesuffix(".git").rstrip("/")
