"""Words as search knows them: folded, cut, brought to one spelling, and reduced to their stems.

``reports/assets/search-words.js`` does the same, step by step: what is changed here is changed
there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final

import regex

_QUESTIONS = (
    "a all also am an and any anyone anything are as at be been best both but by can could did "
    "different do does each every everything find for from get give good got had has have help "
    "how i if in instead into is it its just know let like looking made make making many may me "
    "more most much multiple my need no not of on one only or other others our out over own "
    "please same see several should show so some someone something such than that the their them "
    "then there these they thing things this those through to too under up use used uses using "
    "various very want was way we were what when where which while who whose why will with would "
    "you your "
)
_ANY_TOOL = (
    "framework frameworks library libraries package packages platform platforms project projects "
    "software solution solutions system systems tool tooling toolkit toolkits tools"
)
STOP_WORDS: Final = frozenset((_QUESTIONS + _ANY_TOOL).split())
"""What says nothing of which tool is wanted: the words of questions, and what any tool may be."""

_RUN = regex.compile(r"\p{Han}+|(?:(?!\p{Han})[\p{L}\p{N}])+")
_HAN = regex.compile(r"\p{Han}")
_WRITTEN = regex.compile(r"[\p{L}\p{N}\p{M}]+")
_MARK = regex.compile(r"\p{M}+")
# Names of languages that would be no words, or other words.
_NAMED = (("c++", "cpp"), ("c#", "csharp"), ("f#", "fsharp"), (".net", "dotnet"))
_PARTS = regex.compile(r"[-_.\s]+")
_CAMEL = regex.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
_PLAIN = regex.compile(r"[a-z]{4,}")
_SENTENCE = regex.compile(r"[.;:,()!?\n]+")


def fold(text: str) -> str:
    """Return a text in small letters, without accents, and with one form of each character."""
    small = text.lower()
    if not small.isascii():
        small = _MARK.sub("", unicodedata.normalize("NFKD", small))
    for written, word in _NAMED:
        small = small.replace(written, word)
    return small


def tokens(text: str) -> list[str]:
    """Return the words of a text, folded, in order; Han characters in pairs."""
    found: list[str] = []
    for run in _RUN.findall(fold(text)):
        if _HAN.match(run) and len(run) > 1:
            found += [run[place : place + 2] for place in range(len(run) - 1)]
        else:
            found.append(run)
    return found


def telling(words: Iterable[str]) -> list[str]:
    """Return the words that are no stop words."""
    return [word for word in words if word not in STOP_WORDS]


def neighbours(text: str) -> list[tuple[str, str]]:
    """Return each two words of a text that stand side by side in a part of a sentence."""
    pairs = []
    for part in _SENTENCE.split(text):
        words = tokens(part)
        pairs += [
            (one, other)
            for one, other in pairwise(words)
            if one not in STOP_WORDS and other not in STOP_WORDS
        ]
    return pairs


def joined(text: str) -> str:
    """Return the words of a text as one."""
    return "".join(tokens(text))


def name_words(name: str) -> list[str]:
    """Return the words by which a name is found, each once.

    They are its parts, also where capitals part them, what parts them left out, and the initials
    of three parts or more.
    """
    parts = [part for part in _PARTS.split(name) if part]
    words = [word for part in parts for word in tokens(_CAMEL.sub(" ", part))]
    words += [joined(part) for part in parts]
    words += [joined(name), initials(name)]
    return list(dict.fromkeys(word for word in words if word))


def initials(name: str) -> str:
    """Return the first letters of the parts of a name, if it has three or more; else none."""
    parts = [part for part in _PARTS.split(name) if part]
    return "".join(joined(part)[:1] for part in parts) if len(parts) > 2 else ""


def one_spelling(word: str) -> str:
    """Return a word as it is written in America, as far as a rule tells."""
    if len(word) > 6:
        word = re.sub(r"is(ation|ations|e|es|ed|er|ers|ing)$", r"iz\1", word)
    if len(word) > 7:
        word = re.sub(r"ll(ing|ed|er|ers)$", r"l\1", word)
    if len(word) > 5:
        word = re.sub(r"our(s|ed|ing|al|)$", r"or\1", word)
    return re.sub(r"ogue(s?)$", r"og\1", word)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return what a folded word has in common with its forms.

    Words of Latin letters alone are reduced by Porter's rules (1980), once they are in one
    spelling; all others are what they are.
    """
    return _porter(one_spelling(word)) if _PLAIN.fullmatch(word) else word


