"""What a page is made of: plain values, checked against each other before anything is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from artifacts.arrays import Floats
from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.words import NOISE, Corpus, Layer
from insights.history.history import History
from reports.usage.evidence import PageUsage
from taxonomy.evaluation import Evaluation
from taxonomy.guidance.guide import Guidance
from taxonomy.nodes import Category, Topic

if TYPE_CHECKING:
    from insights.search.index import SearchIndex
    from reports.comparison.inputs import ShownComparison
    from reports.page.addresses import Addresses

NodeId = tuple[Layer, int]
"""A node's layer and its number."""


@dataclass(frozen=True)
class NodeCode:
    """The code that a node has in a codebook; `name` is None where none fits firmly."""

    codebook: str
    name: str | None


@dataclass(frozen=True, kw_only=True)
class PageDocument:
    """One placed or unplaced document. What is not known is None, never 0 or an empty text.

    `topic` is `NOISE` (-1) where the document is in no topic; `nearest_topic` is then the one
    that it came nearest, if any. `strength` is the share of the runs, 0 to 1, in which it was with
    that topic; None where a person chose its place.
    `x` and `y` are its place on the map, None where it has none.
    """

    key: str
    title: str
    topic: int
    nearest_topic: int
    strength: float | None
    url: str | None = None
    description: str | None = None
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, kw_only=True)
class Tool(PageDocument):
    """A repository, with the figures that its source knows.

    `contributors` are all who ever committed, `owner_type` is ``User`` or ``Organization``.
    """

    github_topics: tuple[str, ...] = ()
    stars: int | None = None
    language: str | None = None
    license: str | None = None
    first_commit: date | None = None
    last_commit: date | None = None
    commits: int | None = None
    former_names: tuple[str, ...] = ()
    homepage: str | None = None
    owner_type: str | None = None
    archived: bool | None = None
    contributors: int | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureRequest(PageDocument):
    """A feature request; `repository` is the framework (owner/name) that was asked."""

    repository: str
    number: int
    state: str | None = None
    created_at: date | None = None
    reactions: int | None = None
    comments: int | None = None


@dataclass(frozen=True, kw_only=True)
class PageGuidance:
    """The codebook that a taxonomy is guided by, or was to be.

    `codes` are the names of the codes that nodes have in it; a topic without one is beyond it. The
    rest is what the same runs find without it, of `n_unplaced` documents in no topic; empty where
    the codebook has no weight.
    """

    by: Guidance
    codes: Mapping[NodeId, str] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    categories: tuple[Category, ...] = ()
    n_unplaced: int = 0


AnyDocument = TypeVar("AnyDocument", bound=PageDocument)


