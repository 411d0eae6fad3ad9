"""Code in local clones and folders: ``DIR/owner/name``, or DIR itself.

Of a clone, bare or not, the files of a commit are read, never those that are checked out. A folder
without git is read as it stands; links in it are never followed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from artifacts.errors import InputError
from artifacts.files import refusal
from artifacts.hashing import hash_bytes, hash_value
from mining.code.objects import LINK, GitFile, GitObjects, UnlistedError, ask_git, objects_of
from mining.code.projects import (
    LINKED,
    MOST_FILE_BYTES,
    MOST_FILES,
    TOO_MANY,
    UNLISTED,
    Content,
    Keep,
    ProjectCode,
    UnreadFile,
    fault_of_path,
    text_of_path,
    why_unread,
)

NO_GIT: Final = "it is a folder without git"
_OWN: Final = ("pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "*.py", "*.ipynb")
"""Files at the top of a folder by which it is a project itself, not a folder of owners."""
_NOT_OWN: Final = frozenset(
    {".git", ".hg", ".svn", "__pycache__", "node_modules", "site-packages", ".tox", ".nox"}
)
"""Folders that hold nothing of the project's own."""
SHA256_DIGITS: Final = 64
_ENVIRONMENT_MARK: Final = "pyvenv.cfg"
_REVISION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,249}")
_READING: Final = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
)
"""How files are opened: no link is followed, and no pipe waited for to which nobody writes."""


