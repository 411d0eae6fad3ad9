"""What mining tells of histories: owners, the day of observation, and the commits of each month."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.tables import read_table
from mining.github.errors import GitHubError
from mining.github.job import raw_folder, read_job
from mining.github.months import OLDER, CommitMonths, first_month
from mining.github.run import MiningOutcome, Target, end_of_day
from mining.tables import CLOCKS, TableRow
from tests.github import NOW, Repository, World, a_month_later, make_world
from tests.github.history import commits_at
from tests.github.spoiling import fail, only, put
from tests.mining_worlds import SMALL, TOPICS, Mined, mined_world, study

N_MONTHS = 30
DAYS = 30


@pytest.fixture(scope="module")
def world() -> World:
    """Return a small world in which some histories are longer than the months that count."""
    return make_world(4, 26, TOPICS, SMALL[:1], 20)


def mine(mined: Mined, target: Target | None = None, n_months: int = N_MONTHS) -> MiningOutcome:
    """Mine with the commits of some months."""
    return mined.mine(target, of=study(SMALL[:1], commit_months=n_months))


def histories(mined: Mined, outcome: MiningOutcome) -> dict[str, TableRow]:
    """Return the histories by key."""
    return {row["repo_key"]: row for row in mined.rows(outcome, "histories")}


def counted(mined: Mined, outcome: MiningOutcome) -> dict[str, dict[str, int | None]]:
    """Return the commits of each month that has a row, by repository."""
    found: dict[str, dict[str, int | None]] = {}
    for row in mined.rows(outcome, "activity"):
        found.setdefault(row["repo_key"], {})[row["month"]] = row["commits"]
    return found


def by_month(each: Repository, t: float) -> Counter[str]:
    """Return the commits of each month until a time."""
    days = [datetime.fromtimestamp(one.committed_at, UTC) for one in commits_at(each, t)]
    return Counter(f"{day:%Y-%m}" for day in days)


def assert_counted(world: World, mined: Mined, outcome: MiningOutcome, t: float) -> None:
    """Every month that counts has its commits; before, none are made up."""
    rows, months = histories(mined, outcome), counted(mined, outcome)
    first = first_month(datetime.fromtimestamp(t, UTC), N_MONTHS)
    assert {OLDER in row["flags"] for row in rows.values() if row["flags"] is not None} == {
        True,
        False,
    }
    for key, row in rows.items():
        each = world.repositories[int(key.removeprefix("gh:"))]
        if each.blocked:
            assert row["commits"] is None
            assert "commits unknown" in row["reason"]
            continue
        true = by_month(each, t)
        is_longer = any(month < first for month in true)
        assert (OLDER in row["flags"]) == is_longer
        assert (f"counted from {first} on" in row["reason"]) == is_longer
        told = months.get(key, {})
        assert {m: n for m, n in told.items() if n} == {m: n for m, n in true.items() if m >= first}
        for month, n in told.items():
            assert (n is None) == (is_longer and month < first)
        assert not is_longer or first in told


def test_commits_of_each_month_are_those_of_the_history(world: World, tmp_path: Path) -> None:
    """Of a longer history it is said from which month on they are counted; none before is 0."""
    with mined_world(world, tmp_path) as mined:
        outcome = mine(mined)
        assert_counted(world, mined, outcome, NOW)
        assert mined.github.violations == []
        _, was_there = mined.mining().replay(outcome.snapshot.id)
        assert was_there


def test_every_history_says_up_to_when_it_is_known(world: World, tmp_path: Path) -> None:
    """It is known up to the day of mining; what the API does not tell is null, with the reason."""
    with mined_world(world, tmp_path) as mined:
        outcome = mined.mine(of=study(SMALL[:1]))
        repositories = {row["repo_key"]: row for row in mined.rows(outcome, "repositories")}
        rows = histories(mined, outcome)
        assert all(row["commits"] is None for row in mined.rows(outcome, "activity"))
    assert rows.keys() == repositories.keys()
    for key, row in rows.items():
        repository, each = repositories[key], world.repositories[int(key.removeprefix("gh:"))]
        assert repository["owner_type"] == each.owner_type
        assert row["observed_at"] == datetime.fromtimestamp(NOW, UTC)
        same = ("commits", "last_commit_at", "head_commit")
        assert [row[name] for name in same] == [repository[name] for name in same]
        assert {row[name] for name in ("first_commit_at", "last_human_at", "truck_factor")} == {
            None
        }
        assert row["reason"]


def test_a_past_day_is_known_as_of_its_end(world: World, tmp_path: Path) -> None:
    """Commits are those until then, and so is the observation."""
    moment = end_of_day(datetime(2025, 2, 10))
    assert moment is not None
    with mined_world(world, tmp_path) as mined:
        outcome = mine(mined, Target(as_of=moment))
        assert_counted(world, mined, outcome, moment.timestamp())
        assert {row["observed_at"] for row in mined.rows(outcome, "histories")} == {moment}


def test_the_next_snapshot_counts_as_a_whole_mining_would(world: World, tmp_path: Path) -> None:
    """What did not change is carried over, as far as it still counts, and not asked for again."""
    later, _ = a_month_later(
        world,
        5,
        changed=0.2,
        deleted=2,
        renamed=2,
        untagged=1,
        new=3,
        new_issues=1,
        edited=1,
        closed=1,
        relabelled=1,
        deleted_issues=1,
        transferred=0,
    )
    tables = ("activity", "histories", "repositories")
    with mined_world(world, tmp_path / "next") as mined:
        first = mine(mined)
        asked = n_months_asked(mined)
        mined.clock.sleep(DAYS * 86_400)
        mined.github.world = later
        second = mine(mined, Target(since=first.snapshot.id))
        carried = [plain(mined.rows(second, table)) for table in tables]
        assert 0 < n_months_asked(mined) - asked < asked
    with mined_world(later, tmp_path / "anew") as mined:
        mined.clock.sleep(DAYS * 86_400)
        outcome = mine(mined)
        anew = [plain(mined.rows(outcome, table)) for table in tables]
    assert carried == anew


def test_more_months_than_before_are_counted_anew(world: World, tmp_path: Path) -> None:
    """A snapshot that counted fewer months, or none, is no source for more."""
    with mined_world(world, tmp_path) as mined:
        first = mined.mine(of=study(SMALL[:1]))
        mined.clock.sleep(86_400)
        second = mine(mined, Target(since=first.snapshot.id))
        assert second.summary is not None
        assert second.summary.source.facts["carried_over"]["repositories"] > 0
        assert_counted(world, mined, second, NOW + 86_400)


def test_what_github_does_not_count_is_older_than_what_it_does(
    world: World, tmp_path: Path
) -> None:
    """Where it fails at some months of one repository, those before are unknown, not 0."""
    with mined_world(world, tmp_path) as mined:
        key = next(
            each.node_id
            for each in world.by_topic[TOPICS[0]]
            if each.commits
            and min(by_month(each, NOW)) < "2024-12"
            and max(by_month(each, NOW)) > "2026"
        )

        def spoil(asked: Any, whole: Any) -> Any:
            asks = {name: value for name, value in asked.variables.items() if value == key}
            if not asks or asked.variables["since0"] > "2025":
                return whole
            (name,) = asks
            return fail(f"r{name[2:]}", "object", "m3")(asked, whole)

        mined.github.spoil = only("Months", spoil)
        outcome = mine(mined)
        months, rows = counted(mined, outcome), histories(mined, outcome)
        assert outcome.summary is not None
        (unknown,) = [
            entry
            for entry in outcome.summary.source.facts["unknown"]
            if entry["what"] == "commits a month"
        ]
        assert unknown["count"] == 1
        row = next(r for r in mined.rows(outcome, "repositories") if r["node_id"] == key)
    told = months[row["repo_key"]]
    assert OLDER in rows[row["repo_key"]]["flags"]
    assert told["2025-12"] is not None
    assert {n for month, n in told.items() if month < "2025-12"} <= {None}


def test_a_mining_of_an_earlier_version_goes_on_as_it_was(world: World, tmp_path: Path) -> None:
    """It neither asks for owners' types nor tells histories: its bytes are as they were to be."""
    with mined_world(world, tmp_path) as mined:
        mined.github.spoil = only("Facts", put(None, "data"))
        with pytest.raises(GitHubError):
            mined.mine(of=study(SMALL[:1]))
        mined.github.spoil = None
        (folder,) = (tmp_path / "raw").iterdir()
        job = read_job(folder)
        assert job is not None
        job.model_copy(update={"histories": False}).write(folder)
        outcome = mined.mine(of=study(SMALL[:1]))
        assert "histories" not in outcome.snapshot.rows
        table = read_table(outcome.snapshot.folder / "repositories.parquet")
        assert "owner_type" not in table.column_names
        assert read_job(raw_folder(tmp_path, outcome.snapshot.id)) is not None
        _, was_there = mined.mining().replay(outcome.snapshot.id)
        assert was_there


@given(
    st.dictionaries(st.sampled_from([f"2025-{m:02}" for m in range(1, 13)]), st.integers(1, 9)),
    st.booleans(),
    st.sampled_from([f"2025-{m:02}" for m in range(1, 13)]),
)
def test_months_that_are_left_out_are_unknown(
    months: dict[str, int], is_whole: bool, first: str
) -> None:
    """Whatever is cut off, a month is what it was, or unknown; never 0 where there were some."""
    before = CommitMonths(months, "2025-01", is_whole)
    after = before.since(first)
    for month in (f"2025-{m:02}" for m in range(1, 13)):
        assert after.of(month) in (
            {before.of(month)} if month >= first else {before.of(month), None}
        )


def n_months_asked(mined: Mined) -> int:
    """Return how many requests counted months."""
    return sum("query Months" in (asked.query or "") for asked in mined.github.requests)


def plain(rows: list[TableRow]) -> list[TableRow]:
    """Return rows without clocks and without what only an earlier snapshot can know."""
    return [{k: v for k, v in row.items() if k not in {*CLOCKS, "aliases"}} for row in rows]
