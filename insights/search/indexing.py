"""How the index of a search is made: of what documents say, and of what an encoder knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Floats, unit_rows
from insights.search.index import (
    Postings,
    Searchable,
    SearchGroup,
    SearchIndex,
    SmallIntegers,
    Weights,
    numbered,
)
from insights.search.words import (
    STOP_WORDS,
    initials,
    joined,
    name_words,
    neighbours,
    stem,
    telling,
    tokens,
)

Pair = tuple[str, str]
Entry = TypeVar("Entry", str, tuple[str, str])
Encode = Callable[[list[str]], Floats]

NAME, OWNER, TOPIC, GROUP, SAID = 3.0, 0.7, 1.5, 0.4, 0.15
"""What a word counts in a document's name, its owner's, a topic, the name of a group, and in what
is said of the group; in a description it is 1."""
SATURATION = 1.2
"""A word that counts so much counts half of what it can (k of BM25)."""
LENGTH = 0.4
"""How much the length of a description takes from each of its words (b of BM25)."""
DIMS = 40
"""Dimensions that are kept of the vectors: principal components of the documents."""
STEPS = 7
"""What is kept of a word's vector goes from minus to plus so many steps, in half a byte."""
REACH = 3.0
"""The outermost step, in standard deviations."""
IN_TEXTS = 2
"""A word or pair of no group has a vector if so many documents, or other texts, have it."""
MOST_WORDS, MOST_PAIRS = 8_000, 4_000
"""Words and pairs that have a vector; the commonest."""
RAREST: Final = 255


@dataclass
class _Counted:
    """What words and pairs stand where, while the index is made."""

    of_words: list[dict[str, float]] = field(default_factory=list)
    of_pairs: list[dict[Pair, float]] = field(default_factory=list)


@dataclass
class _Known:
    """How often each word and pair stands, and in which forms."""

    words: Counter[str] = field(default_factory=Counter)
    pairs: Counter[Pair] = field(default_factory=Counter)
    word_forms: dict[str, Counter[str]] = field(default_factory=dict)
    pair_forms: dict[Pair, Counter[str]] = field(default_factory=dict)

    def add(self, words: Iterable[str], pairs: Iterable[Pair], *, counts: int = 1) -> None:
        """Count what stands in one text; stop words are passed over."""
        for word in dict.fromkeys(telling(words)):
            self.words[stem(word)] += counts
            self.word_forms.setdefault(stem(word), Counter())[word] += counts
        for one, other in dict.fromkeys(pairs):
            pair = (stem(one), stem(other))
            self.pairs[pair] += counts
            self.pair_forms.setdefault(pair, Counter())[f"{one} {other}"] += counts


def build_index(
    documents: Sequence[Searchable],
    groups: Sequence[SearchGroup] = (),
    *,
    texts: Iterable[str] = (),
    told: Mapping[str, str] | None = None,
    abbreviations: Mapping[str, str] | None = None,
    vectors: Floats | None = None,
    encode: Encode | None = None,
    weights: Weights | None = None,
) -> SearchIndex:
    """Return the index of documents.

    Parameters
    ----------
    documents, groups
        What can be found, and what it is counted as.
    texts
        Other texts of the field: people may search by their words, too.
    told
        What tools are for, by their names: who searches for something like one that is no document
        means that.
    abbreviations
        What they mean, written out.
    vectors, encode
        n_docs × n_dims vectors of unit length, and what gives those of words; None: without
        meaning, by words alone.
    weights
        None: the default ones.
    """
    spelt = dict(abbreviations or {})
    in_documents, in_groups = _count_documents(documents), _count_groups(groups)
    listed = {joined(name) for each in documents for name in _names(each)}
    purposes = {joined(name): said for name, said in sorted((told or {}).items())}
    purposes = {name: said for name, said in purposes.items() if name and name not in listed}
    known_besides = [*spelt.values(), *purposes.values()]
    of_documents, elsewhere = _of_documents(documents), _elsewhere(groups, texts, known_besides)
    worded = _chosen(of_documents.words, elsewhere.words, MOST_WORDS)
    paired = _chosen(of_documents.pairs, elsewhere.pairs, MOST_PAIRS)
    words = _vocabulary(of_documents, elsewhere, set(worded))
    numbers = numbered(words)
    pairs = sorted((numbers[a], numbers[b]) for a, b in paired if a in numbers and b in numbers)
    stems = list(numbers)
    entries: list[str | Pair] = [*stems, *((stems[a], stems[b]) for a, b in pairs)]
    space = np.zeros((len(documents), 0), np.int8), np.zeros((0, 0), np.int8), np.zeros(0)
    rows = np.full(len(entries), -1, np.int32)
    # One document differs from none, and where no word is common, nothing is known of a query's.
    if vectors is not None and encode is not None and len(documents) > 1 and worded:
        forms = _forms(entries, set(worded), of_documents, elsewhere)
        space = _space(vectors, encode, list(forms.values()))
        rows[list(forms)] = np.arange(len(forms))
    return SearchIndex(
        keys=tuple(each.key for each in documents),
        names=tuple(tuple(_joined_names(each)) for each in documents),
        words=tuple(words),
        pairs=np.array(pairs, dtype=np.int32).reshape(-1, 2),
        rarity=_rarity(entries, of_documents, len(documents)),
        postings=_postings(entries, in_documents),
        grouped=_postings(entries, in_groups),
        members=_members(documents, len(groups)),
        documents=space[0],
        meant=rows,
        meanings=space[1],
        scales=space[2],
        abbreviations=spelt,
        told=purposes,
        weights=weights or Weights(),
    )


