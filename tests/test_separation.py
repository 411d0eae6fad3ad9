"""How two families separate in a taxonomy: overlap and distance, against labels dealt out anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import braycurtis, cosine

from artifacts.errors import InputError
from artifacts.words import NOISE
from insights.history.figures import Separation
from insights.history.separation import separations

KEYS = [f"k{n:03}" for n in range(60)]
PAIR = [("a", "b")]


def separated(
    first: set[str],
    second: set[str],
    topic_of: dict[str, int],
    vectors: np.ndarray | None = None,
    *,
    seed: int = 0,
) -> tuple[Separation, ...]:
    """Return how two sets of keys separate."""
    members = {"a": frozenset(first), "b": frozenset(second)}
    return separations(members, topic_of, vectors, KEYS, PAIR, seed=seed)


def test_families_in_other_topics_are_apart() -> None:
    """No topic in common: overlap 0, against half by chance, and hardly ever so by chance."""
    topic_of = {key: n // 30 for n, key in enumerate(KEYS)}
    vectors = np.eye(2)[[topic_of[key] for key in KEYS]]
    overlap, distance = separated(set(KEYS[:30]), set(KEYS[30:]), topic_of, vectors)
    assert (overlap.measure, overlap.value, overlap.p) == ("overlap", 0.0, 1 / 2000)
    assert (distance.measure, distance.value, distance.p) == ("distance", 1.0, 1 / 2000)
    assert overlap.expected is not None and overlap.expected > 0.8
    assert distance.expected is not None and distance.expected < 0.1
    assert (overlap.n_first, overlap.n_second, overlap.n_both) == (30, 30, 0)


def test_families_spread_alike_are_not_apart() -> None:
    """The same shares of every topic: overlap 1, and every other deal is as far apart."""
    topic_of = {key: n % 3 for n, key in enumerate(KEYS)}
    (overlap,) = separated(set(KEYS[:30]), set(KEYS[30:]), topic_of)
    assert (overlap.value, overlap.p) == (1.0, 1.0)


def test_the_figures_are_those_of_scipy() -> None:
    """One less the dissimilarity of Bray and Curtis of the shares; cosine distance of the means."""
    rng = np.random.default_rng(3)
    topics, vectors = rng.integers(0, 5, 60), rng.normal(size=(60, 8)) + 1
    topic_of = dict(zip(KEYS, topics.tolist(), strict=True))
    overlap, distance = separated(set(KEYS[:25]), set(KEYS[20:50]), topic_of, vectors)
    places = [slice(0, 25), slice(20, 50)]
    shares = [np.bincount(topics[at], minlength=5) / len(topics[at]) for at in places]
    assert overlap.value == pytest.approx(1 - braycurtis(*shares))
    assert distance.value == pytest.approx(cosine(*(vectors[at].mean(axis=0) for at in places)))
    assert (distance.n_first, distance.n_second, distance.n_both) == (25, 30, 5)


def test_p_keeps_its_level() -> None:
    """Of 60 pairs drawn at random, few are called apart: p keeps its level."""
    rng = np.random.default_rng(0)
    topic_of = {key: int(topic) for key, topic in zip(KEYS, rng.integers(0, 6, 60), strict=True)}
    n_apart = 0
    for _ in range(60):
        order = rng.permutation(KEYS)
        (overlap,) = separated(set(order[:20]), set(order[20:50]), topic_of)
        assert overlap.p is not None
        n_apart += overlap.p <= 0.05
    assert n_apart <= 7  # of 60 at 5 %: more in 1 of 100 sets


def test_noise_is_no_topic_and_strangers_do_not_count() -> None:
    """Noise counts for the distance alone; keys outside the taxonomy for nothing."""
    topic_of = {key: NOISE if n < 5 else 0 for n, key in enumerate(KEYS)}
    overlap, distance = separated(
        {*KEYS[:20], "stranger"}, set(KEYS[20:40]), topic_of, np.ones((60, 2))
    )
    assert (overlap.n_first, distance.n_first) == (15, 20)


def test_with_too_few_nothing_but_counts_is_told() -> None:
    """Nine of one family: no figure, no p."""
    (overlap,) = separated(set(KEYS[:9]), set(KEYS[9:]), dict.fromkeys(KEYS, 0))
    assert (overlap.n_first, overlap.value, overlap.expected, overlap.p) == (9, None, None, None)


def test_a_part_cannot_be_held_against_the_whole() -> None:
    """Where all of one family are of the other, too, nobody can be dealt out: no p is told."""
    everyone = set(KEYS)
    topic_of = {key: n % 4 for n, key in enumerate(KEYS)}
    vectors = np.random.default_rng(0).normal(size=(60, 3))
    for part in (everyone, set(KEYS[:30])):
        overlap, distance = separated(everyone, part, topic_of, vectors)
        assert overlap.value is not None and overlap.value > 0.9
        assert distance.value is not None
        assert (overlap.n_both, overlap.expected, overlap.p) == (len(part), None, None)
        assert (distance.expected, distance.p) == (None, None)


def test_who_is_of_both_stays_of_both() -> None:
    """One tool of each alone, and all others of both: two deals, of which each is as likely."""
    topic_of = {key: n for n, key in enumerate(KEYS)}
    (overlap,) = separated(set(KEYS[:-1]), set(KEYS[1:]), topic_of)
    assert overlap.value == pytest.approx(58 / 59)
    assert (overlap.n_both, overlap.expected, overlap.p) == (58, pytest.approx(58 / 59), 1.0)


def test_a_seed_decides_what_is_drawn() -> None:
    """The same twice gives the same; another seed moves only what rests on permutations."""
    topic_of = {key: n % 7 for n, key in enumerate(KEYS)}
    one, again, other = (
        separated(set(KEYS[:33]), set(KEYS[30:]), topic_of, seed=seed)[0] for seed in (0, 0, 1)
    )
    assert one == again
    assert (one.value, one.expected) != (one.value, other.expected)
    assert one.value == other.value


def test_bad_input_is_refused() -> None:
    """A family that is none, and vectors of other documents."""
    with pytest.raises(InputError, match="no family 'c'"):
        separations({"a": set(), "b": set()}, {}, None, KEYS, [("a", "c")], seed=0)
    with pytest.raises(InputError, match="3 vectors of 60 documents"):
        separations({"a": set(), "b": set()}, {}, np.ones((3, 2)), KEYS, PAIR, seed=0)


@given(
    st.lists(st.integers(0, 3), min_size=60, max_size=60),
    st.sets(st.sampled_from(KEYS), min_size=10),
    st.sets(st.sampled_from(KEYS), min_size=10),
)
def test_it_does_not_matter_which_family_is_first(
    topics: list[int], first: set[str], second: set[str]
) -> None:
    """The overlap lies between 0 and 1 and is the same either way; p is never 0."""
    topic_of = dict(zip(KEYS, topics, strict=True))
    (one,) = separated(first, second, topic_of)
    (other,) = separated(second, first, topic_of)
    assert one.value is not None and one.value == pytest.approx(other.value)
    assert 0 <= one.value <= 1 + 1e-12
    assert (one.p is None) == (first <= second or second <= first)
    assert one.p is None or 0 < one.p <= 1
