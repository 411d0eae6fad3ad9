"""A small world mined once, for tests of what is mined of it since."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mining.github.run import MiningOutcome, Target
from mining.tables import CLOCKS, TableRow
from opsatlas.study import Study
from tests.github import Repository, World, make_world
from tests.github.log import Asked
from tests.github.spoiling import Spoil
from tests.mining_worlds import SMALL, TOPICS, Mined, mined_world

DAYS = 30
TABLES = ("repositories", "readmes", "issues", "languages", "releases", "activity")
Rows = Mapping[str, list[TableRow]]
UNKNOWN = "unknown: "
MOVED = ("renamed", "transferred")


def small_world() -> World:
    """Return a world of which all kinds of changes can be told in a moment."""
    return make_world(11, 12, TOPICS, SMALL, 30)


@dataclass(frozen=True)
class First:
    """The world, and the workspace in which it was mined."""

    world: World = field(repr=False)
    workspace: Path
    snapshot: str
    rows: Rows = field(repr=False)


@dataclass(frozen=True)
class Next:
    """What was mined since, beside what a whole mining of the same day gives."""

    world: World
    outcome: MiningOutcome
    since: Rows
    anew: Rows
    gone: list[TableRow]
    asked: list[Asked]

    def reasons(self) -> dict[str, str]:
        """Return what is told of each that is gone, by key."""
        return {row["key"]: row["reason"] for row in self.gone}

    def differing(self) -> list[str]:
        """Return the tables that are not as a whole mining gives them."""
        return [table for table in TABLES if self.since[table] != self.anew[table]]


def mine_first(workspace: Path, world: World | None = None, of: Study | None = None) -> First:
    """Mine a world, the small one if no other is given."""
    world = world or small_world()
    with mined_world(world, workspace) as mined:
        outcome = mined.mine(of=of)
        return First(world, workspace, outcome.snapshot.id, _rows(mined, outcome))


def mine_next(
    first: First,
    world: World,
    folder: Path,
    *,
    of: Study | None = None,
    spoil: Spoil | None = None,
    spoil_both: bool = False,
    after_refusal: Callable[[Exception], None] | None = None,
) -> Next:
    """Mine what is new in a world since, and all of it.

    Parameters
    ----------
    spoil
        What becomes of GitHub's answers while it is mined since; `spoil_both`: in both minings.
    after_refusal
        Called with the error if the mining breaks off; then GitHub is well, and it goes on.
    """
    shutil.copytree(first.workspace, folder / "since")
    with mined_world(world, folder / "since") as mined:
        mined.clock.sleep(DAYS * 86_400)
        mined.github.spoil = spoil
        target = Target(since=first.snapshot)
        try:
            outcome = mined.mine(target, of=of)
        except Exception as error:
            if after_refusal is None:
                raise
            after_refusal(error)
            mined.github.spoil = None
            outcome = mined.mine(target, of=of)
        asked = list(mined.github.requests)
        mined.github.spoil = spoil if spoil_both else None
        anew = replace(mined, workspace=folder / "anew")
        anew.workspace.mkdir()
        whole = anew.mine(of=of)
        return Next(
            world=world,
            outcome=outcome,
            since=_rows(mined, outcome),
            anew=_rows(anew, whole),
            gone=mined.rows(outcome, "disappearances"),
            asked=asked,
        )


def _rows(mined: Mined, outcome: MiningOutcome) -> Rows:
    """Return the rows by table, without clocks and what only an earlier snapshot can know."""
    left_out = {*CLOCKS, "aliases"}
    return {
        table: [
            {column: value for column, value in row.items() if column not in left_out}
            for row in mined.rows(outcome, table)
        ]
        for table in TABLES
    }


def unexcused(found: Next) -> Iterator[str]:
    """Yield the rows that are not as a whole mining gives them, and of which nothing is said."""
    sources = found.outcome.snapshot.sources
    unknown = {
        who.lower() for s in sources for entry in s.facts.get("unknown", ()) for who in entry["who"]
    }
    names = {
        row["repo_key"]: row["full_name"].lower()
        for rows in (found.since, found.anew)
        for row in rows["repositories"]
    }
    for table in TABLES:
        for one, other in ((found.since, found.anew), (found.anew, found.since)):
            for row in one[table]:
                name = names[row["repo_key"]]
                who = {name, f"{name}#{row.get('number')}"}
                # GitHub may refuse an issue and not even tell its number.
                nameless = table == "issues" and any(w.startswith(f"{name}#?") for w in unknown)
                if row not in other[table] and not who & unknown and not nameless:
                    yield f"{table}: {row}"


def untrue(found: Next, first: First, of: Study) -> Iterator[str]:
    """Yield what is told of the world and is not so, and what is missing without a word."""
    topics = set(of.ecosystem.topics)
    labels = {f.repository: {label.lower() for label in f.request_labels} for f in of.frameworks}
    for row in found.gone:
        each = found.world.repositories.get(int(row["repo_key"].removeprefix("gh:")))
        reason = row["reason"]
        if reason.startswith(UNKNOWN) or reason in MOVED:
            continue
        if row["number"] is None:
            true = _is_true_of(reason, each, topics)
        else:
            wanted = labels.get(row["full_name"], set())
            true = _is_true_of_issue(row, each, wanted, found.world)
        if not true:
            yield f"{row['key']} is told to be: {reason}"
    told = found.reasons().keys()
    for table in ("repositories", "issues"):
        there = {_key(row) for row in found.since[table]}
        for key in {_key(row) for row in first.rows[table]} - there - told:
            yield f"{key} is gone without a word"


def _key(row: TableRow) -> str:
    return f"{row['repo_key']}#{row['number']}" if "number" in row else str(row["repo_key"])


def _is_true_of(reason: str, each: Repository | None, topics: set[str]) -> bool:
    if each is None or each.is_gone:
        return reason == "deleted or private"
    if not topics & set(each.topics):
        return reason == "topic dropped"
    return reason == "archived" and each.is_archived


def _is_true_of_issue(
    row: TableRow, each: Repository | None, wanted: set[str], world: World
) -> bool:
    here = {issue.number: issue for issue in each.issues} if each is not None else {}
    issue = here.get(row["number"])
    if issue is not None:
        return row["reason"] == "label dropped" and not wanted & {x.lower() for x in issue.labels}
    if row["reason"] == "transferred":
        name, _, number = row["now_name"].partition("#")
        there = world.find(name)
        return there is not None and int(number) in {one.number for one in there.issues}
    return bool(row["reason"] == "deleted or transferred")
