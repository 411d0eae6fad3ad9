"""How documents are ranked for a query: by shared words, by meaning, and by each other.

Shared words count by BM25F, and more where more of the query's words are there. Meaning is the
cosine of a document with the sum of what the query's words mean. Then documents count that are like
those that come first (the cluster hypothesis; feedback after Rocchio 1971). Who asks for
alternatives to a tool gets those that are like it, without it.

``reports/assets/search.js`` does the same, step by step: what is changed here is changed there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from math import floor, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Integers
from insights.search.index import SearchIndex, Weights, spelt_out
from insights.search.words import distance, stem, telling, tokens, triples

MOST_QUERIED: Final = 32
"""Words of a query that are looked for; what comes after them is not."""
_INSTEAD = (
    "alternative alternatives competitor competitors equivalent equivalents replace replacement "
    "replacements replacing substitute substitutes"
)
ALTERNATIVES: Final = frozenset(_INSTEAD.split())
"""Who says so wants something like what else is said."""
LIKENESS: Final = frozenset({"like", "similar"})
"""Who says so and names a document wants something like it."""
RAREST: Final = 255
UNKNOWN_RARITY: Final = 116
"""What a word that stands nowhere counts among the others of a query."""
MOST_RARITY: Final = 213
"""More than this a word's rarity does not count for what a query means."""
UNIT: Final = 1000
"""The length of a query's vector, whose parts are whole numbers."""
FEW_SHARED: Final = 0.5
"""Below this share of what the best one has, a document has few of the query's words."""
COARSE: Final = 4096
"""What products of counts are divided by before they are squared: sums of squares stay exact."""
MOST_BEGUN: Final = 8
"""The commonest words of so many stems that go on where a query's word ends."""
LEAST_BEGUN, LEAST_RESPELT, LEAST_TWICE = 3, 4, 8
"""Letters of a word of the query that may go on, have one error, have two."""
SECOND: Final = 0.7
"""What further words count that are as near to a mistyped one as the commonest."""
LEAST_RESEMBLING, MOST_RESEMBLING, RESEMBLES = 6, 6, 0.2
"""Letters of an unknown name that others may resemble; how many do; by which share of triples."""


@dataclass(frozen=True)
class SearchHit:
    """A document that answers a query.

    Attributes
    ----------
    key, place
        The document, and its place in the index.
    score
        The higher, the better; comparable within one query.
    matched
        The folded words of the document that the query found it by, in the order of the query.
    """

    key: str
    place: int
    score: float
    matched: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Looked:
    """One word of a query, and what is looked for in its place.

    Attributes
    ----------
    word
        As it was typed, folded.
    entries
        How much each entry counts that stands for it, at most 1.
    said
        The words that say what it means: itself, respelt, or written out.
    respelt
        The word that is meant, if this one is mistyped.
    """

    word: str
    entries: dict[int, float]
    said: tuple[str, ...]
    respelt: str | None = None


def search(index: SearchIndex, query: str, weights: Weights) -> list[SearchHit]:
    """Return the documents that answer a query, best first."""
    asked = _words(query)
    scores, looked = _scores(index, asked, weights)
    if scores is None:
        return []
    beside_the_name = scores.copy()
    beside_the_name[_called(index, asked, looked)] -= weights.named
    least = weights.least * float(beside_the_name.max())
    order = np.lexsort((np.arange(len(scores)), -scores))
    found = [int(place) for place in order if scores[place] > 0 and scores[place] >= least]
    marks = _marks(index, looked)
    return [
        SearchHit(index.keys[place], place, float(scores[place]), tuple(marks.get(place, ())))
        for place in found
    ]


def respelt(index: SearchIndex, query: str, weights: Weights) -> str | None:
    """Return a query with mistyped words as the documents have them; None: there are none."""
    fixed = {
        each.word: each.respelt
        for each in (_look(index, word, weights) for word in dict.fromkeys(telling(_words(query))))
        if each.respelt is not None
    }
    if not fixed:
        return None
    return " ".join(fixed.get(word, word) for word in _words(query))


