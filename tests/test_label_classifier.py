"""The classifier of codes: nothing leaks, scores are right, what cannot be learned says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from artifacts.errors import InputError
from labels.validation.classifier import (
    CURVE,
    FOLDS,
    RARE,
    Examples,
    best_strength,
    deal,
    examples,
    held_out,
    judge,
    learning_curve,
    log_losses,
    probabilities,
    splits,
)
from labels.validation.placing import place

Vectors = np.ndarray


def blobs(n_docs: int, *, n_codes: int, spread: float, seed: int) -> tuple[Vectors, list[str]]:
    """Return vectors about one corner for each code, and the codes."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n_docs) % n_codes
    vectors = rng.normal(size=(n_docs, 10)) * spread
    vectors[np.arange(n_docs), codes] += 1
    return vectors, [f"c{code}" for code in codes]


def named(codes: list[str]) -> dict[str, str]:
    """Return the codes by key."""
    return {f"d{row:04}": code for row, code in enumerate(codes)}


def joined(vectors: Vectors, codes: list[str]) -> Examples:
    """Return all documents as examples."""
    labels = named(codes)
    return examples(labels, keys=list(labels), vectors=vectors)


# Folds


@given(
    codes=st.lists(st.integers(RARE, 3), min_size=1, max_size=60),
    seed=st.integers(0, 1000),
    n_folds=st.integers(2, 5),
)
def test_folds_share_out_each_code_evenly(codes: list[int], seed: int, n_folds: int) -> None:
    """Documents that differ: folds differ by one document of a code at most, and by one in all."""
    truth = np.array(codes)
    rng = np.random.default_rng(seed)
    folds = deal(truth, np.arange(len(codes)), n_folds=n_folds, rng=rng)
    for own in [truth == truth, *(truth == code for code in range(RARE, 4))]:
        counts = np.bincount(folds[own], minlength=n_folds)
        assert counts.max() - counts.min() <= 1


@given(
    groups=st.lists(st.integers(0, 12), min_size=1, max_size=60),
    seed=st.integers(0, 1000),
)
def test_no_group_is_divided(groups: list[int], seed: int) -> None:
    """Documents of one group stand in one fold, whatever their codes."""
    rng = np.random.default_rng(seed)
    _, numbers = np.unique(groups, return_inverse=True)
    folds = deal(rng.integers(0, 3, len(groups)), numbers, n_folds=3, rng=rng)
    assert all(len(set(folds[numbers == number])) == 1 for number in numbers)


def test_equal_vectors_are_never_on_both_sides() -> None:
    """Each document stands twice: its twin is never trained on while it is held out."""
    vectors, codes = blobs(60, n_codes=3, spread=1.0, seed=0)
    found = joined(np.concatenate([vectors, vectors]), codes + codes)
    tested = np.zeros(120, dtype=int)
    for split in splits(found, n_repeats=2, seed=0):
        assert not {*found.groups[split.train]} & {*found.groups[split.test]}
        tested += split.test
    assert (tested == 2).all()


# Nothing leaks


