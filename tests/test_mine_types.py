"""Issue types as a source of feature requests, beside labels or instead of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artifacts.errors import InputError
from mining.github.run import Target
from opsatlas.study import Study
from tests.github import Issue, Limits, Repository, World, make_world
from tests.mining_worlds import SMALL, TOPICS, Mined, mined_world, study

NAME = SMALL[0]
NO_LIMITS = Limits(anonymous_core=1_000, anonymous_search=100)
TOKENS = [pytest.param({}, id="with token"), pytest.param({"token": None}, id="without")]


def typed(place: int, issue: Issue) -> Issue:
    """Return an issue with a type: a feature is rare, and most have none."""
    return replace(issue, type=("Feature", None, "Bug", None)[place % 4])


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world whose first framework is an organisation's that uses issue types."""
    made = make_world(1, 20, TOPICS, SMALL, 300)
    each = framework(made)
    issues = tuple(typed(place, issue) for place, issue in enumerate(each.issues))
    return with_framework(made, replace(each, issues=issues, issue_types=("Bug", "Feature")))


def framework(world: World) -> Repository:
    """Return the framework."""
    found = world.find(NAME)
    assert found is not None
    return found


def with_framework(world: World, each: Repository) -> World:
    """Return a world with the framework otherwise."""
    return World(world.now, {**world.repositories, each.database_id: each})


def named(labels: Sequence[str] = (), types: Sequence[str] = (), **mining: Any) -> Study:
    """Return a study of the framework by labels and types."""
    about = {"name": "Framework", "repository": NAME}
    about |= {"request_labels": labels, "request_types": types}
    plain = study((), **mining).model_dump()
    return Study.model_validate({**plain, "frameworks": [about]})


def numbers(world: World, labels: Sequence[str] = (), types: Sequence[str] = ()) -> set[int]:
    """Return the issues that are so named in the world."""
    return {
        issue.number
        for issue in framework(world).issues
        if {*labels} & {*issue.labels} or issue.type in types
    }


def mine(mined: Mined, of: Study, target: Target | None = None) -> tuple[list[dict[str, Any]], str]:
    """Return the issues of a mining, and what it says of itself."""
    outcome = mined.mine(target, of=of)
    assert outcome.summary is not None
    return mined.rows(outcome, "issues"), "\n".join(outcome.summary.source.notes)


@pytest.mark.parametrize("how", TOKENS)
@pytest.mark.parametrize(
    ("labels", "types"), [((), ("feature",)), (("bug",), ("Feature",)), ((), ("Feature", "Bug"))]
)
def test_issues_of_a_type_are_requests(
    world: World,
    tmp_path: Path,
    how: dict[str, Any],
    labels: tuple[str, ...],
    types: tuple[str, ...],
) -> None:
    """By labels, types or both, whatever their case: each issue once, with what it was named by."""
    with mined_world(world, tmp_path, limits=NO_LIMITS, **how) as mined:
        rows, said = mine(mined, named(labels, types))
        replayed = mined.mining().replay(None)
    wanted = [name.capitalize() for name in types]
    assert {row["number"] for row in rows} == numbers(world, labels, wanted)
    assert len(rows) == len({row["number"] for row in rows})
    there = {issue.number: issue for issue in framework(world).issues}
    for row in rows:
        issue = there[row["number"]]
        assert row["issue_type"] == issue.type
        assert row["matched_types"] == [each for each in [issue.type] if each in wanted]
        assert row["matched_labels"] == [label for label in issue.labels if label in labels]
    assert "the study names no labels" not in said
    assert replayed[1]


def test_a_type_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    """With those that are; nothing is mined of it, and nothing else is lost."""
    with mined_world(world, tmp_path) as mined:
        rows, said = mine(mined, named(types=["Wish", "Feature"]))
    assert f"{NAME} has no issue type 'Wish' today; there are: 'Bug', 'Feature'" in said
    assert {row["number"] for row in rows} == numbers(world, types=["Feature"])


def test_types_are_hinted_at_where_no_label_is_there(world: World, tmp_path: Path) -> None:
    """A framework whose labels are all gone may have moved to types: the study is told so."""
    with mined_world(world, tmp_path / "gone") as mined:
        _, said = mine(mined, named(["kind/wish"]))
        assert f"{NAME}: its issues have types; request_types may name some of: 'Bug'" in said
    with mined_world(world, tmp_path / "there") as mined:
        _, said = mine(mined, named([framework(world).labels[0].name]))
        assert "request_types" not in said
        assert not any("query Types" in asked.query for asked in mined.github.requests)


