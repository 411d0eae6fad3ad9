"""The page of a study as an artifact: gathers what the stages made and writes it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.files import new_folder, write_text
from artifacts.hashing import hash_file, hash_value
from artifacts.manifest import Manifest, hash_files
from artifacts.progress import Progress
from artifacts.words import DOCUMENTS, Corpus
from embeddings.build import texts_folder
from mining.names import document_names
from reports.inputs import PageInputs
from reports.page.gather import population, section
from reports.page.page import write_page
from reports.page.people import crosswalk_folders
from reports.provenance import content_key
from taxonomy import evaluation
from taxonomy.origin import decisions_hash
from taxonomy.taxonomy import Taxonomy

KIND = "page"
VERSION = 3


@dataclass(frozen=True)
class PageParts:
    """What a page is made of.

    Attributes
    ----------
    title, ecosystem
        Of the study.
    corpora
        For tools and themes: the taxonomy's folder, its snapshot's folder, and the lists to judge
        it by.
    facts_snapshot
        A snapshot whose figures are shown beside.
    frameworks
        Full names (owner/name) as they are written, for issues that know them in lower case.
    notes
        Sentences on what the data are and are not.
    """

    title: str
    ecosystem: Sequence[str]
    corpora: Mapping[Corpus, tuple[Path, Path, Sequence[Path]]]
    facts_snapshot: Path | None
    frameworks: Sequence[str]
    notes: Sequence[str]


def page_key(parts: PageParts) -> str:
    """Return what the page depends on, hashed."""
    gold = [path for _, _, lists in parts.corpora.values() for path in lists]
    depends_on = {
        "stage": f"{KIND} {VERSION}",
        "opsatlas": metadata.version("opsatlas"),
        "words": [parts.title, *parts.ecosystem, *parts.frameworks, *parts.notes],
        "artifacts": [[made.key, made.content_hash] for made in _manifests(parts)],
        "decisions": [decisions_hash(taxonomy) for taxonomy, _, _ in parts.corpora.values()],
        "crosswalks": [
            [made.key, made.content_hash]
            for taxonomy, _, _ in parts.corpora.values()
            for made in map(Manifest.read, crosswalk_folders(taxonomy))
        ],
        "gold": [[path.name, hash_file(path)] for path in gold],
    }
    return hash_value(depends_on)


def build_page(parts: PageParts, folder: Path, *, progress: Progress) -> Manifest:
    """Evaluate the taxonomies, draw the page, and write both with a manifest to ``folder``.

    Raises
    ------
    InputError
        If there is no taxonomy of tools, or a list cannot be used.
    """
    started = time.perf_counter()
    if "tools" not in parts.corpora:
        raise InputError(
            "A page needs a taxonomy of tools.", fix="add [taxonomy] to the study file"
        )
    key = page_key(parts)  # before anything is read: what people decide meanwhile is not in it
    progress.say("drawing the page")
    evaluations = {
        corpus: evaluate_taxonomy(taxonomy, snapshot, corpus, gold)
        for corpus, (taxonomy, snapshot, gold) in parts.corpora.items()
        if gold
    }
    inputs = _page_inputs(parts, evaluations)
    with new_folder(folder) as building:
        write_page(inputs, building / "index.html")
        figures = {corpus: as_json(found) for corpus, found in evaluations.items()}
        write_text(building / "evaluation.json", json.dumps(figures, indent=2) + "\n")
        manifest = Manifest(
            kind=KIND,
            name=folder.name,
            key=key,
            inputs={m.name: m.content_hash for m in inputs.manifests},
            files=hash_files(building),
            # The page tells when its parts were made, so its bytes hold clocks; this hash does not.
            content_hash=content_key(inputs),
            wall_time_s=time.perf_counter() - started,
        )
        manifest.write(building)
    return manifest


def evaluate_taxonomy(
    taxonomy_folder: Path, snapshot_folder: Path, corpus: Corpus, gold: Sequence[Path]
) -> evaluation.Evaluation:
    """Judge a taxonomy by lists that name documents as people do.

    Raises
    ------
    InputError
        If a list cannot be read or shares nothing with the taxonomy.
    """
    topics = Taxonomy.open(taxonomy_folder, decided=False).topic_of
    named = {
        name: topics[key]
        for name, key in document_names(snapshot_folder, DOCUMENTS[corpus]).items()
        if key in topics
    }
    lists = [each for path in gold for each in evaluation.read_gold(path)]
    return evaluation.evaluate(named, lists)


def as_json(found: evaluation.Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON-compatible values."""
    return {**asdict(found), "mean_ami": found.mean_ami}


def _page_inputs(
    parts: PageParts, evaluations: Mapping[Corpus, evaluation.Evaluation]
) -> PageInputs:
    groupings = {
        corpus: section(
            taxonomy, snapshot, corpus, evaluations.get(corpus), frameworks=parts.frameworks
        )
        for corpus, (taxonomy, snapshot, _) in parts.corpora.items()
    }
    facts = None if parts.facts_snapshot is None else population(parts.facts_snapshot)
    return PageInputs(
        title=parts.title,
        ecosystem=tuple(parts.ecosystem),
        tools=groupings["tools"],
        requests=groupings.get("themes"),
        facts=facts,
        manifests=tuple(_manifests(parts)),
        notes=tuple(parts.notes),
        version=metadata.version("opsatlas"),
    )


def _manifests(parts: PageParts) -> list[Manifest]:
    """Return the manifests of all that went in, each once, in the order of making."""
    folders: list[Path] = []
    for corpus, (taxonomy, snapshot, _) in parts.corpora.items():
        texts = texts_folder(snapshot.parent.parent, snapshot.name, DOCUMENTS[corpus])
        folders += [snapshot, texts, taxonomy]
    if parts.facts_snapshot is not None:
        folders.append(parts.facts_snapshot)
    return [Manifest.read(folder) for folder in dict.fromkeys(folders)]
