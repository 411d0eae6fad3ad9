"""The page of a study as an artifact: gathers what the other steps made and writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from artifacts.errors import InputError
from artifacts.files import write_text
from artifacts.hashing import hash_file
from artifacts.manifest import Manifest
from artifacts.progress import Progress
from artifacts.step import Content, Step, make
from artifacts.words import DOCUMENTS, Corpus
from insights.history.history import read_history
from insights.search.build import read_search
from mining.commits import is_there
from mining.names import document_names
from reports.answers.gathering import keyed_vectors
from reports.inputs import PageInputs
from reports.page.addresses import FILE as ADDRESSES
from reports.page.addresses import (
    Former,
    addresses_of,
    build_id,
    nodes_of,
    read_former,
    remember,
)
from reports.page.gather import crosswalk_folders, population, section, texts_of, unsorted_tools
from reports.page.page import write_page
from reports.provenance import content_key
from reports.usage.evidence import UsageParts, read_page_usage
from taxonomy import evaluation
from taxonomy.origin import decisions_hash
from taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    from reports.comparison.comparison import Comparison

KIND = "page"
VERSION = 7
EVALUATION_KIND = "evaluation"
EVALUATION_VERSION = 2
"""Raised whenever the same taxonomy and lists would give another evaluation."""
EVALUATION_FILE = "evaluation.json"


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
    usage
        How dependents use frameworks; None: the study does not look at it.
    histories
        Folders of artifacts of `insights.history.history`, one a snapshot; empty: the study does
        not look at how tools live.
    comparison
        Of the tools with those of earlier snapshots, made; None: there is none.
    framework_names
        How people call the frameworks, by full name.
    search
        Folder of the artifact of `insights.search.build`; None: there is none.
    """

    title: str
    ecosystem: Sequence[str]
    corpora: Mapping[Corpus, tuple[Path, Path, Sequence[Path]]]
    facts_snapshot: Path | None
    frameworks: Sequence[str]
    notes: Sequence[str]
    usage: UsageParts | None = None
    histories: tuple[Path, ...] = ()
    comparison: Comparison | None = None
    framework_names: Mapping[str, str] = field(default_factory=dict)
    search: Path | None = None

    @property
    def reports(self) -> Path:
        """Return the folder of the workspace's reports."""
        taxonomy, _, _ = self.corpora["tools"]
        return taxonomy.parent.parent / "reports"


def page_step(parts: PageParts, *, progress: Progress) -> Step:
    """Return the step that evaluates the taxonomies, as people see them now, and draws the page.

    Made, it raises `InputError` if a list cannot be used.

    Raises
    ------
    InputError
        If there is no taxonomy of tools.
    """
    if "tools" not in parts.corpora:
        raise InputError(
            "A page needs a taxonomy of tools.", fix="add [taxonomy] to the study file"
        )
    taxonomies = [taxonomy for taxonomy, _, _ in parts.corpora.values()]
    gold = [path for _, _, lists in parts.corpora.values() for path in lists]
    manifests = _manifests(parts)
    crosswalks = [
        Manifest.read(folder) for taxonomy in taxonomies for folder in crosswalk_folders(taxonomy)
    ]
    present = _present(parts)
    former = read_former(parts.reports, present)
    linked = former.content_hash(parts.corpora)
    compared = {} if parts.comparison is None else {"comparison": parts.comparison.shown_key()}
    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "opsatlas": metadata.version("opsatlas"),
            "words": [
                *(parts.title, *parts.ecosystem, *parts.frameworks, *parts.notes),
                *parts.framework_names.values(),
            ],
            "artifacts": [[made.key, made.content_hash] for made in manifests],
            "decisions": [decisions_hash(taxonomy) for taxonomy in taxonomies],
            "crosswalks": [[made.key, made.content_hash] for made in crosswalks],
            "gold": [[path.name, hash_file(path)] for path in gold],
            **({"former addresses": linked} if linked else {}),
            **compared,
        },
        inputs={made.name: made.content_hash for made in manifests},
        find=lambda _: _drawn(parts, manifests, former, present, progress),
    )


def keep_addresses(parts: PageParts) -> None:
    """Remember what a page that is there calls its nodes, if a person removed what was kept.

    Else links to it would lead nowhere once its nodes are called otherwise.
    """
    if (parts.reports / ADDRESSES).exists():
        return
    nodes = {
        corpus: nodes_of(section(taxonomy, snapshot, corpus, None, frameworks=parts.frameworks))
        for corpus, (taxonomy, snapshot, _) in parts.corpora.items()
    }
    remember(parts.reports, Former(), _present(parts), nodes)


def _present(parts: PageParts) -> dict[Corpus, str]:
    return {corpus: build_id(taxonomy) for corpus, (taxonomy, _, _) in parts.corpora.items()}


def _drawn(
    parts: PageParts,
    manifests: Sequence[Manifest],
    former: Former,
    present: Mapping[Corpus, str],
    progress: Progress,
) -> Content:
    progress.say("drawing the page")
    evaluations = {
        corpus: _evaluated(taxonomy, snapshot, corpus, gold)
        for corpus, (taxonomy, snapshot, gold) in parts.corpora.items()
        if gold
    }
    inputs = _page_inputs(parts, evaluations, manifests, former)
    nodes = {corpus: nodes_of(shown) for corpus, shown in inputs.groupings.items()}
    remember(parts.reports, former, present, nodes)
    figures = {corpus: as_json(found) for corpus, found in evaluations.items()}

    def write(folder: Path) -> None:
        write_page(inputs, folder / "index.html")
        write_text(folder / EVALUATION_FILE, json.dumps(figures, indent=2) + "\n")

    # The page tells when its parts were made, so its bytes hold clocks; this hash does not.
    return Content(write=write, content_hash=content_key(inputs))


