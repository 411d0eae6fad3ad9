"""Words and phrases of documents: what a name or a keyword may be made of.

Nothing here needs a tagger or a dictionary. Whether a word can head a phrase ("stores") or is a
verb ("renders") is told by the words that stand beside it in the documents themselves.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache

from embeddings.text.words import normal, spans_of, without_apostrophes

LONGEST = 3
"""Words of the longest phrase."""
USUAL = 0.4
"""A phrase is shown in the plural if that makes up this share of its noun's uses."""

_ACRONYMS = re.compile(r"^[A-Z]{2,}s$")


def words_in(text: str) -> frozenset[str]:
    """Return the words that a text lists."""
    return frozenset(text.split())


DETERMINERS = words_in(
    "a an the its their your our this these those each every any all some one other no "
    "his her my how what whether it them you us"
)
_BEFORE_VERB = words_in("to can could will would should may might must which that")
_AFTER_NOUN = words_in(
    "of for in on with from and or is are was were be can to by as at via into over under than "
    "that which whose when where has have but per using through across between without"
)
_BEFORE_ADJECTIVE = words_in("is are was were be been too very so more less")
_BEFORE_NOUN = words_in("a an the its their your of for in on with from by into per via")

Phrase = tuple[str, ...]
"""The stems of a phrase, in order."""


def stem(word: str) -> str:
    """Return a word in lower case and, where it is a plural, in the singular: all that is merged.

    Shares of words are counted by it, so "store" and "stores" are one word, but "serve" and
    "serving" are two.
    """
    if _ACRONYMS.match(word):
        return word[:-1].lower()
    low = word.lower()
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if len(low) > 4 and low.endswith(("sses", "xes", "ches", "shes")):
        return low[:-2]
    if len(low) > 2 and low.endswith("s") and not low.endswith("ss"):
        return low if len(low) > 4 and low.endswith(("us", "is")) else low[:-1]
    return low


@dataclass(frozen=True)
class Token:
    """A word of a text as it is written, its stem, and whether punctuation stands before it."""

    written: str
    stem: str
    opens: bool


def tokens_of(text: str) -> list[Token]:
    """Return the words of a text."""
    text = without_apostrophes(normal(text))
    found, before = [], 0
    for start, end in spans_of(text):
        between = text[before:start]
        opens = before == 0 or "\n" in between or not between.isspace()
        found.append(Token(text[start:end], stem(text[start:end]), opens))
        before = end
    return found


def stems_of(tokens: Iterable[Token]) -> set[str]:
    """Return the stems in a text; a word with hyphens counts whole and by its parts."""
    found: set[str] = set()
    for token in tokens:
        found.add(token.stem)
        if "-" in token.stem:
            found.update(stem(part) for part in token.stem.split("-") if part)
    return found


def runs_of(tokens: Sequence[Token], allowed: Set[str]) -> Iterator[tuple[int, int]]:
    """Yield start and end of every run of one to three allowed words that no mark divides."""
    for start in range(len(tokens)):
        for end in range(start, min(start + LONGEST, len(tokens))):
            if tokens[end].stem not in allowed or (end > start and tokens[end].opens):
                break
            yield start, end + 1


