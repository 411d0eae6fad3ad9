"""Precision, recall and F1 of calls on documents held out, with intervals.

Counts are pooled over folds and repeats before any ratio is taken (Forman and Scholz 2010), and
resampled by document, equal ones together. So intervals hold for other documents, not for another
training set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Doubles, Integers
from artifacts.intervals import Estimate, bootstrap_counts, percentile_estimate
from labels.validation.examples import FOLDS, Examples
from labels.validation.values import PERCENTILES, undefined

RESAMPLES = 2000


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
