"""The next snapshot: what changed is asked for, the rest is carried over, what is gone is told."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from artifacts.errors import InputError
from mining.github.run import MiningOutcome, Target
from mining.tables import CLOCKS, TableRow
from tests.github import Changes, Fault, Faults, World, a_month_later, make_world
from tests.github.faults import Kind
from tests.mining_worlds import SMALL, TOPICS, Mined, mined_world, study

DAYS = 30
TABLES = ("repositories", "readmes", "issues", "languages", "releases", "activity")


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world large enough for a month of changes."""
    return make_world(4, 60, TOPICS, SMALL, 100)


@pytest.fixture(scope="module", params=[5, 6])
def later(world: World, request: pytest.FixtureRequest) -> tuple[World, Changes]:
    """Return the world a month later, and what changed."""
    return a_month_later(
        world,
        request.param,
        changed=0.2,
        deleted=5,
        renamed=4,
        untagged=4,
        new=6,
        new_issues=20,
        edited=6,
        closed=6,
        relabelled=8,
        deleted_issues=4,
        transferred=3,
    )


def next_month(mined: Mined, later: World, **mining: object) -> tuple[MiningOutcome, MiningOutcome]:
    """Mine, let a month pass, and mine what changed."""
    first = mined.mine(of=study(**mining))
    mined.clock.sleep(DAYS * 86_400)
    mined.github.world = later
    target = Target(since=first.snapshot.id)
    return first, mined.mine(target, of=study(**mining))


def plain(rows: list[TableRow]) -> list[TableRow]:
    """Return rows without clocks and without what only an earlier snapshot can know."""
    left_out = {*CLOCKS, "aliases"}
    return [{k: v for k, v in row.items() if k not in left_out} for row in rows]


def test_it_is_what_a_whole_mining_would_give(
    world: World, later: tuple[World, Changes], tmp_path: Path
) -> None:
    """Every row of every table is as if all were asked anew: no change missed, none invented."""
    with mined_world(world, tmp_path / "next") as mined:
        _, second = next_month(mined, later[0])
        carried = {table: plain(mined.rows(second, table)) for table in TABLES}
        assert mined.github.violations == []
    with mined_world(later[0], tmp_path / "anew") as mined:
        mined.clock.sleep(DAYS * 86_400)
        whole = mined.mine()
        anew = {table: plain(mined.rows(whole, table)) for table in TABLES}
    for table in TABLES:
        assert carried[table] == anew[table], table


def test_faults_change_nothing_of_it(
    world: World, later: tuple[World, Changes], tmp_path: Path
) -> None:
    """Whatever goes wrong on the way, the next snapshot is the same."""
    contents = []
    kinds: tuple[Kind, ...] = typing.get_args(Kind)
    for name, rate in (("quiet", 0.0), ("troubled", 0.1)):
        with mined_world(world, tmp_path / name) as mined:
            first = mined.mine()
            mined.clock.sleep(DAYS * 86_400)
            mined.github.world = later[0]
            mined.github.faults = Faults(
                *(Fault(kind, rate=rate) for kind in kinds), seed=0, hold_s=0.02
            )
            second = mined.mine(Target(since=first.snapshot.id))
            contents.append(second.snapshot.manifest.content_hash)
            assert mined.github.violations == []
    assert contents[0] == contents[1]


def test_it_costs_what_changed(world: World, later: tuple[World, Changes], tmp_path: Path) -> None:
    """Far fewer requests than the first time, and far fewer repositories looked at."""
    with mined_world(world, tmp_path) as mined:
        first, second = next_month(mined, later[0])
        n_facts = sum("query Facts" in (asked.query or "") for asked in mined.github.requests)
    assert sum(second.asked.values()) <= sum(first.asked.values())
    assert n_facts > 0
    assert second.summary is not None
    carried = second.summary.source.facts["carried_over"]
    assert carried["repositories"] > 0.6 * len(first.summary.rows_now)  # type: ignore[union-attr]
    assert carried["issues"] > 0


