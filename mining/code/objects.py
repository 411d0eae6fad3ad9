"""Git's objects, read by git itself in one process, however many they are.

A repository may be anybody's, so nothing in it is run or obeyed: no hook, pager, filter or helper
that its configuration names, no fetching of what a partial clone lacks, and no replaced objects.
Only commands that read objects are used; neither the user's nor the system's configuration counts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Final

from artifacts.errors import InputError
from artifacts.visible import visible
from mining.code.projects import text_of_path

CHUNK_BYTES: Final = 1 << 16
MOST_WAITING: Final = 128
"""Objects asked for ahead: their names fit into a pipe, so that neither side waits for ever."""
MOST_SAID: Final = 2_000
MOST_RECORD_BYTES: Final = 1 << 20
LINK: Final = b"120000"
_SAFE: Final = (
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
)
_ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_ELSEWHERE: Final = re.compile(r"(?<![\w.:/-])/[^\s'\"()]+")
"""A path from the root on."""
_SHA256: Final = b"[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha256\n"


@dataclass(frozen=True, slots=True)
class GitFile:
    """A file of a tree: its path, size in bytes (None: its content is not there), content's id."""

    path: str
    size: int | None
    id: str


def ask_git(
    git_dir: Path, *arguments: str, objects: Path | None = None
) -> tuple[bytes, str | None]:
    """Return what git prints, and in its words why it failed, if it did.

    Parameters
    ----------
    git_dir
        Of the repository that it is asked about.
    objects
        Where the objects are, if they are elsewhere.
    """
    git_dir = git_dir.absolute()
    with _words() as words:
        done = subprocess.run(
            [find_git(), *_SAFE, f"--git-dir={git_dir}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            env=_environment(objects),
            check=False,
        )
        return done.stdout, None if done.returncode == 0 else _last_word(words, git_dir)


@dataclass(frozen=True)
class GitObjects:
    """The objects of a clone, read without its configuration.

    So what a partial clone lacks is missing and nothing more: nobody thinks of fetching it.

    Attributes
    ----------
    folder
        Where they are, such as `.git/objects`.
    is_sha256
        Whether their names are SHA-256.
    shallow
        Of a shallow clone, its file of commits whose parents it lacks.
    """

    folder: Path
    is_sha256: bool = False
    shallow: bytes = b""

    def made_at(self, commit: str) -> bytes:
        """Return when a commit was made, in seconds since 1970 as git prints them."""
        with self._alone() as git_dir:
            told, _ = ask_git(
                git_dir, "rev-list", "--no-walk", "--timestamp", commit, objects=self.folder
            )
        return told.partition(b" ")[0]

    def listed(self, tree: str, *, whole: bool) -> Iterator[tuple[bytes, bytes, GitFile]]:
        """Yield what a tree lists, as mode, kind and file; with what its folders list, if `whole`.

        Raises
        ------
        UnlistedError
            If git stops before the end, since something is missing or broken.
        """
        flags = ("-r", "-l", "-z") if whole else ("-l", "-z")
        for line in self.printed("ls-tree", *flags, tree):
            about, _, path = line.partition(b"\t")
            mode, kind, name, size = about.split()
            known = int(size) if size.isdigit() else None
            yield mode, kind, GitFile(text_of_path(path), known, name.decode())

    def printed(self, *arguments: str, most: int = MOST_RECORD_BYTES) -> Iterator[bytes]:
        """Yield what a command of git prints, which ends each record with a NUL.

        Parameters
        ----------
        arguments
            The command and its options, such as ``log -z``.
        most
            Bytes of a record, at most.

        Raises
        ------
        UnlistedError
            If git stops before the end, since something is missing or broken; or a record is
            longer.
        """
        with (
            _words() as words,
            self._alone() as git_dir,
            subprocess.Popen(
                [find_git(), f"--git-dir={git_dir}", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                env=_environment(self.folder),
                bufsize=CHUNK_BYTES,
            ) as process,
        ):
            try:
                yield from _records(_given(process.stdout), most)
            except BaseException:
                process.kill()
                raise
            if process.wait() != 0:
                raise UnlistedError(_last_word(words, self.folder))

    def contents(self, files: Sequence[GitFile]) -> Iterator[tuple[GitFile, bytes | str]]:
        """Yield each file with its content, or why it cannot be read; one is in memory at a time.

        Where git gives up at a broken object, another process goes on behind it.
        """
        waiting = deque(files)
        while waiting:
            with _words() as words, self._reading(words) as (asking, answers):
                yield from _read_objects(asking, answers, waiting)
                if not waiting:
                    return
            yield waiting.popleft(), f"git cannot read it: {_last_word(words, self.folder)}"

    @contextmanager
    def _reading(self, words: IO[bytes]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Give where objects are asked for, and where they come from."""
        with (
            self._alone() as git_dir,
            subprocess.Popen(
                [find_git(), f"--git-dir={git_dir}", "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                env=_environment(self.folder),
                bufsize=0,
            ) as process,
            open(_given(process.stdout).fileno(), "rb", CHUNK_BYTES, closefd=False) as answers,
        ):
            try:
                yield _given(process.stdin), answers
            finally:
                process.kill()

    @contextmanager
    def _alone(self) -> Iterator[Path]:
        """Give the least that git takes for a repository, with nothing configured."""
        with tempfile.TemporaryDirectory() as folder:
            git_dir = Path(folder)
            for name in ("objects", "refs"):
                (git_dir / name).mkdir()
            (git_dir / "HEAD").write_bytes(b"ref: refs/heads/none\n")
            if self.is_sha256:
                (git_dir / "config").write_bytes(_SHA256)
            if self.shallow:
                (git_dir / "shallow").write_bytes(self.shallow)
            yield git_dir


class UnlistedError(Exception):
    """Git could not print all that it was asked for; the message says why, in its words."""


def objects_of(git_dir: Path) -> Path:
    """Return where the objects of a repository are, which other worktrees may share."""
    told, _ = ask_git(git_dir, "rev-parse", "--git-path", "objects")
    return Path(os.fsdecode(told.removesuffix(b"\n"))).absolute()


def find_git() -> str:
    """Return where git is.

    Raises
    ------
    InputError
        If it is nowhere on the PATH.
    """
    git = shutil.which("git")
    if git is None:
        raise InputError(
            "git is not on the PATH, and local clones are read by it.",
            where="PATH",
            fix="install git (git-scm.com), or give folders without .git",
        )
    return git


def _environment(objects: Path | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    elsewhere = {} if objects is None else {"GIT_OBJECT_DIRECTORY": str(objects)}
    return {**kept, **_ENVIRONMENT, **elsewhere}


def _given(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return the pipe that a process was given."""
    assert pipe is not None
    return pipe


@contextmanager
def _words() -> Iterator[IO[bytes]]:
    """Give a place for what git says is wrong; a pipe that nobody empties could hold it up."""
    with tempfile.TemporaryFile() as words:
        yield words


def _last_word(words: IO[bytes], place: Path) -> str:
    """Return why git gave up, without what lies above ``place``: that is the reader's own."""
    words.seek(max(0, words.seek(0, os.SEEK_END) - MOST_SAID))
    lines = words.read().decode("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "git does not say why")
    for above in {place.absolute().parent, place.resolve().parent}:
        last = last.replace(f"{above}/", "")
    said = _ELSEWHERE.sub("…", " ".join(last.split()))
    return visible(re.sub(r"^(fatal|error): ", "", said))


def _records(pipe: IO[bytes], most: int) -> Iterator[bytes]:
    """Yield what NULs end.

    Raises
    ------
    UnlistedError
        If one is longer than ``most`` bytes.
    """
    rest = b""
    while chunk := pipe.read(CHUNK_BYTES):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
        if len(rest) > most:
            raise UnlistedError("it holds a name or text that is longer than any")


def _read_objects(
    asking: IO[bytes], answers: IO[bytes], waiting: deque[GitFile]
) -> Iterator[tuple[GitFile, bytes | str]]:
    """Yield the waiting files, each with its content or why there is none, until git ends."""
    n_asked = 0
    while waiting:
        if n_asked < MOST_WAITING // 2 and n_asked < len(waiting):
            following = list(islice(waiting, n_asked, MOST_WAITING))
            with suppress(BrokenPipeError):  # git has ended, and what it said before counts
                asking.write(b"".join(b"%s\n" % file.id.encode() for file in following))
            n_asked += len(following)
        head = answers.readline(MOST_SAID).split()
        if not head:
            return
        content = _content(answers, head, waiting[0])
        if content is None:
            return
        n_asked -= 1
        yield waiting.popleft(), content


def _content(answers: IO[bytes], head: list[bytes], file: GitFile) -> bytes | str | None:
    """Return the content that an answer announces, or why it is of no use; None: it breaks off."""
    if len(head) != 3 or not head[2].isdigit():
        return "its content is not in this clone"
    size = int(head[2])
    if head[1] == b"blob" and size == file.size:
        content = answers.read(size)
        return content if len(content) == size and answers.read(1) else None
    left = size + 1
    while left and (chunk := answers.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
    return None if left else "its content is not what the folder says"
