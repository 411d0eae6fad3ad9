"""A classifier of codes from vectors, and how often it is right about documents held out.

Multinomial logistic regression with an L2 penalty. Each code weighs the same however rare it is,
as in the macro F1. The penalty is chosen inside each training part alone (nested
cross-validation: Cawley and Talbot 2010), by the log loss. Design weights play no part: figures
are of documents as they were drawn for labelling.

Counts of what is right are pooled over folds and repeats before any ratio is taken (Forman and
Scholz 2010), and resampled by document, equal ones together. So intervals hold for other documents,
not for another training set.

Documents of equal vectors (equal texts) are one group, and a group is never divided between folds:
else a classifier would be asked what it was told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from artifacts.arrays import Doubles, Integers, contingency
from artifacts.errors import InputError
from artifacts.intervals import Estimate, bootstrap_counts, percentile_estimate
from labels.validation.values import PERCENTILES, undefined

FOLDS = 5
"""A code needs documents of as many different vectors."""
RARE = -1
"""Stands for a code that has too few documents to be learned."""
STRENGTHS = (0.1, 1.0, 10.0, 100.0)
"""Inverse penalties tried; of equally good ones the strictest is taken."""
INNER_FOLDS = 3
RESAMPLES = 2000
REPEATS = 5
CURVE = (0.2, 0.4, 0.6, 0.8, 1.0)
LEAST = 1e-6
"""What a probability counts at least in the log loss."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Examples:
    """Labelled documents.

    Attributes
    ----------
    keys
        In order.
    vectors
        n_docs × n_dims.
    labels
        The code of each.
    known
        The codes that have documents enough, by name.
    truth
        Place of each document's code in ``known``, or `RARE`. n_docs.
    groups
        Equal where vectors are equal. n_docs.
    """

    keys: tuple[str, ...]
    vectors: Doubles
    labels: tuple[str, ...]
    known: tuple[str, ...]
    truth: Integers
    groups: Integers

    @property
    def reason(self) -> str | None:
        """Return why no classifier can be trained; None if one can."""
        if len(self.known) >= 2:
            return None
        return f"fewer than two codes have {FOLDS} different documents"

    def support(self, code: str) -> tuple[int, int]:
        """Return how many documents have the code, and how many different ones."""
        own = np.array([label == code for label in self.labels], dtype=bool)
        return int(own.sum()), len(np.unique(self.groups[own]))


@dataclass(frozen=True)
class FoldSplit:
    """One fold of one repeat: what is trained on, and what is held out.

    Attributes
    ----------
    train
        Documents of known codes outside the fold. n_docs.
    test
        All documents of the fold, those of rare codes included. n_docs.
    rng
        For what is left to chance in training.
    """

    repeat: int
    train: Mask
    test: Mask
    rng: np.random.Generator


