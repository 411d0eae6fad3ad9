"""Mining a GitHub: complete, within its limits, whatever goes wrong on the way."""

from __future__ import annotations

import typing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mining.tables import TableRow
from tests.github import NOW, Fault, Faults, Limits, Repository, World, make_world
from tests.github.faults import Kind
from tests.github.history import readme_at
from tests.mining_worlds import SMALL, TOPICS, mined_world, study

FAULTS: tuple[Kind, ...] = typing.get_args(Kind)
N_REPOSITORIES, N_ISSUES = 30, 60


@pytest.fixture(scope="module")
def world() -> World:
    """Return a small world."""
    return make_world(1, N_REPOSITORIES, TOPICS, SMALL, N_ISSUES)


@pytest.fixture(scope="module")
def larger() -> World:
    """Return a world in which a topic has several pages of repositories."""
    return make_world(2, 230, TOPICS, (), 0)


@pytest.fixture(scope="module")
def content(world: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the hash of what is mined where nothing goes wrong."""
    with mined_world(world, tmp_path_factory.mktemp("quiet")) as mined:
        return mined.mine().snapshot.manifest.content_hash


def belonging(world: World) -> dict[str, Repository]:
    """Return the repositories that a study of the world is about, by key."""
    found = {number for topic in TOPICS for number in world.found(topic)}
    found |= {world.find(name).database_id for name in SMALL if world.find(name) is not None}
    return {f"gh:{number}": world.repositories[number] for number in found}


def by_key(rows: list[TableRow]) -> dict[str, TableRow]:
    """Return rows by repository."""
    return {row["repo_key"]: row for row in rows}


def at(seconds: int | None) -> datetime | None:
    """Return a time of the world."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def test_every_repository_is_there_with_its_facts(world: World, tmp_path: Path) -> None:
    """All that carry a topic, and the frameworks, with what the world says of each."""
    with mined_world(world, tmp_path) as mined:
        rows = by_key(mined.rows(mined.mine(), "repositories"))
    there = belonging(world)
    assert rows.keys() == there.keys()
    for key, each in there.items():
        row = rows[key]
        assert row["full_name"] == each.full_name
        assert row["stars"] == each.n_stars
        assert row["open_issues"] == each.n_open
        assert (row["created_at"], row["pushed_at"]) == (at(each.created_at), at(each.pushed_at))
        assert set(row["topics"]) == set(each.topics)
        assert row["archived"] == each.is_archived
        if not each.blocked:
            assert row["commits"] == len(each.commits)
            assert row["watchers"] == each.watchers
            n_closed = sum(not issue.is_open for issue in each.issues)
            assert (row["issues_closed"], row["tags"]) == (n_closed, len(each.tags))
            assert row["releases"] == sum(not release.draft for release in each.releases)


def test_every_readme_is_the_one_that_github_shows(world: World, tmp_path: Path) -> None:
    """In `.github`, at the top or in `docs`, by its true name and commit, links followed."""
    with mined_world(world, tmp_path) as mined:
        rows = by_key(mined.rows(mined.mine(), "readmes"))
    shown = {key: readme_at(each, NOW) for key, each in belonging(world).items()}
    texts = {
        key: found
        for key, found in shown.items()
        if found is not None and found.text is not None and not belonging(world)[key].blocked
    }
    assert rows.keys() == texts.keys()
    for key, found in texts.items():
        assert rows[key]["commit"] == found.commit
        assert found.text is not None
        assert found.text.startswith(rows[key]["text"][:1000])
        assert rows[key]["truncated"] == (len(rows[key]["text"]) < len(found.text))


def test_every_feature_request_is_there_and_no_pull_request(world: World, tmp_path: Path) -> None:
    """Issues with a label that the study names, with all their labels and their state."""
    with mined_world(world, tmp_path) as mined:
        rows = {(r["repo_key"], r["number"]): r for r in mined.rows(mined.mine(), "issues")}
    wanted = {
        f.repository: {label.lower() for label in f.request_labels} for f in study().frameworks
    }
    expected = {}
    for name in SMALL:
        framework = world.find(name)
        assert framework is not None
        for issue in framework.issues:
            if {label.lower() for label in issue.labels} & wanted[name]:
                expected[f"gh:{framework.database_id}", issue.number] = issue
    assert expected
    assert rows.keys() == expected.keys()
    for key, issue in expected.items():
        row = rows[key]
        assert (row["title"], row["state"] == "open") == (issue.title, issue.is_open)
        assert set(row["labels"]) == set(issue.labels)
        assert (row["reactions_total"], row["comments"]) == (issue.reactions, issue.comments)
        assert row["matched_labels"]


def test_unlabelled_issues_come_along_if_asked_for(world: World, tmp_path: Path) -> None:
    """With `unlabelled`, issues without any label are there too; bugs are not."""
    with mined_world(world, tmp_path) as mined:
        rows = mined.rows(mined.mine(of=study(unlabelled=True)), "issues")
    n_bare = sum(not i.labels for name in SMALL for i in world.find(name).issues)  # type: ignore[union-attr]
    assert sum(not row["labels"] for row in rows) == n_bare > 0
    assert all(row["matched_labels"] or not row["labels"] for row in rows)


def test_few_requests_and_no_limit_is_crossed(tmp_path: Path) -> None:
    """At most 0.12 requests a repository for facts and README, and 0.012 an issue."""
    world = make_world(3, 400, TOPICS, SMALL, 1_200)
    with mined_world(world, tmp_path) as mined:
        outcome = mined.mine()
        n_issues = len(mined.rows(outcome, "issues"))
        n_repositories = len(mined.rows(outcome, "repositories"))
        per_issue = [a for a in mined.github.requests if a.query and "query Issues" in a.query]
        assert len(per_issue) <= 0.012 * n_issues + len(SMALL)
        others = len(mined.github.requests) - len(per_issue)
        assert others <= 0.12 * n_repositories
        assert mined.github.violations == []


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_changes_what_is_mined(
    world: World, content: str, tmp_path: Path, kind: Kind
) -> None:
    """Whatever goes wrong at every second request, the snapshot is the same, and no wait is cut."""
    faults = Faults(Fault(kind, rate=0.5), hold_s=0.05)
    with mined_world(world, tmp_path, faults=faults) as mined:
        assert mined.mine().snapshot.manifest.content_hash == content
        assert (mined.github.violations, mined.github.hasty) == ([], [])
        assert mined.github.requests.repeated() == {}


@pytest.mark.parametrize("kind", ["other_total", "incomplete", "duplicate", "502", "cut_short"])
def test_pages_that_contradict_each_other_are_asked_again(
    larger: World, tmp_path: Path, kind: Kind
) -> None:
    """Totals that change, lost and repeated rows, and searches cut off leave nobody out."""
    faults = Faults(Fault(kind, resource="search", rate=0.4))
    with mined_world(larger, tmp_path, faults=faults) as mined:
        outcome = mined.mine(of=study(()))
        rows = by_key(mined.rows(outcome, "repositories"))
    assert rows.keys() == {f"gh:{n}" for topic in TOPICS for n in larger.found(topic)}
    assert not [note for note in outcome.summary.source.notes if "did not agree" in note]  # type: ignore[union-attr]


def test_more_than_a_search_gives_are_all_found(larger: World, tmp_path: Path) -> None:
    """A query with more than the cap is parted by time of creation until nobody is left out."""
    limits = Limits(search_cap=100)
    with (
        mined_world(larger, tmp_path, limits=limits) as mined,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("mining.github.search.SEARCH_CAP", 100)
        patch.setattr("mining.github.search.AIM", 80)
        rows = mined.rows(mined.mine(of=study(())), "repositories")
        searches = [asked for asked in mined.github.requests if asked.resource == "search"]
        assert {asked.status for asked in searches} == {200}
    assert by_key(rows).keys() == {f"gh:{n}" for topic in TOPICS for n in larger.found(topic)}


def test_more_than_a_search_gives_of_one_second_are_parted_by_stars(
    larger: World, tmp_path: Path
) -> None:
    """Where even one second has more than the cap, stars part it."""
    at_once = 1_700_000_000
    same = {n: replace(each, created_at=at_once) for n, each in larger.repositories.items()}
    world = World(larger.now, same)
    with (
        mined_world(world, tmp_path, limits=Limits(search_cap=100)) as mined,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("mining.github.search.SEARCH_CAP", 100)
        rows = mined.rows(mined.mine(of=study(())), "repositories")
        assert any("stars:" in dict(asked.params).get("q", "") for asked in mined.github.requests)
    assert by_key(rows).keys() == {f"gh:{n}" for topic in TOPICS for n in world.found(topic)}


def test_a_replay_gives_the_same_bytes_without_a_network(world: World, tmp_path: Path) -> None:
    """Every file of the snapshot, the manifest included, is rebuilt from the raw answers alone."""
    faults = Faults(*(Fault(kind, rate=0.05) for kind in FAULTS), hold_s=0.05)
    with mined_world(world, tmp_path, faults=faults) as mined:
        folder = mined.mine().snapshot.folder
        n_requests = len(mined.github.requests)
        mining = mined.mining()
    _, was_there = mining.replay(None)
    assert was_there
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    snapshot, was_there = mining.replay(folder.name)
    assert not was_there
    assert {path.name: path.read_bytes() for path in snapshot.folder.iterdir()} == before
    assert len(mined.github.requests) == n_requests


def test_layers_cost_their_requests_and_fill_activity(tmp_path: Path) -> None:
    """Contributors and weekly stars are counted for each repository, months hold what came."""
    world = make_world(8, 15, TOPICS, SMALL, 10)
    with mined_world(world, tmp_path) as mined:
        outcome = mined.mine(of=study(contributors=True, star_history=True))
        rows = by_key(mined.rows(outcome, "repositories"))
        activity = mined.rows(outcome, "activity")
    for key, each in belonging(world).items():
        if not (each.blocked or each.huge or each.is_empty):
            assert rows[key]["contributors"] == each.contributors + each.anonymous
        if not each.blocked:
            months = [row for row in activity if row["repo_key"] == key]
            assert sum(row["stars_gained"] or 0 for row in months) == each.n_stars


def test_without_a_token_what_rest_gives_is_mined(world: World, tmp_path: Path) -> None:
    """Repositories and feature requests are the same, and it is said what is left out."""
    limits = Limits(anonymous_core=1_000, anonymous_search=100)
    with mined_world(world, tmp_path / "with") as mined:
        full = mined.mine()
        issues = mined.rows(full, "issues")
    with mined_world(world, tmp_path / "without", limits=limits, token=None) as mined:
        bare = mined.mine()
        assert mined.github.violations == []
        assert mined.github.requests.by_resource()["graphql"] == 0
        rows = by_key(mined.rows(bare, "repositories"))
        assert mined.rows(bare, "issues") == issues
        assert mined.rows(bare, "readmes") == []
    assert rows.keys() == belonging(world).keys()
    assert any("without a token" in note for note in bare.summary.source.notes)  # type: ignore[union-attr]


def test_the_clock_of_a_full_budget_is_waited_for_and_said(world: World, tmp_path: Path) -> None:
    """When a budget is used up, mining waits for its reset, and says how long and for what."""
    limits = Limits(core=20)
    with mined_world(world, tmp_path, limits=limits) as mined:
        mined.mine(of=study(contributors=True))
        assert mined.github.violations == []
        assert any(
            "waiting" in said and "core limit (20 an hour)" in said for said in mined.heard.said
        )


def test_a_clock_that_is_wrong_does_no_harm(world: World, content: str, tmp_path: Path) -> None:
    """GitHub's own clock counts for its resets; the difference is told."""
    faults = Faults(Fault("primary_403", nth={2}), skew_s=-7_200.0)
    with mined_world(world, tmp_path, faults=faults) as mined:
        mined.mine()
        assert (mined.github.violations, mined.github.hasty) == ([], [])
        assert any("120 min ahead of GitHub's" in said for said in mined.heard.said)
        assert mined.clock.now() - NOW < 400


def test_the_token_is_nowhere(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No file, log record at any level, message, error or representation holds the token."""
    caplog.set_level(0)
    faults = Faults(*(Fault(kind, rate=0.2) for kind in FAULTS), hold_s=0.05)
    with mined_world(world, tmp_path, faults=faults) as mined:
        token = mined.token
        assert token is not None
        outcome = mined.mine(of=study(contributors=True))
        shown = [repr(outcome), repr(mined.mining()), *mined.heard.said, caplog.text]
        assert token not in "".join(shown)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()
    from mining.github.raw import read_raw

    store = read_raw(tmp_path / "raw" / outcome.snapshot.id)
    answers = [store._read(kept) for kept in store.latest()]
    assert token not in repr(answers)
