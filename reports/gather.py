"""Gathers what a page shows: topics and documents from artifacts, facts from snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artifacts.manifest import Manifest
from mining.names import GITHUB, full_name_of_key
from mining.snapshots import load_table
from reports.inputs import (
    Agreement,
    Evaluation,
    Grouping,
    PopulationFacts,
    RepositoryFact,
    Request,
    Tool,
    Topic,
)
from taxonomy import evaluation
from taxonomy.store import Layer, StoredTaxonomy, read_taxonomy

Facts = Mapping[str, Mapping[str, Any]]


def grouping(
    taxonomy_folder: Path,
    snapshot_folder: Path,
    layer: Layer,
    evaluated: evaluation.Evaluation | None,
    *,
    frameworks: Sequence[str],
) -> Grouping[Any]:
    """Return a taxonomy and its documents as the page shows them.

    Parameters
    ----------
    evaluated
        How well lists agree with it, if there are lists.
    frameworks
        Full names as they are written, for requests that know theirs in lower case.
    """
    taxonomy = read_taxonomy(taxonomy_folder)
    if layer == "tools":
        documents: tuple[Any, ...] = _documents(taxonomy, Tool, _tool_facts(snapshot_folder))
    else:
        facts = _request_facts(snapshot_folder, {name.lower(): name for name in frameworks})
        documents = _documents(taxonomy, Request, facts)
    return Grouping(
        snapshot=snapshot_folder.name,
        topics=_topics(taxonomy),
        documents=documents,
        runs=len(Manifest.read(taxonomy_folder).seeds),
        self_agreement=taxonomy.stability["halves_ami"],
        evaluation=None if evaluated is None else _evaluation(evaluated),
    )


def population(snapshot_folder: Path) -> PopulationFacts:
    """Return the figures of a snapshot's repositories."""
    rows = load_table(snapshot_folder, "repositories").to_pylist()
    name = snapshot_folder.name
    return PopulationFacts(
        title=f"the {len(rows):,} repositories of snapshot {name}",
        snapshot=name,
        repositories=tuple(
            RepositoryFact(
                language=row["language"],
                license=row["license_spdx"],
                created_at=row["created_at"],
                stars=row["stars"],
            )
            for row in rows
        ),
        notes=tuple(Manifest.read(snapshot_folder).notes),
    )


def _topics(taxonomy: StoredTaxonomy) -> tuple[Topic, ...]:
    return tuple(
        Topic(
            topic=row["topic"],
            label=row["label"],
            size=row["size"],
            stability=row["stability"],
            keywords=tuple(row["keywords"]),
            exemplars=tuple(row["exemplars"]),
        )
        for row in taxonomy.topics.to_pylist()
    )


def _documents(
    taxonomy: StoredTaxonomy, document: type[Tool] | type[Request], facts: Facts
) -> tuple[Tool | Request, ...]:
    places = {row["key"]: (row["x"], row["y"]) for row in taxonomy.map.to_pylist()}
    return tuple(
        document(
            topic=row["topic"],
            nearest_topic=row["nearest_topic"],
            strength=row["strength"],
            x=places[row["key"]][0],
            y=places[row["key"]][1],
            **facts[row["key"]],
        )
        for row in taxonomy.assignments.to_pylist()
    )


def _tool_facts(snapshot: Path) -> Facts:
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


def _request_facts(snapshot: Path, written: Mapping[str, str]) -> Facts:
    repositories = {r["repo_key"]: r for r in load_table(snapshot, "repositories").to_pylist()}
    facts = {}
    for row in load_table(snapshot, "issues").to_pylist():
        name = full_name_of_key(row["repo_key"], repositories)
        name = written.get(name.lower(), name)
        key = f"{row['repo_key']}#{row['number']}"
        facts[key] = {
            "key": key,
            "title": row["title"] or f"{name} #{row['number']}",
            "url": f"{GITHUB}{name}/issues/{row['number']}",
            "description": row["body"],
            "repository": name,
            "number": row["number"],
            "state": row["state"],
            "created_at": row["created_at"],
        }
    return facts


def _evaluation(found: evaluation.Evaluation) -> Evaluation:
    def shown(each: evaluation.Agreement) -> Agreement:
        ami = each.ami
        return Agreement(name=each.name, n=each.n_docs, ami=ami.value, low=ami.low, high=ami.high)

    return Evaluation(
        lists=tuple(shown(each) for each in found.lists),
        ceiling=shown(found.ceiling[0]) if found.ceiling else None,
        mean_ami=found.mean_ami,
    )
