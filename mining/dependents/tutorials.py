"""Which repositories teach: tutorials, codes of books, examples.

The words are data (``tutorials.toml``), each with its reason. What they say is a column, for
readers to filter by; no repository is left out for it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from artifacts.notation import read_toml

_FILE = Path(__file__).with_name("tutorials.toml")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_BETWEEN = re.compile(r"[^\w]+|_+")


def looks_like_tutorial(name: str, description: str | None) -> bool:
    """Tell whether a repository's name or description says that it teaches.

    Parameters
    ----------
    name
        With its owner or without: the owner does not count.
    description
        None: unknown, so that the name alone counts.
    """
    return tutorial_reason(name, description) is not None


def tutorial_reason(name: str, description: str | None) -> str | None:
    """Return why a repository looks like one that teaches; None: it does not."""
    name_words, description_words = _words(name.rsplit("/", 1)[-1]), _words(description or "")
    for reason, in_name, in_description in _expressions():
        if in_name.search(name_words) or in_description.search(description_words):
            return reason
    return None


def _words(text: str) -> str:
    return _BETWEEN.sub(" ", _HUMPS.sub(" ", text)).strip().lower()


@cache
def _expressions() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    read, _ = read_toml(_FILE, what="The file of expressions")
    return tuple(
        (each["reason"], _whole(each["name"]), _whole(each["description"]))
        for each in read["expressions"]
    )


def _whole(words: str) -> re.Pattern[str]:
    """Return an expression for whole words."""
    return re.compile(rf"\b(?:{words})\b")
