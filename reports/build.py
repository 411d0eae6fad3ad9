"""The page of a study as an artifact: gathers what the stages made and writes it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from artifacts.errors import InputError
from artifacts.files import new_folder, write_text
from artifacts.hashing import hash_file, hash_value
from artifacts.manifest import Manifest, hash_files
from artifacts.progress import Progress
from embeddings.build import texts_folder
from mining.names import GITHUB, document_names, full_name_of_key
from mining.snapshots import load_table
from reports.inputs import (
    Agreement,
    Evaluation,
    Grouping,
    PageInputs,
    PopulationFacts,
    RepositoryFact,
    Request,
    Tool,
    Topic,
)
from reports.page import write_page
from reports.provenance import content_key
from taxonomy import evaluation
from taxonomy.store import StoredTaxonomy, read_taxonomy

KIND = "page"
VERSION = 1
Layer = Literal["tools", "themes"]


@dataclass(frozen=True)
class PageParts:
    """What a page is made of.

    Attributes
    ----------
    title, ecosystem
        Of the study.
    layers
        For tools and themes: the taxonomy's folder, its snapshot's folder, and the lists to judge
        it by.
    facts_snapshot
        A snapshot whose figures are shown beside.
    notes
        Sentences on what the data are and are not.
    """

    title: str
    ecosystem: Sequence[str]
    layers: Mapping[Layer, tuple[Path, Path, Sequence[Path]]]
    facts_snapshot: Path | None
    notes: Sequence[str]


def page_key(parts: PageParts) -> str:
    """Return what the page depends on, hashed."""
    folders = [folder for layer in parts.layers.values() for folder in layer[:2]]
    gold = [path for layer in parts.layers.values() for path in layer[2]]
    if parts.facts_snapshot is not None:
        folders.append(parts.facts_snapshot)
    depends_on = {
        "stage": f"{KIND} {VERSION}",
        "opsatlas": metadata.version("opsatlas"),
        "words": [parts.title, *parts.ecosystem, *parts.notes],
        "artifacts": [Manifest.read(folder).content_hash for folder in folders],
        "gold": [hash_file(path) for path in gold if path.exists()],
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
    if "tools" not in parts.layers:
        raise InputError(
            "A page needs a taxonomy of tools.", fix="add [taxonomy] to the study file"
        )
    progress.say("drawing the page")
    evaluations = {
        layer: evaluate_taxonomy(taxonomy, snapshot, layer, gold)
        for layer, (taxonomy, snapshot, gold) in parts.layers.items()
        if gold
    }
    inputs = _page_inputs(parts, evaluations)
    with new_folder(folder) as building:
        write_page(inputs, building / "index.html")
        figures = {layer: as_json(found) for layer, found in evaluations.items()}
        write_text(building / "evaluation.json", json.dumps(figures, indent=2) + "\n")
        manifest = Manifest(
            kind=KIND,
            name=folder.name,
            key=page_key(parts),
            inputs={m.name: m.content_hash for m in inputs.manifests},
            files=hash_files(building),
            # The page tells when its parts were made, so its bytes hold clocks; this hash does not.
            content_hash=content_key(inputs),
            wall_time_s=time.perf_counter() - started,
        )
        manifest.write(building)
    return manifest


def evaluate_taxonomy(
    taxonomy_folder: Path, snapshot_folder: Path, layer: Layer, gold: Sequence[Path]
) -> evaluation.Evaluation:
    """Judge a taxonomy by lists that name documents as people do.

    Raises
    ------
    InputError
        If a list cannot be read or shares nothing with the taxonomy.
    """
    assignments = read_taxonomy(taxonomy_folder).assignments
    topics = dict(
        zip(assignments["key"].to_pylist(), assignments["topic"].to_pylist(), strict=True)
    )
    kind: Literal["repositories", "issues"] = "repositories" if layer == "tools" else "issues"
    named = {
        name: topics[key]
        for name, key in document_names(snapshot_folder, kind).items()
        if key in topics
    }
    lists = [each for path in gold for each in evaluation.read_gold(path)]
    return evaluation.evaluate(named, lists)


def as_json(found: evaluation.Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON-compatible values."""
    return {**asdict(found), "mean_ami": found.mean_ami}


