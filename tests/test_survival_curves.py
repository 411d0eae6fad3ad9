"""Kaplan–Meier curves and log-rank tests: published examples, and other people's programs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.arrays import Doubles
from insights.history.curves import KaplanMeier, holm_adjusted, kaplan_meier, log_rank

# Freireich et al. 1963: weeks in remission; Klein and Moeschberger 2003, section 1.2.
MERCAPTOPURINE = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
# Miller 1997: weeks to relapse of acute myelogenous leukaemia; `aml` of R's survival.
MAINTAINED = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
MAINTAINED_RELAPSED = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
NOT_MAINTAINED = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
NOT_MAINTAINED_RELAPSED = [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]


class Lives(NamedTuple):
    """Rows as lists: age at entry, age at the end of watching, whether it ended."""

    entry: list[int]
    duration: list[int]
    ended: list[bool]


@st.composite
def lives(draw: st.DrawFn, *, delayed: bool) -> Lives:
    """Draw lives with many ties; where entry is delayed, one is watched from birth to the last."""
    rows = draw(
        st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), min_size=1)
    )
    if not delayed:
        return Lives([0] * len(rows), [row[0] for row in rows], [row[2] for row in rows])
    pairs = [(min(a, b), max(a, b) + (a == b), ended) for a, b, ended in rows]
    entry, duration, ended = (list(column) for column in zip(*pairs, (0, 22, False), strict=True))
    return Lives(entry, duration, ended)


def lifelines_curve(given: Lives, *, delayed: bool) -> Any:
    """Return the fitted estimate of lifelines, which changes how NumPy warns."""
    with np.errstate():
        from lifelines import KaplanMeierFitter

        entry = given.entry if delayed else None
        return KaplanMeierFitter().fit(given.duration, given.ended, entry=entry)


def assert_equal_to_lifelines(ours: KaplanMeier, theirs: Any) -> None:
    """Compare curve and interval to 1e-9."""
    ages = theirs.survival_function_.index.to_numpy()
    told = theirs.survival_function_.iloc[:, 0].to_numpy()
    assert ours.after(ages) == pytest.approx(told, abs=1e-9)
    low, high = ours.band(ages)
    inner = (told > 1e-12) & (told < 1)
    bounds = theirs.confidence_interval_.to_numpy()[inner]
    assert low[inner] == pytest.approx(bounds[:, 0], abs=1e-9)
    assert high[inner] == pytest.approx(bounds[:, 1], abs=1e-9)


@settings(max_examples=25)
@given(lives(delayed=False))
def test_a_curve_is_that_of_lifelines(drawn: Lives) -> None:
    """With ties, all ended, none ended, or one row: curve, interval and number at risk agree."""
    ours = kaplan_meier(drawn.duration, drawn.ended)
    theirs = lifelines_curve(drawn, delayed=False)
    assert_equal_to_lifelines(ours, theirs)
    table = theirs.event_table
    assert ours.watched_at(table.index).tolist() == table["at_risk"].tolist()
    # There, a half that was multiplied up may be a little more than a half.
    if not np.isclose(ours.survival, 0.5).any():
        median = ours.median()[0]
        assert theirs.median_survival_time_ == (np.inf if np.isnan(median) else median)


@settings(max_examples=25)
@given(lives(delayed=True))
def test_a_curve_with_delayed_entry_is_that_of_lifelines(drawn: Lives) -> None:
    """Who enters at an age is not at risk at it, and ends come before entries."""
    theirs = lifelines_curve(drawn, delayed=True)
    assert_equal_to_lifelines(kaplan_meier(drawn.duration, drawn.ended, drawn.entry), theirs)


@given(lives(delayed=True), st.lists(st.tuples(st.integers(0, 20), st.booleans())))
def test_who_is_watched_at_no_age_changes_nothing(
    drawn: Lives, others: list[tuple[int, bool]]
) -> None:
    """Rows with entry = duration, and of a negative or unknown age, leave the curve as it is."""
    without = kaplan_meier(drawn.duration, drawn.ended, drawn.entry)
    more = [(float(age + 1), float(age + 1), ended) for age, ended in others]
    more += [(-np.inf, -1.0, True), (-np.inf, np.nan, False)]
    entry, duration, ended = zip(*more, strict=True)
    found = kaplan_meier(
        [*drawn.duration, *duration], [*drawn.ended, *ended], [*drawn.entry, *entry]
    )
    assert (found.ages == without.ages).all()
    assert (found.survival == without.survival).all()
    assert found.n == without.n


def test_one_row_that_ends_when_it_enters_does_not_end_the_curve() -> None:
    """The smallest case of a curve that was zero from such a row on (lifelines, issue 1604)."""
    found = kaplan_meier([1, 5, 6, 7], [True, True, False, False], [1, 0, 0, 0])
    assert found.after([1, 4, 5, 7]) == pytest.approx([1, 1, 2 / 3, 2 / 3])


def test_remission_with_mercaptopurine() -> None:
    """Klein and Moeschberger, table 4.1B and section 4.5: curve, errors, mean, median."""
    found = kaplan_meier(MERCAPTOPURINE, RELAPSED)
    assert found.ages.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.n_ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    told = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert found.survival.round(4).tolist() == told
    errors = found.survival * np.sqrt(found.greenwood)
    expected = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert errors.round(4).tolist() == expected
    assert np.round(found.restricted_mean(35), 4).tolist() == [23.2874, 2.8275]
    assert found.median()[:2] == (23, 13)
    assert np.isnan(found.median()[2])
    placebo = kaplan_meier(PLACEBO, [1] * 21)
    assert placebo.median() == (8, 4, 11)
    assert placebo.after([1, 10, 23]).round(4).tolist() == [0.9048, 0.3810, 0.0]


def test_remission_with_and_without_mercaptopurine() -> None:
    """The log-rank statistic of the two groups is 16.79 (Kalbfleisch and Prentice; Collett)."""
    found = log_rank(
        MERCAPTOPURINE + PLACEBO, RELAPSED + [1] * 21, ["6-MP"] * 21 + ["placebo"] * 21
    )
    assert found is not None
    assert (round(found.statistic, 2), found.degrees) == (16.79, 1)
    assert found.p == pytest.approx(4.17e-5, abs=1e-7)


def test_restricted_means_of_acute_myelogenous_leukaemia() -> None:
    """R's survival prints 52.6 (19.83) and 22.7 (4.18), medians 31 and 23, χ² = 3.4 for `aml`."""
    maintained = kaplan_meier(MAINTAINED, MAINTAINED_RELAPSED)
    others = kaplan_meier(NOT_MAINTAINED, NOT_MAINTAINED_RELAPSED)
    assert np.round(maintained.restricted_mean(161), 2).tolist() == [52.65, 19.83]
    assert np.round(others.restricted_mean(161), 2).tolist() == [22.71, 4.18]
    assert (maintained.median()[0], others.median()[0]) == (31, 23)
    found = log_rank(
        MAINTAINED + NOT_MAINTAINED,
        MAINTAINED_RELAPSED + NOT_MAINTAINED_RELAPSED,
        [0] * 11 + [1] * 12,
    )
    assert found is not None
    assert (round(found.statistic, 1), round(found.p, 4)) == (3.4, 0.0653)


