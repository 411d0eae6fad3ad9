"""Names of nodes, without a language model: phrases of the documents, chosen for a whole layer.

A name is one phrase, or two joined by "and". Each of its words must be said in a fifth of the
node's documents. Among such names, the one is taken that the node's documents share and others'
do not (difference of shares), that means what the node's documents mean more than what others'
do (vectors), and that no sibling has (linear assignment over the layer).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.arrays import Floats, centroids
from artifacts.notation import json_value
from artifacts.words import LAYERS, NOISE, Layer
from taxonomy.names.candidates import (
    MOST_WORDS,
    allowed_words,
    code_names,
    content_words,
    heading,
    name_key,
    node_phrases,
    too_alike,
    uses_of,
)
from taxonomy.names.phrases import Phrase, Texts, stem
from taxonomy.names.vocabulary import Wording, wording_of
from taxonomy.store import WORDLESS, unreadable, write_json
from taxonomy.types import Encode, Labels, count_nodes

FILE = "names.json"
SHARED_BY = 0.2
"""Each word of a name is in at least this share of the node's documents."""

TRIED = 30
JOINED = 8
OFFERED = 12
ALTERNATIVES = 4
FEW = 0.02
ADDED = 0.1
NONE = 1e3


@dataclass(frozen=True)
class NodeName:
    """The name of one node, and how it came about.

    Attributes
    ----------
    name
        As a heading.
    shares
        Each of its words with the share of the node's documents that say it, plural or not.
    meets_share
        Every word is in at least `SHARED_BY` of the documents. Where no phrase is, the name is
        made of the words that most documents say, and this is False.
    alternatives
        Other names that were fit for the node, best first.
    """

    name: str
    shares: tuple[tuple[str, float], ...]
    meets_share: bool
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """The names of the topics and of the categories, each by the node's number."""

    topics: tuple[NodeName, ...]
    categories: tuple[NodeName, ...]

    def of(self, layer: Layer) -> tuple[NodeName, ...]:
        """Return the names of one layer."""
        return self.topics if layer == "topics" else self.categories

    def short(self) -> list[str]:
        """Return the names with a word that too few of the node's documents say."""
        return [made.name for layer in LAYERS for made in self.of(layer) if not made.meets_share]


@dataclass
class _Candidate:
    """A possible name of one node."""

    phrases: tuple[Phrase, ...]
    text: str
    is_code: bool = False
    score: float = 0.0

    @property
    def words(self) -> list[str]:
        return [word for phrase in self.phrases for word in phrase]

    @property
    def name(self) -> str:
        return heading(self.text)


@dataclass
class _Layer:
    """What the naming of a layer works with: who is in which node, and what is said where."""

    texts: Texts
    labels: Labels
    means: Floats
    encode: Encode
    wording: Wording
    known: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.members: list[set[int]] = [set() for _ in self.means]
        self.says: dict[str, set[int]] = {}
        for document in np.flatnonzero(self.labels >= 0).tolist():
            self.members[self.labels[document]].add(document)
            for word in self.texts.stems[document]:
                self.says.setdefault(word, set()).add(document)
        self.n_placed = sum(map(len, self.members))

    def say(self, phrases: Sequence[Phrase]) -> set[int]:
        """Return the placed documents that say all words of one of the phrases."""
        return set().union(
            *(
                set.intersection(*(self.says.get(word, set()) for word in phrase))
                for phrase in phrases
            )
        )

    def share(self, node: int, phrases: Sequence[Phrase]) -> float:
        """Return the share of a node's documents that say one of the phrases."""
        return len(self.say(phrases) & self.members[node]) / len(self.members[node])

    def telling(self, node: int, phrases: Sequence[Phrase]) -> float:
        """Return how telling phrases are of a node, at most 1.

        The difference between the shares inside and outside, less where the ratio is below 8.
        """
        inside = self.share(node, phrases)
        others = self.n_placed - len(self.members[node])
        outside = len(self.say(phrases) - self.members[node]) / max(1, others)
        ratio = math.log2((inside + FEW) / (outside + FEW)) / 3
        return (inside - outside) * min(1.0, max(0.0, ratio))

    def learn(self, names: Sequence[str]) -> None:
        """Encode the names that were not yet."""
        new = sorted(set(names) - self.known.keys())
        if new:
            self.known.update(zip(new, self.encode(new), strict=True))

    def meaning(self, node: int, name: str) -> float:
        """Return how near a name is to the node's mean vector, and how much nearer than others."""
        near = self.means @ self.known[name]
        others = np.delete(near, node)
        beyond = float(near[node] - others.mean()) if len(others) else 0.0
        return 3 * beyond + 0.5 * float(near[node])


