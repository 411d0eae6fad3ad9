"""Phrases that may name a node: of its documents, and of the codes that the study uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from embeddings.text.words import n_letters
from taxonomy.names.phrases import (
    USUAL,
    Phrase,
    Texts,
    Token,
    english_stop_words,
    runs_of,
    stem,
    tokens_of,
)
from taxonomy.names.vocabulary import Wording

JOINING = frozenset({"and", "for", "of", "in", "with", "on", "to", "the", "a", "or", "by", "from"})
"""Words of a name that need not be said in the documents."""
MOST_WORDS = 5
"""Words in the longest name, joining words not counted."""

ALONE = 0.2
"""A word alone is shown in the plural if that makes up this share of its uses: one thing that is
counted is no heading ("token", "file")."""

# From 0.2 to 0.5 the names are as good (`benchmarks/names.py`).
_CLOSED = 0.35
_VARIED = 4
_ONE_WORD = 0.35
_PARTS = re.compile(r",? and |, ")
_ADJECTIVE = ("ed", "able", "ible", "ous", "ful", "less", "ly", "ive", "ic", "ular")


@dataclass
class Uses:
    """How often a phrase stands in the documents, and how often nothing belongs to it there."""

    written: Counter[tuple[str, ...]] = field(default_factory=Counter)
    documents: set[int] = field(default_factory=set)
    before: Counter[str] = field(default_factory=Counter)
    n: int = 0
    closed_right: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether the phrase is none that only stands inside longer ones.

        After it, often enough nothing follows that belongs to it; before it, nothing does, or
        many different words do (remote, object, local storage).
        """
        bound = self.before.total()
        one = max(self.before.values(), default=0)
        is_free = self.n - bound >= _CLOSED * self.n
        is_varied = len(self.before) >= _VARIED and one <= _ONE_WORD * self.n
        return self.closed_right >= _CLOSED * self.n and (is_free or is_varied)


def uses_of(texts: Texts, allowed: Set[str]) -> dict[Phrase, Uses]:
    """Return every phrase of allowed stems in the documents."""
    stop = english_stop_words()
    found: dict[Phrase, Uses] = {}
    for document, tokens in enumerate(texts.tokens):
        for start, end in runs_of(tokens, allowed):
            phrase = tuple(token.stem for token in tokens[start:end])
            uses = found.setdefault(phrase, Uses())
            uses.n += 1
            uses.documents.add(document)
            uses.written[tuple(token.written.lower() for token in tokens[start:end])] += 1
            if not tokens[start].opens and tokens[start - 1].stem not in stop:
                uses.before[tokens[start - 1].stem] += 1
            uses.closed_right += _ends(tokens, end, stop)
    return found


def _ends(tokens: Sequence[Token], end: int, stop: Set[str]) -> bool:
    return end == len(tokens) or tokens[end].opens or tokens[end].stem in stop


def allowed_words(
    texts: Texts, members: Iterable[int], wording: Wording, *, shared_by: float
) -> set[str]:
    """Return the stems that this share of the members say and that may be in a name."""
    numbers = list(members)
    counts = Counter(word for document in numbers for word in texts.stems[document])
    stop = english_stop_words() | wording.barred
    return {
        word
        for word, n in counts.items()
        if n >= shared_by * len(numbers)
        and n_letters(word) > 1
        and word not in stop
        and not texts.is_run_together(word)
    }


def node_phrases(
    texts: Texts, uses: dict[Phrase, Uses], members: Set[int], allowed: Set[str]
) -> dict[Phrase, str]:
    """Return the phrases that can name a node, with their wording."""
    found = {}
    for phrase, use in uses.items():
        if not set(phrase) <= allowed or len(use.documents) < 2 or not use.is_whole:
            continue
        if use.documents.isdisjoint(members):
            continue
        form = min(use.written.items(), key=lambda item: (-item[1], item[0]))[0]
        if len(set(phrase)) == len(phrase) and is_nominal(texts, form):
            found[phrase] = written_out(texts, form)
    return found


def is_nominal(texts: Texts, words: Sequence[str]) -> bool:
    """Tell whether words can stand as a heading: they end in a noun and open with no verb."""
    last = texts.spelling(words[-1])
    if last == words[-1] and last.endswith(_ADJECTIVE):
        return False
    before = words[:-1]  # "queries vectors": a plural before a noun is rather a verb
    verbs = any(texts.is_plural(word) or texts.headness(word) < 0.3 for word in before)
    return texts.headness(last) >= 0.5 and not verbs


def written_out(texts: Texts, words: Sequence[str]) -> str:
    """Return words as they are spelled; the last one in the plural where that is usual."""
    usual = USUAL if len(words) > 1 else ALONE
    last = texts.plural(words[-1], usual=usual) or texts.spelling(words[-1])
    return " ".join([*(texts.spelling(word) for word in words[:-1]), last])


def code_names(texts: Texts, vocabulary: Iterable[str], allowed: Set[str]) -> dict[Phrase, str]:
    """Return names of codes, and their parts around "and", whose words are all allowed."""
    found = {}
    for entry in vocabulary:
        for term in [*_PARTS.split(entry), entry]:
            words = tuple(content_stems(term))
            fits = 0 < len(words) <= MOST_WORDS and set(words) <= allowed
            if fits and not term.endswith(_ADJECTIVE):  # "Federated and private learning"
                found[words] = _in_sentence(texts, term)
    return found


def _in_sentence(texts: Texts, term: str) -> str:
    """Return a term as it stands inside a sentence: no capital that only opens it."""
    first, space, rest = term.partition(" ")
    opens = first[1:] == first[1:].lower()
    return (texts.spelling(first) if opens else first) + space + rest


def content_words(name: str) -> list[str]:
    """Return the words of a name, without those that join."""
    return [t.written for t in tokens_of(name) if t.stem not in JOINING]


def content_stems(name: str) -> list[str]:
    """Return the stems of the words of a name, without those that join."""
    return [stem(word) for word in content_words(name)]


def heading(text: str) -> str:
    """Return a text as a heading: a capital first, unless its first word has its own spelling."""
    first = text.split(" ", 1)[0]
    return text if first != first.lower() else text[:1].upper() + text[1:]


def name_key(name: str) -> str:
    """Return what makes a name the same as another: its words, whatever their order or number."""
    return " ".join(sorted(set(content_stems(name))))


def too_alike(some: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether a word of one phrase is, or begins like, one of the other (label, labelling)."""
    ones = {part for word in some for part in word.split("-")}
    rest = {part for word in others for part in word.split("-")}
    return any(_alike(*sorted((one, other), key=len)) for one in ones for other in rest)


def _alike(short: str, long: str) -> bool:
    """Tell whether two words begin alike, or one abbreviates the other (tf, tensorflow)."""
    if len(short) > 3:
        return short[:4] == long[:4]
    letters = iter(long)
    return short[:1] == long[:1] and all(letter in letters for letter in short)