def examples(
    labels: Mapping[str, str], *, keys: Sequence[str], vectors: NDArray[np.floating]
) -> Examples:
    """Join labels with the vectors of their documents.

    Parameters
    ----------
    labels
        The code of each labelled document.
    keys, vectors
        Of all documents: n_docs keys, and n_docs × n_dims.

    Raises
    ------
    InputError
        If a labelled document has no vector.
    """
    place = places(keys, vectors)
    chosen = sorted(labels)
    if lost := [key for key in chosen if key not in place]:
        raise InputError(f"{len(lost)} labelled documents have no vector.", where=f"'{lost[0]}'")
    own = np.asarray(vectors, dtype=np.float64)[[place[key] for key in chosen]]
    groups = np.unique(own, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    codes = [labels[key] for key in chosen]
    different: dict[str, set[int]] = {code: set() for code in sorted(set(codes))}
    for code, group in zip(codes, groups.tolist(), strict=True):
        different[code].add(group)
    known = tuple(code for code, group_ids in different.items() if len(group_ids) >= FOLDS)
    truth = [known.index(code) if code in known else RARE for code in codes]
    return Examples(
        keys=tuple(chosen),
        vectors=own,
        labels=tuple(codes),
        known=known,
        truth=np.array(truth, dtype=np.int64),
        groups=groups,
    )


def places(keys: Sequence[str], vectors: NDArray[np.floating]) -> dict[str, int]:
    """Return the row of each key; raise ``ValueError`` unless each key has one row."""
    row_of = {key: row for row, key in enumerate(keys)}
    if not len(row_of) == len(keys) == len(vectors):
        raise ValueError(
            f"{len(row_of)} keys, given {len(keys)} times, for {len(vectors)} vectors."
        )
    return row_of


def splits(given: Examples, *, n_repeats: int, seed: int) -> Iterator[FoldSplit]:
    """Yield each fold of each repeat of a stratified cross-validation."""
    for repeat in range(n_repeats):
        rng = np.random.default_rng([seed, repeat])
        folds = deal(given.truth, given.groups, n_folds=FOLDS, rng=rng)
        for fold in range(FOLDS):
            held = folds == fold
            yield FoldSplit(repeat, ~held & (given.truth != RARE), held, rng)


def deal(codes: Integers, groups: Integers, *, n_folds: int, rng: np.random.Generator) -> Integers:
    """Deal documents into folds: whole groups, and those of each code evenly.

    A group counts as of its commonest code, of equally common ones the first. The groups, sorted
    by code and at random within it, are dealt like cards, so that folds differ by one group of a
    code at most.
    """
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    counts = contingency(groups, codes + 1, (n_groups, int(codes.max(initial=RARE)) + 2))
    order = np.lexsort((rng.random(n_groups), counts.argmax(axis=1)))
    fold_of_group = np.empty(n_groups, dtype=np.int64)
    fold_of_group[order] = np.arange(n_groups) % n_folds
    return fold_of_group[groups]


@dataclass(frozen=True)
class HeldOut:
    """How often the classifier is right about documents that it had not seen.

    Attributes
    ----------
    scores, baseline
        Of the classifier; and of calling all what is commonest in the training part.
    n_docs, n_different
        Labelled documents, and how many of different vectors.
    strengths
        How often each inverse penalty was chosen.
    reason
        Why none can be; None if one can.
    """

    scores: Scores
    baseline: Scores
    n_docs: int
    n_different: int
    n_folds: int
    n_repeats: int
    strengths: tuple[tuple[float, int], ...]
    reason: str | None


@dataclass(frozen=True)
class CurvePoint:
    """What is reached with so many labelled documents.

    Attributes
    ----------
    n_train
        Documents trained on, on average.
    macro_f1, spread
        Mean and standard deviation over the repeats.
    """

    n_train: int
    macro_f1: float
    spread: float


@dataclass(frozen=True)
class LearningCurve:
    """Held-out macro F1 by the number of documents trained on; no points if there is a reason."""

    points: tuple[CurvePoint, ...]
    n_repeats: int
    reason: str | None


def held_out(
    labels: Mapping[str, str],
    *,
    keys: Sequence[str],
    vectors: NDArray[np.floating],
    seed: int = 0,
    n_repeats: int = REPEATS,
    resamples: int = RESAMPLES,
) -> HeldOut:
    """Train and test on the labelled documents, by repeated stratified cross-validation.

    Parameters
    ----------
    labels
        The code of each labelled document.
    keys, vectors
        Of all documents: n_docs keys, and n_docs × n_dims.
    seed
        Of folds and resamples.
    """
    given = examples(labels, keys=keys, vectors=vectors)
    shape = (n_repeats, len(given.keys))
    called, commonest = np.full(shape, RARE), np.full(shape, RARE)
    chosen: Counter[float] = Counter()
    for split in () if given.reason else splits(given, n_repeats=n_repeats, seed=seed):
        strength = best_strength(given, split.train, rng=split.rng)
        predicted = probabilities(given, split.train, given.vectors[split.test], strength=strength)
        called[split.repeat, split.test] = predicted.argmax(axis=1)
        commonest[split.repeat, split.test] = np.bincount(given.truth[split.train]).argmax()
        chosen[strength] += 1
    return HeldOut(
        scores=judge(given, called, resamples=resamples, seed=seed),
        baseline=judge(given, commonest, resamples=resamples, seed=seed),
        n_docs=len(given.keys),
        n_different=len(set(given.groups.tolist())),
        n_folds=FOLDS,
        n_repeats=n_repeats,
        strengths=tuple(sorted(chosen.items())),
        reason=given.reason,
    )


def learning_curve(
    labels: Mapping[str, str],
    *,
    keys: Sequence[str],
    vectors: NDArray[np.floating],
    seed: int = 0,
    n_repeats: int = REPEATS,
) -> LearningCurve:
    """Return the held-out macro F1 for growing parts of each training part.

    Parts keep the proportions of the codes, and each holds the smaller one. The penalty is the one
    chosen for the whole training part.

    Parameters
    ----------
    n_repeats
        At least 2: one has no spread.
    """
    if n_repeats < 2:
        raise ValueError("One repeat has no spread.")
    given = examples(labels, keys=keys, vectors=vectors)
    if given.reason:
        return LearningCurve((), n_repeats, given.reason)
    called = np.full((len(CURVE), n_repeats, len(given.keys)), RARE)
    sizes = np.zeros((len(CURVE), n_repeats))
    for split in splits(given, n_repeats=n_repeats, seed=seed):
        strength = best_strength(given, split.train, rng=split.rng)
        order = _proportional(given.truth, split.train, split.rng)
        for place, portion in enumerate(CURVE):
            train = np.zeros_like(split.train)
            train[order[: max(1, round(portion * len(order)))]] = True
            predicted = probabilities(given, train, given.vectors[split.test], strength=strength)
            called[place, split.repeat, split.test] = predicted.argmax(axis=1)
            sizes[place, split.repeat] += train.sum() / FOLDS
    f1 = np.array([[macro_f1(given, row[None]) for row in rows] for rows in called])
    points = zip(sizes.mean(axis=1), f1.mean(axis=1), f1.std(axis=1, ddof=1), strict=True)
    return LearningCurve(
        tuple(CurvePoint(round(size), float(mean), float(sd)) for size, mean, sd in points),
        n_repeats,
        None,
    )


def best_strength(given: Examples, train: Mask, *, rng: np.random.Generator) -> float:
    """Return the inverse penalty with the least log loss within the training part."""
    return STRENGTHS[int(log_losses(given, train, rng=rng).argmin())]


def log_losses(given: Examples, train: Mask, *, rng: np.random.Generator) -> Doubles:
    """Return the log loss of each inverse penalty in a cross-validation of the training part."""
    rows = np.flatnonzero(train)
    folds = deal(given.truth[rows], given.groups[rows], n_folds=INNER_FOLDS, rng=rng)
    losses = np.zeros(len(STRENGTHS))
    for fold in range(INNER_FOLDS):
        inside, outside = np.zeros_like(train), rows[folds == fold]
        inside[rows[folds != fold]] = True
        for place, strength in enumerate(STRENGTHS):
            predicted = probabilities(given, inside, given.vectors[outside], strength=strength)
            own = predicted[np.arange(len(outside)), given.truth[outside]]
            losses[place] -= np.log(np.maximum(own, LEAST)).sum()
    return losses


def probabilities(given: Examples, train: Mask, vectors: Doubles, *, strength: float) -> Doubles:
    """Train on some of the examples, and return n_vectors × n_codes probabilities.

    A code that is not trained on has probability 0.
    """
    truth = given.truth[train]
    predicted = np.zeros((len(vectors), len(given.known)))
    learned = np.unique(truth)
    if len(learned) == 1:
        predicted[:, learned] = 1.0
    elif len(vectors):
        model = LogisticRegression(
            C=strength, class_weight="balanced", solver="newton-cg", max_iter=1000
        ).fit(given.vectors[train], truth)
        predicted[:, learned] = model.predict_proba(vectors)
    return predicted


def _proportional(truth: Integers, train: Mask, rng: np.random.Generator) -> Integers:
    """Return the training rows in an order whose every beginning has the codes in proportion."""
    rows = rng.permutation(np.flatnonzero(train))
    at = np.empty(len(rows))
    for code in np.unique(truth[rows]):
        own = truth[rows] == code
        at[own] = (np.arange(own.sum()) + rng.random()) / own.sum()
    ordered: Integers = rows[np.argsort(at, kind="stable")]
    return ordered


@dataclass(frozen=True)
class CodeScore:
    """How often calls are right about one code.

    Attributes
    ----------
    n_docs
        Labelled documents of the code.
    precision, recall, f1
        Undefined, with the reason, of a code that has too few documents to be learned.
    """

    code: str
    n_docs: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True)
