"""What a study may name, as people name it: topics, labels, lists and frameworks of all kinds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mining.github.requests import ApiRequest
from mining.github.run import Target
from opsatlas.study import Study
from tests.github import Limits, Repository, World, make_world
from tests.github.world import Label
from tests.mining_worlds import SMALL, TOPICS, Mined, mined_world, study

NO_LIMITS = Limits(anonymous_core=1_000, anonymous_search=100)
COMMA = "request, of users"
TOKENS = [pytest.param({}, id="with token"), pytest.param({"token": None}, id="without")]


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world where every third issue of the first framework has a label with a comma."""
    made = make_world(1, 25, TOPICS, SMALL, 40)
    framework = found(made, SMALL[0])
    issues = [
        replace(issue, labels=(COMMA, "bug") if n % 3 == 0 else ("bug",))
        for n, issue in enumerate(framework.issues)
    ]
    labels = (*framework.labels, Label(COMMA))
    return changed(made, replace(framework, issues=tuple(issues), labels=labels))


def found(world: World, name: str) -> Repository:
    """Return a repository that is there."""
    repository = world.find(name)
    assert repository is not None
    return repository


def changed(world: World, *repositories: Repository) -> World:
    """Return a world with some repositories otherwise."""
    return World(world.now, {**world.repositories, **{r.database_id: r for r in repositories}})


def a_study(frameworks: list[dict[str, Any]], **ecosystem: Any) -> Study:
    """Return a study with these frameworks."""
    plain = study(()).model_dump()
    named = [{"name": each["repository"], **each} for each in frameworks]
    return Study.model_validate(
        {**plain, "frameworks": named, "ecosystem": {"topics": TOPICS, **ecosystem}}
    )


def notes(mined: Mined, of: Study) -> tuple[list[dict[str, Any]], str]:
    """Return the issues of a mining, and what it says of itself."""
    outcome = mined.mine(of=of)
    assert outcome.summary is not None
    return mined.rows(outcome, "issues"), "\n".join(outcome.summary.source.notes)


@pytest.mark.parametrize("how", TOKENS)
def test_a_label_may_have_a_comma(world: World, tmp_path: Path, how: dict[str, Any]) -> None:
    """With or without a token its issues are all there; what it costs without one is said."""
    of = a_study([{"repository": SMALL[0], "request_labels": [COMMA]}])
    with mined_world(world, tmp_path, limits=NO_LIMITS, **how) as mined:
        issues, said = notes(mined, of)
    numbers = {issue.number for issue in found(world, SMALL[0]).issues if COMMA in issue.labels}
    assert {row["number"] for row in issues} == numbers
    assert all(row["matched_labels"] == [COMMA] for row in issues)
    assert ("all issues were looked through" in said) == bool(how)


@pytest.mark.parametrize("how", TOKENS)
def test_every_name_that_led_somewhere_is_kept(
    world: World, tmp_path: Path, how: dict[str, Any]
) -> None:
    """Two former names of one repository in a list, or an old and the new one: all are aliases."""
    one, other = [found(world, name) for name in SMALL]
    renamed = [
        replace(one, names=((0, "first-lab/one"), (1, "second-lab/two"), *one.names)),
        replace(other, names=((0, "third-lab/three"), *other.names)),
    ]
    names = ["first-lab/one", "Second-Lab/Two", "third-lab/three", other.full_name]
    (tmp_path / "names.txt").write_text("\n".join(names), encoding="utf-8")
    of = a_study([], lists=["names.txt"], topics=[])
    with mined_world(changed(world, *renamed), tmp_path, limits=NO_LIMITS, **how) as mined:
        rows = {row["full_name"]: row for row in mined.rows(mined.mine(of=of), "repositories")}
    assert rows[one.full_name]["aliases"] == ["first-lab/one", "Second-Lab/Two"]
    assert rows[other.full_name]["aliases"] == ["third-lab/three"]
    assert len(rows) == 2


@pytest.mark.parametrize("how", TOKENS)
def test_frameworks_of_one_repository_are_all_mined(
    world: World, tmp_path: Path, how: dict[str, Any]
) -> None:
    """In whatever case, or by a former name, they are named: their labels are united, and said."""
    framework = found(world, SMALL[1])
    framework = replace(framework, names=((0, "old-lab/monorepo"), *framework.names))
    labels = sorted({label for issue in framework.issues for label in issue.labels})[:3]
    of = a_study(
        [
            {"name": "Core", "repository": framework.full_name, "request_labels": labels[:1]},
            {
                "name": "Ui",
                "repository": framework.full_name.upper(),
                "request_labels": labels[1:2],
            },
            {"name": "Old", "repository": "old-lab/monorepo", "request_labels": labels[1:]},
        ]
    )
    with mined_world(changed(world, framework), tmp_path, limits=NO_LIMITS, **how) as mined:
        issues, said = notes(mined, of)
    wanted = {issue.number for issue in framework.issues if {*labels} & {*issue.labels}}
    assert {row["number"] for row in issues} == wanted
    assert {label for row in issues for label in row["matched_labels"]} == {*labels}
    assert f"Core and Ui and Old are of one repository, {framework.full_name}" in said


def test_frameworks_of_one_repository_are_named_together() -> None:
    """Who tables requests by repository calls it by the names of all its frameworks."""
    of = a_study([{"name": "Core", "repository": "A/B"}, {"name": "Ui", "repository": "a/b"}])
    assert of.framework_names() == {"a/b": "Core and Ui"}


def test_topics_are_as_github_writes_them(world: World, tmp_path: Path) -> None:
    """A topic in capitals is the one in lower case, from the search to what became of a loss."""
    capitals = a_study([], topics=["MLOps", "mlops ", "Machine-Learning-Operations"])
    assert capitals.ecosystem.topics == TOPICS
    with mined_world(world, tmp_path) as mined:
        first = mined.mine(Target("2026-01-01.topics"), of=capitals)
        n_first = len(mined.rows(first, "repositories"))
        gone = world.repositories[min(world.found("mlops"))]
        mined.github.world = changed(world, replace(gone, topics=("other",)))
        later = mined.mine(Target(since="2026-01-01.topics"), of=capitals)
        lost = mined.rows(later, "disappearances")
        n_later = len(mined.rows(later, "repositories"))
    assert n_later == n_first - 1
    assert [(row["full_name"], row["reason"]) for row in lost] == [
        (gone.full_name, "topic dropped")
    ]
    words = a_study([], topics=["mlops"]).model_copy()
    excluding = Study.model_validate({**words.model_dump(), "mining": {"exclude_topics": ["HPC"]}})
    assert excluding.mining.exclude_topics == ("hpc",)


@pytest.mark.parametrize("topic", ["machine learning", "", "  "])
def test_what_is_no_topic_is_refused(topic: str) -> None:
    """A search would take the second word for something else."""
    with pytest.raises(ValueError, match="A topic of GitHub has no spaces"):
        a_study([], topics=[topic])


def test_what_has_no_value_is_not_posted() -> None:
    """A variable that is null is left out of what is sent, and the request's key is as it was."""
    request = ApiRequest("/graphql", query="query", variables={"labels": None, "first": 1})
    assert request.body == {"query": "query", "variables": {"first": 1}}
    assert request.document()["variables"] == {"first": 1}
    assert request.key != ApiRequest("/graphql", query="query", variables={"first": 1}).key
