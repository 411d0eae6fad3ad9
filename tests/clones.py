"""Real git repositories, made for a test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

MADE_AT = 1_700_000_000
FILE, LINK, FOLDER, MODULE = "100644", "120000", "040000", "160000"


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    """Run git in a folder; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    environment |= {
        "GIT_AUTHOR_DATE": f"{MADE_AT} +0000",
        "GIT_COMMITTER_DATE": f"{MADE_AT} +0000",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    who = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
    done = subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        check=True,
        env=environment,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def new_repository(folder: Path) -> Path:
    """Make a bare repository without any commit."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main", ".")
    return folder


def blob(repository: Path, content: bytes) -> str:
    """Put a content into a repository; return its name."""
    return git(repository, "hash-object", "-w", "--stdin", given=content)


def tree(repository: Path, *entries: tuple[str, str, bytes]) -> str:
    """Put a folder into a repository: mode, object and name of each entry; return its name.

    What is written is what is given, sorted or not, allowed or not: git is not asked.
    """
    raw = b"".join(
        mode.lstrip("0").encode() + b" " + name + b"\0" + bytes.fromhex(oid)
        for mode, oid, name in entries
    )
    return git(repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)


def commit(repository: Path, of_tree: str) -> str:
    """Commit a tree as the head of `main`; return the commit's name."""
    made = git(repository, "commit-tree", "-m", "files", of_tree)
    git(repository, "update-ref", "refs/heads/main", made)
    return made


def clone_of(folder: Path, files: Mapping[str, bytes]) -> str:
    """Make a bare repository with one commit of these files; return its name."""
    repository = new_repository(folder)
    lines = [b"commit refs/heads/main\ncommitter s <s@e> %d +0000\ndata 0\n" % MADE_AT]
    for path, content in files.items():
        name = b'"%s"' % path.encode().replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(content), content))
    git(repository, "fast-import", "--quiet", given=b"".join(lines))
    return git(repository, "rev-parse", "main")


def lose(repository: Path, oid: str) -> None:
    """Remove a loose object, as in a partial clone."""
    _loose(repository, oid).unlink()


def damage(repository: Path, oid: str) -> None:
    """Make an object unreadable."""
    place = _loose(repository, oid)
    place.chmod(0o644)
    place.write_bytes(b"\0" * 20)


def unpack(repository: Path) -> None:
    """Let every object be a file of its own."""
    for pack in list((repository / "objects" / "pack").glob("*.pack")):
        content = pack.read_bytes()
        for path in pack.parent.glob(f"{pack.stem}.*"):
            path.unlink()
        git(repository, "unpack-objects", "-q", given=content)


def _loose(repository: Path, oid: str) -> Path:
    return repository / "objects" / oid[:2] / oid[2:]
