"""Documents cut into words once, for all who ask: as numbers, for there may be very many.

A *form* is a word as it is written. Every form has a number, and so have what it is in lower case
and its stem; the documents are the numbers of their forms, one after the other.

Nothing here needs a tagger or a dictionary. Whether a word can head a phrase ("stores") or is a
verb ("renders") is told by the words that stand beside it in the documents themselves.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Integers, row_blocks
from taxonomy.names.phrases import DETERMINERS, LONGEST, stem, words_in, written_words
from taxonomy.types import Labels

if TYPE_CHECKING:
    import scipy.sparse as sp

USUAL = 0.4
"""A phrase is shown in the plural if that makes up this share of its noun's uses."""

_BEFORE_VERB = words_in("to can could should will would may might must which that")
_AFTER_NOUN = words_in(
    "of for in on with from and or is are was were be can to by as at via into over under than "
    "that which whose when where has have but per using through across between without"
)
_BEFORE_ADJECTIVE = words_in("is are was were be been too very so more less")
_BEFORE_NOUN = words_in("a an the its their your of for in on with from by into per via")

Numbers = NDArray[np.int32]
Marks = NDArray[np.bool_]


class Vocabulary:
    """Words, numbered as they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, word: str) -> int:
        """Return the number of a word, a new one if it was not there yet."""
        return self._numbers.setdefault(word, len(self._numbers))

    def number(self, word: str) -> int | None:
        """Return the number of a word; None where it is not there."""
        return self._numbers.get(word)

    def so_far(self) -> list[str]:
        """Return the words that are there, by their numbers."""
        return list(self._numbers)

    @cached_property
    def words(self) -> list[str]:
        """Return the words by their numbers; from now on none is added."""
        return self.so_far()

    def among(self, some: Iterable[str]) -> Marks:
        """Tell of each word whether it is one of some; and of one more, which is none: False."""
        marks = np.zeros(len(self._numbers) + 1, dtype=bool)
        marks[[self._numbers[word] for word in some if word in self._numbers]] = True
        return marks


@dataclass(frozen=True)
class WordFlow:
    """The words of n_docs documents, one after the other.

    Attributes
    ----------
    written, low, stem
        The words that there are: as they are written, in lower case, and their stems, those of the
        parts of words with hyphens too.
    low_of, stem_of
        Of each written word.
    forms
        n_words numbers of written words.
    opens
        Of n_words: whether a mark stands before each. Each document opens with one.
    bounds
        n_docs + 1 places: where the words of each document begin, and those of the last one end.
    """

    written: Vocabulary
    low: Vocabulary
    stem: Vocabulary
    low_of: Numbers
    stem_of: Numbers
    forms: Numbers
    opens: Marks
    bounds: Integers

    @classmethod
    def of(cls, texts: Iterable[str]) -> WordFlow:
        """Cut texts into words."""
        written, low, stems = Vocabulary(), Vocabulary(), Vocabulary()
        forms, opens, bounds = array("i"), bytearray(), [0]
        for text in texts:
            for word, is_apart in written_words(text):
                forms.append(written.add(word))
                opens.append(is_apart)
            bounds.append(len(forms))
        low_of = [low.add(word.lower()) for word in written.words]
        stem_of = [stems.add(stem(word)) for word in written.words]
        for word in stems.so_far():
            for part in _parts(word):
                stems.add(part)
        return cls(
            written,
            low,
            stems,
            np.array(low_of, dtype=np.int32),
            np.array(stem_of, dtype=np.int32),
            np.frombuffer(forms, dtype=np.int32),
            np.frombuffer(opens, dtype=bool),
            np.array(bounds),
        )

    @cached_property
    def lows(self) -> Numbers:
        """Return the number of each of the n_words words in lower case."""
        return self.low_of[self.forms]

    @cached_property
    def stems(self) -> Numbers:
        """Return the number of the stem of each of the n_words words."""
        return self.stem_of[self.forms]

    @cached_property
    def closes(self) -> Marks:
        """Tell of each word whether a mark, or the end of its document, stands after it."""
        return np.append(self.opens[1:], True)[: len(self.opens)]

    @cached_property
    def documents(self) -> Numbers:
        """Return the number of each word's document."""
        n_docs = len(self.bounds) - 1
        return np.repeat(np.arange(n_docs, dtype=np.int32), np.diff(self.bounds))

    @cached_property
    def parts(self) -> Integers:
        """Return where the parts between marks begin, and where the last one ends."""
        return np.append(np.flatnonzero(self.opens), len(self.opens))


@dataclass(frozen=True)
class Groups:
    """Numbers of things by the group that they are in."""

    order: Numbers
    bounds: Integers

    @classmethod
    def of(cls, groups: NDArray[np.integer], n_groups: int) -> Groups:
        """Gather things by their group's number; below 0: in none."""
        order = np.argsort(groups, kind="stable").astype(np.int32)
        return cls(order, np.searchsorted(groups[order], np.arange(n_groups + 1)))

    def members(self, group: int) -> Numbers:
        """Return the numbers of a group's things, in order."""
        return self.order[self.bounds[group] : self.bounds[group + 1]]


