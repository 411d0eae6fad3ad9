"""The index of a search over the tools of a taxonomy, as an artifact."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from artifacts.errors import ArtifactError
from artifacts.files import write_text
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import rows_of
from artifacts.words import LAYERS, NOISE
from configs.search_words import SearchWords
from embeddings.settings import VectorSettings
from mining.snapshots import load_table

if TYPE_CHECKING:
    from artifacts.arrays import Floats
    from insights.search.index import Searchable, SearchGroup, SearchIndex
    from taxonomy.taxonomy import Taxonomy

KIND: Final = "search"
FOLDER: Final = "insights/search"
FILE: Final = "search.json"
VERSION: Final = 1
"""Raised whenever the same documents would give another index."""


@dataclass(frozen=True, kw_only=True)
class SearchParts:
    """What the index of a search is made of.

    Attributes
    ----------
    taxonomy, snapshot, texts
        Folders of the taxonomy, of the snapshot of its documents, and of their texts.
    crosswalks
        Folders of codebooks that are laid over the taxonomy.
    snapshots
        Folders of snapshots, by whose topics people may search, too.
    requests
        Folder of the texts of what users ask for; None: there are none.
    told
        What tools are for that may be no documents, by their names.
    words
        What is known of the field's language besides.
    vectors, settings
        Folder of the vectors, and the encoder.
    """

    taxonomy: Path
    snapshot: Path
    texts: Path
    crosswalks: tuple[Path, ...] = ()
    snapshots: tuple[Path, ...] = ()
    requests: Path | None = None
    told: Mapping[str, str]
    words: SearchWords
    vectors: Path
    settings: VectorSettings


def search_step(parts: SearchParts, *, progress: Progress) -> Step:
    """Return the step that makes the index of a search over the documents of a taxonomy.

    Only what the vector cache lacks is encoded: at first the words.
    """
    from embeddings.build import count_texts
    from insights.search.index import Weights
    from taxonomy.origin import decisions_hash

    taxonomy = Manifest.read(parts.taxonomy)
    n_texts = count_texts(parts.texts)

    def find(_key: str) -> Content:
        progress.say("making the index of the search")
        index = _index(parts, n_texts, progress)
        values = {"keys": list(index.keys), "index": index.as_values()}
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return Content(write=lambda folder: write_text(folder / FILE, text), about=_about(index))

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "taxonomy": taxonomy.content_hash,
            "decisions": decisions_hash(parts.taxonomy),
            "snapshot": Manifest.read(parts.snapshot).content_hash,
            "texts": Manifest.read(parts.texts).content_hash,
            "crosswalks": [Manifest.read(folder).content_hash for folder in parts.crosswalks],
            "snapshots": [Manifest.read(folder).content_hash for folder in parts.snapshots],
            "requests": parts.requests and Manifest.read(parts.requests).content_hash,
            "told": dict(parts.told),
            "words": parts.words.model_dump(mode="json"),
            "weights": asdict(Weights()),
            "encoder": parts.settings.in_key(n_texts),
        },
        inputs={parts.taxonomy.name: taxonomy.content_hash},
        find=find,
    )


def read_search(folder: Path) -> SearchIndex:
    """Read the index that a step of `search_step` wrote; its keys are in the taxonomy's order.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, or of another schema version.
    """
    from insights.search.index import SearchIndex

    Manifest.read(folder)
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return SearchIndex.from_values(values["index"], values["keys"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError("The index of the search is damaged.", where=str(folder)) from error


def _index(parts: SearchParts, n_texts: int, progress: Progress) -> SearchIndex:
    from embeddings.build import read_documents
    from embeddings.cache import open_cache, vectors_of
    from embeddings.encoder import plan_encoder
    from insights.search.indexing import build_index
    from taxonomy.taxonomy import Taxonomy

    shown = Taxonomy.open(parts.taxonomy).visible()
    plan = plan_encoder(parts.settings, n_texts=n_texts)
    cache = open_cache(parts.vectors, plan)
    texts = read_documents(parts.texts)

    def encode(wanted: list[str]) -> Floats:
        return vectors_of(wanted, plan, cache, progress=progress)

    documents, groups = _documents(parts, shown)
    return build_index(
        documents,
        groups,
        texts=_other_texts(parts),
        told=parts.told,
        abbreviations=parts.words.abbreviations,
        vectors=encode([texts[document.key] for document in documents]) if documents else None,
        encode=encode,
    )


def _documents(parts: SearchParts, shown: Taxonomy) -> tuple[list[Searchable], list[SearchGroup]]:
    """Return the documents of a taxonomy as people see it now, and what they are counted as."""
    from embeddings.build import taglines
    from insights.search.index import Searchable

    groups, places = _groups(parts, shown)
    columns = ["repo_key", "full_name", "aliases", "description", "topics"]
    table = load_table(parts.snapshot, "repositories", columns)
    rows = {row["repo_key"]: row for row in rows_of(table) if row["repo_key"] in shown.topic_of}
    lines = taglines(parts.texts)
    documents = [
        Searchable(
            key=key,
            name=rows[key]["full_name"],
            former_names=tuple(rows[key]["aliases"] or ()),
            description=rows[key]["description"] or lines.get(key, ""),
            topics=tuple(rows[key]["topics"] or ()),
            groups=tuple(places.get(key, ())),
        )
        for key in shown.topic_of
    ]
    return documents, groups


def _groups(parts: SearchParts, shown: Taxonomy) -> tuple[list[SearchGroup], dict[str, list[int]]]:
    """Return topics, categories and codes, and those that each document is in, by its key."""
    from insights.search.index import SearchGroup
    from taxonomy.guidance.crosswalk import read_crosswalk

    groups: list[SearchGroup] = []
    members: dict[str, list[int]] = {}

    def add(group: SearchGroup, keys: Sequence[str]) -> None:
        for key in keys:
            members.setdefault(key, []).append(len(groups))
        groups.append(group)

    for layer in LAYERS:
        nodes = {node.number: node for node in shown.nodes(layer)}
        for number, keys in sorted(shown.members_of(layer).items()):
            if number != NOISE and number in nodes:
                add(SearchGroup(nodes[number].name, nodes[number].keywords), keys)
    for folder in parts.crosswalks:
        found = read_crosswalk(folder)
        for code in found.codebook.codes:
            keys = [key for key, coding in found.documents.items() if coding.code == code.id]
            add(SearchGroup(code.name, code.texts[1:]), keys)
    return groups, members


def _other_texts(parts: SearchParts) -> Iterator[str]:
    """Yield the topics of each repository of the snapshots, and what users ask for."""
    from embeddings.build import read_documents

    for folder in parts.snapshots:
        for row in rows_of(load_table(folder, "repositories", ["topics"])):
            if row["topics"]:
                yield ". ".join(topic.replace("-", " ") for topic in row["topics"])
    if parts.requests is not None:
        yield from read_documents(parts.requests).values()


def _about(index: SearchIndex) -> dict[str, Any]:
    n_documents = len(index.keys)
    return {
        "packages": package_versions("numpy", "regex"),
        "counts": {"documents": Counts.of(n_documents, n_documents, {})},
        "facts": {"words": len(index.words), "with_meaning": len(index.meanings)},
    }
