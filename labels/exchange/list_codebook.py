"""Codebooks drafted from the lists that people keep: headings become codes, entries examples.

A draft is to be edited: a list is parted by what its keepers found handy, and says of no part what
it means.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from artifacts.files import read_input
from artifacts.hashing import hash_bytes
from configs.codebook import BookSource, Code, Codebook, CodebookHead
from labels.records import free_name, id_of
from mining.reading import MARKDOWN
from mining.sources.lists import ASIDE, PATH_SEPARATOR, ListEntry, is_aside, list_entries

LONGEST, SHORTEST = 80, 12
"""Characters that an example has at most, and at least: a word alone says little."""

Branch = tuple[str, ...]
"""Names of headings, the outermost first."""

_NUMBERING = re.compile(r"(?:\d+(?:\.\d+)+\.?|\d+[.):]|[IVX]+[.)]|[A-Za-z]\))\s+")
_COUNT = re.compile(r"\s*[(\[]\d+[)\]]$")
_TO_TOP = re.compile(r"[\s(\[|↑]*\b(?:back|go) to (?:the )?top\b[\s)\]|↑]*$", re.IGNORECASE)
_ADDRESSES = re.compile(r"[(<\[]*(?:https?://|www\.)\S+")
_LONE_MARK = re.compile(r"\s+([.,;:!?])(?=\s|$)")
_OTHER_ASIDES = re.compile(
    r"about|(?:about )?this list|anchors|background|contact|faq|footnotes|foreword|index|intro"
    r"(?:duction)?|legend|maintainers?|motivation|notes?|overview|preface|stargazers.*|support"
    r"|thanks|to-?do|uncategori[sz]ed|misc(?:ellaneous)?\.?|others?",
    re.IGNORECASE,
)
"""Headings that no topic goes by, besides those about the list itself."""
_SENTENCE_END = re.compile(r"(?<=[^.\s]{2}[.!?])\s+(?=\W?[A-Z0-9])|(?<=[。！？])")
_PHRASE_ENDS = (r"\s+[-–—]\s+|[;:]\s+", r",\s+|\s+\(")
"""What a phrase is cut at, the better first."""
_LOOSE_END = re.compile(
    r"(?:[\s,;:(–—-]+|\s(?:an?|and|as|at|by|for|from|in|is|of|on|or|that|the|to|which|with))+$",
    re.IGNORECASE,
)
"""What a phrase that was cut cannot end in."""
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_IS_A = re.compile(r"\s*(?:[-–—:,]|(?:is|are)(?: an?| the)?)\s+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class DraftSettings:
    """What a draft is called, and how much of the list it takes.

    Attributes
    ----------
    name
        As `CodebookHead.name`; None: made of the file's name.
    title
        As `CodebookHead.title`; None: made of the name.
    url, licence
        As `BookSource`.
    examples
        Examples that a code has at most.
    depth
        Levels of headings that become codes; what stands deeper belongs to the code above. None:
        all.
    """

    name: str | None = None
    title: str | None = None
    url: str | None = None
    licence: str | None = None
    examples: int
    depth: int | None = None


@dataclass(frozen=True)
class Draft:
    """A codebook drafted from a list, and what of the list is not in it.

    Attributes
    ----------
    left_out
        Entries by the heading that no code was made of.
    """

    book: Codebook
    left_out: Mapping[str, int]


def draft_codebook(path: Path, settings: DraftSettings) -> Draft:
    """Draft a codebook from a Markdown list.

    Raises
    ------
    InputError
        If the file cannot be read, is not Markdown, or has no entries, or fewer than two headings
        that they stand under.
    """
    if path.suffix.lower() not in MARKDOWN:
        raise InputError(
            f"'{path}' is no Markdown list.",
            fix=f"name a list whose headings part it, ending in {' or '.join(MARKDOWN)}",
        )
    data = read_input(path, what="list")
    entries = [entry for entry in list_entries(data) if entry.url]
    if not entries:
        raise InputError(
            "The list has no entries: no item, row or line of it links anywhere.",
            where=str(path),
            fix="name a list of links in Markdown",
        )
    branches, left_out = _branches(entries, settings.depth)
    codes = _codes(branches, settings.examples)
    if len(codes) < 2:
        raise InputError(
            f"The list parts its entries by {len(codes) or 'no'} "
            f"heading{'s'[: len(codes) != 1]}, and a codebook needs two codes.",
            where=str(path),
            fix="name a list with headings above its entries"
            + (", or ask for more levels with --depth" if settings.depth else ""),
        )
    head, source = _head(path, data, settings)
    return Draft(Codebook(codebook=head, source=source, codes=codes), left_out)


def _head(path: Path, data: bytes, settings: DraftSettings) -> tuple[CodebookHead, BookSource]:
    """Return what the draft of a list says of itself."""
    name = id_of(path.stem) if settings.name is None else settings.name
    title = name.replace("-", " ").capitalize() if settings.title is None else settings.title
    told = {"url": settings.url, "licence": settings.licence}
    try:
        head = CodebookHead(name=name, title=title, version=1)
        return head, BookSource(list=path.name, sha256=hash_bytes(data), **told)
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(
            f"A codebook cannot have the {fault.field} '{fault.given}'.",
            fix="use small letters, digits and hyphens"
            if fault.field == "name"
            else "write it out, or leave it away",
        ) from None


def _branches(
    entries: Iterable[ListEntry], depth: int | None
) -> tuple[dict[Branch, list[ListEntry]], dict[str, int]]:
    """Return the entries of each branch of headings, parents first, and how many are of none."""
    branches: dict[Branch, list[ListEntry]] = {}
    left_out: Counter[str] = Counter()
    called: dict[Branch, Branch] = {}
    for entry in entries:
        names = tuple(filter(None, map(code_name, entry.headings)))
        aside = next((name for name in names if _is_no_topic(name)), None)
        if aside is not None or not names or entry.reason == ASIDE:
            left_out[aside or "(no heading)"] += 1
            continue
        branch = names[:depth]
        for level in range(1, len(branch) + 1):
            # Two headings that differ in capitals alone are one code.
            key = tuple(name.casefold() for name in branch[:level])
            branches.setdefault(called.setdefault(key, branch[:level]), [])
        branches[called[tuple(name.casefold() for name in branch)]].append(entry)
    return _without_root(branches), dict(left_out)


def _without_root(branches: dict[Branch, list[ListEntry]]) -> dict[Branch, list[ListEntry]]:
    """Leave out headings that hold all the others and no entry: they tell nothing apart."""
    while len(branches) > 1:
        root, *others = branches
        if branches[root] or any(branch[:1] != root for branch in others):
            break
        branches = {branch[1:]: branches[branch] for branch in others}
    return branches


def _is_no_topic(name: str) -> bool:
    return is_aside(name) or bool(_OTHER_ASIDES.fullmatch(name))


def code_name(heading: str) -> str:
    """Return the name that a heading gives a code: without emoji, numbering, links and counts."""
    plain = "".join(" " if _is_symbol(char) else char for char in heading)
    plain = _TO_TOP.sub("", _ADDRESSES.sub(" ", plain).rstrip()) or plain
    plain = " ".join(plain.split())
    plain = _COUNT.sub("", _NUMBERING.sub("", plain, count=1) if _NUMBERING.match(plain) else plain)
    return plain.rstrip(" -–—:|·•*>").lstrip(" -–—:|·•*#>")


def _is_symbol(char: str) -> bool:
    """Tell whether a character is part of an emoji or adorns a text."""
    return unicodedata.category(char) in {"So", "Sk", "Cf"} or char in "\ufe0e\ufe0f\u20e3"


def _codes(branches: Mapping[Branch, list[ListEntry]], examples: int) -> tuple[Code, ...]:
    """Return a code for each branch; those of one name are told apart by what they are under."""
    often = Counter(branch[-1].casefold() for branch in branches)
    ids: dict[Branch, str] = {}
    names: set[str] = set()
    codes = []
    for branch, entries in branches.items():
        own = branch[-1]
        wanted = ": ".join(branch[-2:]) if often[own.casefold()] > 1 else own
        name = free_name(wanted, names, " ")
        names.add(name)
        ids[branch] = free_name(id_of(name), set(ids.values()))
        codes.append(
            Code(
                id=ids[branch],
                name=name,
                definition=f"Tools that the list names under '{PATH_SEPARATOR.join(branch)}'.",
                examples=_examples(entries, examples),
                parent=ids.get(branch[:-1]),
            )
        )
    return tuple(codes)


def _examples(entries: Iterable[ListEntry], most: int) -> tuple[str, ...]:
    """Return phrases of what entries are said to be; those that had to be cut come last."""
    whole: dict[str, str] = {}
    cut: dict[str, str] = {}
    for entry in entries:
        phrase, is_whole = example_of(entry)
        if len(phrase) >= SHORTEST:
            (whole if is_whole else cut).setdefault(phrase.casefold(), phrase)
    chosen = {**cut, **whole}  # of the same words, those that stand whole
    ordered = [*whole, *(key for key in cut if key not in whole)]
    return tuple(chosen[key] for key in ordered[:most])


def example_of(entry: ListEntry) -> tuple[str, bool]:
    """Return what an entry is said to be as a short phrase, and whether the sentence is whole.

    It has neither addresses nor the entry's name in front, and at most `LONGEST` characters.
    """
    told = "".join(" " if _is_symbol(char) else char for char in entry.description or "")
    told = _LONE_MARK.sub(r"\1", " ".join(_ADDRESSES.sub(" ", told).split()))
    for name in {entry.name, entry.name.rsplit("/", 1)[-1]}:
        if told.lower().startswith(name.lower()) and (found := _IS_A.match(told, len(name))):
            told = told[found.end() :]
            break
    sentence = _SENTENCE_END.split(told, maxsplit=1)[0].strip(" .。,;:-–—*|")
    sentence = whole[1] if (whole := _IN_BRACKETS.fullmatch(sentence)) else sentence
    if len(sentence) <= LONGEST:
        return sentence, True
    for ends in _PHRASE_ENDS:
        places = [found.start() for found in re.finditer(ends, sentence)]
        fitting = [place for place in places if SHORTEST * 2 <= place <= LONGEST]
        if fitting:
            return _LOOSE_END.sub("", sentence[: fitting[-1]]), False
    words = sentence[: LONGEST + 1].rpartition(" ")[0] or sentence[:LONGEST]
    return _LOOSE_END.sub("", words), False
