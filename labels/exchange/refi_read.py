"""Projects of REFI-QDA (``.qdpx``), ours and those of other programs, as labels.

Of another program's project are taken: text sources as documents (their key is ``refi:`` and the
GUID), codes as a codebook, codings as codings of the whole document, whatever part of it they were
of, notes on documents as memos, and values of a document's variables as its facts. All else is
counted and named in what is returned.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from artifacts.errors import InputError
from labels.exchange.bundle import Imported, utc
from labels.exchange.package import Package
from labels.exchange.reading import bundled, read_bytes
from labels.exchange.refi import PROJECT, Element, parsed, parts_of, same_guid, text_of
from labels.exchange.refi_codebook import CodesFound, codes_in
from labels.exchange.refi_write import FIELDS, INTERNAL, PROJECT_FILE, SOURCES, variable_name
from labels.records import CodedItem, Codes, Document

T = TypeVar("T")

_DOCUMENT = TypeAdapter(Document)
_ITEM = TypeAdapter(CodedItem)
_PLAIN = ("confidence", "flagged", "skipped", "seconds")
_UNSUPPORTED = ("PictureSource", "PDFSource", "AudioSource", "VideoSource")
_PARTS = {"Cases": "Case", "Links": "Link", "Sets": "Set", "Graphs": "Graph"}


def read_qdpx(path: Path, *, coder: str | None) -> Imported:
    """Read a project.

    Parameters
    ----------
    coder
        Who coded what the project ascribes to nobody; None: its only user, if it has one.

    Raises
    ------
    InputError
        If the file is no project of REFI-QDA 1.0, is damaged, too large, or lacks a text; or if
        nobody is known to have coded what is coded.
    """
    package = Package(read_bytes(path), path=path)
    name = _project_file(package)
    root = parsed(package.read(name), namespace=PROJECT, root="Project", where=f"{path}, {name}")
    book = root.find("CodeBook")
    title = (root.get("name") or path.stem).strip() or path.stem
    codes = codes_in(book if book is not None else root, title=title, where=f"{path}, {name}")
    reader = _Reader(package, root, codes, coder)
    for source in root.findall("Sources/TextSource"):
        reader.take(source)
    reader.count_the_rest()
    bundle = bundled(
        path,
        name=title,
        codebook=codes.codebook,
        documents=reader.documents,
        items=reader.items(),
    )
    left_out = tuple(f"{what}: {count}." for what, count in reader.left_out.items())
    return Imported(bundle, left_out)


def _project_file(package: Package) -> str:
    """Return the project's name: as the standard has it, or the only one of that kind."""
    names = [name for name in package.names if name.lower().endswith(".qde") and "/" not in name]
    if PROJECT_FILE in names:
        return PROJECT_FILE
    if len(names) != 1:
        raise InputError(
            f"The ZIP has {len(names) or 'no'} files that could be its project (.qde).",
            where=str(package.path),
            fix="export it as a REFI-QDA project",
        )
    return names[0]


