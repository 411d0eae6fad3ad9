"""Growth: what is counted in a month, up to when it is whole, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from insights.history.counting import monthly_sum
from insights.history.figures import GrowthVerdict, Measure
from insights.history.growth import Growth, growth
from insights.history.settings import HistorySettings
from mining.tables import OLDER
from tests.growth_worlds import born_by_month, made_population, made_tool

SETTINGS = HistorySettings()


def counts_of(found: Growth, measure: Measure, group: str = "all") -> dict[str, int]:
    """Return the counts of a measure by month."""
    return {
        row.month: row.value for row in found.months if (row.measure, row.group) == (measure, group)
    }


def cut_of(found: Growth, measure: Measure) -> list[str]:
    """Return the months of a measure that are cut."""
    return [row.month for row in found.months if row.measure == measure and row.is_cut]


def verdict_of(found: Growth, measure: Measure) -> GrowthVerdict:
    """Return what is said of a measure."""
    (verdict,) = [each for each in found.verdicts if each.measure == measure]
    return verdict


@pytest.fixture
def two() -> Growth:
    """Return the growth of two tools, of which one was seen for longer, and of one never seen."""
    early = made_tool(
        "a/early",
        born="2020-01-20",
        seen="2020-05-03",
        since="2020-01",
        monthly={"human": [3, 0, 2, 0, 1], "people": [2, 0, 1, 0, 1], "tags": [0, 0, 1, 0, 0]},
    )
    late = made_tool(
        "b/late",
        born="2020-03-02",
        seen="2020-07-09",
        since="2020-03",
        monthly={"commits": [4, 1, 0, 5, 7], "tags": [1, 1, 1, 1, 1], "releases": [0, 1, 0, 0, 0]},
    )
    unseen = made_tool(
        "c/unseen", born="2020-06-30", since="2020-06", monthly={"human": [9, 9], "people": [1, 1]}
    )
    return growth(made_population(early, late, unseen), SETTINGS)


def test_each_measure_counts_what_it_says(two: Growth) -> None:
    """Births of all; the rest of tools with a day of observation, people's commits before all."""
    months = [f"2020-0{month}" for month in range(1, 8)]
    expected: dict[Measure, list[int]] = {
        "births": [1, 0, 1, 0, 0, 1, 0],
        "active": [1, 0, 2, 1, 1, 1, 1],
        "commits": [3, 0, 6, 1, 1, 5, 7],
        "people": [2, 0, 1, 0, 1, 0, 0],
        "releases": [0, 0, 1, 1, 0, 0, 0],
    }
    for measure, values in expected.items():
        assert counts_of(two, measure) == dict(zip(months, values, strict=True)), measure
    assert counts_of(two, "stars") == {}
    assert "not known of any tool" in verdict_of(two, "stars").sentence


def test_activity_is_cut_at_the_first_observation_and_births_at_the_last(two: Growth) -> None:
    """A copy that ended early hides what its tool did since, but no tool's birth."""
    assert cut_of(two, "active") == ["2020-05", "2020-06", "2020-07"]
    assert cut_of(two, "commits") == ["2020-05", "2020-06", "2020-07"]
    assert cut_of(two, "births") == ["2020-07"]
    assert verdict_of(two, "births").last == "2020-06"
    assert verdict_of(two, "active").last == "2020-04"


def test_without_any_day_of_observation_nothing_is_whole() -> None:
    """Births are counted but cut, nothing is fitted, and the sentence says why."""
    tools = [made_tool(f"o/{each}", born=f"20{each:02}-01-01") for each in range(10, 20)]
    found = growth(made_population(*tools), SETTINGS)
    assert sum(counts_of(found, "births").values()) == 10
    assert all(row.is_cut for row in found.months)
    assert {row.measure for row in found.months} == {"births"}
    assert found.fits == ()
    assert "no day of observation is known" in verdict_of(found, "births").sentence


def test_nothing_known_is_no_months() -> None:
    """A population without tools, and one of which nothing is known, have no months."""
    for population in (made_population(), made_population(made_tool("a/b"))):
        found = growth(population, SETTINGS)
        assert (found.months, found.fits, found.fitted) == ((), (), ())
        assert [each.n_months for each in found.verdicts] == [0] * 6


