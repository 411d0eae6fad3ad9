"""What changed since a snapshot although GitHub calls nothing modified, and what fails to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mining.github.past import WITHOUT_TOKEN
from mining.github.run import Target
from opsatlas.study import Ecosystem
from tests.github import NOW, Repository
from tests.github import silently as silent
from tests.github.clock import DAY_S
from tests.github.holes import Failure, Hole, failing, holes
from tests.github.log import Asked
from tests.github.replies import Reply
from tests.github.spoiling import Spoil, every
from tests.mining_since import First, Next, mine_first, mine_next, small_world, untrue
from tests.mining_worlds import SMALL, TOPICS, mined_world, study

BENTO, WANDB = SMALL
LATER = 1_797_000_000


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> First:
    """Return the world as it was mined first."""
    return mine_first(tmp_path_factory.mktemp("first"))


def same(found: Next, first: First) -> bool:
    """Tell whether all is as a whole mining gives it, and all that is gone is told rightly."""
    assert found.differing() == []
    assert list(untrue(found, first, study())) == []
    return True


def key_of(first: First, name: str) -> str:
    """Return the key of a repository."""
    return f"gh:{first.world.find(name).database_id}"  # type: ignore[union-attr]


def a_request(first: First, name: str = BENTO) -> int:
    """Return the number of an issue that was mined of a framework."""
    key = key_of(first, name)
    return int(next(row["number"] for row in first.rows["issues"] if row["repo_key"] == key))


@pytest.mark.parametrize(
    ("bento", "wandb"), [(None, "Enhancement"), ("new feature", "wanted elsewhere")], ids=str
)
def test_a_label_renamed_or_deleted_is_followed(
    first: First, tmp_path: Path, bento: str | None, wandb: str
) -> None:
    """Issues have the labels of today, and those that lost theirs are told so, not as deleted."""
    world = silent.relabelled(first.world, BENTO, "new feature", None) if bento else first.world
    world = silent.relabelled(world, BENTO, "enhancement", bento)
    found = mine_next(first, silent.relabelled(world, WANDB, "enhancement", wandb), tmp_path)
    assert same(found, first)
    assert set(found.reasons().values()) == {"label dropped"}


def test_labels_that_are_no_requests_are_followed_too(first: First, tmp_path: Path) -> None:
    """An issue's other labels are those of today; one renamed to a request makes new requests."""
    old = next(
        label
        for row in first.rows["issues"]
        for label in set(row["labels"]) - set(row["matched_labels"])
        if row["repo_key"] == key_of(first, WANDB)
    )
    world = silent.relabelled(first.world, WANDB, old, "defect")
    world = silent.relabelled(world, BENTO, "new feature", None)
    found = mine_next(first, silent.relabelled(world, BENTO, "bug", "new feature"), tmp_path)
    assert same(found, first)
    assert any("defect" in row["labels"] for row in found.since["issues"])


def test_what_people_do_without_a_trace_is_followed(first: First, tmp_path: Path) -> None:
    """Reactions, deleted comments, who an author is, who watches, what was closed and opened."""
    number = a_request(first)
    world = silent.one_issue(
        first.world, BENTO, number, reactions=99, thumbs_up=98, author_association="OWNER"
    )
    plain = [each.full_name for each in world.repositories.values() if each.issues][:3]
    for name in plain:
        world = silent.one_closed_one_opened(world, name, LATER)
    world = silent.changed(world, plain[0], watchers=12_345)
    found = mine_next(first, world, tmp_path)
    assert same(found, first)


@pytest.mark.parametrize(
    ("old", "one_form"), [(False, True), (True, False)], ids=["new ids alone", "old ids, or new"]
)
def test_ids_of_another_form_are_no_losses(
    first: First, tmp_path: Path, old: bool, one_form: bool
) -> None:
    """What has another id is the same by its number: one issue is gone, and one is told."""
    number = a_request(first)
    if old:
        world = silent.other_ids(first.world, old=True, one_form=one_form)
        before = first
    else:
        older = silent.other_ids(first.world, old=True)
        before = mine_first(tmp_path / "older", older)
        world = replace(first.world, one_form=one_form)
    found = mine_next(before, silent.without_issue(world, BENTO, number), tmp_path)
    assert same(found, before)
    assert list(found.reasons().values()) == ["deleted or transferred"]


def test_an_issue_that_was_moved_is_told_with_its_new_place(first: First, tmp_path: Path) -> None:
    """Where its id still leads to it, the row says where it is now."""
    number = a_request(first)
    found = mine_next(first, silent.moved(first.world, BENTO, number, WANDB), tmp_path)
    assert same(found, first)
    (row,) = found.gone
    assert row["reason"] == "transferred"
    assert row["now_name"].startswith(f"{WANDB}#")