class Scores:
    """How often calls are right.

    Attributes
    ----------
    codes
        Every code, by name.
    macro_f1
        Mean F1 of the codes that can be learned.
    micro_f1
        Share of the documents called right. Those of codes that cannot be learned are among them,
        and never right.
    """

    codes: tuple[CodeScore, ...]
    macro_f1: Estimate
    micro_f1: Estimate


@dataclass(frozen=True)
class _Ratios:
    """By draw and code, NaN where undefined; and by draw."""

    precision: Doubles
    recall: Doubles
    f1: Doubles
    macro_f1: Doubles
    micro_f1: Doubles


def judge(given: Examples, called: Integers, *, resamples: int, seed: int) -> Scores:
    """Score calls on documents held out.

    Parameters
    ----------
    called
        n_repeats × n_docs places in the known codes; what stands there does not matter if no
        classifier can be trained (`Examples.reason`).
    """
    n_docs = len(given.keys)
    if given.reason:
        none = undefined(given.reason, n=n_docs)
        codes = [_score(given, code, None, None) for code in sorted(set(given.labels))]
        return Scores(tuple(codes), none, none)
    n_groups = int(given.groups.max()) + 1
    draws = np.concatenate([*bootstrap_counts(np.ones(n_groups), resamples, seed=seed)])
    whole = _ratios(given, called, np.ones((1, n_docs)))
    drawn = _ratios(given, called, draws[:, given.groups])
    return Scores(
        codes=tuple(_score(given, code, whole, drawn) for code in sorted(set(given.labels))),
        macro_f1=_resampled(float(whole.macro_f1[0]), drawn.macro_f1, n_docs),
        micro_f1=_resampled(float(whole.micro_f1[0]), drawn.micro_f1, n_docs),
    )


