"""Planted documents, runs and neighbours: cases whose right answer is known beforehand."""

from __future__ import annotations

import random

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from artifacts.arrays import Floats
from artifacts.words import NOISE
from taxonomy.space import NeighbourGraph
from taxonomy.types import UNSEEN, Labels

EACH_IN_FAMILY = 10
"""Documents of each topic of a family."""
THEMES = (
    "serving endpoint latency gateway inference replica autoscaling rollout traffic batching",
    "tracking experiment metric logger artifact comparison dashboard hyperparameter notebook run",
    "drift monitoring alert distribution statistics threshold quality reference window detector",
    "lineage versioning commit branch storage checkpoint snapshot dataset pointer remote",
)


def planted_texts(n_each: int, *, themes: int = 4, seed: int = 0) -> tuple[list[str], Labels]:
    """Return texts of six words of one theme each and two of their own, and the themes."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(themes, dtype=np.int32), n_each)
    texts = []
    for document, theme in enumerate(truth):
        words = rng.choice(THEMES[theme].split(), size=6, replace=False).tolist()
        texts.append(" ".join([*words, f"own{document}", f"only{document}"]))
    return texts, truth


def blobs(n_each: int, *, groups: int = 3, spread: float = 0.15, seed: int = 0) -> Floats:
    """Return n_each × groups vectors of unit length around ``groups`` axes, group after group."""
    rng = np.random.default_rng(seed)
    vectors = np.repeat(np.eye(groups, 8), n_each, axis=0) + rng.normal(
        scale=spread, size=(n_each * groups, 8)
    )
    unit: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def planted_runs(
    truth: Labels, *, n_runs: int, noise: float, unseen: float = 0.0, seed: int = 0
) -> Labels:
    """Return runs that find ``truth`` under other numbers each, but for noise and the unseen."""
    rng = np.random.default_rng(seed)
    runs = np.array([rng.permutation(int(truth.max()) + 1)[truth] for _ in range(n_runs)])
    runs[:, truth < 0] = NOISE
    runs[rng.random(runs.shape) < noise] = NOISE
    runs[rng.random(runs.shape) < unseen] = UNSEEN
    return runs.astype(np.int32)


def complete_graph(n_docs: int) -> NeighbourGraph:
    """Return a graph in which everybody is everybody's neighbour."""
    others = [[other for other in range(n_docs) if other != doc] for doc in range(n_docs)]
    return graph_of(np.array(others))


def graph_of(
    neighbours: NDArray[np.int64], memberships: NDArray[np.float64] | None = None
) -> NeighbourGraph:
    """Return a graph with these neighbours, or these memberships."""
    n_docs = len(neighbours)
    return NeighbourGraph(
        neighbours=neighbours,
        memberships=sp.csr_matrix(np.eye(n_docs) if memberships is None else memberships),
        start=np.zeros((n_docs, 2), dtype=np.float32),
    )


def planted_requests() -> tuple[list[str], list[int]]:
    """Return requests of four topics, all told with the same verbs."""
    rng = random.Random(3)
    verbs = ["wants the", "proposes a", "asks the", "wants a"]
    things = ["registry webhook", "drift alert", "notebook export", "cluster quota"]
    rows = [
        (f"The user {rng.choice(verbs)} {thing} and a {thing}", topic)
        for topic, thing in enumerate(things)
        for _ in range(12)
    ]
    return [text for text, _ in rows], [topic for _, topic in rows]


def families(
    n_families: int, n_topics: int, *, apart: float = 0.5, spread: float = 0.02
) -> tuple[Labels, Floats]:
    """Return documents of topics that lie near each other, family by family, and their vectors."""
    rng = np.random.default_rng(0)
    topics = np.repeat(np.arange(n_families * n_topics, dtype=np.int32), EACH_IN_FAMILY)
    centres = np.repeat(np.eye(n_families, 40), n_topics, axis=0)
    centres += apart * np.eye(len(centres), 40)[:, ::-1]
    vectors = centres[topics] + rng.normal(scale=spread, size=(len(topics), 40))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return topics, unit.astype(np.float32)