@dataclass(frozen=True, kw_only=True)
class PageSection(Generic[AnyDocument]):
    """One taxonomy over one kind of document.

    `verdicts` are what people said when they looked at a node, oldest first, and `codes` what it is
    called in codebooks, beside the one of `guidance`. `runs` is the size of the ensemble.
    `self_agreement` is the AMI between two halves, or two ensembles, with disjoint seeds, if it was
    measured. Documents of topics that a person took out of what is shown are counted (`n_hidden`,
    in `n_hidden_topics`), and are not in `documents`. `decisions` are those of people that it
    follows, and `lost` says which it could not follow, and why; `warning` that its documents have
    no more structure than noise.
    """

    snapshot: str
    topics: tuple[Topic, ...]
    categories: tuple[Category, ...]
    documents: tuple[AnyDocument, ...]
    verdicts: Mapping[NodeId, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[NodeId, tuple[NodeCode, ...]] = field(default_factory=dict)
    runs: int | None = None
    self_agreement: float | None = None
    evaluation: Evaluation | None = None
    guidance: PageGuidance | None = None
    notes: tuple[str, ...] = ()
    n_hidden: int = 0
    n_hidden_topics: int = 0
    decisions: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class RepositoryFact:
    """What is shown of a repository whose text is not ours to show."""

    language: str | None = None
    license: str | None = None
    created_at: date | None = None
    stars: int | None = None


@dataclass(frozen=True, kw_only=True)
class PopulationFacts:
    """A further population, in facts alone: `title` completes "Facts of …"."""

    title: str
    snapshot: str
    repositories: tuple[RepositoryFact, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PageInputs:
    """Everything that a page shows.

    `manifests` are those of the artifacts that went in, in the order in which they were made;
    counts, dropped records, models, seeds, versions and notes are taken from them. `usage` is None
    for a study that does not look at how frameworks are used; `histories` is empty for one that
    does not look at how tools live, and has one history a snapshot otherwise; `others` are the
    tools of these snapshots, sorted by no taxonomy. `vectors` are keys of tools and a row of unit
    length for each, by which neighbours in meaning are found. `addresses` are those of the nodes of
    each corpus; `framework_names` are how people call frameworks, by full name. `changes` is None
    where no earlier snapshot of the tools is compared with theirs, `search` where no index of the
    tools was made: then they are found by the letters of their words alone.
    """

    title: str
    ecosystem: tuple[str, ...]
    tools: PageSection[Tool]
    requests: PageSection[FeatureRequest] | None = None
    facts: PopulationFacts | None = None
    manifests: tuple[Manifest, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = ""
    usage: PageUsage | None = None
    histories: tuple[History, ...] = ()
    others: tuple[PageSection[Tool], ...] = ()
    vectors: tuple[Sequence[str], Floats] | None = None
    addresses: Mapping[Corpus, Addresses] = field(default_factory=dict)
    changes: ShownComparison | None = None
    framework_names: Mapping[str, str] = field(default_factory=dict)
    search: SearchIndex | None = None

    @property
    def groupings(self) -> dict[Corpus, PageSection[Any]]:
        """Return the taxonomy of each corpus that there is."""
        found: dict[Corpus, PageSection[Any] | None]
        found = {"tools": self.tools, "themes": self.requests}
        return {corpus: section for corpus, section in found.items() if section is not None}


def check_inputs(inputs: PageInputs) -> None:
    """Raise `InputError` where topics and documents contradict each other."""
    _check_section(inputs.tools, "tools")
    if inputs.requests is not None:
        _check_section(inputs.requests, "requests")


def _check_section(section: PageSection[AnyDocument], name: str) -> None:
    topics = {topic.number for topic in section.topics}
    keys = {document.key for document in section.documents}
    if len(keys) < len(section.documents):
        raise _contradiction(name, "two documents have the same key")
    if len(topics) < len(section.topics) or NOISE in topics:
        raise _contradiction(name, f"topic numbers repeat, or one of them is {NOISE}")
    for document in section.documents:
        for number in (document.topic, document.nearest_topic):
            if number != NOISE and number not in topics:
                raise _contradiction(f"{name}, {document.key}", f"there is no topic {number}")
    sizes = Counter(document.topic for document in section.documents)
    for topic in section.topics:
        if topic.size != sizes[topic.number]:
            found = f"topic {topic.number} has size {topic.size}, but "
            found += f"{sizes[topic.number]} documents"
            raise _contradiction(name, found)
    _check_categories(section, name)
    for node in (*section.categories, *section.topics):
        for key in node.exemplars:
            if key not in keys:
                raise _contradiction(name, f"the exemplar {key} is not among the documents")


def _check_categories(section: PageSection[AnyDocument], name: str) -> None:
    categories = {category.number for category in section.categories}
    if len(categories) < len(section.categories):
        raise _contradiction(name, "category numbers repeat")
    sizes: Counter[int] = Counter()
    for topic in section.topics:
        if topic.category not in categories:
            raise _contradiction(name, f"there is no category {topic.category}")
        sizes[topic.category] += topic.size
    for category in section.categories:
        number, size = category.number, category.size
        if sizes[number] != size or number not in sizes:
            found = f"category {number} has size {size}, but its topics hold {sizes[number]}"
            raise _contradiction(name, found)


def _contradiction(where: str, what: str) -> InputError:
    return InputError(
        f"The page cannot be drawn: {what}.",
        where=where,
        fix="give the documents and the topics of one and the same taxonomy",
    )