def name_layers(
    texts: Sequence[str],
    vectors: Floats,
    topics: Labels,
    categories: Labels,
    *,
    titles: Sequence[str],
    encode: Encode,
    vocabulary: Sequence[str] = (),
    stop_words: Set[str] = frozenset(),
) -> Names:
    """Name the topics, and then the categories, by other names than those of their topics.

    Parameters
    ----------
    texts, vectors, topics, categories, titles
        n_docs documents, their vectors of unit length, the topic and the category of each
        (`NOISE`: none), and their titles, OWNER/NAME or OWNER/NAME: #NUMBER.
    vocabulary
        Terms of codebooks.
    stop_words
        Words in lower case that may be in no name, e.g. the frameworks' own.
    """
    cut = Texts(texts)
    wording = wording_of(cut, topics, titles=titles, vocabulary=vocabulary, stop_words=stop_words)
    of_topics = name_nodes(cut, vectors, topics, encode=encode, wording=wording)
    below: dict[int, set[str]] = {}
    for topic, category in zip(topics.tolist(), categories.tolist(), strict=True):
        if topic != NOISE:
            below.setdefault(category, set()).add(of_topics[topic].name)
    of_categories = name_nodes(
        cut, vectors, categories, encode=encode, wording=wording, taken=below
    )
    return Names(tuple(of_topics), tuple(of_categories))


def name_nodes(
    texts: Texts,
    vectors: Floats,
    labels: Labels,
    *,
    encode: Encode,
    wording: Wording | None = None,
    taken: Mapping[int, Set[str]] | None = None,
) -> list[NodeName]:
    """Name the nodes of one layer.

    Parameters
    ----------
    texts, vectors, labels
        n_docs documents, their n_docs × n_dims vectors of unit length, and the node of each in
        0 … n_nodes - 1 (`NOISE`: none).
    taken
        For each node, names that it should not repeat if there is another: its children's.

    Returns
    -------
    list[NodeName]
        One for each node; no two the same, whatever the order, case or number of their words.
    """
    n_nodes = count_nodes(labels)
    if n_nodes == 0:
        return []
    layer = _Layer(texts, labels, centroids(vectors, labels), encode, wording or Wording())
    avoided = [{name_key(name) for name in (taken or {}).get(node, ())} for node in range(n_nodes)]
    single = _singles(layer)
    for node in range(n_nodes):
        _rate(layer, node, single[node], avoided[node])
    pairs = [_pairs(layer, node, found[:JOINED]) for node, found in enumerate(single)]
    layer.learn([c.name for found in pairs for c in found])
    offers = []
    for node in range(n_nodes):
        _rate(layer, node, pairs[node], avoided[node])
        both = sorted(single[node] + pairs[node], key=_best_first)
        offers.append(both[:OFFERED])
    return _assigned(layer, offers)


def _best_first(candidate: _Candidate) -> tuple[float, str]:
    return -candidate.score, candidate.text


def _singles(layer: _Layer) -> list[list[_Candidate]]:
    """Return the phrases that may be, or be part of, the name of each node, encoded."""
    wording = layer.wording
    allowed = [
        allowed_words(layer.texts, members, wording, shared_by=SHARED_BY)
        for members in layer.members
    ]
    uses = uses_of(layer.texts, set().union(*allowed))
    singles: list[list[_Candidate]] = []
    for members, words in zip(layer.members, allowed, strict=True):
        of_codes = code_names(layer.texts, wording.vocabulary, words)
        found = {
            **node_phrases(layer.texts, uses, members, words),
            **of_codes,
        }
        node = len(singles)
        ranked = sorted(found, key=lambda p: (p not in of_codes, -layer.telling(node, [p]), p))[
            :TRIED
        ]
        singles.append([_Candidate((p,), found[p], is_code=p in of_codes) for p in ranked])
    layer.learn([c.name for found in singles for c in found])
    return singles


