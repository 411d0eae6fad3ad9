"""What the checks of a taxonomy share: the labelled documents, and intervals of shares.

A code is what a person gave a document; a topic is where the machine put it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles
from artifacts.errors import InputError
from artifacts.intervals import LEVEL, Estimate

PERCENTILES = (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2)
"""Of the resamples. The lower one is 2.5 but for its last bit, as in every figure so far."""


@dataclass(frozen=True)
class Labelled:
    """A taxonomy, and the documents of it that somebody labelled: made by `labelled`.

    Attributes
    ----------
    topic_of
        Topic or `NOISE` of every document of the population.
    codes
        The human code of each labelled document, by key in order of keys.
    names
        Names of topics; a topic may have none.
    weights
        Of each labelled document: 1 / the probability with which it was drawn.
    """

    topic_of: Mapping[str, int]
    codes: Mapping[str, str]
    names: Mapping[int, str]
    weights: Mapping[str, float]

    def members(self) -> dict[int, list[str]]:
        """Return the labelled documents of every topic that the population has, noise included."""
        members: dict[int, list[str]] = {topic: [] for topic in sorted(set(self.topic_of.values()))}
        for key in self.codes:
            members[self.topic_of[key]].append(key)
        return members


def labelled(
    topic_of: Mapping[str, int],
    codes: Mapping[str, str],
    *,
    names: Mapping[int, str],
    weights: Mapping[str, float] | None = None,
) -> Labelled:
    """Join a taxonomy with what people said of some of its documents.

    Parameters
    ----------
    weights
        1 / inclusion probability of each labelled document; None: all were drawn alike, weight 1.

    Raises
    ------
    InputError
        If a labelled document is not of the population, or has no weight above 0.
    """
    strangers = sorted(key for key in codes if key not in topic_of)
    if strangers:
        raise InputError(
            f"{len(strangers)} labelled documents are not in the taxonomy.",
            where=f"'{strangers[0]}' is the first",
            fix="label the documents of this taxonomy's snapshot, or leave these out",
        )
    weight_of = {key: 1.0 if weights is None else weights.get(key, 0.0) for key in sorted(codes)}
    bad = [key for key, weight in weight_of.items() if not (np.isfinite(weight) and weight > 0)]
    if bad:
        raise InputError(
            "A labelled document has no design weight above 0.",
            where=f"'{bad[0]}'",
            fix="give each labelled document 1 / the probability with which it was drawn",
        )
    return Labelled(topic_of, {key: codes[key] for key in weight_of}, names, weight_of)


def undefined(reason: str, *, n: int = 0) -> Estimate:
    """Return an estimate without a value."""
    return Estimate(None, None, None, n, reason)


def share(hits: Doubles, weights: Doubles, *, size: int | None, empty: str) -> Estimate:
    """Return a weighted share with a Wilson interval.

    The interval is that of Wilson 1927 for an effective number of documents: (Σw)² / Σw², which
    is n over the design effect of unequal weights (Kish 1965, section 11.7), times
    (N − 1) / (N − n) if the size N of what was drawn from is known, because drawing without
    replacement divides the variance by that (Cochran 1977, theorem 3.2). So nothing is uncertain
    once all are labelled. What strata gain is not counted: then intervals are too wide.

    Parameters
    ----------
    hits
        1 where the document counts, 0 where not; a fraction where it is tied. n_docs.
    weights
        Design weights, above 0. n_docs.
    size
        Documents that these were drawn from; None if unknown.
    empty
        Why the share is undefined if there are no documents.
    """
    from statsmodels.stats.proportion import proportion_confint

    n = len(hits)
    if n == 0:
        return undefined(empty)
    weights = weights / weights.max()  # so equal ones are 1, and their sums exact
    value = float(np.average(hits, weights=weights))
    if size == n:
        return Estimate(value, value, value, n)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    if size is not None:
        effective *= (size - 1) / (size - n)
    low, high = proportion_confint(value * effective, effective, alpha=1 - LEVEL, method="wilson")
    return Estimate(value, min(float(low), value), max(float(high), value), n)
