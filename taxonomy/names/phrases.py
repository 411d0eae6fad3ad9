"""Words and phrases of documents: what a name or a keyword may be made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from embeddings.text.words import normal, spans_of, without_apostrophes

LONGEST = 3
"""Words of the longest phrase."""

_ACRONYMS = re.compile(r"^[A-Z]{2,}s$")


def words_in(text: str) -> frozenset[str]:
    """Return the words that a text lists."""
    return frozenset(text.split())


DETERMINERS = words_in(
    "a an the its their your our this these those each every any all some one other no "
    "his her my how what whether it them you us"
)

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


def written_words(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a text as they are written, and whether a mark stands before each.

    Before the first word one always does.
    """
    text = without_apostrophes(normal(text))
    before = 0
    for start, end in spans_of(text):
        between = text[before:start]
        is_apart = before == 0 or "\n" in between or not between.isspace()
        yield text[start:end], is_apart
        before = end


@cache
def english_stop_words() -> frozenset[str]:
    """Return English words that say nothing by themselves."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS) | DETERMINERS