def _names(document: Searchable) -> Iterator[str]:
    """Yield what a document is and was called, with and without its owner."""
    for name in (document.name, *document.former_names):
        yield name
        yield name.rsplit("/", 1)[-1]


def _joined_names(document: Searchable) -> Iterator[str]:
    """Yield what a document is and was called, as ``owner/name``, the words of either joined.

    Names of three words or more are also called by their initials.
    """
    for name in dict.fromkeys((document.name, *document.former_names)):
        owner, _, own = name.rpartition("/")
        yield f"{joined(owner)}/{joined(own)}"
        if short := initials(own):
            yield f"{joined(owner)}/{short}"


def _named(name: str) -> tuple[list[str], list[str]]:
    """Return the words of a name, and of its owner."""
    owner, _, own = name.rpartition("/")
    return name_words(own), name_words(owner)


def _spaced(name: str) -> str:
    return name.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ")


def _all_words(document: Searchable) -> list[str]:
    words = tokens(document.description)
    for name in (document.name, *document.former_names):
        for part in _named(name):
            words += part
    for topic in document.topics:
        words += name_words(topic)
    return words


def _all_pairs(document: Searchable) -> list[Pair]:
    pairs = neighbours(document.description)
    for name in (document.name, *document.former_names, *document.topics):
        pairs += neighbours(_spaced(name))
    return pairs


def _of_documents(documents: Sequence[Searchable]) -> _Known:
    known = _Known()
    for document in documents:
        known.add(_all_words(document), _all_pairs(document))
    return known


def _elsewhere(
    groups: Sequence[SearchGroup], texts: Iterable[str], besides: Iterable[str]
) -> _Known:
    """Return what groups and other texts say; what groups and ``besides`` say counts as known."""
    known = _Known()
    said = [phrase for group in groups for phrase in (group.name, *group.phrases)]
    for phrase in dict.fromkeys([*said, *besides]):
        known.add(tokens(phrase), neighbours(phrase), counts=IN_TEXTS)
    for text in texts:
        known.add(tokens(text), neighbours(text))
    return known


def _count_documents(documents: Sequence[Searchable]) -> _Counted:
    lengths = [len(telling(tokens(each.description))) for each in documents]
    usual = max(sum(lengths) / max(len(lengths), 1), 1.0)
    counted = _Counted()
    for document, length in zip(documents, lengths, strict=True):
        words: dict[str, float] = {}
        for name in (document.name, *document.former_names):
            own, owner = _named(name)
            _raise(words, own, NAME)
            _raise(words, owner, OWNER)
        for topic in document.topics:
            _raise(words, name_words(topic), TOPIC)
        each = 1 / (1 - LENGTH + LENGTH * length / usual)
        for word in telling(tokens(document.description)):
            words[stem(word)] = words.get(stem(word), 0.0) + each
        pairs = Counter((stem(a), stem(b)) for a, b in _all_pairs(document))
        counted.of_words.append(words)
        counted.of_pairs.append(dict(pairs))
    return counted


def _raise(counts: dict[str, float], words: Iterable[str], weight: float) -> None:
    """Count each stem of a name once, whatever else is called so."""
    for each in dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS):
        counts[each] = max(counts.get(each, 0.0), weight)


def _count_groups(groups: Sequence[SearchGroup]) -> _Counted:
    counted = _Counted()
    for group in groups:
        words: dict[str, float] = {}
        pairs: dict[Pair, float] = {}
        for phrase, weight in [(group.name, GROUP), *((each, SAID) for each in group.phrases)]:
            for word in telling(tokens(phrase)):
                words[stem(word)] = words.get(stem(word), 0.0) + weight
            for one, other in neighbours(phrase):
                pair = (stem(one), stem(other))
                pairs[pair] = pairs.get(pair, 0.0) + weight
        counted.of_words.append(words)
        counted.of_pairs.append(pairs)
    return counted


