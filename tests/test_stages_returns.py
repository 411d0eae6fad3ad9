"""Passages between active, dormant and ended: how often, in how many months, at which rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from living_tools import BIRTH, after, day, living, together

from insights.history.figures import Transition
from insights.history.returns import NEVER_THERE, STATES, transitions, yearly_rate
from insights.history.settings import HistorySettings
from insights.history.stages import lifecycles


def passages(*tools: object) -> dict[tuple[str, str], Transition]:
    """Return the passages of tools by the states before and after."""
    population = together(*tools)  # type: ignore[arg-type]
    found = transitions(population, lifecycles(population, HistorySettings()))
    return {(each.before, each.after): each for each in found}


def test_a_silence_and_a_return() -> None:
    """Dormant from the sixth silent month on, active with the next commit."""
    found = passages(living([10] * 30 + [0] * 10 + [10] * 20))
    assert (found["active", "dormant"].n, found["dormant", "active"].n) == (1, 1)
    # 35 months up to the passage, and 19 of the last 20, of which the last has none after it.
    assert found["active", "dormant"].months == 35 + 19
    assert found["dormant", "active"].months == 5
    assert found["dormant", "active"].rate.value == pytest.approx(12 / 5)


def test_an_end_may_come_from_silence_or_be_announced() -> None:
    """After two silent years, or at once; without a date, at the observation."""
    silent = living([10] * 30 + [0] * 30, name="a/silent")
    dated = living(
        [10] * 40, name="a/dated", archived=True, ended="archived", ended_at=day(after(BIRTH, 30))
    )
    undated = living([10] * 40, name="a/undated", archived=True, ended="archived")
    found = passages(silent, dated, undated)
    assert (found["dormant", "ended"].n, found["active", "ended"].n) == (1, 2)
    assert found["active", "ended"].months == 35 + 30 + 40


def test_months_before_it_was_watched_do_not_count() -> None:
    """Had it ended before, it would not be there."""
    months = [10] * 30 + [0] * 10 + [10] * 20
    late = passages(living(months, entered_at=day(after(BIRTH, 38))))
    assert (late["active", "dormant"].n, late["dormant", "active"].n) == (0, 1)
    assert (late["active", "dormant"].months, late["dormant", "active"].months) == (19, 2)


def test_the_interval_is_exact() -> None:
    """As tabulated for Poisson counts (Garwood 1936): 0 has 0 to 3.69, 3 has 0.62 to 8.77."""
    none, three = yearly_rate(0, 12, n_tools=1), yearly_rate(3, 12, n_tools=1)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(3.69, abs=0.005)
    assert three.low == pytest.approx(0.62, abs=0.005)
    assert three.high == pytest.approx(8.77, abs=0.005)


def test_a_state_in_which_nobody_was_has_no_rate() -> None:
    """It is not 0."""
    found = passages(living([10] * 30), living([10] * 9, name="un/seen", observed_at=None))
    rate = found["ended", "active"].rate
    assert (rate.value, rate.low, rate.reason) == (None, None, NEVER_THERE)
    assert found["active", "ended"].rate.n == 1


@given(st.lists(st.lists(st.sampled_from((0, 0, 0, 3, 30)), min_size=1, max_size=80), max_size=4))
def test_every_month_with_a_next_one_is_in_one_state(many: list[list[int]]) -> None:
    """Months add up, and who came in went out, but for the first and the last."""
    found = passages(*(living(months, name=f"a/{n}") for n, months in enumerate(many)))
    assert len(found) == 6
    by_state = {before: each.months for (before, _), each in found.items()}
    assert sum(by_state.values()) == sum(len(months) - 1 for months in many)
    for state in STATES:
        came = sum(each.n for (_, into), each in found.items() if into == state)
        went = sum(each.n for (before, _), each in found.items() if before == state)
        assert abs(came - went) <= len(many)