def _evaluated(
    taxonomy: Path, snapshot: Path, corpus: Corpus, gold: Sequence[Path]
) -> evaluation.Evaluation:
    """Return how well lists agree with a taxonomy as it was found, computed once and kept.

    What people decide changes nothing of it, so a page is redrawn without it.
    """
    made = [Manifest.read(folder) for folder in (taxonomy, snapshot)]
    step = Step(
        kind=EVALUATION_KIND,
        version=EVALUATION_VERSION,
        depends_on={
            "artifacts": [manifest.content_hash for manifest in made],
            "gold": [[path.name, hash_file(path)] for path in gold],
        },
        inputs={manifest.name: manifest.content_hash for manifest in made},
        find=lambda _: _judged(evaluate_taxonomy(taxonomy, snapshot, corpus, gold)),
    )
    folder = taxonomy.parent.parent / "reports" / "evaluations" / taxonomy.name
    make(step, folder)
    kept = (folder / EVALUATION_FILE).read_bytes()
    return TypeAdapter(evaluation.Evaluation).validate_json(kept)


def _judged(found: evaluation.Evaluation) -> Content:
    text = json.dumps(as_json(found), indent=2) + "\n"
    return Content(write=lambda folder: write_text(folder / EVALUATION_FILE, text))


def evaluate_taxonomy(
    taxonomy_folder: Path, snapshot_folder: Path, corpus: Corpus, gold: Sequence[Path]
) -> evaluation.Evaluation:
    """Judge a taxonomy by lists that name documents as people do, and beside it its unguided one.

    Raises
    ------
    InputError
        If a list cannot be read or shares nothing with the taxonomy.
    """
    found = Taxonomy.open(taxonomy_folder, decided=False)
    key_of = document_names(snapshot_folder, DOCUMENTS[corpus])

    def named(shown: Taxonomy) -> dict[str, int]:
        of = shown.topic_of
        return {name: of[key] for name, key in key_of.items() if key in of}

    lists = [each for path in gold for each in evaluation.read_gold(path)]
    alone = None if found.unguided is None else named(found.unguided)
    return evaluation.evaluate(named(found), lists, unguided=alone)


def as_json(judged: evaluation.Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON-compatible values."""
    means = {"mean_ami": judged.mean_ami, "mean_ami_unguided": judged.mean_ami_unguided}
    return {**asdict(judged), **means, "notes": list(judged.notes)}


def _page_inputs(
    parts: PageParts,
    evaluations: Mapping[Corpus, evaluation.Evaluation],
    manifests: Sequence[Manifest],
    former: Former,
) -> PageInputs:
    groupings = {
        corpus: section(
            taxonomy, snapshot, corpus, evaluations.get(corpus), frameworks=parts.frameworks
        )
        for corpus, (taxonomy, snapshot, _) in parts.corpora.items()
    }
    facts = None if parts.facts_snapshot is None else population(parts.facts_snapshot)
    addresses = {
        corpus: addresses_of(
            nodes_of(groupings[corpus]),
            former.of(corpus),
            key_of=document_names(snapshot, DOCUMENTS[corpus]) if former.of(corpus) else None,
        )
        for corpus, (_, snapshot, _) in parts.corpora.items()
    }
    taxonomy, snapshot, _ = parts.corpora["tools"]
    histories = tuple(map(read_history, parts.histories))
    beside = (snapshot.parent / history.snapshot for history in histories)
    return PageInputs(
        title=parts.title,
        ecosystem=tuple(parts.ecosystem),
        tools=groupings["tools"],
        requests=groupings.get("themes"),
        facts=facts,
        manifests=tuple(manifests),
        notes=tuple(parts.notes),
        version=metadata.version("opsatlas"),
        usage=None if parts.usage is None else read_page_usage(parts.usage),
        histories=histories,
        others=tuple(map(unsorted_tools, filter(is_there, beside))),
        framework_names=parts.framework_names,
        search=None if parts.search is None else read_search(parts.search),
        vectors=keyed_vectors(taxonomy),
        addresses=addresses,
        changes=None if parts.comparison is None else parts.comparison.read(),
    )


def _manifests(parts: PageParts) -> list[Manifest]:
    """Return the manifests of all that went in, each once, in the order of making."""
    folders: list[Path] = []
    for corpus, (taxonomy, snapshot, _) in parts.corpora.items():
        folders += [snapshot, texts_of(snapshot, corpus), taxonomy]
    if parts.facts_snapshot is not None:
        folders.append(parts.facts_snapshot)
    made = [Manifest.read(folder) for folder in dict.fromkeys(folders)]
    made += [] if parts.usage is None else parts.usage.manifests()
    made += [Manifest.read(folder) for folder in parts.histories]
    made += [] if parts.search is None else [Manifest.read(parts.search)]
    compared = [] if parts.comparison is None else parts.comparison.manifests()
    return made + [each for each in compared if each not in made]
