"""What a page is made of: plain values, checked against each other before anything is drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from artifacts.errors import InputError
from artifacts.manifest import Manifest

UNPLACED = -1


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A group of `size` placed documents; `exemplars` are the keys of some, best first."""

    topic: int
    label: str
    size: int
    stability: float
    keywords: tuple[str, ...] = ()
    exemplars: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """One placed or unplaced document. What is not known is None, never 0 or an empty text.

    `topic` is `UNPLACED` (-1) where the document is in no topic; `nearest_topic` and `strength`
    (share of the runs, 0 to 1, in which it was with that topic) are given for every document.
    `x` and `y` are its place on the map, None where it has none.
    """

    key: str
    title: str
    topic: int
    nearest_topic: int
    strength: float
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
    ensembles, with disjoint seeds, if it was measured.
    """

    snapshot: str
    topics: tuple[Topic, ...]
    documents: tuple[AnyDocument, ...]
    runs: int | None = None
    self_agreement: float | None = None
    evaluation: Evaluation | None = None
    notes: tuple[str, ...] = ()


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
    if len(topics) < len(grouping.topics) or UNPLACED in topics:
        raise _contradiction(name, f"topic numbers repeat, or one of them is {UNPLACED}")
    for document in grouping.documents:
        for number in (document.topic, document.nearest_topic):
            if number != UNPLACED and number not in topics:
                raise _contradiction(f"{name}, {document.key}", f"there is no topic {number}")
    sizes = Counter(document.topic for document in grouping.documents)
    for topic in grouping.topics:
        if topic.size != sizes[topic.topic]:
            found = f"topic {topic.topic} has size {topic.size}, but {sizes[topic.topic]} documents"
            raise _contradiction(name, found)
        for key in topic.exemplars:
            if key not in keys:
                raise _contradiction(name, f"the exemplar {key} is not among the documents")


def _contradiction(where: str, what: str) -> InputError:
    return InputError(
        f"The page cannot be drawn: {what}.",
        where=where,
        fix="give the documents and the topics of one and the same taxonomy",
    )
