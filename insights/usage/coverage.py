"""How many dependents no source found: capture–recapture over the claims of several sources.

Each source is a list that "captures" dependents; what the lists have in common tells how much all
of them miss. That rests on assumptions, which are said with every estimate (`ASSUMED`). Sources
that see the same dependents, declared or popular ones, break the last of them, and then the total
is too small: a bound from below.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa

from artifacts.intervals import LEVEL, Estimate

Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
History = tuple[bool, ...]
"""Which of the lists have a dependent, in their order."""
Pair = tuple[int, int]
"""Two lists, by their places, that depend on each other in a log-linear model."""
SAME_ORIGIN = (
    ({"dependents-page", "ecosystems"}, "both read what repositories declare"),
    ({"list", "snapshot"}, "a user's list and a study's topics may name the same well-known ones"),
)
ASSUMED = (
    "assumes that no dependent came or went meanwhile, that names are matched rightly, and that "
    "one source's finding a dependent makes no other source find it; where sources see the same "
    "ones, the total is too small"
)
MOST_MODELS = 1_000
"""Log-linear models that are compared at most."""


@dataclass(frozen=True)
class Coverage:
    """How much of a framework's dependents the sources found together.

    Attributes
    ----------
    sources
        Those whose claims count, by name.
    found
        Dependents that any of them names.
    total
        How many there are, as estimated; `n` is ``found``.
    share
        What part of them is found, from 0 to 1.
    method
        Of the estimate; empty where there is none.
    notes
        What it assumes, which sources were left out and why, and which depend on each other.
    """

    framework: str
    sources: tuple[str, ...]
    found: int
    total: Estimate
    share: Estimate
    method: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class LogLinear:
    """A log-linear model of capture histories: which pairs depend on each other, AIC, the total."""

    pairs: tuple[Pair, ...]
    aic: float
    total: Estimate


def coverage_of(
    claims: pa.Table, framework: str, *, among: Collection[str] | None = None
) -> Coverage:
    """Estimate how many dependents of a framework there are that no source found.

    Of two sources Chapman's estimator is taken, of more Chao's lower bound.

    Parameters
    ----------
    claims
        As `mining.dependents.claims.CLAIMS`.
    among
        Those that are known to use it, by owner/name or ``repo_key``: claims of others are left
        out, and candidates for all frameworks (a list, a snapshot) count as claims of this one.
        None: all that sources claim for this framework.
    """
    lists: dict[str, set[str]] = {}
    n_unclaimed = 0
    rows = claims.select(["project", "repo_key", "framework", "source"]).to_pylist()
    users = _keys_of(rows, among or ())
    for row in rows:
        if row["framework"] not in (None, framework):
            continue
        if among is not None and row["repo_key"] not in users:
            continue
        if row["framework"] is None and among is None:
            n_unclaimed += 1
            continue
        lists.setdefault(row["source"], set()).add(row["repo_key"])
    notes = []
    if n_unclaimed:
        notes.append(
            f"{n_unclaimed:,} candidates of lists and snapshots left out: they are candidates for "
            "any framework, and none is known to use this one"
        )
    lists = dict(sorted(lists.items()))
    used = _distinct(lists, notes)
    notes += _dependences(used)
    found = len(set().union(*lists.values()))
    total, method = _total(used, found)
    if method:
        notes.append(f"{method}: {ASSUMED}")
    return Coverage(
        framework, tuple(used), found, total, _share(found, total), method, tuple(notes)
    )


def _keys_of(rows: Iterable[Mapping[str, Any]], named: Collection[str]) -> set[str]:
    """Return the keys of repositories that are named by key or by any name that a claim has."""
    names = {name.lower() for name in named}
    return {
        row["repo_key"] for row in rows if {row["repo_key"].lower(), row["project"].lower()} & names
    }


def _distinct(lists: Mapping[str, set[str]], notes: list[str]) -> dict[str, set[str]]:
    """Return the lists without those that are the same as an earlier one, which is noted."""
    kept: dict[str, set[str]] = {}
    for name, members in lists.items():
        same = next((other for other, own in kept.items() if own == members), None)
        if same is None:
            kept[name] = members
        else:
            notes.append(f"{name} left out: it names the same {len(members):,} as {same}")
    return kept


def _dependences(lists: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield which lists are not independent, by what they hold and by what is known of them."""
    for (one, own), (other, others) in itertools.combinations(lists.items(), 2):
        small, large = sorted(((one, own), (other, others)), key=lambda named: len(named[1]))
        if small[1] <= large[1]:
            yield (
                f"all {len(small[1]):,} of {small[0]} are in {large[0]}: if one was made from the "
                "other, they tell nothing of what both miss"
            )
        for names, why in SAME_ORIGIN:
            if {one, other} == names:
                yield f"{one} and {other} depend on each other: {why}"