LOOKS = ("Still", "StillByNumber")
HOLES: tuple[Hole, ...] = ("INTERNAL", "FORBIDDEN", "null", "without a path")


def an_issue(number: int) -> Callable[[dict[str, object]], bool]:
    """Return a test for an issue, as a look at it shows it."""
    return lambda value: "authorAssociation" in value and value["number"] == number


def a_repository(number: int) -> Callable[[dict[str, object]], bool]:
    """Return a test for a repository as GraphQL tells of it."""
    return lambda value: "stargazerCount" in value and value["databaseId"] == number


@pytest.mark.parametrize(
    ("how", "looks", "told"),
    [("502", LOOKS, "unknown: "), ("html", LOOKS[:1], "deleted or transferred")],
)
def test_a_look_that_fails_loses_no_issue(
    first: First, tmp_path: Path, how: Failure, looks: tuple[str, ...], told: str
) -> None:
    """One is gone, and one is told; why, is unknown where no look at it is answered."""
    world = silent.without_issue(first.world, BENTO, a_request(first))
    found = mine_next(first, world, tmp_path, spoil=failing(how, *looks))
    assert same(found, first)
    (reason,) = found.reasons().values()
    assert reason.startswith(told)


def test_a_hole_in_a_look_is_no_loss(first: First, tmp_path: Path) -> None:
    """An issue that GitHub does not show is looked for by its number, or in the list of all."""
    gone, *others = [row["number"] for row in first.rows["issues"][:5]]
    name = first.world.repositories[int(first.rows["issues"][0]["repo_key"][3:])].full_name
    spoil = every(*(holes(how, LOOKS, an_issue(n)) for how, n in zip(HOLES, others, strict=True)))
    world = silent.without_issue(first.world, name, gone)
    found = mine_next(first, world, tmp_path, spoil=spoil)
    assert same(found, first)
    assert list(found.reasons().values()) == ["deleted or transferred"]


def some(first: First, n: int) -> list[Repository]:
    """Return repositories that were mined by topic, and are no frameworks."""
    there = {row["repo_id"] for row in first.rows["repositories"] if row["commits"]}
    found = [first.world.repositories[number] for number in sorted(there)]
    return [each for each in found if each.full_name not in SMALL][:n]


