"""Gathers what a page shows: topics and documents from artifacts, facts from snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifacts.manifest import Manifest
from artifacts.words import DOCUMENTS, NOISE, Corpus, Layer
from embeddings.build import taglines, texts_folder
from mining.names import GITHUB, full_name_of_key
from mining.snapshots import load_table
from reports.inputs import (
    Agreement,
    Category,
    Code,
    Evaluation,
    Grouping,
    PopulationFacts,
    RepositoryFact,
    Request,
    Tool,
    Topic,
)
from reports.page.people import NodeId, lost_decisions, node_codes, verdicts
from taxonomy import evaluation, shown
from taxonomy.store import StoredTaxonomy, read_taxonomy
from taxonomy.structure import structure_of

Facts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _Visible:
    """What is left of a taxonomy without the hidden: nodes, and the topic of each document."""

    topics: tuple[shown.Topic, ...]
    categories: tuple[shown.Category, ...]
    topic_of: Mapping[str, int]
    nearest_of: Mapping[str, int]
    moved: frozenset[str]
    n_hidden: int
    n_hidden_topics: int


@dataclass(frozen=True)
class _Said:
    """What a node's line says, but for its number and size."""

    topic_of: Mapping[str, int]
    verdicts: Mapping[NodeId, tuple[str, ...]]
    codes: Mapping[NodeId, tuple[Code, ...]]

    def node(self, layer: Layer, node: shown.Node) -> dict[str, Any]:
        return {
            "label": node.name,
            "stability": node.stability,
            "of_noise": node.of_noise,
            "keywords": node.keywords,
            "exemplars": tuple(key for key in node.exemplars if key in self.topic_of),
            "named_by": node.named_by,
            "notes": node.notes,
            "verdicts": self.verdicts.get((layer, node.number), ()),
            "codes": self.codes.get((layer, node.number), ()),
        }


def grouping(
    taxonomy_folder: Path,
    snapshot_folder: Path,
    layer: Corpus,
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
    structure = structure_of(taxonomy.stability)
    decided = shown.read_decided(taxonomy_folder)
    visible = _visible(decided.shown)
    said = _Said(
        topic_of=visible.topic_of,
        verdicts=verdicts(taxonomy_folder, decided.shown),
        codes=node_codes(taxonomy_folder, decided.shown),
    )
    texts = texts_folder(snapshot_folder.parent.parent, snapshot_folder.name, DOCUMENTS[layer])
    if layer == "tools":
        documents: tuple[Any, ...] = _documents(
            taxonomy, visible, Tool, _tool_facts(snapshot_folder, taglines(texts))
        )
    else:
        facts = _request_facts(snapshot_folder, {name.lower(): name for name in frameworks})
        documents = _documents(taxonomy, visible, Request, facts)
    return Grouping(
        snapshot=snapshot_folder.name,
        topics=tuple(
            Topic(topic=t.number, category=t.category, size=t.size, **said.node("topics", t))
            for t in visible.topics
        ),
        categories=_categories(visible, said),
        documents=documents,
        runs=len(Manifest.read(taxonomy_folder).seeds),
        self_agreement=taxonomy.stability["halves_ami"],
        evaluation=None if evaluated is None else _evaluation(evaluated),
        n_hidden=visible.n_hidden,
        n_hidden_topics=visible.n_hidden_topics,
        lost=lost_decisions(decided),
        warning=structure.told if structure else "",
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


def _visible(whole: shown.Shown) -> _Visible:
    """Take out what a person has hidden: topics, and categories with all their topics."""
    gone = {category.number for category in whole.categories if category.hidden}
    hidden = {t.number for t in whole.topics if t.hidden or t.category in gone}
    topics = tuple(t for t in whole.topics if t.number not in hidden)
    used = {topic.category for topic in topics}
    return _Visible(
        topics=tuple(sorted(topics, key=lambda t: (-t.size, t.number))),
        categories=tuple(c for c in whole.categories if c.number in used),
        topic_of={key: topic for key, topic in whole.topic_of.items() if topic not in hidden},
        nearest_of={
            key: NOISE if topic in hidden else topic for key, topic in whole.nearest_of.items()
        },
        moved=whole.moved,
        n_hidden=sum(topic in hidden for topic in whole.topic_of.values()),
        n_hidden_topics=len(hidden),
    )


def _categories(visible: _Visible, said: _Said) -> tuple[Category, ...]:
    """Return the categories, the largest first, each as large as what is shown of its topics."""
    sizes: Counter[int] = Counter()
    for topic in visible.topics:
        sizes[topic.category] += topic.size
    order = sorted(visible.categories, key=lambda c: (-sizes[c.number], c.number))
    return tuple(
        Category(category=c.number, size=sizes[c.number], **said.node("categories", c))
        for c in order
    )


def _documents(
    taxonomy: StoredTaxonomy,
    visible: _Visible,
    document: type[Tool] | type[Request],
    facts: Facts,
) -> tuple[Tool | Request, ...]:
    places = {row["key"]: (row["x"], row["y"]) for row in taxonomy.map.to_pylist()}
    return tuple(
        document(
            topic=topic,
            nearest_topic=visible.nearest_of[row["key"]],
            # A place that a person chose was never measured.
            strength=None if row["key"] in visible.moved else row["strength"],
            x=places[row["key"]][0],
            y=places[row["key"]][1],
            **facts[row["key"]],
        )
        for row in taxonomy.assignments.to_pylist()
        if (topic := visible.topic_of.get(row["key"])) is not None
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
