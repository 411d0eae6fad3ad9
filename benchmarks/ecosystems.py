"""Evolving ecosystems whose truth is known: real texts, mixed into topics that change.

A topic is a recipe: groups of real texts and how much of each. A document is pieces of a few words,
each from a text of one of its topic's groups or, at a set share, from any text at all; then words
are dropped. From one snapshot to the next topics split, merge, are born, die and drift, and at the
rate of churn documents leave and others come. Documents of a topic that changed are described anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import nlbse_windows

Kind = Literal["born", "died", "split", "merged", "drifted"]
KINDS: tuple[Kind, ...] = ("split", "merged", "born", "died", "drifted")

SNAPSHOTS = Path(__file__).parent.parent / "configs" / "snapshots"
N_CLUSTERS = 40
N_GROUPS = 24
FEWEST_TEXTS = 8
NLBSE_TEXTS = 1_500

PIECES = (8, 12)
PIECE_WORDS = 5
DROPPED = 0.1
LARGER_PART = 0.6
"""Share of a topic's documents that go to the first part in a split."""


@dataclass(frozen=True)
class Source:
    """Real texts in groups that are alike; ``near`` ranks for each group the others by likeness."""

    groups: tuple[tuple[str, ...], ...]
    near: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Difficulty:
    """How hard the topics are to find, and how much changes.

    Attributes
    ----------
    background
        Share of a document's pieces that come from any text.
    churn
        Share of the documents that leave, and as many come, from one snapshot to the next.
    drift
        Share of a drifting topic's content that is replaced.
    topics, size
        Topics of the first snapshot, and fewest and most documents of one; one that can split, as
        one that two were merged into, is as large as two.
    events
        Fewest and most events of each kind from one snapshot to the next.
    redescribed
        Share of the documents of unchanged topics that are described anew.
    """

    background: float = 0.2
    churn: float = 0.2
    drift: float = 0.6
    topics: int = 9
    size: tuple[int, int] = (28, 42)
    events: tuple[int, int] = (1, 1)
    redescribed: float = 0.05


@dataclass(frozen=True)
class Document:
    """A document of one snapshot: ``topic`` is the true one's id."""

    key: str
    topic: int
    text: str


@dataclass(frozen=True)
class TrueEvent:
    """What happened to true topics, by their ids."""

    kind: Kind
    earlier: tuple[int, ...]
    later: tuple[int, ...]


@dataclass(frozen=True)
class Snapshot:
    """The documents at one time, and what happened since the time before."""

    documents: tuple[Document, ...]
    events: tuple[TrueEvent, ...] = ()

    @property
    def texts(self) -> list[str]:
        """Return the texts."""
        return [document.text for document in self.documents]

    @property
    def topics(self) -> NDArray[np.int64]:
        """Return the ids of the true topics, n_docs."""
        return np.array([document.topic for document in self.documents])


Recipe = tuple[tuple[int, float], ...]
"""Groups, and how much of each: shares that add up to 1."""


