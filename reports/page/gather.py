"""Gathers what a page shows: topics, documents and facts, and what people and codebooks say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from artifacts.manifest import FILE_NAME, Manifest
from artifacts.tables import rows_of
from artifacts.words import DOCUMENTS, LAYERS, NOISE, Corpus
from embeddings.build import taglines, texts_folder
from mining.names import GITHUB, issue_url, read_owners
from mining.snapshots import load_table
from mining.tables import issue_key
from reports.inputs import (
    FeatureRequest,
    NodeCode,
    NodeId,
    PageGuidance,
    PageSection,
    PopulationFacts,
    RepositoryFact,
    Tool,
)
from reports.page.addresses import read_former_names
from taxonomy.decisions.audits import read_verdicts, standings
from taxonomy.decisions.words import in_words
from taxonomy.evaluation import Evaluation
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.crosswalk import FOLDER, Crosswalk, read_crosswalk
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
        said = taglines(texts_of(snapshot_folder, corpus))
        facts = _tool_facts(snapshot_folder, said, only=visible.topic_of)
        documents: tuple[Any, ...] = _documents(visible, Tool, facts)
    else:
        written = {name.lower(): name for name in frameworks}
        facts = _request_facts(snapshot_folder, written, only=visible.topic_of)
        documents = _documents(visible, FeatureRequest, facts)
    return PageSection(
        snapshot=snapshot_folder.name,
        topics=visible.topic_nodes,
        categories=visible.category_nodes,
        documents=documents,
        verdicts=_verdicts(taxonomy_folder, whole),
        codes=_node_codes(taxonomy_folder, whole),
        runs=len(Manifest.read(taxonomy_folder).seeds),
        self_agreement=whole.measured["halves_ami"],
        evaluation=evaluated,
        guidance=_guidance(whole),
        n_hidden=len(whole.topic_of) - len(visible.topic_of),
        n_hidden_topics=len(whole.topic_nodes) - len(visible.topic_nodes),
        decisions=_followed_decisions(whole),
        lost=_lost_decisions(whole),
        warning=whole.structure.told if whole.structure else "",
    )


def unsorted_tools(snapshot_folder: Path) -> PageSection[Tool]:
    """Return the repositories of a snapshot that no taxonomy sorts."""
    facts = _tool_facts(snapshot_folder, {}).values()
    nowhere: dict[str, Any] = {"topic": NOISE, "nearest_topic": NOISE, "strength": None}
    return PageSection(
        snapshot=snapshot_folder.name,
        topics=(),
        categories=(),
        documents=tuple(Tool(**nowhere, **row) for row in facts),
    )


def texts_of(snapshot_folder: Path, corpus: Corpus) -> Path:
    """Return the folder of the texts of a snapshot's documents."""
    return texts_folder(snapshot_folder.parent.parent, snapshot_folder.name, DOCUMENTS[corpus])


def population(snapshot_folder: Path) -> PopulationFacts:
    """Return the figures of a snapshot's repositories."""
    columns = ["language", "license_spdx", "created_at", "stars"]
    table = load_table(snapshot_folder, "repositories", columns)
    name = snapshot_folder.name
    return PopulationFacts(
        title=f"the {table.num_rows:,} repositories of snapshot {name}",
        snapshot=name,
        repositories=tuple(
            RepositoryFact(
                language=row["language"],
                license=row["license_spdx"],
                created_at=row["created_at"],
                stars=row["stars"],
            )
            for row in rows_of(table)
        ),
        notes=tuple(Manifest.read(snapshot_folder).notes),
    )


def _guidance(shown: Taxonomy) -> PageGuidance | None:
    """Return the codebook that guides, what nodes are called in it, and what the runs find alone.

    A topic has one of its codes, a category a broader one.
    """
    guidance, alone = shown.guidance, shown.unguided
    if guidance is None or alone is None:
        return None if guidance is None else PageGuidance(by=guidance)
    book = CodeList.from_values(shown.measured["guide"]["book"])
    names = {
        "topics": {code.id: code.name for code in book.codes},
        "categories": {code.id: code.name for code in book.parents.values()},
    }
    return PageGuidance(
        by=guidance,
        codes={
            (layer, node.number): names[layer][node.code]
            for layer in LAYERS
            for node in shown.nodes(layer)
            if node.code is not None
        },
        topics=alone.topic_nodes,
        categories=alone.category_nodes,
        n_unplaced=list(alone.topic_of.values()).count(NOISE),
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


def _tool_facts(
    snapshot: Path, said: Mapping[str, str], *, only: Collection[str] | None = None
) -> Facts:
    former = read_former_names(snapshot)
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
            "former_names": former.get(row["full_name"], ()),
            "homepage": row["homepage"],
            "owner_type": row["owner_type"],
            "archived": row["archived"],
            "contributors": _first_known(row["contributors"], row["commit_authors"]),
        }
        for row in rows_of(load_table(snapshot, "repositories"))
        if only is None or row["repo_key"] in only
    }