def test_groups_are_counted_apart() -> None:
    """Births, activity and commits are told by kind and category, where tools are enough."""
    months = {"human": [1] * 6, "people": [1] * 6}
    tools = [
        made_tool(
            f"o/{each}",
            born="2020-01-01",
            seen="2020-06-30",
            kind="tool" if each < 12 else "list",
            category="serving",
            owner_type="User",
            since="2020-01",
            monthly=months,
        )
        for each in range(15)
    ]
    found = growth(made_population(*tools), SETTINGS)
    assert counts_of(found, "births", "tool")["2020-01"] == 12
    assert counts_of(found, "commits", "serving")["2020-02"] == 15
    told = {(row.measure, row.grouped_by, row.group) for row in found.months}
    assert {each[1:] for each in told} == {
        ("all", "all"),
        ("kind", "tool"),
        ("category", "serving"),
    }
    assert {each[0] for each in told if each[1] != "all"} == {"births", "active", "commits"}


def test_growth_that_one_curve_tells_is_told() -> None:
    """Of tools born along a steep logistic the sentence names that curve, and what is left out."""
    u = (np.arange(90) + 0.5) / 90
    means = 100 * np.exp(-25 * (u - 0.5)) / (1 + np.exp(-25 * (u - 0.5))) ** 2
    births = np.random.default_rng(4).poisson(means).tolist()
    tools = born_by_month(births, since="2014-01", seen="2021-07-10")
    found = growth(made_population(*tools), SETTINGS)
    sentence = verdict_of(found, "births").sentence
    assert "One curve is distinguishable: logistic (which is also Bass)." in sentence
    assert "against linear, exponential and Gompertz" in sentence
    assert "Months from 2021-07 on are left out" in sentence
    fits = {fit.model: fit for fit in found.fits}
    assert list(fits) == ["linear", "exponential", "logistic", "Gompertz", "Bass"]
    assert {model for model, fit in fits.items() if not fit.is_told_apart} == {"logistic", "Bass"}
    assert fits["logistic"].delta == 0 < 4 < fits["Gompertz"].delta
    assert fits["logistic"].doubling_months.value is None
    assert fits["logistic"].doubling_months.reason == "it does not grow at the end"
    named = dict(each.split("=") for each in fits["logistic"].parameters)
    assert named["bend"] in {f"2017-{month:02}" for month in (8, 9, 10, 11)}
    assert float(named["total"]) == pytest.approx(sum(births), rel=0.05)
    fitted = [row for row in found.fitted if row.model == "logistic"]
    assert len(fitted) == verdict_of(found, "births").n_months
    assert sum(row.mean for row in fitted) == pytest.approx(sum(births), rel=0.01)


def test_exponential_growth_doubles_as_it_does() -> None:
    """Births that double each year have twelve months in their interval."""
    births = np.random.default_rng(6).poisson(0.8 * 2 ** (np.arange(72) / 12)).tolist()
    tools = born_by_month(births, since="2014-01", seen="2020-01-10")
    found = growth(made_population(*tools), SETTINGS)
    (doubling,) = [fit.doubling_months for fit in found.fits if fit.model == "exponential"]
    assert doubling.low is not None and doubling.high is not None
    assert doubling.low < 12 < doubling.high < 16
    assert "exponential" in verdict_of(found, "births").sentence
    (linear,) = [fit for fit in found.fits if fit.model == "linear"]
    assert linear.is_told_apart


def test_level_births_tell_no_curve() -> None:
    """Where there is no growth no curve is told, and none has a doubling time with an end."""
    births = np.random.default_rng(9).poisson(6.0, 60).tolist()
    tools = born_by_month(births, since="2014-01", seen="2019-01-10")
    found = growth(made_population(*tools), SETTINGS)
    assert "distinguishable: " in verdict_of(found, "births").sentence
    assert verdict_of(found, "births").sentence.split(". ")[1].startswith("No")
    for fit in found.fits:
        if not fit.is_told_apart:
            assert fit.doubling_months.high is None
            assert fit.doubling_months.reason is not None


