"""A made-up framework with its dependents, and finding them: what these tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from configs.framework import Framework
from mining.dependents.claims import FoundDependents
from mining.dependents.find import DependentSources, find_dependents
from mining.dependents.hosts import Hosts
from mining.github.http import Account
from mining.github.limits import WallClock
from mining.tables import TableRow
from tests.github import (
    NOW,
    TOKEN,
    CodeFile,
    Dependent,
    DependentWorld,
    FakeClock,
    FakeGitHub,
    Faults,
    World,
    serve,
)
from tests.github.log import Asked
from tests.github.replies import Reply
from tests.hearing import Heard

FLOW = Framework.model_validate(
    {
        "framework": {"name": "flow", "title": "Flow", "repository": "acme/flow"},
        "modules": ["flow"],
        "distributions": ["flow", "flow_lite"],
        "scripts": ["flow"],
        "features": [
            {"code": "projects", "files": ["FLproject", "conf/*/flow.yml", "*.flow"]},
            {"code": "ci-cd", "actions": ["acme/flow-action"]},
        ],
    }
)
Spoil = Callable[[Asked, Reply], Reply]
PAGE = DependentSources(dependents_page=True)
ECOSYSTEMS = DependentSources(ecosystems=True)
CODE = DependentSources(code_search=True)
EVERY_SOURCE = DependentSources(dependents_page=True, ecosystems=True, code_search=True)


def flow_called(name: str, repository: str) -> Framework:
    """Return the framework under another name, at another place."""
    head = FLOW.framework.model_copy(update={"name": name, "repository": repository})
    return FLOW.model_copy(update={"framework": head})


def flow_world(n: int = 70) -> DependentWorld:
    """Return a framework of two packages with ``n`` dependents: each source knows a part of them.

    The page knows those whose number is even, ecosyste.ms every third, code search every fifth.
    """
    dependents = [
        Dependent(
            full_name=f"Owner{i}/uses-flow-{i}",
            number=1_000 + i,
            stars=i,
            description="Flow tutorial" if i % 10 == 0 else f"Forecasts number {i}",
            on_page=("flow",) * (i % 2 == 0) + ("flow-lite",) * (i % 4 == 0),
            at_ecosystems=("flow",) * (i % 3 == 0),
            publishes=f"pkg{i}" if i % 6 == 0 else None,
            files=(CodeFile(f"src/p{i}.py", "import flow\n", 100 + i),) * (i % 5 == 0),
        )
        for i in range(n)
    ]
    return DependentWorld({"acme/flow": ("flow", "flow-lite", "@acme/flow")}, dependents)


@dataclass
class FlowHunt:
    """A workspace, the servers, and the clock of both."""

    workspace: Path
    github: FakeGitHub
    clock: FakeClock
    heard: Heard
    token: str | None = TOKEN

    @property
    def folder(self) -> Path:
        """Return where the tables go."""
        return self.workspace / "dependents"

    def find(
        self, sources: DependentSources = EVERY_SOURCE, *frameworks: Framework
    ) -> FoundDependents:
        """Find the dependents of the frameworks, of `FLOW` where none is named."""
        hosts = hosts_at(self.github.url, self.clock, self.token)
        return find_dependents(self.folder, frameworks or [FLOW], sources, hosts, self.heard)


def hosts_at(url: str, clock: WallClock, token: str | None = TOKEN) -> Hosts:
    """Return all hosts at one address."""
    account = Account(url, f"{url}/graphql", token)
    return Hosts(account, url, url, url, clock)


@contextmanager
def flow_hunt(
    world: DependentWorld, workspace: Path, *, faults: Faults | None = None
) -> Iterator[FlowHunt]:
    """Serve dependents on a clock of their own, to be found."""
    clock = FakeClock(NOW)
    with serve(World(NOW, {}), clock=clock, faults=faults) as github:
        github.dependents = world
        yield FlowHunt(workspace, github, clock, Heard())


def source_rows(found: FoundDependents) -> dict[str, TableRow]:
    """Return what each source gave, by its name."""
    return {row["source"]: row for row in found.sources.to_pylist()}


def projects_by(found: FoundDependents, source: str) -> list[str]:
    """Return the projects that a source claims, sorted."""
    return sorted(r["project"] for r in found.claims.to_pylist() if r["source"] == source)


def only(world: DependentWorld, *dependents: Dependent) -> DependentWorld:
    """Return a world with these dependents alone."""
    return replace(world, dependents=dependents)


def on_page(text: Callable[[str], str], nth: int | None = None) -> Spoil:
    """Return what changes the text of pages of dependents, of all or of the ``nth``."""

    def spoil(asked: Asked, answer: Reply) -> Reply:
        if asked.resource != "pages" or nth not in (None, asked.nth):
            return answer
        return replace(answer, body=text(answer.body.decode()).encode())

    return spoil