_STEP_2: Final = (
    *(("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize")),
    *(("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous")),
    *(("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al")),
    *(("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al")),
    *(("iviti", "ive"), ("biliti", "ble"), ("logi", "log")),
)
_STEP_3: Final = (
    *(("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic")),
    *(("ful", ""), ("ness", "")),
)
_STEP_4: Final = (
    *("ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ion", "ism", "ate", "iti"),
    *("ous", "ive", "ize", "al", "er", "ic", "ou"),
)


def _porter(word: str) -> str:
    word = _without_plural(word)
    word = _without_past(word)
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    for rules in (_STEP_2, _STEP_3):
        found = next((rule for rule in rules if word.endswith(rule[0])), None)
        if found is not None and _measure(word[: -len(found[0])]) > 0:
            word = word[: -len(found[0])] + found[1]
    ending = next((each for each in _STEP_4 if word.endswith(each)), None)
    if ending is not None:
        base = word[: -len(ending)]
        if _measure(base) > 1 and (ending != "ion" or base.endswith(("s", "t"))):
            word = base
    if word.endswith("e"):
        base = word[:-1]
        if _measure(base) > 1 or (_measure(base) == 1 and not _ends_short(base)):
            word = base
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    ending = next((each for each in ("ed", "ing") if word.endswith(each)), None)
    if ending is None or "v" not in _shape(word[: -len(ending)]):
        return word
    word = word[: -len(ending)]
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _shape(word).endswith("cc") and word[-1] == word[-2] and word[-1] not in "lsz":
        return word[:-1]
    return word + "e" if _measure(word) == 1 and _ends_short(word) else word


def _shape(word: str) -> str:
    """Return a word's letters as vowels (v) and consonants (c)."""
    shape = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if vowel else "c"
    return shape


def _measure(word: str) -> int:
    """Return how often consonants follow vowels in a word."""
    return _shape(word).count("vc")


def _ends_short(word: str) -> bool:
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def distance(one: str, other: str, most: int) -> int:
    """Return how many typing errors part two words; more than ``most`` if there are more.

    An error is a letter too many, too few, or wrong, or two neighbours in the wrong order.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        this = [row]
        for column, wanted in enumerate(other, 1):
            least = min(last[column], this[column - 1]) + 1
            least = min(least, last[column - 1] + (letter != wanted))
            swapped = row > 1 and column > 1 and letter == other[column - 2]
            if swapped and one[row - 2] == wanted:
                least = min(least, before[column - 2] + 1)
            this.append(least)
        if min(this) > most:
            return most + 1
        before, last = last, this
    return last[-1]


def triples(word: str) -> frozenset[str]:
    """Return each three neighbouring characters of a word, whose ends count as characters."""
    marked = f"^{word}$"
    return frozenset(marked[place : place + 3] for place in range(len(marked) - 2))


def pieces(text: str, marks: Collection[str]) -> list[tuple[str, bool]]:
    """Return a text in pieces: its words that are among folded ones, and what is between them."""
    found, rest = [], 0
    for match in _WRITTEN.finditer(text):
        if not any(word in marks for word in tokens(match.group())):
            continue
        if match.start() > rest:
            found.append((text[rest : match.start()], False))
        found.append((match.group(), True))
        rest = match.end()
    return [*found, (text[rest:], False)] if rest < len(text) else found
