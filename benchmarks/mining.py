"""Mining a made-up GitHub: requests, limits, faults, kills, a month later; beside the plain way.

The GitHub is the one of the tests: 3,000 repositories under two topics, eight frameworks with
20,000 issues. Its clock is injected but for the kills, so that an hour's wait takes no time. The
plain way is what one writes with an HTTP client in an afternoon: REST, page by page, one repository
after another.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.common import arguments, measure, publish, table
from mining.github.run import Target
from mining.snapshots import load_table, open_snapshot
from tests.github import (
    NOW,
    TOKEN,
    FakeClock,
    FakeGitHub,
    Fault,
    Faults,
    Limits,
    ScaledClock,
    World,
    a_month_later,
    make_world,
    serve,
)
from tests.github.faults import Kind
from tests.github.log import Asked
from tests.github.writing import FRAMEWORKS
from tests.mining_processes import kill_again_and_again, miners, stored_twice
from tests.mining_worlds import TOPICS, Mined, mined_world, study

ALL = tuple(FRAMEWORKS)
N_REPOSITORIES, N_ISSUES, N_LAYERED = 3_000, 20_000, 700
N_MONTHS = 36
N_KILLS, LONGEST_S, FASTER = 50, 1.0, 30.0
FAULT_RATE = 0.02
MONTH_S = 30 * 86_400.0
SEED = 1


@dataclass(frozen=True)
class Cost:
    """What a mining asked of GitHub, and what it brought.

    Attributes
    ----------
    seconds
        By GitHub's clock, which stands still but for waits.
    least_s
        What the limits make so many requests last at least.
    """

    requests: Mapping[str, int]
    violations: int
    seconds: float
    least_s: float
    rows: Mapping[str, int]
    content: str

    @property
    def total(self) -> int:
        """Return all requests."""
        return sum(self.requests.values())


def world() -> World:
    """Return the world of the benchmark."""
    return make_world(SEED, N_REPOSITORIES, TOPICS, ALL, N_ISSUES)


def kind_of(asked: Asked) -> str:
    """Return what a request is for."""
    if asked.query:
        return asked.query.split("(", 1)[0].split()[1]
    parts = asked.path.strip("/").split("/")
    return parts[-1] if len(parts) != 3 else "repository"


def least_seconds(github: FakeGitHub, since: int = 0) -> float:
    """Return how long the limits make the requests last, if they are kept to exactly."""
    limits = github.limits
    asked = list(github.requests)[since:]
    points: dict[str, int] = {}
    for each in asked:
        points[each.resource] = points.get(each.resource, 0) + each.points
    n_rest = sum(each.resource != "graphql" for each in asked)
    return max(
        (points.get("search", 1) - 1) // limits.search * 60.0,
        (points.get("core", 1) - 1) // limits.core * 3600.0,
        (points.get("graphql", 1) - 1) // limits.graphql * 3600.0,
        (n_rest - 1) // limits.rest_a_minute * 60.0,
        (len(asked) - n_rest - 1) // limits.graphql_a_minute * 60.0,
    )


def cost_of(mined: Mined, target: Target | None = None, **mining: object) -> Cost:
    """Mine, and return what it cost."""
    github, before, began = mined.github, len(mined.github.requests), mined.clock.now()
    outcome = mined.mine(target, of=study(ALL, **mining))
    kinds: dict[str, int] = {}
    for asked in list(github.requests)[before:]:
        kinds[kind_of(asked)] = kinds.get(kind_of(asked), 0) + 1
    return Cost(
        requests=dict(sorted(kinds.items())),
        violations=len(github.violations),
        seconds=mined.clock.now() - began,
        least_s=least_seconds(github, before),
        rows=dict(outcome.snapshot.rows),
        content=outcome.snapshot.manifest.content_hash,
    )


def first_and_next() -> dict[str, Any]:
    """Mine, replay, and mine again a month later."""
    with tempfile.TemporaryDirectory() as folder, mined_world(world(), Path(folder)) as mined:
        first = cost_of(mined)
        there = {row["repo_id"] for row in contents(Path(folder), without=())["repositories"]}
        expected = {n for topic in TOPICS for n in mined.github.world.found(topic)}
        expected |= {each.database_id for name in ALL if (each := mined.github.world.find(name))}
        start = time.perf_counter()
        snapshot, was_there = mined.mining(study(ALL)).replay(None)
        replay_s = time.perf_counter() - start
        mined.github.world, _ = a_month_later(mined.github.world, SEED)
        mined.clock.sleep(MONTH_S)
        second = cost_of(mined, Target(since=snapshot.id))
        later = mined.github.world
        carried = contents(Path(folder), without=("aliases",))
    with tempfile.TemporaryDirectory() as folder, mined_world(later, Path(folder)) as mined:
        mined.clock.sleep(MONTH_S)
        cost_of(mined)
        same = contents(Path(folder), without=("aliases",)) == carried
    return {
        "first": first,
        "complete": there == expected,
        "replayed_to_the_byte": was_there,
        "replay_s": replay_s,
        "second": second,
        "as_if_anew": same,
    }


def contents(workspace: Path, *, without: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the latest snapshot, without clocks and what only an earlier one tells."""
    folder = sorted((workspace / "snapshots").iterdir())[-1]
    left_out = {*without, "fetched_at", "enriched_at"}
    return {
        name: [
            {column: value for column, value in row.items() if column not in left_out}
            for row in load_table(folder, name).to_pylist()
        ]
        for name in ("repositories", "readmes", "issues", "languages", "releases", "activity")
    }