@pytest.mark.parametrize("copies", [1, 3])
def test_codes_at_random_are_called_as_by_chance(copies: int) -> None:
    """Codes that hang on nothing: F1 about one in four, even where each document stands thrice."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(160, 10))
    codes = [f"c{code}" for code in rng.integers(0, 4, 160)]
    labels = named(codes * copies)
    found = held_out(
        labels,
        keys=list(labels),
        vectors=np.concatenate([vectors] * copies),
        n_repeats=2,
        resamples=200,
    )
    assert found.n_different == 160
    assert found.scores.macro_f1.value == pytest.approx(0.25, abs=0.08)
    assert found.scores.micro_f1.value == pytest.approx(0.25, abs=0.08)


def test_what_is_held_out_plays_no_part_in_training() -> None:
    """Other codes in the fold that is held out change neither the penalty nor the calls."""
    vectors, codes = blobs(60, n_codes=3, spread=0.7, seed=0)
    found = joined(vectors, codes)
    split = next(splits(found, n_repeats=1, seed=0))
    changed = found.truth.copy()
    changed[split.test] = (changed[split.test] + 1) % 3
    losses, calls = [], []
    for each in (found, replace(found, truth=changed)):
        losses.append(log_losses(each, split.train, rng=np.random.default_rng(0)))
        calls.append(probabilities(each, split.train, vectors[split.test], strength=1.0))
    assert (losses[0] == losses[1]).all()
    assert (calls[0] == calls[1]).all()


def test_the_penalty_of_the_least_loss_is_taken() -> None:
    """Where codes are noise a strict penalty is chosen, where they are plain a lax one."""
    for spread, low, high in ((5.0, 0.1, 0.1), (0.1, 10.0, 100.0)):
        vectors, codes = blobs(60, n_codes=3, spread=spread, seed=0)
        train = np.ones(60, dtype=bool)
        rng = np.random.default_rng(0)
        assert low <= best_strength(joined(vectors, codes), train, rng=rng) <= high


# Scores


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), n_codes=st.integers(2, 5))
def test_scores_are_those_of_scikit_learn(seed: int, n_codes: int) -> None:
    """Calls of one repeat: precision, recall and F1 by code, macro and micro, are the same."""
    rng = np.random.default_rng(seed)
    codes = [
        f"c{code}" for code in [*range(n_codes)] * FOLDS + rng.integers(0, n_codes, 30).tolist()
    ]
    found = joined(rng.normal(size=(len(codes), 4)), codes)
    called = rng.integers(0, n_codes, (1, len(codes)))
    scores = judge(found, called, resamples=10, seed=0)
    theirs = [f"c{code}" for code in called[0]]
    expected = precision_recall_fscore_support(codes, theirs, zero_division=0)
    for row, each in enumerate(scores.codes):
        assert each.precision.value in (None, pytest.approx(expected[0][row]))
        assert each.recall.value == pytest.approx(expected[1][row])
        assert each.f1.value == pytest.approx(expected[2][row])
        assert each.n_docs == expected[3][row]
    assert scores.macro_f1.value == pytest.approx(f1_score(codes, theirs, average="macro"))
    assert scores.micro_f1.value == pytest.approx(f1_score(codes, theirs, average="micro"))


def test_the_interval_of_a_share_is_the_binomial_one() -> None:
    """Seven in ten of 200 right: ± 1.96 √(0.7 · 0.3 / 200), also where each stands twice."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 3))
    truth = np.arange(200) % 2
    called = np.where(np.arange(200) < 140, truth, 1 - truth)[None]
    expected = 1.96 * np.sqrt(0.7 * 0.3 / 200)
    for copies in (1, 2):
        found = joined(np.concatenate([vectors] * copies), [f"c{code}" for code in truth] * copies)
        micro = judge(found, np.tile(called, copies), resamples=2000, seed=0).micro_f1
        assert micro.value == pytest.approx(0.7)
        assert micro.low is not None and micro.high is not None
        assert (micro.high - micro.low) / 2 == pytest.approx(expected, rel=0.1)


def test_a_code_that_is_never_called_has_no_precision() -> None:
    """Recall and F1 are 0, precision is undefined, and the reason says so."""
    found = joined(np.random.default_rng(0).normal(size=(10, 2)), ["a", "b"] * 5)
    never = judge(found, np.zeros((1, 10), dtype=np.int64), resamples=50, seed=0).codes[1]
    assert never.precision.value is None
    assert never.precision.reason == "no document was called so"
    assert (never.recall.value, never.f1.value) == (0, 0)


def test_what_is_planted_is_learned_and_the_baseline_beaten() -> None:
    """Codes that the vectors tell apart are called right; all as the commonest is as by hand."""
    vectors, codes = blobs(120, n_codes=4, spread=0.15, seed=0)
    codes = ["c0" if code == "c1" else code for code in codes]  # now half of all
    labels = named(codes)
    found = held_out(labels, keys=list(labels), vectors=vectors, n_repeats=2, resamples=200)
    assert found.scores.macro_f1.value is not None and found.scores.macro_f1.value > 0.95
    assert found.baseline.micro_f1.value == pytest.approx(1 / 2)
    assert found.baseline.macro_f1.value == pytest.approx(2 / 3 / 3)  # F1 2/3 of one code of three
    assert (found.n_docs, found.n_folds, found.n_repeats, found.reason) == (120, 5, 2, None)
    assert sum(times for _, times in found.strengths) == 10