def _total(lists: Mapping[str, set[str]], found: int) -> tuple[Estimate, str]:
    """Return the total and how it was estimated; or why it cannot be."""
    if len(lists) < 2:
        only = f" ({', '.join(lists)})" if lists else ""
        reason = f"cannot be estimated: there are {len(lists)} different sources{only}, not two"
        return Estimate(None, None, None, found, reason), ""
    if len(lists) == 2:
        first, second = lists.values()
        return chapman(len(first), len(second), len(first & second)), "Chapman's estimator"
    times = Counter(sum(history) for history in _histories(lists).elements())
    total = chao_lower_bound(times, n_lists=len(lists))
    return total, "Chao's lower bound"


def _share(found: int, total: Estimate) -> Estimate:
    if total.value is None or total.low is None or total.high is None or not total.value:
        return Estimate(None, None, None, found, total.reason or "nothing was found")
    # The estimate of what there is may be a little below what is there for certain.
    low, value, high = (
        min(1.0, found / end) if end else 1.0 for end in (total.high, total.value, total.low)
    )
    return Estimate(value, low, high, found)


def capture_histories(lists: Mapping[str, Iterable[str]]) -> Counter[History]:
    """Return how many are in exactly which of the lists, by the lists' order."""
    return _histories({name: set(members) for name, members in lists.items()})


def _histories(lists: Mapping[str, set[str]]) -> Counter[History]:
    everyone = set().union(*lists.values())
    return Counter(tuple(one in members for members in lists.values()) for one in everyone)


def chapman(n_first: int, n_second: int, n_both: int) -> Estimate:
    """Estimate a total from two lists by Chapman's estimator.

    The estimator is that of Chapman 1951; the interval is the transformed logit interval of Sadinle
    2009, which keeps its level in small populations.

    Parameters
    ----------
    n_first, n_second
        Members of each list.
    n_both
        Members of both.
    """
    found = n_first + n_second - n_both
    if n_both == 0:
        reason = "cannot be estimated: the two sources have none in common"
        return Estimate(None, None, None, found, reason)
    value = (n_first + 1) * (n_second + 1) / (n_both + 1) - 1
    both, first, second = n_both + 0.5, n_first - n_both + 0.5, n_second - n_both + 0.5
    sigma = math.sqrt(1 / both + 1 / first + 1 / second + both / (first * second))
    missed = first * second / both
    low, high = (found - 0.5 + missed * math.exp(sign * Z * sigma) for sign in (-1, 1))
    return Estimate(value, max(low, float(found)), high, found)


def chapman_variance(n_first: int, n_second: int, n_both: int) -> float:
    """Return the variance of Chapman's estimator: Seber 1970, in Seber 1982, formula 3.4."""
    left = (n_first + 1) * (n_second + 1) * (n_first - n_both) * (n_second - n_both)
    return left / ((n_both + 1) ** 2 * (n_both + 2))


