"""How an ecosystem grows: what there is in each month, and which curve of growth describes it.

Months that are not whole are marked as cut and are not fitted; `insights.history.counting` says
from when on, which is another month for births than for the rest. Fits begin with the first month
in which there was something. Births and stars add to a stock that fills up, so that of them the
curves that bend are taken as increments; the others are levels (`insights.history.models`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from artifacts.intervals import Estimate
from insights.history.counting import MonthlySum, monthly_sum
from insights.history.figures import (
    FittedMonth,
    GrowthFit,
    GrowthModel,
    GrowthVerdict,
    Measure,
    MonthCount,
)
from insights.history.fitting import GrowthComparison, compare_models
from insights.history.groups import ALL, Group, grouped
from insights.history.models import Form, parameters_of
from insights.history.months import month_name
from insights.history.pace import doubling_months
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.settings import HistorySettings
from insights.history.verdicts import growth_sentence, unfitted_sentence

FORMS: Final[dict[Measure, Form]] = {
    "births": "increments",
    "active": "level",
    "commits": "level",
    "people": "level",
    "releases": "level",
    "stars": "increments",
}
GROUPED: Final[tuple[Measure, ...]] = ("births", "active", "commits")
"""What is also counted by kind and by category."""
GROUPED_BY: Final = ("kind", "category")
FEWEST_MONTHS: Final = 24
FEWEST_COUNTED: Final = 30
"""That curves are fitted to: fewer months or fewer counts tell no curve from another."""


@dataclass(frozen=True)
class Growth:
    """What there is in each month, and what describes it.

    Attributes
    ----------
    months
        Counts, of all tools and of groups.
    fits, fitted, verdicts
        Of all tools: the models, their means, and what can be said.
    """

    months: tuple[MonthCount, ...]
    fits: tuple[GrowthFit, ...]
    fitted: tuple[FittedMonth, ...]
    verdicts: tuple[GrowthVerdict, ...]


def growth(population: HistoryPopulation, settings: HistorySettings) -> Growth:
    """Return what there is in each month, and which models describe it.

    Groups of fewer tools than `settings.smallest_group` are left out. A measure that is not known
    of any tool has no months, and a verdict that says so, whose first and last month are empty.
    """
    months: list[MonthCount] = []
    sums: list[MonthlySum] = []
    for group, tools in {ALL: [], **grouped(population.tools)}.items():
        for measure in _measures_of(group, tools, settings):
            found = monthly_sum(measure, tools, population)
            months.extend(_rows(found, group))
            if group == ALL:
                sums.append(found)
    fits: list[GrowthFit] = []
    fitted: list[FittedMonth] = []
    verdicts: list[GrowthVerdict] = []
    for each in sums:
        first, counts = each.whole
        if len(counts) < FEWEST_MONTHS or counts.sum() < FEWEST_COUNTED:
            verdicts.append(_verdict(each, unfitted_sentence(each)))
            continue
        compared = compare_models(counts, FORMS[each.measure])
        doubling = {model: doubling_months(compared, model) for model in compared.fits}
        for model, fit in compared.fits.items():
            fits.append(_fit_row(each.measure, model, compared, first, doubling[model]))
            fitted.extend(
                FittedMonth(each.measure, model, month_name(first + index), float(mean))
                for index, mean in enumerate(fit.means)
            )
        sentence = growth_sentence(each, compared, doubling[compared.best])
        verdicts.append(_verdict(each, sentence))
    return Growth(tuple(months), tuple(fits), tuple(fitted), tuple(verdicts))


def _measures_of(
    group: Group, tools: Sequence[ToolHistory], settings: HistorySettings
) -> tuple[Measure, ...]:
    if group == ALL:
        return get_args(Measure)
    return GROUPED if group[0] in GROUPED_BY and len(tools) >= settings.smallest_group else ()


def _rows(found: MonthlySum, group: Group) -> Iterator[MonthCount]:
    for index, value in enumerate(found.counts.tolist()):
        month = found.first + index
        yield MonthCount(
            measure=found.measure,
            grouped_by=group[0],
            group=group[1],
            month=month_name(month),
            value=value,
            is_cut=found.cut is None or month >= found.cut,
        )


def _fit_row(
    measure: Measure,
    model: GrowthModel,
    compared: GrowthComparison,
    first: int,
    doubling: Estimate,
) -> GrowthFit:
    fit = compared.fits[model]
    named = parameters_of(model, FORMS[measure], fit.theta, fit.scale, len(fit.means))
    return GrowthFit(
        measure=measure,
        model=model,
        parameters=tuple(f"{name}={_shown(name, value, first)}" for name, value in named.items()),
        dispersion=fit.dispersion,
        log_likelihood=fit.log_likelihood,
        aicc=compared.criteria[model],
        delta=compared.deltas[model],
        lag_one=fit.lag_one,
        is_told_apart=compared.none_fits or model not in compared.indistinguishable,
        doubling_months=doubling,
    )


def _shown(name: str, value: float, first: int) -> str:
    if name == "bend":
        return month_name(first + math.floor(value))
    return f"{value:.4g}" if math.isfinite(value) else "beyond all numbers"


def _verdict(found: MonthlySum, sentence: str) -> GrowthVerdict:
    first, counts = found.whole
    n = len(counts)
    return GrowthVerdict(
        measure=found.measure,
        n_months=n,
        first=month_name(first) if n else None,
        last=month_name(first + n - 1) if n else None,
        sentence=sentence,
    )