def test_a_rare_code_is_reported_and_counts_as_wrong() -> None:
    """Four documents, or five of which two are twins, are too few: no figure, but never right."""
    vectors, codes = blobs(100, n_codes=2, spread=0.1, seed=0)
    vectors[99] = vectors[98]
    codes[90:94], codes[95:] = ["few"] * 4, ["twins"] * 5
    labels = named(codes)
    found = held_out(labels, keys=list(labels), vectors=vectors, n_repeats=1, resamples=100)
    by_code = {each.code: each for each in found.scores.codes}
    assert by_code["few"].f1.value is None
    assert by_code["few"].f1.reason == "4 different documents; 5 folds need 5"
    assert by_code["twins"].recall.reason == "4 different documents; 5 folds need 5"
    assert (by_code["few"].n_docs, by_code["twins"].n_docs) == (4, 5)
    assert found.scores.micro_f1.value == pytest.approx(91 / 100)
    precisions = [by_code[code].precision.value for code in ("c0", "c1")]
    assert min(each for each in precisions if each is not None) < 0.95
    assert found.scores.macro_f1.value is not None and found.scores.macro_f1.value < 0.97


@pytest.mark.parametrize("codes", [[], ["a"] * 20, ["a"] * 20 + ["b"] * 4])
def test_one_code_makes_no_classifier(codes: list[str]) -> None:
    """Without two codes to tell apart there is a reason, no figure, and nobody is placed."""
    labels = named(codes)
    keys = [*labels, "new"]
    vectors = np.random.default_rng(0).normal(size=(len(keys), 3))
    reason = "fewer than two codes have 5 different documents"
    found = held_out(labels, keys=keys, vectors=vectors)
    assert found.reason == found.scores.macro_f1.reason == reason
    assert found.baseline.micro_f1.value is None
    assert {each.f1.value for each in found.scores.codes} <= {None}
    curve = learning_curve(labels, keys=keys, vectors=vectors)
    assert (curve.points, curve.reason) == ((), reason)
    placement = place(labels, keys=keys, vectors=vectors)
    assert [(row.key, row.code, row.reason) for row in placement.rows] == [("new", None, reason)]
    assert placement.threshold.precision.reason == reason


def test_the_same_seed_gives_the_same_figures() -> None:
    """Whatever the order of keys; another seed gives other folds."""
    vectors, codes = blobs(60, n_codes=3, spread=0.8, seed=0)
    labels = named(codes)
    keys = list(labels)
    order = np.random.default_rng(1).permutation(60)
    turned = [keys[row] for row in order]
    one = held_out(labels, keys=keys, vectors=vectors, n_repeats=1, resamples=50)
    same = held_out(labels, keys=turned, vectors=vectors[order], n_repeats=1, resamples=50)
    other = held_out(labels, keys=keys, vectors=vectors, n_repeats=1, resamples=50, seed=1)
    assert one == same
    assert one.scores != other.scores


def test_vectors_and_keys_must_fit() -> None:
    """A label without a vector, and a key without a row, are refused."""
    vectors = np.eye(2)
    with pytest.raises(InputError, match="1 labelled documents have no vector"):
        held_out({"c": "x"}, keys=["a", "b"], vectors=vectors)
    with pytest.raises(ValueError, match="1 keys, given 1 times, for 2 vectors"):
        held_out({"a": "x"}, keys=["a"], vectors=vectors)


# Learning curve


def test_more_labels_help_and_then_less() -> None:
    """Blobs that overlap: F1 rises with the documents, whose numbers are shares of four fifths."""
    vectors, codes = blobs(200, n_codes=5, spread=0.5, seed=0)
    labels = named(codes)
    curve = learning_curve(labels, keys=list(labels), vectors=vectors, n_repeats=3)
    assert [point.n_train for point in curve.points] == [round(160 * part) for part in CURVE]
    f1 = [point.macro_f1 for point in curve.points]
    assert f1[-1] > f1[0] + 0.03
    assert f1[1] - f1[0] > f1[-1] - f1[-2]
    assert all(0 <= point.spread < 0.1 for point in curve.points)
    assert curve == learning_curve(labels, keys=list(labels), vectors=vectors, n_repeats=3)
    with pytest.raises(ValueError, match="no spread"):
        learning_curve(labels, keys=list(labels), vectors=vectors, n_repeats=1)


