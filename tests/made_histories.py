"""Real git histories, made for a test: commits by whom, when, of which files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.clones import git, new_repository

ADA, BEN = "Ada Long <ada@acme.org>", "Ben Short <ben@acme.org>"
DEPENDABOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"


@dataclass(frozen=True)
class Made:
    """A commit to make.

    Attributes
    ----------
    at
        Day, or seconds since 1970.
    by
        ``Name <e-mail>``.
    files
        Content by path; None removes it.
    parents
        Places of earlier commits in the list; None: the one before, () none.
    written
        The author's time, where it is another.
    """

    at: str | int
    by: str = ADA
    files: Mapping[str, str | None] = field(default_factory=dict)
    message: str = "work"
    parents: tuple[int, ...] | None = None
    written: str | int | None = None


def seconds(at: str | int) -> int:
    """Return a day, in UTC, in seconds since 1970."""
    if isinstance(at, int):
        return at
    return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())


def history_of(
    folder: Path, commits: Sequence[Made], *, tags: Mapping[str, int] | None = None
) -> Path:
    """Make a bare repository with these commits, the last one its head; return its folder."""
    repository = new_repository(folder)
    lines: list[bytes] = []
    for at, each in enumerate(commits):
        parents = each.parents if each.parents is not None else ((at - 1,) if at else ())
        committed = seconds(each.at)
        written = committed if each.written is None else seconds(each.written)
        message = each.message.encode("utf-8", "surrogateescape")
        by = each.by.encode("utf-8", "surrogateescape")
        lines += [
            b"commit refs/heads/part%d" % at,
            b"mark :%d" % (at + 1),
            b"author %s %d +0000" % (by, written),
            b"committer %s %d +0000" % (by, committed),
            b"data %d\n%s" % (len(message), message),
            *(b"%s :%d" % (b"merge" if n else b"from", p + 1) for n, p in enumerate(parents)),
            *map(_change, each.files.items()),
            b"",
        ]
    lines += [b"reset refs/heads/main\nfrom :%d\n" % len(commits)]
    for tag, at in (tags or {}).items():
        lines += [b"reset refs/tags/%s\nfrom :%d\n" % (tag.encode(), at + 1)]
    git(repository, "fast-import", "--quiet", "--force", given=b"\n".join(lines))
    return repository


def _change(file: tuple[str, str | None]) -> bytes:
    path, content = file
    if content is None:
        return b"D %s" % path.encode()
    data = content.encode()
    return b"M 100644 inline %s\ndata %d\n%s" % (path.encode(), len(data), data)