def test_every_disappearance_is_a_row_with_its_reason(
    world: World, later: tuple[World, Changes], tmp_path: Path
) -> None:
    """Deleted, renamed, transferred, topic dropped: each told, with the new name; nothing else."""
    changes = later[1]
    with mined_world(world, tmp_path) as mined:
        first, second = next_month(mined, later[0])
        before = {row["repo_key"] for row in mined.rows(first, "repositories")}
        rows = [r for r in mined.rows(second, "disappearances") if r["number"] is None]
        names = {r["repo_key"]: r for r in mined.rows(second, "repositories")}
    found = {row["repo_key"]: (row["reason"], row["now_name"]) for row in rows}
    expected = {f"gh:{n}": ("deleted or private", None) for n in changes.deleted}
    expected |= {f"gh:{n}": ("topic dropped", None) for n in changes.untagged}
    for number, (old, new) in changes.renamed.items():
        same_owner = old.split("/")[0] == new.split("/")[0]
        expected[f"gh:{number}"] = ("renamed" if same_owner else "transferred", new)
        if f"gh:{number}" in names:
            assert old in names[f"gh:{number}"]["aliases"]
    assert found == {key: why for key, why in expected.items() if key in before}


def test_issues_that_are_none_any_more_are_told(
    world: World, later: tuple[World, Changes], tmp_path: Path
) -> None:
    """Deleted and transferred issues, and those that lost their label, are rows with reasons."""
    changes = later[1]
    with mined_world(world, tmp_path) as mined:
        first, second = next_month(mined, later[0])
        before = {(r["repo_key"], r["number"]) for r in mined.rows(first, "issues")}
        now = {(r["repo_key"], r["number"]) for r in mined.rows(second, "issues")}
        rows = [r for r in mined.rows(second, "disappearances") if r["number"] is not None]
    found = {(row["repo_key"], row["number"]): row["reason"] for row in rows}
    assert found.keys() == before - now
    gone = {*changes.deleted_issues, *changes.transferred}
    for repository, number in gone:
        key = (f"gh:{repository}", number)
        if key in before:
            assert found[key] == "deleted or transferred"
    assert set(found.values()) <= {"deleted or transferred", "label dropped"}


def test_other_labels_in_the_study_are_followed(world: World, tmp_path: Path) -> None:
    """Labels that the study names anew are mined whole; those it names no more are left out."""
    with mined_world(world, tmp_path) as mined:
        first = mined.mine()
        mined.clock.sleep(86_400)
        wider = study().model_copy(
            update={
                "frameworks": tuple(
                    f.model_copy(update={"request_labels": ("bug",)}) for f in study().frameworks
                )
            }
        )
        second = mined.mine(Target(since=first.snapshot.id), of=wider)
        rows = mined.rows(second, "issues")
    assert rows
    assert all("bug" in [label.lower() for label in row["labels"]] for row in rows)
    n_bugs = sum("bug" in i.labels for name in SMALL for i in world.find(name).issues)  # type: ignore[union-attr]
    assert len(rows) == n_bugs


def test_answers_that_have_not_changed_cost_nothing_of_the_limit(
    tmp_path: Path,
) -> None:
    """With the same token a layer is asked for by ETag, and the answer kept whole for replay."""
    with mined_world(make_world(8, 12, TOPICS, (), 0), tmp_path) as mined:
        layered = study((), contributors=True, star_history=True)
        first = mined.mine(of=layered)
        mined.clock.sleep(86_400)
        n_before = len(mined.github.requests)
        second = mined.mine(Target(since=first.snapshot.id), of=layered)
        later = list(mined.github.requests)[n_before:]
        assert any(asked.status == 304 for asked in later)
        assert plain(mined.rows(first, "activity")) == plain(mined.rows(second, "activity"))
        snapshot, was_there = mined.mining().replay(second.snapshot.id)
    assert was_there
    assert snapshot.id == second.snapshot.id


def test_only_a_mined_snapshot_of_its_day_can_be_gone_on_from(world: World, tmp_path: Path) -> None:
    """One that is not there, or rebuilt for a past day, is refused with what to do."""
    from datetime import UTC, datetime

    from artifacts.errors import OpsatlasError

    with mined_world(world, tmp_path) as mined:
        past = mined.mine(Target(as_of=datetime(2025, 1, 1, 23, 59, 59, tzinfo=UTC)))
        with pytest.raises(InputError, match="no finished mining of its day"):
            mined.mine(Target(since=past.snapshot.id))
        with pytest.raises(OpsatlasError, match=r"no snapshot 2020-01-01\.topics"):
            mined.mine(Target(since="2020-01-01.topics"))
        with pytest.raises(InputError, match="cannot be made"):
            mined.mine(Target(since=past.snapshot.id, as_of=datetime(2025, 1, 1, tzinfo=UTC)))