def test_the_curve_ends_near_the_score_of_all() -> None:
    """Its last point has the whole training part, as the cross-validation has."""
    vectors, codes = blobs(60, n_codes=3, spread=0.8, seed=1)
    labels = named(codes)
    curve = learning_curve(labels, keys=list(labels), vectors=vectors, n_repeats=2)
    whole = held_out(labels, keys=list(labels), vectors=vectors, n_repeats=2, resamples=50)
    assert curve.points[-1].macro_f1 == pytest.approx(whole.scores.macro_f1.value, abs=0.05)


# Placing the rest


@pytest.mark.parametrize("wanted", [0.7, 0.8, 0.9])
def test_what_is_placed_is_as_precise_as_wanted(wanted: float) -> None:
    """Of 2,000 new documents those that get a code are right about as often as asked for."""
    vectors, codes = blobs(2300, n_codes=5, spread=0.6, seed=0)
    truth = named(codes)
    keys = list(truth)
    labels = {key: truth[key] for key in keys[:300]}
    found = place(labels, keys=keys, vectors=vectors, precision=wanted, n_repeats=2)
    coded = [row for row in found.rows if row.code is not None]
    assert len(found.rows) == 2000
    assert 0.2 < len(coded) / 2000 < 1
    assert len(coded) / 2000 == pytest.approx(found.threshold.coverage, abs=0.1)
    assert np.mean([row.code == truth[row.key] for row in coded]) == pytest.approx(wanted, abs=0.07)
    precision = found.threshold.precision
    assert precision.value is not None and precision.low is not None
    assert precision.low < wanted <= precision.value


def test_who_is_below_the_threshold_has_no_code() -> None:
    """Who abstains says why, and who does not is at the threshold or above it."""
    vectors, codes = blobs(150, n_codes=3, spread=0.6, seed=0)
    labels = named(codes[:100])
    keys = [f"d{row:04}" for row in range(150)]
    found = place(labels, keys=keys, vectors=vectors, precision=0.9, n_repeats=1)
    assert found == place(labels, keys=keys, vectors=vectors, precision=0.9, n_repeats=1)
    assert [row.key for row in found.rows] == keys[100:]
    limit = found.threshold.value
    assert limit is not None
    for row in found.rows:
        assert row.best is not None and row.second is not None
        assert row.best[1] >= row.second[1]
        assert (row.code is None) == (row.best[1] < limit) == (row.reason is not None)
        assert row.code in (None, row.best[0])
    assert {row.code is None for row in found.rows} == {True, False}


def test_a_precision_out_of_reach_places_nobody() -> None:
    """Codes at random are never called with a precision of 0.95: all abstain, with the reason."""
    rng = np.random.default_rng(0)
    labels = named([f"c{code}" for code in rng.integers(0, 4, 100)])
    keys = [*labels, "new"]
    vectors = rng.normal(size=(101, 5))
    found = place(labels, keys=keys, vectors=vectors, precision=0.95, n_repeats=2)
    (row,) = found.rows
    assert (row.code, found.threshold.value, found.threshold.coverage) == (None, None, 0)
    assert row.best is not None
    assert row.reason == "no 10 documents are called with a precision of 0.95"
    for wanted in (0, 1.1):
        with pytest.raises(ValueError, match="not above 0"):
            place(labels, keys=keys, vectors=vectors, precision=wanted)


def test_all_labelled_leaves_nobody_to_place() -> None:
    """There are no rows, and still a threshold."""
    vectors, codes = blobs(60, n_codes=2, spread=0.2, seed=0)
    labels = named(codes)
    found = place(labels, keys=list(labels), vectors=vectors, n_repeats=1)
    assert found.rows == ()
    assert found.threshold.value is not None
