"""Words: the one rule by which texts in any script are cut into them.

It is Unicode's word segmentation (UAX #29), tailored to what is said of software: whatever combines
with a letter (vowel signs, accents, joiners) stays with it, hyphens, + and # join (scikit-learn,
C++, C#), and full stops and colons part.

Chinese, Japanese, Thai, Lao, Khmer and Burmese put no spaces between words; where one ends, only a
dictionary tells, and none is here. Every two neighbouring Han characters count as a word, as is
usual in search (Nie et al. 2000, doi 10.1145/355214.355235), one by itself does not; a run of
katakana is one; hiragana, mostly grammar, is none. The other scripts are cut at spaces and marks
alone, into whole phrases. Documents in all these are flagged (`lacks_spaces`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import regex

_EAST_ASIAN = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_LETTER = rf"[[\p{{L}}\p{{Nl}}\p{{No}}]--[{_EAST_ASIAN}]]"
_IN_WORD = rf"[[\p{{L}}\p{{N}}\p{{M}}_\u200c\u200d]--[{_EAST_ASIAN}]]"
_LAST = rf"[[\p{{L}}\p{{N}}\p{{M}}_\u200d+#]--[{_EAST_ASIAN}]]"
# Two marks that are part of words: of Hebrew abbreviations, and between the l of Catalan.
_MARK = r"""(?<=[\p{Hebrew}\p{M}])["״](?=\p{Hebrew})|(?<=[lL])·(?=[lL])"""
_RUNS = r"(?P<pairs>\p{Han}{2,})|[\p{Katakana}ー]+"


def _compiled(word: str) -> regex.Pattern[str]:
    return regex.compile(rf"{_RUNS}|{word}", regex.VERSION1)


WORD = _compiled(rf"{_LETTER}(?:(?:{_IN_WORD}|[+#-]|{_MARK})*{_LAST})?")
"""A word as it may stand in a name."""
TELLING_WORD = _compiled(rf"{_LETTER}(?:{_IN_WORD}|[+#-]|{_MARK}){{2,}}")
"""A word of three characters or more: the shorter ones of most languages tell little."""
PLAIN_WORD = _compiled(rf"{_IN_WORD}{{2,}}")
"""A word of two letters or digits or more, and of nothing else."""
_IN_ASCII = {
    WORD: re.compile(r"[A-Za-z](?:[A-Za-z0-9_+#-]*[A-Za-z0-9_+#])?"),
    TELLING_WORD: re.compile(r"[A-Za-z][A-Za-z0-9_+#-]{2,}"),
    PLAIN_WORD: re.compile(r"[A-Za-z0-9_]{2,}"),
}
"""The same words where there is nothing but ASCII: found ten times as fast."""
_NOT_ASCII = re.compile(r"((?<!\S)[^\s\x80-\U0010ffff]*+[^\x00-\x7f\s]\S*)")

# Cf but what shapes letters (joiners), parts words (zero-width space), or is seen.
_INVISIBLE = regex.compile(
    r"[\p{Cf}--[\u200b-\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000e0020-\U000e007f]]",
    regex.VERSION1,
)
_SHAPED = rf"[[\p{{L}}\p{{M}}]--[\p{{Latin}}\p{{Greek}}\p{{Cyrillic}}\p{{Hangul}}{_EAST_ASIAN}]]"
_IDLE_JOINER = regex.compile(rf"(?<!{_SHAPED})[\u200c\u200d]+", regex.VERSION1)
_PRESENTED = regex.compile(
    r"[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]+"
)
_APOSTROPHE = regex.compile(r"(?<=[\p{L}\p{N}\p{M}_])['’](?=[\p{L}\p{N}_])")
_UNSPACED = regex.compile(rf"[{_EAST_ASIAN}\p{{Line_Break=Complex_Context}}]")
_SEEN = regex.compile(r"\X")
_HAN = regex.compile(r"\p{Han}")
_LETTERS = regex.compile(r"\p{L}")
_SIGN = regex.compile(r"[\p{M}\u200c\u200d]")


def normal(text: str) -> str:
    """Return a text in which the same word is the same characters.

    That is NFC; letters of other widths and presentation forms as NFKC has them (nothing else is:
    it would write TM for ™); and no characters that are not seen. Joiners are kept where they shape
    letters, as in Persian and Hindi.
    """
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    text = _PRESENTED.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    seen: str = _IDLE_JOINER.sub("", text)
    return seen


def plain(text: str) -> str:
    """Return a text, normal and in lower case, without the apostrophes in words (it's: its)."""
    return without_apostrophes(normal(text)).lower()


def without_apostrophes(text: str) -> str:
    """Return a text without the apostrophes inside words."""
    without: str = _APOSTROPHE.sub("", text)
    return without


def spans_of(text: str, word: regex.Pattern[str] = WORD) -> Iterator[tuple[int, int]]:
    """Yield start and end of every word in a normal text; pairs of characters overlap."""
    if text.isascii() and word in _IN_ASCII:
        yield from (match.span() for match in _IN_ASCII[word].finditer(text))
        return
    for match in word.finditer(text):
        start, end = match.span()
        if match.group("pairs") is None:
            yield start, end
        else:
            yield from ((place, place + 2) for place in range(start, end - 1))


def words_of(text: str, word: regex.Pattern[str] = WORD) -> list[str]:
    """Return the words of a normal text."""
    ascii_word = _IN_ASCII.get(word)
    if ascii_word is None:
        return [text[start:end] for start, end in spans_of(text, word)]
    found: list[str] = []
    for number, part in enumerate(_NOT_ASCII.split(text)):  # every second one is a match
        if number % 2 == 0:
            found += ascii_word.findall(part)
        else:
            found += [part[start:end] for start, end in spans_of(part, word)]
    return found


def n_letters(word: str) -> int:
    """Return how many letters, digits and marks a reader sees: को is one, its vowel sign none."""
    return len(_SEEN.findall(word))


def overlap(words: Sequence[str]) -> bool:
    """Tell whether of words that follow each other two are pairs of Han that share a character."""
    return any(
        len(one) == 2 and one[1] == other[0] and _HAN.match(other) is not None
        for one, other in pairwise(words)
    )


def lacks_spaces(text: str) -> bool:
    """Tell whether a text is mostly in scripts that put no spaces between words."""
    if text.isascii():
        return False
    return 2 * len(_UNSPACED.findall(text)) > len(_LETTERS.findall(text))


def word_pattern(texts: Iterable[str]) -> str:
    """Return `WORD` for `re`, which knows no class of signs that combine: those of the texts.

    For models that are opened elsewhere. Han characters are not taken in pairs.
    """
    signs = "".join(sorted(filter(_SIGN.match, set().union(*texts))))
    return rf"[^\W\d_](?:[\w{signs}+#-]*[\w{signs}+#])?"
