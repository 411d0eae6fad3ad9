"""How the classifiers of kinds are fitted: the shipped ones and those of cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold

from artifacts.arrays import Doubles, Integers
from benchmarks.kinds_data import WORDS, Coded, Inputs, Issues, Repositories
from insights.kinds.kinds import FULL, WITHOUT_VECTORS
from insights.kinds.linear import FEATURES, FeatureBlock, Head, KindModel, TrainingDraw, weighted
from insights.kinds.vocabulary import ISSUE_KINDS, KINDS

SEED, FOLDS = 0, 5
OWN_WEIGHT = 2.0
"""Weight of a repository that one coder sorted; those that two did count once for each."""
DIGITS = {FEATURES: 5, WORDS: 2}
VECTOR_DIGITS = 3
MAX_STEPS = 5000


@dataclass(frozen=True)
class Recipe:
    """What a head is fitted on and how.

    Attributes
    ----------
    scales
        By block: what its inputs are multiplied by, that is, how freely they may weigh.
    strength
        Inverse of the L2 penalty.
    balanced
        Whether every class weighs the same.
    """

    scales: Mapping[str, float]
    strength: float
    balanced: bool


# Chosen by 5-fold cross-validation on the training part of kinds_labels.csv (added to kinds-2023),
# and on the issues; never by the test part.
REPOSITORIES = {
    FULL: Recipe({FEATURES: 1.0, "text": 8.0, "description": 8.0}, 0.02, True),
    WITHOUT_VECTORS: Recipe({FEATURES: 1.0}, 0.02, True),
}
ISSUES = {
    FULL: Recipe({FEATURES: 0.2, "title": 2.0, "prose": 2.0, "raw": 2.0, WORDS: 6.0}, 0.1, False),
    WITHOUT_VECTORS: Recipe({FEATURES: 0.2, WORDS: 6.0}, 0.1, False),
}
REPOSITORY_THRESHOLD, ISSUE_THRESHOLD = 0.4, 0.5


@dataclass(frozen=True)
class Fitted:
    """A head, and what its inputs need: means of the features, weights of the hashed words."""

    head: Head
    means: Doubles
    document_weights: Doubles | None

    def probabilities(self, blocks: Mapping[str, FeatureBlock]) -> Doubles:
        """Return n_rows × n_classes probabilities for raw blocks (words as counts)."""
        ready = dict(blocks)
        if self.document_weights is not None:
            ready[WORDS] = weighted(blocks[WORDS], self.document_weights)
        return self.head.probabilities(ready)


def fit(
    recipe: Recipe,
    blocks: Mapping[str, FeatureBlock],
    kinds: Integers,
    *,
    n_classes: int,
    weights: Doubles | None = None,
) -> Fitted:
    """Fit a head; scaling is folded into its coefficients, which are rounded.

    Parameters
    ----------
    blocks
        Raw inputs by name, one row for each of ``kinds``.
    weights
        Of the rows.

    Raises
    ------
    ValueError
        If a class has no row.
    """
    if len(np.unique(kinds)) != n_classes:
        raise ValueError("Every class needs a row to learn from.")
    means = blocks[FEATURES].mean(axis=0)
    spread = blocks[FEATURES].std(axis=0)
    spread[spread == 0] = 1.0
    words_weights = document_weights(blocks[WORDS]) if WORDS in recipe.scales else None
    parts, factors = [], {}
    for name, scale in recipe.scales.items():
        factors[name] = scale / spread if name == FEATURES else np.array(scale)
        if name == FEATURES:
            parts.append((blocks[name] - means) * factors[name])
        elif words_weights is not None and name == WORDS:
            parts.append(weighted(blocks[name], words_weights) * scale)
        else:
            parts.append(blocks[name] * scale)
    is_sparse = any(sp.issparse(part) for part in parts)
    joined = sp.hstack(parts).tocsr() if is_sparse else np.hstack(parts)
    model = LogisticRegression(
        C=recipe.strength,
        max_iter=MAX_STEPS,
        class_weight="balanced" if recipe.balanced else None,
    ).fit(joined, kinds, sample_weight=weights)
    return Fitted(_head(model, recipe, parts, factors, means), means, words_weights)


def _head(
    model: LogisticRegression,
    recipe: Recipe,
    parts: Sequence[FeatureBlock],
    factors: Mapping[str, Doubles],
    means: Doubles,
) -> Head:
    coefficients: dict[str, list[list[float]]] = {}
    intercepts = np.array(model.intercept_)
    start = 0
    for name, part in zip(recipe.scales, parts, strict=True):
        found = model.coef_[:, start : start + part.shape[1]] * factors[name]
        found = np.round(found, DIGITS.get(name, VECTOR_DIGITS)) + 0.0  # no -0.0
        start += part.shape[1]
        coefficients[name] = found.tolist()
        if name == FEATURES:
            intercepts = intercepts - found @ means
    return Head(
        weight=1.0,
        intercepts=(np.round(intercepts, 4) + 0.0).tolist(),
        coefficients=coefficients,
    )


def document_weights(counts: FeatureBlock) -> Doubles:
    """Return the inverse document frequency of each bucket, smoothed, with two decimals."""
    n_docs = counts.shape[0]
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    found: Doubles = np.round(np.log((1 + n_docs) / (1 + n_with)) + 1, 2)
    return found


def fit_repositories(
    recipe: Recipe, inputs: Inputs, coded: Sequence[tuple[Coded, float]]
) -> Fitted:
    """Fit a head on what coders said, each with a weight."""
    rows = np.concatenate([each.rows for each, _ in coded])
    kinds = np.concatenate([each.kinds for each, _ in coded])
    weights = np.concatenate([np.full(len(each.rows), weight) for each, weight in coded])
    return fit(recipe, inputs.at(rows), kinds, n_classes=len(KINDS), weights=weights)


def part_of(coded: Coded, places: Integers) -> Coded:
    """Return some of what a coder said."""
    return Coded(coded.name, coded.rows[places], coded.kinds[places])


def folds(kinds: Integers, seed: int) -> list[tuple[Integers, Integers]]:
    """Return (train, held-out) places of five stratified folds."""
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(kinds)), kinds))


def held_out_2023(data: Repositories, recipe: Recipe, *, seed: int, more: bool = True) -> Doubles:
    """Return probabilities for the repositories of kinds-2023, each by a model without it.

    Parameters
    ----------
    more
        Whether the training part of kinds_labels.csv is learnt from as well.
    """
    found = np.zeros((len(data.coder_a.rows), len(KINDS)))
    for train, held in folds(data.coder_a.kinds, seed):
        coded = [(part_of(data.coder_a, train), 1.0), (part_of(data.coder_b, train), 1.0)]
        coded += [(data.training, OWN_WEIGHT)] if more else []
        fitted = fit_repositories(recipe, data.inputs, coded)
        found[held] = fitted.probabilities(data.inputs.at(data.coder_a.rows[held]))
    return found


def held_out_training(data: Repositories, recipe: Recipe, *, seed: int) -> Doubles:
    """Return probabilities for the training part of our labels, each by a model without it."""
    found = np.zeros((len(data.training.rows), len(KINDS)))
    splitter = KFold(FOLDS, shuffle=True, random_state=seed)  # too few of some kinds to stratify
    for train, held in splitter.split(data.training.rows):
        coded = [(data.coder_a, 1.0), (data.coder_b, 1.0)]
        coded.append((part_of(data.training, train), OWN_WEIGHT))
        fitted = fit_repositories(recipe, data.inputs, coded)
        found[held] = fitted.probabilities(data.inputs.at(data.training.rows[held]))
    return found


def fit_all(data: Repositories, recipe: Recipe) -> Fitted:
    """Fit a head on all that may be learnt from: kinds-2023 and the training part."""
    coded = [(data.coder_a, 1.0), (data.coder_b, 1.0), (data.training, OWN_WEIGHT)]
    return fit_repositories(recipe, data.inputs, coded)


def held_out_issues(
    data: Issues, recipe: Recipe, splits: Sequence[tuple[Integers, Integers]]
) -> Doubles:
    """Return probabilities for the issues, each by a model without its fold."""
    found = np.zeros((len(data.kinds), len(ISSUE_KINDS)))
    for train, held in splits:
        fitted = fit(recipe, data.inputs.at(train), data.kinds[train], n_classes=len(ISSUE_KINDS))
        found[held] = fitted.probabilities(data.inputs.at(held))
    return found


def projects_apart(data: Issues) -> list[tuple[Integers, Integers]]:
    """Return (train, held-out) places that leave one project out each time."""
    projects = np.array(data.projects)
    return [
        (np.flatnonzero(projects != each), np.flatnonzero(projects == each))
        for each in np.unique(projects)
    ]


def confusion(kinds: Integers, probabilities: Doubles) -> Integers:
    """Return how many of each class (row) were called each (column)."""
    n_classes = probabilities.shape[1]
    found = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(found, (kinds, probabilities.argmax(axis=1)), 1)
    return found


def model_of(
    target: str,
    classes: Sequence[str],
    inputs: Inputs,
    fitted: Mapping[str, Fitted],
    held_out: Mapping[str, Integers],
    *,
    drawn: TrainingDraw,
    threshold: float,
    training: dict[str, Any],
) -> KindModel:
    """Return fitted heads as the model that is shipped."""
    first = fitted[FULL]
    words_weights = first.document_weights
    return KindModel(
        target=target,
        classes=list(classes),
        names=inputs.names,
        means=np.round(first.means, 5).tolist(),
        document_weights={} if words_weights is None else {WORDS: words_weights.tolist()},
        heads={name: [each.head] for name, each in fitted.items()},
        threshold=threshold,
        encoder=inputs.encoder,
        held_out={name: counts.tolist() for name, counts in held_out.items()},
        drawn=drawn,
        training=training,
    )
