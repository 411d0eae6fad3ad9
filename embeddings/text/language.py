"""Which language a text is in, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex

from embeddings.text.readme_blocks import DENSE, replace_undecodable, tidy

MIN_LETTERS = 20
# Scripts without spaces say more in fewer characters.
MIN_DENSE_LETTERS = 4
NOT_ENGLISH_FROM, MIN_PROBABILITY = 0.9, 0.5
_MAX_CHARS = 4000
_CODE_LIKE = re.compile(
    r"\S*[_/\\=<>{}()\[\]@#$|~`]\S*|\S*\w\.\w\S*|\b[A-Za-z]*\d\w*\b|\b\w*[a-z][A-Z]\w*\b|"
    r"\b[A-Z]{2,}s?\b"
)
_LETTER = regex.compile(r"[\p{L}\p{M}]")  # a sign that combines is written like a letter


@dataclass(frozen=True)
class Language:
    """A language and its probability.

    Parameters
    ----------
    code
        ISO 639-1; None where the text is too short or the guess is less likely than not.
    probability
        Of the likeliest language, in [0, 1]; None where the text is too short.
    """

    code: str | None
    probability: float | None

    @property
    def is_foreign(self) -> bool:
        """Return whether the text is surely in another language than English."""
        sure = self.probability is not None and self.probability >= NOT_ENGLISH_FROM
        return sure and self.code not in (None, "en")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # takes half a second to load

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Only ISO 639-1: rare languages of three letters otherwise claim terse technical English.
    identifier.set_languages([code for code in identifier.labels if len(code) == 2])
    return identifier


def detect_language(text: str) -> Language:
    """Return the language of ``text``, code-like words set aside.

    A text with fewer than 20 letters (4 in Chinese, Japanese or Korean script) has none.
    """
    plain = tidy(_CODE_LIKE.sub(" ", replace_undecodable(text[:_MAX_CHARS])[0]))
    n_letters = len(_LETTER.findall(plain))
    if n_letters < MIN_LETTERS and len(DENSE.findall(plain)) < MIN_DENSE_LETTERS:
        return Language(None, None)
    code, probability = _identifier().classify(plain)
    probability = min(1.0, float(probability))
    return Language(str(code) if probability >= MIN_PROBABILITY else None, probability)
