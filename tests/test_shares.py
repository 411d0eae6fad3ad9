"""Shares of families: who belongs by topics and by words, of whom it is known, and how surely."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs import package_path
from configs.family import Families, read_families
from configs.finding import find_families
from insights.history.figures import FamilyShare
from insights.history.population import HistoryPopulation, ToolHistory, read_population
from insights.history.settings import HistorySettings
from insights.history.shares import family_shares, has_topic, members_of, phrase_pattern
from mining.snapshots import seal
from mining.sources.tabular import import_repositories

HARBOURS = Families.model_validate(
    {
        "name": "harbours",
        "title": "Harbours",
        "version": 1,
        "families": [
            {
                "id": "north",
                "name": "North",
                "theme": "coasts",
                "topics": ["fjord"],
                "words": ["north sea", "kiel"],
            },
            {"id": "south", "name": "South", "theme": "coasts", "contains": ["lagoon"]},
            {"id": "crane", "name": "Crane", "theme": "machines", "words": ["crane"]},
        ],
    }
)


def tool(key: str, **known: Any) -> ToolHistory:
    """Return a tool of which nothing is known but what is given."""
    names = ToolHistory.__dataclass_fields__
    values: dict[str, Any] = dict.fromkeys(names)
    values |= {"repo_key": key, "full_name": f"somebody/{key}", "owner": "somebody"}
    return ToolHistory(**values | {"monthly": {}, "numbers": {}, "flags": ()} | known)


def of(tools: Iterable[ToolHistory]) -> HistoryPopulation:
    """Return a population of tools."""
    its = tuple(tools)
    return HistoryPopulation("2026-01-01.test", its, len(its), 0, 0, len(its), {None: len(its)})


def told(
    population: HistoryPopulation, families: Families = HARBOURS, *, smallest: int = 2
) -> dict[tuple[str, ...], FamilyShare]:
    """Return the rows by theme, family, signs, what they are grouped by, and the group."""
    rows = family_shares(population, families, HistorySettings(smallest_group=smallest))
    found = {(r.theme, r.family, r.signs, r.grouped_by, r.group): r for r in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def mlops() -> Families:
    """Return the families that are shipped."""
    return read_families(find_families("mlops", where="the tests"))


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> HistoryPopulation:
    """Return the 1,007 repositories of 18 January 2023 that are shipped."""
    folder = tmp_path_factory.mktemp("snapshots") / "2023-01-18.topics"
    import_repositories([package_path("snapshots/repositories-2023-01-18.jsonl")], folder)
    seal(folder)
    return read_population(folder)


def test_clouds_and_containers_of_the_1007(
    repositories: HistoryPopulation, mlops: Families
) -> None:
    """As they were counted by hand from GitHub's answers: families of topics, and any cloud."""
    rows = told(repositories, mlops, smallest=10)
    counted = {
        ("clouds", "aws"): 86,
        ("clouds", "azure"): 77,
        ("clouds", "google-cloud"): 40,
        ("containers", "kubernetes"): 159,
        ("containers", "docker"): 133,
        ("practices", "dataops"): 85,
    }
    for family, n_with in counted.items():
        row = rows[*family, "topics", "all", "all"]
        assert (row.n_with, row.share.n) == (n_with, 1007)
        assert row.share.value == pytest.approx(n_with / 1007)
    clouds = [row for row in rows.values() if row.theme == "clouds" and row.family == "any"]
    by_group = {row.group: (row.n_with, row.share.n) for row in clouds if row.signs == "topics"}
    assert by_group == {
        "all": (181, 1007),
        "Organization": (63, 406),
        "User": (118, 601),
        "2018": (2, 24),
        "2019": (15, 57),
        "2020": (35, 178),
        "2021": (63, 334),
        "2022": (64, 385),
        "2023": (1, 15),
    }  # and no year with fewer than ten
    assert rows["language", "Python", "facts", "all", "all"].n_with == 450
    assert rows["licence", "Apache-2.0", "facts", "all", "all"].n_with == 265


def test_what_is_not_known_is_counted_and_not_guessed(
    repositories: HistoryPopulation, mlops: Families
) -> None:
    """These 1,007 have no descriptions: of words nothing is told; 107 have no language."""
    rows = told(repositories, mlops, smallest=10)
    by_words = [row for row in rows.values() if row.signs == "topics and words"]
    assert {row.family for row in by_words} == {"unknown"}
    language = rows["language", "unknown", "facts", "all", "all"]
    assert (language.n_with, language.share.value, language.share.n) == (107, None, 1007)
    assert rows["language", "Python", "facts", "all", "all"].share.n == 900


def test_shares_are_of_those_of_whom_it_is_known() -> None:
    """By topics of two tools, by words of one: one has no description, one nothing at all."""
    rows = told(
        of(
            [
                tool("a", topics=frozenset(["fjord"])),
                tool("b", topics=frozenset(["sea"]), description="In the North  Sea."),
                tool("c", description="Cranes"),
            ]
        )
    )
    north = rows["coasts", "north", "topics", "all", "all"]
    assert (north.n_with, north.share.value, north.share.n) == (1, 0.5, 2)
    both = rows["coasts", "north", "topics and words", "all", "all"]
    assert (both.n_with, both.share.n) == (1, 1)
    assert (both.share.value, both.share.reason) == (None, "fewer than 2 tools")
    assert rows["coasts", "any", "topics", "all", "all"].n_with == 1
    assert rows["coasts", "unknown", "topics", "all", "all"].n_with == 1
    assert rows["coasts", "unknown", "topics and words", "all", "all"].n_with == 2
    assert not [row for row in rows.values() if (row.theme, row.family) == ("machines", "any")]


