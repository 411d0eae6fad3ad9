"""A past day rebuilt: what the made-up GitHub's own history says of it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.github.past import COLUMNS_AS_OF
from mining.github.run import Target, end_of_day
from mining.tables import SCHEMAS
from tests.github import NOW, Repository, World, make_world
from tests.github.history import (
    commits_at,
    existed_at,
    issue_state_at,
    readme_at,
    releases_at,
    stars_at,
)
from tests.mining_worlds import SMALL, TOPICS, mined_world, study

FIRST_DAY, LAST_DAY = datetime(2017, 1, 1), datetime.fromtimestamp(NOW, UTC).replace(tzinfo=None)
WORLD = make_world(7, 30, TOPICS, SMALL, 50)


def belonging(world: World, t: float) -> dict[str, Repository]:
    """Return the repositories of the study that were there at a time, by key."""
    found = {number for topic in TOPICS for number in world.found(topic)}
    there = {f"gh:{n}": world.repositories[n] for n in found}
    there = {key: each for key, each in there.items() if existed_at(each, t)}
    for name in SMALL:
        framework = world.find(name)
        assert framework is not None
        there[f"gh:{framework.database_id}"] = framework
    return there


@settings(max_examples=12)
@given(st.datetimes(min_value=FIRST_DAY, max_value=LAST_DAY))
def test_it_is_what_history_says(day: datetime) -> None:
    """README, commits, releases, stars and the state of issues are as they were on any day."""
    moment = end_of_day(day)
    assert moment is not None
    t = moment.timestamp()
    there = belonging(WORLD, t)
    if all(name in SMALL for each in there.values() for name in [each.full_name]):
        return  # no topic has anything yet: an error of its own
    with tempfile.TemporaryDirectory() as folder, mined_world(WORLD, Path(folder)) as mined:
        outcome = mined.mine(Target(as_of=moment))
        rows = {r["repo_key"]: r for r in mined.rows(outcome, "repositories")}
        readmes = {r["repo_key"]: r for r in mined.rows(outcome, "readmes")}
        issues = {(r["repo_key"], r["number"]): r for r in mined.rows(outcome, "issues")}
    assert rows.keys() == there.keys()
    for key, each in there.items():
        if each.blocked:
            continue
        assert rows[key]["commits"] == len(commits_at(each, t))
        assert rows[key]["releases"] == len(releases_at(each, t))
        shown = readme_at(each, t)
        text = shown.text if shown is not None else None
        assert (key in readmes) == (text is not None)
        if shown is not None and text is not None:
            assert (readmes[key]["path"], readmes[key]["commit"]) == (shown.path, shown.commit)
            assert text.startswith(readmes[key]["text"][:500])
    labels = {f.repository: {x.lower() for x in f.request_labels} for f in study().frameworks}
    for name in SMALL:
        framework = WORLD.find(name)
        assert framework is not None
        for issue in framework.issues:
            then = issue_state_at(issue, t)
            key_of = (f"gh:{framework.database_id}", issue.number)
            wanted = bool({x.lower() for x in issue.labels} & labels[name])
            assert (key_of in issues) == (wanted and then is not None)
            if then is not None and key_of in issues:
                row = issues[key_of]
                assert row["state"] == then.state.lower()
                closed = None if then.closed_at is None else float(then.closed_at)
                at = row["closed_at"].timestamp() if row["closed_at"] else None
                assert at == closed


@pytest.mark.parametrize("year", [2021, 2024])
def test_stars_are_those_that_came_by_then(tmp_path: Path, year: int) -> None:
    """With the history of stars, each repository has those given by the day and still held."""
    world = make_world(8, 12, TOPICS, (), 0)
    moment = end_of_day(datetime(year, 7, 1))
    assert moment is not None
    with mined_world(world, tmp_path) as mined:
        outcome = mined.mine(Target(as_of=moment), of=study((), star_history=True))
        rows = mined.rows(outcome, "repositories")
    assert rows
    for row in rows:
        each = world.repositories[row["repo_id"]]
        if not each.blocked:
            assert row["stars"] == stars_at(each, moment.timestamp())


def test_what_is_unknown_is_null_and_said(tmp_path: Path) -> None:
    """Figures that nobody keeps the past of are null, and the manifest says of each column."""
    with mined_world(WORLD, tmp_path) as mined:
        outcome = mined.mine(Target(as_of=end_of_day(datetime(2024, 6, 1))))
        rows = mined.rows(outcome, "repositories")
        issues = mined.rows(outcome, "issues")
    assert outcome.snapshot.id == "2024-06-01.as-of"
    assert outcome.summary is not None
    said = outcome.summary.source.facts["columns"]
    for table, found in (("repositories", rows), ("issues", issues)):
        unknown = [name for name, known in said[table].items() if known == "unknown"]
        assert unknown
        assert found
        assert all(row[name] is None for row in found for name in unknown)
    assert said["repositories"]["stars"] == "unknown"  # without the history of stars


@pytest.mark.parametrize("table", sorted(COLUMNS_AS_OF))
def test_every_column_is_accounted_for(table: str) -> None:
    """No column is left without a word on whether it is as of then, today's, or unknown."""
    clocks = {"fetched_at", "enriched_at"}
    elsewhere = set() if table == "histories" else {"first_commit_at", "commit_authors"}
    columns = set(SCHEMAS[table].names) - clocks - elsewhere
    assert set(COLUMNS_AS_OF[table]) == columns


def test_a_day_before_the_ecosystem_or_after_today_is_refused(tmp_path: Path) -> None:
    """Where there was nothing yet, or is nothing yet, one clear sentence says so."""
    from artifacts.errors import InputError

    with mined_world(WORLD, tmp_path) as mined:
        with pytest.raises(InputError, match="created by then"):
            mined.mine(Target(as_of=end_of_day(datetime(2009, 1, 1))))
        with pytest.raises(InputError, match="not over yet"):
            mined.mine(Target(as_of=end_of_day(datetime(2030, 1, 1))))
