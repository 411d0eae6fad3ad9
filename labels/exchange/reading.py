"""Reading labels made elsewhere: which document, code and coder the words of a file mean."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from artifacts.errors import InputError
from artifacts.files import decoded, read_input
from configs.codebook import Codebook, Variable
from labels.exchange.bundle import Bundle, ImportedBundle, problems_of
from labels.exchange.people import People, attributed
from labels.records import CodedItem, Codes, Document
from mining.names import NAME_COLUMNS

NAMES_OF_DOCUMENTS = NAME_COLUMNS
"""Columns, or fields, that name the document; the first that is there counts."""
KEY = "key"
TEXT = "text"
SHOWN = 10
TEXT_SHOWN = 60
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
        is not called as the variable is. By ``key``, the one that names the document.
    people
        Who is meant by the names of coders, and who coded what the file ascribes to nobody.
    """

    name: str
    codebook: Codebook
    documents: tuple[Document, ...]
    key_of: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    people: People = field(default_factory=People)

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
            if variable not in (*ids, KEY):
                raise InputError(
                    f"'{variable}' is no variable of '{self.codebook.codebook.name}'.",
                    fix=f"it has {', '.join(ids)}; '{KEY}' is what names the document",
                )
        return {variable: self.columns.get(variable, variable) for variable in ids}

    def names_in(self) -> tuple[str, ...]:
        """Return the fields that may name the document, the first that is there counting."""
        return (self.columns[KEY],) if KEY in self.columns else NAMES_OF_DOCUMENTS


class DocumentMatcher:
    """The documents of a set, as the records of a file may mean them: by name, or by their text."""

    def __init__(self, into: Into) -> None:
        self.fields = into.names_in()
        self._names = into.names()
        self._keys: dict[str, set[str]] = {}
        self.n_by_text = 0
        for document in into.documents:
            # A repository's text begins with its description, which may be all that was uploaded.
            for text in (document.text, document.text.partition("\n\n")[0]):
                if _comparable(text):
                    self._keys.setdefault(_comparable(text), set()).add(document.key)

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return the key of the document that a record is about.

        Raises
        ------
        ValueError
            If it is about none, or it cannot be told which; the message is a part of a sentence.
        """
        name = next((str(row[field]) for field in self.fields if row.get(field)), None)
        if name is not None and (key := key_named(self._names, name)):
            return key
        given = name if name is not None else row.get(TEXT)
        keys = self._keys.get(_comparable(given), set()) if isinstance(given, str) else set()
        if len(keys) == 1:
            self.n_by_text += 1
            return next(iter(keys))
        if name is not None:
            raise ValueError(f"there is no document '{_cut(name)}' in the set")
        names = ", ".join(self.fields)
        fix = "name it in one of these fields, or say which names it: --column key=FIELD"
        if not isinstance(given, str) or not given.strip():
            raise ValueError(f"it names no document ({names}) and has no text: {fix}")
        known = f"is that of {len(keys)} documents" if keys else "is known in no snapshot here"
        raise ValueError(
            f"it names no document ({names}), and its text '{_cut(given)}' {known}: {fix}"
        )

    def key_like(self, document: Document) -> str | None:
        """Return the key of the same document, by its key, address, title or text, or None."""
        called = (document.key, document.url or "", document.title)
        if keys := [key for name in called if (key := key_named(self._names, name))]:
            return keys[0]
        alike = self._keys.get(_comparable(document.text), set())
        self.n_by_text += len(alike) == 1
        return next(iter(alike)) if len(alike) == 1 else None

    def notes(self) -> tuple[str, ...]:
        """Return what is to be said of how documents were found."""
        n = self.n_by_text
        return (f"Found by their text, for want of a name: {n:,}.",) if n else ()


def _comparable(text: str) -> str:
    return " ".join(text.split()).casefold()


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_SHOWN else f"{line[:TEXT_SHOWN]}…"


@dataclass
class Reading:
    """A file that is read into a set of labels: what it holds so far, and all that is wrong.

    Attributes
    ----------
    path
        The file that is meant in what is raised.
    documents, words
        What its names of documents mean, and, by variable, its words for codes.
    """

    path: Path
    into: Into
    faults: list[str] = field(default_factory=list)
    items: dict[tuple[str, str], CodedItem] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.documents = DocumentMatcher(self.into)
        self.words = {
            variable.id: CodeWords(self.into.codebook, variable)
            for variable in self.into.codebook.asked()
        }

    def values(self, given: Mapping[str, Sequence[str]]) -> dict[str, Codes]:
        """Return the codes that words name, by variable; what counts as not answered is left out.

        Raises
        ------
        ValueError
            As `CodeWords.codes`.
        """
        values = {variable: self.words[variable].codes(named) for variable, named in given.items()}
        return {variable: codes for variable, codes in values.items() if codes is not None}

    def fault(self, place: str, what: str) -> None:
        """Note what is wrong at a place."""
        self.faults.append(f"{place}: {what}")

    def add(self, item: CodedItem, *, place: str) -> None:
        """Keep an item; note what is wrong with it, and one of that document and coder before."""
        which = (item.key, item.coder)
        for problem in problems_of(item, self.into.codebook):
            self.fault(place, problem)
        if which in self.items:
            before = self.places[which]
            who = item.coder or self.into.people.name or "nobody"
            self.fault(place, f"'{who}' has coded '{item.key}' already, see {before}")
        self.items[which] = item
        self.places[which] = place

    def imported(self, left_out: Iterable[str]) -> ImportedBundle:
        """Return the items with the documents of the set; raise `InputError` if one is wrong."""
        return imported(
            self.path,
            name=self.into.name,
            codebook=self.into.codebook,
            documents=self.into.documents,
            items=[*self.items.values()],
            places=[*self.places.values()],
            people=self.into.people,
            faults=self.faults,
            left_out=(*self.documents.notes(), *left_out),
        )


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


def imported(
    path: Path,
    *,
    name: str,
    codebook: Codebook,
    documents: Iterable[Document],
    items: Sequence[CodedItem],
    places: Sequence[str],
    people: People,
    faults: Sequence[str] = (),
    left_out: Iterable[str] = (),
) -> ImportedBundle:
    """Return what a file held, of the people who are meant.

    Parameters
    ----------
    places
        Where each item stands in the file.
    faults
        What else is wrong.

    Raises
    ------
    InputError
        If anything is wrong.
    """
    theirs = attributed(items, places, people)
    refuse([*faults, *theirs.faults], path=path)
    bundle = bundled(path, name=name, codebook=codebook, documents=documents, items=theirs.items)
    return ImportedBundle(bundle, (*theirs.notes, *left_out))


def bundled(
    path: Path,
    *,
    name: str,
    codebook: Codebook,
    documents: Iterable[Document],
    items: Iterable[CodedItem],
) -> Bundle:
    """Return labels as one value; an `InputError` about them names the file."""
    try:
        return Bundle(name, codebook, tuple(documents), tuple(items))
    except InputError as error:
        raise InputError(error.what, where=str(path), fix=error.fix) from None


class CodeWords:
    """What the words of a file mean for one variable."""

    def __init__(self, codebook: Codebook, variable: Variable) -> None:
        codes = codebook.codes_of(variable.id)
        self.variable = variable
        self.order = [code.id for code in codes]
        self.nothing = {word.strip().lower() for word in codebook.codebook.none}
        self.takes_none = codebook.codebook.takes_none(variable)
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

        A word that the codebook lists under ``none`` says that no code applies, and so do no words.
        Where that is no answer, the variable counts as not answered: None.

        Raises
        ------
        ValueError
            If a word stands for no code, or for several, or for none beside the one that there is.
        """
        codes, none = set[str](), ""
        for word in words:
            meant = self.called.get(word.strip().lower(), set())
            if not meant and word.strip().lower() not in self.nothing:
                raise ValueError(f"'{word}' is no code of '{self.variable.id}' ({self._allowed()})")
            if len(meant) > 1:
                both = ", ".join(code for code in self.order if code in meant)
                raise ValueError(f"'{word}' stands for several codes: {both}")
            none = none if meant else word
            codes |= meant
        if not codes and not self.takes_none:
            return None
        if none and codes and not self.variable.multiple:
            both = f"'{none}' and {', '.join(codes)}"
            raise ValueError(f"'{self.variable.id}' takes one answer, not {both}")
        return tuple(code for code in self.order if code in codes)

    def _allowed(self) -> str:
        listed = ", ".join(self.order[:_LISTED])
        more = len(self.order) - _LISTED
        return f"it has {listed}" + (f" and {more} more" if more > 0 else "")


