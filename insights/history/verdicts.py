"""What can be said of how something grows, in sentences for whoever has not seen the figures."""

from __future__ import annotations

from typing import Final

import numpy as np

from artifacts.intervals import Estimate
from artifacts.words import listed
from insights.history.counting import MonthlySum
from insights.history.figures import MEASURE_NAMES
from insights.history.fitting import INDISTINGUISHABLE, CurveFit, GrowthComparison
from insights.history.months import month_name

_PEAK: Final = np.log(1.5)
"""A peak stands above the valleys beside it by half as much again."""
_TELLING: Final = 1.2
"""From this inflation on it is said that neighbouring months go together."""


def growth_sentence(found: MonthlySum, compared: GrowthComparison, doubling: Estimate) -> str:
    """Return whether one model is distinguishable, and what else one must know to read it.

    Parameters
    ----------
    doubling
        By the best model.
    """
    first, counts = found.whole
    said = [_of_whom(found), _which(found, compared, first)]
    if doubling.value is not None:
        said.append(_doubling(compared, doubling))
    if compared.inflation >= _TELLING and not compared.none_fits:
        worth = len(counts) / compared.inflation
        said.append(
            f"What a curve leaves over lasts from month to month: {len(counts)} months tell as "
            f"much as {worth:.0f} that are independent."
        )
    return " ".join([*said, *_cut(found)])


def unfitted_sentence(found: MonthlySum) -> str:
    """Return why nothing was fitted."""
    if not found.n_tools:
        return f"{_name(found)} a month: not known of any tool."
    _first, counts = found.whole
    if found.cut is None:
        return f"{_of_whom(found)} Nothing is fitted: no day of observation is known."
    return " ".join(
        [
            _of_whom(found),
            f"Nothing is fitted: {counts.sum():,} in {len(counts)} whole months are too few.",
            *_cut(found),
        ]
    )


def _name(found: MonthlySum) -> str:
    if found.measure == "commits" and found.n_by_anybody == found.n_tools:
        return "Commits"
    return MEASURE_NAMES[found.measure].capitalize()


def _of_whom(found: MonthlySum) -> str:
    rest = f", not known of {found.n_unknown:,} more" if found.n_unknown else ""
    if found.measure == "commits" and found.n_by_anybody:
        of = "" if found.n_by_anybody == found.n_tools else f" of {found.n_by_anybody:,} of them"
        rest += f", people and bots are not told apart{of}"
    first, counts = found.whole
    span = ""
    if len(counts):
        span = f", {month_name(first)} to {month_name(first + len(counts) - 1)}"
    tools = "tool" if found.n_tools == 1 else "tools"
    return f"{_name(found)} a month ({found.n_tools:,} {tools}{rest}{span})."


def _which(found: MonthlySum, compared: GrowthComparison, first: int) -> str:
    if compared.none_fits:
        return (
            "None of the five curves describes them: one that is free to rise and fall fits far "
            f"better (ΔAICc {compared.misfit:.0f}){_peaks(compared.free, first)}."
        )
    groups = _one_curve(compared)
    told = [names for fit, names in groups if _is_near(compared, fit)]
    others = [names for fit, names in groups if not _is_near(compared, fit)]
    if not others:
        return "No curve is distinguishable: all five describe them about equally well."
    if len(told) == 1:
        gap = min(delta for delta in compared.deltas.values() if delta >= INDISTINGUISHABLE)
        return (
            f"One curve is distinguishable: {told[0]}. The data speak against {listed(others)} "
            f"(ΔAICc {gap:.1f} or more)."
        )
    return (
        f"No single curve is distinguishable: {listed(told)} describe them about equally well "
        f"(ΔAICc below {INDISTINGUISHABLE:.0f}); the data speak against {listed(others)}."
    )


def _one_curve(compared: GrowthComparison) -> list[tuple[CurveFit, str]]:
    """Return each distinct curve with the names that it has."""
    names: dict[CurveFit, list[str]] = {}
    for model, fit in compared.fits.items():
        names.setdefault(fit, []).append(model)
    # Of increments the logistic and Bass are one.
    return [
        (fit, " (which is also ".join(own) + ")" * (len(own) - 1)) for fit, own in names.items()
    ]


def _is_near(compared: GrowthComparison, fit: CurveFit) -> bool:
    return any(compared.fits[model] is fit for model in compared.indistinguishable)


def _peaks(free: CurveFit, first: int) -> str:
    from scipy.signal import find_peaks

    tops, _facts = find_peaks(np.log(free.means), prominence=_PEAK)
    if not len(tops):
        return ""
    months = [month_name(first + int(top)) for top in tops]
    return f", with {'a peak' if len(months) == 1 else 'peaks'} about {listed(months)}"


def _doubling(compared: GrowthComparison, doubling: Estimate) -> str:
    if doubling.low is None or doubling.high is None:
        within = doubling.reason
    else:
        within = f"95 % interval {doubling.low:.3g} to {doubling.high:.3g}"
    return (
        f"At the pace of the last month they double in {doubling.value:.3g} months by the "
        f"{compared.best} curve, the best ({within})."
    )


def _cut(found: MonthlySum) -> list[str]:
    if found.cut is None:
        return []
    early = []
    if found.since is not None:
        since = month_name(found.since)
        early = [
            f"Months before {since} are left out: older commits of some tools are not counted."
        ]
    cut = month_name(found.cut)
    if found.measure == "births":
        return [
            f"Months from {cut} on are left out: tools were last looked at then. Many that began "
            "in the last years before may not have been found yet, so a fall at the end may be one "
            "of the search."
        ]
    late = f"Months from {cut} on are left out: what is known of one of the tools ends there."
    return [*early, late]