def test_delayed_entry_of_the_published_example() -> None:
    """`test2`, by which R's survival is checked: at risk, and the curve as fractions."""
    start = [1, 2, 5, 2, 1, 7, 3, 4, 8, 8]
    stop = [2, 3, 6, 7, 8, 9, 9, 9, 14, 17]
    found = kaplan_meier(stop, [1] * 7 + [0] * 3, start)
    at_risk = [0, 2, 3, 3, 4, 5, 4, 4, 5, 2, 1]
    assert found.watched_at([*range(1, 10), 14, 17]).tolist() == at_risk
    assert found.ages.tolist() == [2, 3, 6, 7, 8, 9]
    assert found.survival == pytest.approx([1 / 2, 1 / 3, 4 / 15, 1 / 5, 3 / 20, 9 / 100])


def test_none_ended() -> None:
    """The curve stays at 1, without interval or median; the mean is the horizon."""
    found = kaplan_meier([3, 5], [False, False])
    assert (found.after([0, 5]) == 1).all()
    assert np.isnan(found.band([4])).all()
    assert np.isnan(found.median()).all()
    assert found.restricted_mean(5) == (5, 0)
    assert (found.is_known(5), found.is_known(5.1)) == (True, False)
    assert np.isnan(found.restricted_mean(6)).all()


def test_all_ended() -> None:
    """The curve ends at 0 and is known ever after; the mean is that of the lifetimes."""
    found = kaplan_meier([0, 2, 4], [True, True, True])
    assert found.after([0, 2, 4, 99]) == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert found.is_known(99)
    assert found.restricted_mean(99)[0] == pytest.approx(2)
    assert found.median()[0] == 2