@cache
def english_stop_words() -> frozenset[str]:
    """Return English words that say nothing by themselves."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS) | DETERMINERS


class Texts:
    """Documents cut into words, once, with what their neighbours say of each word.

    Attributes
    ----------
    tokens, stems
        For each of the n_docs documents: its words in order, and the set of its stems.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.tokens = [tokens_of(text) for text in texts]
        self.stems = [stems_of(tokens) for tokens in self.tokens]
        self._as_head: Counter[str] = Counter()
        self._as_verb: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._changed: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._words_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._uses: Counter[str] = Counter()
        for tokens in self.tokens:
            self._read(tokens)

    def _read(self, tokens: Sequence[Token]) -> None:
        for place, token in enumerate(tokens):
            word = token.written.lower()
            before = "" if token.opens else tokens[place - 1].written.lower()
            last = place + 1 == len(tokens) or tokens[place + 1].opens
            after = "" if last else tokens[place + 1].written.lower()
            self._uses[token.stem] += 1
            self._count_form(tokens, place)
            if after:
                self._pairs[token.stem, tokens[place + 1].stem] += 1
            self._as_verb[word] += (after in DETERMINERS) + (before in _BEFORE_VERB and not last)
            if not (last or after in _AFTER_NOUN):
                continue
            self._as_head[word] += before not in ("", "to") and before not in _BEFORE_ADJECTIVE
            self._as_head[word] += before in _BEFORE_NOUN
            self._as_verb[word] += before in _BEFORE_ADJECTIVE  # "is slow": no noun either

    def _count_form(self, tokens: Sequence[Token], place: int) -> None:
        """Count how a word is written, apart where sentence, title or list may have changed it."""
        token, word = tokens[place], tokens[place].written
        changed = _is_title(token) and (token.opens or _beside(tokens, place, _is_title))
        kept = self._changed if changed or _in_short_part(tokens, place) else self._forms
        kept[word.lower()][word] += 1
        self._words_of[token.stem][word.lower()] += 1

    def headness(self, word: str) -> float:
        """Return how far a word as written stands where nouns stand, in (0, 1); unknown: 0.5.

        Where a verb or an adjective stands counts against it.
        """
        low = word.lower()
        heads, verbs = self._as_head[low], self._as_verb[low]
        return (heads + 1) / (heads + 2 * verbs + 2)

    def usual(self, stemmed: str) -> str:
        """Return the commonest word of a stem, spelled."""
        kin = self._words_of.get(stemmed, Counter())
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
        is_noun = self._as_head[best] >= 2 and self.headness(best) >= 0.5
        return self.spelling(best) if is_noun else None

    def in_plural(self, phrase: str) -> str:
        """Return a phrase in the plural, if its noun has one here: "build services"."""
        before, space, last = phrase.rpartition(" ")
        return before + space + (self.plural(last, usual=0.0) or last)

    def _kin(self, low: str) -> Counter[str]:
        """Return the words in lower case that share a stem with one, and how often they stand."""
        return self._words_of.get(stem(low), Counter())

    def is_run_together(self, word: str) -> bool:
        """Tell whether a word is two that the documents more often write apart."""
        return any(
            self._pairs[word[:cut], word[cut:]] >= self._uses[word] > 0
            for cut in range(3, len(word) - 2)
        )

    def spelling(self, word: str) -> str:
        """Return a word with the capitals that it has where a sentence does not give them.

        A form with capitals inside (LLM, PyTorch) stands for the word if it makes up a quarter of
        its uses, for lists of keywords are in lower case whatever they name; a form that only
        opens with one, if it makes up most of them.
        """
        low = word.lower()
        forms = self._forms.get(low) or self._changed.get(low) or Counter[str]()
        total = forms.total()
        for form, n in sorted(forms.items(), key=lambda item: (-item[1], item[0])):
            inner = form[1:] != low[1:]
            if form != low and n >= total * (0.25 if inner else 0.5):
                return form
        return low


def _is_title(token: Token) -> bool:
    return token.written[:1].isupper() and token.written[1:].islower()


def _beside(tokens: Sequence[Token], place: int, test: Callable[[Token], bool]) -> bool:
    """Tell whether the word before or after, with no mark between, is of a kind."""
    before = not tokens[place].opens and test(tokens[place - 1])
    after = place + 1 < len(tokens) and not tokens[place + 1].opens
    return before or (after and test(tokens[place + 1]))


def _in_short_part(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether the part between marks that a word stands in has at most three words."""
    start = place
    while not tokens[start].opens and place - start < LONGEST:
        start -= 1
    end = place + 1
    while end < len(tokens) and not tokens[end].opens and end - start <= LONGEST:
        end += 1
    return tokens[start].opens and end - start <= LONGEST
