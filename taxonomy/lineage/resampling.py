"""Resampled consensuses: what parts of one ensemble would have answered.

Each is drawn from the stored runs of a taxonomy, half of them without replacement, and joined as
the whole ensemble is: average linkage over co-association, then placing. No run is done again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from artifacts.progress import Progress
from artifacts.words import NOISE
from taxonomy.consensus import membership_shares
from taxonomy.types import CUTS, UNSEEN, Labels

SHARE = 0.5
"""Of the runs, in each resample: any two of them differ at least as much as two whole ensembles."""

Blocks = list[NDArray[np.int64]]
"""Documents that may be joined with each other, set by set."""

ROUNDS = 5
FEW_DOCUMENTS = 2_500
"""Documents up to which each pair is looked at; beyond, those of topics that have to do with each
other."""
RELATED = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
"""Mean co-association from which two topics have to do with each other: the first of these at which
no set of topics has more documents than that; else the last, with which all that can be joined at
the default cohesion is looked at."""


def resample(
    runs: Labels,
    nearest: Labels,
    *,
    n: int,
    seed: int,
    cohesion: float,
    placement: float,
    smallest: int,
    progress: Progress,
) -> Labels:
    """Return the labels of ``n`` resampled consensuses, n × n_docs.

    Parameters
    ----------
    runs
        (n_runs · CUTS) × n_docs labels; the cuts of a run stay together.
    nearest
        n_docs topics of the whole consensus, unplaced documents with the one that they are most
        often with; used above `FEW_DOCUMENTS` only.
    cohesion, placement, smallest
        As the taxonomy was built with.
    """
    blocks = blocks_of(runs, nearest)
    found = np.empty((n, runs.shape[1]), dtype=np.int32)
    with progress.task("resampled consensuses", n, unit="consensuses") as task:
        for number, rows in enumerate(drawn_rows(len(runs), n=n, seed=seed)):
            found[number] = consensus(
                runs[rows], blocks, cohesion=cohesion, placement=placement, smallest=smallest
            )
            task.advance()
    return found


def drawn_rows(n_rows: int, *, n: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of an ensemble that each of ``n`` resamples is made of."""
    rng = np.random.default_rng(seed)
    n_runs = n_rows // CUTS
    n_drawn = max(1, round(SHARE * n_runs))
    for _ in range(n):
        drawn = np.sort(rng.choice(n_runs, size=n_drawn, replace=False))
        yield (drawn[:, None] * CUTS + np.arange(CUTS)).ravel()


def consensus(
    rows: Labels, blocks: Blocks, *, cohesion: float, placement: float, smallest: int
) -> Labels:
    """Return the topics that some runs agree on."""
    groups = np.arange(rows.shape[1], dtype=np.int32)
    for block in blocks:
        groups[block] = block[joined(rows[:, block], threshold=cohesion)]
    return placed(rows, groups, placement=placement, smallest=smallest)


def blocks_of(runs: Labels, nearest: Labels) -> Blocks:
    """Return the documents that may be joined with each other, set by set."""
    from scipy.sparse.csgraph import connected_components

    n_docs = runs.shape[1]
    if n_docs <= FEW_DOCUMENTS:
        return [np.arange(n_docs)]
    together, seen = co_association(runs, nearest)
    for related in RELATED:
        _, block_of = connected_components(together >= related * seen, directed=False)
        of_docs = np.where(nearest >= 0, block_of[nearest], NOISE)
        if np.bincount(of_docs[of_docs >= 0]).max(initial=0) <= FEW_DOCUMENTS:
            break
    return [np.flatnonzero(of_docs == block) for block in np.unique(of_docs[of_docs >= 0])]


def joined(rows: Labels, *, threshold: float) -> NDArray[np.int64]:
    """Join documents while the mean co-association of two groups reaches ``threshold``.

    Average linkage by nearest-neighbour chains (Murtagh 1983, doi 10.1093/comjnl/26.4.354). The
    mean over all pairs of two groups is a mediant of those of their parts, so it lies between
    them: the linkage is reducible, and chains give the same groups as the most alike first.

    Returns, for each of the n_docs documents, the number of one document of its group.
    """
    together, seen = co_association(rows, np.arange(rows.shape[1]))
    group = np.arange(len(together))
    active = np.ones(len(group), dtype=bool)
    chain: list[int] = []
    while True:
        if not chain:
            left = np.flatnonzero(active)
            if len(left) < 2:
                return group
            chain.append(int(left[0]))
        last = chain[-1]
        likeness = np.where(active, together[last] / seen[last], -1.0)
        likeness[last] = -1.0
        before = chain[-2] if len(chain) > 1 else -1
        nearest = int(likeness.argmax())
        if before >= 0 and likeness[before] >= likeness[nearest]:
            nearest = before
        mean = likeness[nearest]
        if mean >= 0:  # in double precision, as a mean that is the threshold must reach it
            mean = float(together[last, nearest]) / float(seen[last, nearest])
        if mean < threshold:  # so are all others', and stay so: this group is whole
            active[last] = False
            chain.pop()
        elif nearest == before:
            del chain[-2:]
            for matrix in (together, seen):
                matrix[before] += matrix[last]
                matrix[:, before] = matrix[before]
            active[last] = False
            group[group == last] = before
        else:
            chain.append(nearest)


def co_association(
    rows: Labels, units: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return, over the runs, how many pairs of documents of each two units are together, and seen.

    Parameters
    ----------
    rows
        n_rows × n_docs labels.
    units
        n_docs numbers; negative where a document is of none.
    """
    n_rows = len(rows)
    n_units = int(units.max(initial=NOISE)) + 1
    width = int(rows.max(initial=0)) + 1
    row, document = np.nonzero((rows >= 0) & (units >= 0))
    cells = rows[row, document] + row * width
    ones = np.ones(len(row), dtype=np.float32)
    clusters = sp.csr_matrix((ones, (units[document], cells)), shape=(n_units, n_rows * width))
    together = np.asarray((clusters @ clusters.T).todense(), dtype=np.float32)
    known = np.flatnonzero(units >= 0)
    member = sp.csr_matrix(
        (np.ones(len(known)), (units[known], known)), shape=(n_units, rows.shape[1])
    )
    saw = (member @ (rows != UNSEEN).T.astype(np.float64)).astype(np.float32)
    return together, np.maximum(saw @ saw.T, np.float32(1e-6))


def placed(rows: Labels, groups: NDArray[np.int32], *, placement: float, smallest: int) -> Labels:
    """Place each document in the group that it is most often with, or nowhere.

    Groups of fewer than ``smallest`` documents are given up.
    """
    topics = _large(groups, smallest)
    for _ in range(ROUNDS):
        if topics.max() == NOISE:
            break
        shares = membership_shares(rows, topics)
        nearest = shares.argmax(axis=1)
        strengths = shares[np.arange(len(nearest)), nearest]
        again = _large(np.where(strengths > placement, nearest, NOISE).astype(np.int32), smallest)
        settled = np.array_equal(again, topics)
        topics = again
        if settled:
            break
    return topics


def _large(groups: NDArray[np.int32], smallest: int) -> Labels:
    """Return the groups that are large enough, numbered from 0 by their first document."""
    sizes = np.bincount(groups[groups >= 0], minlength=1)
    numbers = np.full(len(sizes), NOISE, dtype=np.int32)
    kept, first = np.unique(groups[groups >= 0], return_index=True)
    ordered = [int(kept[at]) for at in np.argsort(first) if sizes[kept[at]] >= smallest]
    numbers[ordered] = np.arange(len(ordered))
    return np.where(groups >= 0, numbers[groups], NOISE).astype(np.int32)