def test_a_single_row() -> None:
    """One that ended on its first day, and one that was only watched."""
    assert kaplan_meier([0], [True]).after([0]) == [0]
    assert kaplan_meier([7], [False]).watched_until == 7
    nobody = kaplan_meier([], [])
    assert (nobody.n, nobody.is_known(0), nobody.watched_until) == (0, False, 0)


def test_a_curve_is_not_known_after_an_age_at_which_nobody_was_watched() -> None:
    """Two end at 2 and the others come at 3: what lasts longer than 2 months is not known."""
    found = kaplan_meier([2, 2, 9, 9], [True, True, True, False], [0, 0, 3, 3])
    assert found.watched_until == 2
    assert [found.is_known(age) for age in (1, 2, 2.5, 9)] == [True, True, False, False]
    only_later = kaplan_meier([9, 9], [True, False], [3, 3])
    assert (only_later.watched_until, only_later.is_known(5)) == (0, False)


def test_a_curve_of_those_that_lasted_until_an_age() -> None:
    """It is the curve from that age on, over what it was there (Klein and Moeschberger, 4.6.1)."""
    start, stop = [0, 0, 0, 1, 4, 5], [1, 3, 6, 7, 8, 9]
    whole = kaplan_meier(stop, [1] * 6, start)
    later = kaplan_meier(stop, [1] * 6, start, start=3)
    ages = [3, 6, 7, 8, 9]
    assert later.after(ages) == pytest.approx(whole.after(ages) / whole.after([3]))
    assert later.watched_at([2, 3, 6, 9]).tolist() == [0, 2, 4, 1]
    assert [later.is_known(age) for age in (2.9, 3, 9)] == [False, True, True]
    # All last six months, and of the next three 3/4, 1/2 and 1/4.
    assert later.restricted_mean(9)[0] == pytest.approx(6 + 3 / 4 + 1 / 2 + 1 / 4)


@given(lives(delayed=True), st.data())
def test_a_log_rank_test_with_delayed_entry_is_that_of_statsmodels(
    drawn: Lives, data: st.DataObject
) -> None:
    """Of two groups, where any end can be compared."""
    from statsmodels.duration.survfunc import survdiff

    group = np.array(data.draw(st.lists(st.booleans(), min_size=len(drawn.ended), max_size=99)))
    group = group[: len(drawn.ended)]
    group[0], group[-1] = True, False
    found = log_rank(drawn.duration, drawn.ended, group, drawn.entry)
    if found is None or len(drawn.ended) < 2:
        return
    # There, 0 would be an entry after birth.
    entry: Doubles = np.where(np.array(drawn.entry) == 0, -1, drawn.entry)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic, p = survdiff(np.array(drawn.duration), np.array(drawn.ended), group, entry=entry)
    assert found.statistic == pytest.approx(float(statistic), abs=1e-9)
    assert found.p == pytest.approx(float(p), abs=1e-9)


@pytest.mark.filterwarnings("ignore:Starting with pandas version 4")
def test_a_log_rank_test_of_many_groups_is_that_of_lifelines() -> None:
    """Four groups of 30 with ties, and one that lasts longer."""
    rng = np.random.default_rng(3)
    group = np.repeat(["a", "b", "c", "d"], 30)
    duration = rng.integers(0, 30, 120) + np.where(group == "d", 8, 0)
    ended = rng.random(120) < 0.7
    with np.errstate():
        from lifelines.statistics import multivariate_logrank_test

        theirs = multivariate_logrank_test(duration, group, ended)
    found = log_rank(duration, ended, group)
    assert found is not None
    assert found.degrees == 3
    assert found.statistic == pytest.approx(theirs.test_statistic, abs=1e-9)
    assert found.p == pytest.approx(theirs.p_value, rel=1e-9)


def test_groups_that_were_never_watched_together_are_not_compared() -> None:
    """One group is gone before the other comes; and where none ended, there is nothing either."""
    assert log_rank([2, 2, 9, 9], [1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 3, 3]) is None
    assert log_rank([2, 3], [0, 0], [0, 1]) is None
    third = log_rank([2, 3, 4, 5, 9], [1, 1, 1, 1, 1], [0, 1, 0, 1, 2], [0, 0, 0, 0, 7])
    assert third is not None
    assert third.degrees == 1


def test_holm() -> None:
    """Holm's step-down by hand: times 4, 3, 2, 1 in order, never smaller than the one before."""
    assert holm_adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm_adjusted([0.9, 0.8]) == [1.0, 1.0]
    assert holm_adjusted([]) == []