def _chosen(in_documents: Counter[Entry], others: Counter[Entry], most: int) -> list[Entry]:
    """Return what stands in enough texts, the commonest first."""
    every = sorted(in_documents.keys() | others.keys())
    often = {each: max(in_documents[each], others[each]) for each in every}
    enough = [each for each in every if often[each] >= IN_TEXTS]
    return sorted(enough, key=lambda each: (-often[each], each))[:most]


def _vocabulary(documents: _Known, elsewhere: _Known, common: set[str]) -> list[str]:
    """Return all words by which something may be found, sorted."""
    words = {word for forms in documents.word_forms.values() for word in forms}
    for each, forms in elsewhere.word_forms.items():
        if each in common:
            words.update(forms)
    return sorted(words)


def _forms(
    entries: Sequence[str | Pair], worded: set[str], documents: _Known, elsewhere: _Known
) -> dict[int, str]:
    """Return the commonest form of each entry that is to have a vector, by its number."""
    found = {}
    for number, entry in enumerate(entries):
        if isinstance(entry, str) and entry not in worded:
            continue
        forms: Counter[str] = Counter()
        for known in (documents, elsewhere):
            if isinstance(entry, str):
                forms.update(known.word_forms.get(entry, {}))
            else:
                forms.update(known.pair_forms.get(entry, {}))
        found[number] = min(forms, key=lambda form: (-forms[form], form))
    return found


def _space(
    vectors: Floats, encode: Encode, forms: list[str]
) -> tuple[SmallIntegers, SmallIntegers, Doubles]:
    """Return documents and entries in few dimensions, and the scales of the entries.

    Documents and words are centred, each by their own mean: what all share says nothing.
    """
    centred = unit_rows(vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64))
    axes = _axes(centred)
    placed = unit_rows(centred @ axes)
    known = encode(forms).astype(np.float64)
    alone = [place for place, form in enumerate(forms) if " " not in form]
    meanings = (known - known[alone].mean(axis=0)) @ axes
    scales = np.array([float(f"{each:.6g}") for each in meanings.std(axis=0) * REACH / STEPS])
    steps = np.clip(np.rint(meanings / np.where(scales > 0, scales, 1.0)), -STEPS, STEPS)
    return np.rint(placed * 127).astype(np.int8), steps.astype(np.int8), scales


def _axes(centred: Doubles) -> Doubles:
    """Return n_dims × n_kept principal axes; the largest part of each is positive."""
    _, vectors = np.linalg.eigh(centred.T @ centred)
    kept = min(DIMS, len(centred) - 1, centred.shape[1])
    axes = vectors[:, ::-1][:, :kept]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(kept)]
    found: Doubles = axes * np.where(largest < 0, -1.0, 1.0)
    return found


def _rarity(
    entries: Sequence[str | Pair], documents: _Known, n_documents: int
) -> NDArray[np.uint8]:
    """Return the inverse document frequency of each entry, the rarest as the largest number."""
    counts = np.array(
        [
            documents.words[entry] if isinstance(entry, str) else documents.pairs[entry]
            for entry in entries
        ],
        dtype=np.float64,
    )
    rarity = np.log1p((n_documents - counts + 0.5) / (counts + 0.5))
    most = log1p((n_documents + 0.5) / 0.5)
    return np.clip(np.rint(rarity / most * RAREST), 1, RAREST).astype(np.uint8)


def _postings(entries: Sequence[str | Pair], counted: _Counted) -> Postings:
    places: dict[str | Pair, list[tuple[int, float]]] = {}
    for place, (words, pairs) in enumerate(zip(counted.of_words, counted.of_pairs, strict=True)):
        both: list[tuple[str | Pair, float]] = [*words.items(), *pairs.items()]
        for entry, count in both:
            places.setdefault(entry, []).append((place, count))
    listed = [places.get(entry, []) for entry in entries]
    flat = [each for found in listed for each in found]
    counts = np.array([count for _, count in flat], dtype=np.float64)
    saturated = np.clip(np.rint(255 * counts / (SATURATION + counts)), 1, 255)
    return Postings(
        np.cumsum([0, *map(len, listed)]),
        np.array([place for place, _ in flat], dtype=np.int32),
        saturated.astype(np.uint8),
    )


def _members(documents: Sequence[Searchable], n_groups: int) -> tuple[NDArray[np.int32], ...]:
    found: list[list[int]] = [[] for _ in range(n_groups)]
    for place, document in enumerate(documents):
        for group in dict.fromkeys(document.groups):
            found[group].append(place)
    return tuple(np.array(each, dtype=np.int32) for each in found)
