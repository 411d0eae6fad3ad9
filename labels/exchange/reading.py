"""Reading labels made elsewhere: which document, code and coder the words of a file mean."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.files import decoded
from labels.codebook import Codebook, Variable
from labels.exchange.bundle import Bundle, Imported, problems_of
from labels.records import CodedItem, Codes, Document
from mining.names import NAME_COLUMNS

NAMES_OF_DOCUMENTS = NAME_COLUMNS
"""Columns, or fields, that name the document; the first that is there counts."""
SHOWN = 10
_LISTED = 12


@dataclass(frozen=True)
class Into:
    """The set of labels that a file is read into.

    Attributes
    ----------
    key_of
        Key by the other names that a file may use, in lower case; a document is known by its key
        and its address in any case.
    columns
        By variable, the column (or control, or variable) of the file that answers it, where that
        is not called as the variable is.
    coder
        Who coded what the file ascribes to nobody; None: such a file is refused.
    """

    name: str
    codebook: Codebook
    documents: tuple[Document, ...]
    key_of: Mapping[str, str]
    columns: Mapping[str, str]
    coder: str | None

    def names(self) -> dict[str, str]:
        """Return the key of each document by its key, and by all of its names in lower case."""
        known = {document.key for document in self.documents}
        names = {name: key for name, key in self.key_of.items() if key in known}
        names |= {d.url.lower(): d.key for d in self.documents if d.url}
        names |= {document.key.lower(): document.key for document in self.documents}
        return names | {key: key for key in known}

    def answered_by(self) -> dict[str, str]:
        """Return the column that may answer each variable; refuse one for no variable."""
        ids = [variable.id for variable in self.codebook.asked()]
        for variable in self.columns:
            if variable not in ids:
                raise InputError(
                    f"'{variable}' is no variable of '{self.codebook.codebook.name}'.",
                    fix=f"it has {', '.join(ids)}",
                )
        return {variable: self.columns.get(variable, variable) for variable in ids}


@dataclass
class Items:
    """What is read from a file so far, with all that is wrong with it.

    Attributes
    ----------
    path
        The file that is meant in what is raised.
    """

    path: Path
    codebook: Codebook
    faults: list[str] = field(default_factory=list)
    items: dict[tuple[str, str], CodedItem] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def fault(self, place: str, what: str) -> None:
        """Note what is wrong at a place."""
        self.faults.append(f"{place}: {what}")

    def add(self, item: CodedItem, *, place: str) -> None:
        """Keep an item; note what is wrong with it, and one of that document and coder before."""
        which = (item.key, item.coder)
        for problem in problems_of(item, self.codebook):
            self.fault(place, problem)
        if which in self.items:
            before = self.places[which]
            self.fault(place, f"'{item.coder}' has coded '{item.key}' already, see {before}")
        self.items[which] = item
        self.places[which] = place

    def bundle(self, name: str, documents: tuple[Document, ...]) -> Bundle:
        """Return the items with their documents; raise `InputError` if anything is wrong."""
        refuse(self.faults, path=self.path)
        codebook, items = self.codebook, self.items.values()
        return bundled(self.path, name=name, codebook=codebook, documents=documents, items=items)


def refuse(faults: Sequence[str], *, path: Path) -> None:
    """Raise `InputError` if there are faults, with the first ten of them and the count."""
    if not faults:
        return
    lines = list(faults[:SHOWN])
    if len(faults) > SHOWN:
        lines.append(f"and {len(faults) - SHOWN} more")
    things = "One thing" if len(faults) == 1 else f"{len(faults)} things"
    raise InputError(
        "\n    ".join([f"{things} in the file cannot be used, so nothing is taken:", *lines]),
        where=str(path),
        fix="correct the file, or the codebook, and read it again",
    )


def bundled(
    path: Path,
    *,
    name: str,
    codebook: Codebook,
    documents: Iterable[Document],
    items: Iterable[CodedItem],
) -> Bundle:
    """Return what a file held; an `InputError` about it names the file."""
    try:
        return Bundle(name, codebook, tuple(documents), tuple(items))
    except InputError as error:
        raise InputError(error.what, where=str(path), fix=error.fix) from None


class Words:
    """What the words of a file mean for one variable."""

    def __init__(self, codebook: Codebook, variable: Variable) -> None:
        codes = codebook.codes_of(variable.id)
        self.variable = variable
        self.order = [code.id for code in codes]
        self.nothing = {word.lower() for word in codebook.codebook.none}
        self.called: dict[str, set[str]] = {}
        for code in codes:
            for word in (code.name, *code.aliases):
                self.called.setdefault(word.strip().lower(), set()).add(code.id)
        # An id means its code, whatever else is called so: what is written by id is read again.
        self.called |= {code: {code} for code in self.order}

    def knows(self, word: str) -> bool:
        """Tell whether the word stands for a code, or for none."""
        return word.strip().lower() in self.called.keys() | self.nothing

    def codes(self, words: Iterable[str]) -> Codes | None:
        """Return the codes that the words name, by id, name or alias, in any case.

        A word that the codebook lists under ``none`` says that no code applies. Where several codes
        may be given, that is an answer: the empty one. Where one must be given, there is no such
        answer, and the variable counts as not answered: None.

        Raises
        ------
        ValueError
            If a word stands for no code, or for several.
        """
        found = set[str]()
        for word in words:
            meant = self.called.get(word.strip().lower(), set())
            if not meant and word.strip().lower() not in self.nothing:
                raise ValueError(f"'{word}' is no code of '{self.variable.id}' ({self._allowed()})")
            if len(meant) > 1:
                both = ", ".join(code for code in self.order if code in meant)
                raise ValueError(f"'{word}' stands for several codes: {both}")
            found |= meant
        if not found and not self.variable.multiple:
            return None
        return tuple(code for code in self.order if code in found)

    def _allowed(self) -> str:
        listed = ", ".join(self.order[:_LISTED])
        more = len(self.order) - _LISTED
        return f"it has {listed}" + (f" and {more} more" if more > 0 else "")


def words_of(codebook: Codebook) -> dict[str, Words]:
    """Return what words mean, by variable."""
    return {variable.id: Words(codebook, variable) for variable in codebook.asked()}


def read_into(imported: Imported, *, into: Into, path: Path) -> Imported:
    """Return what a file with a codebook of its own means in a set of labels.

    Documents are found by key, address or title; codes by id or name.

    Raises
    ------
    InputError
        If a coded document or a given code is not known, or a variable of the set is not there.
    """
    theirs, names, words = imported.bundle, into.names(), words_of(into.codebook)
    documents = {document.key: document for document in theirs.documents}
    sources = _sources(theirs.codebook, into, path)
    spoken = {
        variable: {code.id: code.name for code in theirs.codebook.codes_of(variable)}
        for variable in sources.values()
    }
    items = Items(path, into.codebook)
    for item in theirs.items:
        place = f"'{item.coder}' on '{documents[item.key].title}'"
        called = [item.key, documents[item.key].url or "", documents[item.key].title]
        keys = [key for name in called if (key := key_named(names, name))]
        if not keys:
            items.fault(place, "there is no such document in the set")
            continue
        values = {}
        for variable, source in sources.items():
            given = item.values.get(source)
            try:
                codes = None if given is None else _same(given, spoken[source], words[variable])
            except ValueError as error:
                items.fault(place, str(error))
                continue
            if codes is not None:
                values[variable] = codes
        items.add(replace(item, key=keys[0], values=values), place=place)
    return Imported(items.bundle(into.name, into.documents), imported.left_out)


def _sources(theirs: Codebook, into: Into, path: Path) -> dict[str, str]:
    """Return, by our variable, the variable of another codebook that answers it."""
    named = {variable.name.lower(): variable.id for variable in theirs.asked()}
    named |= {variable.id: variable.id for variable in theirs.asked()}
    wanted = into.answered_by()
    missing = [name for name in into.columns.values() if name.lower() not in named]
    sources = {ours: named[name.lower()] for ours, name in wanted.items() if name.lower() in named}
    if missing or not sources:
        what = ", ".join(f"'{name}'" for name in missing or wanted.values())
        raise InputError(
            f"The file has no variable {what}.",
            where=str(path),
            fix=f"say which of its variables answers which: it has {', '.join(named)}",
        )
    return sources


def _same(codes: Codes, spoken: Mapping[str, str], words: Words) -> Codes | None:
    return words.codes(code if words.knows(code) else spoken[code] for code in codes)


def read_text(path: Path) -> str:
    """Return the text of a file; raise `InputError` if it cannot be read or is not in UTF-8."""
    return decoded(read_bytes(path), what="file", where=str(path))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file; raise `InputError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The file cannot be read: {error}.", where=str(path)) from error


def key_named(names: Mapping[str, str], name: str) -> str | None:
    """Return the key of the document of that name, as it is written or in another case."""
    return names.get(name.strip()) or names.get(name.strip().lower())


def document_name(row: Mapping[str, Any]) -> str | None:
    """Return what a record calls its document, or None."""
    return next((str(row[name]) for name in NAMES_OF_DOCUMENTS if row.get(name)), None)


def json_of(text: str) -> Any:
    """Return what a JSON text says.

    Raises
    ------
    ValueError
        If it is none; the message is a part of a sentence.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg}, line {error.lineno}, {error.colno})") from None
    except RecursionError:
        raise ValueError("no JSON that can be read (nested too deep)") from None
