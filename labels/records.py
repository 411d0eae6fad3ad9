"""What is labelled, and what people said of it: the values that every part of `labels` speaks in.

A *set of labels* is one database: a codebook, documents, waves of a sample, and what coders did.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from artifacts.errors import InputError

ADJUDICATED = "adjudicated"
"""The coder who speaks for all once disagreements are settled; no person may have this name."""

Confidence = Literal["low", "medium", "high"]
CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")

Codes = tuple[str, ...]
"""Ids of codes of one variable, in the codebook's order; none: nothing applies."""

CodesOf = frozenset[str] | tuple[str, ...]
"""Ids of the codes of one document, in whatever order."""

NONE = "(none)"
"""What stands for no code where each value of a variable needs a name; no code is called so."""


@dataclass(frozen=True)
class Document:
    """A document as a coder reads it.

    Attributes
    ----------
    key
        Of the repository, or of the issue (``repo_key#number``).
    text
        Markdown.
    url
        Where it stands, if anywhere.
    labels
        What its owners tagged it with: a repository's topics, an issue's labels.
    facts
        What else is worth seeing of it, by name: stars, state, date.
    """

    key: str
    title: str
    text: str
    url: str | None = None
    labels: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CodedItem:
    """What one coder holds of one document, as it stands under the present codebook.

    Attributes
    ----------
    values
        Codes by variable; only variables that apply and were answered. A variable that a change of
        the codebook left open is not among them.
    memo
        Empty: none.
    skipped
        The coder put the document aside.
    seconds
        Time spent on it; None where it was not measured.
    coded_at
        Of the last thing decided, UTC.
    """

    key: str
    coder: str
    values: Mapping[str, Codes]
    memo: str = ""
    confidence: Confidence | None = None
    flagged: bool = False
    skipped: bool = False
    seconds: float | None = None
    coded_at: datetime | None = None


def id_of(name: str) -> str:
    """Return the id that a name makes: small letters, digits, hyphens; without any, ``code``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-") or "code"


def free_name(wanted: str, taken: Collection[str], joint: str = "-") -> str:
    """Return the name, with the first number from 2 that makes it differ from those taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{joint}{number}"
    return name


MAX_CHARS = 100
# What cannot be seen, ends a line, turns the reading direction round, or stands in no file.
_UNSEEN = re.compile(
    "[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)


def same_name(text: str) -> str:
    """Return a name in the one form (NFC, no spaces around it) in which names are compared."""
    return unicodedata.normalize("NFC", text).strip()


def why_no_name(name: str) -> str | None:
    """Return why it cannot be a coder's name, as the rest of a sentence; None if it can."""
    if name.casefold() == ADJUDICATED:
        return "is kept for what coders agree on"
    if unseen := _UNSEEN.search(name):
        return f"holds a character that is not seen (U+{ord(unseen[0]):04X})"
    if not any(unicodedata.category(char)[0] in "LNPS" for char in name):
        return "is no name for a coder"
    if name != name.strip():
        return "has spaces around it"
    return f"is longer than {MAX_CHARS} characters" if len(name) > MAX_CHARS else None


def nearest_name(text: str) -> str:
    """Return a text without what no name may hold; ``user`` where nothing is left."""
    name = same_name(_UNSEEN.sub("", text))[:MAX_CHARS].strip()
    return "user" if why_no_name(name) else name


def check_coder(coder: str) -> str:
    """Return a coder's name, composed (NFC), if it can be one; raise `InputError` if not."""
    name = unicodedata.normalize("NFC", coder)
    if why := why_no_name(name):
        raise InputError(
            f"{coder!r} {why}.", where="--coder", fix="take a name, such as 'Ann Lee' or 'ann'"
        )
    return name
