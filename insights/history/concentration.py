"""How unequally stars, forks, commits and people are spread over tools.

Gini's coefficient is Σ (2i − n − 1) x_i / (n Σ x), with x in increasing order: of the tools that
there are, not blown up by n / (n − 1). A top share is what the ⌈p n⌉ tools that have most have of
all. A tool that has none counts with 0; one of which it is not known does not count, and is told.

Intervals take the tools as drawn from more that are like them. They are from a bootstrap over tools
that is studentised (bootstrap-t: Efron and Tibshirani 1993, section 12.5) on the scale of the
logit, so that they stay within 0 and 1; standard errors are from influence functions (of Gini:
Davidson 2009; of a top share, which is an ordinate of the Lorenz curve: Beach and Davidson 1983).
Where few have most, no bootstrap of the tools covers as it should: most samples lack those at the
very top (Cowell and Flachaire 2007). With 1,007 log-normal tools whose Gini is 0.95, 95 %
intervals hold that of all in about four of five samples, percentile intervals in about three of
five (`benchmarks.concentration`). So they are too narrow, above all at the upper end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from artifacts.arrays import Doubles
from artifacts.intervals import Estimate, bootstrap_counts, percentile_estimate
from insights.history.figures import Concentration, LorenzPoint
from insights.history.months import MONTHS_A_YEAR
from insights.history.population import HistoryPopulation, ToolHistory

MEASURES: Final = ("stars", "forks", "commits", "commits in a year", "people")
"""``commits`` are by people where these are told apart, in all months, and not known where older
ones are not counted; in a year, in the twelve months before that of observation; ``people`` are
those who committed."""
MOST_POINTS: Final = 200
"""Of a Lorenz curve."""
N_RESAMPLES: Final = 2000
_TOPS: Final = (0.01, 0.1)
_ALMOST: Final = 1e-9
"""Below it, what is left after rounding is nothing."""


@dataclass(frozen=True)
class Inequality:
    """How unequally each measure is spread.

    Attributes
    ----------
    figures, curves
        By measure: its figures, and the points of its Lorenz curve.
    """

    figures: tuple[Concentration, ...]
    curves: tuple[LorenzPoint, ...]


def concentrations(population: HistoryPopulation, *, seed: int) -> Inequality:
    """Return how unequally each of `MEASURES` is spread over the tools of a population.

    Parameters
    ----------
    seed
        Of the resamples.
    """
    figures = []
    curves: list[LorenzPoint] = []
    for measure in MEASURES:
        known = [x for tool in population.tools if (x := amount_of(tool, measure)) is not None]
        gini, top_1, top_10 = inequality_of(known, seed=seed)
        n_unknown = len(population.tools) - len(known)
        figures.append(Concentration(measure, n_unknown, gini, top_1, top_10))
        curves.extend(LorenzPoint(measure, *point) for point in lorenz(known))
    return Inequality(tuple(figures), tuple(curves))


def amount_of(tool: ToolHistory, measure: str) -> int | None:
    """Return how much a tool has of one of `MEASURES`; None: not known.

    Nothing that its history tells is known without a day of observation.
    """
    if measure in ("stars", "forks"):
        return tool.numbers.get(measure)
    month = tool.observed_month
    if month is None:
        return None
    if measure == "people":
        return tool.identities
    if tool.commits is None or tool.first_month is None:
        return None
    if measure == "commits":
        return None if tool.lacks_older else int(tool.commits.sum())
    end = max(0, month - tool.first_month)
    if tool.lacks_older and end < MONTHS_A_YEAR:
        return None
    return int(tool.commits[max(0, end - MONTHS_A_YEAR) : end].sum())


def inequality_of(
    amounts: Iterable[int], *, seed: int, n_resamples: int = N_RESAMPLES
) -> tuple[Estimate, Estimate, Estimate]:
    """Return Gini's coefficient, and what the top per cent and the top tenth have.

    Parameters
    ----------
    amounts
        Of each tool, 0 or more.
    """
    values, numbers = np.unique(np.fromiter(amounts, dtype=np.int64), return_counts=True)
    n = int(numbers.sum())
    if n == 0 or values[-1] == 0:
        why = "all have none" if n else "not known of any tool"
        return (Estimate(None, None, None, n, why),) * 3
    x = values.astype(np.float64)
    found, errors = (
        each[:, 0] for each in inequality_figures(x, numbers[None, :].astype(np.float64))
    )
    drawn = [
        inequality_figures(x, counts)
        for counts in bootstrap_counts(numbers, n_resamples, seed=seed)
    ]
    draws, their_errors = (np.concatenate(each, axis=1) for each in zip(*drawn, strict=True))
    gini, top_1, top_10 = map(
        _estimate, found.tolist(), errors.tolist(), draws, their_errors, [n] * len(found)
    )
    return gini, top_1, top_10


def _estimate(value: float, error: float, draws: Doubles, errors: Doubles, n: int) -> Estimate:
    if not _ALMOST < value < 1 - _ALMOST or error < _ALMOST:
        return Estimate(value, None, None, n, "no interval: every resample is alike")
    is_defined = (draws > _ALMOST) & (draws < 1 - _ALMOST) & (errors > _ALMOST)
    place, width = float(logit(value)), error / (value * (1 - value))
    ends = np.full(len(draws), np.nan)
    own = draws[is_defined]
    studentised = (logit(own) - place) / (errors[is_defined] / (own * (1 - own)))
    ends[is_defined] = expit(place - studentised * width)
    return percentile_estimate(value, ends, n=n)


def inequality_figures(x: Doubles, counts: Doubles) -> tuple[Doubles, Doubles]:
    """Return Gini and both top shares (3 × n_rows), and their standard errors.

    Parameters
    ----------
    x
        n_types amounts in increasing order.
    counts
        n_rows × n_types: how many tools have each.
    """
    n = counts.sum(axis=1, keepdims=True)
    total = (counts @ x)[:, None]
    # A resample of tools that have none.
    total = np.where(total > 0, total, np.nan)
    up_to = np.cumsum(counts, axis=1)
    below = up_to - counts
    gini = (x * counts * (below + up_to - n)).sum(axis=1, keepdims=True) / (n * total)
    rank = (below + up_to) / (2 * n)
    held = (np.cumsum(counts * x, axis=1) - counts * x / 2) / n
    values, errors = [gini[:, 0]], [_error(counts, 2 * (rank * x - held) - (1 + gini) * x, total)]
    for top in _TOPS:
        n_top = np.ceil(top * n - _ALMOST)
        taken = np.clip(n_top - (n - up_to), 0, counts)
        share = (taken @ x)[:, None] / total
        least = x[np.argmax(taken > 0, axis=1)][:, None]
        values.append(share[:, 0])
        errors.append(_error(counts, np.maximum(x - least, 0) - share * x, total))
    return np.stack(values), np.stack(errors)


def _error(counts: Doubles, influence: Doubles, total: Doubles) -> Doubles:
    """Return the standard error of a figure from what each tool adds to it, times the mean."""
    mean = (counts * influence).sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True)
    spread = (counts * (influence - mean) ** 2).sum(axis=1)
    error: Doubles = np.sqrt(spread) / total[:, 0]
    return error


def lorenz(amounts: Iterable[int]) -> Iterator[tuple[float, float]]:
    """Yield points of a Lorenz curve, from (0, 0) to (1, 1): shares of tools, and what they have.

    Of many tools at most `MOST_POINTS`, evenly along the curve, so that the few at the top, who
    have most, are not lost between two points. Nothing is yielded where there is nothing to share.
    """
    x = np.sort(np.fromiter(amounts, dtype=np.int64))
    if not x.sum():
        return
    shares = np.append(0, np.cumsum(x)) / x.sum()
    tools = np.arange(len(x) + 1) / len(x)
    along = tools + shares
    places = np.searchsorted(along, np.linspace(0, 2, MOST_POINTS))
    for place in np.unique(np.minimum(places, len(x))).tolist():
        yield float(tools[place]), float(shares[place])
