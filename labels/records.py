"""What is labelled, and what people said of it: the values that every part of `labels` speaks in.

A *set of labels* is one database: a codebook, documents, waves of a sample, and what coders did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ADJUDICATED = "adjudicated"
"""The coder who speaks for all after disagreements were talked over; no person may be called so."""

Confidence = Literal["low", "medium", "high"]
CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")

Codes = tuple[str, ...]
"""Ids of codes of one variable, in the codebook's order; none: nothing applies."""

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
