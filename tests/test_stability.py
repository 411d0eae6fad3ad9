"""Stability, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from artifacts.words import NOISE
from taxonomy.consensus import best_jaccard, stability
from taxonomy.types import Labels


def labels(*numbers: int) -> Labels:
    """Return topic numbers as an array."""
    return np.array(numbers, dtype=np.int32)


def test_jaccard_worked_by_hand() -> None:
    """A topic's figure is shared over united documents, of the other answer's best topic."""
    answer = labels(0, 0, 0, 0, 1, 1, NOISE, NOISE)
    other = labels(0, 0, 0, 1, 1, NOISE, 1, NOISE)
    # topic 0 with topic 0: 3 of 4, with 1: 1 of 6; topic 1 with topic 1: 1 of 4
    assert best_jaccard(answer, other, 2).tolist() == [3 / 4, 1 / 4]


def test_noise_is_no_topic() -> None:
    """Documents that are unplaced in both answers make nothing alike."""
    answer = labels(0, 0, NOISE, NOISE, NOISE)
    assert best_jaccard(answer, labels(NOISE, NOISE, 0, 0, NOISE), 1).tolist() == [0]
    assert best_jaccard(answer, labels(*[NOISE] * 5), 1).tolist() == [0]


def test_topic_numbers_mean_nothing() -> None:
    """The same topics under other numbers have a figure of 1 each."""
    answer, other = labels(0, 0, 1, 1, 2, 2, NOISE), labels(2, 2, 0, 0, 1, 1, NOISE)
    found = stability(answer, (other, other))
    assert found.topics.tolist() == [1, 1, 1]
    assert found.halves_ami == pytest.approx(1)


def test_a_topic_is_as_stable_as_the_halves_on_average() -> None:
    """A topic that one half finds whole and the other not at all has a figure of a half."""
    answer = labels(0, 0, 0, 1, 1, 1)
    halves = (answer, labels(0, 0, 0, NOISE, NOISE, NOISE))
    found = stability(answer, halves)
    assert found.topics.tolist() == [1, 0.5]
    assert found.halves_ami == pytest.approx(1)  # noise is one class: the same two classes


def test_no_topics_have_no_figures() -> None:
    """Without a topic there is nothing to be stable, and two empty halves agree."""
    nothing = labels(*[NOISE] * 6)
    found = stability(nothing, (nothing, nothing))
    assert found.topics.tolist() == []
    assert found.halves_ami == 1
