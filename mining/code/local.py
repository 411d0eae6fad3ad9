"""Code in local clones and folders: ``DIR/owner/name``, bare or not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A file of a tree: its path, size in bytes (-1: its content is not there), and content's id."""

    path: str
    size: int
    id: str


def find_projects(folder: Path) -> dict[str, Path]:
    """Return the folders ``owner/name`` below ``folder``, by that name."""
    return {
        f"{owner.name}/{project.name}": project
        for owner in sorted(folder.iterdir())
        if owner.is_dir()
        for project in sorted(owner.iterdir())
        if project.is_dir()
    }


def entries(clone: Path, commit: str) -> list[Entry]:
    """Return the files of a commit."""
    done = subprocess.run(
        ["git", "-C", str(clone), "ls-tree", "-r", "-l", "-z", commit],
        capture_output=True,
        check=True,
    )
    found = []
    for line in done.stdout.split(b"\0")[:-1]:
        about, path = line.split(b"\t", 1)
        mode, kind, sha, size = about.split()
        if kind == b"blob" and mode != b"120000":
            found.append(
                Entry(
                    path.decode("utf-8", "surrogateescape"),
                    int(size) if size.isdigit() else -1,
                    sha.decode(),
                )
            )
    return found


def read(clone: Path, commit: str, keep: Callable[[str, int], bool]) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of the files of a commit that ``keep`` wants, by path and size."""
    wanted = [
        each for each in entries(clone, commit) if each.size >= 0 and keep(each.path, each.size)
    ]
    done = subprocess.run(
        ["git", "-C", str(clone), "cat-file", "--batch"],
        input="".join(f"{each.id}\n" for each in wanted).encode(),
        capture_output=True,
        check=True,
    )
    at = 0
    for each in wanted:
        end = done.stdout.index(b"\n", at)
        size = int(done.stdout[at:end].split()[2])
        yield each.path, done.stdout[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
