"""From texts and their vectors to described, measured topics; in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from artifacts.arrays import Doubles, Floats, centroids, row_blocks
from artifacts.errors import InputError, TooFewDocumentsError
from artifacts.manifest import Dropped
from artifacts.progress import Progress, SilentProgress
from taxonomy.categories import Categories, JoinedRuns, RunScales, find_categories, over
from taxonomy.consensus import Consensus, Ensemble, Stability, halves, stability
from taxonomy.describe import Description, describe_topics
from taxonomy.ensemble import RunPlan, RunStore, lay_out, plan_runs, run_ensemble
from taxonomy.guidance.codes import CodeTexts
from taxonomy.guidance.guide import BookReader, CodedDocuments, Guide, code_by_neighbours
from taxonomy.names.texts import Texts
from taxonomy.settings import TopicSettings, smallest_topic
from taxonomy.space import NeighbourGraph, Space, joined_space, neighbour_graph
from taxonomy.types import Labels

if TYPE_CHECKING:
    import scipy.sparse as sp

FEWEST_DOCUMENTS = 10
MAP_EPOCHS = 200


@dataclass(frozen=True)
class Topics:
    """Everything found about a set of documents.

    Attributes
    ----------
    consensus
        Topics, nearest topics and strengths of the n_docs documents.
    category_layer
        The categories over the topics.
    space, points
        The space in which the documents are neighbours, and the documents in it.
    descriptions, category_descriptions
        Keywords and exemplars of each topic, and of each category.
    stability
        Of each topic and of the whole.
    runs, plans
        (n_runs · n_sizes) × n_docs labels, and what each run was.
    map
        n_docs × 2 coordinates, for looking at.
    guide
        The codebook that was told to the runs, and how much it counts; None: none was.
    unguided
        What the same runs find alone, where the codebook changes it.
    """

    consensus: Consensus
    category_layer: Categories
    space: Space
    points: Floats
    descriptions: list[Description]
    category_descriptions: list[Description]
    stability: Stability
    runs: Labels
    plans: list[RunPlan]
    map: Floats
    guide: Guide | None = None
    unguided: Topics | None = None

    @property
    def categories(self) -> Labels:
        """Return the category of each of the n_docs documents; `NOISE` where unplaced."""
        return over(self.category_layer.category_of, self.consensus.topics)

    def codes(self) -> tuple[list[CodeTexts | None], list[CodeTexts | None]]:
        """Return the code of each topic, and the broader code of each category.

        None: beyond the codebook, or no codebook guides. A category has one where all its topics'
        codes are parts of it.
        """
        n_topics, n_categories = self.consensus.n_topics, len(self.category_layer.stability)
        if self.guide is None or self.guide.weight == 0:
            return [None] * n_topics, [None] * n_categories
        parents = self.guide.parents_of(self.consensus.topics)
        below: list[list[CodeTexts | None]] = [[] for _ in range(n_categories)]
        for category, parent in zip(self.category_layer.category_of, parents, strict=True):
            below[category].append(parent)
        shared = [found[0] if all(each == found[0] for each in found) else None for found in below]
        return self.guide.codes_of(self.consensus.topics), shared


def find_topics(
    texts: Sequence[str],
    vectors: Floats,
    settings: TopicSettings,
    *,
    stop_words: Set[str] = frozenset(),
    guide_by: BookReader | None = None,
    cut: Texts | None = None,
    progress: Progress | None = None,
    store: RunStore | None = None,
    workers: int | None = None,
) -> Topics:
    """Derive topics from documents.

    Parameters
    ----------
    texts, vectors
        n_docs texts and their n_docs × n_dims vectors.
    stop_words
        Words that may not become keywords.
    guide_by
        A codebook to guide the topics; None: the runs are alone.
    cut
        The documents cut into words, where others ask for them too.
    store
        Where finished runs are kept.

    Raises
    ------
    TooFewDocumentsError
        Below 10 documents.
    InputError
        If there are not as many vectors as texts, or some are no numbers.
    """
    check_vectors(vectors, refuse_few(len(texts)))
    progress = progress or SilentProgress()
    progress.say("finding neighbours")
    space, view = joined_space(
        texts, vectors, lexical_weight=settings.lexical_weight, seed=settings.seed
    )
    code_by = None
    if guide_by is not None:
        known = vectors if guide_by.vectors is None else guide_by.vectors
        code_by = partial(code_by_neighbours, texts, known, guide_by.book, guide_by.encode)
    return topics_among(
        space,
        view,
        settings,
        describe=partial(
            _describe, texts, cut or Texts(texts), vectors, view, settings, stop_words
        ),
        code_by=code_by,
        progress=progress,
        store=store,
        workers=workers,
    )


def topics_among(
    space: Space,
    view: Floats,
    settings: TopicSettings,
    *,
    describe: Callable[[Labels, Consensus], list[Description]],
    code_by: Callable[[sp.csr_matrix], CodedDocuments] | None = None,
    progress: Progress,
    store: RunStore | None = None,
    workers: int | None = None,
) -> Topics:
    """Derive topics from documents that are in their space already; no text is read.

    Parameters
    ----------
    space, view
        The space, and the n_docs documents in it, rows of unit length.
    describe
        Says what each node of n_docs labels is about.
    code_by
        Gives documents the codes of a codebook that guides, by who is near whom (n_docs × n_docs
        memberships); None: the runs are alone.
    store, workers
        As `find_topics`.
    """
    graph = neighbour_graph(
        view,
        neighbours=settings.neighbours,
        dimensions=settings.dimensions,
        seed=settings.seed,
    )
    plans = plan_runs(len(view), settings)
    runs = run_ensemble(graph, plans, settings, progress=progress, store=store, workers=workers)
    progress.say("joining the runs")
    ensemble = Ensemble(
        runs=runs,
        neighbours=graph.neighbours,
        view=view,
        cohesion=settings.cohesion,
        placement=settings.placement,
        smallest=smallest_topic(len(view), settings),
    )
    scales = [RunScales.of(run, view) for run in runs]
    alone = Topics(
        space=space,
        points=view,
        runs=runs,
        plans=plans,
        map=_map(graph, settings),
        **_agreed(ensemble, scales, settings, describe),
    )
    if code_by is None:
        return alone
    coded = code_by(graph.memberships)
    progress.say(f"guiding the topics by {coded.book.name}")
    guide = coded.guide(alone.consensus.topics, settings.guide_weight)
    if guide.weight == 0:
        return replace(alone, guide=guide)
    found = _agreed(replace(ensemble, guide=guide), scales, settings, describe)
    return replace(alone, **found, guide=guide, unguided=alone)


def refuse_few(n_docs: int, dropped: Iterable[Dropped] = ()) -> int:
    """Return the number of documents; raise `TooFewDocumentsError` below 10.

    ``dropped`` are those that there were besides, to be told.
    """
    if n_docs < FEWEST_DOCUMENTS:
        others = "; ".join(f"{each.count:,}: {each.reason}" for each in dropped)
        raise TooFewDocumentsError(
            f"There are {n_docs} documents; topics need at least {FEWEST_DOCUMENTS}."
            + (f" Left out: {others}." if others else ""),
            fix="give more documents" + (", or what those left out lack" if others else ""),
        )
    return n_docs


def listed(texts: Any) -> list[Any]:
    """Return what should be texts as a list; raise `InputError` if it is no list of anything."""
    is_other = isinstance(texts, (str, bytes, Mapping)) or hasattr(texts, "columns")
    if is_other or not hasattr(texts, "__iter__"):
        raise InputError(
            f"A {type(texts).__name__} is no list of texts.",
            fix="give a list of texts, a pandas Series, or the column of a DataFrame; one text "
            "goes into [ ]",
        )
    return list(texts)


def check_texts(texts: Sequence[str]) -> None:
    """Raise `InputError` if these are not texts, each a str."""
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(
                f"A text is of type {type(text).__name__}.",
                where=f"text {place}, counted from 0: {text!r}",
                fix="make it a str, or leave it out",
            )


def check_vectors(vectors: Floats, n_texts: int) -> None:
    """Raise `InputError` if there is not one vector of finite numbers for each of the texts."""
    shape = np.shape(vectors)
    if len(shape) != 2 or shape[0] != n_texts:
        raise InputError(
            f"There are {n_texts:,} texts, and vectors of shape {shape}.",
            fix="give one vector a text, as the rows of one matrix: n_texts × n_dims",
        )
    if not np.isfinite(vectors).all():
        raise InputError("Some vectors are not of finite numbers.", fix="encode the texts again")


def check_documents(n_docs: int, *, keys: Sequence[str], titles: Sequence[str]) -> None:
    """Raise `InputError` if not each of the documents has one key of its own and one title."""
    for name, given in (("keys", keys), ("titles", titles)):
        if len(given) != n_docs:
            raise InputError(
                f"There are {n_docs:,} documents and {len(given):,} {name}.",
                fix=f"give as many {name} as documents, in the same order",
            )
    if len(set(keys)) < n_docs:
        twice = next(key for key, n in Counter(keys).items() if n > 1)
        raise InputError(f"The key {twice!r} is there twice.", fix="give each document its own")


def _agreed(
    ensemble: Ensemble,
    scales: Sequence[RunScales],
    settings: TopicSettings,
    describe: Callable[[Labels, Consensus], list[Description]],
) -> dict[str, Any]:
    """Return what the runs agree on, how firmly, and what it is about: the rest of `Topics`."""
    rows = ensemble.all_rows()
    all_and_halves = (rows, *halves(rows))
    found = dict(ensemble.each(all_and_halves))
    consensus = found[0]
    whole, *parts = (
        JoinedRuns([scales[row] for row in some], found[place].topics)
        for place, some in enumerate(all_and_halves)
    )
    layer = find_categories(whole, parts, n_categories=settings.categories, guide=ensemble.guide)
    return {
        "consensus": consensus,
        "category_layer": layer,
        "descriptions": describe(whole.topics, consensus),
        "category_descriptions": describe(over(layer.category_of, whole.topics), consensus),
        "stability": stability(whole.topics, [half.topics for half in parts]),
    }


def _describe(
    texts: Sequence[str],
    cut: Texts,
    vectors: Floats,
    view: Floats,
    settings: TopicSettings,
    stop_words: Set[str],
    labels: Labels,
    consensus: Consensus,
) -> list[Description]:
    return describe_topics(
        texts,
        vectors,
        labels,
        _centrality(view, consensus),
        n_keywords=settings.keywords,
        n_exemplars=settings.exemplars,
        stop_words=stop_words,
        cut=cut,
    )


def _centrality(view: Floats, consensus: Consensus) -> Doubles:
    if consensus.n_topics == 0:
        return np.zeros(len(view))
    means = centroids(view, consensus.topics).T
    own = np.empty(len(view), dtype=np.float32)
    for at in row_blocks(len(view)):
        nearest = consensus.nearest[at]
        own[at] = (view[at] @ means)[np.arange(len(nearest)), nearest]
    return own * consensus.strengths


def _map(graph: NeighbourGraph, settings: TopicSettings) -> Floats:
    everybody = np.arange(len(graph.start))
    return lay_out(graph, everybody, settings.seed, epochs=MAP_EPOCHS, dimensions=2)