def _pairs(layer: _Layer, node: int, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Join each two phrases that together say clearly more of the node than either does."""
    found = []
    for one, other in combinations(candidates, 2):
        is_long = len(one.words) + len(other.words) > MOST_WORDS
        if is_long or " and " in one.text + other.text or too_alike(one.words, other.words):
            continue
        phrases = one.phrases + other.phrases
        alone = max(layer.share(node, one.phrases), layer.share(node, other.phrases))
        if layer.share(node, phrases) >= alone + ADDED:
            found.append(
                _Candidate(phrases, f"{one.text} and {other.text}", one.is_code and other.is_code)
            )
    return found


def _rate(layer: _Layer, node: int, candidates: list[_Candidate], avoided: Set[str]) -> None:
    """Give each candidate its score and order them by it."""
    wording = layer.wording
    for candidate in candidates:
        words, phrases = candidate.words, candidate.phrases
        parts = sum(layer.telling(node, [phrase]) for phrase in phrases) / len(phrases)
        candidate.score = (
            (layer.telling(node, phrases) + parts) / 2
            + layer.meaning(node, candidate.name)
            + 0.15 * candidate.is_code
            - 0.6 * sum(word in wording.products for word in words) / len(words)
            - 0.3 * sum(word in wording.fillers for word in words) / len(words)
            - 0.15 * sum(len(phrase) == 1 for phrase in phrases) / len(phrases)
            - 0.1 * (len(phrases) - 1)
            - 1.0 * (name_key(candidate.name) in avoided)
        )
    candidates.sort(key=_best_first)


def _assigned(layer: _Layer, offers: list[list[_Candidate]]) -> list[NodeName]:
    """Give each node one of its offers, no two nodes the same, with the best sum of scores."""
    from scipy.optimize import linear_sum_assignment

    keys = sorted({name_key(c.name) for found in offers for c in found})
    column = {key: number for number, key in enumerate(keys)}
    n_nodes = len(offers)
    # Beyond the names, a column for each node: none of them, at a price above any name's.
    costs = np.full((n_nodes, len(keys) + n_nodes), 2 * NONE)
    best: dict[tuple[int, int], _Candidate] = {}
    for node, found in enumerate(offers):
        for candidate in reversed(found):
            place = column[name_key(candidate.name)]
            costs[node, place] = -candidate.score
            best[node, place] = candidate
        costs[node, len(keys) + node] = NONE
    _, chosen = linear_sum_assignment(costs)
    given = [best.get((node, place)) for node, place in enumerate(chosen.tolist())]
    used = {name_key(own.name) for own in given if own}
    names: list[NodeName] = []
    for node, own in enumerate(given):
        rest = list(dict.fromkeys(c.name for c in offers[node] if name_key(c.name) not in used))
        name = own.name if own else _of_common_words(layer, node, used)
        used.add(name_key(name))
        if name == WORDLESS:
            name += f" {node}"
        names.append(_judged(layer, node, name, rest))
    return names


def _judged(layer: _Layer, node: int, name: str, rest: Sequence[str]) -> NodeName:
    words = () if name.startswith(WORDLESS) else tuple(content_words(name))
    shares = tuple((word, layer.share(node, [(stem(word),)])) for word in words)
    meets = bool(shares) and all(share >= SHARED_BY for _, share in shares)
    return NodeName(name, shares, meets, tuple(rest[:ALTERNATIVES]))


def _of_common_words(layer: _Layer, node: int, used: Set[str]) -> str:
    """Return a name for a node that no phrase fits: words that most of its documents say."""
    allowed = allowed_words(layer.texts, layer.members[node], layer.wording, shared_by=0)
    ranked = sorted(allowed, key=lambda w: (-layer.telling(node, [(w,)]), w))[:TRIED]
    for n_words in range(1, MOST_WORDS + 1):
        for words in combinations(ranked, n_words):
            name = heading(", ".join(map(layer.texts.usual, words)))
            if name_key(name) not in used:
                return name
    return WORDLESS


def write_names(folder: Path, names: Names) -> None:
    """Write the names into the folder of a taxonomy that is being built."""
    write_json(folder / FILE, asdict(names))


def read_names(folder: Path) -> Names:
    """Read the names of the taxonomy in ``folder``; raise `ArtifactError` if they are damaged."""
    path = folder / FILE
    with unreadable("The names", path, fix="make the taxonomy again"):
        values = json_value(path.read_text(encoding="utf-8"))
        return Names(*(tuple(map(_node_name, values[layer])) for layer in LAYERS))


def _node_name(row: dict[str, Any]) -> NodeName:
    return NodeName(
        name=str(row["name"]),
        shares=tuple((str(word), float(share)) for word, share in row["shares"]),
        meets_share=bool(row["meets_share"]),
        alternatives=tuple(map(str, row["alternatives"])),
    )
