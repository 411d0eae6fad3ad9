"""Projects of REFI-QDA (``.qdpx``), ours and those of other programs, as labels.

Of another program's project are taken: text sources, and others with a plain text beside them, as
documents (their key is ``refi:`` and the GUID), codes as a codebook, codings as codings of the
whole document, whatever part of it they were of, notes on documents as memos, and values of a
document's variables as its facts. All else is counted and named in what is returned.

The standard has ``internal://NAME`` for a file in the folder ``sources``. Programs also write
backslashes, escapes (``%20``), the folder itself or none, one or three slashes, the place where the
file had been (``relative://``, ``absolute://``); they put the whole project into a folder, and name
files in the ZIP in an encoding of their own. A path finds the file that ends as it does, else the
only one of that name. Nothing is ever looked for outside of the package.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from artifacts.errors import InputError
from artifacts.explaining import first_fault
from artifacts.files import read_input
from configs.codebook import Codebook
from labels.exchange.bundle import ImportedBundle, utc
from labels.exchange.package import Package
from labels.exchange.people import NOBODY, People
from labels.exchange.reading import imported
from labels.exchange.refi_codebook import (
    MAX_XML_BYTES,
    PROJECT,
    CodesFound,
    Element,
    codes_in,
    parsed,
    parts_of,
    same_guid,
    text_of,
)
from labels.exchange.refi_write import FIELDS, PROJECT_FILE, SOURCES, variable_name
from labels.records import CodedItem, Codes, Document

T = TypeVar("T")

_DOCUMENT = TypeAdapter(Document)
_ITEM = TypeAdapter(CodedItem)
_COPIED_FIELDS = ("confidence", "flagged", "skipped", "seconds")
TEXT_SOURCE = "TextSource"
BESIDE = ("Representation", "Transcript", "TextDescription")
"""What holds the plain text of a source that is none."""
_SCHEME = re.compile(r"(internal|relative|absolute|file):/*", re.IGNORECASE)
_OUTSIDE = re.compile(r"(relative|absolute|file):", re.IGNORECASE)
_PARTS = {"Cases": "Case", "Links": "Link", "Sets": "Set", "Graphs": "Graph"}


def read_qdpx(path: Path, people: People | None = None, *, texts: bool = True) -> ImportedBundle:
    """Read a project.

    Parameters
    ----------
    people
        Who is meant by its users. What it ascribes to nobody is its only user's, if it has one.
    texts
        The documents are to be read by people: codings of those without a text are left out.

    Raises
    ------
    InputError
        If the file is no project of REFI-QDA 1.0, is damaged, too large, or lacks a text; or if
        nobody is known to have coded what is coded.
    """
    package, project, root = _open_project(path)
    codes = _codes(root, path, project)
    reader = _Reader(Sources(package, project), root, codes, where=str(path), texts=texts)
    for source in root.findall("Sources/*"):
        reader.take(source)
    reader.count_the_rest()
    items = list(reader.items())
    return imported(
        path,
        name=codes.title,
        codebook=codes.codebook,
        documents=reader.documents,
        items=items,
        places=[f"the document '{reader.titles[item.key]}'" for item in items],
        people=people or People(),
        left_out=[f"{what}: {count}." for what, count in reader.left_out.items()],
    )


def read_project_codebook(path: Path) -> Codebook:
    """Return the codebook of a project; what it is coded with need not be fit to be read.

    Raises
    ------
    InputError
        As `read_qdpx`, of the project's file alone.
    """
    _, project, root = _open_project(path)
    return _codes(root, path, project).codebook


def _open_project(path: Path) -> tuple[Package, str, Element]:
    """Return a package, the name of its project, and the project's root."""
    package = Package(read_input(path, what="file"), path=path)
    name = project_file(package)
    data = package.read(name, most=MAX_XML_BYTES)
    return package, name, parsed(data, namespace=PROJECT, root="Project", where=f"{path}, {name}")