def _words(query: str) -> list[str]:
    return tokens(query)[:MOST_QUERIED]


def _scores(
    index: SearchIndex, asked: Sequence[str], weights: Weights
) -> tuple[Doubles | None, list[_Looked]]:
    """Return the score of each document, and what was looked for; None: nothing is found."""
    wanted = telling(asked) or list(asked)
    if not wanted or not index.keys:
        return None, []
    rest = [word for word in wanted if word not in ALTERNATIVES and word not in LIKENESS]
    instead, alike = ALTERNATIVES.intersection(asked), LIKENESS.intersection(asked)
    if rest and (instead or alike):
        anchors, others = _anchors(index, rest)
        if anchors:
            return _like(index, anchors, others, weights)
        if instead:
            return _unlisted(index, rest, weights)
    looked = _look_all(index, wanted, weights)
    scores = _by_words_and_meaning(index, looked, weights, weights.meaning, 1.0)
    if scores is None:
        return None, looked
    scores[_called(index, asked, looked)] += weights.named
    return _with_feedback(index, scores, weights), looked


def _called(index: SearchIndex, asked: Sequence[str], looked: Sequence[_Looked]) -> list[int]:
    """Return the documents that are called as the whole query, or as it is meant."""
    meant = "".join(each.respelt or each.word for each in looked)
    return index.called.get("".join(asked)) or index.called.get(meant) or []


