"""What a page is made of: plain values, checked against each other before anything is drawn."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from artifacts.words import NOISE
from taxonomy.shown import STABLE, NamedBy

Standing = Literal["stable", "unstable", "unmeasured"]
"""Whether a node stood firm over the ensemble; what people made has not been measured."""


@dataclass(frozen=True)
class Code:
    """The code that a node has in a codebook; `name` is None where none fits firmly."""

    codebook: str
    name: str | None


@dataclass(frozen=True, kw_only=True)
class Node:
    """A topic or a category of `size` placed documents.

    `stability` is None for what people made; a node `of_noise` is not stable, however steady.
    `exemplars` are keys of documents, best first; `named_by` says where the label is from, `notes`
    are what people wrote about it, `verdicts` what they said when they looked at it, and `codes`
    what it is called in codebooks.
    """

    label: str
    size: int
    stability: float | None
    of_noise: bool = False
    keywords: tuple[str, ...] = ()
    exemplars: tuple[str, ...] = ()
    named_by: NamedBy = "documents"
    notes: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()

    @property
    def standing(self) -> Standing:
        """Return how the node is drawn."""
        if self.stability is None or not math.isfinite(self.stability):
            return "unmeasured"
        return "stable" if self.stability >= STABLE and not self.of_noise else "unstable"


@dataclass(frozen=True, kw_only=True)
class Topic(Node):
    """A group of documents; `category` is the number of the category that holds it."""

    topic: int
    category: int


@dataclass(frozen=True, kw_only=True)
class Category(Node):
    """A group of topics: those that name it."""

    category: int


@dataclass(frozen=True, kw_only=True)
class Document:
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
class Tool(Document):
    """A repository, with the figures that its source knows."""

    github_topics: tuple[str, ...] = ()
    stars: int | None = None
    language: str | None = None
    license: str | None = None
    first_commit: date | None = None
    last_commit: date | None = None
    commits: int | None = None


@dataclass(frozen=True, kw_only=True)
class Request(Document):
    """A feature request; `repository` is the framework (owner/name) that was asked."""

    repository: str
    number: int
    state: str | None = None
    created_at: date | None = None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """An adjusted mutual information (AMI) over `n` documents, with its interval if known."""

    name: str
    n: int
    ami: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Agreement with gold lists, and of the lists with each other (`ceiling`)."""

    lists: tuple[Agreement, ...]
    ceiling: Agreement | None = None
    mean_ami: float | None = None
    notes: tuple[str, ...] = ()


AnyDocument = TypeVar("AnyDocument", bound=Document)


@dataclass(frozen=True, kw_only=True)
class Grouping(Generic[AnyDocument]):
    """One taxonomy over one kind of document.

    `runs` is the size of the ensemble. `self_agreement` is the AMI between two halves, or two
    ensembles, with disjoint seeds, if it was measured. Documents of topics that a person took out
    of what is shown are counted (`n_hidden`, in `n_hidden_topics`), and are not in `documents`.
    `lost` says which of people's decisions this taxonomy could not follow, and why; `warning` that
    its documents have no more structure than noise.
    """

    snapshot: str
    topics: tuple[Topic, ...]
    categories: tuple[Category, ...]
    documents: tuple[AnyDocument, ...]
    runs: int | None = None
    self_agreement: float | None = None
    evaluation: Evaluation | None = None
    notes: tuple[str, ...] = ()
    n_hidden: int = 0
    n_hidden_topics: int = 0
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
    counts, dropped records, models, seeds, versions and notes are taken from them.
    """

    title: str
    ecosystem: tuple[str, ...]
    tools: Grouping[Tool]
    requests: Grouping[Request] | None = None
    facts: PopulationFacts | None = None
    manifests: tuple[Manifest, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = ""


def check_inputs(inputs: PageInputs) -> None:
    """Raise `InputError` where topics and documents contradict each other."""
    _check_grouping(inputs.tools, "tools")
    if inputs.requests is not None:
        _check_grouping(inputs.requests, "requests")


def _check_grouping(grouping: Grouping[AnyDocument], name: str) -> None:
    topics = {topic.topic for topic in grouping.topics}
    keys = {document.key for document in grouping.documents}
    if len(keys) < len(grouping.documents):
        raise _contradiction(name, "two documents have the same key")
    if len(topics) < len(grouping.topics) or NOISE in topics:
        raise _contradiction(name, f"topic numbers repeat, or one of them is {NOISE}")
    for document in grouping.documents:
        for number in (document.topic, document.nearest_topic):
            if number != NOISE and number not in topics:
                raise _contradiction(f"{name}, {document.key}", f"there is no topic {number}")
    sizes = Counter(document.topic for document in grouping.documents)
    for topic in grouping.topics:
        if topic.size != sizes[topic.topic]:
            found = f"topic {topic.topic} has size {topic.size}, but {sizes[topic.topic]} documents"
            raise _contradiction(name, found)
    _check_categories(grouping, name)
    for node in (*grouping.categories, *grouping.topics):
        for key in node.exemplars:
            if key not in keys:
                raise _contradiction(name, f"the exemplar {key} is not among the documents")


def _check_categories(grouping: Grouping[AnyDocument], name: str) -> None:
    categories = {category.category for category in grouping.categories}
    if len(categories) < len(grouping.categories):
        raise _contradiction(name, "category numbers repeat")
    sizes: Counter[int] = Counter()
    for topic in grouping.topics:
        if topic.category not in categories:
            raise _contradiction(name, f"there is no category {topic.category}")
        sizes[topic.category] += topic.size
    for category in grouping.categories:
        number, size = category.category, category.size
        if sizes[number] != size or number not in sizes:
            found = f"category {number} has size {size}, but its topics hold {sizes[number]}"
            raise _contradiction(name, found)


def _contradiction(where: str, what: str) -> InputError:
    return InputError(
        f"The page cannot be drawn: {what}.",
        where=where,
        fix="give the documents and the topics of one and the same taxonomy",
    )