def read_into(read: ImportedBundle, *, into: Into, path: Path) -> ImportedBundle:
    """Return what a file with a codebook of its own means in a set of labels.

    Documents are found by key, address, title or text; codes by id or name.

    Raises
    ------
    InputError
        If a coded document or a given code is not known, or a variable of the set is not there.
    """
    theirs = read.bundle
    documents = {document.key: document for document in theirs.documents}
    sources = _sources(theirs.codebook, into, path)
    names_of = {
        variable: {code.id: code.name for code in theirs.codebook.codes_of(variable)}
        for variable in sources.values()
    }
    reading = Reading(path, replace(into, people=People()))  # who they are was said already
    for item in theirs.items:
        place = f"'{item.coder}' on '{documents[item.key].title}'"
        if (key := reading.documents.key_like(documents[item.key])) is None:
            reading.fault(place, "there is no such document in the set")
            continue
        values = {}
        for variable, source in sources.items():
            given = item.values.get(source)
            try:
                words = reading.words[variable]
                codes = None if given is None else _same(given, names_of[source], words)
            except ValueError as error:
                reading.fault(place, str(error))
                continue
            if codes is not None:
                values[variable] = codes
        reading.add(replace(item, key=key, values=values), place=place)
    return reading.imported(read.left_out)


def _sources(theirs: Codebook, into: Into, path: Path) -> dict[str, str]:
    """Return, by our variable, the variable of another codebook that answers it."""
    named = {variable.name.lower(): variable.id for variable in theirs.asked()}
    named |= {variable.id: variable.id for variable in theirs.asked()}
    wanted = into.answered_by()
    given = [name for variable, name in into.columns.items() if variable != KEY]
    missing = [name for name in given if name.lower() not in named]
    sources = {ours: named[name.lower()] for ours, name in wanted.items() if name.lower() in named}
    if missing or not sources:
        what = ", ".join(f"'{name}'" for name in missing or wanted.values())
        raise InputError(
            f"The file has no variable {what}.",
            where=str(path),
            fix=f"say which of its variables answers which: it has {', '.join(named)}",
        )
    return sources


def _same(codes: Codes, names: Mapping[str, str], words: CodeWords) -> Codes | None:
    return words.codes(code if words.knows(code) else names[code] for code in codes)


def read_text(path: Path) -> str:
    """Return the text of a file; raise `InputError` if it cannot be read or is not in UTF-8."""
    return decoded(read_input(path, what="file"), what="file", where=str(path))


def key_named(names: Mapping[str, str], name: str) -> str | None:
    """Return the key of the document of that name, as it is written or in another case."""
    return names.get(name.strip()) or names.get(name.strip().lower())


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
