"""How often tools fall silent, end, and come back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.returns import transitions, yearly_rate
from insights.history.rows import Stage, StageSpell


@dataclass(frozen=True)
class Life:
    """A lifecycle from January 2020 on."""

    by_rule: tuple[Stage, ...] = ()

    @property
    def spells(self) -> tuple[StageSpell, ...]:
        """Return its first spell."""
        return tuple(StageSpell("", stage, "2020-01", "2020-01", "") for stage in self.by_rule[:1])


def told(*lives: Life, entered_at: datetime | None = None) -> dict[tuple[str, str], Any]:
    """Return the transitions of tools with these lives, by the states before and after."""
    nothing: Any = dict.fromkeys(field.name for field in dataclasses.fields(ToolHistory))
    tools = tuple(
        ToolHistory(**{**nothing, "repo_key": str(number), "entered_at": entered_at})
        for number in range(len(lives))
    )
    population = HistoryPopulation("s", tools, len(tools), 0, 0, 0, {})
    found = transitions(
        population, {tool.repo_key: life for tool, life in zip(tools, lives, strict=True)}
    )
    return {(row.before, row.after): row for row in found}


COMES_BACK = Life(("emerging", "growing", "dormant", "dormant", "dead", "growing", "peak"))
ENDS = Life(("emerging", "dead", "dead"))


def test_passages_are_counted_by_month() -> None:
    """A return from the dead is one; the last month, whose next nobody saw, counts for nothing."""
    found = told(COMES_BACK, ENDS, Life())
    assert {pair: (row.n, row.months) for pair, row in found.items()} == {
        ("active", "dormant"): (1, 4),
        ("active", "ended"): (1, 4),
        ("dormant", "active"): (0, 2),
        ("dormant", "ended"): (1, 2),
        ("ended", "active"): (1, 2),
        ("ended", "dormant"): (0, 2),
    }
    rate = found["active", "dormant"].rate
    assert (rate.value, rate.n) == (3.0, 2)
    assert found["dormant", "ended"].rate.n == 1


def test_months_before_entry_are_not_counted() -> None:
    """Found in April 2020, in its fourth month: the passage to dormant was before."""
    found = told(COMES_BACK, entered_at=datetime(2020, 4, 9, tzinfo=UTC))
    assert found["dormant", "ended"].n == 1
    assert found["active", "dormant"].n == 0
    assert found["active", "dormant"].months == 1


def test_a_state_in_which_no_tool_was_has_no_rate() -> None:
    """Two active months say nothing of what dormant tools do."""
    found = told(Life(("emerging", "growing")))
    assert list(found) == [("active", "dormant"), ("active", "ended")]
    assert told(Life()) == {}


def test_the_interval_of_a_rate_is_garwoods() -> None:
    """Ten in ten years: 4.795 to 18.39 events (Garwood 1936); none in ten: up to 3.689."""
    ten, none = yearly_rate(10, 120, 7), yearly_rate(0, 120, 7)
    assert [ten.value, ten.low, ten.high] == pytest.approx([1.0, 0.4795, 1.8390], abs=1e-4)
    assert [none.value, none.low, none.high] == pytest.approx([0.0, 0.0, 0.3689], abs=1e-4)
    assert (ten.n, ten.reason) == (7, None)
