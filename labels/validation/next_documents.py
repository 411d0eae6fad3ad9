"""Which documents are most worth labelling next, and why.

Up to half of them each open a topic (or noise) of which nothing is labelled, the largest first,
with its strongest member: until then nothing is known of it. The others are taken one by one, each
the one with the largest product of

uncertainty
    one minus the margin between the two likeliest codes (Settles 2009, section 3.1: margin
    sampling); where there is no classifier, one minus the strength in the topic
distance
    from the nearest document that is labelled or already taken (k-centre greedy: Sener and
    Savarese 2018, algorithm 1), by cosine, so that ten of a kind are not asked for at once

What is chosen so is no random sample: it must not count in estimates of how common codes are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from artifacts.errors import InputError
from artifacts.words import NOISE, Layer
from labels.validation.classifier import places
from labels.validation.placing import Placed

COUNT = 10


@dataclass(frozen=True)
class Next:
    """A document worth labelling.

    Attributes
    ----------
    topic
        Its topic, or `NOISE`.
    uncertainty
        In [0, 1].
    nearest
        Cosine to the nearest document that is labelled or stands before it; None: there is none.
    reason
        In words.
    """

    key: str
    topic: int
    uncertainty: float
    nearest: float | None
    reason: str


def next_documents(
    topic_of: Mapping[str, int],
    labels: Mapping[str, str],
    *,
    names: Mapping[int, str],
    strengths: Mapping[str, float],
    keys: Sequence[str],
    unit_vectors: NDArray[np.floating],
    placed: Sequence[Placed] = (),
    count: int = COUNT,
    nodes: Layer = "topics",
) -> tuple[Next, ...]:
    """Return the documents most worth labelling, the best first; fewer if there are no more.

    Parameters
    ----------
    topic_of, strengths
        Topic or `NOISE` of each of ``keys``, and how strongly it belongs there, in [0, 1].
    keys, unit_vectors
        n_docs keys, and their n_docs × n_dims vectors of length 1; labels without one are fine.
    placed
        What a classifier says of the documents without a label; empty: there is no classifier.

    Raises
    ------
    InputError
        If a document has no topic or no strength in [0, 1].
    """
    row_of = places(keys, unit_vectors)
    rest = _unlabelled(topic_of, labels, strengths, keys)
    own = unit_vectors[[row_of[key] for key in rest]].astype(np.float64)
    known = unit_vectors[[row for key, row in row_of.items() if key in labels]]
    nearest = np.max(own @ known.T, axis=1, initial=-np.inf)
    answers = {row.key: row for row in placed}
    uncertainty = np.array([_uncertainty(answers.get(key), strengths[key]) for key in rest])
    openers = _openers(topic_of, labels, strengths, rest)[: count // 2]
    chosen: list[Next] = []
    free = np.ones(len(rest), dtype=bool)
    while len(chosen) < min(count, len(rest)):
        is_opener = len(chosen) < len(openers)
        row = openers[len(chosen)] if is_opener else _farthest(uncertainty, nearest, free)
        key, near = rest[row], float(nearest[row]) if np.isfinite(nearest[row]) else None
        where = _node_text(topic_of[key], names, nodes)
        reason = f"no document of {where} is labelled yet"
        if not is_opener:
            reason = _reason(answers.get(key), f"in {where}, strength {strengths[key]:.2f}", near)
        chosen.append(Next(key, topic_of[key], float(uncertainty[row]), near, reason))
        free[row] = False
        nearest = np.maximum(nearest, own @ own[row])
    return tuple(chosen)


def _unlabelled(
    topic_of: Mapping[str, int],
    labels: Mapping[str, str],
    strengths: Mapping[str, float],
    keys: Sequence[str],
) -> list[str]:
    """Return the documents without a label, by key; refuse one without a topic or strength."""
    rest = sorted(key for key in keys if key not in labels)
    for key in rest:
        if key not in topic_of:
            raise InputError("A document is not in the taxonomy.", where=f"'{key}'")
        if not 0 <= strengths.get(key, -1.0) <= 1:
            raise InputError("A document has no strength in [0, 1].", where=f"'{key}'")
    return rest


def _openers(
    topic_of: Mapping[str, int],
    labels: Mapping[str, str],
    strengths: Mapping[str, float],
    keys: Sequence[str],
) -> list[int]:
    """Return the row of the strongest member of each topic without a label, the largest first."""
    sizes = Counter(topic_of.values())
    begun = {topic_of[key] for key in labels if key in topic_of}
    best: dict[int, int] = {}
    for row, key in enumerate(keys):
        topic = topic_of[key]
        if topic in begun:
            continue
        if topic not in best or strengths[key] > strengths[keys[best[topic]]]:
            best[topic] = row
    return [best[topic] for topic in sorted(best, key=lambda topic: (-sizes[topic], topic))]


def _farthest(uncertainty: Doubles, nearest: Doubles, free: NDArray[np.bool_]) -> int:
    """Return the free row of the largest product; of equal ones the farthest, then the first."""
    distance = np.where(np.isfinite(nearest), 1 - nearest, 1.0)
    rows = np.flatnonzero(free)
    order = np.lexsort((-distance[rows], -(uncertainty * distance)[rows]))
    return int(rows[order[0]])


def _uncertainty(answer: Placed | None, strength: float) -> float:
    if answer is None or answer.best is None or answer.second is None:
        return 1 - strength
    return 1 - (answer.best[1] - answer.second[1])


def _reason(answer: Placed | None, place: str, nearest: float | None) -> str:
    if answer is not None and answer.best is not None and answer.second is not None:
        (one, first), (other, second) = answer.best, answer.second
        place = f"between {one} and {other} ({first:.2f}, {second:.2f})"
    if nearest is None:
        return place
    return f"{place}; cosine to the nearest labelled or listed {nearest:.2f}"


def _node_text(topic: int, names: Mapping[int, str], nodes: Layer) -> str:
    if topic == NOISE:
        return "noise"
    address = f"category c{topic}" if nodes == "categories" else f"topic {topic}"
    return f"{address} ({names[topic]})" if topic in names else address
