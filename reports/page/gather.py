"""Gathers what a page shows: topics and documents from artifacts, facts from snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artifacts.manifest import Manifest
from artifacts.words import DOCUMENTS, Corpus
from embeddings.build import taglines, texts_folder
from mining.names import GITHUB, issue_url, read_owners
from mining.snapshots import load_table
from mining.tables import issue_key
from reports.inputs import FeatureRequest, PageSection, PopulationFacts, RepositoryFact, Tool
from reports.page.people import lost_decisions, node_codes, verdicts
from taxonomy.evaluation import Evaluation
from taxonomy.taxonomy import Taxonomy

Facts = Mapping[str, Mapping[str, Any]]


def section(
    taxonomy_folder: Path,
    snapshot_folder: Path,
    corpus: Corpus,
    evaluated: Evaluation | None,
    *,
    frameworks: Sequence[str],
) -> PageSection[Any]:
    """Return a taxonomy and its documents as the page shows them.

    Parameters
    ----------
    evaluated
        How well lists agree with it, if there are lists.
    frameworks
        Full names as they are written, for requests that know theirs in lower case.
    """
    whole = Taxonomy.open(taxonomy_folder)
    visible = whole.visible()
    if corpus == "tools":
        texts = texts_folder(snapshot_folder.parent.parent, snapshot_folder.name, DOCUMENTS[corpus])
        facts = _tool_facts(snapshot_folder, taglines(texts))
        documents: tuple[Any, ...] = _documents(visible, Tool, facts)
    else:
        facts = _request_facts(snapshot_folder, {name.lower(): name for name in frameworks})
        documents = _documents(visible, FeatureRequest, facts)
    return PageSection(
        snapshot=snapshot_folder.name,
        topics=visible.topic_nodes,
        categories=visible.category_nodes,
        documents=documents,
        verdicts=verdicts(taxonomy_folder, whole),
        codes=node_codes(taxonomy_folder, whole),
        runs=len(Manifest.read(taxonomy_folder).seeds),
        self_agreement=whole.measured["halves_ami"],
        evaluation=evaluated,
        n_hidden=len(whole.topic_of) - len(visible.topic_of),
        n_hidden_topics=len(whole.topic_nodes) - len(visible.topic_nodes),
        lost=lost_decisions(whole),
        warning=whole.structure.told if whole.structure else "",
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


def _documents(
    visible: Taxonomy, document: type[Tool] | type[FeatureRequest], facts: Facts
) -> tuple[Tool | FeatureRequest, ...]:
    return tuple(
        document(
            topic=topic,
            nearest_topic=visible.nearest_of[key],
            strength=visible.strength(key),
            x=visible.place_of[key][0],
            y=visible.place_of[key][1],
            **facts[key],
        )
        for key, topic in visible.topic_of.items()
    )


def _tool_facts(snapshot: Path, said: Mapping[str, str]) -> Facts:
    return {
        row["repo_key"]: {
            "key": row["repo_key"],
            "title": row["full_name"],
            "url": GITHUB + row["full_name"],
            "description": row["description"] or said.get(row["repo_key"]),
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
    owners = read_owners(snapshot)
    facts = {}
    for row in load_table(snapshot, "issues").to_pylist():
        name = owners.name(row["repo_key"])
        name = written.get(name.lower(), name)
        key = issue_key(row["repo_key"], row["number"])
        facts[key] = {
            "key": key,
            "title": row["title"] or f"{name} #{row['number']}",
            "url": issue_url(name, row["number"]),
            "description": row["body"],
            "repository": name,
            "number": row["number"],
            "state": row["state"],
            "created_at": row["created_at"],
        }
    return facts
