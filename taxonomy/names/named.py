"""The names of both layers of a taxonomy: made together, and kept with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError
from artifacts.notation import json_value
from artifacts.progress import SilentProgress
from artifacts.words import LAYERS, NOISE, Layer
from embeddings.cache import VectorCache, vectors_of
from embeddings.encoder import EncoderPlan
from taxonomy.names.naming import Encode, NodeName, name_nodes
from taxonomy.names.phrases import Texts
from taxonomy.names.vocabulary import wording_of
from taxonomy.store import write_json
from taxonomy.types import Labels

FILE = "names.json"


@dataclass(frozen=True)
class Names:
    """The names of the topics and of the categories, each by the node's number."""

    topics: tuple[NodeName, ...]
    categories: tuple[NodeName, ...]

    def of(self, layer: Layer) -> tuple[NodeName, ...]:
        """Return the names of one layer."""
        return self.topics if layer == "topics" else self.categories

    def short(self) -> list[str]:
        """Return the names with a word that too few of the node's documents say."""
        return [each.name for layer in LAYERS for each in self.of(layer) if not each.meets_share]


def name_layers(
    texts: Sequence[str],
    vectors: Floats,
    topics: Labels,
    categories: Labels,
    *,
    titles: Sequence[str],
    encode: Encode,
    vocabulary: Sequence[str] = (),
    stop_words: Set[str] = frozenset(),
) -> Names:
    """Name the topics, and then the categories, by other names than those of their topics.

    Parameters
    ----------
    texts, vectors, topics, categories, titles
        n_docs documents, their vectors of unit length, the topic and the category of each
        (`NOISE`: none), and their titles, OWNER/NAME or OWNER/NAME: #NUMBER.
    vocabulary
        Terms of codebooks.
    stop_words
        Words in lower case that may be in no name, e.g. the frameworks' own.
    """
    cut = Texts(texts)
    wording = wording_of(cut, topics, titles=titles, vocabulary=vocabulary, stop_words=stop_words)
    of_topics = name_nodes(cut, vectors, topics, encode=encode, wording=wording)
    below: dict[int, set[str]] = {}
    for topic, category in zip(topics.tolist(), categories.tolist(), strict=True):
        if topic != NOISE:
            below.setdefault(category, set()).add(of_topics[topic].name)
    of_categories = name_nodes(
        cut, vectors, categories, encode=encode, wording=wording, taken=below
    )
    return Names(tuple(of_topics), tuple(of_categories))


def name_encoder(plan: EncoderPlan, cache: VectorCache) -> Encode:
    """Return what encodes names: by way of the cache, the model loaded only if needed."""
    return lambda texts: vectors_of(texts, plan, cache, progress=SilentProgress())


def write_names(folder: Path, names: Names) -> None:
    """Write the names into the folder of a taxonomy that is being built."""
    write_json(folder / FILE, asdict(names))


def read_names(folder: Path) -> Names:
    """Read the names of the taxonomy in ``folder``; raise `ArtifactError` if they are damaged."""
    path = folder / FILE
    try:
        values = json_value(path.read_text(encoding="utf-8"))
        return Names(*(tuple(map(_node_name, values[layer])) for layer in LAYERS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"The names cannot be read: {error}.", where=str(path), fix="make the taxonomy again"
        ) from error


def _node_name(row: dict[str, Any]) -> NodeName:
    return NodeName(
        name=str(row["name"]),
        shares=tuple((str(word), float(share)) for word, share in row["shares"]),
        meets_share=bool(row["meets_share"]),
        alternatives=tuple(map(str, row["alternatives"])),
    )