def read_texts(data: Path | None) -> list[str]:
    """Return the texts that travel with opsatlas and, with a data folder, windows of issues."""
    texts = [
        json.loads(line)[field]
        for name, field in (("tools-2026", "description"), ("feature-requests", "summary"))
        for line in (SNAPSHOTS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    windows = nlbse_windows(data, NLBSE_TEXTS) if data else []
    return [text for text in (*texts, *windows) if text and len(text.split()) >= PIECE_WORDS]


def grouped(texts: Sequence[str], vectors: NDArray[np.float32], *, seed: int) -> Source:
    """Part texts into groups that are alike (k-means), as unlike each other as can be.

    Small groups are left out, and of the two groups most alike the smaller, until few are left.
    """
    from sklearn.cluster import KMeans

    found = KMeans(N_CLUSTERS, n_init=4, random_state=seed).fit(vectors)
    sizes = np.bincount(found.labels_, minlength=N_CLUSTERS)
    kept = [group for group in range(N_CLUSTERS) if sizes[group] >= FEWEST_TEXTS]
    centres = found.cluster_centers_ - vectors.mean(axis=0)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    alike = centres @ centres.T
    np.fill_diagonal(alike, -np.inf)
    while len(kept) > N_GROUPS:
        among = alike[np.ix_(kept, kept)]
        pair = [kept[at] for at in np.unravel_index(among.argmax(), among.shape)]
        kept.remove(min(pair, key=lambda group: (sizes[group], group)))
    ranked = np.argsort(-alike[np.ix_(kept, kept)], axis=1, kind="stable")[:, :-1]
    return Source(
        groups=tuple(
            tuple(texts[at] for at in np.flatnonzero(found.labels_ == group)) for group in kept
        ),
        near=tuple(tuple(row) for row in ranked.tolist()),
    )


class Ecosystem:
    """Topics and documents as they are now; `step` moves on to the next snapshot."""

    def __init__(self, source: Source, difficulty: Difficulty, *, seed: int) -> None:
        self._source = source
        self._how = difficulty
        self._rng = np.random.default_rng(seed)
        self._free = self._rng.permutation(len(source.groups)).tolist()
        self._recipes: dict[int, Recipe] = {}
        self._documents: list[Document] = []
        self._n_topics = self._n_keys = 0
        low, high = difficulty.events
        n_pairs = (low + high + 1) // 2
        for number in range(difficulty.topics):
            recipe = self._start(as_pair=number < n_pairs)
            self._add(recipe, len(recipe) * self._size())

    @property
    def snapshot(self) -> Snapshot:
        """Return the documents as they are, with no events."""
        return Snapshot(tuple(self._documents))

    def step(self) -> Snapshot:
        """Let topics change and documents leave and come; return the next snapshot."""
        resting = [int(topic) for topic in self._rng.permutation(sorted(self._recipes))]
        self._churn()
        low, high = self._how.events
        kinds = [k for k in KINDS for _ in range(int(self._rng.integers(low, high + 1)))]
        happened = [self._happen(kind, resting) for kind in kinds]
        self._redescribe(resting)
        return Snapshot(tuple(self._documents), tuple(event for event in happened if event))

    def _happen(self, kind: Kind, resting: list[int]) -> TrueEvent | None:
        """Let one event of that kind happen to topics that nothing happened to yet."""
        if kind == "born":
            group = self._take()
            return None if group is None else self._bear(((group, 1.0),))
        if kind == "merged":
            return self._merge(resting)
        if kind == "split":
            pairs = [topic for topic in resting if len(self._recipes[topic]) == 2]
            return self._split(pairs[0], resting) if pairs else None
        single = [topic for topic in resting if len(self._recipes[topic]) == 1]
        if not single:
            return None
        topic = single[0]
        resting.remove(topic)
        return self._die(topic) if kind == "died" else self._drift(topic)

    def _bear(self, recipe: Recipe) -> TrueEvent:
        return TrueEvent("born", (), (self._add(recipe, self._size()),))

    def _die(self, topic: int) -> TrueEvent:
        self._documents = [each for each in self._documents if each.topic != topic]
        self._free[:0] = [group for group, _ in self._recipes.pop(topic)]  # the last to come again
        return TrueEvent("died", (topic,), ())

    def _drift(self, topic: int) -> TrueEvent | None:
        ((group, _),) = self._recipes[topic]
        towards = self._take()
        if towards is None:
            return None
        self._recipes[topic] = ((group, 1 - self._how.drift), (towards, self._how.drift))
        self._rewrite(topic, topic)
        return TrueEvent("drifted", (topic,), (topic,))

    def _split(self, topic: int, resting: list[int]) -> TrueEvent:
        """Part a topic of two groups: the first part is the larger and keeps the id."""
        resting.remove(topic)
        (first, _), (second, _) = self._recipes[topic]
        other = self._n_topics
        self._n_topics += 1
        self._recipes[topic], self._recipes[other] = ((first, 1.0),), ((second, 1.0),)
        members = [at for at, each in enumerate(self._documents) if each.topic == topic]
        members = [int(at) for at in self._rng.permutation(members)]
        for at in members[round(LARGER_PART * len(members)) :]:
            self._documents[at] = replace(self._documents[at], topic=other)
        for part in (topic, other):
            self._rewrite(part, part)
        return TrueEvent("split", (topic,), (topic, other))

    def _merge(self, resting: list[int]) -> TrueEvent | None:
        """Join the two most alike topics of a group each: the larger keeps the id."""
        single = {self._recipes[t][0][0]: t for t in resting if len(self._recipes[t]) == 1}
        near = self._source.near
        pairs = [(near[g].index(h), g, h) for g in single for h in single if g != h]
        if not pairs:
            return None
        topics = [single[group] for group in min(pairs)[1:]]
        topics.sort(key=lambda topic: (-self._n_documents(topic), topic))
        kept, gone = topics
        resting[:] = [topic for topic in resting if topic not in topics]
        self._recipes[kept] = tuple((self._recipes[topic][0][0], 0.5) for topic in topics)
        del self._recipes[gone]
        for old in topics:
            self._rewrite(old, kept)
        return TrueEvent("merged", (kept, gone), (kept,))

    def _churn(self) -> None:
        """Let documents leave and others come, so that every topic keeps its size."""
        for topic in sorted(self._recipes):
            members = [each for each in self._documents if each.topic == topic]
            n_leaving = round(self._how.churn * len(members))
            leaving = {members[at].key for at in self._rng.permutation(len(members))[:n_leaving]}
            self._documents = [each for each in self._documents if each.key not in leaving]
            self._documents += self._written(topic, n_leaving)

    def _redescribe(self, topics: Sequence[int]) -> None:
        for at, each in enumerate(self._documents):
            if each.topic in topics and self._rng.random() < self._how.redescribed:
                self._documents[at] = replace(each, text=self._text(self._recipes[each.topic]))

    def _rewrite(self, topic: int, new_topic: int) -> None:
        for at, each in enumerate(self._documents):
            if each.topic == topic:
                text = self._text(self._recipes[new_topic])
                self._documents[at] = Document(each.key, new_topic, text)

    def _add(self, recipe: Recipe, size: int) -> int:
        topic = self._n_topics
        self._n_topics += 1
        self._recipes[topic] = recipe
        self._documents += self._written(topic, size)
        return topic

    def _written(self, topic: int, n: int) -> Iterator[Document]:
        for _ in range(n):
            self._n_keys += 1
            yield Document(f"name:org/r{self._n_keys}", topic, self._text(self._recipes[topic]))

    def _text(self, recipe: Recipe) -> str:
        rng, groups = self._rng, self._source.groups
        n_pieces = int(rng.integers(PIECES[0], PIECES[1] + 1))
        own = [group for group, share in recipe for _ in range(round(share * n_pieces))]
        words: list[str] = []
        for place in rng.permutation(n_pieces):
            is_own = place < len(own) and rng.random() >= self._how.background
            texts = groups[own[place] if is_own else int(rng.integers(len(groups)))]
            said = texts[int(rng.integers(len(texts)))].split()
            start = int(rng.integers(max(1, len(said) - PIECE_WORDS + 1)))
            words += said[start : start + PIECE_WORDS]
        kept = [word for word in words if rng.random() >= DROPPED]
        return " ".join(kept or words)

    def _start(self, *, as_pair: bool) -> Recipe:
        first = self._free.pop()
        second = self._take(near=first) if as_pair else None
        return ((first, 1.0),) if second is None else ((first, 0.5), (second, 0.5))

    def _take(self, *, near: int | None = None) -> int | None:
        """Return a group that no topic uses, if there is one; the one most alike if asked for."""
        if not self._free or near is None:
            return int(self._free.pop()) if self._free else None
        group = min(self._free, key=self._source.near[near].index)
        self._free.remove(group)
        return int(group)

    def _size(self) -> int:
        low, high = self._how.size
        return int(self._rng.integers(low, high + 1))

    def _n_documents(self, topic: int) -> int:
        return sum(each.topic == topic for each in self._documents)


def evolving(
    source: Source, difficulty: Difficulty, *, seed: int, n_snapshots: int
) -> list[Snapshot]:
    """Return successive snapshots of one ecosystem."""
    ecosystem = Ecosystem(source, difficulty, seed=seed)
    return [ecosystem.snapshot, *(ecosystem.step() for _ in range(n_snapshots - 1))]


def unchanged(source: Source, difficulty: Difficulty, *, seed: int) -> Snapshot:
    """Return one population."""
    return Ecosystem(source, difficulty, seed=seed).snapshot


def halves(snapshot: Snapshot, *, seed: int) -> tuple[Snapshot, Snapshot]:
    """Return two snapshots that share no document: random halves of one population."""
    order = np.random.default_rng(seed).permutation(len(snapshot.documents))
    middle = len(order) // 2
    parts = (sorted(order[:middle]), sorted(order[middle:]))
    first, second = (Snapshot(tuple(snapshot.documents[at] for at in part)) for part in parts)
    return first, second
