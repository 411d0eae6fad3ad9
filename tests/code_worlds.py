"""A small made-up GitHub of projects with code, fetched: what the tests of fetching share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mining.code.fetch import FetchOutcome, FetchSettings, fetch_code
from mining.code.pins import CodeCandidate
from mining.code.store import CodeRecord, CodeStore
from mining.github.http import Account
from tests.github import NOW, TOKEN, FakeClock, FakeGitHub, Faults, Limits, World, serve
from tests.github.clock import Clock, ScaledClock
from tests.github.code import tree_of
from tests.github.git import Tree, commit
from tests.github.world import Repository
from tests.hearing import Heard

MADE = NOW - 86_400
FILES = {"app/main.py": b"import mlflow\n", "README.md": b"# Forge\n", "logo.png": b"\x89PNG"}


def python(path: str, size: int) -> bool:
    """Want Python and notebooks, up to a megabyte."""
    return path.endswith((".py", ".ipynb")) and size <= 1_000_000


def project(
    number: int, name: str, files: Mapping[str, bytes] | Tree | None = None, **about: Any
) -> Repository:
    """Return a repository with one commit of these files."""
    tree = files if isinstance(files, Tree) else tree_of(dict(FILES if files is None else files))
    usual: dict[str, Any] = {
        "database_id": number,
        "names": ((MADE, name),),
        "description": "A forge",
        "topics": ("mlops",),
        "created_at": MADE,
        "pushed_at": MADE,
        "updated_at": MADE,
        "stars": {MADE // 86_400: 12},
        "disk_usage": 100,
        "commits": (commit(tree, MADE, name),),
    }
    return Repository(**{**usual, **about})


def world_of(*projects: Repository) -> World:
    """Return a GitHub with these alone."""
    return World(NOW, {each.database_id: each for each in projects})


def many(n: int) -> World:
    """Return a GitHub with so many projects, each with a file that all have and one of its own."""
    return world_of(
        *(
            project(n, f"acme/p{n:02}", {"same.py": b"import wandb\n", "own.py": b"%d" % n})
            for n in range(1, n + 1)
        )
    )


@dataclass
class Fetched:
    """A store, the GitHub that it is fetched from, and the clock of both."""

    folder: Path
    github: FakeGitHub
    clock: Clock
    heard: Heard = field(default_factory=Heard)

    @property
    def store(self) -> CodeStore:
        """Return the store."""
        return CodeStore(self.folder)

    def fetch(
        self, *names: str | CodeCandidate, token: str | None = TOKEN, **settings: Any
    ) -> FetchOutcome:
        """Fetch these; without names, all that there are."""
        all_names = [each.full_name for each in self.github.world.repositories.values()]
        return fetch_into(
            self.folder,
            self.github.url,
            names or all_names,
            self.clock,
            self.heard,
            token,
            settings,
        )

    def record(self, name: str, commit: str | None = None) -> CodeRecord:
        """Return the record of what was asked."""
        record = self.store.record(name, commit)
        assert record is not None
        return record

    def files(self, name: str, commit: str | None = None) -> dict[str, bytes]:
        """Return the files that were kept of a project."""
        return dict(self.store.code(self.record(name, commit)).files())

    def downloads(self) -> list[str]:
        """Return the paths of the tarballs that were asked for."""
        return [each.path for each in self.github.requests if each.resource == "codeload"]


def fetch_into(
    folder: Path,
    url: str,
    names: Iterable[str | CodeCandidate],
    clock: Clock,
    heard: Heard,
    token: str | None = TOKEN,
    settings: Mapping[str, Any] | None = None,
) -> FetchOutcome:
    """Fetch into a folder from a made-up GitHub."""
    return fetch_code(
        folder,
        [CodeCandidate(each) if isinstance(each, str) else each for each in names],
        python,
        account=Account(url, f"{url}/graphql", token),
        clock=clock,
        progress=heard,
        settings=FetchSettings(**(settings or {})),
    )


@contextmanager
def fetched_world(
    world: World, folder: Path, *, faults: Faults | None = None, limits: Limits | None = None
) -> Iterator[Fetched]:
    """Serve a world on a clock of its own, to be fetched into a folder."""
    clock = FakeClock(NOW)
    with serve(world, clock=clock, faults=faults, limits=limits) as github:
        yield Fetched(folder, github, clock)


def fetching(told: dict[str, Any]) -> Callable[[], object]:
    """Return what fetches, all of it loaded, in a process that is killed at will."""
    return lambda: fetch_into(
        Path(told["folder"]),
        told["url"],
        told["names"],
        ScaledClock(*told["clock"]),
        Heard(),
        settings=told["settings"],
    )