def test_two_waves_are_said_to_be_none_of_the_curves() -> None:
    """Where births rise and fall twice, no curve fits, and the sentence says when they peak."""
    months = np.arange(130)
    means = 1 + sum(14 * np.exp(-(((months - peak) / 10) ** 2)) for peak in (50, 100))
    births = np.random.default_rng(12).poisson(means).tolist()
    tools = born_by_month(births, since="2014-01", seen="2024-11-20")
    found = growth(made_population(*tools), SETTINGS)
    sentence = verdict_of(found, "births").sentence
    assert "None of the five curves describes them" in sentence
    assert "with peaks about 2018-" in sentence and "and 2022-" in sentence
    births_fits = [fit for fit in found.fits if fit.measure == "births"]
    assert all(fit.is_told_apart for fit in births_fits)
    assert all(fit.doubling_months.value is None for fit in births_fits)


@pytest.mark.parametrize(
    ("columns", "begins", "says"),
    [
        (("human", "human"), "Commits by people a month", "2020-01 to"),
        (("human", "commits"), "Commits by people a month", "not told apart of 1 of them"),
        (("commits", "commits"), "Commits a month", "people and bots are not told apart, "),
    ],
)
def test_commits_are_by_people_where_these_are_told_apart(
    columns: tuple[str, str], begins: str, says: str
) -> None:
    """Of tools whose people and bots are not, that is said."""
    tools = [
        made_tool(
            f"a/{place}",
            born="2020-01-02",
            seen="2020-05-03",
            since="2020-01",
            monthly={column: [3, 1, 2, 0, 1]},
        )
        for place, column in enumerate(columns)
    ]
    sentence = verdict_of(growth(made_population(*tools), SETTINGS), "commits").sentence
    assert sentence.startswith(f"{begins} (2 tools") and says in sentence


def test_too_few_months_are_not_fitted() -> None:
    """Two dozen months, and thirty births, are the least that curves are fitted to."""
    for births in ([9] * 23, [1] * 29):
        tools = born_by_month(births, since="2014-01", seen="2018-01-10")
        population = made_population(*tools)
        found = growth(population, SETTINGS)
        short = monthly_sum("births", population.tools, population)
        assert short.counts.sum() == sum(births)
        if len(short.whole[1]) < 24 or sum(births) < 30:
            assert "are too few" in verdict_of(found, "births").sentence
            assert found.fits == ()


def test_the_same_population_grows_alike() -> None:
    """Nothing is drawn: the same tools give the same rows."""
    births = np.random.default_rng(1).poisson(4.0, 40).tolist()
    population = made_population(*born_by_month(births, since="2014-01", seen="2017-05-10"))
    assert growth(population, SETTINGS) == growth(population, SETTINGS)


def test_activity_begins_where_older_commits_are_counted_of_nine_in_ten() -> None:
    """Before that it would grow by what began to be counted; who is counted later is left out."""
    whole = made_tool(
        "a/whole",
        born="2020-01-01",
        seen="2023-01-05",
        since="2020-01",
        monthly={"human": [1] * 37},
    )
    window = [
        made_tool(
            f"b/{each}",
            born="2015-01-01",
            seen="2023-01-05",
            since="2022-01",
            monthly={"commits": [2] * 13},
            flags=(OLDER,),
        )
        for each in range(9)
    ]
    later = made_tool(
        "c/later",
        born="2015-01-01",
        seen="2023-01-05",
        since="2022-06",
        monthly={"commits": [5] * 8},
        flags=(OLDER,),
    )
    found = growth(made_population(whole, *window, later), SETTINGS)
    commits = counts_of(found, "commits")
    assert (min(commits), set(commits.values())) == ("2022-01", {19})
    assert min(counts_of(found, "births")) == "2015-01"
    sentence = verdict_of(found, "commits").sentence
    assert "10 tools, not known of 1 more" in sentence
    assert "before 2022-01 are left out: older commits of some tools are not counted" in sentence
