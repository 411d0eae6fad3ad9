"""How phrases stand in documents: which are whole, and which only parts of longer ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from artifacts.arrays import Integers
from taxonomy.names.phrases import Phrase, english_stop_words
from taxonomy.names.texts import Marks, WordFlow
from taxonomy.types import Labels

# From 0.2 to 0.5 the names are as good (`benchmarks/names.py`).
_CLOSED = 0.35
_VARIED = 4
_ONE_WORD = 0.35


@dataclass(frozen=True)
class PhraseUses:
    """All phrases of some words, so many each, in the documents.

    Attributes
    ----------
    flow
        The documents.
    stems
        n_phrases × length numbers of the words.
    places
        Where the phrases begin in the flow: n_uses places, phrase after phrase, each in order.
    first
        n_phrases + 1 numbers of uses: where those of each phrase begin, and those of the last end.
    """

    flow: WordFlow
    stems: Integers
    places: Integers
    first: Integers

    @classmethod
    def of(cls, flow: WordFlow, words: Sequence[str], length: int) -> PhraseUses:
        """Find all runs of so many of these stems that no mark divides."""
        numbers = {word: number for number, word in enumerate(words)}
        at = np.array([numbers.get(word, -1) for word in flow.stem.words])[flow.stems]
        starts = np.flatnonzero(at >= 0)
        codes = at[starts]
        for step in range(1, length):
            ends = starts + step
            goes_on = ends < len(at)
            goes_on[goes_on] = (at[ends[goes_on]] >= 0) & ~flow.opens[ends[goes_on]]
            starts = starts[goes_on]
            codes = codes[goes_on] * len(words) + at[starts + step]
        order = np.argsort(codes, kind="stable")
        phrases, first = np.unique(codes[order], return_index=True)
        stems = np.stack(np.unravel_index(phrases, (len(words),) * length), axis=1)
        return cls(flow, stems, starts[order], np.append(first, len(starts)))

    def wanted(self, labels: Labels, fits: Marks) -> Iterator[tuple[int, list[int]]]:
        """Yield each whole phrase that two documents say, and the nodes that it may name.

        Parameters
        ----------
        labels
            The node of each of the n_docs documents; below 0: none.
        fits
            n_words × n_nodes: whether a word may be in the name of a node.
        """
        phrase = np.repeat(np.arange(len(self.stems)), np.diff(self.first))
        documents = self.flow.documents[self.places]
        is_new = np.r_[True, (phrase[1:] != phrase[:-1]) | (documents[1:] != documents[:-1])]
        is_new = is_new[: len(phrase)]
        n_documents = np.bincount(phrase[is_new], minlength=len(self.stems))
        good = self._whole(phrase) & (n_documents >= 2) & self._without_repeats
        nodes = labels[documents]
        there = is_new & good[phrase] & (nodes >= 0)
        pairs = np.unique(phrase[there].astype(np.int64) * fits.shape[1] + nodes[there])
        number, node = np.divmod(pairs, fits.shape[1])
        fit = np.all([fits[self.stems[number, at], node] for at in range(self.stems.shape[1])], 0)
        found: dict[int, list[int]] = {}
        for one, other in zip(number[fit].tolist(), node[fit].tolist(), strict=True):
            found.setdefault(one, []).append(other)
        yield from found.items()

    @property
    def _without_repeats(self) -> Marks:
        ordered = np.sort(self.stems, axis=1)
        unlike: Marks = (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
        return unlike

    def _whole(self, phrase: Integers) -> Marks:
        """Tell which phrases are none that only stand inside longer ones.

        After it, often enough nothing follows that belongs to it; before it, nothing does, or
        many different words do (remote, object, local storage).

        Parameters
        ----------
        phrase
            The phrase of each of the n_uses uses.
        """
        flow, n_phrases, n_stems = self.flow, len(self.stems), len(self.flow.stem.words)
        stops = flow.stem.among(english_stop_words())
        last = self.places + self.stems.shape[1] - 1
        after = np.minimum(last + 1, len(flow.stems) - 1)
        closed = flow.closes[last] | stops[flow.stems[after]]
        bound = ~flow.opens[self.places]
        bound[bound] = ~stops[flow.stems[self.places[bound] - 1]]
        n = np.diff(self.first)
        n_bound = np.bincount(phrase[bound], minlength=n_phrases)
        cells = phrase[bound].astype(np.int64) * n_stems + flow.stems[self.places[bound] - 1]
        cells, times = np.unique(cells, return_counts=True)
        n_words = np.bincount(cells // n_stems, minlength=n_phrases)
        most = np.zeros(n_phrases, dtype=np.int64)
        np.maximum.at(most, cells // n_stems, times)
        is_free = n - n_bound >= _CLOSED * n
        is_varied = (n_words >= _VARIED) & (most <= _ONE_WORD * n)
        n_closed = np.bincount(phrase[closed], minlength=n_phrases)
        whole: Marks = (n_closed >= _CLOSED * n) & (is_free | is_varied)
        return whole

    def usual_form(self, number: int) -> Phrase:
        """Return how a phrase mostly stands, in lower case."""
        places = self.places[self.first[number] : self.first[number + 1]]
        lows = self.flow.lows[places[:, None] + np.arange(self.stems.shape[1])]
        forms, times = np.unique(lows, axis=0, return_counts=True)
        words = self.flow.low.words
        told = [tuple(words[each] for each in form) for form in forms.tolist()]
        return min(zip((-times).tolist(), told, strict=True))[1]