def _first_known(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _request_facts(snapshot: Path, written: Mapping[str, str], *, only: Collection[str]) -> Facts:
    owners = read_owners(snapshot)
    facts = {}
    for row in rows_of(load_table(snapshot, "issues")):
        key = issue_key(row["repo_key"], row["number"])
        if key not in only:
            continue
        name = owners.name(row["repo_key"])
        name = written.get(name.lower(), name)
        facts[key] = {
            "key": key,
            "title": row["title"] or f"{name} #{row['number']}",
            "url": issue_url(name, row["number"]),
            "description": row["body"],
            "repository": name,
            "number": row["number"],
            "state": row["state"],
            "created_at": row["created_at"],
            "reactions": row["reactions_total"],
            "comments": row["comments"],
        }
    return facts


def _verdicts(folder: Path, shown: Taxonomy) -> dict[NodeId, tuple[str, ...]]:
    """Return what people said when they looked at a node, by node; oldest first.

    Verdicts on nodes that are no more are left out.
    """
    found: defaultdict[NodeId, list[str]] = defaultdict(list)
    for standing in standings(shown, read_verdicts(folder)):
        if standing.node is not None:
            looked = standing.looked
            because = f": {looked.because}" if looked.because else ""
            said = f"{looked.verdict} by {looked.by}, {looked.at:%Y-%m-%d}{because}"
            found[looked.layer, standing.node.number].append(said)
    return {node: tuple(said) for node, said in found.items()}


def _followed_decisions(decided: Taxonomy) -> tuple[str, ...]:
    """Return each decision that this taxonomy follows, wholly or partly, with who made it."""
    made = [
        outcome.decision for outcome in decided.outcomes if outcome.state not in ("undone", "lost")
    ]
    return tuple(
        f"{decision.id}: {in_words(decision)} ({decision.by}, {decision.at:%Y-%m-%d}"
        f"{f', because {decision.because}' if decision.because else ''})"
        for decision in made
    )


def _lost_decisions(decided: Taxonomy) -> tuple[str, ...]:
    """Return, for each decision that this taxonomy could not follow, why not."""
    return tuple(
        f"{outcome.decision.action} by {outcome.decision.by}: {loss}"
        for outcome in decided.lost
        for loss in outcome.losses
    )


def crosswalk_folders(taxonomy: Path) -> list[Path]:
    """Return the crosswalks of the taxonomy as it is now, in the order of their names."""
    content = Manifest.read(taxonomy).content_hash
    workspace = taxonomy.parent.parent
    return [
        folder
        for folder in sorted((workspace / FOLDER).glob(f"{taxonomy.name}.*"))
        if (folder / FILE_NAME).exists()
        and Manifest.read(folder).inputs.get(taxonomy.name) == content
    ]


def _node_codes(taxonomy: Path, shown: Taxonomy) -> dict[NodeId, tuple[NodeCode, ...]]:
    """Return the code of each node in each codebook that was laid over the taxonomy.

    A crosswalk that was made before people changed the nodes is of other nodes, and left out. So is
    that of the codebook which guides: the nodes have its codes from the guidance.
    """
    found: defaultdict[NodeId, list[NodeCode]] = defaultdict(list)
    guide = shown.guidance.book if shown.guidance is not None and shown.is_guided else None
    for folder in crosswalk_folders(taxonomy):
        crosswalk = read_crosswalk(folder)
        if crosswalk.codebook.name != guide and _fits(crosswalk, shown):
            for node, code in _codes(crosswalk):
                found[node].append(code)
    return {node: tuple(codes) for node, codes in found.items()}


def _fits(crosswalk: Crosswalk, shown: Taxonomy) -> bool:
    return all(
        {number: coding.size for number, coding in crosswalk.nodes(layer).items()}
        == {node.number: node.size for node in shown.nodes(layer)}
        for layer in LAYERS
    )


def _codes(crosswalk: Crosswalk) -> Iterator[tuple[NodeId, NodeCode]]:
    names = {code.id: code.name for code in crosswalk.codebook.codes}
    for layer in LAYERS:
        for number, coding in crosswalk.nodes(layer).items():
            name = None if coding.code is None else names[coding.code]
            yield (layer, number), NodeCode(crosswalk.codebook.title, name)
