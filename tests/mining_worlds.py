"""A small made-up GitHub, mined: what the tests of mining share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mining.github.http import Account
from mining.github.run import Mining, MiningOutcome, Target
from mining.snapshots import load_table
from mining.tables import TableRow
from opsatlas.pipeline import Pipeline
from opsatlas.study import Study
from tests.github import NOW, TOKEN, FakeClock, FakeGitHub, Faults, Limits, World, serve
from tests.github.writing import FRAMEWORKS
from tests.heard import Heard

TOPICS = ("mlops", "machine-learning-operations")
SMALL = ("bentoml/BentoML", "wandb/wandb")


def study(frameworks: tuple[str, ...] = SMALL, **mining: object) -> Study:
    """Return a study of the made-up world."""
    return Study.model_validate(
        {
            "study": {"name": "made-up", "title": "A made-up ecosystem"},
            "ecosystem": {"topics": TOPICS},
            "frameworks": [
                {"name": name, "repository": name, "request_labels": FRAMEWORKS[name]}
                for name in frameworks
            ],
            "mining": mining,
        }
    )


@dataclass
class Mined:
    """A workspace, the GitHub that it is mined from, and the clock of both."""

    workspace: Path
    github: FakeGitHub
    clock: FakeClock
    heard: Heard
    token: str | None = TOKEN

    def mining(self, of: Study | None = None) -> Mining:
        """Return the mining of a study into the workspace."""
        where = self.workspace / "study.toml"
        return Pipeline(self.workspace, of or study(), where, self.heard).mining(self.clock)

    def mine(self, target: Target | None = None, *, of: Study | None = None) -> MiningOutcome:
        """Mine a study."""
        url = self.github.url
        account = Account(url, f"{url}/graphql", self.token)
        return self.mining(of).run(target or Target(), account=account)

    def rows(self, outcome: MiningOutcome, table: str) -> list[TableRow]:
        """Return the rows of a table of what was mined."""
        rows: list[TableRow] = load_table(outcome.snapshot.folder, table).to_pylist()
        return rows


@contextmanager
def mined_world(
    world: World,
    workspace: Path,
    *,
    faults: Faults | None = None,
    limits: Limits | None = None,
    token: str | None = TOKEN,
    latency_s: float = 0.0,
    issue_types: bool = True,
) -> Iterator[Mined]:
    """Serve a world on a clock of its own, to be mined into a workspace."""
    workspace.mkdir(parents=True, exist_ok=True)
    clock = FakeClock(NOW)
    with serve(
        world,
        clock=clock,
        faults=faults,
        limits=limits,
        latency_s=latency_s,
        issue_types=issue_types,
    ) as github:
        yield Mined(workspace, github, clock, Heard(), token)