def chao_lower_bound(times: Mapping[int, int], *, n_lists: int) -> Estimate:
    """Estimate a total from below by how many are in one list, and how many in two.

    Chao 1987 for a limited number of lists (Chao2 of Colwell and Coddington 1994), with her
    interval by the logarithm of what is missing. Lists may differ in how much they find, and
    dependents in how easily they are found.

    Parameters
    ----------
    times
        Of how many lists, how many are members: by 1, 2, …
    n_lists
        How many lists there are.
    """
    found = sum(n for number, n in times.items() if number > 0)
    once, twice = times.get(1, 0), times.get(2, 0)
    if not any(n for number, n in times.items() if number > 1):
        reason = "cannot be estimated: no two sources have one in common"
        return Estimate(None, None, None, found, reason)
    if twice == 0:
        reason = "cannot be estimated: none is in exactly two sources"
        return Estimate(None, None, None, found, reason)
    part = (n_lists - 1) / n_lists
    ratio = once / twice
    missed = part * once * ratio / 2
    variance = twice * (part / 2 * ratio**2 + part**2 * ratio**3 + part**2 / 4 * ratio**4)
    return _with_missing(found, missed, variance)


def _with_missing(found: int, missed: float, variance: float) -> Estimate:
    """Return found and missed with an interval by the logarithm of what is missed (Chao 1987)."""
    if missed <= 0:
        return Estimate(float(found), float(found), float(found), found)
    spread = math.exp(Z * math.sqrt(math.log1p(variance / missed**2)))
    return Estimate(found + missed, found + missed / spread, found + missed * spread, found)


def log_linear(histories: Mapping[History, int], pairs: Sequence[Pair] = ()) -> LogLinear | None:
    """Fit a log-linear model of which lists have whom, and estimate the total by it.

    Poisson regression on the counts of the histories, one term for each list and for each pair of
    lists that depend on each other; what no list has is told by the intercept (Fienberg 1972;
    Bishop, Fienberg and Holland 1975, chapter 6). That three depend on each other is left out.

    Parameters
    ----------
    histories
        Counts; what is not named is zero.
    pairs
        By the lists' places.

    Returns
    -------
    LogLinear | None
        None where the counts do not determine the model.
    """
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    n_lists = len(next(iter(histories)))
    cells = [cell for cell in itertools.product((True, False), repeat=n_lists) if any(cell)]
    counts = np.array([histories.get(cell, 0) for cell in cells], dtype=np.float64)
    lists = np.array(cells, dtype=np.float64)
    together = [lists[:, first] * lists[:, second] for first, second in pairs]
    design = np.column_stack([np.ones(len(cells)), lists, *together])
    if any(counts[column > 0].sum() == 0 for column in design.T) or design.shape[1] > len(cells):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = GLM(counts, design, family=families.Poisson()).fit(tol=1e-10)
        except (np.linalg.LinAlgError, ValueError):
            return None
    intercept, variance = float(fitted.params[0]), float(fitted.cov_params()[0, 0])
    if not (fitted.converged and math.isfinite(variance) and intercept < math.log(1e12)):
        return None
    missed = math.exp(intercept)
    total = _with_missing(int(counts.sum()), missed, missed + missed**2 * variance)
    return LogLinear(tuple(pairs), float(fitted.aic), total)


def best_log_linear(histories: Mapping[History, int]) -> LogLinear | None:
    """Return the log-linear model of the lowest AIC, the fewer pairs the better where equal.

    All sets of pairs are compared, up to `MOST_MODELS` from the smallest on, but one that has as
    many terms as there are counts: it fits anything. None where no model is determined.
    """
    pairs = list(itertools.combinations(range(len(next(iter(histories)))), 2))
    sets = itertools.chain.from_iterable(
        itertools.combinations(pairs, size) for size in range(len(pairs) + 1)
    )
    n_lists = len(next(iter(histories)))
    most = 2**n_lists - 1 - n_lists - 2
    tried = itertools.islice((each for each in sets if len(each) <= most), MOST_MODELS)
    models = (log_linear(histories, each) for each in tried)
    fitted = [model for model in models if model is not None]
    return min(fitted, key=lambda model: (round(model.aic, 6), len(model.pairs)), default=None)
