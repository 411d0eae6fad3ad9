"""What a study may set about its topics."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

FEWEST = 3
"""Documents of the smallest topic of a small collection. Five collections of 120 to 360 documents
in three fields agree with themselves under other seeds best, or nearly so, at a size of 3, and at
larger ones some of them much less (`benchmarks.sizes`); two alike are a pair, and no topic."""

MANY = 20_000
"""Above so many documents neighbours are sought by descent."""

FEWEST_RUNS = 80
"""However many the documents. Two ensembles of 20,000 commit messages with other seeds agree by an
adjusted mutual information of 0.84 with 20 runs of 100 epochs, of 0.87 with 40 of 50, and of 0.90
with 80 of 50 (`benchmarks.scale --runs`): fewer runs agree less, shorter ones hardly."""

LONGEST = 100
"""Epochs of a run of up to 2,500 documents."""

SHORTEST = 50
"""Epochs of the largest collections. With fewer the topics are others, not only less sure."""


class TopicSettings(BaseModel):
    """Parameters of the ensemble, its consensus and the description of its topics.

    The defaults are meant for some hundreds to some hundred thousands of documents.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    seed: int = Field(
        0, ge=0, le=2**31 - 1, description="seed of the first run; run i has seed + i"
    )
    runs: int | None = Field(
        None, ge=2, le=999, description="runs of UMAP + HDBSCAN in the ensemble; unset: 200 for up "
        "to 1,000 documents, then fewer, 80 from 2,500 on"
    )  # fmt: skip
    subsample: float = Field(
        0.8, gt=0.5, le=1.0, description="share of the documents that a run sees, drawn without "
        "replacement"
    )  # fmt: skip
    neighbours: int = Field(15, ge=2, le=200, description="neighbours of a document in the graph")
    dimensions: int = Field(5, ge=2, le=50, description="dimensions that UMAP reduces to")
    epochs: int | None = Field(
        None,
        ge=10,
        le=2000,
        examples=[100],
        description="optimisation epochs of UMAP; unset: 100 for up to 2,500 documents, then "
        "fewer, 50 from 5,000 on",
    )
    min_topic_size: int | None = Field(
        None, ge=2, description="fewest documents of a topic; unset: grows with the square root of "
        "the number of documents"
    )  # fmt: skip
    categories: int | None = Field(
        None,
        ge=1,
        description="number of categories over the topics; unset: four for nine topics, or the "
        "broader codes of the codebook that guides",
    )
    lexical_weight: float = Field(
        0.5, ge=0.0, le=5.0, description="weight of the words (TF-IDF) beside the meaning (vectors)"
    )
    attachment: float = Field(
        0.1, gt=0.0, le=1.0, description="in a run, a document between clusters counts with the "
        "one that holds most of its neighbours, if that is at least this share of them"
    )  # fmt: skip
    cohesion: float = Field(
        0.5, gt=0.0, lt=1.0, description="groups are joined while their documents share a cluster "
        "in at least this share of the runs"
    )  # fmt: skip
    placement: float = Field(
        0.5, ge=0.5, lt=1.0, description="a document is placed when it is with its topic in more "
        "than this share of the runs that saw it"
    )  # fmt: skip
    guide_weight: float | None = Field(
        None,
        ge=0.0,
        le=0.9,
        description="weight of the codebook that guides the topics; unset: from how well it fits "
        "the documents, 0.5 at most",
    )
    keywords: int = Field(10, ge=3, le=50, description="keywords shown for a topic")
    exemplars: int = Field(5, ge=1, le=20, description="exemplary documents shown for a topic")


def smallest_topic(n_docs: int, settings: TopicSettings) -> int:
    """Return the fewest documents that make a topic: as set, or about √n / 4, at least 3."""
    if settings.min_topic_size is not None:
        return settings.min_topic_size
    return max(FEWEST, round(math.sqrt(n_docs) / 4))


def are_many(n_docs: int) -> bool:
    """Tell whether so many documents take shorter ways (`MANY`)."""
    return n_docs > MANY


def number_of_runs(n_docs: int, settings: TopicSettings) -> int:
    """Return how many runs the ensemble has: as set, or what 200,000 documents in one run cost."""
    if settings.runs is not None:
        return settings.runs
    return min(200, max(FEWEST_RUNS, round(200_000 / max(n_docs, 1))))


def number_of_epochs(n_docs: int, settings: TopicSettings) -> int:
    """Return for how many epochs a run lays out its documents: as set, or what runs leave for it.

    Where there would be fewer runs, they are as many and shorter: up to 5,000 documents that costs
    the same.
    """
    if settings.epochs is not None:
        return settings.epochs
    return min(LONGEST, max(SHORTEST, round(250_000 / max(n_docs, 1))))
