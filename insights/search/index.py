"""The index of a search: what is known of each word beforehand, small enough for a page to hold.

Of each word it holds in which documents it stands and how much that counts (BM25F, Robertson and
Zaragoza 2009), and what it means: the encoder's vector of the word alone, in few dimensions. The
vectors of a query's words, added up, stand for the query where no encoder is at hand, as in static
embeddings (model2vec, Tulkens and van Dongen 2024).

All that a search adds up are whole numbers, or products of the same few in the same order, so that
this and ``reports/assets/search.js`` come to the same order bit by bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from insights.search import packing
from insights.search.words import stem, telling, tokens

if TYPE_CHECKING:
    from insights.search.ranking import SearchHit

SmallIntegers = NDArray[np.int8]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Searchable:
    """What can be found of one document.

    Attributes
    ----------
    key
        Of the document.
    name, former_names
        Each ``owner/name``, or the name alone.
    description
        What it says of itself.
    topics
        The topics that its owners gave it.
    groups
        Places, in the list of groups, of what it is counted as: its topic, category, code.
    """

    key: str
    name: str
    former_names: tuple[str, ...] = ()
    description: str = ""
    topics: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class SearchGroup:
    """What several documents are counted as, with the words by which people look for it.

    Attributes
    ----------
    phrases
        What is said of it, other than its name.
    """

    name: str
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each part of a search counts; 0 leaves it out.

    Attributes
    ----------
    meaning
        Likeness of a document to the query, in standard deviations, beside shared words, which
        count 1 where all of them are all over the document.
    apart
        How much of ``meaning`` is left to a document with few of the query's words.
    feedback, feedback_from
        Likeness to the documents that come first without it (Rocchio 1971), and how many these are.
    cover
        Which part of what shared words count hangs on how many of the query's words are there.
    near
        Two words of the query that stand side by side in a document, too.
    respelt, relative, begun
        A word that differs in a typing error; of the same root; that begins as the query's does.
    abbreviated
        What an abbreviation means.
    named
        Documents that are called as the query is.
    alike
        Where something like a document is wanted, what that document's words say beside its vector.
    mentioned, unlisted
        Where something like a tool is wanted of which nothing is told: the documents that mention
        it; and what its name means, in place of ``meaning``.
    resembling
        Names that resemble a word of no document.
    least
        A document is found if its score is at least this share of the best.
    """

    meaning: float = 0.16
    apart: float = 0.7
    feedback: float = 0.17
    feedback_from: int = 6
    cover: float = 0.5
    near: float = 0.25
    respelt: float = 0.8
    relative: float = 0.6
    begun: float = 0.6
    abbreviated: float = 0.9
    named: float = 1.5
    alike: float = 0.2
    mentioned: float = 0.3
    unlisted: float = 0.3
    resembling: float = 1.5
    least: float = 0.3


