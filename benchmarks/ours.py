"""The one place where the benchmarks meet opsatlas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artifacts.progress import SilentProgress
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import Encoder, plan_encoder
from embeddings.settings import VectorSettings
from taxonomy.engine import find_topics
from taxonomy.settings import TopicSettings

SEEDS_APART = 1_000

Vectors = NDArray[np.float32]


def load_encoder() -> Encoder:
    """Return our default encoder with its model loaded."""
    return plan_encoder(VectorSettings()).load()


def encode_cached(texts: Sequence[str], folder: Path) -> Vectors:
    """Return the vectors of ``texts`` by way of a cache in ``folder``."""
    plan = plan_encoder(VectorSettings())
    return vectors_of(texts, plan, open_cache(folder, plan), progress=SilentProgress())


def find_topics_by_default(
    texts: Sequence[str], vectors: Vectors, *, seed: int
) -> NDArray[np.int32]:
    """Run the ensemble, its consensus and the description with the defaults; -1 is unplaced.

    Whole runs with other seeds share no seed of their ensembles.
    """
    settings = TopicSettings(seed=seed * SEEDS_APART)
    return find_topics(texts, vectors, settings).consensus.topics
