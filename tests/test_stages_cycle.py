"""Where an ecosystem stands on the hype cycle, and how sure that is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from living_tools import after, living, together

from insights.history.cycle import cycle_positions, hype_of, position_of
from insights.history.figures import CyclePosition
from insights.history.population import ToolHistory
from insights.history.settings import HistorySettings
from mining.tables import OLDER

RISE = np.linspace(0, 1, 60)
FALL = np.linspace(1, 0.4, 24)[1:]


def through(*levels: tuple[float, int]) -> np.ndarray:
    """Return a series that rises to 1, falls to 0.4, and goes to each level in so many months."""
    series = [RISE, FALL]
    for level, n in levels:
        series.append(np.linspace(series[-1][-1], level, n + 1)[1:])
    return np.concatenate(series)


@pytest.mark.parametrize(
    ("index", "position"),
    [
        (RISE[:40], "trigger"),
        (RISE, "rise"),
        (np.concatenate([RISE, np.full(14, 1.0)]), "peak"),
        (np.concatenate([RISE, FALL[:5]]), "peak"),
        (through(), "fall"),
        (through((0.4, 14)), "trough"),
        (through((0.4, 14), (0.6, 10)), "slope"),
        (through((0.9, 24), (0.9, 14)), "plateau"),
        (np.concatenate([RISE, np.full(40, 1.0)]), "plateau"),
    ],
    ids=[
        "young",
        "grows",
        "stays",
        "slips",
        "falls",
        "lies",
        "recovers",
        "recovered",
        "never fell",
    ],
)
def test_the_course_of_a_series(index: np.ndarray, position: str) -> None:
    """Rise, peak, disappointment, recovery: by what is above a quarter, and by the last year."""
    assert position_of(index) == position


def test_a_hump_before_there_was_much_is_no_peak() -> None:
    """A peak has at least half of the most that there ever was."""
    early = np.concatenate([np.linspace(0, 0.2, 12), np.linspace(0.2, 0.05, 12), RISE[10:]])
    assert hype_of(early) is None
    assert hype_of(through()) == 59


@given(st.lists(st.floats(0.01, 1), min_size=36, max_size=90), st.floats(0.1, 50))
def test_the_unit_of_activity_does_not_matter(levels: list[float], unit: float) -> None:
    """Every series has a position, and the same one in another unit, but for ties."""
    index = np.array(levels)
    assert position_of(index) in {"trigger", "rise", "peak", "fall", "trough", "slope", "plateau"}
    assert hype_of(index * 2.0) == hype_of(index)


def ecosystem(n: int, *, category: str | None = None) -> list[ToolHistory]:
    """Return tools of which two are born each month, and each is busy for two years."""
    return [
        living(
            ([20] * 24 + [0] * 96)[: 96 - k // 2],
            name=f"{category}/{k}",
            birth=after("2015-01", k // 2),
            category=category,
        )
        for k in range(n)
    ]


def positions(*tools: ToolHistory) -> dict[str, CyclePosition]:
    """Return the positions by group."""
    population = together(*tools)
    return {each.group: each for each in cycle_positions(population, HistorySettings())}


def test_a_wave_of_tools_falls() -> None:
    """Born over four years, silent two years later: a fall, which resamples agree on."""
    found = positions(*ecosystem(144, category="serving"))
    assert (found["all"].position, found["serving"].position) == ("fall", "fall")
    assert found["all"].certainty is not None
    assert found["all"].certainty > 0.95
    assert found["all"].n == 144
    assert "against the year before" in found["all"].reason


def test_few_tools_or_months_have_no_position() -> None:
    """None, and the reason why."""
    few = positions(*ecosystem(9, category="few"), living([1] * 9, name="a/b", observed_at=None))
    assert (few["all"].position, few["all"].certainty, few["few"].n) == (None, None, 9)
    assert "fewer than 10 tools" in few["few"].reason
    short = positions(*(living([5] * 30, name=f"a/{k}") for k in range(20)))
    assert short["all"].position is None
    assert "36 months" in short["all"].reason


def test_who_was_watched_less_is_left_out() -> None:
    """One tool that was seen long ago does not end the series."""
    old = living([5] * 12, name="old/copy")
    found = positions(*ecosystem(144), old)
    assert found["all"].n == 144
    assert found["all"].position == positions(*ecosystem(144))["all"].position


def test_where_older_commits_are_not_counted_no_place_is_told() -> None:
    """What began to be counted is no birth, and those whose births are seen are the young ones."""
    late = [replace(tool, flags=(OLDER,)) for tool in ecosystem(100)[:20]]
    found = positions(*ecosystem(144), *late)["all"]
    assert (found.position, found.certainty, found.n) == (None, None, 144)
    assert found.reason == "of 20 of 164 tools older commits are not counted"
    assert positions(*ecosystem(144), *late[:10])["all"].n == 144
