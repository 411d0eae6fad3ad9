"""What speaks for a name of a node: who says it there and elsewhere, and what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Floats, Integers, standardised
from taxonomy.names.candidates import heading, name_key
from taxonomy.names.phrases import Phrase
from taxonomy.names.texts import Groups, Numbers, Texts
from taxonomy.names.vocabulary import Wording
from taxonomy.types import Encode, Labels, node_sizes

SHARED_BY = 0.2
"""Each word of a name is in at least this share of the node's documents."""


@dataclass
class Candidate:
    """A possible name of one node, or a part of one.

    Attributes
    ----------
    phrases
        What must be said in the documents.
    text
        As it stands inside a sentence.
    verb
        Of a wish, what is asked to be done with it: "compare" of "compare runs".
    tier
        Candidates of a lower tier come first, whatever their scores.
    score
        How much speaks for it beside others of its tier.
    """

    phrases: tuple[Phrase, ...]
    text: str
    verb: str = ""
    tier: int = 0
    score: float = 0.0

    @property
    def words(self) -> list[str]:
        """Return the stems of its phrases."""
        return [word for phrase in self.phrases for word in phrase]

    @property
    def name(self) -> str:
        """Return it as a heading."""
        return heading(self.said)

    @property
    def said(self) -> str:
        """Return it with the verb, if it has one."""
        return f"{self.verb} {self.text}".strip()

    @property
    def rank(self) -> tuple[int, float, str]:
        """Return what orders candidates, best first."""
        return self.tier, -self.score, self.said


@dataclass
class Evidence:
    """What the naming of a layer works with: who is in which node, and what is said where.

    Attributes
    ----------
    means
        n_nodes mean vectors.
    """

    texts: Texts
    labels: Labels
    means: Floats
    encode: Encode
    wording: Wording

    def __post_init__(self) -> None:
        groups = Groups.of(self.labels, self.n_nodes)
        self.members = [groups.members(node) for node in range(self.n_nodes)]
        self._said_in = self.texts.said_in(self.labels, self.n_nodes)
        self._said_in.sort_indices()
        self._n_say = self._said_in.sum(axis=0).A1
        self._known: dict[str, Floats] = {}
        self._counts: dict[tuple[Phrase, ...], Integers] = {}
        self._sizes = node_sizes(self.labels, self.n_nodes)

    @property
    def n_nodes(self) -> int:
        """Return how many nodes the layer has."""
        return len(self.means)

    def counts(self, phrases: Sequence[Phrase]) -> Integers:
        """Return how many documents of each node say all words of one of the phrases."""
        key = tuple(phrases)
        if key not in self._counts:
            said = np.unique(np.concatenate([*map(self._saying, phrases)]))
            self._counts[key] = node_sizes(self.labels[said], self.n_nodes)
        return self._counts[key]

    def _saying(self, phrase: Phrase) -> Numbers:
        """Return the documents that say all words of a phrase."""
        rarest, *others = sorted(map(self.texts.saying, phrase), key=len)
        for more in others:
            place = np.minimum(np.searchsorted(more, rarest), len(more) - 1)
            rarest = rarest[more[place] == rarest]
        return rarest

    def said_by(self, node: int, *, share: float) -> list[str]:
        """Return the stems that at least this share of a node's documents say."""
        row = self._said_in[[node]]
        numbers = row.indices[row.data >= share * self._sizes[node]]
        return [self.texts.stems.words[number] for number in numbers.tolist()]

    def words_telling(self, node: int) -> dict[str, float]:
        """Return how telling, beside all other nodes, each stem is that a node's documents say."""
        row = self._said_in[[node]]
        rest = self._n_say[row.indices] - row.data
        outside = max(1, self._sizes.sum() - self._sizes[node])
        told = row.data / self._sizes[node] - rest / outside
        words = [self.texts.stems.words[number] for number in row.indices.tolist()]
        return dict(zip(words, told.tolist(), strict=True))

    def share(self, node: int, phrases: Sequence[Phrase]) -> float:
        """Return the share of a node's documents that say one of the phrases."""
        return float(self.counts(phrases)[node] / self._sizes[node])

    def telling(self, node: int, phrases: Sequence[Phrase], others: Sequence[int]) -> float:
        """Return by how much more of a node's documents than of others' say phrases, in [-1, 1]."""
        rest = list(others)
        outside = self.counts(phrases)[rest].sum() / max(1, self._sizes[rest].sum())
        return self.share(node, phrases) - float(outside)

    def learn(self, names: Sequence[str]) -> None:
        """Encode the names that were not yet."""
        new = sorted(set(names) - self._known.keys())
        if new:
            self._known.update(zip(new, self.encode(new), strict=True))

    def meaning(self, node: int, name: str, others: Sequence[int]) -> float:
        """Return how much nearer a name is to a node's mean vector than to those of others."""
        near = self.means @ self._known[name]
        return float(near[node] - (near[list(others)].mean() if len(others) else 0.0))

    def others(self, node: int) -> list[int]:
        """Return all nodes of the layer but one."""
        return [other for other in range(self.n_nodes) if other != node]

    def rate(
        self,
        offers: Mapping[int, list[Candidate]],
        against: Mapping[int, Sequence[int]],
        avoided: Mapping[int, Set[str]],
    ) -> None:
        """Give the candidates of some nodes their tiers and scores, and order them.

        The score is the sum of how telling a candidate is and how near in meaning, each in standard
        deviations over all these candidates: two kinds of evidence that err differently, and
        neither has a scale that the other knows.

        Parameters
        ----------
        against
            The nodes that each is to be told from.
        avoided
            Keys of names that come last.
        """
        rows = [(node, each) for node, found in offers.items() for each in found]
        self.learn([each.name for _, each in rows])
        told = [self.telling(node, each.phrases, against[node]) for node, each in rows]
        meant = [self.meaning(node, each.name, against[node]) for node, each in rows]
        scores = standardised(np.array(told)) + standardised(np.array(meant))
        for (node, each), score in zip(rows, scores, strict=True):
            each.score = float(score)
            each.tier = self.tier(each, avoided.get(node, frozenset()))
        for found in offers.values():
            found.sort(key=lambda each: each.rank)

    def tier(self, candidate: Candidate, avoided: Set[str] = frozenset()) -> int:
        """Return 0 of a purpose; 1 with a product in it, 2 without a purpose, 3 where avoided.

        Of requests wishes come before what is no wish.
        """
        if name_key(candidate.name) in avoided:
            return 3
        products, fillers = self.wording.products, self.wording.fillers
        if all(word in products or word in fillers for word in candidate.words):
            return 2
        if self.wording.are_requests:
            return int(not candidate.verb)
        return int(any(word in products for word in candidate.words))
