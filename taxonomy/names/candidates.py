"""Phrases that may name a node: of its documents, and of the codes that the study uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np

from embeddings.text.words import n_letters
from taxonomy.names.phrases import LONGEST, Phrase, english_stop_words, stem, written_words
from taxonomy.names.standing import PhraseUses
from taxonomy.names.texts import USUAL, Texts

if TYPE_CHECKING:
    from taxonomy.names.evidence import Evidence

JOINING = frozenset({"and", "for", "of", "in", "with", "on", "to", "the", "a", "or", "by", "from"})
"""Words of a name that need not be said in the documents."""
MOST_WORDS = 5
"""Words in the longest name, joining words not counted."""

ALONE = 0.2
"""A word alone is shown in the plural if that makes up this share of its uses: one thing that is
counted is no heading ("token", "file")."""

_PARTS = re.compile(r",? and |, ")
_ADJECTIVE = ("ed", "able", "ible", "ous", "ful", "less", "ly", "ive", "ic", "ular")


def allowed_words(evidence: Evidence, node: int, *, shared_by: float) -> set[str]:
    """Return the stems that this share of a node's documents say and that may be in a name."""
    stop = english_stop_words() | evidence.wording.barred
    return {
        word
        for word in evidence.said_by(node, share=shared_by)
        if n_letters(word) > 1 and word not in stop and not evidence.texts.is_run_together(word)
    }


def node_phrases(evidence: Evidence, allowed: Sequence[Set[str]]) -> list[dict[Phrase, str]]:
    """Return the phrases that can name each node, with their wording.

    Parameters
    ----------
    allowed
        Of each node, the stems that may be in its name.
    """
    texts, words = evidence.texts, sorted(set[str]().union(*allowed))
    found: list[dict[Phrase, str]] = [{} for _ in allowed]
    if not words:
        return found
    fits = np.array([[word in some for some in allowed] for word in words])
    for length in range(1, LONGEST + 1):
        uses = PhraseUses.of(texts.flow, words, length)
        for number, nodes in uses.wanted(evidence.labels, fits):
            form = uses.usual_form(number)
            if is_nominal(texts, form):
                phrase = tuple(words[each] for each in uses.stems[number])
                found_as = written_out(texts, form)
                for node in nodes:
                    found[node][phrase] = found_as
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
    return [word for word, _ in written_words(name) if stem(word) not in JOINING]


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
