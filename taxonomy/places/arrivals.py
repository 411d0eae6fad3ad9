"""New documents in a taxonomy as it is shown: each one's place, or why it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifacts.arrays import Floats
from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.words import NOISE
from embeddings.build import read_texts
from embeddings.documents import PreparedText
from embeddings.encoder import EncoderIdentity
from taxonomy.nodes import Node
from taxonomy.places.placing import Place, Placer
from taxonomy.taxonomy import Taxonomy

# What the vectors of one model may differ in between machines, by less than a thousandth.
_MAY_DIFFER = {"batches", "commit", "device", "dtype", "model"}


@dataclass(frozen=True)
class Arrival:
    """A document and its place.

    Attributes
    ----------
    known
        The key under which the taxonomy already has the document; then its topic is the one that
        it has there. None if it is new.
    topic, category
        The topic that it is in, and the category of that; None where it is in none.
    nearest
        The topic that it is most like; None without words.
    """

    document: PreparedText
    place: Place
    known: str | None
    topic: Node | None
    category: Node | None
    nearest: Node | None

    def values(self) -> dict[str, Any]:
        """Return the place as a plain row; what the document lacks is None."""
        topic, category, nearest = self.topic, self.category, self.nearest
        return {
            "document": self.document.title,
            "key": self.known or self.document.key,
            "known": self.known is not None,
            "placed": topic is not None,
            "topic": topic and topic.number,
            "name": topic and topic.name,
            "category": category and category.name,
            "hidden": topic is not None and topic.hidden,
            "outcome": self.place.outcome,
            "nearest_topic": nearest and nearest.number,
            "nearest_name": nearest and nearest.name,
            "likeness": round(self.place.likeness, 4),
            "lead": round(self.place.lead, 4),
        }


@dataclass(frozen=True)
class TaxonomyDocuments:
    """The documents that a taxonomy has: their keys by name in lower case, and by text."""

    by_name: Mapping[str, str]
    by_text: Mapping[str, str]

    def key_of(self, document: PreparedText) -> str | None:
        """Return the key of the document if the taxonomy has it."""
        key = document.key.lower()
        for name in (key, key.removeprefix("name:"), document.title.lower()):
            if name in self.by_name:
                return self.by_name[name]
        return self.by_text.get(document.text) if document.text else None


def known_documents(texts: Path, key_of: Mapping[str, str]) -> TaxonomyDocuments:
    """Return the documents whose texts are in a folder; ``key_of`` has keys by every name."""
    table = read_texts(texts)
    keys = table["key"].to_pylist()
    there = set(keys)
    return TaxonomyDocuments(
        by_name={name: key for name, key in key_of.items() if key in there},
        by_text=dict(zip(table["text"].to_pylist(), keys, strict=True)),
    )


def refuse_other_encoder(folder: Path, identity: EncoderIdentity) -> None:
    """Raise `InputError` if the taxonomy in ``folder`` was made with vectors of another kind."""
    made_with = Manifest.read(folder).model
    ours = identity.as_dict()
    for part, was in made_with.items():
        if part not in _MAY_DIFFER and ours.get(part) != was:
            raise InputError(
                f"The taxonomy was made with the encoder {made_with.get('model')}, and the study "
                f"names {identity.model}; their {part} differs ({was}; {ours.get(part)}).",
                where=str(folder),
                fix="name the taxonomy's encoder in [vectors], or build the taxonomy again",
            )


def place_documents(
    taxonomy: Taxonomy,
    documents: Sequence[PreparedText],
    vectors: Floats,
    known: TaxonomyDocuments,
) -> tuple[list[Arrival], Placer]:
    """Place documents in a taxonomy, as people's decisions have it.

    Parameters
    ----------
    taxonomy
        As it is shown.
    documents, vectors
        n_new documents, and their n_new × n_dims vectors by the taxonomy's encoder.
    known
        What the taxonomy has already.

    Returns
    -------
    tuple[list[Arrival], Placer]
        The places in the order of the documents, and the bounds that were kept to.

    Raises
    ------
    InputError
        If the taxonomy has no topics.
    ArtifactError
        If it cannot be read.
    """
    placer = taxonomy.placer()
    places = taxonomy.places_of([document.text for document in documents], vectors, placer)
    arrivals = [
        _arrival(document, place, known.key_of(document), taxonomy)
        for document, place in zip(documents, places, strict=True)
    ]
    return arrivals, placer


def _arrival(document: PreparedText, place: Place, known: str | None, shown: Taxonomy) -> Arrival:
    number = place.topic if known is None else shown.topic_of.get(known, NOISE)
    topic = shown.node("topics", number)
    return Arrival(
        document=document,
        place=place,
        known=known,
        topic=topic,
        category=topic and shown.node("categories", shown.category_of[number]),
        nearest=shown.node("topics", place.nearest),
    )
