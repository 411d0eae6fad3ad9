"""When one value is so common that κ and α are low though coders mostly agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from labels.agreement.coded import MISSING, Ratings
from labels.agreement.estimate import Coefficient

COMMON = 0.8
"""Share of the values that makes one value common, and of the pairs that makes agreement high."""
LOW = 0.4
"""A coefficient below it is low."""


def prevalence_warning(
    ratings: Ratings, observed: Coefficient, corrected: Mapping[str, Coefficient], *, binary: bool
) -> str | None:
    """Return a sentence with the figures if prevalence depresses coefficients, else None.

    That is (Feinstein and Cicchetti 1990) where coders agree on `COMMON` of the pairs while a
    coefficient is below `LOW`, or where one value holds `COMMON` of what was given. The second does
    not count for one code against the rest (`binary`): the rest is nearly always that common.

    Parameters
    ----------
    corrected
        Those that prevalence depresses, by a short name: κ and α, not AC1.
    """
    given = ratings.matrix[ratings.matrix != MISSING]
    defined = [(name, each.value) for name, each in corrected.items() if each.value is not None]
    if observed.value is None or not len(given):
        return None
    low = observed.value >= COMMON and any(value < LOW for _, value in defined)
    counts = np.bincount(given, minlength=ratings.n_values)
    share = float(counts.max() / len(given))
    if not low and (binary or share < COMMON):
        return None
    codes = " + ".join(sorted(ratings.values[int(counts.argmax())]))
    common = codes or ("its absence" if binary else "no code")
    figures = ", ".join(f"{name} {value:.2f}" for name, value in defined) or "κ and α undefined"
    return (
        f"{common} is {share:.0%} of what was given, so much agreement is expected by chance, and "
        f"κ and α are low for it: {observed.value:.0%} of the pairs agree, {figures} "
        "(Feinstein and Cicchetti 1990)"
    )