def _anchors(index: SearchIndex, words: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the documents that the most neighbouring words name, and the other words."""
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            if found := index.called.get("".join(words[start : start + length])):
                return found, [*words[:start], *words[start + length :]]
    return [], list(words)


def _like(
    index: SearchIndex, anchors: Sequence[int], others: Sequence[str], weights: Weights
) -> tuple[Doubles, list[_Looked]]:
    """Score documents by how much they are like the first anchor; the anchors come last."""
    anchor = anchors[0]
    shared = np.zeros(len(index.keys), dtype=np.int64)
    for place in np.flatnonzero(index.postings.places == anchor):
        entry = int(np.searchsorted(index.postings.starts, place, side="right")) - 1
        places, counts = index.postings.of(entry)
        one = int(index.rarity[entry]) * int(index.postings.counts[place])
        shared[places] += one * counts.astype(np.int64)
    scores = weights.alike * _standard(shared // COARSE)
    if index.documents.shape[1]:
        scores = scores + weights.alike * _standard(_likeness(index, index.documents[anchor]))
    looked = _look_all(index, others, weights)
    if looked:
        lexical, _ = _by_words(index, looked, weights)
        scores = scores + lexical
    scores[list(anchors)] = -1.0
    return scores, looked


def _unlisted(
    index: SearchIndex, words: Sequence[str], weights: Weights
) -> tuple[Doubles | None, list[_Looked]]:
    """Score documents by how much they are like something that is none of them.

    What it is for is searched for where that is told. Else, who mentions it goes with it, and so
    counts less than in a search for it; and those whose names resemble a strange one's often do
    the same.
    """
    if any(word in index.told for word in words):
        wanted = [each for word in words for each in spelt_out(index.told.get(word, word))]
        looked = _look_all(index, wanted[:MOST_QUERIED], weights)
        scores = _by_words_and_meaning(index, looked, weights, weights.meaning, 1.0)
        return (None if scores is None else _with_feedback(index, scores, weights)), looked
    looked = _look_all(index, words, weights)
    scores = _by_words_and_meaning(index, looked, weights, weights.unlisted, weights.mentioned)
    strange = [
        each.word for each in looked if not each.entries and len(each.word) >= LEAST_RESEMBLING
    ]
    for word in strange:
        for place, share in _resembling(index, word):
            scores = np.zeros(len(index.keys)) if scores is None else scores
            scores[place] += weights.resembling * share
    return (None if scores is None else _with_feedback(index, scores, weights)), looked


def _resembling(index: SearchIndex, word: str) -> list[tuple[int, float]]:
    wanted = triples(word)
    shares = []
    for place, names in enumerate(index.names):
        theirs = frozenset[str]().union(*(triples(name.split("/")[1]) for name in names))
        share = len(wanted & theirs) / len(wanted | theirs)
        if share >= RESEMBLES:
            shares.append((place, share))
    return sorted(shares, key=lambda each: (-each[1], each[0]))[:MOST_RESEMBLING]


def _look_all(index: SearchIndex, words: Sequence[str], weights: Weights) -> list[_Looked]:
    """Return what stands for the words of a query: each by itself, and abbreviated together."""
    looked = [_look(index, word, weights) for word in words]
    roots = [stem(word) for word in words]
    for short, spelt in index.abbreviated.items():
        entry = index.stem_numbers.get(stem(short))
        if entry is None or not _stands(index, entry):
            continue
        for start in range(len(roots) - len(spelt) + 1):
            if roots[start : start + len(spelt)] == spelt:
                for each in looked[start : start + len(spelt)]:
                    each.entries[entry] = max(each.entries.get(entry, 0.0), weights.abbreviated)
    return looked


def _look(index: SearchIndex, word: str, weights: Weights) -> _Looked:
    """Return what stands for a word of a query."""
    root, numbers = stem(word), index.stem_numbers
    found: dict[int, float] = {}

    def add(entry: int | None, weight: float) -> None:
        if entry is not None and _stands(index, entry):
            found[entry] = max(found.get(entry, 0.0), weight)

    add(numbers.get(root), 1.0)
    said = [word]
    pair = index.in_one.get(word)
    if pair is not None:
        add(pair, 1.0)
        if numbers.get(root) is None:
            first = index.pairs[pair - len(numbers)]
            said = [index.words_of[int(each)][0] for each in first]
    if word in index.abbreviations:
        said = spelt_out(index.abbreviations[word])
        for entry in _entries_of(index, said):
            add(entry, weights.abbreviated)
    add(numbers.get(root + "er"), weights.relative)
    if root.endswith("er") and len(root) > 5:
        add(numbers.get(root[:-2]), weights.relative)
    known = found or root in numbers or word in index.abbreviations
    if not known:
        for entry in _begun(index, word):
            add(entry, weights.begun)
    if known or found:
        return _Looked(word, found, tuple(said))
    meant = _respelt(index, word) if weights.respelt > 0 else []
    for place, each in enumerate(meant):
        add(numbers[stem(each)], weights.respelt * (SECOND if place else 1.0))
    return _Looked(word, found, (meant[0],) if meant else (word,), meant[0] if meant else None)


def _stands(index: SearchIndex, entry: int) -> bool:
    """Tell whether an entry stands in a document, or in a group."""
    return any(
        postings.starts[entry] < postings.starts[entry + 1]
        for postings in (index.postings, index.grouped)
    )


def _entries_of(index: SearchIndex, words: Sequence[str]) -> Iterator[int | None]:
    """Yield the entry of one word; of more, those of each two neighbours."""
    numbers = [index.stem_numbers.get(stem(word)) for word in words]
    if len(numbers) == 1:
        yield numbers[0]
    for one, other in pairwise(numbers):
        if one is not None and other is not None:
            yield index.pair_numbers.get((one, other))


def _n_documents(index: SearchIndex, entry: int) -> int:
    return int(index.postings.starts[entry + 1] - index.postings.starts[entry])


def _begun(index: SearchIndex, word: str) -> list[int]:
    """Return the commonest stems of words that begin as this one."""
    if len(word) < LEAST_BEGUN:
        return []
    found: dict[int, None] = {}
    for other in islice(index.words, bisect_left(index.words, word), None):
        if not other.startswith(word):
            break
        found[index.stem_numbers[stem(other)]] = None
    return sorted(found, key=lambda entry: (-_n_documents(index, entry), entry))[:MOST_BEGUN]


def _respelt(index: SearchIndex, word: str) -> list[str]:
    """Return the known words that are nearest to a mistyped one, the likeliest first."""
    if len(word) < LEAST_RESPELT:
        return []
    fewest = 2 if len(word) >= LEAST_TWICE else 1
    letters, found = set(word), []
    for other in index.words:
        if abs(len(other) - len(word)) > fewest or len(other) < LEAST_RESPELT - 1:
            continue
        # One error changes at most two of the letters that stand in one word alone.
        if len(letters.symmetric_difference(other)) > 2 * fewest:
            continue
        errors = distance(word, other, fewest)
        if errors <= fewest:
            fewest = errors
            n_documents = _n_documents(index, index.stem_numbers[stem(other)])
            found.append((errors, other[0] != word[0], -n_documents, other))
    nearest = [other for errors, *_, other in sorted(found) if errors == fewest]
    first: dict[str, str] = {}
    for other in nearest:
        first.setdefault(stem(other), other)
    return list(first.values())


def _by_words_and_meaning(
    index: SearchIndex,
    looked: Sequence[_Looked],
    weights: Weights,
    meaning: float,
    words: float,
) -> Doubles | None:
    """Return the scores by shared words and by meaning; None where the query has neither."""
    lexical, found = _by_words(index, looked, weights)
    vector = _meaning(index, looked)
    if not found and vector is None:
        return None
    scores = words * lexical
    if vector is not None and meaning > 0:
        likeness = _standard(_likeness(index, _whole(vector)))
        few = lexical < FEW_SHARED * float(lexical.max())
        likeness[few & (likeness > 0)] *= weights.apart
        scores = scores + meaning * likeness
    return scores


def _by_words(
    index: SearchIndex, looked: Sequence[_Looked], weights: Weights
) -> tuple[Doubles, bool]:
    """Return how much of the query's words each document has, and whether any has one."""
    n_documents = len(index.keys)
    shared, covered, total = np.zeros(n_documents), np.zeros(n_documents), 0.0
    for each in {one.word: one for one in looked}.values():
        best = np.zeros(n_documents)
        own, most = index.stem_numbers.get(stem(each.word)), 0.0
        # What stands for a word says no more than the word itself.
        limit = int(index.rarity[own]) if own is not None and own in each.entries else RAREST
        for entry, weight in each.entries.items():
            gain = weight * min(int(index.rarity[entry]), limit)
            most = max(most, gain)
            for places, counts in _everywhere(index, entry):
                best[places] = np.maximum(best[places], gain * counts)
        most = most or float(UNKNOWN_RARITY)
        shared += best
        covered += np.where(best > 0, most, 0.0)
        total += most
    found = bool(shared.any())
    for entry, weight in _neighbouring(index, looked, weights):
        places, counts = index.postings.of(entry)
        shared[places] += weight * int(index.rarity[entry]) * counts
    factor = 1.0 - weights.cover + weights.cover * (covered / total)
    lexical: Doubles = shared / (total * 255.0) * factor
    return lexical, found


def _everywhere(
    index: SearchIndex, entry: int
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
    """Yield the documents that an entry stands in, by itself and by their groups."""
    yield index.postings.of(entry)
    groups, counts = index.grouped.of(entry)
    for group, count in zip(groups.tolist(), counts.tolist(), strict=True):
        members = index.members[group]
        yield members, np.full(len(members), count, dtype=np.uint8)


def _neighbouring(
    index: SearchIndex, looked: Sequence[_Looked], weights: Weights
) -> Iterator[tuple[int, float]]:
    """Yield the entries of two neighbouring words of a query, apart and as one."""
    numbers = index.stem_numbers
    for one, other in pairwise(looked):
        first = numbers.get(stem(one.respelt or one.word))
        second = numbers.get(stem(other.respelt or other.word))
        pair = None
        if first is not None and second is not None:
            pair = index.pair_numbers.get((first, second))
        if pair is not None and _stands(index, pair):
            yield pair, weights.near
        whole = numbers.get(stem(one.word + other.word))
        if whole is not None and _stands(index, whole):
            yield whole, 1.0


def _meaning(index: SearchIndex, looked: Sequence[_Looked]) -> list[float] | None:
    """Return what a query means: the sum of what its words and pairs do, the rarer the more."""
    n_dims, numbers = index.documents.shape[1], index.stem_numbers
    summed = [0.0] * n_dims
    any_known = False
    terms: list[tuple[int, float]] = []
    flat: list[tuple[int | None, float]] = []
    for each in looked:
        said = [(numbers.get(stem(word)), 1 / len(each.said)) for word in each.said]
        flat += said
        terms += [
            (entry, share * _rarity(index, entry)) for entry, share in said if entry is not None
        ]
    for (one, share), (other, also) in pairwise(flat):
        if one is not None and other is not None:
            pair = index.pair_numbers.get((one, other))
            if pair is not None:
                weight = share * _rarity(index, one) + also * _rarity(index, other)
                terms.append((pair, weight))
    for entry, weight in terms:
        row = int(index.meant[entry])
        if row >= 0:
            any_known = True
            for dim, step in enumerate(index.meanings[row].tolist()):
                summed[dim] += weight * step
    if not any_known:
        return None
    return [each * float(scale) for each, scale in zip(summed, index.scales, strict=True)]


def _rarity(index: SearchIndex, entry: int) -> int:
    return min(int(index.rarity[entry]), MOST_RARITY)


def _whole(vector: Iterable[float]) -> Integers:
    """Return a vector at the length `UNIT`, in whole numbers."""
    parts = list(vector)
    length = 0.0
    for part in parts:
        length += part * part
    length = sqrt(length)
    if length == 0:
        return np.zeros(len(parts), dtype=np.int64)
    return np.array([floor(part / length * UNIT + 0.5) for part in parts], dtype=np.int64)


def _likeness(index: SearchIndex, vector: NDArray[np.integer]) -> Integers:
    likeness: Integers = index.documents.astype(np.int64) @ vector.astype(np.int64)
    return likeness


def _standard(figures: Integers) -> Doubles:
    """Return whole numbers at mean 0 and variance 1; zeros where all are equal.

    Sums of whole numbers are exact, in whatever order they are added.
    """
    n, total, squares = len(figures), int(figures.sum()), int((figures * figures).sum())
    mean = total / n
    spread = sqrt(max(squares / n - mean * mean, 0.0))
    if spread == 0:
        return np.zeros(n)
    standard: Doubles = (figures.astype(np.float64) - mean) / spread
    return standard


def _with_feedback(index: SearchIndex, scores: Doubles, weights: Weights) -> Doubles:
    """Return scores with how much each document is like those that come first."""
    n_dims = index.documents.shape[1]
    if weights.feedback == 0 or n_dims == 0:
        return scores
    first = np.lexsort((np.arange(len(scores)), -scores))[: weights.feedback_from]
    middle = [0.0] * n_dims
    for place in first.tolist():
        weight = max(float(scores[place]), 0.0)
        for dim, part in enumerate(index.documents[place].tolist()):
            middle[dim] += weight * part
    return scores + weights.feedback * _standard(_likeness(index, _whole(middle)))


def _marks(index: SearchIndex, looked: Sequence[_Looked]) -> dict[int, list[str]]:
    """Return the words by which each document was found."""
    n_stems = len(index.stem_numbers)
    found: dict[int, dict[str, None]] = {}
    for each in looked:
        for entry in each.entries:
            stems = [entry] if entry < n_stems else index.pairs[entry - n_stems].tolist()
            words = [word for number in stems for word in index.words_of[number]]
            for place in index.postings.of(entry)[0].tolist():
                found.setdefault(place, {}).update(dict.fromkeys(words))
    return {place: list(words) for place, words in found.items()}
