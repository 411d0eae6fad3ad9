"""Which topics hold what their code says, which do not, and which codes lie in noise.

A topic's code is given (by a crosswalk), or is the code that most of its labelled documents have.
The latter is found in the same documents that it is judged by, so purity flatters: one labelled
document makes a pure topic. Intervals are wide then, and `Purity.right` does not flatter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal

import numpy as np

from artifacts.intervals import Estimate
from artifacts.words import NOISE
from labels.validation.values import Labelled, share, undefined

WRONG_ABOVE = 0.5
"""A topic is wrong if surely more than this share of it has another code: who takes the topic's
code for a document's then errs more often than not."""

NoiseStanding = Literal["over", "under", "as the rest", "no noise"]
PurityVerdict = Literal["wrong", "right", "too few", "unlabelled", "no code"]


@dataclass(frozen=True)
class TopicPurity:
    """What people's codes say of one topic.

    Attributes
    ----------
    size
        Documents of the topic.
    counts
        How many labelled documents have each code; the heaviest code first.
    majority
        The code with the most weight, of equal ones the first by name; None: nothing is labelled.
    code
        What the topic stands for: the code given for it, else the majority.
    purity
        Share of the documents that have the majority code.
    wrong
        Share of the documents whose code is not the topic's.
    verdict
        ``wrong``: the interval of the wrong share lies above the threshold; ``right``: it lies
        below, or ends there; ``too few``: it goes beyond; ``unlabelled``: no document has a code;
        ``no code``: codes were given, but none for this topic.
    """

    topic: int
    name: str | None
    size: int
    counts: tuple[tuple[str, int], ...]
    majority: str | None
    code: str | None
    purity: Estimate
    wrong: Estimate
    verdict: PurityVerdict

    @property
    def n_labelled(self) -> int:
        """Return how many documents of the topic were labelled."""
        return sum(n for _, n in self.counts)


@dataclass(frozen=True)
class Purity:
    """What people's codes say of a taxonomy.

    Attributes
    ----------
    topics
        Every topic, by number.
    n_labelled, n_noise
        Labelled documents, and those of them that are in no topic.
    purity
        Weighted share of placed documents that have the majority code of their topic.
    right
        Weighted share of placed documents whose code is that of their topic, as found without
        them: the code given, or the majority of the *other* labelled documents (of k tied codes,
        each counts 1/k). A document that is alone in its topic says nothing here.
    given
        Whether codes of topics were given.
    threshold
        Share above which a topic is called wrong.
    """

    topics: tuple[TopicPurity, ...]
    n_labelled: int
    n_noise: int
    purity: Estimate
    right: Estimate
    given: bool
    threshold: float


def purity(
    judged: Labelled,
    *,
    code_of_topic: Mapping[int, str] | None = None,
    threshold: float = WRONG_ABOVE,
) -> Purity:
    """Judge each topic, and the taxonomy, by the labelled documents.

    Parameters
    ----------
    code_of_topic
        What topics stand for, as a crosswalk says; None: the majority of the labels decides.
    threshold
        In (0, 1).
    """
    if not 0 < threshold < 1:
        raise ValueError(f"A threshold of {threshold} is not between 0 and 1.")
    members = judged.members()
    n_noise = len(members.pop(NOISE, []))
    sizes = Counter(judged.topic_of.values())
    topics = [
        _topic_purity(judged, topic, keys, sizes[topic], code_of_topic, threshold)
        for topic, keys in members.items()
    ]
    is_pure = {key: judged.codes[key] == t.majority for t in topics for key in members[t.topic]}
    is_right = {key: hit for keys in members.values() for key, hit in _alone(judged, keys).items()}
    if code_of_topic is not None:
        is_right = {
            key: float(judged.codes[key] == t.code)
            for t in topics
            if t.code is not None
            for key in members[t.topic]
        }
    return Purity(
        topics=tuple(topics),
        n_labelled=len(judged.codes),
        n_noise=n_noise,
        purity=_overall(judged, is_pure, sizes, "no document in a topic was labelled"),
        right=_overall(judged, is_right, sizes, "no topic has a code to judge by"),
        given=code_of_topic is not None,
        threshold=threshold,
    )