@dataclass(frozen=True)
class Postings:
    """In which places each entry stands, and how much that counts: entry after entry.

    Attributes
    ----------
    starts
        n_entries + 1 numbers: where the places of each entry begin.
    places
        Documents or groups, ascending for each entry.
    counts
        How much, from 1 to 255.
    """

    starts: NDArray[np.int64]
    places: NDArray[np.int32]
    counts: Bytes

    def of(self, entry: int) -> tuple[NDArray[np.int32], Bytes]:
        """Return where an entry stands, and how much that counts."""
        part = slice(int(self.starts[entry]), int(self.starts[entry + 1]))
        return self.places[part], self.counts[part]


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """What can be searched for, and where it is. Made by `insights.search.indexing.build_index`.

    Entries are the stems of the words, in the order of the first word of each, and after them the
    pairs of neighbouring words.

    Attributes
    ----------
    keys
        Of the n_docs documents.
    names
        Of each document what it is and was called, as ``owner/name``, the words of either joined.
    words
        All words that are known, sorted.
    pairs
        Two stems each, by number.
    rarity
        Of each entry, from 0 to 255: the fewer documents have it, the more.
    postings
        Of entries in documents.
    grouped
        Of entries in groups.
    members
        The documents of each group.
    documents
        n_docs × n_dims: what the documents mean; n_dims is 0 where that is not known.
    meant
        n_entries numbers: the row of `meanings`, or -1.
    meanings
        n_known × n_dims, from -7 to 7.
    scales
        n_dims numbers that bring `meanings` to the measure of `documents`.
    abbreviations
        What they mean, written out.
    told
        What tools are for that are no documents, by their names, words joined.
    """

    keys: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    pairs: NDArray[np.int32]
    rarity: Bytes
    postings: Postings
    grouped: Postings
    members: tuple[NDArray[np.int32], ...]
    documents: SmallIntegers
    meant: NDArray[np.int32]
    meanings: SmallIntegers
    scales: Doubles
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)

    @cached_property
    def stem_numbers(self) -> dict[str, int]:
        """Return the number of each stem."""
        return numbered(self.words)

    @cached_property
    def called(self) -> dict[str, list[int]]:
        """Return the documents that are or were called so, with and without the owner."""
        found: dict[str, list[int]] = {}
        for place, names in enumerate(self.names):
            own = [name.split("/")[1] for name in names]
            for name in dict.fromkeys([*(name.replace("/", "") for name in names), *own]):
                found.setdefault(name, []).append(place)
        return found

    @cached_property
    def words_of(self) -> list[list[str]]:
        """Return the words of each stem, sorted."""
        found: list[list[str]] = [[] for _ in self.stem_numbers]
        for word in self.words:
            found[self.stem_numbers[stem(word)]].append(word)
        return found

    @cached_property
    def pair_numbers(self) -> dict[tuple[int, int], int]:
        """Return the number of each pair."""
        first = len(self.stem_numbers)
        return {(int(a), int(b)): first + place for place, (a, b) in enumerate(self.pairs)}

    @cached_property
    def in_one(self) -> dict[str, int]:
        """Return the number of each pair by its words written as one, in every form that stands."""
        found: dict[str, int] = {}
        for (one, other), number in self.pair_numbers.items():
            for first in self.words_of[one]:
                for second in self.words_of[other]:
                    found.setdefault(first + second, number)
        return found

    @cached_property
    def abbreviated(self) -> dict[str, list[str]]:
        """Return the stems of what each abbreviation means, where these are several."""
        spelt = {short: spelt_out(text) for short, text in self.abbreviations.items()}
        return {short: [*map(stem, words)] for short, words in spelt.items() if len(words) > 1}

    def search(
        self, query: str, n: int | None = 10, *, weights: Weights | None = None
    ) -> list[SearchHit]:
        """Return the documents that answer a query, best first.

        Parameters
        ----------
        n
            At most so many; None: all.
        weights
            How much each part counts; None: as the index has it.
        """
        from insights.search.ranking import search

        return search(self, query, weights or self.weights)[:n]

    def did_you_mean(self, query: str) -> str | None:
        """Return the query with words as the documents have them; None: it has no errors."""
        from insights.search.ranking import respelt

        return respelt(self, query, self.weights)

    def as_values(self) -> dict[str, Any]:
        """Return all but the keys as JSON-compatible values, for a page."""
        return packing.pack(self)

    @classmethod
    def from_values(cls, values: Mapping[str, Any], keys: Sequence[str]) -> Self:
        """Return the index that `as_values` gave the values of."""
        return cls(keys=tuple(keys), **packing.unpack(values), weights=Weights(**values["weights"]))


def numbered(words: Sequence[str]) -> dict[str, int]:
    """Return the number of each stem: in the order of the first of the words that has it."""
    found: dict[str, int] = {}
    for word in words:
        found.setdefault(stem(word), len(found))
    return found


def spelt_out(text: str) -> list[str]:
    """Return the telling words of what an abbreviation means."""
    return telling(tokens(text))
