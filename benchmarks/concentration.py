"""Whether intervals of Gini's coefficient and of top shares hold the truth where few have most.

    python -m benchmarks.concentration [--sets 200]

Tools are drawn from distributions whose figures are those of ten million draws: log-normal, as
unequal as the stars of repositories are (Gini 0.95) and less so (0.85), and Pareto with a tail
index of 1.5, whose variance is infinite. Told are the shares of the sets in which the 95 % interval
holds the truth: that of `insights.history.concentration`, and the percentile interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from artifacts.intervals import PERCENTILES, Estimate, bootstrap_counts
from benchmarks.common import arguments, publish, table
from insights.history.concentration import inequality_figures, inequality_of

SEED: Final = 20261130
SETS: Final = 200
TOOLS: Final = (100, 1007)
N_RESAMPLES: Final = 600
N_TRUTH: Final = 10_000_000

Drawer = Callable[[np.random.Generator, int], NDArray[np.int64]]


def log_normal(place: float, spread: float) -> Drawer:
    """Return what draws whole numbers, log-normal and rounded down."""

    def draw(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
        return np.exp(place + spread * rng.standard_normal(n)).astype(np.int64)

    return draw


def pareto(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Return whole numbers with a tail index of 1.5."""
    return (3 * (rng.pareto(1.5, n) + 1)).astype(np.int64)


DRAWERS: Final[Mapping[str, Drawer]] = {
    "log-normal, Gini 0.95": log_normal(1.3, 2.72),
    "log-normal, Gini 0.85": log_normal(3.0, 2.0),
    "Pareto, index 1.5": pareto,
}


def figures_of(amounts: NDArray[np.int64]) -> Doubles:
    """Return Gini and both top shares."""
    values, numbers = np.unique(amounts, return_counts=True)
    counts = numbers[None, :].astype(np.float64)
    return inequality_figures(values.astype(np.float64), counts)[0][:, 0]


def percentile_ends(amounts: NDArray[np.int64], *, seed: int) -> Doubles:
    """Return the ends of percentile intervals (2 × 3)."""
    values, numbers = np.unique(amounts, return_counts=True)
    drawn = [
        inequality_figures(values.astype(np.float64), counts)[0]
        for counts in bootstrap_counts(numbers, N_RESAMPLES, seed=seed)
    ]
    ends: Doubles = np.percentile(np.concatenate(drawn, axis=1), PERCENTILES, axis=1)
    return ends


def holds(found: Estimate, truth: float) -> bool:
    """Return whether an interval holds the truth."""
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def rows_of(sets: int) -> list[list[Any]]:
    """Return, by distribution and number of tools, the shares of intervals that hold the truth."""
    rows = []
    for number, (name, draw) in enumerate(DRAWERS.items()):
        truth = figures_of(draw(np.random.default_rng((SEED, number)), N_TRUTH))
        for n in TOOLS:
            rng = np.random.default_rng((SEED, number, n))
            ours, plain = np.zeros(3), np.zeros(3)
            for seed in range(sets):
                amounts = draw(rng, n)
                found = inequality_of(amounts.tolist(), seed=seed, n_resamples=N_RESAMPLES)
                ours += [holds(each, value) for each, value in zip(found, truth, strict=True)]
                low, high = percentile_ends(amounts, seed=seed)
                plain += (low <= truth) & (truth <= high)
            for place, figure in enumerate(("Gini", "top 1 %", "top 10 %")):
                shares = [ours[place] / sets, plain[place] / sets]
                rows.append([name, n, figure, truth[place], *shares])
    return rows


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--sets", type=int, default=SETS, help="samples of each kind")
    options = parser.parse_args()
    rows = rows_of(options.sets)
    columns = ["tools as", "n", "figure", "truth", "held", "held by percentiles"]
    title = f"Of {options.sets} samples"
    publish("concentration", {"rows": rows}, [table(title, columns, rows)], options.out)


if __name__ == "__main__":
    main()