def with_layers() -> Cost:
    """Mine fewer repositories with contributors and weekly stars: beyond the limit of an hour."""
    small = make_world(SEED, N_LAYERED, TOPICS, ALL, N_ISSUES // 10)
    with tempfile.TemporaryDirectory() as folder, mined_world(small, Path(folder)) as mined:
        return cost_of(mined, contributors=True, star_history=True)


def with_months() -> Cost:
    """Mine fewer repositories with the commits of each month."""
    small = make_world(SEED, N_LAYERED, TOPICS, ALL, N_ISSUES // 10)
    with tempfile.TemporaryDirectory() as folder, mined_world(small, Path(folder)) as mined:
        return cost_of(mined, commit_months=N_MONTHS)


def with_faults() -> Cost:
    """Mine while everything goes wrong now and then."""
    kinds: tuple[Kind, ...] = typing.get_args(Kind)
    faults = Faults(*(Fault(kind, rate=FAULT_RATE) for kind in kinds), hold_s=0.05, seed=SEED)
    with (
        tempfile.TemporaryDirectory() as folder,
        mined_world(world(), Path(folder), faults=faults) as mined,
    ):
        return cost_of(mined)


def with_kills() -> dict[str, Any]:
    """Mine, killed fifty times at random moments."""
    clock = ScaledClock(FASTER, NOW)
    with tempfile.TemporaryDirectory() as folder, serve(world(), clock=clock) as github:
        workspace = Path(folder)
        with miners(workspace, github, clock, ALL) as found:
            n_hit, code = kill_again_and_again(found, N_KILLS, longest_s=LONGEST_S, seed=SEED)
        (made,) = (workspace / "snapshots").iterdir()
        return {
            "kills": N_KILLS,
            "hit": n_hit,
            "code": code,
            "asked again though stored": stored_twice(workspace / "raw" / made.name),
            "violations": len(github.violations),
            "content": open_snapshot(made).manifest.content_hash,
        }


def plainly() -> dict[str, Any]:
    """Ask as one does in an afternoon: page by page, one repository after the other, by REST."""
    clock = FakeClock(NOW)
    wide = Limits(core=10**6, search=10**6, rest_a_minute=10**6)
    with serve(world(), clock=clock, limits=wide) as github:
        headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "plain"}
        with httpx.Client(base_url=github.url, headers=headers, follow_redirects=True) as client:
            names = set()
            for topic in TOPICS:
                for page in range(1, 11):
                    params = {"q": f"topic:{topic}", "per_page": 100, "page": page}
                    items = client.get("/search/repositories", params=params).json()["items"]
                    names |= {item["full_name"] for item in items}
            for name in sorted(names):
                for path in ("", "/readme", "/releases", "/languages"):
                    client.get(f"/repos/{name}{path}")
            n_before = len(github.requests)
            n_issues = _plain_issues(client)
        n_core = sum(each.resource == "core" for each in github.requests)
        return {
            "repositories": len(names),
            "issues": n_issues,
            "requests": len(github.requests),
            "for_repositories": n_before,
            "hours": (n_core - 1) // 5_000,
        }


def _plain_issues(client: httpx.Client) -> int:
    found = set()
    for framework in study(ALL).frameworks:
        for label in framework.request_labels:
            address: str | None = f"/repos/{framework.repository}/issues"
            params: dict[str, str] | None = {"labels": label, "state": "all", "per_page": "100"}
            while address is not None:
                answer = client.get(address, params=params)
                found |= {(framework.repository, issue["number"]) for issue in answer.json()}
                address, params = answer.links.get("next", {}).get("url"), None
    return len(found)


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--no-kills", action="store_true", help="leave out the fifty kills")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    args = parse()
    both = measure(first_and_next)
    first, second = both.value["first"], both.value["second"]
    layered, counted, faulty, plain = with_layers(), with_months(), with_faults(), plainly()
    rows = [
        _row("first mining", first),
        _row("a month later", second),
        _row(f"layers, {N_LAYERED}", layered),
        _row(f"commits of {N_MONTHS} months, {N_LAYERED}", counted),
        _row(f"faults at {FAULT_RATE:.0%} each", faulty),
    ]
    heads = ["", "requests", "over limit", "s waited", "s at least", "content"]
    n_repositories, n_issues = first.rows["repositories"], first.rows["issues"]
    n_pages = first.requests.get("Issues", 0)
    shares = [
        ["every repository is there, no other", str(both.value["complete"])],
        ["requests a repository, search included", (first.total - n_pages) / n_repositories],
        ["requests an issue", n_pages / n_issues],
        [
            f"requests a repository for the commits of {N_MONTHS} months",
            counted.requests["Months"] / counted.rows["repositories"],
        ],
        ["a month later, of the first requests", second.total / first.total],
        ["the month's snapshot is as if mined anew", str(both.value["as_if_anew"])],
        ["replayed to the byte", str(both.value["replayed_to_the_byte"])],
        ["seconds of the replay", both.value["replay_s"]],
        ["peak MiB of mining, server included", both.peak_mib],
        ["plain way: repositories it misses", n_repositories - plain["repositories"]],
        ["plain way: requests", plain["requests"]],
        ["plain way: hours by the limits, at least", plain["hours"]],
    ]
    tables = [table(f"{n_repositories:,} repositories, {n_issues:,} requests", heads, rows)]
    tables.append(table("Shares and the plain way", ["", "figure"], shares))
    figures: dict[str, Any] = {
        "first": vars(first),
        "second": vars(second),
        "layered": vars(layered),
        "counted": vars(counted),
        "faulty": vars(faulty),
        "plain": plain,
        "shares": shares,
    }
    if not args.no_kills:
        kills = with_kills()
        kills["same content"] = kills.pop("content") == first.content
        figures["kills"] = kills
        listed = [[name, str(value)] for name, value in kills.items()]
        tables.append(table("Killed with SIGKILL", ["", ""], listed))
    publish("mining", figures, tables, args.out)


def _row(name: str, cost: Cost) -> list[Any]:
    return [name, cost.total, cost.violations, cost.seconds, cost.least_s, cost.content[:10]]


if __name__ == "__main__":
    main()