def macro_f1(given: Examples, called: Integers) -> float:
    """Return the macro F1 of calls, n_repeats × n_docs, without an interval."""
    return float(_ratios(given, called, np.ones((1, len(given.keys)))).macro_f1[0])


def _ratios(given: Examples, called: Integers, draws: Doubles) -> _Ratios:
    """Return what calls score if each document counts as often as drawn: n_draws × n_docs."""
    n_repeats, n_codes = len(called), len(given.known)
    is_code = given.truth[:, None] == np.arange(n_codes)
    n_called = (called[:, :, None] == np.arange(n_codes)).sum(axis=0)
    right, calls = draws @ (n_called * is_code), draws @ n_called
    n_held = n_repeats * (draws @ is_code)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = right / n_held
        # Of a code that was not drawn, whatever is called is wrong: that is no F1 of the code.
        f1 = np.where(n_held > 0, 2 * right / (calls + n_held), np.nan)
        precision = right / calls
    return _Ratios(
        precision=precision,
        recall=recall,
        f1=f1,
        macro_f1=np.nanmean(f1, axis=1),
        micro_f1=right.sum(axis=1) / (n_repeats * draws.sum(axis=1)),
    )


def _score(given: Examples, code: str, whole: _Ratios | None, drawn: _Ratios | None) -> CodeScore:
    n_docs, n_different = given.support(code)
    if code not in given.known:
        reason = f"{n_different} different documents; {FOLDS} folds need {FOLDS}"
        return CodeScore(code, n_docs, *[undefined(reason, n=n_docs)] * 3)
    if whole is None or drawn is None:
        return CodeScore(code, n_docs, *[undefined(str(given.reason), n=n_docs)] * 3)
    place = given.known.index(code)

    def figure(value: Doubles, draws: Doubles) -> Estimate:
        if np.isnan(value[0, place]):
            return undefined("no document was called so", n=n_docs)
        return _resampled(float(value[0, place]), draws[:, place], n_docs)

    return CodeScore(
        code=code,
        n_docs=n_docs,
        precision=figure(whole.precision, drawn.precision),
        recall=figure(whole.recall, drawn.recall),
        f1=figure(whole.f1, drawn.f1),
    )


def _resampled(value: float, draws: Doubles, n: int) -> Estimate:
    return percentile_estimate(value, draws, n=n, percentiles=PERCENTILES)
