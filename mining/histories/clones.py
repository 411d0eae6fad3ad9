"""A local clone, opened to read its history: which commit, and what of it is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from artifacts.hashing import hash_bytes, hash_value
from mining.code.local import SHA256_DIGITS, git_folder
from mining.code.objects import GitObjects, UnlistedError, ask_git, objects_of
from mining.histories.observed import observed_at

NO_COMMITS: Final = "nothing was ever committed"
_ORIGIN: Final = "refs/remotes/origin/HEAD"
_MOST_SHALLOW_BYTES: Final = 1 << 24
_PARTIAL: Final = re.compile(r"remote\..*\.(promisor|partialclonefilter)", re.IGNORECASE)


class UnreadableError(Exception):
    """A clone cannot be read.

    Parameters
    ----------
    reason
        Why, in words.
    is_repository
        Whether it is one all the same.
    """

    def __init__(self, reason: str, *, is_repository: bool = True) -> None:
        super().__init__(reason)
        self.is_repository = is_repository


@dataclass(frozen=True)
class HistoryClone:
    """A clone whose history can be read.

    Attributes
    ----------
    git_dir
        The directory of git that its worktrees share.
    ref
        The ref that is read: the default branch of its origin, as far as it was fetched, or else
        HEAD.
    is_default
        Whether that is, as far as anybody can tell, the default branch of its origin: what is known
        of another branch, or of a tag, says nothing of what goes on.
    head
        The commit that it leads to; None: nothing was ever committed.
    refs
        All refs and what they lead to, as git lists them.
    origin
        The address of its origin, as git has it; empty: none.
    objects
        Its objects.
    is_partial
        Whether it may lack contents of files, or folders.
    has_no_tags
        Whether git was told to fetch none.
    """

    git_dir: Path
    ref: str
    is_default: bool
    head: str | None
    refs: bytes
    origin: str
    objects: GitObjects
    is_partial: bool
    has_no_tags: bool

    @property
    def is_shallow(self) -> bool:
        """Tell whether its history is cut off."""
        return bool(self.objects.shallow)

    @cached_property
    def recorded_at(self) -> datetime | None:
        """Return up to when it shows its origin, as far as git wrote that down."""
        if self.head is None or not self.is_default:
            return None
        return observed_at(self.git_dir, self.ref, self.head, self.origin)

    @cached_property
    def lacks_mailmap(self) -> bool:
        """Tell whether a partial clone left out the mailmap that it has."""
        if self.head is None or not self.is_partial:
            return False
        listed = self.objects.printed("ls-tree", "-l", "-z", self.head, "--", ".mailmap")
        try:
            return any(b" blob " in line and not line.split()[3].isdigit() for line in listed)
        except UnlistedError:
            return False

    def state_hash(self) -> str:
        """Return the hash of all that its history depends on: refs, what is left out, its day."""
        recorded = None if self.recorded_at is None else self.recorded_at.isoformat()
        told = [self.ref, self.head, hash_bytes(self.refs), hash_bytes(self.objects.shallow)]
        left_out = [self.is_partial, self.lacks_mailmap, self.has_no_tags]
        return hash_value([*told, *left_out, recorded])


def open_clone(place: Path) -> HistoryClone:
    """Return the clone in a folder, bare or not.

    Raises
    ------
    UnreadableError
        If it is none, or git cannot open it.
    InputError
        If git is not on the PATH.
    """
    found = git_folder(place)
    if found is None:
        raise UnreadableError("it is no git repository", is_repository=False)
    told, why = ask_git(found, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if why is not None:
        raise UnreadableError(f"git cannot open it: {why}")
    git_dir = Path(told.decode("utf-8", "surrogateescape").removesuffix("\n"))
    refs, why = ask_git(found, "for-each-ref", "--format=%(objectname) %(refname)")
    if why is not None:
        raise UnreadableError(f"git cannot list its refs: {why}")
    ref, head, is_default = _head(found)
    origin, _ = ask_git(found, "config", "--local", "--get-all", "remote.origin.url")
    objects = objects_of(found)
    if head is None and (refs.strip() or _has_objects(objects)):
        raise UnreadableError("its HEAD leads to no commit that is there")
    tags, _ = ask_git(found, "config", "--local", "--get", "remote.origin.tagOpt")
    is_sha256 = head is not None and len(head) == SHA256_DIGITS
    return HistoryClone(
        git_dir=git_dir,
        ref=ref,
        is_default=is_default,
        head=head,
        refs=refs,
        origin=origin.decode("utf-8", "surrogateescape").partition("\n")[0],
        objects=GitObjects(objects, is_sha256, _shallow(git_dir)),
        is_partial=_is_partial(found),
        has_no_tags=tags.strip() == b"--no-tags",
    )


def _head(git_dir: Path) -> tuple[str, str | None, bool]:
    """Return the ref that is read, its commit, and whether it is the default branch.

    What an origin has under the name of our copy of its branches is no such copy: in mirrors and
    bare clones, which fetch none, HEAD counts. A name is asked for as it is: where git may guess, a
    tag or branch that is called like it stands in for one that is not there.
    """
    fetched, _ = ask_git(git_dir, "config", "--local", "--get-all", "remote.origin.fetch")
    has_copies = any(b":refs/remotes/origin/" in each for each in fetched.split(b"\n"))
    for name in (_ORIGIN, "HEAD") if has_copies else ("HEAD",):
        told, _ = ask_git(git_dir, "show-ref", "--verify", "--hash", name)
        oid = told.decode("ascii", "replace").strip()
        commit, _ = ask_git(git_dir, "rev-parse", "--verify", "--quiet", f"{oid or 0}^{{commit}}")
        if oid and commit.strip():
            ref, _ = ask_git(git_dir, "symbolic-ref", "--quiet", name)
            head = commit.decode("ascii", "replace").strip()
            is_default = name == _ORIGIN or bool(ref and not has_copies)
            return ref.decode("utf-8", "surrogateescape").strip() or name, head, is_default
    return "HEAD", None, False


def _has_objects(folder: Path) -> bool:
    """Tell whether anything was ever put into a clone, though no ref leads to it any more."""
    return any(next(folder.glob(each), None) for each in ("pack/*.pack", "[0-9a-f][0-9a-f]/*"))


def _shallow(git_dir: Path) -> bytes:
    try:
        with (git_dir / "shallow").open("rb") as file:
            return file.read(_MOST_SHALLOW_BYTES)
    except OSError:
        return b""


def _is_partial(git_dir: Path) -> bool:
    """Tell whether git was told, when it cloned, to leave out contents or folders."""
    told, _ = ask_git(git_dir, "config", "--local", "--name-only", "--null", "--list")
    return any(_PARTIAL.fullmatch(each.decode("utf-8", "replace")) for each in told.split(b"\0"))