def _topic_purity(
    judged: Labelled,
    topic: int,
    keys: Sequence[str],
    size: int,
    given: Mapping[int, str] | None,
    threshold: float,
) -> TopicPurity:
    own = Counter(judged.codes[key] for key in keys)
    heaviest = _by_weight(judged, keys)
    majority = heaviest[0] if heaviest else None
    code = majority if given is None else given.get(topic)
    if keys and code is None:
        wrong = undefined("the topic was given no code", n=len(keys))
    else:
        wrong = _within(judged, {key: judged.codes[key] != code for key in keys}, size)
    return TopicPurity(
        topic=topic,
        name=judged.names.get(topic),
        size=size,
        counts=tuple((label, own[label]) for label in heaviest),
        majority=majority,
        code=code,
        purity=_within(judged, {key: judged.codes[key] == majority for key in keys}, size),
        wrong=wrong,
        verdict=_verdict(wrong, threshold),
    )


def _verdict(wrong: Estimate, threshold: float) -> PurityVerdict:
    if wrong.low is None or wrong.high is None:
        return "no code" if wrong.n else "unlabelled"
    if wrong.low > threshold:
        return "wrong"
    return "right" if wrong.high <= threshold else "too few"


def _by_weight(judged: Labelled, keys: Sequence[str]) -> list[str]:
    """Return the codes of the documents, the heaviest first, of equal ones the first by name."""
    weights = _weights(judged, keys)
    return sorted(weights, key=lambda code: (-weights[code], code))


def _weights(judged: Labelled, keys: Sequence[str]) -> dict[str, float]:
    """Return the weight of each code; sums do not hang on the order, so ties are found."""
    parts: dict[str, list[float]] = {}
    for key in keys:
        parts.setdefault(judged.codes[key], []).append(judged.weights[key])
    return {code: fsum(weights) for code, weights in parts.items()}


def _alone(judged: Labelled, keys: Sequence[str]) -> dict[str, float]:
    """Return whether each document has the majority code of the others; 1/k if k codes are tied."""
    hits = {}
    for key in keys:
        others = _weights(judged, [other for other in keys if other != key])
        if others:
            best = [code for code, weight in others.items() if weight == max(others.values())]
            hits[key] = (judged.codes[key] in best) / len(best)
    return hits


def _within(judged: Labelled, hits: Mapping[str, bool], size: int) -> Estimate:
    return _share(judged, hits, size, "no document of the topic was labelled")


def _overall(
    judged: Labelled, hits: Mapping[str, float], sizes: Mapping[int, int], empty: str
) -> Estimate:
    topics = {judged.topic_of[key] for key in hits}
    return _share(judged, hits, sum(sizes[topic] for topic in topics), empty)


def _share(judged: Labelled, hits: Mapping[str, float], size: int | None, empty: str) -> Estimate:
    weights = np.array([judged.weights[key] for key in hits])
    return share(np.array(list(hits.values()), dtype=float), weights, size=size, empty=empty)


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
    hits = {key: judged.topic_of[key] == NOISE for key in keys}
    recall = _share(judged, hits, None, "no document has the code")
    standing: NoiseStanding = "no noise"
    ratio = None
    if population > 0 and recall.value is not None:
        ratio = recall.value / population
        standing = _standing(recall, population)
    return NoiseOfCode(code, len(keys), sum(hits.values()), recall, ratio, standing)


def _standing(recall: Estimate, population: float) -> NoiseStanding:
    if recall.low is not None and recall.low > population:
        return "over"
    if recall.high is not None and recall.high < population:
        return "under"
    return "as the rest"
