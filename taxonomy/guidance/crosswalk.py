"""Crosswalks: a taxonomy beside a codebook, as an artifact.

`taxonomy.guidance.scores` says how the codes are found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from artifacts.arrays import Floats
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import read_table, required, table_from_rows, write_table
from artifacts.words import LAYERS, Layer
from embeddings.build import count_texts, read_documents
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import EncoderIdentity, EncoderPlan, plan_encoder
from embeddings.settings import VectorSettings
from taxonomy.guidance import scores as code_scores
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.scores import (
    Coding,
    code_documents,
    code_node,
    own_scores,
    with_topics,
)
from taxonomy.nodes import address
from taxonomy.taxonomy import Taxonomy

KIND = "crosswalk"
FOLDER = "crosswalks"
FILE = "crosswalk.parquet"
VERSION = 2
"""Raised whenever the same taxonomy, texts and codebook would give another crosswalk."""

ROWS = pa.schema(
    [
        *required(pa.string(), "level"),  # documents, topics, categories
        *required(pa.string(), "address"),  # a document's key, 3, c1
        pa.field("code", pa.string()),
        pa.field("best", pa.string()),
        pa.field("second", pa.string()),
        *required(pa.float64(), "margin"),
        pa.field("share", pa.float64()),
        *required(pa.int32(), "n_coded", "size"),
        pa.field("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Crosswalk:
    """Which code each document and each node of a taxonomy has.

    Attributes
    ----------
    codebook
        Whose codes they are.
    documents
        By key, in the taxonomy's order.
    topics, categories
        By number.
    """

    codebook: CodeList
    documents: Mapping[str, Coding]
    topics: Mapping[int, Coding]
    categories: Mapping[int, Coding]

    def nodes(self, layer: Layer) -> Mapping[int, Coding]:
        """Return the codes of one layer's nodes."""
        return self.topics if layer == "topics" else self.categories

    def n_documents(self) -> dict[str, int]:
        """Return how many documents have each code, in the codebook's order."""
        counts = Counter(found.code for found in self.documents.values())
        return {code.id: counts[code.id] for code in self.codebook.codes}


def crosswalk_folder(workspace: Path, taxonomy: str, codebook: str) -> Path:
    """Return where the crosswalk of a taxonomy and a codebook is kept."""
    return workspace / FOLDER / f"{taxonomy}.{codebook}"


def find_codes(
    texts: Sequence[str],
    vectors: Floats,
    phrases: Floats,
    shown: Taxonomy,
    codebook: CodeList,
) -> Crosswalk:
    """Give the documents and the nodes of a taxonomy codes, or none where that is doubtful.

    Parameters
    ----------
    texts, vectors
        n_docs texts and their n_docs × n_dims vectors, in the order of ``shown.topic_of``.
    phrases
        n_texts × n_dims vectors of the codes' texts, code after code.
    """
    topics = np.array(list(shown.topic_of.values()), dtype=np.int32)
    nearest = np.array([shown.nearest_of[key] for key in shown.topic_of], dtype=np.int32)
    codes = codebook.codes
    scores = with_topics(own_scores(texts, vectors, codes, phrases), topics, nearest)
    found = code_documents(scores, vectors, phrases, codes)
    documents = dict(zip(shown.topic_of, found, strict=True))
    of_layer = {
        layer: {
            number: code_node([documents[key] for key in keys])
            for number, keys in shown.members_of(layer).items()
        }
        for layer in LAYERS
    }
    return Crosswalk(codebook, documents, of_layer["topics"], of_layer["categories"])


