"""How right a scan is: its uses held against uses that people found in the same code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from artifacts.intervals import Interval
from insights.usage.facts import use_of
from insights.usage.tables import use_in
from usage.features import Features, Form

UseClass = Literal["direct", "instance", "commands and workflows", "configuration", "declarations"]
CLASSES: Final[tuple[UseClass, ...]] = (
    "direct",
    "instance",
    "commands and workflows",
    "configuration",
    "declarations",
)
Row = Mapping[str, str]
"""A use; the columns read here are ``project path line symbol channel kind how``."""
Key = tuple[str, str, str, str]


def class_of(row: Row) -> UseClass:
    """Return the one class that a use is of."""
    if row["channel"] == "requirement" or row["kind"] in ("declared", "pip-install"):
        return "declarations"
    if "instance" in row["how"]:
        return "instance"
    if row["channel"] in ("cli", "workflow"):
        return "commands and workflows"
    return "configuration" if row["channel"] == "config" else "direct"


def key_of(row: Row) -> Key:
    """Return what two rows of one use share."""
    return row["project"], row["path"], row["line"], row["symbol"]


@dataclass(frozen=True)
class Score:
    """Precision and recall, pooled and as the mean over projects.

    Attributes
    ----------
    found, right
        Rows of the scan, and those among them that the truth has.
    true, recalled
        Rows of the truth, and those among them that the scan has.
    precision, recall
        Pooled, with 95 % intervals by a bootstrap over projects; None without rows.
    mean_precision, mean_recall
        Means over the projects that have such rows, and their numbers.
    """

    found: int
    right: int
    true: int
    recalled: int
    precision: Interval | None
    recall: Interval | None
    mean_precision: tuple[float, int] | None
    mean_recall: tuple[float, int] | None


Hits = dict[str, list[int]]
"""By project: how many rows there are, and how many of them the other side has."""


def score(pairs: Iterable[tuple[str, bool]], truths: Iterable[tuple[str, bool]]) -> Score:
    """Return the score of rows of a scan and of a truth, each with whether the other has it."""
    ours, theirs = _by_project(pairs), _by_project(truths)
    return Score(
        *_sums(ours),
        *_sums(theirs),
        _share(ours),
        _share(theirs),
        _mean(ours),
        _mean(theirs),
    )


def evaluate_uses(uses: Iterable[Row], truth: Iterable[Row]) -> dict[UseClass, Score]:
    """Return the score of each class; a use is right if the truth has its line and symbol."""
    ours = {key_of(row): class_of(row) for row in uses}
    theirs = {key_of(row): class_of(row) for row in truth}
    return {
        each: score(
            ((key[0], key in theirs) for key, its in ours.items() if its == each),
            ((key[0], key in ours) for key, its in theirs.items() if its == each),
        )
        for each in CLASSES
    }


def evaluate_triples(
    ours: Iterable[tuple[str, str, str]], theirs: Iterable[tuple[str, str, str]]
) -> Score:
    """Return the score of triples of project, framework and feature, each counted once."""
    mine, true = set(ours), set(theirs)
    return score(((each[0], each in true) for each in mine), ((t[0], t in mine) for t in true))


def _by_project(rows: Iterable[tuple[str, bool]]) -> Hits:
    hits: Hits = defaultdict(lambda: [0, 0])
    for project, hit in rows:
        hits[project][0] += 1
        hits[project][1] += hit
    return dict(hits)


def _sums(hits: Hits) -> tuple[int, int]:
    return sum(n for n, _ in hits.values()), sum(hit for _, hit in hits.values())


def _share(hits: Hits, *, n_resamples: int = 2000, seed: int = 0) -> Interval | None:
    if not hits:
        return None
    counts = np.array([hits[project] for project in sorted(hits)], dtype=np.float64)
    rng = np.random.default_rng(seed)
    drawn = counts[rng.integers(len(counts), size=(n_resamples, len(counts)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 1] / drawn[:, 0], (2.5, 97.5))
    n, hit = counts.sum(axis=0)
    return Interval(float(hit / n), float(low), float(high))


def _mean(hits: Hits) -> tuple[float, int] | None:
    if not hits:
        return None
    return float(np.mean([hit / n for n, hit in hits.values()])), len(hits)


UNNAMED_FEATURES: Final = frozenset({"", "import-only", "requirement"})
"""What a truth calls a use that is of no feature: that the framework is there, or declared."""
OF_VARIABLES_AND_IMAGES: Final[Mapping[str, Mapping[Form, str]]] = {
    "feature": {"env": "configuration", "image": "container-image"},
    "code": {"env": "configuration-and-projects", "image": "compute"},
}
"""What environment variables and images stand for, which maps do not list, by the map's column."""


@dataclass(frozen=True)
class UseEvaluation:
    """How right a scan is.

    Attributes
    ----------
    classes
        By class of use.
    triples
        Of project, framework and feature: by the map's words, given to the scanner; and by the
        codes of the framework files. Empty without a map.
    decoys
        Projects without a row in the truth, each with the uses that the scan has there.
    """

    classes: Mapping[UseClass, Score]
    triples: Mapping[str, Score]
    decoys: Mapping[str, int]


def evaluate_scan(
    uses: Sequence[Mapping[str, Any]],
    projects: Iterable[str],
    truth: Sequence[Row],
    maps: Mapping[str, Features] | None = None,
) -> UseEvaluation:
    """Return how right the uses are that a scan found in projects.

    Parameters
    ----------
    uses
        Rows of `insights.usage.tables.USES`.
    projects
        All that were scanned: what is found in one without a row in the truth is wrong.
    maps
        A map of features by each of its columns ``feature`` and ``code``.
    """
    scanned = set(projects)
    ours = [row for row in uses if row["project"] in scanned]
    theirs = [row for row in truth if row["project"] in scanned and row["framework"]]
    told = {row["project"] for row in theirs}
    triples = {}
    for column, features in (maps or {}).items():
        by_map = column == "feature"
        triples[column] = evaluate_triples(
            _triples(
                (row, features.find(use_in(row)) if by_map else row["feature"]) for row in ours
            ),
            _triples((r, r["feature"] if by_map else features.find(use_of(r))) for r in theirs),
        )
    found = Counter(row["project"] for row in ours)
    return UseEvaluation(
        evaluate_uses(ours, theirs),
        triples,
        {project: found[project] for project in sorted(scanned - told)},
    )


def _triples(
    rows: Iterable[tuple[Mapping[str, Any], str | None]],
) -> Iterator[tuple[str, str, str]]:
    for row, feature in rows:
        if feature is not None and feature not in UNNAMED_FEATURES:
            yield row["project"], row["framework"], feature