def test_a_repository_that_is_not_told_of_has_the_facts_of_the_search(
    first: First, tmp_path: Path
) -> None:
    """Refused or failed: never last month's row; what only GraphQL tells is unknown."""
    world, chosen = first.world, some(first, len(HOLES))
    for each in chosen:
        more = {**each.stars, NOW // DAY_S: 500}
        world = silent.changed(world, each.full_name, stars=more, description="Another")
    spoil = every(
        *(
            holes(how, ("Known", "KnownByName", "Facts"), a_repository(each.database_id))
            for how, each in zip(HOLES, chosen, strict=True)
        )
    )
    found = mine_next(first, world, tmp_path, spoil=spoil, spoil_both=True)
    assert same(found, first)
    rows = {row["repo_id"]: row for row in found.since["repositories"]}
    for each in chosen:
        row, n_stars = rows[each.database_id], world.repositories[each.database_id].n_stars
        assert (row["stars"], row["description"]) == (n_stars, "Another")
        assert row["commits"] is None
    (source,) = found.outcome.snapshot.sources
    unknown = {who for entry in source.facts["unknown"] for who in entry["who"]}
    assert unknown >= {each.full_name for each in chosen}


def test_that_a_topic_was_dropped_is_known_from_the_search(first: First, tmp_path: Path) -> None:
    """Where the look at a repository fails, the search by its name tells why it is out."""
    world, chosen = first.world, some(first, len(HOLES))
    for each in chosen:
        world = silent.changed(world, each.full_name, topics=("something",))
    spoil = every(
        *(
            holes(how, ("Known", "KnownByName"), a_repository(each.database_id))
            for how, each in zip(HOLES, chosen, strict=True)
        )
    )
    found = mine_next(first, world, tmp_path, spoil=spoil)
    assert same(found, first)
    assert set(found.reasons().values()) == {"topic dropped"}


@pytest.mark.parametrize("how", HOLES)
def test_what_no_answer_came_of_is_not_called_deleted(
    first: First, tmp_path: Path, how: Hole
) -> None:
    """That a repository is gone is known; why, is unknown, and told in GitHub's words."""
    world = silent.changed(first.world, some(first, 1)[0].full_name, gone_at=LATER)
    found = mine_next(first, world, tmp_path, spoil=not_found_as(how, "Known", "KnownByName"))
    assert same(found, first)
    (reason,) = found.reasons().values()
    assert reason.startswith("unknown: ")


def not_found_as(how: Hole, *operations: str) -> Spoil:
    """Give another reason for what is not there."""
    kind = how if how == "FORBIDDEN" else "INTERNAL"

    def spoil(asked: Asked, answer: Reply) -> Reply:
        content = answer.json()
        if asked.what not in operations or not (content or {}).get("errors"):
            return answer
        errors = [{**error, "type": kind, "message": kind} for error in content["errors"]]
        if how == "null":
            errors = []
        if how == "without a path":
            errors = [{"message": "Something went wrong."}]
        return answer.with_json({**content, "errors": errors})

    return spoil


def test_while_no_known_repository_is_told_of_all_are_asked_anew(
    first: First, tmp_path: Path
) -> None:
    """It costs more, and nothing is lost."""
    world = silent.changed(first.world, some(first, 1)[0].full_name, gone_at=LATER)
    found = mine_next(first, world, tmp_path, spoil=failing("502", "Known", "KnownByName"))
    assert same(found, first)
    (reason,) = found.reasons().values()
    assert reason.startswith("unknown: ")


def test_issues_that_lose_their_last_label_are_found_where_such_are_wanted(
    tmp_path: Path,
) -> None:
    """An issue whose only label is deleted counts as one without any, and is mined as such."""
    of = study(unlabelled=True)
    before = mine_first(tmp_path / "first", of=of)
    world = silent.relabelled(before.world, BENTO, "bug", None)
    found = mine_next(before, world, tmp_path, of=of)
    assert found.differing() == []
    assert len(found.since["issues"]) > len(before.rows["issues"])


def test_what_the_study_no_longer_names_is_not_told_as_gone(first: First, tmp_path: Path) -> None:
    """A repository under a topic that is sought no more has not dropped it."""
    narrower = study().model_copy(update={"ecosystem": Ecosystem(topics=TOPICS[:1])})
    found = mine_next(first, first.world, tmp_path, of=narrower)
    assert found.differing() == []
    assert set(found.reasons().values()) == {"not named by the study any more"}


def test_without_a_token_what_is_gone_is_told_without_a_reason(tmp_path: Path) -> None:
    """It is known that an issue is not listed any more, and no more than that."""
    world = small_world()
    with mined_world(world, tmp_path, token=None) as mined:
        before = mined.mine()
        row = mined.rows(before, "issues")[0]
        mined.clock.sleep(86_400)
        name = world.repositories[int(row["repo_key"].removeprefix("gh:"))].full_name
        mined.github.world = silent.without_issue(world, name, row["number"])
        found = mined.mine(Target(since=before.snapshot.id))
        (gone,) = mined.rows(found, "disappearances")
    assert (gone["number"], gone["reason"]) == (row["number"], WITHOUT_TOKEN)


def test_what_a_refused_framework_had_is_unknown(first: First, tmp_path: Path) -> None:
    """Its issues are told one by one, with GitHub's words: neither carried over nor called gone."""
    number = first.world.find(WANDB).database_id  # type: ignore[union-attr]

    def is_framework(value: dict[str, object]) -> bool:
        return value.get("databaseId") == number and "nameWithOwner" in value

    spoil = holes("FORBIDDEN", ("Named", "Known", "KnownByName", "Facts"), is_framework)
    found = mine_next(first, first.world, tmp_path, spoil=spoil, spoil_both=True)
    assert same(found, first)
    had = {row["number"] for row in first.rows["issues"] if row["repo_key"] == f"gh:{number}"}
    told = {row["number"]: row["reason"] for row in found.gone if row["number"] is not None}
    assert told.keys() == had
    assert all(
        reason.startswith("unknown: ") and "IP allow list" in reason for reason in told.values()
    )


def test_topics_in_capitals_are_followed(tmp_path: Path) -> None:
    """GitHub's topics are in small letters, however a study writes them."""
    small = study(archived=False)
    loud = study(archived=False).model_copy(
        update={"ecosystem": Ecosystem(topics=tuple(topic.upper() for topic in TOPICS))}
    )
    before = mine_first(tmp_path / "first", of=loud)
    archived, dropped = some(before, 2)
    world = silent.changed(before.world, archived.full_name, is_archived=True)
    world = silent.changed(world, dropped.full_name, topics=("something",))
    found = mine_next(before, world, tmp_path, of=loud)
    assert found.differing() == []
    assert list(untrue(found, before, small)) == []
    assert sorted(found.reasons().values()) == ["archived", "topic dropped"]
