"""Whether growth's models are told apart where they can be, and only there: simulated series.

Every cell is a number of months, a mean of counts a month, a dispersion, a true model, and whether
it bends within the months or after them. The linear and the exponential curve do not bend. The
seeds, the shapes and the cells were fixed before a figure was seen:

    python -m benchmarks.growth [--sets 100] [--form increments]

It takes about ten minutes of one core.

*found*: the true model is among those called indistinguishable, and not all are rejected (at least
90 %). *one wrong*: one curve alone is called so, and it is another (at most 5 %); of increments the
logistic and Bass are one curve. Beside them, without a target: counts whose neighbouring months go
together, with that respected and as if they did not; and two waves, which none of the five has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from benchmarks.common import arguments, publish, table, timed
from insights.history.figures import GrowthModel
from insights.history.fitting import INDISTINGUISHABLE, GrowthComparison, compare_models
from insights.history.models import CURVES, Curve, Form
from insights.history.pace import growth_interval

SEED = 20261130
SETS = 100
MONTHS = (60, 120, 240)
MEANS = (5.0, 20.0)
DISPERSIONS = (0.0, 0.3)
CORRELATION = 0.6
EVERY = 5
"""An interval is looked at of one set in so many: it takes longer than the fits."""
SHAPES: Mapping[GrowthModel, Mapping[str, tuple[float, ...]]] = {
    # The last level over the first; growth over all months; log-rate times months, and bend.
    "linear": {"none": (np.log(9.0),)},
    "exponential": {"none": (3.0,)},
    "logistic": {"within": (np.log(8.0), 0.6), "after": (np.log(8.0), 1.3)},
    "Gompertz": {"within": (np.log(5.0), 0.5), "after": (np.log(5.0), 1.3)},
    "Bass": {"within": (np.log(6.0), 0.5), "after": (np.log(6.0), 1.2)},
}
BASS_LEVELS = {"within": (np.log(6.0), 3.0), "after": (np.log(6.0), 7.2)}
"""Of levels: log of (p + q) times months, and log(q / p) = (p + q) times the bend."""


@dataclass(frozen=True)
class Cell:
    """What was simulated, and what came of it.

    Attributes
    ----------
    found, one_wrong, rejected
        Shares of the sets: the true model is called indistinguishable; a single wrong curve is; all
        five are rejected.
    size
        Models called indistinguishable, on average.
    doubling
        Share of the intervals of the true model's growth at the end that have the true one.
    """

    truth: GrowthModel
    bend: str
    months: int
    mean: float
    dispersion: float
    found: float
    one_wrong: float
    rejected: float
    size: float
    doubling: float


def means_of(curve: Curve, shape: Sequence[float], months: int, mean: float) -> Doubles:
    """Return the mean of each month."""
    logs = curve.scaled(np.array([shape]), months)[0][0]
    means: Doubles = mean * np.exp(logs)
    return means


def draw(rng: np.random.Generator, means: Doubles, dispersion: float) -> NDArray[np.int64]:
    """Return counts: Poisson, or negative binomial as Poisson with gamma means."""
    if dispersion > 0:
        means = means * rng.gamma(1 / dispersion, dispersion, len(means))
    counts: NDArray[np.int64] = rng.poisson(means)
    return counts


def draw_together(rng: np.random.Generator, means: Doubles, dispersion: float) -> NDArray[np.int64]:
    """Return Poisson counts whose means are disturbed by what lasts: log-normal, AR(1)."""
    noise = np.empty(len(means))
    noise[0] = rng.standard_normal()
    for month in range(1, len(means)):
        fresh = np.sqrt(1 - CORRELATION**2) * rng.standard_normal()
        noise[month] = CORRELATION * noise[month - 1] + fresh
    variance = np.log(1 + dispersion)
    counts: NDArray[np.int64] = rng.poisson(
        means * np.exp(np.sqrt(variance) * noise - variance / 2)
    )
    return counts


def is_one_wrong(compared: GrowthComparison, truth: GrowthModel) -> bool:
    """Return whether one curve alone is called indistinguishable, and not the true one."""
    told = {compared.fits[model] for model in compared.indistinguishable}
    return not compared.none_fits and len(told) == 1 and compared.fits[truth] not in told


def grid(form: Form) -> Iterator[tuple[GrowthModel, str, tuple[float, ...]]]:
    """Yield each truth with its bend and shape."""
    for truth, shapes in SHAPES.items():
        if truth == "Bass" and form == "level":
            shapes = BASS_LEVELS
        for bend, shape in shapes.items():
            yield truth, bend, shape


def cell_of(
    form: Form,
    truth: GrowthModel,
    bend: str,
    shape: Sequence[float],
    months: int,
    mean: float,
    dispersion: float,
    *,
    sets: int,
    seed: Sequence[int],
    drawn: Callable[..., NDArray[np.int64]] = draw,
) -> tuple[Cell, list[GrowthComparison]]:
    """Return a cell, and the comparisons that it rests on."""
    rng = np.random.default_rng(seed)
    means = means_of(CURVES[form][truth], shape, months, mean)
    compared = [compare_models(drawn(rng, means, dispersion), form) for _ in range(sets)]
    growth = np.log(means[-1] / means[-2])
    covered = []
    for each in compared[::EVERY]:
        low, high = growth_interval(each.fits[truth], each.inflation)
        covered.append(low - 1e-9 <= growth <= high + 1e-9)
    cell = Cell(
        truth,
        bend,
        months,
        mean,
        dispersion,
        found=np.mean([not c.none_fits and truth in c.indistinguishable for c in compared]).item(),
        one_wrong=np.mean([is_one_wrong(c, truth) for c in compared]).item(),
        rejected=np.mean([c.none_fits for c in compared]).item(),
        size=np.mean([len(c.indistinguishable) for c in compared]).item(),
        doubling=np.mean(covered).item(),
    )
    return cell, compared


def cells(form: Form, sets: int) -> list[Cell]:
    """Return all cells, each drawn from a seed of its own."""
    found = []
    for place, (months, mean, dispersion) in enumerate(product(MONTHS, MEANS, DISPERSIONS)):
        for number, (truth, bend, shape) in enumerate(grid(form)):
            seed = (SEED, form == "level", place, number)
            found.append(
                cell_of(form, truth, bend, shape, months, mean, dispersion, sets=sets, seed=seed)[0]
            )
    return found


def correlated(form: Form, sets: int) -> list[list[Any]]:
    """Return, by truth, what comes of months that go together, respected and not."""
    rows = []
    for number, (truth, bend, shape) in enumerate(grid(form)):
        seed = (SEED, form == "level", 100, number)
        cell, compared = cell_of(
            form, truth, bend, shape, 120, 20.0, 0.3, sets=sets, seed=seed, drawn=draw_together
        )
        naive = [truth in _independent(each) for each in compared]
        rows.append(
            [truth, bend, cell.found, cell.one_wrong, cell.rejected, cell.doubling, np.mean(naive)]
        )
    return rows


def _independent(compared: GrowthComparison) -> set[GrowthModel]:
    values = {model: fit.criterion(1.0) for model, fit in compared.fits.items()}
    least = min(values.values())
    return {model for model, value in values.items() if value < least + INDISTINGUISHABLE}


def two_waves(form: Form, sets: int) -> list[list[Any]]:
    """Return how often all five are rejected where there are two waves."""
    rows = []
    for place, (months, mean, dispersion) in enumerate(product(MONTHS, MEANS, DISPERSIONS)):
        rng = np.random.default_rng((SEED, form == "level", 200, place))
        u = (np.arange(months) + 0.5) / months
        means = 0.2 + np.exp(-(((u - 0.4) / 0.1) ** 2)) + np.exp(-(((u - 0.8) / 0.1) ** 2))
        means *= mean / means.mean()
        compared = [compare_models(draw(rng, means, dispersion), form) for _ in range(sets)]
        rejected = np.mean([each.none_fits for each in compared])
        alone = np.mean(
            [
                len({id(each.fits[m]) for m in each.indistinguishable}) == 1 and not each.none_fits
                for each in compared
            ]
        )
        rows.append([months, mean, dispersion, rejected, alone])
    return rows


def overall(found: Sequence[Cell]) -> list[list[Any]]:
    """Return means over cells by truth, by what else a cell is, and over all."""
    parts: dict[str, list[Cell]] = defaultdict(list)
    for cell in found:
        for name in (
            f"{cell.truth}, bend {cell.bend}",
            f"{cell.months} months",
            f"mean {cell.mean:g}",
            f"dispersion {cell.dispersion:g}",
            "all",
        ):
            parts[name].append(cell)
    return [
        [
            name,
            *(
                np.mean([getattr(cell, field) for cell in part]).item()
                for field in ("found", "one_wrong", "rejected", "size", "doubling")
            ),
            min(cell.found for cell in part),
            max(cell.one_wrong for cell in part),
        ]
        for name, part in parts.items()
    ]


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--sets", type=int, default=SETS, help="simulated series a cell")
    parser.add_argument("--form", choices=list(CURVES), default="increments")
    options = parser.parse_args()
    found, seconds = timed(lambda: cells(options.form, options.sets))
    together = correlated(options.form, options.sets)
    waves = two_waves(options.form, options.sets)
    columns = ["found", "one wrong", "rejected", "models", "interval"]
    named = [list(asdict(cell).values()) for cell in found]
    tables = [
        table(
            f"{options.form}: {options.sets} series a cell ({seconds:.0f} s)",
            ["truth", "bend", "months", "mean", "dispersion", *columns],
            named,
        ),
        table("Over cells", ["", *columns, "least found", "most wrong"], overall(found)),
        table(
            f"Neighbouring months go together ({CORRELATION}; 120 months, mean 20)",
            ["truth", "bend", *columns[:3], "interval", "found by plain AICc"],
            together,
        ),
        table("Two waves", ["months", "mean", "dispersion", "rejected", "one curve told"], waves),
    ]
    figures = {"cells": [asdict(cell) for cell in found], "correlated": together, "waves": waves}
    publish("growth", figures, tables, options.out)


if __name__ == "__main__":
    main()