def _page_inputs(parts: PageParts, evaluations: Mapping[Layer, evaluation.Evaluation]) -> PageInputs:
    groupings: dict[Layer, Grouping[Any]] = {}
    manifests: list[Manifest] = []
    for layer, (taxonomy, snapshot, _) in parts.layers.items():
        snapshot_manifest = Manifest.read(snapshot)
        kind: Literal["repositories", "issues"] = "repositories" if layer == "tools" else "issues"
        texts = texts_folder(snapshot.parent.parent, snapshot_manifest.name, kind)
        for each in (snapshot_manifest, Manifest.read(texts), Manifest.read(taxonomy)):
            if each not in manifests:
                manifests.append(each)
        groupings[layer] = _grouping(
            read_taxonomy(taxonomy),
            Manifest.read(taxonomy),
            snapshot,
            layer,
            evaluations.get(layer),
        )
    facts = None
    if parts.facts_snapshot is not None:
        facts_manifest = Manifest.read(parts.facts_snapshot)
        facts = _population(parts.facts_snapshot, facts_manifest)
        if facts_manifest not in manifests:
            manifests.append(facts_manifest)
    return PageInputs(
        title=parts.title,
        ecosystem=tuple(parts.ecosystem),
        tools=groupings["tools"],
        requests=groupings.get("themes"),
        facts=facts,
        manifests=tuple(manifests),
        notes=tuple(parts.notes),
        version=metadata.version("opsatlas"),
    )


def _grouping(
    taxonomy: StoredTaxonomy,
    manifest: Manifest,
    snapshot: Path,
    layer: Layer,
    evaluated: evaluation.Evaluation | None,
) -> Grouping[Any]:
    places = {row["key"]: (row["x"], row["y"]) for row in taxonomy.map.to_pylist()}
    facts = _tool_facts(snapshot) if layer == "tools" else _request_facts(snapshot)
    document = Tool if layer == "tools" else Request
    return Grouping(
        snapshot=snapshot.name,
        topics=tuple(
            Topic(
                topic=row["topic"],
                label=row["label"],
                size=row["size"],
                stability=row["stability"],
                keywords=tuple(row["keywords"]),
                exemplars=tuple(row["exemplars"]),
            )
            for row in taxonomy.topics.to_pylist()
        ),
        documents=tuple(
            document(
                topic=row["topic"],
                nearest_topic=row["nearest_topic"],
                strength=row["strength"],
                x=places[row["key"]][0],
                y=places[row["key"]][1],
                **facts[row["key"]],
            )
            for row in taxonomy.assignments.to_pylist()
        ),
        runs=len(manifest.seeds),
        self_agreement=taxonomy.stability["halves_ami"],
        evaluation=None if evaluated is None else _evaluation(evaluated),
    )


def _tool_facts(snapshot: Path) -> dict[str, dict[str, Any]]:
    return {
        row["repo_key"]: {
            "key": row["repo_key"],
            "title": row["full_name"],
            "url": GITHUB + row["full_name"],
            "description": row["description"],
            "github_topics": tuple(row["topics"] or ()),
            "stars": row["stars"],
            "language": row["language"],
            "license": row["license_spdx"],
            "first_commit": row["first_commit_at"] or row["created_at"],
            "last_commit": row["last_commit_at"] or row["pushed_at"],
            "commits": row["commits"],
        }
        for row in load_table(snapshot, "repositories").to_pylist()
    }


def _request_facts(snapshot: Path) -> dict[str, dict[str, Any]]:
    repositories = {r["repo_key"]: r for r in load_table(snapshot, "repositories").to_pylist()}
    facts = {}
    for row in load_table(snapshot, "issues").to_pylist():
        full_name = full_name_of_key(row["repo_key"], repositories)
        key = f"{row['repo_key']}#{row['number']}"
        facts[key] = {
            "key": key,
            "title": row["title"] or f"{full_name} #{row['number']}",
            "url": f"{GITHUB}{full_name}/issues/{row['number']}",
            "description": row["body"],
            "repository": full_name,
            "number": row["number"],
            "state": row["state"],
            "created_at": row["created_at"],
        }
    return facts


def _population(snapshot: Path, manifest: Manifest) -> PopulationFacts:
    rows = load_table(snapshot, "repositories").to_pylist()
    return PopulationFacts(
        title=f"the {len(rows):,} repositories of snapshot {manifest.name}",
        snapshot=manifest.name,
        repositories=tuple(
            RepositoryFact(
                language=row["language"],
                license=row["license_spdx"],
                created_at=row["created_at"],
                stars=row["stars"],
            )
            for row in rows
        ),
        notes=tuple(manifest.notes),
    )


def _evaluation(found: evaluation.Evaluation) -> Evaluation:
    def shown(each: evaluation.Agreement) -> Agreement:
        ami = each.ami
        return Agreement(
            name=each.name, n=each.n_docs, ami=ami.value, low=ami.low, high=ami.high
        )

    return Evaluation(
        lists=tuple(shown(each) for each in found.lists),
        ceiling=shown(found.ceiling[0]) if found.ceiling else None,
        mean_ami=found.mean_ami,
    )