@dataclass
class _Said:
    """What one coder said of one document, so far."""

    codes: dict[str, set[str]] = field(default_factory=dict)
    memos: list[str] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Turns text sources into documents and items."""

    def __init__(self, package: Package, root: Element, codes: CodesFound, coder: str | None):
        self.package, self.root, self.codes = package, root, codes
        self.users = _users(root)
        self.default = coder or (next(iter(self.users.values())) if len(self.users) == 1 else None)
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
        self.files = {name.lower(): name for name in package.names}
        self.texts: dict[str, str] = {}
        self.documents: list[Document] = []
        self.said: dict[tuple[str, str], _Said] = {}
        self.left_out: Counter[str] = Counter()

    def take(self, source: Element) -> None:
        name = same_guid(source.get("guid"))
        body, _, own = parts_of(text_of(source, "Description"), ())
        own = own or {}
        key, title = str(own.get("key", f"refi:{name}")), source.get("name", name)
        # Our descriptions have no body; what another program describes is worth seeing.
        facts = {"description": body} if body else {}
        for value in source.findall("VariableValue"):
            self._take_value(value, key, facts)
        for holder in [source, *source.findall("PlainTextSelection")]:
            for coding in holder.findall("Coding"):
                self._take_coding(coding, holder, key)
            self._take_notes(holder, key, holder.get("creatingUser"))
        text = self._text(source, title)
        if isinstance(ours := own.get("facts", {}), dict):
            ours = facts | ours
        about = {**own, "key": key, "title": title, "text": text, "facts": ours}
        self.documents.append(self._valid(_DOCUMENT, about, key))

    def _take_coding(self, coding: Element, holder: Element, key: str) -> None:
        reference = coding.find("CodeRef")
        target = same_guid(reference.get("targetGUID")) if reference is not None else ""
        user = coding.get("creatingUser") or holder.get("creatingUser")
        if target not in self.codes.meant:
            self.left_out["Codings with what is no code"] += 1
            return
        variable, code = self.codes.meant[target]
        said = self._by(user, key)
        said.codes.setdefault(variable, set()).add(code)
        if time := coding.get("creationDateTime"):
            said.times.append(self._time(time, key))
        self._take_notes(coding, key, user)

    def _take_notes(self, holder: Element, key: str, user: str | None) -> None:
        for reference in holder.findall("NoteRef"):
            target = same_guid(reference.get("targetGUID"))
            note = self.notes.get(target)
            if note is not None:
                self.unlinked.discard(target)
                text = self._text(note, note.get("name") or target)
                said = self._by(note.get("creatingUser") or user, key)
                if text and text not in said.memos:
                    said.memos.append(text)

    def _take_value(self, value: Element, key: str, facts: dict[str, str]) -> None:
        reference = value.find("VariableRef")
        target = same_guid(reference.get("targetGUID")) if reference is not None else ""
        name = self.variables.get(target, "?")
        text = "".join(child.text or "" for child in value if child is not reference)
        if name in self.fields:
            which, coder = self.fields[name]
            self.said.setdefault((key, coder), _Said()).fields[which] = text
        else:
            facts[name] = text

    def _by(self, user: str | None, key: str) -> _Said:
        coder = self.users.get(same_guid(user)) if user else None
        coder = coder or self.default
        if coder is None:
            raise InputError(
                "The project does not say who coded.",
                where=f"{self.package.path}, the document '{key}'",
                fix="name the coder",
            )
        return self.said.setdefault((key, coder), _Said())

    def _text(self, source: Element, title: str) -> str:
        """Return the text of a source or note, wherever it stands."""
        inline, path = source.find("PlainTextContent"), source.get("plainTextPath")
        if inline is not None:
            return inline.text or ""
        if path is None:
            self.left_out[f"Texts without a plain version ('{title}')"] += 1
            return ""
        if not path.lower().startswith(INTERNAL):
            self.left_out[f"Texts outside of the package ('{title}')"] += 1
            return ""
        wanted = f"{SOURCES}{path[len(INTERNAL) :]}"
        name = self.files.get(wanted.lower(), wanted)
        if name not in self.texts:
            self.texts[name] = self._decoded(name)
        return self.texts[name]

    def _decoded(self, name: str) -> str:
        data = self.package.read(name)
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        else:
            data, encoding = data.removeprefix(codecs.BOM_UTF8), "utf-8"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            where = f"{self.package.path}, {name}"
            raise InputError(f"The text is not in {encoding.upper()}.", where=where) from error

    def _time(self, text: str, key: str) -> datetime:
        try:
            return utc(text)
        except ValueError as error:
            where = f"{self.package.path}, the document '{key}'"
            raise InputError(f"'{text}' is no time.", where=where) from error

    def items(self) -> Iterator[CodedItem]:
        """Yield what each coder said of each document."""
        for (key, coder), said in self.said.items():
            at, when = said.fields.get("coded at"), max(said.times, default=None)
            record = {
                **{name: said.fields[name] for name in _PLAIN if name in said.fields},
                "key": key,
                "coder": coder,
                "values": self._values(said),
                "memo": "\n\n".join(said.memos),
                "coded_at": self._time(at, key) if at else when,
            }
            yield self._valid(_ITEM, record, key)

    def _valid(self, adapter: TypeAdapter[T], record: Mapping[str, Any], key: str) -> T:
        try:
            return adapter.validate_python(record)
        except ValidationError as error:
            first = error.errors()[0]
            what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            where = f"{self.package.path}, the document '{key}'"
            raise InputError(f"What was written cannot be used: {what}.", where=where) from error

    def _values(self, said: _Said) -> dict[str, Codes]:
        codebook = self.codes.codebook
        empty = said.fields.get("no code applies", "")
        values: dict[str, Codes] = {name: () for name in empty.split(", ") if name}
        for variable, codes in said.codes.items():
            order = codebook.codes_of(variable)
            values[variable] = tuple(code.id for code in order if code.id in codes)
        return values

    def count_the_rest(self) -> None:
        """Count what the project has and labels have no place for."""
        for tag in _UNSUPPORTED:
            for source in self.root.findall(f"Sources/{tag}"):
                name = source.get("name") or same_guid(source.get("guid"))
                n_codings = len(list(source.iter("Coding")))
                self.left_out[f"Codings of the {tag} '{name}'"] += n_codings
        for part, tag in _PARTS.items():
            if count := len(self.root.findall(f"{part}/{tag}")):
                self.left_out[part] += count
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
