"""A set of labels as one value: what every format is written from and read into."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from artifacts.errors import InputError
from artifacts.visible import SURROGATES
from configs.codebook import Codebook, Variable
from labels.records import CONFIDENCES, CodedItem, Codes, Document

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may hold, not even escaped (XML 1.0, production 2)."""


@dataclass(frozen=True)
class Bundle:
    """Labels with their documents and codebook; made only if they fit each other.

    Attributes
    ----------
    name
        Of the set of labels.
    documents
        Also those that nobody coded.
    items
        In the order of the documents, then of the coders' names, however they were given.

    Raises
    ------
    InputError
        If an item is of no document, is there twice, or holds what the codebook does not allow; if
        a name is empty, has spaces at its ends or control characters; if a time is not in UTC; if a
        text holds half a surrogate pair, which no file in UTF-8 can.
    """

    name: str
    codebook: Codebook
    documents: tuple[Document, ...]
    items: tuple[CodedItem, ...]

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise InputError(problem, where=f"the labels '{self.name}'")
        places = {document.key: place for place, document in enumerate(self.documents)}
        ordered = sorted(self.items, key=lambda item: (places[item.key], item.coder))
        object.__setattr__(self, "items", tuple(ordered))

    def _problems(self) -> Iterator[str]:
        names = ["name of the labels", "key of a document", "name of a coder"]
        given = [[self.name], [d.key for d in self.documents], [i.coder for i in self.items]]
        for what, texts in zip(names, given, strict=True):
            yield from (f"{text!r} cannot be the {what}." for text in texts if not _is_name(text))
        yield from self._unwritable()
        keys = set[str]()
        for document in self.documents:
            if document.key in keys:
                yield f"The document '{document.key}' is there twice."
            keys.add(document.key)
        seen = set[tuple[str, str]]()
        for item in self.items:
            who = f"'{item.coder}' on '{item.key}'"
            if item.key not in keys:
                yield f"{who}: there is no such document."
            if (item.key, item.coder) in seen:
                yield f"{who}: coded twice."
            seen.add((item.key, item.coder))
            yield from (f"{who}: {problem}." for problem in problems_of(item, self.codebook))

    def _unwritable(self) -> Iterator[str]:
        values = [code.value for code in self.codebook.codes if code.value is not None]
        if not all(math.isfinite(value) for value in values):
            yield "A code's value is no finite number."
        if SURROGATES.search(json.dumps(self.codebook.model_dump(), ensure_ascii=False)):
            yield "The codebook holds half a character (a lone surrogate)."
        for document in self.documents:
            texts = [document.title, document.text, document.url or "", *document.labels]
            if _has_half([*texts, *document.facts, *document.facts.values()]):
                yield f"The document '{document.key}' holds half a character (a lone surrogate)."
        for item in self.items:
            if _has_half([item.memo]):
                yield f"The memo of '{item.coder}' on '{item.key}' holds half a character."

    @property
    def coders(self) -> tuple[str, ...]:
        """Return the names of the coders, sorted."""
        return tuple(sorted({item.coder for item in self.items}))


@dataclass(frozen=True)
class ImportedBundle:
    """What a file held.

    Attributes
    ----------
    left_out
        What it holds besides, for which a bundle has no place, and what was taken for something
        else: a sentence each.
    """

    bundle: Bundle
    left_out: tuple[str, ...]


def problems_of(item: CodedItem, codebook: Codebook) -> Iterator[str]:
    """Yield what is wrong with what a coder holds of a document, as parts of a sentence."""
    variables = {variable.id: variable for variable in codebook.asked()}
    for name, codes in item.values.items():
        if name not in variables:
            yield f"'{name}' is no variable of the codebook ({', '.join(variables)})"
        else:
            yield from _problems_of_value(variables[name], codes, item.values, codebook)
    if item.confidence is not None and item.confidence not in CONFIDENCES:
        yield f"the confidence is '{item.confidence}', not one of {', '.join(CONFIDENCES)}"
    if item.seconds is not None and not (math.isfinite(item.seconds) and item.seconds >= 0):
        yield f"{item.seconds} is no number of seconds"
    if item.coded_at is not None and item.coded_at.utcoffset() != timedelta(0):
        yield f"the time {item.coded_at} is not in UTC"


def _problems_of_value(
    variable: Variable, codes: Codes, answers: Mapping[str, Codes], codebook: Codebook
) -> Iterator[str]:
    known = [code.id for code in codebook.codes_of(variable.id)]
    takes_none = codebook.codebook.takes_none(variable)
    for code in codes:
        if code not in known:
            yield f"'{code}' is no code of '{variable.id}'"
    if list(codes) != [code for code in known if code in codes]:
        yield f"the codes of '{variable.id}' are not each once, in the codebook's order"
    if not variable.multiple and len(codes) != 1 and (codes or not takes_none):
        yield f"'{variable.id}' takes one code, not {len(codes)}"
    if not variable.applies(answers):
        asked = " and ".join(f"{v} is {' or '.join(c)}" for v, c in variable.only_if.items())
        yield f"'{variable.id}' is answered, but asked only where {asked}"


def utc(text: str) -> datetime:
    """Return the time that a text tells (ISO 8601); one that names no zone is taken for UTC.

    Raises
    ------
    ValueError
        If it tells none.
    """
    time = datetime.fromisoformat(text.strip())
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"the time {text} is out of range") from None


def _is_name(text: str) -> bool:
    broken = FORBIDDEN.search(text) or re.search("[\t\n\r]", text)
    return bool(text) and text == text.strip() and not broken


def _has_half(texts: Iterable[str]) -> bool:
    return any(SURROGATES.search(text) for text in texts)