class Texts:
    """Documents cut into words, at the first question, with what their neighbours say of each word.

    Parameters
    ----------
    texts
        n_docs texts.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._places: dict[frozenset[str], Integers] = {}

    def __len__(self) -> int:
        return len(self._texts)

    @cached_property
    def flow(self) -> WordFlow:
        """Return the words of all documents."""
        return WordFlow.of(self._texts)

    @property
    def stems(self) -> Vocabulary:
        """Return the stems that there are."""
        return self.flow.stem

    @cached_property
    def said(self) -> sp.csr_matrix:
        """Return n_docs × n_stems: 1 where a document says a stem.

        A word with hyphens counts whole and by its parts.
        """
        flow, n_stems = self.flow, len(self.stems.words)
        numbers = {word: number for number, word in enumerate(self.stems.words)}
        counted = [[n, *(numbers[part] for part in _parts(word))] for word, n in numbers.items()]
        said = _rows_of_ones(flow.stems, flow.bounds, n_stems) @ _rows_of_ones(
            np.fromiter(chain.from_iterable(counted), dtype=np.int32),
            np.cumsum([0, *map(len, counted)]),
            n_stems,
        )
        said.data[:] = 1
        said.sort_indices()
        return said

    @cached_property
    def _said_by(self) -> sp.csc_matrix:
        return self.said.tocsc()

    def saying(self, word: str) -> Numbers:
        """Return the numbers of the documents that say a stem, in order."""
        number = self.stems.number(word)
        if number is None:
            return np.array([], dtype=np.int32)
        ends = self._said_by.indptr
        documents: Numbers = self._said_by.indices[ends[number] : ends[number + 1]]
        return documents

    def said_in(self, labels: Labels, n_nodes: int) -> sp.csr_matrix:
        """Return n_nodes × n_stems: how many documents of each node say a stem.

        Parameters
        ----------
        labels
            The node of each of the n_docs documents; below 0: none.
        """
        import scipy.sparse as sp

        placed = np.flatnonzero(labels >= 0)
        ones = np.ones(len(placed), dtype=np.int32)
        shape = (n_nodes, len(self))
        return sp.csr_matrix((ones, (labels[placed], placed)), shape=shape) @ self.said

    def places(self, words: frozenset[str]) -> Integers:
        """Return where in the flow one of these words in lower case stands."""
        if words not in self._places:
            self._places[words] = np.flatnonzero(self.flow.low.among(words)[self.flow.lows])
        return self._places[words]

    @cached_property
    def _stands(self) -> tuple[Integers, Integers]:
        """Return how often each word in lower case stands where nouns do, and where others do."""
        flow, none = self.flow, len(self.flow.low.words)
        among = flow.low.among
        before = np.where(flow.opens, none, np.roll(flow.lows, 1))
        after = np.where(flow.closes, none, np.roll(flow.lows, -1))
        adjective = among(_BEFORE_ADJECTIVE)[before]
        ends = flow.closes | among(_AFTER_NOUN)[after]
        heads = [
            ends & ~flow.opens & ~among(["to"])[before] & ~adjective,
            ends & among(_BEFORE_NOUN)[before],
        ]
        verbs = [
            among(DETERMINERS)[after],
            among(_BEFORE_VERB)[before] & ~flow.closes,
            ends & adjective,  # "is slow": no noun either
        ]
        as_head, as_verb = (
            np.sum([np.bincount(flow.lows[there], minlength=none) for there in some], axis=0)
            for some in (heads, verbs)
        )
        return as_head, as_verb

    @cached_property
    def _uses(self) -> Integers:
        """Return how often each stem stands, not counting where it is a part of a word."""
        return np.bincount(self.flow.stems, minlength=len(self.stems.words))

    @cached_property
    def _written(self) -> Integers:
        """Return how often each form stands."""
        return np.bincount(self.flow.forms, minlength=len(self.flow.written.words))

    @cached_property
    def _changed(self) -> Integers:
        """Return how often each form stands where sentence, title or list may have changed it."""
        flow, words = self.flow, self.flow.written.words
        titles = np.array([word[:1].isupper() and word[1:].islower() for word in words])
        is_title = titles[flow.forms] if len(titles) else flow.opens
        beside = (~flow.opens & np.roll(is_title, 1)) | (~flow.closes & np.roll(is_title, -1))
        lengths = np.diff(flow.parts)
        changed = is_title & (flow.opens | beside) | np.repeat(lengths <= LONGEST, lengths)
        return np.bincount(flow.forms[changed], minlength=len(words))

    @cached_property
    def _forms_of_low(self) -> Groups:
        return Groups.of(self.flow.low_of, len(self.flow.low.words))

    @cached_property
    def _forms_of_stem(self) -> Groups:
        return Groups.of(self.flow.stem_of, len(self.stems.words))

    @cached_property
    def _run_together(self) -> frozenset[str]:
        """Return the words that are two which the documents as often write apart."""
        flow, words, n_stems = self.flow, self.stems.words, len(self.stems.words)
        halves: dict[int, int] = {}
        for number in np.flatnonzero(self._uses).tolist():
            word = words[number]
            for cut in range(3, len(word) - 2):
                one, other = self.stems.number(word[:cut]), self.stems.number(word[cut:])
                if one is not None and other is not None:
                    halves[one * n_stems + other] = number
        pairs = np.array(sorted(halves), dtype=np.int64)
        if len(pairs) == 0:
            return frozenset()
        n_apart = np.zeros(len(pairs), dtype=np.int64)
        for at in row_blocks(len(flow.stems) - 1):
            following = slice(at.start + 1, at.stop + 1)
            beside = flow.stems[at].astype(np.int64) * n_stems + flow.stems[following]
            beside = beside[~flow.closes[at]]
            place = np.minimum(np.searchsorted(pairs, beside), len(pairs) - 1)
            n_apart += np.bincount(place[pairs[place] == beside], minlength=len(pairs))
        wholes = np.array([halves[pair] for pair in pairs.tolist()])
        return frozenset(words[each] for each in wholes[n_apart >= self._uses[wholes]].tolist())

    def is_run_together(self, word: str) -> bool:
        """Tell whether a word is two that the documents more often write apart."""
        return word in self._run_together

    def headness(self, word: str) -> float:
        """Return how far a word as written stands where nouns stand, in (0, 1); unknown: 0.5.

        Where a verb or an adjective stands counts against it.
        """
        heads, verbs = self._stood(word.lower())
        return (heads + 1) / (heads + 2 * verbs + 2)

    def _stood(self, low: str) -> tuple[int, int]:
        number = self.flow.low.number(low)
        if number is None:
            return 0, 0
        as_head, as_verb = self._stands
        return int(as_head[number]), int(as_verb[number])

    def usual(self, stemmed: str) -> str:
        """Return the commonest word of a stem, spelled."""
        kin = self._words_of(stemmed)
        best = min(kin.items(), key=lambda item: (-item[1], item[0]), default=(stemmed, 0))
        return self.spelling(best[0])

    def is_plural(self, word: str) -> bool:
        """Tell whether a word is the plural, or a form in -s, of another in the documents."""
        low = word.lower()
        return any(low == other + "s" or low == other[:-1] + "ies" for other in self._kin(low))

    def plural(self, word: str, *, usual: float = USUAL) -> str | None:
        """Return the plural of a word, if it makes up this share of its uses, and is a noun."""
        low = word.lower()
        kin = self._kin(low)
        plurals = {form: n for form, n in kin.items() if form != low and self.is_plural(form)}
        if not plurals or sum(plurals.values()) < usual * kin.total():
            return None
        best = min(plurals.items(), key=lambda item: (-item[1], item[0]))[0]
        is_noun = self._stood(best)[0] >= 2 and self.headness(best) >= 0.5
        return self.spelling(best) if is_noun else None

    def in_plural(self, phrase: str) -> str:
        """Return a phrase in the plural, if its noun has one here: "build services"."""
        before, space, last = phrase.rpartition(" ")
        return before + space + (self.plural(last, usual=0.0) or last)

    def _kin(self, low: str) -> Counter[str]:
        """Return the words in lower case that share a stem with one, and how often they stand."""
        return self._words_of(stem(low))

    def _words_of(self, stemmed: str) -> Counter[str]:
        """Return the words in lower case that have a stem, and how often they stand."""
        number, found = self.stems.number(stemmed), Counter[str]()
        if number is not None:
            for form in self._forms_of_stem.members(number).tolist():
                found[self.flow.low.words[self.flow.low_of[form]]] += int(self._written[form])
        return found

    def spelling(self, word: str) -> str:
        """Return a word with the capitals that it has where a sentence does not give them.

        A form with capitals inside (LLM, PyTorch) stands for the word if it makes up a quarter of
        its uses, for lists of keywords are in lower case whatever they name; a form that only
        opens with one, if it makes up most of them.
        """
        low = word.lower()
        number = self.flow.low.number(low)
        if number is None:
            return low
        of = self._forms_of_low.members(number)
        changed = self._changed[of]
        kept = self._written[of] - changed
        counts = (kept if kept.any() else changed).tolist()
        forms: list[str] = [self.flow.written.words[form] for form in of.tolist()]
        for n, form in sorted((-n, form) for n, form in zip(counts, forms, strict=True) if n):
            inner = form[1:] != low[1:]
            if form != low and -n >= sum(counts) * (0.25 if inner else 0.5):
                return form
        return low


def _parts(word: str) -> list[str]:
    """Return the stems of the parts of a stem with hyphens."""
    return [stem(part) for part in word.split("-") if part] if "-" in word else []


def _rows_of_ones(columns: Numbers, bounds: Integers, n_columns: int) -> sp.csr_matrix:
    import scipy.sparse as sp

    ones = np.ones(len(columns), dtype=np.int32)
    return sp.csr_matrix((ones, columns, bounds), shape=(len(bounds) - 1, n_columns))
