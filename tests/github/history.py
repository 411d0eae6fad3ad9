"""How the world was at a date: plain functions, which tests take as the truth.

All times are seconds since 1970. They are written to be read, not to be quick, and stand apart from
what the server does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.github.clock import DAY_S
from tests.github.git import SYMLINK, Blob, Commit, Entry, Tree
from tests.github.world import Issue, Release, Repository

README_FOLDERS = (".github", "", "docs")
"""Where a README is looked for, in this order."""
README_ENDINGS = (".md", ".markdown", ".rst", ".txt", "")
"""What a README ends in: those before go first, within a folder."""
MOST_LINKS = 5


@dataclass(frozen=True)
class Readme:
    """A README as of a commit; `content` is that of the file to which a link leads."""

    path: str
    commit: str
    blob: Blob

    @property
    def text(self) -> str | None:
        """Return the text; None if it is none."""
        return None if self.blob.is_binary else self.blob.content.decode("utf-8")


@dataclass(frozen=True)
class IssueState:
    """Whether an issue was open."""

    state: str
    closed_at: int | None
    state_reason: str | None


def existed_at(repository: Repository, t: float) -> bool:
    """Tell whether a repository was there, and public, at a time."""
    return repository.created_at <= t and (repository.gone_at is None or t < repository.gone_at)


def commits_at(repository: Repository, t: float) -> tuple[Commit, ...]:
    """Return the commits of the default branch whose dates are not after ``t``."""
    return tuple(each for each in repository.commits if each.committed_at <= t)


def readme_at(repository: Repository, t: float) -> Readme | None:
    """Return the preferred README in the last commit whose date is not after ``t``."""
    commits = commits_at(repository, t)
    return preferred_readme(commits[-1]) if commits else None


def preferred_readme(commit: Commit) -> Readme | None:
    """Return the README that GitHub shows of a commit; None if there is none."""
    for place in README_FOLDERS:
        for ending in README_ENDINGS:
            for entry in _entries(commit.tree, place):
                if entry.type == "blob" and entry.name.lower() == "readme" + ending:
                    path = f"{place}/{entry.name}".lstrip("/")
                    blob = _followed(commit.tree, path)
                    if blob is not None:
                        return Readme(path, commit.oid, blob)
    return None


def stars_at(repository: Repository, t: float) -> int:
    """Return how many of today's stars were given until the end of the day of ``t``."""
    return sum(count for day, count in repository.stars.items() if day <= t // DAY_S)


def releases_at(repository: Repository, t: float) -> tuple[Release, ...]:
    """Return what was released until ``t``, drafts left out."""
    return tuple(
        each
        for each in repository.releases
        if not each.draft and each.published_at is not None and each.published_at <= t
    )


def issue_state_at(issue: Issue, t: float) -> IssueState | None:
    """Return how an issue stood at ``t``; None if it was not yet there."""
    if issue.created_at > t:
        return None
    state = IssueState("OPEN", None, None)
    for event in issue.events:
        if event.at <= t:
            if event.kind == "closed":
                state = IssueState("CLOSED", event.at, event.reason)
            else:
                state = IssueState("OPEN", None, event.reason)
    return state


def _entries(tree: Tree, place: str) -> tuple[Entry, ...]:
    if not place:
        return tree.entries
    entry = tree.at(place)
    return entry.target.entries if entry is not None and isinstance(entry.target, Tree) else ()


def _followed(tree: Tree, path: str) -> Blob | None:
    """Return the file at a path, symbolic links followed; None if they lead nowhere."""
    for _ in range(MOST_LINKS):
        entry = tree.at(path)
        if entry is None or not isinstance(entry.target, Blob):
            return None
        if entry.mode != SYMLINK:
            return entry.target
        parts: list[str] = []
        for part in (PurePosixPath(path).parent / entry.target.content.decode()).parts:
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            else:
                parts.append(part)
        path = "/".join(parts)
    return None