@pytest.mark.parametrize("how", TOKENS)
def test_a_server_without_types_is_told(world: World, tmp_path: Path, how: dict[str, Any]) -> None:
    """An older server: one clear error where the study names types, nothing where it does not."""
    with mined_world(world, tmp_path, limits=NO_LIMITS, issue_types=False, **how) as mined:
        with pytest.raises(InputError, match="knows no issue types") as caught:
            mine(mined, named(["bug"], ["Feature"]))
        assert caught.value.where == "frameworks.request_types"
        _, said = mine(mined, named(["kind/wish"]), Target("2026-02-02.topics"))
        assert "request_types" not in said


def test_the_repository_of_a_person_has_no_types(world: World, tmp_path: Path) -> None:
    """GitHub gives no types at all, and so the study is told that this one is not there."""
    plain = replace(framework(world), issue_types=())
    with mined_world(with_framework(world, plain), tmp_path) as mined:
        _, said = mine(mined, named(types=["Feature"]))
    assert f"{NAME} has no issue type 'Feature' today" in said


def test_what_is_mined_by_labels_is_as_it_was(world: World, tmp_path: Path) -> None:
    """Without types in the study nothing asks for any, and no column is added."""
    label = framework(world).labels[0].name
    with mined_world(world, tmp_path) as mined:
        outcome = mined.mine(of=named([label]))
        assert not any("issueType" in asked.query for asked in mined.github.requests)
    from artifacts.tables import read_table

    written = read_table(outcome.snapshot.folder / "issues.parquet").column_names
    assert "issue_type" not in written
    assert "matched_types" not in written


def test_types_and_unlabelled_issues_together(world: World, tmp_path: Path) -> None:
    """With `unlabelled` those without a label come along, and those of a type stay."""
    with mined_world(world, tmp_path) as mined:
        rows, _ = mine(mined, named(types=["Feature"], unlabelled=True))
    bare = {issue.number for issue in framework(world).issues if not issue.labels}
    assert {row["number"] for row in rows} == bare | numbers(world, types=["Feature"])


def test_types_are_counted_beforehand(world: World, tmp_path: Path) -> None:
    """The plan asks how many issues of each type there are."""
    with mined_world(world, tmp_path) as mined:
        url = mined.github.url
        from mining.github.http import Account
        from tests.github import TOKEN

        plan = mined.mining(named(types=["Feature", "Bug"])).plan(
            Target(), account=Account(url, f"{url}/graphql", TOKEN)
        )
    assert plan.counts.issues == len(numbers(world, types=["Feature", "Bug"]))


def test_a_duplicate_stays_one(world: World, tmp_path: Path) -> None:
    """Why an issue was closed is kept, by REST and GraphQL alike: also that it is a duplicate."""
    reasons = []
    label = framework(world).labels[0].name
    for how in ({}, {"token": None}):
        folder = tmp_path / str(bool(how))
        with mined_world(world, folder, limits=NO_LIMITS, **how) as mined:
            rows, _ = mine(mined, named([label, "bug", "question"]))
        reasons.append({row["number"]: row["state_reason"] for row in rows})
    assert reasons[0] == reasons[1]
    assert "duplicate" in reasons[0].values()


def test_what_changed_since_is_as_if_mined_anew(world: World, tmp_path: Path) -> None:
    """Types that came, went or were renamed, and issues that are gone, each told for what it is."""
    of = named(["bug"], ["Feature"])
    each = framework(world)
    kept, came, went, gone = [
        next(issue for issue in each.issues if test(issue))
        for test in (
            lambda issue: issue.type == "Feature",
            lambda issue: issue.type is None and "bug" not in issue.labels,
            lambda issue: (
                issue.type == "Feature" and issue.number > 50 and "bug" not in issue.labels
            ),
            lambda issue: issue.type == "Feature" and issue.number > 150,
        )
    ]
    assert len({kept.number, came.number, went.number, gone.number}) == 4
    later = {came.number: replace(came, type="Feature"), went.number: replace(went, type="Bug")}
    issues = [later.get(issue.number, issue) for issue in each.issues if issue is not gone]
    after = with_framework(world, replace(each, issues=tuple(issues)))
    with mined_world(world, tmp_path) as mined:
        mined.mine(Target("2026-01-01.topics"), of=of)
        mined.github.world = after
        since = mined.mine(Target("2026-02-02.topics", since="2026-01-01.topics"), of=of)
        anew = mined.mine(Target("2026-02-03.topics"), of=of)
        assert mined.rows(since, "issues") == mined.rows(anew, "issues")
        reasons = {row["number"]: row["reason"] for row in mined.rows(since, "disappearances")}
    assert reasons[went.number] == "type dropped"
    assert reasons[gone.number] == "deleted or transferred"
    assert kept.number not in reasons
