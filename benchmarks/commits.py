"""Commit messages of public histories: a corpus of texts that are all different."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from artifacts.hashing import hash_text

FEWEST_CHARS = 40
MOST_CHARS = 400
"""A message's first characters: as long as a window of an issue (`benchmarks.data`)."""
TRAILERS = ("signed-off-by:", "co-authored-by:", "git-svn-id:", "reviewed-by:", "change-id:")


def commit_messages(folder: Path, n: int) -> list[str]:
    """Return ``n`` distinct messages of over 40 characters, of the clones below ``folder``.

    Merges and trailers (who signed, reviewed, …) are left out. The order is that of the hashes of
    the texts, so that any first part of them is a random sample of all.

    Raises
    ------
    SystemExit
        If there are not so many.
    """
    clones = sorted({path.parent for path in folder.rglob("HEAD") if _is_clone(path.parent)})
    found = {hash_text(text): text for clone in clones for text in _messages(clone)}
    if len(found) < n:
        raise SystemExit(f"{len(clones)} clones below {folder} have {len(found):,} messages.")
    return [found[key] for key in sorted(found)[:n]]


def _is_clone(folder: Path) -> bool:
    return (folder / "objects").is_dir() and (folder / "refs").is_dir()


def _messages(clone: Path) -> Iterator[str]:
    command = ["git", "-C", str(clone), "log", "--all", "--no-merges", "--format=%B%x00"]
    told = subprocess.run(command, capture_output=True, check=True).stdout
    for message in told.decode("utf-8", "replace").split("\0"):
        lines = [line for line in message.splitlines() if not _is_trailer(line)]
        text = "\n".join(lines).strip()[:MOST_CHARS]
        if len(text) > FEWEST_CHARS:
            yield text


def _is_trailer(line: str) -> bool:
    return line.lower().startswith(TRAILERS)
