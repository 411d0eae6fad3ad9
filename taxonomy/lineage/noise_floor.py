"""The two noise floors of a comparison: re-running, and other documents.

*Re-running: how much a taxonomy differs from itself.*

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

*Other documents of an unchanged population.*

If nothing changed, who came and who left is chance: it might as well have been any other documents.
And which of the two texts of a document described anew is the earlier one is chance, too. So the
fates of the documents (new, left, or there both times) are dealt out anew among all of them, and
the two texts of a document are swapped, many times, while the nodes stay where they are; each
statistic is counted again (a randomisation test; Edgington & Onghena 2007, chapter 2). Where no
document came, left or was described anew, no difference is ever a change, whatever the topic model
made of them.

Four statistics, each for all nodes or pairs at once, studentised over the shuffles:

- *counts*: share of the later snapshot's documents that are in the region of a node, less the share
  of the earlier one's (born), or the reverse (died);
- *separation*: how much more apart documents lie between two nodes, as the mean difference of their
  likeness with the two, on the side that has both nodes than on the other (split, merged);
- *drift*: distance of the means of the earlier and of the later documents of a node that
  goes on, along the first axes of all documents;
- *growth*: how much the share of all documents that such a node's region holds differs.

p-values are by the maximum statistic as those of re-running; those of events times the five
families of events (Bonferroni), at most 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Floats, Integers, contingency, unit_rows
from taxonomy.lineage.ground import Ground, Pair
from taxonomy.types import Labels, count_nodes, node_sizes

RerunStatistic = Literal["division", "absorption", "loss", "shift", "growth"]
STATISTICS: tuple[RerunStatistic, ...] = ("division", "absorption", "loss", "shift", "growth")

LEAST_DEVIATION: Mapping[RerunStatistic, float] = {
    "division": 0.02,
    "absorption": 0.02,
    "loss": 0.02,
    "shift": 0.002,
    "growth": 0.02,
}
"""Resamples that all agree are no proof that nothing deviates: at least this is assumed."""

AGREEMENTS = 5
"""Resampled consensuses whose agreement with the whole is averaged."""

_BOTH, _LEFT, _NEW = 0, 1, 2
_NONE = np.zeros(0, dtype=np.int64)

FAMILIES = 5
PROJECTED = 32


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

    values: Mapping[RerunStatistic, Doubles]
    agreement: float

    def p(self, statistic: RerunStatistic, node: int, observed: float) -> float:
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

    def spread(self, statistic: RerunStatistic) -> float:
        """Return the 95th percentile of the largest studentised value of any node."""
        return float(np.percentile(self._studentised(statistic)[1], 95))

    def mean(self, statistic: RerunStatistic) -> Doubles:
        """Return the mean over the resamples, for each node."""
        mean: Doubles = self.values[statistic].mean(axis=0)
        return mean

    def _deviation(self, statistic: RerunStatistic) -> Doubles:
        spread = self.values[statistic].std(axis=0, ddof=1)
        deviation: Doubles = np.maximum(spread, LEAST_DEVIATION[statistic])
        return deviation

    def _studentised(self, statistic: RerunStatistic) -> tuple[Doubles, Doubles]:
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
    values = {statistic: np.array([row[statistic] for row in rows]) for statistic in STATISTICS}
    return Reruns(values, float(np.mean(agreement)))


def _against(
    codes: Labels, own: Doubles, points: Floats, labels: Labels
) -> dict[RerunStatistic, Doubles]:
    """Return the statistics of every node, its centroid given, against one resampled consensus."""
    n_nodes = len(own)
    n_groups = count_nodes(labels)
    table = contingency(codes, labels, (n_nodes, max(n_groups, 1)))
    sizes = node_sizes(codes, n_nodes)
    home = table.argmax(axis=1)
    held = table[np.arange(n_nodes), home]
    is_held = held > 0
    group_sizes = node_sizes(labels, table.shape[1])
    groups = _means(labels, points, table.shape[1])
    shift = 1 - np.einsum("ij,ij->i", own, groups[home])
    return {
        "division": np.where(is_held, 1 - held / np.maximum(table.sum(axis=1), 1), 0.0),
        "absorption": np.where(is_held, 1 - held / np.maximum(table.sum(axis=0)[home], 1), 0.0),
        "loss": 1 - held / np.maximum(sizes, 1),
        "shift": np.where(is_held, shift, 0.0),
        "growth": np.where(is_held, group_sizes[home] / np.maximum(sizes, 1), 0.0),
    }


def _means(codes: Labels, points: Floats, n: int) -> Doubles:
    placed = np.flatnonzero(codes >= 0)
    ones = np.ones(len(placed), dtype=np.float32)
    member = sp.csr_matrix((ones, (codes[placed], placed)), shape=(n, len(codes)))
    sums = np.asarray(member @ points, dtype=np.float64)
    return unit_rows(sums)


@dataclass(frozen=True)
class Shuffles:
    """The texts of both sides, and how they are dealt out.

    Attributes
    ----------
    side, document
        Of the n_texts texts: the side they are of, and the document's position there. A document
        of both sides has two, alike or not.
    earlier, later
        n_texts × (1 + n_shuffles), 1 where a text counts as of the earlier (later) side; the first
        column is how it was. A text that stands for a document on both sides counts on both.
    moves
        Whether any document came, left or was described anew.
    """

    ground: Ground
    side: Integers
    document: Integers
    earlier: Floats
    later: Floats
    moves: bool

    def counts(self, s: int, rivals: Sequence[int]) -> Doubles:
        """Return a p-value for each node of side ``s``: born (s = 1) or died (s = 0).

        The rivals are as in `Ground.nearer_than`.
        """
        nodes = self._of_texts(self.ground.nearer_than(rivals, s))
        gained = self._gained(nodes, len(self.ground.sides[s].nodes))
        return _p_values(gained if s == 1 else -gained)

    def _gained(self, nodes: NDArray[np.integer], n_nodes: int) -> Doubles:
        """Return each node's share of the later documents less that of the earlier ones.

        For how it was, and each shuffle: (1 + n_shuffles) × n_nodes.
        """
        inside = np.flatnonzero(nodes >= 0)
        ones = np.ones(len(inside), dtype=np.float32)
        shape = (n_nodes, len(self.side))
        values = sp.csr_matrix((ones, (nodes[inside], inside)), shape=shape)
        before, after = (
            np.asarray(values @ weights, dtype=np.float64).T / weights.sum(axis=0)[:, None]
            for weights in (self.earlier, self.later)
        )
        gained: Doubles = after - before
        return gained

    def separation(self, s: int, pairs: Sequence[tuple[int, int]]) -> Doubles:
        """Return a p-value for each pair of nodes of side ``s``: that it is more apart there.

        Documents near either node, or near the node of the other side that most of either's come
        from, are looked at.
        """
        if not pairs:
            return np.zeros(0)
        differences = np.empty((self.later.shape[1], len(pairs)))
        origin = self.ground.tables[s].argmax(axis=1)
        here, there = (
            _positions_by_node(
                self._of_texts([region.node for region in self.ground.regions[side]])
            )
            for side in (s, 1 - s)
        )
        for at, pair in enumerate(pairs):
            near = [here.get(node, _NONE) for node in pair]
            near += [there.get(int(origin[node]), _NONE) for node in pair]
            inside = np.unique(np.concatenate(near))
            differences[:, at] = self._difference(inside, self._apart(s, inside, pair))[:, 0]
        return _p_values(differences if s == 1 else -differences)

    def drift(self, pairs: Sequence[Pair]) -> Doubles:
        """Return a p-value for each earlier and later node that are one: that it moved.

        Documents are looked at in the region of the two together, which favours neither side.
        """
        if not pairs:
            return np.zeros(0)
        # The axes of all documents: those of the centroids would hold just what sets them apart.
        spread = sum(points.T @ points for points in self.ground.points)
        axes = np.linalg.eigh(np.asarray(spread, dtype=np.float64))[1][:, ::-1][:, :PROJECTED]
        projected = [points @ axes.astype(np.float32) for points in self.ground.points]
        texts, near = (
            self._of_texts(projected),
            _positions_by_node(self._of_texts(self._nearest_of(pairs))),
        )
        distances = np.empty((self.later.shape[1], len(pairs)))
        for at in range(len(pairs)):
            inside = near.get(at, _NONE)
            distances[:, at] = np.linalg.norm(self._difference(inside, texts[inside]), axis=1)
        return _p_values(distances)

    def growth(self, pairs: Sequence[Pair]) -> Doubles:
        """Return a p-value for each earlier and later node that are one: that its share changed.

        Either way, in the region of the two together. These are no events: they count alone.
        """
        if not pairs:
            return np.zeros(0)
        nodes = self._of_texts(self._nearest_of(pairs))
        gained = self._gained(np.where(nodes < len(pairs), nodes, -1), len(pairs))
        return _p_values(np.abs(gained - gained[1:].mean(axis=0)), families=1)

    def _nearest_of(self, pairs: Sequence[Pair]) -> list[NDArray[np.int64]]:
        """Return, for the documents of each side, the pair whose middle is nearest.

        Nodes that are in no pair count too, with numbers of their own after those of the pairs.
        """
        one, two = self.ground.centroids
        taken = [{pair[s] for pair in pairs} for s in (0, 1)]
        middles = [one[a] + two[b] for a, b in pairs]
        middles += [
            centroid
            for s in (0, 1)
            for at, centroid in enumerate((one, two)[s])
            if at not in taken[s]
        ]
        rows = np.stack(middles)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return [(points @ rows.T).argmax(axis=1) for points in self.ground.points]

    def _difference(self, inside: Integers, values: Floats) -> Doubles:
        """Return the mean value of what counts as later, less that of what counts as earlier.

        For how it was, and each shuffle: (1 + n_shuffles) × n_values.

        Parameters
        ----------
        inside, values
            Which texts are looked at, and their n_inside × n_values.
        """
        before, after = (
            _mean(weights.T @ values, weights.sum(axis=0)[:, None])
            for weights in (self.earlier[inside], self.later[inside])
        )
        return after - before

    def _apart(self, s: int, inside: Integers, pair: tuple[int, int]) -> Floats:
        """Return how much more like one node of side ``s`` than the other each text is."""
        apart = np.empty((len(inside), 1), dtype=np.float32)
        for t in (0, 1):
            chosen = self.side[inside] == t
            likeness = self.ground.regions[s][t].likeness[self.document[inside[chosen]]]
            apart[chosen, 0] = np.abs(likeness[:, pair[0]] - likeness[:, pair[1]])
        return apart

    def _of_texts(self, by_side: Sequence[NDArray[Any]]) -> NDArray[Any]:
        values = np.empty((len(self.side), *by_side[0].shape[1:]), dtype=by_side[0].dtype)
        for t in (0, 1):
            values[self.side == t] = by_side[t][self.document[self.side == t]]
        return values


def shuffle(ground: Ground, *, n: int, seed: int) -> Shuffles:
    """Deal the documents out ``n`` times."""
    earlier, later = ground.sides
    common = ground.common
    left = np.setdiff1d(np.arange(len(earlier.keys)), common[:, 0])
    new = np.setdiff1d(np.arange(len(later.keys)), common[:, 1])
    # One row a document: where its earlier and its later text stand among the texts.
    n_both, n_left, n_new = len(common), len(left), len(new)
    side = np.repeat([0, 1, 0, 1], [n_both, n_both, n_left, n_new])
    document = np.concatenate([common[:, 0], common[:, 1], left, new]).astype(np.int64)
    alone = np.arange(2 * n_both, len(side))
    first = np.concatenate([np.arange(n_both), alone])
    second = np.concatenate([np.arange(n_both, 2 * n_both), alone])
    was = np.repeat([_BOTH, _LEFT, _NEW], [n_both, n_left, n_new])
    rng = np.random.default_rng(seed)
    weights = np.zeros((2, n + 1, len(side)), dtype=np.uint8)
    for row in range(n + 1):
        fates = was if row == 0 else rng.permutation(was)
        swapped = np.zeros(len(was), dtype=bool) if row == 0 else rng.random(len(was)) < 0.5
        before, after = np.where(swapped, second, first), np.where(swapped, first, second)
        weights[0, row, before[fates != _NEW]] = 1
        weights[1, row, after[fates != _LEFT]] = 1
    anew = any(earlier.texts[a] != later.texts[b] for a, b in common.tolist())
    before, after = (np.ascontiguousarray(rows.T).astype(np.float32) for rows in weights)
    return Shuffles(
        ground=ground,
        side=side,
        document=document,
        earlier=before,
        later=after,
        moves=bool(len(alone)) or anew,
    )


def _positions_by_node(nodes: NDArray[np.integer]) -> dict[int, Integers]:
    """Return the positions at which each node stands."""
    order = np.argsort(nodes, kind="stable")
    present, first = np.unique(nodes[order], return_index=True)
    return dict(zip(present.tolist(), np.split(order, first[1:]), strict=True))


def _p_values(values: Doubles, *, families: int = FAMILIES) -> Doubles:
    """Return a p-value for each column: its first row against the largest of all columns."""
    chance = values[1:]
    deviation = chance.std(axis=0, ddof=1)
    z = np.zeros_like(values)
    np.divide(values - chance.mean(axis=0), deviation, out=z, where=deviation > 1e-9)
    largest = z[1:].max(axis=1)
    as_large = (largest[:, None] >= z[0][None, :] - 1e-9).sum(axis=0)
    p: Doubles = np.minimum(families * (1 + as_large) / (1 + len(chance)), 1.0)
    return p


def _mean(total: NDArray[np.floating], number: NDArray[np.floating]) -> Doubles:
    mean: Doubles = np.divide(total, number, out=np.zeros(total.shape), where=number > 0)
    return mean