def crosswalk_step(
    taxonomy_folder: Path,
    texts_folder: Path,
    *,
    codebook: CodeList,
    vectors_folder: Path,
    vector_settings: VectorSettings,
    progress: Progress,
) -> Step:
    """Return the step that gives a taxonomy's documents and nodes codes, as people see it now.

    Only what the vector cache lacks is encoded: at first the texts of the codes.

    Raises
    ------
    ArtifactError
        If the taxonomy or its texts are missing or damaged.
    """
    shown = Taxonomy.open(taxonomy_folder)
    taxonomy, texts = Manifest.read(taxonomy_folder), Manifest.read(texts_folder)
    n_texts = count_texts(texts_folder)

    def find(_key: str) -> Content:
        progress.say(f"sorting {taxonomy.name} by the codes of {codebook.name}")
        plan = plan_encoder(vector_settings, n_texts=n_texts)
        documents = [*map(read_documents(texts_folder).__getitem__, shown.topic_of)]
        vectors, phrases = encode_both(documents, codebook, plan, vectors_folder, progress)
        found = find_codes(documents, vectors, phrases, shown, codebook)
        return Content(
            write=lambda folder: write_table(folder / FILE, table_from_rows(_rows(found), ROWS)),
            about=_about(found, plan.identity),
        )

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "taxonomy": taxonomy.content_hash,
            **_nodes(shown),
            "texts": texts.content_hash,
            "vectors": vector_settings.in_key(n_texts),
            "codebook": codebook.as_values(),
            "settings": _settings(),
        },
        inputs={made.name: made.content_hash for made in (taxonomy, texts)},
        config=_settings(),
        find=find,
    )


def encode_both(
    texts: Sequence[str],
    codebook: CodeList,
    plan: EncoderPlan,
    vectors_folder: Path,
    progress: Progress,
) -> tuple[Floats, Floats]:
    """Return the vectors of documents and those of the codes' texts, code after code.

    What the vector cache lacks is encoded.
    """
    phrases = codebook.phrases
    cache = open_cache(vectors_folder, plan)
    encoded = vectors_of([*texts, *phrases], plan, cache, progress=progress)
    return encoded[: len(texts)], encoded[len(texts) :]


def _nodes(shown: Taxonomy) -> dict[str, Any]:
    """Return which document is in which node, decisions included, as JSON-compatible values."""
    return {
        "topics": dict(shown.topic_of),
        "nearest": dict(shown.nearest_of),
        "categories": {str(topic): category for topic, category in shown.category_of.items()},
    }


def read_crosswalk(folder: Path) -> Crosswalk:
    """Read the crosswalk that a step of `crosswalk_step` wrote.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, or of another schema version.
    """
    book = CodeList.from_values(Manifest.read(folder).facts["codebook"])
    found: dict[str, dict[str, Coding]] = {level: {} for level in ("documents", *LAYERS)}
    for row in read_table(folder / FILE, ROWS).to_pylist():
        level, place = row.pop("level"), row.pop("address")
        found[level][place] = Coding(**row)
    return Crosswalk(
        book,
        found["documents"],
        {int(place): coding for place, coding in found["topics"].items()},
        {int(place[1:]): coding for place, coding in found["categories"].items()},
    )


def _levels(found: Crosswalk) -> dict[str, dict[str, Coding]]:
    """Return all codings by level and address."""
    levels = {"documents": dict(found.documents)}
    for layer in LAYERS:
        nodes = found.nodes(layer)
        levels[layer] = {address(layer, number): each for number, each in nodes.items()}
    return levels


def _rows(found: Crosswalk) -> list[dict[str, Any]]:
    return [
        {"level": level, "address": place, **vars(coding)}
        for level, codings in _levels(found).items()
        for place, coding in codings.items()
    ]


def _about(found: Crosswalk, encoder: EncoderIdentity) -> dict[str, Any]:
    """Return what the manifest says of the codes and of the way that they were found."""
    return {
        "packages": package_versions("numpy", "scikit-learn"),
        **encoder.in_manifest(),
        "counts": {level: _counts(codings) for level, codings in _levels(found).items()},
        "facts": {"codebook": found.codebook.as_values(), "documents": found.n_documents()},
    }


def _counts(codings: Mapping[str, Coding]) -> Counts:
    kept = sum(coding.code is not None for coding in codings.values())
    unlike = sum(coding.reason == code_scores.UNLIKE for coding in codings.values())
    reasons = {
        f"no code: {code_scores.UNLIKE}": unlike,
        "no code: between two, or too few documents with one": len(codings) - kept - unlike,
    }
    return Counts.of(len(codings), kept, reasons)


def _settings() -> dict[str, float]:
    return {
        "texts_counted": code_scores.TEXTS_COUNTED,
        "lexical_weight": code_scores.LEXICAL_WEIGHT,
        "topic_weight": code_scores.TOPIC_WEIGHT,
        "margin": code_scores.MARGIN,
        "floor": code_scores.FLOOR,
        "covered": code_scores.COVERED,
        "share": code_scores.SHARE,
    }
