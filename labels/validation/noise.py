"""What lies in noise: which codes the topics miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from artifacts.intervals import Estimate
from artifacts.words import NOISE
from labels.validation.values import Labelled, share

NoiseStanding = Literal["over", "under", "as the rest", "no noise"]


@dataclass(frozen=True)
class NoiseOfCode:
    """How much of one code lies in noise.

    Attributes
    ----------
    n_labelled, n_noise
        Labelled documents of the code, and those of them in noise.
    recall
        Weighted share of the code's documents that lie in noise.
    ratio
        That share over the population's; None if the population has no noise.
    standing
        Whether the interval of the share lies above (``over``) or below (``under``) the share of
        noise in the population, or holds it. Of 40 codes that are as the rest, about one is called
        over and one under by chance.
    """

    code: str
    n_labelled: int
    n_noise: int
    recall: Estimate
    ratio: float | None
    standing: NoiseStanding


@dataclass(frozen=True)
class NoiseRecall:
    """How much of each code lies in noise.

    Attributes
    ----------
    share
        Of noise in the population: counted, so it has no interval.
    n_labelled
        Labelled documents in noise.
    codes
        By name.
    """

    share: float
    n_labelled: int
    codes: tuple[NoiseOfCode, ...]


def noise_recall(judged: Labelled) -> NoiseRecall:
    """Measure how much of each code lies in noise.

    Intervals have no finite-population correction: how many documents have a code is not known.
    """
    in_noise = np.array([topic == NOISE for topic in judged.topic_of.values()])
    population = float(in_noise.mean()) if len(in_noise) else 0.0
    codes = [_of_code(judged, code, population) for code in sorted(set(judged.codes.values()))]
    return NoiseRecall(population, sum(code.n_noise for code in codes), tuple(codes))


def _of_code(judged: Labelled, code: str, population: float) -> NoiseOfCode:
    keys = [key for key, own in judged.codes.items() if own == code]
    hits = np.array([float(judged.topic_of[key] == NOISE) for key in keys])
    weights = np.array([judged.weights[key] for key in keys])
    recall = share(hits, weights, size=None, empty="no document has the code")
    standing: NoiseStanding = "no noise"
    ratio = None
    if population > 0 and recall.value is not None:
        ratio = recall.value / population
        standing = _standing(recall, population)
    return NoiseOfCode(code, len(keys), int(hits.sum()), recall, ratio, standing)


def _standing(recall: Estimate, population: float) -> NoiseStanding:
    if recall.low is not None and recall.low > population:
        return "over"
    if recall.high is not None and recall.high < population:
        return "under"
    return "as the rest"
