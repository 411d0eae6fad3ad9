"""Number formats: topics of the 357 tools by float32 and by bfloat16 vectors.

Beside it, what another seed alone changes, and how near the vectors are. A processor that does not
compute in bfloat16 emulates it: the same rounding, and slower.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from benchmarks.common import arguments, publish, table, timed
from benchmarks.data import tools_2026
from benchmarks.encoding import cosines
from benchmarks.metrics import Labels, agreement
from benchmarks.ours import find_topics_by_default
from embeddings.encoder import plan_encoder
from embeddings.settings import VectorSettings

DTYPES: tuple[Literal["float32", "bfloat16"], ...] = ("float32", "bfloat16")


def compare(data: Path) -> dict[str, Any]:
    """Encode the tools in both formats, find their topics, and return the figures."""
    texts = tools_2026(data).texts
    seconds, vectors, topics = {}, {}, {}
    for dtype in DTYPES:
        encoder = plan_encoder(VectorSettings(dtype=dtype, device="cpu")).load()
        vectors[dtype], seconds[dtype] = timed(lambda encoder=encoder: encoder.encode(texts))
        topics[dtype] = find_topics_by_default(texts, vectors[dtype], seed=0)
    reseeded: Labels = find_topics_by_default(texts, vectors["float32"], seed=1)
    return {
        "n_docs": len(texts),
        "encode_s": seconds,
        "n_topics": {dtype: int(labels.max()) + 1 for dtype, labels in topics.items()},
        "cosine_least": float(cosines(vectors["float32"], vectors["bfloat16"]).min()),
        "ami": {
            "float32 and bfloat16": agreement(topics["float32"], topics["bfloat16"]),
            "float32, two seeds": agreement(topics["float32"], reseeded),
        },
    }


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "").parse_args()
    figures = compare(args.data)
    rows = [[each, figures["encode_s"][each], figures["n_topics"][each]] for each in DTYPES]
    facts = [[f"AMI of topics, {name}", value] for name, value in figures["ami"].items()]
    facts.append(["least cosine of a text's two vectors", f"{figures['cosine_least']:.6f}"])
    tables = [
        table(f"{figures['n_docs']:,} tools", ["", "seconds to encode", "topics"], rows),
        table("float32 against bfloat16", ["", ""], facts),
    ]
    publish("dtypes", figures, tables, args.out)


if __name__ == "__main__":
    main()
