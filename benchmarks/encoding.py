"""Encoding: speed and cosine against sentence-transformers' `encode` with its defaults.

Both sides get the same texts in the same order, each in a process of its own, warmed up, and the
median of several rounds counts. Then: are our vectors bit-equal however the texts were grouped?
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from artifacts.arrays import Doubles, Floats
from benchmarks import data as texts_of
from benchmarks.common import Measured, arguments, measure, publish, table, timed
from benchmarks.ours import encode_cached, load_encoder
from benchmarks.peers import encode_by_default, load_sentence_transformer
from embeddings.encoder import Encoder

N_WINDOWS = 500
EVERY = 4
"""One text in so many is encoded: enough to tell, in minutes on two cores."""

N_WARM_UP = 64
N_ROUNDS = 3
N_ALONE = 40


def texts(data: Path) -> list[str]:
    """Return the texts to encode: tools, repositories, requests and windows of issues."""
    corpora = [texts_of.tools_2026(data), texts_of.repositories_2023(data), texts_of.requests(data)]
    short = [text for corpus in corpora for text in corpus.texts]
    return (short + texts_of.nlbse_windows(data, N_WINDOWS))[::EVERY]


def peer_case(documents: list[str]) -> tuple[Floats, list[float]]:
    """Return the vectors of sentence-transformers and the seconds of each round."""
    model = load_sentence_transformer()
    encode_by_default(model, documents[:N_WARM_UP])
    rounds = [timed(lambda: encode_by_default(model, documents)) for _ in range(N_ROUNDS)]
    return rounds[-1][0], [seconds for _, seconds in rounds]


def our_case(documents: list[str]) -> tuple[Floats, list[float], dict[str, bool]]:
    """Return our vectors, the seconds of each round, and what is bit-equal."""
    ours = load_encoder()
    ours.encode(documents[:N_WARM_UP])
    rounds = [timed(lambda: ours.encode(documents)) for _ in range(N_ROUNDS)]
    vectors = rounds[-1][0]
    seconds = [seconds for _, seconds in rounds]
    checks = {"again": all(np.array_equal(vectors, other) for other, _ in rounds)}
    return vectors, seconds, checks | bit_equal(ours, documents, vectors)


def bit_equal(ours: Encoder, documents: list[str], vectors: Floats) -> dict[str, bool]:
    """Tell whether ``vectors`` come out again when the documents come in other company."""
    order = list(range(len(documents)))
    random.Random(0).shuffle(order)
    half = len(documents) // 2
    with TemporaryDirectory() as folder:
        encode_cached(documents[:half], Path(folder))
        resumed = encode_cached(documents, Path(folder))
        cached = encode_cached(documents, Path(folder))
    return {
        "alone": all(
            np.array_equal(ours.encode([documents[i]])[0], vectors[i]) for i in order[:N_ALONE]
        ),
        "reordered": np.array_equal(ours.encode([documents[i] for i in order]), vectors[order]),
        "resumed": np.array_equal(resumed, vectors),
        "cached": np.array_equal(cached, vectors),
    }


def cosines(first: Floats, second: Floats) -> Doubles:
    """Return the cosine of every two vectors in the same row."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray((a * b).sum(axis=1) / norms)


def figures_of(n_docs: int, seconds: list[float], peak_mib: float) -> dict[str, Any]:
    """Return the figures of one side."""
    return {
        "wall_s": median(seconds),
        "rounds_s": seconds,
        "documents_per_s": n_docs / median(seconds),
        "peak_mib": peak_mib,
    }


def compare(documents: list[str]) -> dict[str, Any]:
    """Measure both sides and return the figures."""
    peer: Measured[tuple[Floats, list[float]]] = measure(peer_case, documents)
    vectors, seconds = peer.value
    n_docs = len(documents)
    ours = measure(our_case, documents)
    our_vectors, our_seconds, checks = ours.value
    cosine = cosines(vectors, our_vectors)
    return {
        "n_docs": n_docs,
        "sentence-transformers": figures_of(n_docs, seconds, peer.peak_mib),
        "opsatlas": figures_of(n_docs, our_seconds, ours.peak_mib),
        "times_as_fast": median(seconds) / median(our_seconds),
        "cosine": {"mean": float(cosine.mean()), "least": float(cosine.min())},
        "bit_equal": checks,
    }


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "").parse_args()
    figures = compare(texts(args.data))
    keys = ("wall_s", "documents_per_s", "peak_mib")
    rows = [
        [name, *(figures[name][key] for key in keys)]
        for name in ("sentence-transformers", "opsatlas")
    ]
    title = f"Encoding {figures['n_docs']:,} texts"
    facts = [
        ["times as fast", figures["times_as_fast"]],
        ["cosine, mean", f"{figures['cosine']['mean']:.6f}"],
        ["cosine, least", f"{figures['cosine']['least']:.6f}"],
        *([f"bit-equal {how}", "yes" if ok else "NO"] for how, ok in figures["bit_equal"].items()),
    ]
    tables = [
        table(title, ["", "seconds", "texts/s", "peak MiB"], rows),
        table("opsatlas against sentence-transformers", ["", ""], facts),
    ]
    publish("encoding", figures, tables, args.out)


if __name__ == "__main__":
    main()
