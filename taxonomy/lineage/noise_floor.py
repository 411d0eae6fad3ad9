"""The noise floor of re-running: how much a taxonomy differs from itself.

Every node of the whole consensus is compared with the group of each resampled consensus that holds
most of it, by the same statistics as with a node of the other snapshot:

- *division*: share of its grouped documents that are not in that group;
- *absorption*: share of that group that is of other nodes;
- *loss*: share of its documents that are not in that group;
- *shift*: cosine distance of the two centroids;
- *growth*: size of that group over its own.

An observed statistic is studentised by its own node's mean and deviation over the resamples, and
held against the largest studentised value of any node in each resample: the maximum statistic of
Westfall & Young (1993, section 2.6), so that the p-value is for all nodes at once. It is counted as
(1 + as large) / (1 + resamples) (Davison & Hinkley 1997, eq. 4.11; Phipson & Smyth 2010,
doi 10.2202/1544-6115.1585).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from artifacts.arrays import Doubles, Floats, contingency, unit_rows
from artifacts.words import NOISE
from taxonomy.types import Labels

Statistic = Literal["division", "absorption", "loss", "shift", "growth"]
STATISTICS: tuple[Statistic, ...] = ("division", "absorption", "loss", "shift", "growth")

LEAST_DEVIATION: Mapping[Statistic, float] = {
    "division": 0.02,
    "absorption": 0.02,
    "loss": 0.02,
    "shift": 0.002,
    "growth": 0.02,
}
"""Resamples that all agree are no proof of no deviation: at least this is reckoned with."""

AGREEMENTS = 5
"""Resampled consensuses whose agreement with the whole is averaged."""


@dataclass(frozen=True)
class Reruns:
    """What re-running gives for every node of one side.

    Attributes
    ----------
    values
        n_resamples × n_nodes, by statistic.
    agreement
        Mean adjusted mutual information of resampled consensuses with the whole one.
    """

    values: Mapping[Statistic, Doubles]
    agreement: float

    def p(self, statistic: Statistic, node: int, observed: float) -> float:
        """Return how often re-running gives so much for any node; see the module."""
        _, largest = self._studentised(statistic)
        z = (observed - self.mean(statistic)[node]) / self._deviation(statistic)[node]
        return float((1 + (largest >= z).sum()) / (1 + len(largest)))

    def p_growth(self, node: int, ratio: float) -> float:
        """Return how often re-running gives a ratio of sizes so far from the usual, either way."""
        z, _ = self._studentised("growth")
        largest = np.abs(z).max(axis=1)
        off = abs(ratio - self.mean("growth")[node]) / self._deviation("growth")[node]
        return float((1 + (largest >= off).sum()) / (1 + len(largest)))

    def spread(self, statistic: Statistic) -> float:
        """Return the 95th percentile of the largest studentised value of any node."""
        return float(np.percentile(self._studentised(statistic)[1], 95))

    def mean(self, statistic: Statistic) -> Doubles:
        """Return the mean over the resamples, for each node."""
        mean: Doubles = self.values[statistic].mean(axis=0)
        return mean

    def _deviation(self, statistic: Statistic) -> Doubles:
        found = self.values[statistic].std(axis=0, ddof=1)
        deviation: Doubles = np.maximum(found, LEAST_DEVIATION[statistic])
        return deviation

    def _studentised(self, statistic: Statistic) -> tuple[Doubles, Doubles]:
        z = (self.values[statistic] - self.mean(statistic)) / self._deviation(statistic)
        return z, z.max(axis=1)


def rerun(codes: Labels, n_nodes: int, points: Floats, resampled: Labels) -> Reruns:
    """Compare the nodes of one side with its resampled consensuses.

    Parameters
    ----------
    codes
        n_docs positions of nodes, or `NOISE`.
    points
        n_docs × n_dims rows of unit length.
    resampled
        n_resamples × n_docs labels.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    own = _means(codes, points, n_nodes)
    rows = [_against(codes, own, points, labels) for labels in resampled]
    some = resampled[:AGREEMENTS]  # the figure is steady, and costly where nodes are many
    agreement = [float(adjusted_mutual_info_score(codes, labels)) for labels in some]
    values = {each: np.array([row[each] for row in rows]) for each in STATISTICS}
    return Reruns(values, float(np.mean(agreement)))


def _against(
    codes: Labels, own: Doubles, points: Floats, labels: Labels
) -> dict[Statistic, Doubles]:
    """Return the statistics of every node, its centroid given, against one resampled consensus."""
    n_nodes = len(own)
    n_groups = int(labels.max(initial=NOISE)) + 1
    table = contingency(codes, labels, (n_nodes, max(n_groups, 1)))
    sizes = np.bincount(codes[codes >= 0], minlength=n_nodes)
    home = table.argmax(axis=1)
    held = table[np.arange(n_nodes), home]
    found = held > 0
    group_sizes = np.bincount(labels[labels >= 0], minlength=table.shape[1])
    groups = _means(labels, points, table.shape[1])
    shift = 1 - np.einsum("ij,ij->i", own, groups[home])
    return {
        "division": np.where(found, 1 - held / np.maximum(table.sum(axis=1), 1), 0.0),
        "absorption": np.where(found, 1 - held / np.maximum(table.sum(axis=0)[home], 1), 0.0),
        "loss": 1 - held / np.maximum(sizes, 1),
        "shift": np.where(found, shift, 0.0),
        "growth": np.where(found, group_sizes[home] / np.maximum(sizes, 1), 0.0),
    }


def _means(codes: Labels, points: Floats, n: int) -> Doubles:
    import scipy.sparse as sp

    placed = np.flatnonzero(codes >= 0)
    ones = np.ones(len(placed), dtype=np.float32)
    member = sp.csr_matrix((ones, (codes[placed], placed)), shape=(n, len(codes)))
    sums = np.asarray(member @ points, dtype=np.float64)
    return unit_rows(sums)