def local_projects(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the projects in some folders, by ``owner/name``, in the order of these names.

    A folder is a project itself if it is a clone, or has files of Python at its top; its owner is
    then the folder that it is in. Otherwise it holds clones, whose owner it is, and folders of
    owners, which hold projects.

    Raises
    ------
    InputError
        If a folder is not there or holds no project, or two projects have one name.
    """
    found: dict[str, Path] = {}
    by_lower: dict[str, str] = {}
    for folder in folders:
        try:
            pairs = list(_projects_in(folder))
        except OSError as error:
            raise InputError(
                f"The folder of code cannot be read: {refusal(error)}.",
                where=str(folder),
                fix="check the path",
            ) from error
        if not pairs:
            raise InputError(
                "There is no project in this folder.",
                where=str(folder),
                fix="name a clone, or a folder that holds OWNER/NAME",
            )
        for name, place in pairs:
            other = by_lower.setdefault(name.lower(), name)
            if other in found and not found[other].samefile(place):
                raise InputError(
                    f"Two projects are called {name}.",
                    where=f"{found[other]}, {place}",
                    fix="rename one, or leave it out",
                )
            found.setdefault(other, place)
    return {name: found[name] for name in sorted(found)}


def read_project(
    project: str, place: Path, keep: Keep, *, commit: str | None = None
) -> ProjectCode:
    """Return the code of a clone at a commit (None: its HEAD), or of a folder without git.

    What is broken is told in the result: its status, with a reason, or the files that are unread.

    Parameters
    ----------
    project
        ``owner/name``.
    keep
        Tells which files are wanted.

    Raises
    ------
    InputError
        If git is needed and not on the PATH.
    """
    if not place.is_dir():
        return ProjectCode(project, "unknown", "there is no such folder")
    git = git_folder(place)
    if git is not None:
        return _of_commit(project, git, keep, commit)
    if commit is not None:
        return ProjectCode(project, "unknown", f"{NO_GIT}, so it has no commit {commit}")
    return _of_folder(project, place, keep)


def pin_project(project: str, place: Path, keep: Keep, *, commit: str | None = None) -> ProjectCode:
    """Return which commit of a clone `read_project` would read, and of a folder its hash.

    Of a clone nothing else is looked at.

    Raises
    ------
    InputError
        If git is needed and not on the PATH.
    """
    git = git_folder(place) if place.is_dir() else None
    if git is not None:
        return _head(project, git, commit)
    return read_project(project, place, keep, commit=commit)


def read(clone: Path, commit: str, keep: Keep) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of the files of a commit that ``keep`` wants, by path and size.

    Raises
    ------
    InputError
        If the commit cannot be read.
    """
    code = read_project(f"{clone.parent.name}/{clone.name}", clone, keep, commit=commit)
    if code.status == "unknown":
        raise InputError(f"The code cannot be read: {code.reason}.", where=str(clone))
    return code.files()


def _projects_in(folder: Path) -> Iterator[tuple[str, Path]]:
    if git_folder(folder) is not None or any(next(folder.glob(each), None) for each in _OWN):
        at = folder.resolve()
        yield _name(at.parent, at), folder
        return
    for owner in _folders_in(folder):
        if git_folder(owner) is not None:
            yield _name(folder.resolve(), owner), owner
        else:
            yield from ((_name(owner, project), project) for project in _folders_in(owner))


def _folders_in(folder: Path) -> list[Path]:
    return sorted(
        each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir()
    )


def _name(owner: Path, project: Path) -> str:
    names = [text_of_path(os.fsencode(each.name)) for each in (owner, project)]
    return f"{names[0] or '-'}/{names[1].removesuffix('.git') or '-'}"


def git_folder(place: Path) -> Path | None:
    """Return the git directory of a clone, bare or not; None if it is none."""
    if (place / ".git").exists():
        return place / ".git"
    is_bare = (place / "HEAD").is_file() and all((place / n).is_dir() for n in ("objects", "refs"))
    return place if is_bare else None


# Clones


def _of_commit(project: str, git_dir: Path, keep: Keep, commit: str | None) -> ProjectCode:
    code = _head(project, git_dir, commit)
    if code.commit is None:
        return code
    objects = GitObjects(objects_of(git_dir), is_sha256=len(code.commit) == SHA256_DIGITS)
    listing = _Listing(keep)
    try:
        listing.add_tree(objects, code.commit)
    except TooManyFilesError:
        return ProjectCode(project, "unknown", TOO_MANY, commit=code.commit)
    if not (listing.paths or listing.n_links) and listing.unread:
        return ProjectCode(project, "unknown", listing.unread[0].reason, commit=code.commit)
    wanted = [listing.wanted[path] for path in sorted(listing.wanted)]

    def contents() -> Iterator[Content]:
        for file, content in objects.contents(wanted):
            if isinstance(content, str):
                yield UnreadFile(file.path, content)
            else:
                yield file.path, content

    return ProjectCode(
        project,
        "there" if listing.paths else "empty",
        None if listing.paths else "its commit has no files",
        commit=code.commit,
        committed_at=_time(objects.made_at(code.commit)),
        paths=tuple(sorted(listing.paths)),
        n_files=len(listing.paths),
        n_bytes=listing.n_bytes,
        unread=listing.unread,
        contents=contents,
    )


def _head(project: str, git_dir: Path, commit: str | None) -> ProjectCode:
    """Return the commit that is to be read, without its files; or why there is none."""
    if commit is not None and not _REVISION.fullmatch(commit):
        return ProjectCode(project, "unknown", "this is no name of a commit")
    asked = f"{commit or 'HEAD'}^{{commit}}"
    told, _ = ask_git(git_dir, "rev-parse", "--verify", "--quiet", asked)
    oid = told.decode("ascii", "replace").strip()
    if oid:
        return ProjectCode(project, commit=oid)
    _, why = ask_git(git_dir, "rev-parse", "--git-dir")
    if why is not None:
        return ProjectCode(project, "unknown", f"git cannot open it: {why}")
    if commit is not None:
        why = f"commit {commit} is not there (a shallow clone, or its history was rewritten)"
        return ProjectCode(project, "unknown", why)
    refs, _ = ask_git(git_dir, "for-each-ref", "--count=1")
    if refs.strip():
        return ProjectCode(project, "unknown", "its HEAD leads to no commit")
    return ProjectCode(project, "empty", "nothing was ever committed")


def _time(told: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(told), UTC)
    except (ValueError, OverflowError, OSError):
        return None


class TooManyFilesError(Exception):
    """A tree lists more files than any project has."""


@dataclass
class _Listing:
    """The files of a project, and which of them are wanted; `n_links` counts what is no file."""

    keep: Keep
    paths: list[str] = field(default_factory=list)
    wanted: dict[str, GitFile] = field(default_factory=dict)
    unread: list[UnreadFile] = field(default_factory=list)
    n_bytes: int = 0
    n_links: int = 0

    def add_tree(self, objects: GitObjects, tree: str) -> None:
        """Add all files of a tree; where a folder in it is missing or broken, all others."""
        waiting = [(tree, "")]
        while waiting:
            oid, above = waiting.pop()
            try:
                # Kept until all are there, since half a listing is made again folder by folder.
                listed = list(islice(objects.listed(oid, whole=True), MOST_FILES + 1))
            except UnlistedError:
                try:
                    listed = list(islice(objects.listed(oid, whole=False), MOST_FILES + 1))
                except UnlistedError as error:
                    why = f"what is in this folder cannot be listed: {error}"
                    self.unread.append(UnreadFile(above or UNLISTED, why))
                    continue
            if len(self.paths) + len(listed) > MOST_FILES:
                raise TooManyFilesError
            for mode, kind, file in listed:
                if kind == b"tree":
                    waiting.append((file.id, f"{above}{file.path}/"))
                elif kind == b"blob" and mode != LINK:
                    self.add(GitFile(above + file.path, file.size, file.id))
                else:
                    self.n_links += 1
                    if mode == LINK and self.keep(above + file.path, 0):
                        self.unread.append(UnreadFile(above + file.path, LINKED))

    def add(self, file: GitFile) -> None:
        """Add a file."""
        self.paths.append(file.path)
        self.n_bytes += file.size or 0
        is_wanted = self.keep(file.path, file.size or 0)
        why = fault_of_path(file.path)
        if why is None and file.path in self.wanted:
            why = "there is another file of this path"
        if why is None and file.size is None:
            why = "its content is not in this clone (a partial clone)"
        if why is None or not is_wanted:
            why = why_unread(file.path, file.size or 0, self.keep)
        if why is not None:
            self.unread.append(UnreadFile(file.path, why))
        elif is_wanted:
            self.wanted[file.path] = file


# Folders


def _of_folder(project: str, place: Path, keep: Keep) -> ProjectCode:
    listing = _Listing(keep)
    places: dict[str, Path] = {}
    for path, at, size in _walked(place, listing):
        places[path] = at
        listing.add(GitFile(path, size, ""))
        if len(places) > MOST_FILES:
            return ProjectCode(project, "unknown", TOO_MANY, why_no_commit=NO_GIT)
    wanted = sorted(listing.wanted)

    def contents() -> Iterator[Content]:
        for path in wanted:
            content = _read_file(places[path])
            if isinstance(content, str):
                yield UnreadFile(path, content)
            else:
                yield path, content

    hashes = [
        [each.path, each.reason] if isinstance(each, UnreadFile) else [each[0], hash_bytes(each[1])]
        for each in contents()
    ]
    return ProjectCode(
        project,
        "there" if listing.paths else "empty",
        None if listing.paths else "there are no files in it",
        why_no_commit=NO_GIT,
        content_hash=hash_value(hashes),
        paths=tuple(sorted(listing.paths)),
        n_files=len(listing.paths),
        n_bytes=listing.n_bytes,
        unread=listing.unread,
        contents=contents,
    )


def _walked(place: Path, listing: _Listing) -> Iterator[tuple[str, Path, int]]:
    """Yield path, place and size of the files below a folder; note what cannot be looked into."""
    waiting = [("", place)]
    while waiting:
        above, folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            why = f"this folder cannot be opened: {refusal(error)}"
            listing.unread.append(UnreadFile(above or UNLISTED, why))
            continue
        if above and any(entry.name == _ENVIRONMENT_MARK for entry in entries):
            continue  # a virtual environment
        for entry in entries:
            path = above + text_of_path(os.fsencode(entry.name))
            if entry.is_symlink():
                if listing.keep(path, 0):
                    listing.unread.append(UnreadFile(path, LINKED))
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in _NOT_OWN:
                    waiting.append((f"{path}/", Path(entry.path)))
            elif entry.is_file(follow_symlinks=False):
                yield path, Path(entry.path), entry.stat(follow_symlinks=False).st_size
            elif listing.keep(path, 0):
                listing.unread.append(UnreadFile(path, "it is no regular file"))


def _read_file(place: Path) -> bytes | str:
    """Return the content of a regular file, or why it cannot be read."""
    try:
        handle = os.open(place, _READING)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return "it is no regular file"
            content = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        return f"it cannot be read: {refusal(error)}"
    return content if len(content) <= MOST_FILE_BYTES else "it grew too large to be read"