def test_a_share_has_the_interval_of_wilson() -> None:
    """One of 29: 0.0061 to 0.1718 (Newcombe 1998, Statistics in Medicine 17, table I)."""
    tools = [tool(str(n), topics=frozenset(["fjord"] if n == 0 else ["sea"])) for n in range(29)]
    share = told(of(tools))["coasts", "north", "topics", "all", "all"].share
    assert (share.low, share.high) == (
        pytest.approx(0.0061, abs=5e-5),
        pytest.approx(0.1718, abs=5e-5),
    )


def test_groups_are_years_kinds_owners_and_categories() -> None:
    """Of groups of fewer than are asked for nothing is told; no kind is told of one kind."""
    born = datetime(2021, 5, 1, tzinfo=UTC)
    tools = [
        tool(
            str(n),
            topics=frozenset(["fjord"] if n < 3 else []),
            created_at=born,
            kind="tool" if n < 6 else "list",
            owner_type="User",
            category="serving",
        )
        for n in range(8)
    ]
    rows = told(of(tools), smallest=3)
    found = {key[3:]: (row.n_with, row.share.n) for key, row in rows.items() if key[1] == "north"}
    assert found == {
        ("all", "all"): (3, 8),
        ("kind", "tool"): (3, 6),
        ("owner type", "User"): (3, 8),
        ("category", "serving"): (3, 8),
        ("cohort", "2021"): (3, 8),
    }
    kinds = [row for row in rows.values() if row.theme == "kind"]
    assert {row.grouped_by for row in kinds} == {"all", "owner type", "category", "cohort"}


def test_ten_languages_are_named_and_the_others_counted() -> None:
    """The most frequent come first, of equally frequent ones by name."""
    tools = [tool(f"{n}-{of}", language=f"L{n:02}") for n in range(12) for of in range(12 - n)]
    rows = told(of(tools))
    named = [row.family for row in rows.values() if row.theme == "language"]
    assert named == [f"L{n:02}" for n in range(10)] + ["others"]
    assert rows["language", "others", "facts", "all", "all"].n_with == 3


@pytest.mark.parametrize(
    ("phrases", "text", "is_found"),
    [
        (["north sea"], "north-sea_sailing", True),
        (["north sea"], "to the North\nSea", True),
        (["north sea"], "north | sea", False),
        (["kiel"], "kielwater", False),
        (["kiel"], "my_kiel-repo", True),
        (["Kiel"], "KIEL!", True),
        (["go"], "let's go", True),
        (["go"], "google", False),
        (["ci/cd"], "CI/CD for all", True),
        ([], "anything", False),
    ],
)
def test_words_are_found_whole(phrases: list[str], text: str, is_found: bool) -> None:
    """In any case, and phrases however they are joined; never a part of a word."""
    pattern = phrase_pattern(phrases)
    assert (pattern is not None and pattern.search(text.lower()) is not None) == is_found


def test_a_phrase_does_not_run_from_the_name_into_the_description() -> None:
    """A repository called north, described as "sea…", is not of the North Sea; nor is its owner."""
    found = members_of(
        of(
            [
                tool("north", description="sea charts"),
                tool("b", full_name="kiel/charts", description="charts"),
                tool("c", full_name="x/kiel-charts", description="charts"),
            ]
        ),
        HARBOURS,
    )
    assert found["north"] == {"c"}


def test_members_are_known_by_topics_and_else_by_words() -> None:
    """Whose topics are known is not judged by words; who has neither is of no family."""
    tools = [
        tool("a", topics=frozenset(), description="kiel"),
        tool("b", topics=frozenset(["blue-lagoons"])),
        tool("kiel"),
        tool("d", description="Kiel and cranes, one crane"),
    ]
    found = members_of(of(tools), HARBOURS)
    assert found == {"north": {"d"}, "south": {"b"}, "crane": {"d"}}


def test_what_all_were_searched_by_makes_nobody_a_member() -> None:
    """Of tools searched by fjord, only who has a further topic of the North is told from others."""
    tools = [
        tool("a", topics=frozenset(["fjord"])),
        tool("b", topics=frozenset(["fjord", "lagoon"])),
    ]
    assert members_of(of(tools), HARBOURS)["north"] == {"a", "b"}
    found = members_of(of(tools), HARBOURS, searched=["fjord"])
    assert (found["north"], found["south"]) == (frozenset(), {"b"})


@given(st.lists(st.frozensets(st.sampled_from(["fjord", "lagoon", "x-lagoon", "sea"])), min_size=2))
def test_any_of_a_theme_is_the_union(topics: list[frozenset[str]]) -> None:
    """It has no fewer than its largest family, no more than all together, and counts each once."""
    rows = told(of(tool(str(n), topics=each) for n, each in enumerate(topics)))
    north, south, any_of = (
        rows["coasts", family, "topics", "all", "all"].n_with
        for family in ("north", "south", "any")
    )
    assert max(north, south) <= any_of <= min(north + south, len(topics))
    families = [family for family in HARBOURS.families if family.theme == "coasts"]
    assert any_of == sum(any(has_topic(family, each) for family in families) for each in topics)