def _codes(root: Element, path: Path, project: str) -> CodesFound:
    book = root.find("CodeBook")
    title = (root.get("name") or path.stem).strip() or path.stem
    where = f"{path}, {project}"
    return codes_in(book if book is not None else root, title=title, where=where)


def project_file(package: Package) -> str:
    """Return the project's name: as the standard has it, or the only one, highest in the ZIP."""
    names = [
        name
        for name in package.names
        if name.lower().endswith(".qde") and not _is_hidden(_slashed(name))
    ]
    top = min((_slashed(name).count("/") for name in names), default=0)
    highest = [name for name in names if _slashed(name).count("/") == top]
    proper = [name for name in highest if _slashed(name).rpartition("/")[2] == PROJECT_FILE]
    if len(highest) != 1 and len(proper) != 1:
        raise InputError(
            f"The ZIP has {len(highest) or 'no'} files that could be its project (.qde).",
            where=str(package.path),
            fix="export it as a REFI-QDA project",
        )
    return (proper or highest)[0]


class Sources:
    """The texts of a project, by the paths that it has for them."""

    def __init__(self, package: Package, project: str) -> None:
        self._package = package
        self._root = _slashed(project).rpartition("/")[0]
        self._files = {
            spelling: name
            for name in reversed(package.names)
            if not _is_hidden(_slashed(name))
            for spelling in _spellings(name)
        }
        self._ending: dict[str, set[str]] = {}
        for spelling in self._files:
            self._ending.setdefault(spelling.rpartition("/")[2], set()).add(spelling)
        self._texts: dict[str, str] = {}

    def is_outside(self, path: str) -> bool:
        """Tell whether a path says that its file is not in the package."""
        return bool(_OUTSIDE.match(path.strip()))

    def text(self, path: str) -> str | None:
        """Return the text that a path leads to, or None: it is not in the package.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        name = self._file_at(path)
        if name is not None and name not in self._texts:
            self._texts[name] = self._decoded(name)
        return None if name is None else self._texts[name]

    def _file_at(self, path: str) -> str | None:
        root = f"{self._root}/".lower() if self._root else ""
        for wanted in _spellings(_SCHEME.sub("", path.strip(), count=1)):
            for place in (f"{root}{SOURCES}{wanted}", f"{root}{wanted}", f"{SOURCES}{wanted}"):
                if place in self._files:
                    return self._files[place]
            alike = self._ending.get(wanted.rpartition("/")[2], set())
            longer = {path_end for path_end in alike if path_end.endswith(f"/{wanted}")}
            names = {self._files[spelling] for spelling in longer or alike}
            if len(names) == 1:
                return names.pop()
        return None

    def _decoded(self, name: str) -> str:
        data = self._package.read(name)
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        else:
            data, encoding = data.removeprefix(codecs.BOM_UTF8), "utf-8"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            where = f"{self._package.path}, {name}"
            raise InputError(f"The text is not in {encoding.upper()}.", where=where) from error


def _slashed(path: str) -> str:
    return path.replace("\\", "/")


def _spellings(path: str) -> Iterator[str]:
    """Yield how a path may be written in lower case: as it is, and without escapes."""
    names = [path, unquote(path)]
    with suppress(UnicodeError):  # a ZIP that does not say that its names are in UTF-8
        names.append(path.encode("cp437").decode("utf-8"))
    for name in dict.fromkeys(names):
        yield unicodedata.normalize("NFC", _slashed(name).removeprefix("./").lstrip("/")).lower()


def _is_hidden(path: str) -> bool:
    """Tell whether a file is what macOS puts beside others."""
    return "__MACOSX/" in path or path.rpartition("/")[2].startswith("._")


@dataclass
class _ItemDraft:
    """What one coder said of one document, so far."""

    codes: dict[str, set[str]] = field(default_factory=dict)
    memos: list[str] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Turns text sources into documents and items."""

    def __init__(
        self, sources: Sources, root: Element, codes: CodesFound, *, where: str, texts: bool
    ) -> None:
        self.sources, self.root, self.codes, self.where = sources, root, codes, where
        self.needs_texts = texts
        self.users = _users(root)
        self.default = next(iter(self.users.values())) if len(self.users) == 1 else NOBODY
        self.notes = {same_guid(note.get("guid")): note for note in root.findall("Notes/Note")}
        self.unlinked = set(self.notes)
        self.fields = {
            variable_name(name, user): (name, user)
            for name in FIELDS
            for user in self.users.values()
        }
        self.variables = {
            same_guid(variable.get("guid")): variable.get("name") or "?"
            for variable in root.findall("Variables/Variable")
        }
        self.documents: list[Document] = []
        self.titles: dict[str, str] = {}
        self.textless: set[str] = set()
        self.drafts: dict[tuple[str, str], _ItemDraft] = {}
        self.left_out: Counter[str] = Counter()

    def take(self, source: Element) -> None:
        name = same_guid(source.get("guid"))
        title = source.get("name", name)
        text = (
            self._text(source, title, name) if source.tag == TEXT_SOURCE else self._beside(source)
        )
        if text is None and source.tag != TEXT_SOURCE:
            n_codings = len(list(source.iter("Coding")))
            self.left_out[f"Codings of the {source.tag} '{title}'"] += n_codings
            return
        body, _, own = parts_of(text_of(source, "Description"), ())
        own = own or {}
        key = str(own.get("key", f"refi:{name}"))
        # Our descriptions have no body; what another program describes is worth seeing.
        facts = {"description": body} if body else {}
        for value in source.findall("VariableValue"):
            self._take_value(value, key, facts)
        for holder in source.iter():
            for coding in holder.findall("Coding"):
                self._take_coding(coding, holder, key)
            if holder.tag != "Coding":
                self._take_notes(holder, key, holder.get("creatingUser"))
        if isinstance(ours := own.get("facts", {}), dict):
            ours = facts | ours
        if text is None:
            self.textless.add(key)
        self.titles[key] = title
        about = {**own, "key": key, "title": title, "text": text or "", "facts": ours}
        self.documents.append(self._valid(_DOCUMENT, about, key))

    def _take_coding(self, coding: Element, holder: Element, key: str) -> None:
        reference = coding.find("CodeRef")
        target = same_guid(reference.get("targetGUID")) if reference is not None else ""
        user = coding.get("creatingUser") or holder.get("creatingUser")
        if target not in self.codes.meant:
            self.left_out["Codings with what is no code"] += 1
            return
        variable, code = self.codes.meant[target]
        draft = self._draft_of(user, key)
        draft.codes.setdefault(variable, set()).add(code)
        if time := coding.get("creationDateTime"):
            draft.times.append(self._time(time, key))
        self._take_notes(coding, key, user)

    def _take_notes(self, holder: Element, key: str, user: str | None) -> None:
        for reference in holder.findall("NoteRef"):
            target = same_guid(reference.get("targetGUID"))
            note = self.notes.get(target)
            if note is not None:
                self.unlinked.discard(target)
                text = self._text(note, note.get("name") or target, target)
                draft = self._draft_of(note.get("creatingUser") or user, key)
                if text and text not in draft.memos:
                    draft.memos.append(text)

    def _take_value(self, value: Element, key: str, facts: dict[str, str]) -> None:
        reference = value.find("VariableRef")
        target = same_guid(reference.get("targetGUID")) if reference is not None else ""
        name = self.variables.get(target, "?")
        text = "".join(child.text or "" for child in value if child is not reference)
        if name in self.fields:
            which, coder = self.fields[name]
            self.drafts.setdefault((key, coder), _ItemDraft()).fields[which] = text
        else:
            facts[name] = text

    def _draft_of(self, user: str | None, key: str) -> _ItemDraft:
        # A user whom the project does not list is somebody, too, though without a name.
        guid = same_guid(user) if user else ""
        coder = self.users.get(guid, guid) or self.default
        return self.drafts.setdefault((key, coder), _ItemDraft())

    def _beside(self, source: Element) -> str | None:
        """Return the plain text of a source of another kind, or None if it has none."""
        texts = [element for tag in BESIDE for element in source.iter(tag)]
        plain = (self._plain_text(element, same_guid(element.get("guid"))) for element in texts)
        return next(filter(None, plain), None)

    def _text(self, source: Element, title: str, guid: str) -> str | None:
        """Return the text of a source or note, wherever it stands, or None: it is not there."""
        text, path = self._plain_text(source, guid), source.get("plainTextPath")
        if text is None and path is None:
            self.left_out[f"Texts without a plain version ('{title}')"] += 1
        elif text is None and self.sources.is_outside(path or ""):
            self.left_out[f"Texts outside of the package ('{title}')"] += 1
        elif text is None and self.needs_texts:
            raise InputError(
                f"The ZIP lacks a file that it needs, the text of '{title}': {path}.",
                where=self.where,
                fix="export the project again, with its sources",
            )
        return text

    def _plain_text(self, source: Element, guid: str) -> str | None:
        inline = source.find("PlainTextContent")
        if inline is not None:
            return inline.text or ""
        return self.sources.text(source.get("plainTextPath") or f"{guid}.txt")

    def _time(self, text: str, key: str) -> datetime:
        try:
            return utc(text)
        except ValueError as error:
            where = f"{self.where}, the document '{key}'"
            raise InputError(f"'{text}' is no time.", where=where) from error

    def items(self) -> Iterator[CodedItem]:
        """Yield what each coder said of each document that there is to read."""
        for (key, coder), draft in self.drafts.items():
            if self.needs_texts and key in self.textless:
                what = f"What was said of '{self.titles[key]}', whose text is not there"
                self.left_out[what] += sum(map(len, draft.codes.values())) + len(draft.memos)
                continue
            at, when = draft.fields.get("coded at"), max(draft.times, default=None)
            record = {
                **{name: draft.fields[name] for name in _COPIED_FIELDS if name in draft.fields},
                "key": key,
                "coder": coder,
                "values": self._values(draft),
                "memo": "\n\n".join(draft.memos),
                "coded_at": self._time(at, key) if at else when,
            }
            yield self._valid(_ITEM, record, key)

    def _valid(self, adapter: TypeAdapter[T], record: Mapping[str, Any], key: str) -> T:
        try:
            return adapter.validate_python(record)
        except ValidationError as error:
            what = f"What was written cannot be used: {first_fault(error)}."
            raise InputError(what, where=f"{self.where}, the document '{key}'") from error

    def _values(self, draft: _ItemDraft) -> dict[str, Codes]:
        codebook = self.codes.codebook
        empty = draft.fields.get("no code applies", "")
        values: dict[str, Codes] = {name: () for name in empty.split(", ") if name}
        for variable, codes in draft.codes.items():
            order = codebook.codes_of(variable)
            values[variable] = tuple(code.id for code in order if code.id in codes)
        return values

    def count_the_rest(self) -> None:
        """Count what the project has and labels have no place for."""
        for name, tag in _PARTS.items():
            if count := len(self.root.findall(f"{name}/{tag}")):
                self.left_out[name] += count
        if self.unlinked:
            self.left_out["Notes on no document"] += len(self.unlinked)


def _users(root: Element) -> dict[str, str]:
    """Return the name of each user by GUID; users of one name are told apart by their GUID."""
    users = [
        (same_guid(u.get("guid")), u.get("name") or u.get("id")) for u in root.findall("Users/User")
    ]
    names = {guid: (name or "").strip() or guid for guid, name in users}
    counts = Counter(names.values())
    return {guid: f"{name} ({guid})" if counts[name] > 1 else name for guid, name in names.items()}
