"""An encoder for tests: vectors from the hash of each text, and a count of what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artifacts.hashing import hash_text
from embeddings.encoder import EncoderIdentity, EncoderPlan
from embeddings.settings import VectorSettings

N_DIMS = 8


@dataclass
class ToyEncoder:
    """Satisfies the `Encoder` protocol; remembers every text that it was given."""

    seen: list[str] = field(default_factory=list)
    fails_after: int | None = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return n_texts × 8 vectors of unit length, the same for the same text."""
        if self.fails_after is not None and len(self.seen) + len(texts) > self.fails_after:
            raise KeyboardInterrupt
        self.seen.extend(texts)
        return np.stack([toy_vector(text) for text in texts])


def toy_vector(text: str) -> NDArray[np.float32]:
    """Return the vector of one text."""
    rng = np.random.default_rng(int(hash_text(text)[:16], 16))
    vector = rng.normal(size=N_DIMS)
    unit: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


@dataclass(frozen=True)
class ToyPlan(EncoderPlan):
    """A plan that loads the given encoder."""

    encoder: ToyEncoder = field(default_factory=ToyEncoder)

    def load(self) -> Any:
        """Return the encoder."""
        return self.encoder


def toy_plan(encoder: ToyEncoder, *, dtype: str = "float32") -> ToyPlan:
    """Return a plan with an identity of its own for each dtype."""
    identity = EncoderIdentity("toy", "1", "none", "unlimited", dtype, "cpu")
    return ToyPlan(identity, None, VectorSettings(), encoder=encoder)
