"""How long tools last: curves, figures and tests for each definition of the end, by group.

Tools are compared by what they were at their beginning (owner, year of birth) and by what they are
for (kind, category). The latter are read when the tools are observed. It is assumed that they stay
what they are: where a product ended as a list of links, the curves tell of the kinds that tools
came to be. Nothing that grows with a tool's life, such as its stars, is compared: what lasted
longer had more time to gather them.

`insights.history.lifetimes` says what counts as an end, and what the bounds suppose. Curves are
told of all tools, and of groups of which enough are watched; bounds only where they differ from
what was seen, since of some tools the day of observation or of the end is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import LEVEL, Estimate
from insights.history.curves import (
    Flags,
    KaplanMeier,
    LogRank,
    holm_adjusted,
    kaplan_meier,
    log_rank,
)
from insights.history.figures import Bound, SurvivalFigure, SurvivalPoint, SurvivalTest
from insights.history.groups import ALL, Group, grouped
from insights.history.lifetimes import Lifetimes, lifetimes_of
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.settings import EndDefinition, HistorySettings
from labels.sampling.draw import z_score

AGES: Final = (12, 24, 36, 60)
"""In months: how many last longer is told of these."""
HORIZON: Final = 60
"""In months: where lifetimes are cut for the restricted mean."""
NO_DAYS: Final = "of no tool are birth, observation and last sign of life known to the day"
FEW_AT_RISK: Final = 10
"""Fewer than these, and a figure says so."""
_BOUNDS: Final[tuple[Bound, ...]] = ("as seen", "lower", "upper")


@dataclass(frozen=True)
class Survival:
    """How long tools last, as rows.

    Attributes
    ----------
    curves, figures
        By definition of the end, bound and group, in this order.
    tests
        By definition of the end: of all groups of a grouping, then of each pair of them.
    """

    curves: tuple[SurvivalPoint, ...]
    figures: tuple[SurvivalFigure, ...]
    tests: tuple[SurvivalTest, ...]


def survival(population: HistoryPopulation, settings: HistorySettings) -> Survival:
    """Return how long the tools of a population last, by each definition of the end."""
    tools = population.tools
    place = {tool.repo_key: number for number, tool in enumerate(tools)}
    members = {
        group: np.array([place[tool.repo_key] for tool in those], dtype=np.int64)
        for group, those in grouped(tools).items()
    }
    curves: list[SurvivalPoint] = []
    figures: list[SurvivalFigure] = []
    tests: list[SurvivalTest] = []
    for end in settings.ends:
        seen = lifetimes_of(tools, end)
        tests.extend(_tests(end, seen, members, settings.smallest_group))
        undated = _ended_undated(tools, end) & np.isnan(seen.duration)
        for bound in _BOUNDS:
            lives = lifetimes_of(tools, end, bound=bound, latest=population.latest_observation)
            for group, index in members.items():
                told, n_undated = lives.of(index), 0
                if bound == "as seen":
                    n_undated = int(undated[index].sum())
                elif told.equals(seen.of(index)):
                    continue
                if group != ALL and told.is_watched.sum() < settings.smallest_group:
                    continue
                of = _CurveOf(end.name, bound, *group)
                start = told.starts_at(FEW_AT_RISK)
                curve = kaplan_meier(told.duration, told.ended, told.entry, start=start)
                curves.extend(_points(of, curve))
                figures.extend(_figures(of, curve, int(told.is_unknown.sum()), n_undated))
    return Survival(tuple(curves), tuple(figures), tuple(tests))


class _CurveOf(NamedTuple):
    """Which curve it is, as the rows say it."""

    end: str
    bound: Bound
    grouped_by: str
    group: str


def _ended_undated(tools: Sequence[ToolHistory], end: EndDefinition) -> Flags:
    """Return which tools announced their end, on a day that is not known."""
    return np.array(
        [end.announced and tool.ended is not None and tool.ended_at is None for tool in tools],
        dtype=np.bool_,
    )


def _points(of: _CurveOf, curve: KaplanMeier) -> Iterator[SurvivalPoint]:
    """Yield the curve at its start, after each month of age in which any ended, and at its end.

    At these ages it is exact, and between two of them it lies between their values. So a curve has
    no more points than there are months.
    """
    until = curve.watched_until
    if not curve.is_known(until):
        return
    steps = np.minimum(np.ceil(curve.ages[curve.ages <= until]), until)
    ages = np.unique(np.concatenate(([curve.start], steps, [until])))
    n_ended = np.diff(_up_to(curve.ages, ages, curve.n_ended), prepend=0)
    n_gone = np.diff(np.searchsorted(curve.exits, ages, side="right"), prepend=0)
    low, high = curve.band(ages)
    for step, age in enumerate(ages):
        yield SurvivalPoint(
            *of,
            months=float(age),
            n_at_risk=int(curve.watched_at([age])[0]),
            n_ended=int(n_ended[step]),
            n_left=int(n_gone[step] - n_ended[step]),
            survival=float(curve.after([age])[0]),
            low=_told(low[step]),
            high=_told(high[step]),
        )


def _up_to(steps: Doubles, ages: Doubles, counts: Integers) -> Integers:
    """Return the sum of what is counted at steps up to each age."""
    sums = np.concatenate(([0], np.cumsum(counts)))
    return np.asarray(sums[np.searchsorted(steps, ages, side="right")], dtype=np.int64)


def _figures(
    of: _CurveOf, curve: KaplanMeier, n_unknown: int, n_undated: int
) -> Iterator[SurvivalFigure]:
    """Yield the shares that last longer than some ages, the median and the restricted mean."""
    found = {f"after {age} months": survival_after(curve, age) for age in AGES}
    found["median"] = median_lifetime(curve)
    found[f"restricted mean to {HORIZON} months"] = restricted_mean(curve, HORIZON)
    undated = f"of those left out, {n_undated} ended on a day that is not known"
    for name, value in found.items():
        reason = _joined(value.reason, _of_whom(curve), undated if n_undated else None)
        yield SurvivalFigure(
            *of,
            figure=name,
            value=replace(value, reason=reason),
            n=curve.n,
            n_ended=int(curve.n_ended.sum()),
            n_unknown=n_unknown,
        )


def survival_after(curve: KaplanMeier, age: float) -> Estimate:
    """Return the share that lasts longer than an age, of those watched at that age (`n`)."""
    n = int(curve.watched_at([age])[0])
    if not curve.is_known(age):
        return Estimate(None, None, None, n, _why_unknown(curve, age))
    value = float(curve.after([age])[0])
    low, high = (_told(end[0]) for end in curve.band([age]))
    why = None
    if low is None:
        whom = "none" if value > 0 else "the last"
        why = f"no interval: {whom} of those watched had ended by then"
    return Estimate(value, low, high, n, _joined(why, _few(curve, age)))


def median_lifetime(curve: KaplanMeier) -> Estimate:
    """Return the age in months that no more than half outlast."""
    value, low, high = map(_told, curve.median())
    if value is None:
        until = curve.watched_until
        if until == curve.start:
            return Estimate(None, None, None, curve.n, _why_unknown(curve, until))
        reason = f"more than half outlast {until:.0f} months, up to which it is known"
        return Estimate(None, None, None, curve.n, _joined(reason, _few(curve, until)))
    why = "no upper end: the curve's interval stays above a half" if high is None else None
    return Estimate(value, low, high, curve.n, _joined(why, _few(curve, value)))


def restricted_mean(curve: KaplanMeier, horizon: float) -> Estimate:
    """Return the mean lifetime in months, cut at a horizon, with its normal interval.

    The interval is 1.96 standard errors to each side (`KaplanMeier.restricted_mean`), in
    [0, horizon].
    """
    if not curve.is_known(horizon):
        return Estimate(None, None, None, curve.n, _why_unknown(curve, horizon))
    value, error = curve.restricted_mean(horizon)
    few = _few(curve, horizon)
    if error == 0:
        why = "no interval: nothing of how lifetimes vary was seen by then"
        return Estimate(value, None, None, curve.n, _joined(why, few))
    half = z_score(LEVEL) * error
    return Estimate(value, max(value - half, 0.0), min(value + half, horizon), curve.n, few)


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _joined(*reasons: str | None) -> str | None:
    return "; ".join(filter(None, reasons)) or None


def _few(curve: KaplanMeier, age: float) -> str | None:
    fewest = curve.fewest_until(age)
    if fewest >= FEW_AT_RISK:
        return None
    return f"rests on few: {fewest} watched at an age up to then"


def _of_whom(curve: KaplanMeier) -> str | None:
    if curve.start == 0:
        return None
    before = f"before that, fewer than {FEW_AT_RISK} were watched"
    return f"of those that lasted {curve.start:.1f} months: {before}"


def _why_unknown(curve: KaplanMeier, age: float) -> str:
    if curve.n == 0:
        return NO_DAYS
    if age < curve.start:
        return "too few were watched at that age"
    if curve.watched_until < curve.exits[-1]:
        return f"after the age of {curve.watched_until:.0f} months none was watched for a while"
    return f"none was watched beyond the age of {curve.exits[-1]:.0f} months"


def _tests(
    end: EndDefinition, lives: Lifetimes, members: Mapping[Group, Integers], smallest: int
) -> Iterator[SurvivalTest]:
    """Yield the log-rank tests of groups that are large enough, adjusted for all of them."""
    by_grouping: dict[str, dict[str, Integers]] = defaultdict(dict)
    for (grouped_by, group), index in members.items():
        if (grouped_by, group) != ALL and lives.of(index).is_watched.sum() >= smallest:
            by_grouping[grouped_by][group] = index
    found: list[tuple[str, tuple[str, ...], LogRank]] = []
    for grouped_by, groups in by_grouping.items():
        names = tuple(groups)
        # Of two groups, all and the pair are the same.
        found.extend(
            (grouped_by, compared, test)
            for compared in dict.fromkeys((names, *combinations(names, 2)))
            if len(compared) > 1 and (test := _compared(lives, groups, compared)) is not None
        )
    adjusted = holm_adjusted([test.p for _, _, test in found])
    for (grouped_by, compared, test), p_holm in zip(found, adjusted, strict=True):
        yield SurvivalTest(
            end=end.name,
            grouped_by=grouped_by,
            groups=compared,
            statistic=test.statistic,
            degrees=test.degrees,
            p=test.p,
            p_holm=p_holm,
        )


def _compared(
    lives: Lifetimes, groups: Mapping[str, Integers], names: Sequence[str]
) -> LogRank | None:
    index = np.concatenate([groups[name] for name in names])
    labels = np.repeat(np.arange(len(names)), [len(groups[name]) for name in names])
    those = lives.of(index)
    return log_rank(those.duration, those.ended, labels, those.entry)
